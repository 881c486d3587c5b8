//! The special pieces that a checkpoint names, in whichever of its files.

use super::Refusal;
use super::class::Class;
use super::files::{CONFIG, Files, SPECIAL, bad};
use super::parts::special;
use super::token::Added;
use crate::Note;
use serde_json::{Map, Value};

/// The keys under which a configuration names its special pieces, in the order in which they are added.
pub(super) const NAMES: [&str; 7] = [
    "bos_token",
    "eos_token",
    "unk_token",
    "sep_token",
    "pad_token",
    "cls_token",
    "mask_token",
];

/// The special pieces that the checkpoint names.
pub(super) struct Names {
    /// Under the seven names of transformers.
    seven: Vec<(&'static str, Added)>,
    /// Those of them that the class names and no file does.
    usual: Vec<&'static str>,
    /// Under other names.
    own: Vec<(String, Added)>,
    /// Without a name.
    extra: Vec<Added>,
    /// The texts that the files themselves name, by which a token of `added_tokens.json` is special.
    said: Vec<String>,
    /// Whether nothing of `tokenizer.json` counts but what is repeated elsewhere.
    pub rebuilds: bool,
}

impl Names {
    pub fn read(files: &Files, class: Class, notes: &mut Vec<Note>) -> Result<Self, Refusal> {
        let mut config = files.config.clone();
        let filled = |value: Option<&Value>| value.is_some_and(|value| !is_empty(value));
        if config.contains_key("additional_special_tokens")
            && !filled(config.get("extra_special_tokens"))
        {
            let list = config
                .remove("additional_special_tokens")
                .unwrap_or_default();
            config.insert("extra_special_tokens".into(), list);
        }
        // Later files write over earlier ones, but only where no list with ids makes them idle.
        let map = match files.config.contains_key("added_tokens_decoder") {
            true => Map::new(),
            false => files.special.clone(),
        };
        let mut objects = false;
        let list = |value: Option<&Value>,
                    file: &str,
                    objects: &mut bool|
         -> Result<Vec<Added>, Refusal> {
            let items = value.and_then(Value::as_array);
            let read = |item: &Value| {
                *objects |= item.is_object() && item.get("__type").is_none();
                Added::named(item).ok_or_else(|| bad(file, format!("a special token is {item}")))
            };
            items.into_iter().flatten().map(read).collect()
        };
        let mut own: Vec<(String, Added)> = Vec::new();
        let named = |value: &Value| -> Vec<(String, Added)> {
            let entries = value.as_object().into_iter().flatten();
            entries
                .filter_map(|(name, value)| Some((name.clone(), Added::named(value)?)))
                .collect()
        };
        let is_own = |key: &str| key.ends_with("_token") && !NAMES.contains(&key);
        for (key, value) in &config {
            if is_own(key) && value.is_string() {
                own.extend(Added::named(value).map(|token| (key.clone(), token)));
            }
        }
        let in_config = config.get("extra_special_tokens");
        let mut extra = match in_config {
            Some(value @ Value::Object(_)) => {
                own.extend(named(value));
                None
            }
            Some(value) => Some(list(Some(value), CONFIG, &mut objects)?),
            None => None,
        };
        match map.get("extra_special_tokens") {
            Some(value @ Value::Object(_)) => own.extend(named(value)),
            Some(value) => {
                // Objects are understood under this key.
                let more = list(Some(value), SPECIAL, &mut false)?;
                let all = extra.get_or_insert_default();
                let new: Vec<Added> = more
                    .into_iter()
                    .filter(|token| !all.contains(token))
                    .collect();
                all.extend(new);
            }
            None => {}
        }
        let said = extra.iter().flatten().map(|token| token.text.clone());
        let said: Vec<String> = NAMES
            .iter()
            .filter_map(|key| Some(Added::named(map.get(*key).or_else(|| config.get(*key))?)?.text))
            .chain(said)
            .collect();
        let additional = map.get("additional_special_tokens");
        let in_pieces = files.sentence_piece.as_ref().map(|found| &found.added);
        let in_pieces = in_pieces.filter(|_| extra.is_none());
        let mut extra = match (extra, additional) {
            (Some(extra), _) => extra,
            // They hide those of the map.
            (None, _) if in_pieces.is_some() => Vec::new(),
            (None, Some(value)) => list(Some(value), SPECIAL, &mut objects)?,
            (None, None) if class == Class::Camembert => {
                let unused = ["<s>NOTUSED", "</s>NOTUSED", "<unk>NOTUSED"];
                unused.map(|text| Added::new(text, true)).into()
            }
            (None, None) => Vec::new(),
        };
        for token in &mut extra {
            token.special = true;
        }
        // Of SentencePiece's pieces only some are.
        extra.extend(in_pieces.into_iter().flatten().cloned());
        for (key, value) in &map {
            if is_own(key) {
                own.extend(Added::named(value).map(|token| (key.clone(), token)));
            }
        }
        if objects {
            notes.push(Note::new(
                "special-tokens-as-objects",
                "`additional_special_tokens` holds objects, as old versions of transformers wrote them: they are read here, but transformers 5 refuses them".to_owned(),
            ));
        }

        let mut seven = Vec::new();
        let mut only_usual = Vec::new();
        for key in NAMES {
            let mut usual = special(class).iter();
            let usual = usual.find(|(name, _)| *name == key).map(|(_, text)| *text);
            let found = map.get(key).or_else(|| config.get(key));
            let found = found.filter(|value| !value.is_null());
            let token = match (found, usual) {
                (Some(value), _) => {
                    let read = Added::named(value);
                    let read = read.ok_or_else(|| {
                        bad(CONFIG, format!("`{key}` is {value}, expected a text"))
                    })?;
                    Some((read, value.is_string()))
                }
                (None, Some(text)) => {
                    only_usual.push(key);
                    Some((Added::new(text, true), true))
                }
                (None, None) => padding(files, class, key).map(|token| (token, true)),
            };
            if let Some((mut token, plain)) = token {
                let takes_blank = matches!(class, Class::Mpnet | Class::Camembert);
                token.lstrip |= plain && takes_blank && key == "mask_token";
                // SentencePiece's own flags come last.
                let mut in_pieces = in_pieces.into_iter().flatten();
                if let Some(own) = in_pieces.find(|own| own.text == token.text) {
                    token = own.clone();
                }
                seven.push((key, token));
            }
        }
        Ok(Self {
            seven,
            usual: only_usual,
            own,
            extra,
            said,
            rebuilds: !class.keeps_file(),
        })
    }

