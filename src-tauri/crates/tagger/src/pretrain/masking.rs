//! Which word pieces are masked, and by what (Devlin et al. 2019, section 3.1; whole words as in BERT's later
//! releases).
//!
//! Each word of a window, or each piece, is chosen with the same probability; where chance chooses none, one is. Of
//! the chosen pieces 80 % become the mask, 10 % any other piece, and 10 % stay. What is chosen follows from the
//! seed, the pass over the text and the window's index alone. Special and unknown pieces are never chosen, nor
//! words that have one.

use super::text::Passage;
use crate::error::Error;
use crate::example::Example;
use crate::tokenizer::Tokenizer;
use crate::window::Window;
use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;
use std::collections::HashSet;
use std::ops::Range;
use tagsmith_encoder::ops::derived_seed;
use tagsmith_protocol::PretrainConfig;

/// Of the chosen pieces, the share that becomes the mask, and the share that becomes another piece.
const MASKED: f64 = 0.8;
const REPLACED: f64 = 0.1;

/// How pieces are masked.
pub struct Masking {
    share: f64,
    whole_words: bool,
    seed: u64,
    mask: u32,
    /// Pieces that are never chosen.
    fixed: HashSet<u32>,
    /// Pieces that may stand for another one.
    others: Vec<u32>,
}

impl Masking {
    /// With the pieces of a tokenizer.
    ///
    /// # Errors
    /// It has no mask.
    pub fn new(config: &PretrainConfig, tokenizer: &Tokenizer) -> Result<Self, Error> {
        let no_mask = || Error::NoMask {
            folder: config.model.clone(),
        };
        let special = tokenizer.special_ids();
        let added = tokenizer.added_ids();
        let all = 0..tokenizer.vocabulary_size() as u32;
        Ok(Self {
            share: config.mask_share,
            whole_words: config.whole_words,
            seed: config.seed,
            mask: tokenizer.mask().ok_or_else(no_mask)?,
            others: all
                .filter(|id| !added.contains(id) && !special.contains(id))
                .collect(),
            fixed: special,
        })
    }

    /// Whether anything of a passage can be masked.
    pub fn applies_to(&self, passage: &Passage) -> bool {
        self.units(passage).next().is_some()
    }

    /// The window `index`, masked for a pass over the text.
    pub fn masked(&self, passage: &Passage, pass: usize, index: usize) -> Example {
        self.draw(passage, derived_seed(self.seed, pass), index)
    }

    /// The same with the masks by which the held-out part is judged, which are always the same.
    pub fn fixed(&self, passage: &Passage, index: usize) -> Example {
        self.draw(passage, derived_seed(!self.seed, 0), index)
    }

    /// What is masked together, as ranges of the passage's pieces.
    fn units<'p>(&'p self, passage: &'p Passage) -> impl Iterator<Item = Range<usize>> + 'p {
        let step = move |word: &Range<usize>| match self.whole_words {
            true => word.len(),
            false => 1,
        };
        let units = passage.words.iter().flat_map(move |word| {
            let step = step(word);
            word.clone()
                .step_by(step)
                .map(move |start| start..start + step)
        });
        units.filter(move |unit| {
            let mut ids = passage.ids[unit.clone()].iter();
            ids.all(|id| !self.fixed.contains(id))
        })
    }

