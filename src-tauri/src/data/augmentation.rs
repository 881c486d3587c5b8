//! Shows what a run would make of training documents and add to them.

use super::documents::{self, shown};
use super::jobs::Work;
use crate::dto::{AugmentationExample, Split};
use tagsmith_corpus::augment::{Augmented, Augmenter};
use tagsmith_protocol::{Failure, TrainSettings};
use tagsmith_store::Store;

/// Documents that are shown before and after.
const EXAMPLES: usize = 10;

/// Some of the documents that a run with these settings would add, each with the one that it was made of.
///
/// # Errors
/// The documents or the list of mentions cannot be read, or the person cancelled.
pub fn preview(
    store: &Store,
    settings: &TrainSettings,
    work: &mut Work,
) -> Result<Vec<AugmentationExample>, Failure> {
    let split = Split::Train.name();
    let documents = documents::all(store, split, work)?;
    let augmenter = Augmenter::open(&documents, settings)?;
    let example = |one: &Augmented| AugmentationExample {
        operations: one.operations.clone(),
        before: shown(split, one.source, &documents[one.source]),
        after: shown(split, one.source, &one.document),
    };
    Ok(augmenter.draw(EXAMPLES).iter().map(example).collect())
}
