//! What the names of files say: their split, and whether they hold data at all.

use std::ffi::OsStr;
use std::path::Path;

use crate::formats::FormatName;

/// What splits are called in the names of files. CoNLL-2003 has `testa` for dev.
const SPLITS: [(&str, &[&str]); 3] = [
    ("train", &["train", "training"]),
    (
        "dev",
        &[
            "dev",
            "devel",
            "development",
            "val",
            "valid",
            "validation",
            "testa",
        ],
    ),
    ("test", &["test", "testing", "testb"]),
];

/// The split that the name of a file indicates; folders around it are ignored.
pub fn split_of(path: &Path) -> Option<&'static str> {
    split_in(path.file_name()?)
}

/// The split of a file in a data set, taken from its name within it, or from that of the nearest folder.
pub(super) fn split_within(name: &Path) -> Option<&'static str> {
    name.iter().rev().find_map(split_in)
}

/// The split that a text names which holds nothing else.
pub(in crate::format) fn split_named(text: &str) -> Option<&'static str> {
    let is = |name: &&str| text.trim().eq_ignore_ascii_case(name);
    let (split, _) = SPLITS.iter().find(|(_, names)| names.iter().any(&is))?;
    Some(*split)
}

/// Words of the name: `device.jsonl` is not dev, `wnut17train.conll` is train.
fn split_in(name: &OsStr) -> Option<&'static str> {
    let name = name.to_string_lossy().to_lowercase();
    let mut parts = name.split(|c: char| !c.is_alphabetic());
    parts.find_map(|part| {
        let (split, _) = SPLITS.iter().find(|(_, names)| names.contains(&part))?;
        Some(*split)
    })
}

/// What a file in a folder is, by its name alone.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Kind {
    /// Looked at; `true` where the ending is one of data files.
    Data(bool),
    /// Annotations of brat, beside a text.
    Annotations,
    /// The description of a Hugging Face data set.
    Description,
    /// What says of which files a data set of `datasets` is made.
    State,
    /// No data, and why.
    Ignored(&'static str),
}

const DOCUMENTS: &[&str] = &[
    "md", "rst", "html", "htm", "pdf", "doc", "docx", "tex", "bib",
];
const PROGRAMS: &[&str] = &[
    "py", "ipynb", "sh", "pl", "r", "js", "ts", "rs", "java", "c", "cpp", "h", "bat", "yaml",
    "yml", "toml", "cfg", "ini", "lock", "conf",
];
const PICTURES: &[&str] = &["png", "jpg", "jpeg", "gif", "svg", "webp", "ico"];
const ARCHIVES: &[&str] = &["zip", "tar", "tgz", "bz2", "xz", "zst", "7z", "rar"];
const DESCRIPTIONS: &[&str] = &["dataset_info.json", "dataset_infos.json"];
/// Beside the data of a Hugging Face data set, of brat and of a CAS.
const SETTINGS: &[&str] = &[
    "dataset_dict.json",
    "config.json",
    "package.json",
    "annotation.conf",
    "typesystem.xml",
];
const NOTES: &[&str] = &[
    "readme",
    "license",
    "licence",
    "licences",
    "licenses",
    "notice",
    "copying",
    "citation",
    "provenance",
    "changelog",
    "changes",
    "authors",
    "contributing",
    "version",
    "manifest",
];

pub(super) fn kind(path: &Path) -> Kind {
    let name = path
        .file_name()
        .unwrap_or_default()
        .to_string_lossy()
        .to_lowercase();
    if name.starts_with('.') || name.ends_with('~') {
        return Kind::Ignored("it is a hidden file");
    }
    if DESCRIPTIONS.contains(&name.as_str()) {
        return Kind::Description;
    }
    if name == "state.json" {
        return Kind::State;
    }
    if SETTINGS.contains(&name.as_str()) {
        return Kind::Ignored("it holds settings");
    }
    let name = name.strip_suffix(".gz").unwrap_or(&name);
    let (stem, ending) = name.rsplit_once('.').unwrap_or((name, ""));
    let first = stem
        .split(|c: char| !c.is_alphabetic())
        .next()
        .unwrap_or_default();
    if NOTES.contains(&first) {
        return Kind::Ignored("its name is that of a note about the data");
    }
    match ending {
        "ann" => Kind::Annotations,
        _ if is_data(ending) => Kind::Data(true),
        _ if DOCUMENTS.contains(&ending) => Kind::Ignored("it is a document, not data"),
        _ if PROGRAMS.contains(&ending) => Kind::Ignored("it is a program or its settings"),
        _ if PICTURES.contains(&ending) => Kind::Ignored("it is a picture"),
        _ if ARCHIVES.contains(&ending) => {
            Kind::Ignored("it is an archive of its own: name it on its own")
        }
        _ => Kind::Data(false),
    }
}

/// Whether files of some format usually have this ending.
fn is_data(ending: &str) -> bool {
    let mut formats = FormatName::ALL.iter();
    formats.any(|format| format.extensions().contains(&ending))
}

/// The name with its numbers filled up, so that shard 10 comes behind shard 9.
pub(super) fn in_order(path: &Path) -> String {
    let name = path.to_string_lossy();
    let mut key = String::with_capacity(name.len() + 16);
    let mut digits = String::new();
    for c in name.chars().chain(['\0']) {
        if c.is_ascii_digit() {
            digits.push(c);
            continue;
        }
        if !digits.is_empty() {
            key.push_str(&format!("{digits:0>20}"));
            digits.clear();
        }
        key.push(c);
    }
    key
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn splits_are_told_by_names() {
        for (name, split) in [
            ("train.conll", Some("train")),
            ("eng.testa", Some("dev")),
            ("esp.testb", Some("test")),
            ("wnut17train.conll", Some("train")),
            ("emerging.test.annotated", Some("test")),
            ("NER-de-dev.tsv", Some("dev")),
            ("validation-00000-of-00001.parquet", Some("dev")),
            ("device.jsonl", None),
            ("trainer.py", None),
            ("test/a.conll", None),
            ("test/train.conll", Some("train")),
            ("all.conll", None),
            ("test2.jsonl.gz", Some("test")),
        ] {
            assert_eq!(split_of(Path::new(name)), split, "{name}");
        }
    }

    #[test]
    fn folders_within_a_data_set_tell_splits_too() {
        for (name, split) in [
            ("test/a.conll", Some("test")),
            ("test/train.conll", Some("train")),
            ("data/dev/en/a.conll", Some("dev")),
            ("data/a.conll", None),
        ] {
            assert_eq!(split_within(Path::new(name)), split, "{name}");
        }
    }

    #[test]
    fn numbers_sort_as_numbers() {
        let mut names = ["a-10", "a-9", "a-1-of-2", "b"].map(Path::new);
        names.sort_by_key(|path| in_order(path));
        assert_eq!(names, ["a-1-of-2", "a-9", "a-10", "b"].map(Path::new));
    }
}
