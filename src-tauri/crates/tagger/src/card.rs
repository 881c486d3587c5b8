//! The model card of a trained model.

use crate::error::Error;
use std::fmt::Write as _;
use std::fs;
use std::path::Path;
use tagsmith_checkpoint::python::{Traits, snippet};
use tagsmith_corpus::Metrics;
use tagsmith_files::write_bytes;
use tagsmith_protocol::{Combination, Decoding, TrainConfig};

/// Writes the model card, `README.md`.
///
/// `scores`: name and metrics of each split, and how many of its documents were trained on. `runs`: how the
/// models of several runs, of which `train` is one, became this one, and their seeds.
///
/// # Errors
/// The file system refused.
pub fn write_card(
    folder: &Path,
    train: &TrainConfig,
    labels: &[String],
    scores: &[(&str, &Metrics, usize)],
    runs: Option<(Combination, &[u64])>,
) -> Result<(), Error> {
    let text = card(train, labels, scores, runs);
    let path = folder.join("README.md");
    write_bytes(&path, text.as_bytes()).map_err(Error::writing(&path))
}

const AVERAGE_NOTE: &str = "The weights are the mean of theirs.";

const ENSEMBLE_NOTE: &str = "Each of the folders `member-1`, `member-2` and so on is a model by itself; `tagsmith` \
asks all of them, and the mean of their probabilities decides. Other programs open one of them, which can find other \
entities than those scored below.";

fn card(
    train: &TrainConfig,
    labels: &[String],
    scores: &[(&str, &Metrics, usize)],
    runs: Option<(Combination, &[u64])>,
) -> String {
    let name_of = |path: &Path| {
        path.file_name()
            .map_or_else(String::new, |name| name.to_string_lossy().into_owned())
    };
    let base = name_of(&train.model);
    let mut text =
        String::from("---\nlibrary_name: transformers\npipeline_tag: token-classification\n");
    text += "tags:\n- token-classification\n- named-entity-recognition\n- tagsmith\n";
    if let Some(licence) = licence(&train.model) {
        let _ = writeln!(text, "license: {licence}");
    }
    let _ = write!(
        text,
        "---\n\n# {base} fine-tuned to find {}\n\n",
        labels.join(", ")
    );
    let _ = write!(
        text,
        "Made with Tagsmith {} from `{base}` and `{}`.\n\n",
        env!("CARGO_PKG_VERSION"),
        name_of(&train.train)
    );
    let seeds: Vec<String> = match runs {
        Some((_, seeds)) => seeds.iter().map(u64::to_string).collect(),
        None => vec![train.seed.to_string()],
    };
    let is_ensemble = matches!(runs, Some((Combination::Ensemble, _)));
    if let Some((how, seeds)) = runs {
        let what = match how {
            Combination::Average => AVERAGE_NOTE,
            Combination::Ensemble => ENSEMBLE_NOTE,
        };
        let _ = write!(
            text,
            "Of {} runs that differ in their seed. {what}\n\n",
            seeds.len()
        );
    }
    for (split, metrics, shared) in scores {
        let _ = write!(
            text,
            "## Scores on {split}\n\nEntities counted as `{}` counts them; tags chosen by {}.\n\n\
             | label | precision | recall | F1 | entities |\n|---|---|---|---|---|\n",
            convention(metrics),
            match train.decoding {
                Decoding::Viterbi => "the best legal sequence (Viterbi)",
                Decoding::Argmax => "the most probable tag of each word",
            }
        );
        let rows = metrics
            .labels
            .iter()
            .map(|(label, row)| (label.as_str(), row));
        for (label, row) in rows.chain([("**all**", &metrics.overall)]) {
            let _ = writeln!(
                text,
                "| {label} | {:.3} | {:.3} | {:.3} | {} |",
                row.precision, row.recall, row.f1, row.support
            );
        }
        if *shared > 0 {
            let _ = writeln!(
                text,
                "\n{shared} of these documents were also trained on, which flatters the scores."
            );
        }
        text.push('\n');
    }
    let traits = Traits {
        is_ensemble,
        has_transitions: train.crf,
        context: train.context as u64,
    };
    let _ = write!(
        text,
        "## Settings\n\n{} epochs at most, batch size {}, learning rate {:e}, {:?} schedule with \
         {:.0} % warm-up, windows of {} word pieces, {} {}.\n\n\
         ## Use\n\n```python\n{}```\n\n\
         or `tagsmith tag --model PATH`. The model labels the first word piece of each word.\n",
        train.epochs.unwrap_or_default(),
        train.batch_size() * train.gradient_accumulation,
        train.learning_rate.unwrap_or_default(),
        train.schedule(),
        train.warmup_ratio * 100.0,
        train.max_length,
        if seeds.len() == 1 { "seed" } else { "seeds" },
        seeds.join(", "),
        snippet("PATH", traits),
    );
    text
}

fn convention(metrics: &Metrics) -> String {
    serde_json::to_value(metrics.convention)
        .ok()
        .and_then(|value| value.as_str().map(str::to_owned))
        .unwrap_or_default()
}

/// The licence that the base model's card names in its front matter.
pub(crate) fn licence(base: &Path) -> Option<String> {
    let text = fs::read_to_string(base.join("README.md")).ok()?;
    let (front, _) = text.strip_prefix("---")?.split_once("\n---")?;
    front
        .lines()
        .find_map(|line| line.strip_prefix("license:"))
        .map(|licence| licence.trim().to_owned())
        .filter(|licence| !licence.is_empty())
}
