//! The model families: what sets one apart from another, an entry for each.

mod albert;
mod bert;
mod deberta_v2;
mod distilbert;
mod electra;
mod modernbert;
mod mpnet;
mod nomic_bert;
mod roberta;

use crate::config::{Config, ConfigError, Keys};
use crate::names::NameTable;
use std::fmt;

/// A family of encoders: one architecture under one `model_type`.
pub struct Family {
    /// The value of `model_type` in `config.json`.
    pub model_type: &'static str,
    /// How the names of its classes in transformers begin, for instance in `architectures`.
    pub class_prefix: &'static str,
    /// Reads the sizes and constants from the keys of `config.json`.
    pub(crate) read: fn(&'static Family, &Keys) -> Result<Config, ConfigError>,
    /// Names of its weights in a checkpoint.
    pub names: &'static NameTable,
}

/// Every family, in the order in which they are listed.
pub static ALL: &[&Family] = &[
    &bert::FAMILY,
    &roberta::FAMILY,
    &roberta::XLM,
    &roberta::CAMEMBERT,
    &distilbert::FAMILY,
    &electra::FAMILY,
    &albert::FAMILY,
    &mpnet::FAMILY,
    &deberta_v2::FAMILY,
    &modernbert::FAMILY,
    &nomic_bert::FAMILY,
];

impl Family {
    /// The class with which transformers opens a fine-tuned folder.
    pub fn token_classifier(&self) -> String {
        format!("{}ForTokenClassification", self.class_prefix)
    }
}

impl fmt::Debug for Family {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(self.model_type)
    }
}

impl PartialEq for Family {
    fn eq(&self, other: &Self) -> bool {
        self.model_type == other.model_type
    }
}

/// The family of a `model_type`.
pub fn of_model_type(model_type: &str) -> Option<&'static Family> {
    let mut all = ALL.iter().copied();
    all.find(|family| family.model_type == model_type)
}

/// The family of a class in `architectures`: early BERT checkpoints give no `model_type`.
pub fn of_class(class: &str) -> Option<&'static Family> {
    let mut all = ALL.iter().copied();
    all.find(|family| class.starts_with(family.class_prefix))
}

/// Every `model_type`, with `separator` between them.
pub fn model_types(separator: &str) -> String {
    let all: Vec<_> = ALL.iter().map(|family| family.model_type).collect();
    all.join(separator)
}
