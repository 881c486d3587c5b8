//! `tagsmith evaluate`.

use crate::args::{Evaluate, Numbers, Predicting};
use crate::commands::{model_folder, open_device};
use crate::error::CommandError;
use crate::progress;
use crate::{Done, judgement, output, outputs};
use serde_json::json;
use std::path::Path;
use tagsmith_corpus::{Convention, Document, Metrics, give_context, judge, read};
use tagsmith_encoder::Precision;
use tagsmith_encoder::device::{DeviceKind, Opened, instead_of, precision_on, supports};
use tagsmith_encoder::selftest::test_family;
use tagsmith_files::{write_atomically, write_json};
use tagsmith_protocol::SplitReport;
use tagsmith_tagger::prepare::no_boundaries;
use tagsmith_tagger::{Error, PredictOptions, Prediction, Tagger, evaluate};

pub fn run(args: Evaluate, json: bool) -> Result<Done, CommandError> {
    if args.out.is_some() && args.out == args.predictions {
        return Err(CommandError::new(
            "--out and --predictions name the same file",
            "give each its own",
        ));
    }
    let model = model_folder(&args.predicting.model)?;
    for path in [&args.out, &args.predictions].into_iter().flatten() {
        outputs::check(path, &[&args.data, &model], args.force)?;
    }
    let numbers = args.predicting.precision;
    let tagger = open(&args.predicting, args.progress)?;
    let mut corpus = read(&args.data, &args.reading.into())?;
    if tagger.context > 0 && !give_context(&mut corpus.documents) {
        output::aside(format!("warning: {}", no_boundaries(&args.data)));
    }
    tagger.tokenizer.keep_added_tokens(&mut corpus.documents);
    output::notes(&corpus.issues);
    let bar = progress::bar("scoring", json || args.progress);
    let mut lines = args.progress.then(progress::Lines::default);
    let (mut report, predictions) = evaluate(
        &tagger,
        &corpus.documents,
        &args.data.display().to_string(),
        &predict_options(&args.predicting),
        args.mode,
        |done, all| {
            progress::set(&bar, done, all);
            if let Some(lines) = &mut lines {
                lines.report(done, all);
            }
        },
    )?;
    bar.finish_and_clear();
    report.judgement = Some(judge(&report));
    let exact = match numbers {
        Numbers::F32 => None,
        // Where the processor has no instructions for 16 bits.
        Numbers::Bf16 if tagger.precision() == Precision::F32 => None,
        _ => Some(in_32_bits(
            &args.predicting,
            &args.data,
            args.mode,
            &corpus.documents,
        )?),
    };
    for note in notes(&report) {
        output::aside(format!("note: {note}"));
    }
    if let Some(path) = &args.out {
        write_json(path, &report).map_err(CommandError::file("write", path))?;
    }
    if let Some(path) = &args.predictions {
        write_predictions(path, &tagger, &corpus.documents, &predictions)?;
    }
    match (json, exact) {
        (true, None) => output::json(&report)?,
        (true, Some(exact)) => {
            let mut report = json!(report);
            report["f32"] = json!(exact);
            output::json(&report)?;
        }
        (false, exact) => {
            output::metrics(&report.metrics)?;
            for sentence in judgement::sentences(&report) {
                output::line(sentence)?;
            }
            if let Some(exact) = exact {
                let (f1, exact) = (report.metrics.overall.f1 * 100.0, exact.overall.f1 * 100.0);
                let bits = match numbers {
                    Numbers::Int8 => "eight bits".to_owned(),
                    other => other.precision().name().to_owned(),
                };
                output::line(format!(
                    "In {bits} F1 is {f1:.2}, in 32-bit floating point {exact:.2}: a difference of {:+.2}.",
                    f1 - exact
                ))?;
            }
        }
    }
    Ok(Done::Completely)
}

/// The scores in f32, to compare with.
fn in_32_bits(
    predicting: &Predicting,
    data: &Path,
    mode: Convention,
    documents: &[Document],
) -> Result<Metrics, CommandError> {
    let predicting = Predicting {
        precision: Numbers::F32,
        ..predicting.clone()
    };
    let source = data.display().to_string();
    let options = predict_options(&predicting);
    let tagger = open(&predicting, false)?;
    let (report, _) = evaluate(&tagger, documents, &source, &options, mode, |_, _| {})?;
    Ok(report.metrics)
}

/// What the scores do not show by themselves.
fn notes(report: &SplitReport) -> Vec<String> {
    let mut notes = Vec::new();
    let labels = &report.unknown_labels;
    if !labels.is_empty() {
        notes.push(format!(
            "the model does not have the {} `{}` of the data; {} entities count as missed",
            if labels.len() == 1 { "label" } else { "labels" },
            labels.join("`, `"),
            if labels.len() == 1 { "its" } else { "their" },
        ));
    }
    let counts = [
        (
            report.moved_entities,
            "entity starts or ends inside a word and is scored as whole words",
            "entities start or end inside a word and are scored as whole words",
        ),
        (
            report.lost_entities,
            "entity shares a word with another one, or has none, and is not scored",
            "entities share a word with another one, or have none, and are not scored",
        ),
        (
            report.words_without_pieces,
            "word gives the model nothing to read and counts as outside any entity",
            "words give the model nothing to read and count as outside any entity",
        ),
        (
            report.cut_words,
            "word is longer than a whole window; only its beginning is read",
            "words are longer than a whole window; only their beginning is read",
        ),
    ];
    notes.extend(counts.into_iter().filter_map(|(n, one, many)| match n {
        0 => None,
        1 => Some(format!("1 {one}")),
        n => Some(format!("{n} {many}")),
    }));
    notes
}

/// Opens the model that the options name. `json`: the test of a device is reported as JSON lines.
pub fn open(options: &Predicting, json: bool) -> Result<Tagger, CommandError> {
    let folder = model_folder(&options.model)?;
    let numbers = options.precision;
    let id = match options.device.as_str() {
        "auto" | "cpu" if numbers == Numbers::Int8 => "cpu",
        other if numbers == Numbers::Int8 => {
            return Err(CommandError::new(
                format!("int8 computes on the CPU, not on `{other}`"),
                "leave --device out, or take `--precision f32`",
            ));
        }
        id => id,
    };
    let Opened { info, device, .. } = open_device(id, json)?;
    let asked = numbers.precision();
    let precision = precision_on(&info, asked);
    if precision != asked {
        output::aside(format!("note: {}", instead_of(&info, asked, precision)));
    }
    // The CPU would only be slower in f16.
    if (precision == Precision::F16 && info.kind == DeviceKind::Cpu) || !supports(&info, precision)
    {
        return Err(CommandError::new(
            format!("`{}` does not predict in {}", info.id, precision.name()),
            "`tagsmith devices --check` shows what each device supports; use `--precision f32`",
        ));
    }
    let tagger = Tagger::load(&folder, options.model_scheme, &device)?;
    test_family(&tagger.config, &info, &device, precision).map_err(Error::Device)?;
    let tagger = tagger
        .with_precision(precision, &info)
        .for_inference(numbers.quantisation());
    if !tagger.tags.odd_names().is_empty() {
        let names = tagger.tags.odd_names().join("`, `");
        let what = "are not tags and mean no entity";
        output::aside(format!("warning: the model's labels `{names}` {what}"));
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
) -> Result<(), CommandError> {
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
    .map_err(CommandError::file("write", path))
}
