//! What stands around a document in its source: the sentences that a model may read beside it.

use crate::document::{Document, Word};
use std::ops::Range;
use std::sync::Arc;

/// A document's place in the text that it is a sentence of.
#[derive(Clone, Debug, PartialEq)]
pub struct Context {
    sentences: Arc<[Sentence]>,
    at: usize,
}

/// A text and its words.
#[derive(Debug, PartialEq)]
struct Sentence {
    text: String,
    words: Vec<Word>,
}

impl Context {
    /// Up to `most` words before the document, in the order of the text.
    pub fn before(&self, most: usize) -> Vec<&str> {
        let sentences = self.sentences[..self.at].iter().rev();
        let words = sentences.flat_map(|sentence| sentence.words().rev());
        let mut nearest: Vec<&str> = words.take(most).collect();
        nearest.reverse();
        nearest
    }

    /// Up to `most` words after the document.
    pub fn after(&self, most: usize) -> Vec<&str> {
        let sentences = self.sentences[self.at + 1..].iter();
        sentences.flat_map(Sentence::words).take(most).collect()
    }
}

impl Sentence {
    fn words(&self) -> impl DoubleEndedIterator<Item = &str> {
        let words = self.words.iter();
        words.map(|word| &self.text[word.start..word.end])
    }
}

/// Gives each document its context: its neighbours with the same source document, in the order of the list.
/// One without a source document gets none; but where none has any, each file counts as one, and the answer
/// is `false`.
pub fn give_context(documents: &mut [Document]) -> bool {
    let known = documents.iter().any(|document| document.group.is_some());
    let mut runs: Vec<Range<usize>> = Vec::new();
    for (at, document) in documents.iter().enumerate() {
        match runs.last_mut() {
            Some(run) if is_same_source(&documents[run.start], document) => run.end = at + 1,
            _ => runs.push(at..at + 1),
        }
    }
    for run in runs {
        let run = &mut documents[run];
        if known && run[0].group.is_none() {
            continue;
        }
        let sentence = |document: &Document| Sentence {
            text: document.text.clone(),
            words: document.words.clone(),
        };
        let sentences: Arc<[Sentence]> = run.iter().map(sentence).collect();
        for (at, document) in run.iter_mut().enumerate() {
            document.context = Some(Context {
                sentences: sentences.clone(),
                at,
            });
        }
    }
    known
}

fn is_same_source(a: &Document, b: &Document) -> bool {
    (a.group, &a.file) == (b.group, &b.file)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn documents(groups: &[Option<u32>]) -> Vec<Document> {
        let document = |(at, group): (usize, &Option<u32>)| Document {
            group: *group,
            ..Document::from_text(format!("{at}a {at}b"))
        };
        groups.iter().enumerate().map(document).collect()
    }

    fn around(documents: &[Document], at: usize, most: usize) -> Option<(String, String)> {
        let context = documents[at].context.as_ref()?;
        Some((
            context.before(most).join(" "),
            context.after(most).join(" "),
        ))
    }

    #[test]
    fn context_ends_where_the_source_document_does() {
        let mut of_two = documents(&[Some(0), Some(0), Some(0), Some(1), Some(1), None]);
        assert!(give_context(&mut of_two));
        let expected = |before: &str, after: &str| Some((before.to_owned(), after.to_owned()));
        assert_eq!(around(&of_two, 0, 9), expected("", "1a 1b 2a 2b"));
        assert_eq!(around(&of_two, 2, 3), expected("0b 1a 1b", ""));
        assert_eq!(around(&of_two, 3, 9), expected("", "4a 4b"));
        assert_eq!(around(&of_two, 5, 9), None);
    }

    #[test]
    fn a_file_without_boundaries_is_one_document() {
        let mut whole = documents(&[None; 3]);
        whole[2].file = Some(std::path::Path::new("other").into());
        assert!(!give_context(&mut whole));
        let expected = Some(("0a 0b".to_owned(), String::new()));
        assert_eq!(around(&whole, 1, 9), expected);
    }
}
