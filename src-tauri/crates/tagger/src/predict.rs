//! A trained model that finds entities in documents.

use crate::batch::{collate, prediction_order};
use crate::crf::{self, log_marginals};
use crate::decode::{Emissions, decode, looks_like_iob1, spans};
use crate::error::Error;
use crate::micro_batch::retry_in_halves;
use crate::options::PredictOptions;
use crate::tags::TagSet;
use crate::tokenizer::Tokenizer;
use crate::window::{Window, windows};
use crate::workers;
use serde::{Deserialize, Serialize};
use std::path::Path;
use std::sync::Arc;
use tagsmith_corpus::{Document, Scheme, Span};
use tagsmith_encoder::burn::tensor::Device;
use tagsmith_encoder::device::{ComputeDevice, keep_kernels};
use tagsmith_encoder::ops::{Quantisation, is_cpu};
use tagsmith_encoder::{Config, Precision, TokenClassifier, model};
use tagsmith_protocol::Decoding;

/// What was predicted for one document.
#[derive(Clone, Debug)]
pub struct Prediction {
    /// The output chosen for each word.
    pub ids: Vec<usize>,
    /// The entities, in the order of the text, with scores 0–1.
    pub spans: Vec<Span>,
    /// Log-probabilities by word and output; with a conditional random field, given all words.
    pub emissions: Emissions,
    /// Words longer than a window, of which only the beginning was read.
    pub truncated_words: usize,
}

/// A model with its tokenizer and tags.
pub struct Tagger {
    /// The model, without autodiff.
    pub model: TokenClassifier,
    /// Its configuration.
    pub config: Config,
    /// Its tokenizer.
    pub tokenizer: Arc<Tokenizer>,
    /// Its tags, with the transitions that it has learned.
    pub tags: TagSet,
    /// Where it computes.
    pub device: Device,
    /// Pieces of context that it reads on each side of a document that has one, as it has learned to.
    pub context: usize,
}

impl Tagger {
    /// Opens a Hugging Face token-classification folder.
    ///
    /// The scheme of its tags is what `scheme` says, else what a folder written here says of itself,
    /// else what the names say.
    ///
    /// # Errors
    /// Anything that [`model::load`], the tokenizer or the tags refuse.
    pub fn load(folder: &Path, scheme: Option<Scheme>, device: &Device) -> Result<Self, Error> {
        let tokenizer = Tokenizer::from_folder(folder)?;
        let (model, config) = model::load(folder, device)?;
        check_vocabulary(&tokenizer, &config)?;
        let own = own(&config);
        let tags = TagSet::from_names(config.labels().to_vec(), scheme.or(own.scheme))?;
        Ok(Self {
            tags: match crf::read(folder, &tags)? {
                Some(learned) => tags.with_learned(learned),
                None => tags,
            },
            model,
            config,
            tokenizer: Arc::new(tokenizer),
            device: device.clone(),
            context: own.context,
        })
    }

    /// The precision it computes in.
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

    /// Packs the weights for many predictions. The model can then neither be trained nor saved.
    #[must_use]
    pub fn for_inference(mut self, quantisation: Quantisation) -> Self {
        self.model = self.model.for_inference(quantisation);
        self
    }

    /// Predicts all documents, in order. `progress` gets how many windows of how many are done.
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
        let split = windows(
            documents,
            &self.tokenizer,
            length,
            options.stride.min(length / 4),
            self.context,
        )?;
        let mut emissions: Vec<Emissions> = documents
            .iter()
            .map(|document| vec![None; document.words.len()])
            .collect();
        let lengths: Vec<usize> = split
            .windows
            .iter()
            .map(|window| window.ids.len())
            .collect();
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
            let batch = |indices: Vec<usize>| indices.into_iter().map(|at| &split.windows[at]);
            order.map(|indices| batch(indices).collect()).collect()
        };
        match self.data_parallel_batch_size(&lengths, options.batch_size) {
            Some(size) => {
                workers::for_each_parallel(
                    batches(size),
                    |batch| (self.rows(&batch), batch),
                    |(rows, batch)| put(&batch, rows),
                );
            }
            None => {
                for batch in batches(options.batch_size) {
                    let fitted = retry_in_halves(&batch, &mut |part: &[&Window]| {
                        put(part, self.rows(part));
                    });
                    fitted.map_err(|index| Error::OutOfMemory {
                        pieces: batch[index].ids.len(),
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
            .zip(split.truncated_words)
            .map(|((document, emissions), truncated_words)| {
                let (ids, emissions) = match tags.learned() {
                    None => (decode(&emissions, &tags, options.decoding), emissions),
                    Some(learned) => {
                        let marginals = log_marginals(&emissions, learned, tags.outside());
                        let decoded = match options.decoding {
                            Decoding::Viterbi => &emissions,
                            Decoding::Argmax => &marginals,
                        };
                        (decode(decoded, &tags, options.decoding), marginals)
                    }
                };
                Prediction {
                    spans: spans(document, &emissions, &ids, &tags),
                    ids,
                    emissions,
                    truncated_words,
                }
            })
            .collect())
    }

    /// Windows in a batch where each worker of a CPU computes batches of its own; `None` where all threads
    /// should share one.
    fn data_parallel_batch_size(&self, lengths: &[usize], batch_size: usize) -> Option<usize> {
        let (workers, pieces) = (workers::count(), lengths.iter().sum::<usize>());
        if !is_cpu(&self.device) || workers == 1 || pieces < workers * MIN_TOKENS_PER_WORKER {
            return None;
        }
        // A few batches for each worker, so that none waits long for the last.
        let size = lengths.len().div_ceil(4 * workers);
        // All workers have a batch in memory at a time.
        let longest = lengths.iter().max().copied().unwrap_or(1).max(1);
        let fitting = (MAX_TOKENS_PER_WORKER / longest).max(1);
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

/// With fewer tokens for each worker than this, threads that share a batch are faster.
const MIN_TOKENS_PER_WORKER: usize = 96;

/// Tokens in a worker's batch: more are no faster, and each worker keeps its own in memory.
const MAX_TOKENS_PER_WORKER: usize = 2048;

/// The key of config.json under which a folder written here says what nothing else in it does.
const OWN_KEY: &str = "tagsmith";

/// What a folder written here says of itself.
#[derive(Default, Serialize, Deserialize)]
struct Own {
    /// The scheme of its tags.
    #[serde(default)]
    scheme: Option<Scheme>,
    /// As [`Tagger::context`].
    #[serde(default, skip_serializing_if = "is_zero")]
    context: usize,
}

fn is_zero(number: &usize) -> bool {
    *number == 0
}

fn own(config: &Config) -> Own {
    let own = config.raw.get(OWN_KEY).cloned();
    own.and_then(|own| serde_json::from_value(own).ok())
        .unwrap_or_default()
}

/// Notes the scheme and the context in a configuration about to be written.
pub fn with_own(mut config: Config, scheme: Scheme, context: usize) -> Config {
    let scheme = Some(scheme);
    let own = serde_json::json!(Own { scheme, context });
    config.raw.insert(OWN_KEY.into(), own);
    config
}

/// A tokenizer may not have pieces that the model has no row for.
///
/// # Errors
/// It has more than the model.
pub fn check_vocabulary(tokenizer: &Tokenizer, config: &Config) -> Result<(), Error> {
    match tokenizer.definition().beyond(config.vocab_size as u64) {
        None => Ok(()),
        Some(reason) => Err(tokenizer.refusal(reason)),
    }
}
