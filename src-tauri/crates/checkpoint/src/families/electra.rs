//! ELECTRA (Clark et al. 2020), its discriminator: BERT's encoder, with embeddings that may be narrower.

use super::bert::PARTS;
use crate::config::{Config, ConfigError, Keys, Projection};
use crate::family::Family;
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

/// Absent sizes of the embeddings as in Hugging Face's `ElectraConfig`.
pub(super) fn read(family: &'static Family, keys: &Keys) -> Result<Config, ConfigError> {
    let config = super::bert::read(family, keys)?;
    let embedding_size = keys.size_or("embedding_size", 128)?;
    Ok(Config {
        embedding_size,
        projection: match embedding_size == config.hidden_size {
            true => Projection::None,
            false => Projection::AfterNorm,
        },
        ..config
    })
}
