//! A process that ends with the one that started it.

use crate::exit;
use std::io::{Read, stdin};

/// Ends this process when its standard input ends: the program that holds the other end of the pipe is
/// gone then, however it ended, or has no more use for this one.
pub fn end_with_input() {
    std::thread::spawn(|| {
        let mut buffer = [0; 64];
        while stdin().read(&mut buffer).is_ok_and(|read| read > 0) {}
        exit::at_once(1)
    });
}
