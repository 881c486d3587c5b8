//! A process that ends with the one that started it.

use std::ffi::c_int;
use std::io::{Read, stdin};

#[allow(unsafe_code, reason = "it is the C library's")]
mod library {
    use super::c_int;

    unsafe extern "C" {
        /// Ends the process without any of its clean-up: a driver's may hang as the driver does.
        pub safe fn _exit(code: c_int) -> !;
    }
}

/// Ends this process when its standard input ends: the program that holds the other end of the pipe is
/// gone then, however it ended, or has no more use for this one.
pub fn end_with_input() {
    std::thread::spawn(|| {
        let mut buffer = [0; 64];
        while stdin().read(&mut buffer).is_ok_and(|read| read > 0) {}
        library::_exit(1)
    });
}
