//! Texts of files of any size, one at a time and without regard to labels: what a model is to tag.
//!
//! Lines of plain text, records of JSON lines, rows of a table or of a Parquet file pass one by one, so that
//! memory does not grow with the file. Anything else that [`read_all`] reads gives the texts of its documents.
//!
//! One file: half of it are its tests, and each form of a file is a page of code.

mod parquet;

use std::fs::{self, File};
use std::io::{self, BufRead, BufReader, Cursor, Read};
use std::ops::ControlFlow;
use std::path::{Path, PathBuf};

use serde_json::Value;

use crate::format::keys::{self, Role};
use crate::format::{ReadError, decode, read_all};
use crate::options::{ColumnChoice, ReadOptions};

/// How texts are found in a file.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct TextOptions {
    /// Of a table, of Parquet, or of records: the column or field with the text; by its name or its length when
    /// `None`.
    pub column: Option<ColumnChoice>,
    /// A file of plain text is one text, not one in each line.
    pub whole: bool,
}

/// A text and where it is from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SourceText {
    /// The text itself, never blank.
    pub text: String,
    /// The file.
    pub file: PathBuf,
    /// Where it begins in the file, from 1; a row where a file has no lines.
    pub line: usize,
}

/// What takes the texts, and may stop.
pub type Take<'a> = &'a mut dyn FnMut(SourceText) -> ControlFlow<()>;

/// The columns of a file that has some.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct TextColumns {
    /// Their names, in order.
    pub names: Vec<String>,
    /// The one that the texts are taken from.
    pub text: Option<usize>,
    /// The first rows.
    pub rows: Vec<Vec<String>>,
    /// What separates the cells of a table.
    pub delimiter: Option<char>,
}

/// Rows that are looked at to find the column with the text.
const SAMPLE: usize = 50;
/// Rows that a person is shown.
const SHOWN: usize = 8;

/// The files that are read of what was chosen: a file itself, or all in a folder that hold text, in order.
///
/// # Errors
/// The folder cannot be read, or holds no such file.
pub fn text_files(path: &Path) -> Result<Vec<PathBuf>, ReadError> {
    if !path.is_dir() {
        return Ok(vec![path.into()]);
    }
    let mut files = Vec::new();
    let mut waiting = vec![path.to_path_buf()];
    while let Some(folder) = waiting.pop() {
        let entries = fs::read_dir(&folder).map_err(unreadable(&folder))?;
        for entry in entries {
            let entry = entry.map_err(unreadable(&folder))?;
            let hidden = entry.file_name().to_string_lossy().starts_with('.');
            let kind = entry.file_type().map_err(unreadable(&entry.path()))?;
            match (hidden || kind.is_symlink(), kind.is_dir()) {
                (true, _) => {}
                (false, true) => waiting.push(entry.path()),
                (false, false) if Kind::by_name(&entry.path()) != Kind::Other => {
                    files.push(entry.path());
                }
                (false, false) => {}
            }
        }
    }
    files.sort();
    match files.is_empty() {
        true => Err(ReadError::NoData {
            file: path.into(),
            ignored: Vec::new(),
        }),
        false => Ok(files),
    }
}

/// The columns of a file with their first rows; `None` for a file without columns.
///
/// # Errors
/// The file cannot be read, or has not the column that the options name.
pub fn text_columns(path: &Path, options: &TextOptions) -> Result<Option<TextColumns>, ReadError> {
    match Kind::of(path)? {
        Kind::Table => Table::open(path, options).map(|table| Some(table.columns)),
        Kind::Parquet => parquet::columns(path, options).map(Some),
        Kind::Records => records_columns(path, options).map(Some),
        Kind::Lines | Kind::Other => Ok(None),
    }
}

/// Hands over every text of a file, in order, until `take` stops. Blank texts are passed over.
///
/// # Errors
/// The file cannot be read; the message says where.
pub fn each_text(path: &Path, options: &TextOptions, take: Take) -> Result<(), ReadError> {
    let mut put = |text: String, line: usize| -> ControlFlow<()> {
        if text.trim().is_empty() {
            return ControlFlow::Continue(());
        }
        take(SourceText {
            text,
            file: path.into(),
            line,
        })
    };
    match Kind::of(path)? {
        Kind::Lines if options.whole => {
            let mut text = String::new();
            open(path)?
                .read_to_string(&mut text)
                .map_err(unreadable(path))?;
            let _ = put(text, 1);
            Ok(())
        }
        Kind::Lines => each_line(path, |line, number| Ok(put(line.to_owned(), number))),
        Kind::Records => records(path, options, &mut put),
        Kind::Table => Table::open(path, options)?.each(path, &mut put),
        Kind::Parquet => parquet::each(path, options, &mut put),
        Kind::Other => {
            for split in read_all(path, &ReadOptions::default())? {
                for document in split.corpus.documents {
                    let file = document.file.as_deref().unwrap_or(path);
                    let stop = !document.text.trim().is_empty()
                        && take(SourceText {
                            text: document.text,
                            file: file.into(),
                            line: document.line,
                        })
                        .is_break();
                    if stop {
                        return Ok(());
                    }
                }
            }
            Ok(())
        }
    }
}

