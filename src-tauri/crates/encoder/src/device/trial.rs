//! A device tested in a process of its own: with kernels on tensor cores, and once more without them where
//! the first process ended of those.
//!
//! A kernel that faults takes all that its process has on the card with it, so that nothing more can be
//! found out there. What the card computes without tensor cores, another process must say.

use super::auto::LEAST;
use super::child::{self, Stopped, Tested};
use super::{DeviceCheck, Progress};
use std::path::Path;
use std::time::{Duration, Instant};

/// What `program` finds of the device within `limit`, in one process or two. `report` hears how far each
/// is.
///
/// # Errors
/// `stops` answered `true`. No process is left.
pub(super) fn check(
    program: &Path,
    id: &str,
    limit: Duration,
    report: &mut dyn FnMut(&Progress),
    stops: &dyn Fn() -> bool,
) -> Result<DeviceCheck, Stopped> {
    let began = Instant::now();
    let first = child::check(program, id, true, limit, report, stops)?;
    let left = limit.saturating_sub(began.elapsed());
    if !is_due_to_tensor_cores(&first) || left < LEAST {
        return Ok(first.check);
    }
    let second = child::check(program, id, false, left, report, stops)?;
    Ok(together(first.check, second.check, limit))
}

/// Not so a test that ran out of time or was ended from outside: that says nothing about the device.
fn is_due_to_tensor_cores(tested: &Tested) -> bool {
    let check = &tested.check;
    tested.tried_tensor_cores && !check.passed && check.limit_seconds.is_none()
}

fn together(first: DeviceCheck, second: DeviceCheck, limit: Duration) -> DeviceCheck {
    let (detail, tensor_core_fault) = match second.passed {
        true => (second.detail, Some(first.detail)),
        false => {
            let with_them = first.detail;
            let detail = format!("{} (with tensor cores: {with_them})", second.detail);
            (detail, None)
        }
    };
    DeviceCheck {
        detail,
        tensor_core_fault,
        seconds: first.seconds + second.seconds,
        // Reported with all of the time, although the second process had only what was left of it.
        limit_seconds: second.limit_seconds.map(|had| match had {
            0.0 => had,
            _ => limit.as_secs_f64(),
        }),
        kernels: second.kernels.max(first.kernels),
        ..second
    }
}

#[cfg(test)]
#[cfg(unix)] // the programs are scripts
mod tests {
    use super::*;
    use crate::device::tests::Script;

    const LONG: Duration = Duration::from_secs(20);

    const TRIES: &str = r#"echo '{"trying":"tensor-cores"}'"#;
    const DIES: &str = "kill -SEGV $$";
    const FAILS: &str =
        r#"echo '{"passed":false,"detail":"its driver failed","seconds":2,"kernels":30}'"#;
    const PASSES: &str =
        r#"echo '{"passed":true,"detail":"close","seconds":1,"half":["bf16"],"kernels":9}'"#;

    /// What comes of it, and in how many processes. Each is a script of what it does with tensor cores,
    /// and without them.
    fn checked(with: &[&str], without: &str, limit: Duration) -> (DeviceCheck, usize) {
        let folder = tempfile::tempdir().unwrap();
        let processes = folder.path().join("processes");
        let script = Script::new(&format!(
            "echo x >>{}\ncase \"$*\" in *--without-tensor-cores*) {without} ;; *) {} ;; esac",
            processes.display(),
            with.join("; "),
        ));
        let check = check(script.path(), "cuda:0", limit, &mut |_| {}, &|| false);
        let processes = std::fs::read_to_string(processes).unwrap();
        (check.unwrap(), processes.lines().count())
    }

    #[test]
    fn trap_a_kernel_on_tensor_cores_that_faults_does_not_take_the_card_with_it() {
        for (end, said) in [(DIES, "signal"), (FAILS, "its driver failed")] {
            let (check, processes) = checked(&[TRIES, end], PASSES, LONG);
            assert!(check.passed, "{check:?}");
            assert_eq!((processes, check.detail.as_str()), (2, "close"));
            assert_eq!((check.half.len(), check.tensor_cores.len()), (1, 0));
            let fault = check.tensor_core_fault.unwrap();
            assert!(fault.contains(said), "{fault}");
        }
    }

    #[test]
    fn a_card_that_fails_without_them_too_says_both() {
        let (check, processes) = checked(&[TRIES, DIES], FAILS, LONG);
        assert!(!check.passed);
        assert_eq!((processes, check.kernels), (2, Some(30)));
        assert!(
            check
                .detail
                .starts_with("its driver failed (with tensor cores: its test ended")
        );
        assert_eq!(check.tensor_core_fault, None);
    }

    #[test]
    fn what_has_nothing_to_do_with_tensor_cores_is_not_tried_again() {
        for with in [
            &[DIES][..],
            &[FAILS],
            &[TRIES, PASSES],
            &[TRIES, "kill -TERM $$"],
        ] {
            let (check, processes) = checked(with, PASSES, LONG);
            assert_eq!((processes, check.tensor_core_fault), (1, None), "{with:?}");
        }
    }

    #[test]
    fn both_tests_have_one_time_together() {
        let limit = LEAST + Duration::from_secs(1);
        let began = Instant::now();
        let (check, processes) = checked(&[TRIES, DIES], "exec sleep 60", limit);
        assert!(began.elapsed() < limit + Duration::from_secs(3));
        assert!(check.detail.contains("longer than"), "{}", check.detail);
        // All of it: the same time would not suffice again.
        assert_eq!(
            (processes, check.limit_seconds),
            (2, Some(limit.as_secs_f64()))
        );
        // What is left of it is too little to find anything.
        let (check, processes) = checked(&[TRIES, "sleep 1.5", DIES], PASSES, limit);
        assert_eq!((processes, check.passed), (1, false));
    }
}
