//! The model families that can be fine-tuned, by what `config.json` calls them.

/// A family of encoders: one architecture under one `model_type`.
///
/// How a family is loaded is the encoder crate's own; what it is called is here, because the hub crate
/// must know it and knows no tensors.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ModelFamily {
    /// Devlin et al. 2019.
    Bert,
}

impl ModelFamily {
    /// Every family, in the order in which they are listed.
    pub const ALL: &[Self] = &[Self::Bert];

    /// The value of `model_type` in `config.json`.
    pub const fn model_type(self) -> &'static str {
        match self {
            Self::Bert => "bert",
        }
    }

    /// How the names of its classes in transformers begin, for instance in `architectures`.
    pub const fn class_prefix(self) -> &'static str {
        match self {
            Self::Bert => "Bert",
        }
    }

    /// The family of a `model_type`.
    pub fn of_model_type(model_type: &str) -> Option<Self> {
        let mut all = Self::ALL.iter().copied();
        all.find(|family| family.model_type() == model_type)
    }

    /// The family of a class in `architectures`: early BERT checkpoints give no `model_type`.
    pub fn of_class(class: &str) -> Option<Self> {
        let mut all = Self::ALL.iter().copied();
        all.find(|family| class.starts_with(family.class_prefix()))
    }

    /// Every `model_type`, with `separator` between them.
    pub fn model_types(separator: &str) -> String {
        let all: Vec<_> = Self::ALL.iter().map(|family| family.model_type()).collect();
        all.join(separator)
    }
}
