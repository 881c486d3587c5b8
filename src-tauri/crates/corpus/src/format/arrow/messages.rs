//! Finds the messages of an Arrow file or stream, and sees that all they speak of is there.
//!
//! The Arrow project's reader reserves what lengths in a file say, and counts on offsets to lie in it.
//! Here each of them is held against the bytes that there are. The form is that of the "Arrow
//! Columnar Format", chapter "Serialization and Interprocess Communication".

use arrow_ipc::{Block, CompressionType, RecordBatch, root_as_footer, root_as_message};

use crate::format::expansion;

/// A file starts and ends with this; a stream does not.
pub(super) const MAGIC: &[u8] = b"ARROW1";
/// Before the length of a message, except in streams of long ago.
const CONTINUATION: u32 = u32::MAX;
/// A column may have so many values that take no byte of their own, such as missing ones …
const FREE_VALUES: u64 = 64 << 10;
/// … and so many for each byte: bits are the smallest values there are.
const VALUES_PER_BYTE: u64 = 8;

/// One message: its description, a flatbuffer, and the bytes that this describes.
#[derive(Clone, Copy)]
pub(super) struct Message<'a> {
    pub header: arrow_ipc::Message<'a>,
    pub meta: &'a [u8],
    pub body: &'a [u8],
}

/// The messages of a file: its description as a message of its own, where it has one, is left out,
/// because the footer has it as well.
pub(super) struct File<'a> {
    pub schema: arrow_ipc::Schema<'a>,
    /// Dictionaries first.
    pub messages: Vec<Message<'a>>,
}

pub(super) fn of_file(bytes: &[u8]) -> Result<File<'_>, String> {
    let footer = || {
        let rest = bytes.strip_suffix(MAGIC)?;
        let (rest, length) = rest.split_last_chunk()?;
        let length = usize::try_from(i32::from_le_bytes(*length)).ok()?;
        rest.get(rest.len().checked_sub(length)?..)
    };
    let footer = footer().ok_or("it does not end with a footer, as if it were cut short")?;
    let footer = root_as_footer(footer).map_err(|e| format!("its footer is damaged: {e}"))?;
    let schema = footer.schema().ok_or("its footer does not name columns")?;
    let blocks = footer.dictionaries().into_iter().flatten();
    let blocks = blocks.chain(footer.recordBatches().into_iter().flatten());
    let messages = blocks.enumerate().map(|(i, block)| {
        of_block(bytes, block).map_err(|fault| format!("block {}: {fault}", i + 1))
    });
    Ok(File {
        schema,
        messages: messages.collect::<Result<_, _>>()?,
    })
}

fn of_block<'a>(bytes: &'a [u8], block: &Block) -> Result<Message<'a>, String> {
    let whole = || {
        let start = usize::try_from(block.offset()).ok()?;
        let meta = usize::try_from(block.metaDataLength()).ok()?;
        let body = usize::try_from(block.bodyLength()).ok()?;
        let (meta, rest) = bytes.get(start..)?.split_at_checked(meta)?;
        Some((meta, rest.get(..body)?))
    };
    let (meta, body) = whole().ok_or("the footer says that it lies after the end of the file")?;
    let (first, rest) = number(meta).ok_or("it is too short for a message")?;
    let meta = match first {
        CONTINUATION => number(rest).map(|(_, rest)| rest),
        _ => Some(rest),
    };
    message(meta.ok_or("it is too short for a message")?, body)
}

pub(super) fn of_stream(bytes: &[u8]) -> Result<Vec<Message<'_>>, String> {
    let mut messages = Vec::new();
    let mut rest = bytes;
    while !rest.is_empty() {
        let count = messages.len() + 1;
        let located = |fault: String| format!("message {count}: {fault}");
        let cut = || located("its length is cut short".into());
        let (mut length, mut behind) = number(rest).ok_or_else(cut)?;
        if length == CONTINUATION {
            (length, behind) = number(behind).ok_or_else(cut)?;
        }
        if length == 0 {
            // Streams may lie one behind the other; a page may be filled up with zeros.
            if behind.iter().all(|byte| *byte == 0) {
                break;
            }
            rest = behind;
            continue;
        }
        let meta = behind.split_at_checked(length as usize);
        let (meta, behind) = meta.ok_or_else(|| {
            let there = behind.len();
            located(format!(
                "it says that it has {length} bytes, where {there} are left"
            ))
        })?;
        let mut message = message(meta, &[]).map_err(located)?;
        let length = message.header.bodyLength();
        let body = usize::try_from(length).ok();
        let body = body.and_then(|length| behind.split_at_checked(length));
        (message.body, rest) = body.ok_or_else(|| {
            let there = behind.len();
            located(format!(
                "it says that {length} bytes follow, where {there} are left"
            ))
        })?;
        messages.push(message);
    }
    Ok(messages)
}

