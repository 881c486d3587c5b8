//! Converts between UTF-8 bytes, Unicode characters and UTF-16 units; nothing else does.

use crate::options::OffsetUnit;

/// One position of a text in all three units.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Position {
    byte: usize,
    char: usize,
    utf16: usize,
}

/// The positions of one text. Holds one entry per non-ASCII character and none for ASCII text.
#[derive(Clone, Debug)]
pub struct OffsetMap {
    /// The place just behind each non-ASCII character. Between two of them the three units
    /// advance together.
    behind: Vec<Position>,
    end: Position,
}

impl OffsetMap {
    /// Reads the text once; later questions take logarithmic time.
    pub fn new(text: &str) -> Self {
        let mut behind: Vec<Position> = Vec::new();
        if text.is_ascii() {
            let n = text.len();
            return Self {
                behind,
                end: Position {
                    byte: n,
                    char: n,
                    utf16: n,
                },
            };
        }
        let mut at = Position::default();
        for c in text.chars() {
            at.byte += c.len_utf8();
            at.char += 1;
            at.utf16 += c.len_utf16();
            if !c.is_ascii() {
                behind.push(at);
            }
        }
        Self { behind, end: at }
    }

    /// Length of the text in Unicode characters.
    pub fn chars(&self) -> usize {
        self.end.char
    }

    /// `None` when out of range or inside a character.
    pub fn char_of_byte(&self, byte: usize) -> Option<usize> {
        self.find(byte, |place| place.byte).map(|place| place.char)
    }

    /// `None` when out of range.
    pub fn byte_of_char(&self, char: usize) -> Option<usize> {
        self.find(char, |place| place.char).map(|place| place.byte)
    }

    /// `None` when out of range or inside a character.
    pub fn utf16_of_byte(&self, byte: usize) -> Option<usize> {
        self.find(byte, |place| place.byte).map(|place| place.utf16)
    }

    /// `None` when out of range or between the halves of a surrogate pair.
    pub fn byte_of_utf16(&self, utf16: usize) -> Option<usize> {
        self.find(utf16, |place| place.utf16)
            .map(|place| place.byte)
    }

    fn find(&self, wanted: usize, unit: impl Fn(&Position) -> usize) -> Option<Position> {
        let next = self.behind.partition_point(|place| unit(place) <= wanted);
        let base = if next == 0 {
            Position::default()
        } else {
            self.behind[next - 1]
        };
        let ahead = wanted - unit(&base);
        // No text is so long, and the sums below would overflow.
        if ahead > self.end.byte {
            return None;
        }
        let found = Position {
            byte: base.byte + ahead,
            char: base.char + ahead,
            utf16: base.utf16 + ahead,
        };
        // The next non-ASCII character starts one character before the place behind it;
        // whatever lies further lies inside it.
        let inside = match self.behind.get(next) {
            Some(behind) => found.char < behind.char,
            None => found.byte <= self.end.byte,
        };
        inside.then_some(found)
    }
}

/// The ends of the lines of one text, for offsets that count them otherwise than the text has them.
#[derive(Clone, Debug, Default)]
pub(crate) struct LineBreaks {
    /// The carriage return of each pair with a line feed.
    pairs: Vec<Position>,
    /// Each line feed without a carriage return before it.
    single: Vec<Position>,
}

impl LineBreaks {
    pub fn new(text: &str, map: &OffsetMap) -> Self {
        let mut found = Self::default();
        for byte in memchr::memchr_iter(b'\n', text.as_bytes()) {
            let pair = byte > 0 && text.as_bytes()[byte - 1] == b'\r';
            let Some(place) = map.find(byte - usize::from(pair), |place| place.byte) else {
                continue;
            };
            match pair {
                true => found.pairs.push(place),
                false => found.single.push(place),
            }
        }
        found
    }

    /// No line ends in the text.
    pub fn is_empty(&self) -> bool {
        self.pairs.is_empty() && self.single.is_empty()
    }

    /// Where an offset lies that counts each pair as one.
    pub fn of_joined(&self, at: usize, unit: OffsetUnit) -> Option<usize> {
        let before = bisect(self.pairs.len(), |i| self.pairs[i].count(unit) - i < at);
        at.checked_add(before)
    }

    /// Where an offset lies that counts each single line feed as two.
    pub fn of_doubled(&self, at: usize, unit: OffsetUnit) -> usize {
        let ends = |i: usize| self.single[i].count(unit) + i + 2;
        at - bisect(self.single.len(), |i| ends(i) <= at)
    }

    /// Whether such an offset lies between the two characters that a line feed is counted as.
    pub fn splits_doubled(&self, at: usize, unit: OffsetUnit) -> bool {
        let middle = |i: usize| self.single[i].count(unit) + i + 1;
        let before = bisect(self.single.len(), |i| middle(i) < at);
        before < self.single.len() && middle(before) == at
    }
}

