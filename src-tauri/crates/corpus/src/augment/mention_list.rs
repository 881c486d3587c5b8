//! Reads a list of mentions: lines of `label<TAB>mention`, or of JSON with `label` and `mention`.

use std::path::Path;

use serde::Deserialize;

use crate::format::{ReadError, decode, load};
use crate::issue::{Issue, IssueCode, Severity};
use crate::words;

/// A mention and its label.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct ListedMention {
    /// What kind of entity it is.
    pub label: String,
    /// Its words.
    #[serde(rename = "mention")]
    pub text: String,
}

/// Reads a list of mentions. Empty lines are skipped.
///
/// # Errors
/// The file cannot be read, or lines of it are no mentions: all of them are listed.
pub fn read_mentions(path: &Path) -> Result<Vec<ListedMention>, ReadError> {
    let bytes = load(path)?;
    let text = decode(path, &bytes, None)?.text;
    let is_json = text.trim_start().starts_with('{');
    let mut mentions = Vec::new();
    let mut issues = Vec::new();
    for (number, line) in text.lines().enumerate() {
        if line.trim().is_empty() {
            continue;
        }
        let read = match is_json {
            true => serde_json::from_str(line).map_err(|fault| format!("not a mention: {fault}")),
            false => of_columns(line),
        };
        match read.and_then(checked) {
            Ok(mention) => mentions.push(mention),
            Err(message) => issues.push(
                Issue::new(Severity::Error, IssueCode::BadRecord, path, number + 1, message)
                    .found(line)
                    .fix("each line must be a label, a tab and a mention, or JSON such as {\"label\": \"CITY\", \"mention\": \"New York\"}"),
            ),
        }
    }
    match issues.is_empty() {
        true => Ok(mentions),
        false => Err(ReadError::Malformed {
            file: path.into(),
            issues,
        }),
    }
}

fn of_columns(line: &str) -> Result<ListedMention, String> {
    let columns: Vec<&str> = line.split('\t').collect();
    match columns[..] {
        [label, text] => Ok(ListedMention {
            label: label.into(),
            text: text.into(),
        }),
        _ => Err(format!(
            "found {} columns, expected a label and a mention with a tab between them",
            columns.len()
        )),
    }
}

fn checked(mention: ListedMention) -> Result<ListedMention, String> {
    let label = mention.label.trim().to_owned();
    let text = mention.text.trim().to_owned();
    if label.is_empty() {
        return Err("the label is empty".into());
    }
    match words::split(&text).is_empty() {
        true => Err("the mention has no word".into()),
        false => Ok(ListedMention { label, text }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Result<Vec<(String, String)>, String> {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("list");
        std::fs::write(&path, text).unwrap();
        let mentions = read_mentions(&path).map_err(|failure| {
            let issues = failure.issues().iter();
            let issues: Vec<String> = issues
                .map(|issue| format!("{}: {}", issue.line, issue.message))
                .collect();
            issues.join("; ")
        })?;
        Ok(mentions.into_iter().map(|m| (m.label, m.text)).collect())
    }

    #[test]
    fn lists_are_read_in_both_forms_and_every_fault_is_named_with_its_line() {
        let pair = |label: &str, text: &str| (label.to_owned(), text.to_owned());
        let expected = Ok(vec![pair("CITY", "New York"), pair("PER", "Ada")]);
        assert_eq!(read("CITY\tNew York\r\n\nPER\t Ada \n"), expected);
        let json = "{\"label\": \"CITY\", \"mention\": \"New York\"}\n{\"mention\": \"Ada\", \"label\": \"PER\"}";
        assert_eq!(read(json), expected);
        let columns = "found 1 columns, expected a label and a mention with a tab between them";
        assert_eq!(
            read("PER\tAda\nAda\n\tAda\nPER\t \n"),
            Err(format!(
                "2: {columns}; 3: the label is empty; 4: the mention has no word"
            ))
        );
        let fault = read("{\"label\": \"PER\"}\n").unwrap_err();
        assert!(
            fault.starts_with("1: not a mention: missing field `mention`"),
            "{fault}"
        );
    }
}
