//! Which GPU `auto` takes: one choice, made from what tests say, within a bounded time.

use super::check::may_change_within;
use super::{ComputeDevice, DeviceCheck, DeviceError, DeviceKind, card};
use std::collections::BTreeSet;
use std::time::Duration;

/// How long tests may take.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// One device's in `auto`. Nobody asked for it, so it may not hold up who wants to train: a test
    /// takes a few seconds, and one that takes this long is of a driver that compiles badly.
    pub in_auto: Duration,
    /// All that `auto` does before it has chosen, over all devices. More than one test that takes its
    /// time, less than people wait before they take a program for hung.
    pub of_auto: Duration,
    /// One that the person asked for, by a device's name or with `devices --check`: whoever asks has a
    /// reason to wait, sees how far it is, and can stop it.
    pub on_request: Duration,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            in_auto: Duration::from_secs(30),
            of_auto: Duration::from_secs(45),
            on_request: Duration::from_secs(120),
        }
    }
}

/// A test with less time than this would only fail for want of it.
pub(super) const LEAST: Duration = Duration::from_secs(3);

/// What was chosen.
#[derive(Debug, Default, PartialEq)]
pub(super) struct Choice {
    /// The device with its check; `None`: the CPU.
    pub device: Option<ComputeDevice>,
    /// Devices that would have been preferred, and why they are not used.
    pub passed_over: Vec<String>,
}

/// Takes the first of `gpus` that passes its test and is faster than the CPU. `elapsed` is the time
/// since `auto` began, `test` tests a device within a limit.
///
/// A card that is reached through several runtimes is tested through the next one only where the one
/// before failed. What a check in `gpus` says is not tested again, unless it took too long and there is
/// more time now.
///
/// # Errors
/// That of `test`, which then stopped.
pub(super) fn choose<E>(
    gpus: &[ComputeDevice],
    limits: &Limits,
    elapsed: impl Fn() -> Duration,
    mut test: impl FnMut(&ComputeDevice, Duration) -> Result<DeviceCheck, E>,
) -> Result<Choice, E> {
    let mut choice = Choice::default();
    // What could be installed is worth a word only where no GPU is used without it.
    let mut incomplete = Vec::new();
    // Cards that compute rightly, of which the CPU is no slower.
    let mut slow = BTreeSet::new();
    for (gpu, card) in gpus.iter().zip(card::numbers(gpus)) {
        if matches!(gpu.kind, DeviceKind::Cpu | DeviceKind::Software) || slow.contains(&card) {
            continue;
        }
        let limit = limits.in_auto.min(limits.of_auto.saturating_sub(elapsed()));
        let known = gpu.check.clone();
        let known = known.filter(|check| !may_change_within(check, limit));
        let check = match known {
            Some(check) => check,
            None if limit < LEAST => {
                let reason = "there was no time left to test it";
                choice.passed_over.push(refused(gpu, reason).to_string());
                continue;
            }
            None => test(gpu, limit)?,
        };
        if !check.passed {
            let reason = unusable(gpu, &check).to_string();
            match check.incomplete {
                true => incomplete.push(reason),
                false => choice.passed_over.push(reason),
            }
        } else if check.speed.is_some_and(|speed| speed > 1.0) {
            choice.device = Some(ComputeDevice {
                check: Some(check),
                ..gpu.clone()
            });
            break;
        } else {
            // A small GPU can be slower than the processor beside it, through any runtime.
            slow.insert(card);
        }
    }
    if choice.device.is_none() {
        choice.passed_over.append(&mut incomplete);
    }
    Ok(choice)
}

/// Why a device that has not passed is not used.
pub(super) fn unusable(device: &ComputeDevice, check: &DeviceCheck) -> DeviceError {
    match check.incomplete {
        true => DeviceError::Incomplete {
            id: device.id.clone(),
            name: device.name.clone(),
            reason: check.detail.clone(),
        },
        false => refused(device, &check.detail),
    }
}

fn refused(device: &ComputeDevice, reason: &str) -> DeviceError {
    DeviceError::Refused {
        id: device.id.clone(),
        name: device.name.clone(),
        reason: reason.into(),
    }
}

#[cfg(test)]
mod tests {
    use super::super::check;
    use super::*;
    use crate::device::tests::card;
    use std::cell::{Cell, RefCell};

    fn passed(speed: f64) -> DeviceCheck {
        DeviceCheck {
            passed: true,
            speed: Some(speed),
            ..check::failed("close")
        }
    }

    /// A device and what its test finds after how many seconds, where it has that long.
    type Answer = (ComputeDevice, f64, DeviceCheck);

    /// What is chosen, what was tested, and after how many seconds the choice was made.
    fn chosen(devices: &[Answer]) -> (Choice, Vec<String>, f64) {
        let clock = Cell::new(Duration::ZERO);
        let tested = RefCell::new(Vec::new());
        let gpus: Vec<ComputeDevice> = devices.iter().map(|(gpu, ..)| gpu.clone()).collect();
        let choice = choose::<()>(
            &gpus,
            &Limits::default(),
            || clock.get(),
            |gpu, limit| {
                tested.borrow_mut().push(gpu.id.clone());
                let (_, seconds, check) = devices
                    .iter()
                    .find(|(other, ..)| other.id == gpu.id)
                    .unwrap();
                let wanted = Duration::from_secs_f64(*seconds);
                clock.set(clock.get() + wanted.min(limit));
                Ok(match wanted <= limit {
                    true => check.clone(),
                    false => check::timed_out(limit, None),
                })
            },
        );
        (
            choice.unwrap(),
            tested.into_inner(),
            clock.get().as_secs_f64(),
        )
    }

