//! A process that ends with the one that started it.

use crate::{exit, signal};
use std::io::{Read, stdin};

/// Ends this process when its standard input ends: the program that holds the other end of the pipe is
/// gone then, however it ended, or has no more use for this one.
pub fn end_with_input() {
    with_end_of_input(|| exit::at_once(1));
}

/// The same, but what can stop cleanly does so.
pub fn stop_with_input() {
    with_end_of_input(signal::stop);
}

fn with_end_of_input(end: fn()) {
    std::thread::spawn(move || {
        let mut buffer = [0; 64];
        while stdin().read(&mut buffer).is_ok_and(|read| read > 0) {}
        end();
    });
}
