//! The parts of a tokenizer that its class builds anew: normaliser, pre-tokeniser, decoder, options of the
//! model, and what stands around a sequence.

use super::Refusal;
use super::class::Class;
use super::files::{CONFIG, bad};
use serde_json::{Map, Value, json};

/// The special pieces of a class where the checkpoint names no other, by the keys that name them.
pub(super) fn special(class: Class) -> &'static [(&'static str, &'static str)] {
    match class {
        Class::Bert | Class::ConvBert => &[
            ("unk_token", "[UNK]"),
            ("sep_token", "[SEP]"),
            ("pad_token", "[PAD]"),
            ("cls_token", "[CLS]"),
            ("mask_token", "[MASK]"),
        ],
        Class::Mpnet => &[
            ("bos_token", "<s>"),
            ("eos_token", "</s>"),
            ("unk_token", "[UNK]"),
            ("sep_token", "</s>"),
            ("pad_token", "<pad>"),
            ("cls_token", "<s>"),
            ("mask_token", "<mask>"),
        ],
        Class::Herbert => &[
            ("unk_token", "<unk>"),
            ("sep_token", "</s>"),
            ("pad_token", "<pad>"),
            ("cls_token", "<s>"),
            ("mask_token", "<mask>"),
        ],
        Class::Roberta | Class::XlmRoberta | Class::Camembert => &[
            ("bos_token", "<s>"),
            ("eos_token", "</s>"),
            ("unk_token", "<unk>"),
            ("sep_token", "</s>"),
            ("pad_token", "<pad>"),
            ("cls_token", "<s>"),
            ("mask_token", "<mask>"),
        ],
        Class::Albert => &[
            ("bos_token", "[CLS]"),
            ("eos_token", "[SEP]"),
            ("unk_token", "<unk>"),
            ("sep_token", "[SEP]"),
            ("pad_token", "<pad>"),
            ("cls_token", "[CLS]"),
            ("mask_token", "[MASK]"),
        ],
        Class::Deberta | Class::DebertaV2 => &[
            ("bos_token", "[CLS]"),
            ("eos_token", "[SEP]"),
            ("unk_token", "[UNK]"),
            ("sep_token", "[SEP]"),
            ("pad_token", "[PAD]"),
            ("cls_token", "[CLS]"),
            ("mask_token", "[MASK]"),
        ],
        Class::AsItStands => &[],
    }
}

/// The kind of model that a class is for; `None` where it takes any.
pub(super) fn kind(class: Class) -> Option<&'static str> {
    match class {
        Class::Bert | Class::Mpnet => Some("WordPiece"),
        Class::Herbert | Class::Roberta | Class::Deberta => Some("BPE"),
        Class::XlmRoberta | Class::Camembert | Class::Albert | Class::DebertaV2 => Some("Unigram"),
        Class::AsItStands | Class::ConvBert => None,
    }
}

/// What `tokenizer_config.json` says of the parts, with the class's defaults.
pub(super) struct Settings<'a>(pub &'a Map<String, Value>);

impl Settings<'_> {
    pub fn flag(&self, key: &str, default: bool) -> Result<bool, Refusal> {
        Ok(self.maybe(key)?.unwrap_or(default))
    }

    pub fn maybe(&self, key: &str) -> Result<Option<bool>, Refusal> {
        match self.0.get(key) {
            None | Some(Value::Null) => Ok(None),
            Some(Value::Bool(value)) => Ok(Some(*value)),
            Some(other) => {
                let reason = format!("`{key}` is {other}, expected true or false");
                Err(bad(CONFIG, reason))
            }
        }
    }
}

