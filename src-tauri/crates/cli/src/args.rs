//! The arguments of every command.

use clap::{Parser, Subcommand, ValueEnum};
use std::path::PathBuf;
use tagsmith_corpus::{ColumnChoice, Convention, ReadOptions, Scheme};
use tagsmith_encoder::Precision;
use tagsmith_encoder::ops::Quantisation;
use tagsmith_hub::Sort;
use tagsmith_tagger::bench::{Part, SHAPES, Shape};
use tagsmith_tagger::{Decoding, Schedule};

/// Teaches a pretrained BERT to find your own kinds of names in text.
#[derive(Parser)]
#[command(
    name = "tagsmith",
    version,
    propagate_version = true,
    arg_required_else_help = true
)]
pub struct Args {
    /// Machine output on stdout, messages on stderr.
    #[arg(long, global = true)]
    pub json: bool,
    #[command(subcommand)]
    pub command: Command,
}

#[derive(Subcommand)]
pub enum Command {
    /// List the compute devices of this machine.
    Devices(Devices),
    /// Look at GPUs in this very process: the program calls itself so.
    #[command(hide = true)]
    Probe(Probe),
    /// Find, download, look at and remove models.
    #[command(subcommand)]
    Models(Models),
    /// Look at data files, and convert them.
    #[command(subcommand)]
    Data(Data),
    /// Fine-tune a model.
    Train(Box<Train>),
    /// Go on with a stopped or killed run.
    Resume(Resume),
    /// Score a model on labelled data, with every wrong prediction.
    Evaluate(Box<Evaluate>),
    /// Find entities in text: one JSON line per document.
    Tag(Tag),
    /// Score a file whose last two columns are gold and predicted tags, as conlleval does.
    Score(Score),
    /// Measure how fast a device trains and predicts, and in how much memory.
    ///
    /// Each part runs in a process of its own. Takes some minutes; nothing else should run meanwhile.
    Bench(Bench),
}

#[derive(clap::Args)]
pub struct Devices {
    /// Test each GPU: a small model must compute there what it computes on the CPU.
    #[arg(long)]
    pub check: bool,
}

#[derive(clap::Args)]
pub struct Probe {
    /// Test this device instead of listing all.
    pub device: Option<String>,
}

#[derive(Subcommand)]
pub enum Models {
    /// Look for models on the Hugging Face Hub.
    Search(Search),
    /// Download a model from the Hub into the library.
    ///
    /// Only what is needed comes, and every file is checked. A download that was stopped or cut goes
    /// on where it was.
    Download {
        /// ORG/NAME, ORG/NAME@REVISION, or the address of the model's page.
        model: String,
    },
    /// List the models of this machine.
    List,
    /// Tell what a model is, and whether it can be fine-tuned.
    Inspect {
        /// A model folder, a name in the library, or ORG/NAME on the Hub.
        model: String,
    },
    /// Delete a model from this machine, and say what was freed.
    ///
    /// A folder that was added is only forgotten.
    Remove {
        /// A name that `models list` shows, or that of a download that was left.
        model: String,
        /// Accepted for scripts; nothing is asked anyway.
        #[arg(long)]
        yes: bool,
    },
}

#[derive(clap::Args)]
pub struct Search {
    /// Part of a name, a whole name, or an address; left out, what is popular.
    #[arg(default_value = "")]
    pub query: String,
    /// Only of this person or organisation.
    #[arg(long)]
    pub author: Option<String>,
    /// Only for this task, in the Hub's spelling: token-classification, fill-mask, …
    #[arg(long)]
    pub task: Option<String>,
    /// Only in this language, by its code: en, de, …
    #[arg(long)]
    pub language: Option<String>,
    /// By what to order: downloads, likes or updated.
    #[arg(long, default_value = "downloads", value_parser = sort)]
    pub sort: Sort,
    /// Also those that cannot be fine-tuned here.
    #[arg(long)]
    pub all: bool,
    /// How many at most.
    #[arg(long, default_value_t = 20, value_parser = clap::value_parser!(u8).range(1..=100))]
    pub limit: u8,
}

