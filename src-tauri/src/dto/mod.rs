//! What crosses the border to the window: every type that its bindings are made of.
//!
//! What the engine says itself is the protocol crate's; here is what the window has beside. Offsets on this side count UTF-16 units, as JavaScript's strings do.

mod app_event;
mod check;
mod data;
mod models;
mod reading;
mod repair;
mod runs;
mod settings;

pub use app_event::*;
pub use check::*;
pub use data::*;
pub use models::*;
pub use reading::*;
pub use repair::*;
pub use runs::*;
pub use settings::*;

use serde::Serialize;
use serde::de::DeserializeOwned;
pub use tagsmith_corpus::check::{Bin, FileReport, ModelReport};
pub use tagsmith_corpus::{ColumnChoice, Format, FormatName, OffsetUnit, Repair, Severity, Target};
pub use tagsmith_protocol::{
    ComputeDevice, Entity, Event, Failure, Preparing, Report, Scheme, SplitReport, Stage,
    TimestampedEvent, TrainConfig, TrainSettings,
};

/// A number with a fraction.
pub type Num = f64;

/// A value of another crate as its mirror here; both write the same JSON.
///
/// # Panics
/// The two differ, which a test of each mirror rules out.
pub fn mirror<T: DeserializeOwned>(original: &impl Serialize) -> T {
    serde_json::to_value(original)
        .and_then(serde_json::from_value)
        .expect("a mirror reads what its original writes")
}