/// Normaliser, pre-tokeniser, decoder and model of a class that builds them anew. `unknown` is the text of
/// the unknown piece.
pub(super) fn build(
    class: Class,
    settings: &Settings<'_>,
    file: &Value,
    unknown: &str,
) -> Result<Map<String, Value>, Refusal> {
    let model = &file["model"];
    let vocabulary = vocabulary(&model["vocab"], kind(class) == Some("Unigram"));
    let map = character_map(&file["normalizer"]);
    let prefix = |default| settings.flag("add_prefix_space", default);
    let (normalizer, pre_tokenizer, decoder, mut model) = match class {
        Class::Bert | Class::Mpnet => (
            bert_normalizer(
                settings.flag("do_lower_case", true)?,
                settings.maybe("strip_accents")?,
                settings.flag("tokenize_chinese_chars", true)?,
            ),
            json!({"type": "BertPreTokenizer"}),
            json!({"type": "WordPiece", "prefix": "##", "cleanup": true}),
            json!({
                "type": "WordPiece", "unk_token": unknown, "continuing_subword_prefix": "##",
                "max_input_chars_per_word": 100
            }),
        ),
        Class::Herbert => (
            bert_normalizer(false, Some(false), true),
            json!({"type": "BertPreTokenizer"}),
            json!({"type": "BPEDecoder", "suffix": "</w>"}),
            pairs(Some(unknown), None, "</w>", model),
        ),
        Class::Roberta | Class::Deberta => (
            Value::Null,
            byte_level(prefix(false)?),
            byte_level(true),
            pairs(None, Some(""), "", model),
        ),
        Class::XlmRoberta | Class::Camembert => {
            let scheme = if prefix(true)? { "always" } else { "never" };
            let unknown = match class {
                Class::XlmRoberta => 3,
                _ => place(&vocabulary, |piece, _| piece == unknown).unwrap_or(0),
            };
            (
                map.unwrap_or_default(),
                words_and(metaspace(scheme)),
                metaspace(scheme),
                unigrams(unknown),
            )
        }
        Class::Albert => {
            let scheme = if prefix(true)? { "always" } else { "never" };
            let quotes = |quotes: &str| json!({"type": "Replace", "pattern": {"String": quotes}, "content": "\""});
            let mut steps = vec![quotes("``"), quotes("''")];
            if !settings.flag("keep_accents", false)? {
                steps.extend([json!({"type": "NFKD"}), json!({"type": "StripAccents"})]);
            }
            if settings.flag("do_lower_case", true)? {
                steps.push(json!({"type": "Lowercase"}));
            }
            steps.extend(map);
            (
                json!({"type": "Sequence", "normalizers": steps}),
                words_and(metaspace(scheme)),
                metaspace(scheme),
                unigrams(1),
            )
        }
        Class::DebertaV2 => {
            let scheme = if prefix(true)? { "always" } else { "first" };
            let mut steps = Vec::new();
            if settings.flag("do_lower_case", false)? {
                steps.push(json!({"type": "Lowercase"}));
            }
            steps.extend([
                json!({"type": "Replace", "pattern": {"Regex": r"\s{2,}|[\n\r\t]"}, "content": " "}),
                json!({"type": "NFC"}),
                json!({"type": "Strip", "strip_left": false, "strip_right": true}),
            ]);
            let mut split = Vec::new();
            if settings.flag("split_by_punct", false)? {
                split.push(json!({"type": "Punctuation", "behavior": "Isolated"}));
            }
            split.push(metaspace(scheme));
            let said = settings.0.get("unk_id").and_then(Value::as_u64);
            let unknown = place(&vocabulary, |piece, score| piece == unknown && score == 0.0);
            (
                json!({"type": "Sequence", "normalizers": steps}),
                json!({"type": "Sequence", "pretokenizers": split}),
                metaspace(scheme),
                unigrams(unknown.or(said).unwrap_or(1)),
            )
        }
        Class::AsItStands | Class::ConvBert => unreachable!("these build nothing anew"),
    };
    model["vocab"] = vocabulary;
    let parts = json!({
        "normalizer": normalizer, "pre_tokenizer": pre_tokenizer, "decoder": decoder, "model": model
    });
    match parts {
        Value::Object(parts) => Ok(parts),
        _ => unreachable!("an object was written"),
    }
}

/// A vocabulary by text and number, also where the file lists its pieces; that of unigrams stays a list.
fn vocabulary(found: &Value, unigrams: bool) -> Value {
    match found {
        Value::Array(list) if !unigrams => {
            let text = |piece: &Value| {
                piece
                    .as_str()
                    .or_else(|| piece[0].as_str())
                    .map(str::to_owned)
            };
            let numbered = (0u64..).zip(list);
            Value::Object(
                numbered
                    .filter_map(|(id, piece)| Some((text(piece)?, id.into())))
                    .collect(),
            )
        }
        other => other.clone(),
    }
}

/// The first unigram of this kind.
fn place(vocabulary: &Value, is: impl Fn(&str, f64) -> bool) -> Option<u64> {
    let fits = |pair: &Value| {
        let piece = pair[0].as_str().unwrap_or_default();
        is(piece, pair[1].as_f64().unwrap_or(f64::NAN))
    };
    let mut list = (0..).zip(vocabulary.as_array()?);
    list.find(|(_, pair)| fits(pair)).map(|(id, _)| id)
}

