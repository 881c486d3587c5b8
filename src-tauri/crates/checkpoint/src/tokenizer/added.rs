//! The added tokens of a checkpoint: which there are, in which order, and the ids that they get.

use super::Refusal;
use super::class::Class;
use super::files::{ADDED, CONFIG, Files, SPECIAL, WHOLE, bad};
use super::parts::special;
use crate::Note;
use serde_json::{Map, Value, json};
use std::collections::{BTreeMap, HashMap};

/// The code of a note about special pieces that no file has.
pub(super) const APPENDED: &str = "special-piece-appended";

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

/// A token beside the vocabulary.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Added {
    pub text: String,
    pub special: bool,
    single_word: bool,
    lstrip: bool,
    rstrip: bool,
    /// As the file says it; else what is special is not normalised.
    normalized: Option<bool>,
}

impl Added {
    fn new(text: &str, special: bool) -> Self {
        Self {
            text: text.into(),
            special,
            single_word: false,
            lstrip: false,
            rstrip: false,
            normalized: None,
        }
    }

    fn read(value: &Value) -> Option<Self> {
        let flag = |key: &str| value[key].as_bool();
        Some(Self {
            text: value["content"].as_str()?.into(),
            special: flag("special").unwrap_or(false),
            single_word: flag("single_word").unwrap_or(false),
            lstrip: flag("lstrip").unwrap_or(false),
            rstrip: flag("rstrip").unwrap_or(false),
            normalized: flag("normalized"),
        })
    }

    fn is_normalized(&self) -> bool {
        self.normalized.unwrap_or(!self.special)
    }

    fn to_json(&self, id: u32) -> Value {
        json!({
            "id": id, "content": self.text, "single_word": self.single_word, "lstrip": self.lstrip,
            "rstrip": self.rstrip, "normalized": self.is_normalized(), "special": self.special
        })
    }
}

/// What is added to a vocabulary, and the names of the special pieces.
pub(super) struct AddedTokens {
    /// By id.
    by_id: BTreeMap<u32, Added>,
    ids: HashMap<String, u32>,
    vocabulary: HashMap<String, u32>,
    /// Under `cls_token` and the like, in the order of transformers.
    pub named: Vec<(String, String)>,
    /// Special pieces that no file has.
    appended: Vec<String>,
    pub notes: Vec<Note>,
}

impl AddedTokens {
    /// Gathers them from all files, as transformers does.
    pub fn gather(files: &Files, class: Class) -> Result<Self, Refusal> {
        let mut notes = Vec::new();
        let names = Names::read(files, class, &mut notes)?;
        let declared = declared(files, &names, &mut notes)?;
        let model = &files.whole["model"];
        let mut all = Self {
            by_id: BTreeMap::new(),
            ids: HashMap::new(),
            vocabulary: numbered(&model["vocab"]),
            named: names.texts(),
            appended: Vec::new(),
            notes,
        };
        let size = size(&model["vocab"]);
        let in_file = listed(&files.whole)?;
        if matches!(class, Class::AsItStands | Class::ConvBert) {
            all.add(in_file.iter().map(|(_, token)| token.clone()), size)?;
        }
        let mut new: Vec<Added> = declared.values().map(|(token, _)| token.clone()).collect();
        for (token, usual) in names.all() {
            let listed = all.ids.contains_key(&token.text);
            if listed || new.iter().any(|other| other.text == token.text) {
                continue;
            }
            if !all.vocabulary.contains_key(&token.text) {
                all.appended.push(token.text.clone());
                // No row was trained for it, and only the class has it: a model may do without a mask.
                if usual {
                    continue;
                }
            }
            new.push(token);
        }
        let appended: Vec<&str> = new
            .iter()
            .map(|token| token.text.as_str())
            .filter(|text| all.is_made_up(text))
            .collect();
        if !appended.is_empty() {
            let list = appended.join("`, `");
            all.notes.push(Note::new(
                APPENDED,
                format!(
                    "special pieces that neither the tokenizer's vocabulary nor a list of added tokens has are appended: `{list}`"
                ),
            ));
        }
        for token in &mut new {
            token.special |= all.named.iter().any(|(_, text)| *text == token.text);
        }
        all.add(new, size)?;
        all.check_ids(&declared, &in_file, class)?;
        Ok(all)
    }

    /// The id of a piece, added or not.
    pub fn id(&self, text: &str) -> Option<u32> {
        let added = self.ids.get(text);
        added.or_else(|| self.vocabulary.get(text)).copied()
    }

    /// The id of a piece in the vocabulary itself.
    pub fn in_vocabulary(&self, text: &str) -> Option<u32> {
        self.vocabulary.get(text).copied()
    }

