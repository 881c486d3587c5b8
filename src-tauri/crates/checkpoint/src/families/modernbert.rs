//! ModernBERT (Warner et al. 2024) and its children: pre-norm, rotary positions, most layers local, gated
//! feed-forward blocks, and a dense layer before the classifier.

use super::bert::with_bert_keys;
use crate::config::{
    Biases, Config, ConfigError, Dropouts, Keys, Local, NormPlacement, Rotary, Transform,
};
use crate::family::Family;
use crate::masked_lm::{MaskedLm, MaskedLmNames};
use crate::names::NameTable;
use serde_json::Value;

pub(super) static FAMILY: Family = Family {
    model_type: "modernbert",
    class_prefix: "ModernBert",
    names: &NameTable {
        prefix: "model",
        head: "classifier",
        transform: "head",
        parts: &[
            ("embeddings.words", "embeddings.tok_embeddings"),
            ("embeddings.norm", "embeddings.norm"),
            ("groups.0.#.attention_norm", "layers.#.attn_norm"),
            ("groups.0.#.attention.query", "layers.#.attn.Wqkv[0/3]"),
            ("groups.0.#.attention.key", "layers.#.attn.Wqkv[1/3]"),
            ("groups.0.#.attention.value", "layers.#.attn.Wqkv[2/3]"),
            ("groups.0.#.attention.output", "layers.#.attn.Wo"),
            ("groups.0.#.feed_forward_norm", "layers.#.mlp_norm"),
            ("groups.0.#.feed_forward.inner", "layers.#.mlp.Wi[0/2]"),
            ("groups.0.#.feed_forward.gate", "layers.#.mlp.Wi[1/2]"),
            ("groups.0.#.feed_forward.outer", "layers.#.mlp.Wo"),
            ("norm", "final_norm"),
        ],
        modules: &[],
        old_suffixes: &[],
        unused: &["decoder."],
    },
};

/// Those of `ModernBertForMaskedLM`, which has the dense layer before the classifier too.
static MASKED_LM: MaskedLmNames = MaskedLmNames {
    dense: "head.dense",
    norm: "head.norm",
    bias: "decoder.bias",
    decoder: "decoder",
};

/// Keys that are called otherwise than in most families.
const KEYS: &[(&str, &str)] = &[
    ("hidden_act", "hidden_activation"),
    ("hidden_dropout_prob", "embedding_dropout"),
    ("attention_probs_dropout_prob", "attention_dropout"),
    ("layer_norm_eps", "norm_eps"),
];

/// Absent rates and constants as in Hugging Face's `ModernBertConfig`.
pub(super) fn read(family: &'static Family, keys: &Keys) -> Result<Config, ConfigError> {
    let config = with_bert_keys(family, &keys.called(KEYS))?;
    let attention_dropout = keys.rate("attention_dropout", 0.0)?;
    let transform = Transform {
        activation: keys.activation_or("classifier_activation", "gelu")?,
        has_bias: keys.flag_or("classifier_bias", false)?,
    };
    let layers = local_layers(keys, config.num_hidden_layers)?;
    Ok(Config {
        position_rows: 0,
        is_gated: true,
        biases: Biases {
            attention: keys.flag_or("attention_bias", false)?,
            feed_forward: keys.flag_or("mlp_bias", false)?,
            norm: keys.flag_or("norm_bias", false)?,
        },
        norm_placement: NormPlacement::Before,
        transform: Some(transform),
        masked_lm: Ok(MaskedLm {
            has_dense_bias: transform.has_bias,
            has_bias: keys.flag_or("decoder_bias", true)?,
            ..MaskedLm::new(&MASKED_LM, config.hidden_size, transform.activation)
        }),
        rotary: Some(Rotary {
            theta: theta(keys, "full_attention", "global_rope_theta", 160_000.0)?,
            local: Some(Local {
                layers,
                // The whole window is given.
                distance: keys.size_or("local_attention", 128)? / 2,
                theta: theta(keys, "sliding_attention", "local_rope_theta", 10_000.0)?,
            }),
        }),
        dropouts: Dropouts {
            embeddings: Some(keys.rate("embedding_dropout", 0.0)?),
            attention_weights: Some(attention_dropout),
            attention: Some(attention_dropout),
            inner: Some(keys.rate("mlp_dropout", 0.0)?),
            feed_forward: None,
            classifier: Some(keys.rate("classifier_dropout", 0.0)?),
        },
        layer_norm_eps: keys.positive("norm_eps", 1e-5)?,
        pad_token_id: keys.index_or("pad_token_id", 50283)?,
        classifier_range: (config.hidden_size as f64).powf(-0.5),
        ..config
    })
}

/// Which layers are local: `layer_types` says it, or each but every so many in older files.
fn local_layers(keys: &Keys, layers: usize) -> Result<Vec<bool>, ConfigError> {
    const KINDS: [&str; 2] = ["full_attention", "sliding_attention"];
    let kinds = keys.text_list("layer_types")?;
    if kinds.is_empty() {
        let every = keys.size_or("global_attn_every_n_layers", 3)?;
        return Ok((0..layers).map(|layer| layer % every != 0).collect());
    }
    match kinds.len() == layers && kinds.iter().all(|kind| KINDS.contains(&kind.as_str())) {
        true => Ok(kinds.iter().map(|kind| kind == KINDS[1]).collect()),
        false => Err(keys.expected(
            "layer_types",
            &format!(
                "`{}` or `{}` for each of {layers} layers",
                KINDS[0], KINDS[1]
            ),
        )),
    }
}

/// The base of a kind of layers, under the key of now or an older one.
fn theta(keys: &Keys, kind: &str, old: &'static str, default: f64) -> Result<f64, ConfigError> {
    keys.must_be("rope_scaling", Value::Null)?;
    let Some(parameters) = keys.inner("rope_parameters").and_then(|all| all.get(kind)) else {
        return keys.positive(old, default);
    };
    let parameters = parameters.as_object().cloned().unwrap_or_default();
    let parameters = Keys::new(&parameters);
    parameters.must_be("rope_type", Value::from("default"))?;
    parameters.positive("rope_theta", keys.positive(old, default)?)
}
