//! What a model folder holds: its configuration, its family, its tensors on disk, and whether they fit.
//!
//! The crate computes nothing. Whoever loads a model and whoever only describes one decide by it, so that
//! both say the same.
//!
//! - [`adapter`]: folders that hold changes to a model and not the model, and how both become one
//! - [`config`]: sizes, rates and constants, whatever the family
//! - [`embedding`]: which models were made to embed sentences
//! - [`ensemble`]: folders that hold several models, which answer together
//! - [`families`]: how the `config.json` of each family is read, and what its weights are called
//! - [`fit`]: the weights that a configuration needs, and whether a file has them
//! - [`masked_lm`]: what predicts masked word pieces
//! - [`names`]: what weights are called here and in a checkpoint
//! - [`pointer`]: files that Git has not fetched
//! - [`python`]: the lines of Python that use a model
//! - [`tokenizer`]: the files of a tokenizer in, one `tokenizer.json` out
//! - [`weights`]: safetensors and pickle files in, safetensors out

pub mod adapter;
pub mod config;
pub mod embedding;
pub mod ensemble;
pub mod families;
mod family;
pub mod fit;
pub mod masked_lm;
pub mod names;
mod note;
pub mod pointer;
pub mod python;
mod reading;
pub mod tokenizer;
pub mod weights;

pub use adapter::Adapter;
pub use config::{Activation, Config, ConfigError, Dropouts, RelativePositions};
pub use family::Family;
pub use masked_lm::{MaskedLm, MaskedLmNames, NoMaskedLm};
pub use names::NameTable;
pub use note::Note;
