//! Safetensors files: the header first, each tensor when it is asked for; written atomically.

use super::{Float, TensorInfo, Weight, WeightsError};
use safetensors::Dtype;
use safetensors::tensor::{Metadata, TensorInfo as Entry};
use std::borrow::Cow;
use std::collections::{BTreeMap, HashMap};
use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom};
use std::path::Path;
use tagsmith_files::write_atomically;

/// Larger headers, in bytes, are refused, as the format's own library does.
const LARGEST_HEADER: u64 = 100_000_000;

/// The length of the header of a file of `length` bytes, from the eight that it begins with.
///
/// # Errors
/// In words: the file is too short for it.
pub fn header_length(start: &[u8], length: u64) -> Result<u64, String> {
    let start = start
        .try_into()
        .map_err(|_| format!("it has {length} bytes, too few for a header"))?;
    let header = u64::from_le_bytes(start);
    match header > LARGEST_HEADER.min(length.saturating_sub(8)) {
        true => Err(format!(
            "its header of {header} bytes does not fit in the file's {length}"
        )),
        false => Ok(header),
    }
}

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
    let mut start = Vec::new();
    (&mut file)
        .take(8)
        .read_to_end(&mut start)
        .map_err(unreadable)?;
    let header = header_length(&start, length).map_err(corrupt)?;
    let mut text = Vec::new();
    file.take(header)
        .read_to_end(&mut text)
        .map_err(unreadable)?;
    let tensors = tensors_in(&text, length).map_err(corrupt)?;
    let tensors = tensors.into_iter().map(|(name, (info, (begin, end)))| {
        let path = path.to_path_buf();
        let weight = Weight {
            info,
            read: Box::new(move || {
                read_range(&path, begin, (end - begin) as usize).map_err(|source| {
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

/// A tensor, and from where to where in the file its values are, in bytes.
pub type Located = (TensorInfo, (u64, u64));

/// The tensors of a file of `length` bytes that a header speaks of, with the bytes of the file that each has.
///
/// # Errors
/// In words: the header is damaged, or speaks of a file of another length.
pub fn tensors_in(header: &[u8], length: u64) -> Result<BTreeMap<String, Located>, String> {
    let metadata: Metadata =
        serde_json::from_slice(header).map_err(|failure| format!("its header: {failure}"))?;
    let data = 8 + header.len() as u64;
    let expected = data.saturating_add(metadata.data_len() as u64);
    if length != expected {
        return Err(format!(
            "it has {length} bytes where its header speaks of {expected}"
        ));
    }
    let tensors = metadata.tensors().into_iter().map(|(name, found)| {
        let info = TensorInfo {
            shape: found.shape.clone(),
            dtype: float(found.dtype),
        };
        let (begin, end) = found.data_offsets;
        (name, (info, (data + begin as u64, data + end as u64)))
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
    /// Dimensions, outermost first.
    pub shape: Vec<usize>,
    /// Values in row-major order.
    pub values: Vec<f32>,
}

/// An f32 tensor whose values are only read from the device when it is written, and dropped after that:
/// of a model and its optimiser only one tensor is in memory twice.
pub struct LazyTensor<'a> {
    /// Dimensions, outermost first.
    pub shape: Vec<usize>,
    /// Gives the values in row-major order.
    pub values: Box<dyn Fn() -> Vec<f32> + 'a>,
}

/// What [`write`] can write.
pub trait Storable {
    /// Dimensions, outermost first.
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

impl Storable for LazyTensor<'_> {
    fn extents(&self) -> &[usize] {
        &self.shape
    }
    fn numbers(&self) -> Cow<'_, [f32]> {
        Cow::Owned((self.values)())
    }
}

/// Bytes that are converted and written at a time.
const PIECE: usize = 1 << 16;

/// Writes tensors to `path` atomically, marked as PyTorch's layout as transformers expects.
///
/// The format: the header's length in bytes as a little-endian `u64`, the header in JSON, filled up with
/// spaces to a multiple of eight, then the bytes of each tensor in turn. The format's own library
/// writes a file of its own and renames it, unflushed, over whatever path it is given.
///
/// # Errors
/// Any error of the file system; `path` is then as it was.
pub fn write(path: &Path, tensors: &BTreeMap<String, impl Storable>) -> io::Result<()> {
    let header = header(tensors)?;
    write_atomically(path, |out| {
        out.write_all(&(header.len() as u64).to_le_bytes())?;
        out.write_all(&header)?;
        let mut bytes = Vec::with_capacity(PIECE);
        for (name, tensor) in tensors {
            let numbers = tensor.numbers();
            let (found, expected) = (numbers.len(), count(tensor));
            if found != expected {
                let what = format!("the tensor `{name}` has {found} values, expected {expected}");
                return Err(io::Error::other(what));
            }
            for piece in numbers.chunks(PIECE / 4) {
                bytes.clear();
                for number in piece {
                    bytes.extend_from_slice(&number.to_le_bytes());
                }
                out.write_all(&bytes)?;
            }
        }
        Ok(())
    })
}

/// How many values a tensor has.
fn count(tensor: &impl Storable) -> usize {
    tensor.extents().iter().product()
}

fn header(tensors: &BTreeMap<String, impl Storable>) -> io::Result<Vec<u8>> {
    let mut end = 0;
    let described = tensors.iter().map(|(name, tensor)| {
        let begin = end;
        end += 4 * count(tensor);
        let info = Entry {
            dtype: Dtype::F32,
            shape: tensor.extents().to_vec(),
            data_offsets: (begin, end),
        };
        (name.clone(), info)
    });
    let marks = HashMap::from([("format".to_owned(), "pt".to_owned())]);
    let metadata = Metadata::new(Some(marks), described.collect()).map_err(io::Error::other)?;
    let mut header = serde_json::to_vec(&metadata)?;
    header.resize(header.len().next_multiple_of(8), b' ');
    Ok(header)
}

#[cfg(test)]
mod tests {
    use super::*;
    use safetensors::tensor::TensorView;
    use tagsmith_testing::assert_durable;

    fn tensors() -> BTreeMap<String, Stored> {
        let stored = |shape: &[usize]| Stored {
            shape: shape.to_vec(),
            values: (0..shape.iter().product())
                .map(|at| at as f32 * 0.37 - 1.0)
                .collect(),
        };
        let long = PIECE / 4 + 3;
        [
            ("b.weight", stored(&[2, 3])),
            ("A", stored(&[long])),
            ("b.bias", stored(&[1, 0])),
            ("\u{e9}", stored(&[])),
        ]
        .map(|(name, tensor)| (name.to_owned(), tensor))
        .into()
    }

    /// The library renames a file of its own over the path that it is given, and what was flushed was the
    /// unlinked one, with nobody but the owner allowed to read the other.
    #[test]
    fn trap_weights_are_flushed_under_their_name_and_may_be_read() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("model.safetensors");
        for _ in 0..2 {
            assert_durable(&path, || write(&path, &tensors()).unwrap());
        }
        assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 1);
    }

    #[test]
    fn the_bytes_are_those_of_the_formats_own_library() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("model.safetensors");
        let tensors = tensors();
        write(&path, &tensors).unwrap();
        let bytes: BTreeMap<&String, Vec<u8>> = tensors
            .iter()
            .map(|(name, tensor)| {
                let numbers = tensor.values.iter();
                (name, numbers.flat_map(|n| n.to_le_bytes()).collect())
            })
            .collect();
        let views = tensors.iter().map(|(name, tensor)| {
            let view = TensorView::new(Dtype::F32, tensor.shape.clone(), &bytes[name]);
            (name.clone(), view.unwrap())
        });
        let marks = HashMap::from([("format".to_owned(), "pt".to_owned())]);
        let expected = safetensors::serialize(views, Some(marks)).unwrap();
        assert!(std::fs::read(&path).unwrap() == expected);
    }

    #[test]
    fn a_tensor_that_is_not_of_its_shape_leaves_the_old_file() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("model.safetensors");
        write(&path, &tensors()).unwrap();
        let before = std::fs::read(&path).unwrap();
        let mut wrong = tensors();
        wrong.get_mut("A").unwrap().values.pop();
        let failure = write(&path, &wrong).unwrap_err().to_string();
        assert!(failure.contains("`A`"), "{failure}");
        assert!(std::fs::read(&path).unwrap() == before);
    }
}
