//! Encoders on burn: modules, weights in and out, devices, and the operations that compute them.
//!
//! The crate knows tensors and files of weights. It knows no text, no labels beyond
//! their names in `config.json`, no window and no network.
//!
//! - [`sequence_offsets`]: where each sequence of a batch begins, and which sizes are rounded up
//! - [`walk`]: over all parameters of a model, by where they stand
//! - [`weights`]: from a file into a model, and from a model into a file
//! - [`model`]: an encoder with its token-classification head, loaded from and saved to a folder
//! - [`masked_lm`]: the same encoder with the head that predicts masked word pieces
//! - [`device`]: the compute devices of this machine
//! - [`precision`]: in how many bits a model computes
//! - [`selftest`]: whether a device computes what the CPU computes

pub mod device;
mod fault;
mod head;
mod height;
mod layers;
pub mod masked_lm;
pub mod model;
pub mod ops;
pub mod precision;
pub mod selftest;
pub mod sequence_offsets;
pub mod walk;
pub mod weights;

pub use device::{ComputeDevice, DeviceError};
pub use layers::LoraConfig;
pub use masked_lm::MaskedLanguageModel;
pub use model::{Input, LoadError, LoadReport, TokenClassifier};
pub use precision::Precision;
pub use sequence_offsets::SequenceOffsets;
pub use tagsmith_checkpoint::{Activation, Config, ConfigError, config, families};
pub use weights::Trainable;

pub use burn;
