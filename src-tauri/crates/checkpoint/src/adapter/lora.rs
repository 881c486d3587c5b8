//! The changes that LoRA makes to a weight (Hu et al. 2021), also rank-stabilised (Kalajdzievski 2023) and with
//! magnitudes of their own (DoRA, Liu et al. 2024), as PEFT 0.21 computes them.

use crate::weights::Stored;
use serde_json::{Map, Value};

/// Settings of `adapter_config.json` under which a change is another one than the two products of LoRA, or
/// under which the base model was changed as well.
const REFUSED: &[&str] = &[
    "alora_invocation_tokens",
    "arrow_config",
    "corda_config",
    "kasa_config",
    "layer_replication",
    "lora_ga_config",
    "monteclora_config",
    "target_parameters",
    "trainable_token_indices",
    "use_bdlora",
    "use_qalora",
    "velora_config",
];

/// Ways to begin that leave the base model as it is; all others change its weights.
const BEGINNINGS: &[&str] = &["gaussian", "eva", "orthogonal"];

/// How strongly the changes count.
#[derive(Debug)]
pub(super) struct Scaling {
    alpha: f64,
    /// Parts of the model with an alpha of their own, by the ends of their names.
    alphas: Vec<(String, f64)>,
    is_rank_stabilised: bool,
}

impl Scaling {
    /// What an `adapter_config.json` says.
    ///
    /// # Errors
    /// The key, what it holds and what was expected: a kind of change that is not known here.
    pub fn read(config: &Map<String, Value>) -> Result<Self, (String, String, &'static str)> {
        let refuse =
            |key: &str, found: &Value, expected| Err((key.into(), found.to_string(), expected));
        for key in REFUSED {
            match config.get(*key) {
                None | Some(Value::Null | Value::Bool(false)) => {}
                Some(Value::Array(all)) if all.is_empty() => {}
                Some(Value::Object(all)) if all.is_empty() => {}
                Some(found) => return refuse(key, found, "none"),
            }
        }
        match config.get("init_lora_weights") {
            Some(found @ Value::String(way)) if !BEGINNINGS.contains(&way.as_str()) => {
                return refuse(
                    "init_lora_weights",
                    found,
                    "a beginning that leaves the base model as it is, such as `true`",
                );
            }
            _ => {}
        }
        let number = |key: &str, value: &Value| match value.as_f64() {
            Some(number) => Ok(number),
            None => Err((key.to_owned(), value.to_string(), "a number")),
        };
        let mut alphas = Vec::new();
        if let Some(Value::Object(pattern)) = config.get("alpha_pattern") {
            for (name, alpha) in pattern {
                let is_plain = |c: char| c.is_ascii_alphanumeric() || "._-".contains(c);
                if !name.chars().all(is_plain) {
                    let found = Value::from(name.as_str());
                    return refuse(
                        "alpha_pattern",
                        &found,
                        "the names of modules, without patterns",
                    );
                }
                alphas.push((name.clone(), number("alpha_pattern", alpha)?));
            }
        }
        Ok(Self {
            alpha: number("lora_alpha", config.get("lora_alpha").unwrap_or(&8.into()))?,
            alphas,
            is_rank_stabilised: config.get("use_rslora") == Some(&true.into()),
        })
    }

    /// The factor of a change of `rank` to a module of this name.
    fn of(&self, module: &str, rank: usize) -> f32 {
        let own = self.alphas.iter().find(|(name, _)| {
            let before = module.strip_suffix(name.as_str());
            before.is_some_and(|before| before.is_empty() || before.ends_with('.'))
        });
        let alpha = own.map_or(self.alpha, |(_, alpha)| *alpha);
        let rank = rank as f64;
        (alpha
            / if self.is_rank_stabilised {
                rank.sqrt()
            } else {
                rank
            }) as f32
    }
}

/// The changes to one module. Its weight becomes `weight + scale · left · right`, then each row of it gets its
/// length.
#[derive(Default)]
pub(super) struct Change {
    /// `B`, `[to, rank]`.
    pub left: Option<Stored>,
    /// `A`, `[rank, from]`.
    pub right: Option<Stored>,
    /// Whether it is one of an embedding, whose table `[from, to]` is the transpose of a linear layer's weight.
    pub is_of_table: bool,
    /// What is added to the bias, before it is scaled.
    pub bias: Option<Stored>,
    /// The length of each row of the weight, `[to]`.
    pub magnitudes: Option<Stored>,
}

impl Change {
    /// Changes a weight `[to, from]`, or a table `[from, to]`, and gives the factor by which the change counts.
    ///
    /// # Errors
    /// In words: a part is missing, or the shapes do not fit.
    pub fn apply(
        &self,
        weight: &mut Stored,
        module: &str,
        scaling: &Scaling,
    ) -> Result<f32, String> {
        if weight.shape.len() != 2 {
            return Err(format!(
                "the weight's shape {:?} is none of a matrix",
                weight.shape
            ));
        }
        if !self.is_of_table {
            return self.apply_to_matrix(weight, module, scaling);
        }
        *weight = transposed(weight);
        let applied = self.apply_to_matrix(weight, module, scaling);
        *weight = transposed(weight);
        applied
    }

    fn apply_to_matrix(
        &self,
        weight: &mut Stored,
        module: &str,
        scaling: &Scaling,
    ) -> Result<f32, String> {
        let (Some(left), Some(right)) = (&self.left, &self.right) else {
            return Err("one of the two parts of the change is missing".into());
        };
        let (&[to, from], &[rows, rank], &[inner, columns]) = (
            weight.shape.as_slice(),
            left.shape.as_slice(),
            right.shape.as_slice(),
        ) else {
            return Err("its parts are no matrices".into());
        };
        if (rows, inner, columns) != (to, rank, from) || rank == 0 {
            return Err(format!(
                "its parts {:?} and {:?} do not make one of the weight's shape {:?}",
                left.shape, right.shape, weight.shape
            ));
        }
        let scale = scaling.of(module, rank);
        for (row, factors) in weight
            .values
            .chunks_exact_mut(from)
            .zip(left.values.chunks_exact(rank))
        {
            let mut change = vec![0.0; from];
            for (factor, part) in factors.iter().zip(right.values.chunks_exact(from)) {
                change
                    .iter_mut()
                    .zip(part)
                    .for_each(|(sum, part)| *sum += factor * part);
            }
            row.iter_mut()
                .zip(&change)
                .for_each(|(value, change)| *value += scale * change);
        }
        let Some(magnitudes) = &self.magnitudes else {
            return Ok(scale);
        };
        if magnitudes.values.len() != to {
            return Err(format!(
                "it has {} magnitudes for {to} rows",
                magnitudes.values.len()
            ));
        }
        for (row, magnitude) in weight.values.chunks_exact_mut(from).zip(&magnitudes.values) {
            let squares: f64 = row.iter().map(|value| f64::from(*value).powi(2)).sum();
            let factor = magnitude / squares.sqrt() as f32;
            row.iter_mut().for_each(|value| *value *= factor);
        }
        Ok(scale)
    }
}

fn transposed(matrix: &Stored) -> Stored {
    let (rows, columns) = (matrix.shape[0], matrix.shape[1..].iter().product());
    let values = (0..columns).flat_map(|column| (0..rows).map(move |row| row * columns + column));
    Stored {
        shape: vec![columns, rows],
        values: values.map(|at| matrix.values[at]).collect(),
    }
}
