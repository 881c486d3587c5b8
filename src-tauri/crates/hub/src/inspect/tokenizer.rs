//! The tokenizer of a model folder: which file, how many word pieces, and whether it keeps capitals.

use std::path::Path;

use super::refused;
use serde::Serialize;
use tagsmith_checkpoint::Note;
use tagsmith_checkpoint::tokenizer::{Definition, SENTENCE_PIECE, Source};

/// The file that a tokenizer is read from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "bindings", derive(specta::Type))]
pub enum TokenizerKind {
    /// A fast tokenizer's `tokenizer.json`.
    #[serde(rename = "tokenizer.json")]
    Fast,
    /// BERT's `vocab.txt`, one word piece a line.
    #[serde(rename = "vocab.txt")]
    Vocabulary,
    /// RoBERTa's `vocab.json`, with `merges.txt`.
    #[serde(rename = "vocab.json")]
    Merges,
    /// SentencePiece's own file, for instance `spm.model`.
    #[serde(rename = "sentencepiece")]
    SentencePiece,
    /// There is none.
    #[serde(rename = "none")]
    None,
}

/// What a model's tokenizer is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "bindings", derive(specta::Type))]
pub struct TokenizerSummary {
    /// The file it is read from.
    pub kind: TokenizerKind,
    /// Its algorithm, for instance `WordPiece`.
    pub model: Option<String>,
    /// Word pieces, counted as the highest id and one.
    pub vocabulary: Option<u64>,
    /// Whether it is cased: distinguishes capital from small letters; unknown for some kinds.
    pub cased: Option<bool>,
}

/// Describes the tokenizer beside a model with so many rows of word embeddings; why it cannot be used
/// becomes one of `reasons`.
pub(super) fn read(
    folder: &Path,
    rows: Option<u64>,
    reasons: &mut Vec<String>,
) -> (TokenizerSummary, Vec<Note>) {
    let definition = match Definition::read(folder) {
        Ok(definition) => definition,
        Err(refusal) => {
            reasons.push(refused(&refusal));
            return (summary(kind(folder)), Vec::new());
        }
    };
    reasons.extend(rows.and_then(|rows| definition.beyond(rows)));
    let found = TokenizerSummary {
        kind: match definition.source {
            Source::Whole => TokenizerKind::Fast,
            Source::WordList => TokenizerKind::Vocabulary,
            Source::Merges => TokenizerKind::Merges,
            Source::SentencePiece => TokenizerKind::SentencePiece,
        },
        model: Some(definition.kind().to_owned()),
        vocabulary: Some(definition.pieces as u64),
        cased: definition.cased(),
    };
    (found, definition.notes)
}

/// The file that there is, of a tokenizer that cannot be used.
fn kind(folder: &Path) -> TokenizerKind {
    let has = |name: &str| folder.join(name).exists();
    match () {
        () if has("tokenizer.json") => TokenizerKind::Fast,
        () if has("vocab.json") => TokenizerKind::Merges,
        () if has("vocab.txt") => TokenizerKind::Vocabulary,
        () if SENTENCE_PIECE.into_iter().any(has) => TokenizerKind::SentencePiece,
        () => TokenizerKind::None,
    }
}

fn summary(kind: TokenizerKind) -> TokenizerSummary {
    TokenizerSummary {
        kind,
        model: None,
        vocabulary: None,
        cased: None,
    }
}
