//! The starter model: what it is made of, byte for byte, and whether a folder holds exactly that.

use std::borrow::Cow;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::LazyLock;
use tagsmith_protocol::Diagnose;

use serde::Deserialize;
use tagsmith_files::sha256;

/// The name under which the library finds the starter model.
pub const NAME: &str = "starter";

/// Where the starter model comes from and what it consists of.
#[derive(Clone, Debug, Deserialize)]
pub struct Manifest {
    /// The name in the library.
    pub name: String,
    /// The model's name where it was published.
    pub model: String,
    /// What it is, in a sentence.
    pub description: String,
    /// SPDX identifier of the weights' licence, as their model card states it.
    pub license: String,
    /// The registry package that carries it.
    pub package: Package,
    /// Its files.
    pub files: Vec<PinnedFile>,
}

/// A package of the Python registry.
#[derive(Clone, Debug, Deserialize)]
pub struct Package {
    /// Its name.
    pub name: String,
    /// The one version that is accepted.
    pub version: String,
    /// SPDX identifier of the packaging's own licence.
    pub license: String,
    /// The file name of its wheel.
    pub wheel: String,
    /// Size of the wheel in bytes.
    pub bytes: u64,
    /// SHA-256 of the wheel in hexadecimal digits.
    pub sha256: String,
}

/// A file whose content is fixed.
#[derive(Clone, Debug, Deserialize)]
pub struct PinnedFile {
    /// Its name in the model folder.
    pub file: String,
    /// Its place in the wheel.
    pub from: String,
    /// Size in bytes.
    pub bytes: u64,
    /// SHA-256 in hexadecimal digits.
    pub sha256: String,
}

/// How a folder differs from the starter model.
#[derive(Debug, thiserror::Error)]
pub enum StarterError {
    /// A file of the model is absent.
    #[error("the starter model lacks `{}`", path.display())]
    Missing {
        /// The file.
        path: PathBuf,
    },
    /// The file system refused.
    #[error("cannot read `{}`: {source}", path.display())]
    Unreadable {
        /// The file.
        path: PathBuf,
        /// What the file system said.
        source: io::Error,
    },
    /// A file is longer or shorter than it must be.
    #[error("`{}` has {found} bytes, expected {expected}", path.display())]
    WrongSize {
        /// The file.
        path: PathBuf,
        /// Bytes found.
        found: u64,
        /// Bytes of the true file.
        expected: u64,
    },
    /// A file of the right length holds something else.
    #[error("`{}` has the SHA-256 {found}, expected {expected}", path.display())]
    WrongHash {
        /// The file.
        path: PathBuf,
        /// What was computed, in hexadecimal digits.
        found: String,
        /// What the true file has.
        expected: String,
    },
}

impl Diagnose for StarterError {
    fn code(&self) -> &'static str {
        "starter"
    }

    fn hint(&self) -> Option<Cow<'_, str>> {
        let hint: String = match self {
            Self::Unreadable { .. } => "check the permissions of the file".into(),
            _ => format!("{FETCH}; it repairs what is there"),
        };
        Some(hint.into())
    }
}

/// How the starter model is had.
pub(crate) const FETCH: &str = "run `tagsmith models download starter`, or without a network `scripts/fetch-starter` in Tagsmith's source folder";

/// The manifest that this version of the program was built with.
pub fn manifest() -> &'static Manifest {
    static MANIFEST: LazyLock<Manifest> = LazyLock::new(|| {
        serde_json::from_str(include_str!("../../../../assets/starter/manifest.json"))
            .expect("the manifest is part of the program and a test reads it")
    });
    &MANIFEST
}

/// Whether a model cannot work without the file: it can without its card and licence, which differ
/// between the places where it is published.
pub(crate) fn is_needed(file: &str) -> bool {
    !file.starts_with("README") && !file.starts_with("LICENSE") && !file.starts_with("NOTICE")
}

impl Manifest {
    /// The files that the model cannot work without.
    pub fn needed(&self) -> impl Iterator<Item = &PinnedFile> {
        self.files.iter().filter(|pinned| is_needed(&pinned.file))
    }

    /// Whether `folder` has every file that is needed at its right length. Takes no noticeable time, so it is done
    /// whenever the starter is used; it catches a copy that was cut off.
    ///
    /// # Errors
    /// The first file that is absent, unreadable or of another length.
    pub fn check_sizes(&self, folder: &Path) -> Result<(), StarterError> {
        for pinned in self.needed() {
            let path = folder.join(&pinned.file);
            let found = match fs::metadata(&path) {
                Ok(metadata) => metadata.len(),
                Err(failure) if failure.kind() == io::ErrorKind::NotFound => {
                    return Err(StarterError::Missing { path });
                }
                Err(source) => return Err(StarterError::Unreadable { path, source }),
            };
            if found != pinned.bytes {
                return Err(StarterError::WrongSize {
                    path,
                    found,
                    expected: pinned.bytes,
                });
            }
        }
        Ok(())
    }

    /// Whether every file in `folder` that is needed is the true one. Reads all of them, 90 MB.
    ///
    /// # Errors
    /// The first file that differs.
    pub fn verify(&self, folder: &Path) -> Result<(), StarterError> {
        self.check_sizes(folder)?;
        for pinned in self.needed() {
            let path = folder.join(&pinned.file);
            match sha256(&path) {
                Ok(found) if found == pinned.sha256 => {}
                Ok(found) => {
                    return Err(StarterError::WrongHash {
                        path,
                        found,
                        expected: pinned.sha256.clone(),
                    });
                }
                Err(source) => return Err(StarterError::Unreadable { path, source }),
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_manifest_is_whole_and_names_plain_files() {
        let manifest = manifest();
        assert_eq!(manifest.name, NAME);
        for needed in ["config.json", "model.safetensors", "tokenizer.json"] {
            assert!(manifest.files.iter().any(|f| f.file == needed), "{needed}");
        }
        for pinned in &manifest.files {
            assert_eq!(pinned.sha256.len(), 64, "{}", pinned.file);
            assert_eq!(Path::new(&pinned.file).components().count(), 1);
            assert!(pinned.bytes > 0);
        }
    }

    #[test]
    fn a_file_that_is_absent_short_or_altered_is_named() {
        let folder = tempfile::tempdir().unwrap();
        let mut manifest = manifest().clone();
        manifest.files.truncate(1);
        manifest.files[0].bytes = 3;
        // The SHA-256 of `abc`, the first test vector of FIPS 180-2.
        manifest.files[0].sha256 =
            "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad".into();
        let path = folder.path().join(&manifest.files[0].file);
        let verify = || manifest.verify(folder.path());

        assert!(matches!(verify(), Err(StarterError::Missing { .. })));
        fs::write(&path, "ab").unwrap();
        assert!(matches!(
            verify(),
            Err(StarterError::WrongSize {
                found: 2,
                expected: 3,
                ..
            })
        ));
        fs::write(&path, "abd").unwrap();
        assert!(matches!(verify(), Err(StarterError::WrongHash { .. })));
        fs::write(&path, "abc").unwrap();
        verify().unwrap();
    }
}
