//! Which devices are one card: most cards are reached through more than one runtime.

use super::ComputeDevice;

/// A number for each device, the same where the card is the same.
///
/// Cards are distinguished by their PCI address. Where a runtime does not say it, the first card
/// of a name there is the first of that name elsewhere, the second the second.
pub(super) fn numbers(devices: &[ComputeDevice]) -> Vec<usize> {
    let mut numbers: Vec<usize> = Vec::with_capacity(devices.len());
    for place in 0..devices.len() {
        let same = (0..place).find(|earlier| is_same(devices, *earlier, place));
        let next = numbers.iter().max().map_or(0, |last| last + 1);
        numbers.push(same.map_or(next, |earlier| numbers[earlier]));
    }
    numbers
}

fn is_same(devices: &[ComputeDevice], first: usize, second: usize) -> bool {
    let (a, b) = (&devices[first], &devices[second]);
    if runtime(a) == runtime(b) {
        return false;
    }
    match (&a.address, &b.address) {
        (Some(a), Some(b)) => bus(a) == bus(b),
        _ => a.name == b.name && ordinal(devices, first) == ordinal(devices, second),
    }
}

/// How many devices of the same runtime and name stand before this one.
fn ordinal(devices: &[ComputeDevice], place: usize) -> usize {
    let this = &devices[place];
    let before = devices[..place].iter();
    before
        .filter(|other| runtime(other) == runtime(this) && other.name == this.name)
        .count()
}

/// `cuda` of `cuda:0`.
pub(super) fn runtime(device: &ComputeDevice) -> &str {
    device.id.split(':').next().unwrap_or_default()
}

/// An address in one spelling: its domain has four digits in one place and eight in the other.
pub(super) fn bus(address: &str) -> String {
    address.trim_start_matches('0').to_lowercase()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::device::tests::card;

    fn check(devices: &[(&str, &str, Option<&str>)], expected: &[usize]) {
        let devices: Vec<_> = devices
            .iter()
            .map(|(id, name, address)| ComputeDevice {
                address: address.map(str::to_owned),
                ..card(id, name)
            })
            .collect();
        assert_eq!(numbers(&devices), expected);
    }

    #[test]
    fn a_card_is_one_whatever_runtime_reaches_it() {
        check(
            &[("cuda:0", "H200", None), ("vulkan:0", "H200", None)],
            &[0, 0],
        );
        check(
            &[("cuda:0", "H200", None), ("vulkan:0", "Radeon", None)],
            &[0, 1],
        );
        // The place decides over the name, which drivers write differently.
        check(
            &[
                ("cuda:0", "NVIDIA H200", Some("00000000:3B:00.0")),
                ("vulkan:0", "NVIDIA H200 NVL", Some("0000:3b:00.0")),
                ("vulkan:1", "NVIDIA H200", Some("0000:5e:00.0")),
            ],
            &[0, 0, 1],
        );
    }

    #[test]
    fn two_cards_of_one_name_are_two() {
        check(
            &[
                ("cuda:0", "H200", None),
                ("cuda:1", "H200", None),
                ("vulkan:0", "H200", None),
                ("vulkan:1", "H200", Some("0000:5e:00.0")),
            ],
            &[0, 1, 0, 1],
        );
    }
}
