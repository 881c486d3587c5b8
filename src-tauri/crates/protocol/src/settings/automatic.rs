//! What is chosen for settings that are left open, and why.
//!
//! The rules are few and rest on measurements (`tests/bench/run f1`, README). They look at the model's width,
//! what it was made for, and the number of training windows alone, so that the window can state them before anything is read.

use super::{Resampling, Schedule, TrainSettings};
use serde::{Deserialize, Serialize};

/// What the choices depend on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Facts {
    /// The model's hidden size.
    pub hidden_size: usize,
    /// Whether the model was made to embed sentences.
    pub embeds_sentences: bool,
    /// Windows that an epoch has of the training set, without documents that are added to it; its documents,
    /// where they are not yet split.
    pub windows: usize,
    /// Whether there is a dev file: else a part of the training set is held out.
    pub has_dev: bool,
}

/// A setting that was left open, and what was chosen.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "bindings", derive(specta::Type))]
pub struct Decision {
    /// Its name in `run.json`.
    pub setting: String,
    /// The value as a person writes it.
    pub value: String,
    /// The reason, in a sentence.
    pub why: String,
    /// The reason by its name. Logs of earlier versions lack it.
    #[serde(default)]
    pub reason: Option<Reason>,
}

/// Why a value was chosen.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "bindings", derive(specta::Type))]
#[serde(rename_all = "kebab-case")]
#[allow(missing_docs)]
pub enum Reason {
    SmallModel,
    SmallModelLargeSet,
    EmbedsSentences,
    BaseModel,
    LargeModel,
    LoraRate,
    CrfRate,
    SmallBatches,
    LargeBatches,
    AdaptiveSchedule,
    EpochsSet,
    ReadOften,
    ReadFewTimes,
    EnoughSteps,
    RateDoesNotFall,
    LastGains,
    HeldOutNeeded,
    LowerLayers,
    TwiceTheRank,
    VariedExamples,
    EnoughExamples,
    RareLabels,
}

impl Reason {
    /// As a sentence says it.
    const fn sentence(self) -> &'static str {
        match self {
            Self::SmallModel => {
                "small models learn little from a few hundred examples at the low rates of large ones"
            }
            Self::SmallModelLargeSet => {
                "a small model has thousands of examples to learn from, and need not hurry"
            }
            Self::EmbedsSentences => {
                "models that embed sentences learn little from a few hundred examples at BERT's rates"
            }
            Self::BaseModel => "the upper end of what BERT's makers recommend for this size",
            Self::LargeModel => "large models lose what they know at higher rates",
            Self::LoraRate => "LoRA learns best at up to ten times the rate of full fine-tuning",
            Self::CrfRate => "transitions begin at 0 and hardly move at the rates of an encoder",
            Self::SmallBatches => "a small set gives more steps that way",
            Self::LargeBatches => "the set is large enough for steadier steps",
            Self::AdaptiveSchedule => "the rate is held while dev F1 rises, and then falls to 0",
            Self::EpochsSet => "the number of epochs is set",
            Self::ReadOften => "a small set is read often, as long as dev F1 rises",
            Self::ReadFewTimes => "a set this large is learned by reading it a few times",
            Self::EnoughSteps => "enough for several hundred steps",
            Self::RateDoesNotFall => "the learning rate does not fall by itself",
            Self::LastGains => "the last gains come while the learning rate falls",
            Self::HeldOutNeeded => {
                "a small set needs the documents that are held out to find out how long to train"
            }
            Self::LowerLayers => {
                "a few hundred examples should not change much of what the lower layers know"
            }
            Self::TwiceTheRank => "twice the rank is usual",
            Self::VariedExamples => {
                "a few hundred examples teach more with variants of them: other entities, other words"
            }
            Self::EnoughExamples => "the set is large enough without variants of its examples",
            Self::RareLabels => {
                "labels of which a small set has few examples are learned when they are read more often"
            }
        }
    }
}

/// Steps that a run has at most, where the number of epochs is left open. The adaptive schedule ends most runs
/// earlier.
const MOST_STEPS: usize = 800;

/// The number of epochs stays between these where it is left open.
const EPOCHS: std::ops::RangeInclusive<usize> = 3..=30;

/// From so many windows on, batches are larger.
const LARGE_SET: usize = 2000;

/// Windows in a batch of a small set, and of a large one.
const BATCHES: (usize, usize) = (8, 16);