#[derive(Subcommand)]
pub enum Data {
    /// Tell what files hold and what is wrong with them.
    Check {
        /// Files, each as PATH or as SPLIT=PATH (`train=a.conll dev=b.conll`) to compare splits.
        #[arg(required = true)]
        files: Vec<String>,
        #[command(flatten)]
        reading: Reading,
    },
    /// Convert a file to another format or tag scheme.
    Convert {
        /// The file to read. It is never changed.
        input: PathBuf,
        /// The file to write; `-` for standard output.
        output: PathBuf,
        /// The format to write; by the file's ending where absent (.jsonl, else CoNLL).
        #[arg(long)]
        to: Option<Target>,
        /// The tag scheme to write: io, iob1, iob2, bioes, bilou or bmes.
        #[arg(long, default_value = "iob2")]
        to_scheme: Scheme,
        /// Replace the output if it exists.
        #[arg(long)]
        force: bool,
        #[command(flatten)]
        reading: Reading,
    },
}

#[derive(Clone, Copy, ValueEnum)]
pub enum Target {
    /// Two columns, tab between, blank line after each sentence.
    Conll,
    /// JSON lines with text and spans, offsets in characters.
    Jsonl,
    /// JSON lines with tokens and tags.
    Tokens,
}

/// How data files are read.
#[derive(clap::Args)]
pub struct Reading {
    /// Leave out spans that cannot be used (out of range, overlapping), instead of stopping.
    #[arg(long)]
    pub drop_invalid: bool,
    /// CoNLL: the column of the tags, by number from 0 (negative from the right) or by name.
    #[arg(long, allow_hyphen_values = true)]
    pub tag_column: Option<ColumnChoice>,
    /// CoNLL: the column of the words.
    #[arg(long, allow_hyphen_values = true)]
    pub token_column: Option<ColumnChoice>,
    /// The tag scheme of the file, instead of finding it by looking.
    #[arg(long)]
    pub scheme: Option<Scheme>,
    /// Tag names for data with numbers, in order: O,B-PER,I-PER,…
    #[arg(long, value_delimiter = ',')]
    pub label_names: Option<Vec<String>>,
}

impl From<Reading> for ReadOptions {
    fn from(reading: Reading) -> Self {
        Self {
            drop_invalid: reading.drop_invalid,
            tag_column: reading.tag_column,
            token_column: reading.token_column,
            scheme: reading.scheme,
            label_names: reading.label_names,
        }
    }
}

#[derive(clap::Args)]
pub struct Train {
    /// A model folder, or a name in the library such as `starter`.
    #[arg(long, required_unless_present = "config")]
    pub model: Option<String>,
    /// The file to learn from.
    #[arg(long, required_unless_present = "config")]
    pub train: Option<PathBuf>,
    /// The file to choose the best model by; without it a part of the training file is held out.
    #[arg(long)]
    pub dev: Option<PathBuf>,
    /// A file to score at the end.
    #[arg(long)]
    pub test: Option<PathBuf>,
    /// The folder of the run. It must not hold anything yet.
    #[arg(long)]
    pub out: PathBuf,
    /// Settings as JSON, as in the `config` part of a run.json; options here come before them.
    #[arg(long)]
    pub config: Option<PathBuf>,
    /// Passes over the training data [default: enough for several hundred steps].
    #[arg(long)]
    pub epochs: Option<usize>,
    /// Sequences in a step [default: 16].
    #[arg(long)]
    pub batch_size: Option<usize>,
    /// Batches that together make one step [default: 1].
    #[arg(long)]
    pub gradient_accumulation: Option<usize>,
    /// Highest learning rate [default: by the model's size, 5e-5 for small ones].
    #[arg(long)]
    pub lr: Option<f64>,
    /// How the learning rate falls [default: linear].
    #[arg(long, value_parser = schedule)]
    pub schedule: Option<Schedule>,
    /// Share of the steps over which the learning rate rises [default: 0.1].
    #[arg(long)]
    pub warmup_ratio: Option<f64>,
    /// Weight decay [default: 0.01].
    #[arg(long)]
    pub weight_decay: Option<f64>,
    /// All dropout rates, instead of those of the model.
    #[arg(long)]
    pub dropout: Option<f64>,
    /// Leave the embeddings and this many of the lowest layers as they are [default: 0].
    #[arg(long)]
    pub freeze_layers: Option<usize>,
    /// Longest window in word pieces [default: 256].
    #[arg(long)]
    pub max_length: Option<usize>,
    /// Epochs without a better dev F1 before training ends; 0 for never [default: 6].
    #[arg(long)]
    pub patience: Option<usize>,
    /// Fixes everything random [default: 42].
    #[arg(long)]
    pub seed: Option<u64>,
    /// A device that `tagsmith devices` lists [default: auto].
    #[arg(long)]
    pub device: Option<String>,
    /// In how many bits the model computes: auto, f32, bf16 or f16 [default: auto].
    #[arg(long, value_parser = precision)]
    pub precision: Option<Precision>,
    /// Keep less for the backward pass and compute it again there: less memory, more time.
    #[arg(long)]
    pub gradient_checkpointing: bool,
    /// How tags are chosen in evaluation [default: viterbi].
    #[arg(long, value_parser = decoding)]
    pub decoding: Option<Decoding>,
    /// The tag scheme of the model's outputs [default: iob2].
    #[arg(long)]
    pub model_scheme: Option<Scheme>,
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
    /// `viterbi` takes the best legal sequence, `argmax` the best tag of each word.
    #[arg(long, default_value = "viterbi", value_parser = decoding)]
    pub decoding: Decoding,
    /// The tag scheme of the model's outputs [default: told by the folder, else found by looking].
    #[arg(long)]
    pub model_scheme: Option<Scheme>,
    /// Sequences in a batch. It never changes the result.
    #[arg(long, default_value_t = 32)]
    pub batch_size: usize,
    /// Longest window in word pieces.
    #[arg(long, default_value_t = 256)]
    pub max_length: usize,
    /// A device that `tagsmith devices` lists.
    #[arg(long, default_value = "auto")]
    pub device: String,
    /// In which numbers the model computes. `evaluate` shows what others than `f32` change.
    #[arg(long, default_value = "f32")]
    pub precision: Numbers,
}

