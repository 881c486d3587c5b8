//! The encoder's matrix products without the encoder: to measure them, and to test them elsewhere.
//!
//! `cargo test --release --manifest-path src-tauri/crates/encoder/benches/Cargo.toml` runs their tests; with
//! `--target aarch64-unknown-linux-gnu` and an emulator as the runner, those of NEON.
#![allow(dead_code, unused_imports, reason = "attention uses the rest")]

mod ops;

pub use ops::cpu::gemm;
