//! Weights on disk: the tensors of a model folder, read one at a time and converted to f32.

mod pickle;
mod safetensors;

pub use self::safetensors::{
    LazyTensor, Located, Storable, Stored, header_length, tensors_in, write,
};

use crate::adapter::MergedFrom;
use crate::{Adapter, Note, ensemble, pointer};
use serde_json::Value;
use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};
use std::io;
use std::path::{Component, Path, PathBuf};
use tagsmith_protocol::Diagnose;

/// Why weights cannot be read.
#[derive(Debug, thiserror::Error)]
pub enum WeightsError {
    /// The folder holds no file of weights under a known name.
    #[error("`{}` holds no weights", folder.display())]
    NoWeights {
        /// The model folder.
        folder: PathBuf,
    },
    /// The file system refused.
    #[error("cannot read `{}`: {source}", path.display())]
    Unreadable {
        /// The file.
        path: PathBuf,
        /// What the file system said.
        source: io::Error,
    },
    /// The file is not of the format that its name says, or is truncated.
    #[error("`{}` is damaged: {reason}", path.display())]
    Corrupt {
        /// The file.
        path: PathBuf,
        /// What does not fit.
        reason: String,
    },
    /// The file is a Git LFS pointer.
    #[error("`{}` is a Git LFS pointer, not the file itself", path.display())]
    Pointer {
        /// The file.
        path: PathBuf,
    },
    /// The folder holds an adapter and no weights of a model.
    #[error("`{}` holds no weights: {adapter}", folder.display())]
    Adapter {
        /// The model folder.
        folder: PathBuf,
        /// The adapter.
        adapter: Adapter,
    },
    /// The folder holds several models.
    #[error("`{}` is an ensemble of {} models, and no single one", folder.display(), members.len())]
    Ensemble {
        /// The folder.
        folder: PathBuf,
        /// Those of the models.
        members: Vec<PathBuf>,
    },
    /// A pickle that holds more than tensors; running it in Python could run any program.
    #[error("`{}` asks for `{object}`, which is no tensor; it was not run", path.display())]
    UnsafePickle {
        /// The file.
        path: PathBuf,
        /// The Python object asked for.
        object: String,
    },
    /// A tensor with a value that is not finite.
    #[error("the tensor `{name}` holds {found} as value {at} of {count}, expected finite numbers")]
    NotFinite {
        /// The tensor's name in the file.
        name: String,
        /// `NaN`, `inf` or `-inf`.
        found: f32,
        /// Which value it is, in row-major order from 0.
        at: usize,
        /// How many values the tensor has.
        count: usize,
    },
    /// A tensor of integers or booleans where weights are needed.
    #[error("the tensor `{name}` holds {found}, expected f32, f16, bf16 or f64")]
    NotFloat {
        /// The tensor's name in the file.
        name: String,
        /// Its element type.
        found: String,
    },
}

impl Diagnose for WeightsError {
    fn code(&self) -> &'static str {
        "model"
    }

    fn hint(&self) -> Option<Cow<'_, str>> {
        let hint: String = match self {
            Self::NoWeights { .. } => {
                "expected model.safetensors or pytorch_model.bin, or their index files".into()
            }
            Self::Pointer { .. } => pointer::HINT.into(),
            Self::Adapter { adapter, .. } => return adapter.hint(),
            Self::Ensemble { members, .. } => format!(
                "`tag` and `evaluate` take it; for all else name one of its models, such as `{}`",
                members[0].display()
            ),
            Self::Unreadable { .. } => "check that the file exists and may be read".into(),
            Self::Corrupt { .. } => {
                "the file was cut off or changed: fetch the model again, or take another copy of it"
                    .into()
            }
            Self::UnsafePickle { .. } => {
                "do not open this file in Python; look for a safetensors version of the model"
                    .into()
            }
            Self::NotFinite { .. } => {
                "the model was saved broken, or its file was changed: take another copy of it"
                    .into()
            }
            Self::NotFloat { .. } => {
                "quantised checkpoints cannot be fine-tuned: take the original model".into()
            }
        };
        Some(hint.into())
    }
}

/// The element types that weights may have on disk.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Float {
    /// IEEE 754 double precision.
    F64,
    /// IEEE 754 single precision.
    F32,
    /// IEEE 754 half precision.
    F16,
    /// bfloat16: the upper half of an f32.
    BF16,
}

/// What a file says of a tensor before its values.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TensorInfo {
    /// Dimensions, outermost first.
    pub shape: Vec<usize>,
    /// The element type, or the name of one that no weight has.
    pub dtype: Result<Float, String>,
}