    /// Whether a piece has this id.
    pub fn has_row(&self, id: u32) -> bool {
        self.by_id.contains_key(&id) || self.vocabulary.values().any(|known| *known == id)
    }

    /// Whether no file has a piece: it is only named, and was appended.
    pub fn is_made_up(&self, text: &str) -> bool {
        self.appended.iter().any(|made_up| made_up == text)
    }

    /// The text under `cls_token` and the like.
    pub fn name(&self, key: &str) -> Option<&str> {
        let mut named = self.named.iter();
        named
            .find(|(name, _)| name == key)
            .map(|(_, text)| text.as_str())
    }

    /// As `tokenizer.json` lists them.
    pub fn to_json(&self) -> Value {
        let all = self.by_id.iter();
        all.map(|(id, token)| token.to_json(*id)).collect()
    }

    /// The highest id of all pieces.
    pub fn highest(&self) -> u32 {
        let all = self.vocabulary.values().chain(self.by_id.keys());
        all.copied().max().unwrap_or(0)
    }

    /// Numbers tokens as the crate `tokenizers` does: those that the vocabulary has keep their id, the others
    /// are counted on, whatever id was declared.
    fn add(&mut self, tokens: impl IntoIterator<Item = Added>, size: u32) -> Result<(), Refusal> {
        let highest = self.by_id.keys().next_back();
        let mut next = highest.map_or(size, |id| size.max(id.saturating_add(1)));
        for token in tokens {
            if token.text.is_empty() {
                continue;
            }
            let known = self.id(&token.text);
            let id = known.unwrap_or(next);
            next += u32::from(known.is_none());
            if known.is_none() && self.vocabulary.values().any(|other| *other == id) {
                return Err(Refusal::new(
                    format!(
                        "the tokenizer's ids have gaps, so that `{}` would get the id {id}, which is taken",
                        token.text
                    ),
                    "correct the vocabulary: each piece once, and the ids without a gap",
                ));
            }
            self.ids.insert(token.text.clone(), id);
            self.by_id.insert(id, token);
        }
        Ok(())
    }

    /// A token that is declared with another id than it gets would be read as another row of the model.
    fn check_ids(
        &self,
        declared: &Declared,
        in_file: &[(u32, Added)],
        class: Class,
    ) -> Result<(), Refusal> {
        let of_file = in_file.iter().map(|(id, token)| (*id, token, WHOLE));
        let as_it_stands = matches!(class, Class::AsItStands | Class::ConvBert);
        let of_file = of_file.filter(|_| as_it_stands);
        let others = declared
            .iter()
            .map(|(id, (token, file))| (*id, token, *file));
        for (id, token, file) in others.chain(of_file) {
            let found = self.id(&token.text).unwrap_or(id);
            if found != id {
                return Err(Refusal::new(
                    format!(
                        "`{file}` declares the added token `{}` with the id {id}, but it gets {found}, the row of another piece",
                        token.text
                    ),
                    "correct the id there: added tokens are numbered on from the vocabulary, without a gap",
                ));
            }
        }
        Ok(())
    }
}

