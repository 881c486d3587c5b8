//! The model families: what sets one apart from another, an entry for each.

mod albert;
mod bert;
mod deberta_v2;
mod distilbert;
mod electra;
mod eurobert;
mod modernbert;
mod mpnet;
mod nomic_bert;
mod roberta;

use crate::config::{Config, ConfigError, Keys};
use crate::family::Family;

/// How the sizes and constants of a family are read from the keys of `config.json`.
type Read = fn(&'static Family, &Keys) -> Result<Config, ConfigError>;

/// Every family, in the order in which they are listed.
static ENTRIES: &[(&Family, Read)] = &[
    (&bert::FAMILY, bert::read),
    (&roberta::FAMILY, roberta::read),
    (&roberta::XLM, roberta::read),
    (&roberta::CAMEMBERT, roberta::read),
    (&distilbert::FAMILY, distilbert::read),
    (&electra::FAMILY, electra::read),
    (&albert::FAMILY, albert::read),
    (&mpnet::FAMILY, mpnet::read),
    (&deberta_v2::FAMILY, deberta_v2::read),
    (&modernbert::FAMILY, modernbert::read),
    (&nomic_bert::FAMILY, nomic_bert::read),
    (&eurobert::FAMILY, eurobert::read),
];

/// Every family.
pub fn all() -> impl Iterator<Item = &'static Family> {
    ENTRIES.iter().map(|(family, _)| *family)
}

/// Reads the sizes and constants of a family.
pub(crate) fn read(family: &'static Family, keys: &Keys) -> Result<Config, ConfigError> {
    let mut entries = ENTRIES.iter();
    let (_, read) = entries
        .find(|(entry, _)| *entry == family)
        .expect("families are those that have an entry");
    read(family, keys)
}

/// The family of a `model_type`.
pub fn of_model_type(model_type: &str) -> Option<&'static Family> {
    all().find(|family| family.model_type == model_type)
}

/// The family of a class in `architectures`: early BERT checkpoints give no `model_type`.
pub fn of_class(class: &str) -> Option<&'static Family> {
    all().find(|family| class.starts_with(family.class_prefix))
}

/// Every `model_type`, with `separator` between them.
pub fn model_types(separator: &str) -> String {
    let all: Vec<_> = all().map(|family| family.model_type).collect();
    all.join(separator)
}
