//! Finds texts that are nearly the same: MinHash with banding, then the exact likeness.
//!
//! The likeness of two texts is that of Jaccard: of the pieces of five characters that either has,
//! the share that both have, capitals and everything but letters and digits aside. MinHash: Broder,
//! "On the resemblance and containment of documents", 1997. Banding: Leskovec, Rajaraman and
//! Ullman, "Mining of Massive Datasets", chapter 3.

use rayon::prelude::*;

use crate::options::Stop;

/// From this likeness on (0–1), two texts are nearly the same. In a sentence of a hundred
/// characters that is about one word.
pub const LIKENESS: f64 = 0.8;

/// A text that another is nearly the same as.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Near {
    /// Its number in its list.
    pub document: usize,
    /// [`LIKENESS`] to 1.
    pub likeness: f64,
}

/// For each of the `others` a text among the `known` that is nearly the same, where one is found.
/// Banding overlooks about one pair in seventy at the very limit, and hardly any above 0.85. Texts
/// of less than [`SHORTEST`] letters and digits are left out: in them a single word is too much.
/// Once somebody asks for its end, the rest is left out, too.
pub fn nearly_same<S: AsRef<str> + Sync>(
    known: &[S],
    others: &[S],
    stop: &Stop,
) -> Vec<Option<Near>> {
    search(
        &sketches(known, stop),
        &sketches(others, stop),
        |i| known[i].as_ref(),
        |i| others[i].as_ref(),
        |_| stop.is_asked(),
        usize::MAX,
    )
}

/// For each text an earlier one of the same list that is nearly the same, where one is found. Ends as
/// [`nearly_same`] does.
pub fn nearly_same_within<S: AsRef<str> + Sync>(texts: &[S], stop: &Stop) -> Vec<Option<Near>> {
    let sketches = sketches(texts, stop);
    let text = |i: usize| texts[i].as_ref();
    search(&sketches, &sketches, text, text, |_| stop.is_asked(), 0)
}

fn sketches<S: AsRef<str> + Sync>(texts: &[S], stop: &Stop) -> Vec<Sketch> {
    let sketch = |text: &S| match stop.is_asked() {
        true => None,
        false => sketch(text.as_ref()),
    };
    texts.par_iter().map(sketch).collect()
}

/// Texts with fewer letters and digits (spaces between words among them) are not compared.
pub const SHORTEST: usize = 25;

const PIECE: usize = 5;
const BANDS: usize = 8;
const ROWS: usize = 4;
const HASHES: usize = BANDS * ROWS;
/// Texts that share a band are compared one by one, but not more than so many: a phrase that
/// stands in every text must not make the work quadratic.
const COMPARED: usize = 16;

/// One key for each band: texts that are much alike have some key in common. `None` for a text
/// that is too short.
pub(crate) type Sketch = Option<[u32; BANDS]>;

pub(crate) fn sketch(text: &str) -> Sketch {
    let mut least = [u32::MAX; HASHES];
    let letters = pieces(text, |piece| {
        let piece = (piece >> 32) as u32;
        for (least, (other, factor)) in least.iter_mut().zip(FAMILY) {
            *least = (*least).min((piece ^ other).wrapping_mul(factor));
        }
    });
    if letters < SHORTEST {
        return None;
    }
    let mut keys = [0; BANDS];
    for (key, rows) in keys.iter_mut().zip(least.chunks_exact(ROWS)) {
        let whole = rows
            .iter()
            .fold(0u64, |key, row| mix(key ^ u64::from(*row)));
        *key = (whole >> 32) as u32;
    }
    Some(keys)
}

