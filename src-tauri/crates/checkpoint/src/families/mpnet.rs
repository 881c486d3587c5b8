//! MPNet (Song et al. 2020): BERT's encoder without token types, with T5's relative positions added to the
//! scores of attention.

use super::bert::with_bert_keys;
use super::roberta::{after_padding, masked_lm};
use crate::config::{Config, ConfigError, Keys, RelativePositions};
use crate::family::Family;
use crate::names::NameTable;
use serde_json::Value;

/// The position of padding, whatever the piece that pads; transformers has no key for it.
const PADDING: usize = 1;

/// What transformers computes buckets by, whatever the configuration says.
const BUCKETS: usize = 32;

pub(super) static FAMILY: Family = Family {
    model_type: "mpnet",
    class_prefix: "MPNet",
    names: &NameTable {
        prefix: "mpnet",
        head: "classifier",
        transform: "",
        parts: &[
            ("embeddings.words", "embeddings.word_embeddings"),
            ("embeddings.positions", "embeddings.position_embeddings"),
            ("embeddings.norm", "embeddings.LayerNorm"),
            ("relative.table", "encoder.relative_attention_bias"),
            (
                "groups.0.#.attention.query",
                "encoder.layer.#.attention.attn.q",
            ),
            (
                "groups.0.#.attention.key",
                "encoder.layer.#.attention.attn.k",
            ),
            (
                "groups.0.#.attention.value",
                "encoder.layer.#.attention.attn.v",
            ),
            (
                "groups.0.#.attention.output",
                "encoder.layer.#.attention.attn.o",
            ),
            (
                "groups.0.#.attention_norm",
                "encoder.layer.#.attention.LayerNorm",
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
        ],
        modules: &[],
        old_suffixes: &[],
        unused: &["mpnet.pooler.", "lm_head.", "mpnet.embeddings.position_ids"],
    },
};

pub(super) fn read(family: &'static Family, keys: &Keys) -> Result<Config, ConfigError> {
    keys.must_be("relative_attention_num_buckets", Value::from(BUCKETS))?;
    let config = with_bert_keys(family, keys)?;
    let config = Config {
        masked_lm: Ok(masked_lm(config.hidden_size)),
        relative_positions: Some(RelativePositions::Bias {
            buckets: BUCKETS,
            max_distance: 128,
        }),
        pad_token_id: keys.index_or("pad_token_id", PADDING)?,
        ..config
    };
    Ok(after_padding(config, PADDING))
}