/// How a file is gone through.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    Lines,
    Records,
    Table,
    Parquet,
    /// By the readers of labelled data.
    Other,
}

impl Kind {
    fn by_name(path: &Path) -> Self {
        let extension = path.extension().unwrap_or_default().to_string_lossy();
        match extension.to_lowercase().as_str() {
            "txt" | "text" | "md" | "log" => Self::Lines,
            "jsonl" | "ndjson" | "json" => Self::Records,
            "csv" | "tsv" => Self::Table,
            "parquet" => Self::Parquet,
            _ => Self::Other,
        }
    }

    fn of(path: &Path) -> Result<Self, ReadError> {
        let kind = Self::by_name(path);
        if kind != Self::Records {
            return Ok(kind);
        }
        // JSON over several lines is read whole, by those who know its forms.
        let mut first = None;
        each_line(path, |line, _| {
            if line.trim().is_empty() {
                return Ok(ControlFlow::Continue(()));
            }
            first = Some(serde_json::from_str::<Value>(line).is_ok_and(|value| value.is_object()));
            Ok(ControlFlow::Break(()))
        })?;
        Ok(match first {
            Some(true) => Self::Records,
            _ => Self::Other,
        })
    }
}

fn unreadable(path: &Path) -> impl Fn(io::Error) -> ReadError + use<> {
    let file = path.to_path_buf();
    move |source| ReadError::Unreadable {
        file: file.clone(),
        source,
    }
}

/// A file as UTF-8: as it lies there where it is that, else decoded whole.
fn open(path: &Path) -> Result<Box<dyn BufRead>, ReadError> {
    let file = || {
        let file = File::open(path).map_err(unreadable(path))?;
        Ok(BufReader::with_capacity(1 << 16, file))
    };
    if is_plain_utf8(file()?).map_err(unreadable(path))? {
        let mut plain = file()?;
        let has_mark = plain
            .fill_buf()
            .map_err(unreadable(path))?
            .starts_with("\u{feff}".as_bytes());
        if has_mark {
            plain.consume(3);
        }
        return Ok(Box::new(plain));
    }
    let bytes = fs::read(path).map_err(unreadable(path))?;
    let decoded = decode(path, &bytes, None)?;
    Ok(Box::new(Cursor::new(decoded.text.into_owned())))
}

/// Is it UTF-8 without zero bytes, which show UTF-16?
fn is_plain_utf8(mut source: impl Read) -> io::Result<bool> {
    let mut buffer = vec![0; 1 << 16];
    // What the end of one block began and the next one ends.
    let mut rest = 0;
    loop {
        let read = source.read(&mut buffer[rest..])?;
        let filled = rest + read;
        if read == 0 {
            return Ok(rest == 0);
        }
        if buffer[rest..filled].contains(&0) {
            return Ok(false);
        }
        match std::str::from_utf8(&buffer[..filled]) {
            Ok(_) => rest = 0,
            Err(failure) if failure.error_len().is_some() => return Ok(false),
            Err(failure) => {
                let valid = failure.valid_up_to();
                buffer.copy_within(valid..filled, 0);
                rest = filled - valid;
            }
        }
    }
}

/// Every line with its number, from 1, without its end.
fn each_line(
    path: &Path,
    mut see: impl FnMut(&str, usize) -> Result<ControlFlow<()>, ReadError>,
) -> Result<(), ReadError> {
    let mut source = open(path)?;
    let mut line = String::new();
    let mut number = 0;
    loop {
        line.clear();
        if source.read_line(&mut line).map_err(unreadable(path))? == 0 {
            return Ok(());
        }
        number += 1;
        let text = line.strip_suffix('\n').unwrap_or(&line);
        let text = text.strip_suffix('\r').unwrap_or(text);
        if see(text, number)?.is_break() {
            return Ok(());
        }
    }
}

