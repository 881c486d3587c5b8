//! What `tag` reads: lines of text, records of JSON, or whole files; all of an input, or a part of it.

use super::shard::Part;
use crate::error::CommandError;
use crate::output;
use serde_json::Value;
use std::fs::File;
use std::io::{self, BufRead, BufReader, Cursor, IsTerminal, Read, Seek, SeekFrom};
use std::path::Path;

/// A text to tag.
pub struct Sentence {
    pub text: String,
    /// Any value, given back with the answer.
    pub id: Option<Value>,
    /// The document that it is a sentence of, for models that read context: a line of text belongs to that of
    /// the line before it, unless a blank line stands between; a record says it itself.
    pub group: Option<u32>,
    /// It is read for its neighbours alone, and not to be answered.
    pub is_context: bool,
}

/// Takes sentences, in order.
pub type Take<'a> = &'a mut dyn FnMut(Sentence) -> Result<(), CommandError>;

/// Reads a file that is one document, which begins at its first byte.
pub fn whole(path: &Path, part: Part, take: Take) -> Result<(), CommandError> {
    if !part.has(0) {
        return Ok(());
    }
    let mut bytes = Vec::new();
    source(path)?
        .read_to_end(&mut bytes)
        .map_err(CommandError::file("read", path))?;
    let text = String::from_utf8(bytes)
        .map_err(|failure| not_utf8(path, None, failure.utf8_error().valid_up_to()))?;
    take(Sentence {
        text,
        id: None,
        group: None,
        is_context: false,
    })
}

/// Reads the sentences of a file that begin in the part; with `context`, all others of the file too.
pub fn lines(path: &Path, part: Part, context: bool, take: Take) -> Result<(), CommandError> {
    if part.is_empty() {
        return Ok(());
    }
    let wanted = match context {
        true => Part::ALL,
        false => part,
    };
    let mut reader = source(path)?;
    // Documents before it is known whether the file is JSON.
    let mut early = Vec::new();
    let mut is_json = None;
    let mut group = 0;
    let mut bytes = Vec::new();
    // Where the line begins, and its number, unless lines were passed over.
    let mut at = 0;
    let mut number = Some(1);
    loop {
        if is_json.is_some() {
            for request in early.drain(..) {
                take(request)?;
            }
            if let Some(from) = wanted.begins_behind(at) {
                (at, reader) = line_from(path, from).map_err(CommandError::file("read", path))?;
                number = None;
            }
            if wanted.ends_at(at) {
                return Ok(());
            }
        }
        bytes.clear();
        let read = reader
            .read_until(b'\n', &mut bytes)
            .map_err(CommandError::file("read", path))?;
        if read == 0 {
            break;
        }
        let place = || number.map_or_else(|| number_of_line(path, at), Ok);
        let line = match std::str::from_utf8(&bytes) {
            Ok(line) => line,
            Err(failure) => return Err(not_utf8(path, Some(place()?), failure.valid_up_to())),
        };
        let line = line.strip_suffix('\n').unwrap_or(line);
        let line = line.strip_suffix('\r').unwrap_or(line);
        let line = match at {
            0 => line.strip_prefix('\u{feff}').unwrap_or(line),
            _ => line,
        };
        // The first line that is not empty shows what the file is; a comment may come before JSON.
        if is_json.is_none() && !line.trim().is_empty() && !line.starts_with('#') {
            let meant = Meant::by(line);
            if let Meant::Start = meant
                && let Some(found) = whole_json(&bytes, &mut reader, path)?
            {
                let found = match found {
                    Ok(found) => found,
                    Err(reason) => return Err(bad_record(path, place()?, &reason)),
                };
                let count = found.len();
                for (index, mut sentence) in found.into_iter().enumerate() {
                    sentence.is_context = !part.has_item(index, count);
                    if context || !sentence.is_context {
                        take(sentence)?;
                    }
                }
                return Ok(());
            }
            is_json = Some(matches!(meant, Meant::Record));
            if is_json == Some(true) {
                // Blank lines and comments before the first record are not documents.
                early.clear();
            }
        }
        let found = match is_json {
            _ if !wanted.has(at) => Vec::new(),
            Some(true) if line.trim().is_empty() => Vec::new(),
            Some(true) => match parsed(line).and_then(records) {
                Ok(found) => found,
                Err(reason) => return Err(bad_record(path, place()?, &reason)),
            },
            _ => {
                group += u32::from(line.trim().is_empty());
                vec![Sentence {
                    text: line.to_owned(),
                    id: None,
                    group: Some(group),
                    is_context: false,
                }]
            }
        };
        early.extend(found.into_iter().map(|sentence| Sentence {
            is_context: !part.has(at),
            ..sentence
        }));
        at += read as u64;
        number = number.map(|number| number + 1);
    }
    early.into_iter().try_for_each(take)
}

