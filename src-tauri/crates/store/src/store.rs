//! Opens a file and reads documents by their number, or all of a split one after the other.

use crate::schema::{APPLICATION, FORM, key, parts};
use crate::search::Searches;
use crate::{StoreError, pack};
use rusqlite::{Connection, OpenFlags, OptionalExtension, Row, params};
use serde::de::DeserializeOwned;
use std::collections::HashMap;
use std::io::Write;
use std::ops::ControlFlow;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard, PoisonError};
use tagsmith_corpus::{Document, WriteFormat, write};

/// A document and where it is.
#[derive(Clone, Debug, PartialEq)]
pub struct Stored {
    /// The split it is in.
    pub split: String,
    /// Its number in the split, from 0.
    pub number: u64,
    /// What it is.
    pub document: Document,
}

/// How many documents a split has.
#[derive(Clone, Debug, PartialEq, Eq)]
#[allow(missing_docs)]
pub struct SplitSize {
    pub name: String,
    pub documents: u64,
}

/// The documents and findings of one file.
pub struct Store {
    pub(crate) path: PathBuf,
    db: Mutex<Connection>,
    pub(crate) searches: Mutex<Searches>,
    pub(crate) splits: Vec<SplitSize>,
    pub(crate) labels: Vec<String>,
    pub(crate) codes: Vec<String>,
    /// Documents that hold a label, by label and split.
    pub(crate) counts: HashMap<(usize, usize), u64>,
}

impl Store {
    /// Opens a file, which takes the same few milliseconds whatever its size.
    ///
    /// # Errors
    /// It is absent, damaged, or from a newer version.
    pub fn open(path: &Path) -> Result<Self, StoreError> {
        let size = std::fs::metadata(path).map_err(|source| match source.kind() {
            std::io::ErrorKind::NotFound => StoreError::Missing { file: path.into() },
            _ => StoreError::Io {
                file: path.into(),
                source,
            },
        })?;
        let refused = |failure: rusqlite::Error| refused(path, &failure);
        let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
        let db = Connection::open_with_flags(path, flags).map_err(refused)?;
        let number = |name: &str| {
            db.pragma_query_value(None, name, |row| row.get::<_, i64>(0))
                .map_err(refused)
        };
        if number("application_id")? != i64::from(APPLICATION) {
            return Err(damaged(path, "it is not a file of documents"));
        }
        let form = u32::try_from(number("user_version")?).unwrap_or(u32::MAX);
        if form > FORM {
            return Err(StoreError::Newer {
                file: path.into(),
                found: form,
                known: FORM,
            });
        }
        if form < FORM {
            let found = format!("its form is {form}, that of an older version, and not {FORM}");
            return Err(damaged(path, &found));
        }
        let whole = number("page_count")?.saturating_mul(number("page_size")?);
        if u64::try_from(whole).ok() != Some(size.len()) {
            let found = format!("it has {} bytes instead of {whole}", size.len());
            return Err(damaged(path, &found));
        }
        db.execute_batch(
            "PRAGMA cache_size = -16384; PRAGMA mmap_size = 1073741824; PRAGMA query_only = ON;",
        )
        .map_err(refused)?;
        let splits = numbered(
            &db,
            "SELECT id, name, documents FROM splits ORDER BY id",
            |row| {
                Ok(SplitSize {
                    name: row.get(1)?,
                    documents: row.get::<_, i64>(2)?.max(0) as u64,
                })
            },
        );
        let names = |table: &str| {
            let sql = format!("SELECT id, name FROM {table} ORDER BY id");
            numbered(&db, &sql, |row| row.get(1)).map_err(refused)
        };
        let (splits, labels, codes) = (splits.map_err(refused)?, names("labels")?, names("codes")?);
        let counts = counts(&db).map_err(refused)?;
        Ok(Self {
            path: path.into(),
            db: Mutex::new(db),
            searches: Mutex::default(),
            splits,
            labels,
            codes,
            counts,
        })
    }

    /// The splits, in their order.
    pub fn splits(&self) -> &[SplitSize] {
        &self.splits
    }

    /// How many documents there are in all.
    pub fn documents(&self) -> u64 {
        self.splits.iter().map(|split| split.documents).sum()
    }

