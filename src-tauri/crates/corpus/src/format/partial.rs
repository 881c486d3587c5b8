//! Texts of which only some words were looked at, by a person or a program that says so.

use std::path::Path;

use serde_json::{Map, Value};

use crate::document::{Document, Word};
use crate::issue::{Issue, IssueCode, Severity};
use crate::offsets::OffsetMap;
use crate::options::ReadOptions;
use crate::recipe::Repair;

/// The field of our own records that says what is unknown.
const FIELD: &str = "unknown";

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
                .repair(Repair::MaskUnknown)
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

/// The pieces of a text that our own record says to be unknown, `[[start, end]]` in characters; none
/// where the field holds something else, which is another program's.
pub(super) fn pieces(record: &Map<String, Value>, map: &OffsetMap) -> Vec<Word> {
    let piece = |piece: &Value| match piece.as_array()?.as_slice() {
        [start, end] => Some(Word {
            start: map.byte_of_char(usize::try_from(start.as_u64()?).ok()?)?,
            end: map.byte_of_char(usize::try_from(end.as_u64()?).ok()?)?,
        }),
        _ => None,
    };
    let pieces: Option<Vec<Word>> = list(record).iter().map(piece).collect();
    let pieces = pieces.unwrap_or_default();
    let in_order = pieces.windows(2).all(|two| two[0].end <= two[1].start);
    match in_order && pieces.iter().all(|piece| piece.start <= piece.end) {
        true => pieces,
        false => Vec::new(),
    }
}

/// The numbers of the words that our own record says to be unknown, of so many.
pub(super) fn numbers(record: &Map<String, Value>, words: usize) -> Vec<usize> {
    let number = |number: &Value| {
        let number = usize::try_from(number.as_u64()?).ok()?;
        (number < words).then_some(number)
    };
    let numbers: Option<Vec<usize>> = list(record).iter().map(number).collect();
    let numbers = numbers.unwrap_or_default();
    match numbers.is_sorted_by(|one, next| one < next) {
        true => numbers,
        false => Vec::new(),
    }
}

fn list(record: &Map<String, Value>) -> &[Value] {
    let list = record.get(FIELD).and_then(Value::as_array);
    list.map(Vec::as_slice).unwrap_or_default()
}
