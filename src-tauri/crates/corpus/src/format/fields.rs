//! Reads single fields of JSON records: ids, tokens, tags.

use std::hash::{DefaultHasher, Hash, Hasher};

use serde_json::{Map, Value};

use crate::document::Word;
use crate::format::source::split_named;
use crate::issue::excerpt;
use crate::offsets::OffsetMap;

pub(super) fn id(object: &Map<String, Value>) -> Option<String> {
    let own = object.get("id");
    match own.or_else(|| object.get("meta")?.get("id"))? {
        Value::String(id) => Some(id.clone()),
        Value::Number(id) => Some(id.to_string()),
        _ => None,
    }
}

/// What a record belongs to, such as a file or a patient. A name is a number that no file counts up to;
/// were it once that of another name as well, both would only stay in one split.
pub(super) fn group(object: &Map<String, Value>) -> Option<u32> {
    let name = match object.get("group")? {
        Value::Null => return None,
        Value::String(name) => name.trim().to_owned(),
        other => other.to_string(),
    };
    let number = || {
        let mut hasher = DefaultHasher::new();
        name.hash(&mut hasher);
        hasher.finish() as u32 | 1 << 31
    };
    (!name.is_empty()).then(|| name.parse().unwrap_or_else(|_| number()))
}

/// Fields that name the split of a record; Azure's `dataset` and Vertex AI's `ml_use` are among them.
const SPLITS: [&str; 6] = ["split", "dataset", "subset", "partition", "ml_use", "mlUse"];
/// Where Vertex AI has the labels of a record itself, and what its split is called there.
const RESOURCE: [&str; 2] = ["dataItemResourceLabels", "data_item_resource_labels"];
const ML_USE: &str = "aiplatform.googleapis.com/ml_use";

/// Can a field of this name say the split of a record?
pub(super) fn is_split(name: &str) -> bool {
    SPLITS.contains(&name)
}

/// The split that a record names.
pub(super) fn split(object: &Map<String, Value>) -> Option<&'static str> {
    object.iter().find_map(|(key, value)| {
        let name = match value {
            Value::String(name) if SPLITS.contains(&key.as_str()) => name,
            Value::Object(labels) if RESOURCE.contains(&key.as_str()) => {
                labels.get(ML_USE)?.as_str()?
            }
            _ => return None,
        };
        split_named(name)
    })
}

/// Prodigy's tokens as words; white space, which spaCy counts as tokens, is none. `None` when
/// they do not lie in the text in order.
pub(super) fn words(tokens: &[Value], map: &OffsetMap, text: &str) -> Option<Vec<Word>> {
    let mut words = Vec::with_capacity(tokens.len());
    let mut at = 0;
    for token in tokens {
        let edge = |key| map.byte_of_char(usize::try_from(token.get(key)?.as_u64()?).ok()?);
        let word = Word {
            start: edge("start")?,
            end: edge("end")?,
        };
        if word.start < at || word.end < word.start {
            return None;
        }
        at = word.end;
        if !text[word.start..word.end].trim().is_empty() {
            words.push(word);
        }
    }
    Some(words)
}

/// Tokens without offsets as words: each lies in the text behind the one before it.
pub(super) fn aligned(tokens: &[Value], text: &str) -> Option<Vec<Word>> {
    let mut words = Vec::with_capacity(tokens.len());
    let mut at = 0;
    for token in tokens {
        let token = token.as_str().or_else(|| token.get("text")?.as_str())?;
        if token.trim().is_empty() {
            continue;
        }
        let between = text[at..].find(token)?;
        // Between two tokens there is white space, or nothing.
        if !text[at..at + between].trim().is_empty() {
            return None;
        }
        let start = at + between;
        at = start + token.len();
        words.push(Word { start, end: at });
    }
    text[at..].trim().is_empty().then_some(words)
}

/// The name of a tag that may be given as a number; otherwise a message and a fix.
pub(super) fn tag_name(tag: &Value, names: Option<&[String]>) -> Result<String, (String, String)> {
    let number;
    let tag = match tag {
        // Numbers that were written as text.
        Value::String(name) if names.is_some() && name.trim().parse::<u32>().is_ok() => {
            number = Value::from(name.trim().parse::<u32>().unwrap_or_default());
            &number
        }
        Value::String(name) => return Ok(name.trim().to_owned()),
        other => other,
    };
    if tag.is_null() {
        return Ok("null".into());
    }
    let whole = tag.as_f64().filter(|n| n.fract() == 0.0 && *n >= 0.0);
    let number = tag.as_u64().or_else(|| whole.map(|n| n as u64));
    let Some(number) = number else {
        let message = format!(
            "`{}` is neither the name nor the number of a tag",
            excerpt(&tag.to_string())
        );
        return Err((message, "write tags by name, such as `B-PER`".into()));
    };
    let Some(names) = names else {
        let message = format!("the tags are numbers (`{number}`), and their names are not known");
        return Err((
            message,
            "give the names in the order of their numbers with `--label-names`, or each as `NUMBER=NAME`, or put the data set's `dataset_info.json` next to the file".into(),
        ));
    };
    let name = usize::try_from(number).ok().and_then(|at| names.get(at));
    let name = name.filter(|name| !name.is_empty());
    name.cloned().ok_or_else(|| {
        let message = format!(
            "tag number {number} has no name: {} names are given, from 0",
            names.len()
        );
        (
            message,
            "give all names in the order of their numbers".into(),
        )
    })
}