    /// The labels that occur, in the order of their first places.
    pub fn labels(&self) -> &[String] {
        &self.labels
    }

    /// A value that was put there under a name.
    ///
    /// # Errors
    /// The file is damaged, or the value is another than the one asked for.
    pub fn value<T: DeserializeOwned>(&self, name: &str) -> Result<Option<T>, StoreError> {
        let text: Option<String> = self
            .db()
            .query_row("SELECT value FROM meta WHERE name = ?", [name], |row| {
                row.get(0)
            })
            .optional()
            .map_err(|failure| self.refused(&failure))?;
        text.map(|text| serde_json::from_str(&text))
            .transpose()
            .map_err(|failure| self.damaged(&format!("`{name}`: {failure}")))
    }

    /// Document `number` of a split; none where it has fewer.
    ///
    /// # Errors
    /// The file is damaged.
    pub fn document(&self, split: &str, number: u64) -> Result<Option<Stored>, StoreError> {
        match self.split(split) {
            Some(split) if number < self.splits[split].documents => {
                self.at(&self.db(), key(split, number)).map(Some)
            }
            _ => Ok(None),
        }
    }

    /// Every document of a split, in order, until `each` breaks off.
    ///
    /// # Errors
    /// The file is damaged.
    pub fn each(
        &self,
        split: &str,
        mut each: impl FnMut(Stored) -> ControlFlow<()>,
    ) -> Result<(), StoreError> {
        // In pieces, so that others can read in between.
        const PIECE: u64 = 512;
        let Some(split) = self.split(split) else {
            return Ok(());
        };
        let all = self.splits[split].documents;
        for from in (0..all).step_by(PIECE as usize) {
            let piece = self.run(key(split, from), (all - from).min(PIECE))?;
            for stored in piece {
                if each(stored).is_break() {
                    return Ok(());
                }
            }
        }
        Ok(())
    }

    /// Writes a split in a format with one record per document, as [`write`] does; returns how many.
    ///
    /// # Errors
    /// The file is damaged, or `out` refused.
    pub fn export(
        &self,
        split: &str,
        format: &WriteFormat,
        out: &mut impl Write,
    ) -> Result<u64, StoreError> {
        let mut written = 0;
        let mut failed = None;
        self.each(split, |stored| {
            match write(std::slice::from_ref(&stored.document), format, out) {
                Ok(_) => written += 1,
                Err(failure) => failed = Some(failure),
            }
            match failed {
                None => ControlFlow::Continue(()),
                Some(_) => ControlFlow::Break(()),
            }
        })?;
        match failed {
            None => Ok(written),
            Some(failure) => Err(StoreError::Export {
                split: split.into(),
                message: failure.to_string(),
            }),
        }
    }

    /// `count` documents from a key on, over the ends of splits.
    pub(crate) fn run(&self, from: i64, count: u64) -> Result<Vec<Stored>, StoreError> {
        let db = self.db();
        let read = || -> rusqlite::Result<Vec<Raw>> {
            db.prepare_cached(&format!("{DOCUMENT} WHERE key >= ? ORDER BY key LIMIT ?"))?
                .query_map(params![from, count as i64], Raw::read)?
                .collect()
        };
        let raw = read().map_err(|failure| self.refused(&failure))?;
        drop(db);
        if (raw.len() as u64) < count {
            return Err(self.damaged("documents are missing"));
        }
        raw.into_iter().map(|raw| self.unpack(raw)).collect()
    }

    pub(crate) fn at(&self, db: &Connection, key: i64) -> Result<Stored, StoreError> {
        let read = || -> rusqlite::Result<Raw> {
            db.prepare_cached(&format!("{DOCUMENT} WHERE key = ?"))?
                .query_row([key], Raw::read)
        };
        let raw = read().map_err(|failure| self.refused(&failure))?;
        self.unpack(raw)
    }