/// Where the first line begins at a byte or behind it, and the file from there.
fn line_from(path: &Path, from: u64) -> io::Result<(u64, Box<dyn BufRead>)> {
    let mut file = BufReader::new(File::open(path)?);
    // The line break that ends the line before may be the very byte before.
    file.seek(SeekFrom::Start(from - 1))?;
    let passed = file.skip_until(b'\n')?;
    Ok((from - 1 + passed as u64, Box::new(file)))
}

/// The number, from 1, of the line that begins at a byte.
fn number_of_line(path: &Path, at: u64) -> Result<usize, CommandError> {
    let mut before = source(path)?.take(at);
    let mut number = 1;
    while before
        .skip_until(b'\n')
        .map_err(CommandError::file("read", path))?
        > 0
    {
        number += 1;
    }
    Ok(number)
}

/// What the first line of a file says that the file is.
enum Meant {
    /// A record of JSON: then a fault in it is an error, and it is never taken for text.
    Record,
    /// Perhaps the start of JSON that continues in the next line.
    Start,
    Text,
}

impl Meant {
    fn by(line: &str) -> Self {
        let has_objects = |list: &[Value]| list.iter().any(Value::is_object);
        match serde_json::from_str(line) {
            Ok(Value::Object(_)) => Self::Record,
            // `[1]` may stand at the start of any text.
            Ok(Value::Array(list)) if has_objects(&list) => Self::Record,
            Err(failure) if failure.is_eof() && line.trim_start().starts_with(['{', '[']) => {
                Self::Start
            }
            _ => Self::Text,
        }
    }
}

/// The records of JSON over several lines, of which `first` is the first; `None` where it is none, and the
/// reader then continues after the first line as if nothing had been read.
fn whole_json(
    first: &[u8],
    reader: &mut Box<dyn BufRead>,
    path: &Path,
) -> Result<Option<Result<Vec<Sentence>, String>>, CommandError> {
    let mut all = first.to_vec();
    reader
        .read_to_end(&mut all)
        .map_err(CommandError::file("read", path))?;
    let text = all.strip_prefix("\u{feff}".as_bytes()).unwrap_or(&all);
    match serde_json::from_slice(text) {
        Ok(value) => Ok(Some(records(value))),
        Err(_) => {
            *reader = Box::new(Cursor::new(all.split_off(first.len())));
            Ok(None)
        }
    }
}

pub fn parsed(line: &str) -> Result<Value, String> {
    serde_json::from_str(line).map_err(|failure| format!("this is not JSON: {failure}"))
}

/// A record, or a list of them.
fn records(value: Value) -> Result<Vec<Sentence>, String> {
    match value {
        Value::Array(list) => list.into_iter().map(record).collect(),
        one => Ok(vec![record(one)?]),
    }
}

/// A record with `text`.
pub fn record(value: Value) -> Result<Sentence, String> {
    match value {
        Value::Object(mut fields) => match fields.remove("text") {
            Some(Value::String(text)) => Ok(Sentence {
                text,
                id: fields.remove("id"),
                group: fields
                    .get("group")
                    .and_then(Value::as_u64)
                    .and_then(|group| u32::try_from(group).ok()),
                is_context: false,
            }),
            Some(other) => Err(format!("`text` is {other}, expected a string")),
            None => Err("there is no `text`".into()),
        },
        other => Err(format!("found {other}, expected an object")),
    }
}

