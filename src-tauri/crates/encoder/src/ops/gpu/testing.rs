//! The device and tensors of the kernels' tests: a software adapter, where there is one.

use burn::tensor::{Device, DeviceType};
use burn_backend::{Backend, DType, TensorData};
use burn_cubecl::CubeBackend;
use burn_cubecl::tensor::CubeTensor;
use burn_dispatch::DispatchDevice;
use cubecl::Device as CubeDevice;

/// The first adapter, or nothing where there is none: the test then checks nothing, and says so.
pub(super) fn device() -> Option<CubeDevice> {
    let device = Device::enumerate(DeviceType::Wgpu).into_iter().next();
    if device.is_none() {
        eprintln!("skipped: there is no adapter, not even a software one");
    }
    match device?.as_dispatch() {
        DispatchDevice::Cube(device) => Some(device.clone()),
        _ => None,
    }
}

pub(super) fn floats(values: &[f32], shape: &[usize], device: &CubeDevice) -> CubeTensor {
    let data = TensorData::new(values.to_vec(), shape.to_vec());
    <CubeBackend as burn_backend::ops::FloatTensorOps<CubeBackend>>::float_from_data(data, device)
}

/// The types of floats to test with: f32, and those of 16 bits that the device computes with.
pub(super) fn float_types(device: &CubeDevice) -> Vec<DType> {
    [DType::F32, DType::F16, DType::BF16]
        .into_iter()
        .filter(|dtype| {
            *dtype == DType::F32 || <CubeBackend as Backend>::supports_dtype(device, *dtype)
        })
        .collect()
}

/// By how much of the largest a result may be off that is exact up to rounding to a type.
pub(super) fn rounding(dtype: DType) -> f64 {
    match dtype {
        DType::F16 => 1e-3,
        DType::BF16 => 8e-3,
        _ => 0.0,
    }
}

/// The same numbers, rounded to a type.
pub(super) fn rounded(values: &[f32], dtype: DType, device: &CubeDevice) -> Vec<f32> {
    read(typed(values, &[values.len()], dtype, device))
}

/// [`floats`] of a type.
pub(super) fn typed(
    values: &[f32],
    shape: &[usize],
    dtype: DType,
    device: &CubeDevice,
) -> CubeTensor {
    super::cast::cast(floats(values, shape, device), dtype)
}

pub(super) fn ints(values: &[i32], device: &CubeDevice) -> CubeTensor {
    let data = TensorData::new(values.to_vec(), vec![values.len()]);
    <CubeBackend as burn_backend::ops::IntTensorOps<CubeBackend>>::int_from_data(data, device)
}

pub(super) fn read(tensor: CubeTensor) -> Vec<f32> {
    let tensor = match tensor.dtype {
        DType::F32 => tensor,
        _ => super::cast::cast(tensor, DType::F32),
    };
    burn_cubecl::ops::into_data_sync(tensor)
        .try_to_vec()
        .expect("the type is f32")
}

/// Numbers from −1 to 1 that follow from `seed`.
pub(super) fn numbers(count: usize, seed: u64) -> Vec<f32> {
    let normal = crate::ops::normal(count, 0.5, seed);
    normal
        .into_iter()
        .map(|number| number.clamp(-1.0, 1.0))
        .collect()
}

/// Fails where two lists differ by more than `allowed` of the largest expected number.
#[track_caller]
pub(super) fn assert_near(found: &[f32], expected: &[f64], allowed: f64) {
    assert_eq!(found.len(), expected.len());
    let largest = expected.iter().fold(1e-30f64, |most, x| most.max(x.abs()));
    for (at, (found, expected)) in found.iter().zip(expected).enumerate() {
        let off = (f64::from(*found) - expected).abs() / largest;
        assert!(off <= allowed, "at {at}: {found}, expected {expected}");
    }
}
