//! What a device can compute in, as its self-test has shown.

use super::{ComputeDevice, DeviceKind};
use crate::Precision;
use crate::selftest;

/// What a precision means on a device. `auto` is bf16 on a CPU that has instructions for it and computes
/// correctly with them; on a GPU bf16, else f16, where it passed the self-test in it; else f32. A CPU
/// without such instructions gains nothing by bf16, and computes in f32.
#[must_use]
pub fn precision_on(device: &ComputeDevice, asked: Precision) -> Precision {
    match asked {
        Precision::Auto | Precision::Bf16 if device.kind == DeviceKind::Cpu => {
            match selftest::cpu_gains_by_bf16() {
                true => Precision::Bf16,
                false => Precision::F32,
            }
        }
        Precision::Auto if passed_in(device, Precision::Bf16) => Precision::Bf16,
        Precision::Auto if passed_in(device, Precision::F16) => Precision::F16,
        Precision::Auto => Precision::F32,
        asked => asked,
    }
}

/// Why a device computes in `used` rather than in the precision that was asked for.
pub fn instead_of(device: &ComputeDevice, asked: Precision, used: Precision) -> String {
    let (id, asked, used) = (&device.id, asked.name(), used.name());
    format!("`{id}` has no working instructions for {asked}: it computes in {used}")
}

/// Whether a device computes in this precision. The CPU computes in any; in f16 slowly.
pub fn supports(device: &ComputeDevice, precision: Precision) -> bool {
    !precision.is_half() || device.kind == DeviceKind::Cpu || passed_in(device, precision)
}

fn passed_in(device: &ComputeDevice, precision: Precision) -> bool {
    let passed = |name: &String| name == precision.name();
    let check = device.check.as_ref();
    check.is_some_and(|check| check.half.iter().any(passed))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::device::{self, check};
    use crate::ops::{Kernels, gemm};

    #[test]
    fn auto_takes_what_the_device_has_shown_that_it_can() {
        let cpu = device::list().remove(0);
        let expected = match gemm::bf16_instructions() {
            Some(_) => Precision::Bf16,
            None => Precision::F32,
        };
        assert_eq!(precision_on(&cpu, Precision::Auto), expected);
        assert_eq!(precision_on(&cpu, Precision::Bf16), expected);
        assert_eq!(precision_on(&cpu, Precision::F32), Precision::F32);
        assert!(supports(&cpu, Precision::Bf16));
        let mut card = ComputeDevice {
            kind: DeviceKind::Discrete,
            ..cpu
        };
        assert_eq!(precision_on(&card, Precision::Auto), Precision::F32);
        assert!(!supports(&card, Precision::F16));
        let mut check = check::failed("");
        for (half, expected) in [
            (vec!["f16"], Precision::F16),
            (vec!["bf16", "f16"], Precision::Bf16),
        ] {
            check.half = half.into_iter().map(str::to_owned).collect();
            card.check = Some(check.clone());
            assert_eq!(precision_on(&card, Precision::Auto), expected);
        }
        let tensor_cores = |card: &ComputeDevice, precision| match Kernels::of(card, precision) {
            Kernels::Gpu(kernels) => kernels.tensor_cores,
            other => panic!("{other:?} are no kernels for a GPU"),
        };
        assert!(!tensor_cores(&card, Precision::Bf16));
        check.tensor_cores = vec!["bf16".into()];
        card.check = Some(check);
        assert!(tensor_cores(&card, Precision::Bf16));
        assert!(!tensor_cores(&card, Precision::F16));
        assert!(!tensor_cores(&card, Precision::F32));
        assert_eq!(precision_on(&card, Precision::F32), Precision::F32);
    }
}
