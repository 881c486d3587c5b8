//! Weights on disk: the tensors of a model folder, read one at a time and converted to f32.

mod pickle;
mod safetensors;

pub use self::safetensors::{LazyTensor, Storable, Stored, write};

use serde_json::Value;
use std::borrow::Cow;
use std::collections::BTreeMap;
use std::io;
use std::path::PathBuf;
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

/// One tensor of a file, not yet read.
pub struct Weight {
    /// Dimensions, outermost first.
    pub shape: Vec<usize>,
    /// The element type, or the name of one that no weight has.
    dtype: Result<Float, String>,
    read: Box<dyn Fn() -> Result<Vec<u8>, WeightsError>>,
}

impl Weight {
    /// The values in row-major order as f32.
    ///
    /// # Errors
    /// The file became unreadable, the tensor holds no floating-point numbers, or one of them is not
    /// finite, also once it is an f32: a model with such a weight answers anything.
    pub fn read(&self, name: &str) -> Result<Vec<f32>, WeightsError> {
        let dtype = self.dtype.clone().map_err(|found| WeightsError::NotFloat {
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

/// The tensors of a model folder by the names that the files give them.
pub struct Weights {
    /// The file or, for several, their index.
    pub path: PathBuf,
    /// The tensors in the order of their names.
    pub tensors: BTreeMap<String, Weight>,
}

impl Weights {
    /// Opens the weights of a model folder without reading the tensors.
    ///
    /// Looked for in this order: `model.safetensors`, its index of several files,
    /// `pytorch_model.bin`, its index.
    ///
    /// # Errors
    /// None of these files is there, or one is unreadable, damaged or unsafe.
    pub fn from_folder(folder: &std::path::Path) -> Result<Self, WeightsError> {
        type Open = fn(&std::path::Path) -> Result<BTreeMap<String, Weight>, WeightsError>;
        let kinds: [(&str, Open); 2] = [
            ("model.safetensors", safetensors::open),
            ("pytorch_model.bin", pickle::open),
        ];
        for (name, open) in kinds {
            let path = folder.join(name);
            if path.exists() {
                let tensors = open(&path)?;
                return Ok(Self { path, tensors });
            }
            let path = folder.join(format!("{name}.index.json"));
            if path.exists() {
                let mut tensors = BTreeMap::new();
                for shard in shards(&path)? {
                    tensors.append(&mut open(&folder.join(shard))?);
                }
                return Ok(Self { path, tensors });
            }
        }
        Err(WeightsError::NoWeights {
            folder: folder.into(),
        })
    }
}

impl Weights {
    /// Opens one safetensors file.
    ///
    /// # Errors
    /// It is unreadable or damaged.
    pub fn from_safetensors(path: &std::path::Path) -> Result<Self, WeightsError> {
        let tensors = safetensors::open(path)?;
        Ok(Self {
            path: path.into(),
            tensors,
        })
    }
}

/// The file names in an index, each once.
fn shards(index: &std::path::Path) -> Result<Vec<String>, WeightsError> {
    let text = std::fs::read_to_string(index).map_err(|source| WeightsError::Unreadable {
        path: index.into(),
        source,
    })?;
    let corrupt = |reason: &str| WeightsError::Corrupt {
        path: index.into(),
        reason: reason.into(),
    };
    let parsed: Value =
        serde_json::from_str(&text).map_err(|failure| corrupt(&failure.to_string()))?;
    let map = parsed["weight_map"]
        .as_object()
        .ok_or_else(|| corrupt("it has no `weight_map`"))?;
    let mut files = Vec::new();
    for file in map.values() {
        let file = file
            .as_str()
            .ok_or_else(|| corrupt("a file's name is no text"))?;
        // An index may only name files beside it.
        if std::path::Path::new(file).components().count() != 1 || file == ".." {
            return Err(corrupt(&format!("it names `{file}`, outside the folder")));
        }
        if !files.iter().any(|known| known == file) {
            files.push(file.to_owned());
        }
    }
    Ok(files)
}
