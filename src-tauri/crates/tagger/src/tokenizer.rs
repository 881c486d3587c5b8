//! Words to word pieces with a model's own tokenizer, its built-in truncation and padding reset.

use crate::error::Error;
use serde_json::Value;
use std::ops::Range;
use std::path::{Path, PathBuf};
use tagsmith_corpus::check;
use tokenizers::models::wordpiece::WordPiece;
use tokenizers::normalizers::BertNormalizer;
use tokenizers::pre_tokenizers::bert::BertPreTokenizer;
use tokenizers::processors::bert::BertProcessing;
use tokenizers::{InputSequence, Tokenizer as Inner};

/// A model's tokenizer.
pub struct Tokenizer {
    folder: PathBuf,
    inner: Inner,
    /// Pieces that open a sequence, for BERT `[CLS]`.
    first: u32,
    /// Pieces that close a sequence, for BERT `[SEP]`.
    last: u32,
}

/// The word pieces of one document, without special pieces.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Pieces {
    /// Piece ids of all words, one after the other.
    pub ids: Vec<u32>,
    /// For each word its pieces as a range of `ids`; empty for a word that gives none.
    pub words: Vec<Range<usize>>,
}

impl Tokenizer {
    /// Opens the tokenizer of a model folder: `tokenizer.json`, else `vocab.txt`.
    ///
    /// A fast tokenizer's file may carry truncation and padding from the work it was made for; both
    /// would remove labels silently, so both are reset.
    ///
    /// # Errors
    /// Neither file is there, one is damaged, or it closes sequences as BERT does not.
    pub fn from_folder(folder: &Path) -> Result<Self, Error> {
        let failed = |reason: String| Error::Tokenizer {
            folder: folder.into(),
            reason,
        };
        let fast = folder.join("tokenizer.json");
        let vocabulary = folder.join("vocab.txt");
        let mut inner = if fast.exists() {
            Inner::from_file(&fast)
                .map_err(|failure| failed(format!("tokenizer.json: {failure}")))?
        } else if vocabulary.exists() {
            from_vocabulary(folder, &vocabulary)
                .map_err(|failure| failed(format!("vocab.txt: {failure}")))?
        } else {
            return Err(failed("there is no tokenizer.json and no vocab.txt".into()));
        };
        inner.with_padding(None);
        inner
            .with_truncation(None)
            .map_err(|failure| failed(failure.to_string()))?;
        let empty = inner
            .encode("", true)
            .map_err(|failure| failed(failure.to_string()))?;
        let [first, last] = *empty.get_ids() else {
            return Err(failed(format!(
                "it adds {} special pieces to a sequence, expected 2",
                empty.get_ids().len()
            )));
        };
        Ok(Self {
            folder: folder.into(),
            inner,
            first,
            last,
        })
    }

    /// The word pieces of each list of words, in the same order.
    ///
    /// # Errors
    /// The tokenizer's model cannot treat a word, for instance because it has no unknown piece.
    pub fn pieces(&self, documents: &[Vec<&str>]) -> Result<Vec<Pieces>, String> {
        let inputs: Vec<InputSequence> = documents
            .iter()
            .map(|words| InputSequence::from(words.as_slice()))
            .collect();
        let encodings = self
            .inner
            .encode_batch(inputs, false)
            .map_err(|failure| failure.to_string())?;
        Ok(encodings
            .iter()
            .zip(documents)
            .map(|(encoding, words)| {
                align(encoding.get_ids(), encoding.get_word_ids(), words.len())
            })
            .collect())
    }

    /// The error of a tokenizer that cannot be used, for this reason.
    pub fn refusal(&self, reason: String) -> Error {
        Error::Tokenizer {
            folder: self.folder.clone(),
            reason,
        }
    }

    /// The piece that stands for what the vocabulary does not have, where there is one.
    pub fn unknown(&self) -> Option<u32> {
        let names = ["[UNK]", "<unk>"];
        names.iter().find_map(|name| self.inner.token_to_id(name))
    }

    /// The pieces as a whole sequence, special pieces around them.
    pub fn wrap(&self, pieces: &[u32]) -> Vec<u32> {
        let mut ids = Vec::with_capacity(pieces.len() + SPECIAL);
        ids.push(self.first);
        ids.extend_from_slice(pieces);
        ids.push(self.last);
        ids
    }

