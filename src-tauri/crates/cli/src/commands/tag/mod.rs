//! `tagsmith tag`: text in, one JSON line with entities out for each document, in order.

mod reading;
mod shard;
mod shards;

pub use shard::Shard;

use crate::args::Tag;
use crate::commands::evaluate::{open, predict_options};
use crate::commands::model_folder;
use crate::error::CommandError;
use crate::{Done, output, outputs, signal};
use reading::{Sentence, parsed, record};
use serde_json::Value;
use shard::Part;
use std::fs;
use std::io::{self, BufRead, Write};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use tagsmith_corpus::{Document, give_context};
use tagsmith_files::write_atomically;
use tagsmith_protocol::TagReply;
use tagsmith_tagger::evaluate::entities;
use tagsmith_tagger::{PredictOptions, Tagger};

/// Documents that are read before they are predicted together.
const CHUNK: usize = 512;
/// Or so many bytes of text, whichever comes first: long documents are answered a few at a time.
const CHUNK_BYTES: usize = 1 << 18;

pub fn run(args: &Tag, json: bool) -> Result<Done, CommandError> {
    if let Some((shards, out)) = args.shards.zip(args.out.as_deref()) {
        return shards::run(args, out, shards, json);
    }
    args.running.refuse("--shards")?;
    if let Some(out) = &args.out {
        refuse_to_overwrite(args, out)?;
    }
    let input = Input::of(args)?;
    let job = Job {
        tagger: open(&args.predicting, args.progress)?,
        options: predict_options(&args.predicting),
        threshold: args.threshold,
        stop: Arc::default(),
    };
    match &args.out {
        _ if args.stream => job.stream(),
        None => job.answer_all(&input, &mut io::stdout()),
        Some(path) => {
            signal::listen(&job.stop, "stopping; nothing is written");
            into_file(path, |out| match job.answer_all(&input, out) {
                Err(_) if job.is_stopped() => Ok(Done::Stopped),
                ended => ended,
            })
        }
    }
}

/// Refuses an output that would replace what is read, or what is there.
fn refuse_to_overwrite(args: &Tag, out: &Path) -> Result<(), CommandError> {
    let model = model_folder(&args.predicting.model)?;
    let files = input_files(args)?;
    let files = files.iter().chain([&model]).map(PathBuf::as_path);
    outputs::check(out, &files.collect::<Vec<_>>(), args.force)
}

/// Writes a file that is there when all of it is.
fn into_file(
    path: &Path,
    fill: impl FnOnce(&mut dyn Write) -> Result<Done, CommandError>,
) -> Result<Done, CommandError> {
    let mut unfinished = None;
    let written = write_atomically(path, |out| match fill(out) {
        Ok(Done::Completely) => Ok(()),
        other => {
            unfinished = Some(other);
            Err(io::Error::other("it is not finished"))
        }
    });
    match unfinished {
        Some(other) => other,
        None => {
            written.map_err(CommandError::file("write", path))?;
            Ok(Done::Completely)
        }
    }
}

/// Files, each with the part of it that is read.
struct Input {
    files: Vec<(PathBuf, Part)>,
    whole: bool,
}

impl Input {
    fn of(args: &Tag) -> Result<Self, CommandError> {
        let files = input_files(args)?;
        let parts = match args.shard {
            Some(shard) => shard.parts(&sizes(&files)?),
            None => vec![Part::ALL; files.len()],
        };
        Ok(Self {
            files: files.into_iter().zip(parts).collect(),
            whole: args.whole,
        })
    }
}

/// The files to read, in order.
fn input_files(args: &Tag) -> Result<Vec<PathBuf>, CommandError> {
    let Some(list) = &args.files_from else {
        return Ok(match args.files.is_empty() {
            true => vec![PathBuf::from("-")],
            false => args.files.clone(),
        });
    };
    let names = fs::read_to_string(list).map_err(CommandError::file("read", list))?;
    let names: Vec<PathBuf> = names
        .lines()
        .filter(|name| !name.is_empty())
        .map(PathBuf::from)
        .collect();
    match names.is_empty() {
        true => Err(CommandError::new(
            format!("`{}` names no file", list.display()),
            "write the name of a file on each line",
        )),
        false => Ok(names),
    }
}

