//! The operations on letters: upper and lower case, and typos. Each says whether it changed anything.

use rand::RngExt;
use rand_chacha::ChaCha8Rng;

use super::chance;
use super::pieces::Pieces;

/// With this probability, all words of the document are put in upper case, in lower case, or begin with a
/// capital.
pub(super) fn change_case(pieces: &mut Pieces, probability: f64, random: &mut ChaCha8Rng) -> bool {
    if !chance(probability, random) {
        return false;
    }
    let in_case: fn(&str) -> String = match random.random_range(0..3) {
        0 => str::to_uppercase,
        1 => str::to_lowercase,
        _ => capitalised,
    };
    let mut changed = false;
    for word in &mut pieces.words {
        let text = in_case(&word.text);
        changed |= text != word.text;
        word.text = text;
    }
    changed
}

/// The first letter in upper case, the others in lower case.
fn capitalised(word: &str) -> String {
    let mut letters = word.chars();
    let first = letters.next();
    let first = first.into_iter().flat_map(char::to_uppercase);
    first.collect::<String>() + &letters.as_str().to_lowercase()
}

/// Makes a typo in each word of at least two letters, with this probability.
pub(super) fn make_typos(pieces: &mut Pieces, probability: f64, random: &mut ChaCha8Rng) -> bool {
    let mut changed = false;
    for word in &mut pieces.words {
        if chance(probability, random)
            && let Some(text) = misspelt(&word.text, random)
        {
            word.text = text;
            changed = true;
        }
    }
    changed
}

/// One typo in a word: two letters swapped, one left out, one doubled, or one replaced by its neighbour on the
/// keyboard. `None` where it would change nothing.
fn misspelt(word: &str, random: &mut ChaCha8Rng) -> Option<String> {
    let mut letters: Vec<char> = word.chars().collect();
    let places: Vec<usize> = (0..letters.len())
        .filter(|at| letters[*at].is_alphabetic())
        .collect();
    if places.len() < 2 {
        return None;
    }
    let at = places[random.random_range(0..places.len())];
    match random.random_range(0..4) {
        0 => {
            // The last letter is swapped with the one before it.
            let at = at.min(letters.len() - 2);
            let [a, b] = [letters[at], letters[at + 1]];
            if a == b || !a.is_alphabetic() || !b.is_alphabetic() {
                return None;
            }
            letters.swap(at, at + 1);
        }
        1 => _ = letters.remove(at),
        2 => letters.insert(at, letters[at]),
        _ => letters[at] = neighbour(letters[at], random)?,
    }
    Some(letters.into_iter().collect())
}

/// The rows of letters that keyboards with Latin letters have most often.
const ROWS: [&str; 3] = ["qwertyuiop", "asdfghjkl", "zxcvbnm"];

/// The letter to the left or to the right, in the same case.
fn neighbour(letter: char, random: &mut ChaCha8Rng) -> Option<char> {
    let lower = letter.to_ascii_lowercase();
    let (row, at) = ROWS.iter().find_map(|row| Some((row, row.find(lower)?)))?;
    let sides = [
        at.checked_sub(1),
        Some(at + 1).filter(|next| *next < row.len()),
    ];
    let sides: Vec<usize> = sides.into_iter().flatten().collect();
    let side = sides[random.random_range(0..sides.len())];
    let key = char::from(row.as_bytes()[side]);
    Some(match letter.is_ascii_uppercase() {
        true => key.to_ascii_uppercase(),
        false => key,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use rand::SeedableRng;
    use std::collections::BTreeSet;

    /// Everything that a word can become.
    fn typos(word: &str) -> BTreeSet<String> {
        let mut random = ChaCha8Rng::seed_from_u64(1);
        (0..500)
            .filter_map(|_| misspelt(word, &mut random))
            .collect()
    }

    #[test]
    fn typos_are_those_of_people() {
        let expected = ["Ta", "T", "a", "aTT", "aaT", "sT", "aR", "aY"];
        assert_eq!(typos("aT"), BTreeSet::from(expected.map(str::to_owned)));
        for whole in ["", "a", "7", "12", "世", "a1"] {
            assert_eq!(typos(whole), BTreeSet::new(), "{whole}");
        }
        // No letter is swapped with what is none, and other scripts have no neighbours here.
        let expected = ["б-", "-й", "бб-й", "б-йй"];
        assert_eq!(typos("б-й"), BTreeSet::from(expected.map(str::to_owned)));
    }

    #[test]
    fn words_begin_with_a_capital() {
        for (word, expected) in [
            ("", ""),
            ("LONDON", "London"),
            ("élan", "Élan"),
            ("ßA", "SSa"),
        ] {
            assert_eq!(capitalised(word), expected);
        }
    }
}
