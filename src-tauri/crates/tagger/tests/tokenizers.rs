//! Word pieces equal those of transformers 5.23, whatever files a checkpoint has
//! (`tests/reference/tokenizer_classes.py`).
#![allow(clippy::unwrap_used)] // a failing helper fails its test

use serde_json::{Value, json};
use std::collections::HashMap;
use std::fs;
use std::path::{Path, PathBuf};
use tagsmith_checkpoint::tokenizer::{Class, Definition};
use tagsmith_corpus::Document;
use tagsmith_encoder::Config;
use tagsmith_tagger::Tokenizer;
use tagsmith_tagger::export::write_tokenizer;
use tagsmith_testing::{json as read, tiny, tokenizers};

/// Read as another folder, whose pieces they have: a word list keeps its capitals, and a byte-level file
/// gets a blank before each word though transformers cannot be told to.
const LIKE: &[(&str, &str)] = &[
    ("vocab-alone", "vocab-cased"),
    ("roberta-fast-prefix-config", "roberta-prefix-config"),
    ("special-map-objects", "additional-special"),
];

/// The folders that open here. The others are those of the crate `checkpoint`'s test of refusals.
fn opened() -> Vec<(String, PathBuf, Tokenizer)> {
    let list = read(&tokenizers().join("cases.json"));
    let names = list["cases"].as_array().unwrap().iter();
    let names = names.map(|case| case["case"].as_str().unwrap().to_owned());
    let folders = names.map(|name| (tokenizers().join(&name), name));
    let opened = folders.filter_map(|(folder, name)| {
        let tokenizer = Tokenizer::from_folder(&folder).ok()?;
        Some((name, folder, tokenizer))
    });
    opened.collect()
}

fn strings(value: &Value) -> Vec<&str> {
    let all = value.as_array().unwrap().iter();
    all.map(|text| text.as_str().unwrap()).collect()
}

/// Ids, texts and words of the pieces of a list of words, special pieces around them.
fn pieces(tokenizer: &Tokenizer, words: &[&str]) -> (Vec<u32>, Vec<Option<usize>>) {
    let found = tokenizer.pieces(&[words.to_vec()]).unwrap().remove(0);
    let mut owners = vec![None; found.ids.len() + 2];
    for (word, range) in found.words.iter().enumerate() {
        owners[range.start + 1..range.end + 1].fill(Some(word));
    }
    (tokenizer.wrap(&found.ids), owners)
}

/// The text of each piece; that of a normalised added token is not compared, because the expected values
/// show it normalised.
fn texts(tokenizer: &Tokenizer) -> HashMap<u32, Option<String>> {
    let file: Value = serde_json::from_str(&tokenizer.to_json().unwrap()).unwrap();
    let vocabulary = &file["model"]["vocab"];
    let mut all: HashMap<u32, Option<String>> = match vocabulary.as_object() {
        Some(ids) => {
            let each = ids.iter();
            each.map(|(text, id)| (id.as_u64().unwrap() as u32, Some(text.clone())))
                .collect()
        }
        None => {
            let each = vocabulary.as_array().unwrap().iter();
            (0..)
                .zip(each.map(|piece| Some(piece[0].as_str().unwrap().to_owned())))
                .collect()
        }
    };
    for token in file["added_tokens"].as_array().unwrap() {
        let text = token["content"].as_str().unwrap().to_owned();
        let shown = (token["normalized"] == false).then_some(text);
        all.insert(token["id"].as_u64().unwrap() as u32, shown);
    }
    all
}

#[test]
fn words_have_the_pieces_that_transformers_gives() {
    let all = opened();
    assert!(all.len() > 70, "{}", all.len());
    for (name, _, tokenizer) in &all {
        let mut like = LIKE.iter();
        let like = like.find(|(this, _)| this == name).map(|(_, other)| *other);
        if *name == "special-map-objects" {
            continue;
        }
        let expected = read(
            &tokenizers()
                .join(like.unwrap_or(name))
                .join("expected.json"),
        );
        let rows = match expected.get("words_add_prefix_space") {
            Some(rows) => rows,
            None => &expected["words"],
        };
        let texts = texts(tokenizer);
        for row in rows.as_array().unwrap() {
            let words = strings(&row["words"]);
            let (ids, owners) = pieces(tokenizer, &words);
            assert_eq!(json!(ids), row["ids"], "{name}: {words:?}");
            assert_eq!(json!(owners), row["word_ids"], "{name}: {words:?}");
            for (id, text) in ids.iter().zip(strings(&row["tokens"])) {
                let shown = texts[id].as_deref().unwrap_or(text);
                assert_eq!(shown, text, "{name}: {words:?}");
            }
        }
    }
}

