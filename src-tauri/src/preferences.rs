//! How the person wants the window, in `preferences.json` of the library.

use crate::disk;
use crate::failure::Failure;
use crate::shapes::Preferences;
use std::path::PathBuf;
use tagsmith_hub::Library;

fn file(library: &Library) -> PathBuf {
    library.home().join("preferences.json")
}

/// The preferences saved; the usual ones where there are none, or where they are damaged.
pub fn read(library: &Library) -> Preferences {
    disk::read_json(&file(library)).unwrap_or_default()
}

/// Saves the preferences.
///
/// # Errors
/// The file system refused.
pub fn write(library: &Library, preferences: &Preferences) -> Result<(), Failure> {
    disk::write_json(&file(library), preferences)
}
