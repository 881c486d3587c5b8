//! The GEMMs of a feed-forward block at sizes at which every way of tiling them occurs.

use super::{Computed, Difference, Tolerance, compare, numbers};
use crate::config::Activation;
use crate::ops::{self, GpuKernels, Kernels};
use crate::precision::{Precision, dtype_of};
use burn::tensor::{Device, Tensor, TensorData};
use std::collections::BTreeMap;

/// Rows, hidden size and inner size: few wide tiles and many, none of them whole, and a weight's gradient
/// that is added up in parts.
const SHAPES: [[usize; 3]; 2] = [[4104, 264, 136], [4100, 776, 1544]];

/// The same products in the same precision, in another order.
const ROUNDING: Tolerance = Tolerance {
    share: 0.03,
    least: 1e-3,
};

/// Compares products on tensor cores with those without, which are compared with the CPU's elsewhere.
///
/// # Errors
/// The tensor that is furthest off.
pub(super) fn test_tensor_cores(device: &Device, precision: Precision) -> Result<(), Difference> {
    for shape in SHAPES {
        test_at(shape, device, precision)?;
    }
    Ok(())
}

fn test_at(shape: [usize; 3], device: &Device, precision: Precision) -> Result<f64, Difference> {
    let computed = |tensor_cores| {
        let kernels = Kernels::Gpu(GpuKernels { tensor_cores });
        compute(shape, device, precision, kernels)
    };
    compare(&computed(true), &computed(false), ROUNDING)
}

fn compute(
    [rows, hidden, inner]: [usize; 3],
    device: &Device,
    precision: Precision,
    kernels: Kernels,
) -> Computed {
    let device = device.clone().autodiff();
    let drawn = |count: usize, deviation: f64, seed: u64| ops::normal(count, deviation, seed);
    let matrix = |[rows, columns]: [usize; 2], deviation, seed| {
        let values = drawn(rows * columns, deviation, seed);
        let tensor = Tensor::<2>::from_data(TensorData::new(values, [rows, columns]), &device);
        tensor.require_grad()
    };
    let bias = |count: usize, seed| {
        let data = TensorData::new(drawn(count, 1.0, seed), [count]);
        Tensor::<1>::from_data(data, &device).require_grad()
    };
    let input = matrix([rows, hidden], 1.0, 1);
    // So that sums are about as large as what they are made of.
    let deviation = |inner: usize| (inner as f64).sqrt().recip();
    let weights = [
        matrix([hidden, inner], deviation(hidden), 2),
        matrix([inner, hidden], deviation(inner), 3),
    ];
    let biases = [bias(inner, 4), bias(hidden, 5)];
    let out = kernels.feed_forward(
        kernels.cast(input.clone(), dtype_of(precision)),
        weights.clone(),
        biases.clone().map(Some),
        Activation::Gelu,
    );
    let upstream = matrix([rows, hidden], 1.0, 6).detach();
    let loss = kernels.cast(out.clone(), burn::tensor::DType::F32) * upstream;
    let gradients = loss.sum().backward();
    let gradient = |tensor: Option<Tensor<2>>| tensor.map_or_else(Vec::new, numbers);
    let [first, second] = &weights;
    Computed(BTreeMap::from([
        ("products".to_owned(), numbers(out)),
        (
            "gradient of their input".to_owned(),
            gradient(input.grad(&gradients)),
        ),
        (
            "gradient of the first weight".to_owned(),
            gradient(first.grad(&gradients)),
        ),
        (
            "gradient of the second weight".to_owned(),
            gradient(second.grad(&gradients)),
        ),
    ]))
}

#[cfg(test)]
mod tests {
    use super::*;

    const SMALL: [usize; 3] = [37, 24, 16];

    /// Where there are no tensor cores, both are computed without them.
    #[cfg(feature = "gpu")]
    #[test]
    fn products_on_a_gpu_are_compared() {
        use burn::tensor::DeviceType;
        for device in Device::enumerate(DeviceType::Wgpu).into_iter().take(1) {
            for precision in [Precision::F32, Precision::F16, Precision::Bf16] {
                if device.supports_dtype(dtype_of(precision)) {
                    assert_eq!(test_at(SMALL, &device, precision), Ok(0.0));
                }
            }
        }
    }

    #[test]
    fn all_parts_are_compared() {
        let by = |kernels| compute(SMALL, &Device::flex(), Precision::F32, kernels);
        let (computed, expected) = (by(Kernels::Cpu), by(Kernels::Reference));
        assert_eq!(computed.0.len(), 4);
        assert!(computed.0.values().all(|values| !values.is_empty()));
        compare(&computed, &expected, ROUNDING).unwrap();
        let largest = |values: &Vec<f32>| values.iter().fold(0.0f32, |most, x| most.max(x.abs()));
        assert!(
            computed
                .0
                .values()
                .map(largest)
                .all(|largest| largest > 0.1)
        );
    }
}