/// The tokenizers of the tiny models of all families (`tests/reference/tiny_families.py`).
#[test]
fn each_familys_words_have_the_pieces_that_transformers_gives() {
    let families = fs::read_dir(tiny("../families")).unwrap();
    let folders = families.flatten().map(|entry| entry.path());
    let mut compared = 0;
    for folder in folders.filter(|folder| folder.join("tokenizer.json").exists()) {
        let reference = read(&folder.join("reference.json"));
        let rows = match reference.get("tokenized_with_prefix_space") {
            Some(rows) => rows,
            // transformers cannot be told to put a blank there.
            None if folder.ends_with("eurobert") => continue,
            None => &reference["tokenized"],
        };
        let tokenizer = Tokenizer::from_folder(&folder).unwrap();
        for row in rows.as_array().unwrap() {
            let words = strings(&row["words"]);
            let (ids, owners) = pieces(&tokenizer, &words);
            assert_eq!(json!(ids), row["ids"], "{}: {words:?}", folder.display());
            assert_eq!(
                json!(owners),
                row["word_ids"],
                "{}: {words:?}",
                folder.display()
            );
        }
        compared += 1;
    }
    assert!(compared > 10, "{compared}");
}

/// As transformers 5.23 reads `" ".join(words)` with a blank before it: only the first part of a word gets
/// one, though the file splits words before it looks at bytes.
#[test]
fn trap_each_word_gets_one_blank_where_a_byte_level_tokenizer_splits_words_first() {
    let tokenizer = Tokenizer::from_folder(&tiny("../families/eurobert")).unwrap();
    let words = [
        "Anna", "sailed", "to", "Hamburg", "in", "2024", ".", "don't", "(Berg)",
    ];
    let expected = [
        352, 220, 343, 313, 268, 311, 220, 346, 76, 351, 70, 272, 220, 345, 17, 19, 220, 13, 308,
        303, 6, 83, 220, 7, 315, 8, 353,
    ];
    assert_eq!(pieces(&tokenizer, &words).0, expected);
    assert_eq!(tokenizer.notes()[0].code, "prefix-space");
    // Written and opened again, no second blank is put there.
    let out = tempfile::tempdir().unwrap();
    let model = Config::from_folder(&tiny("bert-no-prefix")).unwrap();
    fs::copy(
        tiny("../families/eurobert/config.json"),
        out.path().join("config.json"),
    )
    .unwrap();
    write_tokenizer(out.path(), &model, &tokenizer).unwrap();
    let again = Tokenizer::from_folder(out.path()).unwrap();
    assert_eq!(pieces(&again, &words).0, expected);
    assert_eq!(again.notes(), []);
}

/// Written as it works, and opened again by us; `tests/reference/open_written_tokenizers.py` opens the same
/// folders in transformers.
#[test]
fn a_written_tokenizer_gives_the_same_pieces_again() {
    let model = Config::from_folder(&tiny("bert-no-prefix")).unwrap();
    let kept = std::env::var_os("TAGSMITH_WRITTEN_TOKENIZERS").map(PathBuf::from);
    for (name, folder, tokenizer) in opened() {
        let temporary = tempfile::tempdir().unwrap();
        let out = kept
            .as_ref()
            .map_or(temporary.path().to_owned(), |kept| kept.join(&name));
        fs::create_dir_all(&out).unwrap();
        fs::copy(folder.join("config.json"), out.join("config.json")).unwrap();
        // What an earlier version left there.
        fs::write(
            out.join("special_tokens_map.json"),
            "{\"cls_token\": \"x\"}",
        )
        .unwrap();
        write_tokenizer(&out, &model, &tokenizer).unwrap();
        assert!(!out.join("special_tokens_map.json").exists());
        let again = Tokenizer::from_folder(&out).unwrap();
        assert_eq!(
            again.vocabulary_size(),
            tokenizer.vocabulary_size(),
            "{name}"
        );
        assert_eq!(again.unknown(), tokenizer.unknown(), "{name}");
        assert_eq!(
            again.to_json().unwrap(),
            tokenizer.to_json().unwrap(),
            "{name}"
        );
        let definition = Definition::read(&out).unwrap();
        assert_eq!(definition.class, Class::AsItStands, "{name}");
        let codes: Vec<&str> = definition.notes.iter().map(|note| note.code).collect();
        assert!(
            codes.iter().all(|code| *code == "unmarked-words"),
            "{name}: {codes:?}"
        );
        let mut all = Vec::new();
        for key in ["words", "texts"] {
            let expected = read(&folder.join("expected.json"));
            for row in expected
                .get(key)
                .and_then(Value::as_array)
                .into_iter()
                .flatten()
            {
                let words = match key {
                    "words" => strings(&row["words"]),
                    _ => vec![row["text"].as_str().unwrap()],
                };
                let found = pieces(&tokenizer, &words);
                assert_eq!(pieces(&again, &words), found, "{name}: {words:?}");
                all.push(json!({"words": words, "ids": found.0}));
            }
        }
        if kept.is_some() {
            fs::write(out.join("pieces.json"), json!(all).to_string()).unwrap();
        }
    }
}

