//! Safetensors files: the header first, each tensor when it is asked for; written atomically.

use super::{Float, Weight, WeightsError};
use crate::file::write_atomically;
use safetensors::tensor::Metadata;
use safetensors::{Dtype, View};
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

impl View for &Stored {
    fn dtype(&self) -> Dtype {
        Dtype::F32
    }
    fn shape(&self) -> &[usize] {
        &self.shape
    }
    fn data(&self) -> Cow<'_, [u8]> {
        Cow::Owned(self.values.iter().flat_map(|v| v.to_le_bytes()).collect())
    }
    fn data_len(&self) -> usize {
        4 * self.values.len()
    }
}

/// Writes tensors to `path` atomically, marked as PyTorch's layout as transformers expects.
///
/// # Errors
/// Any error of the file system; `path` is then as it was.
pub fn write(path: &Path, tensors: &BTreeMap<String, Stored>) -> io::Result<()> {
    let metadata = HashMap::from([("format".to_owned(), "pt".to_owned())]);
    let bytes = safetensors::serialize(tensors, Some(metadata)).map_err(io::Error::other)?;
    write_atomically(path, |out| out.write_all(&bytes))
}
