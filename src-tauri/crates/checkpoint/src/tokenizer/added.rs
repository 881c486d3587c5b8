//! The added tokens of a checkpoint: which there are, in which order, and the ids that they get.

use super::Refusal;
use super::class::Class;
use super::files::{ADDED, CONFIG, Files, WHOLE, bad};
use super::names::Names;
use super::token::Added;
use crate::Note;
use serde_json::Value;
use std::collections::{BTreeMap, HashMap, HashSet};

/// The code of a note about special pieces that no file has.
pub(super) const APPENDED: &str = "special-piece-appended";

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
        if class.keeps_file() {
            all.add(in_file.iter().map(|(_, token)| token.clone()), size)?;
        }
        let mut new: Vec<Added> = declared.values().map(|(token, _)| token.clone()).collect();
        // DeBERTa's mask is not among SentencePiece's pieces, and a row was trained for it all the same.
        let appends_usual = files.sentence_piece.is_some();
        let mut odd = Vec::new();
        // A file of SentencePiece may have very many.
        let mut known: HashSet<String> = new.iter().map(|token| token.text.clone()).collect();
        for (token, usual) in names.all() {
            if all.ids.contains_key(&token.text) || known.contains(&token.text) {
                continue;
            }
            if !all.vocabulary.contains_key(&token.text) {
                all.appended.push(token.text.clone());
                // No row was trained for it, and only the class has it: a model may do without a mask.
                if usual && !appends_usual {
                    continue;
                }
                if !usual {
                    odd.push(token.text.clone());
                }
            }
            known.insert(token.text.clone());
            new.push(token);
        }
        if !odd.is_empty() {
            let list = odd.join("`, `");
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
        // Only where the ids have gaps.
        let beyond: HashSet<u32> = self
            .vocabulary
            .values()
            .copied()
            .filter(|id| *id >= size)
            .collect();
        for token in tokens {
            if token.text.is_empty() {
                continue;
            }
            let known = self.id(&token.text);
            let id = known.unwrap_or(next);
            next += u32::from(known.is_none());
            if known.is_none() && beyond.contains(&id) {
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
        let of_file = of_file.filter(|_| class.keeps_file());
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
        let named: HashSet<String> = names.all().map(|(token, _)| token.text).collect();
        let texts: HashSet<&str> = all.values().map(|(token, _)| token.text.as_str()).collect();
        let others = in_file.iter().map(|(_, token)| token.text.as_str());
        let hidden: Vec<&str> = others
            .filter(|_| names.rebuilds)
            .chain(files.added.keys().map(String::as_str))
            .filter(|text| !texts.contains(text) && !named.contains(*text))
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
