//! Builds the file: beside its name, in memory of a fixed size, flushed and renamed at the end.

use crate::fold::fold;
use crate::schema::{self, APPLICATION, FORM, key};
use crate::{StoreError, pack};
use rusqlite::{Connection, params};
use serde::Serialize;
use std::collections::HashMap;
use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};
use tagsmith_corpus::{Document, Issue, Severity};
use tagsmith_files::{flush_folder, folder_of};

/// What [`Writer::finish`] is doing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stage {
    /// Writing what is still in memory.
    Index,
    /// Waiting for the disk.
    Flush,
}

/// Builds a store. Dropped before [`Self::finish`], it leaves nothing behind.
pub struct Writer {
    path: PathBuf,
    beside: PathBuf,
    db: Option<Connection>,
    splits: Vec<(String, u64)>,
    labels: Names,
    codes: Names,
    files: Names,
    /// Documents that hold a label, by label and split.
    counts: HashMap<(usize, usize), u64>,
}

/// Names and their numbers, in the order in which they came.
#[derive(Default)]
struct Names {
    numbers: HashMap<String, usize>,
    names: Vec<String>,
}

impl Names {
    fn number(&mut self, name: &str) -> usize {
        match self.numbers.get(name) {
            Some(number) => *number,
            None => {
                self.numbers.insert(name.into(), self.names.len());
                self.names.push(name.into());
                self.names.len() - 1
            }
        }
    }
}

impl Writer {
    /// Begins a file that will be called `path`; what is there stays until [`Self::finish`].
    ///
    /// # Errors
    /// The folder cannot be written to.
    pub fn create(path: &Path) -> Result<Self, StoreError> {
        let beside = name_beside(path);
        let failed = |failure: rusqlite::Error| refused(path, &failure);
        let db = Connection::open(&beside).map_err(failed)?;
        let writer = Self {
            path: path.into(),
            beside,
            db: Some(db),
            splits: Vec::new(),
            labels: Names::default(),
            codes: Names::default(),
            files: Names::default(),
            counts: HashMap::new(),
        };
        // Nobody reads the file before it is whole, so that it needs neither journal nor flushes.
        // A cache of 32 MiB, and as much again for the index of texts.
        writer
            .db()
            .execute_batch(&format!(
                "PRAGMA page_size = 8192; PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF;
                 PRAGMA locking_mode = EXCLUSIVE; PRAGMA cache_size = -32768; PRAGMA temp_store = MEMORY;
                 PRAGMA application_id = {APPLICATION}; PRAGMA user_version = {FORM};"
            ))
            .and_then(|()| schema::make(writer.db()))
            .and_then(|()| {
                writer.db().execute_batch(
                    "INSERT INTO grams(grams, rank) VALUES ('automerge', 0);
                     INSERT INTO grams(grams, rank) VALUES ('hashsize', 33554432);
                     BEGIN",
                )
            })
            .map_err(failed)?;
        Ok(writer)
    }