    /// Pieces in the vocabulary.
    pub fn vocabulary_size(&self) -> usize {
        self.inner.get_vocab_size(true)
    }

    /// Writes `tokenizer.json`, without truncation and padding.
    ///
    /// # Errors
    /// The file system refused.
    pub fn to_json(&self) -> Result<String, String> {
        self.inner
            .to_string(true)
            .map_err(|failure| failure.to_string())
    }
}

/// Each word is looked at alone, as words are where a document is tokenised.
impl check::Pieces for Tokenizer {
    fn pieces(&self, words: &[&str]) -> Result<Vec<check::WordPieces>, String> {
        // One sequence for all words would be as good, but not as parallel.
        const TOGETHER: usize = 512;
        let unknown = self.unknown();
        let lists: Vec<Vec<&str>> = words.chunks(TOGETHER).map(<[&str]>::to_vec).collect();
        let pieces = self.pieces(&lists)?;
        let each = |pieces: &Pieces, word: &Range<usize>| check::WordPieces {
            pieces: word.len(),
            unknown: pieces.ids[word.clone()]
                .iter()
                .filter(|id| Some(**id) == unknown)
                .count(),
        };
        Ok(pieces
            .iter()
            .flat_map(|pieces| pieces.words.iter().map(move |word| each(pieces, word)))
            .collect())
    }
}

/// Special pieces that [`Tokenizer::wrap`] adds to a sequence.
pub const SPECIAL: usize = 2;

fn align(ids: &[u32], word_ids: &[Option<u32>], words: usize) -> Pieces {
    let mut ranges = vec![0..0; words];
    for (piece, word) in word_ids.iter().enumerate() {
        if let Some(word) = word {
            let range = &mut ranges[*word as usize];
            if range.start == range.end {
                *range = piece..piece + 1;
            } else {
                range.end = piece + 1;
            }
        }
    }
    Pieces {
        ids: ids.to_vec(),
        words: ranges,
    }
}

/// BERT's tokenizer from its word list alone.
fn from_vocabulary(folder: &Path, path: &Path) -> Result<Inner, tokenizers::Error> {
    let file = path.to_string_lossy();
    let model = WordPiece::from_file(&file)
        .unk_token("[UNK]".into())
        .build()?;
    let mut inner = Inner::new(model);
    let id = |inner: &Inner, piece: &str| {
        inner
            .token_to_id(piece)
            .map(|id| (piece.to_owned(), id))
            .ok_or_else(|| format!("it lacks the piece `{piece}`"))
    };
    let (separator, opening) = (id(&inner, "[SEP]")?, id(&inner, "[CLS]")?);
    let settings = configuration(folder);
    let lowercase = is_uncased(&settings, &inner);
    let chinese = settings["tokenize_chinese_chars"].as_bool().unwrap_or(true);
    let accents = settings["strip_accents"].as_bool();
    inner
        .with_normalizer(Some(BertNormalizer::new(true, chinese, accents, lowercase)))?
        .with_pre_tokenizer(Some(BertPreTokenizer))
        .with_post_processor(Some(BertProcessing::new(separator, opening)));
    for special in ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"] {
        if inner.token_to_id(special).is_some() {
            inner.add_special_tokens([tokenizers::AddedToken::from(special, true)])?;
        }
    }
    Ok(inner)
}

/// `tokenizer_config.json`, empty where there is none.
fn configuration(folder: &Path) -> Value {
    std::fs::read_to_string(folder.join("tokenizer_config.json"))
        .ok()
        .and_then(|text| serde_json::from_str(&text).ok())
        .unwrap_or_default()
}

/// Whether text is lower-cased: as `tokenizer_config.json` says, else whether the word list holds no
/// upper-case letter at all.
fn is_uncased(settings: &Value, inner: &Inner) -> bool {
    settings["do_lower_case"].as_bool().unwrap_or_else(|| {
        !inner
            .get_vocab(false)
            .keys()
            .any(|piece| !piece.starts_with('[') && piece.chars().any(char::is_uppercase))
    })
}
