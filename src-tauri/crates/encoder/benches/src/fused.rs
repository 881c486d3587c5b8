//! The files of the encoder that the products are made of.

#[path = "../../src/ops/fused/product/mod.rs"]
pub mod product;
#[path = "../../src/ops/fused/simd.rs"]
mod simd;
