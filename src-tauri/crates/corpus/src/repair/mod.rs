//! What can be mended in a data set, as values: recorded with it, and done again on a new version of its files.

mod arrange;
mod documents;
mod done;
mod preview;
mod recipe;
mod spans;

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

pub use arrange::gather;
pub use done::{Done, RepairError};
pub use preview::{Change, Example, Piece, Preview, compare, preview};
pub use recipe::ReplayError;

use crate::format::{Corpus, OffsetUnit, ReadOptions};
use documents::Fates;

/// One part of a data set: what was read for it.
#[derive(Clone, Debug, PartialEq)]
pub struct Part {
    /// `train`, `dev`, `test` …
    pub split: String,
    /// Its documents, and what was found while they were read.
    pub corpus: Corpus,
}

/// A data set in memory: its parts, each with a name of its own, in the order `train`, `dev`, `test`.
pub type Dataset = Vec<Part>;

/// One repair. Those that concern the reading of a file come before all others, whatever their
/// place in the list; the rest are done in order.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "repair", rename_all = "kebab-case", deny_unknown_fields)]
pub enum Repair {
    /// At reading: offsets count something else than characters.
    ConvertOffsets {
        /// What they count.
        from: OffsetUnit,
    },
    /// At reading: add a number to every start and end.
    ShiftOffsets {
        /// The number, in the file's own unit.
        by: i64,
    },
    /// At reading: leave out spans that cannot be used, instead of refusing the file.
    DropInvalid,
    /// Spans lose the white space at their edges. A span of nothing else goes.
    TrimSpans,
    /// Spans that start or end inside a word grow to the word's edges. One that would come to lie on
    /// another span stays as it is; one that becomes equal to another goes.
    SnapToWords,
    /// Tags that break the scheme are read as conlleval reads them, and written well-formed. Every
    /// reader does so; this says that it is wanted, and clears the findings.
    RepairTags,
    /// Renames, merges and drops labels: each label and what it becomes; nothing drops its spans. All
    /// at once, so that two labels can change places. Of spans that become equal one stays; spans
    /// that touch stay two.
    MapLabels {
        /// Labels that are not named stay as they are.
        labels: BTreeMap<String, Option<String>>,
    },
    /// Of documents with the same text in one part, the first stays.
    DropDuplicates {
        /// Also those that are nearly the same.
        #[serde(default)]
        near: bool,
    },
    /// Documents whose text stands in several parts go to `train`, or are dropped where the same text
    /// with the same labels is there already. Afterwards no text stands in two parts.
    MoveLeaking {
        /// Also those that are nearly the same.
        #[serde(default)]
        near: bool,
    },
    /// Parts that the data set lacks are held out of `train`; those that it has stay as they are.
    HoldOut {
        /// Each part that there shall be and its share of `train`, 0–1; together less than 1.
        shares: BTreeMap<String, f64>,
        /// Fixes the choice.
        seed: u64,
    },
    /// All documents, put together and parted anew.
    Split {
        /// Each part and its share, 0–1; together 1.
        shares: BTreeMap<String, f64>,
        /// Fixes the choice.
        seed: u64,
        /// Sentences of one source document stay together.
        #[serde(default = "yes", skip_serializing_if = "is_yes")]
        grouped: bool,
    },
    /// A part keeps so many of its documents, chosen at random, in their order.
    Sample {
        /// The part.
        split: String,
        /// How many stay.
        documents: usize,
        /// Fixes the choice.
        seed: u64,
    },
}

/// How a data set came from its files: what is recorded with it.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Recipe {
    /// How the files are read, before the repairs that concern the reading.
    pub reading: ReadOptions,
    /// Files that are read in another way, by their names, or by the ends of their paths where several
    /// have one name.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub files: BTreeMap<String, ReadOptions>,
    /// In the order in which they were asked for.
    pub repairs: Vec<Repair>,
}

fn yes() -> bool {
    true
}

#[allow(
    clippy::trivially_copy_pass_by_ref,
    reason = "serde hands the field over by reference"
)]
fn is_yes(value: &bool) -> bool {
    *value
}

