//! What a run's events add up to: where it stands, how good it is, how long it took.

use crate::dto::{Event, Failure, RunStatus, TimestampedEvent, TrainConfig};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// A run in a few numbers.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Summary {
    /// As the last event says; `running` while there is no last one.
    pub status: RunStatus,
    /// The best F1 on dev so far, 0–1.
    pub best_f1: Option<f64>,
    /// F1 on the test split, 0–1.
    pub test_f1: Option<f64>,
    /// Seconds of work, of all sessions of the run.
    pub seconds: f64,
    /// The last step.
    pub step: usize,
    /// Steps in all.
    pub steps: usize,
    /// Why it failed.
    pub failure: Option<Failure>,
    /// Seconds of the sessions before the present one.
    before: f64,
    /// When the present session began; RFC 3339.
    since: Option<String>,
}

impl Summary {
    /// What these events add up to.
    pub fn of(events: &[TimestampedEvent]) -> Self {
        let mut summary = Self::default();
        events.iter().for_each(|event| summary.take(event));
        summary
    }

    /// Adds an event.
    pub fn take(&mut self, event: &TimestampedEvent) {
        // A session that was cut off ended with its last event; the time until the next is no work.
        if let (Some(since), false) = (&self.since, matches!(event.event, Event::Started { .. })) {
            self.seconds = self.before + seconds_between(since, &event.time);
        }
        match &event.event {
            Event::Started {
                steps, done_steps, ..
            } => {
                self.before = self.seconds;
                self.since = Some(event.time.clone());
                self.steps = *steps;
                self.step = *done_steps;
                self.status = RunStatus::Running;
                self.failure = None;
            }
            Event::Step { step, steps, .. } => {
                self.step = *step;
                self.steps = steps.unwrap_or(self.steps);
            }
            Event::Evaluated {
                split,
                metrics,
                best,
                ..
            } => match split.as_str() {
                "test" => self.test_f1 = Some(metrics.overall.f1),
                _ if *best => self.best_f1 = Some(metrics.overall.f1),
                _ => {}
            },
            Event::Preparing { .. } | Event::Checkpoint { .. } | Event::Warning { .. } => {}
            Event::Finished {
                best_f1, seconds, ..
            } => {
                self.status = RunStatus::Finished;
                self.best_f1 = Some(*best_f1);
                self.seconds = *seconds;
            }
            Event::Stopped {
                report,
                best_f1,
                step,
                ..
            } => {
                self.status = RunStatus::Stopped;
                // Stopped before it started it is where it was.
                if report.is_some() {
                    self.best_f1 = *best_f1;
                    self.step = *step;
                }
            }
            Event::Failed {
                code,
                message,
                hint,
            } => {
                self.end(
                    RunStatus::Failed,
                    Some(Failure {
                        code: code.clone(),
                        message: message.clone(),
                        hint: hint.clone(),
                    }),
                );
            }
        }
        if event.event.is_last() {
            self.before = self.seconds;
            self.since = None;
        }
    }

    /// Ends a run that has no last event of its own.
    pub fn end(&mut self, status: RunStatus, failure: Option<Failure>) {
        self.status = status;
        self.failure = failure;
        self.before = self.seconds;
        self.since = None;
    }
}

/// Seconds from one moment to a later one, both RFC 3339; 0 where they are none.
pub(crate) fn seconds_between(from: &str, to: &str) -> f64 {
    let parse = |time: &str| time.parse::<Timestamp>().ok();
    match (parse(from), parse(to)) {
        (Some(from), Some(to)) => to.duration_since(from).as_secs_f64().max(0.0),
        _ => 0.0,
    }
}

/// What the window reads of a `run.json` of the engine.
#[derive(Deserialize)]
pub struct RunFile {
    /// UTC, RFC 3339.
    pub created: String,
    /// The configuration as resolved.
    pub config: TrainConfig,
    /// The labels learned.
    #[serde(default)]
    pub labels: Vec<String>,
    /// SHA-256 of every input file by its path.
    #[serde(default)]
    pub sha256: BTreeMap<String, String>,
}

#[cfg(test)]
mod tests {
    use super::*;

    fn take(summary: &mut Summary, time: &str, event: &str) {
        let line = format!("{{\"time\":\"2026-01-01T{time}Z\",{event}}}");
        summary.take(&serde_json::from_str(&line).unwrap());
    }

    const CONFIG: &str = r#"{"model":"m","train":"t","dev":null,"test":null,"epochs":1,
        "batch_size":16,"gradient_accumulation":1,"learning_rate":5e-5,"schedule":"linear",
        "warmup_ratio":0.1,"weight_decay":0.01,"max_grad_norm":1.0,"dropout":null,"max_length":256,
        "overlap":64,"dev_share":0.1,"early_stopping_patience":6,"checkpoint_minutes":10.0,"seed":42,
        "device":"cpu","eval_batch_size":32,"scheme":"iob2","decoding":"viterbi","reading":{}}"#;

    #[test]
    fn sessions_add_up_and_a_resumed_run_is_running_again() {
        let started = |done: u32| {
            format!(
                r#""event":"started","run":"r","config":{CONFIG},"documents":{{"train":1}},"windows":1,
                "steps":10,"done_steps":{done},"parameters":5,"labels":["A"],"device":"cpu""#
            )
        };
        let mut summary = Summary::default();
        take(&mut summary, "00:00:00", &started(0));
        take(
            &mut summary,
            "00:00:05",
            r#""event":"step","step":3,"epoch":0.5,"loss":1,"lr":1e-5,"gradient_norm":1,"tokens_per_second":9,"memory_bytes":1,"eta_seconds":2"#,
        );
        assert_eq!((summary.step, summary.steps, summary.seconds), (3, 10, 5.0));
        take(
            &mut summary,
            "00:00:06",
            r#""event":"stopped","report":"r","model":"m","step":4,"best_f1":0.5"#,
        );
        assert_eq!(summary.status, RunStatus::Stopped);
        // Stopped again while the GPU was tested, it stays where it was.
        take(
            &mut summary,
            "00:30:00",
            r#""event":"preparing","device":"cuda:0","stage":"test","done":3,"total":null,"eta_seconds":null"#,
        );
        take(
            &mut summary,
            "00:30:01",
            r#""event":"stopped","report":null,"model":null,"step":0,"best_f1":null"#,
        );
        assert_eq!((summary.step, summary.best_f1), (4, Some(0.5)));
        // An hour between the sessions is not work.
        take(&mut summary, "01:00:00", &started(4));
        assert_eq!(summary.status, RunStatus::Running);
        take(
            &mut summary,
            "01:00:02",
            r#""event":"checkpoint","path":"c","step":4"#,
        );
        // Cut off, and resumed most of a day later.
        take(&mut summary, "23:00:00", &started(4));
        assert_eq!(summary.seconds, 8.0);
        take(
            &mut summary,
            "23:00:02",
            r#""event":"failed","code":"data","message":"no","hint":null"#,
        );
        assert_eq!(summary.seconds, 10.0);
        assert_eq!(summary.failure.as_ref().unwrap().code, "data");
    }
}
