//! A checkpoint's tokenizer as one `tokenizer.json`, built from its files as transformers 5 builds it.
//!
//! transformers has a class for each kind of tokenizer, and most classes take the vocabulary from
//! `tokenizer.json` and build the rest anew, from `tokenizer_config.json` and their own defaults. All that
//! they do is a change of one JSON document: [`Definition::read`] makes it, and says what is odd about it.

mod added;
mod check;
mod class;
mod compare;
mod files;
mod names;
mod parts;
mod sentencepiece;
mod token;
mod wire;
mod written;

pub use check::check;
pub use class::Class;
pub use compare::is_cased;
pub use files::{CONFIG, FILES, NONE, Source, has_pieces};
pub use sentencepiece::SENTENCE_PIECE;
pub use written::{config, word_list};

use crate::Note;
use added::{APPENDED, AddedTokens};
use check::check_kind;
use files::Files;
use parts::Settings;
use serde_json::{Map, Value, json};
use std::path::Path;

/// A tokenizer as one document.
#[derive(Clone, Debug)]
pub struct Definition {
    /// A `tokenizer.json`, without truncation and padding. Large: whoever needs it no more takes it out.
    pub document: Value,
    /// What built it.
    pub class: Class,
    /// The file that its pieces come from.
    pub source: Source,
    /// The special pieces by the keys of `tokenizer_config.json`, such as `cls_token`.
    pub special: Vec<(String, String)>,
    /// The id of the piece that opens a sequence.
    pub opening: u32,
    /// The id of the piece that closes a sequence.
    pub closing: u32,
    /// The highest id and one.
    pub pieces: usize,
    /// The id of the piece that stands for what the vocabulary lacks, where there is one.
    pub unknown: Option<u32>,
    /// What a person should know.
    pub notes: Vec<Note>,
    /// Whether special tokens that stand in a text are cut like any words.
    pub splits_special: bool,
    /// `tokenizer_config.json` says that there is no blank before the first word.
    refuses_prefix: bool,
}

/// Why a checkpoint's tokenizer cannot be used.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{reason}")]
pub struct Refusal {
    /// A sentence without a full stop.
    pub reason: String,
    /// What can be done about it.
    pub hint: String,
}

impl Refusal {
    /// For a class that cannot be built while the file may be right.
    const AS_IT_STANDS: &str = "where its tokenizer.json is right as it stands, set `tokenizer_class` in tokenizer_config.json to `PreTrainedTokenizerFast`";

    /// For a file of SentencePiece whose class is another's.
    const OF_SENTENCE_PIECE: &str = "set `tokenizer_class` in tokenizer_config.json to the class that the file is for, such as `XLMRobertaTokenizer` or `DebertaV2Tokenizer`, or fetch the model's tokenizer.json as well";

    /// For files that contradict each other.
    const REFETCH: &str = "fetch the model's tokenizer again";

    fn new(reason: impl Into<String>, hint: impl Into<String>) -> Self {
        let (reason, hint) = (reason.into(), hint.into());
        Self { reason, hint }
    }
}

impl Definition {
    /// Reads the tokenizer of a model folder.
    ///
    /// Words are given to it one by one, so a byte-level one marks the start of each with a blank,
    /// whatever its files say: without it the model would see none of the pieces it was trained with.
    ///
    /// # Errors
    /// A file is absent or damaged, the class is not known here, or the files contradict each other.
    pub fn read(folder: &Path) -> Result<Self, Refusal> {
        let mut definition = Self::as_transformers(folder)?;
        definition.mark_words();
        Ok(definition)
    }

