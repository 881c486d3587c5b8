//! JSON that is nearly right: `NaN`, halves of surrogate pairs, one broken element among many.

use std::borrow::Cow;

/// JSON with what no reader accepts replaced, and how often that was needed.
pub(super) struct Mended {
    pub json: String,
    /// `NaN`, `Infinity` and `-Infinity`, which became `null`.
    pub numbers: usize,
    /// Halves of surrogate pairs, which became `\ufffd`.
    pub halves: usize,
    /// The byte of the first, in what was given.
    pub first: usize,
}

const NUMBERS: [&str; 3] = ["-Infinity", "Infinity", "NaN"];

/// What was given with such values replaced; `None` where there are none. Line ends stay.
pub(super) fn mended(json: &str) -> Option<Mended> {
    let bytes = json.as_bytes();
    let mut found = Mended {
        json: String::new(),
        numbers: 0,
        halves: 0,
        first: 0,
    };
    let (mut at, mut copied, mut inside) = (0, 0, false);
    let replace = |found: &mut Mended, copied: &mut usize, from: usize, to: usize, by| {
        if found.numbers + found.halves == 0 {
            found.first = from;
        }
        found.json.push_str(&json[*copied..from]);
        found.json.push_str(by);
        *copied = to;
    };
    while at < bytes.len() {
        match (inside, bytes[at]) {
            (true, b'\\') => {
                let unit = |from: usize| -> Option<u16> {
                    let digits = json.get(from..from + 6)?.strip_prefix("\\u")?;
                    u16::from_str_radix(digits, 16).ok()
                };
                match unit(at) {
                    Some(0xd800..=0xdbff) if matches!(unit(at + 6), Some(0xdc00..=0xdfff)) => {
                        at += 12;
                    }
                    Some(0xd800..=0xdfff) => {
                        replace(&mut found, &mut copied, at, at + 6, "\\ufffd");
                        found.halves += 1;
                        at += 6;
                    }
                    _ => at += 2,
                }
            }
            (_, b'"') => {
                inside = !inside;
                at += 1;
            }
            (false, b'N' | b'I' | b'-') => {
                let name = NUMBERS
                    .iter()
                    .find(|name| bytes[at..].starts_with(name.as_bytes()));
                match name {
                    Some(name) => {
                        replace(&mut found, &mut copied, at, at + name.len(), "null");
                        found.numbers += 1;
                        at += name.len();
                    }
                    None => at += 1,
                }
            }
            _ => at += 1,
        }
    }
    if found.numbers + found.halves == 0 {
        return None;
    }
    found.json.push_str(&json[copied..]);
    Some(found)
}

/// The JSON itself, or mended.
pub(super) fn readable(json: &str) -> Cow<'_, str> {
    mended(json).map_or(Cow::Borrowed(json), |found| Cow::Owned(found.json))
}

/// The elements of an array of which some are broken: parted at the commas between brackets, else one
/// in each line. `None` where it is not to be said where one ends.
pub(super) fn elements(array: &str) -> Option<Vec<&str>> {
    balanced(array).or_else(|| by_lines(array))
}

fn balanced(array: &str) -> Option<Vec<&str>> {
    let inner = array.trim_start().strip_prefix('[')?;
    let mut elements = Vec::new();
    let (mut depth, mut inside, mut escaped, mut start) = (0usize, false, false, 0);
    for (at, byte) in inner.bytes().enumerate() {
        match byte {
            _ if escaped => escaped = false,
            b'\\' if inside => escaped = true,
            b'"' => inside = !inside,
            // No text goes over a line end: this one was never closed.
            b'\n' if inside => return None,
            _ if inside => {}
            b'[' | b'{' => depth += 1,
            b']' if depth == 0 => {
                let last = inner[start..at].trim();
                if !last.is_empty() {
                    elements.push(last);
                }
                return inner[at + 1..].trim().is_empty().then_some(elements);
            }
            b']' | b'}' => depth = depth.checked_sub(1)?,
            b',' if depth == 0 => {
                elements.push(inner[start..at].trim());
                start = at + 1;
            }
            _ => {}
        }
    }
    None
}

fn by_lines(array: &str) -> Option<Vec<&str>> {
    let inner = array.trim().strip_prefix('[')?;
    let inner = inner.strip_suffix(']').unwrap_or(inner);
    let lines = inner.lines().map(|line| {
        let line = line.trim();
        line.strip_suffix(',').unwrap_or(line)
    });
    let elements: Vec<&str> = lines.filter(|line| !line.is_empty()).collect();
    let whole = |line: &&&str| line.starts_with(['{', '[']) && line.ends_with(['}', ']']);
    let sound = elements.iter().filter(whole).count();
    (sound > 0 && sound * 10 >= elements.len() * 9).then_some(elements)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_that_json_lacks() {
        let check = |json: &str, expected: Option<(&str, usize, usize)>| {
            let found = mended(json);
            let found = found
                .as_ref()
                .map(|m| (m.json.as_str(), m.numbers, m.halves));
            assert_eq!(found, expected, "{json}");
        };
        check(
            r#"{"a": NaN, "b": [-Infinity]}"#,
            Some((r#"{"a": null, "b": [null]}"#, 2, 0)),
        );
        check(r#"{"a": "NaN", "b": -1}"#, None);
        check(
            r#"{"a": "x \ud83d y"}"#,
            Some((r#"{"a": "x \ufffd y"}"#, 0, 1)),
        );
        check(r#"{"a": "\ud83d\ude00 \\ud83d"}"#, None);
        check(
            r#"{"a": "\ude00\ud83d"}"#,
            Some((r#"{"a": "\ufffd\ufffd"}"#, 0, 2)),
        );
        check(r#"{"a": "\"#, None);
    }

    #[test]
    fn elements_of_a_broken_array() {
        let check = |array: &str, expected: Option<&[&str]>| {
            assert_eq!(elements(array).as_deref(), expected, "{array}");
        };
        check("[1, {\"a\" 2}, [3]]", Some(&["1", "{\"a\" 2}", "[3]"]));
        check(
            "[\n{\"a\": \"],\"},\n{b}\n]\n",
            Some(&["{\"a\": \"],\"}", "{b}"]),
        );
        let lines: Vec<String> = (0..9).map(|i| format!("{{\"a\": {i}}},")).collect();
        let text = format!("[\n{}\n{{\"a\": \"x}},\n{{}}\n]", lines.join("\n"));
        assert_eq!(elements(&text).map(|found| found.len()), Some(11));
        check("[{\"a\": \"x}\n]", Some(&["{\"a\": \"x}"]));
        check("[{\"a\": \"x\n]", None);
        check("[", None);
        check("{}", None);
    }
}