/// The field of a record that holds the text: the one chosen, or one that is known by its name.
fn field<'a>(record: &'a Value, options: &TextOptions) -> Option<&'a Value> {
    let fields = record.as_object()?;
    match &options.column {
        Some(ColumnChoice::Name(name)) => fields.get(name),
        Some(ColumnChoice::Index(at)) => fields.values().nth(usize::try_from(*at).ok()?),
        None => {
            let known = |role| fields.iter().find(move |(name, _)| keys::is(name, role));
            let found = known(Role::Text).or_else(|| known(Role::Tokens));
            found.map(|(_, value)| value)
        }
    }
}

/// A text, or the words of one.
fn text_in(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text.clone()),
        Value::Array(words) => {
            let words: Option<Vec<&str>> = words.iter().map(Value::as_str).collect();
            words.map(|words| words.join(" "))
        }
        Value::Null => Some(String::new()),
        _ => None,
    }
}

fn record_in(path: &Path, line: &str, number: usize) -> Result<Value, ReadError> {
    serde_json::from_str(line).map_err(|failure| ReadError::Json {
        file: path.into(),
        line: number,
        column: failure.column(),
        message: failure.to_string(),
    })
}

fn records(
    path: &Path,
    options: &TextOptions,
    put: &mut dyn FnMut(String, usize) -> ControlFlow<()>,
) -> Result<(), ReadError> {
    each_line(path, |line, number| {
        if line.trim().is_empty() {
            return Ok(ControlFlow::Continue(()));
        }
        let record = record_in(path, line, number)?;
        let text = field(&record, options).and_then(text_in);
        match text {
            Some(text) => Ok(put(text, number)),
            None => Err(no_column(
                path,
                options,
                record
                    .as_object()
                    .map(|fields| fields.keys().map(String::as_str).collect())
                    .unwrap_or_default(),
            )),
        }
    })
}

fn records_columns(path: &Path, options: &TextOptions) -> Result<TextColumns, ReadError> {
    let mut columns = TextColumns::default();
    let mut broken = None;
    each_line(path, |line, number| {
        if line.trim().is_empty() {
            return Ok(ControlFlow::Continue(()));
        }
        let record = match record_in(path, line, number) {
            Ok(record) => record,
            Err(failure) => {
                broken = Some(failure);
                return Ok(ControlFlow::Break(()));
            }
        };
        let Some(fields) = record.as_object() else {
            return Ok(ControlFlow::Continue(()));
        };
        if columns.names.is_empty() {
            columns.names = fields.keys().cloned().collect();
            let text = field(&record, options);
            columns.text = fields
                .values()
                .position(|value| text.is_some_and(|text| std::ptr::eq(value, text)));
        }
        let cell = |name: &String| match fields.get(name) {
            Some(Value::String(text)) => text.clone(),
            Some(other) => other.to_string(),
            None => String::new(),
        };
        columns.rows.push(columns.names.iter().map(cell).collect());
        Ok(match columns.rows.len() < SHOWN {
            true => ControlFlow::Continue(()),
            false => ControlFlow::Break(()),
        })
    })?;
    match broken {
        Some(failure) if columns.rows.is_empty() => Err(failure),
        _ => Ok(columns),
    }
}

fn no_column(path: &Path, options: &TextOptions, names: Vec<&str>) -> ReadError {
    let wanted = match &options.column {
        Some(ColumnChoice::Name(name)) => name.clone(),
        Some(ColumnChoice::Index(at)) => at.to_string(),
        None => "text".into(),
    };
    let names: Vec<String> = names
        .iter()
        .take(20)
        .map(|name| format!("`{name}`"))
        .collect();
    ReadError::NoSuchColumn {
        file: path.into(),
        wanted,
        available: match names.is_empty() {
            true => "none".into(),
            false => names.join(", "),
        },
    }
}

/// The column with the text among these: the one chosen, one that is known by its name, else the one with the
/// longest cells.
fn text_column(
    path: &Path,
    names: &[String],
    rows: &[Vec<String>],
    options: &TextOptions,
) -> Result<Option<usize>, ReadError> {
    let missing = || no_column(path, options, names.iter().map(String::as_str).collect());
    let found = match &options.column {
        Some(ColumnChoice::Name(name)) => names.iter().position(|known| known == name),
        Some(ColumnChoice::Index(at)) => usize::try_from(*at).ok().filter(|at| *at < names.len()),
        None => {
            let length = |at: &usize| {
                let cells = rows.iter().filter_map(|row| row.get(*at));
                cells.map(String::len).sum::<usize>()
            };
            let known = names.iter().position(|name| keys::is(name, Role::Text));
            return Ok(known.or_else(|| (0..names.len()).max_by_key(length)));
        }
    };
    found.map(Some).ok_or_else(missing)
}

