//! Ensembles: folders that hold several models with the same tags, which answer together.
//!
//! `ensemble.json` names the folders of the models, each one in the Hugging Face layout, beside the configuration and
//! the tokenizer, which they have in common. It is written last: a folder without it is no ensemble.

use crate::weights::{WeightsError, is_plain_name};
use serde::{Deserialize, Serialize};
use std::io;
use std::path::{Path, PathBuf};
use tagsmith_files::write_json;

/// The file that makes a folder one of an ensemble.
pub const FILE: &str = "ensemble.json";

#[derive(Serialize, Deserialize)]
struct Listed {
    members: Vec<String>,
}

/// The folders of the models, in order; `None` where the folder is not one of an ensemble.
///
/// # Errors
/// The list cannot be read, is empty, or names a folder elsewhere.
pub fn members(folder: &Path) -> Result<Option<Vec<PathBuf>>, WeightsError> {
    let path = folder.join(FILE);
    let bytes = match std::fs::read(&path) {
        Err(failure) if failure.kind() == io::ErrorKind::NotFound => return Ok(None),
        // A file where a folder is expected: others say so.
        Err(failure) if failure.kind() == io::ErrorKind::NotADirectory => return Ok(None),
        Err(source) => return Err(WeightsError::Unreadable { path, source }),
        Ok(bytes) => bytes,
    };
    let corrupt = |reason: String| WeightsError::Corrupt {
        path: path.clone(),
        reason,
    };
    let listed: Listed =
        serde_json::from_slice(&bytes).map_err(|failure| corrupt(failure.to_string()))?;
    if listed.members.is_empty() {
        return Err(corrupt("it names no model".into()));
    }
    let of = |name: &String| match is_plain_name(name) {
        true => Ok(folder.join(name)),
        false => Err(corrupt(format!("it names `{name}`, outside the folder"))),
    };
    listed
        .members
        .iter()
        .map(of)
        .collect::<Result<_, _>>()
        .map(Some)
}

/// Writes the list of the models, by the names of their folders.
///
/// # Errors
/// The file system refused.
pub fn write(folder: &Path, members: Vec<String>) -> io::Result<()> {
    write_json(&folder.join(FILE), &Listed { members })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::weights::find;

    #[test]
    fn an_ensemble_names_models_in_its_own_folder() {
        let here = tempfile::tempdir().unwrap();
        let folder = here.path();
        assert!(members(folder).unwrap().is_none());
        write(folder, vec!["a".into(), "b".into()]).unwrap();
        let found = members(folder).unwrap().unwrap();
        assert_eq!(found, [folder.join("a"), folder.join("b")]);
        let refused = find(folder).err().unwrap();
        assert!(
            refused.to_string().contains("an ensemble of 2 models"),
            "{refused}"
        );
        for (text, said) in [
            ("{}", "missing field"),
            (r#"{"members": []}"#, "names no model"),
            (
                r#"{"members": ["a", "../b"]}"#,
                "names `../b`, outside the folder",
            ),
        ] {
            std::fs::write(folder.join(FILE), text).unwrap();
            let refused = members(folder).err().unwrap().to_string();
            assert!(
                refused.contains(said) && refused.contains(FILE),
                "{refused}"
            );
        }
    }
}
