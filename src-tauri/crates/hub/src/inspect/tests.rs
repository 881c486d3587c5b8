//! What is reported about good, unusual and damaged model folders, all made here.
//!
//! One file, as every case changes the same small folder.

use super::*;
use serde_json::{Value, json};
use tagsmith_protocol::Diagnose;
use tagsmith_testing::{tiny, tokenizers};
use tempfile::TempDir;

/// A safetensors file: f32 unless the name says otherwise, filled with zeros.
fn safetensors(tensors: &[(&str, &str, &[u64])]) -> Vec<u8> {
    let mut header = serde_json::Map::new();
    header.insert("__metadata__".into(), json!({"format": "pt"}));
    let mut end = 0;
    for (name, dtype, shape) in tensors {
        let size = match *dtype {
            "F32" => 4,
            "F16" => 2,
            "I64" => 8,
            _ => 1,
        };
        let begin = end;
        end += size * shape.iter().product::<u64>();
        let entry = json!({"dtype": dtype, "shape": shape, "data_offsets": [begin, end]});
        header.insert((*name).into(), entry);
    }
    let header = Value::Object(header).to_string();
    let mut bytes = (header.len() as u64).to_le_bytes().to_vec();
    bytes.extend_from_slice(header.as_bytes());
    bytes.resize(bytes.len() + end as usize, 0);
    bytes
}

/// What stands in place of a large file in a clone without Git LFS.
const POINTER: &str = "version https://git-lfs.github.com/spec/v1\noid sha256:00\nsize 1\n";

/// Rows and columns of a tensor, or its length.
type Shape = &'static [u64];

/// A small BERT's tensors by their names in transformers.
fn bert() -> Vec<(String, &'static str, Shape)> {
    let norm = |part: &str| [(format!("{part}.LayerNorm"), &[8][..], true)];
    let mut parts = vec![
        ("embeddings.word_embeddings".to_owned(), &[10, 8][..], false),
        ("embeddings.position_embeddings".to_owned(), &[32, 8], false),
        (
            "embeddings.token_type_embeddings".to_owned(),
            &[2, 8],
            false,
        ),
    ];
    parts.extend(norm("embeddings"));
    for layer in 0..2 {
        let of = |part: &str| format!("encoder.layer.{layer}.{part}");
        for part in ["self.query", "self.key", "self.value", "output.dense"] {
            parts.push((of(&format!("attention.{part}")), &[8, 8], true));
        }
        parts.push((of("intermediate.dense"), &[16, 8], true));
        parts.push((of("output.dense"), &[8, 16], true));
        parts.extend(norm(&of("attention.output")));
        parts.extend(norm(&of("output")));
    }
    let mut tensors = Vec::new();
    for (part, shape, has_bias) in parts {
        tensors.push((format!("bert.{part}.weight"), "F32", shape));
        if has_bias {
            tensors.push((format!("bert.{part}.bias"), "F32", &shape[..1]));
        }
    }
    tensors.push(("bert.embeddings.position_ids".into(), "I64", &[1, 32]));
    tensors.push(("classifier.weight".into(), "F16", &[4, 8]));
    tensors.push(("classifier.bias".into(), "F32", &[4]));
    tensors
}

