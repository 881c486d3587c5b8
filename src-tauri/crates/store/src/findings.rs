//! The findings of a data set, by code, severity and split.

use crate::StoreError;
use crate::store::Store;
use crate::writer::severity;
use rusqlite::params;
use serde_json::Value;
use tagsmith_corpus::Severity;

/// Which findings are asked for; all conditions hold at once.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct FindingQuery {
    /// Of this kind.
    pub code: Option<String>,
    /// Of this severity.
    pub severity: Option<Severity>,
    /// About a document of this split.
    pub split: Option<String>,
    /// How many of those found come before the page.
    pub offset: usize,
    /// How many are on the page at most.
    pub limit: usize,
}

/// Some of the findings that a query finds.
#[derive(Clone, Debug, PartialEq)]
pub struct FindingPage {
    /// How many there are in the list.
    pub total: u64,
    /// Those of the page, the worst first, as [`tagsmith_corpus::Issue`] is written in JSON.
    pub findings: Vec<Value>,
}

/// The findings of one kind.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Group {
    /// What kind.
    pub code: String,
    /// How bad the worst of them is.
    pub severity: Severity,
    /// How many are in the list.
    pub listed: u64,
    /// How many there are, with those that an entry of the list stands for.
    pub count: u64,
}

impl Store {
    /// The findings that a query asks for.
    ///
    /// # Errors
    /// The file is damaged.
    pub fn findings(&self, query: &FindingQuery) -> Result<FindingPage, StoreError> {
        let nothing = FindingPage {
            total: 0,
            findings: Vec::new(),
        };
        let mut code = None;
        if let Some(name) = &query.code {
            match self.codes.iter().position(|known| known == name) {
                Some(known) => code = Some(known as i64),
                None => return Ok(nothing),
            }
        }
        let mut split = None;
        if let Some(name) = &query.split {
            match self.split(name) {
                Some(known) => split = Some(known as i64),
                None => return Ok(nothing),
            }
        }
        let conditions = "FROM findings WHERE (?1 IS NULL OR code = ?1) AND (?2 IS NULL OR severity = ?2) AND (?3 IS NULL OR split = ?3)";
        let wanted = (code, query.severity.map(severity), split);
        let db = self.db();
        let read = || -> rusqlite::Result<(i64, Vec<String>)> {
            let total = db
                .prepare_cached(&format!("SELECT count(*) {conditions}"))?
                .query_row(wanted, |row| row.get(0))?;
            let findings = db
                .prepare_cached(&format!(
                    "SELECT finding {conditions} ORDER BY severity, n LIMIT ?4 OFFSET ?5"
                ))?
                .query_map(
                    params![
                        wanted.0,
                        wanted.1,
                        wanted.2,
                        query.limit as i64,
                        query.offset as i64
                    ],
                    |row| row.get(0),
                )?
                .collect::<Result<_, _>>()?;
            Ok((total, findings))
        };
        let (total, findings) = read().map_err(|failure| self.refused(&failure))?;
        let findings = findings
            .iter()
            .map(|finding| serde_json::from_str(finding))
            .collect::<Result<_, _>>()
            .map_err(|failure| self.damaged(&failure.to_string()))?;
        Ok(FindingPage {
            total: total.max(0) as u64,
            findings,
        })
    }

    /// The kinds of findings, the worst first, and of those the most frequent.
    ///
    /// # Errors
    /// The file is damaged.
    pub fn groups(&self) -> Result<Vec<Group>, StoreError> {
        let db = self.db();
        let read = || -> rusqlite::Result<Vec<(usize, i64, i64, i64)>> {
            db.prepare_cached(
                "SELECT code, min(severity), count(*), sum(count) FROM findings GROUP BY code ORDER BY 2, 4 DESC, 1",
            )?
            .query_map([], |row| {
                Ok((row.get::<_, i64>(0)? as usize, row.get(1)?, row.get(2)?, row.get(3)?))
            })?
            .collect()
        };
        let rows = read().map_err(|failure| self.refused(&failure))?;
        rows.into_iter()
            .map(|(code, severity, listed, count)| {
                Ok(Group {
                    code: match self.codes.get(code) {
                        Some(code) => code.clone(),
                        None => return Err(self.damaged("a finding has no code")),
                    },
                    severity: match severity {
                        0 => Severity::Error,
                        1 => Severity::Warning,
                        _ => Severity::Info,
                    },
                    listed: listed.max(0) as u64,
                    count: count.max(0) as u64,
                })
            })
            .collect()
    }
}
