//! How to predict, by the settings of a run or its defaults.

use crate::error::Error;
use crate::tokenizer::SPECIAL;
use tagsmith_encoder::Config;
use tagsmith_protocol::{Decoding, TrainSettings};

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
        Self::from(&TrainSettings::default())
    }
}

/// As a run with these settings evaluates.
impl From<&TrainSettings> for PredictOptions {
    fn from(settings: &TrainSettings) -> Self {
        Self {
            decoding: settings.decoding,
            batch_size: settings.eval_batch_size,
            max_length: settings.max_length,
            stride: settings.overlap.unwrap_or(settings.max_length / 4),
        }
    }
}

impl PredictOptions {
    /// The window length for a model, in pieces.
    ///
    /// # Errors
    /// The setting leaves no room for a word besides the special tokens.
    pub fn window(&self, config: &Config) -> Result<usize, Error> {
        let most = config.max_tokens();
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_defaults_are_those_of_the_settings() {
        let options = PredictOptions::default();
        let numbers = (options.batch_size, options.max_length, options.stride);
        assert_eq!(numbers, (32, 256, 64));
    }
}
