//! A trained model that finds entities in documents.

use crate::batch::{collate, prediction_order};
use crate::decode::{Emissions, decode, looks_like_iob1, spans};
use crate::error::Error;
use crate::passes::by_halves;
use crate::tags::TagSet;
use crate::tokenizer::{SPECIAL, Tokenizer};
use crate::window::{Window, windows};
use std::path::Path;
use std::sync::Arc;
use tagsmith_corpus::{Document, Scheme, Span};
use tagsmith_encoder::burn::tensor::Device;
use tagsmith_encoder::device::{ComputeDevice, keep_kernels};
use tagsmith_encoder::ops::{Quantisation, is_cpu};
use tagsmith_encoder::{Config, Precision, TokenClassifier, lanes, model};
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

/// What was predicted for one document.
#[derive(Clone, Debug)]
pub struct Prediction {
    /// The output chosen for each word.
    pub ids: Vec<usize>,
    /// The entities, in the order of the text, with scores 0–1.
    pub spans: Vec<Span>,
    /// Log-probabilities by word and output.
    pub emissions: Emissions,
    /// Words longer than a window, of which only the beginning was read.
    pub cut_words: usize,
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
    /// The scheme of its tags is what `scheme` says, else what a folder written here says of itself,
    /// else what the names tell.
    ///
    /// # Errors
    /// Anything that [`model::load`], the tokenizer or the tags refuse.
    pub fn load(folder: &Path, scheme: Option<Scheme>, device: &Device) -> Result<Self, Error> {
        let tokenizer = Tokenizer::from_folder(folder)?;
        let (model, config) = model::load(folder, device)?;
        check_vocabulary(&tokenizer, &config, folder)?;
        Ok(Self {
            tags: TagSet::from_names(config.labels.clone(), scheme.or(own_scheme(&config)))?,
            model,
            config,
            tokenizer: Arc::new(tokenizer),
            device: device.clone(),
        })
    }

    /// In what it computes.
    pub fn precision(&self) -> Precision {
        self.model.precision()
    }

    /// The same tagger computing in another precision, in which its device, `info`, must have passed its
    /// test. Before [`Tagger::for_inference`], which narrows the weights.
    #[must_use]
    pub fn with_precision(mut self, precision: Precision, info: &ComputeDevice) -> Self {
        self.model = self.model.with_precision(precision, info);
        self
    }

    /// Lays the weights out for many predictions. The model can then neither be trained nor saved.
    #[must_use]
    pub fn for_inference(mut self, quantisation: Quantisation) -> Self {
        self.model = self.model.for_inference(quantisation);
        self
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
        let mut put = |windows: &[&Window], rows: Vec<Vec<f32>>| {
            let scored = windows.iter().flat_map(|window| {
                let words = window.scored.iter();
                words.map(|(_, word)| (window.document, *word))
            });
            for ((document, word), row) in scored.zip(rows) {
                emissions[document][word] = Some(row);
            }
            done += windows.len();
            progress(done, lengths.len());
        };
        let batches = |size: usize| -> Vec<Vec<&Window>> {
            let order = prediction_order(&lengths, size.max(1)).into_iter();
            let batch = |places: Vec<usize>| places.into_iter().map(|at| &laid.windows[at]);
            order.map(|places| batch(places).collect()).collect()
        };
        match self.in_lanes(&lengths, options.batch_size) {
            Some(size) => {
                lanes::each(
                    batches(size),
                    |batch| (self.rows(&batch), batch),
                    |(rows, batch)| put(&batch, rows),
                );
            }
            None => {
                for batch in batches(options.batch_size) {
                    let fitted = by_halves(&batch, &mut |part: &[&Window]| {
                        put(part, self.rows(part));
                    });
                    fitted.map_err(|place| Error::OutOfMemory {
                        pieces: batch[place].ids.len(),
                    })?;
                }
            }
        }
        keep_kernels();
        let tags = match self.tags.scheme() == Scheme::Iob2
            && !self.tags.is_declared()
            && looks_like_iob1(&emissions, &self.tags)
        {
            true => self.tags.in_scheme(Scheme::Iob1),
            false => self.tags.clone(),
        };
        Ok(documents
            .iter()
            .zip(emissions)
            .zip(laid.cut_words)
            .map(|((document, emissions), cut_words)| {
                let ids = decode(&emissions, &tags, options.decoding);
                Prediction {
                    spans: spans(document, &emissions, &ids, &tags),
                    ids,
                    emissions,
                    cut_words,
                }
            })
            .collect())
    }

    /// Windows in a batch where each thread of a CPU takes batches by itself; `None` where all threads
    /// should work on one.
    fn in_lanes(&self, lengths: &[usize], batch_size: usize) -> Option<usize> {
        let (lanes, pieces) = (lanes::count(), lengths.iter().sum::<usize>());
        if !is_cpu(&self.device) || lanes == 1 || pieces < lanes * FOR_A_LANE {
            return None;
        }
        // A few batches for each lane, so that none waits long for the last.
        let size = lengths.len().div_ceil(4 * lanes);
        // All lanes have a batch in memory at a time.
        let longest = lengths.iter().max().copied().unwrap_or(1).max(1);
        let fitting = (MOST_IN_A_LANE / longest).max(1);
        Some(size.min(batch_size).min(fitting))
    }

    /// The log-probabilities of the scored positions of a batch, one after the other.
    fn rows(&self, windows: &[&Window]) -> Vec<Vec<f32>> {
        let batch = collate(windows, &self.device);
        if batch.words.tokens() == 0 {
            return Vec::new();
        }
        let logits = batch.logits(&self.model);
        let values: Vec<f32> = logits.into_data().iter::<f32>().collect();
        values
            .chunks(self.tags.len())
            .map(log_probabilities)
            .collect()
    }
}

/// The logarithm of the softmax of a row of logits. Here rather than on the device: there are few.
fn log_probabilities(logits: &[f32]) -> Vec<f32> {
    let top = logits.iter().copied().fold(f32::NEG_INFINITY, f32::max);
    let total: f32 = logits.iter().map(|logit| (logit - top).exp()).sum();
    let total = total.ln();
    logits.iter().map(|logit| logit - top - total).collect()
}

/// Pieces for which a thread is worth a batch of its own.
const FOR_A_LANE: usize = 96;

/// Pieces in a batch of one thread: more are no faster, and every thread has as many in memory.
const MOST_IN_A_LANE: usize = 2048;

/// The key of config.json under which a folder written here says what its tags' names leave open.
const OWN_KEY: &str = "tagsmith";

/// The scheme that a folder written here names.
fn own_scheme(config: &Config) -> Option<Scheme> {
    serde_json::from_value(config.raw.get(OWN_KEY)?.get("scheme")?.clone()).ok()
}

/// Notes the scheme in a configuration about to be written.
pub fn with_scheme(mut config: Config, scheme: Scheme) -> Config {
    let own = serde_json::json!({"scheme": scheme});
    config.raw.insert(OWN_KEY.into(), own);
    config
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
