//! Looks at the columns and pages of a Parquet file before they are read: their reader reserves what their headers say.
//!
//! Structs and encodings are those of Parquet's `parquet.thrift` and `Encodings.md`.

use std::sync::Arc;

use bytes::Bytes;
use parquet::arrow::ProjectionMask;
use parquet::basic::{Compression, Encoding, Type};
use parquet::column::page::Page;
use parquet::file::metadata::{ColumnChunkMetaData, ParquetMetaData};
use parquet::file::reader::SerializedPageReader;
use parquet::schema::types::ColumnDescriptor;

use super::delta;
use super::thrift::{Input, Numbers, kind};
use crate::format::expansion;

/// Rows and values that a file may have, whatever its size …
const FREE_VALUES: u64 = 64 << 10;
/// … and for each of its bytes. Runs of one value take next to nothing, but a text or a list of tokens
/// takes something in each row.
const VALUES_PER_BYTE: u64 = 1024;
/// Groups in groups of the columns' description: the reader descends into them one by one.
const DEEPEST: usize = 64;

/// Sees that the description of the columns is one whose reading takes no more than its size.
pub(super) fn check_footer(bytes: &[u8]) -> Result<(), String> {
    let footer = || {
        let rest = bytes.strip_suffix(b"PAR1")?;
        let (rest, length) = rest.split_last_chunk()?;
        let length = usize::try_from(u32::from_le_bytes(*length)).ok()?;
        rest.get(rest.len().checked_sub(length)?..)
    };
    let footer = footer().ok_or("it does not end with a footer, as if it were cut short")?;
    let children = children(footer).ok_or("its footer is damaged")?;
    // How many are still to come of each group that is open.
    let mut open: Vec<u64> = Vec::new();
    for (i, count) in children.iter().enumerate() {
        let to_come = (children.len() - i - 1) as u64;
        let count = u64::try_from(*count).ok().filter(|count| *count <= to_come);
        let count = count
            .ok_or_else(|| format!("column {i} says that it has more parts than there are"))?;
        if count > 0 {
            open.push(count);
            if open.len() > DEEPEST {
                return Err(format!("its columns lie in more than {DEEPEST} groups"));
            }
            continue;
        }
        while let Some(left) = open.last_mut() {
            *left -= 1;
            if *left > 0 {
                break;
            }
            open.pop();
        }
    }
    Ok(())
}

/// `FileMetaData.schema`: for each element how many others it is made of.
fn children(footer: &[u8]) -> Option<Vec<i64>> {
    let mut input = Input::new(footer);
    let mut field = 0;
    while let Some(kind) = input.field(&mut field)? {
        if (field, kind) != (2, kind::LIST) {
            input.skip(kind)?;
            continue;
        }
        let (count, _) = input.list()?;
        let mut children = Vec::new();
        for _ in 0..count {
            children.push(input.numbers()?[5].unwrap_or(0));
        }
        return Some(children);
    }
    Some(Vec::new())
}

/// Sees that the columns that will be read lie in the file, and that none of their pages claims
/// more than its bytes can hold.
pub(super) fn check(
    bytes: &Bytes,
    metadata: &ParquetMetaData,
    wanted: &ProjectionMask,
) -> Result<(), String> {
    let most = VALUES_PER_BYTE.saturating_mul(bytes.len() as u64) + FREE_VALUES;
    let count = |count: i64| u64::try_from(count).ok().filter(|count| *count <= most);
    for (g, group) in metadata.row_groups().iter().enumerate() {
        let located = |what: &str, fault: String| format!("row group {}{what}: {fault}", g + 1);
        let too_many = |n: i64, of: &str| {
            format!(
                "it says that it has {n} {of}, in a file of {} bytes",
                bytes.len()
            )
        };
        let rows = group.num_rows();
        count(rows).ok_or_else(|| located("", too_many(rows, "rows")))?;
        let columns = group.columns().iter().enumerate();
        for (_, column) in columns.filter(|(leaf, _)| wanted.leaf_included(*leaf)) {
            let what = format!(", column `{}`", column.column_path().string());
            let located = |fault| located(&what, fault);
            let values = column.num_values();
            let values = count(values).ok_or_else(|| located(too_many(values, "values")))?;
            chunk(bytes, column, values).map_err(located)?;
        }
    }
    Ok(())
}

