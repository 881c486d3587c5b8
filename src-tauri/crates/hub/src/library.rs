//! The library: the folders that hold models, what is in them, and the way from a name to a folder.

mod adapters;
mod cache;
mod error;
mod folders;
mod lock;
mod remove;

pub use adapters::AdapterSummary;
pub use error::ResolveError;
pub use folders::AddError;
pub(crate) use lock::{DownloadLock, downloads_folder, joined};
pub use remove::RemoveError;
pub(crate) use remove::bytes_on_disk;

use std::collections::BTreeMap;
use std::fs;
use std::path::{Component, Path, PathBuf};

use serde::Serialize;
use tagsmith_checkpoint::Adapter;
use tagsmith_checkpoint::weights::{self, WeightsError};

use crate::{environment, starter};

/// Where a model of the library came from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "bindings", derive(specta::Type))]
#[serde(rename_all = "lowercase")]
pub enum Source {
    /// The model that the set-up fetches.
    Starter,
    /// A folder under `models`.
    Library,
    /// What a run of the library made.
    Run,
    /// In the cache that the Hugging Face tools share; used where it lies.
    Cache,
    /// A folder that the person has added; used where it lies.
    Folder,
}

/// A model that can be named.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct ModelEntry {
    /// What `resolve` takes: `starter`, `NAME`, `ORG/NAME`, or the name of a run.
    pub name: String,
    /// Its folder.
    pub path: PathBuf,
    /// Where it came from.
    pub source: Source,
}

/// The library of one person on this machine.
#[derive(Clone, Debug)]
pub struct Library {
    home: PathBuf,
    cache: PathBuf,
    hugging_face: Option<PathBuf>,
}

impl Library {
    /// The library in its usual place. Nothing is created.
    ///
    /// Its folder is `$TAGSMITH_HOME`, else `tagsmith` in the platform's folder for programs' data.
    /// What can be fetched again lies in `$TAGSMITH_CACHE`, else `tagsmith` in the platform's cache.
    /// Models in the cache of the Hugging Face tools (`$HF_HUB_CACHE`, `$HF_HOME`) are used there.
    pub fn open() -> Self {
        Self {
            hugging_face: environment::hugging_face_cache(),
            ..Self::at(
                place("TAGSMITH_HOME", dirs::data_dir()),
                place("TAGSMITH_CACHE", dirs::cache_dir()),
            )
        }
    }

    /// A library in the folders given, and in no others.
    pub fn at(home: impl Into<PathBuf>, cache: impl Into<PathBuf>) -> Self {
        Self {
            home: home.into(),
            cache: cache.into(),
            hugging_face: None,
        }
    }

    /// The same with a cache of the Hugging Face tools beside it.
    #[must_use]
    pub fn with_hugging_face_cache(mut self, folder: impl Into<PathBuf>) -> Self {
        self.hugging_face = Some(folder.into());
        self
    }

    /// The folder of the library itself.
    pub fn home(&self) -> &Path {
        &self.home
    }

    /// Where lies what can be made or fetched again.
    pub fn cache(&self) -> &Path {
        &self.cache
    }

    /// Where compiled kernels of GPUs are kept.
    pub fn kernels_folder(&self) -> PathBuf {
        self.cache.join("kernels")
    }

    /// Where models are kept, as `NAME` or `ORG/NAME`.
    pub fn models_folder(&self) -> PathBuf {
        self.home.join("models")
    }

    /// Where data is kept.
    pub fn data_folder(&self) -> PathBuf {
        self.home.join("data")
    }

    /// Where runs are kept, each in a folder of its own with its `model` inside.
    pub fn runs_folder(&self) -> PathBuf {
        self.home.join("runs")
    }

    /// The places where the starter model may be, the first to be preferred.
    pub fn starter_folders(&self) -> [PathBuf; 2] {
        [
            self.models_folder().join(starter::NAME),
            self.cache.join("models").join(starter::NAME),
        ]
    }

    /// Every model that can be named: the starter first, then the others by name. A model hides a
    /// run of the same name, as it does in [`Library::resolve`], and both hide one in the cache of the
    /// Hugging Face tools. An added folder never hides nor is hidden: it gets a number.
    pub fn models(&self) -> Vec<ModelEntry> {
        let mut found = BTreeMap::new();
        for (name, folder) in self.cached() {
            found.insert(name, (folder, Source::Cache));
        }
        for (name, folder) in folders(&self.runs_folder()) {
            found.insert(name, (folder.join("model"), Source::Run));
        }
        for (name, folder) in folders(&self.models_folder()) {
            // A folder without a config.json may be an organisation with models inside.
            if !is_model(&folder) {
                for (inner, folder) in folders(&folder) {
                    found.insert(format!("{name}/{inner}"), (folder, Source::Library));
                }
            }
            found.insert(name, (folder, Source::Library));
        }
        found.remove(starter::NAME);
        found.retain(|_, (path, _)| is_model(path));
        for folder in self.added() {
            let name = folders::free_name(&folder, |name| {
                name == starter::NAME || found.contains_key(name)
            });
            found.insert(name, (folder, Source::Folder));
        }
        let starter = self
            .starter_folders()
            .into_iter()
            .find(|folder| is_model(folder))
            .map(|folder| (starter::NAME.to_owned(), (folder, Source::Starter)));
        starter
            .into_iter()
            .chain(found)
            .map(|(name, (path, source))| ModelEntry { name, path, source })
            .collect()
    }

