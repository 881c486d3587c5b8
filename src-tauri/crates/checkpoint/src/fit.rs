//! Whether the weights of a checkpoint are those that its configuration needs.

use crate::MaskedLm;
use crate::Note;
use crate::config::{Config, NormPlacement, Projection, RelativePositions};
use crate::names::{NameTable, whole};
use crate::weights::TensorInfo;
use std::borrow::Cow;
use std::collections::BTreeMap;
use tagsmith_protocol::Diagnose;

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

impl Fit {
    /// What a person should know of it.
    pub fn note(&self) -> Option<Note> {
        let message = "what a training program has put before the names of the weights, such as `module.`, is left out";
        self.is_unwrapped
            .then(|| Note::new("wrapped-names", message))
    }
}

/// Why weights do not fit.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Misfit {
    /// Names or shapes are not those of the architecture.
    #[error("the weights do not fit the architecture: {}", listed(.0))]
    Tensors(Vec<String>),
    /// A weight is a whole number.
    #[error("the weights are quantised: `{name}` holds {found}, expected F32, F16, BF16 or F64")]
    Quantised {
        /// The tensor's name in the file.
        name: String,
        /// Its element type.
        found: String,
    },
}

impl Diagnose for Misfit {
    fn code(&self) -> &'static str {
        "model"
    }

    fn hint(&self) -> Option<Cow<'_, str>> {
        let hint = match self {
            Self::Tensors(_) => {
                "config.json and the weights may come from different models: download it again"
            }
            Self::Quantised { .. } => {
                "quantised checkpoints cannot be fine-tuned: take the original model"
            }
        };
        Some(hint.into())
    }
}

/// How many faults an error lists.
const LISTED: usize = 5;

/// The first faults, and how many more there are.
pub(crate) fn listed(faults: &[String]) -> String {
    let mut listed: Vec<_> = faults.iter().take(LISTED).cloned().collect();
    if faults.len() > LISTED {
        listed.push(format!("and {} more", faults.len() - LISTED));
    }
    listed.join("; ")
}

/// Compares the tensors of a checkpoint, by the names that the file gives them, with those that `config`
/// needs.
///
/// # Errors
/// A weight is quantised, or some are missing, of another shape, or of no part of the model.
pub fn check<'a>(
    config: &Config,
    tensors: impl Iterator<Item = (&'a str, &'a TensorInfo)>,
    head: HeadUse,
) -> Result<Fit, Misfit> {
    let names = config.family.names;
    let is_replaced = head == HeadUse::Replaced;
    let mut needed = expected(config);
    needed.retain(|name, _| !(is_replaced && names.is_of_head(name)));
    let needs = Needs {
        tensors: needed,
        // It is drawn anew with the head, unless pre-training has left it.
        is_optional: &|name| is_replaced && names.is_of_transform(name),
        may_go: &|name| names.may_be_unused(name) || is_replaced && !names.is_of_encoder(name),
    };
    compare(names, tensors, &needs)
}

/// The same for a model with its masked-language head. Parts of the head that the file lacks are missing in
/// [`Fit::sources`]; heads for something else are left out.
///
/// # Errors
/// As [`check`].
pub fn check_masked_lm<'a>(
    config: &Config,
    head: &MaskedLm,
    tensors: impl Iterator<Item = (&'a str, &'a TensorInfo)>,
) -> Result<Fit, Misfit> {
    let names = config.family.names;
    let (hidden, pieces) = (config.hidden_size, config.vocab_size);
    let of_head: BTreeMap<_, _> = head
        .tensors(hidden, pieces, config.biases.norm)
        .into_iter()
        .collect();
    let mut needed = expected(config);
    needed.retain(|name, _| names.is_of_encoder(name));
    needed.extend(of_head.clone());
    let tensors: Vec<_> = tensors.collect();
    let needs = Needs {
        tensors: needed,
        is_optional: &|name| of_head.contains_key(name),
        may_go: &|name| {
            let is_other = !names.is_of_encoder(name) || names.may_be_unused(name);
            is_other && !of_head.contains_key(name)
        },
    };
    let mut fit = compare(names, tensors.iter().copied(), &needs)?;
    let (bias, other) = (head.names.bias(), head.names.other_bias());
    if head.has_bias && !fit.sources.contains_key(bias) {
        // The two are one, and a file may have it under either name.
        let is_it = |(name, info): &&(&str, &TensorInfo)| {
            let fits = info.dtype.is_ok() && info.shape == [pieces];
            fits && names.canonical_name(name).0 == other
        };
        if let Some((original, _)) = tensors.iter().find(is_it) {
            fit.unused.retain(|name| *name != other);
            fit.sources.insert(bias.to_owned(), (*original).to_owned());
        }
    }
    Ok(fit)
}

