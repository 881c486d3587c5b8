//! What can go wrong, with a stable code for programs and a hint for people.

use std::any::Any;
use std::borrow::Cow;
use std::io;
use std::panic::{self, AssertUnwindSafe};
use std::path::{Path, PathBuf};
use tagsmith_corpus::ReadError;
use tagsmith_encoder::{ConfigError, DeviceError, LoadError};
use tagsmith_protocol::Diagnose;
use tagsmith_protocol::SettingFault;

/// Any failure of training, evaluating or tagging.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// A data file cannot be used.
    #[error(transparent)]
    Data(#[from] ReadError),
    /// A data file is fine but holds nothing to learn from or to score.
    #[error("`{}` {what}", path.display())]
    NothingToLearn {
        /// The file.
        path: PathBuf,
        /// What it lacks, as the end of a sentence.
        what: String,
    },
    /// A model folder cannot be loaded.
    #[error(transparent)]
    Model(#[from] LoadError),
    /// The model's labels are not tags.
    #[error("the model's label `{label}` is not a tag: {reason}")]
    BadTags {
        /// The label.
        label: String,
        /// Why it cannot be read as a tag.
        reason: String,
    },
    /// Models that are to become one, or to answer together, do not fit each other.
    #[error("`{}` does not go with `{}`: {reason}", model.display(), first.display())]
    Unalike {
        /// The folder of one of them.
        model: PathBuf,
        /// That of the first.
        first: PathBuf,
        /// In what they differ.
        reason: &'static str,
    },
    /// The tokenizer's files are absent or damaged.
    #[error("no usable tokenizer in `{}`: {reason}", folder.display())]
    Tokenizer {
        /// The model folder.
        folder: PathBuf,
        /// What is wrong.
        reason: String,
        /// What can be done, where more is known than that a tokenizer is needed.
        hint: Option<String>,
    },
    /// A tokenizer without a mask.
    #[error("the tokenizer in `{}` has no piece that stands for a masked one", folder.display())]
    NoMask {
        /// The model folder.
        folder: PathBuf,
    },
    /// The asked-for device is not there.
    #[error(transparent)]
    Device(#[from] DeviceError),
    /// A setting makes no sense.
    #[error("`{setting}` is {found}, expected {expected}")]
    Setting {
        /// The setting's name as in the configuration.
        setting: &'static str,
        /// Its value.
        found: String,
        /// What would have been accepted.
        expected: String,
    },
    /// A configuration file cannot be read as one.
    #[error("`{}` is not a training configuration: {reason}", path.display())]
    ConfigFile {
        /// The file.
        path: PathBuf,
        /// What the parser said.
        reason: String,
    },
    /// The output folder holds something already.
    #[error("the output folder `{}` is not empty", path.display())]
    OutputNotEmpty {
        /// The folder.
        path: PathBuf,
    },
    /// The loss became infinite or undefined.
    #[error("the loss is {loss} at step {step}: training has diverged")]
    Diverged {
        /// The step, from 1.
        step: usize,
        /// Its loss.
        loss: f64,
    },
    /// Memory ran out with a single window.
    #[error("memory ran out on a single window of {pieces} word pieces")]
    OutOfMemory {
        /// The longest window of the step.
        pieces: usize,
    },
    /// Another process has locked the run's folder.
    #[error("another process is working on the run in `{}`", folder.display())]
    InUse {
        /// The run's folder.
        folder: PathBuf,
    },
    /// A run cannot be resumed.
    #[error("cannot resume `{}`: {reason}", folder.display())]
    Resume {
        /// The run's folder.
        folder: PathBuf,
        /// Why not.
        reason: String,
    },
    /// A fault of the program or of a driver below it.
    #[error("something went wrong inside the program: {what}")]
    Internal {
        /// What the fault said of itself.
        what: String,
    },
    /// The file system refused.
    #[error("cannot {action} `{}`: {source}", path.display())]
    Io {
        /// What was tried: `read`, `write`, `create`.
        action: &'static str,
        /// The file or folder.
        path: PathBuf,
        /// What the file system said.
        source: io::Error,
    },
}

impl From<SettingFault> for Error {
    fn from(fault: SettingFault) -> Self {
        Self::Setting {
            setting: fault.setting,
            found: fault.found,
            expected: fault.expected,
        }
    }
}

impl From<ConfigError> for Error {
    fn from(failure: ConfigError) -> Self {
        Self::Model(LoadError::Config(failure))
    }
}

impl Diagnose for Error {
    fn code(&self) -> &'static str {
        match self {
            Self::Data(_) => "data",
            Self::NothingToLearn { .. } => "nothing-to-learn",
            Self::Model(_) | Self::BadTags { .. } | Self::Unalike { .. } => "model",
            Self::Tokenizer { .. } | Self::NoMask { .. } => "tokenizer",
            Self::Device(_) => "device",
            Self::Setting { .. } | Self::ConfigFile { .. } => "setting",
            Self::OutputNotEmpty { .. } => "output-not-empty",
            Self::Diverged { .. } => "diverged",
            Self::OutOfMemory { .. } => "memory",
            Self::InUse { .. } => "in-use",
            Self::Resume { .. } => "resume",
            Self::Internal { .. } => "internal",
            Self::Io { source, .. } if source.kind() == io::ErrorKind::StorageFull => "disk-full",
            Self::Io { .. } => "io",
        }
    }

    fn hint(&self) -> Option<Cow<'_, str>> {
        let hint: String = match self {
            Self::Data(failure) => return failure.hint(),
            Self::NothingToLearn { .. } => {
                "`tagsmith data check FILE` shows what the file holds".into()
            }
            Self::Model(failure) => return failure.hint(),
            Self::BadTags { .. } => {
                "a tagger's labels are `O` and names such as `B-PER`, `I-PER`, or plain `PER`".into()
            }
            Self::Unalike { .. } => {
                "take models of runs with the same base model, labels and settings but the seed".into()
            }
            Self::Tokenizer { hint: Some(hint), .. } => hint.clone(),
            Self::Tokenizer { .. } => {
                "a model folder needs tokenizer.json or vocab.txt next to its config.json".into()
            }
            Self::NoMask { .. } => {
                "take a model that was pretrained with masks, such as BERT or RoBERTa, or fine-tune this one as it is".into()
            }
            Self::Device(failure) => return failure.hint(),
            Self::Setting { .. } => return None,
            Self::ConfigFile { .. } => {
                "take the `config` part of a run.json as a pattern, or leave the option out".into()
            }
            Self::OutputNotEmpty { .. } => {
                "name a new folder; nothing there was changed. A stopped run continues with `tagsmith resume`".into()
            }
            Self::Diverged { .. } => {
                "try a smaller --lr, for instance a third of it; the best model so far is kept".into()
            }
            Self::OutOfMemory { .. } => {
                "try a smaller --max-length, a smaller model, or `--device cpu`; the best model so far is kept".into()
            }
            Self::Internal { .. } => {
                "what was saved before is unharmed; `tagsmith resume` continues from the last checkpoint".into()
            }
            Self::InUse { .. } => {
                "wait until it is done, or stop it with a file named `stop` in its folder; a new run needs a folder of its own".into()
            }
            Self::Resume { .. } => "start a new run with `tagsmith train`".into(),
            Self::Io { source, .. } => match source.kind() {
                io::ErrorKind::StorageFull => {
                    "free some space; what was there before is unharmed".into()
                }
                io::ErrorKind::PermissionDenied => "check the permissions of the folder".into(),
                io::ErrorKind::NotFound => "check the path".into(),
                _ => return None,
            },
        };
        Some(hint.into())
    }
}

