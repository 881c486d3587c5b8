//! From documents to a trained tagger and back: tokenise, align, window, batch, train, evaluate,
//! predict, export.
//!
//! ```text
//! Documents ─tokenise, window→ Windows ─labels→ Examples ─length-bucketed→ Batches
//!   ─encoder + head→ logits ─masked loss→ step                                   (train)
//!   logits ─constrained decoding→ word tags → spans ─metrics→ report             (evaluate)
//! ```
//!
//! Each stage takes the previous value and returns a new one. The crate knows no window and no
//! network; what it has to say while it works it says as [`Event`]s.

mod augmentation;
pub mod average;
pub mod batch;
pub mod bench;
pub mod card;
pub mod checkpoint;
pub mod class_weights;
pub mod combine;
pub mod config;
pub mod crf;
mod data_warnings;
pub mod decode;
pub mod deferred;
pub mod ensemble;
pub mod error;
pub mod evaluate;
pub mod event;
pub mod example;
pub mod export;
pub mod forecast;
pub mod grad_scaler;
mod keep;
mod labels;
pub mod micro_batch;
pub mod objective;
pub mod optimizer;
pub mod options;
mod own;
mod parameters;
pub mod predict;
pub mod prepare;
pub mod pretrain;
pub mod pretrained;
mod process_memory;
pub mod run;
mod run_device;
mod run_file;
pub mod sampling;
pub mod schedule;
pub mod step;
pub mod tags;
mod throughput;
pub mod tokenizer;
pub mod train;
pub mod transitions;
pub mod window;
mod workers;

pub use error::Error;
pub use evaluate::evaluate;
pub use options::PredictOptions;
pub use predict::{Prediction, Tagger};
pub use tokenizer::Tokenizer;
pub use train::{Control, Outcome, resume, train};

pub use tagsmith_corpus as corpus;
pub use tagsmith_encoder as encoder;
pub use tagsmith_protocol as protocol;
