//! What was read: files, parts and whole data sets, as values.

use std::path::{Path, PathBuf};

use serde::Serialize;

use crate::document::Document;
use crate::issue::Issue;
use crate::offset_inference::OffsetEvidence;
use crate::scheme::Scheme;

/// What a file was found to be.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(tag = "kind", rename_all = "kebab-case")]
pub enum Format {
    /// One word and its tag per line.
    Conll {
        /// How many columns most rows have.
        columns: usize,
        /// What parts them.
        separator: Separator,
        /// From 0.
        token_column: usize,
        /// From 0.
        tag_column: usize,
        /// The labels stand there without `B-` or `I-`.
        bare_labels: bool,
    },
    /// A text with labelled spans per record.
    JsonlSpans {
        /// Whose spelling of them.
        spelling: Spelling,
    },
    /// A list of tokens with one tag each per record.
    JsonlTokens,
    /// A table with one word per row.
    TableWords {
        /// What parts its cells.
        delimiter: char,
        /// Whether its first row names the columns.
        header: bool,
        /// From 0.
        token_column: usize,
        /// From 0.
        tag_column: usize,
        /// From 0; `None` where blank lines part the sentences.
        sentence_column: Option<usize>,
    },
    /// A table with one text per row.
    TableTexts {
        /// What parts its cells.
        delimiter: char,
        /// From 0.
        text_column: usize,
        /// The column of the spans or tags, from 0; `None` where there are no labels.
        label_column: Option<usize>,
    },
    /// Text without labels.
    Text,
    /// A `.txt` and an `.ann` per document.
    Brat,
    /// A Parquet file.
    Parquet {
        /// Its rows are lists of tokens, not texts.
        tokens: bool,
    },
    /// An Arrow file or stream.
    Arrow {
        /// Its rows are lists of tokens, not texts.
        tokens: bool,
    },
    /// spaCy's `.spacy`.
    DocBin,
}

impl Format {
    /// Do files of this format say what the words are? Otherwise they were found by splitting.
    pub fn gives_words(&self) -> bool {
        match self {
            Self::Conll { .. } | Self::JsonlTokens | Self::TableWords { .. } | Self::DocBin => true,
            Self::Parquet { tokens } | Self::Arrow { tokens } => *tokens,
            Self::JsonlSpans { .. } | Self::TableTexts { .. } | Self::Text | Self::Brat => false,
        }
    }
}

/// What parts the columns of a CoNLL file.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Separator {
    /// One tab, so that tokens may hold spaces or be empty.
    Tab,
    /// Any number of spaces.
    Space,
}

/// Whose way of writing labelled spans it is, by the first record that has some.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Spelling {
    /// `entities` or `spans` beside `text`.
    Plain,
    /// `label`, `labels`, or `start_offset` and `end_offset`.
    Doccano,
    /// `[text, {"entities": […]}]`.
    Spacy,
    /// `answer`, or spans with `token_start`.
    Prodigy,
    /// Tasks with `data` and `annotations`, or spans with `labels`.
    LabelStudio,
    /// A text in pieces, some of them entities, as Snips has it.
    Chunks,
    /// Rasa's `entities` with `entity` and `value`.
    Rasa,
}

/// What was read, and how much of it.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct SourceInfo {
    /// The file.
    pub path: PathBuf,
    /// What its content was found to be.
    pub format: Format,
    /// `None` where the file has spans instead of tags.
    pub scheme: Option<Scheme>,
    /// Documents read.
    pub documents: usize,
    /// Words in all documents.
    pub words: usize,
    /// Gold spans in all documents.
    pub entities: usize,
    /// Tags that break the scheme and were read as conlleval reads them.
    pub repaired_tags: usize,
    /// Invalid spans left out because `drop_invalid` said so.
    pub dropped_spans: usize,
    /// Whole records left out because they are no gold: Prodigy's `reject` and `ignore`.
    pub skipped_documents: usize,
}

impl SourceInfo {
    pub(crate) fn new(path: &Path, format: Format) -> Self {
        Self {
            path: path.into(),
            format,
            scheme: None,
            documents: 0,
            words: 0,
            entities: 0,
            repaired_tags: 0,
            dropped_spans: 0,
            skipped_documents: 0,
        }
    }

    pub(crate) fn count(&mut self, document: &Document) {
        self.documents += 1;
        self.words += document.words.len();
        self.entities += document.spans.len();
    }
}

/// A file as it was read.
#[derive(Clone, Debug, PartialEq)]
pub struct Corpus {
    /// In the order of the file.
    pub documents: Vec<Document>,
    /// What the file is.
    pub source: SourceInfo,
    /// What a person should know about it; no errors, because those stop the reading.
    pub issues: Vec<Issue>,
    /// How the spans fit under other ways to read their offsets; `None` where the file has none.
    pub offset_evidence: Option<OffsetEvidence>,
}

/// One part of a data set: what was read for it.
#[derive(Clone, Debug, PartialEq)]
pub struct Part {
    /// `train`, `dev`, `test` …
    pub split: String,
    /// Its documents, and what was found while they were read.
    pub corpus: Corpus,
}

/// A data set in memory: its parts, each with a name of its own, in the order `train`, `dev`, `test`.
pub type Dataset = Vec<Part>;