impl Position {
    fn count(&self, unit: OffsetUnit) -> usize {
        match unit {
            OffsetUnit::Characters => self.char,
            OffsetUnit::Bytes => self.byte,
            OffsetUnit::Utf16 => self.utf16,
        }
    }
}

/// How many of the numbers up to `end`, in order, pass a test that the first ones pass.
fn bisect(end: usize, passes: impl Fn(usize) -> bool) -> usize {
    let (mut low, mut high) = (0, end);
    while low < high {
        let middle = low + (high - low) / 2;
        match passes(middle) {
            true => low = middle + 1,
            false => high = middle,
        }
    }
    low
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn three_units() {
        let text = "aé😀文b";
        let map = OffsetMap::new(text);
        // (byte, character, UTF-16 unit) of each boundary.
        let places = [
            (0, 0, 0),
            (1, 1, 1),
            (3, 2, 2),
            (7, 3, 4),
            (10, 4, 5),
            (11, 5, 6),
        ];
        for (byte, char, utf16) in places {
            assert_eq!(map.char_of_byte(byte), Some(char));
            assert_eq!(map.byte_of_char(char), Some(byte));
            assert_eq!(map.utf16_of_byte(byte), Some(utf16));
            assert_eq!(map.byte_of_utf16(utf16), Some(byte));
        }
        for byte in [2, 4, 5, 6, 8, 9, 12, 99] {
            assert_eq!(map.char_of_byte(byte), None, "byte {byte}");
        }
        assert_eq!(map.byte_of_utf16(3), None);
        assert_eq!(map.byte_of_utf16(7), None);
        assert_eq!(map.byte_of_char(6), None);
        assert_eq!(map.chars(), 5);
    }

    #[test]
    fn line_ends_counted_otherwise() {
        let windows = "a😀\r\nb\r\n\r\nc";
        let unix = windows.replace("\r\n", "\n");
        let (map, plain) = (OffsetMap::new(windows), OffsetMap::new(&unix));
        let (breaks, other) = (
            LineBreaks::new(windows, &map),
            LineBreaks::new(&unix, &plain),
        );
        for (byte, c) in unix.char_indices().filter(|(_, c)| !c.is_whitespace()) {
            let there = windows.find(c).unwrap();
            for unit in [OffsetUnit::Characters, OffsetUnit::Bytes, OffsetUnit::Utf16] {
                let count =
                    |map: &OffsetMap, byte| map.find(byte, |place| place.byte).unwrap().count(unit);
                let (short, long) = (count(&plain, byte), count(&map, there));
                assert_eq!(breaks.of_joined(short, unit), Some(long), "{c}");
                assert_eq!(other.of_doubled(long, unit), short, "{c}");
            }
        }
        assert!(LineBreaks::new("a b", &OffsetMap::new("a b")).is_empty());
        assert_eq!(breaks.of_joined(usize::MAX, OffsetUnit::Bytes), None);
    }

    #[test]
    fn empty_and_ascii() {
        let map = OffsetMap::new("");
        assert_eq!((map.char_of_byte(0), map.char_of_byte(1)), (Some(0), None));
        let map = OffsetMap::new("abc");
        assert_eq!((map.char_of_byte(3), map.byte_of_utf16(4)), (Some(3), None));
    }

    /// Found by spoiling files: the sum behind a character of several bytes went round.
    #[test]
    fn numbers_beyond_any_text() {
        for text in ["", "abc", "é Ada 😀", "a文"] {
            let map = OffsetMap::new(text);
            for wanted in [usize::MAX, usize::MAX - 1, usize::MAX / 2 + 1, 1 << 40] {
                assert_eq!(map.byte_of_char(wanted), None, "{text} {wanted}");
                assert_eq!(map.byte_of_utf16(wanted), None, "{text} {wanted}");
                assert_eq!(map.char_of_byte(wanted), None, "{text} {wanted}");
            }
        }
    }

    proptest! {
        #[test]
        fn agrees_with_a_walk(text in r"(?s)[ -~\r\n\u{e9}\u{301}\u{5d0}-\u{5ea}\u{200d}\u{fe0f}\u{4e00}-\u{4eff}\u{1F468}-\u{1F4ff}]{0,40}") {
            let map = OffsetMap::new(&text);
            for byte in 0..=text.len() + 2 {
                let prefix = text.get(..byte);
                prop_assert_eq!(map.char_of_byte(byte), prefix.map(|p| p.chars().count()));
                prop_assert_eq!(map.utf16_of_byte(byte), prefix.map(|p| p.encode_utf16().count()));
                if let Some(prefix) = prefix {
                    prop_assert_eq!(map.byte_of_char(prefix.chars().count()), Some(byte));
                    prop_assert_eq!(map.byte_of_utf16(prefix.encode_utf16().count()), Some(byte));
                }
            }
        }
    }
}
