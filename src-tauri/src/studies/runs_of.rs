//! The runs of a study, as their folders say: read on as they grow, and never again once they are done.

use crate::dto::{CurvePoint, Event, Failure, TaskStatus, TimestampedEvent};
use crate::runs::summary::Summary;
use std::collections::HashMap;
use std::fs::File;
use std::io::{Read, Seek, SeekFrom};
use std::path::Path;
use tagsmith_plan::results::Scores;
use tagsmith_plan::{Ended, Outcome, Plan, Task, TaskState};

/// What is known of each run of a study, by its task.
#[derive(Default)]
pub struct RunsOf(HashMap<String, RunOf>);

/// One run of a study.
#[derive(Default)]
pub struct RunOf {
    /// How it stands.
    pub status: TaskStatus,
    /// F1 on dev and test, once it is done.
    pub scores: Option<Scores>,
    /// What its events add up to.
    pub summary: Summary,
    /// Dev F1 so far, with the step of each point.
    curve: Vec<(usize, CurvePoint)>,
    /// Seconds of work, of all attempts.
    pub seconds: Option<f64>,
    /// Why it failed.
    pub failure: Option<Failure>,
    at: u64,
    rest: Vec<u8>,
}

impl RunsOf {
    /// What is known of a task's run now.
    pub fn look(&mut self, plan: &Plan, task: &Task) -> &RunOf {
        let run = self.0.entry(task.id.clone()).or_default();
        if run.status != TaskStatus::Done {
            run.update(plan, task);
        }
        run
    }
}

impl RunOf {
    fn update(&mut self, plan: &Plan, task: &Task) {
        // Asked before its log is read, so that what it wrote last is read.
        let state = plan.state(task);
        let Some(folder) = task.run_folder(plan.folder()) else {
            return;
        };
        for line in self.read_on(&folder.join("events.jsonl")) {
            if let Ok(event) = serde_json::from_str(&line) {
                self.take(&event);
            }
        }
        let ended = Ended::read(plan, &task.id);
        self.seconds = ended.as_ref().map(|ended| ended.seconds);
        self.failure = match ended.map(|ended| ended.outcome) {
            Some(Outcome::Failed(failure)) => Some(failure),
            _ => None,
        };
        if state == TaskState::Done {
            self.scores = Scores::read(&folder).ok();
        }
        self.status = state.into();
    }

    fn take(&mut self, event: &TimestampedEvent) {
        self.summary.take(event);
        match &event.event {
            // It goes on from its checkpoint: what came after it comes again.
            Event::Started { done_steps, .. } => self.curve.retain(|(step, _)| step <= done_steps),
            Event::Evaluated {
                split,
                step,
                epoch,
                metrics,
                ..
            } if split == "dev" => {
                let point = CurvePoint {
                    epoch: *epoch,
                    dev_f1: metrics.overall.f1,
                };
                self.curve.push((*step, point));
            }
            _ => {}
        }
    }

    /// Whole new lines of the run's log.
    fn read_on(&mut self, path: &Path) -> Vec<String> {
        let mut read = || -> std::io::Result<()> {
            let mut log = File::open(path)?;
            log.seek(SeekFrom::Start(self.at))?;
            self.at += log.read_to_end(&mut self.rest)? as u64;
            Ok(())
        };
        if read().is_err() {
            return Vec::new();
        }
        let end = self.rest.iter().rposition(|byte| *byte == b'\n');
        let whole: Vec<u8> = self.rest.drain(..end.map_or(0, |at| at + 1)).collect();
        let whole = String::from_utf8_lossy(&whole);
        whole.lines().map(str::to_owned).collect()
    }

    /// F1 on dev: that of the report, or the best so far.
    pub fn dev_f1(&self) -> Option<f64> {
        let scored = self.scores.map(|scores| scores.dev_f1);
        scored.or(self.summary.best_f1)
    }

    /// Dev F1 over the run.
    pub fn curve(&self) -> Vec<CurvePoint> {
        self.curve.iter().map(|(_, point)| *point).collect()
    }

    /// How much of it is done, 0–1.
    pub fn share(&self) -> f64 {
        match self.status {
            TaskStatus::Done => 1.0,
            _ if self.summary.steps == 0 => 0.0,
            _ => (self.summary.step as f64 / self.summary.steps as f64).min(1.0),
        }
    }

    /// Seconds of work, as far as is known.
    pub fn took(&self) -> f64 {
        match self.status {
            TaskStatus::Running | TaskStatus::Pausing => self.summary.seconds,
            _ => self.seconds.unwrap_or(self.summary.seconds),
        }
    }
}
