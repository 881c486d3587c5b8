//! What the shell reports to the page unasked.

use super::{
    Batch, Download, Evaluation, Preparing, Pretraining, Progress, QueueState, Run, Study,
    TimestampedEvent,
};
use serde::{Deserialize, Serialize};
use specta::Type;

/// Files that the person drags over the window; paths come with `drop` only.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, Type)]
#[serde(tag = "phase", rename_all = "lowercase")]
#[allow(missing_docs)]
pub enum Drag {
    Over,
    Leave,
    Drop { paths: Vec<String> },
}

/// Something that happened.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, Type)]
#[serde(tag = "kind", rename_all = "lowercase")]
#[allow(missing_docs)]
pub enum AppEvent {
    /// What happened in a run; sent at most ten times a second.
    Events {
        run: String,
        events: Vec<TimestampedEvent>,
    },
    /// A run's summary changed.
    Run { run: Box<Run> },
    /// A study went on or ended; sent at most three times a second.
    Study { study: Box<Study> },
    /// A run of pretraining went on or ended; sent at most three times a second.
    Pretraining { pretraining: Box<Pretraining> },
    /// The queue changed.
    Queue { queue: QueueState },
    /// A download went on or ended.
    Download { download: Download },
    /// An evaluation went on or ended.
    Evaluation { evaluation: Evaluation },
    /// A batch went on or ended; sent some seven times a second.
    Batch { batch: Box<Batch> },
    /// Work on data went on; sent at most ten times a second.
    Progress { progress: Progress },
    /// The test of devices went on; sent some five times a second.
    Preparing { preparing: Preparing },
    /// The device of a model that highlights is tested first; `null` when that is over.
    Tagger {
        model: String,
        preparing: Option<Preparing>,
    },
    /// Files are dragged.
    Drag { drag: Drag },
    /// The person closes the window while these go on, and so many wait in the queue.
    Close {
        runs: Vec<Run>,
        studies: Vec<Study>,
        pretraining: Vec<Pretraining>,
        waiting: u32,
    },
}
