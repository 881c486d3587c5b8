//! Recognises what the offsets of a file count, by trying which reading fits the edges of words.

use crate::document::{Document, Span};
use crate::offsets::OffsetMap;
use crate::options::OffsetUnit;
use crate::recipe::Repair;
use crate::words::{is_unspaced, reaches_over};

/// A text and its spans as the file has them: start and end, in whatever unit.
pub type RawSpans<'a> = (&'a str, Vec<(i64, i64)>);

/// What [`recognise`] found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Recognised {
    /// What the offsets count.
    pub unit: OffsetUnit,
    /// What must be added to every start and end, in that unit.
    pub shift: i64,
    /// The end names the last unit of the span instead of the one after it: ends want one more.
    pub inclusive: bool,
    /// Spans that begin and end at the edges of words when they are read so.
    pub fitting: usize,
    /// Spans that do so when they are read as characters, as they are.
    pub fitting_as_is: usize,
    /// Spans that were tried.
    pub tried: usize,
}

/// The largest constant by which offsets are tried to be moved.
const FARTHEST: i64 = 12;
/// Spans that are tried. More would not make it surer.
const TRIED: usize = 4000;
/// Of the spans that a reading moves, so many must fit in their new places …
const FIT: f64 = 0.8;
/// … and at most so many in their old ones.
const FIT_AS_IS: f64 = 0.4;

/// Which reading of the offsets makes spans begin and end at the edges of words, where reading them
/// as characters does not. `None` when characters are right, when nothing else is clearly better,
/// or when there are too few spans to say.
///
/// Only spans that another reading would move speak for or against it: in English text with one
/// emoji, most spans say nothing about the unit.
pub fn recognise(records: &[RawSpans<'_>]) -> Option<Recognised> {
    let total: usize = records.iter().map(|(_, spans)| spans.len()).sum();
    let stride = total.div_ceil(TRIED).max(1);
    let mut at = 0;
    let mut texts = Vec::new();
    for (text, spans) in records {
        let chosen: Vec<(i64, i64)> = spans
            .iter()
            .filter(|_| {
                at += 1;
                (at - 1) % stride == 0
            })
            .copied()
            .collect();
        if !chosen.is_empty() {
            texts.push((*text, OffsetMap::new(text), chosen));
        }
    }
    let as_is = Reading {
        unit: OffsetUnit::Characters,
        shift: 0,
        inclusive: false,
    };
    let mut best: Option<Recognised> = None;
    for reading in Reading::all() {
        let mut count = Count::default();
        for (text, map, spans) in &texts {
            for span in spans {
                count.add(
                    as_is.place(text, map, *span),
                    reading.place(text, map, *span),
                );
            }
        }
        // A unit is one of three guesses, a shift one of many.
        let enough = if reading.shift == 0 && !reading.inclusive {
            2
        } else {
            3
        };
        let convincing = count.moved >= enough
            && count.moved_fit as f64 >= FIT * count.moved as f64
            && count.moved_fit_as_is as f64 <= FIT_AS_IS * count.moved as f64;
        if convincing && best.is_none_or(|best| count.fit > best.fitting) {
            best = Some(Recognised {
                unit: reading.unit,
                shift: reading.shift,
                inclusive: reading.inclusive,
                fitting: count.fit,
                fitting_as_is: count.fit_as_is,
                tried: count.all,
            });
        }
    }
    best
}

/// The spans of a document as a repair of all offsets would read them. `None` where nothing would change,
/// where a span would lie outside, and where the text does not say what the file's own unit is.
pub(crate) fn reread(document: &Document, repair: &Repair) -> Option<Vec<Span>> {
    let as_is = Reading {
        unit: OffsetUnit::Characters,
        shift: 0,
        inclusive: false,
    };
    let reading = match repair {
        Repair::ConvertOffsets { from } => Reading {
            unit: *from,
            ..as_is
        },
        // In ASCII all units are one.
        _ if !document.text.is_ascii() => return None,
        Repair::ShiftOffsets { by } => Reading {
            shift: *by,
            ..as_is
        },
        Repair::InclusiveEnds => Reading {
            inclusive: true,
            ..as_is
        },
        _ => return None,
    };
    let map = OffsetMap::new(&document.text);
    let char = |byte| i64::try_from(map.char_of_byte(byte)?).ok();
    let moved = document.spans.iter().map(|span| {
        let raw = (char(span.start)?, char(span.end)?);
        let (start, end, _) = reading.place(&document.text, &map, raw)?;
        Some(Span {
            start,
            end,
            ..span.clone()
        })
    });
    let moved: Vec<Span> = moved.collect::<Option<_>>()?;
    (moved != document.spans).then_some(moved)
}

/// One way to read offsets.
#[derive(Clone, Copy)]
struct Reading {
    unit: OffsetUnit,
    shift: i64,
    inclusive: bool,
}

impl Reading {
    /// All that are tried, the simplest first: of two that fit alike, the first is taken.
    fn all() -> impl Iterator<Item = Self> {
        let units = [OffsetUnit::Characters, OffsetUnit::Utf16, OffsetUnit::Bytes];
        let shifts = (0..=FARTHEST).flat_map(|n| [-n, n]).skip(1);
        shifts.flat_map(move |shift| {
            [false, true].into_iter().flat_map(move |inclusive| {
                units.map(|unit| Self {
                    unit,
                    shift,
                    inclusive,
                })
            })
        })
    }

    /// The span as bytes, and whether its edges are those of words; `None` where it has no place.
    fn place(self, text: &str, map: &OffsetMap, span: (i64, i64)) -> Option<(usize, usize, bool)> {
        let byte = |offset: Option<i64>| -> Option<usize> {
            let offset = usize::try_from(offset?).ok()?;
            match self.unit {
                OffsetUnit::Characters => map.byte_of_char(offset),
                OffsetUnit::Utf16 => map.byte_of_utf16(offset),
                OffsetUnit::Bytes => text.is_char_boundary(offset).then_some(offset),
            }
        };
        let start = byte(span.0.checked_add(self.shift))?;
        let end = span.1.checked_add(self.shift + i64::from(self.inclusive));
        let end = byte(end).filter(|end| start < *end)?;
        Some((start, end, fits(text, start, end)))
    }
}

/// No white space at the edges, and no word that reaches over them. Scripts without spaces say
/// nothing about edges of words.
fn fits(text: &str, start: usize, end: usize) -> bool {
    let inside = &text[start..end];
    let over = |byte: usize| {
        let unspaced = |c: Option<char>| c.is_some_and(is_unspaced);
        reaches_over(text, byte)
            && !unspaced(text[..byte].chars().next_back())
            && !unspaced(text[byte..].chars().next())
    };
    inside.trim().len() == inside.len() && !over(start) && !over(end)
}

#[derive(Default)]
struct Count {
    all: usize,
    fit: usize,
    fit_as_is: usize,
    /// Spans that lie elsewhere in the other reading, and how many of them fit in which.
    moved: usize,
    moved_fit: usize,
    moved_fit_as_is: usize,
}

impl Count {
    fn add(&mut self, as_is: Option<(usize, usize, bool)>, other: Option<(usize, usize, bool)>) {
        let fit = |place: Option<(usize, usize, bool)>| usize::from(place.is_some_and(|p| p.2));
        self.all += 1;
        self.fit += fit(other);
        self.fit_as_is += fit(as_is);
        let bytes = |place: Option<(usize, usize, bool)>| place.map(|(start, end, _)| (start, end));
        if bytes(as_is) != bytes(other) {
            self.moved += 1;
            self.moved_fit += fit(other);
            self.moved_fit_as_is += fit(as_is);
        }
    }
}
