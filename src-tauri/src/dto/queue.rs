//! The queue: what waits for its turn.

use super::{Failure, Pretraining, Run, Study, TaskStatus, TrainSettings};
use serde::{Deserialize, Serialize};
use specta::Type;

/// The queue as lists show it.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, Type)]
pub struct QueueState {
    /// What waits, runs or is paused, in order.
    pub entries: Vec<QueueEntry>,
    /// It was closed by the person and waits for their word.
    pub asks: bool,
    /// Why it does not go on.
    pub failure: Option<Failure>,
}

/// What an entry of the queue is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, Type)]
#[serde(rename_all = "lowercase")]
#[allow(missing_docs)]
pub enum QueueKind {
    Run,
    Seeds,
    Search,
    Pretraining,
    /// A command that was added by the command line.
    Command,
}

/// One that waits, runs or is paused.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, Type)]
pub struct QueueEntry {
    /// Its id in the queue.
    pub id: String,
    /// What it is.
    pub kind: QueueKind,
    /// The id of the run, the study or the pretraining; `null` for a command.
    pub target: Option<String>,
    /// The name that the person gave, or the command.
    pub name: String,
    /// The base model; empty for a command.
    pub model: String,
    /// The data set's name, or those of the files of text; empty for a command.
    pub data_name: String,
    /// How it trains; `null` for pretraining and commands.
    pub settings: Option<TrainSettings>,
    /// How it stands.
    pub status: TaskStatus,
    /// Whether it has begun before, and is continued when its turn comes.
    pub begun: bool,
    /// Why it failed.
    pub failure: Option<Failure>,
}

/// What came of the wish to start something.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, Type)]
#[serde(tag = "as", rename_all = "lowercase")]
#[allow(missing_docs)]
pub enum Started {
    Run {
        run: Box<Run>,
    },
    Study {
        study: Box<Study>,
    },
    Pretraining {
        pretraining: Box<Pretraining>,
    },
    /// Something else is running: it waits, under this id in the queue.
    Queued {
        id: String,
    },
}
