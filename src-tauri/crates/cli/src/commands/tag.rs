//! `tagsmith tag`: text in, one JSON line with entities out for each document, in order.

use crate::args::Tag;
use crate::commands::evaluate::{open, predict_options};
use crate::failure::Failure;
use crate::{Done, output};
use serde_json::{Map, Value, json};
use std::fs::File;
use std::io::{self, BufRead, BufReader, IsTerminal, Read};
use std::path::{Path, PathBuf};
use tagsmith_corpus::Document;
use tagsmith_tagger::evaluate::entities;
use tagsmith_tagger::{PredictOptions, Tagger};

/// Documents that are read before they are predicted together.
const CHUNK: usize = 512;

pub fn run(args: &Tag) -> Result<Done, Failure> {
    let tagger = open(&args.predicting, false)?;
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

/// One document to be tagged, with what its record says besides the text.
struct Request {
    text: String,
    id: Option<Value>,
}

impl Job {
    fn whole(&self, path: &Path) -> Result<(), Failure> {
        let mut bytes = Vec::new();
        source(path)?
            .read_to_end(&mut bytes)
            .map_err(Failure::file("read", path))?;
        let text = String::from_utf8(bytes)
            .map_err(|failure| not_utf8(path, None, failure.utf8_error().valid_up_to()))?;
        self.answer(vec![Request { text, id: None }])
    }

    fn lines(&self, path: &Path) -> Result<(), Failure> {
        let mut reader = source(path)?;
        let mut requests = Vec::new();
        let mut is_json = None;
        let mut bytes = Vec::new();
        for number in 1.. {
            bytes.clear();
            let read = reader
                .read_until(b'\n', &mut bytes)
                .map_err(Failure::file("read", path))?;
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
            // The first line that holds anything tells what the file is.
            if is_json.is_none() && !line.trim().is_empty() {
                is_json = Some(is_record(line));
                if is_json == Some(true) {
                    // Blank lines before the first record are no documents.
                    requests.clear();
                }
            }
            match is_json {
                Some(true) if line.trim().is_empty() => {}
                Some(true) => requests.push(record(line).map_err(|reason| {
                    Failure::new(
                        format!("`{}` line {number}: {reason}", path.display()),
                        "each line is an object with `text`, as in {\"text\": \"…\"}",
                    )
                })?),
                _ => requests.push(Request {
                    text: line.to_owned(),
                    id: None,
                }),
            }
            if requests.len() == CHUNK {
                self.answer(std::mem::take(&mut requests))?;
            }
        }
        self.answer(requests)
    }

    /// Answers each line of standard input before it reads the next.
    fn stream(&self) -> Result<Done, Failure> {
        for line in io::stdin().lock().lines() {
            let line = match line {
                Ok(line) => line,
                Err(failure) if failure.kind() == io::ErrorKind::InvalidData => {
                    output::json_line(&json!({"error": "the request is not UTF-8"}))?;
                    continue;
                }
                Err(failure) => return Err(Failure::file("read", Path::new("-"))(failure)),
            };
            if line.trim().is_empty() {
                continue;
            }
            match record(&line) {
                Ok(request) => self.answer(vec![request])?,
                Err(reason) => {
                    let id = serde_json::from_str::<Value>(&line)
                        .ok()
                        .and_then(|request| request.get("id").cloned());
                    match id {
                        Some(id) => output::json_line(&json!({"id": id, "error": reason}))?,
                        None => output::json_line(&json!({"error": reason}))?,
                    }
                }
            }
        }
        Ok(Done::Completely)
    }

    fn answer(&self, requests: Vec<Request>) -> Result<(), Failure> {
        let (documents, ids): (Vec<Document>, Vec<Option<Value>>) = requests
            .into_iter()
            .map(|request| (Document::from_text(request.text), request.id))
            .unzip();
        let predictions = self.tagger.predict(&documents, &self.options, |_, _| ())?;
        let cut: usize = predictions
            .iter()
            .map(|prediction| prediction.cut_words)
            .sum();
        if cut > 0 {
            eprintln!("note: {cut} words are longer than a window; only their beginning was read");
        }
        for ((document, prediction), id) in documents.iter().zip(predictions).zip(ids) {
            let mut found = entities(&document.text, &prediction.spans);
            found.retain(|entity| entity.score.is_none_or(|score| score >= self.threshold));
            let mut reply = Map::new();
            if let Some(id) = id {
                reply.insert("id".into(), id);
            }
            reply.insert("text".into(), document.text.as_str().into());
            reply.insert("entities".into(), serde_json::to_value(found)?);
            output::json_line(&reply)?;
        }
        Ok(())
    }
}

/// Whether a line is meant as JSON: then a fault in it is told, and not taken for text.
fn is_record(line: &str) -> bool {
    matches!(
        serde_json::from_str(line),
        Ok(Value::Object(_) | Value::Array(_))
    )
}

/// A line as a record with `text`.
fn record(line: &str) -> Result<Request, String> {
    let value: Value =
        serde_json::from_str(line).map_err(|failure| format!("this is no JSON: {failure}"))?;
    match value {
        Value::Object(mut fields) => match fields.remove("text") {
            Some(Value::String(text)) => Ok(Request {
                text,
                id: fields.remove("id"),
            }),
            Some(other) => Err(format!("`text` is {other}, expected a string")),
            None => Err("there is no `text`".into()),
        },
        other => Err(format!("found {other}, expected an object")),
    }
}

fn source(path: &Path) -> Result<Box<dyn BufRead>, Failure> {
    if path != Path::new("-") {
        let file = File::open(path).map_err(Failure::file("read", path))?;
        return Ok(Box::new(BufReader::new(file)));
    }
    if io::stdin().is_terminal() {
        eprintln!("reading text from the terminal, one document per line; Ctrl-D ends it");
    }
    Ok(Box::new(BufReader::new(io::stdin())))
}

fn not_utf8(path: &Path, line: Option<usize>, byte: usize) -> Failure {
    let place = line.map_or_else(String::new, |line| format!(" line {line},"));
    Failure::new(
        format!("`{}`{place} byte {}: not UTF-8", path.display(), byte + 1),
        "save the file as UTF-8 and try again",
    )
}
