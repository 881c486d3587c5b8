//! Merges an adapter with its base model: the result is an ordinary model folder, without a head.

use super::lora::{Change, Scaling};
use super::{Adapter, CONFIG};
use crate::config::{Config, ConfigError};
use crate::fit::{self, Fit, HeadUse, Misfit, listed};
use crate::names::{NameTable, is_below, slice, whole};
use crate::tokenizer::{FILES, has_pieces};
use crate::weights::{self, FORMS, Stored, Weights, WeightsError};
use serde_json::{Map, Value};
use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use tagsmith_files::write_json;
use tagsmith_protocol::Diagnose;

/// What PEFT puts before the name of every module.
pub(super) const PREFIX: &str = "base_model.model.";

/// Why an adapter cannot be merged.
#[derive(Debug, thiserror::Error)]
pub enum MergeError {
    /// It is no LoRA adapter.
    #[error(transparent)]
    Kind(Adapter),
    /// `adapter_config.json` asks for something that is not done here.
    #[error("the adapter's `{key}`: {found}, expected {expected}")]
    Setting {
        /// The key.
        key: String,
        /// What it holds.
        found: String,
        /// What could be merged.
        expected: &'static str,
    },
    /// A change that fits no part of the base model.
    #[error("the adapter's `{name}` does not fit the base model: {reason}")]
    Tensor {
        /// The name in the adapter's file.
        name: String,
        /// Why.
        reason: String,
    },
    /// Changes to something that is neither a part of the base model nor a head.
    #[error("{} of the base model: {}", if *is_all { "none of the adapter's changes is to a part" } else { "these changes of the adapter are to no part" }, listed(tensors))]
    Unknown {
        /// The names in the adapter's file.
        tensors: Vec<String>,
        /// Whether no other change is to a part of the base model.
        is_all: bool,
    },
    /// It changes a head and nothing else.
    #[error("none of the adapter's changes is to a part of the base model")]
    NothingFits,
    /// The base model's configuration.
    #[error(transparent)]
    Config(#[from] ConfigError),
    /// The weights of either.
    #[error(transparent)]
    Weights(#[from] WeightsError),
    /// The base model's weights are not those that its configuration needs.
    #[error("the base model: {0}")]
    Base(#[from] Misfit),
    /// The file system.
    #[error("cannot write the merged model in `{}`: {source}", folder.display())]
    Io {
        /// The folder.
        folder: PathBuf,
        /// What the system said.
        source: io::Error,
    },
}

impl Diagnose for MergeError {
    fn code(&self) -> &'static str {
        "model"
    }

    fn hint(&self) -> Option<Cow<'_, str>> {
        match self {
            Self::Kind(adapter) => adapter.hint(),
            Self::Setting { .. } => Some(
                "merge both in Python with PEFT's `merge_and_unload` and save the result".into(),
            ),
            Self::Tensor { .. } | Self::Unknown { .. } | Self::NothingFits => {
                Some("the adapter may be of another base model than its configuration says".into())
            }
            Self::Config(error) => error.hint(),
            Self::Weights(error) => error.hint(),
            Self::Base(error) => error.hint(),
            Self::Io { .. } => {
                Some("check the folder's permissions and the space on its disk".into())
            }
        }
    }
}

/// A base model with the changes of an adapter: an ordinary model, without a head.
pub struct Merged {
    weights: BTreeMap<String, Stored>,
    config: Map<String, Value>,
    /// The folder with its tokenizer.
    tokenizer: PathBuf,
    /// The modules of the adapter that were left out: heads, and what token classification has no use for.
    pub left_out: Vec<String>,
}

/// Merges the folder `adapter` with the folder `base`, in memory.
///
/// The head is left out: an adapter does not name its labels. The tokenizer is that of the adapter's folder
/// where it holds one, as it does when tokens were added.
///
/// # Errors
/// As [`MergeError`] lists.
pub fn merge(adapter: &Path, base: &Path) -> Result<Merged, MergeError> {
    let settings = settings(adapter)?;
    let mut config = Config::from_folder(base)?;
    let weights = Weights::from_folder(base)?;
    let fit = fit::check(&config, weights.infos(), HeadUse::Replaced)?;
    let changes = Weights::from_file(&weights::of_adapter(adapter)?)?;
    let parts = Parts {
        names: config.family.names,
        unused: &fit.unused,
        trained_whole: &settings.trained_whole,
    };
    let mut model = base_of(&weights, &fit, &config)?;
    let left_out = apply(&mut model, &changes, &settings.scaling, &parts)?;

    let words = parts.names.of_part("embeddings.words", "weight");
    if let Some(table) = model.get(&words) {
        config
            .raw
            .insert("vocab_size".into(), table.shape[0].into());
    }
    // They would speak of the head that is left out.
    for key in ["id2label", "label2id", "num_labels", "torch_dtype"] {
        config.raw.remove(key);
    }
    config.raw.insert("dtype".into(), "float32".into());
    let has_own = has_pieces(|name| adapter.join(name).is_file());
    Ok(Merged {
        weights: model,
        config: config.raw,
        tokenizer: if has_own { adapter } else { base }.into(),
        left_out,
    })
}

impl Merged {
    /// Writes it into a new folder, `config.json` last.
    ///
    /// # Errors
    /// The file system refuses.
    pub fn write(&self, into: &Path) -> Result<(), MergeError> {
        self.write_files(into).map_err(|source| MergeError::Io {
            folder: into.into(),
            source,
        })
    }

