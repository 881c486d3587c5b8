//! SentencePiece's own file: its pieces as the part of a `tokenizer.json` that transformers 5 makes of them.

use super::Refusal;
use super::class::Class;
use super::files::{Files, bad};
use super::names::Names;
use super::token::Added;
use super::wire::{Field, Message};
use crate::{Note, pointer};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};

/// The names that the file has. The first is the one that transformers prefers, whatever the class.
pub const SENTENCE_PIECE: [&str; 4] = [
    "tokenizer.model",
    "sentencepiece.bpe.model",
    "spm.model",
    "spiece.model",
];

/// The largest file that is read, in bytes. One of 900,000 pieces has 19 MB.
pub(super) const LARGEST: u64 = 64 << 20;

const HINT: &str = "take another model, or one that has a tokenizer.json";

/// What the file holds beside its pieces and its map of characters.
pub(super) struct SentencePiece {
    /// The file's name.
    pub name: &'static str,
    /// Its control pieces, which are special, and the symbols that its user defined.
    pub added: Vec<Added>,
    /// The number of the piece that stands for what is unknown.
    pub unknown: u64,
    /// Whether it has a piece for each byte of what is unknown.
    pub bytes: bool,
}

/// Reads a file of this name: what becomes of it in `tokenizer.json`, and the rest.
///
/// # Errors
/// It is damaged, or no class could read what it holds.
pub(super) fn read(name: &'static str, bytes: &[u8]) -> Result<(Value, SentencePiece), Refusal> {
    if pointer::begins(bytes) {
        let reason = format!("`{name}` is a Git LFS pointer, not the file itself");
        return Err(Refusal::new(reason, pointer::HINT));
    }
    let mut model = Model::default();
    model.read(bytes).map_err(|reason| bad(name, reason))?;
    let odd = match model.kind {
        1 if model.suffix => "marks where words end, and not where they begin",
        1 => "",
        2 => {
            "is a BPE model of SentencePiece, and the classes that are known here take Unigram models"
        }
        _ => "is no Unigram model of SentencePiece",
    };
    if !odd.is_empty() {
        return Err(Refusal::new(format!("`{name}` {odd}"), HINT));
    }
    if model.unknown >= model.pieces.len() as u64 {
        return Err(bad(
            name,
            "the piece for what is unknown is not among its pieces",
        ));
    }
    let map = (!model.map.is_empty()).then(
        || json!({"type": "Precompiled", "precompiled_charsmap": STANDARD.encode(model.map)}),
    );
    let whole = json!({
        "normalizer": map,
        "model": {"type": "Unigram", "unk_id": model.unknown, "vocab": model.pieces}
    });
    let rest = SentencePiece {
        name,
        added: model.added,
        unknown: model.unknown,
        bytes: model.bytes,
    };
    Ok((whole, rest))
}

/// Makes of SentencePiece's own pieces those of a class.
pub(super) fn convert(files: &mut Files, class: Class) -> Result<Option<Note>, Refusal> {
    let Some(found) = &files.sentence_piece else {
        return Ok(None);
    };
    let names = Names::read(files, class, &mut Vec::new())?.texts();
    let name = |key: &str| {
        let mut names = names.iter();
        let named = names.find(|(name, _)| name == key);
        named.map_or_else(String::new, |(_, text)| text.clone())
    };
    let bytes = match found.bytes {
        true => {
            "; what its vocabulary lacks is unknown, where SentencePiece would give a piece for each byte"
        }
        false => "",
    };
    let message = format!(
        "`{}` of SentencePiece is converted into a tokenizer.json, as transformers 5 does with the packages sentencepiece and protobuf{bytes}",
        found.name
    );
    arrange(&mut files.whole, class, name);
    // transformers overwrites the setting.
    files.config.insert("unk_id".into(), found.unknown.into());
    Ok(Some(Note::new("sentencepiece-converted", message)))
}

/// Puts the pieces into the order of a class, whose first pieces are not those of the file. `name` is the
/// text of a special piece by its key in `tokenizer_config.json`.
fn arrange(whole: &mut Value, class: Class, name: impl Fn(&str) -> String) {
    let pieces = whole["model"]["vocab"].take();
    let Value::Array(pieces) = pieces else { return };
    let named = |key: &str| json!([name(key), 0.0]);
    let fixed = |text: &str, score: f64| json!([text, score]);
    let (first, left_out) = match class {
        Class::XlmRoberta => (
            ["bos_token", "pad_token", "eos_token", "unk_token"]
                .map(named)
                .to_vec(),
            3,
        ),
        Class::Camembert => (
            vec![
                fixed("<s>NOTUSED", 0.0),
                named("pad_token"),
                fixed("</s>NOTUSED", 0.0),
                named("unk_token"),
                fixed("<unk>NOTUSED", -100.0),
            ],
            1,
        ),
        _ => (Vec::new(), 0),
    };
    let last = (!first.is_empty()).then(|| named("mask_token"));
    let pieces = pieces.into_iter().skip(left_out);
    whole["model"]["vocab"] = first.into_iter().chain(pieces).chain(last).collect();
}

