//! Operations for GPUs, as kernels in cubecl that run on burn's tensors, on every runtime it has.
//!
//! A whole fine-tuning compiles few kernels: sizes are arguments at run time, and only element types and
//! a few widths are fixed when a kernel is compiled. Nothing is tuned by trying.

mod adamw;
mod cast;
mod columns;
mod cross_entropy;
mod dropout;
mod gelu;
mod norm;
mod random;
mod reduce;
mod rows;
mod scatter;
mod squares;
mod tensors;
#[cfg(test)]
mod testing;
