//! What the offsets of a file count, found by trying: characters, bytes, UTF-16, all moved by a little,
//! ends that are the last character, line ends that are counted otherwise.

mod reading;

use std::cmp::Reverse;
use std::collections::HashSet;
use std::path::Path;

use serde::Serialize;

use crate::document::Word;
use crate::issue::{Issue, IssueCode, Severity};
use crate::options::{LineEnds, OffsetUnit, ReadOptions};
use crate::recipe::Repair;
pub use reading::OffsetReading;
pub(crate) use reading::{Units, byte_at};

const CHARACTERS: OffsetReading = OffsetReading::new(OffsetUnit::Characters, 0);
const UTF16: OffsetReading = OffsetReading::new(OffsetUnit::Utf16, 0);

/// The readings of offsets that are tried. The first is the documented one; of those that fit alike the
/// first is taken.
const READINGS: [OffsetReading; 13] = [
    CHARACTERS,
    OffsetReading::new(OffsetUnit::Bytes, 0),
    UTF16,
    CHARACTERS.line_ends(LineEnds::Joined),
    CHARACTERS.line_ends(LineEnds::Doubled),
    UTF16.line_ends(LineEnds::Joined),
    OffsetReading::new(OffsetUnit::Characters, -1),
    OffsetReading::new(OffsetUnit::Characters, 1),
    CHARACTERS.inclusive(),
    UTF16.inclusive(),
    OffsetReading::new(OffsetUnit::Characters, -1).inclusive(),
    OffsetReading::new(OffsetUnit::Characters, -2),
    OffsetReading::new(OffsetUnit::Characters, 2),
];

/// How well all spans of a file fit its texts under one way to read their offsets.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct OffsetFit {
    /// The way.
    #[serde(flatten)]
    pub reading: OffsetReading,
    /// Spans that lie in their text, cover something, and cut no character in two.
    pub in_range: usize,
    /// Of those, the ones that start where a word starts and end where a word ends.
    pub at_words: usize,
    /// Of those in range, the ones that cover the text which the file gives with them.
    pub equal: usize,
    /// Of those, the ones that cover it to the letter, not only up to the kind of white space.
    #[serde(skip)]
    pub exact: usize,
}

impl OffsetFit {
    /// What readings are compared by, the strongest evidence first.
    pub(crate) fn rank(&self) -> (usize, usize, usize) {
        (self.equal, self.exact, self.at_words)
    }
}

/// How the spans of a file fit its texts under every way to read their offsets that is tried.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct OffsetEvidence {
    /// Spans with whole numbers as offsets.
    pub spans: usize,
    /// Of those, the ones that come with the text they cover.
    pub with_text: usize,
    /// How they were read.
    pub used: OffsetReading,
    /// One for each way to read them.
    pub fits: Vec<OffsetFit>,
    /// Of the spans that fit no words as they were read, the ones that share no edge with an earlier span
    /// of their document. One wrong edge of several spans is one piece of evidence.
    #[serde(skip)]
    apart: usize,
    /// The starts and the ends of the spans of the document.
    #[serde(skip)]
    edges: [HashSet<u64>; 2],
}

impl OffsetEvidence {
    pub(crate) fn new(options: &ReadOptions) -> Self {
        let used = OffsetReading::of(options);
        let extra = (!READINGS.contains(&used)).then_some(used);
        let fits = READINGS.into_iter().chain(extra);
        Self {
            spans: 0,
            with_text: 0,
            used,
            fits: fits
                .map(|reading| OffsetFit {
                    reading,
                    in_range: 0,
                    at_words: 0,
                    equal: 0,
                    exact: 0,
                })
                .collect(),
            apart: 0,
            edges: Default::default(),
        }
    }

    /// Tries one span of the one document that this is about; `words` are those of the text, `given` what
    /// the file says it covers.
    pub(crate) fn add(
        &mut self,
        span: (u64, u64),
        given: Option<&str>,
        text: &Units,
        words: &[Word],
    ) {
        self.spans += 1;
        self.with_text += usize::from(given.is_some());
        let [starts, ends] = &mut self.edges;
        let (starts_apart, ends_apart) = (starts.insert(span.0), ends.insert(span.1));
        // In ASCII text all units are one, and where there is one line its end cannot matter.
        let mut plain: Option<[bool; 4]> = None;
        for fit in &mut self.fits {
            let reading = fit.reading;
            let same = reading.shift == 0
                && !reading.inclusive
                && (text.ascii || reading.unit == OffsetUnit::Characters)
                && (text.breaks.is_empty() || reading.line_ends == LineEnds::AsWritten);
            let found = match plain {
                Some(known) if same => known,
                _ => match reading.edges(span, text).filter(|(a, b)| a < b) {
                    None => [false; 4],
                    Some((a, b)) => {
                        let piece = &text.text()[a..b];
                        let at_words = words.binary_search_by_key(&a, |w| w.start).is_ok()
                            && words.binary_search_by_key(&b, |w| w.end).is_ok()
                            && reading.spares_line_ends(span, text);
                        let covers = match reading.is_moved() {
                            true => covers_as_long,
                            false => covers,
                        };
                        let equal = given.is_some_and(|given| covers(piece, given));
                        [true, at_words, equal, given == Some(piece)]
                    }
                },
            };
            if same {
                plain = Some(found);
            }
            let [in_range, at_words, equal, exact] = found;
            if reading == self.used && !at_words && starts_apart && ends_apart {
                self.apart += 1;
            }
            fit.in_range += usize::from(in_range);
            fit.at_words += usize::from(at_words);
            fit.equal += usize::from(equal);
            fit.exact += usize::from(exact);
        }
    }