impl TensorInfo {
    /// How many values it has.
    pub fn count(&self) -> u64 {
        let extents = self.shape.iter().map(|extent| *extent as u64);
        extents.fold(1, u64::saturating_mul)
    }

    /// The name of the element type, for instance `F32`.
    pub fn type_name(&self) -> String {
        match &self.dtype {
            Ok(float) => format!("{float:?}"),
            Err(other) => other.clone(),
        }
    }
}

/// One tensor of a file, not yet read.
pub struct Weight {
    /// What the file says of it.
    pub info: TensorInfo,
    read: Box<dyn Fn() -> Result<Vec<u8>, WeightsError>>,
}

impl Weight {
    /// The values in row-major order as f32.
    ///
    /// # Errors
    /// The file became unreadable, the tensor holds no floating-point numbers, or one of them is not
    /// finite, also once it is an f32: a model with such a weight answers anything.
    pub fn read(&self, name: &str) -> Result<Vec<f32>, WeightsError> {
        let dtype = self
            .info
            .dtype
            .clone()
            .map_err(|found| WeightsError::NotFloat {
                name: name.into(),
                found,
            })?;
        let bytes = (self.read)()?;
        let values = match dtype {
            Float::F64 => widen(&bytes, |b| f64::from_le_bytes(b) as f32),
            Float::F32 => widen(&bytes, f32::from_le_bytes),
            Float::F16 => widen(&bytes, |b| half::f16::from_le_bytes(b).to_f32()),
            Float::BF16 => widen(&bytes, |b| half::bf16::from_le_bytes(b).to_f32()),
        };
        match values.iter().position(|value| !value.is_finite()) {
            None => Ok(values),
            Some(at) => Err(WeightsError::NotFinite {
                name: name.into(),
                found: values[at],
                at,
                count: values.len(),
            }),
        }
    }
}

fn widen<const N: usize>(bytes: &[u8], convert: impl Fn([u8; N]) -> f32) -> Vec<f32> {
    let (chunks, _) = bytes.as_chunks::<N>();
    chunks.iter().map(|chunk| convert(*chunk)).collect()
}

/// In what form weights are stored.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Form {
    /// Safetensors, in one file or several.
    Safetensors,
    /// PyTorch's pickles, in one file or several.
    Pickle,
}

/// The forms with the name of their file, in the order in which they are looked for. Each may be in parts,
/// listed in an index.
pub const FORMS: [(&str, Form); 2] = [
    ("model.safetensors", Form::Safetensors),
    ("pytorch_model.bin", Form::Pickle),
];

/// The file of a model folder with the learned transitions of a conditional random field over its tags.
pub const CRF: &str = "crf.safetensors";

/// The tensors of a model folder by the names that the files give them.
pub struct Weights {
    /// In what form they are stored.
    pub form: Form,
    /// The file or, for several, their index.
    pub path: PathBuf,
    /// The files that hold them.
    pub files: Vec<PathBuf>,
    /// The tensors in the order of their names.
    pub tensors: BTreeMap<String, Weight>,
    /// The key of a training program's checkpoint under which they lie.
    pub nested_under: Option<&'static str>,
}

impl Weights {
    /// Opens the weights of a model folder without reading the tensors.
    ///
    /// Looked for in this order: `model.safetensors`, its index of several files,
    /// `pytorch_model.bin`, its index.
    ///
    /// # Errors
    /// None of these files is there, or one is unreadable, damaged or unsafe.
    pub fn from_folder(folder: &Path) -> Result<Self, WeightsError> {
        let (form, path, files) = find(folder)?;
        Self::open(form, path, files)
    }

    /// Opens one file that is not called as a model's is.
    ///
    /// # Errors
    /// It is unreadable, damaged or unsafe.
    pub(crate) fn from_file((path, form): &(PathBuf, Form)) -> Result<Self, WeightsError> {
        Self::open(*form, path.clone(), vec![path.clone()])
    }

    fn open(form: Form, path: PathBuf, files: Vec<PathBuf>) -> Result<Self, WeightsError> {
        let mut weights = Self {
            form,
            path,
            files,
            tensors: BTreeMap::new(),
            nested_under: None,
        };
        for file in &weights.files {
            if pointer::is_pointer(file) {
                return Err(WeightsError::Pointer { path: file.clone() });
            }
            let mut tensors = match form {
                Form::Safetensors => safetensors::open(file)?,
                Form::Pickle => {
                    let (tensors, nested_under) = pickle::open(file)?;
                    weights.nested_under = weights.nested_under.or(nested_under);
                    tensors
                }
            };
            weights.tensors.append(&mut tensors);
        }
        Ok(weights)
    }

