//! Describes data files and says what is wrong with them, alone and together.
//!
//! Each family of findings has a file. [`check`] runs them all; [`check_with`] reports progress
//! and can be stopped. What is found is listed up to a bound for each code, and counted beyond it.
//!
//! One file, as it is the order in which the families look, and what they share.

mod causes;
mod consistency;
mod duplicates;
mod labels;
mod offsets;
mod pass;
mod pieces;
mod report;
mod sizes;
mod spans;
mod tags;
mod text;

use std::collections::{BTreeMap, HashSet};
use std::ops::ControlFlow;
use std::path::{Path, PathBuf};

pub use causes::mark_causes;
pub use duplicates::SharedTexts;
pub(crate) use offsets::reread;
pub use offsets::{RawSpans, Recognised, recognise};
pub use pass::{OnProgress, Progress, Stage};
pub use pieces::{Model, ModelReport, Pieces, WordPieces};
pub use report::{CheckReport, FileReport, Group, groups};
pub use sizes::{
    Bin, LabelStatistics, Overlap, SplitStatistics, Statistics, Surface, histogram, statistics,
    statistics_of_checked,
};

use crate::dataset::Corpus;
use crate::document::Document;
use crate::formats::Format;
use crate::issue::{Issue, IssueCode, LISTED, Location, Severity};
use crate::offsets::OffsetMap;
use crate::options::{OffsetUnit, Stop};
use crate::recipe::Repair;
use crate::similarity::folded;
pub use crate::similarity::{LIKENESS, Near, SHORTEST, nearly_same, nearly_same_within};
use pass::Passes;

/// The split whose labels and texts the others are held against.
const TRAIN: &str = "train";

/// What a check looks at.
#[derive(Clone, Copy)]
pub struct CheckOptions<'a> {
    /// How many findings of one code are listed one by one for one file.
    pub listed: usize,
    /// Look for texts that are nearly the same, not only for the same ones.
    pub near: bool,
    /// Compare the same words in different places.
    pub consistency: bool,
    /// The model that is to be trained: for the length of documents and unknown words.
    pub model: Option<Model<'a>>,
}

impl Default for CheckOptions<'_> {
    fn default() -> Self {
        Self {
            listed: LISTED,
            near: true,
            consistency: true,
            model: None,
        }
    }
}

/// Why a check did not finish.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum CheckError {
    /// The progress callback asked for it.
    #[error("the check was stopped")]
    Stopped,
    /// The tokenizer cannot treat a word.
    #[error("the model's tokenizer failed: {0}")]
    Tokenizer(String),
}

/// Describes each file, named by its split, and compares them with each other.
pub fn check(corpora: &[(&str, &Corpus)]) -> CheckReport {
    let options = CheckOptions::default();
    check_with(corpora, &options, &mut |_| ControlFlow::Continue(()))
        .expect("nobody stops it, and without a model no tokenizer can fail")
}

/// As [`check`], with options; `on_progress` is called several times a second, and may stop it.
///
/// # Errors
/// It was stopped, or the model's tokenizer failed.
pub fn check_with(
    corpora: &[(&str, &Corpus)],
    options: &CheckOptions<'_>,
    on_progress: OnProgress<'_>,
) -> Result<CheckReport, CheckError> {
    let views: Vec<View> = corpora
        .iter()
        .map(|(split, corpus)| View { split, corpus })
        .collect();
    let mut passes = Passes::new(on_progress, work(&views, options));
    let mut found = Collected::new(options.listed, &views);
    for view in &views {
        whole_file(view, &mut found.kept);
    }
    let mut texts = Vec::with_capacity(views.len());
    for view in &views {
        texts.push(documents(view, &mut passes, &mut found)?);
    }
    let labels: Vec<_> = views
        .iter()
        .map(|view| uses_of_labels(view.corpus))
        .collect();
    for issue in labels::look(&views, &labels) {
        found.push(issue);
    }
    for (view, texts) in views.iter().zip(&texts) {
        duplicates::alone(view, texts, &mut found);
    }
    let shared = between_splits(&views, &texts, options, &mut passes, &mut found)?;
    drop(texts);
    if options.consistency {
        let mut surfaces = consistency::Surfaces::of(&views);
        surfaces.count_outside(&views, &mut passes)?;
        for view in &views {
            tags::look(view, &surfaces, &mut passes, &mut found)?;
        }
        consistency::look(&views, &surfaces, options.listed, &mut passes, &mut found)?;
    }
    let mut model = Vec::new();
    if let Some(wanted) = &options.model {
        for view in &views {
            model.push(pieces::look(view, wanted, &mut passes, &mut found)?);
        }
    }
    let files = views
        .iter()
        .zip(&labels)
        .map(|(view, labels)| report::describe(view, labels));
    let report = CheckReport::new(files.collect(), found.into_issues(), model);
    Ok(CheckReport { shared, ..report })
}

