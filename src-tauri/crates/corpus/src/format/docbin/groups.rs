//! spaCy's span groups: named lists of spans beside a document's entities, as its span categoriser
//! has them.

use std::collections::{BTreeMap, HashMap};

use serde::Deserialize;
use serde_json::{Value, json};

/// What `SpanGroup.to_bytes` writes.
#[derive(Deserialize)]
struct Group<'a> {
    name: String,
    #[serde(borrow)]
    spans: Vec<&'a [u8]>,
}

/// The spans of a document by the names of their groups; a group that cannot be read has no spans.
pub(super) type Groups<'a> = BTreeMap<String, Vec<&'a [u8]>>;

/// What `SpanGroups.to_bytes` writes: the bytes of each group with the names it is stored under, or in
/// earlier versions a list of groups.
pub(super) fn parse(bytes: &[u8]) -> Groups<'_> {
    let mut groups = Groups::new();
    let mut add = |bytes, names: Option<Vec<String>>| {
        let group: Result<Group, _> = rmp_serde::from_slice(bytes);
        let (name, spans) = match group {
            Ok(group) => (group.name, group.spans),
            Err(_) => (String::new(), Vec::new()),
        };
        for name in names.unwrap_or_else(|| vec![name]) {
            groups.insert(name, spans.clone());
        }
    };
    if let Ok(named) = rmp_serde::from_slice::<BTreeMap<&[u8], Vec<String>>>(bytes) {
        named
            .into_iter()
            .for_each(|(group, names)| add(group, Some(names)));
    } else if let Ok(list) = rmp_serde::from_slice::<Vec<&[u8]>>(bytes) {
        list.into_iter().for_each(|group| add(group, None));
    }
    groups
}

/// A span as it lies in a group: its number, that of its knowledge base entry, its label, and where it
/// starts and ends in tokens and in characters; all big-endian. `None` where it is none.
pub(super) fn span(bytes: &[u8], names: &HashMap<u64, &str>) -> Option<Value> {
    let label = u64::from_be_bytes(bytes.get(16..24)?.try_into().ok()?);
    let number = |at: usize| -> Option<u32> {
        Some(u32::from_be_bytes(bytes.get(at..at + 4)?.try_into().ok()?))
    };
    let (start, end) = (number(32)?, number(36)?);
    Some(json!({"start": start, "end": end, "label": names.get(&label)?}))
}

/// What there is in span groups that are not read: spans and documents by the name of the group.
#[derive(Default)]
pub(super) struct Ignored(BTreeMap<String, (usize, usize)>);

impl Ignored {
    pub fn add(&mut self, groups: &Groups, read: Option<&str>) {
        for (name, spans) in groups {
            if read != Some(name) {
                let (count, documents) = self.0.entry(name.clone()).or_default();
                *count += spans.len();
                *documents += 1;
            }
        }
    }

    pub fn message(&self) -> Option<String> {
        let named = |(name, (spans, documents)): (&String, &(usize, usize))| {
            format!("`{name}` ({spans} spans in {documents} documents)")
        };
        let names: Vec<String> = self.0.iter().map(named).collect();
        (!names.is_empty()).then(|| {
            format!(
                "span groups beside the entities were left out: {}",
                names.join(", ")
            )
        })
    }

    /// The span groups that there are, for a message.
    pub fn available(&self) -> String {
        let names: Vec<String> = self.0.keys().map(|name| format!("`{name}`")).collect();
        match names.is_empty() {
            true => "no span groups".into(),
            false => format!("the span groups {}", names.join(", ")),
        }
    }

    /// What is to be named in order to read one of them.
    pub fn first(&self) -> Option<&str> {
        self.0.keys().next().map(String::as_str)
    }
}
