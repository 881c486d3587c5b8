//! The operations on whole words: replacing, shuffling and dropping them. Each says whether it changed
//! anything.

use rand::RngExt;
use rand::seq::{IndexedRandom, SliceRandom};
use rand_chacha::ChaCha8Rng;

use super::chance;
use super::lexicon::{Lexicon, Mention};
use super::pieces::{Piece, Pieces};

/// Puts another mention with the same label in the place of each entity, with this probability.
pub(super) fn replace_mentions(
    pieces: &mut Pieces,
    lexicon: &Lexicon,
    probability: f64,
    random: &mut ChaCha8Rng,
) -> bool {
    let mut changed = false;
    let mut words = Vec::with_capacity(pieces.words.len());
    for (first, end) in pieces.segments() {
        let segment = &pieces.words[first..end];
        let other = segment[0].entity.and_then(|entity| {
            let drawn = chance(probability, random);
            let mentions = lexicon.mentions(&pieces.labels[entity]);
            drawn.then(|| another(mentions, segment, random))?
        });
        match other {
            Some(mention) => {
                words.extend(in_place_of(&segment[0], mention));
                changed = true;
            }
            None => words.extend_from_slice(segment),
        }
    }
    pieces.words = words;
    changed
}

/// One that has other words than the segment.
fn another<'a>(
    mentions: &'a [Mention],
    segment: &[Piece],
    random: &mut ChaCha8Rng,
) -> Option<&'a Mention> {
    let is_same = |mention: &Mention| {
        mention.words.len() == segment.len()
            && mention
                .words
                .iter()
                .zip(segment)
                .all(|((start, end), piece)| mention.text[*start..*end] == piece.text)
    };
    let others: Vec<&Mention> = match mentions {
        // Of many, one drawn is hardly ever the same: no list is made for each.
        [] => return None,
        many if many.len() > 32 => (0..8).filter_map(|_| many.choose(random)).collect(),
        few => few.iter().collect(),
    };
    let others: Vec<&Mention> = others.into_iter().filter(|one| !is_same(one)).collect();
    others.choose(random).copied()
}

/// The words of a mention where an entity stood that began with `first`.
fn in_place_of(first: &Piece, mention: &Mention) -> Vec<Piece> {
    let mut done = 0;
    let words = mention.words.iter().enumerate();
    words
        .map(|(number, (start, end))| {
            let before = match number {
                0 => first.before.clone(),
                _ => mention.text[done..*start].into(),
            };
            done = *end;
            Piece {
                text: mention.text[*start..*end].into(),
                before,
                entity: first.entity,
                place: None,
            }
        })
        .collect()
}

/// Puts another word with the same tag in the place of each word, with this probability. Words are drawn as
/// often as they occur.
pub(super) fn replace_tokens(
    pieces: &mut Pieces,
    lexicon: &Lexicon,
    probability: f64,
    random: &mut ChaCha8Rng,
) -> bool {
    let mut changed = false;
    for at in 0..pieces.words.len() {
        if pieces.words[at].text.is_empty() || !chance(probability, random) {
            continue;
        }
        let Some(other) = lexicon.tokens(pieces.tag(at)).choose(random) else {
            continue;
        };
        let word = &mut pieces.words[at];
        if word.text != *other {
            word.text = (*other).into();
            word.place = None;
            changed = true;
        }
    }
    changed
}

/// Shuffles the words of each segment, with this probability. What stands between words stays where it is.
pub(super) fn shuffle_segments(
    pieces: &mut Pieces,
    probability: f64,
    random: &mut ChaCha8Rng,
) -> bool {
    let mut changed = false;
    for (first, end) in pieces.segments() {
        if end - first < 2 || !chance(probability, random) {
            continue;
        }
        let segment = &mut pieces.words[first..end];
        let mut order: Vec<usize> = (0..segment.len()).collect();
        order.shuffle(random);
        let texts: Vec<String> = segment.iter().map(|word| word.text.clone()).collect();
        for (at, (word, from)) in segment.iter_mut().zip(order).enumerate() {
            if at != from {
                changed |= word.text != texts[from];
                word.text.clone_from(&texts[from]);
                word.place = None;
            }
        }
    }
    changed
}

/// Leaves out each word outside entities, with this probability. The words of entities all stay, and at least
/// one word of any document.
pub(super) fn drop_words(pieces: &mut Pieces, probability: f64, random: &mut ChaCha8Rng) -> bool {
    let count = pieces.words.len();
    let mut stays: Vec<bool> = pieces
        .words
        .iter()
        .map(|word| word.entity.is_some() || !chance(probability, random))
        .collect();
    if count > 0 && !stays.contains(&true) {
        stays[random.random_range(0..count)] = true;
    }
    let mut words: Vec<Piece> = Vec::with_capacity(count);
    // What stood before the words that were left out.
    let mut gap: Option<String> = None;
    for (mut word, stays) in pieces.words.drain(..).zip(stays) {
        let longest = match gap.take() {
            // Of two the longer is kept, so that line ends stay; at the beginning of the text, its own.
            Some(gap) if words.is_empty() || gap.len() >= word.before.len() => gap,
            _ => word.before.clone(),
        };
        match stays {
            true => {
                word.before = longest;
                words.push(word);
            }
            false => gap = Some(longest),
        }
    }
    pieces.words = words;
    pieces.words.len() < count
}
