//! Products of half-precision factors on tensor cores: where they are possible, and how they are cut up.

mod kernel;
mod plan;

use super::super::tensors::{UNITS, arg, cubes, elem, empty};
use super::{Factor, Product};
use burn_backend::cubecl::dtype_to_elem_type;
use burn_backend::{DType, TensorMetadata};
use burn_cubecl::tensor::CubeTensor;
use cubecl::ir::features::MmaConfig;
use cubecl::prelude::*;
use kernel::{Epilogue, Operand, VECTOR, product_kernel};
use plan::Plan;

/// The streaming multiprocessors of a device that does not tell.
const PROCESSORS: u32 = 64;

/// Whether the device's driver states the instructions that the kernel is made of, for factors of a type.
/// They are NVIDIA's, from compute capability 8.0 on.
pub(in super::super) fn are_there(properties: &DeviceProperties, dtype: DType) -> bool {
    if !matches!(dtype, DType::F16 | DType::BF16) {
        return false;
    }
    let (half, single) = (dtype_to_elem_type(dtype), dtype_to_elem_type(DType::F32));
    let instruction = MmaConfig {
        a_type: half,
        b_type: half,
        cd_type: single,
        m: 16,
        n: 8,
        k: 16,
    };
    let (hardware, matmul) = (&properties.hardware, &properties.features.matmul);
    matmul.mma.contains(&instruction)
        && matmul.ldmatrix.contains(&half)
        && (hardware.plane_size_min, hardware.plane_size_max) == (32, 32)
        && hardware.max_shared_memory_size >= Plan::SHARED_BYTES
}

/// Computes a product, and GELU of it into `activated`, or does nothing and says so: where the device or
/// a type lacks tensor cores, or a row is no multiple of 16 bytes.
pub(super) fn launch(product: &Product, activated: Option<&CubeTensor>) -> bool {
    let Product {
        lhs,
        rhs,
        bias,
        out,
    } = product;
    let properties = out.client.properties();
    let dtype = lhs.matrix.dtype;
    let [rows, inner, columns] = product.dims();
    if dtype != rhs.matrix.dtype
        || !are_there(properties, dtype)
        || inner == 0
        || ![*lhs, *rhs].into_iter().all(is_aligned)
        || !columns.is_multiple_of(VECTOR as usize)
    {
        return false;
    }
    let epilogue = match (bias, activated) {
        (None, _) => Epilogue::Plain,
        (Some(_), None) => Epilogue::Bias,
        (Some(_), Some(_)) => Epilogue::BiasGelu,
    };
    let may_split = out.dtype == DType::F32 && epilogue == Epilogue::Plain;
    let processors = properties.hardware.num_streaming_multiprocessors;
    let plan = Plan::new(
        [rows, inner, columns],
        may_split,
        processors.unwrap_or(PROCESSORS),
    );
    let partial = match plan.parts {
        1 => (*out).clone(),
        parts => empty(out, [parts as usize, rows, columns], DType::F32),
    };
    let tile = plan.tile();
    let tiles = |size: usize| size.div_ceil(tile as usize) as u32;
    let left = Operand {
        tile,
        is_left: true,
        is_deep: !lhs.is_transposed,
    };
    let right = Operand {
        tile,
        is_left: false,
        is_deep: rhs.is_transposed,
    };
    #[allow(unsafe_code, reason = "without the checks of each access")]
    // SAFETY: the kernel compares rows and columns with the sizes before it reads or writes.
    unsafe {
        product_kernel::launch_unchecked(
            &out.client,
            CubeCount::Static(tiles(columns), tiles(rows), plan.parts),
            CubeDim::new_1d(kernel::UNITS),
            arg(lhs.matrix),
            arg(rhs.matrix),
            // What the epilogue does not need is not touched; it must be a buffer all the same.
            arg(bias.unwrap_or(rhs.matrix)),
            arg(&partial),
            arg(activated.unwrap_or(rhs.matrix)),
            rows as u32,
            columns as u32,
            inner as u32,
            plan.depth,
            plan.each,
            left,
            right,
            epilogue,
            [elem(lhs.matrix), elem(out)],
        );
    }
    if plan.parts > 1 {
        add_up(&partial, out);
    }
    true
}

/// Whether a factor can be read in vectors of 16 bytes.
fn is_aligned(factor: Factor) -> bool {
    let shape = factor.matrix.shape();
    let start = factor.matrix.handle.offset_start.unwrap_or(0);
    shape[1].is_multiple_of(VECTOR as usize) && start.is_multiple_of(16)
}

type Four = Vector<f32, Const<4>>;

#[cube(launch_unchecked)]
fn add_kernel(partial: &[Four], out: &mut [Four], count: u32, parts: u32) {
    let at = ABSOLUTE_POS as u32;
    if at < count {
        let mut sum = partial[at as usize];
        for part in 1..parts {
            sum += partial[(part * count + at) as usize];
        }
        out[at as usize] = sum;
    }
}

/// The sum of the parts in their order: `partial` `[parts, rows, columns]` to `[rows, columns]`, f32.
fn add_up(partial: &CubeTensor, out: &CubeTensor) {
    let parts = partial.shape()[0];
    // Columns are a multiple of 8.
    let count = out.meta.num_elements() / 4;
    #[allow(unsafe_code, reason = "without the checks of each access")]
    // SAFETY: the kernel compares its place with the number of vectors.
    unsafe {
        add_kernel::launch_unchecked(
            &out.client,
            cubes(count),
            CubeDim::new_1d(UNITS as u32),
            arg(partial),
            arg(out),
            count as u32,
            parts as u32,
        );
    }
}

#[cfg(test)]
mod tests {
    use super::super::super::testing::{assert_near, device, floats, numbers, read};
    use super::*;

    #[test]
    fn parts_are_added_up() {
        let Some(device) = device() else { return };
        let partial = numbers(3 * 7 * 40, 1);
        let expected: Vec<f64> = (0..7 * 40)
            .map(|at| {
                (0..3)
                    .map(|part| f64::from(partial[part * 7 * 40 + at]))
                    .sum()
            })
            .collect();
        let partial = floats(&partial, &[3, 7, 40], &device);
        let out = empty(&partial, [7, 40], DType::F32);
        add_up(&partial, &out);
        assert_near(&read(out), &expected, 1e-6);
    }

    #[test]
    fn a_device_without_the_instructions_is_told_apart() {
        let Some(device) = device() else { return };
        let client = &floats(&[0.0], &[1], &device).client;
        assert!(!are_there(client.properties(), DType::F32));
        let is_claimed = are_there(client.properties(), DType::F16);
        assert!(!is_claimed, "no software driver has NVIDIA's instructions");
    }
}
