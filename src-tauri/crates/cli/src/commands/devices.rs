//! `tagsmith devices`, and `tagsmith probe`, by which it looks at GPUs in a process of its own.

use crate::args::{Devices, Probe};
use crate::commands::device_search;
use crate::error::CommandError;
use crate::preparing::Preparing;
use crate::{Done, attended, output, signal};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use tagsmith_encoder::DeviceError;
use tagsmith_encoder::device::{ComputeDevice, DeviceCheck, DeviceKind, ProbeLine, Search, Watch};
use tagsmith_tagger::Error;

pub fn run(args: &Devices, json: bool) -> Result<Done, CommandError> {
    let search = device_search();
    let mut devices = search.list();
    if args.check {
        let stop = Arc::new(AtomicBool::new(false));
        signal::listen(&stop, "the test is stopped");
        for device in &mut devices {
            if !json && device.kind != DeviceKind::Cpu {
                output::aside(format!("testing `{}`: {} …", device.id, device.name));
            }
            match test(&search, device, &stop, args.progress) {
                Ok(check) => device.check = Some(check),
                Err(DeviceError::Stopped { .. }) => return Ok(Done::Stopped),
                Err(failure) => return Err(Error::Device(failure).into()),
            }
        }
    }
    if json {
        output::json(&devices)?;
        return Ok(Done::Completely);
    }
    for device in &devices {
        output::line(described(device))?;
        if let Some(check) = &device.check {
            let said = match (check.passed, check.incomplete) {
                (true, _) => "self-test passed: ",
                (false, false) => "self-test FAILED: ",
                // The detail says it all.
                (false, true) => "",
            };
            output::line(format!("{:10}  {said}{}", "", check.detail))?;
            if let Some(fault) = &check.tensor_core_fault {
                let said = "tensor cores are not used; a test with them failed: ";
                output::line(format!("{:10}  {said}{fault}", ""))?;
            }
        }
    }
    Ok(Done::Completely)
}

fn test(
    search: &Search,
    device: &ComputeDevice,
    stop: &AtomicBool,
    json: bool,
) -> Result<DeviceCheck, DeviceError> {
    let mut preparing = Preparing::new(json);
    let mut watch = Watch {
        report: &mut |device, progress| preparing.show(device, progress),
        stops: &|| stop.load(Ordering::Relaxed),
    };
    search.check(device, &mut watch)
}

fn described(device: &ComputeDevice) -> String {
    let mut facts = vec![
        device
            .memory_bytes
            .map_or_else(|| "memory unknown".into(), output::bytes),
    ];
    facts.extend(device.threads.map(|threads| format!("{threads} threads")));
    facts.extend(device.driver.clone());
    facts.extend(device.instructions.clone());
    let speed = device.check.as_ref().and_then(|check| check.speed);
    facts.extend(speed.map(|speed| format!("{speed:.1} times the CPU")));
    format!("{:10}  {}  ({})", device.id, device.name, facts.join(", "))
}

/// One line of JSON for each GPU; or for the self-test of one, lines that say how far it is and one for
/// the result. A driver may end this process.
pub fn probe(args: &Probe) -> Result<Done, CommandError> {
    if args.attended {
        attended::end_with_input();
    }
    let search = device_search();
    match &args.device {
        None => {
            for device in search.list_here() {
                output::json_line(&device)?;
            }
        }
        Some(id) => {
            // Where no one listens any more, the end of the input ends the process.
            let say = |line: ProbeLine| {
                let _ = output::json_line(&line);
            };
            if let Some(precision) = args.compile {
                let compiled = search.compile_here(id, precision, &say);
                compiled.map_err(Error::Device)?;
                return Ok(Done::Completely);
            }
            let check = search
                .check_here(id, !args.without_tensor_cores, &say)
                .map_err(Error::Device)?;
            output::json_line(&ProbeLine::Result(Box::new(check)))?;
        }
    }
    Ok(Done::Completely)
}
