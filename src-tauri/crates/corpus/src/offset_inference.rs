//! What the offsets of a file count, found by trying: characters, bytes, UTF-16, or all moved by a little.

use serde::Serialize;

use crate::document::Word;
use crate::issue::{Issue, IssueCode};
use crate::offsets::OffsetMap;
use crate::options::{OffsetUnit, ReadOptions};
use crate::recipe::Repair;

/// The readings of offsets that are tried. The first is the documented one.
const READINGS: [(OffsetUnit, i64); 7] = [
    (OffsetUnit::Characters, 0),
    (OffsetUnit::Bytes, 0),
    (OffsetUnit::Utf16, 0),
    (OffsetUnit::Characters, -1),
    (OffsetUnit::Characters, 1),
    (OffsetUnit::Characters, -2),
    (OffsetUnit::Characters, 2),
];

/// How well all spans of a file fit its texts under one way to read their offsets.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct OffsetFit {
    /// What the offsets are taken to count.
    pub unit: OffsetUnit,
    /// What is added to each, in that unit.
    pub shift: i64,
    /// Spans that lie in their text, cover something, and cut no character in two.
    pub in_range: usize,
    /// Of those, the ones that start where a word starts and end where a word ends.
    pub at_words: usize,
    /// Of those in range, the ones that cover the text which the file gives with them.
    pub equal: usize,
}

/// How the spans of a file fit its texts under every way to read their offsets that is tried.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct OffsetEvidence {
    /// Spans with whole numbers as offsets.
    pub spans: usize,
    /// Of those, the ones that come with the text they cover.
    pub with_text: usize,
    /// How they were read: a unit and what was added.
    pub used: (OffsetUnit, i64),
    /// One for each way to read them.
    pub fits: Vec<OffsetFit>,
}

impl OffsetEvidence {
    pub(crate) fn new(options: &ReadOptions) -> Self {
        let used = (options.offsets, options.shift);
        let extra = (!READINGS.contains(&used)).then_some(used);
        let fits = READINGS.into_iter().chain(extra);
        Self {
            spans: 0,
            with_text: 0,
            used,
            fits: fits
                .map(|(unit, shift)| OffsetFit {
                    unit,
                    shift,
                    in_range: 0,
                    at_words: 0,
                    equal: 0,
                })
                .collect(),
        }
    }

    /// Tries one span; `words` are those of the text, `given` what the file says it covers.
    pub(crate) fn add(
        &mut self,
        (start, end): (u64, u64),
        given: Option<&str>,
        text: &str,
        map: &OffsetMap,
        words: &[Word],
    ) {
        self.spans += 1;
        self.with_text += usize::from(given.is_some());
        // In ASCII text all units are one.
        let mut plain: Option<(bool, bool, bool)> = None;
        for fit in &mut self.fits {
            let same = text.is_ascii() && fit.shift == 0;
            let (in_range, at_words, equal) = match plain {
                Some(known) if same => known,
                _ => {
                    let edges = bytes(start, map, fit.unit, fit.shift)
                        .zip(bytes(end, map, fit.unit, fit.shift))
                        .filter(|(a, b)| a < b);
                    match edges {
                        None => (false, false, false),
                        Some((a, b)) => (
                            true,
                            words.binary_search_by_key(&a, |w| w.start).is_ok()
                                && words.binary_search_by_key(&b, |w| w.end).is_ok(),
                            given.is_some_and(|given| covers(&text[a..b], given)),
                        ),
                    }
                }
            };
            if same {
                plain = Some((in_range, at_words, equal));
            }
            fit.in_range += usize::from(in_range);
            fit.at_words += usize::from(at_words);
            fit.equal += usize::from(equal);
        }
    }

    pub(crate) fn join(&mut self, other: &Self) {
        self.spans += other.spans;
        self.with_text += other.with_text;
        for (own, other) in self.fits.iter_mut().zip(&other.fits) {
            own.in_range += other.in_range;
            own.at_words += other.at_words;
            own.equal += other.equal;
        }
    }

