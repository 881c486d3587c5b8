//! Good starting points, known without a network: the table in `shelf.md`.

use std::sync::LazyLock;

use serde::Serialize;
use tagsmith_checkpoint::families;

/// A starting point that the program recommends.
#[derive(Clone, Debug, Serialize)]
#[cfg_attr(feature = "bindings", derive(specta::Type))]
pub struct ShelfEntry {
    /// `starter`, or `ORG/NAME` on the Hub.
    pub id: &'static str,
    /// What people call it.
    pub title: &'static str,
    /// What it is for: entries of a group stand together.
    pub group: &'static str,
    /// Its family, for people.
    pub family: &'static str,
    /// When to take it, in one sentence or two.
    pub advice: &'static str,
    /// Parameters.
    pub parameters: u64,
    /// Size of a download in bytes.
    pub bytes: u64,
    /// The longest sequence that it reads, in tokens.
    pub max_tokens: u64,
    /// The language or languages of its texts.
    pub language: &'static str,
    /// What its card says, as an SPDX identifier, or `not stated`.
    pub license: &'static str,
    /// Whether it tells capital letters from small ones; unknown where its script has none.
    pub cased: Option<bool>,
    /// Whether it can be fine-tuned as it is.
    pub trainable: bool,
    /// Why it cannot, in a sentence without a full stop.
    pub reason: Option<&'static str>,
}

/// The starting points, in the order in which they should be shown.
pub fn shelf() -> &'static [ShelfEntry] {
    static SHELF: LazyLock<Vec<ShelfEntry>> = LazyLock::new(entries);
    &SHELF
}

/// How the first row of each table begins.
const TITLES: &str = "| id |";

fn entries() -> Vec<ShelfEntry> {
    let mut group = "";
    let mut entries = Vec::new();
    for line in include_str!("shelf.md").lines() {
        if let Some(title) = line.strip_prefix("## ") {
            group = title;
        } else if line.starts_with("| ") && !line.starts_with(TITLES) {
            entries.push(entry(group, line).expect("a test reads every row"));
        }
    }
    entries
}

