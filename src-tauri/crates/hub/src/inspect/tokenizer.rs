//! The tokenizer of a model folder: which file, how many word pieces, and whether it keeps capitals.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use serde::{Deserialize, Serialize};
use serde_json::Value;

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

/// The parts of a `tokenizer.json` that are looked at.
#[derive(Deserialize)]
struct Fast {
    #[serde(default)]
    normalizer: Value,
    model: Model,
    #[serde(default)]
    added_tokens: Vec<Added>,
}

#[derive(Deserialize)]
struct Model {
    #[serde(rename = "type")]
    kind: Option<String>,
    vocab: Vocabulary,
}

#[derive(Deserialize)]
#[serde(untagged)]
enum Vocabulary {
    ById(BTreeMap<String, u64>),
    InOrder(Vec<Value>),
}

#[derive(Deserialize)]
struct Added {
    id: u64,
}

/// Describes the tokenizer in `folder`; what is wrong with it is added to `reasons`.
pub(super) fn read(folder: &Path, reasons: &mut Vec<String>) -> TokenizerSummary {
    // The engine looks in the same order.
    let fast = folder.join("tokenizer.json");
    if fast.exists() {
        return from_fast(&fast).unwrap_or_else(|reason| {
            reasons.push(format!("`tokenizer.json` is unusable: {reason}"));
            summary(TokenizerKind::Fast)
        });
    }
    let vocabulary = folder.join("vocab.txt");
    if vocabulary.exists() {
        return from_vocabulary(folder, &vocabulary).unwrap_or_else(|reason| {
            reasons.push(format!("`vocab.txt` is unusable: {reason}"));
            summary(TokenizerKind::Vocabulary)
        });
    }
    reasons.push("there is no tokenizer: neither `tokenizer.json` nor `vocab.txt`".into());
    summary(TokenizerKind::None)
}

fn summary(kind: TokenizerKind) -> TokenizerSummary {
    TokenizerSummary {
        kind,
        model: None,
        vocabulary: None,
        cased: None,
    }
}

fn from_fast(path: &Path) -> Result<TokenizerSummary, String> {
    let bytes = fs::read(path).map_err(|failure| failure.to_string())?;
    let fast: Fast = serde_json::from_slice(&bytes).map_err(|failure| failure.to_string())?;
    let pieces = match fast.model.vocab {
        Vocabulary::ById(ids) => ids.values().max().map_or(0, |id| id.saturating_add(1)),
        Vocabulary::InOrder(pieces) => pieces.len() as u64,
    };
    let added = fast
        .added_tokens
        .iter()
        .map(|token| token.id.saturating_add(1));
    Ok(TokenizerSummary {
        kind: TokenizerKind::Fast,
        model: fast.model.kind,
        vocabulary: Some(added.fold(pieces, u64::max)),
        cased: is_cased(&fast.normalizer),
    })
}

/// Whether a normalizer leaves capitals alone; a compiled one of SentencePiece does not say.
fn is_cased(normalizer: &Value) -> Option<bool> {
    match normalizer.get("type").and_then(Value::as_str) {
        None => Some(true),
        Some("BertNormalizer") => normalizer.get("lowercase")?.as_bool().map(|lower| !lower),
        Some("Lowercase") => Some(false),
        Some("Precompiled") => None,
        Some("Sequence") => {
            let parts = normalizer.get("normalizers")?.as_array()?;
            let parts: Vec<_> = parts.iter().map(is_cased).collect();
            match parts.contains(&Some(false)) {
                true => Some(false),
                false => parts.into_iter().collect::<Option<Vec<_>>>().map(|_| true),
            }
        }
        Some(_) => Some(true),
    }
}

fn from_vocabulary(folder: &Path, path: &Path) -> Result<TokenizerSummary, String> {
    let text = fs::read_to_string(path).map_err(|failure| failure.to_string())?;
    let pieces: Vec<&str> = text.lines().collect();
    if let Some(special) = ["[UNK]", "[CLS]", "[SEP]"]
        .into_iter()
        .find(|special| !pieces.contains(special))
    {
        return Err(format!("it lacks the piece `{special}`"));
    }
    let said = fs::read(folder.join("tokenizer_config.json"))
        .ok()
        .and_then(|bytes| serde_json::from_slice::<Value>(&bytes).ok())
        .and_then(|config| config.get("do_lower_case")?.as_bool());
    // Where nothing is said, a list without any capital letter was made from lower-cased text.
    let capitals = || {
        pieces
            .iter()
            .any(|piece| !piece.starts_with('[') && piece.chars().any(char::is_uppercase))
    };
    Ok(TokenizerSummary {
        kind: TokenizerKind::Vocabulary,
        model: Some("WordPiece".into()),
        vocabulary: Some(pieces.len() as u64),
        cased: Some(said.map_or_else(capitals, |lower| !lower)),
    })
}
