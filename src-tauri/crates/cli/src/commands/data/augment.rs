//! `tagsmith data augment`: shows what a run would make of training documents, or writes it.

use crate::args::Augment;
use crate::error::CommandError;
use crate::{Done, output, outputs};
use serde_json::{Value, json};
use std::path::Path;
use tagsmith_corpus::augment::{Augmented, Augmenter, marked};
use tagsmith_corpus::{Document, Scheme, WriteFormat, read, write};
use tagsmith_files::write_bytes;
use tagsmith_protocol::TrainSettings;
use tagsmith_tagger::Error;

pub fn run(args: Augment, json: bool) -> Result<Done, CommandError> {
    if let Some(out) = &args.out {
        let mut inputs: Vec<&Path> = vec![&args.file];
        let settings = &args.settings.0;
        let list = settings.get("augment_mentions").and_then(Value::as_str);
        inputs.extend(list.map(Path::new));
        outputs::check(out, &inputs, args.force)?;
    }
    let settings = args.settings.over(&TrainSettings::default())?;
    settings.check().map_err(Error::from)?;
    let corpus = read(&args.file, &args.reading.into())?;
    output::notes(&corpus.issues);
    let augmenter = Augmenter::open(&corpus.documents, &settings)?;
    for label in augmenter.unknown_labels() {
        output::aside(format!(
            "note: the list of mentions has the label `{label}`, which the data lacks"
        ));
    }
    let drawn = augmenter.draw(args.count);
    if drawn.len() < args.count {
        output::aside(format!(
            "note: {} of the {} documents asked for came out unchanged and are left out",
            args.count - drawn.len(),
            args.count
        ));
    }
    match &args.out {
        Some(out) => save(out, drawn, json)?,
        None => show(&corpus.documents, &drawn, json)?,
    }
    Ok(Done::Completely)
}

/// Each with the document that it was made of.
fn show(documents: &[Document], drawn: &[Augmented], json: bool) -> Result<(), CommandError> {
    for one in drawn {
        let source = &documents[one.source];
        if json {
            output::json_line(&json!({
                "line": source.line,
                "operations": one.operations,
                "before": record(source)?,
                "after": record(&one.document)?,
            }))?;
            continue;
        }
        let titles: Vec<&str> = one.operations.iter().map(|done| done.title()).collect();
        output::line(format!("line {}: {}", source.line, titles.join(", ")))?;
        output::line(format!("  {}", on_one_line(source)))?;
        output::line(format!("→ {}", on_one_line(&one.document)))?;
    }
    Ok(())
}

fn on_one_line(document: &Document) -> String {
    marked(document).replace(['\n', '\r'], " ")
}

/// As files of JSON lines have it: text and entities, offsets in characters.
fn record(document: &Document) -> Result<Value, CommandError> {
    let mut line = Vec::new();
    let document = std::slice::from_ref(document);
    write(document, &WriteFormat::JsonlSpans, &mut line)?;
    Ok(serde_json::from_slice(&line)?)
}

/// Writes them as JSON lines: tokens and tags where the words are the data's own, otherwise text and entities.
fn save(out: &Path, drawn: Vec<Augmented>, json: bool) -> Result<(), CommandError> {
    let documents: Vec<Document> = drawn.into_iter().map(|one| one.document).collect();
    let format = match documents.first() {
        Some(first) if first.words_given => WriteFormat::JsonlTokens {
            scheme: Scheme::Iob2,
        },
        _ => WriteFormat::JsonlSpans,
    };
    let mut bytes = Vec::new();
    let report = write(&documents, &format, &mut bytes)?;
    write_bytes(out, &bytes).map_err(CommandError::file("write", out))?;
    if json {
        return output::json(&report);
    }
    output::line(format!(
        "wrote {} documents with {} entities to `{}`",
        report.documents,
        report.entities,
        out.display()
    ))
}