/// How many documents all stages look at together.
fn work(views: &[View<'_>], options: &CheckOptions<'_>) -> usize {
    let all: usize = views.iter().map(|view| view.corpus.documents.len()).sum();
    let mut total = all;
    if options.near && views.len() > 1 {
        total += all;
    }
    if options.consistency {
        let io = views
            .iter()
            .filter(|view| view.corpus.source.scheme == Some(crate::Scheme::Io));
        total += 2 * all + io.map(|view| view.corpus.documents.len()).sum::<usize>();
    }
    total + if options.model.is_some() { all } else { 0 }
}

/// One file of a check.
#[derive(Clone, Copy)]
pub(crate) struct View<'a> {
    split: &'a str,
    corpus: &'a Corpus,
}

impl<'a> View<'a> {
    fn path(&self) -> &'a Path {
        &self.corpus.source.path
    }

    /// The file that a document is from: one of several where they make up one split.
    fn file(&self, document: usize) -> &'a Path {
        let file = self.corpus.documents[document].file.as_deref();
        file.unwrap_or(self.path())
    }

    /// An issue about a document, and a range of its text in bytes. Its file and its line are those of
    /// the document; the line is that of the word where each has a line of its own.
    fn issue(
        &self,
        severity: Severity,
        code: IssueCode,
        document: usize,
        range: Option<(usize, usize)>,
        message: impl Into<String>,
    ) -> Issue {
        let found = &self.corpus.documents[document];
        let mut line = found.line;
        if let (Format::Conll { .. }, Some((start, _)), 1..) =
            (&self.corpus.source.format, range, line)
        {
            let word = found
                .words
                .partition_point(|word| word.end <= start && word.start < start);
            line += word.min(found.words.len().saturating_sub(1));
        }
        Issue::new(severity, code, self.file(document), line, message).place(Location {
            split: self.split.into(),
            document,
            range,
        })
    }

    /// An issue about the file as a whole.
    fn whole(&self, severity: Severity, code: IssueCode, message: impl Into<String>) -> Issue {
        Issue::new(severity, code, self.path(), 0, message)
    }
}

/// What was found. Only so many findings of each code are kept for a split; the rest are counted.
pub(crate) struct Collected {
    listed: usize,
    kept: Vec<Issue>,
    counts: Vec<Counted>,
    /// What each split was read from. A split of many files counts as one.
    sources: Vec<(String, PathBuf)>,
}

struct Counted {
    code: IssueCode,
    severity: Severity,
    file: PathBuf,
    /// Listed one by one.
    listed: usize,
    /// Counted only.
    more: usize,
}