    fn id(choice: &Choice) -> Option<&str> {
        choice.device.as_ref().map(|device| device.id.as_str())
    }

    #[test]
    fn the_second_runtime_of_a_card_is_tested_only_where_the_first_failed() {
        let cuda = card("cuda:0", "H200");
        let vulkan = card("vulkan:0", "H200");
        let (choice, tested, _) = chosen(&[
            (cuda.clone(), 5.0, passed(20.0)),
            (vulkan.clone(), 5.0, passed(15.0)),
        ]);
        assert_eq!((id(&choice), tested.len()), (Some("cuda:0"), 1));
        assert_eq!(choice.passed_over, [""; 0]);
        let (choice, tested, _) = chosen(&[
            (
                cuda.clone(),
                5.0,
                check::failed("its driver failed: no NVRTC"),
            ),
            (vulkan.clone(), 5.0, passed(15.0)),
        ]);
        assert_eq!((id(&choice), tested.len()), (Some("vulkan:0"), 2));
        assert_eq!(
            choice.passed_over,
            ["`cuda:0` (H200) is not used: its driver failed: no NVRTC"]
        );
        // Slower than the CPU it is through any runtime; another card may not be.
        let (choice, tested, _) = chosen(&[
            (cuda, 5.0, passed(0.5)),
            (vulkan, 5.0, passed(2.0)),
            (card("vulkan:1", "Other"), 5.0, passed(3.0)),
        ]);
        assert_eq!(id(&choice), Some("vulkan:1"));
        assert_eq!(tested, ["cuda:0", "vulkan:1"]);
    }

    #[test]
    fn trap_auto_waits_45_seconds_at_most_whatever_hangs() {
        let hangs = |id: &str, name: &str| (card(id, name), 1e6, passed(9.0));
        let (choice, tested, seconds) = chosen(&[
            hangs("cuda:0", "A"),
            hangs("cuda:1", "B"),
            hangs("vulkan:0", "A"),
            hangs("vulkan:1", "B"),
        ]);
        assert_eq!((id(&choice), seconds), (None, 45.0));
        assert_eq!(tested, ["cuda:0", "cuda:1"]);
        let said = |place: usize, what: &str| {
            let reason = &choice.passed_over[place];
            assert!(reason.contains(what), "{reason}");
        };
        said(
            0,
            "`cuda:0` (A) is not used: its test took longer than 30 seconds",
        );
        said(1, "longer than 15 seconds");
        said(
            2,
            "`vulkan:0` (A) is not used: there was no time left to test it",
        );
        // What another runtime makes of the same card may be better.
        let (choice, _, seconds) = chosen(&[
            hangs("cuda:0", "A"),
            (card("vulkan:0", "A"), 10.0, passed(9.0)),
        ]);
        assert_eq!((id(&choice), seconds), (Some("vulkan:0"), 40.0));
    }

    #[test]
    fn what_is_known_is_not_tested_again_failures_and_time_outs_included() {
        let known = |id: &str, check: DeviceCheck| ComputeDevice {
            check: Some(check),
            ..card(id, "A")
        };
        let timed_out = |seconds| check::timed_out(Duration::from_secs(seconds), None);
        let unused = || check::failed("never asked");
        let (choice, tested, _) = chosen(&[
            (
                known("cuda:0", check::failed("wrong numbers")),
                1.0,
                unused(),
            ),
            (known("vulkan:0", timed_out(30)), 1.0, unused()),
        ]);
        assert_eq!((id(&choice), tested.len()), (None, 0));
        assert_eq!(choice.passed_over.len(), 2);
        let (choice, tested, _) = chosen(&[(known("cuda:0", passed(9.0)), 1.0, unused())]);
        assert_eq!((id(&choice), tested.len()), (Some("cuda:0"), 0));
        // Ended after less time than there is now, because another device had used the rest.
        let (choice, tested, _) = chosen(&[(known("cuda:0", timed_out(15)), 20.0, passed(9.0))]);
        assert_eq!((id(&choice), tested.len()), (Some("cuda:0"), 1));
    }

    #[test]
    fn what_could_be_installed_is_only_reported_where_no_gpu_is_used() {
        let incomplete = || ComputeDevice {
            check: Some(DeviceCheck {
                incomplete: true,
                ..check::failed("NVRTC was not found")
            }),
            ..card("cuda:0", "A")
        };
        let unused = || check::failed("never asked");
        let vulkan = |check| (card("vulkan:0", "A"), 5.0, check);
        let (choice, tested, _) = chosen(&[(incomplete(), 1.0, unused()), vulkan(passed(9.0))]);
        assert_eq!((id(&choice), tested.len()), (Some("vulkan:0"), 1));
        assert_eq!(choice.passed_over, [""; 0]);
        let (choice, ..) = chosen(&[(incomplete(), 1.0, unused()), vulkan(passed(0.5))]);
        assert_eq!(id(&choice), None);
        assert_eq!(
            choice.passed_over,
            ["`cuda:0` (A) is not used: NVRTC was not found"]
        );
    }

    #[test]
    fn trap_a_software_adapter_is_never_taken_by_itself() {
        let software = ComputeDevice {
            kind: DeviceKind::Software,
            ..card("vulkan:0", "llvmpipe")
        };
        let (choice, tested, _) = chosen(&[(software, 1.0, passed(9.0))]);
        assert_eq!((choice, tested.len()), (Choice::default(), 0));
    }
}
