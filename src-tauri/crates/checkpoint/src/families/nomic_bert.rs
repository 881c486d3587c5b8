//! NomicBERT (Nussbaum et al. 2024): BERT with rotary positions and gated feed-forward blocks.

use super::bert::with_bert_keys;
use crate::config::{Biases, Config, ConfigError, Dropouts, Keys, Rotary};
use crate::family::Family;
use crate::masked_lm::{MaskedLm, MaskedLmNames};
use crate::names::{NameTable, Part};
use serde_json::Value;

pub(super) static FAMILY: Family = Family {
    model_type: "nomic_bert",
    class_prefix: "NomicBert",
    names: &NameTable {
        prefix: "nomic_bert",
        head: "classifier",
        transform: "",
        parts: &[
            ("embeddings.words", "embeddings.word_embeddings"),
            ("embeddings.types", "embeddings.token_type_embeddings"),
            ("embeddings.norm", "emb_ln"),
            (
                "groups.0.#.attention.query",
                "encoder.layers.#.attn.Wqkv[0/3]",
            ),
            (
                "groups.0.#.attention.key",
                "encoder.layers.#.attn.Wqkv[1/3]",
            ),
            (
                "groups.0.#.attention.value",
                "encoder.layers.#.attn.Wqkv[2/3]",
            ),
            (
                "groups.0.#.attention.output",
                "encoder.layers.#.attn.out_proj",
            ),
            ("groups.0.#.attention_norm", "encoder.layers.#.norm1"),
            // The second of the two is the one that is activated.
            ("groups.0.#.feed_forward.inner", "encoder.layers.#.mlp.fc12"),
            ("groups.0.#.feed_forward.gate", "encoder.layers.#.mlp.fc11"),
            ("groups.0.#.feed_forward.outer", "encoder.layers.#.mlp.fc2"),
            ("groups.0.#.feed_forward_norm", "encoder.layers.#.norm2"),
        ],
        modules: MODULES,
        old_suffixes: &[],
        unused: &["nomic_bert.pooler.", "cls."],
    },
};

/// Those of `NomicBertForMaskedLM`.
static MASKED_LM: MaskedLmNames = MaskedLmNames {
    dense: "cls.predictions.transform.dense",
    norm: "cls.predictions.transform.layer_norm",
    bias: "cls.predictions.bias",
    decoder: "cls.predictions.decoder",
};

/// Absent rates and constants as in Hugging Face's `NomicBertConfig`.
/// transformers has the joint weights in parts.
const MODULES: &[Part] = &[
    (
        "encoder.layers.#.attn.Wqkv[0/3]",
        "layers.#.self_attn.q_proj",
    ),
    (
        "encoder.layers.#.attn.Wqkv[1/3]",
        "layers.#.self_attn.k_proj",
    ),
    (
        "encoder.layers.#.attn.Wqkv[2/3]",
        "layers.#.self_attn.v_proj",
    ),
    (
        "encoder.layers.#.attn.out_proj",
        "layers.#.self_attn.o_proj",
    ),
    ("encoder.layers.#.mlp.fc12", "layers.#.mlp.gate_proj"),
    ("encoder.layers.#.mlp.fc11", "layers.#.mlp.up_proj"),
    ("encoder.layers.#.mlp.fc2", "layers.#.mlp.down_proj"),
];

pub(super) fn read(family: &'static Family, keys: &Keys) -> Result<Config, ConfigError> {
    let config = with_bert_keys(family, keys)?;
    let hidden_dropout_prob = keys.rate("hidden_dropout_prob", 0.0)?;
    keys.must_be(
        "head_dim",
        Value::from(config.hidden_size / config.num_attention_heads),
    )?;
    let parameters = keys.inner("rope_parameters").cloned().unwrap_or_default();
    let parameters = Keys::new(&parameters);
    parameters.must_be("rope_type", Value::from("default"))?;
    Ok(Config {
        position_rows: 0,
        type_vocab_size: keys.size_or("type_vocab_size", 2)?,
        is_gated: true,
        biases: Biases {
            attention: false,
            feed_forward: false,
            norm: true,
        },
        masked_lm: Ok(MaskedLm::new(
            &MASKED_LM,
            config.hidden_size,
            config.hidden_act,
        )),
        rotary: Some(Rotary {
            theta: parameters.positive("rope_theta", 1000.0)?,
            local: None,
        }),
        dropouts: Dropouts::of(
            hidden_dropout_prob,
            keys.rate("attention_probs_dropout_prob", 0.0)?,
            keys.rate("classifier_dropout", hidden_dropout_prob)?,
        ),
        ..config
    })
}