/// The pages of one column in one group of rows.
fn chunk(bytes: &Bytes, column: &ColumnChunkMetaData, values: u64) -> Result<(), String> {
    let start = column
        .dictionary_page_offset()
        .unwrap_or(column.data_page_offset());
    let range = || {
        let start = usize::try_from(start).ok()?;
        let length = usize::try_from(column.compressed_size()).ok()?;
        bytes.get(start..)?.get(..length)
    };
    let mut rest = range().ok_or("it does not lie in the file")?;
    let (mut left, mut delta) = (values, false);
    let mut number = 0;
    while !rest.is_empty() {
        number += 1;
        let located = |fault: String| format!("page {number}: {fault}");
        let page = Header::read(rest).ok_or_else(|| located("its header is damaged".into()))?;
        let stored = rest[page.length..].split_at_checked(page.stored);
        let (stored, behind) = stored.ok_or_else(|| {
            located(format!(
                "it says that it has {} bytes, where {} are left",
                page.stored,
                rest.len() - page.length
            ))
        })?;
        rest = behind;
        page.check(stored, column).map_err(located)?;
        if let Of::Values {
            count, encoding, ..
        } = page.of
        {
            left = left.checked_sub(count).ok_or_else(|| {
                located(format!("it says that it has {count} values, more than are left of the column's {values}"))
            })?;
            delta |= [DELTA_BINARY_PACKED, DELTA_LENGTH, DELTA_BYTES].contains(&encoding);
        }
    }
    match delta {
        true => deltas(bytes, column),
        false => Ok(()),
    }
}

/// As `parquet.thrift` numbers them.
const DELTA_BINARY_PACKED: i64 = 5;
const DELTA_LENGTH: i64 = 6;
const DELTA_BYTES: i64 = 7;

/// `PageHeader`, as far as it matters.
struct Header {
    /// Of the header itself, in bytes.
    length: usize,
    /// Bytes of the page as it is stored, and when it is unpacked.
    stored: usize,
    unpacked: u64,
    of: Of,
}

enum Of {
    Dictionary {
        count: u64,
    },
    /// `levels` are the bytes before the values that are never compressed, where they have a length
    /// of their own, and `packed` whether the values are compressed.
    Values {
        count: u64,
        encoding: i64,
        levels: usize,
        packed: bool,
    },
    /// An index, which is not read.
    Other,
}

impl Header {
    fn read(bytes: &[u8]) -> Option<Self> {
        let mut input = Input::new(bytes);
        let (mut sizes, mut of) = ([None; 4], [None; 9]);
        let mut field = 0;
        while let Some(kind) = input.field(&mut field)? {
            match (field, kind) {
                (1..=3, kind::I32) => sizes[field as usize] = Some(input.signed()?),
                (5 | 7 | 8, kind::STRUCT) => of[field as usize] = Some(input.numbers()?),
                _ => input.skip(kind)?,
            }
        }
        let size = |field: usize| usize::try_from(sizes[field]?).ok();
        Some(Self {
            length: input.at(),
            stored: size(3)?,
            unpacked: size(2)? as u64,
            of: Of::read(sizes[1]?, &of)?,
        })
    }

    /// Whether the page can be what its header says.
    fn check(&self, stored: &[u8], column: &ColumnChunkMetaData) -> Result<(), String> {
        let (plain, packed) = match self.of {
            Of::Values { levels, packed, .. } => {
                let parts = stored.split_at_checked(levels);
                let (plain, packed_part) = parts.ok_or("its levels are longer than all of it")?;
                if !packed {
                    return Ok(());
                }
                (plain.len() as u64, packed_part)
            }
            Of::Dictionary { count } => {
                let least = least(column.column_descr());
                if count.saturating_mul(least) > self.unpacked {
                    let size = self.unpacked;
                    return Err(format!(
                        "it says that it has {count} values in {size} bytes"
                    ));
                }
                (0, stored)
            }
            Of::Other => return Ok(()),
        };
        // Of nothing but absent values there is nothing to unpack, and nothing need be packed.
        if self.unpacked <= plain {
            return Ok(());
        }
        let most = match column.compression() {
            Compression::UNCOMPRESSED => packed.len() as u64,
            Compression::SNAPPY => expansion::snappy(packed).ok_or("it is not Snappy data")?,
            Compression::GZIP(_) => expansion::deflate(packed.len()),
            Compression::ZSTD(_) => expansion::zstd(packed).ok_or("it is not Zstandard data")?,
            Compression::LZ4 | Compression::LZ4_RAW => return Err(unknown("LZ4")),
            Compression::BROTLI(_) => return Err(unknown("Brotli")),
            Compression::LZO => return Err(unknown("LZO")),
        };
        match self.unpacked <= plain.saturating_add(most) {
            true => Ok(()),
            false => Err(format!(
                "it says that it unpacks to {} bytes, where {} bytes can unpack to {} at most",
                self.unpacked,
                stored.len(),
                plain.saturating_add(most)
            )),
        }
    }
}

