//! Built tokenizers equal what transformers 5.23 builds from the same folders
//! (`tests/reference/tokenizer_classes.py`).

use super::*;
use serde_json::json;
use std::collections::BTreeMap;
use std::fs;
use std::path::PathBuf;
use tagsmith_testing::{json as read, tokenizers};

/// The folders that transformers opens and we refuse, and a part of the reason.
const REFUSED: &[(&str, &str)] = &[
    // The row that a token was trained in is not the one it would get.
    (
        "added-decoder-part",
        "`<URL>` with the id 139, but it gets 138",
    ),
    (
        "added-decoder-part-fast",
        "`Anna` with the id 141, but it gets 82",
    ),
    (
        "added-in-file-hole",
        "`[NAME]` with the id 148, but it gets 138",
    ),
    (
        "added-in-file-hole-fast",
        "`[NAME]` with the id 148, but it gets 138",
    ),
    (
        "added-tokens-json-hole",
        "`[NAME]` with the id 141, but it gets 138",
    ),
    // No row was trained for what opens and closes a sequence.
    ("special-missing", "lacks the piece `[CLS]`"),
    (
        "bert-other-parts-fast",
        "0 special pieces before a sequence and 0 behind",
    ),
    ("spm-deberta-v2", "lacks the piece `[CLS]`"),
    ("spm-fast-class", "there is only a `tokenizer.model`"),
    // A BPE model's scores are ranks, and no probabilities.
    ("spm-bpe", "`sentencepiece.bpe.model` is a BPE model"),
    (
        "nothing",
        "there is no tokenizer: no tokenizer.json, no vocab.txt, no vocab.json with merges.txt, no file of SentencePiece",
    ),
    // Written in Python.
    (
        "japanese-basic",
        "`BertJapaneseTokenizer` splits text into words",
    ),
    ("bertweet", "`BertweetTokenizer` is written in Python"),
    ("phobert", "`PhobertTokenizer` is written in Python"),
];

/// The folders that transformers refuses, and a part of our reason.
const REFUSED_BY_BOTH: &[(&str, &str)] = &[
    (
        "bert-unigram-file",
        "`BertTokenizer` is for WordPiece, and its file holds Unigram",
    ),
    (
        "japanese-mecab",
        "`BertJapaneseTokenizer` splits text into words",
    ),
    (
        "roformer-refused",
        "`RoFormerTokenizer` splits text into words with Jieba",
    ),
    ("spm-albert", "lacks the piece `[CLS]`"),
    ("vocab-fast-class", "there is only a `vocab.txt`"),
];

/// transformers refuses it, and nothing is lost by reading it.
const READ_NEVERTHELESS: &str = "special-map-objects";

/// A word list with capitals and not a word about them: read as `vocab-cased`, which says it.
const CAPITALS_KEPT: &str = "vocab-alone";

fn cases() -> Vec<(String, PathBuf, Value)> {
    let list = read(&tokenizers().join("cases.json"));
    let list = list["cases"].as_array().unwrap();
    assert!(list.len() > 90);
    let each = |case: &Value| {
        let name = case["case"].as_str().unwrap().to_owned();
        let folder = tokenizers().join(&name);
        let expected = read(&folder.join("expected.json"));
        (name, folder, expected)
    };
    list.iter().map(each).collect()
}

#[test]
fn parts_and_added_tokens_are_those_of_transformers() {
    let refused = REFUSED.iter().chain(REFUSED_BY_BOTH).map(|(name, _)| *name);
    let refused: Vec<&str> = refused.collect();
    for (name, folder, expected) in cases() {
        if refused.contains(&name.as_str()) || [READ_NEVERTHELESS, CAPITALS_KEPT].contains(&&*name)
        {
            continue;
        }
        let found =
            Definition::as_transformers(&folder).unwrap_or_else(|why| panic!("{name}: {why}"));
        check(&name, &found, &expected);
    }
}

fn check(name: &str, found: &Definition, expected: &Value) {
    let mut document = found.document.clone();
    let model = document["model"].as_object_mut().unwrap();
    model.remove("vocab");
    model.remove("merges");
    document.as_object_mut().unwrap().remove("version");
    shorten_map(&mut document["normalizer"]);
    let mut parts = expected["parts"].clone();
    // Both are the Python tokenizer's to set, for each call.
    parts["truncation"] = Value::Null;
    parts["padding"] = Value::Null;
    for (key, part) in parts.as_object().unwrap() {
        assert_eq!(&document[key], part, "{name}: {key}");
    }
    let special: BTreeMap<_, _> = found.special.iter().cloned().collect();
    assert_eq!(json!(special), sorted(&expected["special"]), "{name}");
    let added: BTreeMap<&str, &Value> = found.document["added_tokens"]
        .as_array()
        .unwrap()
        .iter()
        .map(|token| (token["content"].as_str().unwrap(), &token["id"]))
        .collect();
    assert_eq!(json!(added), sorted(&expected["added"]), "{name}");
    assert_eq!(json!(found.pieces), expected["size"], "{name}");
    let ids = expected["words"][0]["ids"].as_array().unwrap();
    let ends = [ids.first(), ids.last()].map(|id| id.unwrap().as_u64().unwrap());
    assert_eq!(
        [found.opening, found.closing].map(u64::from),
        ends,
        "{name}"
    );
}

