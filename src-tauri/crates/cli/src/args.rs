//! The arguments of every command.
//!
//! One file, so that names and defaults of all commands stand side by side and stay alike.

use crate::commands::tag::Shard;
use crate::plan_args;
use crate::setting_options::{AugmentationOptions, SettingOptions};
use clap::builder::{PossibleValue, PossibleValuesParser, TypedValueParser};
use clap::{Parser, Subcommand, ValueEnum};
use std::path::PathBuf;
use tagsmith_corpus::{
    Annotator, ColumnChoice, Convention, FormatName, LineEnds, OffsetUnit, ReadOptions, Scheme,
    Target,
};
use tagsmith_encoder::ops::Quantisation;
use tagsmith_hub::Sort;
use tagsmith_protocol::{Decoding, MomentPrecision, Precision};
use tagsmith_tagger::bench::{Part, Shape, shapes};

/// Teaches a pretrained BERT to find your own kinds of names in text.
#[derive(Parser)]
#[command(
    name = "tagsmith",
    version,
    propagate_version = true,
    arg_required_else_help = true
)]
pub struct Args {
    /// Write JSON to stdout; messages go to stderr.
    #[arg(long, global = true)]
    pub json: bool,
    #[command(subcommand)]
    pub command: Command,
}

#[derive(Subcommand)]
pub enum Command {
    /// List the compute devices of this machine.
    Devices(Devices),
    /// Look for GPUs in this very process, as a child of the program.
    #[command(hide = true)]
    Probe(Probe),
    /// Find, download, inspect and remove models.
    #[command(subcommand)]
    Models(Models),
    /// Check, convert, split and repair data files.
    #[command(subcommand)]
    Data(Data),
    /// Fine-tune a model.
    Train(Box<Train>),
    /// Pretrain a model further on text without labels, by predicting masked words.
    ///
    /// It can help a model whose text is unlike that of your field, before `train`; whether it did, the run
    /// says at its end.
    Pretrain(Box<Pretrain>),
    /// Continue a run that was stopped or killed.
    Resume(Resume),
    /// Train with several seeds, and keep the middle model.
    Seeds(Box<plan_args::Seeds>),
    /// Search for better settings, and compare the best with the default.
    Search(Box<plan_args::Search>),
    /// Let commands wait for each other, in an order that can be changed.
    Queue(plan_args::Queue),
    /// Do a task of a plan, for the program that runs it.
    #[command(hide = true)]
    Task(plan_args::Task),
    /// Score a model on labelled data and list every wrong prediction.
    Evaluate(Box<Evaluate>),
    /// Find entities in text: one JSON line per document.
    Tag(Tag),
    /// Score a file whose last two columns are gold and predicted tags, as conlleval does.
    Score(Score),
    /// Measure how fast a device trains and predicts, and in how much memory.
    ///
    /// Each part runs in its own process. This takes some minutes, and nothing else should run meanwhile.
    Bench(Bench),
}

impl Command {
    /// Whether this very process may compute on a GPU.
    pub fn may_use_a_gpu(&self) -> bool {
        match self {
            // Looks at GPUs in a process of its own.
            Self::Devices(_) => false,
            Self::Models(_) | Self::Data(_) | Self::Score(_) => false,
            // Their tasks do, in processes of their own.
            Self::Seeds(_) | Self::Search(_) | Self::Queue(_) => false,
            Self::Probe(_) | Self::Train(_) | Self::Resume(_) | Self::Task(_) => true,
            Self::Pretrain(_) => true,
            Self::Evaluate(_) | Self::Tag(_) | Self::Bench(_) => true,
        }
    }
}

#[derive(clap::Args)]
pub struct Devices {
    /// Test each GPU again: a small model must give the same results there as on the CPU. Ctrl-C stops it.
    #[arg(long)]
    pub check: bool,
    /// Report the progress of a test on stderr, as JSON lines: {"preparing": {"device": "cuda:0", "done":
    /// kernels, "total": kernels, "eta_seconds": seconds}}.
    #[arg(long, requires = "check")]
    pub progress: bool,
}