/// The numbers that prediction computes in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Numbers {
    /// 32 bits.
    F32,
    /// 16 bits with the range of 32, on a GPU that passed its test in them.
    Bf16,
    /// 16 bits, on a GPU that passed its test in them.
    F16,
    /// Eight bits, on the CPU: less memory, and faster where the processor has instructions for it.
    Int8,
}

impl Numbers {
    /// How floating-point numbers are computed with.
    pub fn precision(self) -> Precision {
        match self {
            Self::F32 | Self::Int8 => Precision::F32,
            Self::Bf16 => Precision::Bf16,
            Self::F16 => Precision::F16,
        }
    }

    /// How weights are laid out.
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
    /// Replace these files if they exist.
    #[arg(long)]
    pub force: bool,
    /// Tell on stderr how far it is, as JSON lines: {"done": windows, "total": windows}.
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
    /// Leave out entities with a score below this.
    #[arg(long, default_value_t = 0.0, value_parser = share)]
    pub threshold: f32,
    /// Answer each line of standard input as it comes: {"text": …} in, entities out.
    #[arg(long, conflicts_with = "files")]
    pub stream: bool,
}

#[derive(clap::Args)]
pub struct Score {
    /// The file; `-` for standard input.
    pub file: PathBuf,
    /// The tag scheme, for the strict convention [default: found by looking].
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
    /// The size of the random weights: minilm, bert-base or tiny.
    #[arg(long, default_value = "minilm", value_parser = SHAPES.map(|(name, _)| name))]
    pub shape: String,
    /// What to measure [default: all but growth].
    #[arg(long, value_delimiter = ',')]
    pub only: Option<Vec<What>>,
    /// The batches to measure, as sequences × word pieces.
    #[arg(
        long,
        value_delimiter = ',',
        default_value = "16x32,32x32,16x128,32x128"
    )]
    pub batches: Vec<Shape>,
    /// How often each is measured, after two that do not count.
    #[arg(long, default_value_t = 10)]
    pub repetitions: usize,
    /// Also watch memory over this many training steps.
    #[arg(long)]
    pub steps: Option<usize>,
    /// Only try out that everything works: one small batch, few repetitions.
    #[arg(long)]
    pub quick: bool,
    /// Measure this part in this process, for the process that asks.
    #[arg(long, hide = true)]
    pub part: Option<Part>,
}

/// What `bench` measures.
#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum What {
    /// Matrix products: the peak that all else is compared with.
    Product,
    /// Prediction at fixed batches.
    Forward,
    /// Training steps at fixed batches.
    Train,
    /// Both over sentences of typical lengths.
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

fn schedule(text: &str) -> Result<Schedule, String> {
    named(text, "linear, cosine or constant")
}

fn precision(text: &str) -> Result<Precision, String> {
    named(text, "auto, f32, bf16 or f16")
}

fn decoding(text: &str) -> Result<Decoding, String> {
    named(text, "viterbi or argmax")
}

fn convention(text: &str) -> Result<Convention, String> {
    named(text, "conlleval or strict")
}

fn share(text: &str) -> Result<f32, String> {
    match text.parse() {
        Ok(share) if (0.0..=1.0).contains(&share) => Ok(share),
        _ => Err("expected a number from 0 to 1".into()),
    }
}