/// Tokens by the id that a file declares, with that file's name.
type Declared = BTreeMap<u32, (Added, &'static str)>;

/// The tokens that files declare with an id.
fn declared(files: &Files, names: &Names, notes: &mut Vec<Note>) -> Result<Declared, Refusal> {
    let mut all = Declared::new();
    let in_file = listed(&files.whole)?;
    if let Some(decoder) = files.config.get("added_tokens_decoder") {
        let entries = decoder.as_object();
        for (id, token) in entries.into_iter().flatten() {
            let read = id.parse().ok().zip(Added::read(token));
            let (id, token) = read
                .ok_or_else(|| bad(CONFIG, format!("`added_tokens_decoder` has {id}: {token}")))?;
            all.insert(id, (token, CONFIG));
        }
        let texts: Vec<&str> = all.values().map(|(token, _)| token.text.as_str()).collect();
        let others = in_file.iter().map(|(_, token)| token.text.as_str());
        let hidden: Vec<&str> = others
            .filter(|_| names.rebuilds)
            .chain(files.added.keys().map(String::as_str))
            .filter(|text| !texts.contains(text) && !names.has(text))
            .collect();
        if !hidden.is_empty() {
            notes.push(Note::new(
                "hidden-added-tokens",
                format!(
                    "`added_tokens_decoder` in {CONFIG} leaves out added tokens of the other files, which count no more: `{}`",
                    hidden.join("`, `")
                ),
            ));
        }
        return Ok(all);
    }
    for (text, id) in &files.added {
        let id = id.as_u64().and_then(|id| u32::try_from(id).ok());
        let id = id.ok_or_else(|| bad(ADDED, format!("`{text}` has no usable id")))?;
        all.insert(id, (Added::new(text, names.said(text)), ADDED));
    }
    for (id, token) in in_file {
        all.insert(id, (token, WHOLE));
    }
    Ok(all)
}

/// The added tokens of `tokenizer.json`.
fn listed(whole: &Value) -> Result<Vec<(u32, Added)>, Refusal> {
    let all = whole["added_tokens"].as_array();
    let read = |token: &Value| {
        let id = token["id"].as_u64().and_then(|id| u32::try_from(id).ok());
        id.zip(Added::read(token))
            .ok_or_else(|| bad(WHOLE, format!("`added_tokens` has {token}")))
    };
    all.into_iter().flatten().map(read).collect()
}

/// The special pieces that the checkpoint names.
struct Names {
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
    rebuilds: bool,
}

impl Names {
    fn read(files: &Files, class: Class, notes: &mut Vec<Note>) -> Result<Self, Refusal> {
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
                piece(item).ok_or_else(|| bad(file, format!("a special token is {item}")))
            };
            items.into_iter().flatten().map(read).collect()
        };
        let mut own: Vec<(String, Added)> = Vec::new();
        let named = |value: &Value| -> Vec<(String, Added)> {
            let entries = value.as_object().into_iter().flatten();
            entries
                .filter_map(|(name, value)| Some((name.clone(), piece(value)?)))
                .collect()
        };
        let is_own = |key: &str| key.ends_with("_token") && !NAMES.contains(&key);
        for (key, value) in &config {
            if is_own(key) && value.is_string() {
                own.extend(piece(value).map(|token| (key.clone(), token)));
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
            .filter_map(|key| Some(piece(map.get(*key).or_else(|| config.get(*key))?)?.text))
            .chain(said)
            .collect();
        let additional = map.get("additional_special_tokens");
        let mut extra = match (extra, additional) {
            (Some(extra), _) => extra,
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
        for (key, value) in &map {
            if is_own(key) {
                own.extend(piece(value).map(|token| (key.clone(), token)));
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
                    let read = piece(value);
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
                seven.push((key, token));
            }
        }
        Ok(Self {
            seven,
            usual: only_usual,
            own,
            extra,
            said,
            rebuilds: !matches!(class, Class::AsItStands | Class::ConvBert),
        })
    }

    /// In the order in which they are added; whether a piece is there by the class alone.
    fn all(&self) -> impl Iterator<Item = (Added, bool)> {
        let seven = self.seven.iter();
        let seven = seven.map(|(key, token)| (token, self.usual.contains(key)));
        let own = self.own.iter().map(|(_, token)| token);
        let others = own.chain(&self.extra).map(|token| (token, false));
        seven
            .chain(others)
            .map(|(token, usual)| (token.clone(), usual))
    }

    fn has(&self, text: &str) -> bool {
        self.all().any(|(token, _)| token.text == text)
    }

    fn said(&self, text: &str) -> bool {
        self.said.iter().any(|said| said == text)
    }

    fn texts(&self) -> Vec<(String, String)> {
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

/// A special piece as a file names it: a text, or an object with flags.
fn piece(value: &Value) -> Option<Added> {
    match value {
        Value::String(text) => Some(Added::new(text, true)),
        Value::Object(_) => {
            let read = Added::read(value)?;
            Some(Added {
                special: true,
                ..read
            })
        }
        _ => None,
    }
}

fn is_empty(value: &Value) -> bool {
    match value {
        Value::Null => true,
        Value::Array(list) => list.is_empty(),
        Value::Object(object) => object.is_empty(),
        _ => false,
    }
}

/// A vocabulary by text.
fn numbered(vocabulary: &Value) -> HashMap<String, u32> {
    match vocabulary {
        Value::Object(by_id) => by_id
            .iter()
            .filter_map(|(text, id)| Some((text.clone(), u32::try_from(id.as_u64()?).ok()?)))
            .collect(),
        Value::Array(list) => (0..)
            .zip(list)
            .filter_map(|(id, piece)| {
                let text = piece.as_str().or_else(|| piece[0].as_str())?;
                Some((text.to_owned(), id))
            })
            .collect(),
        _ => HashMap::new(),
    }
}

/// How many pieces a vocabulary has, as the crate `tokenizers` counts them.
fn size(vocabulary: &Value) -> u32 {
    let size = match vocabulary {
        Value::Object(by_id) => by_id.len(),
        Value::Array(list) => list.len(),
        _ => 0,
    };
    u32::try_from(size).unwrap_or(u32::MAX)
}
