//! From bytes to text: finds the encoding of a file, decodes it, and says which it was.
//!
//! The rule, first match wins:
//! 1. An encoding that the caller names is used, strictly.
//! 2. A byte order mark decides.
//! 3. What is valid UTF-8 is UTF-8, unless its NULs lie as in UTF-16 of mostly ASCII text.
//! 4. Invalid places that outnumber the valid characters beyond ASCII four to one, at least
//!    [`FEWEST`] of them, mean an encoding from before Unicode: it is guessed, and the guess is reported.
//! 5. Anything else is UTF-8 with damage in it, and an error that names the first such byte. So a
//!    stray byte in a file that is otherwise sound never turns the whole file into Latin-1.

use std::borrow::Cow;
use std::path::Path;

use encoding_rs::{Encoding, UTF_8, UTF_16BE, UTF_16LE};

use crate::format::encodings::{self, InvalidBytes};
use crate::format::error::ReadError;
use crate::issue::{Issue, IssueCode, Severity};

/// A text, and what a person should know about how it was decoded.
pub(crate) struct Decoded<'a> {
    pub text: Cow<'a, str>,
    pub issues: Vec<Issue>,
}

/// One or two odd bytes are damage until a person says otherwise.
const FEWEST: usize = 3;

/// The name that stands for UTF-8 with characters written as surrogate pairs (Unicode report 26).
const CESU_8: &str = "cesu-8";

/// Decodes the content of a file. `encoding` is a WHATWG label or `cesu-8`.
pub(crate) fn decode<'a>(
    path: &Path,
    bytes: &'a [u8],
    encoding: Option<&str>,
) -> Result<Decoded<'a>, ReadError> {
    let decoded = match encoding {
        Some(name) => Decoded {
            text: forced(path, bytes, name.trim())?,
            issues: Vec::new(),
        },
        None => found(path, bytes)?,
    };
    if decoded.text.trim().is_empty() {
        return Err(ReadError::Empty { file: path.into() });
    }
    Ok(decoded)
}

/// Whether the content begins with a byte order mark, which is no part of the text.
pub(crate) fn has_byte_order_mark(bytes: &[u8]) -> bool {
    Encoding::for_bom(bytes).is_some()
}

fn forced<'a>(path: &Path, bytes: &'a [u8], name: &str) -> Result<Cow<'a, str>, ReadError> {
    if name.eq_ignore_ascii_case(CESU_8) {
        let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
        return encodings::cesu8(bytes)
            .map(Cow::Owned)
            .map_err(|place| undecodable(path, "CESU-8", &place));
    }
    let unknown = || ReadError::UnknownEncoding {
        file: path.into(),
        encoding: name.into(),
    };
    let named = Encoding::for_label(name.as_bytes()).ok_or_else(unknown)?;
    // WHATWG's `utf-16` means little endian; a mark in the file knows better.
    let (encoding, mark) = match Encoding::for_bom(bytes) {
        Some((by_mark, length))
            if by_mark == named || [UTF_16LE, UTF_16BE].contains(&named) && by_mark != UTF_8 =>
        {
            (by_mark, length)
        }
        _ => (named, 0),
    };
    let bytes = &bytes[mark..];
    if encoding == UTF_8 {
        return match std::str::from_utf8(bytes) {
            Ok(text) => Ok(Cow::Borrowed(text)),
            Err(_) => Err(not_utf8(path, bytes, &Flaws::of(bytes), None)),
        };
    }
    encodings::transcode(bytes, mark, encoding)
        .map(Cow::Owned)
        .map_err(|place| undecodable(path, encoding.name(), &place))
}

fn found<'a>(path: &Path, bytes: &'a [u8]) -> Result<Decoded<'a>, ReadError> {
    match Encoding::for_bom(bytes) {
        Some((encoding, mark)) if encoding == UTF_8 => return utf8(path, &bytes[mark..]),
        Some(_) if bytes.starts_with(b"\xff\xfe\0\0") => {
            return Err(not_utf8(path, bytes, &Flaws::of(bytes), Some("UTF-32")));
        }
        Some((encoding, mark)) => {
            let why = "as its byte order mark says";
            return utf16(path, &bytes[mark..], mark, encoding, why);
        }
        None => {}
    }
    utf8(path, bytes)
}

