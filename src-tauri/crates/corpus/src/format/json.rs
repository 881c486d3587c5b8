//! Finds the records of a JSON or JSONL file and the line of each.
//!
//! One file, as finding records, mending one and naming the place of a fault share the way lines are counted.

use std::borrow::Cow;
use std::cell::OnceCell;
use std::collections::BTreeMap;
use std::path::Path;

use serde::de::IgnoredAny;
use serde_json::Value;
use serde_json::value::RawValue;

use crate::format::error::ReadError;
use crate::format::keys::{self, Role};
use crate::format::{features, jsonl, lenient};
use crate::issue::{Issue, IssueCode, Severity, excerpt};
use crate::options::ReadOptions;
use crate::scheme::Tag;

/// One record: its line and its JSON.
pub(super) struct Record<'a> {
    pub line: usize,
    pub json: &'a str,
}

/// Whether it is JSON, or why not.
pub(super) fn looks_like_json(text: &str, _options: &ReadOptions) -> Result<(), String> {
    match is_json(text) {
        true => Ok(()),
        false => Err("JSON (no: it does not start with `{` or `[`)".into()),
    }
}

/// Is it JSON? A row such as `[ O` or `{<tab>O` is a token of a CoNLL file, and says so by the tag at its
/// end; but what parses whole is JSON, whatever it ends in.
fn is_json(text: &str) -> bool {
    let body = Body::of(text);
    // A record that somebody left empty may be the first.
    let mut filled = body.text.lines().filter(|line| !is_nothing(line));
    let first = filled.next().unwrap_or_default();
    if !first.trim_start().starts_with(['{', '[']) {
        return false;
    }
    // Comments are the custom of CoNLL, so that a bracket behind them proves less.
    let certain = !body.commented || is_bracketed(first) || first.trim().len() == 1;
    if certain && !is_row(first) {
        return true;
    }
    let parsed = |json: &str| serde_json::from_str::<IgnoredAny>(json);
    parsed(first).is_ok()
        || match parsed(body.text) {
            Ok(_) => true,
            // Cut off in the middle of a text. No row of a longer CoNLL file is, because no JSON text
            // holds a line break.
            Err(failure) => failure.is_eof(),
        }
}

/// A blank line, or a record that is none.
fn is_nothing(line: &str) -> bool {
    matches!(line.trim(), "" | "null")
}

/// Does a line that starts with a bracket end as a row of a CoNLL file?
fn is_row(line: &str) -> bool {
    let line = line.trim_end();
    let behind_tab = line.rsplit_once('\t').map(|(_, chunk)| chunk);
    let last = line.rsplit(['\t', ' ']).next().unwrap_or_default();
    !is_bracketed(line)
        && (behind_tab.is_some_and(Tag::is_tag)
            // `I-95","entities":…` is the rest of a text and what follows it.
            || Tag::is_tag(last) && !last.contains('"'))
}

/// Does a line start and end with brackets, as JSON does, well-formed or not?
pub(super) fn is_bracketed(line: &str) -> bool {
    let line = line.trim();
    let line = line.strip_suffix(',').unwrap_or(line);
    line.starts_with(['{', '[']) && line.ends_with(['}', ']'])
}

/// A text from its first line that is neither blank nor a comment.
struct Body<'a> {
    text: &'a str,
    /// Lines before it.
    before: usize,
    /// Some of them are comments: they start with `#`.
    commented: bool,
}

impl<'a> Body<'a> {
    fn of(text: &'a str) -> Self {
        let mut body = Self {
            text,
            before: 0,
            commented: false,
        };
        while let Some((line, rest)) = body.text.split_once('\n') {
            let comment = line.trim_start().starts_with('#');
            if !comment && !line.trim().is_empty() {
                break;
            }
            body = Self {
                text: rest,
                before: body.before + 1,
                commented: body.commented || comment,
            };
        }
        body
    }
}

/// What a file holds.
pub(super) struct Records<'a> {
    pub records: Vec<Record<'a>>,
    /// What Hugging Face says of the columns, or a table of names for the numbers of labels, where the
    /// file has one beside its rows.
    pub features: Option<Value>,
    /// What is wrong with records that are not among these.
    pub issues: Vec<Issue>,
}

