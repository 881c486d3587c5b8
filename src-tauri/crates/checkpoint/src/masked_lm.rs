//! The masked-language head of a model: what predicts the word pieces that were masked.
//!
//! In all families that have one it is a linear layer, an activation and a norm, then a decoder whose matrix
//! is the table of word embeddings (its weights are tied), and a bias for each word piece.

use crate::config::Activation;

/// What Hugging Face calls the parts of the head, which have no prefix.
#[derive(Debug, PartialEq, Eq)]
pub struct MaskedLmNames {
    /// The module of the linear layer.
    pub(crate) dense: &'static str,
    /// The module of the norm.
    pub(crate) norm: &'static str,
    /// The bias of the word pieces, a whole name.
    pub(crate) bias: &'static str,
    /// The module of the decoder. Its weight is the table of word embeddings, and its bias may be another
    /// name of `bias`; files seldom hold either.
    pub(crate) decoder: &'static str,
}

/// The head of a model, as its configuration says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct MaskedLm {
    /// What Hugging Face calls its parts.
    pub names: &'static MaskedLmNames,
    /// What the linear layer gives, as wide as the word embeddings.
    pub width: usize,
    /// The activation.
    pub activation: Activation,
    /// Whether the linear layer has a bias.
    pub has_dense_bias: bool,
    /// Whether word pieces have a bias.
    pub has_bias: bool,
}

/// Why models of a family cannot be pretrained here.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NoMaskedLm {
    /// A sentence without a full stop.
    pub reason: &'static str,
    /// What can be done.
    pub hint: &'static str,
}

impl NoMaskedLm {
    /// A checkpoint whose decoder has a matrix of its own.
    pub(crate) const UNTIED: Self = Self {
        reason: "the decoder of its masked-language head has weights of its own (`tie_word_embeddings` is false), which is not supported",
        hint: "take a model whose decoder is tied to the word embeddings, as in most of the types bert, roberta, xlm-roberta, deberta-v2 and modernbert",
    };
}

impl MaskedLmNames {
    /// The name of a parameter of the linear layer (`dense`) or the norm (`norm`).
    ///
    /// # Panics
    /// The head has no such part.
    pub fn of_part(&self, part: &str, parameter: &str) -> String {
        let module = match part {
            "dense" => self.dense,
            "norm" => self.norm,
            other => unreachable!("a masked-language head has no part `{other}`"),
        };
        format!("{module}.{parameter}")
    }

    /// The name of the bias of the word pieces.
    pub fn bias(&self) -> &'static str {
        self.bias
    }

    /// Another name that files may have for the bias.
    pub(crate) fn other_bias(&self) -> String {
        format!("{}.bias", self.decoder)
    }
}

impl MaskedLm {
    /// A head as most families have it: of the activation of the encoder's feed-forward blocks unless the
    /// family changes it, and with all biases.
    pub(crate) const fn new(
        names: &'static MaskedLmNames,
        width: usize,
        activation: Activation,
    ) -> Self {
        Self {
            names,
            width,
            activation,
            has_dense_bias: true,
            has_bias: true,
        }
    }

    /// Its tensors by name, with their shapes in PyTorch's layout, for an encoder of `hidden` columns and
    /// `pieces` word pieces.
    pub(crate) fn tensors(
        &self,
        hidden: usize,
        pieces: usize,
        has_norm_bias: bool,
    ) -> Vec<(String, Vec<usize>)> {
        let Self { names, width, .. } = *self;
        let mut tensors = vec![
            (names.of_part("dense", "weight"), vec![width, hidden]),
            (names.of_part("norm", "weight"), vec![width]),
        ];
        if self.has_dense_bias {
            tensors.push((names.of_part("dense", "bias"), vec![width]));
        }
        if has_norm_bias {
            tensors.push((names.of_part("norm", "bias"), vec![width]));
        }
        if self.has_bias {
            tensors.push((names.bias.to_owned(), vec![pieces]));
        }
        tensors
    }
}
