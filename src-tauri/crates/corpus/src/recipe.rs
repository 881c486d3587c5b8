//! Repairs and recipes as values: what is recorded with a data set, and done again on new files.

use std::collections::BTreeMap;
use std::path::Path;

use serde::{Deserialize, Serialize};

use crate::options::{LineEnds, OffsetUnit, ReadOptions};

/// One repair. Those that concern the reading of a file come before all others, whatever their
/// place in the list; the rest are done in order.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "bindings", derive(specta::Type))]
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
    /// At reading: the end of each span is its last character, so that one is added.
    InclusiveEnds,
    /// At reading: offsets count the end of a line otherwise than the text has it.
    CountLineEnds {
        /// What they count.
        #[serde(rename = "as")]
        line_ends: LineEnds,
    },
    /// At reading: leave out what cannot be used, instead of refusing the file.
    DropInvalid,
    /// At reading: words of which a partly labelled file says nothing are left out of the loss.
    MaskUnknown,
    /// Spans lose the white space at their edges. A span of nothing else goes.
    TrimSpans,
    /// Spans that start or end inside a word grow to the word's edges. One that would overlap
    /// another span stays as it is; one that becomes equal to another goes.
    SnapToWords,
    /// Tags that break the scheme are read as conlleval reads them, and written well-formed. Every
    /// reader does so; this confirms it and clears the findings.
    RepairTags,
    /// Renames, merges and drops labels: each label and what it becomes; nothing drops its spans. All
    /// at once, so that two labels can change places. Of spans that become equal one stays; spans
    /// that touch stay two.
    MapLabels {
        /// Labels that are not named stay as they are.
        labels: BTreeMap<String, Option<String>>,
    },
    /// Spans whose labels are tags (`B-PER`, `I-PER`) become entities: those that go on with the one before
    /// them are joined to it, as conlleval reads tags, and `O` is dropped.
    JoinTagged {
        /// Each label that is a tag, and how that is written in general: `PER_B` is `B-PER`. Where there is
        /// none, they are found among the labels.
        #[serde(default)]
        tags: BTreeMap<String, String>,
    },
    /// Of documents with the same text in one split, the first stays.
    DropDuplicates {
        /// Also those that are nearly the same.
        #[serde(default)]
        near: bool,
    },
    /// Documents whose text stands in several splits go to `train`, or are dropped where the same text
    /// with the same labels is there already. Afterwards no text stands in two splits.
    MoveLeaking {
        /// Also those that are nearly the same.
        #[serde(default)]
        near: bool,
    },
    /// Splits that the data set lacks are held out of `train`; those that it has stay as they are.
    HoldOut {
        /// The new splits, each with its fraction of `train`, 0–1; together less than 1.
        #[serde(rename = "shares")]
        fractions: BTreeMap<String, f64>,
        /// Fixes the choice.
        seed: u64,
    },
    /// Pools all documents and splits them again.
    Split {
        /// Each split and its fraction, 0–1; together 1.
        #[serde(rename = "shares")]
        fractions: BTreeMap<String, f64>,
        /// Fixes the choice.
        seed: u64,
        /// Sentences of one source document stay together.
        #[serde(default = "yes", skip_serializing_if = "is_yes")]
        #[cfg_attr(feature = "bindings", specta(optional))]
        grouped: bool,
    },
    /// Keeps this many documents of a split, chosen at random, in their order.
    Sample {
        /// The split.
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
            Self::InclusiveEnds => "inclusive-ends",
            Self::CountLineEnds { .. } => "count-line-ends",
            Self::DropInvalid => "drop-invalid",
            Self::MaskUnknown => "mask-unknown",
            Self::TrimSpans => "trim-spans",
            Self::SnapToWords => "snap-to-words",
            Self::RepairTags => "repair-tags",
            Self::MapLabels { .. } => "map-labels",
            Self::JoinTagged { .. } => "join-tagged",
            Self::DropDuplicates { .. } => "drop-duplicates",
            Self::MoveLeaking { .. } => "move-leaking",
            Self::HoldOut { .. } => "hold-out",
            Self::Split { .. } => "split",
            Self::Sample { .. } => "sample",
        }
    }

    /// It changes how the files are read, so that they must be read again.
    pub fn concerns_reading(&self) -> bool {
        self.concerns_offsets() || matches!(self, Self::DropInvalid | Self::MaskUnknown)
    }

    /// May it be done without asking? Then a model learns the same with it and without it, because it
    /// learns whole words: what changes is how exactly the data says it. Everything else is a person's to
    /// decide: which label is meant, which document goes, what offsets count.
    pub fn is_safe(&self) -> bool {
        match self {
            Self::TrimSpans | Self::SnapToWords | Self::RepairTags => true,
            Self::ConvertOffsets { .. }
            | Self::ShiftOffsets { .. }
            | Self::InclusiveEnds
            | Self::CountLineEnds { .. }
            | Self::DropInvalid
            | Self::MaskUnknown
            | Self::MapLabels { .. }
            | Self::JoinTagged { .. }
            | Self::DropDuplicates { .. }
            | Self::MoveLeaking { .. }
            | Self::HoldOut { .. }
            | Self::Split { .. }
            | Self::Sample { .. } => false,
        }
    }

    /// Does it read all offsets of a file in another way?
    pub(crate) fn concerns_offsets(&self) -> bool {
        matches!(
            self,
            Self::ConvertOffsets { .. }
                | Self::ShiftOffsets { .. }
                | Self::InclusiveEnds
                | Self::CountLineEnds { .. }
        )
    }
}

impl Recipe {
    /// How files are read that are not named: with every repair that concerns the reading. Of several
    /// units the last one counts; several shifts add up.
    pub fn reading(&self) -> ReadOptions {
        self.with_repairs(&self.reading)
    }

    /// How a file is read, looked up by its name, or by as much of its path as is given.
    pub fn reading_of(&self, path: &Path) -> ReadOptions {
        let named = self.files.iter().filter(|(name, _)| path.ends_with(name));
        let own = named.max_by_key(|(name, _)| Path::new(name).components().count());
        self.with_repairs(own.map_or(&self.reading, |(_, reading)| reading))
    }

    fn with_repairs(&self, reading: &ReadOptions) -> ReadOptions {
        let mut reading = reading.clone();
        for repair in &self.repairs {
            match repair {
                Repair::ConvertOffsets { from } => reading.offsets = *from,
                Repair::ShiftOffsets { by } => reading.shift = reading.shift.saturating_add(*by),
                Repair::InclusiveEnds => reading.inclusive_ends = true,
                Repair::CountLineEnds { line_ends } => reading.line_ends = *line_ends,
                Repair::DropInvalid => reading.drop_invalid = true,
                Repair::MaskUnknown => reading.mask_unknown = true,
                _ => {}
            }
        }
        reading
    }

    /// The repairs that come after the reading, in order.
    pub fn steps(&self) -> Vec<Repair> {
        let steps = self.repairs.iter().filter(|r| !r.concerns_reading());
        steps.cloned().collect()
    }

    /// With one more repair at the end.
    #[must_use]
    pub fn then(mut self, repair: Repair) -> Self {
        self.repairs.push(repair);
        self
    }

    /// Without the repair that was asked for last, and that repair; `None` where there is none.
    pub fn undo(mut self) -> Option<(Self, Repair)> {
        let last = self.repairs.pop()?;
        Some((self, last))
    }
}