impl Repair {
    /// Its name, as recipes write it.
    pub fn name(&self) -> &'static str {
        match self {
            Self::ConvertOffsets { .. } => "convert-offsets",
            Self::ShiftOffsets { .. } => "shift-offsets",
            Self::DropInvalid => "drop-invalid",
            Self::TrimSpans => "trim-spans",
            Self::SnapToWords => "snap-to-words",
            Self::RepairTags => "repair-tags",
            Self::MapLabels { .. } => "map-labels",
            Self::DropDuplicates { .. } => "drop-duplicates",
            Self::MoveLeaking { .. } => "move-leaking",
            Self::HoldOut { .. } => "hold-out",
            Self::Split { .. } => "split",
            Self::Sample { .. } => "sample",
        }
    }

    /// It changes how the files are read, so that they must be read again.
    pub fn concerns_reading(&self) -> bool {
        matches!(
            self,
            Self::ConvertOffsets { .. } | Self::ShiftOffsets { .. } | Self::DropInvalid
        )
    }
}

/// How a repair goes about its work.
enum Way<'a> {
    /// Document by document.
    Spans(spans::Mend<'a>),
    /// Some documents go to another part, or out.
    Documents(Fates),
    /// The tags are as they should be already.
    Tags,
}

impl<'a> Way<'a> {
    fn find(dataset: &[Part], repair: &'a Repair) -> Result<Self, RepairError> {
        Ok(match repair {
            Repair::ConvertOffsets { .. } | Repair::ShiftOffsets { .. } | Repair::DropInvalid => {
                return Err(RepairError::ConcernsReading {
                    repair: repair.name(),
                });
            }
            Repair::TrimSpans => Self::Spans(spans::Mend::Trim),
            Repair::SnapToWords => Self::Spans(spans::Mend::Snap),
            Repair::MapLabels { labels } => {
                if let Some((label, _)) = labels
                    .iter()
                    .find(|(_, to)| to.as_ref().is_some_and(|to| to.trim().is_empty()))
                {
                    return Err(RepairError::EmptyLabel {
                        label: label.clone(),
                    });
                }
                Self::Spans(spans::Mend::Map(labels))
            }
            Repair::RepairTags => Self::Tags,
            Repair::DropDuplicates { near } => Self::Documents(Fates::duplicates(dataset, *near)),
            Repair::MoveLeaking { near } => Self::Documents(Fates::leaking(dataset, *near)?),
            Repair::HoldOut { shares, seed } => {
                Self::Documents(Fates::hold_out(dataset, shares, *seed)?)
            }
            Repair::Split {
                shares,
                seed,
                grouped,
            } => Self::Documents(Fates::split(dataset, shares, *seed, *grouped)?),
            Repair::Sample {
                split,
                documents,
                seed,
            } => Self::Documents(Fates::sample(dataset, split, *documents, *seed)?),
        })
    }
}

/// Does the repairs in order, and says for each what it changed.
///
/// # Errors
/// A repair cannot be done: it asks for a part that is not there, for shares that are none, or it
/// concerns the reading, which [`Recipe::replay`] does anew.
pub fn apply(
    mut dataset: Dataset,
    repairs: &[Repair],
) -> Result<(Dataset, Vec<Done>), RepairError> {
    let mut report = Vec::with_capacity(repairs.len());
    for repair in repairs {
        let mut done = Done::new(repair);
        match Way::find(&dataset, repair)? {
            Way::Spans(mend) => {
                done.unused_labels = mend.unused_labels(&dataset);
                for part in &mut dataset {
                    for document in &mut part.corpus.documents {
                        if let Some(mended) = mend.of(document) {
                            done.count_spans(&mended);
                            document.spans = mended.spans;
                        }
                    }
                    arrange::recount(&mut part.corpus);
                }
            }
            Way::Documents(fates) => {
                done.count_documents(&dataset, &fates);
                dataset = arrange::rearrange(dataset, &fates);
            }
            Way::Tags => {
                for part in &mut dataset {
                    done.repaired_tags += part.corpus.source.repaired_tags;
                    let issues = &mut part.corpus.issues;
                    issues.retain(|issue| issue.code != "tag-repaired");
                }
            }
        }
        report.push(done);
    }
    Ok((dataset, report))
}
