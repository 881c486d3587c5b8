//! Reads files that a person picked, holds out what they asked for, and writes the data set's folder.

use super::lines_file;
use crate::disk;
use crate::failure::Failure;
use crate::shapes::{CheckReport, DataSet, ImportRequest, LengthBin, Split, mirror};
use std::path::Path;
use tagsmith_corpus::{
    Corpus, Document, Format, Issue, ReadOptions, Scheme, Severity, WriteFormat,
    check as check_corpora, hold_out, read as read_file, read_bytes, write,
};
use tagsmith_hub::store;

/// What was read of one import: each split with its documents, and what was found in the files.
pub struct Imported {
    splits: Vec<(Split, Corpus)>,
}

/// What is in the files, and what is wrong with them.
pub fn check(request: &ImportRequest) -> CheckReport {
    let (splits, faults) = read_all(request);
    report(&splits, faults)
}

/// Reads the files of an import.
///
/// # Errors
/// A file cannot be used as it is; the message is that of its first fault.
pub fn read(request: &ImportRequest) -> Result<Imported, Failure> {
    let (splits, faults) = read_all(request);
    if let Some(first) = faults
        .iter()
        .find(|issue| issue.severity == Severity::Error)
    {
        let more = match faults.len() {
            1 => String::new(),
            n => format!(" (and {} more)", n - 1),
        };
        return Err(Failure::new(
            "bad-data",
            format!("{first}{more}"),
            first
                .fix
                .clone()
                .unwrap_or_else(|| "mend the lines listed, then import it again".into()),
        ));
    }
    Ok(Imported { splits })
}

/// Reads the sample corpus.
///
/// # Errors
/// It is damaged, which a test rules out.
pub fn sample(files: &[(Split, &str)]) -> Result<Imported, Failure> {
    let splits = files.iter().map(|(split, text)| {
        let name = format!("support-tickets/{}.jsonl", split.name());
        read_bytes(Path::new(&name), text.as_bytes(), &ReadOptions::default())
            .map(|corpus| (*split, corpus))
            .map_err(|failure| Failure::plain("sample", failure.to_string()))
    });
    Ok(Imported {
        splits: splits.collect::<Result<_, _>>()?,
    })
}

fn read_all(request: &ImportRequest) -> (Vec<(Split, Corpus)>, Vec<Issue>) {
    let options = ReadOptions {
        drop_invalid: request.drop_invalid,
        ..ReadOptions::default()
    };
    let files = [
        (Split::Train, Some(&request.train)),
        (Split::Dev, request.dev.as_ref()),
        (Split::Test, request.test.as_ref()),
    ];
    let mut splits = Vec::new();
    let mut faults = Vec::new();
    for (split, path) in files {
        let Some(path) = path else { continue };
        match read_file(Path::new(path), &options) {
            Ok(corpus) => splits.push((split, corpus)),
            Err(failure) => faults.extend(failure.findings()),
        }
    }
    if let Some(train) = splits.iter().position(|(split, _)| *split == Split::Train) {
        let (_, train) = splits.remove(train);
        let (train, held) = part(train, request);
        splits.insert(0, (Split::Train, train));
        splits.extend(held);
        splits.sort_by_key(|(split, _)| Split::ALL.iter().position(|s| s == split));
    }
    (splits, faults)
}

/// Holds out of the training file what has no file of its own.
fn part(mut train: Corpus, request: &ImportRequest) -> (Corpus, Vec<(Split, Corpus)>) {
    let wanted = [
        (Split::Test, request.test.is_none(), request.test_share.0),
        (Split::Dev, request.dev.is_none(), request.dev_share.0),
    ];
    let whole = train.documents.len() as f64;
    let mut held = Vec::new();
    for (split, absent, share) in wanted {
        let rest = train.documents.len();
        if !absent || share <= 0.0 || rest < 2 {
            continue;
        }
        // Shares are of the whole file, also where a part of it is gone already.
        let share = (share * whole / rest as f64).min(1.0);
        let (kept, out) = hold_out(
            std::mem::take(&mut train.documents),
            share,
            request.seed.into(),
        );
        train.documents = kept;
        held.push((split, corpus_of(&train, out)));
    }
    recount(&mut train);
    (train, held)
}

