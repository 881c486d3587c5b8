//! spaCy 2's JSON, which `spacy convert` still writes: `paragraphs` → `sentences` → `tokens`.

use serde_json::{Map, Value};

use super::Plain;

/// Each sentence becomes a record of tokens with tags. A `-` says that nobody knows.
pub(super) fn paragraphs(object: &Map<String, Value>) -> Option<Plain> {
    let paragraphs = object.get("paragraphs").and_then(Value::as_array)?;
    let mut records = Vec::new();
    for paragraph in paragraphs {
        let sentences = paragraph.get("sentences").and_then(Value::as_array)?;
        for sentence in sentences {
            let tokens = sentence.get("tokens").and_then(Value::as_array)?;
            let words: Option<Vec<Value>> = tokens
                .iter()
                .map(|token| token.get("orth").filter(|orth| orth.is_string()).cloned())
                .collect();
            let tags: Vec<Value> = tokens
                .iter()
                .map(|token| match token.get("ner") {
                    None | Some(Value::Null) => "-".into(),
                    Some(tag) => tag.clone(),
                })
                .collect();
            let mut record = Map::new();
            record.insert("tokens".into(), words?.into());
            if tags.is_empty() || tags.iter().any(|tag| tag != "-") {
                record.insert("ner_tags".into(), tags.into());
            }
            records.push(record);
        }
    }
    (!records.is_empty()).then(|| Plain {
        records,
        passed_over: Vec::new(),
        elsewhere: None,
    })
}
