//! Characters that do not belong in text: control and format characters, lost and garbled letters.

use unicode_properties::{GeneralCategory, UnicodeGeneralCategory};

use crate::check::View;
use crate::document::Document;
use crate::issue::{Issue, IssueCode, Severity, excerpt};

/// What is to be said about the characters of one document: each kind once, at its first place.
pub(super) fn look(view: &View<'_>, number: usize, document: &Document) -> Vec<Issue> {
    let text = &document.text;
    if text
        .bytes()
        .all(|b| matches!(b, b' '..=b'~' | b'\t' | b'\n' | b'\r'))
    {
        return Vec::new();
    }
    let mut kinds: [(usize, Option<(usize, char)>); 3] = [(0, None); 3];
    let mut before = None;
    for (at, c) in text.char_indices() {
        let kind = match c {
            '\t' | '\n' | '\r' | ' '..='~' => None,
            '\u{fffd}' => Some(2),
            _ => match c.general_category() {
                GeneralCategory::Control => Some(0),
                GeneralCategory::Format if !belongs(before, c) => Some(1),
                _ => None,
            },
        };
        if let Some(kind) = kind {
            let (count, first) = &mut kinds[kind];
            *count += 1;
            first.get_or_insert((at, c));
        }
        before = Some(c);
    }
    let mut issues: Vec<Issue> = Vec::new();
    for ((count, first), (severity, code, article, what, fix)) in kinds.into_iter().zip(KINDS) {
        let Some((at, c)) = first else { continue };
        let message = match (count, name(c)) {
            (1, name) => format!("the text has {article} {what}: {name}"),
            (_, name) => format!("the text has {count} {what}s, the first is {name}"),
        };
        let range = (at, at + c.len_utf8());
        let issue = view.issue(severity, code, number, Some(range), message);
        issues.push(issue.found(around(text, range)).fix(fix));
    }
    issues.extend(garbled(view, number, text));
    issues
}

const KINDS: [(Severity, IssueCode, &str, &str, &str); 3] = [
    (
        Severity::Warning,
        IssueCode::ControlCharacter,
        "a",
        "control character",
        "take it out of the text, or export the text again",
    ),
    (
        Severity::Info,
        IssueCode::FormatCharacter,
        "an",
        "invisible format character",
        "take it out of the text if it came with a copy from a web page or a PDF",
    ),
    (
        Severity::Warning,
        IssueCode::ReplacementCharacter,
        "a",
        "replacement character",
        "export the text again in the encoding that it was written in",
    ),
];

/// Format characters that writing needs: joiners between emoji and in scripts whose letters join,
/// the signs of emoji flags, and marks of direction beside letters written from the right.
fn belongs(before: Option<char>, c: char) -> bool {
    match (c, before) {
        ('\u{200c}' | '\u{200d}', Some(before)) => u32::from(before) >= 0x590,
        ('\u{e0020}'..='\u{e007f}', Some(before)) => u32::from(before) >= 0x1f000,
        ('\u{200e}' | '\u{200f}' | '\u{61c}', Some(before)) => {
            matches!(before, '\u{590}'..='\u{8ff}' | '\u{fb1d}'..='\u{fdff}' | '\u{fe70}'..='\u{fefc}')
        }
        // Arabic signs over numbers, and Egyptian and Kaithi ones, are visible.
        ('\u{600}'..='\u{605}' | '\u{6dd}' | '\u{70f}' | '\u{890}' | '\u{891}' | '\u{8e2}', _) => {
            true
        }
        _ => false,
    }
}

/// The code point, and a name where it is one that people meet.
fn name(c: char) -> String {
    let known = match c {
        '\0' => "NUL",
        '\u{7}' => "bell",
        '\u{8}' => "backspace",
        '\u{b}' => "vertical tab",
        '\u{c}' => "form feed",
        '\u{1b}' => "escape",
        '\u{7f}' => "delete",
        '\u{85}' => "next line",
        '\u{ad}' => "soft hyphen",
        '\u{200b}' => "zero-width space",
        '\u{200c}' => "zero-width non-joiner",
        '\u{200d}' => "zero-width joiner",
        '\u{200e}' => "left-to-right mark",
        '\u{200f}' => "right-to-left mark",
        '\u{202a}'..='\u{202e}' => "direction override or embedding",
        '\u{2060}' => "word joiner",
        '\u{2066}'..='\u{2069}' => "direction isolate",
        '\u{feff}' => "byte order mark",
        _ => return format!("`U+{:04X}`", u32::from(c)),
    };
    format!("`U+{:04X}` ({known})", u32::from(c))
}

/// UTF-8 that was read as Windows-1252 or Latin-1: one letter became two or three. The pairs are
/// such as hardly stand in any text: a letter `Ã`, `Â` or `â` before what the second byte became.
fn garbled(view: &View<'_>, number: usize, text: &str) -> Option<Issue> {
    let mut before = '\0';
    let mut found = None;
    let mut count = 0usize;
    for (at, c) in text.char_indices() {
        let hit = match before {
            // Two bytes: U+0080 to U+00FF, as `Ã©` for `é` and `Â°` for `°`.
            'Ã' | 'Â' => second_byte(c),
            // Three bytes: dashes, quotation marks, the euro, as `â€“`.
            'â' => matches!(c, '€' | '\u{80}' | '\u{82}' | '‚' | '„' | '\u{84}'),
            // Four bytes: emoji, as `ðŸ˜€`.
            'ð' => matches!(c, 'Ÿ' | '\u{9f}'),
            _ => false,
        };
        if hit {
            count += 1;
            found.get_or_insert((at - before.len_utf8(), at + c.len_utf8()));
        }
        before = c;
    }
    let range = found?;
    let message = match count {
        1 => "a letter seems to be garbled: UTF-8 read as another encoding".to_string(),
        n => format!("{n} letters seem to be garbled: UTF-8 read as another encoding"),
    };
    let issue = view.issue(
        Severity::Warning,
        IssueCode::Mojibake,
        number,
        Some(range),
        message,
    );
    Some(
        issue
            .found(around(text, range))
            .fix("export the text again as UTF-8, or correct it where it was first read"),
    )
}

/// What a byte from 0x80 to 0xBF became, unless it is one that stands behind `Ã` or `Â` in Portuguese,
/// French or Vietnamese capitals: none of these signs does.
fn second_byte(c: char) -> bool {
    matches!(c, '\u{80}'..='\u{9f}' | '¡'..='¿')
        || matches!(
            c,
            '€' | '‚' | 'ƒ' | '„' | '†' | '‡' | 'ˆ' | '‰' | '‹' | '™' | '˜'
        )
}

/// The text around a place, for people to find it.
fn around(text: &str, (start, end): (usize, usize)) -> String {
    const BESIDE: usize = 20;
    let from = text[..start]
        .char_indices()
        .rev()
        .take(BESIDE)
        .last()
        .map_or(start, |(at, _)| at);
    let to = text[end..]
        .char_indices()
        .nth(BESIDE)
        .map_or(text.len(), |(at, _)| end + at);
    excerpt(&text[from..to])
}