/// Documents held out of a file, as a corpus; the file's issues stay with the file.
fn corpus_of(file: &Corpus, documents: Vec<Document>) -> Corpus {
    let mut source = file.source.clone();
    source.repaired_tags = 0;
    source.dropped_spans = 0;
    source.skipped_documents = 0;
    let mut corpus = Corpus {
        documents,
        source,
        issues: Vec::new(),
        offset_evidence: None,
    };
    recount(&mut corpus);
    corpus
}

fn recount(corpus: &mut Corpus) {
    let documents = &corpus.documents;
    corpus.source.documents = documents.len();
    corpus.source.words = documents.iter().map(|document| document.words.len()).sum();
    corpus.source.entities = documents.iter().map(|document| document.spans.len()).sum();
}

fn report(splits: &[(Split, Corpus)], mut issues: Vec<Issue>) -> CheckReport {
    let named: Vec<(&str, &Corpus)> = splits
        .iter()
        .map(|(split, corpus)| (split.name(), corpus))
        .collect();
    let mut report = check_corpora(&named);
    issues.append(&mut report.issues);
    report.issues = issues;
    mirror(&report)
}

impl Imported {
    /// Writes the data set into its folder and says what it is.
    ///
    /// # Errors
    /// The file system refused.
    pub fn write(self, id: &str, name: &str, folder: &Path) -> Result<DataSet, Failure> {
        let set = DataSet {
            id: id.into(),
            name: name.into(),
            imported: crate::now(),
            check: report(&self.splits, Vec::new()),
            lengths: lengths(&self.splits),
            longest_words: count(self.words().max().unwrap_or(0)),
        };
        for (split, corpus) in &self.splits {
            let path = folder.join(format!("{}.jsonl", split.name()));
            let mut bytes = Vec::new();
            write(
                &corpus.documents,
                &format(&corpus.source.format),
                &mut bytes,
            )
            .map_err(Failure::io("write", &path))?;
            store::write(&path, &bytes).map_err(Failure::io("write", &path))?;
            let lines: Vec<usize> = corpus.documents.iter().map(|doc| doc.line).collect();
            disk::write_json(&lines_file(folder, split.name()), &lines)?;
        }
        disk::write_json(&folder.join("data.json"), &set)?;
        Ok(set)
    }

    fn words(&self) -> impl Iterator<Item = usize> + '_ {
        words(&self.splits)
    }
}

/// A file whose words were given keeps them; another keeps its text as it is.
fn format(format: &Format) -> WriteFormat {
    match format.gives_words() {
        false => WriteFormat::JsonlSpans,
        true => WriteFormat::JsonlTokens {
            scheme: Scheme::Iob2,
        },
    }
}

fn words(splits: &[(Split, Corpus)]) -> impl Iterator<Item = usize> + '_ {
    splits
        .iter()
        .flat_map(|(_, corpus)| &corpus.documents)
        .map(|document| document.words.len())
}

fn count(n: usize) -> u32 {
    u32::try_from(n).unwrap_or(u32::MAX)
}

/// Bins of one round width (1, 2 or 5 times a power of ten), at most 24 of them; what is longer
/// than nearly all of the rest is in the last.
fn lengths(splits: &[(Split, Corpus)]) -> Vec<LengthBin> {
    const BINS: usize = 24;
    let mut found: Vec<usize> = words(splits).collect();
    found.sort_unstable();
    let Some(longest) = found.last() else {
        return Vec::new();
    };
    // One very long document must not squeeze all others into the first bin.
    let most = found[(found.len() - 1) * 99 / 100];
    let reach = if most * 2 < *longest { most } else { *longest };
    let widths = (0..).flat_map(|power| [1, 2, 5].map(|n| n * 10_usize.pow(power)));
    let width = widths
        .into_iter()
        .find(|width| (reach + 1).div_ceil(*width) <= BINS)
        .expect("widths grow without end");
    let bins = (reach + 1).div_ceil(width).max(1);
    let mut counts = vec![0_u32; bins];
    for length in &found {
        counts[(length / width).min(bins - 1)] += 1;
    }
    counts
        .into_iter()
        .enumerate()
        .map(|(i, n)| LengthBin {
            from: count(i * width),
            to: count(if i + 1 == bins {
                longest + 1
            } else {
                (i + 1) * width
            }),
            count: n,
        })
        .collect()
}
