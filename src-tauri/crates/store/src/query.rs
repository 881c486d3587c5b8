//! Finds documents by text, label, finding and split, and pages what was found.
//!
//! A search goes forward through the documents that an index names, and keeps the keys of those that
//! fit. It stops when the page is full and `patience` is over, and the next page continues from there: so the first
//! rows come at once, however many there are in all.

use crate::StoreError;
use crate::fold::fold;
use crate::grams;
use crate::schema::key;
use crate::search::{Candidates, Condition, FEW, Search, few};
use crate::store::{Store, Stored};
use std::sync::PoisonError;
use std::time::{Duration, Instant};

/// Which documents are asked for; all conditions hold at once.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Query {
    /// In this split; in any when `None`.
    pub split: Option<String>,
    /// Found anywhere in the text, capitals ignored; empty for no condition.
    pub text: String,
    /// With a span of this label.
    pub label: Option<String>,
    /// With a finding of this code.
    pub code: Option<String>,
    /// How many of those found come before the page.
    pub offset: usize,
    /// How many are on the page at most.
    pub limit: usize,
}

/// Some of the documents that a query finds.
#[derive(Clone, Debug, PartialEq)]
pub struct Page {
    /// How many there are in all, or so far where `complete` is not set.
    pub total: u64,
    /// Whether all have been counted; the same query asked again counts on.
    pub complete: bool,
    /// Those of the page, in the order of the splits.
    pub documents: Vec<Stored>,
}

/// How many searches are remembered. One of a million documents takes 8 MB.
const REMEMBERED: usize = 4;

impl Store {
    /// The page that a query asks for. Counting continues for `patience` where the page is full before all
    /// documents were looked at; with [`Duration::MAX`] every total is the final one.
    ///
    /// # Errors
    /// The file is damaged.
    pub fn page(&self, query: &Query, patience: Duration) -> Result<Page, StoreError> {
        let condition = Condition {
            split: query.split.clone(),
            folded: fold(&query.text),
            label: query.label.clone(),
            code: query.code.clone(),
        };
        if condition.folded.is_empty() && condition.label.is_none() && condition.code.is_none() {
            return self.plain(query);
        }
        let until = Instant::now().checked_add(patience);
        let mut searches = self.searches.lock().unwrap_or_else(PoisonError::into_inner);
        let known = searches.iter().position(|s| s.condition == condition);
        let mut search = match known {
            Some(at) => searches.remove(at),
            None => self
                .search(condition)
                .map_err(|failure| self.refused(&failure))?,
        };
        let wanted = query.offset.saturating_add(query.limit);
        let mut go_on = || -> rusqlite::Result<()> {
            let db = self.db();
            while !search.complete
                && (search.found.len() < wanted || until.is_none_or(|until| Instant::now() < until))
            {
                search.go_on(&db)?;
                // A deep page of a label alone is the only use of a search whose total is known.
                if search.total.is_some() && search.found.len() >= wanted {
                    break;
                }
            }
            Ok(())
        };
        go_on().map_err(|failure| self.refused(&failure))?;
        let start = query.offset.min(search.found.len());
        let end = wanted.min(search.found.len());
        let keys = search.found[start..end].to_vec();
        let total = search.total.unwrap_or(search.found.len() as u64);
        let complete = search.complete || search.total.is_some();
        searches.push(search);
        if searches.len() > REMEMBERED {
            searches.remove(0);
        }
        drop(searches);
        let db = self.db();
        let documents = keys.into_iter().map(|key| self.at(&db, key));
        Ok(Page {
            total,
            complete,
            documents: documents.collect::<Result<_, _>>()?,
        })
    }

    /// A page without any condition but the split: its keys are known without a look-up.
    fn plain(&self, query: &Query) -> Result<Page, StoreError> {
        let chosen = |name: &str| query.split.as_ref().is_none_or(|split| split == name);
        let mut skip = query.offset as u64;
        let mut rest = query.limit as u64;
        let mut page = Page {
            total: 0,
            complete: true,
            documents: Vec::new(),
        };
        for (number, split) in self.splits.iter().enumerate() {
            if !chosen(&split.name) {
                continue;
            }
            page.total += split.documents;
            let passed = skip.min(split.documents);
            skip -= passed;
            let count = rest.min(split.documents - passed);
            if count > 0 {
                rest -= count;
                page.documents.extend(self.run(key(number, passed), count)?);
            }
        }
        Ok(page)
    }

    fn search(&self, condition: Condition) -> rusqlite::Result<Search> {
        let number = |names: &[String], name: &Option<String>| match name {
            None => Ok(None),
            Some(name) => match names.iter().position(|known| known == name) {
                Some(number) => Ok(Some(number)),
                None => Err(()),
            },
        };
        let split = match &condition.split {
            None => Ok(None),
            Some(name) => self.split(name).map(Some).ok_or(()),
        };
        let mut search = Search::new(condition);
        let (label, code) = (&search.condition.label, &search.condition.code);
        let named = (
            number(&self.labels, label),
            number(&self.codes, code),
            split,
        );
        let (Ok(label), Ok(code), Ok(split)) = named else {
            // A name that never occurs.
            search.complete = true;
            return Ok(search);
        };
        if let Some(split) = split {
            search.after = key(split, 0) - 1;
            search.last = key(split + 1, 0) - 1;
        }
        let labelled = label.map(|label| self.labelled(label, split));
        (search.label, search.code) = (label.map(|n| n as i64), code.map(|n| n as i64));
        let db = self.db();
        let noted = match search.code {
            None => None,
            Some(code) => Some(few(&db, code)?),
        };
        // Findings are few; then labels that are; then the text.
        let scarce = |count: Option<u64>| count.is_some_and(|count| count <= FEW);
        let by_text = match search.text && !scarce(noted) && !scarce(labelled) {
            true => grams::question(&db, &search.condition.folded)?,
            false => None,
        };
        search.candidates = match (by_text, search.code, search.label) {
            (Some(question), ..) => {
                search.text = !question.exact;
                Candidates::Text(question)
            }
            (None, Some(code), label) if label.is_none() || !scarce(labelled) || scarce(noted) => {
                search.code = None;
                Candidates::Code(code)
            }
            (None, _, Some(label)) => {
                search.label = None;
                Candidates::Label(label)
            }
            _ => Candidates::All,
        };
        if !search.text
            && search.code.is_none()
            && matches!(search.candidates, Candidates::Label(_))
        {
            search.total = labelled;
        }
        Ok(search)
    }

    /// How many documents hold a label.
    fn labelled(&self, label: usize, split: Option<usize>) -> u64 {
        (0..self.splits.len())
            .filter(|number| split.is_none_or(|split| split == *number))
            .filter_map(|number| self.counts.get(&(label, number)))
            .sum()
    }
}
