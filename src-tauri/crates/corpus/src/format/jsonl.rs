//! Reads JSON records with labelled spans or tagged tokens.

use std::path::Path;

use crate::format::{Corpus, ReadError, ReadOptions};

pub(super) fn read(path: &Path, text: &str, options: &ReadOptions) -> Result<Corpus, ReadError> {
    let _ = (path, text, options);
    todo!()
}
