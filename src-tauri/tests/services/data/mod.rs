//! Data sets: files taken into the library, split, searched, repaired, and left as they were. Here is what the cases
//! share: small files, and the requests that take them in.

mod browsing;
mod cancelling;
mod exports;
mod imports;
mod repairs;

use crate::fake::Desk;
use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::sync::Arc;
use tagsmith_desktop::data::DataSets;
use tagsmith_desktop::dto::{
    ChosenFile, DataDocument, DataSet, DocumentQuery, ImportRequest, InspectRequest, Reading,
    Repair, Split, SplitChoice,
};

pub(super) fn chosen(path: &Path, split: Option<Split>) -> ChosenFile {
    ChosenFile {
        path: path.display().to_string(),
        split,
        reading: Reading::default(),
    }
}

pub(super) fn request(train: &Path) -> ImportRequest {
    ImportRequest {
        name: "My data".into(),
        files: vec![chosen(train, None)],
        repairs: Vec::new(),
        at_once: Vec::new(),
    }
}

/// Fractions of `train` that become splits of their own.
pub(super) fn held_out(fractions: &[(&str, f64)]) -> Repair {
    Repair::HoldOut {
        fractions: fractions
            .iter()
            .map(|(split, fraction)| ((*split).to_owned(), *fraction))
            .collect(),
        seed: 42,
    }
}

pub(super) fn inspect(train: &Path) -> InspectRequest {
    InspectRequest {
        files: vec![chosen(train, None)],
        repairs: Vec::new(),
    }
}

pub(super) fn all(text: &str, label: Option<&str>) -> DocumentQuery {
    DocumentQuery {
        split: SplitChoice::All,
        text: text.into(),
        label: label.map(str::to_owned),
        finding: None,
        offset: 0,
        limit: 10,
    }
}

/// Every document of a data set.
pub(super) fn everything(data: &DataSets, id: &str) -> Vec<DataDocument> {
    let query = DocumentQuery {
        limit: 100_000,
        ..all("", None)
    };
    data.documents(id, &query).unwrap().documents
}

pub(super) fn silent() -> tagsmith_desktop::event_bus::NotifyPage {
    Arc::new(|_| ())
}

/// Twenty sentences of CoNLL; sentence `n` starts on line `4 n + 1`.
pub(super) fn conll() -> String {
    (0..20)
        .map(|n| format!("Zoë{n} B-PER\nsaw O\n😀Köln{n} B-LOC\n\n"))
        .collect()
}

/// Sentence `n` of a file of JSONL; its label is in small letters every third time.
pub(super) fn record(n: usize) -> String {
    let label = if n.is_multiple_of(3) { "per" } else { "PER" };
    format!(
        r#"{{"text": "Zoë{n} saw 😀 Köln", "entities": [{{"start": 0, "end": {}, "label": "{label}"}}]}}"#,
        3 + n.to_string().len()
    )
}

pub(super) fn jsonl(
    desk: &Desk,
    name: &str,
    numbers: impl Iterator<Item = usize>,
) -> std::path::PathBuf {
    let path = desk.path().join(name);
    let lines: Vec<String> = numbers.map(record).collect();
    fs::write(&path, lines.join("\n") + "\n").unwrap();
    path
}

pub(super) fn merge() -> Repair {
    Repair::MapLabels {
        labels: BTreeMap::from([("per".into(), Some("PER".into()))]),
    }
}

pub(super) fn labels(set: &DataSet) -> Vec<(String, usize)> {
    let labels = set.check.files[0].labels.clone();
    labels.into_iter().collect()
}