    fn draw(&self, passage: &Passage, seed: u64, index: usize) -> Example {
        let mut random = ChaCha8Rng::seed_from_u64(derived_seed(seed, index));
        let units: Vec<Range<usize>> = self.units(passage).collect();
        let mut chosen: Vec<&Range<usize>> = units
            .iter()
            .filter(|_| random.random_bool(self.share))
            .collect();
        if chosen.is_empty() && !units.is_empty() {
            chosen.push(&units[random.random_range(0..units.len())]);
        }
        let mut ids = passage.ids.clone();
        let (mut scored, mut targets) = (Vec::new(), Vec::new());
        for position in chosen.into_iter().cloned().flatten() {
            scored.push((position, targets.len()));
            targets.push(ids[position] as usize);
            let chance: f64 = random.random();
            if chance < MASKED {
                ids[position] = self.mask;
            } else if chance < MASKED + REPLACED && !self.others.is_empty() {
                ids[position] = self.others[random.random_range(0..self.others.len())];
            }
        }
        Example {
            window: Window {
                document: index,
                ids,
                scored,
                reaches_end: true,
            },
            targets,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const CLS: u32 = 1;
    const SEP: u32 = 2;
    const MASK: u32 = 3;
    const UNKNOWN: u32 = 0;

    fn masking(share: f64, whole_words: bool, seed: u64) -> Masking {
        Masking {
            share,
            whole_words,
            seed,
            mask: MASK,
            fixed: HashSet::from([UNKNOWN, CLS, SEP, MASK]),
            others: (4..1000).collect(),
        }
    }

    /// 60 words of 1 to 3 pieces, of which each tenth has an unknown one.
    fn passage() -> Passage {
        let (mut ids, mut words) = (vec![CLS], Vec::new());
        for word in 0..60usize {
            let start = ids.len();
            let pieces = 1 + word % 3;
            ids.extend((0..pieces).map(|piece| 100 + (word * 3 + piece) as u32));
            if word % 10 == 0 {
                ids[start] = UNKNOWN;
            }
            words.push(start..ids.len());
        }
        ids.push(SEP);
        Passage { ids, words }
    }

    #[test]
    fn whole_words_are_masked_in_the_shares_of_bert() {
        let passage = passage();
        let masking = masking(0.15, true, 7);
        let usable: usize = masking.units(&passage).map(|unit| unit.len()).sum();
        let (mut chosen, mut masked, mut kept) = (0, 0, 0);
        const PASSES: usize = 2000;
        for pass in 0..PASSES {
            let example = masking.masked(&passage, pass, 3);
            let positions: Vec<usize> = example.window.scored.iter().map(|at| at.0).collect();
            for word in &passage.words {
                let inside = positions.iter().filter(|at| word.contains(at)).count();
                assert!(inside == 0 || inside == word.len(), "words are whole");
            }
            for (position, target) in positions.iter().zip(&example.targets) {
                let before = passage.ids[*position];
                assert_eq!(before as usize, *target);
                assert!(![CLS, SEP, UNKNOWN].contains(&before));
                chosen += 1;
                masked += usize::from(example.window.ids[*position] == MASK);
                kept += usize::from(example.window.ids[*position] == before);
            }
            for (position, id) in passage.ids.iter().enumerate() {
                if !positions.contains(&position) {
                    assert_eq!(example.window.ids[position], *id, "all else stays");
                }
            }
        }
        let near = |found: usize, of: usize, share: f64| {
            let found = found as f64 / of as f64;
            assert!((found - share).abs() < 0.01, "{found}, expected {share}");
        };
        near(chosen, PASSES * usable, 0.15);
        near(masked, chosen, 0.8);
        near(kept, chosen, 0.1);
    }

    #[test]
    fn pieces_are_masked_by_themselves_where_that_is_asked_for() {
        let passage = passage();
        let masking = masking(0.3, false, 7);
        let is_cut = |pass| {
            let example = masking.masked(&passage, pass, 0);
            let positions: Vec<usize> = example.window.scored.iter().map(|at| at.0).collect();
            passage.words.iter().any(|word| {
                let inside = positions.iter().filter(|at| word.contains(at)).count();
                inside > 0 && inside < word.len()
            })
        };
        assert!((0..5).any(is_cut));
    }

    #[test]
    fn masks_follow_from_seed_pass_and_window() {
        let passage = passage();
        let of = |seed, pass, index| {
            let example = masking(0.15, true, seed).masked(&passage, pass, index);
            (example.window.ids, example.targets)
        };
        assert_eq!(of(1, 2, 3), of(1, 2, 3));
        assert_ne!(of(1, 2, 3), of(2, 2, 3), "the seed reaches them");
        assert_ne!(of(1, 2, 3), of(1, 3, 3), "passes differ");
        assert_ne!(of(1, 2, 3), of(1, 2, 4), "windows differ");
        let fixed = |seed| masking(0.15, true, seed).fixed(&passage, 3).window.ids;
        assert_eq!(fixed(1), fixed(1));
        assert_ne!(fixed(1), of(1, 0, 3).0);
    }

    #[test]
    fn a_short_window_has_a_mask_too() {
        let of = |id| Passage {
            ids: vec![CLS, id, SEP],
            words: std::iter::once(1..2).collect(),
        };
        let (short, unknown) = (of(100), of(UNKNOWN));
        let masking = masking(0.01, true, 1);
        assert!((0..50).all(|pass| masking.masked(&short, pass, 0).targets == [100]));
        assert!(masking.applies_to(&short) && !masking.applies_to(&unknown));
    }
}
