//! Stopping from outside. Ctrl-C: the first asks to stop after the step under way, the second ends at once.

use crate::{exit, output};
use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, LazyLock, OnceLock};
use std::time::SystemTime;

/// When this process began: what asked it to stop before that meant another one.
pub static BEGAN: LazyLock<SystemTime> = LazyLock::new(SystemTime::now);

/// The exit code of a stopped command, as shells expect it after an interrupt.
pub const STOPPED: u8 = 130;

/// Listens for Ctrl-C and for termination, and sets the flag.
pub fn listen(stop: &Arc<AtomicBool>, message: &'static str) {
    let _ = LISTENING.set(stop.clone());
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

/// The flag of the command that stops cleanly: of a process there is one, as of the handler for Ctrl-C.
static LISTENING: OnceLock<Arc<AtomicBool>> = OnceLock::new();

/// Stops as Ctrl-C does the first time; a command that does not stop cleanly ends.
pub fn stop() {
    match LISTENING.get() {
        Some(stop) => stop.store(true, Ordering::Relaxed),
        None => exit::at_once(STOPPED),
    }
}

/// Stops when this file is there, and leaves a `mark` that says so.
pub fn stop_at(file: PathBuf, mark: Option<PathBuf>) {
    std::thread::spawn(move || {
        while !file.exists() {
            std::thread::sleep(std::time::Duration::from_millis(200));
        }
        // Without it the stop counts as somebody else's only where the pause is over too soon.
        let _ = mark.map(|mark| std::fs::write(mark, ""));
        stop();
    });
}
