//! Finds start, end and label of one span in whatever form it is written.

use std::borrow::Cow;

use serde_json::{Map, Value};

use super::keys::{self, Role};

/// The parts of a span as they stand in a file.
pub(super) struct Fields<'v> {
    pub start: &'v Value,
    /// `null` where the span has a length instead.
    pub end: &'v Value,
    pub length: Option<&'v Value>,
    pub label: &'v Value,
    /// What the span covers, as the file says.
    pub quote: Option<&'v str>,
    pub score: Option<&'v Value>,
    /// They stood in a list, so that nothing but their order says what they are.
    pub is_list: bool,
}

const NULL: &Value = &Value::Null;

/// What was found in the fields of an object: each value with the rank of its name.
#[derive(Default)]
struct Found<'v> {
    parts: [Option<(u8, &'v Value)>; 6],
    /// Start and end as one pair.
    pair: Option<(&'v Value, &'v Value)>,
}

const PARTS: [Role; 6] = [
    Role::Start,
    Role::End,
    Role::Length,
    Role::Label,
    Role::Quote,
    Role::Score,
];

impl<'v> Found<'v> {
    fn look(&mut self, object: &'v Map<String, Value>) {
        for (key, value) in object {
            if value.is_null() {
                continue;
            }
            for (role, rank) in keys::roles(key) {
                let Some(at) = PARTS.iter().position(|part| part == role) else {
                    continue;
                };
                let fits = match role {
                    Role::Label => is_label(value),
                    Role::Quote => value.is_string(),
                    _ => value.is_number() || value.is_string(),
                };
                if fits && self.parts[at].is_none_or(|(known, _)| *rank < known) {
                    self.parts[at] = Some((*rank, value));
                }
            }
            if let Some(pair) = pair(value)
                && self.pair.is_none()
            {
                self.pair = Some(pair);
            }
        }
    }

    fn get(&self, role: Role) -> Option<&'v Value> {
        let at = PARTS.iter().position(|part| *part == role)?;
        self.parts[at].map(|(_, value)| value)
    }
}

/// Two offsets, alone or as the only one of a list: `"span": [0, 9]`, `"offsets": [[0, 9]]`.
fn pair(value: &Value) -> Option<(&Value, &Value)> {
    match value.as_array()?.as_slice() {
        [start, end] if start.is_number() && end.is_number() => Some((start, end)),
        [only] if only.is_array() => pair(only),
        _ => None,
    }
}

/// A name, a number, an object with a name, or a list of one of them.
fn is_label(value: &Value) -> bool {
    match value {
        Value::String(_) | Value::Number(_) => true,
        Value::Array(list) => matches!(list.as_slice(), [only] if is_label(only)),
        Value::Object(object) => keys::fields(object, Role::Label)
            .iter()
            .any(|(_, value)| value.is_string()),
        _ => false,
    }
}

/// The name in a label.
fn label(value: &Value) -> &Value {
    match value {
        Value::Array(list) => list.first().map_or(value, label),
        Value::Object(object) => {
            let fields = keys::fields(object, Role::Label);
            let name = fields.iter().find(|(_, value)| value.is_string());
            name.map_or(value, |(_, value)| value)
        }
        _ => value,
    }
}

