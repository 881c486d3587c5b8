//! `tagsmith devices`, and `tagsmith probe`, by which it looks at GPUs in a process of its own.

use crate::args::{Devices, Probe};
use crate::commands::device_search;
use crate::failure::Failure;
use crate::{Done, output};
use tagsmith_encoder::device::{ComputeDevice, Kind};
use tagsmith_tagger::Error;

pub fn run(args: &Devices, json: bool) -> Result<Done, Failure> {
    let search = device_search();
    let mut devices = search.list();
    if args.check {
        for device in &mut devices {
            if !json && device.kind != Kind::Cpu {
                output::aside(format!("testing `{}`: {} …", device.id, device.name));
            }
            device.check = Some(search.check(&device.id).map_err(Error::Device)?);
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
        }
    }
    Ok(Done::Completely)
}

fn described(device: &ComputeDevice) -> String {
    let mut facts = vec![
        device
            .memory_bytes
            .map_or_else(|| "memory unknown".into(), output::bytes),
    ];
    facts.extend(device.threads.map(|threads| format!("{threads} threads")));
    facts.extend(device.driver.clone());
    let speed = device.check.as_ref().and_then(|check| check.speed);
    facts.extend(speed.map(|speed| format!("{speed:.1} times the CPU")));
    format!("{:10}  {}  ({})", device.id, device.name, facts.join(", "))
}

/// One line of JSON for each GPU, or for the self-test of one. A driver may end this process.
pub fn probe(args: &Probe) -> Result<Done, Failure> {
    let search = device_search();
    match &args.device {
        None => {
            for device in search.list_here() {
                output::json_line(&device)?;
            }
        }
        Some(id) => output::json_line(&search.check_here(id).map_err(Error::Device)?)?,
    }
    Ok(Done::Completely)
}
