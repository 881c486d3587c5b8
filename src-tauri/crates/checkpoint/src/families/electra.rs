//! ELECTRA (Clark et al. 2020), its discriminator: BERT's encoder, with embeddings that may be narrower.

use super::bert::PARTS;
use crate::config::{Config, ConfigError, Keys, Projection};
use crate::family::Family;
use crate::masked_lm::NoMaskedLm;
use crate::names::{NameTable, concat};

pub(super) static FAMILY: Family = Family {
    model_type: "electra",
    class_prefix: "Electra",
    names: &NameTable {
        prefix: "electra",
        head: "classifier",
        transform: "",
        parts: &concat::<{ PARTS.len() + 1 }>(PARTS, &[("projection", "embeddings_project")]),
        modules: &[],
        old_suffixes: &[],
        unused: &[
            "discriminator_predictions.",
            "generator_predictions.",
            "generator_lm_head.",
            "electra.embeddings.position_ids",
            "electra.embeddings.token_type_ids",
        ],
    },
};

/// Pretraining taught it to find replaced word pieces, not to predict masked ones.
const NO_MASKED_LM: NoMaskedLm = NoMaskedLm {
    reason: "a discriminator of ELECTRA has no masked-language head: it learned to find word pieces that were replaced, not to predict masked ones",
    hint: "pretrain a model of another type in the same language, such as bert, roberta, deberta-v2 or modernbert, or fine-tune this one as it is",
};

/// Absent sizes of the embeddings as in Hugging Face's `ElectraConfig`.
pub(super) fn read(family: &'static Family, keys: &Keys) -> Result<Config, ConfigError> {
    let config = super::bert::read(family, keys)?;
    let embedding_size = keys.size_or("embedding_size", 128)?;
    Ok(Config {
        masked_lm: Err(NO_MASKED_LM),
        embedding_size,
        projection: match embedding_size == config.hidden_size {
            true => Projection::None,
            false => Projection::AfterNorm,
        },
        ..config
    })
}
