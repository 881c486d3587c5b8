//! How far the preparation of a GPU is, in words, on standard error.

use crate::output;
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use serde_json::json;
use std::io::{IsTerminal, stderr};
use tagsmith_encoder::device::{ComputeDevice, Progress};

/// The test of a device, which comes once for a card and its driver.
pub const ONCE: &str = "once for this card";

/// `kernel 12 of 48, about 9 s left`.
pub fn kernels(progress: &Progress) -> String {
    // The one that is being compiled.
    let number = progress.done + 1;
    match progress.total {
        Some(total) => format!("kernel {} of {total}{}", number.min(total), left(progress)),
        None => format!("kernel {number}"),
    }
}

fn left(progress: &Progress) -> String {
    match progress.eta_seconds {
        Some(seconds) if seconds >= 90.0 => format!(", about {:.0} min left", seconds / 60.0),
        Some(seconds) => format!(", about {:.0} s left", seconds.ceil()),
        None => String::new(),
    }
}

/// Shows the test of a device while it runs.
pub struct Preparing {
    line: ProgressBar,
    /// As JSON lines, for a program that waits.
    json: bool,
    /// The device whose test has begun.
    device: Option<String>,
}

impl Preparing {
    /// Nothing is shown before the first report. `json`: as lines `{"preparing": {"device", "done",
    /// "total", "eta_seconds"}}`.
    pub fn new(json: bool) -> Self {
        let target = match json {
            true => ProgressDrawTarget::hidden(),
            false => ProgressDrawTarget::stderr_with_hz(10),
        };
        let style = ProgressStyle::with_template("{msg}").expect("the template is well-formed");
        Self {
            line: ProgressBar::with_draw_target(None, target).with_style(style),
            json,
            device: None,
        }
    }

    /// What a person reads: `preparing the GPU: kernel 12 of 48, about 9 s left (once for this card)`.
    pub fn show(&mut self, device: &ComputeDevice, progress: &Progress) {
        self.show_as(&device.id, progress, || {
            format!("{}: {}", device.id, device.name)
        });
    }

    /// The same where only the device's id is known.
    pub fn show_by_id(&mut self, id: &str, progress: &Progress) {
        self.show_as(id, progress, || id.to_owned());
    }

    /// Shows nothing more.
    pub fn end(&mut self) {
        self.line.finish_and_clear();
        self.device = None;
    }

    fn show_as(&mut self, id: &str, progress: &Progress, described: impl Fn() -> String) {
        if self.json {
            let preparing = tagsmith_protocol::Preparing {
                device: id.into(),
                done: progress.done,
                total: progress.total,
                eta_seconds: progress.eta_seconds,
            };
            output::aside(json!({ "preparing": preparing }).to_string());
            return;
        }
        if progress.total == Some(progress.done) {
            return self.end();
        }
        let begins = self.device.as_deref() != Some(id);
        self.device = Some(id.to_owned());
        if !stderr().is_terminal() {
            // A log should say why nothing happens, once.
            if begins {
                output::aside(format!("preparing the GPU ({}), {ONCE} …", described()));
            }
            return;
        }
        if begins {
            self.line.reset();
        }
        self.line
            .set_message(format!("preparing the GPU: {} ({ONCE})", kernels(progress)));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn progress(done: usize, total: Option<usize>, eta_seconds: Option<f64>) -> Progress {
        Progress {
            done,
            total,
            eta_seconds,
        }
    }

    #[test]
    fn progress_in_words() {
        let said = |done, total, eta| kernels(&progress(done, total, eta));
        assert_eq!(
            said(11, Some(48), Some(8.2)),
            "kernel 12 of 48, about 9 s left"
        );
        assert_eq!(said(0, Some(48), None), "kernel 1 of 48");
        assert_eq!(
            said(48, Some(48), Some(0.0)),
            "kernel 48 of 48, about 0 s left"
        );
        assert_eq!(said(52, None, None), "kernel 53");
        assert_eq!(
            said(3, Some(12), Some(300.0)),
            "kernel 4 of 12, about 5 min left"
        );
    }
}
