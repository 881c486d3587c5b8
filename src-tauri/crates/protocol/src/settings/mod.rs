//! The settings of a run. Each stands here once, with its default, its range and its words; the command's
//! options, the checks, the form in the window and the README's table are made from this list.
//!
//! One file, as it is one list.

mod automatic;
mod layers;
mod rules;
mod sampling;

pub(crate) use automatic::{BASE_MODEL, SMALL_MODEL};
pub use automatic::{Decision, Facts, Reason};
pub use rules::{Choice, Group, Kind, Limit, Setting, SettingFault, SettingField};

use crate::{Precision, Scheme};
use rules::{CHOICES_OF_SCHEME, Value, choice, decimal, range, whole};
use serde::{Deserialize, Serialize};
use std::path::PathBuf;

/// How the learning rate falls after the warm-up.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "bindings", derive(specta::Type))]
#[serde(rename_all = "lowercase")]
pub enum Schedule {
    /// In a straight line to 0.
    Linear,
    /// Along half a cosine to 0.
    Cosine,
    /// Not at all.
    Constant,
    /// Held while dev F1 rises, then in a straight line to 0.
    #[default]
    Adaptive,
}

/// How a tag is chosen for each word.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "bindings", derive(specta::Type))]
#[serde(rename_all = "lowercase")]
pub enum Decoding {
    /// The most probable sequence that the tag scheme allows.
    #[default]
    Viterbi,
    /// The most probable tag of each word by itself.
    Argmax,
}

/// How much the words of each label count in the loss.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "bindings", derive(specta::Type))]
#[serde(rename_all = "lowercase")]
pub enum ClassWeights {
    /// All alike.
    #[default]
    None,
    /// By one over the number of words of the label.
    Inverse,
    /// By one over the effective number of samples of the label (Cui et al. 2019).
    Effective,
}

/// The loss of a word.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "bindings", derive(specta::Type))]
#[serde(rename_all = "kebab-case")]
pub enum LossFunction {
    /// The negative log-likelihood of the right tag.
    #[default]
    CrossEntropy,
    /// The same, less for words whose right tag is probable already (Lin et al. 2017).
    Focal,
    /// The self-adjusting dice loss (Li et al. 2020).
    Dice,
}

/// How often the windows of the training set occur in an epoch.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "bindings", derive(specta::Type))]
#[serde(rename_all = "kebab-case")]
pub enum Resampling {
    /// Once each.
    #[default]
    None,
    /// Those with rare labels more often (Gupta et al. 2019).
    RepeatFactor,
}

/// Which linear layers LoRA changes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "bindings", derive(specta::Type))]
#[serde(rename_all = "kebab-case")]
pub enum LoraTargets {
    /// Those of queries and values, as in the paper (Hu et al. 2021).
    QueryValue,
    /// All of attention.
    Attention,
    /// Those of attention and of the feed-forward blocks.
    #[default]
    AllLinear,
}

/// What AdamW's moments are kept in.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "bindings", derive(specta::Type))]
#[serde(rename_all = "lowercase")]
pub enum MomentPrecision {
    /// 32 bits.
    #[default]
    F32,
    /// 16 bits, rounded stochastically.
    Bf16,
}

impl MomentPrecision {
    /// Its name in options and files.
    pub fn name(self) -> &'static str {
        match self {
            Self::F32 => "f32",
            Self::Bf16 => "bf16",
        }
    }
}

/// Where the head of a new model starts, if the base model has a head for other labels.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "bindings", derive(specta::Type))]
#[serde(rename_all = "kebab-case")]
pub enum HeadStart {
    /// From the old head where names match.
    #[default]
    Auto,
    /// From random numbers.
    Fresh,
    /// From the old head, which has to be there and have matching names.
    OldLabels,
}

/// Makes the struct, its defaults, its table and its values from one list.
macro_rules! settings {
    ($(
        $name:ident: $type:ty = $default:expr,
        $title:literal, $help:literal,
        $rules:expr $(, $field:ident: $value:expr)* ;
    )*) => {
        /// The settings of a run. `null` leaves the choice to the engine; in `run.json` every `null` is
        /// replaced by the value that it stood for. What an earlier version did not know has its default.
        #[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
        #[cfg_attr(feature = "bindings", derive(specta::Type))]
        #[serde(default)]
        pub struct TrainSettings {
            $(
                #[doc = $help]
                pub $name: $type,
            )*
        }

        impl Default for TrainSettings {
            fn default() -> Self {
                Self { $($name: $default,)* }
            }
        }

        impl TrainSettings {
            /// Every setting, in the order in which forms and tables show them.
            pub const TABLE: &[Setting] = &[$(
                Setting {
                    $($field: $value,)*
                    ..Setting::new(stringify!($name), $title, $help, $rules)
                },
            )*];

            fn value(&self, name: &str) -> Value {
                match name {
                    $(stringify!($name) => Value::from(&self.$name),)*
                    _ => Value::Missing,
                }
            }
        }
    };
}

