//! Adapters: merged with their base model, they are a model of the library.

use super::{Library, ResolveError, folders, model_in};
use crate::starter;
use std::fs;
use std::path::{Path, PathBuf};
use tagsmith_checkpoint::adapter::{CONFIG, MergeError, MergedFrom, merge};
use tagsmith_checkpoint::tokenizer::FILES;
use tagsmith_checkpoint::{Adapter, weights};
use tagsmith_files::{sha256, write_json};

impl Library {
    /// The folder of the model that an adapter makes with its base model. It is made in the library, under
    /// the name of the adapter's folder, unless it has been made before.
    ///
    /// The base model is looked for where the adapter's configuration says, in the library, and beside the
    /// adapter's folder.
    pub(super) fn merged(&self, folder: &Path, adapter: Adapter) -> Result<PathBuf, ResolveError> {
        // So that `.` has a name, and a folder beside it.
        let folder = fs::canonicalize(folder).unwrap_or_else(|_| folder.into());
        let base = adapter.base.as_ref().filter(|_| adapter.is_lora());
        let Some(base) = base.and_then(|base| self.base(&folder, base)) else {
            return Err(ResolveError::Adapter { folder, adapter });
        };
        let refused = |source| ResolveError::Merge {
            folder: folder.clone(),
            source,
        };
        let parts = parts_of(&folder, base).map_err(refused)?;
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
        // One for each process. A name that starts with a dot is nobody's model.
        let unfinished = models.join(format!(".merging-{}", std::process::id()));
        let written = merge(&folder, &parts.base, &unfinished).map_err(refused);
        let written = written.and_then(|()| {
            write_json(&unfinished.join(MergedFrom::FILE), &parts).map_err(unwritable)
        });
        if let Err(failure) = written {
            // Where nothing was written there is nothing to remove.
            let _ = fs::remove_dir_all(&unfinished);
            return Err(failure);
        }
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
        let named = [path.to_path_buf(), folder.join(path)];
        let beside = folder.parent().zip(path.file_name());
        let mut named = named.iter();
        named
            .find_map(|place| model_in(place))
            .or_else(|| self.named(base).ok())
            .or_else(|| beside.and_then(|(parent, name)| model_in(&parent.join(name))))
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
    let mut files = vec![adapter.join(CONFIG), weights::of_adapter(adapter)?.0];
    files.push(base.join("config.json"));
    files.extend(weights::find(&base)?.2);
    let of_tokenizer = FILES
        .iter()
        .flat_map(|name| [adapter.join(name), base.join(name)]);
    files.extend(of_tokenizer.filter(|file| file.is_file()));
    let digests = files
        .iter()
        .map(|file| sha256(file).map_err(|source| unreadable(file, source)));
    Ok(MergedFrom {
        sha256: digests.collect::<Result<_, _>>()?,
        adapter: canonical(adapter)?,
        base: canonical(&base)?,
    })
}