/// `skip` says which of the others are left out. With `before` 0 only known texts with a smaller
/// number than the other's count, with `usize::MAX` all of them.
pub(crate) fn search<'a>(
    known: &[Sketch],
    others: &[Sketch],
    known_text: impl Fn(usize) -> &'a str + Sync,
    other_text: impl Fn(usize) -> &'a str + Sync,
    skip: impl Fn(usize) -> bool + Sync,
    before: usize,
) -> Vec<Option<Near>> {
    let mut found: Vec<Option<Near>> = vec![None; others.len()];
    let mut keys: Vec<(u32, u32)> = Vec::with_capacity(known.len());
    for band in 0..BANDS {
        keys.clear();
        let number = |i: usize| u32::try_from(i).ok();
        keys.extend(
            known
                .iter()
                .enumerate()
                .filter_map(|(i, sketch)| Some((sketch.as_ref()?[band], number(i)?))),
        );
        keys.par_sort_unstable();
        found.par_iter_mut().enumerate().for_each(|(i, found)| {
            let Some(sketch) = &others[i] else { return };
            if found.is_some() || skip(i) {
                return;
            }
            let key = sketch[band];
            let first = keys.partition_point(|(other, _)| *other < key);
            let candidates = keys[first..]
                .iter()
                .take_while(|(other, _)| *other == key)
                .map(|(_, at)| *at as usize)
                .take_while(|at| before > 0 || *at < i)
                .take(COMPARED);
            let mut mine: Option<Vec<u64>> = None;
            for at in candidates {
                let mine = mine.get_or_insert_with(|| set(other_text(i)));
                let likeness = likeness(mine, &set(known_text(at)));
                if likeness >= LIKENESS {
                    *found = Some(Near {
                        document: at,
                        likeness,
                    });
                    return;
                }
            }
        });
    }
    found
}

/// The pieces of a text as a sorted set of hashes.
fn set(text: &str) -> Vec<u64> {
    let mut set = Vec::with_capacity(text.len());
    pieces(text, |piece| set.push(piece));
    set.sort_unstable();
    set.dedup();
    set
}

/// How much two sets have in common, 0–1 (Jaccard).
fn likeness(a: &[u64], b: &[u64]) -> f64 {
    let (mut i, mut j, mut both) = (0, 0, 0usize);
    while i < a.len() && j < b.len() {
        both += usize::from(a[i] == b[j]);
        let (mine, other) = (a[i], b[j]);
        i += usize::from(mine <= other);
        j += usize::from(other <= mine);
    }
    match a.len() + b.len() - both {
        0 => 0.0,
        either => both as f64 / either as f64,
    }
}

/// Passes on the hash of every piece of five characters, and says how many characters there were.
fn pieces(text: &str, mut each: impl FnMut(u64)) -> usize {
    // A rolling polynomial: what left the window is taken out again.
    const BASE: u64 = 0x9e37_79b9_7f4a_7c15;
    const OUT: u64 = BASE.wrapping_pow(PIECE as u32);
    let mut window = [0u64; PIECE];
    let (mut hash, mut count) = (0u64, 0usize);
    let mut push = |c: char| {
        let slot = &mut window[count % PIECE];
        let new = u64::from(u32::from(c)) + 1;
        hash = hash
            .wrapping_mul(BASE)
            .wrapping_add(new)
            .wrapping_sub(slot.wrapping_mul(OUT));
        *slot = new;
        count += 1;
        if count >= PIECE {
            each(mix(hash));
        }
    };
    let (mut gap, mut any) = (false, false);
    for c in text.chars() {
        if !c.is_alphanumeric() {
            gap = any;
            continue;
        }
        if std::mem::take(&mut gap) {
            push(' ');
        }
        any = true;
        if c.is_ascii() {
            push(c.to_ascii_lowercase());
        } else {
            c.to_lowercase().for_each(&mut push);
        }
    }
    count
}

/// The constants of the hash functions: one is exclusive-ored, the other, odd, multiplied.
const FAMILY: [(u32, u32); HASHES] = {
    let mut family = [(0, 0); HASHES];
    let mut i = 0;
    while i < HASHES {
        let whole = mix(i as u64 + 1);
        family[i] = ((whole >> 32) as u32, whole as u32 | 1);
        i += 1;
    }
    family
};

/// The finaliser of SplitMix64 (Steele, Lea and Flood 2014).
const fn mix(value: u64) -> u64 {
    let z = value.wrapping_add(0x9e37_79b9_7f4a_7c15);
    let z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    let z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^ (z >> 31)
}

/// The text with every run of white space as one space.
pub(crate) fn folded(text: &str) -> String {
    let mut folded = String::with_capacity(text.len());
    for word in text.split_whitespace() {
        if !folded.is_empty() {
            folded.push(' ');
        }
        folded.push_str(word);
    }
    folded
}