/// The records of a file: one per line, the elements of one array, one object, or the records that
/// lie in lists inside of one object. Comments may stand before the first. A file that must be mended
/// to be read is kept so in `store`.
pub(super) fn records<'a>(
    path: &Path,
    text: &'a str,
    options: &ReadOptions,
    store: &'a OnceCell<String>,
) -> Result<Records<'a>, ReadError> {
    let failure = match records_of(path, text, options) {
        Err(failure @ ReadError::Json { .. }) => failure,
        other => return other,
    };
    let Some(mended) = lenient::mended(text).filter(|mended| mended.numbers > 0) else {
        return Err(failure);
    };
    let line = 1 + text[..mended.first].matches('\n').count();
    let numbers = mended.numbers;
    let text = store.get_or_init(|| mended.json);
    let mut found = records_of(path, text, options).map_err(|_| failure)?;
    let message = format!("{}, the first here", of_numbers(numbers));
    found.issues.push(Issue::new(
        Severity::Warning,
        IssueCode::NotANumber,
        path,
        line,
        message,
    ));
    Ok(found)
}

fn of_numbers(count: usize) -> String {
    let (s, was) = if count == 1 {
        ("", "was")
    } else {
        ("s", "were")
    };
    format!("{count} value{s} `NaN` or `Infinity`, which JSON does not have, {was} read as `null`")
}

fn records_of<'a>(
    path: &Path,
    text: &'a str,
    options: &ReadOptions,
) -> Result<Records<'a>, ReadError> {
    let body = Body::of(text);
    let first = body
        .text
        .lines()
        .find(|line| !is_nothing(line))
        .unwrap_or_default();
    let alone = || {
        body.text
            .lines()
            .filter(|line| !line.trim().is_empty())
            .nth(1)
            .is_none()
    };
    let readable = match serde_json::from_str::<&RawValue>(first) {
        Ok(_) => Cow::Borrowed(first),
        Err(_) => lenient::readable(first),
    };
    match serde_json::from_str::<&RawValue>(&readable) {
        // A whole array in one line; spaCy's lines are arrays as well, but start with a text, and those
        // of sentences with a list of texts.
        Ok(value) if value.get().starts_with('[') && !is_line(value.get()) => {
            whole(path, &body, options)
        }
        Ok(_) if alone() => whole(path, &body, options),
        Ok(_) => lines(path, &body, options),
        Err(error) if error.is_eof() => whole(path, &body, options),
        Err(_) => lines(path, &body, options).or_else(|failure| stream(&body).ok_or(failure)),
    }
}

/// Objects one after the other, whatever stands between them: over several lines, or in one.
fn stream<'a>(body: &Body<'a>) -> Option<Records<'a>> {
    let values = serde_json::Deserializer::from_str(body.text).into_iter::<&RawValue>();
    let values: Vec<&RawValue> = values.collect::<Result<_, _>>().ok()?;
    let are_records = values.len() > 1 && values.iter().all(|value| value.get().starts_with('{'));
    are_records.then(|| Records {
        records: placed(body, values.into_iter().map(RawValue::get).collect()),
        features: None,
        issues: Vec::new(),
    })
}

/// Is an array one record, and not a list of them?
fn is_line(array: &str) -> bool {
    let inner = array[1..].trim_start();
    let sentence = |inner: &str| {
        let inner = inner.strip_prefix('[')?;
        Some(inner.trim_start().starts_with('"') && !inner.contains('{'))
    };
    inner.starts_with('"') || sentence(inner) == Some(true)
}

fn starts_with_text(array: &str) -> bool {
    array[1..].trim_start().starts_with('"')
}

