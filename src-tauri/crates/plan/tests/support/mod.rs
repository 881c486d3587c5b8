//! A runner that only pretends to run tasks, and what works on a plan with it.
#![allow(dead_code, clippy::unwrap_used)] // each test file uses a part; a failing helper fails its test

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::sync::atomic::AtomicBool;
use std::time::Duration;
use tagsmith_plan::{
    Attempt, Completion, Outcome, Phase, Plan, PlanError, PlanEvent, Runner, Source, Standing,
    Task, drive,
};
use tagsmith_protocol::Failure;

/// Does each task when it is next asked about, as `outcome` says; `None` as if it had been killed.
pub struct Pretend<F> {
    slots: usize,
    pub running: BTreeSet<String>,
    pub started: Vec<String>,
    outcome: F,
}

impl<F: FnMut(&Plan, &str) -> Option<Outcome>> Pretend<F> {
    pub fn new(slots: usize, outcome: F) -> Self {
        Self {
            slots,
            running: BTreeSet::new(),
            started: Vec::new(),
            outcome,
        }
    }
}

impl<F: FnMut(&Plan, &str) -> Option<Outcome>> Runner for Pretend<F> {
    fn slots(&self) -> Option<usize> {
        Some(self.slots)
    }

    fn beat(&self) -> Duration {
        Duration::ZERO
    }

    fn start(&mut self, _: &Plan, tasks: &[&Task]) -> Result<(), PlanError> {
        for task in tasks {
            assert!(
                self.running.insert(task.id.clone()),
                "{} runs already",
                task.id
            );
            self.started.push(task.id.clone());
        }
        assert!(self.running.len() <= self.slots);
        Ok(())
    }

    fn under_way(&mut self, plan: &Plan) -> Result<BTreeMap<String, Phase>, PlanError> {
        if let Some(id) = self.running.pop_first() {
            let attempt = Attempt::begin(plan, &id).unwrap().unwrap();
            if let Some(outcome) = (self.outcome)(plan, &id) {
                attempt.end(outcome).unwrap();
            }
        }
        let running = self.running.iter();
        Ok(running.map(|id| (id.clone(), Phase::Running)).collect())
    }

    fn last_words(&self, _: &str) -> Option<String> {
        Some("killed by the test".into())
    }

    fn stop(&mut self, _: &Plan) -> Result<(), PlanError> {
        self.running.clear();
        Ok(())
    }
}

pub fn failed() -> Option<Outcome> {
    Some(Outcome::Failed(Failure::plain("test", "it was to fail")))
}

pub fn plan(folder: &Path, tasks: impl IntoIterator<Item = Task>) -> Plan {
    let mut plan = Plan::open(folder).unwrap();
    plan.add(tasks).unwrap();
    plan
}

pub fn work<R: Runner>(
    plan: &mut Plan,
    runner: &mut R,
    source: &mut dyn Source,
) -> (Standing, Vec<PlanEvent>) {
    let lock = plan.lock().unwrap();
    let mut events = Vec::new();
    let stop = AtomicBool::new(false);
    let ended = drive(plan, &lock, runner, source, &stop, &mut |event| {
        events.push(event.clone())
    })
    .unwrap();
    match ended {
        Completion::Finished(standing) => (standing, events),
        Completion::Stopped => panic!("nobody stopped it"),
    }
}