impl Error {
    /// Runs `work`, and turns a panic in it into an error.
    ///
    /// # Errors
    /// What `work` returns, or [`Error::Internal`].
    pub fn catching<T>(work: impl FnOnce() -> Result<T, Self>) -> Result<T, Self> {
        // What a panic leaves half done is dropped with the closure; files are written atomically.
        panic::catch_unwind(AssertUnwindSafe(work)).unwrap_or_else(|payload| {
            let what = panic_message(payload.as_ref()).unwrap_or("no more is known");
            Err(Self::Internal { what: what.into() })
        })
    }

    /// For `map_err`: the file system refused to read `path`.
    pub fn reading(path: &Path) -> impl FnOnce(io::Error) -> Self {
        Self::io("read", path)
    }

    /// For `map_err`: the file system refused to write `path`.
    pub fn writing(path: &Path) -> impl FnOnce(io::Error) -> Self {
        Self::io("write", path)
    }

    /// For `map_err`: the file system refused to do `action` with `path`.
    pub fn io(action: &'static str, path: &Path) -> impl FnOnce(io::Error) -> Self {
        let path = path.to_path_buf();
        move |source| Self::Io {
            action,
            path,
            source,
        }
    }
}

/// The message of a panic, where it is text.
pub(crate) fn panic_message(payload: &(dyn Any + Send)) -> Option<&str> {
    let text = payload.downcast_ref::<String>().map(String::as_str);
    text.or_else(|| payload.downcast_ref::<&str>().copied())
}
