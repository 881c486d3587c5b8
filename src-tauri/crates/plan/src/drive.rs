//! Working on a plan until nothing is left to do.

use crate::attempt::{Ended, Outcome};
use crate::error::PlanError;
use crate::plan::{Plan, PlanLock};
use crate::results::{Scores, pace};
use crate::runner::{Phase, Runner};
use crate::task::Task;
use serde::Serialize;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::sleep;
use std::time::{Duration, Instant};
use tagsmith_protocol::Failure;

/// What happens while a plan is worked on.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(tag = "event", rename_all = "snake_case")]
pub enum PlanEvent {
    /// A task was started, or handed to the scheduler.
    TaskStarted {
        /// Its id.
        id: String,
    },
    /// A task ended.
    TaskEnded {
        /// Its id.
        id: String,
        /// How.
        #[serde(flatten)]
        outcome: Outcome,
        /// Seconds of its work, where that is known.
        seconds: Option<f64>,
        /// The scores of a run that is done.
        #[serde(flatten)]
        scores: Option<Scores>,
    },
    /// How far the plan is; sent when that changes, and at least every ten seconds.
    Progress {
        /// Tasks done.
        done: usize,
        /// Tasks in all, as far as is known.
        total: usize,
        /// Tasks under way.
        under_way: BTreeMap<String, Phase>,
        /// Seconds left, from what the tasks took that are done, and from how far the runs under way are; `null`
        /// before the first step.
        eta_seconds: Option<f64>,
    },
}

/// What became of a plan's tasks.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Standing {
    /// Done, in this session or before.
    pub done: BTreeSet<String>,
    /// Failed in this session.
    pub failed: BTreeMap<String, Failure>,
    /// Stopped in this session, by somebody else.
    pub stopped: BTreeSet<String>,
}

impl Standing {
    /// Whether nothing more comes of a task in this session.
    pub fn is_over(&self, id: &str) -> bool {
        self.done.contains(id) || self.failed.contains_key(id) || self.stopped.contains(id)
    }
}

/// Where the tasks of a plan come from beyond those that stand in it.
pub trait Source {
    /// More tasks, for free hands. They are appended to the plan.
    ///
    /// # Errors
    /// What was done cannot be read.
    fn more(&mut self, plan: &Plan, standing: &Standing) -> Result<Vec<Task>, PlanError> {
        let _ = (plan, standing);
        Ok(Vec::new())
    }

    /// How much work a task is, in any unit.
    fn work(&self, task: &Task) -> f64 {
        let _ = task;
        1.0
    }

    /// How many tasks are still to be expected from [`Self::more`], and their work.
    fn expected(&self, plan: &Plan) -> (usize, f64) {
        let _ = plan;
        (0, 0.0)
    }
}

/// A plan that is complete.
#[derive(Clone, Copy, Debug)]
pub struct Complete;

impl Source for Complete {}

/// How the work on a plan ended.
#[derive(Clone, Debug)]
pub enum Completion {
    /// Nothing is left that could be started.
    Finished(Standing),
    /// It was asked to stop.
    Stopped,
}

/// A share of a run after which its time left is mostly chance.
const NEARLY_DONE: f64 = 0.95;

/// How long nothing may be heard.
const SILENCE: Duration = Duration::from_secs(10);

