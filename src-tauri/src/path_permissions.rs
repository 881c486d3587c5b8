//! The paths that the person picked: the window may name these and no others.

use std::collections::HashSet;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};
use tagsmith_protocol::{Failure, TrainSettings};

/// Paths that the person picked in a dialog or dropped on the window.
#[derive(Default)]
pub struct PathPermissions(Mutex<HashSet<PathBuf>>);

impl PathPermissions {
    /// Remembers that the person picked `path`.
    pub fn grant(&self, path: &Path) {
        self.lock().insert(path.into());
    }

    /// The same, and the path as the window names it.
    pub fn granted(&self, path: &Path) -> String {
        self.grant(path);
        path.display().to_string()
    }

    /// Whether the person picked `path`.
    ///
    /// # Errors
    /// They did not.
    pub fn check(&self, path: &str) -> Result<(), Failure> {
        match self.lock().contains(Path::new(path)) {
            true => Ok(()),
            false => Err(Failure::new(
                "not-picked",
                format!("`{path}` was not picked here"),
                "choose the file again",
            )),
        }
    }

    /// Whether the person picked the file that settings name, if they do.
    ///
    /// # Errors
    /// They did not.
    pub fn check_settings(&self, settings: &TrainSettings) -> Result<(), Failure> {
        let list = settings.augment_mentions.as_ref();
        list.map_or(Ok(()), |path| self.check(&path.display().to_string()))
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, HashSet<PathBuf>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_was_picked_may_be_named() {
        let path_permissions = PathPermissions::default();
        path_permissions.grant(Path::new("/data/a.conll"));
        path_permissions.check("/data/a.conll").unwrap();
        for other in ["/etc/passwd", "/data", "/data/../data/b.conll"] {
            assert_eq!(
                path_permissions.check(other).unwrap_err().code,
                "not-picked"
            );
        }
        let settings = |list: &str| TrainSettings {
            augment_mentions: Some(list.into()),
            ..TrainSettings::default()
        };
        path_permissions
            .check_settings(&TrainSettings::default())
            .unwrap();
        path_permissions
            .check_settings(&settings("/data/a.conll"))
            .unwrap();
        path_permissions
            .check_settings(&settings("/etc/passwd"))
            .unwrap_err();
    }
}