    /// In the order in which they are added; whether a piece is there by the class alone.
    pub fn all(&self) -> impl Iterator<Item = (Added, bool)> {
        let seven = self.seven.iter();
        let seven = seven.map(|(key, token)| (token, self.usual.contains(key)));
        let own = self.own.iter().map(|(_, token)| token);
        let others = own.chain(&self.extra).map(|token| (token, false));
        seven
            .chain(others)
            .map(|(token, usual)| (token.clone(), usual))
    }

    pub fn said(&self, text: &str) -> bool {
        self.said.iter().any(|said| said == text)
    }

    pub fn texts(&self) -> Vec<(String, String)> {
        let seven = self
            .seven
            .iter()
            .map(|(key, token)| ((*key).to_owned(), &token.text));
        let own = self
            .own
            .iter()
            .map(|(key, token)| (key.clone(), &token.text));
        seven
            .chain(own)
            .map(|(key, text)| (key, text.clone()))
            .collect()
    }
}

/// The piece that pads in `tokenizer.json`, where nothing else names one.
fn padding(files: &Files, class: Class, key: &str) -> Option<Added> {
    let wanted = key == "pad_token" && class == Class::AsItStands;
    let text = files.whole["padding"]["pad_token"].as_str();
    text.filter(|_| wanted).map(|text| Added::new(text, true))
}

fn is_empty(value: &Value) -> bool {
    match value {
        Value::Null => true,
        Value::Array(list) => list.is_empty(),
        Value::Object(object) => object.is_empty(),
        _ => false,
    }
}
