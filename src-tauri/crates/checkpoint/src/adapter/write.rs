//! Writes an adapter as PEFT does: `adapter_config.json` and `adapter_model.safetensors`.
//!
//! PEFT names modules as they are called in transformers. Where those are joint, such as ModernBERT's `Wqkv`, the
//! changes to their parts become one change of a higher rank: the A's one below the other, and each B in columns and
//! rows of its own.

use super::CONFIG;
use super::merge::PREFIX;
use crate::names::{NameTable, slice, whole};
use crate::weights::{self, Stored};
use serde_json::{Map, Value, json};
use std::collections::{BTreeMap, BTreeSet};
use std::io;
use std::path::Path;
use tagsmith_files::write_json;

/// An adapter that was trained.
pub struct NewAdapter<'a> {
    /// The folder of its base model.
    pub base: &'a Path,
    /// The names of the base model's weights.
    pub names: &'static NameTable,
    /// The rank of the change to each part.
    pub rank: usize,
    /// A change counts `alpha / rank` times.
    pub alpha: f64,
    /// The dropout that it was trained with, 0–1.
    pub dropout: f64,
    /// All that was trained, by name: changes as `MODULE.lora_A.weight` `[rank, from]` and `MODULE.lora_B.weight`
    /// `[to, rank]`, at their end which part of the module is meant where it is joint; the head whole.
    pub trained: BTreeMap<String, Stored>,
}

/// The two matrices of the change to a part of a module.
#[derive(Default)]
struct Pair {
    a: Option<Stored>,
    b: Option<Stored>,
}

impl NewAdapter<'_> {
    /// Writes both files into an existing folder, the configuration last.
    ///
    /// # Errors
    /// Any error of the file system.
    pub fn write(self, folder: &Path) -> io::Result<()> {
        let (mut tensors, mut saved_whole) = (BTreeMap::new(), BTreeSet::new());
        let mut modules: BTreeMap<String, BTreeMap<usize, Pair>> = BTreeMap::new();
        let mut parts_of = BTreeMap::new();
        for (name, stored) in self.trained {
            let (part, of) = slice(&name).unwrap_or((0, 1));
            let bare = whole(&name);
            let (is_a, module) = match bare.strip_suffix(A) {
                Some(module) => (true, module),
                None => match bare.strip_suffix(B) {
                    Some(module) => (false, module),
                    None => {
                        saved_whole.insert(bare.split('.').next().unwrap_or(bare).to_owned());
                        tensors.insert(format!("{PREFIX}{bare}"), stored);
                        continue;
                    }
                },
            };
            // Of a module that transformers has in parts, each is one by itself.
            let (module, part, of) = match self.names.peft_module(module, part) {
                Some(module) => (module, 0, 1),
                None => (module.to_owned(), part, of),
            };
            parts_of.insert(module.clone(), of);
            let pair = modules.entry(module).or_default().entry(part).or_default();
            match is_a {
                true => pair.a = Some(stored),
                false => pair.b = Some(stored),
            }
        }
        let mut targets: BTreeMap<String, usize> = BTreeMap::new();
        for (module, parts) in modules {
            let of = parts_of[&module];
            let key = |ending: &str| format!("{PREFIX}{module}{ending}");
            let (a, b) = joint(parts, of).ok_or_else(|| {
                io::Error::other(format!("the change to `{module}` is incomplete"))
            })?;
            targets.insert(below_layer(&module).to_owned(), a.shape[0]);
            tensors.insert(key(A), a);
            tensors.insert(key(B), b);
        }
        weights::write(&folder.join(FILE), &tensors)?;
        let scaled = |factor: f64| -> Map<String, Value> {
            let wider = targets.iter().filter(|(_, rank)| **rank != self.rank);
            wider
                .map(|(name, rank)| {
                    let times = *rank as f64 / self.rank as f64;
                    (name.clone(), number(factor * times))
                })
                .collect()
        };
        let config = json!({
            "peft_type": "LORA",
            "task_type": "TOKEN_CLS",
            "base_model_name_or_path": self.base,
            "inference_mode": true,
            "r": self.rank,
            "lora_alpha": number(self.alpha),
            "lora_dropout": self.dropout,
            "bias": "none",
            "fan_in_fan_out": false,
            "init_lora_weights": true,
            "use_rslora": false,
            "use_dora": false,
            "target_modules": targets.keys().collect::<Vec<_>>(),
            "rank_pattern": scaled(self.rank as f64),
            "alpha_pattern": scaled(self.alpha),
            "modules_to_save": saved_whole,
        });
        write_json(&folder.join(CONFIG), &config)
    }
}

