//! The documents of one data set in memory, searched and shown page by page.

use super::lines_file;
use crate::disk;
use crate::failure::Failure;
use crate::shapes::{DataDocument, DataSet, DocumentPage, DocumentQuery, Entity, Split};
use std::path::Path;
use tagsmith_corpus::{Document, OffsetMap, ReadOptions, read};

/// All documents of a data set, in the order of their splits.
pub struct Documents {
    all: Vec<(Split, Document)>,
}

impl Documents {
    /// Reads the files of a data set.
    ///
    /// # Errors
    /// A file is missing or damaged.
    pub fn read(folder: &Path, set: &DataSet) -> Result<Self, Failure> {
        let mut all = Vec::new();
        for split in Split::ALL {
            if !set
                .check
                .files
                .iter()
                .any(|file| file.split == split.name())
            {
                continue;
            }
            let path = folder.join(format!("{}.jsonl", split.name()));
            let corpus = read(&path, &ReadOptions::default()).map_err(|failure| {
                Failure::new(
                    "damaged",
                    failure.to_string(),
                    "delete this data set and import its file again",
                )
            })?;
            let lines: Vec<usize> =
                disk::read_json(&lines_file(folder, split.name())).unwrap_or_default();
            let mut lines = lines.into_iter();
            all.extend(corpus.documents.into_iter().map(|mut document| {
                document.line = lines.next().unwrap_or(document.line);
                (split, document)
            }));
        }
        Ok(Self { all })
    }

    /// The page that a query asks for.
    pub fn page(&self, query: &DocumentQuery) -> DocumentPage {
        let wanted = query.text.trim().to_lowercase();
        let found: Vec<&(Split, Document)> =
            self.all
                .iter()
                .filter(|(split, document)| {
                    query.split.takes(*split)
                        && query.label.as_ref().is_none_or(|label| {
                            document.spans.iter().any(|span| span.label == *label)
                        })
                        && contains(&document.text, &wanted)
                })
                .collect();
        DocumentPage {
            total: u32::try_from(found.len()).unwrap_or(u32::MAX),
            documents: found
                .into_iter()
                .skip(query.offset as usize)
                .take(query.limit as usize)
                .map(|(split, document)| shown(*split, document))
                .collect(),
        }
    }
}

fn contains(text: &str, wanted: &str) -> bool {
    wanted.is_empty() || text.to_lowercase().contains(wanted)
}

fn shown(split: Split, document: &Document) -> DataDocument {
    let offsets = OffsetMap::new(&document.text);
    let unit = |byte| {
        let unit = offsets.utf16_of_byte(byte).unwrap_or_default();
        u32::try_from(unit).unwrap_or(u32::MAX)
    };
    DataDocument {
        split: split.name().into(),
        line: u32::try_from(document.line).unwrap_or(u32::MAX),
        text: document.text.clone(),
        entities: document
            .spans
            .iter()
            .map(|span| Entity {
                start: unit(span.start),
                end: unit(span.end),
                label: span.label.clone(),
                text: document.text[span.start..span.end].into(),
                score: None,
            })
            .collect(),
    }
}