    fn unpack(&self, raw: Raw) -> Result<Stored, StoreError> {
        let (split, number) = parts(raw.key);
        let whole = || {
            let words = pack::unpack_words(&raw.words, &raw.document.text)?;
            let spans = pack::unpack_spans(&raw.spans, &raw.document.text, &self.labels)?;
            let unknown = raw.unknown.as_deref().unwrap_or_default();
            let unknown = pack::unpack_words(unknown, &raw.document.text)?;
            Some((self.splits.get(split)?.name.clone(), words, spans, unknown))
        };
        let Some((split, words, spans, unknown)) = whole() else {
            return Err(self.damaged(&format!("document {number} does not fit its text")));
        };
        let document = Document {
            words,
            spans,
            unknown,
            ..raw.document
        };
        Ok(Stored {
            split,
            number,
            document,
        })
    }

    pub(crate) fn split(&self, name: &str) -> Option<usize> {
        self.splits.iter().position(|split| split.name == name)
    }

    pub(crate) fn db(&self) -> MutexGuard<'_, Connection> {
        self.db.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) fn refused(&self, failure: &rusqlite::Error) -> StoreError {
        refused(&self.path, failure)
    }

    pub(crate) fn damaged(&self, found: &str) -> StoreError {
        damaged(&self.path, found)
    }
}

/// What a document is read from, in the order in which [`Raw::read`] takes it.
const DOCUMENT: &str = "SELECT key, line, grp, id, given, words, spans, text,
    (SELECT name FROM files WHERE files.id = documents.file), unknown FROM documents";

/// A document as the table holds it.
struct Raw {
    key: i64,
    words: Vec<u8>,
    spans: Vec<u8>,
    unknown: Option<Vec<u8>>,
    document: Document,
}

impl Raw {
    fn read(row: &Row<'_>) -> rusqlite::Result<Self> {
        let file: Option<String> = row.get(8)?;
        Ok(Self {
            key: row.get(0)?,
            words: row.get(5)?,
            spans: row.get(6)?,
            unknown: row.get(9)?,
            document: Document {
                line: usize::try_from(row.get::<_, i64>(1)?).unwrap_or_default(),
                group: row.get(2)?,
                id: row.get(3)?,
                words_given: row.get(4)?,
                text: row.get(7)?,
                file: file.map(|name| Path::new(&name).into()),
                ..Document::default()
            },
        })
    }
}

/// Rows that are numbered from 0 without a gap, by their first column.
fn numbered<T>(
    db: &Connection,
    sql: &str,
    read: impl Fn(&Row<'_>) -> rusqlite::Result<T>,
) -> rusqlite::Result<Vec<T>> {
    let mut found = Vec::new();
    let mut statement = db.prepare(sql)?;
    let mut rows = statement.query([])?;
    while let Some(row) = rows.next()? {
        let id: i64 = row.get(0)?;
        if usize::try_from(id) != Ok(found.len()) {
            return Err(rusqlite::Error::IntegralValueOutOfRange(0, id));
        }
        found.push(read(row)?);
    }
    Ok(found)
}

fn counts(db: &Connection) -> rusqlite::Result<HashMap<(usize, usize), u64>> {
    db.prepare("SELECT label, split, documents FROM label_counts")?
        .query_map([], |row| {
            let number = |column| Ok::<_, rusqlite::Error>(row.get::<_, i64>(column)?.max(0));
            let (label, split, documents) = (number(0)?, number(1)?, number(2)?);
            Ok(((label as usize, split as usize), documents as u64))
        })?
        .collect()
}

pub(crate) fn damaged(path: &Path, found: &str) -> StoreError {
    StoreError::Damaged {
        file: path.into(),
        found: found.into(),
    }
}

/// What SQLite says of a file: trouble with the disk, or with what is in it.
fn refused(path: &Path, failure: &rusqlite::Error) -> StoreError {
    use rusqlite::ErrorCode;
    match failure.sqlite_error_code() {
        Some(
            ErrorCode::SystemIoFailure
            | ErrorCode::DiskFull
            | ErrorCode::CannotOpen
            | ErrorCode::PermissionDenied
            | ErrorCode::DatabaseBusy
            | ErrorCode::DatabaseLocked
            | ErrorCode::OutOfMemory,
        ) => StoreError::Database {
            file: path.into(),
            message: failure.to_string(),
        },
        _ => damaged(path, &failure.to_string()),
    }
}
