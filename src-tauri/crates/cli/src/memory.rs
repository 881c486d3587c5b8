//! The allocator of the program.
//!
//! Small blocks come from mimalloc. Large ones, the tensors, come from the system's allocator where that is glibc's:
//! it joins free neighbours, so that a gradient finds room where activations of other sizes were. In mimalloc's
//! segments 80 MB of 1.6 GB lay idle between them in a training step of BERT base, at the same speed.

use mimalloc::MiMalloc;
use std::ffi::{c_int, c_long};

#[cfg(not(all(target_os = "linux", target_env = "gnu")))]
#[global_allocator]
static ALLOCATOR: MiMalloc = MiMalloc;

#[cfg(all(target_os = "linux", target_env = "gnu"))]
#[global_allocator]
static ALLOCATOR: by_size::BySize = by_size::BySize;

#[cfg(all(target_os = "linux", target_env = "gnu"))]
#[allow(
    unsafe_code,
    reason = "an allocator hands out memory that is not yet anything"
)]
mod by_size {
    use super::MiMalloc;
    use std::alloc::{GlobalAlloc, Layout, System};

    /// From so many bytes on a block is a large one.
    const LARGE: usize = 256 << 10;

    /// Takes small blocks from mimalloc and large ones from the system.
    pub struct BySize;

    /// The allocator of blocks of a layout.
    fn of(layout: Layout) -> &'static dyn GlobalAlloc {
        match layout.size() < LARGE {
            true => &MiMalloc,
            false => &System,
        }
    }

    // SAFETY: a block goes back to where it came from, as its layout says which that was.
    unsafe impl GlobalAlloc for BySize {
        unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
            // SAFETY: as the caller ensures.
            unsafe { of(layout).alloc(layout) }
        }

        unsafe fn alloc_zeroed(&self, layout: Layout) -> *mut u8 {
            // SAFETY: as the caller ensures.
            unsafe { of(layout).alloc_zeroed(layout) }
        }

        unsafe fn dealloc(&self, block: *mut u8, layout: Layout) {
            // SAFETY: as the caller ensures.
            unsafe { of(layout).dealloc(block, layout) }
        }

        unsafe fn realloc(&self, block: *mut u8, layout: Layout, size: usize) -> *mut u8 {
            let is_large = |size: usize| size >= LARGE;
            if is_large(layout.size()) == is_large(size) {
                // SAFETY: as the caller ensures; both sizes belong to the same allocator.
                return unsafe { of(layout).realloc(block, layout, size) };
            }
            // SAFETY: the caller ensures that the size, rounded up to the alignment, is no overflow; the new block is
            // another one than the old, which is given back only once its content is in the new one.
            unsafe {
                let moved = Layout::from_size_align_unchecked(size, layout.align());
                let new = self.alloc(moved);
                if !new.is_null() {
                    std::ptr::copy_nonoverlapping(block, new, layout.size().min(size));
                    self.dealloc(block, layout);
                }
                new
            }
        }
    }

    #[cfg(test)]
    mod tests {
        use super::*;

        #[test]
        fn a_block_that_grows_or_shrinks_past_the_border_keeps_its_content() {
            let mut bytes: Vec<u8> = Vec::new();
            for n in 0..3 * LARGE {
                bytes.push((n % 251) as u8);
            }
            let is_whole = |bytes: &[u8]| {
                let mut all = bytes.iter().enumerate();
                all.all(|(n, byte)| *byte == (n % 251) as u8)
            };
            assert!(is_whole(&bytes));
            bytes.truncate(LARGE / 2);
            bytes.shrink_to_fit();
            assert!(is_whole(&bytes));
            bytes.reserve_exact(2 * LARGE);
            assert!(is_whole(&bytes));
            assert!(vec![0_u8; LARGE].iter().all(|byte| *byte == 0));
        }
    }
}

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

/// Keeps freed memory from step to step: a step takes and gives back the same large blocks as the step before it, and
/// each that went to the kernel would be cleared again. The variable `MIMALLOC_PURGE_DELAY` overrides it for small
/// blocks.
pub fn keep_freed() {
    library::mi_option_set_default(PURGE_DELAY, DELAY);
    #[cfg(all(target_os = "linux", target_env = "gnu"))]
    #[allow(unsafe_code, reason = "options of the system's allocator")]
    // SAFETY: they take numbers alone; one that it does not take changes nothing.
    unsafe {
        // No block is mapped by itself, nothing is given back, and all lie in one heap, where neighbours can be joined.
        if libc::mallopt(libc::M_MMAP_THRESHOLD, c_int::MAX) == 0 {
            // As far as older versions go.
            libc::mallopt(libc::M_MMAP_THRESHOLD, 32 << 20);
        }
        libc::mallopt(libc::M_TRIM_THRESHOLD, c_int::MAX);
        libc::mallopt(libc::M_ARENA_MAX, 1);
    }
}