fn sorted(value: &Value) -> Value {
    let entries = value.as_object().unwrap().iter();
    json!(entries.collect::<BTreeMap<_, _>>())
}

/// The map of characters as the expected values write it.
fn shorten_map(normalizer: &mut Value) {
    if normalizer["type"] == "Precompiled" {
        normalizer["precompiled_charsmap"] = "CHARSMAP".into();
    }
    if let Some(steps) = normalizer
        .get_mut("normalizers")
        .and_then(Value::as_array_mut)
    {
        steps.iter_mut().for_each(shorten_map);
    }
}

#[test]
fn what_cannot_be_read_is_refused_with_a_reason_and_what_to_do() {
    let expected = |name: &str| read(&tokenizers().join(name).join("expected.json"));
    for (names, by_both) in [(REFUSED, false), (REFUSED_BY_BOTH, true)] {
        for (name, reason) in names {
            assert_eq!(expected(name).get("error").is_some(), by_both, "{name}");
            let found = Definition::read(&tokenizers().join(name)).unwrap_err();
            assert!(found.reason.contains(reason), "{name}: {found}");
            assert!(!found.hint.is_empty());
        }
    }
    let refused = cases()
        .iter()
        .filter(|(_, _, e)| e.get("error").is_some())
        .count();
    assert_eq!(refused, REFUSED_BY_BOTH.len() + 1);
}

/// The code of each note about a folder.
fn codes(name: &str) -> Vec<&'static str> {
    let notes = Definition::read(&tokenizers().join(name)).unwrap().notes;
    notes.iter().map(|note| note.code).collect()
}

#[test]
fn trap_special_tokens_as_objects_are_read() {
    let found = Definition::read(&tokenizers().join(READ_NEVERTHELESS)).unwrap();
    assert!(codes(READ_NEVERTHELESS).contains(&"special-tokens-as-objects"));
    let last = found.document["added_tokens"]
        .as_array()
        .unwrap()
        .last()
        .unwrap();
    let expected = json!({
        "id": 138, "content": "[NAME]", "single_word": false, "lstrip": false, "rstrip": true,
        "normalized": false, "special": true
    });
    assert_eq!(*last, expected);
}

#[test]
fn trap_a_bare_word_list_with_capitals_keeps_them() {
    let found = Definition::read(&tokenizers().join(CAPITALS_KEPT)).unwrap();
    assert_eq!(codes(CAPITALS_KEPT), ["capitals-kept"]);
    check(
        CAPITALS_KEPT,
        &found,
        &read(&tokenizers().join("vocab-cased/expected.json")),
    );
}

#[test]
fn what_is_odd_is_told() {
    let cases: &[(&str, &[&str])] = &[
        ("vocab-cased", &[]),
        ("bert-renamed", &[]),
        ("convbert", &[]),
        ("bert-no-config", &["tokenizer-rebuilt"]),
        ("bert-cased-config", &["tokenizer-rebuilt"]),
        (
            "bert-never-split",
            &["tokenizer-rebuilt", "settings-without-effect"],
        ),
        ("bert-fast-class", &["settings-without-effect"]),
        ("added-decoder-hides-files", &["hidden-added-tokens"]),
        (
            "added-decoder-empty",
            &["hidden-added-tokens", "tokenizer-rebuilt"],
        ),
        ("special-missing-fast", &["special-piece-appended"]),
        (
            "deberta-v2",
            &["tokenizer-rebuilt", "character-map-dropped"],
        ),
        (
            "deberta-v2-unk",
            &[
                "tokenizer-rebuilt",
                "unknown-piece",
                "character-map-dropped",
            ],
        ),
        ("deberta-v2-fast", &["settings-without-effect"]),
        ("roberta-prefix-config", &[]),
        ("roberta-silent-config", &[]),
        ("roberta-no-prefix-config", &["prefix-space"]),
        (
            "roberta-fast-prefix-config",
            &["settings-without-effect", "prefix-space"],
        ),
        ("metaspace-never", &["unmarked-words"]),
        ("xlm-roberta", &[]),
        ("camembert", &[]),
        ("spm-xlm-roberta", &["sentencepiece-converted"]),
        (
            "spm-deberta-v3",
            &["sentencepiece-converted", "character-map-dropped"],
        ),
        ("spm-deberta-v3-added", &["sentencepiece-converted"]),
        (
            "spm-xlm-roberta-renamed",
            &[
                "sentencepiece-converted",
                "special-piece-appended",
                "unmarked-words",
            ],
        ),
    ];
    for (name, expected) in cases {
        assert_eq!(codes(name), *expected, "{name}");
    }
}

