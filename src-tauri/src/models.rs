//! The models of this machine as the window shows them.

use crate::failure::Failure;
use crate::runs::Runs;
use crate::shapes::{LibraryModel, Source, mirror};
use tagsmith_hub::{Library, ModelEntry, inspect};

/// Every model that can be named, with what it is. One that cannot be described is told in the log.
pub fn list(library: &Library) -> Vec<LibraryModel> {
    library
        .models()
        .iter()
        .filter_map(|entry| {
            describe(entry)
                .inspect_err(|failure| {
                    tracing::warn!("model `{}`: {}", entry.name, failure.message);
                })
                .ok()
        })
        .collect()
}

/// What a model is.
///
/// # Errors
/// Its folder cannot be described.
pub fn describe(entry: &ModelEntry) -> Result<LibraryModel, Failure> {
    let summary = inspect(&entry.path)
        .map_err(|failure| Failure::new("not-a-model", failure.to_string(), failure.hint()))?;
    let source: Source = mirror(&entry.source);
    Ok(LibraryModel {
        name: entry.name.clone(),
        path: entry.path.display().to_string(),
        source,
        summary: mirror(&summary),
        run: (source == Source::Run).then(|| entry.name.clone()),
    })
}

/// Deletes a model, or forgets a folder that was added; returns the bytes freed.
///
/// # Errors
/// A run learns from it, there is no such model, or it is not to be deleted.
pub fn remove(library: &Library, runs: &Runs, name: &str) -> Result<u64, Failure> {
    if let Some(run) = runs.living().iter().find(|run| run.model == name) {
        return Err(Failure::new(
            "running",
            format!("the run `{}` learns from this model", run.name),
            "stop it first, or wait until it is done",
        ));
    }
    library
        .remove(name)
        .map_err(|failure| Failure::new("remove", failure.to_string(), failure.hint()))
}