/// Its file, with each tensor as `change` has it.
fn changed(change: impl Fn(&mut (String, &'static str, Shape))) -> Vec<u8> {
    let mut tensors = bert();
    tensors.iter_mut().for_each(change);
    file(&tensors)
}

fn file(tensors: &[(String, &'static str, Shape)]) -> Vec<u8> {
    let tensors: Vec<_> = tensors
        .iter()
        .map(|(name, dtype, shape)| (name.as_str(), *dtype, *shape))
        .collect();
    safetensors(&tensors)
}

const WORDS: &str = "bert.embeddings.word_embeddings.weight";

fn config() -> Value {
    json!({
        "architectures": ["BertForTokenClassification"], "model_type": "bert",
        "num_hidden_layers": 2, "hidden_size": 8, "num_attention_heads": 2, "vocab_size": 10,
        "intermediate_size": 16, "hidden_act": "gelu", "type_vocab_size": 2,
        "max_position_embeddings": 32,
        "id2label": {"3": "I-C", "0": "O", "1": "B-A", "2": "I-A"}
    })
}

fn tokenizer() -> Value {
    json!({
        "normalizer": {"type": "BertNormalizer", "clean_text": true, "handle_chinese_chars": true, "lowercase": true},
        "pre_tokenizer": {"type": "BertPreTokenizer"},
        "post_processor": {"type": "BertProcessing", "cls": ["[CLS]", 2], "sep": ["[SEP]", 3]},
        "model": {
            "type": "WordPiece", "unk_token": "[UNK]",
            "vocab": {"[PAD]": 0, "[UNK]": 1, "[CLS]": 2, "[SEP]": 3, "[MASK]": 4, "a": 5, "b": 6, "c": 7, "d": 8}
        },
        "added_tokens": [{"id": 9, "content": "[X]"}]
    })
}

/// A sound folder.
fn sound() -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    write(&folder, "model.safetensors", file(&bert()));
    write(&folder, "config.json", config().to_string());
    write(&folder, "tokenizer.json", tokenizer().to_string());
    folder
}

fn write(folder: &TempDir, name: &str, content: impl AsRef<[u8]>) {
    fs::write(folder.path().join(name), content).unwrap();
}

fn remove(folder: &TempDir, name: &str) {
    fs::remove_file(folder.path().join(name)).unwrap();
}

/// The reasons why the sound folder, changed, cannot be fine-tuned.
fn reasons(change: impl FnOnce(&TempDir)) -> Vec<String> {
    let folder = sound();
    change(&folder);
    let summary = inspect(folder.path()).unwrap();
    assert_eq!(summary.trainable, summary.reasons.is_empty());
    summary.reasons
}

#[test]
fn a_sound_folder_is_described() {
    let folder = sound();
    write(&folder, "README.md", "---\nlicense: mit\n---\n");
    let summary = inspect(folder.path()).unwrap();
    assert_eq!(summary.reasons, [""; 0]);
    assert!(summary.trainable);
    assert_eq!(summary.labels, ["O", "B-A", "I-A", "I-C"]);
    assert_eq!(summary.license.as_deref(), Some("mit"));
    let weights = summary.weights.as_ref().unwrap();
    assert_eq!(weights.kind, WeightsKind::Safetensors);
    // Embeddings and their norm; of each layer attention, feed-forward and two norms; the head.
    let layer = 4 * (8 * 8 + 8) + (16 * 8 + 16) + (8 * 16 + 8) + 4 * 8;
    let all = (10 + 32 + 2) * 8 + 2 * 8 + 2 * layer + 4 * 8 + 4;
    assert_eq!(weights.parameters, Some(all));
    assert_eq!(weights.dtypes["F16"], 32);
    let on_disk = [
        "config.json",
        "model.safetensors",
        "tokenizer.json",
        "README.md",
    ]
    .map(|name| fs::metadata(folder.path().join(name)).unwrap().len());
    assert_eq!(summary.bytes, on_disk.iter().sum::<u64>());
    assert_eq!(weights.bytes, on_disk[1]);
    let expected = TokenizerSummary {
        kind: TokenizerKind::Fast,
        model: Some("WordPiece".into()),
        vocabulary: Some(10),
        cased: Some(false),
    };
    assert_eq!(summary.tokenizer, expected);
    let json = serde_json::to_value(&summary).unwrap();
    assert_eq!(json["hidden_size"], 8);
    assert_eq!(json["tokenizer"]["kind"], "tokenizer.json");
    assert_eq!(json["weights"]["kind"], "safetensors");
}

#[test]
fn shards_are_added_up_and_a_missing_one_is_named() {
    let shard = |folder: &TempDir| {
        remove(folder, "model.safetensors");
        let tensors = bert();
        let (first, second) = tensors.split_at(7);
        write(folder, "a.safetensors", file(first));
        write(folder, "b.safetensors", file(second));
        let map =
            json!({"weight_map": {WORDS: "a.safetensors", "classifier.bias": "b.safetensors"}});
        write(folder, "model.safetensors.index.json", map.to_string());
    };
    let folder = sound();
    shard(&folder);
    let summary = inspect(folder.path()).unwrap();
    assert!(summary.trainable, "{:?}", summary.reasons);
    let weights = summary.weights.unwrap();
    let whole = inspect(sound().path()).unwrap().weights.unwrap();
    assert_eq!(weights.parameters, whole.parameters);
    assert_eq!(weights.files, ["a.safetensors", "b.safetensors"]);
    let found = reasons(|folder| {
        shard(folder);
        remove(folder, "b.safetensors");
    });
    assert!(
        found[0].starts_with("cannot read `b.safetensors`"),
        "{found:?}"
    );
}

#[test]
fn each_fault_is_a_reason() {
    type Change = fn(&TempDir);
    let set = |key: &str, value: Value| {
        let mut config = config();
        config[key] = value;
        config.to_string()
    };
    let configs = [
        (
            "model_type",
            json!("longformer"),
            "`longformer` is not supported (supported model types: bert, roberta, ",
        ),
        ("hidden_size", json!("wide"), "`hidden_size`: \"wide\""),
        (
            "num_attention_heads",
            json!(3),
            "a divisor of `hidden_size`",
        ),
        ("num_attention_heads", json!(0), "`num_attention_heads`: 0"),
        ("vocab_size", json!(9), "10 word pieces, the model knows 9"),
        (
            "vocab_size",
            json!(11),
            "the shape [10, 8], expected [11, 8]",
        ),
        ("intermediate_size", json!(20), "expected [20, 8]"),
        ("num_hidden_layers", json!(3), "is missing"),
        ("num_hidden_layers", json!(1), "belongs to no part"),
        ("hidden_act", json!("mish"), "`hidden_act`: \"mish\""),
        ("hidden_dropout_prob", json!(1.5), "`hidden_dropout_prob`"),
        ("pad_token_id", json!(10), "`pad_token_id`: 10"),
        ("max_position_embeddings", json!(2), "at least 3"),
        (
            "position_embedding_type",
            json!("relative_key"),
            "relative_key",
        ),
        ("is_decoder", json!(true), "`is_decoder`: true"),
    ];
    for (key, value, expected) in configs {
        let found = reasons(|folder| write(folder, "config.json", set(key, value)));
        assert!(
            found.iter().any(|r| r.contains(expected)),
            "{found:?} lacks {expected}"
        );
    }
    let changes: [(Change, &str); 17] = [
        (
            |f| write(f, "config.json", "{}"),
            "`(none given)` is not supported",
        ),
        (|f| remove(f, "tokenizer.json"), "there is no tokenizer"),
        (
            |f| write(f, "tokenizer.json", "{\"model\": 3"),
            "`tokenizer.json` is unusable",
        ),
        (
            |f| {
                remove(f, "tokenizer.json");
                write(f, "vocab.txt", "[PAD]\n[UNK]\n[CLS]\n");
            },
            "lacks the piece `[SEP]`",
        ),
        (|f| remove(f, "model.safetensors"), "holds no weights"),
        (
            |f| write(f, "model.safetensors", ""),
            "too few for a header",
        ),
        (
            |f| write(f, "model.safetensors", POINTER),
            "`model.safetensors` is a Git LFS pointer, not the file itself (run `git lfs pull`",
        ),
        (
            |f| write(f, "tokenizer.json", POINTER),
            "`tokenizer.json` is a Git LFS pointer",
        ),
        (
            |f| {
                remove(f, "model.safetensors");
                write(f, "pytorch_model.bin", POINTER);
            },
            "`pytorch_model.bin` is a Git LFS pointer",
        ),
        (
            |f| {
                remove(f, "model.safetensors");
                let base = r#"{"peft_type": "LORA", "base_model_name_or_path": "acme/base"}"#;
                write(f, "adapter_config.json", base);
            },
            "it is a LoRA adapter of `acme/base`, not a whole model (fine-tune `acme/base` instead",
        ),
        (
            |f| write(f, "model.safetensors", [0xff; 100]),
            "does not fit in the file's 100",
        ),
        (
            |f| write(f, "model.safetensors", safetensors(&[])),
            "is missing; ",
        ),
        (
            |f| write(f, "model.safetensors", &file(&bert())[..60]),
            "does not fit in the file's 60",
        ),
        (
            |f| write(f, "model.safetensors", &file(&bert())[..9000]),
            "it has 9000 bytes where its header speaks of",
        ),
        (
            |f| {
                let whole = changed(|it| it.1 = if it.0 == WORDS { "I8" } else { it.1 });
                write(f, "model.safetensors", whole);
            },
            "quantised: `bert.embeddings.word_embeddings.weight` holds I8",
        ),
        (
            |f| {
                remove(f, "model.safetensors");
                write(f, "pytorch_model.bin", "PK\x03\x04 and no end");
            },
            "`pytorch_model.bin` is damaged",
        ),
        (
            |f| {
                remove(f, "model.safetensors");
                let map = json!({"weight_map": {"x": "../x.safetensors"}});
                write(f, "model.safetensors.index.json", map.to_string());
            },
            "outside the folder",
        ),
    ];
    for (change, expected) in changes {
        let found = reasons(change);
        assert!(
            found.iter().any(|r| r.contains(expected)),
            "{found:?} lacks {expected}"
        );
    }
}

/// A pickle is read as data: it is compared as well as a safetensors file is.
#[test]
fn a_pickle_is_described_and_one_that_asks_for_more_than_tensors_refused() {
    let summary = inspect(&tiny("bert-legacy-bin")).unwrap();
    assert!(summary.trainable, "{:?}", summary.reasons);
    let weights = summary.weights.unwrap();
    assert_eq!(weights.kind, WeightsKind::Pytorch);
    assert_eq!(weights.dtypes.keys().collect::<Vec<_>>(), ["F32"]);
    let summary = inspect(&tiny("bert-evil-pickle")).unwrap();
    assert!(summary.reasons[0].contains("it was not run"));
    let weights = summary.weights.unwrap();
    assert_eq!(
        (weights.kind, weights.parameters),
        (WeightsKind::Pytorch, None)
    );
}

#[test]
fn what_is_odd_but_can_be_fine_tuned_is_a_note() {
    let set = |key: &str, value: Value| {
        let mut config = config();
        config[key] = value;
        config.to_string()
    };
    let configs = [
        (
            "architectures",
            json!(["BertForQuestionAnswering"]),
            "question answering (`BertForQuestionAnswering`)",
        ),
        (
            "architectures",
            json!(["BertForSomethingNew"]),
            "another task",
        ),
        ("id2label", json!({"0": "O", "2": "B-A"}), "`id2label`"),
        ("id2label", json!({"0": 0, "1": 1}), "numbers"),
    ];
    let check = |folder: &TempDir, expected: &str| {
        let summary = inspect(folder.path()).unwrap();
        assert!(summary.trainable, "{expected}: {:?}", summary.reasons);
        assert_eq!(summary.notes.len(), 1, "{:?}", summary.notes);
        assert!(
            summary.notes[0].message.contains(expected),
            "{:?}",
            summary.notes
        );
    };
    for (key, value, expected) in configs {
        let folder = sound();
        write(&folder, "config.json", set(key, value));
        check(&folder, expected);
    }
    for wrapper in ["module.", "_orig_mod.", "model."] {
        let folder = sound();
        let whole = changed(|it| it.0 = format!("{wrapper}{}", it.0));
        write(&folder, "model.safetensors", whole);
        check(&folder, "`module.`");
    }
    for class in ["BertModel", "BertForMaskedLM"] {
        let folder = sound();
        write(&folder, "config.json", set("architectures", json!([class])));
        assert_eq!(inspect(folder.path()).unwrap().notes, []);
    }
}

#[test]
fn a_model_of_another_family_is_described_all_the_same() {
    let folder = sound();
    let config = json!({"model_type": "gpt2", "n_layer": 3, "n_embd": 24, "n_head": 4,
        "vocab_size": 10, "n_positions": 64});
    write(&folder, "config.json", config.to_string());
    let summary = inspect(folder.path()).unwrap();
    assert!(!summary.trainable);
    let sizes = [
        summary.num_hidden_layers,
        summary.hidden_size,
        summary.num_attention_heads,
        summary.max_position_embeddings,
    ];
    assert_eq!(sizes, [Some(3), Some(24), Some(4), Some(64)]);
    assert_eq!(summary.reasons.len(), 1, "{:?}", summary.reasons);
}

/// RoBERTa's first two positions belong to padding.
#[test]
fn trap_the_longest_sequence_is_that_of_tokens_and_not_of_rows() {
    let folder = sound();
    let mut config = config();
    config["model_type"] = json!("roberta");
    config["max_position_embeddings"] = json!(514);
    write(&folder, "config.json", config.to_string());
    let summary = inspect(folder.path()).unwrap();
    assert_eq!(summary.max_position_embeddings, Some(512));
}

#[test]
fn placeholders_are_no_labels_and_an_old_checkpoint_names_only_its_class() {
    let folder = sound();
    let mut config = config();
    config["id2label"] = json!({"0": "LABEL_0", "1": "LABEL_1"});
    config.as_object_mut().unwrap().remove("model_type");
    write(&folder, "config.json", config.to_string());
    let summary = inspect(folder.path()).unwrap();
    assert_eq!(summary.labels, [""; 0]);
    assert_eq!(summary.model_type.as_deref(), Some("bert"));
}

#[test]
fn capitals_are_reported_for_each_kind_of_tokenizer() {
    let cases = [
        (json!(null), Some(true)),
        (
            json!({"type": "BertNormalizer", "lowercase": false}),
            Some(true),
        ),
        (json!({"type": "Lowercase"}), Some(false)),
        (
            json!({"type": "Sequence", "normalizers": [{"type": "NFD"}, {"type": "Lowercase"}]}),
            Some(false),
        ),
        (
            json!({"type": "Sequence", "normalizers": [{"type": "NFC"}]}),
            Some(true),
        ),
        (
            json!({"type": "Sequence", "normalizers": [{"type": "Precompiled"}]}),
            None,
        ),
    ];
    for (normalizer, expected) in cases {
        let folder = sound();
        let mut file = tokenizer();
        file["normalizer"] = normalizer.clone();
        write(&folder, "tokenizer.json", file.to_string());
        let as_it_stands = "{\"tokenizer_class\": \"PreTrainedTokenizerFast\"}";
        write(&folder, "tokenizer_config.json", as_it_stands);
        let found = inspect(folder.path()).unwrap().tokenizer.cased;
        assert_eq!(found, expected, "{normalizer}");
    }
    let vocabularies = [
        ("{}", "[UNK]\n[CLS]\n[SEP]\nword", false),
        ("{}", "[UNK]\n[CLS]\n[SEP]\nWord", true),
        (
            "{\"do_lower_case\": true}",
            "[UNK]\n[CLS]\n[SEP]\nWord",
            false,
        ),
    ];
    for (config, vocabulary, expected) in vocabularies {
        let folder = sound();
        remove(&folder, "tokenizer.json");
        write(&folder, "tokenizer_config.json", config);
        write(&folder, "vocab.txt", vocabulary);
        let found = inspect(folder.path()).unwrap().tokenizer;
        assert_eq!((found.cased, found.vocabulary), (Some(expected), Some(4)));
    }
}

#[test]
fn trap_what_the_tokenizers_files_contradict_is_noted_and_what_cannot_be_built_is_a_reason() {
    let folder = sound();
    assert_eq!(inspect(folder.path()).unwrap().notes, []);
    write(
        &folder,
        "tokenizer_config.json",
        "{\"do_lower_case\": false}",
    );
    let summary = inspect(folder.path()).unwrap();
    assert_eq!(summary.tokenizer.cased, Some(true));
    assert_eq!(summary.notes[0].code, "tokenizer-rebuilt");
    assert!(summary.notes[0].message.contains("capitals are kept"));
    assert!(summary.trainable);
    for (config, expected) in [
        ("{", "`tokenizer_config.json` is unusable"),
        (
            "{\"tokenizer_class\": \"BertJapaneseTokenizer\"}",
            "splits text into words with MeCab",
        ),
        (
            "{\"tokenizer_class\": \"XLMRobertaTokenizer\"}",
            "is for Unigram, and its file holds WordPiece",
        ),
        (
            "{\"extra_special_tokens\": [\"[Y]\"]}",
            "11 word pieces, the model knows 10; special pieces",
        ),
    ] {
        let found = reasons(|folder| write(folder, "tokenizer_config.json", config));
        assert!(found[0].contains(expected), "{found:?}");
    }
    let found = reasons(|folder| {
        remove(folder, "tokenizer.json");
        write(folder, "spiece.model", "x");
    });
    assert!(found[0].contains("`spiece.model` is unusable"), "{found:?}");
    let folder = sound();
    remove(&folder, "tokenizer.json");
    let pieces = tokenizers().join("spm-xlm-roberta/sentencepiece.bpe.model");
    write(&folder, "spm.model", fs::read(pieces).unwrap());
    let class = "{\"tokenizer_class\": \"XLMRobertaTokenizer\"}";
    write(&folder, "tokenizer_config.json", class);
    let summary = inspect(folder.path()).unwrap();
    assert_eq!(summary.tokenizer.kind, TokenizerKind::SentencePiece);
    assert_eq!(summary.tokenizer.model.as_deref(), Some("Unigram"));
    assert_eq!(summary.notes[0].code, "sentencepiece-converted");
    assert_eq!(
        summary.reasons,
        ["the tokenizer has 116 word pieces, the model knows 10"]
    );
}

#[test]
fn what_is_no_model_folder_is_an_error_with_a_hint() {
    let folder = tempfile::tempdir().unwrap();
    let message = |path: &Path| {
        let failure = inspect(path).unwrap_err();
        assert!(!failure.hint().unwrap_or_default().is_empty());
        failure.to_string()
    };
    assert!(message(&folder.path().join("x")).contains("there is no folder"));
    assert!(message(folder.path()).contains("no `config.json`"));
    let base = r#"{"base_model_name_or_path": "acme/base"}"#;
    write(&folder, "adapter_config.json", base);
    assert!(message(folder.path()).contains("a LoRA adapter of `acme/base`"));
    write(&folder, "config.json", POINTER);
    assert!(message(folder.path()).contains("a Git LFS pointer"));
    for content in ["", "[]", "{\"a\":", "\u{0}"] {
        write(&folder, "config.json", content);
        assert!(
            message(folder.path()).contains("not a JSON object"),
            "{content}"
        );
    }
}

#[test]
fn damaged_bytes_never_panic() {
    let good = sound();
    let files = ["model.safetensors", "config.json", "tokenizer.json"];
    for name in files {
        let bytes = fs::read(good.path().join(name)).unwrap();
        let step = bytes.len().min(400) / 100 + 1;
        for place in (0..bytes.len().min(400)).step_by(step) {
            for value in [0, b'9', b'"', 0xff] {
                let mut damaged = bytes.clone();
                damaged[place] = value;
                write(&good, name, damaged);
                let _ = inspect(good.path());
            }
        }
        write(&good, name, &bytes);
    }
    assert!(inspect(good.path()).unwrap().trainable);
    // Extents whose product is more than any number here holds.
    let huge =
        json!({"x": {"dtype": "F32", "shape": [u64::MAX, 8], "data_offsets": [0, u64::MAX]}});
    let huge = huge.to_string();
    let mut bytes = (huge.len() as u64).to_le_bytes().to_vec();
    bytes.extend_from_slice(huge.as_bytes());
    write(&good, "model.safetensors", bytes);
    assert!(!inspect(good.path()).unwrap().trainable);
}
