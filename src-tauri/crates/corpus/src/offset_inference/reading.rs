//! One way to read the offsets of a file, and how a finding words it.

use std::path::Path;

use serde::Serialize;

use crate::issue::{Issue, IssueCode, Severity};
use crate::offsets::{LineBreaks, OffsetMap};
use crate::options::{LineEnds, OffsetUnit, ReadOptions};
use crate::recipe::Repair;

/// One way to read offsets.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct OffsetReading {
    /// What the offsets are taken to count.
    pub unit: OffsetUnit,
    /// What is added to each, in that unit.
    pub shift: i64,
    /// The end is the last character, not the one after it.
    pub inclusive: bool,
    /// What they count for the end of a line.
    pub line_ends: LineEnds,
}

impl OffsetReading {
    pub(super) const fn new(unit: OffsetUnit, shift: i64) -> Self {
        Self {
            unit,
            shift,
            inclusive: false,
            line_ends: LineEnds::AsWritten,
        }
    }

    pub(super) const fn inclusive(self) -> Self {
        Self {
            inclusive: true,
            ..self
        }
    }

    pub(super) const fn line_ends(self, line_ends: LineEnds) -> Self {
        Self { line_ends, ..self }
    }

    /// Whether spans lie elsewhere in a text of any letters.
    pub(super) fn is_moved(self) -> bool {
        self.shift != 0 || self.inclusive
    }

    /// As the options say.
    pub fn of(options: &ReadOptions) -> Self {
        Self {
            unit: options.offsets,
            shift: options.shift,
            inclusive: options.inclusive_ends,
            line_ends: options.line_ends,
        }
    }

    /// The options with this reading.
    pub fn within(self, options: &ReadOptions) -> ReadOptions {
        ReadOptions {
            offsets: self.unit,
            shift: self.shift,
            inclusive_ends: self.inclusive,
            line_ends: self.line_ends,
            ..options.clone()
        }
    }

    /// The bytes that a span means; `None` where an edge is out of range or inside a character.
    pub(crate) fn edges(self, (start, end): (u64, u64), text: &Units) -> Option<(usize, usize)> {
        let end = end.checked_add(u64::from(self.inclusive))?;
        Some((self.byte(start, text)?, self.byte(end, text)?))
    }

    /// Neither edge lies within the end of a line, where nobody marks anything.
    pub(super) fn spares_line_ends(self, (start, end): (u64, u64), text: &Units) -> bool {
        let splits = |offset| {
            self.place(offset)
                .is_some_and(|at| text.breaks.splits_doubled(at, self.unit))
        };
        self.line_ends != LineEnds::Doubled || !splits(start) && !splits(end)
    }

    fn place(self, offset: u64) -> Option<usize> {
        usize::try_from(offset.checked_add_signed(self.shift)?).ok()
    }

    fn byte(self, offset: u64, text: &Units) -> Option<usize> {
        let at = self.place(offset)?;
        let at = match self.line_ends {
            LineEnds::AsWritten => at,
            LineEnds::Joined => text.breaks.of_joined(at, self.unit)?,
            LineEnds::Doubled => text.breaks.of_doubled(at, self.unit),
        };
        byte_at(at, text.map, self.unit)
    }
}

/// The byte of an offset; `None` where it is out of range or inside a character.
pub(crate) fn byte_at(at: usize, map: &OffsetMap, unit: OffsetUnit) -> Option<usize> {
    match unit {
        OffsetUnit::Characters => map.byte_of_char(at),
        OffsetUnit::Bytes => map.char_of_byte(at).map(|_| at),
        OffsetUnit::Utf16 => map.byte_of_utf16(at),
    }
}

/// A text with what is needed to find offsets in it.
pub(crate) struct Units<'a> {
    text: &'a str,
    map: &'a OffsetMap,
    pub(super) breaks: LineBreaks,
    pub(super) ascii: bool,
}

impl<'a> Units<'a> {
    pub fn new(text: &'a str, map: &'a OffsetMap) -> Self {
        Self {
            text,
            map,
            breaks: LineBreaks::new(text, map),
            // One byte for each character.
            ascii: map.chars() == text.len(),
        }
    }