    /// The same without a blank that its files do not say.
    pub(crate) fn as_transformers(folder: &Path) -> Result<Self, Refusal> {
        let mut files = Files::read(folder)?;
        let choice = files.choice.clone();
        let class = choice.class;
        let mut notes = Vec::new();
        if let Some(note) = keep_capitals(&mut files, class) {
            notes.push(note);
        }
        check_kind(
            &choice,
            compare::kind_of(&files.whole["model"]),
            files.source,
        )?;
        notes.extend(sentencepiece::convert(&mut files, class)?);
        let mut added = AddedTokens::gather(&files, class)?;
        notes.append(&mut added.notes);
        let settings = Settings(&files.config);
        let mut document = whole(&files, class, &settings, &added)?;
        document["added_tokens"] = added.to_json();
        let name = |key: &str| added.name(key).unwrap_or_default().to_owned();
        let id = |text: &str| added.id(text);
        let around = parts::post_processor(class, &settings, name, id)?;
        if let Some(around) = around {
            document["post_processor"] = around;
        } else if class == Class::Albert && document["post_processor"].is_null() {
            let id = |key| added.name(key).and_then(|text| added.id(text));
            document["post_processor"] = parts::albert_template(id("cls_token"), id("sep_token"));
        }
        for key in ["cls_token", "sep_token"] {
            if let Some(text) = added.name(key).filter(|text| added.is_made_up(text)) {
                return Err(Refusal::new(
                    format!("the tokenizer lacks the piece `{text}`"),
                    Refusal::REFETCH,
                ));
            }
        }
        let (opening, closing) = ends(&document["post_processor"])?;
        let pieces = added.highest() as usize + 1;
        if opening.max(closing) as usize >= pieces {
            return Err(Refusal::new(
                format!(
                    "the tokenizer puts pieces around a sequence that it does not have: {opening} and {closing}"
                ),
                Refusal::REFETCH,
            ));
        }
        let unknown = unknown(&document["model"], &added)?;
        notes.extend(compare::notes(&files, &choice, &document));
        // One that only the class names may be nowhere.
        let mut special = added.named.clone();
        special.retain(|(_, text)| added.id(text).is_some());
        Ok(Self {
            document,
            class,
            source: files.source,
            special,
            opening,
            closing,
            pieces,
            unknown,
            notes,
            splits_special: settings.flag("split_special_tokens", false)?,
            refuses_prefix: settings.maybe("add_prefix_space")? == Some(false),
        })
    }

    /// Whether it tells capital letters from small ones; unknown for some kinds.
    pub fn cased(&self) -> Option<bool> {
        is_cased(&self.document["normalizer"])
    }

    /// Whether a text is one of the special pieces that each model has, such as `[SEP]`.
    pub fn is_role(&self, text: &str) -> bool {
        let mut special = self.special.iter();
        special.any(|(key, special)| special == text && names::NAMES.contains(&&**key))
    }

    /// Why a model with so many rows of word embeddings cannot have this tokenizer, if it cannot.
    pub fn beyond(&self, rows: u64) -> Option<String> {
        let pieces = self.pieces as u64;
        let mut notes = self.notes.iter();
        let appended = notes.find(|note| note.code == APPENDED);
        let why = appended.map_or_else(String::new, |note| format!("; {}", note.message));
        let what = "word pieces, the model knows";
        (pieces > rows).then(|| format!("the tokenizer has {pieces} {what} {rows}{why}"))
    }

    /// Its algorithm, for instance `WordPiece`.
    pub fn kind(&self) -> &str {
        compare::kind_of(&self.document["model"])
    }

    /// Lets a byte-level tokenizer put a blank before each word.
    fn mark_words(&mut self) {
        let steps = compare::steps(&self.document["pre_tokenizer"], "pretokenizers");
        let is_bytes = |step: &Value| step["type"] == "ByteLevel";
        let changed = match steps.iter().position(is_bytes) {
            Some(place) if steps[place]["add_prefix_space"] != true => match place {
                0 => self.add_prefix_space(),
                // Parts that an earlier step has split off would each get a blank.
                _ => self.prepend_blank(),
            },
            _ => false,
        };
        if changed && (self.refuses_prefix || self.class == Class::AsItStands) {
            self.notes.push(Note::new(
                "prefix-space",
                "the tokenizer's files put no blank before the first word of a text; here each word gets one, because words are given one by one and the model was trained on words after blanks",
            ));
        }
        let steps = compare::steps(&self.document["pre_tokenizer"], "pretokenizers");
        let unmarked =
            |step: &Value| step["type"] == "Metaspace" && step["prepend_scheme"] == "never";
        if steps.iter().any(unmarked) {
            self.notes.push(Note::new(
                "unmarked-words",
                "the tokenizer does not mark where a word starts when words are given one by one, so that the model sees other pieces than in running text",
            ));
        }
    }

    fn add_prefix_space(&mut self) -> bool {
        let before = &mut self.document["pre_tokenizer"];
        let bytes = match before["type"] == "Sequence" {
            true => &mut before["pretokenizers"][0],
            false => before,
        };
        bytes["add_prefix_space"] = true.into();
        let around = &mut self.document["post_processor"];
        if around["type"] == "RobertaProcessing" {
            around["add_prefix_space"] = true.into();
        }
        true
    }

    /// The same as the last step of the normaliser; `false` where it is there already.
    fn prepend_blank(&mut self) -> bool {
        let blank = json!({"type": "Prepend", "prepend": " "});
        let normalizer = &mut self.document["normalizer"];
        let mut steps = compare::steps(normalizer, "normalizers").to_vec();
        if steps.contains(&blank) {
            return false;
        }
        steps.push(blank);
        *normalizer = json!({"type": "Sequence", "normalizers": steps});
        true
    }
}

