//! The files of the encoder that the products are made of.

#[path = "../../../src/ops/cpu/gemm/mod.rs"]
pub mod gemm;
#[path = "../../../src/ops/cpu/simd.rs"]
mod simd;