pub(super) fn message<'a>(meta: &'a [u8], body: &'a [u8]) -> Result<Message<'a>, String> {
    let header = root_as_message(meta).map_err(|e| format!("its description is damaged: {e}"))?;
    Ok(Message { header, meta, body })
}

/// The next four bytes, and what is behind them.
fn number(bytes: &[u8]) -> Option<(u32, &[u8])> {
    let (first, rest) = bytes.split_first_chunk()?;
    Some((u32::from_le_bytes(*first), rest))
}

impl<'a> Message<'a> {
    /// The values that it brings, of a dictionary or of all columns.
    pub fn batch(&self) -> Option<RecordBatch<'a>> {
        let dictionary = || self.header.header_as_dictionary_batch()?.data();
        self.header.header_as_record_batch().or_else(dictionary)
    }

    /// How its buffers are compressed, where they are.
    pub fn compression(&self) -> Option<CompressionType> {
        Some(self.batch()?.compression()?.codec())
    }

    /// How many bytes its buffers have when they are unpacked. What they are said to unpack to is
    /// what their methods can make of them, and no column has more values than those can hold.
    pub fn size(&self) -> Result<u64, String> {
        let Some(batch) = self.batch() else {
            return Ok(0);
        };
        let compression = self.compression();
        let mut size = 0_u64;
        for i in 0..batch.buffers().map_or(0, |buffers| buffers.len()) {
            let buffer = self
                .buffer(i)
                .ok_or_else(|| format!("buffer {} does not lie in the message", i + 1))?;
            let held = held(buffer, compression);
            let held = held.map_err(|fault| format!("buffer {}: {fault}", i + 1))?;
            size = size.saturating_add(held);
        }
        let most = size
            .saturating_mul(VALUES_PER_BYTE)
            .saturating_add(FREE_VALUES);
        let counts = batch.nodes().into_iter().flatten();
        let counts = counts.flat_map(|node| [node.length(), node.null_count()]);
        for count in counts.chain([batch.length()]) {
            if !u64::try_from(count).is_ok_and(|count| count <= most) {
                return Err(format!(
                    "it says that it has {count} values, in {size} bytes"
                ));
            }
        }
        Ok(size)
    }

    /// A buffer as it is stored.
    pub fn buffer(&self, number: usize) -> Option<&'a [u8]> {
        let buffer = self.batch()?.buffers()?.get(number);
        let start = usize::try_from(buffer.offset()).ok()?;
        let length = usize::try_from(buffer.length()).ok()?;
        self.body.get(start..)?.get(..length)
    }
}

/// How many bytes a buffer has when it is unpacked.
fn held(buffer: &[u8], compression: Option<CompressionType>) -> Result<u64, String> {
    let Some(compression) = compression.filter(|_| !buffer.is_empty()) else {
        return Ok(buffer.len() as u64);
    };
    let (stated, packed) = length(buffer).ok_or("it is too short for compressed data")?;
    let stated = match stated {
        -1 => return Ok(packed.len() as u64),
        stated => {
            u64::try_from(stated).map_err(|_| format!("it says that it has {stated} bytes"))?
        }
    };
    let most = match compression {
        _ if stated == 0 => 0,
        CompressionType::ZSTD => expansion::zstd(packed).ok_or("it is not Zstandard data")?,
        CompressionType::LZ4_FRAME => expansion::lz4(packed.len()),
        other => return Err(format!("it is compressed in an unknown way, {other:?}")),
    };
    match stated <= most {
        true => Ok(stated),
        false => Err(format!(
            "it says that it unpacks to {stated} bytes, where {} bytes can unpack to {most} at most",
            packed.len()
        )),
    }
}

/// The length that stands before compressed data, and the data. It is -1 where they are not
/// compressed after all.
pub(super) fn length(buffer: &[u8]) -> Option<(i64, &[u8])> {
    let (first, rest) = buffer.split_first_chunk()?;
    Some((i64::from_le_bytes(*first), rest))
}
