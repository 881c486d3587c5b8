//! A run drawn on the terminal: a bar with rate and time left, a line for each evaluation.

use crate::judgement;
use crate::output;
use crate::preparing::{Preparing, kernels};
use indicatif::{HumanDuration, ProgressBar, ProgressDrawTarget, ProgressStyle};
use std::time::{Duration, Instant};
use tagsmith_encoder::device::Progress;
use tagsmith_protocol::{Event, PretrainEvent, Stage};

/// A bar on stderr, hidden where the output is for machines or stderr is no terminal.
pub fn bar(what: &'static str, json: bool) -> ProgressBar {
    let target = match json {
        true => ProgressDrawTarget::hidden(),
        false => ProgressDrawTarget::stderr_with_hz(10),
    };
    let bar = ProgressBar::with_draw_target(Some(0), target);
    let style = ProgressStyle::with_template("{prefix} {wide_bar} {pos}/{len}  {msg}")
        .expect("the template is well-formed");
    bar.with_style(style).with_prefix(what)
}

/// Moves a bar.
pub fn set(bar: &ProgressBar, done: usize, all: usize) {
    bar.set_length(all as u64);
    bar.set_position(done as u64);
}

/// Progress as JSON lines on stderr, for a program that waits.
#[derive(Default)]
pub struct Lines {
    last: Option<Instant>,
}

impl Lines {
    /// Reports how far the work is, at most ten times a second, and its end.
    pub fn report(&mut self, done: usize, total: usize) {
        const BEAT: Duration = Duration::from_millis(100);
        if done < total && self.last.is_some_and(|last| last.elapsed() < BEAT) {
            return;
        }
        self.last = Some(Instant::now());
        output::aside(serde_json::json!({"done": done, "total": total}).to_string());
    }
}

/// Draws the events of a run for a person.
pub struct Watcher {
    bar: ProgressBar,
    quiet: bool,
    total: usize,
    /// The test of its device, before it has started.
    preparing: Preparing,
}

impl Watcher {
    /// A watcher of `what` that says nothing but warnings where the events themselves are printed.
    pub fn new(what: &'static str, json: bool) -> Self {
        Self {
            bar: bar(what, json),
            quiet: json,
            total: 0,
            preparing: Preparing::new(false),
        }
    }

    /// Shows one event.
    pub fn show(&mut self, event: &Event) {
        if self.quiet {
            if let Event::Warning { message, .. } = event {
                output::aside(format!("warning: {message}"));
            }
            return;
        }
        match event {
            Event::Started {
                config,
                documents,
                steps,
                done_steps,
                parameters,
                labels,
                device,
                forecast_bytes,
                decisions,
                ..
            } => {
                self.total = *steps;
                let splits: Vec<String> = documents
                    .iter()
                    .map(|(split, n)| format!("{n} {split}"))
                    .collect();
                self.say(format!(
                    "{} parameters on {device} in {}, which will take about {}; documents: {}; labels: {}",
                    thousands(*parameters),
                    config.precision.name(),
                    output::bytes(forecast_bytes.unwrap_or_default()),
                    splits.join(", "),
                    labels.join(", ")
                ));
                self.say(format!(
                    "{steps} steps ({} epochs at most, batch size {}, learning rate {:e}, seed {})",
                    config.epochs.unwrap_or_default(),
                    config.batch_size() * config.gradient_accumulation,
                    config.learning_rate.unwrap_or_default(),
                    config.seed
                ));
                for decision in decisions {
                    let name = decision.setting.replace('_', " ");
                    self.say(format!("  {name} {}: {}", decision.value, decision.why));
                }
                self.bar.set_length(*steps as u64);
                self.bar.set_position(*done_steps as u64);
            }
            Event::Preparing {
                device,
                stage,
                done,
                total,
                eta_seconds,
            } => {
                let progress = Progress {
                    done: *done,
                    total: *total,
                    eta_seconds: *eta_seconds,
                };
                match stage {
                    Some(Stage::WarmUp) => self.warm_up(&progress),
                    Some(Stage::Test) | None => {
                        let id = device.as_deref().unwrap_or_default();
                        self.preparing.show_by_id(id, &progress);
                    }
                }
            }
            Event::Step {
                step,
                steps,
                loss,
                tokens_per_second,
                memory_bytes,
                eta_seconds,
                ..
            } => {
                self.total = steps.unwrap_or(self.total);
                self.bar.set_length(self.total as u64);
                self.bar.set_position(*step as u64);
                self.bar.set_message(format!(
                    "loss {loss:.4}  {tokens_per_second:.0} tokens/s  {}  {} left",
                    output::bytes(*memory_bytes),
                    HumanDuration(Duration::from_secs_f64(eta_seconds.max(0.0)))
                ));
            }
            Event::Evaluated {
                split,
                epoch,
                loss,
                metrics,
                best,
                ..
            } => {
                let all = &metrics.overall;
                self.say(format!(
                    "{split:4} after epoch {epoch:.0}: F1 {:.4}  precision {:.4}  recall {:.4}  loss {loss:.4}{}",
                    all.f1,
                    all.precision,
                    all.recall,
                    if *best && split == "dev" { "  (best so far)" } else { "" }
                ));
            }
            Event::Warning { message, .. } => self.say(format!("note: {message}")),
            Event::Checkpoint { .. } => {}
            Event::Finished {
                report,
                model,
                best_f1,
                seconds,
                peak_memory_bytes,
                ..
            } => {
                self.bar.finish_and_clear();
                self.say(format!(
                    "done in {}: best dev F1 {best_f1:.4}, peak memory {}",
                    HumanDuration(Duration::from_secs_f64(*seconds)),
                    output::bytes(*peak_memory_bytes)
                ));
                for sentence in judgement::of_file(report) {
                    self.say(sentence);
                }
                self.say(format!("model  {}", model.display()));
                self.say(format!("report {}", report.display()));
            }
            Event::Stopped {
                report: Some(report),
                model: Some(model),
                step,
                best_f1: Some(best_f1),
            } => {
                self.bar.finish_and_clear();
                self.say(format!(
                    "stopped after step {step} of {}: best dev F1 {best_f1:.4}",
                    self.total
                ));
                self.say(format!("model  {}", model.display()));
                self.say(format!("report {}", report.display()));
                self.say("continue with `tagsmith resume`".into());
            }
            Event::Stopped { .. } => {
                self.preparing.end();
                self.bar.finish_and_clear();
                self.say(match self.total {
                    0 => "stopped before the run started: nothing was changed".into(),
                    _ => "stopped before the first step; continue with `tagsmith resume`".into(),
                });
            }
            Event::Failed { .. } => self.bar.finish_and_clear(),
        }
    }