fn bad_record(path: &Path, line: usize, reason: &str) -> CommandError {
    CommandError::new(
        format!("`{}` line {line}: {reason}", path.display()),
        "each record is an object with `text`, as in {\"text\": \"…\"}",
    )
}

fn source(path: &Path) -> Result<Box<dyn BufRead>, CommandError> {
    if path != Path::new("-") {
        let file = File::open(path).map_err(CommandError::file("read", path))?;
        return Ok(Box::new(BufReader::new(file)));
    }
    if io::stdin().is_terminal() {
        output::aside("reading text from the terminal, one document per line; Ctrl-D ends it");
    }
    Ok(Box::new(BufReader::new(io::stdin())))
}

fn not_utf8(path: &Path, line: Option<usize>, byte: usize) -> CommandError {
    let place = line.map_or_else(String::new, |line| format!(" line {line},"));
    CommandError::new(
        format!("`{}`{place} byte {}: not UTF-8", path.display(), byte + 1),
        "save the file as UTF-8 and try again",
    )
}

#[cfg(test)]
mod tests {
    use super::super::Shard;
    use super::*;

    /// The texts that the parts of a file give, one after another, and how many were read beside.
    fn texts(path: &Path, parts: &[Part], context: bool) -> (Vec<String>, usize) {
        let (mut texts, mut beside) = (Vec::new(), 0);
        for part in parts {
            let mut take = |sentence: Sentence| {
                match sentence.is_context {
                    true => beside += 1,
                    false => texts.push(sentence.text),
                }
                Ok(())
            };
            lines(path, *part, context, &mut take).unwrap();
        }
        (texts, beside)
    }

    /// What a file with this content gives when it is read in shards, however many.
    fn check(content: &str, expected: &[&str]) {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("input");
        std::fs::write(&path, content).unwrap();
        assert_eq!(texts(&path, &[Part::ALL], false).0, expected);
        let size = content.len() as u64;
        for of in 1..=size + 2 {
            let parts: Vec<Part> = Shard::all(of)
                .map(|shard| shard.parts(&[size])[0])
                .collect();
            let (found, beside) = texts(&path, &parts, false);
            assert_eq!(found, expected, "{content:?} in {of}");
            assert_eq!(beside, 0);
            // With context each shard sees the whole file.
            let (found, beside) = texts(&path, &parts, true);
            assert_eq!(found, expected, "{content:?} in {of}");
            let readers = parts.iter().filter(|part| !part.is_empty()).count();
            assert_eq!(found.len() + beside, expected.len() * readers);
        }
    }

    #[test]
    fn each_document_is_in_exactly_one_shard() {
        check("", &[]);
        check("one\n\nüber\r\nfour", &["one", "", "über", "four"]);
        check("\u{feff}# one\ntwo\n", &["# one", "two"]);
        check("\n\n", &["", ""]);
        let record = |text: &str| format!("{{\"text\": \"{text}\"}}");
        let (a, b) = (record("a"), record("b"));
        check(
            &format!("\n# notes\n{a}\n\n[{b}, {a}]\n{b}"),
            &["a", "b", "a", "b"],
        );
        check(&format!("[\n{a},\n{b},\n{b}\n]\n"), &["a", "b", "b"]);
        // It looks like JSON and is text.
        check("[1] one\ntwo\n{three\n", &["[1] one", "two", "{three"]);
    }

    #[test]
    fn a_faulty_record_is_named_by_its_line_in_the_file() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("input");
        let content = "{\"text\": \"a\"}\n{\"text\": \"b\"}\n{\"text\": 3}\n";
        std::fs::write(&path, content).unwrap();
        let said = |number| {
            let part = Shard::all(3)
                .nth(number)
                .unwrap()
                .parts(&[content.len() as u64])[0];
            lines(&path, part, false, &mut |_| Ok(()))
                .err()
                .map(|failure| failure.message)
        };
        assert_eq!((said(0), said(1)), (None, None));
        assert!(said(2).unwrap().contains("line 3: `text` is 3"));
    }
}
