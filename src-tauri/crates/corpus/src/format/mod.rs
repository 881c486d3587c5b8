//! Reads and writes data files. The format is found by looking at the content.

mod arrays;
mod arrow;
mod brat;
mod builder;
mod columns;
mod conll;
mod detect;
mod docbin;
mod error;
mod evidence;
mod expansion;
mod features;
mod fields;
mod json;
mod jsonl;
mod legacy;
mod notation;
mod parquet;
mod plain;
mod quiet;
mod rows;
mod source;
mod spans;
mod table;
mod tagged;
mod text;
mod write;

use std::fs;
use std::path::{Path, PathBuf};
use std::str::FromStr;

use serde::{Deserialize, Serialize};

pub use brat::read_brat;
pub use conll::{TagColumns, read_tag_columns, tag_columns_from_bytes};
pub use error::{ReadError, WriteError};
pub use evidence::{OffsetEvidence, OffsetFit};
pub use source::{read_all, split_of};
pub use write::{BratFile, Loss, WriteFormat, WriteReport, brat_files, pack, plan, write};

use crate::document::Document;
use crate::issue::Issue;
use crate::scheme::Scheme;

/// How a file is to be read. The default finds out everything by looking.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct ReadOptions {
    /// Read a file with invalid spans without those spans, instead of refusing it.
    pub drop_invalid: bool,
    /// CoNLL; the last column that holds tags when `None`.
    pub tag_column: Option<ColumnChoice>,
    /// CoNLL; the first column, or the second behind a column of numbers, when `None`.
    pub token_column: Option<ColumnChoice>,
    /// Found by looking when `None`.
    pub scheme: Option<Scheme>,
    /// The tag names that numbers in `ner_tags` stand for.
    pub label_names: Option<Vec<String>>,
    /// What the file is; found by looking when `None`.
    pub format: Option<FormatName>,
    /// The name of its encoding as the WHATWG writes it (`utf-16le`, `windows-1252`); found by
    /// looking when `None`.
    pub encoding: Option<String>,
    /// A table (CSV, TSV): the column whose value is the same for all words of one sentence.
    pub sentence_column: Option<ColumnChoice>,
    /// What the offsets of spans count.
    pub offsets: OffsetUnit,
    /// Added to every start and end, in the unit of `offsets`.
    pub shift: i64,
    /// Keep spans that overlap or lie in one another, in the order of their starts and the longer
    /// one first. Training cannot hold them; conversion and the library can.
    pub keep_overlaps: bool,
}

/// What the offsets of a file count.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum OffsetUnit {
    /// Unicode characters, as Python, doccano and spaCy do.
    #[default]
    Characters,
    /// Bytes of UTF-8.
    Bytes,
    /// UTF-16 units, as JavaScript and Java do.
    Utf16,
}

/// The kinds of files, by name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum FormatName {
    /// One word and its tags per line, in columns; sentences parted by blank lines.
    Conll,
    /// JSON records with a text and labelled spans, or with tokens and tags, in any known spelling.
    Json,
    /// A table with a header: one word per row, or one text per row.
    Table,
    /// Text without labels: one document per line.
    Text,
    /// A `.txt` and an `.ann` per document.
    Brat,
    /// A Parquet file of a Hugging Face data set.
    Parquet,
    /// An Arrow file of a Hugging Face data set.
    Arrow,
    /// spaCy's `.spacy`.
    DocBin,
}

/// Which column of a CoNLL file is meant.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum ColumnChoice {
    /// From 0, or counted from the right when negative.
    Index(isize),
    /// As a `# global.columns = …` line names it.
    Name(String),
}

impl FromStr for ColumnChoice {
    type Err = std::convert::Infallible;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Ok(text
            .parse()
            .map_or_else(|_| Self::Name(text.into()), Self::Index))
    }
}

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
    fn new(path: &Path, format: Format) -> Self {
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

    fn count(&mut self, document: &Document) {
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

/// Reads a file of any known format, packed or not. A folder or an archive is read where it holds
/// one data file; [`read_all`] reads any.
pub fn read(path: &Path, options: &ReadOptions) -> Result<Corpus, ReadError> {
    source::read_one(path, options)
}

/// Reads the content of a file; the path serves the messages alone.
pub fn read_bytes(
    path_for_messages: &Path,
    bytes: &[u8],
    options: &ReadOptions,
) -> Result<Corpus, ReadError> {
    source::read_content(path_for_messages, bytes, options)
}

fn load(path: &Path) -> Result<Vec<u8>, ReadError> {
    if path.is_dir() {
        return Err(ReadError::Directory { file: path.into() });
    }
    fs::read(path).map_err(|source| ReadError::Unreadable {
        file: path.into(),
        source,
    })
}
