//! Ending this process without the clean-up of the libraries in it.

use std::ffi::c_int;

#[allow(unsafe_code, reason = "it is the C library's")]
mod library {
    use super::c_int;

    unsafe extern "C" {
        pub safe fn _exit(code: c_int) -> !;
    }
}

/// Ends it at once. A GPU's driver or compiler that is at work on another thread would be waited for by
/// its own clean-up, or crash in it.
pub fn at_once(code: u8) -> ! {
    library::_exit(code.into())
}