#[derive(clap::Args)]
pub struct Probe {
    /// Test this device instead of listing all.
    pub device: Option<String>,
    /// Test it without kernels on tensor cores.
    #[arg(long, requires = "device")]
    pub without_tensor_cores: bool,
    /// Only compile and keep the kernels of its test in this precision.
    #[arg(long, value_name = "PRECISION", requires = "device", value_parser = precision)]
    pub compile: Option<Precision>,
    /// End when standard input ends.
    #[arg(long)]
    pub attended: bool,
}

#[derive(Subcommand)]
pub enum Models {
    /// Search the Hugging Face Hub.
    Search(Search),
    /// Download a model from the Hub into the library.
    ///
    /// Only the files that are needed are downloaded, and each is verified. A download that was interrupted
    /// continues where it stopped.
    Download {
        /// ORG/NAME, ORG/NAME@REVISION, or the address of the model's page.
        model: String,
    },
    /// List the models of this machine.
    List,
    /// Show what a model is and whether it can be fine-tuned.
    Inspect {
        /// A model folder, a name in the library, or ORG/NAME on the Hub.
        model: String,
    },
    /// Delete a model from this machine and show how much space that freed.
    ///
    /// A folder that was added is only removed from the list.
    Remove {
        /// A name that `models list` shows, or that of an unfinished download.
        model: String,
        /// Accepted for scripts; the command never asks.
        #[arg(long)]
        yes: bool,
    },
}

#[derive(clap::Args)]
pub struct Search {
    /// Part of a name, a whole name, or an address. Without it, popular models are listed.
    #[arg(default_value = "")]
    pub query: String,
    /// Only models by this person or organisation.
    #[arg(long)]
    pub author: Option<String>,
    /// Only models for this task, as the Hub spells it: token-classification, fill-mask, …
    #[arg(long)]
    pub task: Option<String>,
    /// Only models for this language, by its code: en, de, …
    #[arg(long)]
    pub language: Option<String>,
    /// The order: downloads, likes or updated.
    #[arg(long, default_value = "downloads", value_parser = sort)]
    pub sort: Sort,
    /// Include models that cannot be fine-tuned here.
    #[arg(long)]
    pub all: bool,
    /// The largest number of results.
    #[arg(long, default_value_t = 20, value_parser = clap::value_parser!(u8).range(1..=100))]
    pub limit: u8,
}

#[derive(Subcommand)]
pub enum Data {
    /// Show what files contain and what is wrong with them.
    Check {
        /// Files, each as PATH or as SPLIT=PATH (`train=a.conll dev=b.conll`) to compare splits.
        #[arg(required = true)]
        files: Vec<String>,
        #[command(flatten)]
        checking: Checking,
        #[command(flatten)]
        reading: Reading,
    },
    /// Count documents, words, entities, labels and lengths, and what splits have in common.
    Stats {
        /// Files, each as PATH or as SPLIT=PATH.
        #[arg(required = true)]
        files: Vec<String>,
        #[command(flatten)]
        reading: Reading,
    },
    /// Convert a file to another format or tag scheme.
    Convert {
        /// The file, archive or folder to read. It is never changed.
        input: PathBuf,
        /// The file to write; a folder (ending in `/`) or a .zip for several splits; `-` for standard output.
        output: PathBuf,
        /// The format to write [default: by the output's extension, .jsonl or .parquet, else CoNLL].
        #[arg(long, value_parser = targets())]
        to: Option<Target>,
        /// Only list what the format cannot represent; write nothing.
        #[arg(long)]
        dry_run: bool,
        /// The tag scheme to write: io, iob1, iob2, bioes, bilou or bmes.
        #[arg(long, default_value = "iob2")]
        to_scheme: Scheme,
        /// Overwrite the output if it exists.
        #[arg(long)]
        force: bool,
        #[command(flatten)]
        reading: Reading,
    },
    /// Merge files and split them again, one file for each split.
    ///
    /// The split is stratified by label. Sentences of one source document, and documents with the same
    /// text, stay in one split.
    Split(Box<Split>),
    /// Repair what `data check` finds and write the result. The input files are never changed.
    ///
    /// Repairs are applied in this order: the recipe, trim, snap, tags, labels, duplicates, leaks.
    Repair(Box<Repair>),
    /// Show examples of the documents that a run would make of a training file and add to it.
    Augment(Box<Augment>),
}

