//! The allocator of the program.

use mimalloc::MiMalloc;
use std::ffi::{c_int, c_long};

/// A step takes and gives back the same large blocks as the step before it; the system's allocator
/// hands each to the kernel, which clears it again.
#[global_allocator]
static ALLOCATOR: MiMalloc = MiMalloc;

/// The place of `mi_option_purge_delay` in mimalloc's list of options.
const PURGE_DELAY: c_int = 15;

/// Freed memory goes back to the system after this time, in ms: many times as long as a step, so that
/// steps find the memory of those before, and no less than a program that rests should keep.
const DELAY: c_long = 600_000;

#[allow(unsafe_code, reason = "mimalloc is a C library")]
mod library {
    use super::{c_int, c_long};

    unsafe extern "C" {
        /// Sets an option that neither the program nor the environment has set.
        pub safe fn mi_option_set_default(option: c_int, value: c_long);
    }
}

/// Keeps to small pages. A huge one stays as long as one block in it does: of the tensors of a run, which are
/// a few MiB each, a tenth more memory would be held, and more time spent on clearing it.
pub fn keep_to_small_pages() {
    #[cfg(target_os = "linux")]
    #[allow(unsafe_code, reason = "a system call")]
    // SAFETY: it reads no memory of ours; where the system does not know it, nothing changes.
    unsafe {
        let (yes, no): (libc::c_ulong, libc::c_ulong) = (1, 0);
        libc::prctl(libc::PR_SET_THP_DISABLE, yes, no, no, no);
    }
}

/// Keeps freed memory from step to step. The variable `MIMALLOC_PURGE_DELAY` overrides it.
pub fn keep_freed() {
    library::mi_option_set_default(PURGE_DELAY, DELAY);
}
