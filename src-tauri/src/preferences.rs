//! How the person wants the window, in `preferences.json` of the library.

use crate::disk;
use crate::dto::Preferences;
use serde_json::{Map, Value};
use std::path::PathBuf;
use tagsmith_hub::Library;
use tagsmith_protocol::Failure;

fn file(library: &Library) -> PathBuf {
    library.home().join("preferences.json")
}

/// The preferences saved. What is absent in the file, as in one of an older version, is as usual; a
/// damaged file is as none.
pub fn read(library: &Library) -> Preferences {
    let saved: Map<String, Value> = disk::read_json(&file(library)).unwrap_or_default();
    let mut all = serde_json::to_value(Preferences::default()).expect("preferences are plain data");
    for (name, value) in saved {
        all[name] = value;
    }
    serde_json::from_value(all)
        .inspect_err(|failure| tracing::warn!("the preferences are damaged: {failure}"))
        .unwrap_or_default()
}

/// Saves the preferences.
///
/// # Errors
/// The file system refused.
pub fn write(library: &Library, preferences: &Preferences) -> Result<(), Failure> {
    disk::write_json(&file(library), preferences)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::dto::{Language, Theme};

    #[test]
    fn what_a_file_does_not_say_is_as_usual() {
        let folder = tempfile::tempdir().unwrap();
        let library = Library::at(folder.path(), folder.path());
        assert_eq!(read(&library), Preferences::default());
        std::fs::write(
            file(&library),
            r#"{"theme": "dark", "of_another_version": 1}"#,
        )
        .unwrap();
        assert_eq!(read(&library).theme, Theme::Dark);
        assert_eq!(read(&library).device, "auto");
        assert_eq!(read(&library).language, Language::System);
        std::fs::write(file(&library), r#"{"theme": 7}"#).unwrap();
        assert_eq!(read(&library), Preferences::default());
    }
}
