//! Reads labelled spans from JSON, checks them, and turns character offsets into bytes.

use std::borrow::Cow;
use std::path::Path;

use serde_json::Value;

use crate::document::{Document, Span, Word};
use crate::format::span_fields::{Fields, expanded};
use crate::formats::Dialect;
use crate::issue::{Issue, IssueCode, Issues, Severity, excerpt};
use crate::offset_inference::{self, OffsetEvidence, OffsetReading, Units};
use crate::offsets::OffsetMap;
use crate::options::{OffsetUnit, ReadOptions};

/// Spans are learned as whole words: says where that changes those of a document of `file`.
pub(super) fn misfits(file: &Path, document: &Document, issues: &mut Issues) {
    let words = document.word_spans();
    for (count, code, what) in [
        (
            words.moved,
            IssueCode::SpanCutsWord,
            "start or end inside a word; they are learned as the whole word",
        ),
        (
            words.lost,
            IssueCode::SpanWithoutWord,
            "have no word of their own; they cannot be learned",
        ),
    ] {
        if count > 0 {
            let message = format!("{count} span(s) {what}");
            let issue = Issue::new(Severity::Warning, code, file, document.line, message);
            issues.push(issue);
        }
    }
}

/// Where the spans of one record stand, and how they are read.
pub(super) struct SpanContext<'a> {
    pub path: &'a Path,
    pub line: usize,
    /// The line of each span, where each has its own; else none.
    pub lines: &'a [usize],
    pub text: &'a str,
    /// Where the spans count tokens: what they are. The text has then one character for each.
    pub tokens: Option<&'a [Cow<'static, str>]>,
    pub words: &'a [Word],
    pub options: &'a ReadOptions,
    /// The names of labels that are given as numbers.
    pub names: Option<&'a [String]>,
}

/// The spans that are good: in order, and without overlap where none is to be kept.
pub(super) struct Found {
    pub spans: Vec<Span>,
    /// Invalid ones; each is an issue.
    pub invalid: usize,
    /// Not accepted by the annotator, in Prodigy's data.
    pub rejected: usize,
    pub spelling: Option<Dialect>,
    pub evidence: OffsetEvidence,
}

pub(super) fn read(
    values: &[Value],
    map: &OffsetMap,
    place: &SpanContext,
    issues: &mut Issues,
) -> Found {
    let mut found = Found {
        spans: Vec::new(),
        invalid: 0,
        rejected: 0,
        spelling: None,
        evidence: OffsetEvidence::new(place.options),
    };
    let values = expanded(values);
    let values = &*values;
    let units = Units::new(place.text, map);
    let mut good: Vec<(Span, usize)> = Vec::new();
    for (i, value) in values.iter().enumerate() {
        if let Some(answer) = value.get("answer").and_then(Value::as_str)
            && answer != "accept"
        {
            found.rejected += 1;
            continue;
        }
        found.spelling = found.spelling.or_else(|| spelling(value));
        match one(value, map, place, &units, &mut found.evidence) {
            Ok((span, given)) => {
                let (start, end) = (span.start, span.end);
                if let Some(given) = given.filter(|given| !place.covers(start, end, given)) {
                    issues.push(place.differs(i, value, &place.covered(start, end), given));
                }
                good.push((span, i));
            }
            Err(fault) => {
                found.invalid += 1;
                issues.push(place.issue(i, value, fault));
            }
        }
    }
    // Of spans that overlap, the one that starts first stays, and of two that start together
    // the longer one.
    good.sort_by_key(|(span, _)| (span.start, std::cmp::Reverse(span.end)));
    let mut covered: Option<Span> = None;
    for (span, i) in good {
        let same = |kept: &&Span| (kept.start, kept.end) == (span.start, span.end);
        let twice = found
            .spans
            .iter()
            .rev()
            .take_while(same)
            .any(|kept| *kept == span);
        let overlapped = covered.as_ref().filter(|kept| span.start < kept.end);
        let message = match overlapped {
            _ if twice => "is listed twice".into(),
            Some(kept) if !place.options.keep_overlaps => {
                let covered = excerpt(&place.covered(kept.start, kept.end));
                format!("overlaps `{covered}` ({})", kept.label)
            }
            _ => {
                covered = Some(span.clone());
                found.spans.push(span);
                continue;
            }
        };
        let fix = "an entity cannot lie inside another or cross it: keep one of them";
        found.invalid += 1;
        let fault = Fault::new(IssueCode::SpanOverlapping, message, fix);
        issues.push(place.issue(i, &values[i], fault));
    }
    found
}

struct Fault {
    code: IssueCode,
    message: String,
    fix: String,
}

impl Fault {
    fn new(code: IssueCode, message: impl Into<String>, fix: impl Into<String>) -> Self {
        Self {
            code,
            message: message.into(),
            fix: fix.into(),
        }
    }
}

