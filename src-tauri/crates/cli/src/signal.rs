//! Ctrl-C: the first asks to stop after the step under way, the second ends at once.

use crate::{exit, output};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

/// The exit code of a stopped command, as shells expect it after an interrupt.
pub const STOPPED: u8 = 130;

/// Listens for Ctrl-C and for termination, and sets the flag.
pub fn listen(stop: &Arc<AtomicBool>, message: &'static str) {
    let stop = stop.clone();
    let listening = ctrlc::set_handler(move || {
        if stop.swap(true, Ordering::Relaxed) {
            exit::at_once(STOPPED);
        }
        output::aside(format!("\n{message}"));
    });
    if let Err(failure) = listening {
        let what = "Ctrl-C will end the run without a report";
        output::aside(format!("warning: {what}: {failure}"));
    }
}