    fn write_files(&self, into: &Path) -> io::Result<()> {
        fs::create_dir_all(into)?;
        for name in FILES {
            let from = self.tokenizer.join(name);
            if from.is_file() {
                fs::copy(from, into.join(name))?;
            }
        }
        weights::write(&into.join(FORMS[0].0), &self.weights)?;
        write_json(&into.join("config.json"), &self.config)
    }
}

/// What `adapter_config.json` says of the changes.
struct Settings {
    scaling: Scaling,
    /// The modules that were trained whole.
    trained_whole: Vec<String>,
}

fn settings(adapter: &Path) -> Result<Settings, MergeError> {
    let path = adapter.join(CONFIG);
    let bytes = fs::read(&path).map_err(|source| ConfigError::Unreadable {
        path: path.clone(),
        source,
    })?;
    let kind = Adapter::from_json(&bytes);
    if !kind.is_lora() {
        return Err(MergeError::Kind(kind));
    }
    let config: Map<String, Value> =
        serde_json::from_slice(&bytes).map_err(|failure| ConfigError::NotJson {
            path,
            reason: failure.to_string(),
        })?;
    let scaling = Scaling::read(&config);
    let scaling = scaling.map_err(|(key, found, expected)| MergeError::Setting {
        key,
        found,
        expected,
    })?;
    let trained_whole = config.get("modules_to_save").and_then(Value::as_array);
    let names = trained_whole
        .into_iter()
        .flatten()
        .filter_map(Value::as_str);
    Ok(Settings {
        scaling,
        trained_whole: names.map(str::to_owned).collect(),
    })
}

/// What the changes of an adapter may be to.
struct Parts<'a> {
    names: &'static NameTable,
    /// Tensors of the base model's file that training has no use for, such as those of its head.
    unused: &'a [String],
    trained_whole: &'a [String],
}

impl Parts<'_> {
    /// Whether a tensor is one of the merged model.
    fn belongs(&self, target: &str) -> bool {
        let names = self.names;
        names.is_of_encoder(target) && !names.may_be_unused(target) || names.is_of_transform(target)
    }

    /// Whether a tensor that is none of the merged model may be left out: it is of a head, or of something else
    /// that a checkpoint of the family may hold beside its encoder.
    fn may_be_left_out(&self, target: &str) -> bool {
        let names = self.names;
        let is_trained_whole =
            |module: &String| is_below(target, module) && !names.begins_with(module);
        names.may_be_unused(target)
            || names.is_of_head(target)
            || self.unused.iter().any(|unused| unused == target)
            || self.trained_whole.iter().any(is_trained_whole)
    }

    /// The module that a tensor which is left out belongs to, as a person knows it.
    fn module_of<'a>(&self, target: &'a str) -> &'a str {
        let depth = if self.names.is_of_encoder(target) {
            2
        } else {
            1
        };
        let end = target.match_indices('.').nth(depth - 1);
        end.map_or(target, |(end, _)| &target[..end])
    }
}

/// The weights of the base model by their present names, without the head.
fn base_of(
    weights: &Weights,
    fit: &Fit,
    config: &Config,
) -> Result<BTreeMap<String, Stored>, WeightsError> {
    let names = config.family.names;
    let wanted = fit
        .sources
        .iter()
        .filter(|(name, _)| !names.is_of_head(name));
    let read = wanted.map(|(name, original)| {
        let weight = &weights.tensors[original];
        let stored = Stored {
            shape: weight.info.shape.clone(),
            values: weight.read(original)?,
        };
        Ok((name.clone(), stored))
    });
    read.collect()
}

/// What the name of a tensor of an adapter says that it is.
enum Role {
    Left,
    Right,
    Bias,
    Magnitudes,
}

/// Names of the tensors of a change, without the module's before them.
const ROLES: &[(&str, Role)] = &[
    (".lora_B.weight", Role::Left),
    (".lora_A.weight", Role::Right),
    (".lora_embedding_B", Role::Left),
    (".lora_embedding_A", Role::Right),
    (".lora_B.bias", Role::Bias),
    (".lora_magnitude_vector", Role::Magnitudes),
    (".lora_magnitude_vector.weight", Role::Magnitudes),
];