#[test]
fn a_note_says_what_becomes_of_capitals_and_why() {
    let message = |name: &str| {
        let notes = Definition::read(&tokenizers().join(name)).unwrap().notes;
        notes.into_iter().next().unwrap().message
    };
    let cases = [
        (
            "bert-cased-config",
            "capitals are kept (`do_lower_case` is false there)",
        ),
        (
            "bert-uncased-config",
            "small letters (`do_lower_case` is true there)",
        ),
        (
            "bert-silent-config",
            "small letters (`do_lower_case` is not said there)",
        ),
        ("herbert", "tokenizer.json says; capitals are kept"),
        (
            "spm-deberta-v3",
            "`spm.model` of SentencePiece is converted",
        ),
        (
            "spm-byte-fallback",
            "where SentencePiece would give a piece",
        ),
    ];
    for (name, expected) in cases {
        assert!(
            message(name).contains(expected),
            "{name}: {}",
            message(name)
        );
    }
    assert!(!message("herbert").contains("do_lower_case"));
}

/// A word list as a folder, with other files beside it.
fn folder(files: &[(&str, &str)]) -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    for (name, content) in files {
        fs::write(folder.path().join(name), content).unwrap();
    }
    folder
}

#[test]
fn damaged_files_are_named() {
    let list = ("vocab.txt", "[PAD]\n[UNK]\n[CLS]\n[SEP]\n[MASK]\nword\n");
    let cases = [
        (
            ("tokenizer_config.json", "{"),
            "`tokenizer_config.json` is unusable",
        ),
        (
            ("tokenizer_config.json", "[]"),
            "`tokenizer_config.json` is unusable",
        ),
        (
            ("tokenizer_config.json", "{\"do_lower_case\": 3}"),
            "`do_lower_case` is 3",
        ),
        (
            ("special_tokens_map.json", "x"),
            "`special_tokens_map.json` is unusable",
        ),
        (
            ("added_tokens.json", "{\"[X]\": -1}"),
            "`[X]` has no usable id",
        ),
        (
            ("added_tokens.json", "{\"[X]\": 9}"),
            "`[X]` with the id 9, but it gets 6",
        ),
        (
            ("tokenizer.json", "{}"),
            "`tokenizer.json` is unusable: it has no `model`",
        ),
        (("vocab.json", "{\"a\": 0}"), "without its `merges.txt`"),
        (
            ("vocab.txt", "[PAD]\n[UNK]\n[CLS]\n"),
            "lacks the piece `[SEP]`",
        ),
        (("vocab.txt", "[CLS]\n[SEP]\n"), "lacks the piece `[UNK]`"),
    ];
    for (file, expected) in cases {
        let folder = folder(&[list, file]);
        let found = Definition::read(folder.path()).unwrap_err();
        assert!(found.reason.contains(expected), "{file:?}: {found}");
    }
    assert!(Definition::read(folder(&[list]).path()).is_ok());
}

#[test]
fn trap_a_model_may_have_no_row_for_a_mask() {
    let list = ("vocab.txt", "[PAD]\n[UNK]\n[CLS]\n[SEP]\nword\n");
    let found = Definition::read(folder(&[list]).path()).unwrap();
    assert_eq!((found.pieces, &found.notes[..]), (5, &[][..]));
    assert!(!found.special.iter().any(|(key, _)| key == "mask_token"));
    assert_eq!(found.beyond(5), None);
    // Named in a file it is appended, as in transformers.
    let named = ("tokenizer_config.json", "{\"mask_token\": \"[MASK]\"}");
    let found = Definition::read(folder(&[list, named]).path()).unwrap();
    assert_eq!(found.pieces, 6);
    assert!(found.beyond(5).unwrap().contains("appended: `[MASK]`"));
}

#[test]
fn trap_a_word_list_may_have_carriage_returns_and_a_piece_twice() {
    let list = (
        "vocab.txt",
        "[PAD]\r\n[UNK]\r\n[CLS]\r\n[SEP]\r\n[MASK]\r\na\r\na\r\nb \r\n",
    );
    let found = Definition::read(folder(&[list]).path()).unwrap();
    assert_eq!(found.document["model"]["vocab"]["a"], 6);
    assert_eq!(found.document["model"]["vocab"]["b"], 7);
    assert_eq!(found.pieces, 8);
    // What is counted on from seven pieces gets the number of one that is there.
    let added = ("added_tokens.json", "{\"[X]\": 7}");
    let found = Definition::read(folder(&[list, added]).path()).unwrap_err();
    assert!(found.reason.contains("which is taken"), "{found}");
}