/// Up to so many windows, documents are added, and those with rare labels repeated.
const VARIED_SET: usize = 500;

/// LoRA's learning rate over that of full fine-tuning: over many models and data sets, the best of one is about ten
/// times the best of the other, whatever the rank (Schulman et al. 2025, "LoRA Without Regret").
const LORA_RATE: f64 = 10.0;

/// The highest rate that is chosen for LoRA. At ten times that of a small model, 3e-3, the starter found not one
/// entity after 30 epochs on 100 sentences of WNUT-17.
const LORA_RATE_AT_MOST: f64 = 1e-3;

/// LoRA's alpha over its rank, where it is left open.
const LORA_ALPHA: f64 = 2.0;

/// The learning rate of a CRF's transitions, in rates of the run.
const CRF_RATE: f64 = 100.0;

/// The learning rate of a layer over that of the one above it, for small sets.
const LAYER_DECAY: f64 = 0.9;

/// Encoders up to this hidden size are small.
pub(crate) const SMALL_MODEL: usize = 512;

/// Encoders up to this hidden size are of the size of BERT base.
pub(crate) const BASE_MODEL: usize = 800;

impl TrainSettings {
    /// Windows in a batch.
    pub fn batch_size(&self) -> usize {
        self.batch_size.unwrap_or(BATCHES.1)
    }

    /// What fixes the weights that a run begins with, where they are not pretrained.
    pub fn init_seed(&self) -> u64 {
        self.init_seed.unwrap_or(self.seed)
    }

    /// How the learning rate falls.
    pub fn schedule(&self) -> Schedule {
        self.schedule.unwrap_or_default()
    }

    /// Epochs without a better model after which training ends; 0 for never.
    pub fn patience(&self) -> usize {
        self.early_stopping_patience.unwrap_or(0)
    }

    /// How many times the run's learning rate that of the CRF is.
    pub fn crf_rate_factor(&self) -> f64 {
        match (self.crf_learning_rate, self.learning_rate) {
            (Some(crf), Some(rate)) => crf / rate,
            _ => CRF_RATE,
        }
    }

    /// Epochs to expect before the first of them: the adaptive schedule ends most runs before the last that
    /// there may be.
    pub fn expected_epochs(&self) -> usize {
        let most = self.epochs.unwrap_or(1);
        match self.schedule() {
            Schedule::Adaptive => most.div_ceil(2),
            _ => most,
        }
    }

    /// Optimiser steps in one pass over `windows` windows.
    pub fn steps_per_epoch(&self, windows: usize) -> usize {
        windows
            .div_ceil(self.batch_size())
            .div_ceil(self.gradient_accumulation)
            .max(1)
    }

    /// How many documents are added to the training set, as a share of it.
    pub fn augment(&self) -> f64 {
        self.augment.unwrap_or(0.0)
    }

    /// How often windows occur in an epoch.
    pub fn resampling(&self) -> Resampling {
        self.resampling.unwrap_or_default()
    }

    /// The learning rate of a layer over that of the one above it.
    pub fn layer_decay(&self) -> f64 {
        self.layer_decay.unwrap_or(1.0)
    }

    /// The strength of LoRA's adapters.
    pub fn lora_alpha(&self) -> f64 {
        self.lora_alpha
            .unwrap_or(LORA_ALPHA * self.lora_rank as f64)
    }

