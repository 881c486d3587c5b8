//! Reads the few structs of Parquet files that are looked at before their reader gets them: Thrift's compact protocol.
//!
//! The protocol is described in Thrift's `doc/specs/thrift-compact-protocol.md`, the structs in
//! Parquet's `parquet.thrift`. `None` stands for what is no such struct, or is cut short.

/// The kinds of values, as the protocol numbers them.
pub(super) mod kind {
    pub const TRUE: u8 = 1;
    pub const FALSE: u8 = 2;
    pub const BYTE: u8 = 3;
    pub const I16: u8 = 4;
    pub const I32: u8 = 5;
    pub const I64: u8 = 6;
    pub const DOUBLE: u8 = 7;
    pub const BINARY: u8 = 8;
    pub const LIST: u8 = 9;
    pub const SET: u8 = 10;
    pub const MAP: u8 = 11;
    pub const STRUCT: u8 = 12;
}

/// Structs in structs deeper than any of Parquet's.
const DEEPEST: usize = 32;

/// What is left to read.
pub(super) struct Input<'a> {
    rest: &'a [u8],
    whole: usize,
}

/// The numbers of a struct by the numbers of their fields, as far as Parquet's structs go that are
/// looked at; a boolean is 0 or 1.
pub(super) type Numbers = [Option<i64>; 9];

impl<'a> Input<'a> {
    pub fn new(bytes: &'a [u8]) -> Self {
        Self {
            rest: bytes,
            whole: bytes.len(),
        }
    }

    /// How many bytes have been read.
    pub fn at(&self) -> usize {
        self.whole - self.rest.len()
    }

    fn take(&mut self, count: usize) -> Option<&'a [u8]> {
        let (taken, rest) = self.rest.split_at_checked(count)?;
        self.rest = rest;
        Some(taken)
    }

    fn byte(&mut self) -> Option<u8> {
        Some(self.take(1)?[0])
    }

    /// Seven bits in each byte, the lowest first.
    pub fn unsigned(&mut self) -> Option<u64> {
        let mut number = 0;
        for shift in (0..64).step_by(7) {
            let byte = self.byte()?;
            number |= u64::from(byte & 0x7f) << shift;
            if byte & 0x80 == 0 {
                return Some(number);
            }
        }
        None
    }

    /// The same, the sign being the lowest bit.
    pub fn signed(&mut self) -> Option<i64> {
        let number = self.unsigned()?;
        Some((number >> 1) as i64 ^ -((number & 1) as i64))
    }

    /// The number and the kind of the next field; `Some(None)` behind the last. `field` is the number
    /// of the one before, 0 at the start.
    pub fn field(&mut self, field: &mut i64) -> Option<Option<u8>> {
        let header = self.byte()?;
        if header == 0 {
            return Some(None);
        }
        *field = match header >> 4 {
            0 => self.signed()?,
            more => field.checked_add(i64::from(more))?,
        };
        Some(Some(header & 0x0f))
    }

    /// How many values a list has, and of what kind.
    pub fn list(&mut self) -> Option<(usize, u8)> {
        let header = self.byte()?;
        let count = match header >> 4 {
            15 => usize::try_from(self.unsigned()?).ok()?,
            count => usize::from(count),
        };
        Some((count, header & 0x0f))
    }

    /// The numbers in a struct; all else in it is passed over.
    pub fn numbers(&mut self) -> Option<Numbers> {
        let mut numbers = Numbers::default();
        let mut field = 0;
        while let Some(kind) = self.field(&mut field)? {
            let number = match kind {
                kind::TRUE => 1,
                kind::FALSE => 0,
                kind::I16 | kind::I32 | kind::I64 => self.signed()?,
                other => {
                    self.skip(other)?;
                    continue;
                }
            };
            let at = usize::try_from(field).ok();
            if let Some(slot) = at.and_then(|at| numbers.get_mut(at)) {
                *slot = Some(number);
            }
        }
        Some(numbers)
    }

    /// Passes over a value of a field.
    pub fn skip(&mut self, kind: u8) -> Option<()> {
        self.skip_within(kind, DEEPEST)
    }

    fn skip_within(&mut self, kind: u8, depth: usize) -> Option<()> {
        let depth = depth.checked_sub(1)?;
        match kind {
            kind::TRUE | kind::FALSE => {}
            kind::BYTE => drop(self.byte()?),
            kind::I16 | kind::I32 | kind::I64 => drop(self.unsigned()?),
            kind::DOUBLE => drop(self.take(8)?),
            kind::BINARY => {
                let length = usize::try_from(self.unsigned()?).ok()?;
                self.take(length)?;
            }
            kind::LIST | kind::SET => {
                let (count, kind) = self.list()?;
                for _ in 0..count {
                    self.skip_element(kind, depth)?;
                }
            }
            kind::MAP => {
                let count = self.unsigned()?;
                let kinds = if count == 0 { 0 } else { self.byte()? };
                for _ in 0..count {
                    self.skip_element(kinds >> 4, depth)?;
                    self.skip_element(kinds & 0x0f, depth)?;
                }
            }
            kind::STRUCT => {
                let mut field = 0;
                while let Some(kind) = self.field(&mut field)? {
                    self.skip_within(kind, depth)?;
                }
            }
            _ => return None,
        }
        Some(())
    }

    /// In a list a boolean takes a byte; so no value takes none, and a list ends with the input.
    fn skip_element(&mut self, kind: u8, depth: usize) -> Option<()> {
        match kind {
            kind::TRUE | kind::FALSE => self.byte().map(drop),
            kind => self.skip_within(kind, depth),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Put together by hand from the description of the protocol.
    #[test]
    fn numbers_among_other_fields() {
        // 1: i32 3 (zigzag 6); 2: binary "ab"; 4: true; 5: list of two i32; 7: struct {1: i64 -1}; 8: i32 300.
        let bytes = b"\x15\x06\x18\x02ab\x21\x19\x25\x02\x04\x2c\x16\x01\x00\x15\xd8\x04\x00rest";
        let mut input = Input::new(bytes);
        let mut expected = Numbers::default();
        (expected[1], expected[4], expected[8]) = (Some(3), Some(1), Some(300));
        assert_eq!(input.numbers(), Some(expected));
        assert_eq!(input.at(), bytes.len() - 4);
        for end in 0..bytes.len() - 4 {
            assert_eq!(Input::new(&bytes[..end]).numbers(), None, "{end}");
        }
        // A field far from the one before has its number written out: i16 zigzag 200.
        assert_eq!(
            Input::new(b"\x05\x90\x03\x02\x00").numbers(),
            Some(Numbers::default())
        );
    }

    #[test]
    fn what_has_no_end_ends() {
        assert_eq!(Input::new(&[0x1c; 5000]).numbers(), None);
        // A list of 2^56 booleans, and a map of as many structs.
        assert_eq!(
            Input::new(b"\x19\xf1\xff\xff\xff\xff\xff\xff\xff\x7f").numbers(),
            None
        );
        assert_eq!(
            Input::new(b"\x1b\xff\xff\xff\xff\xff\xff\xff\x7f\xcc").numbers(),
            None
        );
        assert_eq!(Input::new(&[0xff; 20]).unsigned(), None);
    }
}
