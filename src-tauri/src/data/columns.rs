//! The first rows of a file with columns, for choosing which of them are meant.

use crate::dto::Columns;
use std::fs::File;
use std::io::Read;
use std::path::Path;
use tagsmith_corpus::{Format, Separator};

/// Rows that are shown.
const ROWS: usize = 8;
/// Bytes that are read for them.
const BYTES: u64 = 64 * 1024;

/// The first rows of a CoNLL file or a table; none for other formats and for packed files.
pub fn of(path: &Path, format: &Format) -> Option<Columns> {
    let mut bytes = Vec::new();
    File::open(path)
        .and_then(|file| file.take(BYTES).read_to_end(&mut bytes))
        .ok()?;
    // Packed, or in an encoding of two bytes a character.
    if bytes.contains(&0) || bytes.starts_with(&[0x1F, 0x8B]) {
        return None;
    }
    let text = String::from_utf8_lossy(&bytes);
    let text = text.trim_start_matches('\u{feff}');
    match format {
        Format::Conll {
            columns, separator, ..
        } => Some(conll(text, *columns, *separator)),
        Format::TableWords {
            delimiter, header, ..
        } => Some(table(text, *delimiter, *header)),
        Format::TableTexts { delimiter, .. } => Some(table(text, *delimiter, true)),
        _ => None,
    }
}

fn conll(text: &str, columns: usize, separator: Separator) -> Columns {
    let cells_of = |line: &str| -> Vec<String> {
        match separator {
            Separator::Tab => line.split('\t').map(str::to_owned).collect(),
            Separator::Space => line.split_whitespace().map(str::to_owned).collect(),
        }
    };
    let named = text
        .lines()
        .find_map(|line| line.strip_prefix("# global.columns ="))
        .map(|names| names.split_whitespace().map(str::to_owned).collect());
    let rows = text
        .lines()
        .filter(|line| !line.trim().is_empty() && !line.starts_with("-DOCSTART-"))
        .map(|line| (line.starts_with('#'), cells_of(line)))
        // A comment is no row, a word that is a number sign is one.
        .filter(|(sign, row)| !sign || row.len() == columns)
        .take(ROWS)
        .map(|(_, row)| row)
        .collect();
    Columns {
        names: named.unwrap_or_else(|| numbered(columns)),
        rows,
    }
}

fn table(text: &str, delimiter: char, header: bool) -> Columns {
    let mut rows = Vec::new();
    let mut rest = text;
    while rows.len() < ROWS + usize::from(header) && !rest.is_empty() {
        let (row, behind) = cells(rest, delimiter);
        rest = behind;
        if row.iter().any(|cell| !cell.is_empty()) {
            rows.push(row);
        }
    }
    let names = match header && !rows.is_empty() {
        true => rows.remove(0),
        false => numbered(rows.iter().map(Vec::len).max().unwrap_or(0)),
    };
    Columns { names, rows }
}

/// The cells of the first row, and what is behind it. Quoted cells may hold anything.
fn cells(text: &str, delimiter: char) -> (Vec<String>, &str) {
    let mut row = vec![String::new()];
    let mut quoted = false;
    let mut characters = text.char_indices().peekable();
    while let Some((at, c)) = characters.next() {
        let cell = row.last_mut().expect("a row has a cell from its start");
        match c {
            '"' if quoted && characters.peek().is_some_and(|(_, next)| *next == '"') => {
                characters.next();
                cell.push('"');
            }
            '"' if quoted || cell.is_empty() => quoted = !quoted,
            '\n' if !quoted => {
                if cell.ends_with('\r') {
                    cell.pop();
                }
                return (row, &text[at + 1..]);
            }
            c if c == delimiter && !quoted => row.push(String::new()),
            c => cell.push(c),
        }
    }
    (row, "")
}

fn numbered(columns: usize) -> Vec<String> {
    (0..columns).map(|number| number.to_string()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quoted_cells_hold_delimiters_quotes_and_lines() {
        let text = "Sentence,Word,Tag\r\n1,\"a \"\"b\"\", c\",O\r\n\r\n,\"two\nlines\",B-X";
        let columns = table(text, ',', true);
        assert_eq!(columns.names, ["Sentence", "Word", "Tag"]);
        assert_eq!(
            columns.rows,
            [["1", "a \"b\", c", "O"], ["", "two\nlines", "B-X"]]
        );
        assert_eq!(table("a;b", ';', false).names, ["0", "1"]);
    }
}