/// What `data check` looks at and shows.
#[derive(clap::Args)]
pub struct Checking {
    /// List every finding instead of the first ones of each kind.
    #[arg(long)]
    pub all: bool,
    /// Only findings of this kind, by the name in brackets; separate several by commas.
    #[arg(long, value_delimiter = ',')]
    pub code: Vec<String>,
    /// Also check how this model tokenises the words: a model folder, or a name in the library.
    #[arg(long)]
    pub model: Option<String>,
    /// With --model: the longest window in tokens.
    #[arg(long, default_value_t = 256, requires = "model", value_parser = window)]
    pub max_length: usize,
}

/// How data files are read.
#[derive(Clone, Default, clap::Args)]
pub struct Reading {
    /// Drop what cannot be used (spans out of range or overlapping, broken records, sentences with a
    /// faulty row) instead of stopping.
    #[arg(long)]
    pub drop_invalid: bool,
    #[arg(long, value_parser = format, help = format_help())]
    pub format: Option<FormatName>,
    /// Their encoding, by its WHATWG name (utf-16le, windows-1252, …), or cesu-8.
    #[arg(long)]
    pub encoding: Option<String>,
    /// The column or field of the tags or spans, by number from 0 (negative from the right) or by
    /// name.
    #[arg(long, allow_hyphen_values = true)]
    pub tag_column: Option<ColumnChoice>,
    /// The column or field of the words.
    #[arg(long, allow_hyphen_values = true)]
    pub token_column: Option<ColumnChoice>,
    /// Tables: the column with the sentence of each word, repeated or given once for each sentence.
    #[arg(long, allow_hyphen_values = true)]
    pub sentence_column: Option<ColumnChoice>,
    /// The tag scheme of the file, instead of detecting it.
    #[arg(long)]
    pub scheme: Option<Scheme>,
    /// Names for tags or labels that are numbers, in order: O,B-PER,I-PER,…; or each with its number:
    /// 6=ORG,7=PER
    #[arg(long, value_delimiter = ',')]
    pub label_names: Option<Vec<String>>,
    /// What the offsets of spans count: characters, bytes or utf16 [default: characters].
    #[arg(long, value_parser = offset_unit)]
    pub offsets: Option<OffsetUnit>,
    /// Add this number to every start and end of a span, in the unit of --offsets.
    #[arg(long, allow_hyphen_values = true)]
    pub shift: Option<i64>,
    /// The end of a span is its last character, not the one after it.
    #[arg(long)]
    pub inclusive_ends: bool,
    /// What offsets count for the end of a line: as-written, joined (CR LF is one) or doubled (LF is
    /// two) [default: as-written].
    #[arg(long, value_parser = line_ends)]
    pub line_ends: Option<LineEnds>,
    /// Keep overlapping and nested spans. Training cannot use them.
    #[arg(long)]
    pub keep_overlaps: bool,
    /// Leave words out of the loss of which a partly labelled file does not say whether they belong to
    /// an entity (spaCy's missing annotation, Prodigy's binary answers); otherwise they count as O.
    #[arg(long)]
    pub mask_unknown: bool,
    /// Texts that several people annotated: whose annotations to read, ground-truth, majority, or a
    /// person's name [default: ground-truth, else the first].
    #[arg(long)]
    pub annotator: Option<Annotator>,
}

impl Reading {
    /// Puts what was said here over options that came from a file.
    pub fn over(self, options: &mut ReadOptions) {
        fn put<T>(target: &mut Option<T>, value: Option<T>) {
            if value.is_some() {
                *target = value;
            }
        }
        options.drop_invalid |= self.drop_invalid;
        options.keep_overlaps |= self.keep_overlaps;
        options.mask_unknown |= self.mask_unknown;
        options.annotator = self.annotator.unwrap_or(options.annotator.clone());
        put(&mut options.format, self.format);
        put(&mut options.encoding, self.encoding);
        put(&mut options.tag_column, self.tag_column);
        put(&mut options.token_column, self.token_column);
        put(&mut options.sentence_column, self.sentence_column);
        put(&mut options.scheme, self.scheme);
        put(&mut options.label_names, self.label_names);
        options.offsets = self.offsets.unwrap_or(options.offsets);
        options.shift = self.shift.unwrap_or(options.shift);
        options.inclusive_ends |= self.inclusive_ends;
        options.line_ends = self.line_ends.unwrap_or(options.line_ends);
    }
}

