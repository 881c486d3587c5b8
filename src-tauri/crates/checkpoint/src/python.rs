//! How a model folder is used from Python: a few lines that are right for this very model.

use std::fs;
use std::path::Path;

use serde_json::Value;

use crate::ensemble;
use crate::weights::CRF;

/// What other programs do not read of a model with learned transitions.
const CRF_NOTE: &str = "The tags of a text are judged together: `crf.safetensors` holds the learned transitions between them (a linear-chain conditional random field). `tagsmith` uses them. The pipeline of transformers ignores them and takes the best tag of each word by its logits alone, so it can find other entities than those scored; the tensors have the names and shapes of the package pytorch-crf, whose `CRF` can decode with them.";

/// What sets a model apart from one that any pipeline reads as it was trained.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Traits {
    /// It is several models in folders of their own.
    pub is_ensemble: bool,
    /// It has learned transitions between tags.
    pub has_transitions: bool,
    /// It has learned to read so many tokens around a sentence.
    pub context: u64,
}

impl Traits {
    /// Those of the model in a folder.
    pub fn of(folder: &Path) -> Self {
        let config = fs::read(folder.join("config.json")).unwrap_or_default();
        let config: Value = serde_json::from_slice(&config).unwrap_or_default();
        Self {
            is_ensemble: folder.join(ensemble::FILE).is_file(),
            has_transitions: folder.join(CRF).is_file(),
            context: config["tagsmith"]["context"].as_u64().unwrap_or_default(),
        }
    }
}

/// Lines of Python that find entities with the model at `path`, which they name as it is given.
///
/// The first word piece of each word carries its label in training here, so that is what decides for the
/// word: `aggregation_strategy="first"`.
pub fn snippet(path: &str, traits: Traits) -> String {
    let mut notes = String::new();
    let mut note = |text: &str| {
        for line in wrapped(text) {
            notes += &format!("# {line}\n");
        }
    };
    if traits.is_ensemble {
        note("An ensemble of several models: transformers opens one of them, here the first.");
    }
    if traits.has_transitions {
        note(CRF_NOTE);
    }
    if traits.context > 0 {
        note(&format!(
            "The model has learned to read {} tokens around each sentence: give it whole paragraphs.",
            traits.context
        ));
    }
    let path = match traits.is_ensemble {
        true => format!("{path}/member-1"),
        false => path.into(),
    };
    // A string of JSON is one of Python, too.
    let path = Value::from(path);
    format!(
        "from transformers import pipeline\n\n{notes}tagger = pipeline(\"token-classification\", model={path}, aggregation_strategy=\"first\")\n\n\
         text = \"Paste a sentence here.\"\nfor entity in tagger(text):\n    \
         print(entity[\"entity_group\"], text[entity[\"start\"]:entity[\"end\"]], round(float(entity[\"score\"]), 3))\n"
    )
}

/// A text in lines of at most 98 characters.
fn wrapped(text: &str) -> Vec<String> {
    const WIDTH: usize = 98;
    let mut lines = vec![String::new()];
    for word in text.split_whitespace() {
        let line = lines.last_mut().expect("there is always one");
        if !line.is_empty() && line.chars().count() + 1 + word.chars().count() > WIDTH {
            lines.push(word.into());
            continue;
        }
        if !line.is_empty() {
            line.push(' ');
        }
        line.push_str(word);
    }
    lines
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_transformers_does_not_read_is_said() {
        let plain = snippet("/a/model", Traits::default());
        assert!(plain.contains(r#"model="/a/model", aggregation_strategy="first""#));
        assert!(!plain.contains('#'));
        let traits = Traits {
            is_ensemble: true,
            has_transitions: true,
            context: 64,
        };
        let all = snippet(r"C:\a", traits);
        assert!(all.contains(r#"model="C:\\a/member-1""#), "{all}");
        for word in ["crf.safetensors", "64 tokens", "ensemble"] {
            assert!(all.contains(word), "{all}");
        }
        let long = all.lines().filter(|line| line.starts_with('#'));
        assert!(long.clone().count() > 3 && long.clone().all(|line| line.len() <= 100));
    }

    #[test]
    fn the_traits_are_those_of_the_folder() {
        let folder = tempfile::tempdir().unwrap();
        let folder = folder.path();
        assert_eq!(Traits::of(folder), Traits::default());
        fs::write(
            folder.join("config.json"),
            r#"{"tagsmith": {"context": 32}}"#,
        )
        .unwrap();
        fs::write(folder.join(CRF), "").unwrap();
        let expected = Traits {
            is_ensemble: false,
            has_transitions: true,
            context: 32,
        };
        assert_eq!(Traits::of(folder), expected);
    }
}
