//! BERT (Devlin et al. 2019): the first of them.

use crate::config::{
    Biases, Config, ConfigError, Dropouts, Groups, Keys, Norm, NormPlacement, Projection,
};
use crate::family::Family;
use crate::masked_lm::{MaskedLm, MaskedLmNames};
use crate::names::NameTable;
use serde_json::Value;

pub(super) static FAMILY: Family = Family {
    model_type: "bert",
    class_prefix: "Bert",
    names: &NameTable {
        prefix: "bert",
        head: "classifier",
        transform: "",
        parts: PARTS,
        modules: &[],
        // As the first releases spell them.
        old_suffixes: &[
            ("LayerNorm.gamma", "LayerNorm.weight"),
            ("LayerNorm.beta", "LayerNorm.bias"),
        ],
        // The pooler, the pre-training and sentence heads, and stored position ids.
        unused: &[
            "bert.pooler.",
            "cls.",
            "bert.embeddings.position_ids",
            "bert.embeddings.token_type_ids",
        ],
    },
};

/// The parts of an encoder, which several families call as BERT does.
pub(super) const PARTS: &[(&str, &str)] = &[
    ("embeddings.words", "embeddings.word_embeddings"),
    ("embeddings.positions", "embeddings.position_embeddings"),
    ("embeddings.types", "embeddings.token_type_embeddings"),
    ("embeddings.norm", "embeddings.LayerNorm"),
    (
        "groups.0.#.attention.query",
        "encoder.layer.#.attention.self.query",
    ),
    (
        "groups.0.#.attention.key",
        "encoder.layer.#.attention.self.key",
    ),
    (
        "groups.0.#.attention.value",
        "encoder.layer.#.attention.self.value",
    ),
    (
        "groups.0.#.attention.output",
        "encoder.layer.#.attention.output.dense",
    ),
    (
        "groups.0.#.attention_norm",
        "encoder.layer.#.attention.output.LayerNorm",
    ),
    (
        "groups.0.#.feed_forward.inner",
        "encoder.layer.#.intermediate.dense",
    ),
    (
        "groups.0.#.feed_forward.outer",
        "encoder.layer.#.output.dense",
    ),
    (
        "groups.0.#.feed_forward_norm",
        "encoder.layer.#.output.LayerNorm",
    ),
];

/// Those of `BertForMaskedLM`, with the activation of the feed-forward blocks.
pub(super) static MASKED_LM: MaskedLmNames = MaskedLmNames {
    dense: "cls.predictions.transform.dense",
    norm: "cls.predictions.transform.LayerNorm",
    bias: "cls.predictions.bias",
    decoder: "cls.predictions.decoder",
};

pub(super) fn read(family: &'static Family, keys: &Keys) -> Result<Config, ConfigError> {
    must_be_an_encoder(keys)?;
    keys.must_be("position_embedding_type", Value::from("absolute"))?;
    Ok(Config {
        type_vocab_size: keys.size("type_vocab_size")?,
        ..with_bert_keys(family, keys)?
    })
}

/// Refuses what reads from left to right or looks at another text.
pub(super) fn must_be_an_encoder(keys: &Keys) -> Result<(), ConfigError> {
    keys.must_be("is_decoder", Value::from(false))?;
    keys.must_be("add_cross_attention", Value::from(false))
}

/// A configuration without token types, with BERT's masked-language head, of the keys that most families have. Absent rates and constants
/// take the value that Hugging Face's `BertConfig` gives them.
pub(super) fn with_bert_keys(family: &'static Family, keys: &Keys) -> Result<Config, ConfigError> {
    let (hidden_size, layers) = (keys.size("hidden_size")?, keys.size("num_hidden_layers")?);
    let heads = keys.size("num_attention_heads")?;
    let positions = keys.size("max_position_embeddings")?;
    let hidden_dropout_prob = keys.rate("hidden_dropout_prob", 0.1)?;
    let hidden_act = keys.activation("hidden_act")?;
    let initializer_range = keys.positive("initializer_range", 0.02)?;
    Ok(Config {
        family,
        vocab_size: keys.size("vocab_size")?,
        embedding_size: hidden_size,
        projection: Projection::None,
        hidden_size,
        num_hidden_layers: layers,
        groups: Groups { count: 1, layers },
        num_attention_heads: heads,
        key_value_heads: heads,
        intermediate_size: keys.size("intermediate_size")?,
        hidden_act,
        is_gated: false,
        biases: Biases {
            attention: true,
            feed_forward: true,
            norm: true,
        },
        norm: Norm::Layer,
        norm_placement: NormPlacement::After,
        normalises_embeddings: true,
        convolution: None,
        transform: None,
        masked_lm: Ok(MaskedLm::new(&MASKED_LM, hidden_size, hidden_act)),
        dropouts: Dropouts::of(
            hidden_dropout_prob,
            keys.rate("attention_probs_dropout_prob", 0.1)?,
            keys.rate("classifier_dropout", hidden_dropout_prob)?,
        ),
        position_rows: positions,
        first_position: 0,
        relative_positions: None,
        rotary: None,
        max_tokens: positions,
        type_vocab_size: 0,
        layer_norm_eps: keys.positive("layer_norm_eps", 1e-12)?,
        initializer_range,
        classifier_range: initializer_range,
        untrained_token: None,
        pad_token_id: keys.index_or("pad_token_id", 0)?,
        labels: keys.labels(),
        raw: keys.raw(),
    })
}
