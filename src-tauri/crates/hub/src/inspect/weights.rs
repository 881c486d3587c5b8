//! The weights of a model folder: how they are stored, how many parameters they are, what is wrong.

use std::collections::{BTreeMap, BTreeSet};
use std::fs::{self, File};
use std::io::{Read, Seek, SeekFrom};
use std::path::{Component, Path};

use serde::Serialize;
use serde_json::Value;

use super::WEIGHTS;
use super::header::{self, Tensor};

/// Element types that weights may have to be fine-tuned.
const FLOATS: &[&str] = &["F64", "F32", "F16", "BF16"];

/// Tensors that are not parameters: constants that some checkpoints carry along.
const CONSTANTS: &[&str] = &["position_ids", "token_type_ids"];

/// The end of a zip archive is marked in its last bytes: 22, and a comment of at most 65,535.
const ZIP_TAIL: u64 = 22 + 65_535;

/// In what form weights are stored.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "bindings", derive(specta::Type))]
#[serde(rename_all = "lowercase")]
pub enum WeightsKind {
    /// Safetensors, in one file or several.
    Safetensors,
    /// PyTorch's pickles, in one file or several.
    Pytorch,
}

/// The weights of a model folder.
#[derive(Clone, Debug, Serialize)]
#[cfg_attr(feature = "bindings", derive(specta::Type))]
pub struct WeightsSummary {
    /// In what form they are stored.
    pub kind: WeightsKind,
    /// The files.
    pub files: Vec<String>,
    /// Size of the files in bytes.
    pub bytes: u64,
    /// Parameters; unknown for PyTorch's files, which are not opened here.
    pub parameters: Option<u64>,
    /// Parameters by element type, for instance `F32`.
    pub dtypes: BTreeMap<String, u64>,
}

/// Describes the weights in `folder`; what is wrong with them is added to `reasons`. `embedding` is
/// the rows and columns that the configuration gives the word embedding.
pub(super) fn read(
    folder: &Path,
    embedding: Option<(u64, u64)>,
    reasons: &mut Vec<String>,
) -> Option<WeightsSummary> {
    // The engine looks in the same order.
    let kinds = [
        ("model.safetensors", WeightsKind::Safetensors),
        ("pytorch_model.bin", WeightsKind::Pytorch),
    ];
    for (name, kind) in kinds {
        let index = format!("{name}.index.json");
        let files = if folder.join(name).exists() {
            vec![name.to_owned()]
        } else if folder.join(&index).exists() {
            match shards(&folder.join(&index)) {
                Ok(files) => files,
                Err(reason) => {
                    reasons.push(format!("`{index}` is damaged: {reason}"));
                    Vec::new()
                }
            }
        } else {
            continue;
        };
        return Some(describe(folder, kind, files, embedding, reasons));
    }
    reasons
        .push("there are no weights: neither `model.safetensors` nor `pytorch_model.bin`".into());
    None
}

fn describe(
    folder: &Path,
    kind: WeightsKind,
    files: Vec<String>,
    embedding: Option<(u64, u64)>,
    reasons: &mut Vec<String>,
) -> WeightsSummary {
    let mut tensors = BTreeMap::new();
    let mut bytes = 0;
    let mut whole = true;
    for file in &files {
        let path = folder.join(file);
        bytes += fs::metadata(&path).map_or(0, |metadata| metadata.len());
        let outcome = match kind {
            WeightsKind::Safetensors => {
                header::read(&path).map(|mut found| tensors.append(&mut found))
            }
            WeightsKind::Pytorch => check_pickle(&path),
        };
        if let Err(reason) = outcome {
            reasons.push(format!("`{file}` is unusable: {reason}"));
            whole = false;
        }
    }
    let (dtypes, parameters) = match kind {
        WeightsKind::Safetensors if whole => {
            check_tensors(&tensors, embedding, reasons);
            let dtypes = count(&tensors);
            let parameters = dtypes.values().copied().fold(0, u64::saturating_add);
            (dtypes, Some(parameters))
        }
        _ => (BTreeMap::new(), None),
    };
    WeightsSummary {
        kind,
        files,
        bytes,
        parameters,
        dtypes,
    }
}

