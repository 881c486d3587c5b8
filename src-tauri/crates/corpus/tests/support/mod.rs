//! What several test files need.

use std::path::PathBuf;

/// A folder of public data sets that is not part of the project: `TAGSMITH_DATA`, or the folder
/// `shared/data` beside the repository. `None`, with a message, where there is none.
pub fn data() -> Option<PathBuf> {
    let beside = concat!(env!("CARGO_MANIFEST_DIR"), "/../../../../shared/data");
    let path = std::env::var_os("TAGSMITH_DATA").map_or_else(|| beside.into(), PathBuf::from);
    if path.is_dir() {
        return Some(path);
    }
    eprintln!("skipped: there is no data in {}", path.display());
    None
}
