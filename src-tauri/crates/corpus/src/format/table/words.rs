//! Reads a table with one word per row into sentences.

use std::collections::HashSet;
use std::path::Path;

use crate::dataset::{Corpus, SourceInfo};
use crate::format::ReadError;
use crate::format::builder::Builder;
use crate::format::rows::bad_tag;
use crate::format::table::layout::{Layout, Words};
use crate::format::table::rows::Rows;
use crate::formats::Format;
use crate::issue::{Issue, IssueCode, Issues, Severity, excerpt};
use crate::options::ReadOptions;

pub(super) fn read(
    path: &Path,
    content: &str,
    layout: &Layout,
    columns: Words,
    options: &ReadOptions,
) -> Result<Corpus, ReadError> {
    let Words {
        token,
        tag,
        sentence,
        notation,
    } = columns;
    let mut issues = Issues::default();
    let mut builder = Builder::new(notation);
    let mut ids: HashSet<String> = HashSet::new();
    let (mut again, mut empty_tokens) = (0usize, 0usize);
    // A row that cannot be used, which spoils its sentence.
    let fault = |mut issue: Issue, builder: &mut Builder, issues: &mut Issues| {
        if options.drop_invalid {
            issue.severity = Severity::Warning;
            issue.message.push_str("; its sentence was left out");
            builder.spoil();
        }
        issues.push(issue);
    };
    let mut rows = Rows::new(content, layout.delimiter, layout.quoting);
    let mut first = layout.header;
    while rows.next() {
        options.go_on(path)?;
        if std::mem::take(&mut first) {
            continue;
        }
        let blank = rows.is_blank();
        if sentence.is_none() && (blank || rows.behind_blank) {
            builder.close();
        }
        if blank {
            continue;
        }
        if rows.record.len() != layout.width {
            fault(odd_row(path, &rows, layout), &mut builder, &mut issues);
            continue;
        }
        if let Some(id) = sentence.and_then(|at| rows.cell(at)).map(str::trim)
            && !id.is_empty()
            && builder.open_name() != Some(id)
        {
            builder.close();
            again += usize::from(!ids.insert(id.to_owned()));
            builder.name(id);
        }
        let tag_text = rows.cell(tag).unwrap_or_default().trim();
        let Some(tag) = builder.tags.number(tag_text) else {
            let issue = bad_tag(path, rows.line, tag_text);
            fault(issue, &mut builder, &mut issues);
            continue;
        };
        let word = rows.cell(token).unwrap_or_default();
        empty_tokens += usize::from(word.is_empty());
        builder.word(word, tag, None, rows.line);
    }
    builder.close();
    if issues.has_errors() {
        return Err(ReadError::malformed(path, issues.into_vec()));
    }
    let mut add_issue = |severity, code, message: String, fix: &str| {
        let issue = Issue::new(severity, code, path, 0, message);
        issues.push(if fix.is_empty() {
            issue
        } else {
            issue.fix(fix)
        });
    };
    report_columns(layout, columns, &mut add_issue);
    if empty_tokens > 0 {
        let message =
            format!("{empty_tokens} rows have a tag but an empty token; kept as empty words");
        add_issue(Severity::Info, IssueCode::EmptyToken, message, "");
    }
    if again > 0 {
        let message = format!(
            "{again} sentences have a number that an earlier one has, with others between; each is kept as a sentence of its own"
        );
        let fix = "sort the rows by their sentence";
        add_issue(Severity::Warning, IssueCode::SentenceAgain, message, fix);
    }
    let mut source = SourceInfo::new(
        path,
        Format::TableWords {
            delimiter: char::from(layout.delimiter),
            header: layout.header,
            token_column: token,
            tag_column: tag,
            sentence_column: sentence,
        },
    );
    let documents = builder.finish(path, options.scheme, &mut source, &mut issues);
    Ok(Corpus {
        documents,
        source,
        issues: issues.into_vec(),
        offset_evidence: None,
    })
}

/// Says which columns were taken for what.
fn report_columns(
    layout: &Layout,
    columns: Words,
    add_issue: &mut impl FnMut(Severity, IssueCode, String, &str),
) {
    let name = |at: usize| match layout.names.get(at) {
        Some(name) if !name.trim().is_empty() => format!("`{}`", excerpt(name)),
        _ => format!("number {at} (counted from 0)"),
    };
    let sentences = match columns.sentence {
        Some(at) => format!("the column {} separates the sentences", name(at)),
        None => "blank lines separate the sentences".into(),
    };
    let message = format!(
        "a table of words: the words are in the column {}, the tags in {}; {sentences}",
        name(columns.token),
        name(columns.tag)
    );
    let fix =
        "other columns can be chosen with `--token-column`, `--tag-column` and `--sentence-column`";
    add_issue(Severity::Info, IssueCode::TableColumns, message, fix);
    if let Some(first) = layout.other_tags.first() {
        let others: Vec<String> = layout.other_tags.iter().map(|at| name(*at)).collect();
        let (column, hold) = match others.len() {
            1 => ("column", "holds"),
            _ => ("columns", "hold"),
        };
        let message = format!(
            "the {column} {} {hold} tags as well; {} is read",
            others.join(" and "),
            name(columns.tag)
        );
        let fix = format!("to read another one, choose it with `--tag-column {first}`");
        add_issue(Severity::Info, IssueCode::SeveralTagColumns, message, &fix);
    }
}

fn odd_row(path: &Path, rows: &Rows, layout: &Layout) -> Issue {
    let shown = excerpt(&rows.record.iter().collect::<Vec<_>>().join(" "));
    let (found, expected) = (rows.record.len(), layout.width);
    let (code, fix) = match found > expected {
        true => (
            IssueCode::TooManyColumns,
            "put cells that hold the delimiter in quotation marks",
        ),
        false => (IssueCode::TooFewColumns, "give the row all its cells"),
    };
    let message = format!("found {found} cells (`{shown}`), expected {expected}");
    Issue::new(Severity::Error, code, path, rows.line, message)
        .found(shown)
        .fix(fix)
}
