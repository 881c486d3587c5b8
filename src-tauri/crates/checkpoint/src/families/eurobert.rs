//! EuroBERT (Boizard et al. 2025): an encoder built as decoders of today are, with root mean square norms
//! before each block, rotary positions, gated feed-forward blocks, and keys and values that heads may share.

use super::bert::with_bert_keys;
use crate::config::{Biases, Config, ConfigError, Dropouts, Keys, Norm, NormPlacement, Rotary};
use crate::family::Family;
use crate::masked_lm::NoMaskedLm;
use crate::names::NameTable;
use serde_json::Value;

pub(super) static FAMILY: Family = Family {
    model_type: "eurobert",
    class_prefix: "EuroBert",
    names: &NameTable {
        prefix: "model",
        head: "classifier",
        transform: "",
        parts: &[
            ("embeddings.words", "embed_tokens"),
            ("groups.0.#.attention_norm", "layers.#.input_layernorm"),
            ("groups.0.#.attention.query", "layers.#.self_attn.q_proj"),
            ("groups.0.#.attention.key", "layers.#.self_attn.k_proj"),
            ("groups.0.#.attention.value", "layers.#.self_attn.v_proj"),
            ("groups.0.#.attention.output", "layers.#.self_attn.o_proj"),
            (
                "groups.0.#.feed_forward_norm",
                "layers.#.post_attention_layernorm",
            ),
            ("groups.0.#.feed_forward.inner", "layers.#.mlp.gate_proj"),
            ("groups.0.#.feed_forward.gate", "layers.#.mlp.up_proj"),
            ("groups.0.#.feed_forward.outer", "layers.#.mlp.down_proj"),
            ("norm", "norm"),
        ],
        modules: &[],
        old_suffixes: &[],
        unused: &["lm_head."],
    },
};

/// Keys that are called otherwise than in most families.
const KEYS: &[(&str, &str)] = &[("layer_norm_eps", "rms_norm_eps")];

/// Nothing stands before its decoder.
const NO_MASKED_LM: NoMaskedLm = NoMaskedLm {
    reason: "the masked-language head of EuroBERT is a decoder with weights of its own, which is not supported",
    hint: NoMaskedLm::UNTIED.hint,
};

/// Absent rates and constants as in Hugging Face's `EuroBertConfig`.
pub(super) fn read(family: &'static Family, keys: &Keys) -> Result<Config, ConfigError> {
    let config = with_bert_keys(family, &keys.called(KEYS))?;
    let heads = config.num_attention_heads;
    keys.must_be("head_dim", Value::from(config.hidden_size / heads))?;
    let key_value_heads = keys.size_or("num_key_value_heads", heads)?;
    if !heads.is_multiple_of(key_value_heads) {
        return Err(keys.expected(
            "num_key_value_heads",
            &format!("a divisor of `num_attention_heads` ({heads})"),
        ));
    }
    let parameters = keys.inner("rope_parameters").cloned().unwrap_or_default();
    let parameters = Keys::new(&parameters);
    parameters.must_be("rope_type", Value::from("default"))?;
    keys.must_be("rope_scaling", Value::Null)?;
    let theta = keys.positive("rope_theta", 10_000.0)?;
    let untrained_token = match keys.raw().get("pad_token_id") {
        // Without a token that pads, PyTorch trains all.
        Some(Value::Null) => None,
        _ => Some(keys.index_or("pad_token_id", 128_001)?),
    };
    Ok(Config {
        masked_lm: Err(NO_MASKED_LM),
        position_rows: 0,
        is_gated: true,
        key_value_heads,
        norm: Norm::RootMeanSquare,
        norm_placement: NormPlacement::Before,
        normalises_embeddings: false,
        biases: Biases {
            attention: keys.flag_or("attention_bias", false)?,
            feed_forward: keys.flag_or("mlp_bias", false)?,
            norm: false,
        },
        rotary: Some(Rotary {
            theta: parameters.positive("rope_theta", theta)?,
            local: None,
        }),
        dropouts: Dropouts {
            embeddings: None,
            attention_weights: Some(keys.rate("attention_dropout", 0.0)?),
            attention: None,
            inner: None,
            feed_forward: None,
            classifier: None,
        },
        layer_norm_eps: keys.positive("rms_norm_eps", 1e-5)?,
        // The token that ends a sequence.
        untrained_token,
        pad_token_id: untrained_token.unwrap_or_default(),
        ..config
    })
}
