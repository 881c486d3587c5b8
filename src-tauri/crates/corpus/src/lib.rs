//! Documents with labelled spans: reading, checking, splitting and scoring them.
//!
//! A file goes through these steps: [`read`] makes a [`Corpus`] of [`Document`]s and [`Issue`]s, [`check`]
//! describes it, [`train_dev_split`] splits it, [`encode`] turns the spans of a document into one tag
//! per word, [`decode`] turns tags back into spans, and [`score`] compares two sets of tags. Documents to
//! learn from can be made of those that are there with [`augment`].
//!
//! Invariants: offsets are UTF-8 bytes everywhere inside, and only [`OffsetMap`] converts them.
//! Nothing is dropped without an [`Issue`] or a count. The crate knows no tensors and no network.

pub mod agreement;
pub mod augment;
pub mod check;
pub mod context;
pub mod dataset;
pub mod document;
pub mod format;
pub mod formats;
pub mod issue;
mod judge;
pub mod metrics;
pub mod offset_inference;
pub mod offsets;
pub mod options;
pub mod recipe;
pub mod repair;
pub mod scheme;
mod similarity;
pub mod split;
pub mod words;

pub use agreement::{Agreement, Annotator};
pub use check::{CheckReport, check, near_overlap, overlap};
pub use context::{Context, give_context};
pub use dataset::{Corpus, Dataset, SourceInfo, Split};
pub use document::{Document, Span, Word, WordSpan, WordSpans, labels};
pub use format::{
    BratFile, Loss, PredictionFormat, PredictionWriter, ReadError, SourceText, TagColumns, Target,
    TextColumns, TextOptions, WriteError, WriteFormat, WriteReport, brat_files, each_text, pack,
    plan, read, read_all, read_brat, read_bytes, read_tag_columns, read_text, split_of,
    tag_columns_from_bytes, text_columns, text_files, write,
};
pub use formats::{Dialect, Format, FormatName, Separator};
pub use issue::{Issue, IssueCode, Location, Severity, summaries};
pub use judge::{Better, f1_interval, judge, which_is_better};
pub use metrics::{Convention, Metrics, Scores, score};
pub use offset_inference::{OffsetEvidence, OffsetFit, OffsetReading};
pub use offsets::OffsetMap;
pub use options::{ColumnChoice, LineEnds, OffsetUnit, ReadOptions, Stop, Surroundings};
pub use recipe::{Recipe, Repair};
pub use repair::{Preview, RepairError, RepairReport};
pub use scheme::{
    BadTag, Detected, Position, Scheme, Tag, decode, decode_strict, encode, ill_formed,
};
pub use split::{GroupBy, train_dev_split};
