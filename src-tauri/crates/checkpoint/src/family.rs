//! What a model family is called, apart from how it is read.

use crate::names::NameTable;
use std::fmt;

/// A family of encoders: one architecture under one `model_type`.
pub struct Family {
    /// The value of `model_type` in `config.json`.
    pub model_type: &'static str,
    /// How the names of its classes in transformers begin, for instance in `architectures`.
    pub class_prefix: &'static str,
    /// Names of its weights in a checkpoint.
    pub names: &'static NameTable,
}

impl Family {
    /// The class with which transformers opens a fine-tuned folder.
    pub fn token_classifier(&self) -> String {
        format!("{}ForTokenClassification", self.class_prefix)
    }

    /// The class with which transformers opens a folder with a masked-language head.
    pub fn masked_lm(&self) -> String {
        format!("{}ForMaskedLM", self.class_prefix)
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
