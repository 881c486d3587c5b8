//! Writes brat's standoff files: a text, and beside it one line per entity.

use std::collections::{BTreeMap, HashSet};
use std::fmt::Write as _;
use std::io::{self, Cursor, Write};

use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, ZipWriter};

use super::words::scores;
use crate::document::Document;
use crate::format::{WriteError, WriteReport};
use crate::offsets::OffsetMap;
use crate::words;

/// The two files of one document.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BratFile {
    /// Without `.txt` or `.ann`.
    pub name: String,
    /// The content of the `.txt`.
    pub text: String,
    /// The content of the `.ann`; offsets count characters.
    pub annotations: String,
}

/// The files of all documents, in order. They are named by the documents' ids where those are fit to
/// name files in that order, else by number.
pub fn brat_files(documents: &[Document]) -> (Vec<BratFile>, WriteReport) {
    let mut report = WriteReport::default();
    let by_id = ids_name_files(documents);
    let digits = documents.len().to_string().len();
    let files = documents
        .iter()
        .enumerate()
        .map(|(i, document)| {
            report.documents += 1;
            report.lost_ids += usize::from(!by_id && document.id.is_some());
            let own = document.words_given && document.words != words::split(&document.text);
            report.changed_words += usize::from(own);
            report.lost_scores += scores(document);
            let id = document.id.clone().filter(|_| by_id);
            BratFile {
                name: id.unwrap_or_else(|| format!("{:0digits$}", i + 1)),
                text: document.text.clone(),
                annotations: annotations(document, &mut report),
            }
        })
        .collect();
    report.lost_groups = in_company(documents);
    (files, report.with_unknown(documents))
}

/// Documents that share a group with others: each becomes a text of its own.
fn in_company(documents: &[Document]) -> usize {
    let mut sizes: BTreeMap<u32, usize> = BTreeMap::new();
    for group in documents.iter().filter_map(|document| document.group) {
        *sizes.entry(group).or_default() += 1;
    }
    sizes.into_values().filter(|size| *size > 1).sum()
}

/// Readers take files in the order of their names.
fn ids_name_files(documents: &[Document]) -> bool {
    let fit = |id: &str| {
        let plain = |c: char| c.is_ascii_alphanumeric() || c == '-' || c == '_';
        (1..=100).contains(&id.len()) && id.chars().all(plain)
    };
    let ids: Option<Vec<&str>> = documents
        .iter()
        .map(|document| document.id.as_deref())
        .collect();
    let Some(ids) = ids else { return false };
    // Some file systems do not distinguish `a` from `A`.
    let distinct: HashSet<String> = ids.iter().map(|id| id.to_lowercase()).collect();
    ids.iter().all(|id| fit(id)) && ids.is_sorted() && distinct.len() == ids.len()
}

fn annotations(document: &Document, report: &mut WriteReport) -> String {
    let map = OffsetMap::new(&document.text);
    let mut lines = String::new();
    let mut number = 0;
    for span in &document.spans {
        let edges = map.char_of_byte(span.start).zip(map.char_of_byte(span.end));
        let Some((start, end)) = edges.filter(|(start, end)| start < end) else {
            report.lost_spans += 1;
            continue;
        };
        number += 1;
        // A label ends at the first space there.
        let label: String = span.label.split_whitespace().collect::<Vec<_>>().join("_");
        report.changed_strings += usize::from(label != span.label);
        let text = document.text[span.start..span.end].replace(char::is_whitespace, " ");
        // Writing to a string cannot fail.
        let _ = writeln!(lines, "T{number}\t{label} {start} {end}\t{text}");
    }
    report.entities += number;
    lines
}

/// All files in one zip archive.
pub(super) fn archive(
    documents: &[Document],
    out: &mut impl Write,
) -> Result<WriteReport, WriteError> {
    let (files, report) = brat_files(documents);
    let members = files.into_iter().flat_map(|file| {
        let name = |ending| format!("{}.{ending}", file.name);
        [
            (name("txt"), file.text.into_bytes()),
            (name("ann"), file.annotations.into_bytes()),
        ]
    });
    out.write_all(&pack(&members.collect::<Vec<_>>())?)?;
    Ok(report)
}

/// Files, each with its name, in one zip archive.
pub fn pack(files: &[(String, Vec<u8>)]) -> Result<Vec<u8>, WriteError> {
    let mut archive = ZipWriter::new(Cursor::new(Vec::new()));
    let options = SimpleFileOptions::default().compression_method(CompressionMethod::Deflated);
    let fault = |error| WriteError::Io(io::Error::other(error));
    for (name, content) in files {
        archive.start_file(name.as_str(), options).map_err(fault)?;
        archive.write_all(content)?;
    }
    Ok(archive.finish().map_err(fault)?.into_inner())
}
