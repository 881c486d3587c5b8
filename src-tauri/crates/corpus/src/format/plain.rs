//! Reads text without labels: one document per line.

use std::path::Path;

use crate::dataset::{Corpus, SourceInfo};
use crate::document::Document;
use crate::format::ReadError;
use crate::formats::Format;
use crate::issue::{Issue, IssueCode, Severity};
use crate::options::ReadOptions;

pub(super) fn read(path: &Path, text: &str, _options: &ReadOptions) -> Result<Corpus, ReadError> {
    let mut source = SourceInfo::new(path, Format::Text);
    // Classic Mac OS ended lines with a lone carriage return.
    let newline = if text.contains('\n') { '\n' } else { '\r' };
    let mut documents = Vec::new();
    for (i, line) in text.split(newline).enumerate() {
        let line = line.strip_suffix('\r').unwrap_or(line);
        if line.trim().is_empty() {
            continue;
        }
        let mut document = Document::from_text(line);
        document.line = i + 1;
        source.count(&document);
        documents.push(document);
    }
    let message = "read as text without labels, one document per line";
    Ok(Corpus {
        documents,
        source,
        issues: vec![Issue::new(
            Severity::Info,
            IssueCode::Unlabelled,
            path,
            0,
            message,
        )],
        offset_evidence: None,
    })
}
