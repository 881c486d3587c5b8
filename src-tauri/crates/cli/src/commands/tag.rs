//! `tagsmith tag`: text in, one JSON line with entities out for each document, in order.

use crate::args::Tag;
use crate::commands::evaluate::{open, predict_options};
use crate::error::CommandError;
use crate::{Done, output};
use serde_json::Value;
use std::fs::File;
use std::io::{self, BufRead, BufReader, Cursor, IsTerminal, Read};
use std::path::{Path, PathBuf};
use tagsmith_corpus::{Document, give_context};
use tagsmith_protocol::TagReply;
use tagsmith_tagger::evaluate::entities;
use tagsmith_tagger::{PredictOptions, Tagger};

/// Documents that are read before they are predicted together.
const CHUNK: usize = 512;

pub fn run(args: &Tag) -> Result<Done, CommandError> {
    let tagger = open(&args.predicting, args.progress)?;
    let job = Job {
        tagger,
        options: predict_options(&args.predicting),
        threshold: args.threshold,
    };
    if args.stream {
        return job.stream();
    }
    let standard_input = [PathBuf::from("-")];
    let files = match args.files.is_empty() {
        true => &standard_input[..],
        false => &args.files,
    };
    for path in files {
        match args.whole {
            true => job.whole(path)?,
            false => job.lines(path)?,
        }
    }
    Ok(Done::Completely)
}

struct Job {
    tagger: Tagger,
    options: PredictOptions,
    threshold: f32,
}

impl Job {
    fn whole(&self, path: &Path) -> Result<(), CommandError> {
        let mut bytes = Vec::new();
        source(path)?
            .read_to_end(&mut bytes)
            .map_err(CommandError::file("read", path))?;
        let text = String::from_utf8(bytes)
            .map_err(|failure| not_utf8(path, None, failure.utf8_error().valid_up_to()))?;
        self.answer(vec![Sentence {
            text,
            id: None,
            group: None,
        }])
    }

    fn lines(&self, path: &Path) -> Result<(), CommandError> {
        let mut reader = source(path)?;
        let mut requests = Vec::new();
        let mut is_json = None;
        let mut group = 0;
        let mut bytes = Vec::new();
        for number in 1.. {
            bytes.clear();
            let read = reader
                .read_until(b'\n', &mut bytes)
                .map_err(CommandError::file("read", path))?;
            if read == 0 {
                break;
            }
            let line = std::str::from_utf8(&bytes)
                .map_err(|failure| not_utf8(path, Some(number), failure.valid_up_to()))?;
            let line = line.strip_suffix('\n').unwrap_or(line);
            let line = line.strip_suffix('\r').unwrap_or(line);
            let line = match number {
                1 => line.strip_prefix('\u{feff}').unwrap_or(line),
                _ => line,
            };
            // The first line that is not empty shows what the file is; a comment may come before JSON.
            if is_json.is_none() && !line.trim().is_empty() && !line.starts_with('#') {
                let meant = Meant::by(line);
                if let Meant::Start = meant
                    && let Some(found) = whole_json(&bytes, &mut reader, path)?
                {
                    let found = found.map_err(|reason| bad_record(path, number, &reason))?;
                    return self.answer(found);
                }
                is_json = Some(matches!(meant, Meant::Record));
                if is_json == Some(true) {
                    // Blank lines and comments before the first record are not documents.
                    requests.clear();
                }
            }
            match is_json {
                Some(true) if line.trim().is_empty() => {}
                Some(true) => {
                    let found = parsed(line).and_then(records);
                    requests.extend(found.map_err(|reason| bad_record(path, number, &reason))?);
                }
                _ => {
                    group += u32::from(line.trim().is_empty());
                    requests.push(Sentence {
                        text: line.to_owned(),
                        id: None,
                        group: Some(group),
                    });
                }
            }
            // Any sentence may be the context of another one.
            if requests.len() == CHUNK && self.tagger.context == 0 {
                self.answer(std::mem::take(&mut requests))?;
            }
        }
        self.answer(requests)
    }

    /// Answers each line of standard input before it reads the next.
    fn stream(&self) -> Result<Done, CommandError> {
        for line in io::stdin().lock().lines() {
            let line = match line {
                Ok(line) => line,
                Err(failure) if failure.kind() == io::ErrorKind::InvalidData => {
                    output::json_line(&TagReply::Refused {
                        id: None,
                        error: "the request is not UTF-8".into(),
                    })?;
                    continue;
                }
                Err(failure) => return Err(CommandError::file("read", Path::new("-"))(failure)),
            };
            if line.trim().is_empty() {
                continue;
            }
            match parsed(&line).and_then(record) {
                Ok(request) => self.answer(vec![request])?,
                Err(reason) => {
                    let id = serde_json::from_str::<Value>(&line)
                        .ok()
                        .and_then(|request| request.get("id").cloned());
                    output::json_line(&TagReply::Refused { id, error: reason })?;
                }
            }
        }
        Ok(Done::Completely)
    }

    fn answer(&self, requests: Vec<Sentence>) -> Result<(), CommandError> {
        let document = |request: Sentence| {
            let document = Document {
                group: request.group,
                ..Document::from_text(request.text)
            };
            (document, request.id)
        };
        let (mut documents, ids): (Vec<Document>, Vec<Option<Value>>) =
            requests.into_iter().map(document).unzip();
        if self.tagger.context > 0 && documents.iter().any(|document| document.group.is_some()) {
            give_context(&mut documents);
        }
        self.tagger.tokenizer.keep_added_tokens(&mut documents);
        let predictions = self.tagger.predict(&documents, &self.options, |_, _| ())?;
        let cut: usize = predictions
            .iter()
            .map(|prediction| prediction.truncated_words)
            .sum();
        if cut > 0 {
            let what = "words are longer than a window; only their beginning was read";
            output::aside(format!("note: {cut} {what}"));
        }
        for ((document, prediction), id) in documents.iter().zip(predictions).zip(ids) {
            let mut found = entities(&document.text, &prediction.spans);
            found.retain(|entity| entity.score.is_none_or(|score| score >= self.threshold));
            output::json_line(&TagReply::Found {
                id,
                text: document.text.clone(),
                entities: found,
            })?;
        }
        Ok(())
    }
}

/// A text to tag.
struct Sentence {
    text: String,
    /// Any value, given back with the answer.
    id: Option<Value>,
    /// The document that it is a sentence of, for models that read context: a line of text belongs to that of
    /// the line before it, unless a blank line stands between; a record says it itself.
    group: Option<u32>,
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

fn parsed(line: &str) -> Result<Value, String> {
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
fn record(value: Value) -> Result<Sentence, String> {
    match value {
        Value::Object(mut fields) => match fields.remove("text") {
            Some(Value::String(text)) => Ok(Sentence {
                text,
                id: fields.remove("id"),
                group: fields
                    .get("group")
                    .and_then(Value::as_u64)
                    .and_then(|group| u32::try_from(group).ok()),
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
