//! The precisions that a model can compute in. Its weights are kept in 32 bits in all of them.

use serde::{Deserialize, Serialize};

/// The type of hidden states and of the factors of matrix products.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "bindings", derive(specta::Type))]
#[serde(rename_all = "lowercase")]
pub enum Precision {
    /// What suits the device.
    #[default]
    Auto,
    /// 32 bits.
    F32,
    /// 16 bits with the range of 32 (8 bits of fraction).
    Bf16,
    /// 16 bits with more fraction (11 bits) and little range: gradients are scaled up in the backward pass.
    F16,
}

impl Precision {
    /// Whether it is one of the two of 16 bits.
    pub fn is_half(self) -> bool {
        matches!(self, Self::Bf16 | Self::F16)
    }

    /// Its name in options and files.
    pub fn name(self) -> &'static str {
        match self {
            Self::Auto => "auto",
            Self::F32 => "f32",
            Self::Bf16 => "bf16",
            Self::F16 => "f16",
        }
    }
}
