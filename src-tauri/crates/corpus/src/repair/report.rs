//! What a repair changed, and why one cannot be applied.

use serde::{Deserialize, Serialize};
use std::borrow::Cow;
use tagsmith_protocol::Diagnose;

use super::documents::Disposition;
use super::spans::Repaired;
use super::{Repair, Split};
use crate::split::GroupBy;

/// What one repair changed. Documents before = documents after + removed, and so for spans.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct RepairReport {
    /// What was asked for.
    pub repair: Repair,
    /// Documents that stay, with other spans than before.
    pub changed_documents: usize,
    /// Spans with another edge or another label than before.
    pub changed_spans: usize,
    /// Spans that are gone, those of removed documents among them.
    pub removed_spans: usize,
    /// Spans that are at fault, and could not be repaired.
    pub left_spans: usize,
    /// Documents that are gone.
    pub removed_documents: usize,
    /// Documents that are in another split than before.
    pub moved_documents: usize,
    /// Tags that were read as conlleval reads them.
    pub repaired_tags: usize,
    /// Labels to change that no span has.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub unused_labels: Vec<String>,
    /// What a split kept together.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub whole: Option<GroupBy>,
}

impl RepairReport {
    pub(super) fn new(repair: &Repair) -> Self {
        Self {
            repair: repair.clone(),
            changed_documents: 0,
            changed_spans: 0,
            removed_spans: 0,
            left_spans: 0,
            removed_documents: 0,
            moved_documents: 0,
            repaired_tags: 0,
            unused_labels: Vec::new(),
            whole: None,
        }
    }

    pub(super) fn count_spans(&mut self, repaired: &Repaired) {
        self.changed_documents += usize::from(repaired.changed + repaired.removed > 0);
        self.changed_spans += repaired.changed;
        self.removed_spans += repaired.removed;
        self.left_spans += repaired.left;
    }

    pub(super) fn count_documents(&mut self, dataset: &[Split], disposition: &Disposition) {
        self.whole = disposition.whole;
        for (split, targets) in dataset.iter().zip(&disposition.of) {
            for (document, fate) in split.corpus.documents.iter().zip(targets) {
                match fate {
                    None => {
                        self.removed_documents += 1;
                        self.removed_spans += document.spans.len();
                    }
                    Some(to) if disposition.splits[*to] != split.name => self.moved_documents += 1,
                    Some(_) => {}
                }
            }
        }
    }

    /// It found nothing to do.
    pub fn is_nothing(&self) -> bool {
        let counts = [
            self.changed_documents,
            self.removed_documents,
            self.moved_documents,
            self.repaired_tags,
        ];
        counts == [0; 4]
    }
}

/// Why a repair could not be done.
#[allow(missing_docs, reason = "each message says what its fields are")]
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
pub enum RepairError {
    #[error("`{repair}` changes how the files are read: they must be read again")]
    ConcernsReading { repair: &'static str },
    #[error("there is no split `{name}`; the data set has {available}")]
    NoSuchSplit { name: String, available: String },
    #[error("the label `{label}` would become empty")]
    EmptyLabel { label: String },
    #[error("`{name}` cannot be the name of a split")]
    SplitName { name: String },
    #[error("the share of `{split}` is {fraction}; expected a number above 0, and at most 1")]
    Fraction { split: String, fraction: f64 },
    #[error("the shares make {sum} together; expected 1")]
    Fractions { sum: f64 },
    #[error("the shares that are held out make {sum} together; expected less than 1")]
    HeldOut { sum: f64 },
    #[error("{documents} documents cannot be divided into {splits} splits")]
    TooFewDocuments { documents: usize, splits: usize },
    #[error("the work was ended before it was done")]
    Stopped,
}

impl Diagnose for RepairError {
    fn code(&self) -> &'static str {
        "repair"
    }

    fn hint(&self) -> Option<Cow<'_, str>> {
        let hint = match self {
            Self::ConcernsReading { .. } => "read the files again with the recipe",
            Self::NoSuchSplit { .. } => "name one that is there",
            Self::EmptyLabel { .. } => "give it a name; to drop its spans, map it to nothing",
            Self::SplitName { .. } => {
                "use letters, digits, `-` and `_`, for instance `train`, `dev` and `test`"
            }
            Self::Fraction { .. } | Self::Fractions { .. } => {
                "give shares that make 1 together, for instance train=0.8, dev=0.1, test=0.1"
            }
            Self::HeldOut { .. } => "leave documents to learn from, for instance dev=0.1, test=0.1",
            Self::TooFewDocuments { .. } => "ask for fewer splits, or add documents",
            Self::Stopped => return None,
        };
        Some(hint.into())
    }
}
