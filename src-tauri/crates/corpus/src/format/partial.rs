//! Texts of which only some words were looked at, by a person or a program that says so.

use std::path::Path;

use crate::document::{Document, Word};
use crate::issue::{Issue, IssueCode, Severity};
use crate::options::ReadOptions;

/// Says how many words are unknown, and what becomes of them.
pub(super) fn issue(path: &Path, words: usize, documents: usize, options: &ReadOptions) -> Issue {
    let of =
        format!("{words} words in {documents} partly labelled documents are of unknown annotation");
    let code = IssueCode::WordsUnknown;
    match options.mask_unknown {
        true => {
            let message = format!("{of}; they are left out of the loss");
            Issue::new(Severity::Info, code, path, 0, message)
        }
        false => {
            let message = format!("{of}; they count as outside every entity");
            Issue::new(Severity::Warning, code, path, 0, message)
                .fix("label them, or leave them out of the loss with `--mask-unknown`")
        }
    }
}

/// The words outside of every entity.
pub(super) fn outside(document: &Document) -> Vec<Word> {
    let mut inside = vec![false; document.words.len()];
    for span in document.word_spans().spans {
        inside[span.first..span.end].fill(true);
    }
    let words = document.words.iter().zip(inside);
    words
        .filter(|(_, inside)| !inside)
        .map(|(word, _)| *word)
        .collect()
}