fn is_constant(name: &str) -> bool {
    CONSTANTS.iter().any(|constant| name.ends_with(constant))
}

fn count(tensors: &BTreeMap<String, Tensor>) -> BTreeMap<String, u64> {
    let mut dtypes = BTreeMap::new();
    for (name, tensor) in tensors {
        if !is_constant(name) {
            let count: &mut u64 = dtypes.entry(tensor.dtype.clone()).or_default();
            *count = count.saturating_add(tensor.elements());
        }
    }
    dtypes
}

fn check_tensors(
    tensors: &BTreeMap<String, Tensor>,
    embedding: Option<(u64, u64)>,
    reasons: &mut Vec<String>,
) {
    if tensors.is_empty() {
        reasons.push("the weights hold no tensor".into());
    }
    let whole_number = tensors
        .iter()
        .find(|(name, tensor)| !is_constant(name) && !FLOATS.contains(&tensor.dtype.as_str()));
    if let Some((name, tensor)) = whole_number {
        reasons.push(format!(
            "the weights are quantised: `{name}` holds {}",
            tensor.dtype
        ));
    }
    let words = tensors
        .iter()
        .find(|(name, _)| name.ends_with("word_embeddings.weight"));
    if let (Some((name, tensor)), Some((rows, columns))) = (words, embedding)
        && tensor.shape != [rows, columns]
    {
        reasons.push(format!(
            "`{name}` has the shape {:?} where `config.json` speaks of [{rows}, {columns}]",
            tensor.shape
        ));
    }
}

/// The files that an index speaks of, each once.
fn shards(index: &Path) -> Result<Vec<String>, String> {
    let bytes = fs::read(index).map_err(|failure| failure.to_string())?;
    let parsed: Value = serde_json::from_slice(&bytes).map_err(|failure| failure.to_string())?;
    let map = parsed
        .get("weight_map")
        .and_then(Value::as_object)
        .ok_or("it has no `weight_map`")?;
    let mut files = BTreeSet::new();
    for file in map.values() {
        let file = file.as_str().ok_or("a file's name is not text")?;
        // An index may only speak of files beside it.
        let mut parts = Path::new(file).components();
        match (parts.next(), parts.next()) {
            (Some(Component::Normal(_)), None) => files.insert(file.to_owned()),
            _ => return Err(format!("it names `{file}`, outside the folder")),
        };
    }
    if files.is_empty() {
        return Err("it names no file".into());
    }
    Ok(files.into_iter().collect())
}

/// What is known of a pickle without interpreting it: whether it is there and complete.
fn check_pickle(path: &Path) -> Result<(), String> {
    let io = |failure: std::io::Error| failure.to_string();
    let mut file = File::open(path).map_err(io)?;
    let length = file.metadata().map_err(io)?.len();
    let mut start = Vec::new();
    (&mut file).take(8).read_to_end(&mut start).map_err(io)?;
    if start.is_empty() {
        return Err("it is empty".into());
    }
    if start == b"version " {
        return Err("it is a Git LFS pointer, not the weights themselves".into());
    }
    // Checkpoints since 2020 are zip archives; older ones carry no mark of their end.
    if start.starts_with(b"PK\x03\x04") {
        file.seek(SeekFrom::Start(length.saturating_sub(ZIP_TAIL)))
            .map_err(io)?;
        let mut tail = Vec::new();
        file.read_to_end(&mut tail).map_err(io)?;
        if !tail.windows(4).any(|mark| mark == b"PK\x05\x06") {
            return Err(format!("it is cut off after {length} bytes"));
        }
    }
    Ok(())
}

/// Whether every file of the weights is there, without opening any but an index.
pub(super) fn are_there(folder: &Path) -> bool {
    WEIGHTS.iter().any(|name| {
        let index = folder.join(format!("{name}.index.json"));
        folder.join(name).is_file()
            || shards(&index)
                .is_ok_and(|files| files.iter().all(|file| folder.join(file).is_file()))
    })
}
