//! Words and spans as bytes: numbers of seven bits a byte, each counted from the one before.

use tagsmith_corpus::{Span, Word};

/// What a text's words are: for each the bytes since the end of the one before, and its length.
pub(crate) fn words(words: &[Word]) -> Option<Vec<u8>> {
    let mut bytes = Vec::with_capacity(words.len() * 2);
    let mut at = 0;
    for word in words {
        put(&mut bytes, word.start.checked_sub(at)?);
        put(&mut bytes, word.end.checked_sub(word.start)?);
        at = word.end;
    }
    Some(bytes)
}

/// The words of a text; nothing when the bytes do not fit it.
pub(crate) fn unpack_words(mut bytes: &[u8], text: &str) -> Option<Vec<Word>> {
    let mut words = Vec::with_capacity(bytes.len() / 2);
    let mut at = 0_usize;
    while !bytes.is_empty() {
        let start = at.checked_add(take(&mut bytes)?)?;
        let end = start.checked_add(take(&mut bytes)?)?;
        text.get(start..end)?;
        words.push(Word { start, end });
        at = end;
    }
    Some(words)
}

/// Spans: for each its start, its length, the number of its label, and its score where it has one.
/// Starts are not counted from one another, because spans may overlap.
pub(crate) fn spans(spans: &[Span], mut label: impl FnMut(&str) -> usize) -> Option<Vec<u8>> {
    let mut bytes = Vec::with_capacity(spans.len() * 4);
    for span in spans {
        put(&mut bytes, span.start);
        put(&mut bytes, span.end.checked_sub(span.start)?);
        put(
            &mut bytes,
            label(&span.label) * 2 + usize::from(span.score.is_some()),
        );
        if let Some(score) = span.score {
            bytes.extend(score.to_le_bytes());
        }
    }
    Some(bytes)
}

/// The spans of a text; nothing when the bytes do not fit it.
pub(crate) fn unpack_spans(mut bytes: &[u8], text: &str, labels: &[String]) -> Option<Vec<Span>> {
    let mut spans = Vec::with_capacity(bytes.len() / 4);
    while !bytes.is_empty() {
        let start = take(&mut bytes)?;
        let end = start.checked_add(take(&mut bytes)?)?;
        text.get(start..end)?;
        let label = take(&mut bytes)?;
        let score = match label % 2 {
            0 => None,
            _ => {
                let (score, rest) = bytes.split_first_chunk()?;
                bytes = rest;
                Some(f32::from_le_bytes(*score))
            }
        };
        let label = labels.get(label / 2)?.clone();
        spans.push(Span {
            start,
            end,
            label,
            score,
        });
    }
    Some(spans)
}

fn put(bytes: &mut Vec<u8>, mut number: usize) {
    while number >= 0x80 {
        bytes.push((number & 0x7F) as u8 | 0x80);
        number >>= 7;
    }
    bytes.push(number as u8);
}

fn take(bytes: &mut &[u8]) -> Option<usize> {
    let mut number = 0_usize;
    for shift in (0..usize::BITS).step_by(7) {
        let (byte, rest) = bytes.split_first()?;
        *bytes = rest;
        number |= usize::from(byte & 0x7F).checked_shl(shift)?;
        if byte & 0x80 == 0 {
            return Some(number);
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn numbers_come_back(numbers in prop::collection::vec(any::<usize>(), 0..20)) {
            let mut bytes = Vec::new();
            numbers.iter().for_each(|n| put(&mut bytes, *n));
            let mut rest = &bytes[..];
            for number in numbers {
                prop_assert_eq!(take(&mut rest), Some(number));
            }
            prop_assert!(rest.is_empty());
        }

        #[test]
        fn garbage_is_refused_and_never_panics(bytes in prop::collection::vec(any::<u8>(), 0..40)) {
            let text = "Zoë saw 😀 in Köln";
            for word in unpack_words(&bytes, text).into_iter().flatten() {
                prop_assert!(text.get(word.start..word.end).is_some());
            }
            for span in unpack_spans(&bytes, text, &["A".into()]).into_iter().flatten() {
                prop_assert!(text.get(span.start..span.end).is_some());
            }
        }
    }
}
