//! From bytes to text: UTF-8, without a byte order mark.

use std::path::Path;

use crate::format::error::ReadError;

pub(super) fn decode<'a>(path: &Path, bytes: &'a [u8]) -> Result<&'a str, ReadError> {
    let file = || path.to_path_buf();
    let looks_like = other_encoding(bytes);
    let text = std::str::from_utf8(bytes).map_err(|error| {
        let byte = error.valid_up_to();
        ReadError::NotUtf8 {
            file: file(),
            line: line_of(bytes, byte),
            byte,
            value: bytes[byte],
            looks_like: looks_like.or_else(|| surrogate(&bytes[byte..])),
        }
    })?;
    // UTF-16 of ASCII text without a byte order mark is valid UTF-8, full of NUL characters.
    if let (Some(encoding), Some(byte)) = (looks_like, bytes.iter().position(|b| *b == 0)) {
        return Err(ReadError::NotUtf8 {
            file: file(),
            line: line_of(bytes, byte),
            byte,
            value: 0,
            looks_like: Some(encoding),
        });
    }
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    if text.trim().is_empty() {
        return Err(ReadError::Empty { file: file() });
    }
    Ok(text)
}

fn line_of(bytes: &[u8], byte: usize) -> usize {
    1 + bytes[..byte].iter().filter(|b| **b == b'\n').count()
}

/// What a file that is no UTF-8 text seems to be, by its first bytes.
fn other_encoding(bytes: &[u8]) -> Option<&'static str> {
    const MAGIC: [(&[u8], &str); 6] = [
        (b"\x89PNG", "a PNG image"),
        (b"\xff\xd8\xff", "a JPEG image"),
        (b"PK\x03\x04", "a zip archive (or a spreadsheet)"),
        (b"\x1f\x8b", "a gzip archive: unpack it first"),
        (b"%PDF", "a PDF document"),
        (b"PAR1", "a Parquet table"),
    ];
    if let Some((_, what)) = MAGIC.iter().find(|(magic, _)| bytes.starts_with(magic)) {
        return Some(what);
    }
    if bytes.starts_with(b"\xff\xfe") || bytes.starts_with(b"\xfe\xff") {
        return Some("UTF-16");
    }
    let head = &bytes[..bytes.len().min(4096)];
    let zeros = head.iter().filter(|b| **b == 0).count();
    match zeros {
        0 => None,
        _ if zeros * 3 >= head.len() => Some("UTF-16"),
        _ => Some("a binary file"),
    }
}

/// Half of a surrogate pair, as Java and some databases write characters beyond U+FFFF.
fn surrogate(bytes: &[u8]) -> Option<&'static str> {
    let cesu8 = matches!(bytes, [0xed, 0xa0..=0xbf, ..]);
    cesu8.then_some("CESU-8 (an emoji written as two surrogates)")
}
