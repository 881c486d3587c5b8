//! `tagsmith evaluate`.

use crate::args::{Evaluate, Predicting};
use crate::commands::model_folder;
use crate::failure::Failure;
use crate::progress;
use crate::{Done, output};
use serde_json::json;
use std::path::Path;
use tagsmith_corpus::{Document, read};
use tagsmith_encoder::device;
use tagsmith_encoder::file::{write_atomically, write_json};
use tagsmith_tagger::{Error, PredictOptions, Prediction, SplitReport, Tagger, evaluate};

pub fn run(args: Evaluate, json: bool) -> Result<Done, Failure> {
    let tagger = open(&args.predicting)?;
    for path in [&args.out, &args.predictions].into_iter().flatten() {
        if path.exists() && !args.force {
            return Err(Failure::new(
                format!("`{}` exists already", path.display()),
                "name another file, or replace it with --force",
            ));
        }
    }
    let corpus = read(&args.data, &args.reading.into())?;
    output::notes(&corpus.issues);
    let bar = progress::bar("scoring", json);
    let (report, predictions) = evaluate(
        &tagger,
        &corpus.documents,
        &args.data.display().to_string(),
        &predict_options(&args.predicting),
        args.mode,
        |done, all| progress::set(&bar, done, all),
    )?;
    bar.finish_and_clear();
    notes(&report);
    if let Some(path) = &args.out {
        write_json(path, &report).map_err(Failure::file("write", path))?;
    }
    if let Some(path) = &args.predictions {
        write_predictions(path, &tagger, &corpus.documents, &predictions)?;
    }
    match json {
        true => output::json(&report)?,
        false => output::metrics(&report.metrics)?,
    }
    Ok(Done::Completely)
}

/// What a score alone would hide.
fn notes(report: &SplitReport) {
    if !report.unknown_labels.is_empty() {
        eprintln!(
            "note: the model does not know the labels {}; their entities count as missed",
            report.unknown_labels.join(", ")
        );
    }
    let counts = [
        (
            report.moved_entities,
            "gold entities start or end inside a word and were widened to it",
        ),
        (
            report.lost_entities,
            "gold entities share a word with another one and are not scored",
        ),
        (
            report.words_without_pieces,
            "words give the model nothing to read and count as `O`",
        ),
        (
            report.cut_words,
            "words are longer than a window; only their beginning was read",
        ),
    ];
    for (count, what) in counts.into_iter().filter(|(count, _)| *count > 0) {
        eprintln!("note: {count} {what}");
    }
}

/// Opens the model that the options name.
pub fn open(options: &Predicting) -> Result<Tagger, Failure> {
    let folder = model_folder(&options.model)?;
    let (_, device) = device::open(&options.device).map_err(Error::Device)?;
    let tagger = Tagger::load(&folder, options.model_scheme, &device)?;
    if !tagger.tags.odd_names().is_empty() {
        let names = tagger.tags.odd_names().join("`, `");
        eprintln!("warning: the model's labels `{names}` are no tags and stand for no entity");
    }
    Ok(tagger)
}

/// The options as the engine takes them.
pub fn predict_options(options: &Predicting) -> PredictOptions {
    PredictOptions {
        decoding: options.decoding,
        batch_size: options.batch_size,
        max_length: options.max_length,
        ..PredictOptions::default()
    }
}

fn write_predictions(
    path: &Path,
    tagger: &Tagger,
    documents: &[Document],
    predictions: &[Prediction],
) -> Result<(), Failure> {
    write_atomically(path, |out| {
        for (document, prediction) in documents.iter().zip(predictions) {
            let words: Vec<&str> = (0..document.words.len())
                .map(|i| document.word_text(i))
                .collect();
            let tags: Vec<&str> = prediction
                .ids
                .iter()
                .map(|id| tagger.tags.names()[*id].as_str())
                .collect();
            serde_json::to_writer(&mut *out, &json!({"words": words, "tags": tags}))?;
            out.write_all(b"\n")?;
        }
        Ok(())
    })
    .map_err(Failure::file("write", path))
}