fn lines<'a>(
    path: &Path,
    body: &Body<'a>,
    options: &ReadOptions,
) -> Result<Records<'a>, ReadError> {
    let mut found = Records {
        records: Vec::new(),
        features: None,
        issues: Vec::new(),
    };
    let mut first = None;
    for (i, json) in body.text.lines().enumerate() {
        if json.trim().is_empty() {
            continue;
        }
        let line = body.before + i + 1;
        match sound(json) {
            Ok(()) => found.records.push(Record { line, json }),
            Err(error) => {
                first.get_or_insert_with(|| syntax(path, line, json, &error));
                let issue = fault(path, line, json, &error, options);
                found.issues.push(issue);
            }
        }
    }
    // Where nothing is sound it is no list of records.
    match first {
        Some(failure) if found.records.is_empty() => Err(failure),
        _ => {
            // The first line may be a table of names for the rest.
            if let Some(names) = found
                .records
                .first()
                .and_then(|first| names_in_line(first.json))
                && found.records.len() > 1
            {
                found.features = Some(names);
                found.records.remove(0);
            }
            Ok(found)
        }
    }
}

/// Is it JSON, as it is or mended?
fn sound(json: &str) -> Result<(), serde_json::Error> {
    let parsed = |json: &str| serde_json::from_str::<&RawValue>(json).map(drop);
    parsed(json).or_else(|error| match lenient::mended(json) {
        Some(mended) => parsed(&mended.json).map_err(|_| error),
        None => Err(error),
    })
}

fn names_in_line(json: &str) -> Option<Value> {
    let value: &RawValue = serde_json::from_str(json).ok()?;
    let fields = fields(value).filter(|_| !is_record(value))?;
    let known = |key: &String| keys::is(key, Role::Names);
    fields.keys().all(known).then(|| names_of(&fields))?
}

fn whole<'a>(
    path: &Path,
    body: &Body<'a>,
    options: &ReadOptions,
) -> Result<Records<'a>, ReadError> {
    let text = body.text;
    let value: &RawValue = match serde_json::from_str(text) {
        Ok(value) => value,
        Err(error) => {
            let failure = syntax(path, body.before + 1, text, &error);
            return stream(body)
                .or_else(|| in_pieces(path, body, options))
                .ok_or(failure);
        }
    };
    let mut features = None;
    let elements: Vec<&RawValue> = if value.get().starts_with('[') && !starts_with_text(value.get())
    {
        let failure = |error| syntax(path, body.before + 1, text, &error);
        match is_line(value.get()) && is_sentence(value) {
            true => vec![value],
            false => serde_json::from_str(value.get()).map_err(failure)?,
        }
    } else {
        let mut found = Vec::new();
        if let Some(fields) = fields(value)
            && !is_record(value)
        {
            let described = fields.get("features");
            features = described
                .and_then(|raw| serde_json::from_str(raw.get()).ok())
                .or_else(|| names_of(&fields));
            nested(value, 0, &mut found);
        }
        match found.is_empty() {
            true => vec![value],
            false => found,
        }
    };
    let elements = elements.into_iter().map(RawValue::get).collect();
    Ok(Records {
        records: placed(body, elements),
        features,
        issues: Vec::new(),
    })
}

/// Is an array of lists one sentence of words with their tags, and not several of them?
fn is_sentence(array: &RawValue) -> bool {
    let lists: Vec<Vec<&str>> = serde_json::from_str(array.get()).unwrap_or_default();
    let pair = |pair: &Vec<&str>| pair.len() == 2 && Tag::is_tag(pair[1]);
    lists.len() != 2 || lists[1].iter().all(|tag| Tag::is_tag(tag)) || lists.iter().all(pair)
}

/// The sound elements of an array that is not sound as a whole.
fn in_pieces<'a>(path: &Path, body: &Body<'a>, options: &ReadOptions) -> Option<Records<'a>> {
    let elements = lenient::elements(body.text)?;
    let mut records = Vec::with_capacity(elements.len());
    let mut issues = Vec::new();
    for record in placed(body, elements) {
        match sound(record.json) {
            Ok(()) => records.push(record),
            Err(error) => {
                let start = record.json.as_ptr().addr() - body.text.as_ptr().addr();
                let of_line = body.text[..start].rfind('\n').map_or(0, |end| end + 1);
                let shown = &body.text[of_line..start + record.json.len()];
                let issue = fault_at(path, record.line, shown, start - of_line, &error, options);
                issues.push(issue);
            }
        }
    }
    let found = Records {
        records,
        features: None,
        issues,
    };
    (!found.records.is_empty() && !found.issues.is_empty()).then_some(found)
}

