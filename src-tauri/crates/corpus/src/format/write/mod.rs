//! Writes documents in a format, and counts what the format cannot hold.

mod bioc;
mod brat;
mod conll;
mod json;
mod parquet;
mod predictions;
mod pubtator;
mod report;
mod webanno;
mod words;

use std::collections::HashSet;
use std::io::{self, Write};

use serde::{Deserialize, Serialize};

pub use brat::{BratFile, brat_files, pack};
pub use predictions::{PredictionFormat, PredictionWriter};
pub use report::{Loss, WriteReport};

use crate::document::Document;
use crate::format::error::WriteError;
use crate::formats::FormatName;
use crate::scheme::Scheme;

/// What to write.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum WriteFormat {
    /// Two columns separated by a tab.
    ConllScheme(Scheme),
    /// `{"text", "entities": [{"start", "end", "label"}]}`, offsets in characters; `unknown` has the
    /// pieces whose annotation is unknown.
    JsonlSpans,
    /// `{"tokens", "ner_tags"}`, the tags by name; `unknown` has the numbers of the words whose
    /// annotation is unknown.
    JsonlTokens {
        /// Of the tags.
        scheme: Scheme,
    },
    /// JSON lines of `[text, {"entities": [[start, end, label]]}]`, offsets in characters.
    Spacy,
    /// JSON lines of `{"text", "tokens", "spans", "answer": "accept"}`, offsets in characters. The
    /// tokens are there where the words are the data's own.
    Prodigy,
    /// JSON lines of `{"text", "label": [[start, end, label]]}`, offsets in characters.
    Doccano,
    /// A JSON array of tasks with one annotation each, offsets in UTF-16 units.
    LabelStudio,
    /// A JSON array of `{"tokenized_text", "ner": [[first, last, label]]}`, which count words.
    Gliner,
    /// A zip archive with a `.txt` and an `.ann` for each document; [`brat_files`] gives them one
    /// by one.
    Brat,
    /// BioC in XML: a document for each group, a passage for each document, offsets in characters.
    BioC,
    /// PubTator's text files: title, abstract and annotations, offsets in characters.
    PubTator,
    /// WebAnno TSV 3.3: a sentence for each document, offsets in UTF-16 units.
    WebAnno,
    /// A Parquet file with `tokens` and `ner_tags`, the tags as numbers that the file names.
    Parquet {
        /// Of the tags.
        scheme: Scheme,
    },
}

/// What a person may have written: a [`WriteFormat`] by its name, before a tag scheme is chosen.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "bindings", derive(specta::Type))]
#[serde(rename_all = "kebab-case")]
#[allow(missing_docs, reason = "the description says what each is")]
pub enum Target {
    Conll,
    Jsonl,
    Tokens,
    Spacy,
    Prodigy,
    Doccano,
    LabelStudio,
    Gliner,
    Brat,
    Parquet,
    #[serde(rename = "bioc")]
    BioC,
    #[serde(rename = "pubtator")]
    PubTator,
    #[serde(rename = "webanno")]
    WebAnno,
}

/// What there is to know about a [`Target`].
#[derive(Clone, Copy, Debug)]
pub struct Description {
    /// As the command line and the window's page write it.
    pub name: &'static str,
    /// As lists show it.
    pub title: &'static str,
    /// What such a file holds, as a help text.
    pub help: &'static str,
    /// The ending of a file with one part; that of brat is an archive.
    pub extension: &'static str,
    /// It holds tags, which say one thing of each word; spans may overlap.
    pub has_tags: bool,
}

impl Target {
    /// All, in the order in which they are listed.
    pub const ALL: [Self; 13] = [
        Self::Conll,
        Self::Jsonl,
        Self::Tokens,
        Self::Spacy,
        Self::Prodigy,
        Self::Doccano,
        Self::LabelStudio,
        Self::Gliner,
        Self::Brat,
        Self::Parquet,
        Self::BioC,
        Self::PubTator,
        Self::WebAnno,
    ];

    /// What there is to know about it.
    pub const fn description(self) -> Description {
        let (name, title, help, extension, has_tags) = match self {
            Self::Conll => (
                "conll",
                "CoNLL, one word and tag per line",
                "Two columns, tab between, blank line after each sentence",
                "conll",
                true,
            ),
            Self::Jsonl => (
                "jsonl",
                "JSONL, text and spans",
                "JSON lines with text and spans, offsets in characters",
                "jsonl",
                false,
            ),
            Self::Tokens => (
                "tokens",
                "JSONL, tokens and tags",
                "JSON lines with tokens and tags",
                "jsonl",
                true,
            ),
            Self::Spacy => (
                "spacy",
                "spaCy",
                "JSON lines of spaCy's `[text, {\"entities\": …}]`",
                "jsonl",
                false,
            ),
            Self::Prodigy => ("prodigy", "Prodigy", "Prodigy's JSON lines", "jsonl", false),
            Self::Doccano => ("doccano", "doccano", "doccano's JSON lines", "jsonl", false),
            Self::LabelStudio => (
                "label-studio",
                "Label Studio",
                "Label Studio's JSON",
                "json",
                false,
            ),
            Self::Gliner => (
                "gliner",
                "GLiNER",
                "GLiNER's JSON, spans that count words",
                "json",
                false,
            ),
            Self::Brat => (
                "brat",
                "brat, .txt and .ann",
                "brat's .txt and .ann files, in a folder or a .zip",
                "zip",
                false,
            ),
            Self::Parquet => (
                "parquet",
                "Hugging Face, Parquet",
                "A Parquet file for Hugging Face's `datasets`, with tokens and tags",
                "parquet",
                true,
            ),
            Self::BioC => (
                "bioc",
                "BioC, XML",
                "BioC's XML, a passage for each text, offsets in characters",
                "xml",
                false,
            ),
            Self::PubTator => (
                "pubtator",
                "PubTator",
                "PubTator's text files: title, abstract and a line for each entity",
                "pubtator",
                false,
            ),
            Self::WebAnno => (
                "webanno",
                "INCEpTION, WebAnno TSV",
                "WebAnno TSV 3.3, as INCEpTION imports it, each text as a sentence",
                "tsv",
                false,
            ),
        };
        Description {
            name,
            title,
            help,
            extension,
            has_tags,
        }
    }