    /// How the spans fit as they were read.
    pub fn used_fit(&self) -> &OffsetFit {
        let used = self
            .fits
            .iter()
            .find(|fit| (fit.unit, fit.shift) == self.used);
        used.unwrap_or(&self.fits[0])
    }

    /// By what readings are compared: the texts that the file gives, else the edges of words.
    fn score(&self, fit: &OffsetFit) -> usize {
        match self.with_text * 2 > self.spans {
            true => fit.equal,
            false => fit.at_words,
        }
    }

    /// Another way to read the offsets, under which nearly all spans fit that do not fit as they
    /// were read; `None` where there is none, or too few spans to decide.
    pub fn better(&self) -> Option<&OffsetFit> {
        let all = match self.with_text * 2 > self.spans {
            true => self.with_text,
            false => self.spans,
        };
        let misses = |fit| all - self.score(fit);
        let now = misses(self.used_fit());
        // The first of those that are equally good is the least strange.
        let best = self.fits.iter().min_by_key(|fit| misses(fit))?;
        // A constant shift is easily feigned by chance where the text itself is not given.
        let least = match (best.shift == self.used.1, self.with_text > 0) {
            (true, _) | (_, true) => 2,
            _ => 4,
        };
        (now >= least && misses(best) * 4 <= now && misses(best) * 10 <= all).then_some(best)
    }

    /// What to say and do about offsets that fit better when they are read in another way: what
    /// they seem to be, the fix, and the repair.
    pub fn advice(&self) -> Option<(String, String, Repair)> {
        let best = self.better()?;
        let all = self.spans;
        let (fits, now) = (self.score(best), self.score(self.used_fit()));
        if best.unit != self.used.0 {
            let (what, name) = match best.unit {
                OffsetUnit::Characters => ("Unicode characters", "characters"),
                OffsetUnit::Bytes => ("bytes of UTF-8", "bytes"),
                OffsetUnit::Utf16 => ("UTF-16 units, as JavaScript and Java do", "utf16"),
            };
            return Some((
                format!(
                    "the offsets seem to count {what}: so read, {fits} of {all} spans fit their text, as they are {now}"
                ),
                format!("read the file with `--offsets {name}`"),
                Repair::ConvertOffsets { from: best.unit },
            ));
        }
        let by = best.shift.saturating_sub(self.used.1);
        let direction = if by > 0 { "small" } else { "large" };
        let size = by.unsigned_abs();
        Some((
            format!(
                "the offsets seem to be too {direction} by {size}: moved, {fits} of {all} spans fit their text, as they are {now}"
            ),
            format!("read the file with `--shift {}`", best.shift),
            Repair::ShiftOffsets { by },
        ))
    }
}

impl OffsetEvidence {
    /// Adds to the spans that lie outside their text what is probably the matter with all of them.
    pub(crate) fn advise(&self, issues: &mut [Issue]) {
        let Some((what, fix, repair)) = self.advice() else {
            return;
        };
        for issue in issues
            .iter_mut()
            .filter(|issue| issue.code == IssueCode::SpanOutOfRange)
        {
            issue.fix = Some(format!("{what}; {fix}"));
            issue.repair = Some(repair.clone());
        }
    }
}

/// The byte that an offset of a file means; `None` when it is out of range or inside a character.
pub(crate) fn bytes(offset: u64, map: &OffsetMap, unit: OffsetUnit, shift: i64) -> Option<usize> {
    let at = usize::try_from(offset.checked_add_signed(shift)?).ok()?;
    match unit {
        OffsetUnit::Characters => map.byte_of_char(at),
        OffsetUnit::Bytes => map.char_of_byte(at).map(|_| at),
        OffsetUnit::Utf16 => map.byte_of_utf16(at),
    }
}

/// Is it the text that the file gives? Line breaks are often written as spaces there.
pub(crate) fn covers(piece: &str, given: &str) -> bool {
    piece == given || {
        let plain = |c: char| if c.is_whitespace() { ' ' } else { c };
        piece.chars().map(plain).eq(given.chars().map(plain))
            || piece.split_whitespace().eq(given.split_whitespace())
    }
}
