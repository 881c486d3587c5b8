//! Two runs beside each other: what each learned from, what differs in it, and whether their scores can be
//! compared at all.
//!
//! Scores are those of the same documents and labels, or they are not compared. That is known from what a run
//! wrote down when it began: the hashes of its files, or how it held documents out.

use super::summary::RunFile;
use super::{Runs, unknown};
use crate::data::documents;
use crate::disk;
use crate::dto::{
    ComparedLabel, ComparedScores, ComparedSplit, Comparison, DifferentDocument, Report,
    ScoreVerdict, Scores, SplitReport,
};
use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::fs::File;
use std::hash::{BuildHasher, RandomState};
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use tagsmith_corpus::{Document, FormatName, ReadOptions, judge, read_bytes, which_is_better};
use tagsmith_protocol::Failure;

/// Documents that differ are shown up to this number for each split.
const EXAMPLES: usize = 20;

/// What is known of one of the runs.
struct Side {
    file: RunFile,
    report: Option<Report>,
}

impl Runs {
    /// Two runs beside each other.
    ///
    /// # Errors
    /// There is no such run, or it has not begun.
    pub fn compare(&self, first: &str, second: &str) -> Result<Comparison, Failure> {
        let (first, second) = (self.side(first)?, self.side(second)?);
        let data = self.0.library.data_folder();
        let only = |of: &Side, other: &Side| -> Vec<String> {
            let labels = of.file.labels.iter();
            let others = &other.file.labels;
            labels
                .filter(|label| !others.contains(label))
                .cloned()
                .collect()
        };
        let splits = ["train", "dev", "test"].into_iter();
        Ok(Comparison {
            first_version: version(&first.file.config.train, &data),
            second_version: version(&second.file.config.train, &data),
            labels_first: only(&first, &second),
            labels_second: only(&second, &first),
            splits: splits
                .filter_map(|name| split(name, &first, &second))
                .collect(),
            scores: ["test", "dev"]
                .into_iter()
                .filter_map(|name| scores(name, &first, &second))
                .collect(),
        })
    }

    fn side(&self, id: &str) -> Result<Side, Failure> {
        let places = self.0.asked(id)?;
        if self.get(id).is_none() {
            return Err(unknown(id));
        }
        let file = disk::read_json(&places.folder().join("run.json")).ok_or_else(|| {
            Failure::plain(
                "not-begun",
                "this run ended before it began: there is nothing to compare",
            )
        })?;
        Ok(Side {
            file,
            report: disk::read_json(&places.report()),
        })
    }
}

/// The version of the data set that a file was written of, by its folder.
fn version(file: &Path, data: &Path) -> Option<u32> {
    let rest = file.strip_prefix(data).ok()?;
    let folder = rest.parent()?.file_name()?.to_str()?;
    match folder
        .strip_prefix('v')
        .and_then(|number| number.parse().ok())
    {
        Some(version) => Some(version),
        // An earlier version of the program had the files beside `data.json`.
        None => Some(0),
    }
}

impl Side {
    /// The file of a split; without one, dev was held out of train.
    fn path(&self, split: &str) -> Option<&PathBuf> {
        let config = &self.file.config;
        match split {
            "train" => Some(&config.train),
            "dev" => config.dev.as_ref(),
            _ => config.test.as_ref(),
        }
    }

    /// What tells a split's documents: two that are equal are the same documents.
    fn identity(&self, split: &str) -> Option<String> {
        let hash = |path: &PathBuf| self.file.sha256.get(&path.display().to_string()).cloned();
        let settings = &self.file.config.settings;
        match (split, self.path(split)) {
            (_, Some(path)) => hash(path),
            ("dev", None) => Some(format!(
                "{} held out: {} {}",
                hash(&self.file.config.train)?,
                settings.dev_share,
                settings.seed
            )),
            _ => None,
        }
    }

    /// What its entities are where a model marked them, in part, before they were scored.
    fn marked_by(&self) -> Option<&Path> {
        let config = &self.file.config;
        config
            .settings
            .keep_labels
            .then_some(config.model.as_path())
    }

    fn scored(&self, split: &str) -> Option<&SplitReport> {
        self.report.as_ref()?.splits.get(split)
    }
}

/// What differs in the documents of a split; nothing where neither run has a file for it.
fn split(name: &str, first: &Side, second: &Side) -> Option<ComparedSplit> {
    let paths = [first.path(name), second.path(name)];
    if paths == [None, None] {
        return None;
    }
    let known = first.identity(name);
    let mut found = ComparedSplit {
        split: name.into(),
        is_same: known.is_some() && known == second.identity(name),
        ..ComparedSplit::default()
    };
    if !found.is_same
        && let [Some(first), Some(second)] = paths
        && let Ok([first, second]) = different(first, second)
    {
        let (first, second) = (read(&first), read(&second));
        fill(&mut found, name, first, second);
    }
    Some(found)
}

