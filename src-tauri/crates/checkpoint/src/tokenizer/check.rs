//! Whether a checkpoint's class and the files it has go together, as far as their names say.

use super::class::{Choice, Class};
use super::files::{CONFIG, Source, class_of, parse_object};
use super::{Refusal, parts};
use serde_json::{Map, Value};

/// Whether a tokenizer of these files can be used, as far as `config.json`, `tokenizer_config.json` (empty
/// where there is none) and the files' names say.
///
/// # Errors
/// Why [`super::Definition::read`] would refuse it.
pub fn check(
    model: &Map<String, Value>,
    config: Option<&[u8]>,
    has: impl Fn(&str) -> bool,
) -> Result<(), Refusal> {
    let config = config
        .map(|bytes| parse_object(CONFIG, bytes))
        .transpose()?;
    let choice = class_of(model, &config.unwrap_or_default())?;
    let (source, name) = Source::among(choice.class, has)?;
    let choice = settle(choice, source, name)?;
    match source.kind() {
        Some(kind) => check_kind(&choice, kind, source),
        None => Ok(()),
    }
}

/// The class of a checkpoint; where nothing names one, that of its files.
pub(super) fn settle(choice: Choice, source: Source, file: &str) -> Result<Choice, Refusal> {
    if source == Source::SentencePiece && choice.class.keeps_file() {
        return Err(Refusal::new(
            format!(
                "there is only a `{file}` of SentencePiece, and no class that reads one is named"
            ),
            Refusal::OF_SENTENCE_PIECE,
        ));
    }
    let (class, name) = match source {
        _ if choice.class != Class::AsItStands => return Ok(choice),
        Source::WordList => (Class::Bert, "BertTokenizer"),
        Source::Merges => (Class::Roberta, "RobertaTokenizer"),
        Source::Whole | Source::SentencePiece => return Ok(choice),
    };
    if choice.named {
        return Err(Refusal::new(
            format!(
                "the tokenizer's class takes a `tokenizer.json` as it stands, and there is only a `{file}`"
            ),
            "fetch the model's tokenizer.json as well, or set `tokenizer_class` in tokenizer_config.json to the class that the list is for, such as `BertTokenizer`",
        ));
    }
    let name = Some(name.to_owned());
    Ok(Choice {
        class,
        name,
        ..choice
    })
}

/// Whether a class is for this kind of model.
pub(super) fn check_kind(choice: &Choice, found: &str, source: Source) -> Result<(), Refusal> {
    match parts::kind(choice.class).filter(|kind| found != *kind) {
        Some(kind) => {
            let name = choice.name.as_deref().unwrap_or_default();
            Err(Refusal::new(
                format!("the tokenizer's class `{name}` is for {kind}, and its file holds {found}"),
                match source {
                    Source::SentencePiece => Refusal::OF_SENTENCE_PIECE,
                    _ => Refusal::AS_IT_STANDS,
                },
            ))
        }
        None => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    /// Every class's files are refused by their names and settings alone where the files themselves would be.
    #[test]
    fn settings_decide_before_a_file_of_pieces_is_there() {
        let found = |model: &str, config: Option<&str>, files: &[&str]| {
            let model = json!({"model_type": model});
            let model = model.as_object().unwrap();
            check(model, config.map(str::as_bytes), |name| {
                files.contains(&name)
            })
            .map_err(|refusal| refusal.reason)
        };
        let class = |name: &str| format!("{{\"tokenizer_class\": \"{name}\"}}");
        let refused = [
            (
                "bert",
                class("BertJapaneseTokenizer"),
                "vocab.txt",
                "with MeCab",
            ),
            (
                "roberta",
                class("PhobertTokenizer"),
                "tokenizer.json",
                "written in Python",
            ),
            (
                "bert",
                class("PreTrainedTokenizerFast"),
                "vocab.txt",
                "there is only a `vocab.txt`",
            ),
            (
                "bert",
                class("AlbertTokenizer"),
                "vocab.txt",
                "is for Unigram, and its file holds WordPiece",
            ),
            (
                "bert",
                class("FunnelTokenizer"),
                "vocab.txt",
                "type of its own",
            ),
            (
                "bert",
                class("BertTokenizer"),
                "spiece.model",
                "is for WordPiece, and its file holds Unigram",
            ),
            (
                "modernbert",
                class("XLMRobertaTokenizer"),
                "spm.model",
                "there is only a `spm.model`",
            ),
            (
                "bert",
                "[]".into(),
                "vocab.txt",
                "`tokenizer_config.json` is unusable",
            ),
            (
                "roberta",
                "{}".into(),
                "vocab.json",
                "without its `merges.txt`",
            ),
        ];
        for (model, config, file, expected) in refused {
            let reason = found(model, Some(&config), &[file]).unwrap_err();
            assert!(reason.contains(expected), "{config}: {reason}");
        }
        assert_eq!(found("bert", None, &["vocab.txt"]), Ok(()));
        assert_eq!(found("deberta-v2", None, &["spm.model"]), Ok(()));
        // A word list beside it is of no use to the class.
        assert_eq!(
            found("albert", None, &["vocab.txt", "spiece.model"]),
            Ok(())
        );
        let as_it_stands = class("PreTrainedTokenizerFast");
        assert_eq!(
            found("bert", Some(&as_it_stands), &["tokenizer.json"]),
            Ok(())
        );
    }
}
