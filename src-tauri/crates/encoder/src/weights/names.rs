//! Hugging Face's names of the weights and ours: one table, read in both directions.

/// Segments of a path where our field's name differs, as (ours, theirs).
///
/// `gamma` and `beta` occur only in LayerNorm, on our side as on that of old checkpoints.
const SEGMENTS: &[(&str, &str)] = &[
    ("self_attention", "self"),
    ("layer_norm", "LayerNorm"),
    ("gamma", "weight"),
    ("beta", "bias"),
];

/// The prefix of the encoder's weights in a checkpoint with a head.
const PREFIX: &str = "bert";

/// The first segment of the head's weights, which stand outside the prefix.
pub const HEAD: &str = "classifier";

/// The name that transformers gives to our parameter `path`, for example
/// `bert.encoder.layer.0.attention.self.query.weight`.
pub fn to_hugging_face(path: &str) -> String {
    let name: Vec<_> = path
        .split('.')
        .map(|segment| {
            SEGMENTS
                .iter()
                .find(|(ours, _)| *ours == segment)
                .map_or(segment, |(_, theirs)| theirs)
        })
        .collect();
    name.join(".")
}

/// The present name of a weight that a checkpoint may spell as BERT's first releases did:
/// `gamma` and `beta` for LayerNorm's `weight` and `bias`, with or without the `bert.` prefix.
pub fn modern(name: &str) -> String {
    let name = match name.strip_suffix("LayerNorm.gamma") {
        Some(stem) => format!("{stem}LayerNorm.weight"),
        None => match name.strip_suffix("LayerNorm.beta") {
            Some(stem) => format!("{stem}LayerNorm.bias"),
            None => name.to_owned(),
        },
    };
    let bare = ["embeddings.", "encoder.", "pooler."]
        .iter()
        .any(|start| name.starts_with(start));
    if bare {
        format!("{PREFIX}.{name}")
    } else {
        name
    }
}

/// Whether a checkpoint may hold this weight although token classification has no use for it:
/// the pooler, the pre-training and sentence heads, and the stored position ids.
pub fn may_be_unused(name: &str) -> bool {
    name.starts_with("bert.pooler.")
        || name.starts_with("cls.")
        || name == "bert.embeddings.position_ids"
        || name == "bert.embeddings.token_type_ids"
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_both_directions() {
        let cases = [
            (
                "bert.encoder.layer.0.attention.self_attention.query.weight",
                "bert.encoder.layer.0.attention.self.query.weight",
            ),
            (
                "bert.encoder.layer.11.output.layer_norm.gamma",
                "bert.encoder.layer.11.output.LayerNorm.weight",
            ),
            (
                "bert.embeddings.layer_norm.beta",
                "bert.embeddings.LayerNorm.bias",
            ),
            ("classifier.bias", "classifier.bias"),
        ];
        for (ours, theirs) in cases {
            assert_eq!(to_hugging_face(ours), theirs);
        }
    }

    #[test]
    fn gamma_and_beta_with_or_without_prefix() {
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
            assert_eq!(modern(found), expected);
        }
    }
}