fn unknown(method: &str) -> String {
    format!("it is compressed with {method}, which cannot be read here")
}

impl Of {
    fn read(kind: i64, of: &[Option<Numbers>; 9]) -> Option<Self> {
        let count = |numbers: &Numbers| u64::try_from(numbers[1]?).ok();
        Some(match kind {
            0 => {
                let numbers = of[5].as_ref()?;
                Self::Values {
                    count: count(numbers)?,
                    encoding: numbers[2]?,
                    levels: 0,
                    packed: true,
                }
            }
            2 => Self::Dictionary {
                count: count(of[7].as_ref()?)?,
            },
            3 => {
                let numbers = of[8].as_ref()?;
                let length = |field: usize| usize::try_from(numbers[field]?).ok();
                Self::Values {
                    count: count(numbers)?,
                    encoding: numbers[4]?,
                    levels: length(5)?.checked_add(length(6)?)?,
                    packed: numbers[7] != Some(0),
                }
            }
            _ => Self::Other,
        })
    }
}

/// Bytes that a value of a dictionary takes at least.
fn least(column: &ColumnDescriptor) -> u64 {
    match column.physical_type() {
        Type::BOOLEAN => 0,
        Type::INT32 | Type::FLOAT | Type::BYTE_ARRAY => 4,
        Type::INT64 | Type::DOUBLE => 8,
        Type::INT96 => 12,
        Type::FIXED_LEN_BYTE_ARRAY => u64::try_from(column.type_length()).unwrap_or(0),
    }
}

/// The values of delta-encoded pages, which few programs write, say once more how many they are.
fn deltas(bytes: &Bytes, column: &ColumnChunkMetaData) -> Result<(), String> {
    let reader = Arc::new(bytes.clone());
    let pages = SerializedPageReader::new(reader, column, 0, None).map_err(|e| e.to_string())?;
    let descriptor = column.column_descr();
    for page in pages {
        match page.map_err(|e| e.to_string())? {
            Page::DataPage {
                buf,
                num_values,
                encoding,
                def_level_encoding,
                rep_level_encoding,
                ..
            } => {
                let levels = [
                    (rep_level_encoding, descriptor.max_rep_level()),
                    (def_level_encoding, descriptor.max_def_level()),
                ];
                let mut rest = &buf[..];
                for (encoding, _) in levels.iter().filter(|(_, highest)| *highest > 0) {
                    let behind = (*encoding == Encoding::RLE)
                        .then(|| behind_levels(rest))
                        .flatten();
                    rest = behind.ok_or("its levels cannot be read")?;
                }
                delta::check(encoding, rest, num_values as usize)?;
            }
            Page::DataPageV2 {
                buf,
                num_values,
                encoding,
                def_levels_byte_len,
                rep_levels_byte_len,
                ..
            } => {
                let levels = def_levels_byte_len as usize + rep_levels_byte_len as usize;
                let values = buf
                    .get(levels..)
                    .ok_or("its levels are longer than all of it")?;
                delta::check(encoding, values, num_values as usize)?;
            }
            Page::DictionaryPage { .. } => {}
        }
    }
    Ok(())
}

/// Runs of levels stand behind their length.
fn behind_levels(bytes: &[u8]) -> Option<&[u8]> {
    let (length, rest) = bytes.split_first_chunk()?;
    rest.get(u32::from_le_bytes(*length) as usize..)
}
