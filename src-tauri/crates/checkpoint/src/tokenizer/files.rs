//! The files of a checkpoint's tokenizer, as they lie in its folder.

use super::check::settle;
use super::class::{Choice, Class, choose};
use super::sentencepiece::{self, SENTENCE_PIECE, SentencePiece};
use super::{Refusal, parts};
use crate::families;
use serde_json::{Map, Value, json};
use std::fs::{self, File};
use std::io::{ErrorKind, Read};
use std::path::Path;

/// The file that a tokenizer's pieces are read from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Source {
    /// `tokenizer.json`.
    Whole,
    /// BERT's `vocab.txt`, one word piece a line.
    WordList,
    /// RoBERTa's `vocab.json` and `merges.txt`.
    Merges,
    /// SentencePiece's own file, for instance `spm.model`.
    SentencePiece,
}

impl Source {
    /// Which of the files with these names a class reads, and the name of the first.
    pub(super) fn among(
        class: Class,
        has: impl Fn(&str) -> bool,
    ) -> Result<(Self, &'static str), Refusal> {
        let lists = [(Self::Merges, "vocab.json"), (Self::WordList, "vocab.txt")];
        let pieces = SENTENCE_PIECE.map(|name| (Self::SentencePiece, name));
        let mut all = vec![(Self::Whole, WHOLE)];
        match parts::kind(class) {
            Some("Unigram") => all.extend(pieces.into_iter().chain(lists)),
            _ => all.extend(lists.into_iter().chain(pieces)),
        }
        let (source, name) = all.into_iter().find(|(_, name)| has(name)).ok_or_else(|| {
            Refusal::new(
                NONE,
                "a model folder needs tokenizer.json, vocab.txt, vocab.json with merges.txt, or a file of SentencePiece such as spm.model beside its config.json",
            )
        })?;
        match source == Self::Merges && !has("merges.txt") {
            true => Err(Refusal::new(
                "there is a `vocab.json` without its `merges.txt`",
                "fetch the model's other files as well",
            )),
            false => Ok((source, name)),
        }
    }

    /// The kind of model that it holds; `None` where it may be any.
    pub(super) fn kind(self) -> Option<&'static str> {
        match self {
            Self::Whole => None,
            Self::WordList => Some("WordPiece"),
            Self::Merges => Some("BPE"),
            Self::SentencePiece => Some("Unigram"),
        }
    }
}

/// What is said where [`has_pieces`] finds nothing.
pub const NONE: &str = "there is no tokenizer: no tokenizer.json, no vocab.txt, no vocab.json with merges.txt, no file of SentencePiece";

/// The file with a tokenizer's settings.
pub const CONFIG: &str = "tokenizer_config.json";
pub(super) const ADDED: &str = "added_tokens.json";
pub(super) const SPECIAL: &str = "special_tokens_map.json";
pub(super) const WHOLE: &str = "tokenizer.json";

/// Every file that a tokenizer may be read from.
pub const FILES: [&str; 11] = {
    let [a, b, c, d] = SENTENCE_PIECE;
    [
        WHOLE,
        CONFIG,
        SPECIAL,
        ADDED,
        "vocab.txt",
        "vocab.json",
        "merges.txt",
        a,
        b,
        c,
        d,
    ]
};

/// What the files say. Those that are absent are empty.
pub(super) struct Files {
    pub config: Map<String, Value>,
    pub special: Map<String, Value>,
    pub added: Map<String, Value>,
    /// The class that they name.
    pub choice: Choice,
    /// `tokenizer.json`, or the part of one that the other files make.
    pub whole: Value,
    pub source: Source,
    /// What SentencePiece's own file says beside its pieces, where it is the source.
    pub sentence_piece: Option<SentencePiece>,
}

impl Files {
    pub fn read(folder: &Path) -> Result<Self, Refusal> {
        let config = object(folder, CONFIG)?;
        let choice = class_of(&object(folder, "config.json")?, &config)?;
        let (source, name) = Source::among(choice.class, |name| folder.join(name).exists())?;
        let mut sentence_piece = None;
        let whole = match source {
            Source::Whole => whole(folder)?,
            Source::WordList => word_list(folder)?,
            Source::Merges => pairs(folder)?,
            Source::SentencePiece => {
                let bytes = bytes(folder, name, sentencepiece::LARGEST)?;
                let (whole, rest) = sentencepiece::read(name, &bytes)?;
                sentence_piece = Some(rest);
                whole
            }
        };
        Ok(Self {
            special: object(folder, SPECIAL)?,
            added: object(folder, ADDED)?,
            choice: settle(choice, source, name)?,
            config,
            whole,
            source,
            sentence_piece,
        })
    }
}