/// What a model needs of a file.
struct Needs<'n> {
    /// The model's tensors with their shapes.
    tensors: BTreeMap<String, Vec<usize>>,
    /// Whether one of them may be absent.
    is_optional: &'n dyn Fn(&str) -> bool,
    /// Whether a file may hold another one.
    may_go: &'n dyn Fn(&str) -> bool,
}

fn compare<'a>(
    names: &NameTable,
    tensors: impl Iterator<Item = (&'a str, &'a TensorInfo)>,
    needs: &Needs,
) -> Result<Fit, Misfit> {
    let mut fit = Fit::default();
    let (mut found, mut twice) = (BTreeMap::new(), Vec::new());
    for (name, info) in tensors {
        let (canonical, is_wrapped) = names.canonical_name(name);
        fit.is_unwrapped |= is_wrapped;
        let may_go = (needs.may_go)(&canonical);
        // First of all: a quantised checkpoint has names and shapes of its own.
        if let Err(found) = &info.dtype
            && !(may_go || is_constant(&canonical))
        {
            return Err(Misfit::Quantised {
                name: name.into(),
                found: found.clone(),
            });
        }
        let weight = (name, info.shape.as_slice());
        if let Some((other, _)) = found.insert(canonical, weight).filter(|_| !may_go) {
            twice.push(format!("`{other}` and `{name}` are the same weight"));
        }
    }
    let (mut missing, mut misshapen) = (Vec::new(), Vec::new());
    for (name, expected) in &needs.tensors {
        match found.remove(name) {
            None if (needs.is_optional)(name) => {}
            None => missing.push(format!("`{name}` is missing")),
            Some((_, shape)) if shape != &expected[..] => misshapen.push(format!(
                "`{name}` has the shape {shape:?}, expected {expected:?}"
            )),
            Some((original, _)) => {
                fit.sources.insert(name.clone(), original.to_owned());
            }
        }
    }
    let (unused, surprising): (Vec<_>, Vec<_>) = found
        .into_iter()
        .partition(|(name, _)| (needs.may_go)(name));
    fit.unused = unused.into_iter().map(|(name, _)| name).collect();
    let mut faults = twice;
    faults.append(&mut missing);
    faults.append(&mut misshapen);
    faults.extend(
        surprising.iter().map(|(name, (_, shape))| {
            format!("`{name}` {shape:?} belongs to no part of the model")
        }),
    );
    match faults.is_empty() {
        true => Ok(fit),
        false => Err(Misfit::Tensors(faults)),
    }
}

/// Whether a tensor holds constants that some checkpoints carry along, and no weights.
pub fn is_constant(name: &str) -> bool {
    let constants = ["position_ids", "token_type_ids"];
    constants.iter().any(|constant| name.ends_with(constant))
}

/// The tensors of a model by their names in transformers, with their shapes in PyTorch's layout: `[to,
/// from]` for a linear layer. Without a label there is no head.
pub fn expected(config: &Config) -> BTreeMap<String, Vec<usize>> {
    let names = config.family.names;
    let mut tensors: BTreeMap<String, Vec<usize>> = BTreeMap::new();
    let mut add = |name: String, shape: Vec<usize>| {
        // Parts that a checkpoint has in one stand below each other.
        let rows = shape[0];
        match tensors.get_mut(whole(&name)) {
            Some(other) => other[0] += rows,
            None => {
                tensors.insert(whole(&name).to_owned(), shape);
            }
        }
    };
    for Part {
        name,
        shape,
        has_bias,
    } in encoder(config)
    {
        if has_bias {
            add(names.of_part(&name, "bias"), vec![shape[0]]);
        }
        add(names.of_part(&name, "weight"), shape);
    }
    let (labels, hidden) = (config.labels().len(), config.hidden_size);
    if labels == 0 {
        return tensors;
    }
    if let Some(transform) = config.transform {
        add(names.of_transform("dense", "weight"), vec![hidden, hidden]);
        add(names.of_transform("norm", "weight"), vec![hidden]);
        if transform.has_bias {
            add(names.of_transform("dense", "bias"), vec![hidden]);
        }
        if config.biases.norm {
            add(names.of_transform("norm", "bias"), vec![hidden]);
        }
    }
    add(names.of_head("weight"), vec![labels, hidden]);
    add(names.of_head("bias"), vec![labels]);
    tensors
}

/// A part of an encoder.
struct Part {
    name: String,
    /// Of its weight.
    shape: Vec<usize>,
    has_bias: bool,
}

fn part(name: impl Into<String>, shape: impl Into<Vec<usize>>, has_bias: bool) -> Part {
    Part {
        name: name.into(),
        shape: shape.into(),
        has_bias,
    }
}

