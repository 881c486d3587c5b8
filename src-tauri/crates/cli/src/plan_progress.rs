//! The work on a plan drawn on the terminal: a bar with the time left, a line for each task that ends.

use crate::error::CommandError;
use crate::{output, progress};
use indicatif::{HumanDuration, ProgressBar};
use std::time::Duration;
use tagsmith_plan::{Outcome, PlanEvent};

/// Draws the events of a plan for a person, or prints them for a program.
pub struct PlanWatcher {
    bar: ProgressBar,
    json: bool,
}

impl PlanWatcher {
    /// With `json`, a line on standard output for each event.
    pub fn new(json: bool) -> Self {
        Self {
            bar: progress::bar("tasks", json),
            json,
        }
    }

    /// Shows one event.
    pub fn show(&self, event: &PlanEvent) {
        if self.json {
            // A closed pipe must not end the work: its folder has the state too.
            let _ = output::json_line(event);
            return;
        }
        match event {
            PlanEvent::TaskStarted { .. } => {}
            PlanEvent::TaskEnded {
                id,
                outcome,
                seconds,
                ..
            } => {
                let took = seconds.map_or_else(String::new, |seconds| {
                    format!(" in {}", HumanDuration(Duration::from_secs_f64(seconds)))
                });
                self.say(match outcome {
                    Outcome::Done => format!("{id}: done{took}"),
                    Outcome::Stopped => format!("{id}: stopped"),
                    Outcome::Failed(failure) => format!("{id}: failed: {}", failure.message),
                });
            }
            PlanEvent::Progress {
                done,
                total,
                under_way,
                eta_seconds,
            } => {
                progress::set(&self.bar, *done, *total);
                let left = eta_seconds.map_or_else(String::new, |seconds| {
                    format!("{} left", HumanDuration(Duration::from_secs_f64(seconds)))
                });
                let ids: Vec<&str> = under_way.keys().map(String::as_str).collect();
                self.bar.set_message(format!("{}  {left}", ids.join(", ")));
            }
        }
    }

    /// Ends the drawing.
    pub fn end(&self) {
        self.bar.finish_and_clear();
    }

    fn say(&self, text: String) {
        // `println` of a hidden bar prints nothing, and a log file should have these lines.
        match self.bar.is_hidden() {
            true => output::aside(text),
            false => self.bar.println(text),
        }
    }
}

impl From<tagsmith_plan::PlanError> for CommandError {
    fn from(failure: tagsmith_plan::PlanError) -> Self {
        Self::of(&failure)
    }
}
