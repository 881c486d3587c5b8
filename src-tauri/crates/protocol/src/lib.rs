//! What the engine, the command line and the window say to each other: settings, events, reports,
//! metrics, entities, devices, model families, requests and errors.
//!
//! These are values and their rules, without any work. Every program and crate uses these very types,
//! so a field stands in one place. With the feature `bindings` they also describe themselves to the
//! window's page.

mod combination;
mod config;
mod device;
mod event;
mod failure;
mod judgement;
mod metrics;
mod number;
mod precision;
mod pretraining;
mod report;
mod scheme;
mod settings;
mod tagging;

pub use combination::Combination;
pub use config::{ConfigFault, TrainConfig};
pub use device::{ComputeDevice, DeviceCheck, DeviceKind, DeviceRefusal, Preparing};
pub use event::{Event, Stage, TimestampedEvent};
pub use failure::{Diagnose, Failure};
pub use judgement::{Caveat, Judgement, MistakeAt, WeakestLabel};
pub use metrics::{Convention, Metrics, Scores};
pub use precision::Precision;
pub use pretraining::{
    HeldOutLoss, PretrainConfig, PretrainEvent, PretrainReport, TimestampedPretrainEvent,
};
pub use report::{Confusion, DocumentErrors, Entity, Mistake, MistakeKind, Report, SplitReport};
pub use scheme::{Scheme, UnknownScheme};
pub use settings::{
    Choice, ClassWeights, Decision, Decoding, Facts, Group, HeadStart, Kind, Limit, LoraTargets,
    LossFunction, MomentPrecision, Reason, Resampling, Schedule, Setting, SettingFault,
    SettingField, TrainSettings,
};
pub use tagging::{TagReply, TagRequest};