    /// The model folder that `wanted` means: an existing model folder, or an existing run's folder
    /// for the model in it; else `starter`; else the name of a model or a run in the library.
    ///
    /// A folder without a model in it does not hide a model of that name: in the folder `assets`,
    /// `starter` still means the starter model. The folder of an adapter means the model that it makes with
    /// its base model, which is merged if it has not been.
    ///
    /// # Errors
    /// There is no such model; the error says what may have been meant.
    pub fn resolve(&self, wanted: &str) -> Result<PathBuf, ResolveError> {
        self.meant(wanted)?
            .or_else(|(folder, adapter)| self.merged(&folder, adapter))
    }

    /// What `wanted` means: the folder of a model, or that of an adapter.
    fn meant(&self, wanted: &str) -> Result<Result<PathBuf, (PathBuf, Adapter)>, ResolveError> {
        let wanted = wanted.trim();
        if wanted.is_empty() {
            return Err(ResolveError::Empty);
        }
        let path = Path::new(wanted);
        if let Some(model) = model_in(path) {
            return Ok(Ok(model));
        }
        if wanted == starter::NAME {
            return self.starter().map(Ok);
        }
        if let Some(entry) = self.models().into_iter().find(|entry| entry.name == wanted) {
            return Ok(Ok(entry.path));
        }
        if let Some(adapter) = Adapter::in_folder(path) {
            return Ok(Err((path.into(), adapter)));
        }
        Err(self.why_not(wanted, path))
    }

    /// The folder of the model of this name in the library; a path is no name. Where it lies in its
    /// usual place, no other folder is looked at.
    ///
    /// # Errors
    /// No model has the name.
    pub fn named(&self, name: &str) -> Result<PathBuf, ResolveError> {
        if name == starter::NAME {
            return self.starter();
        }
        if is_name(Path::new(name)) {
            let usual = [
                self.models_folder().join(name),
                self.runs_folder().join(name).join("model"),
            ];
            if let Some(folder) = usual.into_iter().find(|folder| is_model(folder)) {
                return Ok(folder);
            }
        }
        let mut models = self.models().into_iter();
        match models.find(|entry| entry.name == name) {
            Some(entry) => Ok(entry.path),
            None => Err(ResolveError::UnknownName {
                name: name.into(),
                available: self.models().into_iter().map(|entry| entry.name).collect(),
            }),
        }
    }

    fn starter(&self) -> Result<PathBuf, ResolveError> {
        let places = self.starter_folders();
        let Some(folder) = places.iter().find(|folder| folder.is_dir()) else {
            return Err(ResolveError::NoStarter {
                places: places.into(),
            });
        };
        starter::manifest().check_sizes(folder)?;
        Ok(folder.clone())
    }

    fn why_not(&self, wanted: &str, path: &Path) -> ResolveError {
        if path.is_dir() {
            return match path.join("run.json").is_file() {
                true => ResolveError::RunWithoutModel {
                    folder: path.into(),
                },
                false => ResolveError::NotAModel {
                    folder: path.into(),
                },
            };
        }
        if path.exists() {
            return ResolveError::NotAFolder { path: path.into() };
        }
        if !is_name(path) {
            return ResolveError::NoSuchFolder { path: path.into() };
        }
        ResolveError::UnknownName {
            name: wanted.into(),
            available: self.models().into_iter().map(|entry| entry.name).collect(),
        }
    }
}

/// An environment variable's folder, else `tagsmith` in the platform's; a relative last resort keeps
/// paths usable where a person has no home folder at all.
fn place(variable: &str, platform: Option<PathBuf>) -> PathBuf {
    match std::env::var_os(variable) {
        Some(folder) if !folder.is_empty() => folder.into(),
        _ => platform.unwrap_or_default().join("tagsmith"),
    }
}

/// Whether a folder is one of a model. That of an adapter may hold a `config.json` as well.
fn is_model(folder: &Path) -> bool {
    folder.join("config.json").is_file()
        && !matches!(weights::find(folder), Err(WeightsError::Adapter { .. }))
}

/// The model folder that `folder` is or, for the folder of a run, holds.
fn model_in(folder: &Path) -> Option<PathBuf> {
    [folder.to_path_buf(), folder.join("model")]
        .into_iter()
        .find(|folder| is_model(folder))
}

/// The folders in `folder` with their names; those whose name starts with a dot are not for people.
fn folders(folder: &Path) -> Vec<(String, PathBuf)> {
    let Ok(entries) = fs::read_dir(folder) else {
        return Vec::new();
    };
    entries
        .flatten()
        .filter_map(|entry| Some((entry.file_name().into_string().ok()?, entry.path())))
        .filter(|(name, path)| !name.starts_with('.') && path.is_dir())
        .collect()
}

/// Whether `NAME` or `ORG/NAME` was written rather than a path.
fn is_name(path: &Path) -> bool {
    let text = path.to_string_lossy();
    !text.contains('\\')
        && !text.starts_with(['.', '~'])
        && !text.ends_with('/')
        && path.components().count() <= 2
        && path
            .components()
            .all(|part| matches!(part, Component::Normal(_)))
}

#[cfg(test)]
mod tests;