/// The elements with their lines. They are slices of the text: in their order, one walk finds them all.
fn placed<'a>(body: &Body<'a>, mut elements: Vec<&'a str>) -> Vec<Record<'a>> {
    let text = body.text;
    elements.sort_by_key(|element| element.as_ptr().addr());
    let (mut line, mut at) = (body.before + 1, 0);
    let records = elements.into_iter().map(|json| {
        let start = json.as_ptr().addr() - text.as_ptr().addr();
        line += text.as_bytes()[at..start]
            .iter()
            .filter(|byte| **byte == b'\n')
            .count();
        at = start;
        Record { line, json }
    });
    records.collect()
}

/// A table of names for the numbers of labels beside the records of a file.
fn names_of(fields: &BTreeMap<String, &RawValue>) -> Option<Value> {
    let mut ranked: Vec<(u8, &RawValue)> = fields
        .iter()
        .filter_map(|(key, value)| Some((keys::rank(key, Role::Names)?, *value)))
        .collect();
    ranked.sort_by_key(|(rank, _)| *rank);
    let mut tables = ranked.into_iter();
    tables.find_map(|(_, raw)| {
        let value: Value = serde_json::from_str(raw.get()).ok()?;
        features::table(&value)
    })
}

fn fields(value: &RawValue) -> Option<BTreeMap<String, &RawValue>> {
    let object = value.get().starts_with('{');
    object.then(|| serde_json::from_str(value.get()).ok())?
}

/// Does it look like a record of a corpus?
fn is_record(value: &RawValue) -> bool {
    if value.get().starts_with('[') {
        return starts_with_text(value.get()) && value.get().contains('{');
    }
    let Some(fields) = fields(value) else {
        return false;
    };
    let starts = |key: &str, with: char| {
        let found = fields.get(key);
        found.is_some_and(|value| value.get().starts_with(with))
    };
    let named = |role: Role, with: char| {
        let found = fields
            .iter()
            .find(|(key, value)| keys::is(key, role) && value.get().starts_with(with));
        found.is_some()
    };
    let labels = || {
        [Role::Spans, Role::Tags, Role::Tokens]
            .iter()
            .any(|role| named(*role, '[') || named(*role, '{'))
    };
    // Other names than these are also those of what is said about a whole file.
    ["text", "content", "sentence"]
        .iter()
        .any(|key| starts(key, '"'))
        || named(Role::Tokens, '[')
        || (named(Role::Text, '"') && labels())
        || jsonl::is_shape_of(fields.keys())
        || (starts("data", '{') && fields.keys().any(|key| key != "data"))
        || (starts("data", '[') && pieces(fields["data"]))
}

/// Are they the pieces of one text, and not records?
fn pieces(list: &RawValue) -> bool {
    let list: Vec<BTreeMap<String, &RawValue>> = match serde_json::from_str(list.get()) {
        Ok(list) => list,
        Err(_) => return false,
    };
    let known = |key: &String| {
        [
            "text",
            "entity",
            "slot_name",
            "alias",
            "userDefined",
            "meta",
        ]
        .contains(&key.as_str())
    };
    let piece = |piece: &BTreeMap<_, _>| piece.contains_key("text") && piece.keys().all(known);
    let entity = |piece: &BTreeMap<String, _>| piece.contains_key("entity");
    list.iter().all(piece) && (list.len() == 1 || list.iter().any(entity))
}

