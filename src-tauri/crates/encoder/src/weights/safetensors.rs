//! Safetensors files: the header first, each tensor when it is asked for; written atomically.

use super::{Float, Weight, WeightsError};
use crate::file::replace_atomically;
use safetensors::tensor::Metadata;
use safetensors::{Dtype, SafeTensorError, View};
use std::borrow::Cow;
use std::collections::{BTreeMap, HashMap};
use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom};
use std::path::Path;

/// Larger headers are refused, as the format's own library does.
const LARGEST_HEADER: u64 = 100_000_000;

/// Opens a safetensors file.
///
/// # Errors
/// Unreadable, or its length differs from what its header says.
pub(super) fn open(path: &Path) -> Result<BTreeMap<String, Weight>, WeightsError> {
    let unreadable = |source| WeightsError::Unreadable {
        path: path.into(),
        source,
    };
    let corrupt = |reason: String| WeightsError::Corrupt {
        path: path.into(),
        reason,
    };
    let mut file = File::open(path).map_err(unreadable)?;
    let length = file.metadata().map_err(unreadable)?.len();
    let mut size = [0; 8];
    file.read_exact(&mut size)
        .map_err(|_| corrupt(format!("it has {length} bytes, too few for a header")))?;
    let header = u64::from_le_bytes(size);
    if header > LARGEST_HEADER.min(length.saturating_sub(8)) {
        return Err(corrupt(format!(
            "its header of {header} bytes does not fit in the file's {length}"
        )));
    }
    let mut text = Vec::new();
    file.take(header)
        .read_to_end(&mut text)
        .map_err(unreadable)?;
    let metadata: Metadata =
        serde_json::from_slice(&text).map_err(|failure| corrupt(failure.to_string()))?;
    let expected = 8 + header + metadata.data_len() as u64;
    if length != expected {
        return Err(corrupt(format!(
            "it has {length} bytes where its header speaks of {expected}"
        )));
    }
    let tensors = metadata.tensors().into_iter().map(|(name, info)| {
        let (begin, end) = info.data_offsets;
        let path = path.to_path_buf();
        let weight = Weight {
            shape: info.shape.clone(),
            dtype: float(info.dtype),
            read: Box::new(move || {
                read_range(&path, 8 + header + begin as u64, end - begin).map_err(|source| {
                    WeightsError::Unreadable {
                        path: path.clone(),
                        source,
                    }
                })
            }),
        };
        (name, weight)
    });
    Ok(tensors.collect())
}

fn read_range(path: &Path, begin: u64, length: usize) -> io::Result<Vec<u8>> {
    let mut file = File::open(path)?;
    file.seek(SeekFrom::Start(begin))?;
    let mut bytes = vec![0; length];
    file.read_exact(&mut bytes)?;
    Ok(bytes)
}

fn float(dtype: Dtype) -> Result<Float, String> {
    match dtype {
        Dtype::F64 => Ok(Float::F64),
        Dtype::F32 => Ok(Float::F32),
        Dtype::F16 => Ok(Float::F16),
        Dtype::BF16 => Ok(Float::BF16),
        other => Err(format!("{other:?}")),
    }
}

/// One f32 tensor to be written.
pub struct Stored {
    /// Extents, outermost first.
    pub shape: Vec<usize>,
    /// Values in row-major order.
    pub values: Vec<f32>,
}

/// One f32 tensor that is made when its turn to be written comes, and gone after it: of a model and
/// its optimiser only one tensor is held twice.
pub struct Later<'a> {
    /// Extents, outermost first.
    pub shape: Vec<usize>,
    /// Gives the values in row-major order.
    pub values: Box<dyn Fn() -> Vec<f32> + 'a>,
}

/// What [`write`] can write.
pub trait Storable {
    /// Extents, outermost first.
    fn extents(&self) -> &[usize];
    /// Values in row-major order.
    fn numbers(&self) -> Cow<'_, [f32]>;
}

impl Storable for Stored {
    fn extents(&self) -> &[usize] {
        &self.shape
    }
    fn numbers(&self) -> Cow<'_, [f32]> {
        Cow::Borrowed(&self.values)
    }
}

impl Storable for Later<'_> {
    fn extents(&self) -> &[usize] {
        &self.shape
    }
    fn numbers(&self) -> Cow<'_, [f32]> {
        Cow::Owned((self.values)())
    }
}

struct Viewed<'a, T>(&'a T);

impl<T: Storable> View for Viewed<'_, T> {
    fn dtype(&self) -> Dtype {
        Dtype::F32
    }
    fn shape(&self) -> &[usize] {
        self.0.extents()
    }
    fn data(&self) -> Cow<'_, [u8]> {
        let numbers = self.0.numbers();
        let mut bytes = Vec::with_capacity(4 * numbers.len());
        for number in &*numbers {
            bytes.extend_from_slice(&number.to_le_bytes());
        }
        Cow::Owned(bytes)
    }
    fn data_len(&self) -> usize {
        4 * self.0.extents().iter().product::<usize>()
    }
}

/// Writes tensors to `path` atomically, marked as PyTorch's layout as transformers expects.
///
/// # Errors
/// Any error of the file system; `path` is then as it was.
pub fn write(path: &Path, tensors: &BTreeMap<String, impl Storable>) -> io::Result<()> {
    let metadata = HashMap::from([("format".to_owned(), "pt".to_owned())]);
    replace_atomically(path, |temporary| {
        let views = tensors.iter().map(|(name, tensor)| (name, Viewed(tensor)));
        safetensors::serialize_to_file(views, Some(metadata), temporary).map_err(|failure| {
            match failure {
                SafeTensorError::IoError(failure) => failure,
                failure => io::Error::other(failure),
            }
        })
    })
}
