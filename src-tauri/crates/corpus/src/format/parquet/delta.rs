//! Looks at delta-encoded values before they are read: how many they say they are is reserved for at once.
//!
//! Parquet's `Encodings.md`, "Delta Encoding (DELTA_BINARY_PACKED = 5)" and those built on it.

use parquet::basic::Encoding;

use super::thrift::Input;

/// Does a page of `most` values at most say of the values in it that there are more? What is no
/// such encoding says nothing of it.
pub(super) fn check(encoding: Encoding, values: &[u8], most: usize) -> Result<(), String> {
    let lists = match encoding {
        Encoding::DELTA_BINARY_PACKED | Encoding::DELTA_LENGTH_BYTE_ARRAY => 1,
        // The lengths of the beginnings that are shared with the value before, then of the rest.
        Encoding::DELTA_BYTE_ARRAY => 2,
        _ => 0,
    };
    let mut rest = values;
    for _ in 0..lists {
        let (count, end) = list(rest).ok_or("its values are cut short")?;
        if count > most as u64 {
            return Err(format!("it says that it has {count} values, and {most}"));
        }
        rest = &rest[end..];
    }
    Ok(())
}

/// How many numbers a list says that it has, and where it ends; its end is that of the input where
/// the list reaches beyond it.
fn list(bytes: &[u8]) -> Option<(u64, usize)> {
    let mut input = Input::new(bytes);
    let (block, parts, count) = (input.unsigned()?, input.unsigned()?, input.unsigned()?);
    input.signed()?;
    let per_part = block.checked_div(parts)?;
    let mut left = count.saturating_sub(1);
    let mut at = input.at();
    while left > 0 && per_part > 0 && at < bytes.len() {
        let mut input = Input::new(&bytes[at..]);
        input.signed()?;
        let widths = at + input.at();
        let parts = usize::try_from(parts).ok()?;
        at = widths.checked_add(parts)?;
        for width in bytes.get(widths..at)? {
            if left == 0 {
                break;
            }
            let bits = per_part.checked_mul(u64::from(*width))?;
            at = at.saturating_add(usize::try_from(bits / 8).ok()?);
            left = left.saturating_sub(per_part);
        }
    }
    Some((count, at.min(bytes.len())))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The example of `Encodings.md`: 7, 5, 3, 1, 2, 3, 4, 5 in one block of 128 in four parts, the
    /// first of which has two bits for each of its 32 numbers.
    const EIGHT: &[u8] =
        b"\x80\x01\x04\x08\x0e\x03\x02\x00\x00\x00\xc0\x3f\x00\x00\x00\x00\x00\x00";

    #[test]
    fn the_example_of_the_format() {
        let mut twice = EIGHT.to_vec();
        assert_eq!(list(EIGHT), Some((8, EIGHT.len())));
        assert_eq!(list(&[EIGHT, b"more"].concat()), Some((8, EIGHT.len())));
        for encoding in [
            Encoding::DELTA_BINARY_PACKED,
            Encoding::DELTA_LENGTH_BYTE_ARRAY,
        ] {
            assert_eq!(check(encoding, EIGHT, 8), Ok(()));
            assert!(check(encoding, EIGHT, 7).is_err());
        }
        twice.extend(EIGHT);
        assert_eq!(check(Encoding::DELTA_BYTE_ARRAY, &twice, 8), Ok(()));
        // The second list claims 2^28 values.
        twice.splice(EIGHT.len() + 3..=EIGHT.len() + 3, *b"\x80\x80\x80\x80\x01");
        assert!(check(Encoding::DELTA_BYTE_ARRAY, &twice, 8).is_err());
        assert_eq!(check(Encoding::PLAIN, b"", 0), Ok(()));
        for end in 0..4 {
            assert!(check(Encoding::DELTA_BINARY_PACKED, &EIGHT[..end], 8).is_err());
        }
    }
}