impl<'v> Fields<'v> {
    /// The text says what is missing.
    pub fn of(value: &'v Value) -> Result<Self, &'static str> {
        match value {
            Value::Array(parts) => Self::of_list(parts),
            Value::Object(object) => Self::of_object(object),
            _ => Err("is no span"),
        }
    }

    /// `[start, end, label]`, also with the label in front, with a score or the text behind.
    fn of_list(parts: &'v [Value]) -> Result<Self, &'static str> {
        let (start, end, label, rest) = match parts {
            [start, end, label] => (start, end, label, None),
            [start, end, label, rest] if rest.is_number() || rest.is_string() || rest.is_null() => {
                (start, end, label, Some(rest))
            }
            _ => return Err("has not three parts"),
        };
        // Offsets may be written as text; a label that comes first is none of them.
        let name = |value: &Value| {
            value
                .as_str()
                .is_some_and(|text| text.parse::<f64>().is_err())
        };
        let (start, end, label) = match name(start) && end.is_number() && label.is_number() {
            true => (end, label, start),
            false => (start, end, label),
        };
        Ok(Self {
            start,
            end,
            length: None,
            label,
            quote: rest.and_then(Value::as_str),
            score: rest.filter(|rest| rest.is_number()),
            is_list: true,
        })
    }

    fn of_object(object: &'v Map<String, Value>) -> Result<Self, &'static str> {
        let mut found = Found::default();
        found.look(object);
        let placed = |found: &Found| {
            let end = found.get(Role::End).or(found.get(Role::Length));
            found.pair.is_some() || found.get(Role::Start).is_some() && end.is_some()
        };
        // One level deeper, where the place or the label is not here: `"location": {"start": 0, "end": 9}`.
        if !placed(&found) || found.get(Role::Label).is_none() {
            let mut inner = Found::default();
            for value in object.values() {
                match value {
                    Value::Object(held) => inner.look(held),
                    Value::Array(list) => {
                        if let [Value::Object(held)] = list.as_slice() {
                            inner.look(held);
                        }
                    }
                    _ => {}
                }
            }
            let here = placed(&found);
            for (at, role) in PARTS.iter().enumerate() {
                // The parts of a place stay together.
                let of_place = matches!(role, Role::Start | Role::End | Role::Length);
                if found.parts[at].is_none() && !(of_place && here) {
                    found.parts[at] = inner.parts[at];
                }
            }
            found.pair = found.pair.or(inner.pair.filter(|_| !here));
        }
        let length = found.get(Role::Length);
        let (start, end) = match (found.get(Role::Start), found.get(Role::End), found.pair) {
            (Some(start), Some(end), _) => (start, end),
            (Some(start), None, _) if length.is_some() => (start, NULL),
            (_, _, Some(pair)) => pair,
            (None, ..) => return Err("has no `start`"),
            (_, None, _) => return Err("has no `end`"),
        };
        let length = length.filter(|_| end.is_null());
        let Some(name) = found.get(Role::Label) else {
            return Err("has no `label`");
        };
        Ok(Self {
            start,
            end,
            length,
            label: label(name),
            quote: found.get(Role::Quote).and_then(Value::as_str),
            score: found.get(Role::Score),
            is_list: false,
        })
    }
}

/// Spans of which one entry stands for several are parted: an annotation with several labels, or with
/// several places.
pub(super) fn expanded(values: &[Value]) -> Cow<'_, [Value]> {
    let several = |value: &Value| {
        value.as_object().is_some_and(|object| {
            let mut fields = object.iter();
            fields.any(|(key, field)| field.as_array().is_some_and(|list| is_several(key, list)))
        })
    };
    if !values.iter().any(several) {
        return Cow::Borrowed(values);
    }
    let mut parted = Vec::with_capacity(values.len() + 1);
    for value in values {
        let Value::Object(object) = value else {
            parted.push(value.clone());
            continue;
        };
        let mut open = vec![object.clone()];
        for (key, field) in object {
            if let Some(list) = field.as_array().filter(|list| is_several(key, list)) {
                let with = |object: &Map<String, Value>, item: &Value| {
                    let mut object = object.clone();
                    object.insert(key.clone(), Value::Array(vec![item.clone()]));
                    object
                };
                // Many labels of many places are no data.
                const MOST: usize = 10_000;
                let pairs = open
                    .iter()
                    .flat_map(|object| list.iter().map(move |item| with(object, item)));
                open = pairs.take(MOST).collect();
            }
        }
        parted.extend(open.into_iter().map(Value::Object));
    }
    Cow::Owned(parted)
}

fn is_several(key: &str, list: &[Value]) -> bool {
    list.len() > 1
        && match keys::is(key, Role::Label) {
            true => list.iter().all(is_label),
            false => list.iter().all(|item| {
                let object = item.as_object();
                object.is_some_and(|object| object.keys().any(|key| keys::is(key, Role::Start)))
            }),
        }
}

/// Does an element look like a labelled span, whatever its fields are called?
pub(super) fn looks_like_span(value: &Value) -> bool {
    match value {
        Value::Array(parts) => {
            // A table may have one type for all parts, so that offsets are texts.
            let is_number = |part: &&Value| {
                let digits = |text: &str| text.parse::<u64>().is_ok();
                part.is_number() || part.as_str().is_some_and(digits)
            };
            let numbers = parts.iter().filter(is_number).count();
            let names = parts
                .iter()
                .filter(|part| part.is_string() && !is_number(part));
            parts.len() <= 5 && numbers >= 2 && names.count() > 0
        }
        Value::Object(object) => {
            Fields::of(value).is_ok() || {
                let of_place = |key: &str| {
                    let key = keys::bare(key);
                    ["start", "begin", "end", "offset", "span"]
                        .iter()
                        .any(|part| key.contains(part))
                };
                let numbers = |value: &Value| {
                    value.is_number()
                        || value
                            .as_array()
                            .is_some_and(|list| list.iter().all(Value::is_number))
                };
                let mut fields = object.iter();
                let placed = fields.any(|(key, value)| of_place(key) && numbers(value));
                placed && object.values().any(Value::is_string)
            }
        }
        _ => false,
    }
}

/// Does an object have two whole numbers that may be a place in a text of so many characters, and a name?
pub(super) fn may_be_span(value: &Value, chars: usize) -> bool {
    let Some(object) = value.as_object() else {
        return false;
    };
    let numbers: Vec<u64> = object.values().filter_map(Value::as_u64).collect();
    match numbers[..] {
        [a, b] => {
            let last = a.max(b);
            a != b && last <= chars as u64 && object.values().any(Value::is_string)
        }
        _ => false,
    }
}
