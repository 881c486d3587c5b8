//! What crosses the border to the window: every type that its bindings are made of.
//!
//! Most are those of the crates that they come from; here is what only the window has. Offsets on this
//! side count UTF-16 units, as JavaScript's strings do.

mod app_event;
mod augmentation;
mod batches;
mod check;
mod data;
mod models;
mod pretraining;
mod queue;
mod reading;
mod repair;
mod runs;
mod settings;
mod studies;
mod system_texts;

pub use app_event::*;
pub use augmentation::*;
pub use batches::*;
pub use check::*;
pub use data::*;
pub use models::*;
pub use pretraining::*;
pub use queue::*;
pub use reading::*;
pub use repair::*;
pub use runs::*;
pub use settings::*;
pub use studies::*;
pub use system_texts::*;

pub use tagsmith_corpus::check::{Bin, FileReport, ModelReport};
pub use tagsmith_corpus::{ColumnChoice, Format, FormatName, OffsetUnit, Repair, Severity, Target};
pub use tagsmith_hub::{
    Details, HubSettings, ModelSummary, Page, Query, ShelfEntry, Source, TokenPlace,
};
pub use tagsmith_protocol::{
    Combination, ComputeDevice, Decision, Entity, Event, Failure, Preparing, Report, Resampling,
    Scheme, Scores, SplitReport, Stage, TimestampedEvent, TrainConfig, TrainSettings,
};