/// A table in a file of text, whose first row names its columns.
struct Table {
    delimiter: u8,
    /// What the parser's lines are behind: 1 where lines end in CR LF, whose LF it takes for the beginning of the
    /// next row.
    behind: u64,
    columns: TextColumns,
}

impl Table {
    fn open(path: &Path, options: &TextOptions) -> Result<Self, ReadError> {
        let mut first = String::new();
        let mut source = open(path)?;
        while first.trim().is_empty() {
            first.clear();
            if source.read_line(&mut first).map_err(unreadable(path))? == 0 {
                return Err(ReadError::Empty { file: path.into() });
            }
        }
        let count = |delimiter: &u8| first.bytes().filter(|byte| byte == delimiter).count();
        // A table of one column has none of them; then the last is taken.
        let delimiters = [b'|', b';', b'\t', b','];
        let delimiter = delimiters.into_iter().max_by_key(count).unwrap_or(b',');
        let mut columns = TextColumns {
            delimiter: Some(char::from(delimiter)),
            ..TextColumns::default()
        };
        let mut rows = Self::reader(delimiter, open(path)?).into_records();
        let fault = |failure: csv::Error| damaged(path, &failure);
        if let Some(header) = rows.next() {
            columns.names = header.map_err(fault)?.iter().map(String::from).collect();
        }
        for row in rows.take(SAMPLE) {
            let row = row.map_err(|failure| damaged(path, &failure))?;
            columns.rows.push(row.iter().map(String::from).collect());
        }
        columns.text = text_column(path, &columns.names, &columns.rows, options)?;
        columns.rows.truncate(SHOWN);
        Ok(Self {
            delimiter,
            behind: u64::from(first.ends_with("\r\n")),
            columns,
        })
    }

    fn reader(delimiter: u8, source: Box<dyn BufRead>) -> csv::Reader<Box<dyn BufRead>> {
        csv::ReaderBuilder::new()
            .has_headers(false)
            .flexible(true)
            .delimiter(delimiter)
            .from_reader(source)
    }

    fn each(
        &self,
        path: &Path,
        put: &mut dyn FnMut(String, usize) -> ControlFlow<()>,
    ) -> Result<(), ReadError> {
        let Some(text) = self.columns.text else {
            return Ok(());
        };
        let mut reader = Self::reader(self.delimiter, open(path)?);
        let mut row = csv::StringRecord::new();
        let mut is_header = true;
        while reader
            .read_record(&mut row)
            .map_err(|failure| damaged(path, &failure))?
        {
            if std::mem::take(&mut is_header) {
                continue;
            }
            let line = row.position().map_or(0, csv::Position::line) + self.behind;
            let cell = row.get(text).unwrap_or_default().to_owned();
            if put(cell, usize::try_from(line).unwrap_or_default()).is_break() {
                break;
            }
        }
        Ok(())
    }
}

