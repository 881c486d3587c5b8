//! Before a card's first test its kernels are compiled by several processes at once.
//!
//! cubecl compiles on one thread of a process, one kernel after the other, and that is most of the time
//! that a first test takes. What one process compiled and kept, another finds: so some processes compile
//! what the test computes in one precision each, without computing it, and then the test begins.

use super::child::{BEAT, Process, Stopped};
use super::{DeviceCheck, Progress, trial};
use crate::Precision;
use std::path::Path;
use std::time::{Duration, Instant};

/// One for each process. The first two have the most kernels.
const SHARES: [Precision; 3] = [Precision::F32, Precision::Bf16, Precision::F16];

/// The part of a test's time that compiling before it may take, 0–1. A process that hangs must leave some
/// to the test, which finds what the others kept.
const PART: f64 = 2.0 / 3.0;

/// What is compiled, and by what.
pub(super) struct Compiling<'a> {
    /// See [`Search::program`](super::Search::program).
    pub program: &'a Path,
    /// The device's id.
    pub id: &'a str,
    /// How many processes at most; fewer than two compile nothing.
    pub processes: usize,
    /// Kernels that all of it is expected to compile.
    pub expected: usize,
}

impl Compiling<'_> {
    /// Compiles, then tests the device, both within `limit`. `report` hears how far all of it is.
    ///
    /// # Errors
    /// `stops` answered `true`. No process is left.
    pub(super) fn then_check(
        &self,
        limit: Duration,
        report: &mut dyn FnMut(&Progress),
        stops: &dyn Fn() -> bool,
    ) -> Result<DeviceCheck, Stopped> {
        if self.processes < 2 {
            return trial::check(self.program, self.id, limit, report, stops);
        }
        let began = Instant::now();
        let before = self.compile(limit.mul_f64(PART), report, stops)?;
        let left = limit.saturating_sub(began.elapsed());
        let mut report_test = |progress: &Progress| {
            let done = before + progress.done;
            report(&Progress::at(done, self.expected, began.elapsed()));
        };
        let check = trial::check(self.program, self.id, left, &mut report_test, stops)?;
        let kernels = before + check.kernels.unwrap_or_default();
        Ok(DeviceCheck {
            kernels: (kernels > 0).then_some(kernels),
            seconds: began.elapsed().as_secs_f64(),
            // All of the time did not suffice, and not only what was left of it.
            limit_seconds: check.limit_seconds.map(|had| match had {
                0.0 => had,
                _ => limit.as_secs_f64(),
            }),
            ..check
        })
    }

    /// How many kernels were compiled, those of processes that failed included.
    fn compile(
        &self,
        limit: Duration,
        report: &mut dyn FnMut(&Progress),
        stops: &dyn Fn() -> bool,
    ) -> Result<usize, Stopped> {
        let began = Instant::now();
        let mut waiting = SHARES.iter();
        let mut working: Vec<Worker> = Vec::new();
        // Those of processes that have ended, and all that was reported.
        let (mut ended, mut reported) = (0, None);
        loop {
            while working.len() < self.processes
                && let Some(share) = waiting.next()
            {
                let arguments = ["probe", self.id, "--compile", share.name()];
                let process = Process::start(self.program, &arguments);
                working.extend(process.map(|process| Worker { process, done: 0 }));
            }
            if stops() {
                return Err(Stopped);
            }
            working.retain_mut(|worker| {
                let has_ended = worker.listen();
                if has_ended {
                    ended += worker.done;
                }
                !has_ended
            });
            let done = ended + working.iter().map(|worker| worker.done).sum::<usize>();
            let is_done = working.is_empty() && waiting.as_slice().is_empty();
            if is_done || began.elapsed() >= limit {
                return Ok(done);
            }
            if reported != Some(done) {
                report(&Progress::at(done, self.expected, began.elapsed()));
                reported = Some(done);
            }
            std::thread::sleep(BEAT);
        }
    }
}

/// A process with the kernels that it has compiled.
struct Worker {
    process: Process,
    done: usize,
}

impl Worker {
    /// Whether the process has ended.
    fn listen(&mut self) -> bool {
        let (progress, has_ended) = self.process.progress();
        self.done = progress.map_or(self.done, |progress| progress.done);
        has_ended
    }
}

