//! A trained model that finds entities in documents.

use crate::batch::{collate, prediction_order};
use crate::decode::{Decoding, Emissions, decode, spans};
use crate::error::Error;
use crate::tags::TagSet;
use crate::tokenizer::{SPECIAL, Tokenizer};
use crate::window::{Window, windows};
use std::path::Path;
use std::sync::Arc;
use tagsmith_corpus::{Document, Span};
use tagsmith_encoder::burn::tensor::{Device, activation};
use tagsmith_encoder::{Config, TokenClassifier, model};

/// How to predict.
#[derive(Clone, Copy, Debug)]
pub struct PredictOptions {
    /// How tags are chosen.
    pub decoding: Decoding,
    /// Windows in a batch. It never changes the result.
    pub batch_size: usize,
    /// Longest window in pieces; 0 takes the most that the model can read.
    pub max_length: usize,
    /// Pieces that neighbouring windows share.
    pub overlap: usize,
}

impl Default for PredictOptions {
    fn default() -> Self {
        Self {
            decoding: Decoding::default(),
            batch_size: 32,
            max_length: 256,
            overlap: 64,
        }
    }
}

impl PredictOptions {
    /// The window length for a model, in pieces.
    ///
    /// # Errors
    /// The setting leaves no room for a word beside the overlap.
    pub fn window(&self, config: &Config) -> Result<usize, Error> {
        let most = config.max_position_embeddings;
        let length = match self.max_length {
            0 => most,
            asked => asked.min(most),
        };
        if length <= SPECIAL + self.overlap.min(length / 4) {
            return Err(Error::Setting {
                setting: "max_length",
                found: length.to_string(),
                expected: format!("at least {}", SPECIAL + 2),
            });
        }
        Ok(length)
    }
}

/// What was predicted for one document.
#[derive(Clone, Debug)]
pub struct Prediction {
    /// The output chosen for each word.
    pub ids: Vec<usize>,
    /// The entities, in the order of the text, with scores 0–1.
    pub spans: Vec<Span>,
    /// Log-probabilities by word and output.
    pub emissions: Emissions,
}

/// A model with its tokenizer and tags.
pub struct Tagger {
    /// The model, without autodiff.
    pub model: TokenClassifier,
    /// Its configuration.
    pub config: Config,
    /// Its tokenizer.
    pub tokenizer: Arc<Tokenizer>,
    /// Its tags.
    pub tags: TagSet,
    /// Where it computes.
    pub device: Device,
}

impl Tagger {
    /// Opens a Hugging Face token-classification folder.
    ///
    /// # Errors
    /// Anything that [`model::load`], the tokenizer or the tags refuse.
    pub fn load(folder: &Path, device: &Device) -> Result<Self, Error> {
        let tokenizer = Tokenizer::from_folder(folder)?;
        let (model, config) = model::load(folder, device)?;
        check_vocabulary(&tokenizer, &config, folder)?;
        Ok(Self {
            tags: TagSet::from_names(config.labels.clone())?,
            model,
            config,
            tokenizer: Arc::new(tokenizer),
            device: device.clone(),
        })
    }

    /// Predicts all documents, in order. `progress` is told how many windows of how many are done.
    ///
    /// # Errors
    /// A setting or the tokenizer refuses.
    pub fn predict(
        &self,
        documents: &[Document],
        options: &PredictOptions,
        mut progress: impl FnMut(usize, usize),
    ) -> Result<Vec<Prediction>, Error> {
        let length = options.window(&self.config)?;
        let laid = windows(
            documents,
            &self.tokenizer,
            length,
            options.overlap.min(length / 4),
        )?;
        let mut emissions: Vec<Emissions> = documents
            .iter()
            .map(|document| vec![None; document.words.len()])
            .collect();
        let lengths: Vec<usize> = laid.windows.iter().map(|window| window.ids.len()).collect();
        let mut done = 0;
        for places in prediction_order(&lengths, options.batch_size.max(1)) {
            let batch: Vec<&Window> = places.iter().map(|place| &laid.windows[*place]).collect();
            self.emit(&batch, &mut emissions);
            done += batch.len();
            progress(done, lengths.len());
        }
        Ok(documents
            .iter()
            .zip(emissions)
            .map(|(document, emissions)| {
                let ids = decode(&emissions, &self.tags, options.decoding);
                Prediction {
                    spans: spans(document, &emissions, &ids, &self.tags),
                    ids,
                    emissions,
                }
            })
            .collect())
    }

    /// Writes the log-probabilities of one batch where they belong.
    fn emit(&self, windows: &[&Window], emissions: &mut [Emissions]) {
        let batch = collate(windows, self.config.pad_token_id, &self.device);
        if batch.scored == 0 {
            return;
        }
        let logits = self.model.logits_at(batch.input, batch.positions);
        let values: Vec<f32> = activation::log_softmax(logits, 1)
            .into_data()
            .iter::<f32>()
            .collect();
        let mut rows = values.chunks(self.tags.len());
        for window in windows {
            for (_, word) in &window.scored {
                let row = rows.next().expect("one row a scored position");
                emissions[window.document][*word] = Some(row.to_vec());
            }
        }
    }
}

/// A tokenizer may not speak of pieces that the model has no row for.
pub fn check_vocabulary(
    tokenizer: &Tokenizer,
    config: &Config,
    folder: &Path,
) -> Result<(), Error> {
    if tokenizer.vocabulary_size() > config.vocab_size {
        return Err(Error::Tokenizer {
            folder: folder.into(),
            reason: format!(
                "it has {} pieces, the model only {}",
                tokenizer.vocabulary_size(),
                config.vocab_size
            ),
        });
    }
    Ok(())
}
