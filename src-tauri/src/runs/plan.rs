//! What a run will do, before it starts: the engine's own rule for settings that are left open, and a time by
//! the last run that was like it.

use super::Runs;
use crate::data::Counted;
use crate::dto::{Often, PlanRequest, Run, RunPlan, RunStatus};
use crate::studies::{ranges, work_of_search};
use tagsmith_plan::search::Epochs;
use tagsmith_plan::search::space::{Settings, Space};
use tagsmith_protocol::{Facts, TrainSettings};

impl Runs {
    /// What a run will do. Windows are counted where that could be done, else each document counts as one.
    pub fn plan(&self, request: &PlanRequest, counted: Option<&Counted>) -> RunPlan {
        let mut settings = request.settings.clone();
        let per_document = counted.map_or(1.0, |counted| counted.windows_per_document);
        let held_out = match request.has_dev {
            true => 0.0,
            false => settings.dev_share,
        };
        let of_file = f64::from(request.documents) * (1.0 - held_out) * per_document;
        let whole = |windows: f64| (windows.round() as usize).max(1);
        let factor =
            |settings: &TrainSettings| counted.map_or(1.0, |counted| counted.factor(settings));
        let there = whole(of_file * factor(&settings));
        let about = Facts {
            hidden_size: request.hidden_size as usize,
            embeds_sentences: request.embeds_sentences,
            windows: there,
            has_dev: request.has_dev,
        };
        let decisions = settings.decide(about);
        // Documents are added after some were held out.
        let windows = whole(of_file * (1.0 + settings.augment()) * factor(&settings));
        let epochs = settings.expected_epochs();
        let is_refitted = settings.refit == Some(true) && !request.has_dev;
        let mut steps = epochs * settings.steps_per_epoch(windows);
        if is_refitted {
            let all = whole(windows as f64 / (1.0 - held_out).max(f64::MIN_POSITIVE));
            steps += epochs * settings.steps_per_epoch(all);
        }
        let step = settings.batch_size() * settings.gradient_accumulation;
        // Those of both halves, which are as long.
        let epochs_of_run = if is_refitted { 2 * epochs } else { epochs };
        let (runs, times, space) = often(&request.often, &request.settings, about, epochs_of_run);
        let count = |number: usize| u32::try_from(number).unwrap_or(u32::MAX);
        RunPlan {
            decisions,
            epochs: count(epochs),
            most_epochs: count(settings.epochs.unwrap_or(1)),
            is_refitted,
            windows: count(windows),
            is_counted: counted.is_some(),
            steps: count(steps),
            runs: count(runs),
            seconds: self
                .seconds_per_window(&request.model, &settings.device)
                .map(|seconds| seconds * (steps * step) as f64 * times),
            space: ranges(&space),
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

/// How many runs there will be, how many times the work of one with so many epochs that is, and what a search
/// draws from.
fn often(
    often: &Often,
    settings: &TrainSettings,
    about: Facts,
    epochs_of_run: usize,
) -> (usize, f64, Space) {
    match often {
        Often::Once => (1, 1.0, Space::default()),
        Often::Seeds { seeds, .. } => (*seeds as usize, f64::from(*seeds), Space::default()),
        Often::Search { trials, .. } => {
            let epochs = Epochs::of(settings, about);
            let (runs, work) = work_of_search(*trials as usize, epochs);
            let space = Space::around(settings, about, &given(settings));
            (runs, work / epochs_of_run.max(1) as f64, space)
        }
    }
}

/// The settings that the person has set: those stay as they are.
fn given(settings: &TrainSettings) -> Settings {
    let [mine, default] = [settings, &TrainSettings::default()].map(serde_json::to_value);
    let (Ok(serde_json::Value::Object(mut mine)), Ok(default)) = (mine, default) else {
        return Settings::new();
    };
    mine.retain(|name, value| default.get(name) != Some(value));
    mine
}
