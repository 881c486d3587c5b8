//! Model folders elsewhere that the person has added: remembered by path, used where they lie.

use std::borrow::Cow;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use tagsmith_protocol::Diagnose;

use tagsmith_files::{create_folder_of, write_bytes};

use super::{Library, ModelEntry, ResolveError, Source, is_model};
use crate::inspect::{InspectError, inspect};
use tagsmith_checkpoint::Adapter;

/// Why a folder could not be added.
#[derive(Debug, thiserror::Error)]
pub enum AddError {
    /// It is not a model folder.
    #[error(transparent)]
    NotAModel(#[from] InspectError),
    /// It is an adapter that cannot be merged.
    #[error(transparent)]
    Adapter(#[from] ResolveError),
    /// The file system refused.
    #[error("cannot remember the folder in `{}`: {source}", path.display())]
    Io {
        /// The list of folders.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
}

impl Diagnose for AddError {
    fn code(&self) -> &'static str {
        "not-a-model"
    }

    fn hint(&self) -> Option<Cow<'_, str>> {
        let hint: String = match self {
            Self::NotAModel(reason) => return reason.hint(),
            Self::Adapter(reason) => return reason.hint(),
            Self::Io { .. } => "check the permissions of the library's folder".into(),
        };
        Some(hint.into())
    }
}

impl Library {
    /// Remembers a model folder; its files stay where they are. Adding one again changes nothing. What is
    /// added by the folder of an adapter is the model that it makes with its base model.
    ///
    /// # Errors
    /// It is not a model folder, or the list cannot be written.
    pub fn add_folder(&self, folder: &Path) -> Result<ModelEntry, AddError> {
        let merged = match Adapter::in_folder(folder).filter(|_| !is_model(folder)) {
            Some(adapter) => Some(self.merged(folder, adapter)?),
            None => None,
        };
        let folder = merged.as_deref().unwrap_or(folder);
        inspect(folder)?;
        let folder = fs::canonicalize(folder).map_err(|source| AddError::Io {
            path: folder.into(),
            source,
        })?;
        let entry = |models: Vec<ModelEntry>| {
            models
                .into_iter()
                .find(|entry| fs::canonicalize(&entry.path).is_ok_and(|path| path == folder))
        };
        // What the library has anyway needs no second name.
        if let Some(known) = entry(self.models()) {
            return Ok(known);
        }
        let mut folders = self.remembered();
        folders.push(folder.clone());
        self.remember(&folders)?;
        Ok(entry(self.models()).unwrap_or_else(|| ModelEntry {
            name: free_name(&folder, |_| false),
            path: folder.clone(),
            source: Source::Folder,
        }))
    }

    /// The added folders that are models now; one on a disk that is not there is left out.
    pub(super) fn added(&self) -> Vec<PathBuf> {
        let folders = self.remembered().into_iter();
        folders.filter(|folder| is_model(folder)).collect()
    }

    /// Forgets an added folder.
    pub(super) fn forget_folder(&self, folder: &Path) -> Result<(), AddError> {
        let mut folders = self.remembered();
        folders.retain(|known| known != folder);
        self.remember(&folders)
    }

    fn remembered(&self) -> Vec<PathBuf> {
        fs::read(self.list())
            .ok()
            .and_then(|bytes| serde_json::from_slice(&bytes).ok())
            .unwrap_or_default()
    }

    fn remember(&self, folders: &[PathBuf]) -> Result<(), AddError> {
        let path = self.list();
        serde_json::to_vec_pretty(folders)
            .map_err(io::Error::from)
            .and_then(|bytes| create_folder_of(&path).and_then(|()| write_bytes(&path, &bytes)))
            .map_err(|source| AddError::Io { path, source })
    }

    fn list(&self) -> PathBuf {
        self.home().join("folders.json")
    }
}

/// The name of a folder, with a number where another model has it. A dot at its beginning would hide the model.
pub(super) fn free_name(folder: &Path, taken: impl Fn(&str) -> bool) -> String {
    let name = folder.file_name().unwrap_or_default().to_string_lossy();
    let name = match name.trim_start_matches('.') {
        "" => "model".to_owned(),
        name => name.to_owned(),
    };
    if !taken(&name) {
        return name;
    }
    (2..)
        .map(|number| format!("{name}-{number}"))
        .find(|name| !taken(name))
        .unwrap_or(name)
}
