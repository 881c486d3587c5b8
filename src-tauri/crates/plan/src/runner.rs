//! What starts tasks: on this machine, or by a scheduler.

use crate::error::PlanError;
use crate::plan::Plan;
use crate::task::Task;
use serde::Serialize;
use std::collections::BTreeMap;
use std::time::Duration;

/// Where a started task is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Phase {
    /// It waits for a machine.
    Queued,
    /// It is being done.
    Running,
}

/// Starts tasks as processes of `tagsmith task --plan FOLDER ID`, whose output is appended to
/// [`Plan::log`].
///
/// What came of a task is in the plan's folder, not with the runner: it is done when its outputs are there,
/// and [`crate::Ended`] tells how an attempt ended. A runner only knows which tasks are still under way.
pub trait Runner {
    /// How many tasks may be under way at once; `None` for any number.
    fn slots(&self) -> Option<usize>;

    /// How often it is asked which tasks are under way.
    fn beat(&self) -> Duration {
        Duration::from_secs(1)
    }

    /// Starts tasks, each of which is ready and not under way.
    ///
    /// # Errors
    /// They cannot be started, or the scheduler refuses them.
    fn start(&mut self, plan: &Plan, tasks: &[&Task]) -> Result<(), PlanError>;

    /// The tasks under way by their ids, also those that an earlier process of this program started. It
    /// should not wait long. A task that has ended is not listed before its outputs
    /// can be seen from here.
    ///
    /// # Errors
    /// The scheduler cannot be asked.
    fn under_way(&mut self, plan: &Plan) -> Result<BTreeMap<String, Phase>, PlanError>;

    /// What the runner knows of the end of a task that left no [`crate::Ended`]: killed, out of memory or out of time.
    fn last_words(&self, id: &str) -> Option<String> {
        let _ = id;
        None
    }

    /// Asks all tasks under way to stop so that they can be continued, and takes back those that are queued.
    /// It does not wait: [`Self::under_way`] tells when they have ended.
    ///
    /// # Errors
    /// The scheduler cannot be asked.
    fn stop(&mut self, plan: &Plan) -> Result<(), PlanError>;
}
