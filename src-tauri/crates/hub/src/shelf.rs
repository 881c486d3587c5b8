//! Good starting points, known without a network.
//!
//! Parameters are counted from each model's configuration, as the base model has them without heads;
//! sizes are those of the files that a download brings, as the Hub lists them, to the megabyte.

use std::sync::LazyLock;

use serde::Serialize;
use tagsmith_checkpoint::families;

/// A starting point that the program recommends.
#[derive(Clone, Debug, Serialize)]
#[cfg_attr(feature = "bindings", derive(specta::Type))]
pub struct ShelfEntry {
    /// `starter`, or `ORG/NAME` on the Hub.
    pub id: &'static str,
    /// What people call it.
    pub title: &'static str,
    /// Its family, for people.
    pub family: &'static str,
    /// When to take it, in one sentence or two.
    pub advice: &'static str,
    /// Parameters.
    pub parameters: u64,
    /// Size of a download in bytes.
    pub bytes: u64,
    /// The language or languages of its texts.
    pub language: &'static str,
    /// What its card says, as an SPDX identifier, or `not stated`.
    pub license: &'static str,
    /// Whether it is cased: distinguishes capital from small letters.
    pub cased: bool,
    /// Whether the engine can fine-tune its family today.
    pub trainable: bool,
}

/// The starting points, in the order in which they should be shown.
pub fn shelf() -> &'static [ShelfEntry] {
    static SHELF: LazyLock<Vec<ShelfEntry>> = LazyLock::new(entries);
    &SHELF
}

const MB: u64 = 1_000_000;
const ENGLISH: &str = "English";
const APACHE: &str = "Apache-2.0";
/// The card names no licence. It is reported as missing rather than guessed from that of the code.
const NOT_STATED: &str = "not stated";

fn entries() -> Vec<ShelfEntry> {
    vec![
        ShelfEntry {
            bytes: 91 * MB,
            cased: false,
            ..bert(
                "starter",
                "MiniLM L6",
                22_713_216,
                "Small and quick: trains in minutes on any computer. Take it to try things out.",
            )
        },
        ShelfEntry {
            bytes: 437 * MB,
            ..bert(
                "google-bert/bert-base-cased",
                "BERT base, cased",
                108_310_272,
                "The usual first choice for names: it sees capital letters.",
            )
        },
        ShelfEntry {
            bytes: 441 * MB,
            cased: false,
            ..bert(
                "google-bert/bert-base-uncased",
                "BERT base, uncased",
                109_482_240,
                "Better than the cased one where people write without capitals: chats, tickets, searches.",
            )
        },
        ShelfEntry {
            bytes: 1_340 * MB,
            ..bert(
                "google-bert/bert-large-cased",
                "BERT large, cased",
                333_579_264,
                "Often a little better than base, and about three times slower. Wants a GPU with 8 GB or more.",
            )
        },
        ShelfEntry {
            bytes: 717 * MB,
            language: "104 languages",
            ..bert(
                "google-bert/bert-base-multilingual-cased",
                "BERT multilingual",
                177_853_440,
                "For text in several languages, or in one that has no BERT of its own.",
            )
        },
        ShelfEntry {
            bytes: 434 * MB,
            license: NOT_STATED,
            ..bert(
                "dmis-lab/biobert-v1.1",
                "BioBERT",
                108_310_272,
                "Has read biomedical papers: genes, diseases, drugs.",
            )
        },
        ShelfEntry {
            bytes: 442 * MB,
            license: NOT_STATED,
            cased: false,
            ..bert(
                "allenai/scibert_scivocab_uncased",
                "SciBERT",
                109_918_464,
                "Has its own vocabulary from scientific papers, mostly biology and computing.",
            )
        },
        ShelfEntry {
            bytes: 438 * MB,
            license: NOT_STATED,
            cased: false,
            ..bert(
                "ProsusAI/finbert",
                "FinBERT",
                109_482_240,
                "Has read financial news. It was made to judge tone; that part is replaced when you train.",
            )
        },
        ShelfEntry {
            bytes: 440 * MB,
            license: "CC-BY-SA-4.0",
            cased: false,
            ..bert(
                "nlpaueb/legal-bert-base-uncased",
                "LegalBERT",
                109_482_240,
                "Has read contracts, statutes and court cases.",
            )
        },
        ShelfEntry {
            bytes: 264 * MB,
            ..distilbert(
                "distilbert/distilbert-base-cased",
                "DistilBERT, cased",
                65_190_912,
                "Two thirds of BERT base and nearly as good, in half the time.",
            )
        },
        ShelfEntry {
            bytes: 269 * MB,
            cased: false,
            ..distilbert(
                "distilbert/distilbert-base-uncased",
                "DistilBERT, uncased",
                66_362_880,
                "The same for text without capitals.",
            )
        },
        ShelfEntry {
            bytes: 545 * MB,
            language: "104 languages",
            ..distilbert(
                "distilbert/distilbert-base-multilingual-cased",
                "DistilBERT multilingual",
                134_734_080,
                "The quicker one for many languages.",
            )
        },
    ]
}