    pub fn text(&self) -> &'a str {
        self.text
    }
}

impl OffsetReading {
    /// The first thing in which it differs from another: to be read behind `the offsets seem to`, the
    /// option and the repair that read a file so, and the code of the finding.
    pub(super) fn differs(self, used: Self) -> Option<(String, String, Repair, IssueCode)> {
        if self.unit != used.unit {
            let (what, name) = match self.unit {
                OffsetUnit::Characters => ("Unicode characters", "characters"),
                OffsetUnit::Bytes => ("bytes of UTF-8", "bytes"),
                OffsetUnit::Utf16 => ("UTF-16 units, as JavaScript and Java do", "utf16"),
            };
            return Some((
                format!("count {what}"),
                format!("--offsets {name}"),
                Repair::ConvertOffsets { from: self.unit },
                IssueCode::OffsetsUnit,
            ));
        }
        if self.line_ends != used.line_ends {
            let (what, name) = match self.line_ends {
                LineEnds::AsWritten => ("line ends as they are in the text", "as-written"),
                LineEnds::Joined => ("a Windows line end (CR LF) as one character", "joined"),
                LineEnds::Doubled => ("a line end as two characters (CR LF)", "doubled"),
            };
            return Some((
                format!("count {what}"),
                format!("--line-ends {name}"),
                Repair::CountLineEnds {
                    line_ends: self.line_ends,
                },
                IssueCode::LineEndsJoined,
            ));
        }
        if self.shift != used.shift {
            let by = self.shift.saturating_sub(used.shift);
            let direction = if by > 0 { "small" } else { "large" };
            return Some((
                format!("be too {direction} by {}", by.unsigned_abs()),
                format!("--shift {}", self.shift),
                Repair::ShiftOffsets { by },
                IssueCode::OffsetsShifted,
            ));
        }
        (self.inclusive && !used.inclusive).then(|| {
            (
                "end at the last character of a span, not after it".into(),
                "--inclusive-ends".into(),
                Repair::InclusiveEnds,
                IssueCode::OffsetsInclusive,
            )
        })
    }

    /// The finding that a file was read so, and not as asked, with the reason.
    pub(crate) fn taken(self, asked: Self, why: &str, path: &Path) -> Issue {
        let mut parts = Vec::new();
        let units = match self.unit {
            OffsetUnit::Characters => "Unicode characters",
            OffsetUnit::Bytes => "bytes of UTF-8",
            OffsetUnit::Utf16 => "UTF-16 units",
        };
        if self.unit != asked.unit {
            parts.push((
                IssueCode::OffsetsUtf16,
                format!("the offsets count {units}"),
            ));
        }
        if self.line_ends != asked.line_ends {
            let what = match self.line_ends {
                LineEnds::AsWritten => "line ends as they are in the text",
                LineEnds::Joined => "a Windows line end (CR LF) as one character",
                LineEnds::Doubled => {
                    "a line end as two characters (CR LF), though the text has one"
                }
            };
            parts.push((
                IssueCode::LineEndsJoined,
                format!("the offsets count {what}"),
            ));
        }
        if self.shift != asked.shift {
            let by = self.shift.saturating_sub(asked.shift);
            let way = if by > 0 { "small" } else { "large" };
            let message = format!("the offsets are too {way} by {}", by.unsigned_abs());
            parts.push((IssueCode::OffsetsShifted, message));
        }
        if self.inclusive != asked.inclusive {
            let message = "the end of a span is its last character, not the one after it";
            parts.push((IssueCode::OffsetsInclusive, message.into()));
        }
        let code = parts
            .first()
            .map_or(IssueCode::OffsetsUnit, |(code, _)| *code);
        // The code is that of the unit which is meant.
        let code = match (code, self.unit) {
            (IssueCode::OffsetsUtf16, OffsetUnit::Bytes | OffsetUnit::Characters) => {
                IssueCode::OffsetsUnit
            }
            (code, _) => code,
        };
        let parts: Vec<String> = parts.into_iter().map(|(_, message)| message).collect();
        let message = format!("{}: so they were read, {why}", parts.join(", and "));
        Issue::new(Severity::Info, code, path, 0, message)
    }
}
