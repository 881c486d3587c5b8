//! Ensembles: models with the same tags and tokenizer that answer together, by the mean of their probabilities.
//!
//! The mean is that of the probabilities of each word's tags; with a conditional random field those given the whole
//! text, by the model's own transitions. Tags are then chosen as a single model's are, by what the scheme allows.

use crate::crf::log_marginals;
use crate::decode::Emissions;
use crate::error::Error;
use crate::predict::Tagger;
use crate::transitions::Transitions;
use std::path::{Path, PathBuf};
use tagsmith_checkpoint::ensemble;
use tagsmith_encoder::{LoadError, TokenClassifier};

/// A model of an ensemble besides the first.
pub struct Member {
    /// The model, without autodiff.
    pub model: TokenClassifier,
    /// The transitions that it has learned.
    pub learned: Option<Transitions>,
}

/// The folders of the models of an ensemble; `None` where the folder is that of a model.
///
/// # Errors
/// The list of them is damaged.
pub fn members_of(folder: &Path) -> Result<Option<Vec<PathBuf>>, Error> {
    ensemble::members(folder).map_err(|failure| Error::Model(LoadError::Weights(failure)))
}

/// Opens the models of an ensemble, each by `open`.
///
/// # Errors
/// One cannot be opened, or does not go with the first.
pub fn load(
    members: &[PathBuf],
    open: impl Fn(&Path) -> Result<Tagger, Error>,
) -> Result<Tagger, Error> {
    let mut tagger = open(&members[0])?;
    let tokenizer = tagger.tokenizer.to_json();
    for member in &members[1..] {
        let other = open(member)?;
        let differs = [
            (
                tagger.tags.names() != other.tags.names(),
                "its labels differ",
            ),
            (
                tokenizer.as_ref().ok() != other.tokenizer.to_json().as_ref().ok(),
                "its tokenizer differs",
            ),
            (
                tagger.context != other.context,
                "it has learned to read another amount of context",
            ),
            (
                tagger.config.max_tokens() != other.config.max_tokens(),
                "it reads texts of another length",
            ),
        ];
        if let Some((_, reason)) = differs.into_iter().find(|(differs, _)| *differs) {
            return Err(Error::Unalike {
                model: member.clone(),
                first: members[0].clone(),
                reason,
            });
        }
        tagger.others.push(Member {
            learned: other.tags.learned().cloned(),
            model: other.model,
        });
    }
    Ok(tagger)
}

/// The log-probabilities of words, given all words of their document where the model has learned transitions.
pub fn marginals(
    emissions: Vec<Emissions>,
    learned: Option<&Transitions>,
    outside: usize,
) -> Vec<Emissions> {
    let Some(learned) = learned else {
        return emissions;
    };
    let of = |document| log_marginals(document, learned, outside);
    emissions.iter().map(of).collect()
}

/// The logarithm of the mean of the models' probabilities, `[documents][words][tags]`.
pub fn mean(each: Vec<Vec<Emissions>>) -> Vec<Emissions> {
    let models = each.len() as f64;
    let mut each = each.into_iter();
    let mut total = each.next().unwrap_or_default();
    let others: Vec<Vec<Emissions>> = each.collect();
    for (document, words) in total.iter_mut().enumerate() {
        for (word, row) in words.iter_mut().enumerate() {
            // All models read the same word pieces, so that a word has a row in all of them or in none.
            for (tag, score) in row.iter_mut().flatten().enumerate() {
                let others = others
                    .iter()
                    .filter_map(|other| Some(other[document][word].as_ref()?[tag]));
                let sum: f64 = others.chain([*score]).map(|log| f64::from(log).exp()).sum();
                *score = (sum / models).ln() as f32;
            }
        }
    }
    total
}

#[cfg(test)]
mod tests {
    use super::*;

    /// By hand: the mean of 0.5 and 0.1 is 0.3, of 0.5 and 0.9 is 0.7.
    #[test]
    fn probabilities_are_averaged_and_not_their_logarithms() {
        let rows = |a: f32, b: f32| vec![vec![None, Some(vec![a.ln(), b.ln()])]];
        let found = mean(vec![rows(0.5, 0.5), rows(0.1, 0.9)]);
        assert_eq!(found[0][0], None);
        let row = found[0][1].as_ref().unwrap();
        let expected = [0.3f32.ln(), 0.7f32.ln()];
        for (found, expected) in row.iter().zip(expected) {
            assert!((found - expected).abs() < 1e-6, "{row:?}");
        }
    }
}
