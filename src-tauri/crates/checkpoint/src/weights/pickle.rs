//! PyTorch's pickled checkpoints, read as data: nothing in them is ever run.

use super::{Float, TensorInfo, Weight, WeightsError};
use pytorch_reader::{DType, PickleValue, PytorchError, PytorchReader};
use std::collections::BTreeMap;
use std::path::Path;

/// Under which keys training programs keep the weights beside the state of a training, for instance
/// Lightning under the first.
const KEYS: &[&str] = &["state_dict", "model_state_dict", "model"];

/// The tensors of a file, and the key under which they lie where it is a training program's checkpoint.
type Opened = (BTreeMap<String, Weight>, Option<&'static str>);

/// Opens a `pytorch_model.bin`.
///
/// The reader interprets tensors only. A checkpoint that names any other Python object would run
/// foreign code when Python opens it, so it is refused even though nothing would run here.
///
/// # Errors
/// Unreadable, damaged, or asking for more than tensors.
pub(super) fn open(path: &Path) -> Result<Opened, WeightsError> {
    let failed = |failure: PytorchError| match failure {
        PytorchError::Io(source) => WeightsError::Unreadable {
            path: path.into(),
            source,
        },
        other => WeightsError::Corrupt {
            path: path.into(),
            reason: other.to_string(),
        },
    };
    let content = PytorchReader::read_pickle_data(path, None).map_err(failed)?;
    if let Some(object) = foreign_object(&content) {
        return Err(WeightsError::UnsafePickle {
            path: path.into(),
            object: object.into(),
        });
    }
    let key = nesting_key(&content);
    let reader = match key {
        Some(key) => PytorchReader::with_top_level_key(path, key),
        None => PytorchReader::new(path),
    };
    let reader = reader.map_err(failed)?;
    let tensors = reader.into_tensors().into_iter().map(|(name, tensor)| {
        let path = path.to_path_buf();
        let weight = Weight {
            info: TensorInfo {
                shape: tensor.shape().to_vec(),
                dtype: float(tensor.dtype()),
            },
            read: Box::new(move || {
                tensor.read().map_err(|failure| WeightsError::Corrupt {
                    path: path.clone(),
                    reason: failure.to_string(),
                })
            }),
        };
        (name, weight)
    });
    Ok((tensors.collect(), key))
}

/// The key under which all weights lie, if they do. A whole model's names are none of these, as each has a
/// dot.
fn nesting_key(content: &PickleValue) -> Option<&'static str> {
    let PickleValue::Dict(entries) = content else {
        return None;
    };
    let mut keys = KEYS.iter().copied();
    keys.find(|key| matches!(entries.get(*key), Some(PickleValue::Dict(_))))
}

/// The first Python object in the pickle that is neither data nor a tensor.
fn foreign_object(value: &PickleValue) -> Option<&str> {
    match value {
        PickleValue::Unsupported(name) => (!is_tensor(name)).then_some(name),
        PickleValue::List(items) => items.iter().find_map(foreign_object),
        PickleValue::Dict(entries) => entries.values().find_map(foreign_object),
        _ => None,
    }
}

fn is_tensor(python_type: &str) -> bool {
    matches!(
        python_type,
        "torch.Tensor" | "torch.nn.parameter.Parameter" | "torch.Size"
    )
}

fn float(dtype: DType) -> Result<Float, String> {
    match dtype {
        DType::F64 => Ok(Float::F64),
        DType::F32 => Ok(Float::F32),
        DType::F16 => Ok(Float::F16),
        DType::BF16 => Ok(Float::BF16),
        other => Err(format!("{other:?}")),
    }
}
