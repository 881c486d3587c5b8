//! Which implementation computes: one value, made once for a device and a precision and passed on with
//! each batch.

use super::random::is_cpu;
use crate::precision::Precision;
use burn::tensor::Device;
use tagsmith_protocol::{ComputeDevice, DeviceKind};

/// The implementation of the operations that a model, its loss and its optimiser use.
///
/// All of them give the same results to rounding, forward and backward, and drop the same elements.
/// The operations are its methods; see [`super`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kernels {
    /// burn's own tensor functions, on any device: the reference implementation.
    Reference,
    /// Fused operations for the CPU, in `f32` and `bf16`.
    Cpu,
    /// Fused operations for a GPU, in any precision that the device passed its test in.
    Gpu(GpuKernels),
}

/// Optional features of a GPU that its kernels may use: none unless the device's check says so
/// ([`Kernels::of`]).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct GpuKernels {
    /// Tensor cores for products of half-precision factors.
    pub tensor_cores: bool,
}

impl GpuKernels {
    /// The features that the device's driver reports, for hidden states of `precision`. Whether they
    /// compute correctly, a self-test must show.
    pub(crate) fn stated(device: &Device, precision: Precision) -> Self {
        #[cfg(feature = "gpu")]
        let tensor_cores =
            super::gpu::has_tensor_cores(device, crate::precision::dtype_of(precision));
        #[cfg(not(feature = "gpu"))]
        let (tensor_cores, _) = (false, (device, precision));
        Self { tensor_cores }
    }
}

impl Kernels {
    /// Those for hidden states of a precision that the device's check allows. What is always in 32 bits has
    /// [`Kernels::best_on`].
    #[must_use]
    pub fn of(device: &ComputeDevice, precision: Precision) -> Self {
        let passed = |name: &String| name == precision.name();
        match (device.kind, &device.check) {
            (DeviceKind::Cpu, _) => Self::on_cpu(precision),
            (_, check) => Self::Gpu(GpuKernels {
                tensor_cores: check
                    .as_ref()
                    .is_some_and(|check| check.tensor_cores.iter().any(passed)),
            }),
        }
    }

    /// Those for tensors of `precision` on `device`, with or without autodiff, that work on every device of
    /// its kind.
    pub fn best(device: &Device, precision: Precision) -> Self {
        match is_cpu(device) {
            true => Self::on_cpu(precision),
            false => Self::Gpu(GpuKernels::default()),
        }
    }

    /// Those for tensors of `precision` on the CPU.
    pub(crate) fn on_cpu(precision: Precision) -> Self {
        match precision {
            Precision::F16 => Self::Reference,
            _ => Self::Cpu,
        }
    }

    /// Those for what is always `f32`: the weights, the moments and the loss.
    pub fn best_on(device: &Device) -> Self {
        Self::best(device, Precision::F32)
    }

    /// The GPU features that they may use.
    pub(super) fn of_gpu(self) -> GpuKernels {
        match self {
            Self::Gpu(kernels) => kernels,
            Self::Reference | Self::Cpu => GpuKernels::default(),
        }
    }

    /// Whether they are fused operations rather than burn's own.
    pub(super) fn is_fused(self) -> bool {
        self != Self::Reference
    }
}
