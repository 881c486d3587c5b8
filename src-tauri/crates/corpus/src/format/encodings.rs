//! Decodes what is no UTF-8: UTF-16, the encodings from before Unicode, and CESU-8.

use chardetng::{EncodingDetector, Iso2022JpDetection, Utf8Detection};
use encoding_rs::{DecoderResult, Encoding, UTF_16BE, UTF_16LE};

/// The first place that cannot be decoded, and how many there are.
#[derive(Debug, PartialEq)]
pub(super) struct InvalidBytes {
    /// From 1.
    pub line: usize,
    /// From 0 at the start of the file.
    pub byte: usize,
    pub count: usize,
}

/// Decodes strictly; `offset` is where `bytes` start in their file.
pub(super) fn transcode(
    bytes: &[u8],
    offset: usize,
    encoding: &'static Encoding,
) -> Result<String, InvalidBytes> {
    let mut decoder = encoding.new_decoder_without_bom_handling();
    let mut text = String::with_capacity(bytes.len() + 64);
    let (mut at, mut fault) = (0, None::<InvalidBytes>);
    loop {
        let (result, read) =
            decoder.decode_to_string_without_replacement(&bytes[at..], &mut text, true);
        at += read;
        match result {
            DecoderResult::InputEmpty => break,
            // Latin-1 becomes at most twice as long, UTF-16 half as long again.
            DecoderResult::OutputFull => text.reserve((bytes.len() - at) * 2 + 64),
            DecoderResult::Malformed(length, behind) => match &mut fault {
                Some(fault) => fault.count += 1,
                None => {
                    let back = usize::from(length) + usize::from(behind);
                    fault = Some(InvalidBytes {
                        line: 1 + text.matches('\n').count(),
                        byte: offset + at.saturating_sub(back),
                        count: 1,
                    });
                }
            },
        }
    }
    fault.map_or(Ok(text), Err)
}

/// UTF-16 of text that is at least in part ASCII, which has a zero in every other byte: all of
/// them on one side, a tenth of the units or more, white space among them, and nothing in it that is
/// no text.
pub(super) fn utf16_without_mark(bytes: &[u8]) -> Option<&'static Encoding> {
    const HEAD: usize = 1 << 16;
    let mut head = &bytes[..bytes.len().min(HEAD) & !1];
    let units = head.len() / 2;
    let zeros = |side: usize| {
        head.iter()
            .skip(side)
            .step_by(2)
            .filter(|b| **b == 0)
            .count()
    };
    let (encoding, wide, high) = match (zeros(0), zeros(1)) {
        (0, n) => (UTF_16LE, n, 1),
        (n, 0) => (UTF_16BE, n, 0),
        _ => return None,
    };
    if wide == 0 || wide * 10 < units {
        return None;
    }
    // The head must not end between the halves of a pair.
    if bytes.len() > head.len() && (0xd8..=0xdb).contains(&head[head.len() - 2 + high]) {
        head = &head[..head.len() - 2];
    }
    let text = encoding.decode_without_bom_handling_and_without_replacement(head)?;
    let odd = |c: char| c.is_control() && !matches!(c, '\t' | '\n' | '\r');
    let spaced = text.contains(['\n', '\r', '\t', ' ']);
    (spaced && !text.contains(odd)).then_some(encoding)
}

/// The most likely encoding and the text in it; `None` where no guess gives a text.
pub(super) fn guess(bytes: &[u8]) -> Option<(&'static Encoding, String)> {
    let mut detector = EncodingDetector::new(Iso2022JpDetection::Deny);
    detector.feed(bytes, true);
    let encoding = detector.guess(None, Utf8Detection::Deny);
    let text = transcode(bytes, 0, encoding).ok()?;
    // The places that an encoding leaves open decode as control characters.
    let open = |c: char| matches!(c, '\u{80}'..='\u{9f}');
    (!text.contains(open)).then_some((encoding, text))
}

/// The surrogate that three bytes write, as UTF-8 must not.
pub(super) fn surrogate(bytes: &[u8]) -> Option<u16> {
    match bytes {
        [0xed, second @ 0xa0..=0xbf, third @ 0x80..=0xbf, ..] => {
            Some(0xd000 | u16::from(second & 0x3f) << 6 | u16::from(third & 0x3f))
        }
        _ => None,
    }
}

/// UTF-8 in which pairs of surrogates stand for characters beyond U+FFFF.
pub(super) fn cesu8(bytes: &[u8]) -> Result<String, InvalidBytes> {
    let mut text = String::with_capacity(bytes.len());
    let (mut at, mut fault) = (0, None::<InvalidBytes>);
    while at < bytes.len() {
        let rest = &bytes[at..];
        let (valid, bad) = match std::str::from_utf8(rest) {
            Ok(valid) => (valid, 0),
            Err(error) => {
                let (valid, _) = rest.split_at(error.valid_up_to());
                let valid = std::str::from_utf8(valid).unwrap_or_default();
                (valid, error.error_len().unwrap_or(1))
            }
        };
        text.push_str(valid);
        at += valid.len();
        if at >= bytes.len() {
            break;
        }
        let halves = [
            surrogate(&bytes[at..]),
            bytes.get(at + 3..).and_then(surrogate),
        ];
        let pair = match halves {
            [Some(high), Some(low)] => char::decode_utf16([high, low]).next().and_then(Result::ok),
            _ => None,
        };
        match (pair, halves[0]) {
            (Some(c), _) => {
                text.push(c);
                at += 6;
                continue;
            }
            (None, lone) => {
                fault
                    .get_or_insert_with(|| InvalidBytes {
                        line: 1 + text.matches('\n').count(),
                        byte: at,
                        count: 0,
                    })
                    .count += 1;
                at += if lone.is_some() { 3 } else { bad.max(1) };
            }
        }
    }
    fault.map_or(Ok(text), Err)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn surrogates_are_read_as_written() {
        // The snowman's neighbour U+1F355, in UTF-16 D83C DF55.
        assert_eq!(surrogate(b"\xed\xa0\xbc"), Some(0xd83c));
        assert_eq!(surrogate(b"\xed\xbd\x95"), Some(0xdf55));
        assert_eq!(surrogate(b"\xed\x9f\xbf"), None);
        assert_eq!(
            cesu8(b"a\xed\xa0\xbc\xed\xbd\x95b"),
            Ok("a\u{1f355}b".into())
        );
        let lone = |line, byte, count| Err(InvalidBytes { line, byte, count });
        assert_eq!(cesu8(b"a\n\xed\xa0\xbcb\xed\xbd\x95"), lone(2, 2, 2));
        assert_eq!(cesu8(b"\xed\xbd\x95\xed\xa0\xbc"), lone(1, 0, 2));
        assert_eq!(cesu8(b"a\xff\xed"), lone(1, 1, 2));
    }

    #[test]
    fn lone_surrogates_of_utf16_are_counted() {
        let units: [u16; 6] = [0x61, 0x0a, 0xd83c, 0x62, 0xdf55, 0x0a];
        let bytes: Vec<u8> = units.iter().flat_map(|unit| unit.to_le_bytes()).collect();
        let fault = transcode(&bytes, 2, UTF_16LE).unwrap_err();
        assert_eq!((fault.line, fault.byte, fault.count), (2, 6, 2));
    }
}