fn encoder(config: &Config) -> Vec<Part> {
    let (width, hidden) = (config.embedding_size, config.hidden_size);
    let has_bias = config.biases.norm;
    let norm = match config.projection {
        Projection::BeforeNorm => hidden,
        _ => width,
    };
    let mut parts = Vec::new();
    if config.normalises_embeddings {
        parts.push(part("embeddings.norm", [norm], has_bias));
    }
    let tables = [
        ("words", config.vocab_size),
        ("positions", config.position_rows),
        ("types", config.type_vocab_size),
    ];
    for (name, rows) in tables.into_iter().filter(|(_, rows)| *rows > 0) {
        parts.push(part(format!("embeddings.{name}"), [rows, width], false));
    }
    match config.projection {
        Projection::None => {}
        Projection::AfterNorm => parts.push(part("projection", [hidden, width], true)),
        Projection::BeforeNorm => {
            parts.push(part("embeddings.projection", [hidden, width], false));
        }
    }
    if let Some(convolution) = config.convolution {
        let shape = [hidden, hidden, convolution.width];
        parts.push(part("convolution.mix", shape, true));
        parts.push(part("convolution.norm", [hidden], true));
    }
    match config.relative_positions {
        Some(positions @ RelativePositions::Bias { .. }) => {
            let shape = [positions.rows(), config.num_attention_heads];
            parts.push(part("relative.table", shape, false));
        }
        Some(positions @ RelativePositions::Disentangled { is_normalised, .. }) => {
            parts.push(part("relative.table", [positions.rows(), hidden], false));
            if is_normalised {
                parts.push(part("relative.norm", [hidden], true));
            }
        }
        None => {}
    }
    if config.norm_placement == NormPlacement::Before {
        parts.push(part("norm", [hidden], has_bias));
    }
    for group in 0..config.groups.count {
        for at in 0..config.groups.layers {
            let is_first = (group, at) == (0, 0);
            parts.extend(layer(config, is_first).into_iter().map(|part| Part {
                name: format!("groups.{group}.{at}.{}", part.name),
                ..part
            }));
        }
    }
    parts
}

fn layer(config: &Config, is_first: bool) -> Vec<Part> {
    let (hidden, inner, biases) = (config.hidden_size, config.intermediate_size, config.biases);
    let square = |name: &str| {
        part(
            format!("attention.{name}"),
            [hidden, hidden],
            biases.attention,
        )
    };
    let mut parts: Vec<Part> = ["query", "output"].map(square).into();
    let narrow = hidden / config.num_attention_heads * config.key_value_heads;
    parts.extend(["key", "value"].map(|name| Part {
        shape: vec![narrow, hidden],
        ..square(name)
    }));
    if let Some(RelativePositions::Disentangled {
        has_projections: true,
        ..
    }) = config.relative_positions
    {
        parts.extend(["position_key", "position_query"].map(square));
    }
    if config.norms_attention(is_first) {
        parts.push(part("attention_norm", [hidden], biases.norm));
    }
    parts.push(part("feed_forward_norm", [hidden], biases.norm));
    parts.push(part(
        "feed_forward.inner",
        [inner, hidden],
        biases.feed_forward,
    ));
    if config.is_gated {
        parts.push(part(
            "feed_forward.gate",
            [inner, hidden],
            biases.feed_forward,
        ));
    }
    parts.push(part(
        "feed_forward.outer",
        [hidden, inner],
        biases.feed_forward,
    ));
    parts
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::weights::Float;
    use serde_json::json;

    fn config() -> Config {
        let raw = json!({
            "model_type": "bert", "vocab_size": 9, "hidden_size": 4, "num_hidden_layers": 1,
            "num_attention_heads": 2, "intermediate_size": 8, "hidden_act": "gelu",
            "max_position_embeddings": 8, "type_vocab_size": 2
        });
        Config::from_json(raw.as_object().unwrap().clone()).unwrap()
    }

    #[test]
    fn trap_a_weight_that_is_there_twice_is_not_chosen_silently() {
        let config = config();
        let info = |shape: Vec<usize>| TensorInfo {
            shape,
            dtype: Ok(Float::F32),
        };
        let mut tensors: BTreeMap<String, TensorInfo> = expected(&config)
            .into_iter()
            .map(|(name, shape)| (name, info(shape)))
            .collect();
        let check = |tensors: &BTreeMap<String, TensorInfo>| {
            let tensors = tensors.iter();
            let tensors = tensors.map(|(name, info)| (name.as_str(), info));
            check(&config, tensors, HeadUse::Replaced)
        };
        assert!(check(&tensors).is_ok());
        // Nobody needs these.
        for name in ["bert.pooler.dense.bias", "pooler.dense.bias"] {
            tensors.insert(name.into(), info(vec![4]));
        }
        assert!(check(&tensors).is_ok());
        let copy = "module.bert.embeddings.word_embeddings.weight";
        tensors.insert(copy.into(), info(vec![9, 4]));
        let failure = check(&tensors).unwrap_err().to_string();
        assert!(
            failure.contains(copy) && failure.contains("are the same weight"),
            "{failure}"
        );
    }
}
