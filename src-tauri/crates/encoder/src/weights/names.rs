//! Hugging Face's names of the weights and ours: a table for each family, read in both directions.

/// The names of a family's weights.
#[derive(Debug)]
pub struct NameTable {
    /// The prefix of the encoder's weights in a checkpoint with a head.
    pub prefix: &'static str,
    /// The first segment of the head's weights, which have no prefix.
    pub head: &'static str,
    /// Segments of a path where our field has another name, as (ours, theirs).
    pub segments: &'static [(&'static str, &'static str)],
    /// Ends of names that old checkpoints spell otherwise, as (old, present).
    pub old_suffixes: &'static [(&'static str, &'static str)],
    /// How the names of the encoder's weights begin in a checkpoint without a head, which has no prefix.
    pub without_prefix: &'static [&'static str],
    /// Weights that a checkpoint may hold although token classification has no use for them: whole names,
    /// or beginnings that end with a dot.
    pub unused: &'static [&'static str],
}

impl NameTable {
    /// The name that transformers gives to the parameter at `path` of a
    /// [`TokenClassifier`](crate::TokenClassifier), for example
    /// `bert.encoder.layer.0.attention.self.query.weight`.
    pub fn hf_name<'a>(&self, path: impl Iterator<Item = &'a str>) -> String {
        let theirs = |(at, ours): (usize, &'a str)| match (at, ours) {
            (0, "encoder") => self.prefix,
            (0, "classifier") => self.head,
            _ => {
                let mut segments = self.segments.iter();
                segments
                    .find(|(name, _)| *name == ours)
                    .map_or(ours, |(_, theirs)| theirs)
            }
        };
        path.enumerate().map(theirs).collect::<Vec<_>>().join(".")
    }

    /// The present name of a weight, with the prefix, however a checkpoint spells it.
    pub fn canonical_name(&self, name: &str) -> String {
        let present = self.old_suffixes.iter().find_map(|(old, present)| {
            let stem = name.strip_suffix(old)?;
            Some(format!("{stem}{present}"))
        });
        let name = present.unwrap_or_else(|| name.to_owned());
        let mut bare = self.without_prefix.iter();
        match bare.any(|start| name.starts_with(start)) {
            true => format!("{}.{name}", self.prefix),
            false => name,
        }
    }

    /// Whether a checkpoint may hold this weight although token classification has no use for it.
    pub fn may_be_unused(&self, name: &str) -> bool {
        let mut unused = self.unused.iter();
        unused.any(|known| name == *known || known.ends_with('.') && name.starts_with(known))
    }
}

#[cfg(test)]
mod tests {
    use crate::families::{ModelFamily, entry};

    #[test]
    fn names_of_both_directions() {
        let names = entry(ModelFamily::Bert).names;
        let cases = [
            (
                "encoder.encoder.layer.0.attention.self_attention.query.weight",
                "bert.encoder.layer.0.attention.self.query.weight",
            ),
            (
                "encoder.encoder.layer.11.output.layer_norm.gamma",
                "bert.encoder.layer.11.output.LayerNorm.weight",
            ),
            (
                "encoder.embeddings.layer_norm.beta",
                "bert.embeddings.LayerNorm.bias",
            ),
            ("classifier.bias", "classifier.bias"),
        ];
        for (ours, theirs) in cases {
            assert_eq!(names.hf_name(ours.split('.')), theirs);
        }
    }

    #[test]
    fn gamma_and_beta_with_or_without_prefix() {
        let names = entry(ModelFamily::Bert).names;
        let cases = [
            (
                "bert.embeddings.LayerNorm.gamma",
                "bert.embeddings.LayerNorm.weight",
            ),
            (
                "embeddings.LayerNorm.beta",
                "bert.embeddings.LayerNorm.bias",
            ),
            (
                "encoder.layer.1.output.dense.weight",
                "bert.encoder.layer.1.output.dense.weight",
            ),
            ("classifier.weight", "classifier.weight"),
            ("cls.predictions.bias", "cls.predictions.bias"),
        ];
        for (found, expected) in cases {
            assert_eq!(names.canonical_name(found), expected);
        }
    }
}