    /// Shows one event of a run of pretraining.
    pub fn show_pretraining(&mut self, event: &PretrainEvent) {
        match event {
            PretrainEvent::Shared(event) => self.show(event),
            _ if self.quiet => {}
            PretrainEvent::Started {
                config,
                documents,
                windows,
                masked,
                steps,
                done_steps,
                head_steps,
                parameters,
                device,
                forecast_bytes,
                ..
            } => {
                self.total = *steps;
                let parts: Vec<String> = documents
                    .iter()
                    .map(|(part, n)| format!("{n} {part}"))
                    .collect();
                self.say(format!(
                    "{} parameters on {device} in {}, which will take about {}; documents: {}",
                    thousands(*parameters),
                    config.precision.name(),
                    output::bytes(*forecast_bytes),
                    parts.join(", ")
                ));
                let head = match head_steps {
                    0 => String::new(),
                    steps => format!(", the first {steps} of a new head alone"),
                };
                self.say(format!(
                    "{steps} steps at most{head} ({windows} windows, batch size {}, learning rate {:e}, seed {}); judged by {masked} masked word pieces of held-out text",
                    config.batch_size,
                    config.learning_rate.unwrap_or_default(),
                    config.seed
                ));
                self.bar.set_length(*steps as u64);
                self.bar.set_position(*done_steps as u64);
            }
            PretrainEvent::Evaluated(found) => {
                let when = match found.epoch > 0.0 {
                    true => format!("after epoch {:.1}", found.epoch),
                    false => "before".to_owned(),
                };
                let best = if found.best { "  (best so far)" } else { "" };
                self.say(format!(
                    "held-out text {when}: loss {:.4}  perplexity {:.2}{best}",
                    found.loss, found.perplexity
                ));
            }
            PretrainEvent::Finished {
                report,
                model,
                verdict,
                seconds,
                peak_memory_bytes,
                ..
            } => {
                self.bar.finish_and_clear();
                self.say(format!(
                    "done in {}, peak memory {}",
                    HumanDuration(Duration::from_secs_f64(*seconds)),
                    output::bytes(*peak_memory_bytes)
                ));
                self.say(verdict.clone());
                self.say(format!("model  {}", model.display()));
                self.say(format!("report {}", report.display()));
            }
            PretrainEvent::Stopped {
                report,
                model,
                step,
            } => {
                self.preparing.end();
                self.bar.finish_and_clear();
                self.say(format!("stopped after step {step} of {}", self.total));
                if let (Some(report), Some(model)) = (report, model) {
                    self.say(format!("model  {}", model.display()));
                    self.say(format!("report {}", report.display()));
                }
                self.say("continue with `tagsmith resume`".into());
            }
        }
    }

    fn warm_up(&mut self, progress: &Progress) {
        let note = match progress.total == Some(progress.done) {
            true => String::new(),
            false => format!("preparing the GPU for this run: {}", kernels(progress)),
        };
        self.bar.set_message(note);
        self.bar.tick();
    }

    fn say(&self, text: String) {
        // `println` of a hidden bar prints nothing, and a log file should have these lines.
        match self.bar.is_hidden() || self.bar.is_finished() {
            true => output::aside(text),
            false => self.bar.println(text),
        }
    }
}

/// 22713216 → 22.7 million.
fn thousands(count: usize) -> String {
    match count {
        0..1_000_000 => count.to_string(),
        _ => format!("{:.1} million", count as f64 / 1e6),
    }
}