/// Keeps capitals where there is only a word list that has some, as BERT was first published, and no file
/// states the case. transformers 5 would lower-case all text.
fn keep_capitals(files: &mut Files, class: Class) -> Option<Note> {
    let silent = |key| files.config.get(key).is_none_or(Value::is_null);
    let bare = files.source == Source::WordList && class == Class::Bert;
    if !bare || !silent("do_lower_case") || files.choice.named {
        return None;
    }
    let pieces = files.whole["model"]["vocab"].as_object()?;
    let capitals =
        |piece: &String| !piece.starts_with('[') && piece.chars().any(char::is_uppercase);
    if !pieces.keys().any(capitals) {
        return None;
    }
    files.config.insert("do_lower_case".into(), false.into());
    Some(Note::new(
        "capitals-kept",
        format!(
            "the tokenizer's vocab.txt has capitals and nothing says `do_lower_case`: capitals are kept, where transformers 5 would read small letters; {CONFIG} can say which is right"
        ),
    ))
}

/// The document but for its added tokens and what stands around a sequence.
fn whole(
    files: &Files,
    class: Class,
    settings: &Settings<'_>,
    added: &AddedTokens,
) -> Result<Value, Refusal> {
    let mut document = Map::new();
    for key in [
        "version",
        "truncation",
        "padding",
        "added_tokens",
        "normalizer",
    ] {
        document.insert(key.into(), Value::Null);
    }
    document.insert("version".into(), "1.0".into());
    let file = &files.whole;
    if class.keeps_file() {
        for key in [
            "normalizer",
            "pre_tokenizer",
            "post_processor",
            "decoder",
            "model",
        ] {
            document.insert(key.into(), file[key].clone());
        }
    } else {
        let unknown = added.name("unk_token").unwrap_or_default();
        document.insert("post_processor".into(), file["post_processor"].clone());
        document.extend(parts::build(class, settings, file, unknown)?);
    }
    Ok(Value::Object(document))
}

/// The ids of the two pieces that a post-processor puts around a sequence.
fn ends(processor: &Value) -> Result<(u32, u32), Refusal> {
    let (mut opening, mut closing) = (Vec::new(), Vec::new());
    for step in compare::steps(processor, "processors") {
        match step["type"].as_str() {
            Some("BertProcessing" | "RobertaProcessing") => {
                opening.insert(0, step["cls"][1].as_u64());
                closing.push(step["sep"][1].as_u64());
            }
            Some("TemplateProcessing") => {
                let parts = step["single"].as_array().map_or(&[][..], Vec::as_slice);
                let ids = |part: &Value| -> Vec<Option<u64>> {
                    let name = part["SpecialToken"]["id"].as_str().unwrap_or_default();
                    let ids = step["special_tokens"][name]["ids"].as_array();
                    ids.into_iter().flatten().map(Value::as_u64).collect()
                };
                let mut before = true;
                let mut first = Vec::new();
                for part in parts {
                    match part.get("Sequence") {
                        Some(_) => before = false,
                        None if before => first.extend(ids(part)),
                        None => closing.extend(ids(part)),
                    }
                }
                opening.splice(0..0, first);
            }
            _ => {}
        }
    }
    let id = |id: Option<u64>| id.and_then(|id| u32::try_from(id).ok());
    match (&opening[..], &closing[..]) {
        ([first], [last]) => id(*first).zip(id(*last)),
        _ => None,
    }
    .ok_or_else(|| {
        Refusal::new(
            format!(
                "the tokenizer puts {} special pieces before a sequence and {} behind it, expected one and one",
                opening.len(),
                closing.len()
            ),
            "a model for token classification has one piece before a text and one behind it, such as `[CLS]` and `[SEP]`: the `post_processor` in tokenizer.json says which",
        )
    })
}

/// The id of a model's unknown piece.
fn unknown(model: &Value, added: &AddedTokens) -> Result<Option<u32>, Refusal> {
    if compare::kind_of(model) == "Unigram" {
        let id = model["unk_id"]
            .as_u64()
            .and_then(|id| u32::try_from(id).ok());
        return match id {
            Some(id) if !added.has_row(id) => Err(Refusal::new(
                format!("the tokenizer's unknown piece has the id {id}, which no piece has"),
                Refusal::REFETCH,
            )),
            id => Ok(id),
        };
    }
    let Some(text) = model["unk_token"].as_str() else {
        return Ok(None);
    };
    match added.in_vocabulary(text) {
        Some(id) => Ok(Some(id)),
        // Byte-level ones name it and never use it.
        None if compare::kind_of(model) == "BPE" => Ok(None),
        None => Err(Refusal::new(
            format!(
                "the tokenizer's vocabulary lacks the piece `{text}`, which stands for what is unknown"
            ),
            Refusal::REFETCH,
        )),
    }
}

#[cfg(test)]
mod tests;
