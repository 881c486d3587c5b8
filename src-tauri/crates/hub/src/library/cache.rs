//! Models in the cache that the Hugging Face tools share, used where they lie.
//!
//! A model is `models--ORG--NAME` with `refs/main` naming a commit and `snapshots/COMMIT` holding its
//! files, mostly links into `blobs`.

use std::fs;
use std::path::{Path, PathBuf};

use super::{Library, folders};
use crate::address::{check_id, is_commit};
use crate::inspect;

impl Library {
    /// The models of the cache that are whole, by name.
    pub(super) fn cached(&self) -> Vec<(String, PathBuf)> {
        let Some(cache) = &self.hugging_face else {
            return Vec::new();
        };
        folders(cache)
            .into_iter()
            .filter_map(|(folder, path)| {
                let id = folder.strip_prefix("models--")?.replacen("--", "/", 1);
                check_id(&id).ok()?;
                Some((id, snapshot(&path)?))
            })
            .collect()
    }

    /// The folder of the cache that holds all revisions of a model, and whether it is safe to delete:
    /// a folder of its own, directly in the cache.
    pub(super) fn cache_repository(&self, id: &str) -> Option<PathBuf> {
        check_id(id).ok()?;
        let cache = self.hugging_face.as_ref()?;
        let folder = cache.join(format!("models--{}", id.replacen('/', "--", 1)));
        let found = fs::symlink_metadata(&folder).ok()?;
        found.is_dir().then_some(folder)
    }
}

/// The newest snapshot of a repository, if it can be loaded: the tools also keep single files there.
fn snapshot(repository: &Path) -> Option<PathBuf> {
    let commit = fs::read_to_string(repository.join("refs").join("main")).ok()?;
    let commit = commit.trim();
    if !is_commit(commit) {
        return None;
    }
    let folder = repository.join("snapshots").join(commit);
    inspect::is_whole(&folder).then_some(folder)
}
