//! The program with the window.

#![cfg_attr(windows, windows_subsystem = "windows")]

use tagsmith_desktop::environment;

fn main() {
    tagsmith_desktop::since_start();
    let fixes = environment::needed();
    // SAFETY: this is the first thing that the program does, and it has one thread.
    #[allow(unsafe_code, reason = "see above")]
    unsafe {
        environment::apply(&fixes);
    }
    tagsmith_desktop::run(&fixes);
}
