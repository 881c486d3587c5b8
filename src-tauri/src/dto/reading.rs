//! How files are read, and what is found in them before they are taken into the library.

use super::{CheckReport, DataDocument, Repair, Scheme, Split, Statistics};
use serde::{Deserialize, Serialize};
use specta::Type;
use std::collections::BTreeMap;
use tagsmith_corpus::{
    Agreement, Annotator, ColumnChoice, Format, FormatName, IssueCode, LineEnds, OffsetUnit,
    ReadOptions,
};

/// How a file is to be read; `null` is found out by looking.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, Type)]
#[serde(default)]
pub struct Reading {
    /// What it is.
    pub format: Option<FormatName>,
    /// As the WHATWG names it: `utf-16le`, `windows-1252`.
    pub encoding: Option<String>,
    /// Where the words are.
    pub token_column: Option<ColumnChoice>,
    /// Where the tags are.
    pub tag_column: Option<ColumnChoice>,
    /// A table's: the column that is the same for all words of one sentence.
    pub sentence_column: Option<ColumnChoice>,
    /// Of the tags.
    pub scheme: Option<Scheme>,
    /// What numbers in `ner_tags` stand for, in their order.
    pub label_names: Option<Vec<String>>,
    /// What offsets count.
    pub offsets: OffsetUnit,
    /// Added to every start and end, in the unit of `offsets`.
    pub shift: i64,
    /// The end of a span is its last character.
    pub inclusive_ends: bool,
    /// What offsets count for the end of a line.
    pub line_ends: LineEnds,
    /// Leave out what cannot be used, instead of refusing the file.
    pub drop_invalid: bool,
    /// Leave words out of the loss of which a partly labelled file says nothing.
    pub mask_unknown: bool,
    /// Of texts that several people annotated, whose annotations are read: `ground-truth`, `majority`,
    /// or a person's name.
    #[specta(type = String)]
    pub annotator: Annotator,
}

impl From<&Reading> for ReadOptions {
    fn from(reading: &Reading) -> Self {
        let reading = reading.clone();
        Self {
            format: reading.format,
            encoding: reading.encoding,
            token_column: reading.token_column,
            tag_column: reading.tag_column,
            sentence_column: reading.sentence_column,
            scheme: reading.scheme,
            label_names: reading.label_names,
            offsets: reading.offsets,
            shift: reading.shift,
            inclusive_ends: reading.inclusive_ends,
            line_ends: reading.line_ends,
            drop_invalid: reading.drop_invalid,
            mask_unknown: reading.mask_unknown,
            annotator: reading.annotator,
            ..Self::default()
        }
    }
}

/// A file or folder that the person picked.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, Type)]
pub struct ChosenFile {
    /// Where it is.
    pub path: String,
    /// `null`: as the name or the content says.
    pub split: Option<Split>,
    /// How it is read.
    pub reading: Reading,
}

/// What is to be looked into.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, Type)]
pub struct InspectRequest {
    /// Read one after the other.
    pub files: Vec<ChosenFile>,
    /// Done afterwards, in order.
    pub repairs: Vec<Repair>,
}

/// The first rows of a file with columns.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, Type)]
#[allow(missing_docs)]
pub struct Columns {
    pub names: Vec<String>,
    pub rows: Vec<Vec<String>>,
}

/// One file in what was chosen: itself, or one of a folder or an archive.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, Type)]
#[allow(missing_docs)]
pub struct Member {
    pub name: String,
    pub split: String,
    pub format: Format,
    pub scheme: Option<Scheme>,
    pub encoding: String,
    pub documents: u32,
    pub words: u32,
    pub entities: u32,
    pub labels: BTreeMap<String, u32>,
    pub columns: Option<Columns>,
    /// How far several people agree who annotated the same texts.
    pub agreement: Option<Agreement>,
    /// Some of its documents are labelled in part.
    pub partly_labelled: bool,
}

/// Why a file cannot be used as it is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, Type)]
#[allow(missing_docs)]
pub struct Fault {
    /// Of what was found first.
    pub code: IssueCode,
    /// Without the path and the line.
    pub message: String,
    pub hint: Option<String>,
    /// From 1.
    pub line: Option<u32>,
    /// As what it could be read as texts without labels, where it holds none.
    pub as_text: Option<FormatName>,
}

/// What one of the chosen files was found to be.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, Type)]
#[allow(missing_docs)]
pub struct InspectedFile {
    pub path: String,
    pub members: Vec<Member>,
    pub error: Option<Fault>,
}

/// What is in files, before they are taken into the library.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, Type)]
#[allow(missing_docs)]
pub struct Inspection {
    pub files: Vec<InspectedFile>,
    /// The first documents.
    pub preview: Vec<DataDocument>,
    pub report: CheckReport,
    pub statistics: Statistics,
}

/// Files to be taken into the library, and how.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, Type)]
pub struct ImportRequest {
    /// What the data set is to be called.
    pub name: String,
    /// Read one after the other.
    pub files: Vec<ChosenFile>,
    /// Done afterwards, in order.
    pub repairs: Vec<Repair>,
    /// Which of them were chosen at once, from one up to before another, and are one step of undo.
    #[serde(default)]
    pub at_once: Vec<(u32, u32)>,
}

/// How far a long piece of work is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, Type)]
pub struct Progress {
    /// The name that the window gave to the work.
    pub job: String,
    /// `reading`, `repairing`, `checking`, `copying`, `writing`.
    pub stage: String,
    /// Of `total`.
    pub done: u32,
    /// 0 while unknown.
    pub total: u32,
}