/// A row of a table.
fn entry(group: &'static str, row: &'static str) -> Option<ShelfEntry> {
    let cells: Vec<_> = row.split('|').map(str::trim).collect();
    let [
        _,
        id,
        title,
        family,
        model_type,
        parameters,
        megabytes,
        tokens,
        language,
        license,
        cased,
        advice,
        reason,
        _,
    ] = *cells
    else {
        return None;
    };
    let reason = Some(reason).filter(|reason| !reason.is_empty());
    Some(ShelfEntry {
        id,
        title,
        group,
        family,
        advice,
        parameters: parameters.parse().ok()?,
        bytes: megabytes.parse::<u64>().ok()? * 1_000_000,
        max_tokens: tokens.parse().ok()?,
        language,
        license,
        cased: match cased {
            "yes" => Some(true),
            "no" => Some(false),
            _ => None,
        },
        trainable: families::of_model_type(model_type).is_some() && reason.is_none(),
        reason,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{parse_id, starter};
    use serde_json::{Value, json};
    use tagsmith_checkpoint::{Config, fit};

    #[test]
    fn every_entry_is_whole_and_named_once() {
        let mut ids = std::collections::HashSet::new();
        for entry in shelf() {
            assert!(ids.insert(entry.id), "{}", entry.id);
            assert!(
                entry.bytes > 1_000_000 && entry.parameters > 1_000_000,
                "{}",
                entry.id
            );
            // Weights are f32, so a size must be near four bytes a parameter.
            let ratio = entry.bytes as f64 / entry.parameters as f64;
            let expected = match entry.id {
                // In f16.
                "microsoft/deberta-v3-small" | "microsoft/deberta-v3-base" => 1.95..2.08,
                // With a second copy of the word embedding, for the pre-training head.
                "microsoft/mpnet-base" => 4.8..5.0,
                // So small that its tokenizer counts.
                "albert/albert-base-v2" => 4.15..4.25,
                _ => 3.9..4.15,
            };
            assert!(expected.contains(&ratio), "{}: {ratio}", entry.id);
            assert_eq!(entry.trainable, entry.reason.is_none(), "{}", entry.id);
            assert!(!entry.group.is_empty() && entry.max_tokens >= 512);
            if entry.id != starter::NAME {
                assert!(entry.id.contains('/'));
                assert_eq!(parse_id(entry.id).unwrap().0, entry.id);
            }
        }
        assert_eq!(shelf()[0].id, starter::NAME);
    }

    /// The parameters that a model of this configuration has.
    fn counted(config: Value) -> u64 {
        let Value::Object(raw) = config else {
            unreachable!()
        };
        let tensors = fit::expected(&Config::from_json(raw).unwrap());
        let counts = tensors.values();
        counts
            .map(|shape| shape.iter().map(|extent| *extent as u64).product::<u64>())
            .sum()
    }

    /// BERT's keys, at the usual proportions.
    fn sizes(model_type: &str, vocabulary: u64, hidden: u64, layers: u64) -> Value {
        // Their positions begin after that of padding.
        let of_roberta = ["roberta", "xlm-roberta", "camembert", "mpnet"];
        json!({
            "model_type": model_type, "vocab_size": vocabulary, "hidden_size": hidden,
            "num_hidden_layers": layers, "num_attention_heads": hidden / 64,
            "intermediate_size": 4 * hidden, "hidden_act": "gelu",
            "max_position_embeddings": if of_roberta.contains(&model_type) { 514 } else { 512 },
            "type_vocab_size": if ["bert", "electra", "albert"].contains(&model_type) { 2 } else { 1 },
        })
    }

    fn with(mut config: Value, keys: Value) -> Value {
        let keys = keys.as_object().unwrap().clone();
        config.as_object_mut().unwrap().extend(keys);
        config
    }

    /// Sizes from the models' own `config.json`, or where that was not read, as their authors give them.
    #[test]
    fn parameters_are_those_of_the_configurations() {
        let pooler = |hidden: u64| hidden * hidden + hidden;
        let bert = |vocabulary, hidden, layers| {
            counted(sizes("bert", vocabulary, hidden, layers)) + pooler(hidden)
        };
        let of = |family: &str, vocabulary, hidden, layers| {
            counted(sizes(family, vocabulary, hidden, layers))
        };
        let distilbert = |vocabulary| {
            counted(json!({
                "model_type": "distilbert", "vocab_size": vocabulary, "dim": 768, "n_layers": 6,
                "n_heads": 12, "hidden_dim": 3072, "activation": "gelu",
                "max_position_embeddings": 512
            }))
        };
        let electra = |hidden: u64, heads: u64| {
            let own = json!({"embedding_size": if hidden == 256 { 128 } else { 768 },
                "num_attention_heads": heads});
            counted(with(sizes("electra", 30522, hidden, 12), own))
        };
        let albert = json!({"embedding_size": 128, "num_hidden_groups": 1, "inner_group_num": 1});
        let mpnet = json!({"relative_attention_num_buckets": 32});
        let deberta = |layers| {
            let own = json!({
                "relative_attention": true, "pos_att_type": "p2c|c2p", "position_buckets": 256,
                "share_att_key": true, "norm_rel_ebd": "layer_norm", "position_biased_input": false,
                "type_vocab_size": 0, "max_position_embeddings": 512
            });
            counted(with(sizes("deberta-v2", 128_100, 768, layers), own))
        };
        let modern = |hidden, inner: u64, layers| {
            let own = json!({"intermediate_size": inner, "hidden_activation": "gelu",
                "max_position_embeddings": 8192, "pad_token_id": 50283});
            counted(with(sizes("modernbert", 50368, hidden, layers), own))
        };
        let cases = [
            ("starter", bert(30522, 384, 6)),
            ("google-bert/bert-base-cased", bert(28996, 768, 12)),
            ("google-bert/bert-base-uncased", bert(30522, 768, 12)),
            ("google-bert/bert-large-cased", bert(28996, 1024, 24)),
            (
                "numind/NuNER-v2.0",
                of("roberta", 50265, 768, 12) + pooler(768),
            ),
            ("FacebookAI/roberta-base", of("roberta", 50265, 768, 12)),
            ("FacebookAI/roberta-large", of("roberta", 50265, 1024, 24)),
            (
                "distilbert/distilroberta-base",
                of("roberta", 50265, 768, 6),
            ),
            ("distilbert/distilbert-base-cased", distilbert(28996)),
            ("distilbert/distilbert-base-uncased", distilbert(30522)),
            ("google/electra-small-discriminator", electra(256, 4)),
            ("google/electra-base-discriminator", electra(768, 12)),
            (
                "albert/albert-base-v2",
                counted(with(sizes("albert", 30000, 768, 12), albert)) + pooler(768),
            ),
            (
                "microsoft/mpnet-base",
                counted(with(sizes("mpnet", 30527, 768, 12), mpnet)),
            ),
            ("answerdotai/ModernBERT-base", modern(768, 1152, 22)),
            ("answerdotai/ModernBERT-large", modern(1024, 2624, 28)),
            ("microsoft/deberta-v3-small", deberta(6)),
            ("microsoft/deberta-v3-base", deberta(12)),
            (
                "google-bert/bert-base-multilingual-cased",
                bert(119_547, 768, 12),
            ),
            (
                "distilbert/distilbert-base-multilingual-cased",
                distilbert(119_547),
            ),
            (
                "FacebookAI/xlm-roberta-base",
                of("xlm-roberta", 250_002, 768, 12),
            ),
            (
                "FacebookAI/xlm-roberta-large",
                of("xlm-roberta", 250_002, 1024, 24),
            ),
            ("numind/NuNER-multilingual-v0.1", bert(119_547, 768, 12)),
            ("dmis-lab/biobert-v1.1", bert(28996, 768, 12)),
            (
                "microsoft/BiomedNLP-BiomedBERT-base-uncased-abstract-fulltext",
                bert(30522, 768, 12),
            ),
            ("emilyalsentzer/Bio_ClinicalBERT", bert(28996, 768, 12)),
            ("allenai/scibert_scivocab_uncased", bert(31090, 768, 12)),
            ("allenai/scibert_scivocab_cased", bert(31116, 768, 12)),
            ("ProsusAI/finbert", bert(30522, 768, 12)),
            ("nlpaueb/legal-bert-base-uncased", bert(30522, 768, 12)),
            ("google-bert/bert-base-chinese", bert(21128, 768, 12)),
            ("hfl/chinese-roberta-wwm-ext", bert(21128, 768, 12)),
            ("GroNLP/bert-base-dutch-cased", bert(30073, 768, 12)),
            ("TurkuNLP/bert-base-finnish-cased-v1", bert(50105, 768, 12)),
            ("almanach/camembert-base", of("camembert", 32005, 768, 12)),
            ("dbmdz/bert-base-german-cased", bert(31102, 768, 12)),
            (
                "neuralmind/bert-base-portuguese-cased",
                bert(29794, 768, 12),
            ),
            (
                "PlanTL-GOB-ES/roberta-base-bne",
                of("roberta", 50262, 768, 12),
            ),
            (
                "dccuchile/bert-base-spanish-wwm-cased",
                bert(31002, 768, 12),
            ),
            ("KBLab/bert-base-swedish-cased", bert(50325, 768, 12)),
        ];
        assert_eq!(cases.len(), shelf().len());
        for (id, parameters) in cases {
            let entry = shelf().iter().find(|entry| entry.id == id).unwrap();
            assert_eq!(entry.parameters, parameters, "{id}");
        }
    }
}
