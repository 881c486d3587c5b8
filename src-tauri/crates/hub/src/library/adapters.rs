//! Adapters: merged with their base model, they are a model of the library.

use super::lock::MergeLock;
use super::{Library, ResolveError, folders, model_in};
use crate::inspect::{DEEPEST, ModelSummary, bytes, inspect, reason};
use crate::starter;
use serde::Serialize;
use std::fs;
use std::path::{Path, PathBuf};
use tagsmith_checkpoint::Adapter;
use tagsmith_checkpoint::adapter::{CONFIG, MergeError, MergedFrom, merge};
use tagsmith_checkpoint::tokenizer::FILES;
use tagsmith_checkpoint::weights::{self, WeightsError};

/// What an adapter is, and what becomes of it.
#[derive(Clone, Debug, Serialize)]
pub struct AdapterSummary {
    /// The folder.
    pub path: PathBuf,
    /// Which kind, for instance `LoRA`.
    pub adapter: String,
    /// The model that it changes, as its configuration names it.
    pub base_model: Option<String>,
    /// That model, where it is on this machine.
    pub base: Option<ModelSummary>,
    /// The folder of the model that both make.
    pub model: Option<PathBuf>,
    /// Whether that model is there; it is made when it is used for the first time.
    pub is_merged: bool,
    /// The modules of the adapter that are left out of it.
    pub left_out: Vec<String>,
    /// Size of the adapter's folder in bytes.
    pub bytes: u64,
    /// Why they cannot be merged, each in a sentence without a full stop.
    pub reasons: Vec<String>,
}

/// The folders and files that a merged model is made of, canonical.
struct Parts {
    adapter: PathBuf,
    base: PathBuf,
    files: Vec<PathBuf>,
}

impl Library {
    /// What the folder of an adapter holds; nothing where `wanted` means a model. Nothing is written.
    pub fn adapter(&self, wanted: &str) -> Option<AdapterSummary> {
        let (folder, adapter) = self.meant(wanted).ok()?.err()?;
        let mut summary = AdapterSummary {
            adapter: adapter.kind.clone(),
            base_model: adapter.base.clone(),
            base: None,
            model: None,
            is_merged: false,
            left_out: Vec::new(),
            bytes: bytes(&folder, DEEPEST),
            reasons: Vec::new(),
            path: folder.clone(),
        };
        let described = self.parts(&folder, adapter).and_then(|parts| {
            summary.base = inspect(&parts.base).ok();
            let made = self.made(&parts);
            summary.is_merged = made.is_some();
            (summary.model, summary.left_out) = match made {
                Some((model, from)) => (Some(model), from.left_out),
                None => {
                    let merged = merge(&parts.adapter, &parts.base);
                    let merged = merged.map_err(|source| parts.refused(source))?;
                    (Some(self.place_of(&parts)), merged.left_out)
                }
            };
            Ok(())
        });
        summary
            .reasons
            .extend(described.err().map(|failure| reason(&failure)));
        Some(summary)
    }

    /// The folder of the model that an adapter makes with its base model. It is made in the library, under
    /// the name of the adapter's folder, unless it has been made before.
    ///
    /// The base model is looked for where the adapter's configuration says, in the library, and beside the
    /// adapter's folder.
    pub(super) fn merged(&self, folder: &Path, adapter: Adapter) -> Result<PathBuf, ResolveError> {
        let parts = self.parts(folder, adapter)?;
        if let Some((model, from)) = self.made(&parts) {
            if MergedFrom::read(&model).as_ref() != Some(&from) {
                // Else the files are read again the next time.
                let _ = from.write(&model);
            }
            return Ok(model);
        }
        let models = self.models_folder();
        let refused = |source| parts.refused(source);
        let unwritable = |source| {
            refused(MergeError::Io {
                folder: models.clone(),
                source,
            })
        };
        let lock = MergeLock::take(&models).map_err(unwritable)?;
        // Somebody else may have made it meanwhile.
        if let Some((model, _)) = self.made(&parts) {
            return Ok(model);
        }
        let mut from = parts.now().map_err(refused)?;
        let merged = merge(&parts.adapter, &parts.base).map_err(refused)?;
        from.left_out.clone_from(&merged.left_out);
        let unfinished = lock.unfinished().map_err(unwritable)?;
        let written = merged.write(&unfinished).map_err(refused);
        let model = self.place_of(&parts);
        let done = written.and_then(|()| {
            let written = from.write(&unfinished);
            written
                .and_then(|()| fs::rename(&unfinished, &model))
                .map_err(unwritable)
        });
        // Once it has its name there is nothing to remove.
        let _ = fs::remove_dir_all(&unfinished);
        done.map(|()| model)
    }

    /// The model of the library that was made of these parts, as they are now.
    fn made(&self, parts: &Parts) -> Option<(PathBuf, MergedFrom)> {
        let mut models = super::folders(&self.models_folder()).into_iter();
        models.find_map(|(_, model)| {
            let from = MergedFrom::read(&model)?;
            let from = from.current(&parts.adapter, &parts.base, &parts.files)?;
            Some((model, from))
        })
    }

    /// The folder of a model that is made of these parts.
    fn place_of(&self, parts: &Parts) -> PathBuf {
        let (models, known) = (self.models_folder(), self.models());
        let name = folders::free_name(&parts.adapter, |name| {
            name == starter::NAME
                || models.join(name).exists()
                || known.iter().any(|entry| entry.name == name)
        });
        models.join(name)
    }

    fn parts(&self, folder: &Path, adapter: Adapter) -> Result<Parts, ResolveError> {
        // So that `.` has a name, and a folder beside it.
        let folder = fs::canonicalize(folder).unwrap_or_else(|_| folder.into());
        let base = adapter.base.as_ref().filter(|_| adapter.is_lora());
        let Some(base) = base.and_then(|base| self.base(&folder, base)) else {
            return Err(ResolveError::Adapter { folder, adapter });
        };
        Parts::of(&folder, &base).map_err(|source| ResolveError::Merge { folder, source })
    }

    fn base(&self, folder: &Path, base: &str) -> Option<PathBuf> {
        let path = Path::new(base);
        let named = [path.to_path_buf(), folder.join(path)];
        let beside = folder.parent().zip(path.file_name());
        let mut named = named.iter();
        named
            .find_map(|place| model_in(place))
            .or_else(|| self.named(base).ok())
            .or_else(|| beside.and_then(|(parent, name)| model_in(&parent.join(name))))
    }
}

impl Parts {
    fn of(adapter: &Path, base: &Path) -> Result<Self, MergeError> {
        let base = fs::canonicalize(base).map_err(|source| unreadable(base, source))?;
        let mut files = vec![adapter.join(CONFIG), weights::of_adapter(adapter)?.0];
        files.push(base.join("config.json"));
        files.extend(weights::find(&base)?.2);
        let of_tokenizer = FILES
            .iter()
            .flat_map(|name| [adapter.join(name), base.join(name)]);
        files.extend(of_tokenizer.filter(|file| file.is_file()));
        Ok(Self {
            adapter: adapter.into(),
            base,
            files,
        })
    }

    fn now(&self) -> Result<MergedFrom, MergeError> {
        MergedFrom::now(&self.adapter, &self.base, &self.files)
            .map_err(|(path, source)| unreadable(&path, source))
    }

    fn refused(&self, source: MergeError) -> ResolveError {
        ResolveError::Merge {
            folder: self.adapter.clone(),
            source,
        }
    }
}

fn unreadable(path: &Path, source: std::io::Error) -> MergeError {
    MergeError::Weights(WeightsError::Unreadable {
        path: path.into(),
        source,
    })
}
