//! Which kernels compute: one value, made once for a device and a precision, that travels with a batch.

use super::random::is_cpu;
use crate::precision::Precision;
use burn::tensor::Device;

/// The implementation of the operations that a model, its loss and its optimiser use.
///
/// All of them give the same results to rounding, forward and backward, and drop the same elements.
/// The operations are its methods; see [`super`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kernels {
    /// burn's own tensor functions, on any device: what the others are compared with.
    Reference,
    /// Fused operations for the CPU, in `f32` alone.
    Cpu,
    /// Fused operations for a GPU, in any precision that the device passed its test in.
    Gpu,
}

impl Kernels {
    /// Those for tensors of `precision` on `device`, with or without autodiff.
    pub fn best(device: &Device, precision: Precision) -> Self {
        match (is_cpu(device), precision.is_half()) {
            (true, false) => Self::Cpu,
            (true, true) => Self::Reference,
            (false, _) => Self::Gpu,
        }
    }

    /// Those for what is always in 32 bits: the weights, their gradients and the loss.
    pub fn best_on(device: &Device) -> Self {
        Self::best(device, Precision::F32)
    }

    /// Whether they are fused operations rather than burn's own.
    pub(super) fn is_fused(self) -> bool {
        self != Self::Reference
    }
}