    /// Adds a document after those of its split. Splits are in the order in which they are first named.
    ///
    /// # Errors
    /// The disk is full.
    pub fn add(&mut self, split: &str, document: &Document) -> Result<(), StoreError> {
        let split = self.split(split);
        let key = key(split, self.splits[split].1);
        self.splits[split].1 += 1;
        let damaged = || StoreError::Database {
            file: self.path.clone(),
            message: "a document's words, spans or unknown pieces are out of order".into(),
        };
        let words = pack::words(&document.words).ok_or_else(damaged)?;
        let unknown = match document.unknown.is_empty() {
            true => None,
            false => Some(pack::words(&document.unknown).ok_or_else(damaged)?),
        };
        let file = document.file.as_ref();
        let file = file.map(|file| self.files.number(&file.to_string_lossy()) as i64);
        let mut held: Vec<usize> = Vec::new();
        let spans = pack::spans(&document.spans, |label| {
            let label = self.labels.number(label);
            if !held.contains(&label) {
                held.push(label);
            }
            label
        })
        .ok_or_else(damaged)?;
        // Two characters more, so that every one of the text begins three.
        let mut folded = fold(&document.text);
        folded.push_str("\u{1}\u{1}");
        let written = || -> rusqlite::Result<()> {
            let db = self.db();
            db.prepare_cached("INSERT INTO documents VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)")?
                .execute(params![
                    key,
                    document.line as i64,
                    file,
                    document.group,
                    document.id,
                    document.words_given,
                    words,
                    spans,
                    document.text,
                    unknown
                ])?;
            db.prepare_cached("INSERT INTO grams(rowid, text) VALUES (?, ?)")?
                .execute(params![key, folded])?;
            let mut labelled = db.prepare_cached("INSERT INTO labelled VALUES (?, ?)")?;
            for label in &held {
                labelled.execute(params![*label as i64, key])?;
            }
            Ok(())
        };
        written().map_err(|failure| self.refused(&failure))?;
        for label in held {
            *self.counts.entry((label, split)).or_default() += 1;
        }
        Ok(())
    }

    /// Adds a finding. It is listed under the code of its cause, if it has one; where it names a document,
    /// that document is found by both codes.
    ///
    /// # Errors
    /// The disk is full.
    pub fn add_issue(&mut self, issue: &Issue) -> Result<(), StoreError> {
        let own = self.codes.number(issue.code.as_str()) as i64;
        let code = self.codes.number(issue.leading_code().as_str()) as i64;
        let place = issue.place.as_ref();
        let place = place.map(|place| (self.split(&place.split), place.document as u64));
        let severity = severity(issue.severity);
        let finding = serde_json::to_string(issue).map_err(|failure| StoreError::Database {
            file: self.path.clone(),
            message: failure.to_string(),
        })?;
        let written = || -> rusqlite::Result<()> {
            let db = self.db();
            db.prepare_cached(
                "INSERT INTO findings (code, severity, split, count, finding) VALUES (?, ?, ?, ?, ?)",
            )?
            .execute(params![
                code,
                severity,
                place.map(|(split, _)| split as i64),
                issue.count as i64,
                finding
            ])?;
            if let Some((split, number)) = place {
                for code in [own, code] {
                    db.prepare_cached("INSERT OR IGNORE INTO noted VALUES (?, ?)")?
                        .execute(params![code, key(split, number)])?;
                }
            }
            Ok(())
        };
        written().map_err(|failure| self.refused(&failure))
    }

    /// Keeps a value under a name, for [`crate::Store::value`].
    ///
    /// # Errors
    /// The disk is full, or the value cannot be written as JSON.
    pub fn put(&mut self, name: &str, value: &impl Serialize) -> Result<(), StoreError> {
        let value = serde_json::to_string(value).map_err(|failure| StoreError::Database {
            file: self.path.clone(),
            message: failure.to_string(),
        })?;
        self.db()
            .prepare_cached("INSERT OR REPLACE INTO meta VALUES (?, ?)")
            .and_then(|mut put| put.execute(params![name, value]))
            .map(drop)
            .map_err(|failure| self.refused(&failure))
    }

    /// How many documents were added.
    pub fn documents(&self) -> u64 {
        self.splits.iter().map(|(_, documents)| documents).sum()
    }

