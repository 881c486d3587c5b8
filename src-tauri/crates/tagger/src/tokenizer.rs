//! Words to word pieces with a model's own tokenizer.

use crate::error::Error;
use std::collections::HashSet;
use std::ops::Range;
use std::path::{Path, PathBuf};
use tagsmith_checkpoint::Note;
use tagsmith_checkpoint::tokenizer::Definition;
use tagsmith_corpus::{Document, check, words};
use tokenizers::{InputSequence, OffsetReferential, OffsetType, Tokenizer as Inner};

/// A model's tokenizer.
pub struct Tokenizer {
    folder: PathBuf,
    inner: Inner,
    /// What it was built from, without the document.
    definition: Definition,
    /// Ids of added tokens that stay whole in a running text: all but the special pieces that
    /// each model has, such as `[SEP]`, which a text seldom means.
    placeholders: Vec<u32>,
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
    /// Opens the tokenizer of a model folder, as [`Definition::read`] finds it.
    ///
    /// # Errors
    /// Its files are absent, damaged, or of a kind that is not known here.
    pub fn from_folder(folder: &Path) -> Result<Self, Error> {
        let failed = |reason: String, hint: Option<String>| Error::Tokenizer {
            folder: folder.into(),
            reason,
            hint,
        };
        let mut definition = Definition::read(folder)
            .map_err(|refusal| failed(refusal.reason, Some(refusal.hint)))?;
        let document = serde_json::to_vec(&definition.document.take())
            .map_err(|failure| failed(failure.to_string(), None))?;
        let mut inner = Inner::from_bytes(document)
            .map_err(|failure| failed(format!("`tokenizer.json` is unusable: {failure}"), None))?;
        inner.set_encode_special_tokens(definition.splits_special);
        let added = inner.get_added_vocabulary().get_vocab();
        let placeholders = added.iter().filter(|(text, _)| !definition.is_role(text));
        Ok(Self {
            folder: folder.into(),
            placeholders: placeholders.map(|(_, id)| *id).collect(),
            inner,
            definition,
        })
    }

    /// What a person should know of it.
    pub fn notes(&self) -> &[Note] {
        &self.definition.notes
    }

    /// What it was built from; the document is [`Tokenizer::to_json`]'s.
    pub(crate) fn definition(&self) -> &Definition {
        &self.definition
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

    /// Splits texts into words again where no file gave the words, so that each added token, such as a
    /// placeholder `[NAME]`, is a word.
    pub fn keep_added_tokens(&self, documents: &mut [Document]) {
        if self.placeholders.is_empty() {
            return;
        }
        for document in documents
            .iter_mut()
            .filter(|document| !document.words_given)
        {
            let whole = self.added_tokens(&document.text);
            if !whole.is_empty() {
                document.words = words::split_around(&document.text, &whole);
            }
        }
    }

    /// Where added tokens stand in a text, by the rules of the tokenizer, without blanks around them.
    fn added_tokens(&self, text: &str) -> Vec<Range<usize>> {
        let added = self.inner.get_added_vocabulary();
        let found = added.extract_and_normalize(self.inner.get_normalizer(), text);
        let splits = found.get_splits(OffsetReferential::Original, OffsetType::Byte);
        let tokens = splits.into_iter().filter_map(|(_, (start, end), tokens)| {
            let [token] = tokens.as_ref()?.as_slice() else {
                return None;
            };
            let inside = text.get(start..end)?;
            let start = end - inside.trim_start().len();
            let range = start..start + inside.trim().len();
            (self.placeholders.contains(&token.id) && !range.is_empty()).then_some(range)
        });
        tokens.collect()
    }

    /// The error of a tokenizer that cannot be used, for this reason.
    pub fn refusal(&self, reason: String) -> Error {
        Error::Tokenizer {
            folder: self.folder.clone(),
            reason,
            hint: None,
        }
    }

    /// The piece that stands for what the vocabulary does not have, where there is one.
    pub fn unknown(&self) -> Option<u32> {
        self.definition.unknown
    }

    /// The piece that stands for a masked one, where there is one.
    pub fn mask(&self) -> Option<u32> {
        let mut special = self.definition.special.iter();
        let (_, text) = special.find(|(key, _)| key == "mask_token")?;
        self.inner.token_to_id(text)
    }

    /// The pieces that are no part of a text: special ones, and the unknown one.
    pub fn special_ids(&self) -> HashSet<u32> {
        let special = self.definition.special.iter();
        let ids = special.filter_map(|(_, text)| self.inner.token_to_id(text));
        ids.chain(self.unknown()).collect()
    }

    /// Added tokens, special pieces among them.
    pub fn added_ids(&self) -> HashSet<u32> {
        let added = self.inner.get_added_vocabulary().get_vocab();
        added.values().copied().collect()
    }

    /// The pieces as a whole sequence, special pieces around them.
    pub fn wrap(&self, pieces: &[u32]) -> Vec<u32> {
        let mut ids = Vec::with_capacity(pieces.len() + SPECIAL);
        ids.push(self.definition.opening);
        ids.extend_from_slice(pieces);
        ids.push(self.definition.closing);
        ids
    }

    /// The highest id of a piece, and one.
    pub fn vocabulary_size(&self) -> usize {
        self.definition.pieces
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
