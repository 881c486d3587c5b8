//! In how many bits a model computes. Its weights are kept in 32 whatever it computes in.
//!
//! In half precision the hidden states are 16 bits wide, and weights are narrowed where they meet
//! them: products run several times as fast on cards made for it, and what the backward pass needs
//! takes half the memory. LayerNorm, softmax, GELU, the head and the loss compute in 32 bits
//! (Micikevicius et al. 2018, *Mixed precision training*).

use crate::device::{Check, ComputeDevice, Kind};
use crate::ops::{GpuKernels, Kernels};
use crate::selftest;
use burn::tensor::{DType, Tensor};
use serde::{Deserialize, Serialize};

/// The type of hidden states and of the factors of products.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Precision {
    /// What suits the device: see [`Precision::on`].
    #[default]
    Auto,
    /// 32 bits.
    F32,
    /// 16 bits with the range of 32 (8 bits of fraction).
    Bf16,
    /// 16 bits with more fraction (11 bits) and little range: gradients are scaled up on their way.
    F16,
}

impl Precision {
    /// What it means on a device. `auto` is bf16 on a CPU that has instructions for it and computes
    /// rightly with them; on a GPU bf16, else f16, where it passed the self-test in it; else f32. A CPU
    /// without such instructions gains nothing by bf16, and computes in f32.
    #[must_use]
    pub fn on(self, device: &ComputeDevice) -> Self {
        let passed = |precision: Self| {
            let check = device.check.as_ref();
            check.is_some_and(|check| check.passed_in(precision))
        };
        match self {
            Self::Auto | Self::Bf16 if device.kind == Kind::Cpu => {
                match selftest::cpu_gains_by_bf16() {
                    true => Self::Bf16,
                    false => Self::F32,
                }
            }
            Self::Auto if passed(Self::Bf16) => Self::Bf16,
            Self::Auto if passed(Self::F16) => Self::F16,
            Self::Auto => Self::F32,
            asked => asked,
        }
    }

    /// Why a device computes in this precision rather than in the one that was asked for.
    pub fn instead_of(self, asked: Self, device: &ComputeDevice) -> String {
        let (id, asked, name) = (&device.id, asked.name(), self.name());
        format!(
            "`{id}` has no instructions for {asked}, or not ones that work: it computes in {name}"
        )
    }

    /// Whether a device computes in it. The CPU computes in any; in f16 slowly.
    pub fn is_possible_on(self, device: &ComputeDevice) -> bool {
        let passed = || {
            let check = device.check.as_ref();
            check.is_some_and(|check| check.passed_in(self))
        };
        !self.is_half() || device.kind == Kind::Cpu || passed()
    }

    /// Whether it is one of the two of 16 bits.
    pub fn is_half(self) -> bool {
        matches!(self, Self::Bf16 | Self::F16)
    }

    /// Its name in options and files.
    pub fn name(self) -> &'static str {
        match self {
            Self::Auto => "auto",
            Self::F32 => "f32",
            Self::Bf16 => "bf16",
            Self::F16 => "f16",
        }
    }

    /// The type of the numbers.
    pub(crate) fn dtype(self) -> DType {
        match self {
            Self::Auto | Self::F32 => DType::F32,
            Self::Bf16 => DType::BF16,
            Self::F16 => DType::F16,
        }
    }
}

impl ComputeDevice {
    /// The kernels for hidden states of a precision that its check allows. What is always in 32 bits has
    /// [`Kernels::best_on`].
    #[must_use]
    pub fn kernels(&self, precision: Precision) -> Kernels {
        let check = self.check.as_ref();
        match self.kind {
            Kind::Cpu => Kernels::on_cpu(precision),
            _ => Kernels::Gpu(GpuKernels {
                tensor_cores: check
                    .is_some_and(|check| check.passed_with_tensor_cores_in(precision)),
            }),
        }
    }
}

impl Check {
    fn passed_in(&self, precision: Precision) -> bool {
        self.half.iter().any(|name| name == precision.name())
    }

    fn passed_with_tensor_cores_in(&self, precision: Precision) -> bool {
        let mut names = self.tensor_cores.iter();
        names.any(|name| name == precision.name())
    }
}

/// A tensor of another type; the same one where it has the type already.
pub(crate) fn cast<const D: usize>(tensor: Tensor<D>, dtype: DType) -> Tensor<D> {
    match tensor.dtype() == dtype {
        true => tensor,
        false => tensor.cast(dtype),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::device;
    use crate::ops::product;

    #[test]
    fn auto_takes_what_the_device_has_shown_that_it_can() {
        let cpu = device::list().remove(0);
        let expected = match product::narrow_instructions() {
            Some(_) => Precision::Bf16,
            None => Precision::F32,
        };
        assert_eq!(Precision::Auto.on(&cpu), expected);
        assert_eq!(Precision::Bf16.on(&cpu), expected);
        assert_eq!(Precision::F32.on(&cpu), Precision::F32);
        assert!(Precision::Bf16.is_possible_on(&cpu));
        let mut card = ComputeDevice {
            kind: Kind::Discrete,
            ..cpu
        };
        assert_eq!(Precision::Auto.on(&card), Precision::F32);
        assert!(!Precision::F16.is_possible_on(&card));
        let mut check = Check::failed("");
        for (half, expected) in [
            (vec!["f16"], Precision::F16),
            (vec!["bf16", "f16"], Precision::Bf16),
        ] {
            check.half = half.into_iter().map(str::to_owned).collect();
            card.check = Some(check.clone());
            assert_eq!(Precision::Auto.on(&card), expected);
        }
        let tensor_cores = |card: &ComputeDevice, precision| match card.kernels(precision) {
            Kernels::Gpu(kernels) => kernels.tensor_cores,
            other => panic!("{other:?} are no kernels for a GPU"),
        };
        assert!(!tensor_cores(&card, Precision::Bf16));
        check.tensor_cores = vec!["bf16".into()];
        card.check = Some(check);
        assert!(tensor_cores(&card, Precision::Bf16));
        assert!(!tensor_cores(&card, Precision::F16));
        assert!(!tensor_cores(&card, Precision::F32));
        assert_eq!(Precision::F32.on(&card), Precision::F32);
    }
}