settings! {
    epochs: Option<usize> = None,
        "Epochs", "Passes over the training data. Where it is left open, as many as help.",
        whole(1), group: Group::Basic, automatic: Some("while dev F1 rises, 30 at most; fewer for large sets");
    batch_size: Option<usize> = None,
        "Batch size", "Windows (sequences) in one forward pass. Smaller batches need less memory, larger ones are steadier.",
        whole(1), group: Group::Basic, unit: Some("windows"), automatic: Some("8 for small sets, 16 for large ones");
    learning_rate: Option<f64> = None,
        "Learning rate", "The highest learning rate. Too high and training diverges, too low and it learns little.",
        decimal(0.0, Some(1.0)).above_min(), group: Group::Basic, aliases: &["lr"],
        automatic: Some("by the size of the model: 3e-4 for small ones (1e-4 where the set is large), 5e-5 for those of BERT base's size (1e-4 where they embed sentences and the set is small), 2e-5 for large ones; ten times that with LoRA, 1e-3 at most"), example: Some("5e-5");
    device: String = "auto".into(),
        "Device", "The compute device, by the id that `tagsmith devices` lists, or auto. A GPU is many times faster than the processor; one that computes incorrectly is never used.",
        Kind::Text, group: Group::Basic;
    max_length: usize = 256,
        "Window length", "The longest piece of text that the model reads at once. Longer documents are read in several windows; nothing is lost.",
        whole(8), group: Group::Length, unit: Some("tokens");
    overlap: Option<usize> = None,
        "Window overlap", "How many tokens neighbouring windows of a long document share (the stride).",
        whole(0), group: Group::Length, unit: Some("tokens"), automatic: Some("a quarter of the window length"),
        limit: Some(Limit::HalfOf("max_length"));
    context: usize = 0,
        "Context", "How many tokens before a sentence, and how many after it, the model reads with it, from the same document: sentences between -DOCSTART- lines of CoNLL files, records with the same group. They are not scored. 64 is a good number for short sentences; 0 for none.",
        whole(0), group: Group::Length, unit: Some("tokens"), limit: Some(Limit::HalfOf("max_length"));
    dev_share: f64 = 0.1,
        "Dev share", "The share of the training data that is set aside for choosing the best model, where there is no dev set.",
        decimal(0.0, Some(1.0)), group: Group::Length, in_window: false;
    refit: Option<bool> = None,
        "Refit on all data", "Where a part of the training data is held out: once it has shown how long to train, training begins anew on all of it. The scores on dev are those of the first half.",
        Kind::Flag, group: Group::Length, automatic: Some("for small sets without a dev set");
    schedule: Option<Schedule> = None,
        "Learning rate schedule", "How the learning rate falls after the warm-up.",
        choice(&[Choice("adaptive", "held while dev F1 rises, then linear to 0"), Choice("linear", "linear to 0"), Choice("cosine", "cosine to 0"), Choice("constant", "constant")]),
        group: Group::Optimiser, automatic: Some("adaptive where the number of epochs is left open, linear where it is set");
    warmup_ratio: f64 = 0.1,
        "Warm-up (share of steps)", "The share of the steps over which the learning rate rises from 0.",
        decimal(0.0, Some(1.0)), group: Group::Optimiser;
    weight_decay: f64 = 0.01,
        "Weight decay", "Pulls the weights towards 0, which reduces overfitting. Biases and LayerNorm are left out.",
        decimal(0.0, Some(1e3)), group: Group::Optimiser;
    max_grad_norm: f64 = 1.0,
        "Gradient clipping (max norm)", "Gradients with a larger norm are scaled down to it; 0 for no limit.",
        decimal(0.0, Some(1e9)), group: Group::Optimiser;
    dropout: Option<f64> = None,
        "Dropout", "The share of values that are left out at random in training.",
        decimal(0.0, Some(1.0)), group: Group::Optimiser, automatic: Some("as the model's configuration says");
    frozen_layers: usize = 0,
        "Frozen layers", "The embeddings and this many of the lowest layers are not trained: faster, with less memory, and usually less accurate. 0 trains all.",
        whole(0), group: Group::Optimiser, aliases: &["freeze-layers"], limit: Some(Limit::LayersOfModel);
    early_stopping_patience: Option<usize> = None,
        "Early-stopping patience", "Training ends when the dev F1 has not risen for this many epochs; 0 for never.",
        whole(0), group: Group::Optimiser, unit: Some("epochs"), aliases: &["patience"],
        automatic: Some("never where the learning rate falls to 0, 6 where it does not");
    evaluation_share: f64 = 0.1,
        "Evaluation share", "The share of a run's work that may go into scoring dev while it trains. Where all of dev would take more, a fixed sample of it is scored; all of it decides at the end.",
        decimal(0.0, Some(1.0)).above_min(), group: Group::Optimiser, in_window: false;
    seed: u64 = 42,
        "Seed", "Fixes everything random: the new head, the order of the data, dropout, what is held out. The same seed, data and settings give the same model.",
        whole(0), group: Group::Optimiser;
    init_seed: Option<u64> = None,
        "Initialisation seed", "Fixes what is drawn before the first step: a new head, layers that begin anew, the matrices of LoRA. Runs that share it and differ in the seed begin with the same weights, and can be averaged.",
        whole(0), group: Group::Optimiser, automatic: Some("the seed"), in_window: false;
    crf: bool = false,
        "Learn transitions (CRF)", "Learns which tag follows which, with a linear-chain conditional random field over the words' tags, and judges the tags of a text together. The transitions are a file of their own in the model folder, which other programs ignore. It has its own loss, so class weights, a weight of O, other losses and label smoothing cannot be combined with it.",
        Kind::Flag, group: Group::Head;
    crf_learning_rate: Option<f64> = None,
        "Learning rate of the CRF", "The highest learning rate of the transitions of the CRF, which hardly move at that of an encoder. It rises and falls as the run's does.",
        decimal(0.0, Some(10.0)).above_min(), group: Group::Head, automatic: Some("100 times the run's learning rate"), example: Some("0.01");
    precision: Precision = Precision::Auto,
        "Precision", "The precision that the model computes in; its weights are kept in 32 bits. 16 bits are faster and need half the memory traffic on devices made for them. auto takes them only where the device passed its test in them.",
        choice(&[Choice("auto", "automatic"), Choice("f32", "32 bits"), Choice("bf16", "16 bits (bf16)"), Choice("f16", "16 bits (f16)")]),
        group: Group::Memory;
    moments: MomentPrecision = MomentPrecision::F32,
        "Optimiser state", "The precision of the optimiser's moments, two numbers for each weight. bf16 halves them, rounded stochastically; those of word pieces stay in 32 bits, and so do all on a GPU.",
        choice(&[Choice("f32", "32 bits"), Choice("bf16", "16 bits (bf16)")]), group: Group::Memory;
    gradient_accumulation: usize = 1,
        "Gradient accumulation", "Batches whose gradients are summed before the weights change: a larger batch without more memory.",
        whole(1), group: Group::Memory, unit: Some("batches");
    gradient_checkpointing: bool = false,
        "Save memory (slower)", "Keeps less of each forward pass and computes it again in the backward pass (gradient checkpointing).",
        Kind::Flag, group: Group::Memory;
    eval_batch_size: usize = 32,
        "Evaluation batch size", "Windows in a batch of evaluation. It changes speed and memory only, never scores.",
        whole(1), group: Group::Memory, unit: Some("windows");
    checkpoint_minutes: f64 = 10.0,
        "Checkpoint interval", "The time between two checkpoints, from which a run can be resumed. One is written after the first epoch, too, and after others when a tenth of it has passed.",
        decimal(0.0, None), group: Group::Memory, unit: Some("minutes");
    class_weights: ClassWeights = ClassWeights::None,
        "Class weights", "How much the words of each label count in the loss: all alike, by one over the label's number of words in the training set (inverse), or by one over its effective number of samples (effective). Weights stay between 0.05 and 20.",
        choice(&[Choice("none", "all alike"), Choice("inverse", "inverse frequency"), Choice("effective", "effective number of samples")]),
        group: Group::Balance;
    outside_weight: Option<f64> = None,
        "Weight of O", "Multiplies the weight of words outside any entity, which have the tag O.",
        range(0.05, 20.0), group: Group::Balance, automatic: Some("as the class weights say");
    loss: LossFunction = LossFunction::CrossEntropy,
        "Loss", "What training minimises. The focal loss gives less weight to words whose right tag is probable already; dice is the self-adjusting dice loss. The loss on dev is the cross-entropy in any case.",
        choice(&[Choice("cross-entropy", "cross-entropy"), Choice("focal", "focal"), Choice("dice", "dice")]),
        group: Group::Balance;
    focal_gamma: f64 = 2.0,
        "Focal gamma", "The exponent of the focal loss: the higher it is, the less weight words have whose right tag is probable already. Other losses do not use it.",
        range(0.0, 10.0), group: Group::Balance;
    label_smoothing: f64 = 0.0,
        "Label smoothing", "The share of each word's target that is spread evenly over all tags. Only the cross-entropy has it.",
        decimal(0.0, Some(1.0)), group: Group::Balance;
    resampling: Option<Resampling> = None,
        "Resampling", "repeat-factor repeats windows with rare labels within an epoch, up to ten times; the rarest label of a window decides how often.",
        choice(&[Choice("none", "none"), Choice("repeat-factor", "repeat rare labels")]), group: Group::Balance,
        automatic: Some("repeat-factor for small sets");
    resampling_threshold: Option<f64> = None,
        "Resampling threshold", "A label is rare if fewer windows than this share have it. A window whose rarest label is in a share f of the windows occurs √(threshold / f) times.",
        decimal(0.0, Some(1.0)).above_min(), group: Group::Balance, automatic: Some("the median of the labels' shares");
    empty_documents: f64 = 1.0,
        "Windows without entities", "The share of the windows without any entity that an epoch has, drawn anew for each epoch; 1 for all.",
        range(0.0, 1.0), group: Group::Balance;
    head_dropout: Option<f64> = None,
        "Dropout before the head", "The share of values that are left out at random before the classification head.",
        decimal(0.0, Some(1.0)), group: Group::Regularisation, automatic: Some("as the dropout, or as the model's configuration says");
    layer_decay: Option<f64> = None,
        "Learning rate decay by layer", "Each layer has the learning rate of the one above it times this; the head has the whole rate, the embeddings the lowest. 1 for one rate.",
        range(0.0, 1.0).above_min(), group: Group::Regularisation, automatic: Some("0.9 for small sets, 1 for large ones and with LoRA"), example: Some("0.9");
    reinitialized_layers: usize = 0,
        "Reinitialised layers", "So many of the highest layers begin with random weights: what they learned in pretraining helps other tasks little.",
        whole(0), group: Group::Regularisation, limit: Some(Limit::LayersOfModel);
    pretrained_decay: f64 = 0.0,
        "Decay towards the pretrained weights", "Pulls the encoder's weights towards those that it began with, in place of the weight decay towards 0 (L2-SP), times the learning rate. It works from about 1 on. 0 for none.",
        decimal(0.0, Some(1e3)), group: Group::Regularisation;
    mixout: f64 = 0.0,
        "Mixout", "The share of the weights of the encoder's linear layers that a step replaces at random by the pretrained ones; 0 for none.",
        decimal(0.0, Some(1.0)), group: Group::Regularisation;
    gradual_unfreezing: f64 = 0.0,
        "Gradual unfreezing", "At first the head alone is trained, and after so many epochs each time one layer more, from the top down to the frozen ones; the embeddings come with the lowest layer. 0 trains all from the start.",
        decimal(0.0, Some(1e3)), group: Group::Regularisation, unit: Some("epochs");
    ema_decay: f64 = 0.0,
        "Average of the weights", "An exponential moving average of the weights is scored and saved in place of the last ones: the share of it that a step keeps, less in the first steps. It needs as much memory as the weights. 0 for none.",
        decimal(0.0, Some(1.0)), group: Group::Regularisation;
    r_drop: f64 = 0.0,
        "R-Drop", "How much it counts that two passes with different dropout disagree about a word. Training takes twice the time and memory of its batches. 0 for one pass.",
        decimal(0.0, Some(1e3)), group: Group::Regularisation;
    augment: Option<f64> = None,
        "Additional documents", "How many documents are made of those of the training set and added to it, as a share of it: 0 for none, 1 for as many again. Dev and test stay as they are.",
        range(0.0, 50.0), group: Group::Augmentation, automatic: Some("1 for small sets, 0 for large ones");
    mention_replacement: f64 = 0.5,
        "Mention replacement", "In an added document: the probability that an entity is replaced by another one with the same label.",
        range(0.0, 1.0), group: Group::Augmentation;
    augment_mentions: Option<PathBuf> = None,
        "List of mentions", "A file with more mentions for that, one a line: the label, a tab and the mention, or JSON with label and mention.",
        Kind::File, group: Group::Augmentation, automatic: Some("only those of the training set");
    token_replacement: f64 = 0.1,
        "Token replacement", "In an added document: the probability that a word is replaced by another one that has the same tag in the training set.",
        range(0.0, 1.0), group: Group::Augmentation;
    segment_shuffling: f64 = 0.1,
        "Shuffling", "In an added document: the probability that the words of an entity, or those between two entities, change their order.",
        range(0.0, 1.0), group: Group::Augmentation;
    word_dropout: f64 = 0.05,
        "Word dropout", "In an added document: the probability that a word outside entities is left out.",
        range(0.0, 1.0), group: Group::Augmentation;
    case_noise: f64 = 0.05,
        "Case noise", "The probability that an added document is all in upper case, all in lower case, or has capitals at the beginning of all words.",
        range(0.0, 1.0), group: Group::Augmentation;
    typo_noise: f64 = 0.02,
        "Typos", "In an added document: the probability that a word gets a typo.",
        range(0.0, 1.0), group: Group::Augmentation;
    lora_rank: usize = 0,
        "LoRA rank", "Instead of all weights, trains a pair of matrices of this rank beside those of each linear layer, and the head: much less memory for gradients and the optimiser. 0 trains all weights; 8 or 16 are usual.",
        whole(0), group: Group::Adapter;
    lora_alpha: Option<f64> = None,
        "LoRA alpha", "The strength of the adapter: what it computes is multiplied by alpha / rank.",
        decimal(0.0, Some(1e6)).above_min(), group: Group::Adapter, automatic: Some("twice the rank");
    lora_dropout: f64 = 0.0,
        "LoRA dropout", "The share of an adapter's input that is left out at random in training.",
        decimal(0.0, Some(1.0)), group: Group::Adapter;
    lora_targets: LoraTargets = LoraTargets::AllLinear,
        "LoRA targets", "The linear layers that get an adapter. All of them learn most; query and value need the least memory.",
        choice(&[Choice("query-value", "query and value"), Choice("attention", "all of attention"), Choice("all-linear", "all linear layers")]),
        group: Group::Adapter;
    head_start: HeadStart = HeadStart::Auto,
        "Start of the head", "Where the model already finds entities: labels of the data that it knows, by the same or a usual other name such as PER for PERSON, start from what it knows of them (auto; old-labels insists on that), or all start from random numbers (fresh).",
        choice(&[Choice("auto", "from old labels where names match"), Choice("fresh", "from random numbers"), Choice("old-labels", "from old labels")]),
        group: Group::Labels;
    keep_labels: bool = false,
        "Keep old labels", "Where the model already finds entities: labels that the data does not mark stay. The model tags the data first, and what it finds of those labels is learned with what is marked.",
        Kind::Flag, group: Group::Labels;
    scheme: Scheme = Scheme::Iob2,
        "Tag scheme", "How entities are written as tags in the model's outputs.",
        choice(CHOICES_OF_SCHEME), group: Group::Scoring, option: Some("model-scheme");
    decoding: Decoding = Decoding::Viterbi,
        "Decoding", "How tags are chosen in evaluation: viterbi takes the best sequence that the scheme allows, argmax the best tag of each word.",
        choice(&[Choice("viterbi", "viterbi"), Choice("argmax", "argmax")]), group: Group::Scoring;
}

