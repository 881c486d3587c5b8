//! The file that remembers the results of self-tests, and the locks by which several processes share
//! it.

use super::card::runtime;
use super::{ComputeDevice, DeviceCheck};
use std::collections::BTreeMap;
use std::fs::{File, OpenOptions, TryLockError};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};
use tagsmith_files::write_json;

/// How long a process waits for another that writes the file, which takes milliseconds.
const WRITING: Duration = Duration::from_secs(5);

/// How often a lock that another process holds is tried.
const PAUSE: Duration = Duration::from_millis(20);

/// Results by device, driver and version of this program. Without a path nothing is remembered.
#[derive(Clone, Debug, Default)]
pub(super) struct Known {
    path: Option<PathBuf>,
}

/// The sole right to test devices, among the processes that share the file. Ends when it is dropped,
/// and with the process.
pub(super) struct Turn {
    _lock: Option<File>,
    /// Another process had it when it was asked for.
    pub waited: bool,
}

/// Why there is no turn.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum NoTurn {
    /// Another process has it all the time.
    Busy,
    /// The caller stopped waiting.
    Stopped,
}

impl Known {
    /// The file at this path, be it there or not.
    pub(super) fn at(path: Option<&Path>) -> Self {
        Self {
            path: path.map(Path::to_path_buf),
        }
    }

    /// What the last test of this device, with this driver and this version, found. A file that is
    /// absent or damaged knows nothing.
    pub(super) fn of(&self, device: &ComputeDevice) -> Option<DeviceCheck> {
        self.read().remove(&key(device))
    }

    /// How many kernels a test of this device compiles, as far as tests of it or of others of its
    /// runtime report.
    pub(super) fn kernels(&self, device: &ComputeDevice) -> Option<usize> {
        let checks = self.read();
        let same = checks.get(&key(device)).and_then(|check| check.kernels);
        let prefix = format!("{}:", runtime(device));
        let similar = checks.iter().filter(|(key, _)| key.starts_with(&prefix));
        same.or_else(|| similar.filter_map(|(_, check)| check.kernels).max())
    }

    /// Adds a result, or puts it in the place of an earlier one. That it cannot be written only means
    /// that the device is tested again. What must be installed is looked for each time.
    ///
    /// Of the kernels counted the larger number stays: a test that found some of them kept compiles few,
    /// and says nothing of the next one that finds none.
    pub(super) fn remember(&self, device: &ComputeDevice, check: &DeviceCheck) {
        let Some(path) = &self.path else { return };
        if check.incomplete {
            return;
        }
        if let Some(folder) = path.parent() {
            let _ = std::fs::create_dir_all(folder);
        }
        // What another process adds between reading and writing would be lost.
        let _lock = lock(&beside(path, "lock"), WRITING, &|| false);
        let mut checks = self.read();
        let key = key(device);
        let before = checks.get(&key).and_then(|check| check.kernels);
        let remembered = DeviceCheck {
            kernels: check.kernels.max(before),
            ..check.clone()
        };
        checks.insert(key, remembered);
        let _ = write_json(path, &checks);
    }

    /// Waits until no other process tests a device: two tests at once would take each other's time,
    /// and the second is needless where the first was of the same device.
    ///
    /// # Errors
    /// Another process still tests after `limit`, or `stops` answered `true`.
    pub(super) fn turn(&self, limit: Duration, stops: &dyn Fn() -> bool) -> Result<Turn, NoTurn> {
        let Some(path) = &self.path else {
            return Ok(Turn {
                _lock: None,
                waited: false,
            });
        };
        if let Some(folder) = path.parent() {
            let _ = std::fs::create_dir_all(folder);
        }
        lock(&beside(path, "testing"), limit, stops)
    }

    fn read(&self) -> BTreeMap<String, DeviceCheck> {
        let read = |path: &PathBuf| {
            let text = std::fs::read_to_string(path).ok()?;
            serde_json::from_str(&text).ok()
        };
        self.path.as_ref().and_then(read).unwrap_or_default()
    }
}

/// Locks a file. Where the file system knows no locks, or the file cannot be made, there is none, and
/// no wait for it.
fn lock(path: &Path, limit: Duration, stops: &dyn Fn() -> bool) -> Result<Turn, NoTurn> {
    let began = Instant::now();
    let mut options = OpenOptions::new();
    let mut file = options
        .create(true)
        .truncate(false)
        .write(true)
        .open(path)
        .ok();
    let mut waited = false;
    loop {
        match file.as_ref().map(File::try_lock) {
            Some(Err(TryLockError::WouldBlock)) if stops() => return Err(NoTurn::Stopped),
            Some(Err(TryLockError::WouldBlock)) if began.elapsed() >= limit => {
                return Err(NoTurn::Busy);
            }
            Some(Err(TryLockError::WouldBlock)) => {
                waited = true;
                std::thread::sleep(PAUSE);
            }
            Some(Err(TryLockError::Error(_))) => file = None,
            Some(Ok(())) | None => {
                return Ok(Turn {
                    _lock: file,
                    waited,
                });
            }
        }
    }
}

