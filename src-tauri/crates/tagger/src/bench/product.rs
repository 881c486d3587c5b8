//! The machine's speed at matrix products, which the speed of everything else is measured by.

use super::measured::{Measured, times};
use super::memory::{self, Memory};
use tagsmith_encoder::burn::tensor::{Device, Distribution, Tensor};
use tagsmith_encoder::ops::Kernels;

/// burn's product of two square matrices of `size` rows.
pub(super) fn matmul(size: usize, repetitions: usize, device: &Device) -> Measured {
    let random = || Tensor::<2>::random([size, size], Distribution::Uniform(-1.0, 1.0), device);
    let (a, b) = (random(), random());
    run(size, repetitions, device, || a.clone().matmul(b.clone()))
}

/// The same product as the model's layers compute it: ours on the CPU, with a bias.
pub(super) fn linear(size: usize, repetitions: usize, device: &Device) -> Measured {
    let random =
        |shape: [usize; 2]| Tensor::<2>::random(shape, Distribution::Uniform(-1.0, 1.0), device);
    let (input, weight) = (random([size, size]), random([size, size]));
    let bias = Tensor::<1>::zeros([size], device);
    let kernels = Kernels::best_on(device);
    run(size, repetitions, device, || {
        kernels.linear(input.clone(), weight.clone(), Some(bias.clone()))
    })
}

fn run(
    size: usize,
    repetitions: usize,
    device: &Device,
    product: impl Fn() -> Tensor<2>,
) -> Measured {
    let loaded = memory::now();
    let times = times(repetitions, || {
        let result = product();
        // A fault of the device shows at the next reading.
        let _ = device.sync();
        drop(result);
    });
    let mut measured = Measured::of(times, None, None);
    // A peak is what the machine can do, so the least time counts.
    let operations = 2.0 * (size as f64).powi(3);
    measured.gflops = Some(operations / 1e9 / (measured.least_ms / 1e3));
    measured.memory = Memory::since(loaded);
    measured
}
