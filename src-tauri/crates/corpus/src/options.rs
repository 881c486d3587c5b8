//! How a file is to be read.

use std::path::{Path, PathBuf};
use std::str::FromStr;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::agreement::Annotator;
use crate::format::{Choice, ReadError, Types};
use crate::formats::FormatName;
use crate::scheme::Scheme;

/// How a file is to be read. The default finds out everything by looking.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct ReadOptions {
    /// Leave out what cannot be used, instead of refusing the file: spans, records, sentences with a
    /// faulty row. Each is reported.
    pub drop_invalid: bool,
    /// CoNLL; the last column that holds tags when `None`.
    pub tag_column: Option<ColumnChoice>,
    /// CoNLL; the first column, or the second behind a column of numbers, when `None`.
    pub token_column: Option<ColumnChoice>,
    /// Found by looking when `None`.
    pub scheme: Option<Scheme>,
    /// The names that numbers of tags or labels stand for, in their order from 0, or each as
    /// `NUMBER=NAME`.
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
    /// The end of a span is its last character, not the one after it.
    pub inclusive_ends: bool,
    /// What the offsets of spans count for the end of a line.
    pub line_ends: LineEnds,
    /// Keep spans that overlap or lie in one another, in the order of their starts and the longer
    /// one first. Training cannot hold them; conversion and the library can.
    pub keep_overlaps: bool,
    /// Words of which a partly labelled file does not say whether they belong to an entity are marked
    /// as [unknown](crate::Document::unknown), so that nothing is learned from them, instead of
    /// counting as outside.
    pub mask_unknown: bool,
    /// Of texts that several people have annotated: whose annotations are read.
    pub annotator: Annotator,
    /// Ends the reading when somebody asks for it.
    #[serde(skip)]
    pub stop: Stop,
    /// What is known of a file from those around it; filled in by those who read several.
    #[serde(skip)]
    pub around: Surroundings,
}

/// What is known of a file from those around it: what is read of all of them, and what a description
/// beside it says.
#[derive(Clone, Debug, Default)]
pub struct Surroundings {
    layers: Option<Arc<Option<Choice>>>,
    types: Option<Arc<Types>>,
    /// What an archive says of the columns of its files, each with the folder that it stands in.
    columns: Arc<Vec<(PathBuf, Value)>>,
}

impl Surroundings {
    pub(crate) fn with_layers(&self, choice: Option<Choice>) -> Self {
        Self {
            layers: Some(Arc::new(choice)),
            ..self.clone()
        }
    }

    pub(crate) fn with_types(&self, types: Option<Arc<Types>>) -> Self {
        Self {
            types,
            ..self.clone()
        }
    }

    pub(crate) fn with_columns(&self, folders: Vec<(PathBuf, Value)>) -> Self {
        Self {
            columns: Arc::new(folders),
            ..self.clone()
        }
    }

    /// What is said of the columns of the files in a folder of an archive.
    pub(crate) fn columns_of(&self, folder: &Path) -> Option<&Value> {
        let mut folders = self.columns.iter();
        let (_, described) = folders.find(|(known, _)| known == folder)?;
        Some(described)
    }

    /// The layer that is read in all files of the data set, where that was decided.
    pub(crate) fn layers(&self) -> Option<&Option<Choice>> {
        self.layers.as_deref()
    }

    /// The types of a CAS, where they came beside it.
    pub(crate) fn types(&self) -> Option<&Arc<Types>> {
        self.types.as_ref()
    }
}

/// Nobody asks for it, so that options with different ones are the same.
impl PartialEq for Surroundings {
    fn eq(&self, _: &Self) -> bool {
        true
    }
}

/// By which a reading is ended from outside; the default never is.
#[derive(Clone, Debug, Default)]
pub struct Stop(Option<Arc<AtomicBool>>);

impl Stop {
    /// A reading that ends when the flag is set.
    pub fn when(flag: Arc<AtomicBool>) -> Self {
        Self(Some(flag))
    }

    /// Did somebody ask for the end?
    pub fn is_asked(&self) -> bool {
        let flag = self.0.as_ref();
        flag.is_some_and(|flag| flag.load(Ordering::Relaxed))
    }
}

/// It does not say how a file is read, so that options with different ones are the same.
impl PartialEq for Stop {
    fn eq(&self, _: &Self) -> bool {
        true
    }
}

impl ReadOptions {
    /// Called for each record by those who read many of them.
    pub(crate) fn go_on(&self, path: &Path) -> Result<(), ReadError> {
        match self.stop.is_asked() {
            true => Err(ReadError::Stopped { file: path.into() }),
            false => Ok(()),
        }
    }
}

/// What the offsets of a file count.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "bindings", derive(specta::Type))]
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

/// What offsets count for the end of a line, where a program changed the line ends of the text before
/// or after it was labelled.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "bindings", derive(specta::Type))]
#[serde(rename_all = "kebab-case")]
pub enum LineEnds {
    /// What is in the text.
    #[default]
    AsWritten,
    /// One, where the text has a carriage return and a line feed: browsers and Python count so.
    Joined,
    /// Two, where the text has a line feed alone: it had a carriage return as well.
    Doubled,
}

/// Which column of a CoNLL file is meant.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "bindings", derive(specta::Type))]
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
