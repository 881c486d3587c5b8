//! The cells of WebAnno TSV: several values in one, their numbers, and what is written with a backslash.

/// One value of a feature.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Value {
    /// `None` for `*`, an annotation whose feature has no value.
    pub text: Option<String>,
    /// The same for all words of an annotation that covers several.
    pub number: Option<u64>,
}

/// `PER[1]|ORG[2]`; nothing for `_`, where there is no annotation.
pub(super) fn values(cell: &str) -> Vec<Value> {
    match cell.trim() {
        "_" | "" => Vec::new(),
        cell => split(cell).into_iter().map(value).collect(),
    }
}

/// At each `|` without a backslash before it.
fn split(cell: &str) -> Vec<&str> {
    let mut parts = Vec::new();
    let (mut start, mut escaped) = (0, false);
    for (at, c) in cell.char_indices() {
        match c {
            _ if escaped => escaped = false,
            '\\' => escaped = true,
            '|' => {
                parts.push(&cell[start..at]);
                start = at + 1;
            }
            _ => {}
        }
    }
    parts.push(&cell[start..]);
    parts
}

fn value(part: &str) -> Value {
    let numbered = part.strip_suffix(']').and_then(|open| {
        let (text, number) = open.rsplit_once('[')?;
        let number = number.parse().ok()?;
        (!text.ends_with('\\') || text.ends_with("\\\\")).then_some((text, number))
    });
    let (text, number) = match numbered {
        Some((text, number)) => (text, Some(number)),
        None => (part, None),
    };
    let text = match text {
        "*" | "" => None,
        text => Some(unescaped(text, |c| match c {
            't' => Some('\t'),
            'n' => Some('\n'),
            _ => None,
        })),
    };
    Value { text, number }
}

/// What stands behind `#Text=`, or a word of it.
pub(super) fn text_of(text: &str) -> String {
    unescaped(text, |c| match c {
        't' => Some('\t'),
        'n' => Some('\n'),
        'r' => Some('\r'),
        'f' => Some('\u{c}'),
        'b' => Some('\u{8}'),
        _ => None,
    })
}

/// A backslash stands before a character that would mean something else.
fn unescaped(text: &str, named: impl Fn(char) -> Option<char>) -> String {
    let mut done = String::with_capacity(text.len());
    let mut chars = text.chars();
    while let Some(c) = chars.next() {
        let next = (c == '\\').then(|| chars.next()).flatten();
        match next {
            None => done.push(c),
            Some(next) => done.push(named(next).unwrap_or(next)),
        }
    }
    done
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(cell: &str, expected: &[(Option<&str>, Option<u64>)]) {
        let found = values(cell);
        let found: Vec<_> = found
            .iter()
            .map(|v| (v.text.as_deref(), v.number))
            .collect();
        assert_eq!(found, expected, "{cell}");
    }

    #[test]
    fn cells_hold_several_values() {
        check("_", &[]);
        check("PER", &[(Some("PER"), None)]);
        check(
            "PER[1]|B\\|C[12]",
            &[(Some("PER"), Some(1)), (Some("B|C"), Some(12))],
        );
        check("*[3]|*", &[(None, Some(3)), (None, None)]);
        check("\\_", &[(Some("_"), None)]);
        check("a\\[1\\]", &[(Some("a[1]"), None)]);
        check("a\\\\[1]", &[(Some("a\\"), Some(1))]);
        check("x\\->y\\;z\\*", &[(Some("x->y;z*"), None)]);
        assert_eq!(text_of("a\\tb\\\\n\\"), "a\tb\\n\\");
    }
}