fn damaged(path: &Path, failure: &csv::Error) -> ReadError {
    ReadError::Damaged {
        file: path.into(),
        kind: "a table",
        message: failure.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn file(name: &str, content: impl AsRef<[u8]>) -> (tempfile::TempDir, PathBuf) {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join(name);
        fs::write(&path, content).unwrap();
        (folder, path)
    }

    fn texts(path: &Path, options: &TextOptions) -> Vec<(String, usize)> {
        let mut found = Vec::new();
        each_text(path, options, &mut |text| {
            found.push((text.text, text.line));
            ControlFlow::Continue(())
        })
        .unwrap();
        found
    }

    fn check(
        name: &str,
        content: impl AsRef<[u8]>,
        options: &TextOptions,
        expected: &[(&str, usize)],
    ) {
        let (_folder, path) = file(name, content);
        let expected: Vec<(String, usize)> = expected
            .iter()
            .map(|(text, line)| ((*text).to_owned(), *line))
            .collect();
        assert_eq!(texts(&path, options), expected, "{name}");
    }

    fn named(name: &str) -> TextOptions {
        TextOptions {
            column: Some(ColumnChoice::Name(name.into())),
            ..TextOptions::default()
        }
    }

    #[test]
    fn lines_and_whole_files_are_texts() {
        let all = TextOptions::default();
        let whole = TextOptions {
            whole: true,
            ..TextOptions::default()
        };
        check(
            "a.txt",
            "\u{feff}one\r\n\n two \n",
            &all,
            &[("one", 1), (" two ", 3)],
        );
        check("a.txt", "one\n\ntwo\n", &whole, &[("one\n\ntwo\n", 1)]);
        check("a.txt", " \n", &whole, &[]);
        // UTF-16 with its mark, and Latin-1 with several letters beyond ASCII.
        let utf16: Vec<u8> = "\u{feff}für\nzwei"
            .encode_utf16()
            .flat_map(u16::to_le_bytes)
            .collect();
        check("a.txt", utf16, &all, &[("für", 1), ("zwei", 2)]);
        check(
            "a.txt",
            b"f\xfcr \xe4\xf6\xfc\xdf\n",
            &all,
            &[("für äöüß", 1)],
        );
    }

    #[test]
    fn records_give_their_text_or_the_field_that_is_chosen() {
        let all = TextOptions::default();
        let lines = "{\"id\": 1, \"text\": \"one\", \"body\": \"b\"}\n\n{\"text\": null}\n{\"text\": \"two\", \"body\": \"c\"}\n";
        check("a.jsonl", lines, &all, &[("one", 1), ("two", 4)]);
        check(
            "a.jsonl",
            "{\"body\": \"b\"}\n",
            &named("body"),
            &[("b", 1)],
        );
        check(
            "a.jsonl",
            "{\"tokens\": [\"a\", \"b\"]}",
            &all,
            &[("a b", 1)],
        );
        // JSON over several lines, with labels that are passed over.
        check(
            "a.json",
            "[\n{\"text\": \"one\", \"entities\": []},\n{\"text\": \"two\", \"entities\": []}\n]",
            &all,
            &[("one", 2), ("two", 3)],
        );
        let (_folder, path) = file("a.jsonl", "{\"text\": \"one\"}\n{\"title\": \"x\"}\n");
        let mut seen = 0;
        let failure = each_text(&path, &all, &mut |_| {
            seen += 1;
            ControlFlow::Continue(())
        });
        assert_eq!(seen, 1);
        assert!(failure.unwrap_err().to_string().contains("`title`"));
        let columns = text_columns(&path, &all).unwrap().unwrap();
        assert_eq!(
            (columns.names, columns.text),
            (vec!["text".to_owned()], Some(0))
        );
    }

    #[test]
    fn the_column_of_a_table_is_known_chosen_or_the_longest() {
        let all = TextOptions::default();
        let table = "id;subject;message_body\r\n1;Hi;\"a \"\"b\"\"; c\nnext line\"\r\n2;;x y z w\r\n3;Ho;\r\n";
        check(
            "a.csv",
            table,
            &all,
            &[("a \"b\"; c\nnext line", 2), ("x y z w", 4)],
        );
        check("a.csv", table, &named("subject"), &[("Hi", 2), ("Ho", 5)]);
        check("a.tsv", "text\tbelong to whom\na\tb\n", &all, &[("a", 2)]);
        check(
            "one.csv",
            "message\nfirst\nsecond\n",
            &all,
            &[("first", 2), ("second", 3)],
        );
        let (_folder, path) = file("a.csv", table);
        let columns = text_columns(&path, &all).unwrap().unwrap();
        assert_eq!(columns.names, ["id", "subject", "message_body"]);
        assert_eq!((columns.text, columns.rows.len()), (Some(2), 3));
        let failure = text_columns(&path, &named("nothing")).unwrap_err();
        assert!(
            failure.to_string().contains("`nothing`") && failure.to_string().contains("`subject`")
        );
    }

    #[test]
    fn labelled_files_and_folders_give_their_texts() {
        let all = TextOptions::default();
        check(
            "a.conll",
            "Lumen\tB-X\nDesk\tI-X\n\nBye\tO\n",
            &all,
            &[("Lumen Desk", 1), ("Bye", 4)],
        );
        let (folder, first) = file("b.txt", "b");
        fs::create_dir(folder.path().join("sub")).unwrap();
        let inner = folder.path().join("sub/a.jsonl");
        fs::write(&inner, "{\"text\": \"x\"}").unwrap();
        fs::write(folder.path().join("photo.png"), "no").unwrap();
        assert_eq!(text_files(folder.path()).unwrap(), [first, inner]);
        let empty = tempfile::tempdir().unwrap();
        assert!(text_files(empty.path()).is_err());
    }

    #[test]
    fn whoever_takes_may_stop() {
        let (_folder, path) = file("a.txt", "1\n2\n3\n");
        let mut seen = 0;
        each_text(&path, &TextOptions::default(), &mut |_| {
            seen += 1;
            match seen {
                2 => ControlFlow::Break(()),
                _ => ControlFlow::Continue(()),
            }
        })
        .unwrap();
        assert_eq!(seen, 2);
    }
}