/// Are the tokens what the file quotes? It may have white space between any two of them.
pub(super) fn are_tokens_of(quote: &str, tokens: &[Cow<str>]) -> bool {
    let is_black = |c: &char| !c.is_whitespace();
    let tokens = tokens.iter().flat_map(|token| token.chars());
    let quote = quote.chars().filter(is_black);
    quote.eq(tokens.filter(is_black))
}

impl SpanContext<'_> {
    /// What the bytes from `start` to `end` stand for.
    fn covered(&self, start: usize, end: usize) -> Cow<'_, str> {
        match self.tokens {
            Some(tokens) => tokens[start..end].join(" ").into(),
            None => self.text[start..end].into(),
        }
    }

    fn covers(&self, start: usize, end: usize, quote: &str) -> bool {
        match self.tokens {
            Some(tokens) => are_tokens_of(quote, &tokens[start..end]),
            None => offset_inference::covers(&self.text[start..end], quote),
        }
    }

    fn line(&self, span: usize) -> usize {
        self.lines.get(span).copied().unwrap_or(self.line)
    }

    fn issue(&self, span: usize, value: &Value, fault: Fault) -> Issue {
        let (severity, end) = match self.options.drop_invalid {
            true => (Severity::Warning, "; left out"),
            false => (Severity::Error, ""),
        };
        let shown = excerpt(&value.to_string());
        let message = format!("span `{shown}` {}{end}", fault.message);
        Issue::new(severity, fault.code, self.path, self.line(span), message)
            .found(shown)
            .fix(fault.fix)
    }

    /// What one step of an offset is called.
    fn unit(&self) -> &'static str {
        match self.tokens {
            Some(_) => "token",
            None => "character",
        }
    }

    fn differs(&self, span: usize, value: &Value, covered: &str, given: &str) -> Issue {
        let (covered, given) = (excerpt(covered), excerpt(given));
        let message = format!("a span covers `{covered}`, but the file says that it is `{given}`");
        let line = self.line(span);
        Issue::new(
            Severity::Warning,
            IssueCode::SpanTextDiffers,
            self.path,
            line,
            message,
        )
        .found(excerpt(&value.to_string()))
        .fix("check the offsets, and that the text is the one that was labelled")
    }
}

fn spelling(value: &Value) -> Option<Dialect> {
    let object = value.as_object()?;
    let mut rasa = false;
    for (key, field) in object {
        match key.as_str() {
            "start_offset" => return Some(Dialect::Doccano),
            "labels" if field.is_array() => return Some(Dialect::LabelStudio),
            "points" => return Some(Dialect::Dataturks),
            "token_start" => return Some(Dialect::Prodigy),
            "entity" => rasa = object.contains_key("value"),
            _ => {}
        }
    }
    rasa.then_some(Dialect::Rasa)
}

fn one<'v>(
    value: &'v Value,
    map: &OffsetMap,
    place: &SpanContext,
    units: &Units,
    evidence: &mut OffsetEvidence,
) -> Result<(Span, Option<&'v str>), Fault> {
    let form = "write it as `[start, end, label]`, or with the fields `start`, `end` and `label`";
    let malformed = |what: &str| Fault::new(IssueCode::SpanMalformed, what, form);
    let fields = Fields::of(value).map_err(malformed)?;
    let label = label(fields.label, place)?;
    let unit = place.unit();
    let start = offset(fields.start, unit)?;
    let end = match fields.length {
        Some(length) => start.saturating_add(offset(length, unit)?),
        None => offset(fields.end, unit)?,
    };
    let given = fields.quote;
    // A length says what it means whatever an end does.
    let span = (start, end);
    evidence.add(span, given, units, place.words);
    let reading = OffsetReading {
        inclusive: place.options.inclusive_ends && fields.length.is_none(),
        ..OffsetReading::of(place.options)
    };
    if start > end {
        let fix = "swap start and end";
        return Err(Fault::new(
            IssueCode::SpanReversed,
            "ends before it starts",
            fix,
        ));
    }
    if start == end && !reading.inclusive {
        let fix = format!("the end is the position after the last {unit}");
        return Err(empty(unit, fix));
    }
    let Some((from, to)) = reading.edges(span, units) else {
        return Err(out_of_range(end, map, place));
    };
    if from >= to {
        let fix = "check what the offsets count for the end of a line";
        return Err(empty(unit, fix));
    }
    // Scores of our own output come back; other numbers beside a span are kept out of 0–1.
    let score = fields
        .score
        .and_then(Value::as_f64)
        .filter(|s| (0.0..=1.0).contains(s))
        .map(|s| s as f32);
    // `["Ada", 0, 3, "PER"]`: what stands first is the text, and not the label.
    let (label, given) = match (fields.label.as_str(), given) {
        (Some(first), Some(last))
            if fields.is_list && place.covers(from, to, first) && !place.covers(from, to, last) =>
        {
            (last.to_owned(), Some(first))
        }
        _ => (label, given),
    };
    let span = Span {
        start: from,
        end: to,
        label,
        score,
    };
    Ok((span, given))
}

