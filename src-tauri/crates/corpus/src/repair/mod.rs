//! Repairs of a data set: each done in order, and what it changed.

mod documents;
mod moves;
mod preview;
mod replay;
mod report;
mod spans;

pub use moves::merge;
pub use preview::{Change, Example, Piece, Preview, compare, glimpse, preview};
pub use replay::ReplayError;
pub use report::{RepairError, RepairReport};

use std::borrow::Cow;
use std::collections::BTreeSet;

use crate::dataset::{Dataset, Split};
use crate::format::{means_outside, tags_among};
use crate::issue::IssueCode;
use crate::options::Stop;
use crate::recipe::Repair;
use documents::Disposition;

/// How a repair goes about its work.
enum Way<'a> {
    /// Document by document.
    Spans(spans::SpanRepair<'a>),
    /// Some documents go to another split, or out.
    Documents(Disposition),
    /// The tags are as they should be already.
    Tags,
}

impl<'a> Way<'a> {
    /// `stop` ends the search for documents that are nearly the same.
    fn find(dataset: &[Split], repair: &'a Repair, stop: &Stop) -> Result<Self, RepairError> {
        let way = match repair {
            Repair::ConvertOffsets { .. }
            | Repair::ShiftOffsets { .. }
            | Repair::InclusiveEnds
            | Repair::CountLineEnds { .. }
            | Repair::DropInvalid
            | Repair::MaskUnknown => {
                return Err(RepairError::ConcernsReading {
                    repair: repair.name(),
                });
            }
            Repair::TrimSpans => Self::Spans(spans::SpanRepair::Trim),
            Repair::SnapToWords => Self::Spans(spans::SpanRepair::Snap),
            Repair::MapLabels { labels } => {
                if let Some((label, _)) = labels
                    .iter()
                    .find(|(_, to)| to.as_ref().is_some_and(|to| to.trim().is_empty()))
                {
                    return Err(RepairError::EmptyLabel {
                        label: label.clone(),
                    });
                }
                Self::Spans(spans::SpanRepair::Map(labels))
            }
            Repair::JoinTagged { tags } => Self::Spans(spans::SpanRepair::Join(tags)),
            Repair::RepairTags => Self::Tags,
            Repair::DropDuplicates { near } => {
                Self::Documents(Disposition::duplicates(dataset, *near, stop))
            }
            Repair::MoveLeaking { near } => {
                Self::Documents(Disposition::leaking(dataset, *near, stop)?)
            }
            Repair::HoldOut { fractions, seed } => {
                Self::Documents(Disposition::hold_out(dataset, fractions, *seed)?)
            }
            Repair::Split {
                fractions,
                seed,
                grouped,
            } => Self::Documents(Disposition::split(dataset, fractions, *seed, *grouped)?),
            Repair::Sample {
                split,
                documents,
                seed,
            } => Self::Documents(Disposition::sample(dataset, split, *documents, *seed)?),
        };
        match stop.is_asked() {
            true => Err(RepairError::Stopped),
            false => Ok(way),
        }
    }
}

/// Does the repairs in order, and says for each what it changed.
///
/// # Errors
/// A repair cannot be done: it asks for a split that is not there or for invalid fractions, or it
/// concerns the reading, which [`Recipe::replay`] does anew.
pub fn apply(
    mut dataset: Dataset,
    repairs: &[Repair],
) -> Result<(Dataset, Vec<RepairReport>), RepairError> {
    let mut report = Vec::with_capacity(repairs.len());
    for repair in repairs {
        let repair = &*as_found(&dataset, repair);
        let mut done = RepairReport::new(repair);
        match Way::find(&dataset, repair, &Stop::default())? {
            Way::Spans(spans) => {
                done.unused_labels = spans.unused_labels(&dataset);
                for split in &mut dataset {
                    for document in &mut split.corpus.documents {
                        if let Some(repaired) = spans.of(document) {
                            done.count_spans(&repaired);
                            document.spans = repaired.spans;
                        }
                    }
                    moves::recount(&mut split.corpus);
                }
            }
            Way::Documents(disposition) => {
                done.count_documents(&dataset, &disposition);
                dataset = moves::apply_moves(dataset, &disposition);
            }
            Way::Tags => {
                for split in &mut dataset {
                    done.repaired_tags += split.corpus.source.repaired_tags;
                    let issues = &mut split.corpus.issues;
                    issues.retain(|issue| issue.code != IssueCode::TagRepaired);
                }
            }
        }
        report.push(done);
    }
    Ok((dataset, report))
}

/// The repair with what it leaves to be found in the data.
fn as_found<'r>(dataset: &[Split], repair: &'r Repair) -> Cow<'r, Repair> {
    match repair {
        Repair::JoinTagged { tags } if tags.is_empty() => {
            let spans = dataset.iter().flat_map(|split| &split.corpus.documents);
            let spans = spans.flat_map(|document| &document.spans);
            let labels: BTreeSet<&str> = spans.map(|span| span.label.as_str()).collect();
            let mut tags = tags_among(labels.iter().copied()).unwrap_or_default();
            if !tags.is_empty() {
                let outside = labels.iter().filter(|label| means_outside(label));
                tags.extend(outside.map(|label| ((*label).to_owned(), "O".to_owned())));
            }
            Cow::Owned(Repair::JoinTagged { tags })
        }
        other => Cow::Borrowed(other),
    }
}
