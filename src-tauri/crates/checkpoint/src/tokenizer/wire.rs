//! Protocol Buffers' wire format: the numbered fields of a message.

/// The value of a field.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Field<'a> {
    /// A whole number, a truth value or a choice.
    Number(u64),
    /// Four bytes, for instance of an `f32`.
    Four([u8; 4]),
    /// A text, bytes, or a message within.
    Bytes(&'a [u8]),
    /// Eight bytes, which nothing here reads.
    Eight,
}

/// A message, read field by field. Nothing is copied, so that no length in it asks for memory.
pub(super) struct Message<'a>(pub &'a [u8]);

impl<'a> Iterator for Message<'a> {
    /// The field's number and value, or why the rest cannot be read.
    type Item = Result<(u64, Field<'a>), &'static str>;

    fn next(&mut self) -> Option<Self::Item> {
        (!self.0.is_empty()).then(|| {
            let read = self.field();
            if read.is_err() {
                self.0 = &[];
            }
            read
        })
    }
}

impl<'a> Message<'a> {
    fn field(&mut self) -> Result<(u64, Field<'a>), &'static str> {
        let key = self.varint()?;
        let value = match key & 7 {
            0 => Field::Number(self.varint()?),
            1 => self.take(8).map(|_| Field::Eight)?,
            2 => {
                let length = self.varint()?;
                Field::Bytes(self.take(length)?)
            }
            5 => {
                let mut four = [0; 4];
                four.copy_from_slice(self.take(4)?);
                Field::Four(four)
            }
            _ => return Err("it holds a field of an unknown kind"),
        };
        match key >> 3 {
            0 => Err("it holds a field without a number"),
            number => Ok((number, value)),
        }
    }

    /// Seven bits a byte, the lowest first; the eighth bit says that more follow.
    fn varint(&mut self) -> Result<u64, &'static str> {
        let mut value = 0;
        for place in (0..64).step_by(7) {
            let byte = u64::from(self.take(1)?[0]);
            value |= (byte & 127) << place;
            if byte < 128 {
                return Ok(value);
            }
        }
        Err("it holds a number of more than 64 bits")
    }

    fn take(&mut self, length: u64) -> Result<&'a [u8], &'static str> {
        let parts = usize::try_from(length).ok();
        let parts = parts.and_then(|length| self.0.split_at_checked(length));
        let (taken, rest) = parts.ok_or("it ends in the middle of a field")?;
        self.0 = rest;
        Ok(taken)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Written by the package protobuf 7.36.2: fields 1 to 4 with 300, 1.5, "é" and 2.5 (`double`).
    #[test]
    fn fields_are_read_by_number() {
        let bytes =
            b"\x08\xac\x02\x15\x00\x00\xc0\x3f\x1a\x02\xc3\xa9\x21\x00\x00\x00\x00\x00\x00\x04\x40";
        let found: Result<Vec<_>, _> = Message(bytes).collect();
        let expected = [
            (1, Field::Number(300)),
            (2, Field::Four(1.5_f32.to_le_bytes())),
            (3, Field::Bytes("é".as_bytes())),
            (4, Field::Eight),
        ];
        assert_eq!(found.unwrap(), expected);
    }

    #[test]
    fn damaged_messages_end_in_an_error() {
        let cases: &[(&[u8], &str)] = &[
            (b"\x08", "ends in the middle"),
            (b"\x08\xff", "ends in the middle"),
            (b"\x0a\x05abc", "ends in the middle"),
            (b"\x15\x00\x00", "ends in the middle"),
            // A length that no memory holds.
            (
                b"\x0a\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01x",
                "ends in the middle",
            ),
            (
                b"\x08\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01",
                "64 bits",
            ),
            (b"\x00\x01", "without a number"),
            (b"\x0c", "unknown kind"),
            (b"<html>", "unknown kind"),
        ];
        for (bytes, expected) in cases {
            let found: Result<Vec<_>, _> = Message(bytes).collect();
            assert!(found.unwrap_err().contains(expected), "{bytes:?}");
        }
    }
}
