//! DistilBERT (Sanh et al. 2019): BERT with half the layers, without token types, and with names of its own.

use super::bert::with_bert_keys;
use crate::config::{Config, ConfigError, Dropouts, Keys};
use crate::family::Family;
use crate::masked_lm::{MaskedLm, MaskedLmNames};
use crate::names::NameTable;

pub(super) static FAMILY: Family = Family {
    model_type: "distilbert",
    class_prefix: "DistilBert",
    names: &NameTable {
        prefix: "distilbert",
        head: "classifier",
        transform: "",
        parts: &[
            ("embeddings.words", "embeddings.word_embeddings"),
            ("embeddings.positions", "embeddings.position_embeddings"),
            ("embeddings.norm", "embeddings.LayerNorm"),
            (
                "groups.0.#.attention.query",
                "transformer.layer.#.attention.q_lin",
            ),
            (
                "groups.0.#.attention.key",
                "transformer.layer.#.attention.k_lin",
            ),
            (
                "groups.0.#.attention.value",
                "transformer.layer.#.attention.v_lin",
            ),
            (
                "groups.0.#.attention.output",
                "transformer.layer.#.attention.out_lin",
            ),
            (
                "groups.0.#.attention_norm",
                "transformer.layer.#.sa_layer_norm",
            ),
            (
                "groups.0.#.feed_forward.inner",
                "transformer.layer.#.ffn.lin1",
            ),
            (
                "groups.0.#.feed_forward.outer",
                "transformer.layer.#.ffn.lin2",
            ),
            (
                "groups.0.#.feed_forward_norm",
                "transformer.layer.#.output_layer_norm",
            ),
        ],
        modules: &[],
        old_suffixes: &[],
        unused: &[
            "vocab_transform.",
            "vocab_layer_norm.",
            "vocab_projector.",
            "pre_classifier.",
            "distilbert.embeddings.position_ids",
        ],
    },
};

/// Those of `DistilBertForMaskedLM`.
static MASKED_LM: MaskedLmNames = MaskedLmNames {
    dense: "vocab_transform",
    norm: "vocab_layer_norm",
    bias: "vocab_projector.bias",
    decoder: "vocab_projector",
};

/// Keys that are called otherwise than in most families.
const KEYS: &[(&str, &str)] = &[
    ("hidden_size", "dim"),
    ("num_hidden_layers", "n_layers"),
    ("num_attention_heads", "n_heads"),
    ("intermediate_size", "hidden_dim"),
    ("hidden_act", "activation"),
    ("hidden_dropout_prob", "dropout"),
    ("attention_probs_dropout_prob", "attention_dropout"),
];

/// Positions that were sines at first are stored as an embedding like any other.
pub(super) fn read(family: &'static Family, keys: &Keys) -> Result<Config, ConfigError> {
    let config = with_bert_keys(family, &keys.called(KEYS))?;
    Ok(Config {
        dropouts: Dropouts {
            // Nothing is dropped of what attention gives.
            attention: None,
            classifier: config.dropouts.embeddings,
            ..config.dropouts
        },
        masked_lm: Ok(MaskedLm::new(
            &MASKED_LM,
            config.hidden_size,
            config.hidden_act,
        )),
        layer_norm_eps: 1e-12,
        ..config
    })
}
