//! A trained model, or several that answer together, that finds entities in documents.

use crate::batch::{collate, prediction_order};
use crate::crf;
use crate::decode::{Emissions, decode, more_probable, spans};
use crate::ensemble::{self, Member, marginals, mean};
use crate::error::Error;
use crate::micro_batch::retry_in_halves;
use crate::options::PredictOptions;
use crate::own::own;
use crate::tags::TagSet;
use crate::tokenizer::Tokenizer;
use crate::window::{Window, windows};
use crate::workers;
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
    /// Log-probabilities by word and output; with a conditional random field, given all words. Of several models,
    /// the logarithm of the mean of their probabilities.
    pub emissions: Emissions,
    /// Words longer than a window, of which only the beginning was read.
    pub truncated_words: usize,
}

/// A model with its tokenizer and tags.
pub struct Tagger {
    /// The model, without autodiff.
    pub model: TokenClassifier,
    /// The others of an ensemble, whose tags and tokenizer are the same.
    pub others: Vec<Member>,
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
    /// Opens a Hugging Face token-classification folder, or that of an ensemble of such models.
    ///
    /// The scheme of its tags is what `scheme` says, else what a folder written here says of itself,
    /// else what the names say.
    ///
    /// # Errors
    /// Anything that [`model::load`], the tokenizer or the tags refuse.
    pub fn load(folder: &Path, scheme: Option<Scheme>, device: &Device) -> Result<Self, Error> {
        match ensemble::members_of(folder)? {
            None => Self::load_one(folder, scheme, device),
            Some(members) => {
                ensemble::load(&members, |member| Self::load_one(member, scheme, device))
            }
        }
    }

    fn load_one(folder: &Path, scheme: Option<Scheme>, device: &Device) -> Result<Self, Error> {
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
            others: Vec::new(),
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
    pub fn with_precision(self, precision: Precision, info: &ComputeDevice) -> Self {
        self.with_models(|model| model.with_precision(precision, info))
    }

    /// Packs the weights for many predictions. The model can then neither be trained nor saved.
    #[must_use]
    pub fn for_inference(self, quantisation: Quantisation) -> Self {
        self.with_models(|model| model.for_inference(quantisation))
    }

    fn with_models(mut self, change: impl Fn(TokenClassifier) -> TokenClassifier) -> Self {
        let changed = |other: Member| Member {
            model: change(other.model),
            ..other
        };
        self.others = self.others.into_iter().map(changed).collect();
        self.model = change(self.model);
        self
    }

    /// Predicts all documents, in order. `progress` gets how many windows of how many are done, those of each
    /// model counted.
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
        let all = split.windows.len() * (1 + self.others.len());
        let mut done = 0;
        let mut advance = |windows| {
            done += windows;
            progress(done, all);
        };
        let mut emissions = self.emissions(
            &self.model,
            documents,
            &split.windows,
            options,
            &mut advance,
        )?;
        let mut tags = self.tags.clone();
        if !self.others.is_empty() {
            // Each judges the tags of a text by its own transitions, all of them together by the scheme alone.
            let outside = tags.outside();
            let mut each = vec![marginals(emissions, tags.learned(), outside)];
            for Member { model, learned } in &self.others {
                let found =
                    self.emissions(model, documents, &split.windows, options, &mut advance)?;
                each.push(marginals(found, learned.as_ref(), outside));
            }
            emissions = mean(each);
            tags = tags.without_learned();
        }
        keep_kernels();
        // Both schemes have the same names.
        let may_be_iob1 = tags.scheme() == Scheme::Iob2 && !tags.is_declared();
        let iob1 = may_be_iob1.then(|| tags.in_scheme(Scheme::Iob1));
        Ok(documents
            .iter()
            .zip(emissions)
            .zip(split.truncated_words)
            .map(|((document, emissions), truncated_words)| {
                let tags = match &iob1 {
                    Some(iob1) => more_probable(&emissions, [&tags, iob1]),
                    None => &tags,
                };
                let (ids, emissions) = match tags.learned() {
                    None => (decode(&emissions, tags, options.decoding), emissions),
                    Some(learned) => {
                        let marginals = crf::log_marginals(&emissions, learned, tags.outside());
                        let decoded = match options.decoding {
                            Decoding::Viterbi => &emissions,
                            Decoding::Argmax => &marginals,
                        };
                        (decode(decoded, tags, options.decoding), marginals)
                    }
                };
                Prediction {
                    spans: spans(document, &emissions, &ids, tags),
                    ids,
                    emissions,
                    truncated_words,
                }
            })
            .collect())
    }

    /// The log-probabilities of each word of all documents by one of the models. `advance` gets how many windows
    /// were read each time.
    fn emissions(
        &self,
        model: &TokenClassifier,
        documents: &[Document],
        all: &[Window],
        options: &PredictOptions,
        advance: &mut impl FnMut(usize),
    ) -> Result<Vec<Emissions>, Error> {
        let mut emissions: Vec<Emissions> = documents
            .iter()
            .map(|document| vec![None; document.words.len()])
            .collect();
        let lengths: Vec<usize> = all.iter().map(|window| window.ids.len()).collect();
        let mut put = |windows: &[&Window], rows: Vec<Vec<f32>>| {
            let scored = windows.iter().flat_map(|window| {
                let words = window.scored.iter();
                words.map(|(_, word)| (window.document, *word))
            });
            for ((document, word), row) in scored.zip(rows) {
                emissions[document][word] = Some(row);
            }
            advance(windows.len());
        };
        let batches = |size: usize| -> Vec<Vec<&Window>> {
            let order = prediction_order(&lengths, size.max(1)).into_iter();
            let batch = |indices: Vec<usize>| indices.into_iter().map(|at| &all[at]);
            order.map(|indices| batch(indices).collect()).collect()
        };
        match self.data_parallel_batch_size(&lengths, options.batch_size) {
            Some(size) => {
                workers::for_each_parallel(
                    batches(size),
                    |batch| (self.rows(model, &batch), batch),
                    |(rows, batch)| put(&batch, rows),
                );
            }
            None => {
                workers::with_others_awake(&self.device, || {
                    batches(options.batch_size).iter().try_for_each(|batch| {
                        let fitted = retry_in_halves(batch, &mut |part: &[&Window]| {
                            put(part, self.rows(model, part));
                        });
                        fitted.map_err(|index| Error::OutOfMemory {
                            pieces: batch[index].ids.len(),
                        })
                    })
                })?;
            }
        }
        Ok(emissions)
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
    fn rows(&self, model: &TokenClassifier, windows: &[&Window]) -> Vec<Vec<f32>> {
        let batch = collate(windows, &self.device);
        if batch.words.tokens() == 0 {
            return Vec::new();
        }
        let logits = batch.logits(model);
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
