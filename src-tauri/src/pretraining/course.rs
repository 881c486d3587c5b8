//! What the events of a run of pretraining add up to: how far it is, and how well held-out words are predicted.

use crate::dto::{Event, Failure, HeldOut, PretrainDocuments, RunStatus, Warning};
use crate::runs::summary::seconds_between;
use std::fs::File;
use std::io::{Read, Seek, SeekFrom};
use std::path::Path;
use tagsmith_protocol::{HeldOutLoss, PretrainEvent, TimestampedPretrainEvent};

/// A run so far.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Course {
    /// As the last event says; `None` while there is no last one.
    pub ended: Option<RunStatus>,
    pub documents: Option<PretrainDocuments>,
    pub step: u32,
    pub steps: u32,
    pub head_steps: u32,
    /// Of all sessions.
    pub seconds: f64,
    pub eta_seconds: Option<f64>,
    pub evaluations: Vec<HeldOut>,
    pub helped: Option<bool>,
    pub warnings: Vec<Warning>,
    pub failure: Option<Failure>,
    /// Whether a model was written.
    pub has_model: bool,
    /// Seconds of the sessions before the present one, and when that began.
    before: f64,
    since: Option<String>,
}

impl Course {
    /// Adds an event.
    pub fn take(&mut self, event: &TimestampedPretrainEvent) {
        let starts = matches!(event.event, PretrainEvent::Started { .. });
        // A session that was cut off ended with its last event; the time until the next is no work.
        if let (Some(since), false) = (&self.since, starts) {
            self.seconds = self.before + seconds_between(since, &event.time);
        }
        match &event.event {
            PretrainEvent::Started {
                documents,
                windows,
                steps,
                done_steps,
                head_steps,
                ..
            } => {
                let of = |part: &str| count(documents.get(part).copied().unwrap_or(0));
                self.documents = Some(PretrainDocuments {
                    train: of("train"),
                    held_out: of("held-out"),
                    windows: count(*windows),
                });
                (self.step, self.steps) = (count(*done_steps), count(*steps));
                self.head_steps = count(*head_steps);
                self.before = self.seconds;
                self.since = Some(event.time.clone());
                self.ended = None;
                self.failure = None;
                // What was measured after the checkpoint is measured again.
                self.evaluations.retain(|of| of.step <= self.step);
            }
            PretrainEvent::Evaluated(loss) => self.evaluations.push(held_out(loss)),
            PretrainEvent::Finished {
                helped, seconds, ..
            } => {
                self.helped = Some(*helped);
                self.seconds = *seconds;
                self.has_model = true;
                self.end(RunStatus::Finished);
            }
            PretrainEvent::Stopped { model, step, .. } => {
                self.has_model |= model.is_some();
                if *step > 0 {
                    self.step = count(*step);
                }
                self.end(RunStatus::Stopped);
            }
            PretrainEvent::Shared(event) => self.take_shared(event),
        }
    }

    fn take_shared(&mut self, event: &Event) {
        match event {
            Event::Step {
                step,
                steps,
                eta_seconds,
                ..
            } => {
                self.step = count(*step);
                self.steps = steps.map_or(self.steps, count);
                self.eta_seconds = Some(*eta_seconds).filter(|eta| eta.is_finite());
            }
            Event::Warning { code, message, .. } => {
                let warning = Warning {
                    code: code.clone(),
                    message: message.clone(),
                };
                if !self.warnings.contains(&warning) {
                    self.warnings.push(warning);
                }
            }
            Event::Failed {
                code,
                message,
                hint,
            } => {
                self.failure = Some(Failure {
                    code: code.clone(),
                    message: message.clone(),
                    hint: hint.clone(),
                });
                self.end(RunStatus::Failed);
            }
            _ => {}
        }
    }

    fn end(&mut self, status: RunStatus) {
        self.ended = Some(status);
        self.eta_seconds = None;
        self.before = self.seconds;
        self.since = None;
    }
}

fn count(number: usize) -> u32 {
    u32::try_from(number).unwrap_or(u32::MAX)
}

fn held_out(of: &HeldOutLoss) -> HeldOut {
    HeldOut {
        step: count(of.step),
        epoch: of.epoch,
        loss: of.loss,
        perplexity: of.perplexity,
        best: of.best,
    }
}

/// Follows a log of events as it grows.
#[derive(Debug, Default)]
pub struct Reader {
    at: u64,
    rest: Vec<u8>,
    /// What its lines so far add up to.
    pub course: Course,
}

impl Reader {
    /// Takes what was written since the last look; lines that are no events are left out.
    pub fn read_on(&mut self, log: &Path) {
        let mut read = || -> std::io::Result<()> {
            let mut log = File::open(log)?;
            log.seek(SeekFrom::Start(self.at))?;
            self.at += log.read_to_end(&mut self.rest)? as u64;
            Ok(())
        };
        if read().is_err() {
            return;
        }
        let newline = self.rest.iter().rposition(|byte| *byte == b'\n');
        let end = newline.map_or(0, |at| at + 1);
        let whole: Vec<u8> = self.rest.drain(..end).collect();
        for line in String::from_utf8_lossy(&whole).lines() {
            if let Ok(event) = serde_json::from_str(line) {
                self.course.take(&event);
            }
        }
    }
}