impl From<Reading> for ReadOptions {
    fn from(reading: Reading) -> Self {
        let mut options = Self::default();
        reading.over(&mut options);
        options
    }
}

/// How the files of a data set are written.
#[derive(clap::Args)]
pub struct Writing {
    /// The format to write; by the output's ending where absent, or else as the words came.
    #[arg(long, value_parser = targets())]
    pub to: Option<Target>,
    /// The tag scheme to write: io, iob1, iob2, bioes, bilou or bmes.
    #[arg(long, default_value = "iob2")]
    pub to_scheme: Scheme,
    /// Overwrite files that exist.
    #[arg(long)]
    pub force: bool,
}

#[derive(clap::Args)]
pub struct Split {
    /// Files or folders, each as PATH or as SPLIT=PATH. They are never changed.
    #[arg(required = true)]
    pub files: Vec<String>,
    /// The folder to write to, one file for each split.
    #[arg(long)]
    pub out: PathBuf,
    /// The splits and the fraction of the documents that each gets: 0.8, or 80%.
    #[arg(
        long = "shares",
        value_name = "SPLIT=SHARE",
        value_delimiter = ',',
        default_value = "train=0.8,dev=0.1,test=0.1",
        value_parser = split_fraction
    )]
    pub fractions: Vec<(String, f64)>,
    /// The random seed.
    #[arg(long, default_value_t = 42)]
    pub seed: u64,
    /// Keep the sentences of one source document together. This is the default.
    #[arg(long, conflicts_with = "no_group")]
    pub group: bool,
    /// Allow the sentences of one source document to go to different splits.
    #[arg(long)]
    pub no_group: bool,
    /// Take a random sample of this many documents.
    #[arg(long)]
    pub sample: Option<usize>,
    #[command(flatten)]
    pub writing: Writing,
    #[command(flatten)]
    pub reading: Reading,
}

#[derive(clap::Args)]
pub struct Repair {
    /// Files or folders to read, each as PATH or as SPLIT=PATH. The last is the output: a file, or a folder
    /// where there are several splits. With --dry-run all of them are read.
    #[arg(required = true, value_names = ["IN", "OUT"], num_args = 1..)]
    pub paths: Vec<String>,
    /// Trim white space from the edges of spans.
    #[arg(long)]
    pub trim: bool,
    /// Extend spans that start or end inside a word to the word's edges.
    #[arg(long)]
    pub snap: bool,
    /// Accept the repaired reading of tags that break their scheme.
    #[arg(long)]
    pub repair_tags: bool,
    /// Join words whose labels are tags (B-PER, I-PER, PER_B) into the entities that the tags say.
    #[arg(long)]
    pub join_tagged: bool,
    /// Rename a label, OLD=NEW. All label changes are applied at once.
    #[arg(long, value_name = "OLD=NEW", value_parser = renaming)]
    pub rename: Vec<Renaming>,
    /// Merge several labels into one, OLD,OLD=NEW.
    #[arg(long, value_name = "OLD,OLD=NEW", value_parser = renaming)]
    pub merge: Vec<Renaming>,
    /// Drop the spans with this label.
    #[arg(long, value_name = "LABEL")]
    pub drop_label: Vec<String>,
    /// Keep only the first of duplicate (or near-duplicate) documents within each split.
    #[arg(long, num_args = 0..=1, require_equals = true, default_missing_value = "exact")]
    pub drop_duplicates: Option<Likeness>,
    /// Move documents that appear (or nearly appear) in several splits to `train`.
    #[arg(long, num_args = 0..=1, require_equals = true, default_missing_value = "exact")]
    pub move_leaking: Option<Likeness>,
    /// First take missing splits out of `train`, such as dev=0.1,test=0.1.
    #[arg(long, value_name = "SPLIT=SHARE", value_delimiter = ',', value_parser = split_fraction)]
    pub hold_out: Vec<(String, f64)>,
    /// The random seed for --hold-out.
    #[arg(long, default_value_t = 42)]
    pub seed: u64,
    /// Apply this recipe first.
    #[arg(long)]
    pub recipe: Option<PathBuf>,
    /// Save what was done as a recipe, for --recipe.
    #[arg(long)]
    pub save_recipe: Option<PathBuf>,
    /// Only show what would change.
    #[arg(long)]
    pub dry_run: bool,
    #[command(flatten)]
    pub writing: Writing,
    #[command(flatten)]
    pub reading: Reading,
}

