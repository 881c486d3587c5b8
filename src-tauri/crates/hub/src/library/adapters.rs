//! Adapters: merged with their base model, they are a model of the library.

use super::{Library, ResolveError, folders, model_in};
use crate::starter;
use std::fs;
use std::path::{Path, PathBuf};
use tagsmith_checkpoint::adapter::{CONFIG, MergeError, MergedFrom, merge};
use tagsmith_checkpoint::{Adapter, weights};
use tagsmith_files::{sha256, write_json};

impl Library {
    /// The folder of the model that an adapter makes with its base model. It is made in the library, under
    /// the name of the adapter's folder, unless it has been made before.
    ///
    /// The base model is looked for where the adapter's configuration says, beside the adapter's folder, and
    /// in the library.
    pub(super) fn merged(&self, folder: &Path, adapter: Adapter) -> Result<PathBuf, ResolveError> {
        let base = adapter.base.as_ref().filter(|_| adapter.is_lora());
        let Some(base) = base.and_then(|base| self.base(folder, base)) else {
            return Err(ResolveError::Adapter {
                folder: folder.into(),
                adapter,
            });
        };
        let refused = |source| ResolveError::Merge {
            folder: folder.into(),
            source,
        };
        let parts = parts_of(folder, base).map_err(refused)?;
        let models = self.models_folder();
        let mut made = super::folders(&models).into_iter();
        if let Some((_, model)) =
            made.find(|(_, model)| MergedFrom::read(model).as_ref() == Some(&parts))
        {
            return Ok(model);
        }
        let unwritable = |source| {
            refused(MergeError::Io {
                folder: models.clone(),
                source,
            })
        };
        let name = parts.adapter.file_name().unwrap_or_default();
        // A name that starts with a dot is nobody's model. What was cut off is begun anew.
        let unfinished = models.join(format!(".merging-{}", name.to_string_lossy()));
        if unfinished.exists() {
            fs::remove_dir_all(&unfinished).map_err(unwritable)?;
        }
        merge(folder, &parts.base, &unfinished).map_err(refused)?;
        write_json(&unfinished.join(MergedFrom::FILE), &parts).map_err(unwritable)?;
        let known = self.models();
        let name = folders::free_name(&parts.adapter, |name| {
            name == starter::NAME
                || models.join(name).exists()
                || known.iter().any(|entry| entry.name == name)
        });
        let model = models.join(name);
        fs::rename(&unfinished, &model).map_err(unwritable)?;
        Ok(model)
    }

    fn base(&self, folder: &Path, base: &str) -> Option<PathBuf> {
        let path = Path::new(base);
        let beside = folder.parent().zip(path.file_name());
        let places = [
            Some(path.to_path_buf()),
            Some(folder.join(path)),
            beside.map(|(parent, name)| parent.join(name)),
        ];
        let found = places
            .into_iter()
            .flatten()
            .find_map(|place| model_in(&place));
        found.or_else(|| self.named(base).ok())
    }
}

fn parts_of(adapter: &Path, base: PathBuf) -> Result<MergedFrom, MergeError> {
    let unreadable = |path: &Path, source| {
        MergeError::Weights(weights::WeightsError::Unreadable {
            path: path.into(),
            source,
        })
    };
    let canonical = |path: &Path| fs::canonicalize(path).map_err(|source| unreadable(path, source));
    let mut files = vec![adapter.join(CONFIG)];
    files.push(weights::of_adapter(adapter)?.0);
    let digests = files
        .iter()
        .map(|file| sha256(file).map_err(|source| unreadable(file, source)));
    Ok(MergedFrom {
        sha256: digests.collect::<Result<_, _>>()?,
        adapter: canonical(adapter)?,
        base: canonical(&base)?,
    })
}