impl TrainSettings {
    /// Refuses settings that make no sense.
    ///
    /// # Errors
    /// The first such setting, by name.
    pub fn check(&self) -> Result<(), SettingFault> {
        Self::TABLE.iter().try_for_each(|setting| {
            let limit = match setting.limit {
                Some(Limit::HalfOf(other)) => self.value(other).number().map(|whole| {
                    let half = (whole / 2.0).floor();
                    (half, format!("at most {half}, half of {other}"))
                }),
                Some(Limit::LayersOfModel) | None => None,
            };
            setting.check(&self.value(setting.name), limit)
        })?;
        if self.keep_labels && self.head_start == HeadStart::Fresh {
            return Err(SettingFault {
                setting: "head_start",
                found: "fresh".into(),
                expected: "auto or old-labels: labels that are kept start from the old head".into(),
            });
        }
        if let Some((setting, found, expected)) = self.unfit_for_lora() {
            return Err(SettingFault {
                setting,
                found,
                expected: format!("{expected}: with LoRA the pretrained weights are frozen"),
            });
        }
        let none = |rate: Option<f64>| rate == Some(0.0);
        if self.r_drop > 0.0 && none(self.dropout) && none(self.head_dropout.or(self.dropout)) {
            return Err(self.needs_dropout());
        }
        if self.label_smoothing > 0.0 && self.loss != LossFunction::CrossEntropy {
            return Err(SettingFault {
                setting: "label_smoothing",
                found: self.label_smoothing.to_string(),
                expected: "0: only the cross-entropy has it".into(),
            });
        }
        if let Some((setting, found, expected)) = self.unfit_for_crf().filter(|_| self.crf) {
            return Err(SettingFault {
                setting,
                found,
                expected: format!("{expected}: `crf` has a loss of its own"),
            });
        }
        match self.augment() > 0.0 && !self.augments() {
            true => Err(SettingFault {
                setting: "augment",
                found: self.augment().to_string(),
                expected: "0: all ways to change a document are switched off".into(),
            }),
            false => Ok(()),
        }
    }