fn utf16<'a>(
    path: &Path,
    bytes: &[u8],
    offset: usize,
    encoding: &'static Encoding,
    why: &str,
) -> Result<Decoded<'a>, ReadError> {
    let text = encodings::transcode(bytes, offset, encoding)
        .map_err(|place| undecodable(path, encoding.name(), &place))?;
    let message = format!("read as `{}`, {why}", encoding.name());
    let issue =
        Issue::new(Severity::Info, IssueCode::Encoding, path, 0, message).found(encoding.name());
    Ok(Decoded {
        text: Cow::Owned(text),
        issues: vec![issue],
    })
}

fn utf8<'a>(path: &Path, bytes: &'a [u8]) -> Result<Decoded<'a>, ReadError> {
    let first_nul = memchr::memchr(0, bytes);
    if first_nul.is_some()
        && let Some(encoding) = encodings::utf16_without_mark(bytes)
    {
        let why = "as the zero bytes in it show; there is no byte order mark";
        return utf16(path, bytes, 0, encoding, why);
    }
    let Ok(text) = std::str::from_utf8(bytes) else {
        return other(path, bytes);
    };
    let mut issues = Vec::new();
    if let Some(first) = first_nul {
        let count = bytes.iter().filter(|byte| **byte == 0).count();
        if count * 100 > bytes.len() {
            return Err(ReadError::NotUtf8 {
                file: path.into(),
                line: line_of(bytes, first),
                byte: first,
                value: 0,
                count,
                looks_like: Some(binary(bytes).unwrap_or("a binary file")),
            });
        }
        let message =
            format!("{count} NUL character(s) are in the text, the first at byte {first}");
        let mut issue = Issue::new(
            Severity::Warning,
            IssueCode::NulCharacter,
            path,
            line_of(bytes, first),
            message,
        )
        .fix("remove them: something went wrong when the file was made");
        issue.count = count;
        issues.push(issue);
    }
    Ok(Decoded {
        text: Cow::Borrowed(text),
        issues,
    })
}

/// What is no UTF-8: an older encoding, or damage.
fn other<'a>(path: &Path, bytes: &'a [u8]) -> Result<Decoded<'a>, ReadError> {
    let flaws = Flaws::of(bytes);
    if let Some(what) = binary(bytes) {
        return Err(not_utf8(path, bytes, &flaws, Some(what)));
    }
    if flaws.bad == flaws.surrogates {
        let what = match flaws.pairs * 2 == flaws.surrogates {
            true => "CESU-8 (characters such as emoji, each written as two surrogates)",
            false => "UTF-8 with halves of surrogate pairs in it",
        };
        return Err(not_utf8(path, bytes, &flaws, Some(what)));
    }
    let control = |byte: &u8| matches!(byte, 0..=8 | 14..=26 | 28..=31);
    if flaws.bad < FEWEST || flaws.bad <= 4 * flaws.good || bytes.iter().any(control) {
        return Err(not_utf8(path, bytes, &flaws, None));
    }
    let Some((encoding, text)) = encodings::guess(bytes) else {
        return Err(not_utf8(path, bytes, &flaws, None));
    };
    let (line, shown) = text
        .lines()
        .enumerate()
        .find(|(_, line)| !line.is_ascii())
        .map_or((0, ""), |(i, line)| (i + 1, line));
    let count = bytes.iter().filter(|byte| !byte.is_ascii()).count();
    let name = encoding.name();
    let message = format!(
        "not UTF-8; read as `{name}`, which is a guess from {count} bytes: this line becomes `{}`",
        crate::issue::excerpt(shown)
    );
    let issue = Issue::new(Severity::Warning, IssueCode::Encoding, path, line, message)
        .found(name)
        .fix("if the line looks wrong, name the encoding with `--encoding`");
    Ok(Decoded {
        text: Cow::Owned(text),
        issues: vec![issue],
    })
}