fn beside(path: &Path, ending: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(".");
    name.push(ending);
    name.into()
}

fn key(device: &ComputeDevice) -> String {
    let driver = device.driver.as_deref().unwrap_or("driver unknown");
    let version = env!("CARGO_PKG_VERSION");
    format!("{} | {} | {driver} | {version}", device.id, device.name)
}

#[cfg(test)]
mod tests {
    use super::super::check;
    use super::*;
    use crate::device::tests::card;

    fn known(folder: &tempfile::TempDir) -> Known {
        Known::at(Some(&folder.path().join("cache/devices.json")))
    }

    #[test]
    fn a_result_is_remembered_until_the_driver_changes() {
        let folder = tempfile::tempdir().unwrap();
        let known = known(&folder);
        let mut device = card("vulkan:0", "A card");
        device.driver = Some("1.0".into());
        let failed = check::failed("it computes wrong numbers");
        known.remember(&device, &failed);
        assert_eq!(known.of(&device), Some(failed));
        device.driver = Some("1.1".into());
        assert_eq!(known.of(&device), None);
        let incomplete = DeviceCheck {
            incomplete: true,
            ..check::failed("install something")
        };
        known.remember(&device, &incomplete);
        assert_eq!(known.of(&device), None);
        std::fs::write(folder.path().join("cache/devices.json"), "half a fi").unwrap();
        assert_eq!(known.of(&device), None);
        assert_eq!(Known::default().of(&device), None);
    }

    #[test]
    fn trap_results_that_are_written_at_once_are_all_kept() {
        let folder = tempfile::tempdir().unwrap();
        let known = known(&folder);
        let device = |place: usize| card(&format!("vulkan:{place}"), "A card");
        std::thread::scope(|scope| {
            for place in 0..8 {
                let known = &known;
                scope.spawn(move || known.remember(&device(place), &check::failed("no")));
            }
        });
        for place in 0..8 {
            assert!(known.of(&device(place)).is_some(), "vulkan:{place}");
        }
    }

    #[test]
    fn a_test_waits_for_that_of_another_process_but_not_for_ever() {
        let folder = tempfile::tempdir().unwrap();
        let known = known(&folder);
        let short = Duration::from_millis(50);
        let first = known.turn(short, &|| false).unwrap();
        assert!(!first.waited);
        assert_eq!(known.turn(short, &|| false).err(), Some(NoTurn::Busy));
        assert_eq!(known.turn(WRITING, &|| true).err(), Some(NoTurn::Stopped));
        std::thread::scope(|scope| {
            scope.spawn(|| {
                std::thread::sleep(short);
                drop(first);
            });
            assert!(known.turn(WRITING, &|| false).unwrap().waited);
        });
    }

    #[test]
    fn the_kernels_of_earlier_tests_say_how_many_are_to_come() {
        let folder = tempfile::tempdir().unwrap();
        let known = known(&folder);
        let tested = |kernels| DeviceCheck {
            kernels: Some(kernels),
            ..check::failed("")
        };
        assert_eq!(known.kernels(&card("vulkan:0", "A")), None);
        known.remember(&card("vulkan:1", "B"), &tested(50));
        known.remember(&card("cuda:0", "A"), &tested(70));
        assert_eq!(known.kernels(&card("vulkan:0", "A")), Some(50));
        known.remember(&card("vulkan:0", "A"), &tested(40));
        assert_eq!(known.kernels(&card("vulkan:0", "A")), Some(40));
        // One that found most or all of them kept.
        for few in [Some(3), None] {
            let warm = DeviceCheck {
                kernels: few,
                ..tested(0)
            };
            known.remember(&card("vulkan:0", "A"), &warm);
            assert_eq!(known.kernels(&card("vulkan:0", "A")), Some(40), "{few:?}");
        }
        known.remember(&card("vulkan:0", "A"), &tested(45));
        assert_eq!(known.kernels(&card("vulkan:0", "A")), Some(45));
        assert_eq!(known.kernels(&card("metal:0", "A")), None);
    }
}
