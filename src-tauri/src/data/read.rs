//! Reads what a person chose: each file into its splits, and what is found to be in it.

use super::documents::count;
use super::jobs::Work;
use super::migrate;
use super::record::Chosen;
use crate::dto::{Fault, InspectedFile, Member};
use std::collections::BTreeMap;
use std::ops::ControlFlow;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use tagsmith_corpus::repair::merge;
use tagsmith_corpus::{
    Corpus, Dataset, Document, Format, FormatName, Issue, IssueCode, ReadError, ReadOptions,
    Recipe, Repair, Severity, SourceInfo, Split, Stop, TextOptions, each_text, read_all, split_of,
    text_columns,
};
use tagsmith_protocol::Diagnose;
use tagsmith_protocol::Failure;

/// What was read.
pub struct ReadFiles {
    /// What each file was found to be.
    pub files: Vec<InspectedFile>,
    /// Their documents, by split.
    pub dataset: Dataset,
    /// What hinders the use of those that could not be read.
    pub faults: Vec<Issue>,
}

/// Reads files, with the repairs that concern the reading.
///
/// # Errors
/// The person cancelled. A file that cannot be used is among the faults.
pub fn files(chosen: &[Chosen], repairs: &[Repair], work: &mut Work) -> Result<ReadFiles, Failure> {
    let mut files = Vec::new();
    let mut splits: Vec<Split> = Vec::new();
    let mut faults = Vec::new();
    for (number, file) in chosen.iter().enumerate() {
        work.at("reading", number, chosen.len())?;
        let mut inspected = InspectedFile {
            path: file.shown.display().to_string(),
            members: Vec::new(),
            error: None,
        };
        match one(file, repairs, work.stop()) {
            Ok(own) => {
                inspected.members = own.iter().map(member).collect();
                splits.extend(own);
            }
            Err(failure) => {
                let found = failure.findings();
                inspected.error = Some(fault(file, &failure, &found));
                faults.extend(found);
            }
        }
        files.push(inspected);
    }
    work.at("reading", chosen.len(), chosen.len())?;
    Ok(ReadFiles {
        files,
        dataset: merge(splits),
        faults,
    })
}

fn one(file: &Chosen, repairs: &[Repair], stop: Stop) -> Result<Vec<Split>, ReadError> {
    let recipe = Recipe {
        reading: ReadOptions {
            stop,
            ..options(file)
        },
        repairs: repairs.to_vec(),
        ..Recipe::default()
    };
    let mut splits = match read_all(&file.at, &recipe.reading()) {
        // The person says that it is a table, so that it is one of texts without labels.
        Err(ReadError::NotACorpus { .. }) if file.reading.format == Some(FormatName::Table) => {
            vec![unlabelled(file)?]
        }
        read => read?,
    };
    for split in &mut splits {
        if let Some(chosen) = file.split {
            split.name = chosen.name().into();
        }
        if file.at != file.shown {
            rename(&mut split.corpus, &file.at, &file.shown);
            migrate::put_lines(&file.at, &mut split.corpus.documents);
        }
    }
    Ok(splits)
}

/// A table of texts without labels.
fn unlabelled(file: &Chosen) -> Result<Split, ReadError> {
    let options = TextOptions {
        column: file.reading.token_column.clone(),
        whole: false,
    };
    let columns = text_columns(&file.at, &options)?.unwrap_or_default();
    let mut documents = Vec::new();
    each_text(&file.at, &options, &mut |text| {
        documents.push(Document {
            line: text.line,
            ..Document::from_text(&text.text)
        });
        ControlFlow::Continue(())
    })?;
    let words = documents.iter().map(|document| document.words.len()).sum();
    let source = SourceInfo {
        path: file.at.clone(),
        format: Format::TableTexts {
            delimiter: columns.delimiter.unwrap_or(','),
            text_column: columns.text.unwrap_or_default(),
            label_column: None,
        },
        other_formats: Vec::new(),
        scheme: None,
        documents: documents.len(),
        words,
        entities: 0,
        repaired_tags: 0,
        dropped_spans: 0,
        skipped_documents: 0,
        agreement: Vec::new(),
    };
    let message = "read as texts without labels, one document per row";
    let issue = Issue::new(Severity::Info, IssueCode::Unlabelled, &file.at, 0, message);
    Ok(Split {
        name: split_of(&file.at).unwrap_or("train").into(),
        corpus: Corpus {
            documents,
            source,
            issues: vec![issue],
            offset_evidence: None,
        },
    })
}