/// The records in the lists of an object, and of objects in it, to a depth where lists of a corpus
/// still lie: `{"intents": {"A": {"utterances": […]}}}`.
fn nested<'a>(value: &'a RawValue, depth: usize, found: &mut Vec<&'a RawValue>) {
    const DEEPEST: usize = 4;
    for inner in fields(value).into_iter().flat_map(BTreeMap::into_values) {
        if inner.get().starts_with('{') && depth < DEEPEST && !is_record(inner) {
            nested(inner, depth + 1, found);
        } else if inner.get().starts_with('[') {
            let elements: Vec<&RawValue> = serde_json::from_str(inner.get()).unwrap_or_default();
            // The rows that Hugging Face's viewer gives lie one deeper.
            let rows: Vec<&RawValue> = elements
                .iter()
                .map(|element| match fields(element) {
                    Some(fields) => fields.get("row").copied().unwrap_or(element),
                    None => element,
                })
                .collect();
            // Any of the first may be empty, or skipped by the one who labelled.
            const LOOKED_AT: usize = 50;
            let mut filled = rows.iter().filter(|row| row.get() != "null");
            if filled.by_ref().take(LOOKED_AT).any(|row| is_record(row)) {
                found.extend(rows);
            }
        }
    }
}

/// The value of a record, and what had to be mended for it.
pub(super) fn parse(
    record: &Record,
) -> Result<(Value, Vec<(IssueCode, String)>), serde_json::Error> {
    let error = match serde_json::from_str(record.json) {
        Ok(value) => return Ok((value, Vec::new())),
        Err(error) => error,
    };
    let Some(mended) = lenient::mended(record.json) else {
        return Err(error);
    };
    let value = serde_json::from_str(&mended.json).map_err(|_| error)?;
    let mut issues = Vec::new();
    if mended.numbers > 0 {
        issues.push((IssueCode::NotANumber, of_numbers(mended.numbers)));
    }
    if mended.halves > 0 {
        let message = format!(
            "{} half(s) of a character (`\\ud800` to `\\udfff` alone) were read as `U+FFFD`",
            mended.halves
        );
        issues.push((IssueCode::LoneSurrogate, message));
    }
    Ok((value, issues))
}

/// Where and why a piece of JSON cannot be read.
struct Place {
    line: usize,
    column: usize,
    message: String,
}

/// `line` is that in which the JSON starts, `indent` the bytes before it that count as columns.
fn place(line: usize, shown: &str, indent: usize, error: &serde_json::Error) -> Place {
    let full = error.to_string();
    let message = full
        .rsplit_once(" at line ")
        .map_or(full.as_str(), |(message, _)| message);
    let indent = if error.line() <= 1 { indent } else { 0 };
    let shown = shown
        .lines()
        .nth(error.line().saturating_sub(1))
        .unwrap_or_default();
    // serde_json counts bytes; people count characters.
    let byte = (error.column() + indent).saturating_sub(1);
    let column = shown
        .get(..byte)
        .map_or(error.column(), |before| before.chars().count() + 1);
    Place {
        line: line + error.line().saturating_sub(1),
        column,
        message: format!("{message} in `{}`", excerpt(shown)),
    }
}

/// `line` is that in which the JSON starts.
pub(super) fn syntax(path: &Path, line: usize, json: &str, error: &serde_json::Error) -> ReadError {
    let place = place(line, json, 0, error);
    ReadError::Json {
        file: path.into(),
        line: place.line,
        column: place.column,
        message: place.message,
    }
}

/// One broken record among others, as an issue.
pub(super) fn fault(
    path: &Path,
    line: usize,
    json: &str,
    error: &serde_json::Error,
    options: &ReadOptions,
) -> Issue {
    fault_at(path, line, json, 0, error, options)
}

fn fault_at(
    path: &Path,
    line: usize,
    shown: &str,
    indent: usize,
    error: &serde_json::Error,
    options: &ReadOptions,
) -> Issue {
    let place = place(line, shown, indent, error);
    let (severity, end) = match options.drop_invalid {
        true => (Severity::Warning, "; left out"),
        false => (Severity::Error, ""),
    };
    let message = format!("not valid JSON: {}{end}", place.message);
    Issue::new(severity, IssueCode::BadJson, path, place.line, message)
        .column(place.column)
        .found(excerpt(shown))
        .fix("each line must be one complete JSON value, or the whole file one JSON array; `--drop-invalid` reads the file without what is broken")
}
