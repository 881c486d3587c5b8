//! What a built tokenizer does otherwise than its file, or than its settings ask.

use super::class::{Choice, Class};
use super::files::{CONFIG, Files, Source, WHOLE};
use super::parts::character_map;
use crate::Note;
use serde_json::{Value, json};

/// The kind of a model, which old files do not name.
pub(super) fn kind_of(model: &Value) -> &str {
    match model["type"].as_str() {
        Some(kind) => kind,
        None if model["vocab"].is_array() => "Unigram",
        None if model.get("merges").is_some() => "BPE",
        None => "WordPiece",
    }
}

/// The steps of a part: of a sequence its members, else itself.
pub(super) fn steps<'a>(part: &'a Value, members: &str) -> &'a [Value] {
    match part["type"].as_str() {
        None => &[],
        Some("Sequence") => part[members].as_array().map_or(&[], Vec::as_slice),
        Some(_) => std::slice::from_ref(part),
    }
}

/// Whether a normaliser leaves capitals alone; a compiled one of SentencePiece does not say.
pub fn is_cased(normalizer: &Value) -> Option<bool> {
    let each = steps(normalizer, "normalizers").iter();
    let each: Vec<Option<bool>> = each
        .map(|step| match step["type"].as_str() {
            Some("BertNormalizer") => step["lowercase"].as_bool().map(|lower| !lower),
            Some("Lowercase") => Some(false),
            Some("Precompiled") => None,
            Some("Sequence") => is_cased(step),
            _ => Some(true),
        })
        .collect();
    match each.contains(&Some(false)) {
        true => Some(false),
        false => each.into_iter().collect::<Option<Vec<_>>>().map(|_| true),
    }
}

/// What a person should know of the document built by a class.
pub(super) fn notes(files: &Files, choice: &Choice, built: &Value) -> Vec<Note> {
    let mut notes = Vec::new();
    let as_it_stands = choice.class.keeps_file();
    if files.source == Source::Whole && !as_it_stands {
        notes.extend(rebuilt(files, choice, built));
        notes.extend(other_unknown(&files.whole["model"], &built["model"]));
    }
    let map = |document: &Value| character_map(&document["normalizer"]);
    if map(&files.whole).is_some() && map(built).is_none() {
        let (file, way_out) = match &files.sentence_piece {
            Some(found) => (found.name, ""),
            None => (
                WHOLE,
                "; `PreTrainedTokenizerFast` as `tokenizer_class` keeps it",
            ),
        };
        notes.push(Note::new(
            "character-map-dropped",
            format!("SentencePiece's own normalisation in {file} is left out, as in transformers 5{way_out}"),
        ));
    }
    let idle = idle(files, as_it_stands, built);
    if !idle.is_empty() {
        notes.push(Note::new(
            "settings-without-effect",
            format!(
                "settings in {CONFIG} have no effect: `{}`",
                idle.join("`, `")
            ),
        ));
    }
    notes
}

/// The parts that differ from those of the file.
fn rebuilt(files: &Files, choice: &Choice, built: &Value) -> Option<Note> {
    let file = &files.whole;
    let differ = |key: &str, members: &str| {
        canonical(&file[key], members) != canonical(&built[key], members)
    };
    let mut parts = Vec::new();
    if differ("normalizer", "normalizers") {
        parts.push("normaliser");
    }
    if differ("pre_tokenizer", "pretokenizers") {
        parts.push("pre-tokeniser");
    }
    let name = choice.name.as_deref().unwrap_or_default();
    if parts.is_empty() {
        return None;
    }
    let capitals = match (
        is_cased(&file["normalizer"]),
        is_cased(&built["normalizer"]),
    ) {
        (before, Some(false)) if before != Some(false) => "; capitals become small letters",
        (Some(false), after) if after != Some(false) => "; capitals are kept",
        _ => "",
    };
    let heeds = matches!(
        choice.class,
        Class::Bert | Class::Mpnet | Class::Albert | Class::DebertaV2
    );
    let why = match files.config.get("do_lower_case") {
        _ if capitals.is_empty() || !heeds => String::new(),
        Some(said) => format!(" (`do_lower_case` is {said} there)"),
        None => " (`do_lower_case` is not said there)".into(),
    };
    Some(Note::new(
        "tokenizer-rebuilt",
        format!(
            "`{name}` builds the {} anew from {CONFIG}, as in transformers 5, otherwise than {WHOLE} says{capitals}{why}",
            parts.join(" and the ")
        ),
    ))
}

/// The steps of a part, in the form of today's files.
fn canonical(part: &Value, members: &str) -> Vec<Value> {
    let mut all = steps(part, members).to_vec();
    for step in &mut all {
        if step["type"] == "Metaspace" {
            let old = |prefix: bool| if prefix { "always" } else { "never" };
            let scheme = match step["prepend_scheme"].as_str() {
                Some(scheme) => scheme.to_owned(),
                None => old(step["add_prefix_space"].as_bool().unwrap_or(true)).to_owned(),
            };
            let split = step["split"].as_bool().unwrap_or(true);
            *step = json!({"type": "Metaspace", "prepend_scheme": scheme, "split": split});
        }
        if step["type"] == "ByteLevel" {
            // The blank is a setting, and how words are given decides over it.
            *step = json!({"type": "ByteLevel", "use_regex": step["use_regex"].as_bool().unwrap_or(true)});
        }
        if let Some(fields) = step.as_object_mut() {
            fields.retain(|_, value| !value.is_null());
        }
    }
    all
}

fn other_unknown(file: &Value, built: &Value) -> Option<Note> {
    let of = |model: &Value| {
        let id = model["unk_id"].as_u64();
        let piece = id.and_then(|id| model["vocab"].get(id as usize)?[0].as_str());
        piece.or(model["unk_token"].as_str()).map(str::to_owned)
    };
    let (before, after) = (of(file)?, of(built)?);
    (before != after).then(|| {
        Note::new(
            "unknown-piece",
            format!("the piece for what is unknown is `{after}`, as in transformers 5, and `{before}` in {WHOLE}; `PreTrainedTokenizerFast` as `tokenizer_class` keeps the file's"),
        )
    })
}

/// Settings that ask for something that does not happen.
fn idle(files: &Files, as_it_stands: bool, built: &Value) -> Vec<&'static str> {
    let config = &files.config;
    let mut idle = Vec::new();
    if config
        .get("never_split")
        .is_some_and(|list| list.as_array().is_some_and(|list| !list.is_empty()))
    {
        idle.push("never_split");
    }
    if config.get("do_basic_tokenize") == Some(&json!(false)) {
        idle.push("do_basic_tokenize");
    }
    if !as_it_stands {
        return idle;
    }
    let normalizer = &built["normalizer"];
    let said = |key: &str| config.get(key).and_then(Value::as_bool);
    if said("do_lower_case").is_some_and(|lower| is_cased(normalizer) == Some(lower)) {
        idle.push("do_lower_case");
    }
    if normalizer["type"] == "BertNormalizer" {
        for (key, name) in [
            ("strip_accents", "strip_accents"),
            ("tokenize_chinese_chars", "handle_chinese_chars"),
        ] {
            if said(key).is_some_and(|said| normalizer[name].as_bool() != Some(said)) {
                idle.push(key);
            }
        }
    }
    let byte_level = steps(&built["pre_tokenizer"], "pretokenizers").iter();
    let mut byte_level = byte_level.filter(|step| step["type"] == "ByteLevel");
    if let Some(step) = byte_level.next()
        && said("add_prefix_space").is_some_and(|said| step["add_prefix_space"] != said)
    {
        idle.push("add_prefix_space");
    }
    idle
}
