//! Entities in several pieces, which some programs write: those with nothing but white space between
//! them are one run of words.

use std::path::Path;

use crate::issue::{Issue, IssueCode, Severity};
use crate::offset_inference::{OffsetReading, Units};
use crate::offsets::OffsetMap;
use crate::options::ReadOptions;

/// The start of a piece and the position behind its end, as the file counts them.
pub(super) type Piece = (u64, u64);

/// The whole of an entity whose pieces, in order, have only white space between them. One that ends
/// at the end of a line is written that way by brat: a piece for each line.
pub(super) fn joined(
    pieces: &[Piece],
    text: &str,
    map: &OffsetMap,
    options: &ReadOptions,
) -> Option<Piece> {
    let (reading, text_units) = (OffsetReading::of(options), Units::new(text, map));
    let start = pieces.first()?.0;
    let end = pieces.iter().map(|(_, end)| *end).max()?;
    let close = pieces.windows(2).all(|pair| {
        let edges = |piece| reading.edges(piece, &text_units);
        match (edges(pair[0]), edges(pair[1])) {
            // An overlap has nothing in between.
            (Some((_, from)), Some((to, _))) if from < to => text[from..to].trim().is_empty(),
            // An edge that lies nowhere is found with the whole.
            _ => true,
        }
    });
    close.then_some((start, end))
}

/// Says that an entity cannot be used, or that it is left out on request.
pub(super) fn issue(
    file: &Path,
    line: usize,
    pieces: usize,
    shown: &str,
    options: &ReadOptions,
) -> Issue {
    let (severity, end) = match options.drop_invalid {
        true => (Severity::Warning, "; left out"),
        false => (Severity::Error, ""),
    };
    let message = format!(
        "an entity in {pieces} pieces with other text between them (`{shown}`) is no run of words{end}"
    );
    Issue::new(severity, IssueCode::SpanDiscontinuous, file, line, message)
        .found(shown)
        .fix("label its pieces one by one, or all from the first to the last")
}