#[test]
fn a_word_list_is_written_where_it_says_all() {
    let model = Config::from_folder(&tiny("bert-no-prefix")).unwrap();
    let written = |folder: &Path| {
        let out = tempfile::tempdir().unwrap();
        fs::write(out.path().join("vocab.txt"), "stale").unwrap();
        let tokenizer = Tokenizer::from_folder(folder).unwrap();
        write_tokenizer(out.path(), &model, &tokenizer).unwrap();
        fs::read_to_string(out.path().join("vocab.txt")).ok()
    };
    let list = |name: &str| written(&tokenizers().join(name));
    let expected = fs::read_to_string(tokenizers().join("vocab-cased/vocab.txt")).unwrap();
    assert_eq!(list("vocab-cased").as_deref(), Some(&*expected));
    assert_eq!(list("bert-cased-config").as_deref(), Some(&*expected));
    for other in [
        "added-tokens-json",
        "xlm-roberta",
        "roberta-prefix-config",
        "herbert",
    ] {
        assert_eq!(list(other), None, "{other}");
    }
}

/// The words of a text with the tokenizer's added tokens whole.
fn words<'a>(tokenizer: &Tokenizer, document: &'a mut Document) -> Vec<&'a str> {
    tokenizer.keep_added_tokens(std::slice::from_mut(document));
    let document = &*document;
    (0..document.words.len())
        .map(|i| document.word_text(i))
        .collect()
}

#[test]
fn trap_added_tokens_in_running_text_stay_whole() {
    let cases = [
        (
            "added-in-file",
            "[NAME] met <URL> , ham",
            &["[NAME]", "met", "<URL>", ",", "ham"][..],
        ),
        (
            "added-in-file",
            "x[NAME]y shame",
            &["x", "[NAME]", "y", "shame"],
        ),
        (
            "extra-special",
            "[NAME],[NAME].",
            &["[NAME]", ",", "[NAME]", "."],
        ),
        // Not there in this one.
        ("bert-cased-config", "[NAME]", &["[", "NAME", "]"]),
        // Special pieces with a name are seldom meant.
        (
            "added-in-file",
            "[SEP] [NAME]",
            &["[", "SEP", "]", "[NAME]"],
        ),
        (
            "roberta-no-config",
            "see <URL> now",
            &["see", "<URL>", "now"],
        ),
    ];
    for (name, text, expected) in cases {
        let tokenizer = Tokenizer::from_folder(&tokenizers().join(name)).unwrap();
        let mut document = Document::from_text(text);
        assert_eq!(words(&tokenizer, &mut document), expected, "{name}: {text}");
        // What a file gives stays as it is.
        let mut given = Document::from_words(&["x[NAME]y", "<URL>"]);
        let before = given.words.clone();
        words(&tokenizer, &mut given);
        assert_eq!(given.words, before);
    }
}

/// A text split by us has the pieces that transformers gives for the text itself.
#[test]
fn texts_have_the_pieces_that_transformers_gives() {
    let mut compared = 0;
    for (name, folder, tokenizer) in opened() {
        let expected = read(&folder.join("expected.json"));
        let parts = &expected["parts"];
        // BERT's own way to find words, which is ours as well.
        if parts["pre_tokenizer"] != json!({"type": "BertPreTokenizer"})
            || parts["normalizer"]["handle_chinese_chars"] == false
            || LIKE.iter().any(|(this, _)| *this == name)
        {
            continue;
        }
        for row in expected["texts"].as_array().unwrap() {
            let text = row["text"].as_str().unwrap();
            if text.contains("[MASK]") {
                continue;
            }
            let mut document = Document::from_text(text);
            let words = words(&tokenizer, &mut document);
            assert_eq!(
                json!(pieces(&tokenizer, &words).0),
                row["ids"],
                "{name}: {text}"
            );
            compared += 1;
        }
    }
    assert!(compared > 250, "{compared}");
}

#[test]
fn trap_the_unknown_piece_is_the_models() {
    let unknown = |name: &str| {
        Tokenizer::from_folder(&tokenizers().join(name))
            .unwrap()
            .unknown()
    };
    assert_eq!(unknown("bert-cased-config"), Some(1));
    assert_eq!(unknown("xlm-roberta"), Some(3));
    // The class takes the fourth piece, whatever it is.
    assert_eq!(unknown("xlm-roberta-unk"), Some(3));
    assert_eq!(unknown("albert-cased-config"), Some(1));
    // A byte that has no piece vanishes.
    assert_eq!(unknown("roberta-prefix-config"), None);
}