impl Collected {
    fn new(listed: usize, views: &[View<'_>]) -> Self {
        let source = |view: &View<'_>| (view.split.to_owned(), view.path().to_owned());
        Self {
            listed,
            kept: Vec::new(),
            counts: Vec::new(),
            sources: views.iter().map(source).collect(),
        }
    }

    fn push(&mut self, issue: Issue) {
        // Splits may have the same name where each is read from a file of its own.
        let mut sources = self.sources.iter();
        let of_file = sources.clone().find(|(_, path)| *path == issue.file);
        let source = of_file.or_else(|| {
            let place = issue.place.as_ref()?;
            sources.find(|(split, _)| *split == place.split)
        });
        let file = source.map_or(&issue.file, |(_, path)| path);
        let same = |c: &Counted| c.code == issue.code && c.file == *file;
        let at = self.counts.iter().position(same).unwrap_or_else(|| {
            self.counts.push(Counted {
                code: issue.code,
                severity: issue.severity,
                file: file.clone(),
                listed: 0,
                more: 0,
            });
            self.counts.len() - 1
        });
        let counted = &mut self.counts[at];
        if counted.listed < self.listed {
            counted.listed += 1;
            self.kept.push(issue);
        } else {
            counted.more += 1;
        }
    }

    /// Counts findings of a code that were not worded, because as many are listed as may be.
    fn more(&mut self, code: IssueCode, more: usize) {
        if let Some(counted) = self.counts.iter_mut().rev().find(|c| c.code == code) {
            counted.more += more;
        }
    }

    fn into_issues(mut self) -> Vec<Issue> {
        for counted in self.counts.iter().filter(|counted| counted.more > 0) {
            let all = counted.listed + counted.more;
            let message = format!(
                "{} more issues of the kind `{}` ({all} in all)",
                counted.more, counted.code
            );
            let rest = Issue::new(counted.severity, counted.code, &counted.file, 0, message);
            self.kept.push(rest.count(counted.more));
        }
        self.kept
    }
}

/// What concerns a file as a whole, and what was found while it was read.
fn whole_file(view: &View<'_>, issues: &mut Vec<Issue>) {
    // Reported below, span by span.
    let reported = [IssueCode::SpanCutsWord, IssueCode::SpanWithoutWord];
    let read = view.corpus.issues.iter();
    issues.extend(
        read.filter(|issue| !reported.contains(&issue.code))
            .cloned(),
    );
    let documents = &view.corpus.documents;
    if documents.is_empty() {
        let message = "there is no document to learn from";
        issues.push(view.whole(Severity::Error, IssueCode::NoDocuments, message));
        return;
    }
    if documents.iter().all(|document| document.spans.is_empty()) {
        let message = "no document has an entity";
        issues.push(view.whole(Severity::Warning, IssueCode::NoEntities, message));
    }
    let mut empty = documents
        .iter()
        .enumerate()
        .filter(|(_, doc)| doc.words.is_empty());
    if let Some((first, _)) = empty.next() {
        let message = match empty.count() {
            0 => "1 document has no words".into(),
            more => format!("{} documents have no words", more + 1),
        };
        issues.push(view.issue(
            Severity::Info,
            IssueCode::EmptyDocument,
            first,
            None,
            message,
        ));
    }
}

/// Each document on its own; returns the texts for what follows.
fn documents(
    view: &View<'_>,
    passes: &mut Passes<'_>,
    found: &mut Collected,
) -> Result<duplicates::Texts, CheckError> {
    let documents = &view.corpus.documents;
    let mut hashes = Vec::with_capacity(documents.len());
    let mut cut = 0;
    passes.over(
        Stage::Documents,
        documents.len(),
        |i| {
            let mut issues = spans::look(view, i, &documents[i]);
            issues.extend(text::look(view, i, &documents[i]));
            let hash =
                (!documents[i].words.is_empty()).then(|| duplicates::hash(&documents[i].text));
            (hash, issues)
        },
        |_, (hash, issues)| {
            hashes.push(hash);
            for issue in issues {
                cut += usize::from(
                    [IssueCode::SpanCutsWord, IssueCode::SpanEdgeSpace].contains(&issue.code),
                );
                found.push(issue);
            }
        },
    )?;
    // The same fault everywhere is one fault. What the file itself says of its offsets is surer.
    let mut read = view.corpus.issues.iter();
    let told = read.any(|issue| issue.code.is_of_all_offsets());
    if cut > 1 && !told {
        found.kept.extend(wrong_offsets(view));
    }
    Ok(duplicates::Texts::new(hashes))
}

/// Offsets that fit better when they are taken for something else than characters from 0.
fn wrong_offsets(view: &View<'_>) -> Option<Issue> {
    // Where the file gives the words, the spans come from these.
    let texts = view
        .corpus
        .documents
        .iter()
        .filter(|document| !document.words_given);
    let raw: Vec<RawSpans> = texts
        .filter(|document| !document.spans.is_empty())
        .map(|document| {
            let map = OffsetMap::new(&document.text);
            let char = |byte| Some(map.char_of_byte(byte)? as i64);
            let spans = document.spans.iter();
            let spans = spans.filter_map(|span| Some((char(span.start)?, char(span.end)?)));
            (document.text.as_str(), spans.collect())
        })
        .collect();
    Some(recognise(&raw)?.issue(view.path()))
}

impl Recognised {
    /// The finding about a file with such offsets.
    pub fn issue(&self, path: &Path) -> Issue {
        let unit = match self.unit {
            OffsetUnit::Characters => "characters",
            OffsetUnit::Bytes => "bytes",
            OffsetUnit::Utf16 => "UTF-16 units",
        };
        let better = format!(
            "{} of {} spans then begin and end with whole words, {} as they are",
            self.fitting, self.tried, self.fitting_as_is
        );
        let warn = |code, message: String| Issue::new(Severity::Warning, code, path, 0, message);
        let one_based = if self.shift == -1 {
            ", counting from 1"
        } else {
            ""
        };
        if self.inclusive {
            let message = format!(
                "the ends of the spans seem to name the last character instead of the one after it{one_based}: {better}"
            );
            let issue = warn(IssueCode::OffsetsInclusive, message);
            // What is moved as well wants more than one repair.
            return match (self.unit, self.shift) {
                (OffsetUnit::Characters, 0) => issue
                    .fix("read the file with `--inclusive-ends`, which adds 1 to every end")
                    .repair(Repair::InclusiveEnds),
                _ => issue
                    .fix("add 1 to every end in the file; growing the spans to whole words does it where words are separated by spaces")
                    .repair(Repair::SnapToWords),
            };
        }
        if self.unit != OffsetUnit::Characters {
            let message = format!("the offsets seem to count {unit}, not characters: {better}");
            let fix = format!("read the file with offsets in {unit}");
            return warn(IssueCode::OffsetsUnit, message)
                .fix(fix)
                .repair(Repair::ConvertOffsets { from: self.unit });
        }
        let (by, shift) = (self.shift.unsigned_abs(), self.shift);
        let (way, back) = if shift < 0 {
            ("far", "subtract")
        } else {
            ("little", "add")
        };
        let message = format!("all spans seem to be moved, {by} too {way}{one_based}: {better}");
        warn(IssueCode::OffsetsShifted, message)
            .fix(format!("{back} {by} at every start and end"))
            .repair(Repair::ShiftOffsets { by: shift })
    }
}

fn uses_of_labels(corpus: &Corpus) -> BTreeMap<&str, labels::Uses> {
    let mut found: BTreeMap<&str, labels::Uses> = BTreeMap::new();
    for (i, document) in corpus.documents.iter().enumerate() {
        for span in &document.spans {
            let first = labels::Uses { count: 0, first: i };
            found.entry(&span.label).or_insert(first).count += 1;
        }
    }
    found
}

/// Texts that stand in two splits, the same or nearly.
fn between_splits(
    views: &[View<'_>],
    texts: &[duplicates::Texts],
    options: &CheckOptions<'_>,
    passes: &mut Passes<'_>,
    found: &mut Collected,
) -> Result<Vec<SharedTexts>, CheckError> {
    let mut sketches = Vec::new();
    let mut counts = Vec::new();
    if options.near && views.len() > 1 {
        for view in views {
            sketches.push(duplicates::sketches(view, passes)?);
        }
    }
    for (known, other) in duplicates::pairs(views) {
        let (first, second) = (&views[known], &views[other]);
        let shared = duplicates::shared(first, &texts[known], second, &texts[other]);
        duplicates::between(first, second, &shared, found);
        if !sketches.is_empty() {
            let (a, b) = (
                (first, &sketches[known][..]),
                (second, &sketches[other][..]),
            );
            let near = duplicates::near(a, b, &shared);
            duplicates::nearly(first, second, &near, found);
            counts.push(SharedTexts::new(&shared, &near));
        }
    }
    Ok(counts)
}

/// How many documents of `other` have a text that also stands in `train`, white space aside.
pub fn overlap(train: &[Document], other: &[Document]) -> usize {
    let known: HashSet<String> = train.iter().map(|doc| folded(&doc.text)).collect();
    other
        .iter()
        .filter(|doc| known.contains(&folded(&doc.text)))
        .count()
}

/// How many documents of `other` have nearly the text of one in `train`, those with the same text left out.
pub fn near_overlap(train: &[Document], other: &[Document]) -> usize {
    let texts: Vec<String> = train.iter().map(|doc| folded(&doc.text)).collect();
    let same: HashSet<&str> = texts.iter().map(String::as_str).collect();
    let others = other.iter().map(|doc| folded(&doc.text));
    let others: Vec<String> = others
        .filter(|text| !same.contains(text.as_str()))
        .collect();
    let near = nearly_same(&texts, &others, &Stop::default());
    near.iter().filter(|near| near.is_some()).count()
}