    /// Opens one safetensors file.
    ///
    /// # Errors
    /// It is unreadable or damaged.
    pub fn from_safetensors(path: &Path) -> Result<Self, WeightsError> {
        Self::from_file(&(path.into(), Form::Safetensors))
    }

    /// What the files say of each tensor.
    pub fn infos(&self) -> impl Iterator<Item = (&str, &TensorInfo)> {
        let tensors = self.tensors.iter();
        tensors.map(|(name, weight)| (name.as_str(), &weight.info))
    }

    /// What a person should know of how they are stored, and of what they were made.
    pub fn notes(&self) -> impl Iterator<Item = Note> {
        let nested = self.nested_under.map(|key| {
            let message = format!(
                "the weights were taken out of a training program's checkpoint, where they lie under `{key}`"
            );
            Note::new("nested-weights", message)
        });
        let merged = self.path.parent().and_then(MergedFrom::read);
        nested.into_iter().chain(merged.map(|merged| merged.note()))
    }
}

/// The weights of a folder: their form, their file or the index of several, and the files.
///
/// # Errors
/// There are none, or the index is damaged. Whether its files are there is not looked at.
pub fn find(folder: &Path) -> Result<(Form, PathBuf, Vec<PathBuf>), WeightsError> {
    for (name, form) in FORMS {
        let path = folder.join(name);
        if path.exists() {
            return Ok((form, path.clone(), vec![path]));
        }
        let index = folder.join(format!("{name}.index.json"));
        if index.exists() {
            let files = shards(&index)?;
            let files = files.iter().map(|file| folder.join(file)).collect();
            return Ok((form, index, files));
        }
    }
    let members = ensemble::members(folder)?;
    let folder = folder.to_path_buf();
    Err(match (members, Adapter::in_folder(&folder)) {
        (Some(members), _) => WeightsError::Ensemble { folder, members },
        (None, Some(adapter)) => WeightsError::Adapter { folder, adapter },
        (None, None) => WeightsError::NoWeights { folder },
    })
}

/// The file of an adapter's weights, with its form.
///
/// # Errors
/// There is none.
pub fn of_adapter(folder: &Path) -> Result<(PathBuf, Form), WeightsError> {
    let stem = folder.join("adapter_model");
    let mut files = FORMS.iter().map(|(name, form)| {
        let ending = Path::new(name).extension().unwrap_or_default();
        (stem.with_extension(ending), *form)
    });
    files
        .find(|(path, _)| path.exists())
        .ok_or_else(|| WeightsError::Unreadable {
            path: stem.with_extension("safetensors"),
            source: io::ErrorKind::NotFound.into(),
        })
}

/// The file names in an index, each once.
fn shards(index: &Path) -> Result<Vec<String>, WeightsError> {
    let bytes = std::fs::read(index).map_err(|source| WeightsError::Unreadable {
        path: index.into(),
        source,
    })?;
    if pointer::begins(&bytes) {
        return Err(WeightsError::Pointer { path: index.into() });
    }
    parts(&bytes).map_err(|reason| WeightsError::Corrupt {
        path: index.into(),
        reason,
    })
}

/// The file names in the text of an index, each once, in order.
///
/// # Errors
/// In words: it is no index, or names a file elsewhere.
pub fn parts(index: &[u8]) -> Result<Vec<String>, String> {
    let parsed: Value = serde_json::from_slice(index).map_err(|failure| failure.to_string())?;
    let map = parsed["weight_map"]
        .as_object()
        .ok_or("it has no `weight_map`")?;
    let mut files = BTreeSet::new();
    for file in map.values() {
        let file = file.as_str().ok_or("a file's name is no text")?;
        // An index may only name files beside it.
        match is_plain_name(file) {
            true => files.insert(file.to_owned()),
            false => return Err(format!("it names `{file}`, outside the folder")),
        };
    }
    match files.is_empty() {
        true => Err("it names no file".into()),
        false => Ok(files.into_iter().collect()),
    }
}

/// Whether it is the name of something in a folder, and no path out of it.
pub(crate) fn is_plain_name(name: &str) -> bool {
    let mut components = Path::new(name).components();
    matches!(
        (components.next(), components.next()),
        (Some(Component::Normal(_)), None)
    )
}
