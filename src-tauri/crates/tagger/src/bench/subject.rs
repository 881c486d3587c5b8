//! What is measured: a model from a folder or of random weights, and sequences for it to read.

use crate::error::Error;
use crate::example::Example;
use crate::window::Window;
use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;
use serde_json::{Map, Value};
use std::path::PathBuf;
use std::sync::LazyLock;
use tagsmith_encoder::burn::tensor::Device;
use tagsmith_encoder::config::RelativePositions;
use tagsmith_encoder::{Config, TokenClassifier, model};

/// The model that is measured.
#[derive(Clone, Debug)]
pub enum Subject {
    /// A model folder.
    Folder(PathBuf),
    /// Random weights in one of [`SHAPES`], given by its name.
    Shape(String),
}

/// The `config.json` of each named shape: those of the models that are called so on the Hub, `minilm` being
/// all-MiniLM-L6-v2 and `tiny` for tests. The peers of `tests/bench` read the same file.
static SHAPES: LazyLock<Map<String, Value>> = LazyLock::new(|| {
    serde_json::from_str(include_str!("shapes.json")).expect("the file is a JSON object")
});

/// The names of the shapes.
pub fn shapes() -> impl Iterator<Item = &'static str> {
    SHAPES.keys().map(String::as_str)
}

/// Labels of the head that a model without one is given: `O` and four kinds of names in IOB2.
pub const LABELS: usize = 9;

/// What is random here always is the same.
const SEED: u64 = 42;

impl Subject {
    /// The configuration of the model, with labels for a head.
    ///
    /// # Errors
    /// The folder's configuration cannot be used, or no shape has that name.
    pub fn config(&self) -> Result<Config, Error> {
        let config = match self {
            Self::Folder(folder) => Config::from_folder(folder)?,
            Self::Shape(name) => shape_config(name)?,
        };
        Ok(match config.labels().is_empty() {
            true => config.with_labels(&(0..LABELS).map(|i| format!("L{i}")).collect::<Vec<_>>()),
            false => config,
        })
    }

    /// The model on `device`, and its configuration.
    ///
    /// # Errors
    /// As [`Subject::config`], and anything that loading refuses.
    pub(super) fn load(&self, device: &Device) -> Result<(TokenClassifier, Config), Error> {
        let config = self.config()?;
        match self {
            Self::Shape(_) => Ok((model::random(&config, SEED, device), config)),
            Self::Folder(folder) => {
                let (model, config, _) =
                    model::load_for_labels(folder, config.labels(), None, SEED, device)?;
                Ok((model, config))
            }
        }
    }
}

fn shape_config(name: &str) -> Result<Config, Error> {
    let Some(Value::Object(raw)) = SHAPES.get(name) else {
        return Err(Error::Setting {
            setting: "shape",
            found: name.into(),
            expected: format!("one of {}", shapes().collect::<Vec<_>>().join(", ")),
        });
    };
    Ok(Config::from_json(raw.clone())?)
}

/// Operations of a forward pass over sequences of these lengths, in floating-point operations.
///
/// Per word piece and layer: `4h²` multiplications and additions for query, key, value and output,
/// `2hi` for the feed-forward part (`3hi` where it is gated), `2sh` for scores and weighted sums over a
/// sequence of `s` pieces, or as many of them as a layer looks at
/// (Narayanan et al. 2021, section 5.1, for a general `i`, without the vocabulary); for the head `h`
/// times the labels. Disentangled attention has `2sh` for each of two tables of distances, and for the
/// whole batch two products of the table with `h²`. Two operations each. What is not a product is not
/// counted.
pub(super) fn flops(config: &Config, lengths: impl Iterator<Item = usize>) -> f64 {
    let (h, i) = (config.hidden_size as f64, config.intermediate_size as f64);
    let labels = config.labels().len() as f64;
    let products = if config.is_gated { 3.0 } else { 2.0 };
    let local = config.rotary.as_ref().and_then(|it| it.local.as_ref());
    let (tables, rows) = match config.relative_positions {
        Some(positions @ RelativePositions::Disentangled { .. }) => (2.0, positions.rows() as f64),
        _ => (0.0, 0.0),
    };
    let layer = |s: usize, at: usize| {
        let seen = match local {
            Some(local) if local.layers[at] => s.min(2 * local.distance + 1),
            _ => s,
        };
        let distances = tables * (2 * s).saturating_sub(1).min(rows as usize) as f64;
        4.0 * h * h + products * h * i + (2.0 * seen as f64 + distances) * h
    };
    let of_length = |length: usize| {
        let layers: f64 = (0..config.num_hidden_layers)
            .map(|at| layer(length, at))
            .sum();
        2.0 * length as f64 * (layers + h * labels)
    };
    let of_tables = 2.0 * config.num_hidden_layers as f64 * tables * rows * h * h;
    of_tables + lengths.map(of_length).sum::<f64>()
}

/// Sequences of random word pieces, all but the special ones scored, with random targets.
pub(super) fn sequences(lengths: &[usize], config: &Config) -> Vec<Example> {
    let mut random = ChaCha8Rng::seed_from_u64(SEED);
    let pieces = config.vocab_size as u32;
    let build = |(document, length): (usize, &usize)| {
        let inner = length.saturating_sub(2);
        Example {
            window: Window {
                document,
                ids: (0..*length)
                    .map(|_| random.random_range(0..pieces))
                    .collect(),
                scored: (0..inner).map(|word| (word + 1, word)).collect(),
                reaches_end: true,
            },
            targets: (0..inner)
                .map(|_| random.random_range(0..config.labels().len()))
                .collect(),
        }
    };
    lengths.iter().enumerate().map(build).collect()
}

/// Word pieces of sentences as they are found in running text and short messages, special pieces
/// included: most have 10 to 40, few more than 60. In no order, so that any part of it is typical.
const TYPICAL: [usize; 64] = [
    23, 12, 37, 18, 29, 9, 46, 21, 15, 33, 26, 7, 54, 19, 30, 14, 24, 41, 11, 28, 17, 35, 22, 66,
    13, 27, 20, 48, 10, 31, 16, 25, 39, 8, 34, 22, 18, 79, 29, 12, 43, 24, 15, 36, 20, 27, 51, 17,
    32, 6, 23, 38, 14, 26, 58, 19, 30, 21, 11, 44, 25, 97, 16, 28,
];

/// `count` typical lengths, at most [`TYPICAL`] of them different.
pub(super) fn typical(count: usize) -> Vec<usize> {
    TYPICAL.iter().copied().cycle().take(count).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn operations_are_those_of_the_products() {
        // BERT-base, one sequence of 128: 12 layers × 128 pieces × (4·768² + 2·768·3072 + 2·128·768)
        // + 128 × 768 × 9, by hand.
        let config = Subject::Shape("bert-base".into()).config().unwrap();
        let products = 12 * 128 * (2_359_296 + 4_718_592 + 196_608) + 128 * 768 * 9_u64;
        assert_eq!(flops(&config, [128].into_iter()), 2.0 * products as f64);
    }

    #[test]
    fn sequences_have_their_lengths_and_an_unknown_shape_names_the_known_ones() {
        let config = Subject::Shape("tiny".into()).config().unwrap();
        let made = sequences(&typical(70), &config);
        assert_eq!(made.len(), 70);
        for (example, length) in made.iter().zip(typical(70)) {
            assert_eq!(example.window.ids.len(), length);
            assert_eq!(example.targets.len(), length - 2);
        }
        let refused = Subject::Shape("huge".into()).config().unwrap_err();
        assert!(refused.to_string().contains("bert-base"), "{refused}");
    }
}