#[derive(clap::Args)]
pub struct Augment {
    /// The training file. It is never changed.
    pub file: PathBuf,
    /// The number of documents to make.
    #[arg(long, default_value_t = 10)]
    pub count: usize,
    /// Write them to this file as JSON lines instead of showing them.
    #[arg(long)]
    pub out: Option<PathBuf>,
    /// Overwrite this file if it exists.
    #[arg(long, requires = "out")]
    pub force: bool,
    #[command(flatten)]
    pub settings: AugmentationOptions,
    #[command(flatten)]
    pub reading: Reading,
}

/// How similar texts must be.
#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Likeness {
    /// Identical, apart from white space.
    Exact,
    /// Also when a word or so differs.
    Near,
}

/// Labels, and what they become.
#[derive(Clone)]
pub struct Renaming {
    pub from: Vec<String>,
    pub to: String,
}

fn renaming(text: &str) -> Result<Renaming, String> {
    let expected = || "expected OLD=NEW, or OLD,OLD=NEW".to_owned();
    let (from, to) = text.rsplit_once('=').ok_or_else(expected)?;
    let from: Vec<String> = from.split(',').map(str::to_owned).collect();
    match to.is_empty() || from.iter().any(String::is_empty) {
        true => Err(expected()),
        false => Ok(Renaming {
            from,
            to: to.into(),
        }),
    }
}

fn split_fraction(text: &str) -> Result<(String, f64), String> {
    let expected = || "expected SPLIT=SHARE, such as train=0.8 or train=80%".to_owned();
    let (split, fraction) = text.split_once('=').ok_or_else(expected)?;
    let (number, whole) = match fraction.strip_suffix('%') {
        Some(number) => (number, 100.0),
        None => (fraction, 1.0),
    };
    let number: f64 = number.trim().parse().map_err(|_| expected())?;
    Ok((split.trim().into(), number / whole))
}

#[derive(clap::Args)]
pub struct Train {
    #[command(flatten)]
    pub inputs: TrainInputs,
    /// The folder for the run. It must be new or empty.
    #[arg(long)]
    pub out: PathBuf,
}

/// What a run is made of.
#[derive(clap::Args)]
pub struct TrainInputs {
    /// A model folder, or a name in the library such as `starter`.
    #[arg(long, required_unless_present = "config")]
    pub model: Option<String>,
    /// The file to learn from.
    #[arg(long, required_unless_present = "config")]
    pub train: Option<PathBuf>,
    /// The file to choose the best model by. Without it, part of the training file is set aside.
    #[arg(long)]
    pub dev: Option<PathBuf>,
    /// A file to score once, at the end.
    #[arg(long)]
    pub test: Option<PathBuf>,
    /// Settings as JSON, as in the `config` part of a run.json. Options given here take precedence.
    #[arg(long)]
    pub config: Option<PathBuf>,
    #[command(flatten)]
    pub settings: SettingOptions,
    #[command(flatten)]
    pub reading: Reading,
}

