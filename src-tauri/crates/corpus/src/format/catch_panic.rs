//! Catches panics of third-party readers, and keeps their messages off the terminal.

use std::cell::Cell;
use std::panic::{AssertUnwindSafe, catch_unwind, set_hook, take_hook};
use std::sync::Once;

thread_local! {
    /// Whether a panic of this thread is caught, so that its message is not printed.
    static QUIET: Cell<bool> = const { Cell::new(false) };
}

/// What the work gives; `None` where it panics. A hook, put before the one that is there once and
/// for all, passes the panics of everybody else on to that.
pub(super) fn caught<T>(work: impl FnOnce() -> T) -> Option<T> {
    static HOOK: Once = Once::new();
    HOOK.call_once(|| {
        let before = take_hook();
        set_hook(Box::new(move |panic| {
            if !QUIET.get() {
                before(panic);
            }
        }));
    });
    let before = QUIET.replace(true);
    let result = catch_unwind(AssertUnwindSafe(work));
    QUIET.set(before);
    result.ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_flag_goes_back_to_what_it_was() {
        assert_eq!(caught(|| 1), Some(1));
        assert_eq!(
            caught(|| -> u8 { panic!("this must not be printed") }),
            None
        );
        assert!(!QUIET.get());
        let inner = caught(|| {
            let inner = caught(|| -> u8 { panic!("nor this") });
            (inner, QUIET.get())
        });
        assert_eq!(inner, Some((None, true)));
    }
}
