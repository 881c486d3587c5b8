//! The model families: what sets one apart from another, an entry for each.

pub mod bert;

use crate::config::{Config, ConfigError, Keys};
use crate::weights::NameTable;
pub use tagsmith_protocol::ModelFamily;

/// What loading and saving must know about a family.
pub struct Family {
    /// Reads the sizes and constants from the keys of `config.json`.
    pub(crate) read: fn(&Keys) -> Result<Config, ConfigError>,
    /// Names of its weights in a checkpoint.
    pub names: &'static NameTable,
    /// The class with which transformers opens a fine-tuned folder.
    pub token_classifier: &'static str,
    /// The class with which transformers opens its tokenizer.
    pub tokenizer_class: &'static str,
}

/// The entry of a family.
pub fn entry(family: ModelFamily) -> &'static Family {
    match family {
        ModelFamily::Bert => &bert::FAMILY,
    }
}
