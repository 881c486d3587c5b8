//! How many windows a model makes of a training set, and which labels they have: of a sample of its
//! documents, so that it can be said before a run starts.

use super::documents;
use super::jobs::Work;
use super::run_files::write_some;
use super::with_model;
use crate::dto::Split;
use crate::engine::Engine;
use std::collections::BTreeSet;
use std::fs;
use std::path::Path;
use tagsmith_protocol::{Failure, TrainSettings};
use tagsmith_store::Store;

/// Documents that are looked at.
const SAMPLE: u64 = 400;

/// What was found in a sample of the training set.
#[derive(Clone, Debug, PartialEq)]
pub struct Counted {
    /// Windows of a document, on average.
    pub windows_per_document: f64,
    /// The labels of each document looked at, which stand for those of its windows.
    labels: Vec<BTreeSet<String>>,
}

impl Counted {
    /// How often a window occurs in an epoch on average, with these settings.
    pub fn factor(&self, settings: &TrainSettings) -> f64 {
        let labels: Vec<BTreeSet<&str>> = self
            .labels
            .iter()
            .map(|labels| labels.iter().map(String::as_str).collect())
            .collect();
        if labels.is_empty() {
            return 1.0;
        }
        let factors = settings.window_factors(&labels);
        let sum: f64 = factors.iter().sum();
        match sum > 0.0 {
            true => sum / factors.len() as f64,
            // A set of windows without entities alone is not left out.
            false => 1.0,
        }
    }
}

/// Looks at documents that lie evenly in the training set. Windows have at most `max_length` word pieces.
///
/// # Errors
/// The engine refused or died, or the file system did.
pub async fn count(
    store: &Store,
    folder: &Path,
    engine: &Engine,
    model: &Path,
    max_length: u32,
    work: &mut Work,
) -> Result<Counted, Failure> {
    let split = Split::Train.name();
    let some = documents::some(store, split, SAMPLE)?;
    // In a hidden folder of its own: another model may be asked at the same time.
    static NUMBER: std::sync::atomic::AtomicU64 = std::sync::atomic::AtomicU64::new(0);
    let number = NUMBER.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
    let sample = folder.join(format!(".sample-{}-{number}.jsonl", std::process::id()));
    let labels = some
        .iter()
        .map(|document| {
            document
                .spans
                .iter()
                .map(|span| span.label.to_string())
                .collect()
        })
        .collect();
    let asked = match write_some(some, &sample) {
        Ok(()) => {
            let files = [(Split::Train, sample.clone())];
            with_model::ask(engine, model, &files, max_length, work).await
        }
        Err(failure) => Err(failure),
    };
    let _ = fs::remove_file(&sample);
    let (documents, windows) = asked?.windows();
    Ok(Counted {
        windows_per_document: windows as f64 / documents.max(1) as f64,
        labels,
    })
}
