//! Reads labelled spans from JSON, checks them, and turns character offsets into bytes.

use std::path::Path;

use serde_json::{Map, Value};

use crate::document::Span;
use crate::format::Spelling;
use crate::issue::{Issue, Issues, Severity, excerpt};
use crate::offsets::OffsetMap;

/// Where the spans of one record stand, and what is done about invalid ones.
pub(super) struct Place<'a> {
    pub path: &'a Path,
    pub line: usize,
    pub text: &'a str,
    pub drop_invalid: bool,
}

/// The spans that are good: in order, without overlap.
#[derive(Default)]
pub(super) struct Found {
    pub spans: Vec<Span>,
    /// Invalid ones; each is an issue.
    pub invalid: usize,
    /// Not accepted by the annotator, in Prodigy's data.
    pub rejected: usize,
    pub spelling: Option<Spelling>,
}

pub(super) fn read(values: &[Value], map: &OffsetMap, place: &Place, issues: &mut Issues) -> Found {
    let mut found = Found::default();
    let mut good: Vec<(Span, &Value)> = Vec::new();
    for value in values {
        if let Some(answer) = value.get("answer").and_then(Value::as_str)
            && answer != "accept"
        {
            found.rejected += 1;
            continue;
        }
        found.spelling = found.spelling.or_else(|| spelling(value));
        match one(value, map, place.text) {
            Ok(span) => good.push((span, value)),
            Err(fault) => {
                found.invalid += 1;
                issues.push(place.issue(value, fault));
            }
        }
    }
    // Of spans that overlap, the one that starts first stays, and of two that start together
    // the longer one.
    good.sort_by_key(|(span, _)| (span.start, std::cmp::Reverse(span.end)));
    for (span, value) in good {
        match found.spans.last() {
            Some(kept) if span.start < kept.end => {
                let twice = *kept == span;
                let covered = excerpt(&place.text[kept.start..kept.end]);
                let message = if twice {
                    "is listed twice".into()
                } else {
                    format!("overlaps `{covered}` ({})", kept.label)
                };
                let fix = "an entity cannot lie inside another or cross it: keep one of them";
                found.invalid += 1;
                issues.push(place.issue(value, Fault::new("span-overlapping", message, fix)));
            }
            _ => found.spans.push(span),
        }
    }
    found
}

struct Fault {
    code: &'static str,
    message: String,
    fix: String,
}

impl Fault {
    fn new(code: &'static str, message: impl Into<String>, fix: impl Into<String>) -> Self {
        Self {
            code,
            message: message.into(),
            fix: fix.into(),
        }
    }
}

impl Place<'_> {
    fn issue(&self, value: &Value, fault: Fault) -> Issue {
        let severity = if self.drop_invalid {
            Severity::Warning
        } else {
            Severity::Error
        };
        let end = if self.drop_invalid { "; left out" } else { "" };
        let shown = excerpt(&value.to_string());
        let message = format!("span `{shown}` {}{end}", fault.message);
        Issue::new(severity, fault.code, self.path, self.line, message)
            .found(shown)
            .fix(fault.fix)
    }
}

fn spelling(value: &Value) -> Option<Spelling> {
    if value.get("start_offset").is_some() {
        return Some(Spelling::Doccano);
    }
    value.get("token_start").map(|_| Spelling::Prodigy)
}

fn one(value: &Value, map: &OffsetMap, text: &str) -> Result<Span, Fault> {
    let form = "write it as `[start, end, label]`, or with the fields `start`, `end` and `label`";
    let malformed = |what: &str| Fault::new("span-malformed", what, form);
    let field = |object: &Map<String, Value>, names: &[&str]| -> Option<Value> {
        names.iter().find_map(|name| object.get(*name)).cloned()
    };
    let (start, end, label, score) = match value {
        Value::Array(parts) => match &parts[..] {
            [start, end, label] => (start.clone(), end.clone(), label.clone(), None),
            _ => return Err(malformed("has not three parts")),
        },
        Value::Object(object) => {
            let pair = |i: usize| object.get("span").and_then(|pair| pair.get(i)).cloned();
            let start = field(object, &["start", "start_offset"]).or_else(|| pair(0));
            let end = field(object, &["end", "end_offset"]).or_else(|| pair(1));
            let label = field(object, &["label", "type"]);
            match (start, end, label) {
                (Some(start), Some(end), Some(label)) => (start, end, label, object.get("score")),
                (None, ..) => return Err(malformed("has no `start`")),
                (_, None, _) => return Err(malformed("has no `end`")),
                (.., None) => return Err(malformed("has no `label`")),
            }
        }
        _ => return Err(malformed("is no span")),
    };
    let label = match &label {
        Value::String(label) if !label.trim().is_empty() => label.clone(),
        Value::String(_) => return Err(malformed("has an empty label")),
        _ => return Err(malformed("has a label that is no string")),
    };
    let (start, end) = (offset(&start)?, offset(&end)?);
    let length = map.chars();
    if start > end {
        let fix = "swap start and end";
        return Err(Fault::new("span-reversed", "ends before it starts", fix));
    }
    if start == end {
        let fix = "the end is the position behind the last character";
        return Err(Fault::new("span-empty", "covers no character", fix));
    }
    let (Some(from), Some(to)) = (map.byte_of_char(start), map.byte_of_char(end)) else {
        let message = format!("reaches past the end of the text, which has {length} characters");
        return Err(Fault::new(
            "span-out-of-range",
            message,
            out_of_range(end, text),
        ));
    };
    // Scores of our own output come back; other numbers beside a span are kept out of 0–1.
    let score = score
        .and_then(Value::as_f64)
        .filter(|s| (0.0..=1.0).contains(s))
        .map(|s| s as f32);
    Ok(Span {
        start: from,
        end: to,
        label,
        score,
    })
}

/// A whole number, not negative.
fn offset(value: &Value) -> Result<usize, Fault> {
    let fix = "offsets are whole numbers that count characters from 0";
    if let Some(number) = value.as_u64() {
        return usize::try_from(number)
            .map_err(|_| Fault::new("span-out-of-range", "is out of range", fix));
    }
    if value.is_i64() {
        return Err(Fault::new(
            "span-out-of-range",
            "starts before the text",
            fix,
        ));
    }
    Err(Fault::new(
        "span-not-integer",
        format!("has the offset `{value}`, which is no whole number"),
        fix,
    ))
}

fn out_of_range(end: usize, text: &str) -> String {
    let other = if end <= text.encode_utf16().count() {
        Some("UTF-16 units, as JavaScript does")
    } else if end <= text.len() {
        Some("bytes")
    } else {
        None
    };
    match other {
        Some(unit) => format!("offsets count Unicode characters; these may count {unit}"),
        None => "offsets count Unicode characters from 0; check that the text is the one that was labelled".into(),
    }
}