    /// Makes the file whole, flushes it and gives it its name. `go_on` hears of each stage and ends the
    /// work by answering `false`.
    ///
    /// # Errors
    /// The disk is full, or `go_on` said no; the file that bore the name is then as it was.
    pub fn finish(mut self, mut go_on: impl FnMut(Stage) -> bool) -> Result<(), StoreError> {
        self.go_on(&mut go_on, Stage::Index)?;
        self.names().map_err(|failure| self.refused(&failure))?;
        self.go_on(&mut go_on, Stage::Flush)?;
        if let Some(db) = self.db.take() {
            db.close()
                .map_err(|(_, failure)| refused(&self.path, &failure))?;
        }
        let io = |source| StoreError::Io {
            file: self.path.clone(),
            source,
        };
        File::options()
            .write(true)
            .open(&self.beside)
            .and_then(|file| file.sync_all())
            .map_err(io)?;
        if !go_on(Stage::Flush) {
            return Err(StoreError::Stopped);
        }
        fs::rename(&self.beside, &self.path).map_err(io)?;
        flush_folder(folder_of(&self.path)).map_err(io)
    }

    fn go_on(&self, go_on: &mut impl FnMut(Stage) -> bool, stage: Stage) -> Result<(), StoreError> {
        match go_on(stage) {
            true => Ok(()),
            false => Err(StoreError::Stopped),
        }
    }

    /// Writes what was counted, and the indexes of the findings.
    fn names(&self) -> rusqlite::Result<()> {
        let db = self.db();
        for (id, (name, documents)) in self.splits.iter().enumerate() {
            db.prepare_cached("INSERT INTO splits VALUES (?, ?, ?)")?
                .execute(params![id as i64, name, *documents as i64])?;
        }
        for (table, names) in [
            ("labels", &self.labels),
            ("codes", &self.codes),
            ("files", &self.files),
        ] {
            let mut insert = db.prepare(&format!("INSERT INTO {table} VALUES (?, ?)"))?;
            for (id, name) in names.names.iter().enumerate() {
                insert.execute(params![id as i64, name])?;
            }
        }
        for ((label, split), documents) in &self.counts {
            db.prepare_cached("INSERT INTO label_counts VALUES (?, ?, ?)")?
                .execute(params![*label as i64, *split as i64, *documents as i64])?;
        }
        db.execute_batch("CREATE INDEX found ON findings (code, n); COMMIT")
    }

    fn split(&mut self, name: &str) -> usize {
        match self.splits.iter().position(|(known, _)| known == name) {
            Some(split) => split,
            None => {
                self.splits.push((name.into(), 0));
                self.splits.len() - 1
            }
        }
    }

    fn db(&self) -> &Connection {
        self.db
            .as_ref()
            .expect("it is taken by finish and drop alone")
    }

    fn refused(&self, failure: &rusqlite::Error) -> StoreError {
        refused(&self.path, failure)
    }
}

impl Drop for Writer {
    fn drop(&mut self) {
        // SQLite holds the file open, which hinders its deletion on Windows.
        drop(self.db.take());
        // After `finish` it is gone by this name.
        let _ = fs::remove_file(&self.beside);
    }
}

/// As the findings are ordered: the worst first.
pub(crate) fn severity(severity: Severity) -> i64 {
    match severity {
        Severity::Error => 0,
        Severity::Warning => 1,
        Severity::Info => 2,
    }
}

fn refused(path: &Path, failure: &rusqlite::Error) -> StoreError {
    StoreError::Database {
        file: path.into(),
        message: failure.to_string(),
    }
}

/// A free name beside `path`; what a killed process left there is deleted.
fn name_beside(path: &Path) -> PathBuf {
    static BUILT: AtomicU64 = AtomicU64::new(0);
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    let building = format!(".{name}.building-");
    let own = format!("{building}{}-", std::process::id());
    let siblings = path.parent().and_then(|folder| fs::read_dir(folder).ok());
    for entry in siblings.into_iter().flatten().flatten() {
        let found = entry.file_name();
        let found = found.to_string_lossy();
        if found.starts_with(&building) && !found.starts_with(&own) {
            let _ = fs::remove_file(entry.path());
        }
    }
    let beside = path.with_file_name(format!("{own}{}", BUILT.fetch_add(1, Ordering::Relaxed)));
    // Of an earlier process with our number.
    let _ = fs::remove_file(&beside);
    beside
}