/// The sizes in bytes of what is to be cut into shards.
fn sizes(files: &[PathBuf]) -> Result<Vec<u64>, CommandError> {
    let size = |path: &PathBuf| match fs::metadata(path) {
        _ if path == Path::new("-") => Err(CommandError::new(
            "standard input cannot be read in shards",
            "write it to a file first, and name that",
        )),
        Ok(there) if !there.is_file() => Err(CommandError::new(
            format!("`{}` is not a regular file", path.display()),
            "shards are parts of regular files; name those",
        )),
        there => Ok(there.map_err(CommandError::file("read", path))?.len()),
    };
    files.iter().map(size).collect()
}

struct Job {
    tagger: Tagger,
    options: PredictOptions,
    threshold: f32,
    stop: Arc<AtomicBool>,
}

impl Job {
    fn is_stopped(&self) -> bool {
        self.stop.load(Ordering::Relaxed)
    }

    /// Answers the whole input, in order.
    fn answer_all(&self, input: &Input, out: &mut dyn Write) -> Result<Done, CommandError> {
        for (path, part) in &input.files {
            let context = self.tagger.context > 0;
            let mut waiting = Vec::new();
            let mut bytes = 0;
            let mut take = |sentence: Sentence| {
                bytes += sentence.text.len();
                waiting.push(sentence);
                // Any sentence may be the context of another one.
                match (waiting.len() >= CHUNK || bytes >= CHUNK_BYTES) && !context {
                    true => {
                        bytes = 0;
                        self.answer(std::mem::take(&mut waiting), out)
                    }
                    false => Ok(()),
                }
            };
            match input.whole {
                true => reading::whole(path, *part, &mut take)?,
                false => reading::lines(path, *part, context, &mut take)?,
            }
            self.answer(waiting, out)?;
        }
        Ok(Done::Completely)
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
                Ok(request) => self.answer(vec![request], &mut io::stdout())?,
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

    fn answer(&self, sentences: Vec<Sentence>, out: &mut dyn Write) -> Result<(), CommandError> {
        let (mut documents, about): (Vec<Document>, Vec<_>) = sentences
            .into_iter()
            .map(|sentence| {
                let document = Document {
                    group: sentence.group,
                    ..Document::from_text(sentence.text)
                };
                (document, (sentence.id, sentence.is_context))
            })
            .unzip();
        if self.tagger.context > 0 && documents.iter().any(|document| document.group.is_some()) {
            give_context(&mut documents);
        }
        let (mut documents, ids): (Vec<Document>, Vec<Option<Value>>) = documents
            .into_iter()
            .zip(about)
            .filter(|(_, (_, is_context))| !is_context)
            .map(|(document, (id, _))| (document, id))
            .unzip();
        self.tagger.tokenizer.keep_added_tokens(&mut documents);
        for (documents, ids) in documents.chunks(CHUNK).zip(ids.chunks(CHUNK)) {
            self.predict(documents, ids, out)?;
        }
        Ok(out.flush()?)
    }

    /// Writes what is found in documents that are predicted together.
    fn predict(
        &self,
        documents: &[Document],
        ids: &[Option<Value>],
        out: &mut dyn Write,
    ) -> Result<(), CommandError> {
        if self.is_stopped() {
            return Err(CommandError::plain("it was asked to stop"));
        }
        let predictions = self.tagger.predict(documents, &self.options, |_, _| ())?;
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
            let reply = TagReply::Found {
                id: id.clone(),
                text: document.text.clone(),
                entities: found,
            };
            output::json_line_into(out, &reply)?;
        }
        Ok(())
    }
}
