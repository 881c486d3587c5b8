//! What a run will do, before it starts: the engine's own rule for settings that are left open, and a time by
//! the last run that was like it.

use super::Runs;
use crate::dto::{PlanRequest, Run, RunPlan, RunStatus};
use tagsmith_protocol::Facts;

impl Runs {
    /// What a run will do.
    pub fn plan(&self, request: &PlanRequest) -> RunPlan {
        let mut settings = request.settings.clone();
        let added = f64::from(request.documents) * settings.augment;
        let windows = request.documents as usize + added.round() as usize;
        let decisions = settings.decide(Facts {
            hidden_size: request.hidden_size as usize,
            embeds_sentences: request.embeds_sentences,
            windows,
            has_dev: request.has_dev,
        });
        let epochs = settings.expected_epochs();
        let is_refitted = settings.refit == Some(true) && !request.has_dev;
        let passes = if is_refitted { 2 } else { 1 };
        let steps = passes * epochs * settings.steps_per_epoch(windows);
        let step = settings.batch_size() * settings.gradient_accumulation;
        RunPlan {
            decisions,
            epochs: epochs as u32,
            most_epochs: settings.epochs.unwrap_or(1) as u32,
            is_refitted,
            steps: steps as u32,
            seconds: self
                .seconds_per_window(&request.model, &settings.device)
                .map(|seconds| seconds * (steps * step) as f64),
        }
    }

    /// Seconds that the last finished run with this model and device took for each window that it read.
    /// Documents of other lengths take another time: it is a guess, and called one.
    fn seconds_per_window(&self, model: &str, device: &str) -> Option<f64> {
        let is_alike = |run: &Run| {
            run.model == model
                && run.settings.device == device
                && run.status == RunStatus::Finished
                && run.step > 0
        };
        let runs = self.list().into_iter().filter(is_alike);
        let last = runs.max_by(|a, b| a.created.cmp(&b.created))?;
        let settings = self.0.asked(&last.id).ok()?.resolved()?;
        let windows = last.step * settings.batch_size() * settings.gradient_accumulation;
        Some(last.seconds / windows as f64)
    }
}
