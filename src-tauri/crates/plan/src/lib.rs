//! Plans: folders with a list of independent command lines of `tagsmith`, their results and their state.
//!
//! ```text
//! PLAN/plan.jsonl               the tasks, one a line
//! PLAN/plan.lock                locked by the program that works on the plan
//! PLAN/list.lock                locked while the list is changed
//! PLAN/tasks/ID/log.txt         what the task printed, in all its attempts
//! PLAN/tasks/ID/lock            locked by the process that does the task
//! PLAN/tasks/ID/attempt.json    how its last attempt ended
//! PLAN/tasks/ID/process         the number of that process
//! PLAN/tasks/ID/paused          keeps it from running
//! PLAN/stop                     asks the program that works on the plan to stop
//! ```
//!
//! A task is done when its outputs are there, whoever made them, and is then never run again. So a plan
//! survives the program and the machine: whoever works on it next, goes on with what is left. [`drive()`]
//! works on a plan with a [`Runner`], which starts `tagsmith task --plan PLAN ID` somewhere: on this
//! machine ([`Local`]) or by a scheduler ([`Cluster`]). That process is an [`Attempt`]; it finds out by itself whether
//! its task is to be begun, or continued from a checkpoint.
//!
//! Tasks run in the plan's folder, and relative paths in them start there, so that a plan can be moved and
//! can lie in a folder that several machines share.

mod attempt;
mod cluster;
mod drive;
mod error;
mod local;
mod plan;
mod queue;
pub mod results;
mod runner;
pub mod search;
pub mod seeds;
mod task;

pub use attempt::{Attempt, Ended, Outcome};
pub use cluster::{Cluster, HyperQueue, Scheduler, Slurm};
pub use drive::{Complete, Completion, PlanEvent, Source, Standing, drive};
pub use error::PlanError;
pub use local::Local;
pub use plan::{Plan, PlanLock, is_worked_on};
pub use queue::TaskState;
pub use runner::{Phase, Runner};
pub use task::{Needs, Task};
