//! Makes a data set of its files: read, held out, repaired, checked, written into a store.

use super::jobs::{Work, cancelled};
use super::read::{self, ReadFiles};
use super::record::{Chosen, database};
use super::report::{self, Checked};
use super::{documents, statistics};
use crate::dto::{CheckReport, DataSet, Inspection, Repair};
use std::path::Path;
use tagsmith_corpus::check::SharedTexts;
use tagsmith_corpus::repair::apply;
use tagsmith_corpus::{Dataset, Issue};
use tagsmith_protocol::Failure;
use tagsmith_store::Writer;

/// Under which name the store keeps the statistics.
pub const STATISTICS: &str = "statistics";

/// Documents that an inspection shows.
const PREVIEW: usize = 20;

/// A data set in memory, checked.
pub struct Made {
    dataset: Dataset,
    issues: Vec<Issue>,
    report: CheckReport,
    shared: Vec<SharedTexts>,
}

/// What is in the files, with what is wrong with them.
///
/// # Errors
/// The person cancelled, or a repair cannot be done.
pub fn inspect(
    chosen: &[Chosen],
    repairs: &[Repair],
    work: &mut Work,
) -> Result<Inspection, Failure> {
    let ReadFiles {
        files,
        dataset,
        faults,
    } = read::files(chosen, repairs, work)?;
    let dataset = repaired(dataset, repairs, work)?;
    let Checked { report, shared, .. } = report::of(&dataset, faults, work)?;
    let preview = dataset.iter().flat_map(|split| {
        let documents = split.corpus.documents.iter().enumerate();
        documents.map(|(number, document)| documents::shown(&split.name, number, document))
    });
    Ok(Inspection {
        files,
        preview: preview.take(PREVIEW).collect(),
        report,
        statistics: statistics::of(&dataset, &shared),
    })
}

/// The data set that files and a recipe give.
///
/// # Errors
/// A file cannot be used as it is, a repair cannot be done, or the person cancelled.
pub fn make(chosen: &[Chosen], repairs: &[Repair], work: &mut Work) -> Result<Made, Failure> {
    let dataset = before_check(chosen, repairs, work)?;
    let Checked {
        issues,
        report,
        shared,
    } = report::of(&dataset, Vec::new(), work)?;
    Ok(Made {
        dataset,
        issues,
        report,
        shared,
    })
}

/// The same without the check.
///
/// # Errors
/// As [`make`].
pub fn before_check(
    chosen: &[Chosen],
    repairs: &[Repair],
    work: &mut Work,
) -> Result<Dataset, Failure> {
    let ReadFiles {
        dataset, faults, ..
    } = read::files(chosen, repairs, work)?;
    if let Some(refusal) = read::refusal(&faults) {
        return Err(refusal);
    }
    repaired(dataset, repairs, work)
}

fn repaired(dataset: Dataset, repairs: &[Repair], work: &mut Work) -> Result<Dataset, Failure> {
    let steps: Vec<Repair> = repairs
        .iter()
        .filter(|repair| !repair.concerns_reading())
        .cloned()
        .collect();
    let mut dataset = dataset;
    for (number, step) in steps.iter().enumerate() {
        work.at("repairing", number, steps.len())?;
        (dataset, _) = apply(dataset, std::slice::from_ref(step))?;
    }
    Ok(dataset)
}

impl Made {
    /// Writes the documents of version `set.version` into the data set's folder, and fills in what is
    /// known of them.
    ///
    /// # Errors
    /// The file system refused, or the person cancelled.
    pub fn write(self, folder: &Path, set: &mut DataSet, work: &mut Work) -> Result<(), Failure> {
        let total = self.dataset.iter().map(|p| p.corpus.documents.len()).sum();
        let mut writer = Writer::create(&database(folder, set.version))?;
        let mut done = 0;
        for split in &self.dataset {
            for document in &split.corpus.documents {
                writer.add(&split.name, document)?;
                done += 1;
                if done % 256 == 0 {
                    work.at("writing", done, total)?;
                }
            }
        }
        for issue in &self.issues {
            writer.add_issue(issue)?;
        }
        work.at("counting", 0, 0)?;
        writer.put(STATISTICS, &statistics::of(&self.dataset, &self.shared))?;
        work.at("writing", total, total)?;
        writer
            .finish(|_| work.goes_on())
            .map_err(|failure| match failure {
                tagsmith_store::StoreError::Stopped => cancelled(),
                other => other.into(),
            })?;
        set.check = self.report;
        (set.lengths, set.longest_words) = statistics::lengths(&self.dataset);
        Ok(())
    }
}