/// What the window says of a file that cannot be used. It shows the file and the line itself.
fn fault(file: &Chosen, failure: &ReadError, found: &[Issue]) -> Fault {
    let message = failure.finding();
    let within = failure.file().strip_prefix(&file.at).ok();
    Fault {
        code: found
            .first()
            .map_or(IssueCode::Unreadable, Issue::leading_code),
        // Of a folder or an archive, it shows only that.
        message: match within.filter(|name| !name.as_os_str().is_empty()) {
            Some(name) => format!("`{}`: {message}", name.display()),
            None => message,
        },
        hint: failure.hint().map(Into::into),
        line: failure.line().filter(|line| *line > 0).map(count),
        as_text: as_text(file, failure),
    }
}

/// As what a file that is no corpus could be read as texts without labels, if it is text at all.
fn as_text(file: &Chosen, failure: &ReadError) -> Option<FormatName> {
    let ReadError::NotACorpus { .. } = failure else {
        return None;
    };
    let extension = file.at.extension().unwrap_or_default().to_string_lossy();
    let is_table = ["csv", "tsv"].contains(&extension.to_lowercase().as_str());
    Some(match is_table {
        true => FormatName::Table,
        false => FormatName::Text,
    })
}

fn options(file: &Chosen) -> ReadOptions {
    let mut options = ReadOptions::from(&file.reading);
    // Training cannot hold spans that overlap, the library and other formats can.
    options.keep_overlaps = !options.drop_invalid;
    options
}

/// What was read from the library's copy is reported at the path where the person had it.
fn rename(corpus: &mut Corpus, at: &Path, shown: &Path) {
    let moved = |path: &Path| -> Option<PathBuf> {
        let rest = path.strip_prefix(at).ok()?;
        Some(match rest.as_os_str().is_empty() {
            true => shown.into(),
            false => shown.join(rest),
        })
    };
    let issues = corpus.issues.iter_mut().map(|issue| &mut issue.file);
    for path in issues.chain([&mut corpus.source.path]) {
        if let Some(new) = moved(path) {
            *path = new;
        }
    }
    // Documents of one file share its name, and stand one after the other.
    let mut last: Option<(Arc<Path>, Arc<Path>)> = None;
    for document in &mut corpus.documents {
        let Some(file) = &mut document.file else {
            continue;
        };
        let known = last.as_ref().filter(|(old, _)| Arc::ptr_eq(old, file));
        let new = match known {
            Some((_, new)) => new.clone(),
            None => moved(file).map_or_else(|| file.clone(), Arc::from),
        };
        last = Some((std::mem::replace(file, new.clone()), new));
    }
}

fn member(split: &Split) -> Member {
    let source = &split.corpus.source;
    let mut labels: BTreeMap<String, u32> = BTreeMap::new();
    for span in split.corpus.documents.iter().flat_map(|d| &d.spans) {
        match labels.get_mut(&span.label) {
            Some(count) => *count += 1,
            None => {
                labels.insert(span.label.clone(), 1);
            }
        }
    }
    let name = source.path.file_name().unwrap_or(source.path.as_os_str());
    Member {
        name: name.to_string_lossy().into(),
        split: split.name.clone(),
        format: source.format.clone(),
        scheme: source.scheme,
        encoding: encoding(&split.corpus).to_lowercase(),
        documents: count(source.documents),
        words: count(source.words),
        entities: count(source.entities),
        labels,
        columns: super::columns::of(&source.path, &source.format),
        agreement: source.agreement.first().cloned(),
        partly_labelled: has(&split.corpus, IssueCode::WordsUnknown),
    }
}

fn has(corpus: &Corpus, code: IssueCode) -> bool {
    corpus.issues.iter().any(|issue| issue.code == code)
}

/// Readers report every encoding but UTF-8.
fn encoding(corpus: &Corpus) -> &str {
    let found = corpus
        .issues
        .iter()
        .find(|issue| issue.code == IssueCode::Encoding);
    found.map_or("utf-8", |issue| issue.found.as_str())
}

/// The first fault of files that cannot be used as they are.
pub fn refusal(faults: &[Issue]) -> Option<Failure> {
    let first = faults
        .iter()
        .find(|issue| issue.severity == Severity::Error)?;
    let more = match faults.len() {
        1 => String::new(),
        n => format!(" (and {} more)", n - 1),
    };
    Some(Failure::new(
        "bad-data",
        format!("{first}{more}"),
        first
            .fix
            .clone()
            .unwrap_or_else(|| "correct the lines listed, then import it again".into()),
    ))
}