/// SentencePiece's compiled map of characters: the first in a normaliser.
pub(super) fn character_map(normalizer: &Value) -> Option<Value> {
    let steps = match normalizer["type"].as_str()? {
        "Sequence" => normalizer["normalizers"].as_array()?.as_slice(),
        _ => std::slice::from_ref(normalizer),
    };
    let mut steps = steps.iter();
    steps.find(|step| step["type"] == "Precompiled").cloned()
}

fn bert_normalizer(lowercase: bool, strip_accents: Option<bool>, chinese: bool) -> Value {
    json!({
        "type": "BertNormalizer", "clean_text": true, "handle_chinese_chars": chinese,
        "strip_accents": strip_accents, "lowercase": lowercase
    })
}

fn byte_level(add_prefix_space: bool) -> Value {
    json!({
        "type": "ByteLevel", "add_prefix_space": add_prefix_space, "trim_offsets": true,
        "use_regex": true
    })
}

fn metaspace(scheme: &str) -> Value {
    json!({"type": "Metaspace", "replacement": "▁", "prepend_scheme": scheme, "split": true})
}

fn words_and(then: Value) -> Value {
    json!({"type": "Sequence", "pretokenizers": [{"type": "WhitespaceSplit"}, then]})
}

fn unigrams(unknown: u64) -> Value {
    json!({"type": "Unigram", "unk_id": unknown, "byte_fallback": false})
}

fn pairs(unknown: Option<&str>, continuing: Option<&str>, end: &str, model: &Value) -> Value {
    json!({
        "type": "BPE", "dropout": null, "unk_token": unknown,
        "continuing_subword_prefix": continuing, "end_of_word_suffix": end, "fuse_unk": false,
        "byte_fallback": false, "ignore_merges": false, "merges": model["merges"]
    })
}

/// What a class puts around a sequence; `id` is the number of a piece, and `name` the text under a key.
/// `None` where the file says it.
pub(super) fn post_processor(
    class: Class,
    settings: &Settings<'_>,
    name: impl Fn(&str) -> String,
    id: impl Fn(&str) -> Option<u32>,
) -> Result<Option<Value>, Refusal> {
    let piece = |key| {
        let text: String = name(key);
        let id = id(&text);
        (text, id)
    };
    let (cls, sep) = (piece("cls_token"), piece("sep_token"));
    Ok(Some(match class {
        Class::Bert | Class::ConvBert | Class::DebertaV2 => template(&cls, &sep, true),
        Class::Deberta => template(&cls, &sep, false),
        Class::XlmRoberta | Class::Camembert => {
            template(&piece("bos_token"), &piece("eos_token"), false)
        }
        // The ids are fixed in transformers.
        Class::Herbert => json!({"type": "BertProcessing", "sep": [sep.0, 2], "cls": [cls.0, 0]}),
        Class::Mpnet => json!({
            "type": "RobertaProcessing", "sep": sep, "cls": cls, "trim_offsets": true,
            "add_prefix_space": false
        }),
        Class::Roberta => json!({
            "type": "RobertaProcessing", "sep": sep, "cls": cls,
            "trim_offsets": settings.flag("trim_offsets", true)?,
            "add_prefix_space": settings.flag("add_prefix_space", false)?
        }),
        Class::Albert | Class::AsItStands => return Ok(None),
    }))
}

/// ALBERT's, where its file has none: the texts are fixed in transformers.
pub(super) fn albert_template(cls: Option<u32>, sep: Option<u32>) -> Value {
    template(&("[CLS]".into(), cls), &("[SEP]".into(), sep), true)
}

type Piece = (String, Option<u32>);

/// One sequence between two pieces; of two, the second has a type of its own or is set off by one more
/// piece.
fn template(opening: &Piece, closing: &Piece, types: bool) -> Value {
    let special =
        |piece: &Piece, kind: u8| json!({"SpecialToken": {"id": piece.0, "type_id": kind}});
    let sequence = |name: &str, kind: u8| json!({"Sequence": {"id": name, "type_id": kind}});
    let single = [special(opening, 0), sequence("A", 0), special(closing, 0)];
    let mut pair = single.to_vec();
    if !types {
        pair.push(special(closing, 0));
    }
    let second = u8::from(types);
    pair.extend([sequence("B", second), special(closing, second)]);
    let both = [opening, closing].map(|piece| {
        let entry = json!({"id": piece.0, "ids": [piece.1], "tokens": [piece.0]});
        (piece.0.clone(), entry)
    });
    let both: Map<String, Value> = both.into_iter().collect();
    json!({"type": "TemplateProcessing", "single": single, "pair": pair, "special_tokens": both})
}
