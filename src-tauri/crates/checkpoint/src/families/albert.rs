//! ALBERT (Lan et al. 2020): layers that share their weights, and embeddings that are always narrower.

use super::bert::with_bert_keys;
use crate::config::{Config, ConfigError, Dropouts, Groups, Keys, Projection};
use crate::family::Family;
use crate::masked_lm::{MaskedLm, MaskedLmNames};
use crate::names::NameTable;
use serde_json::Value;

pub(super) static FAMILY: Family = Family {
    model_type: "albert",
    class_prefix: "Albert",
    names: &NameTable {
        prefix: "albert",
        head: "classifier",
        transform: "",
        parts: &[
            ("embeddings.words", "embeddings.word_embeddings"),
            ("embeddings.positions", "embeddings.position_embeddings"),
            ("embeddings.types", "embeddings.token_type_embeddings"),
            ("embeddings.norm", "embeddings.LayerNorm"),
            ("projection", "encoder.embedding_hidden_mapping_in"),
            (
                "groups.#.#.attention.query",
                "encoder.albert_layer_groups.#.albert_layers.#.attention.query",
            ),
            (
                "groups.#.#.attention.key",
                "encoder.albert_layer_groups.#.albert_layers.#.attention.key",
            ),
            (
                "groups.#.#.attention.value",
                "encoder.albert_layer_groups.#.albert_layers.#.attention.value",
            ),
            (
                "groups.#.#.attention.output",
                "encoder.albert_layer_groups.#.albert_layers.#.attention.dense",
            ),
            (
                "groups.#.#.attention_norm",
                "encoder.albert_layer_groups.#.albert_layers.#.attention.LayerNorm",
            ),
            (
                "groups.#.#.feed_forward.inner",
                "encoder.albert_layer_groups.#.albert_layers.#.ffn",
            ),
            (
                "groups.#.#.feed_forward.outer",
                "encoder.albert_layer_groups.#.albert_layers.#.ffn_output",
            ),
            (
                "groups.#.#.feed_forward_norm",
                "encoder.albert_layer_groups.#.albert_layers.#.full_layer_layer_norm",
            ),
        ],
        modules: &[],
        old_suffixes: &[],
        unused: &[
            "albert.pooler.",
            "predictions.",
            "sop_classifier.",
            "albert.embeddings.position_ids",
            "albert.embeddings.token_type_ids",
        ],
    },
};

/// Those of `AlbertForMaskedLM`, as wide as the embeddings.
static MASKED_LM: MaskedLmNames = MaskedLmNames {
    dense: "predictions.dense",
    norm: "predictions.LayerNorm",
    bias: "predictions.bias",
    decoder: "predictions.decoder",
};

/// Keys that are called otherwise than in most families.
const KEYS: &[(&str, &str)] = &[("classifier_dropout", "classifier_dropout_prob")];

/// Absent rates and constants as in Hugging Face's `AlbertConfig`.
pub(super) fn read(family: &'static Family, keys: &Keys) -> Result<Config, ConfigError> {
    keys.must_be("position_embedding_type", Value::from("absolute"))?;
    let config = with_bert_keys(family, &keys.called(KEYS))?;
    let groups = Groups {
        count: keys.size_or("num_hidden_groups", 1)?,
        layers: keys.size_or("inner_group_num", 1)?,
    };
    let embedding_size = keys.size_or("embedding_size", 128)?;
    Ok(Config {
        embedding_size,
        masked_lm: Ok(MaskedLm::new(&MASKED_LM, embedding_size, config.hidden_act)),
        projection: Projection::AfterNorm,
        num_hidden_layers: config.num_hidden_layers * groups.layers,
        groups,
        type_vocab_size: keys.size_or("type_vocab_size", 2)?,
        dropouts: Dropouts {
            // Nothing is dropped of what the feed-forward block gives.
            feed_forward: None,
            ..Dropouts::of(
                keys.rate("hidden_dropout_prob", 0.0)?,
                keys.rate("attention_probs_dropout_prob", 0.0)?,
                keys.rate("classifier_dropout_prob", 0.1)?,
            )
        },
        ..config
    })
}