#[derive(clap::Args)]
pub struct Pretrain {
    /// A model folder, or a name in the library such as `starter`.
    #[arg(long)]
    pub model: String,
    /// The text: files with a document per line, or in any format that `train` reads, whose labels are not
    /// looked at; or folders of them.
    #[arg(long, required = true, num_args = 1.., value_name = "FILE")]
    pub text: Vec<PathBuf>,
    /// The folder for the run. It must be new or empty.
    #[arg(long)]
    pub out: PathBuf,
    /// Passes over the text, at most [default: 10, unless --steps is given].
    #[arg(long)]
    pub epochs: Option<usize>,
    /// Optimiser steps, at most.
    #[arg(long)]
    pub steps: Option<usize>,
    /// Windows (sequences) in a step [default: 32].
    #[arg(long, value_name = "WINDOWS")]
    pub batch_size: Option<usize>,
    /// The highest learning rate [default: by the size of the model, 3e-4 for small ones, 1e-4 for those of
    /// BERT base's size, 5e-5 for large ones].
    #[arg(long, alias = "lr")]
    pub learning_rate: Option<f64>,
    /// The longest window in tokens; longer documents are read in several [default: 256].
    #[arg(long, value_name = "TOKENS")]
    pub max_length: Option<usize>,
    /// The share of the words that are masked [default: 0.15].
    #[arg(long)]
    pub mask_share: Option<f64>,
    /// Mask all pieces of a word together; `--whole-words=false` masks each piece by itself [default: true].
    #[arg(long, num_args = 0..=1, require_equals = true, default_missing_value = "true")]
    pub whole_words: Option<bool>,
    /// The share of the documents that are held out to see whether it helps; 1,000 at most [default: 0.05].
    #[arg(long)]
    pub held_out_share: Option<f64>,
    /// The share of the steps over which the learning rate rises from 0 [default: 0.1].
    #[arg(long)]
    pub warmup_ratio: Option<f64>,
    /// Pulls the weights towards 0; biases and norms are left out [default: 0.01].
    #[arg(long)]
    pub weight_decay: Option<f64>,
    /// Gradients with a larger norm are scaled down to it; 0 for no limit [default: 1].
    #[arg(long)]
    pub max_grad_norm: Option<f64>,
    /// The share of values that are left out at random [default: as the model's configuration says].
    #[arg(long)]
    pub dropout: Option<f64>,
    /// Fixes everything random: a new head, the order of the text, the masks, what is held out [default: 42].
    #[arg(long)]
    pub seed: Option<u64>,
    /// A device that `tagsmith devices` lists [default: auto].
    #[arg(long)]
    pub device: Option<String>,
    /// The precision that the encoder computes in: auto, f32, bf16 or f16 [default: auto].
    #[arg(long, value_parser = precision)]
    pub precision: Option<Precision>,
    /// The time between two checkpoints, in minutes [default: 10].
    #[arg(long, value_name = "MINUTES")]
    pub checkpoint_minutes: Option<f64>,
    #[command(flatten)]
    pub reading: Reading,
}

#[derive(clap::Args)]
pub struct Resume {
    /// The folder of the run.
    pub run: PathBuf,
}

/// How a trained model predicts.
#[derive(Clone, clap::Args)]
pub struct Predicting {
    /// A Hugging Face token-classification folder, or a name in the library.
    #[arg(long)]
    pub model: String,
    /// `viterbi` takes the best sequence that the tag scheme allows, `argmax` the best tag of each word.
    #[arg(long, default_value = "viterbi", value_parser = decoding)]
    pub decoding: Decoding,
    /// The tag scheme of the model's outputs [default: as the folder says, else detected].
    #[arg(long)]
    pub model_scheme: Option<Scheme>,
    /// Sequences in a batch. It never changes the results.
    #[arg(long, default_value_t = 32)]
    pub batch_size: usize,
    /// The longest window in tokens.
    #[arg(long, default_value_t = 256)]
    pub max_length: usize,
    /// A device that `tagsmith devices` lists.
    #[arg(long, default_value = "auto")]
    pub device: String,
    /// The precision that the model computes in. `evaluate` shows how much others than `f32` change.
    #[arg(long, default_value = "f32")]
    pub precision: Numbers,
}

/// The precisions of prediction.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Numbers {
    /// 32 bits.
    F32,
    /// 16 bits with the range of f32, on a GPU that passed its test in bf16, or a CPU with instructions for
    /// it.
    Bf16,
    /// 16 bits, on a GPU that passed its test in f16.
    F16,
    /// 8 bits, on the CPU: less memory, and faster where the processor has instructions for it.
    Int8,
}