/// How the names of the two matrices end.
const A: &str = ".lora_A.weight";
const B: &str = ".lora_B.weight";

/// The file of the matrices.
const FILE: &str = "adapter_model.safetensors";

/// A whole number without a fraction, as ranks must be.
fn number(value: f64) -> Value {
    match value.fract() == 0.0 {
        true => (value as u64).into(),
        false => value.into(),
    }
}

/// One change `[rank, from]`, `[to, rank]` of those to some of a module's `of` parts.
fn joint(parts: BTreeMap<usize, Pair>, of: usize) -> Option<(Stored, Stored)> {
    let changes = parts
        .into_iter()
        .map(|(part, pair)| Some((part, pair.a?, pair.b?)));
    let changes: Vec<(usize, Stored, Stored)> = changes.collect::<Option<_>>()?;
    let (_, first_a, first_b) = changes.first()?;
    let (inner, from, to) = (first_a.shape[0], first_a.shape[1], first_b.shape[0]);
    let rank = inner * changes.len();
    let mut a = Vec::with_capacity(rank * from);
    let mut b = vec![0.0; of * to * rank];
    for (at, (part, own_a, own_b)) in changes.into_iter().enumerate() {
        a.extend(own_a.values);
        for (row, values) in own_b.values.chunks_exact(inner).enumerate() {
            let start = (part * to + row) * rank + at * inner;
            b[start..start + inner].copy_from_slice(values);
        }
    }
    let stored = |shape: [usize; 2], values| Stored {
        shape: shape.to_vec(),
        values,
    };
    Some((stored([rank, from], a), stored([of * to, rank], b)))
}

/// What a module is called within its layer: all after the last number.
fn below_layer(module: &str) -> &str {
    let mut start = 0;
    let mut at = 0;
    for segment in module.split('.') {
        at += segment.len() + 1;
        if segment.bytes().all(|byte| byte.is_ascii_digit()) {
            start = at;
        }
    }
    &module[start..]
}

#[cfg(test)]
mod tests {
    use super::*;

    fn matrix(shape: [usize; 2], first: f32) -> Option<Stored> {
        let count = shape[0] * shape[1];
        Some(Stored {
            shape: shape.to_vec(),
            values: (0..count).map(|at| first + at as f32).collect(),
        })
    }

    /// By hand: of three parts of two rows each the first and the last are changed, by rank 1.
    #[test]
    fn changes_to_parts_become_one_of_a_higher_rank() {
        let pair = |first| Pair {
            a: matrix([1, 3], first),
            b: matrix([2, 1], 10.0 * first),
        };
        let (a, b) = joint(BTreeMap::from([(0, pair(1.0)), (2, pair(5.0))]), 3).unwrap();
        assert_eq!(a.shape, [2, 3]);
        assert_eq!(a.values, [1.0, 2.0, 3.0, 5.0, 6.0, 7.0]);
        assert_eq!(b.shape, [6, 2]);
        let rows = [
            10.0, 0.0, 11.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 50.0, 0.0, 51.0,
        ];
        assert_eq!(b.values, rows);
    }

    #[test]
    fn targets_are_named_within_their_layer() {
        for (module, expected) in [
            ("bert.encoder.layer.11.output.dense", "output.dense"),
            ("model.layers.0.attn.Wqkv", "attn.Wqkv"),
            (
                "albert.encoder.albert_layer_groups.0.albert_layers.1.ffn",
                "ffn",
            ),
        ] {
            assert_eq!(below_layer(module), expected);
        }
    }
}
