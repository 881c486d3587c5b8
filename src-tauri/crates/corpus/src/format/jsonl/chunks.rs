//! Reads a text that comes in pieces, some of them entities, as Snips has it.

use serde_json::{Map, Value};

use super::{Read, Reader};
use crate::document::{Document, Span};
use crate::format::fields::{group, id};
use crate::format::spans;
use crate::formats::Dialect;
use crate::issue::IssueCode;

/// `{"data": [{"text": "play "}, {"text": "Yo Ho", "entity": "track"}]}`
pub(super) fn are_chunks(object: &Map<String, Value>) -> bool {
    let Some(pieces) = object.get("data").and_then(Value::as_array) else {
        return false;
    };
    pieces
        .iter()
        .all(|piece| piece.get("text").is_some_and(Value::is_string))
}

impl Reader<'_> {
    pub(super) fn chunks(&mut self, line: usize, object: &Map<String, Value>) {
        let pieces = object.get("data").and_then(Value::as_array);
        let mut text = String::new();
        let mut spans = Vec::new();
        for piece in pieces.into_iter().flatten() {
            let start = text.len();
            text.push_str(
                piece
                    .get("text")
                    .and_then(Value::as_str)
                    .unwrap_or_default(),
            );
            let end = text.len();
            match piece.get("entity") {
                None | Some(Value::Null) => {}
                Some(Value::String(label)) if !label.trim().is_empty() && start < end => {
                    spans.push(Span {
                        start,
                        end,
                        label: label.clone(),
                        score: None,
                    });
                }
                Some(_) => {
                    let found = piece.to_string();
                    let message = "an entity has no text, or a label that is not a string".into();
                    let fix = "write `{\"text\": …, \"entity\": LABEL}`";
                    self.error(IssueCode::BadChunk, line, &found, message, fix);
                }
            }
        }
        self.spelling.get_or_insert(Dialect::Chunks);
        let mut document = Document::from_text(text);
        document.spans = spans;
        document.line = line;
        document.id = id(object);
        document.group = group(object);
        spans::misfits(self.path, &document, &mut self.issues);
        self.read.push(Read::Document(document));
    }
}
