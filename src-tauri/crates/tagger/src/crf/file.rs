//! Learned transitions in a model folder: `crf.safetensors`, beside weights that Hugging Face knows.

use crate::error::Error;
use crate::tags::TagSet;
use crate::transitions::Transitions;
use std::collections::BTreeMap;
use std::path::Path;
use tagsmith_checkpoint::weights::CRF;
use tagsmith_encoder::LoadError;
use tagsmith_encoder::weights::{self, Stored, Weights, WeightsError};

/// The tensors: between tags, from by to, before the first word and after the last. These are the names
/// in the CRF of the package pytorch-crf, whose shapes they have.
const NAMES: [&str; 3] = ["transitions", "start_transitions", "end_transitions"];

/// What stands for a transition that the tag scheme forbids: programs that know no scheme then avoid it.
const FORBIDDEN: f32 = -1e4;

/// Writes the transitions into a model folder.
///
/// # Errors
/// The file system refused.
pub fn write(folder: &Path, transitions: &Transitions) -> std::io::Result<()> {
    let n = transitions.tags();
    let score = |from, to| transitions.score(from, to).max(FORBIDDEN);
    let between = (0..n * n).map(|at| score(Some(at / n), Some(at % n)));
    let start = (0..n).map(|to| score(None, Some(to)));
    let end = (0..n).map(|from| score(Some(from), None));
    let stored = |shape: &[usize], values: Vec<f32>| Stored {
        shape: shape.into(),
        values,
    };
    let tensors = [
        stored(&[n, n], between.collect()),
        stored(&[n], start.collect()),
        stored(&[n], end.collect()),
    ];
    let tensors: BTreeMap<String, Stored> =
        NAMES.map(str::to_owned).into_iter().zip(tensors).collect();
    weights::write(&folder.join(CRF), &tensors)
}

/// The transitions of a model folder, where it has some. Those that the scheme of `tags` forbids stay so.
///
/// # Errors
/// The file is damaged, or is of a model with other tags.
pub fn read(folder: &Path, tags: &TagSet) -> Result<Option<Transitions>, Error> {
    let path = folder.join(CRF);
    if !path.exists() {
        return Ok(None);
    }
    let failed = |failure: WeightsError| Error::Model(LoadError::Weights(failure));
    let file = Weights::from_safetensors(&path).map_err(failed)?;
    let n = tags.len();
    let tensor = |name: &str, shape: &[usize]| {
        let odd = |found: String| {
            failed(WeightsError::Corrupt {
                path: path.clone(),
                reason: format!("{found}, expected {shape:?} for the model's {n} tags"),
            })
        };
        let weight = file.tensors.get(name);
        let weight = weight.ok_or_else(|| odd(format!("it has no tensor `{name}`")))?;
        if weight.info.shape != shape {
            let found = &weight.info.shape;
            return Err(odd(format!("its tensor `{name}` has the shape {found:?}")));
        }
        weight.read(name).map_err(failed)
    };
    let between = tensor(NAMES[0], &[n, n])?;
    let start = tensor(NAMES[1], &[n])?;
    let end = tensor(NAMES[2], &[n])?;
    let learned = tags
        .transitions()
        .clone()
        .with_scores(|from, to| match (from, to) {
            (Some(from), Some(to)) => between[from * n + to],
            (None, Some(to)) => start[to],
            (Some(from), None) => end[from],
            (None, None) => 0.0,
        });
    Ok(Some(learned))
}

/// The transitions of a model with the tags `from`, for one with the same tags in another order.
pub fn reordered(transitions: &Transitions, from: &TagSet, to: &TagSet) -> Transitions {
    let place = |tag: Option<usize>| {
        let name = &to.names()[tag?];
        from.names().iter().position(|own| own == name)
    };
    // The scheme of the new tags decides what is forbidden.
    let score = |a, b| transitions.score(place(a), place(b)).max(FORBIDDEN);
    to.transitions().clone().with_scores(score)
}
