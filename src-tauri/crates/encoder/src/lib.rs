//! Encoders on burn, family by family: configuration, modules, weights in and out.
//!
//! The crate knows tensors and files of weights. It knows no text, no labels beyond
//! their names in `config.json`, no window and no network.
//!
//! - [`config`]: what `config.json` says, with unknown values refused by name
//! - [`families`]: what is particular to a model family: its configuration, names of weights, modules
//! - [`sequence_offsets`]: where each sequence of a batch begins, and which sizes are rounded up
//! - [`weights`]: safetensors and pickle files in, safetensors out, names by a two-way table for each family
//! - [`model`]: an encoder with its token-classification head, loaded from and saved to a folder
//! - [`device`]: the compute devices of this machine
//! - [`precision`]: in how many bits a model computes
//! - [`selftest`]: whether a device computes what the CPU computes

pub mod config;
pub mod device;
pub mod families;
mod layers;
pub mod model;
pub mod ops;
pub mod precision;
pub mod selftest;
pub mod sequence_offsets;
pub mod weights;

pub use config::{Activation, Config, ConfigError};
pub use device::{ComputeDevice, DeviceError};
pub use model::{Input, LoadError, LoadReport, TokenClassifier};
pub use precision::Precision;
pub use sequence_offsets::SequenceOffsets;

pub use burn;
