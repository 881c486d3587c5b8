//! What several test files need.
#![allow(dead_code, reason = "each file uses some of it")]
#![allow(clippy::unwrap_used, reason = "what fails here fails a test")]

use std::io::{Cursor, Write};
use std::path::PathBuf;

use tagsmith_corpus::{Annotator, Corpus, Document, ReadOptions};
use tempfile::TempDir;
use zip::ZipWriter;
use zip::write::SimpleFileOptions;

/// A folder of public data sets that is not part of the project: `TAGSMITH_DATA`, or the folder
/// `shared/data` beside the repository. `None`, with a message, where there is none.
pub fn data() -> Option<PathBuf> {
    let beside = concat!(env!("CARGO_MANIFEST_DIR"), "/../../../../shared/data");
    let path = std::env::var_os("TAGSMITH_DATA").map_or_else(|| beside.into(), PathBuf::from);
    if path.is_dir() {
        return Some(path);
    }
    eprintln!("skipped: there is no data in {}", path.display());
    None
}

/// One line per document: its words, each entity in brackets with its label.
pub fn show(corpus: &Corpus) -> String {
    let mut lines = Vec::new();
    for doc in &corpus.documents {
        let spans = doc.word_spans().spans;
        let mut line = Vec::new();
        for i in 0..doc.words.len() {
            let open = spans.iter().find(|s| s.first == i).map_or("", |_| "[");
            let close = spans.iter().find(|s| s.end == i + 1);
            let close = close.map_or(String::new(), |s| format!("]{}", s.label));
            line.push(format!("{open}{}{close}", doc.word_text(i)));
        }
        lines.push(line.join("|"));
    }
    lines.join(" / ")
}

/// The labelled pieces of each document.
pub fn pieces(corpus: &Corpus) -> Vec<Vec<(&str, &str)>> {
    fn of(doc: &Document) -> Vec<(&str, &str)> {
        doc.spans
            .iter()
            .map(|s| (&doc.text[s.start..s.end], s.label.as_str()))
            .collect()
    }
    corpus.documents.iter().map(of).collect()
}

/// The codes of the findings, in their order.
pub fn codes(corpus: &Corpus) -> Vec<&str> {
    let issues = corpus.issues.iter();
    issues.map(|issue| issue.code.as_str()).collect()
}

/// A folder with these files, in folders of it where their names say so.
pub fn folder(files: &[(&str, &[u8])]) -> TempDir {
    let folder = TempDir::new().unwrap();
    for (name, content) in files {
        let path = folder.path().join(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, content).unwrap();
    }
    folder
}

/// An archive of these files.
pub fn zip(files: &[(&str, &[u8])]) -> Vec<u8> {
    let mut writer = ZipWriter::new(Cursor::new(Vec::new()));
    for (name, content) in files {
        let options = SimpleFileOptions::default();
        writer.start_file(*name, options).unwrap();
        writer.write_all(content).unwrap();
    }
    writer.finish().unwrap().into_inner()
}

/// Of texts that several people annotated, what this rule chooses.
pub fn by(rule: &str) -> ReadOptions {
    ReadOptions {
        annotator: rule.parse::<Annotator>().unwrap(),
        ..ReadOptions::default()
    }
}
