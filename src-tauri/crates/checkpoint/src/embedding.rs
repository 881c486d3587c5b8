//! Whether a model was made to embed sentences.

use crate::Config;
use std::path::Path;

/// What sentence-transformers writes beside a model.
pub const FILES: [&str; 3] = [
    "modules.json",
    "config_sentence_transformers.json",
    "sentence_bert_config.json",
];

/// Whether the model in a folder was trained further to embed sentences: sentence-transformers says so in files of
/// its own, others save the encoder alone, without the head of its pretraining.
pub fn embeds_sentences(folder: &Path, config: &Config) -> bool {
    let has_file = FILES.iter().any(|name| folder.join(name).is_file());
    let classes = config.raw.get("architectures");
    let class = classes.and_then(|classes| classes.get(0)?.as_str());
    has_file || class.is_some_and(|class| class.ends_with("Model"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::{Value, json};

    #[test]
    fn sentence_transformers_files_and_an_encoder_without_a_head_say_so() {
        let here = tempfile::tempdir().unwrap();
        let says = |architectures: Value| {
            let raw = json!({
                "model_type": "bert", "architectures": architectures, "vocab_size": 9, "hidden_size": 8,
                "num_hidden_layers": 1, "num_attention_heads": 1, "intermediate_size": 8, "hidden_act": "gelu",
                "max_position_embeddings": 16, "type_vocab_size": 2
            });
            let config = Config::from_json(raw.as_object().unwrap().clone()).unwrap();
            embeds_sentences(here.path(), &config)
        };
        assert!(says(json!(["BertModel"])));
        assert!(!says(json!(["BertForMaskedLM"])) && !says(Value::Null));
        std::fs::write(here.path().join("modules.json"), "[]").unwrap();
        assert!(says(json!(["MPNetForMaskedLM"])));
    }
}
