//! The header of a safetensors file: the tensors it speaks of, and whether the file holds them all.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::Read;
use std::path::Path;

use serde::Deserialize;
use serde_json::Value;

/// Longer headers are refused, as the format's own library does.
const LONGEST: u64 = 100_000_000;

/// What the header says of one tensor.
#[derive(Clone, Debug, Deserialize)]
pub(super) struct Tensor {
    pub dtype: String,
    pub shape: Vec<u64>,
    data_offsets: (u64, u64),
}

impl Tensor {
    /// The number of its elements; impossible ones count as none.
    pub fn elements(&self) -> u64 {
        self.shape
            .iter()
            .try_fold(1_u64, |product, extent| product.checked_mul(*extent))
            .unwrap_or(0)
    }
}

/// Reads the header of `path`, or says in words what is wrong with the file.
pub(super) fn read(path: &Path) -> Result<BTreeMap<String, Tensor>, String> {
    let io = |failure: std::io::Error| failure.to_string();
    let mut file = File::open(path).map_err(io)?;
    let length = file.metadata().map_err(io)?.len();
    let mut prefix = [0; 8];
    file.read_exact(&mut prefix)
        .map_err(|_| format!("it has {length} bytes, too few for a header"))?;
    if prefix.starts_with(b"version ") {
        return Err("it is a Git LFS pointer, not the weights themselves".into());
    }
    let size = u64::from_le_bytes(prefix);
    if size > LONGEST.min(length.saturating_sub(8)) {
        return Err(match size > LONGEST {
            true => "it is not a safetensors file".into(),
            false => format!("it is cut off within its header, after {length} bytes"),
        });
    }
    let mut text = Vec::new();
    file.take(size).read_to_end(&mut text).map_err(io)?;
    let mut parts: BTreeMap<String, Value> = serde_json::from_slice(&text)
        .map_err(|failure| format!("its header is damaged: {failure}"))?;
    parts.remove("__metadata__");
    let mut tensors = BTreeMap::new();
    let mut end = 0;
    for (name, part) in parts {
        let tensor: Tensor = serde_json::from_value(part)
            .map_err(|failure| format!("its header is damaged at `{name}`: {failure}"))?;
        check(&name, &tensor)?;
        end = end.max(tensor.data_offsets.1);
        tensors.insert(name, tensor);
    }
    let expected = end.saturating_add(8 + size);
    if length < expected {
        return Err(format!(
            "it is cut off: {length} bytes where its header speaks of {expected}"
        ));
    }
    if length > expected {
        return Err(format!(
            "it has {length} bytes where its header speaks of {expected}"
        ));
    }
    Ok(tensors)
}

/// Whether the place of a tensor is as large as its shape needs.
fn check(name: &str, tensor: &Tensor) -> Result<(), String> {
    let (begin, end) = tensor.data_offsets;
    let bits = match tensor.dtype.as_str() {
        "F64" | "I64" | "U64" => 64,
        "F32" | "I32" | "U32" => 32,
        "F16" | "BF16" | "I16" | "U16" => 16,
        "I8" | "U8" | "BOOL" => 8,
        // Newer and smaller types: their size is not known here.
        _ => return Ok(()),
    };
    let bytes = tensor
        .shape
        .iter()
        .try_fold(bits / 8, |product: u64, extent| {
            product.checked_mul(*extent)
        });
    if end.checked_sub(begin) == bytes && bytes.is_some() {
        return Ok(());
    }
    Err(format!(
        "its header is damaged at `{name}`: shape {:?} of {} does not fit in bytes {begin} to {end}",
        tensor.shape, tensor.dtype
    ))
}
