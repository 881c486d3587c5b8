//! What a model found: searchable, and written to where the person wants it.

use super::input::Place;
use crate::data::{Work, cancelled, query_of};
use crate::dto::DocumentQuery;
use serde::Deserialize;
use std::borrow::Cow;
use std::fs::{self, File};
use std::io::{BufRead, BufReader, BufWriter, Write};
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;
use tagsmith_corpus::{Document, OffsetMap, PredictionFormat, PredictionWriter, Span};
use tagsmith_protocol::{Entity, Failure};
use tagsmith_store::{Query, Store, Writer};

/// The one split of a batch.
const SPLIT: &str = "all";

/// What the engine answered.
#[derive(Deserialize)]
struct Answer<'a> {
    #[serde(borrow)]
    id: Place<'a>,
    #[serde(borrow)]
    text: Cow<'a, str>,
    entities: Vec<Entity>,
}

/// Makes the answers in a batch's folder searchable; returns how many there are.
///
/// # Errors
/// The file system refused.
pub fn index(folder: &Path, database: &Path) -> Result<u32, Failure> {
    let path = folder.join("output.jsonl");
    let file = match File::open(&path) {
        Ok(file) => file,
        Err(failure) if failure.kind() == std::io::ErrorKind::NotFound => return Ok(0),
        Err(failure) => return Err(Failure::io("read", &path)(failure)),
    };
    let mut source = BufReader::with_capacity(1 << 18, file);
    let mut writer = Writer::create(database)?;
    let mut line = String::new();
    let mut number = 0;
    // Documents of one file share its name.
    let mut last: Option<Arc<Path>> = None;
    loop {
        line.clear();
        let read = source
            .read_line(&mut line)
            .map_err(Failure::io("read", &path))?;
        // A line that is not whole was cut off.
        if read == 0 || !line.ends_with('\n') {
            break;
        }
        let Ok(answer) = serde_json::from_str::<Answer<'_>>(&line) else {
            break;
        };
        let file = Path::new(&*answer.id.file);
        let file = match last.take().filter(|known| **known == *file) {
            Some(known) => known,
            None => Arc::from(file),
        };
        last = Some(file.clone());
        writer.add(SPLIT, &document(answer, file))?;
        number += 1;
    }
    writer.finish(|_| true)?;
    Ok(number)
}

fn document(answer: Answer<'_>, file: Arc<Path>) -> Document {
    let map = OffsetMap::new(&answer.text);
    let spans = answer.entities.into_iter().filter_map(|entity| {
        Some(Span {
            start: map.byte_of_char(entity.start)?,
            end: map.byte_of_char(entity.end)?,
            label: entity.label,
            score: entity.score,
        })
    });
    let spans = spans.collect();
    Document {
        spans,
        line: answer.id.line,
        file: Some(file),
        ..Document::from_text(answer.text)
    }
}

/// Documents of a page that is written at once.
const PAGE: usize = 500;

/// Writes the results that a query finds into a file; an empty one finds all.
///
/// # Errors
/// The file system refused, or the person cancelled: what was there before is then there still.
pub fn export(
    store: &Store,
    query: &DocumentQuery,
    (format, title): (PredictionFormat, &str),
    to: &Path,
    work: &mut Work,
) -> Result<(), Failure> {
    let name = to.file_name().unwrap_or_default().to_string_lossy();
    let beside = to.with_file_name(format!(".{name}.partial"));
    let mut write = || -> Result<(), Failure> {
        let failed = Failure::io::<std::io::Error>("write", to);
        let file = File::create(&beside).map_err(Failure::io("write", to))?;
        let out = BufWriter::with_capacity(1 << 18, file);
        let mut writer =
            PredictionWriter::new(format, title, out).map_err(Failure::io("write", to))?;
        let mut wanted = Query {
            offset: 0,
            limit: PAGE,
            ..query_of(query)
        };
        loop {
            // Pages come as soon as they are found; the total may grow meanwhile.
            let page = store.page(&wanted, Duration::ZERO)?;
            for stored in &page.documents {
                writer
                    .add(&stored.document)
                    .map_err(Failure::io("write", to))?;
                wanted.offset += 1;
                let total = usize::try_from(page.total).unwrap_or(usize::MAX);
                work.at("writing", wanted.offset, total)?;
            }
            if page.documents.len() < PAGE {
                break;
            }
        }
        let finish = || {
            let mut out = writer.finish()?;
            out.flush()?;
            out.get_ref().sync_all()
        };
        finish().map_err(failed)?;
        match work.goes_on() {
            true => fs::rename(&beside, to).map_err(Failure::io("write", to)),
            false => Err(cancelled()),
        }
    };
    let written = write();
    if written.is_err() {
        let _ = fs::remove_file(&beside);
    }
    written
}
