//! A search as far as it got: what is asked for, which documents are left to look at, and those found.

use crate::fold::fold;
use crate::grams::Question;
use rusqlite::{Connection, OptionalExtension, params};

/// Searches begun lately, the latest last.
pub(crate) type Searches = Vec<Search>;

/// How many candidates are looked at in one step, between looks at the clock: few at first, so that the first
/// rows come soon, then more, because every query of the index has its cost.
const PIECES: (usize, usize) = (1024, 32_768);
/// Up to this many candidates, their texts are read rather than the index of texts.
pub(crate) const FEW: u64 = 4096;

/// What is asked for, without the page.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Condition {
    pub split: Option<String>,
    pub folded: String,
    pub label: Option<String>,
    pub code: Option<String>,
}

/// A search, as far as it got.
pub(crate) struct Search {
    pub condition: Condition,
    /// The keys of those found.
    pub found: Vec<i64>,
    pub candidates: Candidates,
    /// What else a candidate must hold; nothing when the candidates are exact.
    pub text: bool,
    pub label: Option<i64>,
    pub code: Option<i64>,
    /// The last candidate looked at, and the last that there can be.
    pub after: i64,
    pub last: i64,
    /// How many candidates come next.
    piece: usize,
    /// Known from the start where a label is all that is asked for.
    pub total: Option<u64>,
    pub complete: bool,
}

/// Where documents that may fit are found.
pub(crate) enum Candidates {
    Label(i64),
    Code(i64),
    Text(Question),
    All,
}

impl Search {
    /// One that has looked at nothing yet, and will look at everything.
    pub fn new(condition: Condition) -> Self {
        Self {
            found: Vec::new(),
            candidates: Candidates::All,
            text: !condition.folded.is_empty(),
            label: None,
            code: None,
            after: -1,
            last: i64::MAX,
            piece: PIECES.0,
            total: None,
            complete: false,
            condition,
        }
    }

    /// Looks at the next candidates.
    pub fn go_on(&mut self, db: &Connection) -> rusqlite::Result<()> {
        let candidates = self.next(db)?;
        self.complete = candidates.len() < self.piece;
        self.piece = (self.piece * 2).min(PIECES.1);
        let Some(last) = candidates.last() else {
            return Ok(());
        };
        self.after = *last;
        if !self.text && self.label.is_none() && self.code.is_none() {
            self.found.extend(candidates);
            return Ok(());
        }
        let mut text = db.prepare_cached("SELECT text FROM documents WHERE key = ?")?;
        let mut labelled =
            db.prepare_cached("SELECT 1 FROM labelled WHERE label = ? AND document = ?")?;
        let mut noted = db.prepare_cached("SELECT 1 FROM noted WHERE code = ? AND document = ?")?;
        for key in candidates {
            if let Some(label) = self.label
                && !labelled.exists((label, key))?
            {
                continue;
            }
            if let Some(code) = self.code
                && !noted.exists((code, key))?
            {
                continue;
            }
            if self.text {
                let holds = |row: &rusqlite::Row<'_>| {
                    Ok(fold(row.get_ref(0)?.as_str()?).contains(&self.condition.folded))
                };
                if text.query_row([key], holds).optional()? != Some(true) {
                    continue;
                }
            }
            self.found.push(key);
        }
        Ok(())
    }

    /// The keys of the next documents that may fit.
    fn next(&self, db: &Connection) -> rusqlite::Result<Vec<i64>> {
        let (after, last, limit) = (self.after, self.last, self.piece as i64);
        let keys = |row: &rusqlite::Row<'_>| row.get(0);
        match &self.candidates {
            Candidates::Label(label) => db
                .prepare_cached("SELECT document FROM labelled WHERE label = ? AND document > ? AND document <= ? ORDER BY document LIMIT ?")?
                .query_map(params![label, after, last, limit], keys)?
                .collect(),
            Candidates::Code(code) => db
                .prepare_cached("SELECT document FROM noted WHERE code = ? AND document > ? AND document <= ? ORDER BY document LIMIT ?")?
                .query_map(params![code, after, last, limit], keys)?
                .collect(),
            Candidates::Text(question) => db
                .prepare_cached("SELECT rowid FROM grams WHERE grams MATCH ? AND rowid > ? AND rowid <= ? ORDER BY rowid LIMIT ?")?
                .query_map(params![question.matching, after, last, limit], keys)?
                .collect(),
            Candidates::All => db
                .prepare_cached("SELECT key FROM documents WHERE key > ? AND key <= ? ORDER BY key LIMIT ?")?
                .query_map(params![after, last, limit], keys)?
                .collect(),
        }
    }
}

/// How many documents have a finding of a code, counted no further than needed.
pub(crate) fn few(db: &Connection, code: i64) -> rusqlite::Result<u64> {
    db.prepare_cached("SELECT count(*) FROM (SELECT 1 FROM noted WHERE code = ? LIMIT ?)")?
        .query_row((code, FEW as i64 + 1), |row| row.get::<_, i64>(0))
        .map(|count| count.max(0) as u64)
}
