//! The files of the encoder that the products are made of.

#[path = "../../../src/ops/cpu/product/mod.rs"]
pub mod product;
#[path = "../../../src/ops/cpu/simd.rs"]
mod simd;
