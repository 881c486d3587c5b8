//! `tagsmith data convert`: a file to another format or tag scheme.

use crate::args::Target;
use crate::failure::Failure;
use crate::{Done, output};
use std::io::{self, Write};
use std::path::Path;
use tagsmith_corpus::{Corpus, ReadOptions, Scheme, WriteFormat, read, write};
use tagsmith_encoder::file::write_atomically;

pub fn run(
    input: &Path,
    output: &Path,
    to: Option<Target>,
    to_scheme: Scheme,
    force: bool,
    options: &ReadOptions,
    json: bool,
) -> Result<Done, Failure> {
    if !is_standard_output(output) {
        Failure::unless_free(output, force)?;
    }
    let corpus = read(input, options)?;
    convert(&corpus, output, target(to, output, to_scheme), json)
}

pub(super) fn target(to: Option<Target>, output: &Path, scheme: Scheme) -> WriteFormat {
    let by_name = || match output.extension().and_then(|ending| ending.to_str()) {
        Some("jsonl" | "json") => Target::Jsonl,
        _ => Target::Conll,
    };
    match to.unwrap_or_else(by_name) {
        Target::Conll => WriteFormat::ConllScheme(scheme),
        Target::Jsonl => WriteFormat::JsonlSpans,
        Target::Tokens => WriteFormat::JsonlTokens { scheme },
    }
}

fn is_standard_output(path: &Path) -> bool {
    path == Path::new("-")
}

fn convert(corpus: &Corpus, path: &Path, format: WriteFormat, json: bool) -> Result<Done, Failure> {
    let mut bytes = Vec::new();
    let report = write(&corpus.documents, &format, &mut bytes)?;
    let to_stdout = is_standard_output(path);
    if to_stdout {
        let mut out = io::stdout().lock();
        out.write_all(&bytes)?;
        out.flush()?;
    } else {
        write_atomically(path, |out| out.write_all(&bytes))
            .map_err(Failure::file("write", path))?;
    }
    output::notes(&corpus.issues);
    // Standard output holds the data alone, so that it can be passed on as it is.
    let tell = |text: String| match to_stdout {
        true => {
            eprintln!("{text}");
            Ok(())
        }
        false => output::line(text),
    };
    if json {
        tell(serde_json::to_string_pretty(&report)?)?;
        return Ok(Done::Completely);
    }
    let name = match to_stdout {
        true => "standard output".into(),
        false => format!("`{}`", path.display()),
    };
    tell(format!(
        "wrote {} documents with {} entities to {name}",
        report.documents, report.entities
    ))?;
    for note in report.notes() {
        tell(format!("note: {note}"))?;
    }
    Ok(Done::Completely)
}
