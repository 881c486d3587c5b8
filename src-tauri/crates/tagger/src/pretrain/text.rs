//! The text of a run: files read, some documents held out, all of them in windows.

use super::masking::Masking;
use crate::error::Error;
use crate::tokenizer::{Pieces, SPECIAL, Tokenizer};
use rand::SeedableRng;
use rand::seq::SliceRandom;
use rand_chacha::ChaCha8Rng;
use serde::Deserialize;
use std::fs;
use std::ops::Range;
use std::path::{Path, PathBuf};
use tagsmith_corpus::{
    Corpus, Document, FormatName, ReadError, ReadOptions, read, summaries, train_dev_split,
};
use tagsmith_protocol::{Event, PretrainConfig};

/// A window of a document, before it is masked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Passage {
    /// Piece ids, special pieces included.
    pub ids: Vec<u32>,
    /// The pieces of each word, as ranges of `ids`.
    pub words: Vec<Range<usize>>,
}

/// The text of a run.
#[derive(Debug, Default)]
pub struct Text {
    /// To learn from.
    pub train: Vec<Passage>,
    /// To see whether it helps.
    pub held_out: Vec<Passage>,
    /// Documents of both.
    pub documents: [usize; 2],
    /// Documents that give the model nothing to read or nothing to mask.
    pub empty_documents: usize,
    /// What the person should know.
    pub warnings: Vec<Event>,
}

/// Documents that are held out at least, where a fifth of all is more than that, and at most: more say no more.
const HELD_OUT: (usize, usize) = (20, 1000);

/// With fewer documents, windows are held out instead, so that a book can be learned from.
const FEW_DOCUMENTS: usize = 100;

/// There is nothing to learn from fewer windows than this.
const FEWEST_WINDOWS: usize = 10;

/// Documents that are tokenised together.
const TOGETHER: usize = 1000;

/// The files to read: those that were named, and in the place of a folder all that are directly in it.
///
/// # Errors
/// A folder cannot be read, or there is no file.
pub fn files(named: &[PathBuf]) -> Result<Vec<PathBuf>, Error> {
    let mut files = Vec::new();
    for path in named {
        if !path.is_dir() {
            files.push(path.clone());
            continue;
        }
        let entries = fs::read_dir(path).map_err(Error::reading(path))?;
        let inside = entries.flatten().map(|entry| entry.path());
        let is_hidden = |path: &Path| {
            let name = path.file_name().unwrap_or_default();
            name.to_string_lossy().starts_with('.')
        };
        let mut inside: Vec<PathBuf> = inside
            .filter(|path| path.is_file() && !is_hidden(path))
            .collect();
        if inside.is_empty() {
            return Err(nothing(path, "holds no file"));
        }
        inside.sort();
        files.append(&mut inside);
    }
    Ok(files)
}

fn nothing(path: &Path, what: impl Into<String>) -> Error {
    Error::NothingToLearn {
        path: path.into(),
        what: what.into(),
    }
}

/// Reads the files of a run, holds a part out, and splits all of it into windows of `length` word pieces.
///
/// # Errors
/// A file cannot be read, the tokenizer cannot treat a word, or there is too little text.
pub fn read_text(
    config: &PretrainConfig,
    tokenizer: &Tokenizer,
    masking: &Masking,
    length: usize,
) -> Result<Text, Error> {
    let mut text = Text::default();
    let mut documents = read_documents(config, &mut text.warnings)?;
    tokenizer.keep_added_tokens(&mut documents);
    let notes = tokenizer.notes().iter();
    let notes = notes.map(|note| Event::warning(note.code, &*note.message));
    text.warnings.extend(notes);
    let count = documents.len();
    let (train, held_out) = match count < FEW_DOCUMENTS {
        true => (documents, Vec::new()),
        false => {
            let (least, most) = HELD_OUT;
            let wanted = (count as f64 * config.held_out_share).round() as usize;
            let wanted = wanted.clamp(least.min(count / 5), most);
            train_dev_split(documents, wanted as f64 / count as f64, config.seed)
        }
    };
    text.documents = [train.len(), held_out.len()];
    let mut split = Split::default();
    text.train = split.passages(&train, tokenizer, masking, length)?;
    text.held_out = split.passages(&held_out, tokenizer, masking, length)?;
    text.empty_documents = split.empty_documents;
    text.warnings.extend(split.warnings(length));
    let first = config.text.first().map_or(Path::new(""), PathBuf::as_path);
    let all = text.train.len() + text.held_out.len();
    if all < FEWEST_WINDOWS {
        return Err(nothing(
            first,
            format!(
                "holds too little text: {all} windows of up to {length} word pieces that have something to mask, where {FEWEST_WINDOWS} are the least, and thousands are of use"
            ),
        ));
    }
    if text.held_out.is_empty() {
        text.hold_windows_out(config);
    }
    Ok(text)
}

impl Text {
    /// Holds windows out, at random and without regard to documents.
    fn hold_windows_out(&mut self, config: &PretrainConfig) {
        let count = self.train.len();
        let (least, most) = HELD_OUT;
        let wanted = (count as f64 * config.held_out_share).round() as usize;
        let wanted = wanted.clamp(least.min(count / 5).max(1), most);
        let mut order: Vec<usize> = (0..count).collect();
        order.shuffle(&mut ChaCha8Rng::seed_from_u64(config.seed));
        let mut is_held = vec![false; count];
        for index in &order[..wanted] {
            is_held[*index] = true;
        }
        let all = std::mem::take(&mut self.train).into_iter().zip(is_held);
        for (passage, is_held) in all {
            match is_held {
                true => self.held_out.push(passage),
                false => self.train.push(passage),
            }
        }
        self.warnings.push(Event::warning(
            "held-out",
            format!(
                "there are only {} documents: {wanted} of their {count} windows are held out instead of documents, and may be of the same documents as those that are learned",
                self.documents[0]
            ),
        ));
    }
}

