//! The program with the window.

#![cfg_attr(windows, windows_subsystem = "windows")]

use tagsmith_desktop::environment;

fn main() {
    tagsmith_desktop::since_start();
    let mends = environment::needed();
    // SAFETY: this is the first thing that the program does, and it has one thread.
    #[allow(unsafe_code, reason = "see above")]
    unsafe {
        environment::mend(&mends);
    }
    tagsmith_desktop::run(&mends);
}
