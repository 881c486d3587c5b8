//! How to predict.

use crate::error::Error;
use crate::tokenizer::SPECIAL;
use tagsmith_encoder::Config;
use tagsmith_protocol::Decoding;

/// How to predict.
#[derive(Clone, Copy, Debug)]
pub struct PredictOptions {
    /// How tags are chosen.
    pub decoding: Decoding,
    /// Windows in a batch. It never changes the result.
    pub batch_size: usize,
    /// Longest window in pieces; 0 takes the most that the model can read.
    pub max_length: usize,
    /// Pieces that neighbouring windows of a document share.
    pub stride: usize,
}

impl Default for PredictOptions {
    fn default() -> Self {
        Self {
            decoding: Decoding::default(),
            batch_size: 32,
            max_length: 256,
            stride: 64,
        }
    }
}

impl PredictOptions {
    /// The window length for a model, in pieces.
    ///
    /// # Errors
    /// The setting leaves no room for a word beside the special pieces.
    pub fn window(&self, config: &Config) -> Result<usize, Error> {
        let most = config.max_position_embeddings;
        let length = match self.max_length {
            0 => most,
            asked => asked.min(most),
        };
        if length < SPECIAL + 2 {
            return Err(Error::Setting {
                setting: "max_length",
                found: length.to_string(),
                expected: format!("at least {}", SPECIAL + 2),
            });
        }
        Ok(length)
    }
}
