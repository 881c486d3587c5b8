//! Products of half-precision factors on tensor cores: where they are possible, and how they are cut up.

mod kernel;

use super::super::tensors::{arg, elem};
use super::plan::{self, Plan};
use super::{Factor, Product, parts};
use burn_backend::cubecl::dtype_to_elem_type;
use burn_backend::{DType, TensorMetadata};
use burn_cubecl::tensor::CubeTensor;
use cubecl::ir::features::MmaConfig;
use cubecl::prelude::*;
use kernel::{Epilogue, Operand, VECTOR, product_kernel};

/// See [`Plan::of`]: what memory costs in steps of tensor cores.
const SPLITTING: u32 = 384;

/// Shared memory of a cube: two halves of two large tiles.
const SHARED_BYTES: usize = 2 * 2 * 128 * plan::DEPTH as usize * 2;

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
        && hardware.max_shared_memory_size >= SHARED_BYTES
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
    let plan = Plan::of(product, SPLITTING);
    let tile = plan.tile;
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
    parts::added(out, plan.parts, |out| {
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
                arg(out),
                arg(activated.unwrap_or(rhs.matrix)),
                rows as u32,
                columns as u32,
                inner as u32,
                plan.depth,
                tile / 32,
                left,
                right,
                epilogue,
                [elem(lhs.matrix), elem(out)],
            );
        }
    });
    true
}

/// Whether a factor can be read in vectors of 16 bytes.
fn is_aligned(factor: Factor) -> bool {
    let shape = factor.matrix.shape();
    let start = factor.matrix.handle.offset_start.unwrap_or(0);
    shape[1].is_multiple_of(VECTOR as usize) && start.is_multiple_of(16)
}

#[cfg(test)]
mod tests {
    use super::super::super::testing::{device, floats};
    use super::*;

    #[test]
    fn a_device_without_the_instructions_is_told_apart() {
        let Some(device) = device() else { return };
        let client = &floats(&[0.0], &[1], &device).client;
        assert!(!are_there(client.properties(), DType::F32));
        let is_claimed = are_there(client.properties(), DType::F16);
        assert!(!is_claimed, "no software driver has NVIDIA's instructions");
    }
}
