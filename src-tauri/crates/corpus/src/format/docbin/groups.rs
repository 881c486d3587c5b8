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