/// Changes the weights of the base model, and gives the modules that are left out.
fn apply(
    model: &mut BTreeMap<String, Stored>,
    changes: &Weights,
    scaling: &Scaling,
    parts: &Parts,
) -> Result<Vec<String>, MergeError> {
    let names = parts.names;
    let (mut left_out, mut unknown) = (BTreeSet::new(), Vec::new());
    let mut has_changed = false;
    let mut modules: BTreeMap<&str, Change> = BTreeMap::new();
    for (name, weight) in &changes.tensors {
        let bare = name.strip_prefix(PREFIX).unwrap_or(name);
        let role = ROLES
            .iter()
            .find_map(|(ending, role)| Some((bare.strip_suffix(ending)?, role)));
        let plain = match role {
            Some((module, _)) => format!("{}.weight", whole(&names.of_peft_module(module))),
            // A module that was trained whole, or a bias.
            None => bare
                .replace(".base_layer.", ".")
                .replace(".modules_to_save.default.", "."),
        };
        let (target, _) = names.canonical_name(&plain);
        if !parts.belongs(&target) {
            match parts.may_be_left_out(&target) {
                true => drop(left_out.insert(parts.module_of(&target).to_owned())),
                false => unknown.push(format!("`{name}`")),
            }
            continue;
        }
        has_changed = true;
        let stored = Stored {
            shape: weight.info.shape.clone(),
            values: weight.read(name)?,
        };
        let Some((module, role)) = role else {
            replace(model, &target, stored, names).map_err(|reason| MergeError::Tensor {
                name: name.clone(),
                reason,
            })?;
            continue;
        };
        let change = modules.entry(module).or_default();
        change.is_of_table |= bare.contains(".lora_embedding_");
        match role {
            Role::Left => change.left = Some(stored),
            Role::Right => change.right = Some(stored),
            Role::Bias => change.bias = Some(stored),
            Role::Magnitudes => change.magnitudes = Some(stored),
        }
    }
    if !unknown.is_empty() {
        return Err(MergeError::Unknown {
            tensors: unknown,
            is_all: !has_changed,
        });
    }
    if !has_changed {
        return Err(MergeError::NothingFits);
    }
    for (module, change) in modules {
        change_module(model, module, &change, scaling, names).map_err(|reason| {
            MergeError::Tensor {
                name: module.into(),
                reason,
            }
        })?;
    }
    Ok(left_out.into_iter().collect())
}

/// Puts a tensor in the place of the base model's.
fn replace(
    model: &mut BTreeMap<String, Stored>,
    name: &str,
    stored: Stored,
    names: &NameTable,
) -> Result<(), String> {
    let words = names.of_part("embeddings.words", "weight");
    let place = model.get_mut(name).ok_or(NO_PART)?;
    // Tokens may have been added.
    let fits = match (place.shape.as_slice(), stored.shape.as_slice()) {
        ([_, width], [_, found]) if name == words => width == found,
        (expected, found) => expected == found,
    };
    if !fits {
        return Err(format!(
            "its shape is {:?}, expected {:?}",
            stored.shape, place.shape
        ));
    }
    *place = stored;
    Ok(())
}

const NO_PART: &str = "the base model has no such part";

fn change_module(
    model: &mut BTreeMap<String, Stored>,
    module: &str,
    change: &Change,
    scaling: &Scaling,
    names: &NameTable,
) -> Result<(), String> {
    let ours = names.of_peft_module(module);
    let of = |parameter: &str| {
        let name = format!("{}.{parameter}", whole(&ours));
        names.canonical_name(&name).0
    };
    let weight = model.get_mut(&of("weight")).ok_or(NO_PART)?;
    let scale = match slice(&ours) {
        None => change.apply(weight, module, scaling)?,
        // Only some rows of a joint weight.
        Some((part, of)) => {
            let size = weight.values.len() / of;
            let rows = &mut weight.values[part * size..(part + 1) * size];
            let mut shape = weight.shape.clone();
            shape[0] /= of;
            let values = rows.to_vec();
            let mut own = Stored { shape, values };
            let scale = change.apply(&mut own, module, scaling)?;
            rows.copy_from_slice(&own.values);
            scale
        }
    };
    let Some(added) = &change.bias else {
        return Ok(());
    };
    let bias = model.get_mut(&of("bias")).ok_or("the part has no bias")?;
    if bias.shape != added.shape {
        return Err(format!(
            "its bias has the shape {:?}, expected {:?}",
            added.shape, bias.shape
        ));
    }
    let pairs = bias.values.iter_mut().zip(&added.values);
    pairs.for_each(|(value, added)| *value += scale * added);
    Ok(())
}