impl Numbers {
    /// The precision of floating-point numbers.
    pub fn precision(self) -> Precision {
        match self {
            Self::F32 | Self::Int8 => Precision::F32,
            Self::Bf16 => Precision::Bf16,
            Self::F16 => Precision::F16,
        }
    }

    /// How weights are quantised.
    pub fn quantisation(self) -> Quantisation {
        match self {
            Self::Int8 => Quantisation::Int8,
            Self::F32 | Self::Bf16 | Self::F16 => Quantisation::None,
        }
    }
}

#[derive(clap::Args)]
pub struct Evaluate {
    #[command(flatten)]
    pub predicting: Predicting,
    /// The labelled file.
    #[arg(long)]
    pub data: PathBuf,
    /// How entities are counted: `conlleval`, or `strict` as seqeval's strict mode.
    #[arg(long, default_value = "conlleval", value_parser = convention)]
    pub mode: Convention,
    /// Write the whole report, with every wrong prediction, to this file.
    #[arg(long)]
    pub out: Option<PathBuf>,
    /// Write each document's words and predicted tags to this file, as JSON lines.
    #[arg(long)]
    pub predictions: Option<PathBuf>,
    /// Overwrite these files if they exist.
    #[arg(long)]
    pub force: bool,
    /// Report progress on stderr, as JSON lines: {"done": windows, "total": windows}; before them, while a
    /// GPU is tested, {"preparing": {"device": "cuda:0", "done": kernels, "total": kernels,
    /// "eta_seconds": seconds}}.
    #[arg(long)]
    pub progress: bool,
    #[command(flatten)]
    pub reading: Reading,
}

#[derive(clap::Args)]
pub struct Tag {
    #[command(flatten)]
    pub predicting: Predicting,
    /// Plain text, one document per line, or JSON lines with `text`; `-` for standard input.
    pub files: Vec<PathBuf>,
    /// Each file is one document.
    #[arg(long, conflicts_with = "stream")]
    pub whole: bool,
    /// The minimum confidence, 0 to 1, of an entity.
    #[arg(long, default_value_t = 0.0, value_parser = probability)]
    pub threshold: f32,
    /// Answer each line of standard input at once: {"text": …} in, entities out.
    #[arg(long, conflicts_with_all = ["files", "files_from", "out", "shard"])]
    pub stream: bool,
    /// Write the lines to this file instead of standard output. It is there when all of it is.
    #[arg(long)]
    pub out: Option<PathBuf>,
    /// Overwrite this file if it exists.
    #[arg(long, requires = "out")]
    pub force: bool,
    /// Read only this shard of the files, such as 2/8. Each document belongs to one of the eight, and their
    /// outputs in order are those of all.
    #[arg(long, value_name = "I/N")]
    pub shard: Option<Shard>,
    /// Tag this many shards as tasks of their own, on this machine or by --runner, and join what they find.
    /// The same command continues what was interrupted.
    #[arg(long, requires = "out", conflicts_with = "shard", value_parser = clap::value_parser!(u64).range(1..=100_000))]
    pub shards: Option<u64>,
    /// Take the names of the files from this one, one a line.
    #[arg(long, value_name = "LIST", conflicts_with = "files")]
    pub files_from: Option<PathBuf>,
    #[command(flatten)]
    pub running: plan_args::Running,
    /// Report the progress of the test of a GPU, where it is tested first, on stderr as JSON lines:
    /// {"preparing": {"device": "cuda:0", "done": kernels, "total": kernels, "eta_seconds": seconds}}.
    #[arg(long)]
    pub progress: bool,
}

#[derive(clap::Args)]
pub struct Score {
    /// The file; `-` for standard input.
    pub file: PathBuf,
    /// The tag scheme, for the strict convention [default: detected].
    #[arg(long)]
    pub scheme: Option<Scheme>,
    /// How entities are counted: `conlleval`, or `strict` as seqeval's strict mode.
    #[arg(long, default_value = "conlleval", value_parser = convention)]
    pub mode: Convention,
}

