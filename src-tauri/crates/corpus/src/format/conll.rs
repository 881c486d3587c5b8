//! Reads CoNLL-style files: one word and its tag per line.

use std::path::Path;

use crate::format::{Corpus, ReadError, ReadOptions};
use crate::issue::Issue;
use crate::scheme::Tag;

/// Two columns of tags, sentence by sentence.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct TagColumns {
    pub gold: Vec<Vec<Tag>>,
    pub predicted: Vec<Vec<Tag>>,
    pub issues: Vec<Issue>,
}

/// Reads the last two columns as gold and predicted tags, as conlleval does.
pub fn read_tag_columns(path: &Path) -> Result<TagColumns, ReadError> {
    let _ = path;
    todo!()
}

pub(super) fn read(path: &Path, text: &str, options: &ReadOptions) -> Result<Corpus, ReadError> {
    let _ = (path, text, options);
    todo!()
}
