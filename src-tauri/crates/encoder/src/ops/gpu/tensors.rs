//! burn's GPU tensors as the kernels need them: contiguous, with a length and an element type.

use burn_backend::cubecl::dtype_to_elem_type;
use burn_backend::{DType, Shape, TensorMetadata};
use burn_cubecl::ops::numeric::empty_device_contiguous_dtype;
use burn_cubecl::tensor::CubeTensor;
use cubecl::ir::ElemType;
use cubecl::prelude::*;

/// Units of a cube in kernels whose work is split evenly: the most that every device grants.
pub(super) const UNITS: usize = 256;

/// The same tensor with its elements in order. Copies only if it must.
pub(super) fn contiguous(tensor: CubeTensor) -> CubeTensor {
    burn_cubecl::kernel::into_contiguous(tensor)
}

/// Uninitialised memory of a shape on the device of `like`, its elements in order.
pub(super) fn empty(like: &CubeTensor, shape: impl Into<Shape>, dtype: DType) -> CubeTensor {
    let (client, device) = (like.client.clone(), like.device.clone());
    empty_device_contiguous_dtype(client, device, shape.into(), dtype)
}

/// The same with the shape and type of `like`.
pub(super) fn empty_like(like: &CubeTensor) -> CubeTensor {
    empty(like, like.shape(), like.dtype)
}

/// Zeros in f32, `[count]`. For few: they come from the host.
pub(super) fn zeros(like: &CubeTensor, count: usize) -> CubeTensor {
    let client = like.client.clone();
    let handle = client.create_from_slice(&vec![0; count * size_of::<f32>()]);
    CubeTensor::new_contiguous(
        client,
        like.device.clone(),
        [count].into(),
        handle,
        DType::F32,
    )
}

/// A contiguous tensor with the same elements in another shape.
pub(super) fn reshaped(tensor: CubeTensor, shape: impl Into<Shape>) -> CubeTensor {
    let (client, device) = (tensor.client, tensor.device);
    CubeTensor::new_contiguous(client, device, shape.into(), tensor.handle, tensor.dtype)
}

/// A contiguous tensor as a kernel's argument.
#[allow(unsafe_code, reason = "the length is the tensor's own")]
pub(super) fn arg(tensor: &CubeTensor) -> BufferArg {
    let length = tensor.meta.num_elements();
    // SAFETY: a contiguous tensor has that many elements behind its handle.
    unsafe { BufferArg::from_raw_parts(tensor.handle.clone(), length) }
}

/// The type of a tensor's elements.
pub(super) fn elem(tensor: &CubeTensor) -> ElemType {
    dtype_to_elem_type(tensor.dtype)
}

/// Rows and columns of a tensor: all dimensions but the last counted through, and the last.
pub(super) fn matrix_dims(tensor: &CubeTensor) -> [usize; 2] {
    let shape = tensor.shape();
    let columns = shape.last().copied().unwrap_or(1);
    [shape.num_elements() / columns.max(1), columns]
}

/// Cubes enough that `work` units of [`UNITS`] each exist, spread over the first two axes, because one
/// axis alone is bounded by 65,535 on some devices.
pub(super) fn cubes(work: usize) -> CubeCount {
    spread(work.div_ceil(UNITS))
}

/// So many cubes at least, spread over the first two axes. Kernels compare `CUBE_POS` with their number.
pub(super) fn spread(cubes: usize) -> CubeCount {
    const MOST: usize = 32_768;
    let rows = cubes.div_ceil(MOST).max(1);
    CubeCount::Static(cubes.div_ceil(rows).max(1) as u32, rows as u32, 1)
}