fn label(value: &Value, place: &SpanContext) -> Result<String, Fault> {
    let form = "write the label as a string";
    let malformed = |what: &str| Fault::new(IssueCode::SpanMalformed, what, form);
    let number = value.as_u64().or_else(|| {
        let whole = value.as_f64().filter(|n| n.fract() == 0.0 && *n >= 0.0);
        whole.map(|n| n as u64)
    });
    match value {
        Value::String(label) if !label.trim().is_empty() => Ok(label.clone()),
        Value::String(_) => Err(malformed("has an empty label")),
        _ => match (number, place.names) {
            (Some(number), Some(names)) => {
                let name = usize::try_from(number).ok().and_then(|at| names.get(at));
                name.filter(|name| !name.is_empty()).cloned().ok_or_else(|| {
                    let what = format!("has the label number {number}, which has no name");
                    let fix = "give all names in the order of their numbers, or each as `NUMBER=NAME`, with `--label-names`";
                    Fault::new(IssueCode::SpanMalformed, what, fix)
                })
            }
            (Some(number), None) => {
                let what = format!(
                    "has the label number {number}, and the names of the numbers are not known"
                );
                let fix = "give the names with `--label-names`, in the order of their numbers from 0 or each as `NUMBER=NAME`";
                Err(Fault::new(IssueCode::SpanMalformed, what, fix))
            }
            (None, _) => Err(malformed("has a label that is not a string")),
        },
    }
}

fn empty(unit: &str, fix: impl Into<String>) -> Fault {
    Fault::new(IssueCode::SpanEmpty, format!("covers no {unit}"), fix)
}

/// A whole number of units, not negative; also where it is written `9.0` or `"9"`.
fn offset(value: &Value, unit: &str) -> Result<u64, Fault> {
    let fix = format!("offsets are whole numbers that count {unit}s from 0");
    let no_number = || {
        let what = format!("has the offset `{value}`, which is not a whole number");
        Fault::new(IssueCode::SpanNotInteger, what, fix.clone())
    };
    if let Some(number) = value.as_u64() {
        return Ok(number);
    }
    let number = match value {
        Value::Number(number) => number.as_f64(),
        Value::String(text) => {
            let text = text.trim();
            if let Ok(number) = text.parse() {
                return Ok(number);
            }
            text.parse().ok()
        }
        _ => None,
    };
    // Larger numbers are no offsets, and not exact.
    const MOST: f64 = (1u64 << 53) as f64;
    match number {
        Some(number) if number < 0.0 => Err(Fault::new(
            IssueCode::SpanOutOfRange,
            "starts before the text",
            fix.clone(),
        )),
        Some(number) if number.fract() == 0.0 && number <= MOST => Ok(number as u64),
        _ => Err(no_number()),
    }
}

fn out_of_range(end: u64, map: &OffsetMap, place: &SpanContext) -> Fault {
    let text = place.text;
    let (unit, length) = match place.options.offsets {
        OffsetUnit::Characters if place.tokens.is_some() => ("tokens", map.chars()),
        OffsetUnit::Characters => ("characters", map.chars()),
        OffsetUnit::Bytes => ("bytes", text.len()),
        OffsetUnit::Utf16 => ("UTF-16 units", text.encode_utf16().count()),
    };
    let last = usize::try_from(end)
        .ok()
        .and_then(|end| i64::try_from(end).ok())
        .and_then(|end| usize::try_from(end.checked_add(place.options.shift)?).ok());
    let message = match last {
        Some(last) if last <= length => {
            format!("has an edge that is not a position in the text, counted in {unit}")
        }
        _ => format!("reaches past the end of the text, which has {length} {unit}"),
    };
    let fix = if place.tokens.is_some() {
        "offsets count tokens from 0; check that the tokens are those that were labelled"
    } else if place.options.offsets != OffsetUnit::Characters {
        "check what the offsets count: characters, bytes or UTF-16 units"
    } else if last.is_some_and(|end| end <= text.encode_utf16().count()) {
        "offsets count Unicode characters; these may count UTF-16 units, as JavaScript does"
    } else if last.is_some_and(|end| end <= text.len()) {
        "offsets count Unicode characters; these may count bytes"
    } else {
        "offsets count Unicode characters from 0; check that the text is the one that was labelled"
    };
    Fault::new(IssueCode::SpanOutOfRange, message, fix)
}
