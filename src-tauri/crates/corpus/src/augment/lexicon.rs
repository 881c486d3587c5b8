//! What can take the place of a mention or of a word: what the documents have with the same label or tag, and
//! the mentions of a list.

use std::collections::{BTreeMap, BTreeSet};

use super::ListedMention;
use super::pieces::Pieces;
use crate::document::{Document, Word};
use crate::words;

/// The words of an entity.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Mention {
    pub text: String,
    /// Ranges of its text.
    pub words: Vec<(usize, usize)>,
}

impl Mention {
    /// One of a list, its words found by [`words::split`].
    fn of_text(text: String) -> Self {
        let words = words::split(&text).into_iter();
        Self {
            words: words.map(|Word { start, end }| (start, end)).collect(),
            text,
        }
    }

    /// The words from `first` to before `end`.
    fn of_words(document: &Document, first: usize, end: usize) -> Self {
        let words = &document.words[first..end];
        let from = words[0].start;
        let to = words[words.len() - 1].end;
        Self {
            text: document.text[from..to].into(),
            words: words
                .iter()
                .map(|w| (w.start - from, w.end - from))
                .collect(),
        }
    }
}

/// A label, and whether its entity begins with the word; `None` outside entities.
type TagOf = Option<(String, bool)>;

/// What can take the place of what.
pub(super) struct Lexicon<'a> {
    /// By label: each once, sorted by text.
    mentions: BTreeMap<String, Vec<Mention>>,
    /// By tag: all of them, so that frequent words stay frequent.
    tokens: BTreeMap<TagOf, Vec<&'a str>>,
    /// Labels of the list that no document has.
    pub unknown_labels: Vec<String>,
}

impl<'a> Lexicon<'a> {
    /// Of these documents and this list; the words only where they are wanted.
    pub fn new(documents: &'a [Document], listed: Vec<ListedMention>, with_tokens: bool) -> Self {
        let mut mentions: BTreeMap<String, BTreeMap<String, Mention>> = BTreeMap::new();
        for document in documents {
            for span in document.word_spans().spans {
                let mention = Mention::of_words(document, span.first, span.end);
                let of_label = mentions.entry(span.label).or_default();
                if !mention.text.trim().is_empty() {
                    of_label.entry(mention.text.clone()).or_insert(mention);
                }
            }
        }
        let mut unknown = BTreeSet::new();
        for ListedMention { label, text } in listed {
            match mentions.get_mut(&label) {
                Some(of_label) => {
                    let mention = || Mention::of_text(text.clone());
                    of_label.entry(text.clone()).or_insert_with(mention);
                }
                None => _ = unknown.insert(label),
            }
        }
        let mut tokens: BTreeMap<TagOf, Vec<&str>> = BTreeMap::new();
        for document in documents.iter().filter(|_| with_tokens) {
            let pieces = Pieces::of(document);
            for at in 0..document.words.len() {
                let word = document.word_text(at);
                if !word.is_empty() {
                    tokens.entry(owned(pieces.tag(at))).or_default().push(word);
                }
            }
        }
        let mentions = mentions.into_iter();
        Self {
            mentions: mentions
                .map(|(label, of_label)| (label, of_label.into_values().collect()))
                .collect(),
            tokens,
            unknown_labels: unknown.into_iter().collect(),
        }
    }

    /// The mentions with a label.
    pub fn mentions(&self, label: &str) -> &[Mention] {
        self.mentions.get(label).map_or(&[], Vec::as_slice)
    }

    /// The words with a tag, each as often as it occurs.
    pub fn tokens(&self, tag: Option<(&str, bool)>) -> &[&'a str] {
        self.tokens.get(&owned(tag)).map_or(&[], Vec::as_slice)
    }
}

fn owned(tag: Option<(&str, bool)>) -> TagOf {
    tag.map(|(label, begins)| (label.to_owned(), begins))
}
