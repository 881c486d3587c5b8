//! Whether the weights of a checkpoint are those that its configuration needs.

use crate::config::{Config, RelativePositions};
use std::collections::BTreeMap;

/// What becomes of a checkpoint's head.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum HeadUse {
    /// It is the model's: anything else beside the encoder would change what the model says.
    Kept,
    /// A new one takes its place, and that of any head for something else.
    Replaced,
}

/// Weights that fit.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Fit {
    /// What the file calls each weight of the model, by its present name in transformers.
    pub sources: BTreeMap<String, String>,
    /// Weights in the file that token classification has no use for, by their present names.
    pub unused: Vec<String>,
    /// Whether the names were taken out of what a training program had put before them.
    pub is_unwrapped: bool,
}

/// Compares the tensors of a checkpoint, by name with their shapes, with those that `config` needs.
///
/// # Errors
/// All that do not fit, in a sentence each: missing, of another shape, or of no part of the model.
pub fn check<'a>(
    config: &Config,
    tensors: impl Iterator<Item = (&'a str, &'a [usize])>,
    head: HeadUse,
) -> Result<Fit, Vec<String>> {
    let names = config.family.names;
    let mut fit = Fit::default();
    let mut found = BTreeMap::new();
    for (name, shape) in tensors {
        let (canonical, is_wrapped) = names.canonical_name(name);
        fit.is_unwrapped |= is_wrapped;
        found.insert(canonical, (name, shape));
    }
    let (mut missing, mut misshapen) = (Vec::new(), Vec::new());
    for (name, expected) in expected(config) {
        if head == HeadUse::Replaced && names.is_of_head(&name) {
            continue;
        }
        match found.remove(&name) {
            None => missing.push(format!("`{name}` is missing")),
            Some((_, shape)) if shape != expected => misshapen.push(format!(
                "`{name}` has the shape {shape:?}, expected {expected:?}"
            )),
            Some((original, _)) => {
                fit.sources.insert(name, original.to_owned());
            }
        }
    }
    let may_go = |name: &str| {
        names.may_be_unused(name) || head == HeadUse::Replaced && !names.is_of_encoder(name)
    };
    let (unused, surprising): (Vec<_>, Vec<_>) =
        found.into_iter().partition(|(name, _)| may_go(name));
    fit.unused = unused.into_iter().map(|(name, _)| name).collect();
    let mut faults = missing;
    faults.append(&mut misshapen);
    faults.extend(
        surprising.iter().map(|(name, (_, shape))| {
            format!("`{name}` {shape:?} belongs to no part of the model")
        }),
    );
    match faults.is_empty() {
        true => Ok(fit),
        false => Err(faults),
    }
}

/// The tensors of a model by their names in transformers, with their shapes in PyTorch's layout: `[to,
/// from]` for a linear layer. Without a label there is no head.
pub fn expected(config: &Config) -> BTreeMap<String, Vec<usize>> {
    let names = config.family.names;
    let mut tensors = BTreeMap::new();
    for (part, shape, has_bias) in parts(config) {
        if has_bias {
            tensors.insert(names.of_part(&part, "bias"), vec![shape[0]]);
        }
        tensors.insert(names.of_part(&part, "weight"), shape);
    }
    let labels = config.labels().len();
    if labels > 0 {
        tensors.insert(names.of_head("weight"), vec![labels, config.hidden_size]);
        tensors.insert(names.of_head("bias"), vec![labels]);
    }
    tensors
}

/// The parts of an encoder with the shapes of their weights, and whether they have a bias.
fn parts(config: &Config) -> Vec<(String, Vec<usize>, bool)> {
    let (width, hidden, inner) = (
        config.embedding_size,
        config.hidden_size,
        config.intermediate_size,
    );
    let mut parts = Vec::new();
    let tables = [
        ("words", config.vocab_size),
        ("positions", config.position_rows),
        ("types", config.type_vocab_size),
    ];
    for (name, rows) in tables.into_iter().filter(|(_, rows)| *rows > 0) {
        parts.push((format!("embeddings.{name}"), vec![rows, width], false));
    }
    parts.push(("embeddings.norm".into(), vec![width], true));
    if config.projects_embeddings {
        parts.push(("projection".into(), vec![hidden, width], true));
    }
    if let Some(RelativePositions::Bias { buckets, .. }) = config.relative_positions {
        let shape = vec![buckets, config.num_attention_heads];
        parts.push(("relative_bias".into(), shape, false));
    }
    for group in 0..config.groups.count {
        for layer in 0..config.groups.layers {
            let of_layer = [
                ("attention.query", vec![hidden, hidden]),
                ("attention.key", vec![hidden, hidden]),
                ("attention.value", vec![hidden, hidden]),
                ("attention.output", vec![hidden, hidden]),
                ("attention_norm", vec![hidden]),
                ("feed_forward.inner", vec![inner, hidden]),
                ("feed_forward.outer", vec![hidden, inner]),
                ("feed_forward_norm", vec![hidden]),
            ];
            parts.extend(
                of_layer
                    .map(|(name, shape)| (format!("groups.{group}.{layer}.{name}"), shape, true)),
            );
        }
    }
    parts
}
