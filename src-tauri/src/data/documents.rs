//! Documents and findings as the window shows them: offsets in UTF-16 units.

use super::jobs::Work;
use crate::dto::{
    DataDocument, DocumentPage, DocumentQuery, Entity, FindingPage, FindingQuery, Issue, Place,
    SplitChoice,
};
use std::ops::ControlFlow;
use std::time::Duration;
use tagsmith_corpus::{Document, OffsetMap};
use tagsmith_protocol::Failure;
use tagsmith_store::{Query, Store};

/// How long a page waits for documents to be counted that it does not show.
const TIMEOUT: Duration = Duration::from_millis(150);

/// All documents of a split in memory.
///
/// # Errors
/// The file is damaged, or the person cancelled.
pub fn all(store: &Store, split: &str, work: &mut Work) -> Result<Vec<Document>, Failure> {
    let known = store.splits().iter().find(|known| known.name == split);
    let total = known.map_or(0, |split| usize::try_from(split.documents).unwrap_or(0));
    let mut documents = Vec::with_capacity(total);
    let mut going = Ok(());
    store.each(split, |stored| {
        documents.push(stored.document);
        going = work.at("loading", documents.len(), total);
        match going {
            Ok(()) => ControlFlow::Continue(()),
            Err(_) => ControlFlow::Break(()),
        }
    })?;
    going.map(|()| documents)
}

/// At most `most` documents of a split, evenly taken.
///
/// # Errors
/// The file is damaged.
pub fn some(store: &Store, split: &str, most: u64) -> Result<Vec<Document>, Failure> {
    let known = store.splits().iter().find(|known| known.name == split);
    let total = known.map_or(0, |split| split.documents);
    let taken = total.min(most);
    let mut documents = Vec::new();
    for number in 0..taken {
        // Every so many, from the middle of the first stretch.
        let at = (2 * number + 1) * total / (2 * taken);
        documents.extend(store.document(split, at)?.map(|stored| stored.document));
    }
    Ok(documents)
}

/// The page of documents that a query asks for.
///
/// # Errors
/// The file is damaged.
pub fn page(store: &Store, query: &DocumentQuery) -> Result<DocumentPage, Failure> {
    let page = store.page(&query_of(query), TIMEOUT)?;
    Ok(DocumentPage {
        total: u32::try_from(page.total).unwrap_or(u32::MAX),
        complete: page.complete,
        documents: page
            .documents
            .iter()
            .map(|stored| shown(&stored.split, stored.number as usize, &stored.document))
            .collect(),
    })
}

/// A query of the window as the store takes it.
pub fn query_of(query: &DocumentQuery) -> Query {
    let split = match query.split {
        SplitChoice::All => None,
        SplitChoice::Train => Some("train"),
        SplitChoice::Dev => Some("dev"),
        SplitChoice::Test => Some("test"),
    };
    Query {
        split: split.map(str::to_owned),
        text: query.text.trim().into(),
        label: query.label.clone(),
        code: query.finding.clone(),
        offset: query.offset as usize,
        limit: query.limit as usize,
    }
}

/// Where the document with this text is, first looked for at a number of a split.
///
/// # Errors
/// The file is damaged.
pub fn locate(
    store: &Store,
    split: &str,
    number: u32,
    text: &str,
) -> Result<Option<Place>, Failure> {
    let place = |split: &str, document: u32| Place {
        split: split.into(),
        document,
        range: None,
    };
    let there = store.document(split, number.into())?;
    if there.is_some_and(|stored| stored.document.text == text) {
        return Ok(Some(place(split, number)));
    }
    let mut splits: Vec<&str> = store
        .splits()
        .iter()
        .map(|known| known.name.as_str())
        .collect();
    splits.sort_by_key(|name| *name != split);
    for split in splits {
        let (mut at, mut found) = (0, false);
        store.each(split, |stored| {
            found = stored.document.text == text;
            if found {
                return ControlFlow::Break(());
            }
            at += 1;
            ControlFlow::Continue(())
        })?;
        if found {
            return Ok(Some(place(split, at)));
        }
    }
    Ok(None)
}

/// The page of findings that a query asks for.
///
/// # Errors
/// The file is damaged.
pub fn findings(store: &Store, query: &FindingQuery) -> Result<FindingPage, Failure> {
    let wanted = tagsmith_store::FindingQuery {
        code: query.code.clone(),
        severity: query.severity,
        split: None,
        offset: query.offset as usize,
        limit: query.limit as usize,
    };
    let page = store.findings(&wanted)?;
    let read = |finding| -> Result<Issue, Failure> {
        let mut issue: Issue = serde_json::from_value(finding)
            .map_err(|failure| Failure::plain("damaged", failure.to_string()))?;
        let place = issue.place.as_ref().filter(|place| place.range.is_some());
        if let Some(place) = place {
            let stored = store.document(&place.split, place.document.into())?;
            localise(&mut issue, stored.as_ref().map(|stored| &stored.document));
        }
        Ok(issue)
    };
    Ok(FindingPage {
        total: u32::try_from(page.total).unwrap_or(u32::MAX),
        findings: page
            .findings
            .into_iter()
            .map(read)
            .collect::<Result<_, _>>()?,
    })
}

/// Converts the range of a finding from bytes to UTF-16 units; `None` without its document.
pub fn localise(issue: &mut Issue, document: Option<&Document>) {
    let Some(place) = &mut issue.place else {
        return;
    };
    place.range = place.range.and_then(|(start, end)| {
        let offsets = OffsetMap::new(&document?.text);
        let unit = |byte: u32| offsets.utf16_of_byte(byte as usize).map(count);
        Some((unit(start)?, unit(end)?))
    });
}

/// A document as the window shows it.
pub fn shown(split: &str, number: usize, document: &Document) -> DataDocument {
    let offsets = OffsetMap::new(&document.text);
    let unit = |byte| offsets.utf16_of_byte(byte).unwrap_or_default();
    DataDocument {
        split: split.into(),
        number: count(number),
        line: count(document.line),
        file: document.file.as_deref().map(|file| {
            let name = file.file_name().unwrap_or(file.as_os_str());
            name.to_string_lossy().into_owned()
        }),
        text: document.text.clone(),
        entities: document
            .spans
            .iter()
            .map(|span| Entity {
                start: unit(span.start),
                end: unit(span.end),
                label: span.label.clone(),
                text: document.text[span.start..span.end].into(),
                score: span.score,
            })
            .collect(),
    }
}

/// A number as the border has it.
pub fn count(n: usize) -> u32 {
    u32::try_from(n).unwrap_or(u32::MAX)
}
