//! The weights of a model folder: how they are stored, how many parameters they are, whether they fit.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use serde::Serialize;
use tagsmith_checkpoint::Config;
use tagsmith_checkpoint::fit::{self, HeadUse};
use tagsmith_checkpoint::weights::{Form, TensorInfo, Weights, WeightsError, find};

use super::Findings;

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
    /// Parameters; unknown where the files cannot be read.
    pub parameters: Option<u64>,
    /// Parameters by element type, for instance `F32`.
    pub dtypes: BTreeMap<String, u64>,
}

/// Describes the weights of all models of an ensemble, which is used as it is, and is not fine-tuned as one.
fn of_ensemble(
    members: &[PathBuf],
    config: Option<&Config>,
    findings: &mut Findings,
) -> Option<WeightsSummary> {
    let mut all: Option<WeightsSummary> = None;
    for member in members {
        let name = member.file_name().unwrap_or_default().to_string_lossy();
        let mut found = read(member, config, findings)?;
        found.files = found
            .files
            .iter()
            .map(|file| format!("{name}/{file}"))
            .collect();
        all = Some(match all {
            None => found,
            Some(all) => all.and(found),
        });
    }
    all
}

impl WeightsSummary {
    /// Those of two models.
    fn and(mut self, other: Self) -> Self {
        self.files.extend(other.files);
        for (dtype, count) in other.dtypes {
            *self.dtypes.entry(dtype).or_default() += count;
        }
        Self {
            bytes: self.bytes + other.bytes,
            parameters: self.parameters.zip(other.parameters).map(|(a, b)| a + b),
            ..self
        }
    }
}

/// Describes the weights in `folder` and compares them with `config`, where there is one.
pub(super) fn read(
    folder: &Path,
    config: Option<&Config>,
    findings: &mut Findings,
) -> Option<WeightsSummary> {
    let weights = Weights::from_folder(folder);
    if let Err(ensemble @ WeightsError::Ensemble { members, .. }) = &weights {
        findings.refuse(ensemble);
        return of_ensemble(members, config, findings);
    }
    let dtypes = weights.as_ref().map(|weights| count(weights.infos()));
    let dtypes = dtypes.unwrap_or_default();
    match &weights {
        Ok(weights) => {
            findings.note(weights.notes());
            if let Some(config) = config {
                compare(config, weights.infos(), findings);
            }
        }
        Err(failure) => findings.refuse(failure),
    }
    // What cannot be read is still there.
    let (form, _, files) = find(folder).ok()?;
    let size = |path: &Path| fs::metadata(path).map_or(0, |metadata| metadata.len());
    let name = |path: &Path| Some(path.file_name()?.to_string_lossy().into_owned());
    Some(WeightsSummary {
        kind: match form {
            Form::Safetensors => WeightsKind::Safetensors,
            Form::Pickle => WeightsKind::Pytorch,
        },
        bytes: files.iter().map(|path| size(path)).sum(),
        files: files.iter().filter_map(|path| name(path)).collect(),
        parameters: weights
            .is_ok()
            .then(|| dtypes.values().copied().fold(0, u64::saturating_add)),
        dtypes,
    })
}

/// Whether a model of this configuration can be fine-tuned from these tensors.
pub(crate) fn compare<'a>(
    config: &Config,
    tensors: impl Iterator<Item = (&'a str, &'a TensorInfo)>,
    findings: &mut Findings,
) {
    match fit::check(config, tensors, HeadUse::Replaced) {
        Ok(fit) => findings.note(fit.note()),
        Err(misfit) => findings.refuse(&misfit),
    }
}

/// Parameters by element type.
pub(crate) fn count<'a>(
    tensors: impl Iterator<Item = (&'a str, &'a TensorInfo)>,
) -> BTreeMap<String, u64> {
    let mut dtypes = BTreeMap::new();
    for (_, info) in tensors.filter(|(name, _)| !fit::is_constant(name)) {
        let count: &mut u64 = dtypes.entry(info.type_name()).or_default();
        *count = count.saturating_add(info.count());
    }
    dtypes
}

/// Whether every file of the weights is there, without opening any but an index.
pub(super) fn are_there(folder: &Path) -> bool {
    find(folder).is_ok_and(|(_, _, files)| files.iter().all(|file| file.is_file()))
}