/// What is read of SentencePiece's `ModelProto`, with the defaults of its fields.
struct Model<'a> {
    pieces: Vec<Value>,
    added: Vec<Added>,
    /// 1 Unigram, 2 BPE, 3 words, 4 characters.
    kind: u64,
    unknown: u64,
    bytes: bool,
    suffix: bool,
    map: &'a [u8],
}

impl Default for Model<'_> {
    fn default() -> Self {
        Self {
            pieces: Vec::new(),
            added: Vec::new(),
            kind: 1,
            unknown: 0,
            bytes: false,
            suffix: false,
            map: &[],
        }
    }
}

impl<'a> Model<'a> {
    fn read(&mut self, bytes: &'a [u8]) -> Result<(), String> {
        for field in Message(bytes) {
            match field? {
                (1, Field::Bytes(piece)) => self.piece(piece)?,
                (2, Field::Bytes(trainer)) => self.trainer(trainer)?,
                (3, Field::Bytes(normalizer)) => {
                    for field in Message(normalizer) {
                        if let (2, Field::Bytes(map)) = field? {
                            self.map = map;
                        }
                    }
                }
                _ => {}
            }
        }
        match self.pieces.is_empty() {
            true => Err("it holds no pieces".into()),
            false => Ok(()),
        }
    }

    fn piece(&mut self, bytes: &[u8]) -> Result<(), String> {
        let (mut text, mut score, mut kind) = ("", 0.0_f32, 1);
        for field in Message(bytes) {
            match field? {
                (1, Field::Bytes(bytes)) => {
                    text = std::str::from_utf8(bytes).map_err(|failure| failure.to_string())?;
                }
                (2, Field::Four(bytes)) => score = f32::from_le_bytes(bytes),
                (3, Field::Number(number)) => kind = number,
                _ => {}
            }
        }
        let number = self.pieces.len();
        if text.is_empty() {
            return Err(format!("its piece {number} has no text"));
        }
        if !score.is_finite() {
            return Err(format!("its piece {number} has the score {score}"));
        }
        self.pieces.push(json!([text, f64::from(score)]));
        let (control, by_user) = (kind == 3, kind == 4);
        if control || by_user {
            self.added.push(Added::unnormalized(text, control));
        }
        Ok(())
    }

    fn trainer(&mut self, bytes: &[u8]) -> Result<(), String> {
        for field in Message(bytes) {
            match field? {
                (3, Field::Number(kind)) => self.kind = kind,
                (24, Field::Number(suffix)) => self.suffix = suffix != 0,
                (35, Field::Number(bytes)) => self.bytes = bytes != 0,
                (40, Field::Number(unknown)) => self.unknown = unknown,
                _ => {}
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::super::Definition;
    use std::fs;
    use tagsmith_testing::tokenizers;

    #[test]
    fn damaged_files_of_sentencepiece_are_named() {
        let whole = fs::read(tokenizers().join("spm-deberta-v3/spm.model")).unwrap();
        let folder = tempfile::tempdir().unwrap();
        let of_deberta = "{\"model_type\": \"deberta-v2\"}";
        fs::write(folder.path().join("config.json"), of_deberta).unwrap();
        let read = |bytes: &[u8]| {
            fs::write(folder.path().join("spm.model"), bytes).unwrap();
            Definition::read(folder.path())
        };
        assert!(read(&whole).is_ok());
        // As text is, and as SentencePiece's own fields are numbered.
        let cases: &[(&[u8], &str)] = &[
            (b"", "it holds no pieces"),
            (b"<!doctype html>", "unknown kind"),
            (&whole[..500], "ends in the middle"),
            (b"\x0a\x03\x0a\x01\xff", "utf-8"),
            (b"\x0a\x00", "piece 0 has no text"),
            (
                b"\x0a\x08\x0a\x01a\x15\x00\x00\xc0\x7f",
                "piece 0 has the score NaN",
            ),
            (b"\x0a\x03\x0a\x01a\x12\x02\x18\x03", "is no Unigram model"),
            (
                b"\x0a\x03\x0a\x01a\x12\x03\xc0\x01\x01",
                "marks where words end",
            ),
            (
                b"version https://git-lfs.github.com/spec/v1\noid sha256:0\n",
                "Git LFS pointer",
            ),
        ];
        for (bytes, expected) in cases {
            let found = read(bytes).unwrap_err();
            assert!(found.reason.contains("`spm.model`"), "{found}");
            assert!(found.reason.contains(expected), "{expected}: {found}");
        }
        // Whatever the bytes are, it is an answer.
        for place in (0..whole.len()).step_by(3) {
            let mut damaged = whole.clone();
            damaged[place] ^= 0xff;
            let _ = read(&damaged);
            let _ = read(&whole[..place]);
        }
    }
}