/// Works on a plan until nothing is left that can be started, or `stop` is set: then the tasks under way are
/// asked to stop, and waited for. A task that fails does not end the work; it is tried again in the next
/// session. Tasks that others add to the list meanwhile are seen.
///
/// # Errors
/// The plan cannot be read, or the runner fails.
pub fn drive(
    plan: &mut Plan,
    _lock: &PlanLock,
    runner: &mut dyn Runner,
    source: &mut dyn Source,
    stop: &AtomicBool,
    listener: &mut dyn FnMut(&PlanEvent),
) -> Result<Completion, PlanError> {
    let mut standing = Standing::default();
    let mut before: BTreeMap<String, Phase> = BTreeMap::new();
    let mut ours = BTreeSet::new();
    let mut stopping = false;
    let mut reported = None;
    loop {
        let began = Instant::now();
        let mut under_way = runner.under_way(plan)?;
        *plan = Plan::open(plan.folder())?;
        for task in plan.tasks() {
            if !under_way.contains_key(&task.id)
                && !standing.is_over(&task.id)
                && plan.is_done(task)
            {
                standing.done.insert(task.id.clone());
            }
        }
        for id in before.keys().filter(|id| !under_way.contains_key(*id)) {
            // One that an earlier session had started was asked to stop by its end.
            let is_paused = plan.pause_file(id).exists() || plan.pausing_file(id).exists();
            let asked = stopping || is_paused || !ours.contains(id);
            let event = ended(plan, runner, id, asked);
            if let PlanEvent::TaskEnded { outcome, .. } = &event {
                match outcome {
                    Outcome::Done => {}
                    Outcome::Stopped if asked => {}
                    Outcome::Stopped => _ = standing.stopped.insert(id.clone()),
                    Outcome::Failed(failure) => {
                        _ = standing.failed.insert(id.clone(), failure.clone());
                    }
                }
            }
            listener(&event);
        }
        let state = (standing.clone(), plan.tasks().len(), under_way.clone());
        if reported
            .as_ref()
            .is_none_or(|(last, at): &(_, Instant)| *last != state || at.elapsed() > SILENCE)
        {
            listener(&progress(plan, runner, source, &standing, &under_way));
            reported = Some((state, Instant::now()));
        }

        if stop.load(Ordering::Relaxed) && !stopping {
            runner.stop(plan)?;
            stopping = true;
        }
        if stopping && under_way.is_empty() {
            return Ok(Completion::Stopped);
        }
        let free = runner
            .slots()
            .map_or(usize::MAX, |slots| slots.saturating_sub(under_way.len()));
        if !stopping && free > 0 {
            let can_start = |task: &&Task| {
                !under_way.contains_key(&task.id)
                    && !standing.is_over(&task.id)
                    && !plan.pause_file(&task.id).exists()
                    && task.after.iter().all(|id| standing.done.contains(id))
            };
            let ready: Vec<&Task> = plan.tasks().iter().filter(can_start).take(free).collect();
            if ready.is_empty() {
                let more = source.more(plan, &standing)?;
                if !more.is_empty() {
                    plan.add(more)?;
                    before = under_way;
                    continue;
                }
                if under_way.is_empty() {
                    return Ok(Completion::Finished(standing));
                }
            } else {
                runner.start(plan, &ready)?;
                for task in ready {
                    let id = task.id.clone();
                    under_way.insert(id.clone(), Phase::Queued);
                    ours.insert(id.clone());
                    listener(&PlanEvent::TaskStarted { id });
                }
            }
        }
        before = under_way;
        // To look at many thousand tasks takes longer than a beat.
        sleep(runner.beat().max(4 * began.elapsed()));
    }
}

/// How a task ended that was under way.
fn ended(plan: &Plan, runner: &dyn Runner, id: &str, asked: bool) -> PlanEvent {
    let known = Ended::read(plan, id);
    let is_done = plan.task(id).is_ok_and(|task| plan.is_done(task));
    let outcome = match known.as_ref().map(|ended| ended.outcome.clone()) {
        _ if is_done => Outcome::Done,
        Some(outcome) => outcome,
        None if asked => Outcome::Stopped,
        None => {
            let why = runner.last_words(id);
            let why = why.unwrap_or_else(|| "its process is gone".into());
            let log = plan.log(id);
            Outcome::Failed(Failure::new(
                "killed",
                format!("the task `{id}` did not come to an end: {why}"),
                format!("see `{}`; the same command continues it", log.display()),
            ))
        }
    };
    let run = plan.task(id).ok().filter(|_| outcome == Outcome::Done);
    let run = run.and_then(|task| task.run_folder(plan.folder()));
    PlanEvent::TaskEnded {
        id: id.into(),
        outcome,
        seconds: known.map(|ended| ended.seconds),
        scores: run.and_then(|run| Scores::read(&run).ok()),
    }
}

fn progress(
    plan: &Plan,
    runner: &dyn Runner,
    source: &dyn Source,
    standing: &Standing,
    under_way: &BTreeMap<String, Phase>,
) -> PlanEvent {
    let (mut took, mut of, mut left) = (0.0, 0.0, 0.0);
    for task in plan.tasks() {
        let work = source.work(task);
        if standing.done.contains(&task.id) {
            if let Some(ended) = Ended::read(plan, &task.id) {
                took += ended.seconds;
                of += work;
            }
        } else if !standing.is_over(&task.id) {
            let run = task.run_folder(plan.folder());
            let run = run.filter(|_| under_way.contains_key(&task.id));
            let pace = run.and_then(|run| pace(&run));
            let share = pace.map_or(0.0, |pace| pace.share);
            left += work * (1.0 - share);
            // What is left of a run that is nearly done says little of how long a whole one takes.
            if let Some(pace) = pace.filter(|pace| pace.share < NEARLY_DONE) {
                took += pace.seconds_left / (1.0 - share) * share;
                of += work * share;
            }
        }
    }
    let (more, their_work) = source.expected(plan);
    let at_once = runner.slots().unwrap_or(under_way.len()).max(1);
    PlanEvent::Progress {
        done: standing.done.len(),
        total: plan.tasks().len() + more,
        under_way: under_way.clone(),
        eta_seconds: (of > 0.0).then(|| took / of * (left + their_work) / at_once as f64),
    }
}
