//! What can wait in the queue: runs, studies and pretraining, as the queue deals with all of them alike, and the
//! task of the queue that does one.

use crate::dto::{QueueKind, TrainSettings};
use crate::runs::process;
use std::path::PathBuf;
use tagsmith_plan::{Ended, Outcome, Plan};
use tagsmith_protocol::Failure;

/// All of one kind that the queue can begin and continue.
pub trait Queueable: Send + Sync {
    /// What is written last of one, in a folder that is named by its id: when it is there, the one is done.
    fn output(&self, id: &str) -> PathBuf;

    /// What is known of one, be it that it has not begun.
    fn known(&self, id: &str) -> Option<Known>;

    /// The ids of all that have a record.
    fn ids(&self) -> Vec<String>;

    /// The ids of those that have never begun.
    fn unbegun(&self) -> Vec<String> {
        let is_unbegun = |id: &String| self.known(id).is_some_and(|known| known.queued);
        self.ids().into_iter().filter(is_unbegun).collect()
    }

    /// Forgets one that has never begun and is no longer in the queue.
    fn discard(&self, id: &str);

    /// Whether its process lives.
    fn is_living(&self, id: &str) -> bool;

    /// Follows one that the queue has begun.
    fn adopt(&self, id: &str, held: Held);

    /// The folders of those that this window or an earlier one started directly.
    fn own_folders(&self) -> Vec<PathBuf>;
}

/// What the queue knows of one of its entries.
#[derive(Clone, Debug, PartialEq)]
pub struct Known {
    /// What it is.
    pub kind: QueueKind,
    /// The name that the person gave.
    pub name: String,
    /// The base model's name in the library.
    pub model: String,
    /// The data set's id; empty where it learns from files.
    pub data: String,
    /// The data set's name, or those of the files.
    pub data_name: String,
    /// How it trains; `None` for pretraining, which has settings of its own.
    pub settings: Option<TrainSettings>,
    /// It has never begun.
    pub queued: bool,
    /// The person stopped it while it was the queue's turn: the queue does not continue it.
    pub left: bool,
}

/// The task of the queue that does one of them.
#[derive(Clone, Debug)]
pub struct Held {
    /// The queue.
    pub plan: Plan,
    /// The task's id.
    pub task: String,
}

impl Held {
    /// Whether its process is there.
    pub fn is_under_way(&self) -> bool {
        self.plan.is_under_way(&self.task)
    }

    /// Why its last attempt failed, where it did.
    pub fn failure(&self) -> Option<Failure> {
        match self.outcome()? {
            Outcome::Failed(failure) => Some(failure),
            _ => None,
        }
    }

    /// Whether it was asked to stop, or did.
    pub fn is_stopped(&self) -> bool {
        self.outcome() == Some(Outcome::Stopped) || self.plan.pause_file(&self.task).exists()
    }

    /// How its last attempt ended.
    fn outcome(&self) -> Option<Outcome> {
        Ended::read(&self.plan, &self.task).map(|ended| ended.outcome)
    }

    /// Asks it to stop so that it can be continued, and keeps it from beginning again.
    ///
    /// # Errors
    /// The file system refused.
    pub fn pause(&self) -> Result<(), Failure> {
        Ok(self.plan.pause(&self.task)?)
    }

    /// Its process, where it is still the same one.
    pub fn process(&self) -> Option<u32> {
        let pid = self.plan.process_of(&self.task)?;
        process::works_on(Some(pid), self.plan.folder()).then_some(pid)
    }
}