#[derive(clap::Args)]
pub struct Bench {
    /// A device that `tagsmith devices` lists.
    #[arg(long, default_value = "auto")]
    pub device: String,
    /// A model folder, or a name in the library; without one, random weights are measured.
    #[arg(long, conflicts_with = "shape")]
    pub model: Option<String>,
    /// The size of the model with random weights: minilm, bert-base or tiny.
    #[arg(long, default_value = "minilm", value_parser = clap::builder::PossibleValuesParser::new(shapes()))]
    pub shape: String,
    /// The precision; int8 is for prediction only.
    #[arg(long, value_enum, default_value_t = Numbers::F32)]
    pub precision: Numbers,
    /// The precision of the optimiser's moments in training: f32, or bf16 on the CPU.
    #[arg(long, default_value = "f32", value_parser = moments)]
    pub moments: MomentPrecision,
    /// What to measure [default: all but growth].
    #[arg(long, value_delimiter = ',')]
    pub only: Option<Vec<What>>,
    /// The batches to measure, as sequences × tokens.
    #[arg(
        long,
        value_delimiter = ',',
        default_value = "16x32,32x32,16x128,32x128"
    )]
    pub batches: Vec<Shape>,
    /// The number of measurements of each, after two for warm-up.
    #[arg(long, default_value_t = 10)]
    pub repetitions: usize,
    /// Also measure memory over this many training steps.
    #[arg(long)]
    pub steps: Option<usize>,
    /// A quick trial run: one small batch, few repetitions.
    #[arg(long)]
    pub quick: bool,
    /// Measure this part in this process, for the process that asks.
    #[arg(long, hide = true)]
    pub part: Option<Part>,
}

/// What `bench` measures.
#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum What {
    /// Matrix products (GEMM): the peak that everything else is compared with.
    Product,
    /// Prediction at fixed batches.
    Forward,
    /// Training steps at fixed batches.
    Train,
    /// Prediction and training over sentences of typical lengths.
    Typical,
    /// One sentence at a time.
    Latency,
    /// Memory over many training steps.
    Growth,
}

/// Reads a name as serde spells it, so that options and files use the same words.
fn named<T: serde::de::DeserializeOwned>(text: &str, expected: &str) -> Result<T, String> {
    serde_json::from_value(text.into()).map_err(|_| format!("expected {expected}"))
}

fn sort(text: &str) -> Result<Sort, String> {
    named(text, "downloads, likes or updated")
}

fn format(text: &str) -> Result<FormatName, String> {
    named(text, &formats())
}

/// The names of the formats, as a sentence lists them.
fn formats() -> String {
    let names = FormatName::ALL.map(FormatName::as_str);
    match names.split_last() {
        Some((last, others)) => format!("{} or {last}", others.join(", ")),
        None => String::new(),
    }
}

fn format_help() -> String {
    format!(
        "What the files are, instead of finding it by looking: {}",
        formats()
    )
}

/// The formats to write, by their names.
fn targets() -> impl TypedValueParser<Value = Target> {
    let names = Target::ALL.map(|target| {
        let about = target.description();
        PossibleValue::new(about.name).help(about.help)
    });
    PossibleValuesParser::new(names).try_map(|name| {
        let mut targets = Target::ALL.into_iter();
        targets
            .find(|target| target.description().name == name)
            .ok_or("no such format")
    })
}

fn offset_unit(text: &str) -> Result<OffsetUnit, String> {
    named(text, "characters, bytes or utf16")
}

fn line_ends(text: &str) -> Result<LineEnds, String> {
    named(text, "as-written, joined or doubled")
}

fn precision(text: &str) -> Result<Precision, String> {
    named(text, "auto, f32, bf16 or f16")
}

fn moments(text: &str) -> Result<MomentPrecision, String> {
    named(text, "f32 or bf16")
}

fn decoding(text: &str) -> Result<Decoding, String> {
    named(text, "viterbi or argmax")
}

fn convention(text: &str) -> Result<Convention, String> {
    named(text, "conlleval or strict")
}

fn window(text: &str) -> Result<usize, String> {
    match text.parse() {
        Ok(length) if length >= 8 => Ok(length),
        _ => Err("expected a whole number from 8 on".into()),
    }
}

fn probability(text: &str) -> Result<f32, String> {
    match text.parse() {
        Ok(number) if (0.0..=1.0).contains(&number) => Ok(number),
        _ => Err("expected a number from 0 to 1".into()),
    }
}