    /// A setting that a conditional random field cannot be combined with, its value, and the one that it can.
    fn unfit_for_crf(&self) -> Option<(&'static str, String, &'static str)> {
        if self.class_weights != ClassWeights::None {
            let found = format!("{:?}", self.class_weights).to_lowercase();
            return Some(("class_weights", found, "none"));
        }
        if let Some(weight) = self.outside_weight {
            return Some(("outside_weight", weight.to_string(), "null"));
        }
        if self.loss != LossFunction::CrossEntropy {
            let found = format!("{:?}", self.loss).to_lowercase();
            return Some(("loss", found, "cross-entropy"));
        }
        [
            ("label_smoothing", self.label_smoothing),
            ("r_drop", self.r_drop),
        ]
        .into_iter()
        .find(|(_, value)| *value > 0.0)
        .map(|(setting, value)| (setting, value.to_string(), "0"))
    }

    /// Whether an added document would be changed at all.
    fn augments(&self) -> bool {
        [
            self.mention_replacement,
            self.token_replacement,
            self.segment_shuffling,
            self.word_dropout,
            self.case_noise,
            self.typo_noise,
        ]
        .iter()
        .any(|strength| *strength > 0.0)
    }

    /// Refuses a LoRA rank beyond the width of a model, from which on an adapter is larger than what it changes.
    ///
    /// # Errors
    /// The model is narrower.
    pub fn check_rank(&self, hidden_size: usize) -> Result<(), SettingFault> {
        match self.lora_rank <= hidden_size {
            true => Ok(()),
            false => Err(SettingFault {
                setting: "lora_rank",
                found: self.lora_rank.to_string(),
                expected: format!("at most {hidden_size}, the model's hidden size"),
            }),
        }
    }

    /// A setting that changes pretrained weights, which LoRA leaves as they are: its value, and the one that fits.
    fn unfit_for_lora(&self) -> Option<(&'static str, String, &'static str)> {
        if self.lora_rank == 0 {
            return None;
        }
        [
            ("frozen_layers", self.frozen_layers as f64, 0.0, "0"),
            ("layer_decay", self.layer_decay(), 1.0, "1"),
            (
                "reinitialized_layers",
                self.reinitialized_layers as f64,
                0.0,
                "0",
            ),
            ("pretrained_decay", self.pretrained_decay, 0.0, "0"),
            ("mixout", self.mixout, 0.0, "0"),
            ("gradual_unfreezing", self.gradual_unfreezing, 0.0, "0"),
        ]
        .into_iter()
        .find(|(_, value, fitting, _)| value != fitting)
        .map(|(setting, value, _, expected)| (setting, value.to_string(), expected))
    }
}

#[cfg(test)]
mod tests;
