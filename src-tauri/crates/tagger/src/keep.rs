//! Labels of the base model that new data does not mark, kept all the same.
//!
//! The base model tags the data first. What it finds of such labels, and does not overlap an entity that is marked,
//! is learned as if it were marked (pseudo-labels, Lee 2013): the words of those labels would be learned as outside
//! any entity otherwise, and forgotten.

use crate::error::Error;
use crate::labels::continued;
use crate::options::PredictOptions;
use crate::predict::Tagger;
use crate::prepare::Splits;
use tagsmith_corpus::{Document, labels};
use tagsmith_encoder::burn::tensor::Device;
use tagsmith_encoder::model::LoadError;
use tagsmith_protocol::{Event, TrainConfig};

/// Adds the labels of the base model that the training data lacks, and its entities of them in each split without
/// a marked one. On `device`, without autodiff.
///
/// # Errors
/// The base model has no head, or cannot be used.
pub(crate) fn keep_labels(
    splits: &mut Splits,
    config: &TrainConfig,
    device: &Device,
) -> Result<(), Error> {
    let tagger = Tagger::load(&config.model, None, device).map_err(|failure| match failure {
        Error::Model(LoadError::NoHead { folder, .. }) => Error::Setting {
            setting: "keep_labels",
            found: "true".into(),
            expected: format!("false: `{folder}` has no head, and so no labels to keep"),
        },
        other => other,
    })?;
    let old = tagger.tags.labels();
    let pairs = continued(&splits.labels, &old);
    let is_lacking = |label: &&String| pairs.iter().all(|(_, old)| old != *label);
    let kept: Vec<String> = old.iter().filter(is_lacking).cloned().collect();
    if kept.is_empty() {
        splits.warnings.push(Event::warning(
            "keep-labels",
            "the training data has all labels of the model: there is none to keep",
        ));
        return Ok(());
    }
    let options = PredictOptions::from(&config.settings);
    let mut parts = vec![("train", &mut splits.train), ("dev", &mut splits.dev)];
    parts.extend(splits.test.as_mut().map(|test| ("test", test)));
    for (name, documents) in parts {
        let marked = labels(documents);
        let absent: Vec<&String> = kept
            .iter()
            .filter(|label| !marked.contains(label))
            .collect();
        let found = add(documents, &absent, &tagger, &options)?;
        let list: Vec<&str> = absent.iter().map(|label| label.as_str()).collect();
        if !list.is_empty() {
            splits.warnings.push(Event::warning(
                "keep-labels",
                format!(
                    "{name}: {found} entities that the old model finds count as marked, of labels that are marked nowhere: {}",
                    list.join(", ")
                ),
            ));
        }
    }
    splits.labels.extend(kept);
    splits.labels.sort();
    Ok(())
}

/// Adds what `tagger` finds of these labels where nothing is marked, and says how many entities that are.
fn add(
    documents: &mut [Document],
    absent: &[&String],
    tagger: &Tagger,
    options: &PredictOptions,
) -> Result<usize, Error> {
    if absent.is_empty() {
        return Ok(0);
    }
    let predictions = tagger.predict(documents, options, |_, _| ())?;
    let mut added = 0;
    for (document, prediction) in documents.iter_mut().zip(predictions) {
        let marked = document.spans.len();
        for mut span in prediction.spans {
            let mut gold = document.spans[..marked].iter();
            let is_free = gold.all(|gold| gold.end <= span.start || span.end <= gold.start);
            if is_free && absent.contains(&&span.label) {
                span.score = None;
                document.spans.push(span);
            }
        }
        added += document.spans.len() - marked;
        document.spans.sort_by_key(|span| span.start);
    }
    Ok(added)
}