#[cfg(test)]
#[cfg(unix)] // the programs are scripts
mod tests {
    use super::*;
    use crate::device::tests::Script;
    use std::cell::Cell;

    const LONG: Duration = Duration::from_secs(20);

    /// Compiles five kernels, but fails in f16.
    const COMPILES: &str = r#"[ "$4" = f16 ] && exit 1
        echo '{"progress":{"done":2,"total":48,"eta_seconds":null}}'
        sleep 0.3
        echo '{"progress":{"done":5,"total":5,"eta_seconds":0}}'"#;
    const TESTS: &str = r#"echo '{"progress":{"done":1,"total":48,"eta_seconds":null}}'
        sleep 0.1
        echo '{"passed":true,"detail":"close","seconds":1,"kernels":2}'"#;

    struct Checked {
        check: Result<DeviceCheck, Stopped>,
        /// Kernels done and expected.
        reported: Vec<(usize, Option<usize>)>,
        /// The arguments of each process, sorted.
        calls: Vec<String>,
    }

    /// By a program that notes its arguments and then does one thing or the other.
    fn checked(
        processes: usize,
        (compiles, tests): (&str, &str),
        limit: Duration,
        stops: &dyn Fn() -> bool,
    ) -> Checked {
        let folder = tempfile::tempdir().unwrap();
        let calls = folder.path().join("calls");
        let script = Script::new(&format!(
            "echo \"$*\" >>{}\nif [ \"$3\" = --compile ]; then\n{compiles}\nelse\n{tests}\nfi",
            calls.display(),
        ));
        let compiling = Compiling {
            program: script.path(),
            id: "cuda:0",
            processes,
            expected: 40,
        };
        let mut reported = Vec::new();
        let mut report = |progress: &Progress| reported.push((progress.done, progress.total));
        let check = compiling.then_check(limit, &mut report, stops);
        let calls = std::fs::read_to_string(calls).unwrap_or_default();
        let mut calls: Vec<String> = calls.lines().map(str::to_owned).collect();
        calls.sort();
        Checked {
            check,
            reported,
            calls,
        }
    }

    const NEVER: &dyn Fn() -> bool = &|| false;

    #[test]
    fn precisions_are_compiled_at_once_and_then_tested() {
        let began = Instant::now();
        let done = checked(3, (COMPILES, TESTS), LONG, NEVER);
        let check = done.check.unwrap();
        assert!(check.passed && check.seconds > 0.3);
        assert_eq!(check.kernels, Some(12));
        assert!(began.elapsed() < Duration::from_secs(5));
        assert_eq!(
            done.calls,
            [
                "probe cuda:0 --attended",
                "probe cuda:0 --compile bf16 --attended",
                "probe cuda:0 --compile f16 --attended",
                "probe cuda:0 --compile f32 --attended",
            ]
        );
        // Together, and never fewer than before; the test goes on counting.
        let reported = done.reported;
        assert!(reported.is_sorted() && reported.iter().all(|(_, total)| *total == Some(40)));
        assert_eq!(reported.last(), Some(&(11, Some(40))));
    }

    #[test]
    fn two_processes_at_once_compile_three_shares_and_one_none() {
        let two = checked(2, (COMPILES, TESTS), LONG, NEVER);
        assert_eq!((two.check.unwrap().kernels, two.calls.len()), (Some(12), 4));
        let one = checked(1, (COMPILES, TESTS), LONG, NEVER);
        assert_eq!((one.check.unwrap().kernels, one.calls.len()), (Some(2), 1));
    }

    #[test]
    fn trap_a_compiler_that_hangs_or_crashes_leaves_time_for_the_test() {
        for compiles in ["exec sleep 60", "kill -SEGV $$"] {
            let done = checked(3, (compiles, TESTS), Duration::from_secs(6), NEVER);
            assert_eq!(done.check.unwrap().kernels, Some(2), "{compiles}");
        }
    }

    #[test]
    fn a_stop_ends_all_compilers_at_once() {
        let asked = Cell::new(0);
        let stops = || asked.replace(asked.get() + 1) > 5;
        let began = Instant::now();
        let done = checked(3, ("exec sleep 60", TESTS), LONG, &stops);
        assert_eq!(done.check, Err(Stopped));
        assert!(!done.calls.contains(&"probe cuda:0 --attended".to_owned()));
        assert!(began.elapsed() < Duration::from_secs(5));
    }
}
