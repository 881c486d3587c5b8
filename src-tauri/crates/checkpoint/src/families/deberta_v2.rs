//! DeBERTa version 2 and 3 (He et al. 2021): BERT's encoder with disentangled attention, in which what a
//! token is and where it stands are looked up apart.

use super::bert::{MASKED_LM, PARTS, must_be_an_encoder, with_bert_keys};
use crate::config::{
    Config, ConfigError, Convolution, Dropouts, Keys, Projection, RelativePositions,
};
use crate::family::Family;
use crate::masked_lm::{MaskedLm, MaskedLmNames, NoMaskedLm};
use crate::names::{NameTable, concat};
use serde_json::Value;

pub(super) static FAMILY: Family = Family {
    model_type: "deberta-v2",
    class_prefix: "DebertaV2",
    names: &NameTable {
        prefix: "deberta",
        head: "classifier",
        transform: "",
        parts: &concat::<{ PARTS.len() + OWN.len() }>(OWN, PARTS),
        modules: &[],
        old_suffixes: &[],
        unused: &[
            "deberta.pooler.",
            "pooler.",
            "cls.",
            "lm_predictions.",
            "mask_predictions.",
            "deberta.embeddings.position_ids",
            // Where positions have no say in what goes in, they may be there all the same.
            "deberta.embeddings.position_embeddings.weight",
        ],
    },
};

const OWN: &[(&str, &str)] = &[
    (
        "groups.0.#.attention.query",
        "encoder.layer.#.attention.self.query_proj",
    ),
    (
        "groups.0.#.attention.key",
        "encoder.layer.#.attention.self.key_proj",
    ),
    (
        "groups.0.#.attention.value",
        "encoder.layer.#.attention.self.value_proj",
    ),
    (
        "groups.0.#.attention.position_key",
        "encoder.layer.#.attention.self.pos_key_proj",
    ),
    (
        "groups.0.#.attention.position_query",
        "encoder.layer.#.attention.self.pos_query_proj",
    ),
    ("embeddings.projection", "embeddings.embed_proj"),
    ("convolution.mix", "encoder.conv.conv"),
    ("convolution.norm", "encoder.conv.LayerNorm"),
    ("relative.table", "encoder.rel_embeddings"),
    ("relative.norm", "encoder.LayerNorm"),
];

/// Those of `DebertaV2ForMaskedLM` with the key `legacy` set to false.
static NEW_MASKED_LM: MaskedLmNames = MaskedLmNames {
    dense: "lm_predictions.lm_head.dense",
    norm: "lm_predictions.lm_head.LayerNorm",
    bias: "lm_predictions.lm_head.bias",
    decoder: "lm_predictions.lm_head.decoder",
};

/// As in transformers, the head has BERT's names unless the key `legacy` is false.
fn masked_lm(keys: &Keys, config: &Config, width: usize) -> Result<MaskedLmOrNot, ConfigError> {
    let act = config.hidden_act;
    Ok(match keys.flag_or("legacy", true)? {
        true => Ok(MaskedLm::new(&MASKED_LM, width, act)),
        false if width == config.hidden_size => Ok(MaskedLm::new(&NEW_MASKED_LM, width, act)),
        false => Err(NARROW),
    })
}

type MaskedLmOrNot = Result<MaskedLm, NoMaskedLm>;

/// transformers has no such model that works.
const NARROW: NoMaskedLm = NoMaskedLm {
    reason: "its embeddings are narrower than its hidden states, which the masked-language head with `legacy` set to false cannot have",
    hint: "take `legacy` out of config.json, and a new head is trained",
};

/// Absent rates and constants as in Hugging Face's `DebertaV2Config`.
pub(super) fn read(family: &'static Family, keys: &Keys) -> Result<Config, ConfigError> {
    must_be_an_encoder(keys)?;
    keys.must_be("relative_attention", Value::from(true))?;
    keys.must_be_there("relative_attention")?;
    let both = keys.text_list("pos_att_type")?;
    if !["c2p", "p2c"]
        .iter()
        .all(|kind| both.contains(&(*kind).to_owned()))
    {
        return Err(keys.expected("pos_att_type", "both `c2p` and `p2c`"));
    }
    keys.must_be("conv_groups", Value::from(1))?;
    let config = with_bert_keys(family, keys)?;
    let hidden_size = config.hidden_size;
    let embedding_size = keys.size_or("embedding_size", hidden_size)?;
    keys.must_be(
        "attention_head_size",
        Value::from(hidden_size / config.num_attention_heads),
    )?;
    let positions = config.position_rows;
    let most = keys.range_or("max_relative_positions", positions);
    let buckets = keys.range_or("position_buckets", 0);
    let is_biased = keys.flag_or("position_biased_input", true)?;
    Ok(Config {
        masked_lm: masked_lm(keys, &config, embedding_size)?,
        embedding_size,
        projection: match embedding_size == hidden_size {
            true => Projection::None,
            false => Projection::BeforeNorm,
        },
        convolution: convolution(keys)?,
        position_rows: if is_biased { positions } else { 0 },
        relative_positions: Some(RelativePositions::Disentangled {
            span: if buckets > 0 { buckets } else { most },
            max_distance: (buckets > 0).then_some(most),
            has_projections: !keys.flag_or("share_att_key", false)?,
            is_normalised: keys
                .text_or("norm_rel_ebd", "none")?
                .split('|')
                .any(|part| part.trim().eq_ignore_ascii_case("layer_norm")),
        }),
        dropouts: Dropouts {
            classifier: config.dropouts.embeddings,
            ..config.dropouts
        },
        type_vocab_size: keys.index_or("type_vocab_size", 0)?,
        layer_norm_eps: keys.positive("layer_norm_eps", 1e-7)?,
        ..config
    })
}

/// The largest of them mix neighbours as well.
fn convolution(keys: &Keys) -> Result<Option<Convolution>, ConfigError> {
    let width = keys.range_or("conv_kernel_size", 0);
    if width == 0 {
        return Ok(None);
    }
    if width.is_multiple_of(2) {
        return Err(keys.expected("conv_kernel_size", "an odd number"));
    }
    Ok(Some(Convolution {
        width,
        activation: keys.activation_or("conv_act", "tanh")?,
    }))
}
