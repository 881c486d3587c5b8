//! What the file holds: its tables, and how its documents are numbered.

use rusqlite::Connection;

/// Says whose file it is: `TSDB`.
pub(crate) const APPLICATION: u32 = 0x5453_4442;
/// The form of the tables, counted up with each change: neither an older program nor a newer one reads
/// another than its own. A data set whose store has an older one is made again from its files.
pub(crate) const FORM: u32 = 3;

/// A document's key is the number of its split, and its own number in it from 0: so documents lie in
/// the order of their splits, and a page of a split is found without counting.
pub(crate) const SPLIT_BITS: u32 = 40;

/// The key of document `number` of a split.
pub(crate) fn key(split: usize, number: u64) -> i64 {
    ((split as i64) << SPLIT_BITS) | (number as i64 & ((1 << SPLIT_BITS) - 1))
}

/// The split and the number that a key stands for.
pub(crate) fn parts(key: i64) -> (usize, u64) {
    (
        (key >> SPLIT_BITS) as usize,
        (key & ((1 << SPLIT_BITS) - 1)) as u64,
    )
}

/// Makes the tables. `labelled` and `noted` say in which documents a label or a kind of finding is;
/// `grams` is the index of the texts, which holds three characters at a time and no text.
pub(crate) fn make(db: &Connection) -> rusqlite::Result<()> {
    db.execute_batch(
        "CREATE TABLE meta (name TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
         CREATE TABLE splits (id INTEGER PRIMARY KEY, name TEXT NOT NULL, documents INTEGER NOT NULL);
         CREATE TABLE labels (id INTEGER PRIMARY KEY, name TEXT NOT NULL);
         CREATE TABLE files (id INTEGER PRIMARY KEY, name TEXT NOT NULL);
         CREATE TABLE documents (
            key INTEGER PRIMARY KEY, line INTEGER NOT NULL, file INTEGER, grp INTEGER, id TEXT,
            given INTEGER NOT NULL, words BLOB NOT NULL, spans BLOB NOT NULL, text TEXT NOT NULL, unknown BLOB);
         CREATE TABLE labelled (label INTEGER, document INTEGER, PRIMARY KEY (label, document)) WITHOUT ROWID;
         CREATE TABLE label_counts (label INTEGER, split INTEGER, documents INTEGER NOT NULL, PRIMARY KEY (label, split)) WITHOUT ROWID;
         CREATE TABLE codes (id INTEGER PRIMARY KEY, name TEXT NOT NULL);
         CREATE TABLE noted (code INTEGER, document INTEGER, PRIMARY KEY (code, document)) WITHOUT ROWID;
         CREATE TABLE findings (
            n INTEGER PRIMARY KEY, code INTEGER NOT NULL, severity INTEGER NOT NULL, split INTEGER,
            count INTEGER NOT NULL, finding TEXT NOT NULL);
         CREATE VIRTUAL TABLE grams USING fts5(
            text, content='', columnsize=0, detail=none, tokenize='trigram case_sensitive 1');
         CREATE VIRTUAL TABLE terms USING fts5vocab('grams', 'row');",
    )
}
