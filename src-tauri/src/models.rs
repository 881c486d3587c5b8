//! The models of this machine as the window shows them.

use crate::disk;
use crate::dto::{LibraryModel, ModelSummary, Source};
use crate::runs::link_all;
use std::collections::{BTreeSet, HashMap};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::SystemTime;
use tagsmith_corpus::Tag;
use tagsmith_hub::inspect::{ENSEMBLE, TOKENIZER_FILES};
use tagsmith_hub::{Library, ModelEntry, inspect};
use tagsmith_protocol::Failure;

/// What is known of the models, so that only what changed is looked into again: a large vocabulary
/// takes a while to read.
#[derive(Default)]
pub struct Models(Mutex<HashMap<PathBuf, (Stamp, LibraryModel)>>);

/// When the files that describe a model were written, and how long they are.
type Stamp = Vec<Option<(SystemTime, u64)>>;

impl Models {
    /// Every model that can be named, with what it is. One that cannot be described is reported in the
    /// log.
    pub fn list(&self, library: &Library) -> Vec<LibraryModel> {
        let described = |entry: &ModelEntry| {
            self.describe(entry)
                .inspect_err(|failure| {
                    tracing::warn!("model `{}`: {}", entry.name, failure.message);
                })
                .ok()
        };
        library.models().iter().filter_map(described).collect()
    }

    /// What a model is.
    ///
    /// # Errors
    /// Its folder cannot be described.
    pub fn describe(&self, entry: &ModelEntry) -> Result<LibraryModel, Failure> {
        let stamp = stamp(&entry.path);
        let known = self.lock().get(&entry.path).cloned();
        if let Some((of, model)) = known
            && of == stamp
            && model.name == entry.name
        {
            return Ok(model);
        }
        let model = describe(entry)?;
        self.lock()
            .insert(entry.path.clone(), (stamp, model.clone()));
        Ok(model)
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<PathBuf, (Stamp, LibraryModel)>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn stamp(folder: &Path) -> Stamp {
    let others = [
        "config.json",
        "README.md",
        "model.safetensors",
        "pytorch_model.bin",
        ENSEMBLE,
    ];
    let of = |file| {
        let found = std::fs::metadata(folder.join(file)).ok()?;
        Some((found.modified().ok()?, found.len()))
    };
    TOKENIZER_FILES.into_iter().chain(others).map(of).collect()
}

fn describe(entry: &ModelEntry) -> Result<LibraryModel, Failure> {
    let summary = inspect(&entry.path).map_err(Failure::from)?;
    let source = entry.source;
    let labels = labels(&summary.labels);
    Ok(LibraryModel {
        name: entry.name.clone(),
        path: entry.path.display().to_string(),
        source,
        summary: ModelSummary { labels, ..summary },
        run: (source == Source::Run).then(|| entry.name.clone()),
    })
}

/// The kinds of entities behind the tags that a model gives to words. One that has no tag for a word
/// outside of all entities, as a classifier of whole texts, finds none. The engine reads tags alike.
fn labels(tags: &[String]) -> Vec<String> {
    if !tags.iter().any(|tag| tag == "O") {
        return Vec::new();
    }
    let named = || tags.iter().filter(|tag| *tag != "O");
    let parsed = || named().filter_map(|tag| Tag::parse(tag).ok());
    let labels: BTreeSet<String> = match 2 * parsed().count() >= named().count() {
        true => parsed()
            .filter_map(|tag| tag.label().map(str::to_owned))
            .collect(),
        false => named().cloned().collect(),
    };
    labels.into_iter().collect()
}

/// Gives a model that was made elsewhere a place in the library, as [`link_all`] does; returns its name there.
///
/// # Errors
/// The file system refused.
pub fn adopt(library: &Library, from: &Path, wanted: &str) -> Result<String, Failure> {
    let folder = library.models_folder();
    let models = library.models();
    let name = disk::folder_name(wanted, "model", |name| {
        folder.join(name).exists() || models.iter().any(|model| model.name == name)
    });
    let part = folder.join(format!(".importing-{name}"));
    let to = folder.join(&name);
    let _ = std::fs::remove_dir_all(&part);
    link_all(from, &part).map_err(Failure::io("copy a model to", &part))?;
    std::fs::rename(&part, &to).map_err(Failure::io("make", &to))?;
    Ok(name)
}

/// Why a model is not deleted: what begins with it has this name.
pub fn in_use(name: &str) -> Failure {
    Failure::new(
        "running",
        format!("`{name}` begins with this model"),
        "stop it or take it off the queue first, or wait until it is done",
    )
}

/// Deletes a model, or forgets a folder that was added; returns the bytes freed.
///
/// # Errors
/// There is no such model, or it is not to be deleted.
pub fn remove(library: &Library, name: &str) -> Result<u64, Failure> {
    let entry = library
        .models()
        .into_iter()
        .find(|entry| entry.name == name);
    if entry.is_some_and(|entry| entry.source == tagsmith_hub::Source::Cache) {
        return Err(Failure::new(
            "not-ours",
            format!("`{name}` lies in the Hugging Face cache, which other programs use"),
            "delete it there, or with `tagsmith models remove`",
        ));
    }
    library.remove(name).map_err(Failure::from)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_models_labels_are_entities_and_not_tags() {
        let check = |tags: &[&str], expected: &[&str]| {
            let tags: Vec<String> = tags.iter().map(|&tag| tag.to_owned()).collect();
            assert_eq!(labels(&tags), expected, "{tags:?}");
        };
        check(&["O", "B-PER", "I-PER", "B-ORG"], &["ORG", "PER"]);
        check(&["PER", "ORG", "O", "E-MAIL"], &["E-MAIL", "ORG", "PER"]);
        check(&["O", "B-PER", "I-PER", "PAD"], &["PER"]);
        check(&["positive", "negative"], &[]);
        check(&["O"], &[]);
        check(&[], &[]);
    }
}
