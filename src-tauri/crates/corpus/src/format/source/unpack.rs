//! Unpacks gzip and the members of zip archives, within limits that no honest data file meets.

use std::borrow::Cow;
use std::io::{Cursor, Read};
use std::path::Path;

use flate2::read::MultiGzDecoder;
use zip::ZipArchive;

use crate::format::ReadError;

/// Text may unpack to a hundred times its size and this, in bytes, whatever its size: what does
/// more is made to fill the memory. Deflate itself ends at about a thousand times.
const ALWAYS: u64 = 256 << 20;
const RATIO: u64 = 100;

/// How many bytes may come out of so many.
pub(in crate::format) fn limit(packed: usize) -> u64 {
    ALWAYS.saturating_add(RATIO.saturating_mul(packed as u64))
}

pub(super) fn is_zip(bytes: &[u8]) -> bool {
    bytes.starts_with(b"PK\x03\x04") || bytes.starts_with(b"PK\x05\x06")
}

fn is_gzip(bytes: &[u8]) -> bool {
    bytes.starts_with(b"\x1f\x8b")
}

/// The content without the gzip around it, if there is any.
pub(super) fn layers<'a>(path: &Path, bytes: &'a [u8]) -> Result<Cow<'a, [u8]>, ReadError> {
    if !is_gzip(bytes) {
        return Ok(Cow::Borrowed(bytes));
    }
    let content = gunzip(path, bytes, limit(bytes.len()))?;
    if is_gzip(&content) {
        return Err(ReadError::Archive {
            file: path.into(),
            message: "it is packed twice over".into(),
        });
    }
    if content.get(257..262) == Some(b"ustar") {
        return Err(ReadError::Archive {
            file: path.into(),
            message: "it holds a tar archive".into(),
        });
    }
    Ok(Cow::Owned(content))
}

fn gunzip(path: &Path, bytes: &[u8], limit: u64) -> Result<Vec<u8>, ReadError> {
    let mut content = Vec::new();
    let mut decoder = MultiGzDecoder::new(bytes).take(limit + 1);
    decoder
        .read_to_end(&mut content)
        .map_err(|error| damaged(path, "the gzip data is damaged or cut short", &error))?;
    within(path, &content, limit)?;
    Ok(content)
}

fn within(path: &Path, content: &[u8], limit: u64) -> Result<(), ReadError> {
    match content.len() as u64 > limit {
        true => Err(ReadError::TooLarge {
            file: path.into(),
            limit,
        }),
        false => Ok(()),
    }
}

pub(super) fn damaged(path: &Path, what: &str, error: &dyn std::error::Error) -> ReadError {
    ReadError::Archive {
        file: path.into(),
        message: format!("{what} ({error})"),
    }
}

/// An archive, and how much may still come out of it.
pub(super) struct Zip<'a> {
    archive: ZipArchive<Cursor<&'a [u8]>>,
    left: u64,
}

impl<'a> Zip<'a> {
    pub fn open(path: &Path, content: Cursor<&'a [u8]>) -> Result<Self, ReadError> {
        let left = limit(content.get_ref().len());
        let archive = ZipArchive::new(content)
            .map_err(|error| damaged(path, "the zip archive is damaged or cut short", &error))?;
        Ok(Self { archive, left })
    }

    /// The names of its files.
    pub fn names(&self) -> Vec<String> {
        let names = self.archive.file_names().flatten();
        names
            .filter(|name| !name.ends_with('/'))
            .map(Cow::into_owned)
            .collect()
    }

    /// The content of a member, whose path serves the messages.
    pub fn load(&mut self, name: &str, path: &Path) -> Result<Vec<u8>, ReadError> {
        let broken = |error: &dyn std::error::Error| {
            damaged(path, "the member is damaged or protected", error)
        };
        let member = self.archive.by_name(name).map_err(|error| broken(&error))?;
        let mut content = Vec::new();
        member
            .take(self.left + 1)
            .read_to_end(&mut content)
            .map_err(|error| broken(&error))?;
        within(path, &content, self.left)?;
        self.left -= content.len() as u64;
        Ok(content)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::Write;

    #[test]
    fn what_unpacks_to_too_much_is_refused() {
        let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::best());
        encoder.write_all(&vec![b'a'; 1 << 20]).unwrap();
        let packed = encoder.finish().unwrap();
        let path = Path::new("bomb.gz");
        let error = gunzip(path, &packed, (1 << 20) - 1).unwrap_err();
        assert!(matches!(error, ReadError::TooLarge { .. }), "{error}");
        assert_eq!(gunzip(path, &packed, 1 << 20).unwrap().len(), 1 << 20);
        assert_eq!(limit(1 << 20), (256 << 20) + (100 << 20));
    }
}