/// The lines, one for each document, that only one of two files has.
fn different(first: &Path, second: &Path) -> std::io::Result<[Vec<u8>; 2]> {
    let hasher = RandomState::new();
    let hash = |line: &[u8]| hasher.hash_one(line);
    let mut seen: HashMap<u64, isize> = HashMap::new();
    for (path, step) in [(first, 1), (second, -1)] {
        each_line(path, |line| *seen.entry(hash(line)).or_default() += step)?;
    }
    let mut only = [Vec::new(), Vec::new()];
    for ((path, step), only) in [(first, 1), (second, -1)].into_iter().zip(&mut only) {
        each_line(path, |line| {
            let more = seen.entry(hash(line)).or_default();
            if more.signum() == step {
                *more -= step;
                only.extend_from_slice(line);
                only.push(b'\n');
            }
        })?;
    }
    Ok(only)
}

fn each_line(path: &Path, mut each: impl FnMut(&[u8])) -> std::io::Result<()> {
    for line in BufReader::new(File::open(path)?).split(b'\n') {
        let line = line?;
        if !line.is_empty() {
            each(&line);
        }
    }
    Ok(())
}

/// Documents as the window wrote them for a run.
fn read(lines: &[u8]) -> Vec<Document> {
    let options = ReadOptions {
        format: Some(FormatName::Json),
        keep_overlaps: true,
        ..ReadOptions::default()
    };
    let corpus = read_bytes(Path::new("documents.jsonl"), lines, &options);
    corpus.map(|corpus| corpus.documents).unwrap_or_default()
}

/// Counts what differs, and shows some of it. Documents with the same text are the same with other entities.
fn fill(found: &mut ComparedSplit, name: &str, first: Vec<Document>, second: Vec<Document>) {
    let mut by_text: BTreeMap<String, Vec<Document>> = BTreeMap::new();
    for document in second {
        by_text
            .entry(document.text.clone())
            .or_default()
            .push(document);
    }
    let mut add = |pair: (Option<&Document>, Option<&Document>)| {
        match pair {
            (Some(_), Some(_)) => found.relabelled += 1,
            (Some(_), None) => found.only_first += 1,
            (None, _) => found.only_second += 1,
        }
        if found.examples.len() < EXAMPLES {
            let shown = |document: &Document| documents::shown(name, 0, document);
            found.examples.push(DifferentDocument {
                first: pair.0.map(shown),
                second: pair.1.map(shown),
            });
        }
    };
    let mut alone = Vec::new();
    for document in first {
        match by_text.get_mut(&document.text).and_then(Vec::pop) {
            Some(other) => add((Some(&document), Some(&other))),
            None => alone.push(document),
        }
    }
    for document in &alone {
        add((Some(document), None));
    }
    for document in by_text.values().flatten() {
        add((None, Some(document)));
    }
    found.is_known = true;
}

/// The scores of both on a split; nothing where neither was scored.
fn scores(name: &str, first: &Side, second: &Side) -> Option<ComparedScores> {
    let both = (first.scored(name), second.scored(name));
    if let (None, None) = both {
        return None;
    }
    let (known, other) = (first.identity(name), second.identity(name));
    let (verdict, fewer) = match both {
        (Some(one), Some(two)) if known.is_some() && known == other => {
            match first.marked_by() == second.marked_by() {
                true => verdict(one, two),
                false => (ScoreVerdict::DifferentLabels, None),
            }
        }
        (Some(_), Some(_)) => (ScoreVerdict::DifferentData, None),
        _ => (ScoreVerdict::NotScored, None),
    };
    let overall = |split: &SplitReport| split.metrics.overall;
    let labels: BTreeSet<&String> = [both.0, both.1]
        .into_iter()
        .flatten()
        .flat_map(|split| split.metrics.labels.keys())
        .collect();
    let of = |split: Option<&SplitReport>, label: &String| -> Option<Scores> {
        split?.metrics.labels.get(label).copied()
    };
    Some(ComparedScores {
        split: name.into(),
        verdict,
        fewer_mistakes: fewer,
        first: both.0.map(overall),
        second: both.1.map(overall),
        first_interval: both.0.map(interval),
        second_interval: both.1.map(interval),
        labels: labels
            .into_iter()
            .map(|label| ComparedLabel {
                label: label.clone(),
                first: of(both.0, label),
                second: of(both.1, label),
            })
            .collect(),
    })
}

fn interval(split: &SplitReport) -> (f64, f64) {
    judge(split).interval
}

fn verdict(first: &SplitReport, second: &SplitReport) -> (ScoreVerdict, Option<(u32, u32)>) {
    let better = which_is_better(first, second);
    let fewer = (
        documents::count(better.first),
        documents::count(better.second),
    );
    let verdict = match better.is_clear {
        true if better.first > better.second => ScoreVerdict::FirstBetter,
        true => ScoreVerdict::SecondBetter,
        false => ScoreVerdict::NoClearDifference,
    };
    (verdict, Some(fewer))
}
