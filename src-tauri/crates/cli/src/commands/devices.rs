//! `tagsmith devices`.

use crate::failure::Failure;
use crate::{Done, output};
use tagsmith_encoder::device;

pub fn run(json: bool) -> Result<Done, Failure> {
    let devices = device::list();
    if json {
        output::json(&devices)?;
        return Ok(Done::Completely);
    }
    for device in devices {
        let memory = device
            .memory_bytes
            .map_or_else(|| "memory unknown".into(), output::bytes);
        let threads = match device.threads {
            Some(threads) => format!(", {threads} threads"),
            None => String::new(),
        };
        output::line(format!(
            "{:10}  {}  ({memory}{threads})",
            device.id, device.name
        ))?;
    }
    Ok(Done::Completely)
}
