//! What lies beside a `tokenizer.json` that is to be taken as it stands.

use super::compare::steps;
use serde_json::{Map, Value, json};

/// The `tokenizer_config.json` for a built document: transformers then changes nothing of it. It repeats
/// what the document says for programs that go by the configuration, and for the one before transformers
/// 5, which puts its own default for `add_prefix_space` in the document's place.
pub fn config(document: &Value, special: &[(String, String)]) -> Map<String, Value> {
    let mut config = Map::new();
    config.insert("tokenizer_class".into(), "PreTrainedTokenizerFast".into());
    for (key, text) in special {
        config.insert(key.clone(), text.as_str().into());
    }
    let normalizer = &document["normalizer"];
    if normalizer["type"] == "BertNormalizer" {
        for (key, name) in [
            ("do_lower_case", "lowercase"),
            ("strip_accents", "strip_accents"),
            ("tokenize_chinese_chars", "handle_chinese_chars"),
        ] {
            config.insert(key.into(), normalizer[name].clone());
        }
    }
    let mut before = steps(&document["pre_tokenizer"], "pretokenizers").iter();
    if let Some(bytes) = before.find(|step| step["type"] == "ByteLevel") {
        let blank = bytes["add_prefix_space"] == true;
        config.insert("add_prefix_space".into(), blank.into());
    }
    config
}

/// The `vocab.txt` of a document that says no more than BERT's word list does; `None` of any other.
pub fn word_list(document: &Value) -> Option<String> {
    let model = &document["model"];
    let of_bert = model["type"] == "WordPiece"
        && model["continuing_subword_prefix"] == "##"
        && document["normalizer"]["type"] == "BertNormalizer"
        && document["pre_tokenizer"] == json!({"type": "BertPreTokenizer"});
    let vocabulary = model["vocab"].as_object().filter(|_| of_bert)?;
    let mut list = vec![None; vocabulary.len()];
    for (piece, id) in vocabulary {
        *list.get_mut(usize::try_from(id.as_u64()?).ok()?)? = Some(piece.as_str());
    }
    let added = document["added_tokens"].as_array()?;
    // Others are matched as a whole, which a list cannot say.
    let plain =
        |token: &Value| token["special"] == true && token["id"].as_u64() < Some(list.len() as u64);
    if !added.iter().all(plain) {
        return None;
    }
    let lines: Option<Vec<&str>> = list.into_iter().collect();
    Some(lines?.join("\n") + "\n")
}