/// The class that `config.json` and `tokenizer_config.json` name.
pub(super) fn class_of(
    model: &Map<String, Value>,
    config: &Map<String, Value>,
) -> Result<Choice, Refusal> {
    let text = |value: Option<&Value>| value.and_then(Value::as_str).map(str::to_owned);
    // Early BERT checkpoints give no model type, only their class.
    let by_architecture = || {
        let class = model.get("architectures")?.get(0)?.as_str()?;
        Some(families::of_class(class)?.model_type.to_owned())
    };
    let model_type = text(model.get("model_type")).or_else(by_architecture);
    let class = text(config.get("tokenizer_class")).or_else(|| text(model.get("tokenizer_class")));
    let own_code = config.contains_key("auto_map");
    choose(model_type.as_deref(), class.as_deref(), own_code)
}

/// Whether files of these names hold pieces that can be read.
pub fn has_pieces(has: impl Fn(&str) -> bool) -> bool {
    has(WHOLE)
        || has("vocab.txt")
        || has("vocab.json") && has("merges.txt")
        || SENTENCE_PIECE.into_iter().any(has)
}

fn whole(folder: &Path) -> Result<Value, Refusal> {
    let text = text(folder, WHOLE)?.unwrap_or_default();
    let whole: Value = serde_json::from_str(&text).map_err(|failure| bad(WHOLE, failure))?;
    match whole["model"].is_object() {
        true => Ok(whole),
        false => Err(bad(WHOLE, "it has no `model`")),
    }
}

fn pairs(folder: &Path) -> Result<Value, Refusal> {
    let pairs = text(folder, "vocab.json")?.unwrap_or_default();
    let vocabulary: Value =
        serde_json::from_str(&pairs).map_err(|failure| bad("vocab.json", failure))?;
    let merges = text(folder, "merges.txt")?.unwrap_or_default();
    let model = json!({"type": "BPE", "vocab": vocabulary, "merges": self::merges(&merges)});
    Ok(json!({"model": model}))
}

fn word_list(folder: &Path) -> Result<Value, Refusal> {
    let list = text(folder, "vocab.txt")?.unwrap_or_default();
    // A piece that is listed twice has the later number, as in transformers.
    let vocabulary: Map<String, Value> = (0..)
        .zip(list.lines())
        .map(|(id, piece)| (piece.trim_end().to_owned(), Value::from(id)))
        .collect();
    Ok(json!({"model": {"type": "WordPiece", "vocab": vocabulary}}))
}

/// The pairs of a `merges.txt`, one a line, under a first line that names its version.
fn merges(text: &str) -> Vec<&str> {
    let lines = text.lines().map(str::trim_end);
    lines
        .filter(|line| !line.is_empty() && !line.starts_with("#version"))
        .collect()
}

/// A file's text, or `None` where there is no such file.
fn text(folder: &Path, name: &str) -> Result<Option<String>, Refusal> {
    match fs::read(folder.join(name)) {
        Ok(bytes) => match String::from_utf8(bytes) {
            Ok(text) => Ok(Some(text)),
            Err(failure) => Err(bad(name, failure.utf8_error())),
        },
        Err(failure) if failure.kind() == ErrorKind::NotFound => Ok(None),
        Err(failure) => Err(bad(name, failure)),
    }
}

/// A file's bytes, no more than `largest`.
fn bytes(folder: &Path, name: &str, largest: u64) -> Result<Vec<u8>, Refusal> {
    let mut bytes = Vec::new();
    File::open(folder.join(name))
        .and_then(|file| file.take(largest + 1).read_to_end(&mut bytes))
        .map_err(|failure| bad(name, failure))?;
    match bytes.len() as u64 > largest {
        true => Err(bad(name, format!("it has more than {} MiB", largest >> 20))),
        false => Ok(bytes),
    }
}

/// A file's JSON object, empty where there is no such file.
fn object(folder: &Path, name: &str) -> Result<Map<String, Value>, Refusal> {
    let Some(text) = text(folder, name)? else {
        return Ok(Map::new());
    };
    parse_object(name, text.as_bytes())
}

/// The JSON object that a file of this name holds.
pub(super) fn parse_object(name: &str, bytes: &[u8]) -> Result<Map<String, Value>, Refusal> {
    match serde_json::from_slice(bytes) {
        Ok(Value::Object(object)) => Ok(object),
        Ok(_) => Err(bad(name, "it is no JSON object")),
        Err(failure) => Err(bad(name, failure)),
    }
}

/// A file that cannot be used.
pub(super) fn bad(name: &str, reason: impl std::fmt::Display) -> Refusal {
    Refusal::new(
        format!("`{name}` is unusable: {reason}"),
        format!("fetch the model's {name} again, or correct it"),
    )
}