    /// Adds what speaks for each reading in another document.
    pub(crate) fn join(&mut self, other: &Self) {
        self.spans += other.spans;
        self.apart += other.apart;
        self.with_text += other.with_text;
        for own in &mut self.fits {
            let same = |fit: &&OffsetFit| fit.reading == own.reading;
            if let Some(other) = other.fits.iter().find(same) {
                own.in_range += other.in_range;
                own.at_words += other.at_words;
                own.equal += other.equal;
                own.exact += other.exact;
            }
        }
    }

    /// How the spans fit as they were read.
    pub fn used_fit(&self) -> &OffsetFit {
        self.fit(self.used).unwrap_or(&self.fits[0])
    }

    /// How the spans fit under one way to read them, where it was tried.
    pub fn fit(&self, reading: OffsetReading) -> Option<&OffsetFit> {
        self.fits.iter().find(|fit| fit.reading == reading)
    }

    /// The file says of most spans what they cover.
    pub(crate) fn quotes(&self) -> bool {
        self.with_text * 2 > self.spans
    }

    /// By what readings are compared: the texts that the file gives, else the edges of words.
    fn score(&self, fit: &OffsetFit) -> usize {
        match self.quotes() {
            true => fit.equal,
            false => fit.at_words,
        }
    }

    /// How many spans speak for or against a reading.
    fn all(&self) -> usize {
        match self.quotes() {
            true => self.with_text,
            false => self.spans,
        }
    }

    /// The reading with the fewest misses, and their number. Of those that miss as few, the one that
    /// covers the most texts to the letter, since a line break covers a quoted space under any of them,
    /// and then the most words. Of those that are equally good the first is the least strange.
    fn best(&self) -> Option<(&OffsetFit, usize)> {
        let misses = |fit: &OffsetFit| self.all() - self.score(fit);
        let best = self
            .fits
            .iter()
            .min_by_key(|fit| (misses(fit), Reverse((fit.exact, fit.at_words))))?;
        Some((best, misses(best)))
    }

    /// Another way to read the offsets, under which nearly all spans fit that do not fit as they
    /// were read; `None` where there is none, or too few spans to decide.
    pub fn better(&self) -> Option<&OffsetFit> {
        let all = self.all();
        let now = all - self.score(self.used_fit());
        let (best, misses) = self.best()?;
        let moved = |reading: OffsetReading| (reading.shift, reading.inclusive);
        // A constant shift is easily feigned by chance where the text itself is not given.
        let least = match (moved(best.reading) == moved(self.used), self.with_text > 0) {
            (true, _) | (_, true) => 2,
            _ => 4,
        };
        let apart = if self.quotes() { now } else { self.apart };
        (apart >= least && misses * 4 <= now && misses * 10 <= all).then_some(best)
    }

    /// A reading that the file itself proves: every text that it gives with a span is covered so, and
    /// not as the spans were read. Where it gives none, a line end that is counted otherwise is as
    /// certain: all spans fit words, and those behind line ends do so in no other way.
    pub fn proven(&self) -> Option<OffsetReading> {
        // Of a large file a few quotes may be wrong.
        const MANY: usize = 20;
        let (best, misses) = self.best()?;
        let now = self.all() - self.score(self.used_fit());
        if best.reading == self.used || misses >= now {
            return None;
        }
        let whole = misses == 0 && best.in_range == self.spans;
        let proven = match self.quotes() {
            true => whole || self.all() >= MANY && misses * 20 <= self.all() && misses * 4 <= now,
            false => {
                let lines = OffsetReading {
                    line_ends: best.reading.line_ends,
                    ..self.used
                };
                // That a CR LF counts once is common, because browsers count so; and an offset beyond the
                // text counts something else. Otherwise two or three spans fit words by chance.
                let beyond = self.used_fit().in_range < self.spans;
                let few = match lines.line_ends == LineEnds::Joined || beyond {
                    true => 2,
                    false => 4,
                };
                best.reading == lines && self.apart >= few && (whole || misses * 10 <= now)
            }
        };
        proven.then_some(best.reading)
    }

    /// What to say and do about offsets that fit better when they are read in another way: what
    /// they seem to be, the fix, and the repair.
    pub fn advice(&self) -> Option<(String, String, Repair)> {
        let best = self.better()?;
        let all = self.spans;
        let (fits, now) = (self.score(best), self.score(self.used_fit()));
        let (what, option, repair, _) = best.reading.differs(self.used)?;
        Some((
            format!(
                "the offsets seem to {what}: so read, {fits} of {all} spans fit their text, as they are {now}"
            ),
            format!("read the file with `{option}`"),
            repair,
        ))
    }

    /// The finding about a file whose quoted texts disagree with its offsets as they were read.
    pub(crate) fn issue(&self, path: &Path) -> Option<Issue> {
        if !self.quotes() {
            return None;
        }
        let (what, fix, repair) = self.advice()?;
        let (.., code) = self.better()?.reading.differs(self.used)?;
        let issue = Issue::new(Severity::Warning, code, path, 0, what);
        Some(issue.fix(fix).repair(repair))
    }

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

/// Is it the text that the file gives? Line breaks are often written as spaces there, and white space at
/// the edges is left out.
pub(crate) fn covers(piece: &str, given: &str) -> bool {
    covers_as_long(piece, given) || piece.split_whitespace().eq(given.split_whitespace())
}

/// As [`covers`], with all white space that the text has: a span moved by one character would else cover
/// what it did before wherever a space is beside it.
fn covers_as_long(piece: &str, given: &str) -> bool {
    let plain = |c: char| if c.is_whitespace() { ' ' } else { c };
    piece == given || piece.chars().map(plain).eq(given.chars().map(plain))
}