/// What is wrong with bytes as UTF-8.
struct Flaws {
    first: usize,
    /// Invalid places.
    bad: usize,
    /// Of them, surrogates.
    surrogates: usize,
    /// Of those, pairs of a first and a second half.
    pairs: usize,
    /// Valid characters beyond ASCII.
    good: usize,
}

impl Flaws {
    fn of(bytes: &[u8]) -> Self {
        let mut flaws = Flaws {
            first: bytes.len(),
            bad: 0,
            surrogates: 0,
            pairs: 0,
            good: 0,
        };
        let (mut at, mut open) = (0, None);
        while at < bytes.len() {
            let rest = &bytes[at..];
            let (valid, length) = match std::str::from_utf8(rest) {
                Ok(_) => (rest.len(), 0),
                Err(error) => (error.valid_up_to(), error.error_len().unwrap_or(1)),
            };
            flaws.good += rest[..valid].iter().filter(|b| **b >= 0xc2).count();
            at += valid;
            if at >= bytes.len() {
                break;
            }
            flaws.first = flaws.first.min(at);
            flaws.bad += 1;
            if let Some(unit) = encodings::surrogate(&bytes[at..]) {
                flaws.surrogates += 1;
                let low = unit >= 0xdc00;
                if low && open == Some(at) {
                    flaws.pairs += 1;
                }
                at += 3;
                open = (!low).then_some(at);
            } else {
                at += length;
            }
        }
        flaws
    }
}

fn not_utf8(path: &Path, bytes: &[u8], flaws: &Flaws, what: Option<&'static str>) -> ReadError {
    let byte = flaws.first.min(bytes.len().saturating_sub(1));
    ReadError::NotUtf8 {
        file: path.into(),
        line: line_of(bytes, byte),
        byte,
        value: bytes.get(byte).copied().unwrap_or_default(),
        // A pair of surrogates is one character.
        count: flaws.bad - flaws.pairs,
        looks_like: what,
    }
}

fn undecodable(path: &Path, encoding: &'static str, place: &InvalidBytes) -> ReadError {
    ReadError::Undecodable {
        file: path.into(),
        line: place.line,
        byte: place.byte,
        count: place.count,
        encoding,
    }
}

fn line_of(bytes: &[u8], byte: usize) -> usize {
    1 + bytes[..byte].iter().filter(|b| **b == b'\n').count()
}

/// What a file that holds no text is, by its first bytes.
fn binary(bytes: &[u8]) -> Option<&'static str> {
    const MAGIC: [(&[u8], &str); 14] = [
        (b"\x89PNG", "a PNG image"),
        (b"\xff\xd8\xff", "a JPEG image"),
        (b"GIF8", "a GIF image"),
        (b"PK\x03\x04", "a zip archive (or a spreadsheet)"),
        (b"\x1f\x8b", "a gzip archive"),
        (b"BZh", "a bzip2 archive"),
        (b"\xfd7zXZ", "an xz archive"),
        (b"\x28\xb5\x2f\xfd", "a Zstandard archive"),
        (b"7z\xbc\xaf", "a 7-Zip archive"),
        (b"Rar!", "a RAR archive"),
        (b"%PDF", "a PDF document"),
        (b"\xd0\xcf\x11\xe0", "an old Word or Excel document"),
        (b"PAR1", "a Parquet table"),
        (b"SQLite format 3", "an SQLite database"),
    ];
    MAGIC
        .iter()
        .find(|(magic, _)| bytes.starts_with(magic))
        .map(|(_, what)| *what)
        .or_else(|| {
            let head = &bytes[..bytes.len().min(4096)];
            let tar = bytes.get(257..262) == Some(b"ustar");
            match tar {
                true => Some("a tar archive"),
                false => head.contains(&0).then_some("a binary file"),
            }
        })
}
