//! The parts of a benchmark, and how they are spelled.

use std::fmt;
use std::str::FromStr;

/// A batch of sequences of one length.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Shape {
    /// Sequences.
    pub batch: usize,
    /// Word pieces of each, special ones included.
    pub length: usize,
}

impl Shape {
    pub(super) fn lengths(self) -> Vec<usize> {
        vec![self.length; self.batch]
    }
}

impl fmt::Display for Shape {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        write!(f, "{}x{}", self.batch, self.length)
    }
}

impl FromStr for Shape {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let shape = text.split_once('x').and_then(|(batch, length)| {
            Some(Self {
                batch: batch.parse().ok()?,
                length: length.parse().ok()?,
            })
        });
        match shape {
            // Both ends of a sequence are special pieces.
            Some(shape) if shape.batch > 0 && shape.length > 2 => Ok(shape),
            _ => Err("expected BATCHxLENGTH, such as 16x32, the length at least 3".into()),
        }
    }
}

/// One thing to measure. Spelled as `train:16x32` or `latency:64`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Part {
    /// burn's product of two square matrices.
    Product {
        /// Their rows.
        size: usize,
    },
    /// The same as the model's layers compute it.
    OwnProduct {
        /// Rows of both matrices.
        size: usize,
    },
    /// Prediction of one batch.
    Forward(Shape),
    /// A training step on one batch.
    Train(Shape),
    /// Prediction of sentences of typical lengths.
    ForwardTypical {
        /// How many.
        count: usize,
    },
    /// An epoch over sentences of typical lengths.
    TrainTypical {
        /// How many.
        count: usize,
    },
    /// Prediction of one sentence at a time.
    Latency {
        /// How many.
        count: usize,
    },
    /// Memory over many training steps.
    Growth {
        /// How many.
        steps: usize,
    },
}

impl Part {
    /// Whether it needs gradients.
    pub fn trains(&self) -> bool {
        matches!(
            self,
            Self::Train(_) | Self::TrainTypical { .. } | Self::Growth { .. }
        )
    }
}

impl fmt::Display for Part {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        match self {
            Self::Product { size } => write!(f, "product:{size}"),
            Self::OwnProduct { size } => write!(f, "own-product:{size}"),
            Self::Forward(shape) => write!(f, "forward:{shape}"),
            Self::Train(shape) => write!(f, "train:{shape}"),
            Self::ForwardTypical { count } => write!(f, "forward-typical:{count}"),
            Self::TrainTypical { count } => write!(f, "train-typical:{count}"),
            Self::Latency { count } => write!(f, "latency:{count}"),
            Self::Growth { steps } => write!(f, "growth:{steps}"),
        }
    }
}

impl FromStr for Part {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let (name, amount) = text.split_once(':').unwrap_or((text, ""));
        let number = || match amount.parse() {
            Ok(number @ 1..) => Ok(number),
            _ => Err(format!("expected a positive number after `{name}:`")),
        };
        Ok(match name {
            "product" => Self::Product { size: number()? },
            "own-product" => Self::OwnProduct { size: number()? },
            "forward" => Self::Forward(amount.parse()?),
            "train" => Self::Train(amount.parse()?),
            "forward-typical" => Self::ForwardTypical { count: number()? },
            "train-typical" => Self::TrainTypical { count: number()? },
            "latency" => Self::Latency { count: number()? },
            "growth" => Self::Growth { steps: number()? },
            _ => return Err(format!("there is no part `{name}`")),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_part_reads_what_it_writes_and_refuses_the_rest() {
        for text in [
            "product:2048",
            "own-product:512",
            "forward:16x32",
            "train:32x128",
            "forward-typical:256",
            "train-typical:256",
            "latency:64",
            "growth:2000",
        ] {
            assert_eq!(text.parse::<Part>().unwrap().to_string(), text);
        }
        for text in [
            "train",
            "train:16",
            "train:0x8",
            "train:4x2",
            "latency:0",
            "heat:3",
            "",
        ] {
            assert!(text.parse::<Part>().is_err(), "{text}");
        }
    }
}