    /// Chooses what is open, and says why.
    pub fn decide(&mut self, about: Facts) -> Vec<Decision> {
        let mut decisions = Vec::new();
        let mut note = |setting: &str, value: String, reason: Reason| {
            decisions.push(Decision {
                setting: setting.into(),
                value,
                why: reason.sentence().into(),
                reason: Some(reason),
            });
        };
        let is_varied = about.windows <= VARIED_SET;
        if self.augment.is_none() {
            let (share, why) = match (is_varied, self.augments()) {
                (true, true) => (1.0, Some(Reason::VariedExamples)),
                // Who switched all ways off knows why nothing is added.
                (true, false) => (0.0, None),
                (false, _) => (0.0, Some(Reason::EnoughExamples)),
            };
            self.augment = Some(share);
            if let Some(why) = why {
                note("augment", share.to_string(), why);
            }
        }
        if self.resampling.is_none() {
            self.resampling = Some(match is_varied {
                true => Resampling::RepeatFactor,
                false => Resampling::None,
            });
            if is_varied {
                note("resampling", "repeat-factor".into(), Reason::RareLabels);
            }
        }
        if self.learning_rate.is_none() {
            let (rate, why) = if about.hidden_size <= SMALL_MODEL {
                match about.windows < LARGE_SET {
                    true => (3e-4, Reason::SmallModel),
                    false => (1e-4, Reason::SmallModelLargeSet),
                }
            } else if about.hidden_size <= BASE_MODEL
                && about.embeds_sentences
                && about.windows < LARGE_SET
            {
                (1e-4, Reason::EmbedsSentences)
            } else if about.hidden_size <= BASE_MODEL {
                (5e-5, Reason::BaseModel)
            } else {
                (2e-5, Reason::LargeModel)
            };
            let (rate, why) = match self.lora_rank {
                0 => (rate, why),
                _ => ((LORA_RATE * rate).min(LORA_RATE_AT_MOST), Reason::LoraRate),
            };
            self.learning_rate = Some(rate);
            note("learning_rate", format!("{rate:e}"), why);
        }
        if self.crf && self.crf_learning_rate.is_none() {
            let rate = self.learning_rate.unwrap_or_default() * CRF_RATE;
            self.crf_learning_rate = Some(rate);
            let why = Reason::CrfRate;
            note("crf_learning_rate", format!("{rate:e}"), why);
        }
        if self.batch_size.is_none() {
            let (size, why) = match about.windows < LARGE_SET {
                true => (BATCHES.0, Reason::SmallBatches),
                false => (BATCHES.1, Reason::LargeBatches),
            };
            self.batch_size = Some(size);
            note("batch_size", size.to_string(), why);
        }
        if self.schedule.is_none() {
            let (schedule, name, why) = match self.epochs {
                None => (Schedule::Adaptive, "adaptive", Reason::AdaptiveSchedule),
                Some(_) => (Schedule::Linear, "linear", Reason::EpochsSet),
            };
            self.schedule = Some(schedule);
            note("schedule", name.into(), why);
        }
        let read = about.windows as f64 * (1.0 + self.augment());
        let steps = self.steps_per_epoch(read.round() as usize);
        if self.epochs.is_none() {
            let epochs = MOST_STEPS
                .div_ceil(steps)
                .clamp(*EPOCHS.start(), *EPOCHS.end());
            self.epochs = Some(epochs);
            let why = match epochs {
                epochs if epochs == *EPOCHS.end() => Reason::ReadOften,
                epochs if epochs == *EPOCHS.start() => Reason::ReadFewTimes,
                _ => Reason::EnoughSteps,
            };
            note("epochs", format!("at most {epochs}"), why);
        }
        if self.early_stopping_patience.is_none() {
            let (patience, why) = match self.schedule() {
                Schedule::Constant => (6, Reason::RateDoesNotFall),
                _ => (0, Reason::LastGains),
            };
            self.early_stopping_patience = Some(patience);
            note("early_stopping_patience", patience.to_string(), why);
        }
        if self.refit.is_none() {
            let refit = !about.has_dev && about.windows < LARGE_SET;
            self.refit = Some(refit);
            if refit {
                let why = Reason::HeldOutNeeded;
                note("refit", "yes".into(), why);
            }
        }
        if self.layer_decay.is_none() {
            let is_small = about.windows < LARGE_SET && self.lora_rank == 0;
            self.layer_decay = Some(if is_small { LAYER_DECAY } else { 1.0 });
            if is_small {
                let why = Reason::LowerLayers;
                note("layer_decay", LAYER_DECAY.to_string(), why);
            }
        }
        if self.lora_rank > 0 && self.lora_alpha.is_none() {
            let alpha = self.lora_alpha();
            self.lora_alpha = Some(alpha);
            note("lora_alpha", alpha.to_string(), Reason::TwiceTheRank);
        }
        decisions
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn decided(hidden_size: usize, windows: usize) -> TrainSettings {
        let mut settings = TrainSettings::default();
        let decisions = settings.decide(Facts {
            hidden_size,
            embeds_sentences: false,
            windows,
            has_dev: true,
        });
        // Of small sets the decay by layer, of smaller ones the resampling is stated, too.
        let expected = 6 + usize::from(windows < LARGE_SET) + usize::from(windows <= VARIED_SET);
        assert_eq!(decisions.len(), expected);
        settings
    }

    #[test]
    fn a_small_set_takes_several_hundred_steps_and_a_large_one_few_epochs() {
        let small = decided(384, 180);
        assert!(small.epochs.unwrap() * small.steps_per_epoch(2 * 180) >= 400);
        assert_eq!(
            (small.learning_rate, small.batch_size),
            (Some(3e-4), Some(8))
        );
        let large = decided(768, 100_000);
        assert_eq!((large.epochs, large.learning_rate), (Some(3), Some(5e-5)));
        assert_eq!(decided(384, 3000).learning_rate, Some(1e-4));
        assert_eq!(decided(1024, 100).learning_rate, Some(2e-5));
    }

    #[test]
    fn a_few_hundred_examples_get_variants_and_a_large_set_none() {
        let chosen = |settings: TrainSettings| (settings.augment(), settings.resampling());
        let varied = (1.0, Resampling::RepeatFactor);
        assert_eq!(chosen(decided(384, 100)), varied);
        assert_eq!(chosen(decided(768, VARIED_SET)), varied);
        let plain = (0.0, Resampling::None);
        assert_eq!(chosen(decided(384, VARIED_SET + 1)), plain);
        // With every way to change a document switched off there is nothing to add.
        let mut settings = TrainSettings {
            mention_replacement: 0.0,
            token_replacement: 0.0,
            segment_shuffling: 0.0,
            word_dropout: 0.0,
            case_noise: 0.0,
            typo_noise: 0.0,
            ..TrainSettings::default()
        };
        let decisions = settings.decide(Facts {
            hidden_size: 384,
            embeds_sentences: false,
            windows: 100,
            has_dev: true,
        });
        settings.check().unwrap();
        assert_eq!(settings.augment(), 0.0);
        // Nor is the set called large enough without.
        assert!(decisions.iter().all(|one| one.setting != "augment"));
    }

    #[test]
    fn a_small_set_without_a_dev_set_is_used_up_in_the_end() {
        let refit = |windows, has_dev| {
            let mut settings = TrainSettings::default();
            settings.decide(Facts {
                hidden_size: 384,
                embeds_sentences: true,
                windows,
                has_dev,
            });
            settings.refit
        };
        assert_eq!(refit(100, false), Some(true));
        assert_eq!(refit(100, true), Some(false));
        assert_eq!(refit(10_000, false), Some(false));
    }

    #[test]
    fn models_of_sentence_embeddings_learn_small_sets_at_a_higher_rate() {
        let rate = |hidden_size, windows| {
            let mut settings = TrainSettings::default();
            settings.decide(Facts {
                hidden_size,
                embeds_sentences: true,
                windows,
                has_dev: true,
            });
            settings.learning_rate
        };
        assert_eq!((rate(768, 100), rate(768, 5000)), (Some(1e-4), Some(5e-5)));
        assert_eq!((rate(384, 100), rate(1024, 100)), (Some(3e-4), Some(2e-5)));
    }

    #[test]
    fn lora_learns_at_a_higher_rate() {
        let with_lora = |hidden_size| {
            let mut settings = TrainSettings {
                lora_rank: 16,
                ..TrainSettings::default()
            };
            let decisions = settings.decide(Facts {
                hidden_size,
                embeds_sentences: false,
                windows: 100,
                has_dev: true,
            });
            assert!(decisions.iter().any(|it| it.setting == "lora_alpha"));
            settings
        };
        let full = decided(768, 100).learning_rate.unwrap();
        assert_eq!(with_lora(768).learning_rate, Some(10.0 * full));
        assert_eq!(with_lora(768).lora_alpha, Some(32.0));
        // Ten times the rate of a small model would teach it nothing.
        assert_eq!(with_lora(384).learning_rate, Some(1e-3));
    }

    #[test]
    fn what_is_set_stays() {
        let mut settings = TrainSettings {
            epochs: Some(7),
            learning_rate: Some(1e-4),
            batch_size: Some(4),
            early_stopping_patience: Some(2),
            schedule: Some(Schedule::Cosine),
            refit: Some(true),
            layer_decay: Some(1.0),
            augment: Some(0.0),
            resampling: Some(Resampling::None),
            ..TrainSettings::default()
        };
        let before = settings.clone();
        let about = Facts {
            hidden_size: 384,
            embeds_sentences: true,
            windows: 100,
            has_dev: true,
        };
        assert_eq!(settings.decide(about), []);
        assert_eq!(settings, before);
    }
}