fn read_documents(
    config: &PretrainConfig,
    warnings: &mut Vec<Event>,
) -> Result<Vec<Document>, Error> {
    let options = ReadOptions {
        // Labels are not looked at, so they cannot be wrong.
        drop_invalid: true,
        keep_overlaps: true,
        ..read_options(config)?
    };
    let mut documents = Vec::new();
    for path in &config.text {
        let corpus = read_or_plain(path, &options, warnings)?;
        let summaries = summaries(&corpus.issues).into_iter();
        warnings.extend(summaries.map(|(code, text)| Event::warning(code, text)));
        documents.extend(corpus.documents);
    }
    Ok(documents)
}

/// How the files of a run are read.
///
/// # Errors
/// The configuration says something else.
pub fn read_options(config: &PretrainConfig) -> Result<ReadOptions, Error> {
    if config.reading.is_null() {
        return Ok(ReadOptions::default());
    }
    ReadOptions::deserialize(&config.reading).map_err(|fault| Error::Setting {
        setting: "reading",
        found: config.reading.to_string(),
        expected: format!("how files are read: {fault}"),
    })
}

/// Reads a file. One that is no corpus of another format, and whose name does not say that it should be, is plain
/// text.
fn read_or_plain(
    path: &Path,
    options: &ReadOptions,
    warnings: &mut Vec<Event>,
) -> Result<Corpus, Error> {
    let failure = match read(path, options) {
        Ok(corpus) => return Ok(corpus),
        Err(failure) => failure,
    };
    let extension = path.extension().unwrap_or_default().to_string_lossy();
    let extension = extension.to_lowercase();
    let others = FormatName::ALL
        .into_iter()
        .filter(|format| *format != FormatName::Text);
    let is_named = others
        .flat_map(FormatName::extensions)
        .any(|other| **other == *extension);
    if is_named || options.format.is_some() || !matches!(failure, ReadError::NotACorpus { .. }) {
        return Err(failure.into());
    }
    warnings.push(Event::warning(
        "plain-text",
        format!(
            "`{}` is read as plain text, each line as a document",
            path.display()
        ),
    ));
    let plain = ReadOptions {
        format: Some(FormatName::Text),
        ..options.clone()
    };
    Ok(read(path, &plain)?)
}

/// Counts what happens while documents become windows.
#[derive(Default)]
struct Split {
    empty_documents: usize,
    split_documents: usize,
    split_words: usize,
}

impl Split {
    /// The windows of documents, in their order.
    fn passages(
        &mut self,
        documents: &[Document],
        tokenizer: &Tokenizer,
        masking: &Masking,
        length: usize,
    ) -> Result<Vec<Passage>, Error> {
        let mut all = Vec::new();
        for documents in documents.chunks(TOGETHER) {
            let words: Vec<Vec<&str>> = documents
                .iter()
                .map(|document| {
                    let words = 0..document.words.len();
                    words.map(|i| document.word_text(i)).collect()
                })
                .collect();
            let pieces = tokenizer
                .pieces(&words)
                .map_err(|reason| tokenizer.refusal(reason))?;
            for pieces in &pieces {
                let (mut passages, cut) = passages(pieces, length - SPECIAL, tokenizer);
                self.split_documents += usize::from(passages.len() > 1);
                self.split_words += cut;
                passages.retain(|passage| masking.applies_to(passage));
                self.empty_documents += usize::from(passages.is_empty());
                all.append(&mut passages);
            }
        }
        Ok(all)
    }

    fn warnings(&self, length: usize) -> impl Iterator<Item = Event> {
        let warning = move |code, count: usize, text: String| {
            (count > 0).then(|| Event::warning(code, format!("{count} {text}")))
        };
        [
            warning(
                "long-document",
                self.split_documents,
                format!("documents are longer than {length} word pieces and are read in several windows; nothing is left out"),
            ),
            warning(
                "long-word",
                self.split_words,
                "words are longer than a whole window and are read in parts".into(),
            ),
            warning(
                "empty-document",
                self.empty_documents,
                "documents have no word that the model can learn and are left out".into(),
            ),
        ]
        .into_iter()
        .flatten()
    }
}

/// The windows of one document, each of whole words and of `capacity` pieces at most, and how many words had to be
/// split.
fn passages(pieces: &Pieces, capacity: usize, tokenizer: &Tokenizer) -> (Vec<Passage>, usize) {
    let mut windows: Vec<Vec<Range<usize>>> = vec![Vec::new()];
    let mut cut = 0;
    let mut room = capacity;
    for word in pieces.words.iter().filter(|word| !word.is_empty()) {
        cut += usize::from(word.len() > capacity);
        for start in word.clone().step_by(capacity) {
            let part = start..word.end.min(start + capacity);
            if part.len() > room {
                windows.push(Vec::new());
                room = capacity;
            }
            room -= part.len();
            windows.last_mut().expect("there is one").push(part);
        }
    }
    let passage = |words: Vec<Range<usize>>| {
        let (first, last) = (words.first()?.start, words.last()?.end);
        Some(Passage {
            ids: tokenizer.wrap(&pieces.ids[first..last]),
            // The opening special piece stands before the first.
            words: words
                .iter()
                .map(|word| word.start - first + 1..word.end - first + 1)
                .collect(),
        })
    };
    (windows.into_iter().filter_map(passage).collect(), cut)
}
