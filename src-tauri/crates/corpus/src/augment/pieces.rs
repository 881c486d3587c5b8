//! A document in pieces: its words, what stands between them, and its entities. And the document of them.

use crate::document::{Document, Word, WordSpan};
use crate::words;

/// A word.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Piece {
    pub text: String,
    /// What stands between it and the word before it.
    pub before: String,
    /// The entity that it belongs to.
    pub entity: Option<usize>,
    /// Its number in the document that it came from, as long as it stands in its place there: what is
    /// between two neighbours of old separates them well enough.
    pub place: Option<usize>,
}

/// The pieces of a document.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Pieces {
    /// In order; those of an entity stand together.
    pub words: Vec<Piece>,
    /// The label of each entity.
    pub labels: Vec<String>,
    /// What stands behind the last word.
    after: String,
}

impl Pieces {
    /// Entities of the document are those of whole words.
    pub fn of(document: &Document) -> Self {
        let mut done = 0;
        let mut words: Vec<Piece> = document
            .words
            .iter()
            .enumerate()
            .map(|(place, word)| {
                let before = document.text.get(done..word.start).unwrap_or_default();
                done = word.end;
                Piece {
                    text: document.word_text(place).into(),
                    before: before.into(),
                    entity: None,
                    place: Some(place),
                }
            })
            .collect();
        let spans = document.word_spans().spans;
        for (entity, span) in spans.iter().enumerate() {
            for word in &mut words[span.first..span.end] {
                word.entity = Some(entity);
            }
        }
        Self {
            words,
            labels: spans.into_iter().map(|span| span.label).collect(),
            after: document.text[done..].into(),
        }
    }

    /// Whether there are other words than in `before`, or in another order.
    pub fn has_changed(&self, before: &Self) -> bool {
        let texts = |pieces: &Self| -> Vec<String> {
            let words = pieces.words.iter();
            words.map(|word| word.text.clone()).collect()
        };
        texts(self) != texts(before)
    }

    /// The longest runs of words inside one entity, or between entities, as half-open ranges.
    pub fn segments(&self) -> Vec<(usize, usize)> {
        let mut first = 0;
        let runs = self.words.chunk_by(|a, b| a.entity == b.entity);
        runs.map(|run| {
            let range = (first, first + run.len());
            first += run.len();
            range
        })
        .collect()
    }

    /// The label of a word, and whether its entity begins with it; `None` outside entities.
    pub fn tag(&self, at: usize) -> Option<(&str, bool)> {
        let entity = self.words[at].entity?;
        let begins = at == 0 || self.words[at - 1].entity != Some(entity);
        Some((&self.labels[entity], begins))
    }

    /// The document that the pieces make, which otherwise is like `source`. Where two words came together that
    /// would be read as one, or one has no letters, a space is put between them.
    pub fn document(&self, source: &Document) -> Document {
        let mut text = String::with_capacity(source.text.len());
        let mut words = Vec::with_capacity(self.words.len());
        let mut spans: Vec<WordSpan> = Vec::new();
        let mut last: Option<&Piece> = None;
        for (at, piece) in self.words.iter().enumerate() {
            text.push_str(&piece.before);
            let mut start = text.len();
            text.push_str(&piece.text);
            let are_old_neighbours = last.is_some_and(|last| {
                let next = last.place.map(|place| place + 1);
                next.is_some() && next == piece.place
            });
            // A word without letters belongs to a span by its position alone.
            let touches_empty = |last: &Piece| {
                piece.before.is_empty() && (last.text.is_empty() || piece.text.is_empty())
            };
            if let Some(last) = last
                && !are_old_neighbours
                && (words::reaches_over(&text, start) || touches_empty(last))
            {
                text.insert(start, ' ');
                start += 1;
            }
            let end = text.len();
            words.push(Word { start, end });
            match piece.entity {
                Some(entity) if last.and_then(|last| last.entity) == Some(entity) => {
                    if let Some(span) = spans.last_mut() {
                        span.end = at + 1;
                    }
                }
                Some(entity) => spans.push(WordSpan {
                    first: at,
                    end: at + 1,
                    label: self.labels[entity].clone(),
                }),
                None => {}
            }
            last = Some(piece);
        }
        text.push_str(&self.after);
        // What is unknown stays so wherever it went.
        let known = match source.unknown.is_empty() {
            true => Vec::new(),
            false => source.known_words(),
        };
        let is_unknown = |piece: &Piece| {
            let place = piece.place.and_then(|place| known.get(place));
            place.is_some_and(|known| !known)
        };
        let unknown = self.words.iter().zip(&words);
        let unknown = unknown.filter(|(piece, _)| is_unknown(piece));
        let unknown = unknown.map(|(_, word)| *word).collect();
        let mut document = Document {
            text,
            words,
            id: None,
            group: source.group,
            line: source.line,
            file: source.file.clone(),
            context: source.context.clone(),
            words_given: source.words_given,
            spans: Vec::new(),
            unknown,
            split: None,
        };
        document.set_word_spans(&spans);
        document
    }
}