    /// What such a file is read as.
    pub const fn read_as(self) -> FormatName {
        match self {
            Self::Conll => FormatName::Conll,
            Self::Brat => FormatName::Brat,
            Self::Parquet => FormatName::Parquet,
            Self::BioC => FormatName::BioC,
            Self::PubTator => FormatName::PubTator,
            Self::WebAnno => FormatName::WebAnno,
            Self::Jsonl
            | Self::Tokens
            | Self::Spacy
            | Self::Prodigy
            | Self::Doccano
            | Self::LabelStudio
            | Self::Gliner => FormatName::Json,
        }
    }

    /// The format to write; `scheme` matters where it has tags.
    pub const fn with(self, scheme: Scheme) -> WriteFormat {
        match self {
            Self::Conll => WriteFormat::ConllScheme(scheme),
            Self::Jsonl => WriteFormat::JsonlSpans,
            Self::Tokens => WriteFormat::JsonlTokens { scheme },
            Self::Spacy => WriteFormat::Spacy,
            Self::Prodigy => WriteFormat::Prodigy,
            Self::Doccano => WriteFormat::Doccano,
            Self::LabelStudio => WriteFormat::LabelStudio,
            Self::Gliner => WriteFormat::Gliner,
            Self::Brat => WriteFormat::Brat,
            Self::Parquet => WriteFormat::Parquet { scheme },
            Self::BioC => WriteFormat::BioC,
            Self::PubTator => WriteFormat::PubTator,
            Self::WebAnno => WriteFormat::WebAnno,
        }
    }
}

/// What [`write`] would report, without writing anything.
pub fn plan(documents: &[Document], target: &WriteFormat) -> Result<WriteReport, WriteError> {
    match target {
        WriteFormat::Brat => Ok(brat_files(documents).1),
        // The tags say all that the table cannot hold.
        WriteFormat::Parquet { scheme } => {
            let tags = WriteFormat::JsonlTokens { scheme: *scheme };
            Ok(put(documents, &tags, &mut io::sink())?.with_unknown(documents))
        }
        other => write(documents, other, &mut io::sink()),
    }
}

/// Writes all documents, in order.
pub fn write(
    documents: &[Document],
    target: &WriteFormat,
    out: &mut impl Write,
) -> Result<WriteReport, WriteError> {
    let report = put(documents, target, out)?;
    Ok(match target {
        WriteFormat::JsonlSpans | WriteFormat::JsonlTokens { .. } => report,
        _ => report.with_unknown(documents),
    })
}

fn put(
    documents: &[Document],
    target: &WriteFormat,
    out: &mut impl Write,
) -> Result<WriteReport, WriteError> {
    match target {
        WriteFormat::Brat => return brat::archive(documents, out),
        WriteFormat::Parquet { scheme } => return parquet::write(documents, *scheme, out),
        WriteFormat::LabelStudio => return json::tasks(documents, out),
        WriteFormat::BioC => return bioc::write(documents, out),
        WriteFormat::WebAnno => return webanno::write(documents, out),
        WriteFormat::Gliner => return json::gliner(documents, out),
        _ => {}
    }
    let mut report = WriteReport::default();
    let (mut group, mut any) = (None, false);
    if let WriteFormat::ConllScheme(_) = target {
        report.lost_groups += apart(documents);
    }
    for document in documents {
        report.documents += 1;
        match target {
            WriteFormat::ConllScheme(scheme) => {
                if document.words.is_empty() {
                    report.documents -= 1;
                    report.empty_documents += 1;
                    report.lost_spans += document.spans.len();
                    continue;
                }
                // One without a group does not belong to the one before.
                if document.group != group || any && document.group.is_none() {
                    out.write_all(b"-DOCSTART-\tO\n\n")?;
                }
                group = document.group;
                any |= group.is_some();
                conll::write(document, *scheme, out, &mut report)?;
            }
            WriteFormat::JsonlTokens { scheme } => {
                json::tokens(document, *scheme, out, &mut report)?
            }
            WriteFormat::Spacy => json::spacy(document, out, &mut report)?,
            WriteFormat::Prodigy => json::prodigy(document, out, &mut report)?,
            WriteFormat::Doccano => json::doccano(document, out, &mut report)?,
            WriteFormat::PubTator => {
                pubtator::write(document, report.documents, out, &mut report)?;
            }
            _ => json::spans(document, out, &mut report)?,
        }
    }
    Ok(report)
}

/// Documents whose group has others further up, and not directly before them: where a group is what
/// stands together, they leave it.
pub(super) fn apart(documents: &[Document]) -> usize {
    let mut seen = HashSet::new();
    let mut last = None;
    let mut count = 0;
    for group in documents.iter().map(|document| document.group) {
        count += usize::from(group.is_some_and(|group| !seen.insert(group)) && group != last);
        last = group;
    }
    count
}
