//! Which documents a run adds to its training set, and what is said about them.

use crate::error::Error;
use tagsmith_corpus::Document;
use tagsmith_corpus::augment::{Augmenter, counts};
use tagsmith_protocol::{Event, TrainSettings};

/// The documents that are added to a training set.
#[derive(Default)]
pub struct Added {
    /// In the order in which they were drawn.
    pub documents: Vec<Document>,
    /// What the person should know.
    pub warnings: Vec<Event>,
}

/// Refuses a list of mentions that cannot be read, before anything takes long.
///
/// # Errors
/// It cannot be read.
pub fn check(train: &[Document], settings: &TrainSettings) -> Result<(), Error> {
    if settings.augment_mentions.is_some() {
        Augmenter::open(train, settings)?;
    }
    Ok(())
}

/// Draws the documents that the settings want added to `train`, fixed by their seed.
///
/// # Errors
/// The list of mentions cannot be read.
pub fn added(train: &[Document], settings: &TrainSettings) -> Result<Added, Error> {
    let asked = (settings.augment() * train.len() as f64).round() as usize;
    if asked == 0 {
        return Ok(Added::default());
    }
    let augmenter = Augmenter::open(train, settings)?;
    let drawn = augmenter.draw(asked);
    let mut warnings = Vec::new();
    if let ([_, ..], Some(list)) = (augmenter.unknown_labels(), &settings.augment_mentions) {
        warnings.push(Event::warning(
            "augment-labels",
            format!(
                "`{}` has labels that the training set lacks: {}; their mentions are not used",
                list.display(),
                augmenter.unknown_labels().join(", ")
            ),
        ));
    }
    let done: Vec<String> = counts(&drawn)
        .into_iter()
        .map(|(operation, count)| format!("{} in {count}", operation.title()))
        .collect();
    let mut message = format!(
        "{} documents were made of the {} of the training set and added to them",
        drawn.len(),
        train.len()
    );
    if !done.is_empty() {
        message += &format!(": {}", done.join(", "));
    }
    if drawn.len() < asked {
        message += &format!(
            "; {} more were asked for, but came out unchanged",
            asked - drawn.len()
        );
    }
    warnings.push(Event::warning("augmented", message));
    let documents = drawn.into_iter().map(|one| one.document).collect();
    Ok(Added {
        documents,
        warnings,
    })
}
