//! The memory of a card, found by its PCI address.
#![cfg_attr(not(feature = "gpu"), allow(dead_code))] // only its tests need no GPU

use super::card::bus;
use std::process::{Command, Stdio};

/// Bytes of a card.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct CardMemory {
    pub total: Option<u64>,
    pub free: Option<u64>,
}

/// What the kernel (AMD) or `nvidia-smi` says of the card at `address`, such as `0000:01:00.0`.
pub(super) fn of_card(address: &str) -> CardMemory {
    let found = from_kernel(address);
    match found.total {
        Some(_) => found,
        None => nvidia_table().map_or(found, |table| from_nvidia(&table, address)),
    }
}

fn from_kernel(address: &str) -> CardMemory {
    let number = |name: &str| -> Option<u64> {
        let path = format!("/sys/bus/pci/devices/{}/{name}", address.to_lowercase());
        std::fs::read_to_string(path).ok()?.trim().parse().ok()
    };
    let total = number("mem_info_vram_total");
    let used = number("mem_info_vram_used");
    CardMemory {
        total,
        free: total
            .zip(used)
            .map(|(total, used)| total.saturating_sub(used)),
    }
}

fn nvidia_table() -> Option<String> {
    let output = Command::new("nvidia-smi")
        .args([
            "--query-gpu=pci.bus_id,memory.total,memory.free",
            "--format=csv,noheader,nounits",
        ])
        .stdin(Stdio::null())
        .stderr(Stdio::null())
        .output()
        .ok()?;
    String::from_utf8(output.stdout).ok()
}

/// A line is `00000000:01:00.0, 81559, 80994`, memory in MiB.
fn from_nvidia(table: &str, address: &str) -> CardMemory {
    let of_line = |line: &str| -> Option<CardMemory> {
        let mut fields = line.split(',').map(str::trim);
        if bus(fields.next()?) != bus(address) {
            return None;
        }
        let mut bytes = || Some(fields.next()?.parse::<u64>().ok()? << 20);
        Some(CardMemory {
            total: bytes(),
            free: bytes(),
        })
    };
    table.lines().find_map(of_line).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_card_is_found_by_its_place_whatever_the_digits_of_the_domain() {
        let table = "00000000:01:00.0, 24564, 20000\n00000000:C1:00.0, 81559, [N/A]\n";
        let first = from_nvidia(table, "0000:01:00.0");
        assert_eq!(first.total, Some(24564 << 20));
        assert_eq!(first.free, Some(20000 << 20));
        let second = from_nvidia(table, "0000:c1:00.0");
        assert_eq!((second.total, second.free), (Some(81559 << 20), None));
        assert_eq!(from_nvidia(table, "0000:02:00.0"), CardMemory::default());
    }
}