fn bert(
    id: &'static str,
    title: &'static str,
    parameters: u64,
    advice: &'static str,
) -> ShelfEntry {
    ShelfEntry {
        id,
        title,
        family: "BERT",
        advice,
        parameters,
        bytes: 0,
        language: ENGLISH,
        license: APACHE,
        cased: true,
        trainable: families::of_model_type("bert").is_some(),
    }
}

fn distilbert(
    id: &'static str,
    title: &'static str,
    parameters: u64,
    advice: &'static str,
) -> ShelfEntry {
    ShelfEntry {
        family: "DistilBERT",
        trainable: families::of_model_type("distilbert").is_some(),
        ..bert(id, title, parameters, advice)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{parse_id, starter};

    #[test]
    fn every_entry_is_whole_and_named_once() {
        let mut ids = std::collections::HashSet::new();
        for entry in shelf() {
            assert!(ids.insert(entry.id), "{}", entry.id);
            assert!(
                entry.bytes > MB && entry.parameters > 1_000_000,
                "{}",
                entry.id
            );
            // Weights are f32, so a size must be near four bytes a parameter.
            let ratio = entry.bytes as f64 / entry.parameters as f64;
            assert!((3.9..4.15).contains(&ratio), "{}: {ratio}", entry.id);
            if entry.id != starter::NAME {
                assert!(entry.id.contains('/'));
                assert_eq!(parse_id(entry.id).unwrap().0, entry.id);
            }
        }
        assert_eq!(shelf()[0].id, starter::NAME);
    }

    /// BERT's parameters by its configuration: embeddings, layers, pooler.
    fn counted(vocabulary: u64, hidden: u64, layers: u64, pooler: bool) -> u64 {
        let norm = 2 * hidden;
        let square = hidden * hidden + hidden;
        let wide = 2 * 4 * hidden * hidden + 5 * hidden;
        let types = if pooler { 2 } else { 0 };
        (vocabulary + 512 + types) * hidden
            + norm
            + layers * (4 * square + wide + 2 * norm)
            + if pooler { square } else { 0 }
    }

    #[test]
    fn parameters_are_those_of_the_configurations() {
        let cases = [
            ("starter", counted(30522, 384, 6, true)),
            ("google-bert/bert-base-cased", counted(28996, 768, 12, true)),
            (
                "google-bert/bert-base-uncased",
                counted(30522, 768, 12, true),
            ),
            (
                "google-bert/bert-large-cased",
                counted(28996, 1024, 24, true),
            ),
            (
                "google-bert/bert-base-multilingual-cased",
                counted(119547, 768, 12, true),
            ),
            ("dmis-lab/biobert-v1.1", counted(28996, 768, 12, true)),
            (
                "allenai/scibert_scivocab_uncased",
                counted(31090, 768, 12, true),
            ),
            ("ProsusAI/finbert", counted(30522, 768, 12, true)),
            (
                "nlpaueb/legal-bert-base-uncased",
                counted(30522, 768, 12, true),
            ),
            (
                "distilbert/distilbert-base-cased",
                counted(28996, 768, 6, false),
            ),
            (
                "distilbert/distilbert-base-uncased",
                counted(30522, 768, 6, false),
            ),
            (
                "distilbert/distilbert-base-multilingual-cased",
                counted(119547, 768, 6, false),
            ),
        ];
        assert_eq!(cases.len(), shelf().len());
        for (id, parameters) in cases {
            let entry = shelf().iter().find(|entry| entry.id == id).unwrap();
            assert_eq!(entry.parameters, parameters, "{id}");
        }
    }
}
