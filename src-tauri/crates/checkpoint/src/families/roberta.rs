//! RoBERTa (Liu et al. 2019) and its children, which differ in vocabulary alone: BERT's encoder, with
//! positions that begin after the one of padding.

use super::bert::PARTS;
use crate::config::{Activation, Config, ConfigError, Keys};
use crate::family::Family;
use crate::masked_lm::{MaskedLm, MaskedLmNames};
use crate::names::NameTable;

pub(super) static FAMILY: Family = Family {
    model_type: "roberta",
    class_prefix: "Roberta",
    names: &NAMES,
};

/// Conneau et al. 2020.
pub(super) static XLM: Family = Family {
    model_type: "xlm-roberta",
    class_prefix: "XLMRoberta",
    names: &NAMES,
};

/// Martin et al. 2020.
pub(super) static CAMEMBERT: Family = Family {
    model_type: "camembert",
    class_prefix: "Camembert",
    names: &NAMES,
};

static NAMES: NameTable = NameTable {
    prefix: "roberta",
    head: "classifier",
    transform: "",
    parts: PARTS,
    modules: &[],
    old_suffixes: &[],
    unused: &[
        "roberta.pooler.",
        "lm_head.",
        "roberta.embeddings.position_ids",
        "roberta.embeddings.token_type_ids",
    ],
};

/// Those of `RobertaForMaskedLM`, which has GELU whatever the configuration says.
static MASKED_LM: MaskedLmNames = MaskedLmNames {
    dense: "lm_head.dense",
    norm: "lm_head.layer_norm",
    bias: "lm_head.bias",
    decoder: "lm_head.decoder",
};

/// The masked-language head that RoBERTa and MPNet have.
pub(super) fn masked_lm(hidden_size: usize) -> MaskedLm {
    MaskedLm::new(&MASKED_LM, hidden_size, Activation::Gelu)
}

pub(super) fn read(family: &'static Family, keys: &Keys) -> Result<Config, ConfigError> {
    let config = super::bert::read(family, keys)?;
    let pad_token_id = keys.index_or("pad_token_id", 1)?;
    let config = Config {
        pad_token_id,
        masked_lm: Ok(masked_lm(config.hidden_size)),
        ..config
    };
    Ok(after_padding(config, pad_token_id))
}

/// The same configuration with positions that begin after `padding`, that of a row of padding.
pub(super) fn after_padding(config: Config, padding: usize) -> Config {
    let first_position = padding + 1;
    Config {
        first_position,
        max_tokens: config.position_rows.saturating_sub(first_position),
        ..config
    }
}
