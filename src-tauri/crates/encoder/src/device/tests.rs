//! Looking for devices and testing them, and what the tests of this folder share.

use super::*;
use std::path::{Path, PathBuf};
use std::time::Duration;
use tagsmith_protocol::Diagnose;

/// A card of that id and name.
pub(super) fn card(id: &str, name: &str) -> ComputeDevice {
    ComputeDevice {
        id: id.into(),
        name: name.into(),
        threads: None,
        memory_bytes: None,
        kind: DeviceKind::Discrete,
        free_bytes: None,
        driver: None,
        instructions: Vec::new(),
        address: None,
        check: None,
    }
}

/// A program that is a shell script, for as long as this lives.
#[cfg(unix)]
pub(super) struct Script {
    path: PathBuf,
    _folder: tempfile::TempDir,
}

#[cfg(unix)]
impl Script {
    /// Another process writes the file. One that this process had open for writing would stay open in
    /// every child that another test starts meanwhile, and what is open for writing cannot be run.
    pub(super) fn new(text: &str) -> Self {
        use std::process::Command;
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("program");
        let status = Command::new("sh")
            .args(["-c", r#"printf '%s\n' "$2" >"$1" && chmod 700 "$1""#, "sh"])
            .arg(&path)
            .arg(format!("#!/bin/sh\n{text}"))
            .status();
        assert!(status.unwrap().success());
        Self {
            path,
            _folder: folder,
        }
    }

    pub(super) fn path(&self) -> &Path {
        &self.path
    }
}

fn silent<T>(work: impl FnOnce(&mut Watch) -> T) -> T {
    work(&mut Watch {
        report: &mut |_, _| {},
        stops: &|| false,
    })
}

#[test]
fn the_cpu_is_always_listed_and_an_unknown_device_names_what_there_is() {
    assert_eq!(list()[0].id, "cpu");
    let failure = silent(|watch| Search::default().open("cuda:7", watch)).unwrap_err();
    assert_eq!(failure.to_string(), "there is no device `cuda:7` here");
    assert!(failure.hint().unwrap_or_default().contains("cpu"));
    let search = Search::default();
    let check = silent(|watch| search.check(&search.list()[0], watch)).unwrap();
    assert!(check.passed);
}

#[cfg(unix)]
mod with_a_program {
    use super::*;
    use std::cell::Cell;

    /// A program that counts its tests in `tests` and then does what `script` says.
    fn search(folder: &tempfile::TempDir, script: &str) -> (Search, Script) {
        let tests = folder.path().join("tests");
        let script = Script::new(&format!("echo x >>{}\n{script}", tests.display()));
        let search = Search {
            program: Some(script.path().into()),
            memory: Some(folder.path().join("devices.json")),
            ..Search::default()
        };
        (search, script)
    }

    fn tests(folder: &tempfile::TempDir) -> usize {
        let text = std::fs::read_to_string(folder.path().join("tests")).unwrap_or_default();
        text.lines().count()
    }

    const PASSES: &str = r#"echo '{"progress":{"done":3,"total":9,"eta_seconds":2}}'
        echo '{"passed":true,"detail":"close","seconds":1,"kernels":9}'"#;

    #[test]
    fn a_test_reports_from_its_beginning_to_its_end_and_is_remembered() {
        let folder = tempfile::tempdir().unwrap();
        let (search, _script) = search(&folder, PASSES);
        let mut reported = Vec::new();
        let gpu = card("vulkan:0", "A");
        let check = search.check(
            &gpu,
            &mut Watch {
                report: &mut |device, progress| {
                    assert_eq!(device.id, "vulkan:0");
                    reported.push((progress.done, progress.total));
                },
                stops: &|| false,
            },
        );
        let check = check.unwrap();
        assert_eq!(search.known().of(&gpu), Some(check));
        let first = (0, Some(progress::estimate("vulkan", false)));
        assert_eq!(reported, [first, (3, Some(9)), (9, Some(9))]);
    }

    /// How often a program was started for the first test of a device.
    #[cfg(feature = "gpu")]
    fn processes(id: &str, compilers: usize, kept: bool) -> usize {
        let folder = tempfile::tempdir().unwrap();
        let (search, _script) = search(&folder, PASSES);
        let search = Search {
            kernels: Some(folder.path().join("kernels")),
            compilers,
            ..search
        };
        let gpu = card(id, "A");
        if kept {
            let kernels = search.kernels.as_ref().unwrap();
            std::fs::create_dir(kernels).unwrap();
            std::fs::write(kernels::path(kernels, &gpu), "").unwrap();
        }
        assert!(silent(|watch| search.check(&gpu, watch)).unwrap().passed);
        tests(&folder)
    }

    #[test]
    #[cfg(feature = "gpu")]
    fn kernels_are_compiled_before_a_test_over_cuda_that_finds_none() {
        assert_eq!(processes("cuda:0", 3, false), 1 + 3);
        assert_eq!(processes("cuda:0", 1, false), 1);
        assert_eq!(processes("cuda:0", 3, true), 1);
        assert_eq!(processes("vulkan:0", 3, false), 1);
    }

    #[test]
    fn a_check_on_request_tests_again_and_replaces_what_was_known() {
        let folder = tempfile::tempdir().unwrap();
        let (search, _script) = search(&folder, PASSES);
        let gpu = card("vulkan:0", "A");
        let failed = check::timed_out(Duration::from_secs(30), None);
        search.known().remember(&gpu, &failed);
        assert!(silent(|watch| search.check(&gpu, watch)).unwrap().passed);
        assert!(search.known().of(&gpu).unwrap().passed);
        silent(|watch| search.check(&gpu, watch)).unwrap();
        assert_eq!(tests(&folder), 2);
    }

    #[test]
    fn a_device_by_name_has_more_time_than_auto_gave_it_and_what_then_fails_stays() {
        let folder = tempfile::tempdir().unwrap();
        let (mut search, _script) = search(&folder, "exec sleep 60");
        search.limits.on_request = Duration::from_millis(600);
        let asked = |check: Option<DeviceCheck>| {
            let gpu = ComputeDevice {
                check,
                ..card("vulkan:0", "A")
            };
            let failure = silent(|watch| search.asked_for(gpu, watch)).unwrap_err();
            assert!(failure.to_string().contains("took longer"), "{failure}");
            tests(&folder)
        };
        let in_auto = check::timed_out(Duration::from_millis(300), None);
        assert_eq!(asked(Some(in_auto)), 1);
        let remembered = search.known().of(&card("vulkan:0", "A"));
        assert_eq!(
            remembered.as_ref().unwrap().limit_seconds.map(f64::round),
            Some(1.0)
        );
        assert_eq!(asked(remembered), 1, "nothing would be new");
    }

    #[test]
    fn a_stopped_test_is_not_remembered() {
        let folder = tempfile::tempdir().unwrap();
        let (search, _script) = search(&folder, "exec sleep 60");
        let gpu = card("vulkan:0", "A");
        let asked = Cell::new(0);
        let stopped = search.check(
            &gpu,
            &mut Watch {
                report: &mut |_, _| {},
                stops: &|| asked.replace(asked.get() + 1) > 3,
            },
        );
        assert!(matches!(stopped, Err(DeviceError::Stopped { .. })));
        assert_eq!(search.known().of(&gpu), None);
    }

    #[test]
    fn trap_two_programs_that_need_one_device_test_it_once() {
        let folder = tempfile::tempdir().unwrap();
        let (search, _script) = search(&folder, &format!("sleep 0.5\n{PASSES}"));
        let gpu = card("vulkan:0", "A");
        std::thread::scope(|scope| {
            for _ in 0..2 {
                scope.spawn(|| {
                    let limit = Duration::from_secs(20);
                    let check = silent(|watch| search.test(&gpu, None, limit, watch));
                    assert!(check.unwrap().passed);
                });
            }
        });
        assert_eq!(tests(&folder), 1);
    }
}
