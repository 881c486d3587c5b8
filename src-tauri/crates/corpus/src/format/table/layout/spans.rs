//! Finds the columns of a table with one span in each row.

use std::collections::{BTreeMap, BTreeSet};

use super::Sample;
use crate::format::keys::{self, Role, bare};

/// The columns of a table with one span per row.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(in crate::format::table) struct Spans {
    /// The text, or the name of the file that it lies in.
    pub text: usize,
    pub in_file: bool,
    /// The line of that file, from 0, where it has a text in each.
    pub line: Option<usize>,
    pub start: usize,
    pub end: usize,
    pub label: usize,
    /// What a span covers.
    pub quote: Option<usize>,
    /// The document that a row belongs to, where texts lie in the rows.
    pub document: Option<usize>,
}

/// Columns that name the document of a row.
const DOCUMENTS: [&str; 5] = ["docid", "documentid", "textid", "document", "doc"];

impl Sample {
    /// The columns of a table with one span in each row.
    pub(super) fn span_columns(&self, names: &[&str], texts: &[usize]) -> Option<Spans> {
        let body = &self.rows[1..];
        let cells = |at: usize| body.iter().filter_map(move |row| row.get(at));
        let named = |role: Role| {
            let ranked = (0..self.width).filter_map(|at| Some((keys::rank(names[at], role)?, at)));
            ranked.min().map(|(_, at)| at)
        };
        let numbers = |at: usize| {
            let filled = cells(at).filter(|cell| !cell.trim().is_empty());
            let number = |cell: &String| cell.trim().parse::<f64>().is_ok();
            filled.clone().count() > 0 && filled.clone().all(number)
        };
        let (start, end) = (named(Role::Start)?, named(Role::End)?);
        if !numbers(start) || !numbers(end) {
            return None;
        }
        let free = |at: &usize| *at != start && *at != end;
        let by_bare = |wanted: &str| (0..self.width).find(|at| bare(names[*at]) == wanted);
        let file = by_bare("file").filter(free);
        // The text that a span covers may be there as well, and is shorter.
        let size = |at: &usize| cells(*at).map(String::len).sum::<usize>();
        let text = texts.iter().copied().filter(free).max_by_key(size);
        let label = (0..self.width)
            .filter(|at| free(at) && Some(*at) != text && Some(*at) != file)
            .filter_map(|at| Some((keys::rank(names[at], Role::Label)?, at)))
            .min()
            .map(|(_, at)| at)?;
        let (text, in_file) = match (text, file) {
            (Some(text), _) => (text, false),
            (None, file) => (file?, true),
        };
        let used = [text, start, end, label];
        let quotes = (0..self.width)
            .filter(|at| !used.contains(at))
            .filter_map(|at| Some((keys::rank(names[at], Role::Quote)?, at)));
        let quote = quotes.min().map(|(_, at)| at);
        let document = (0..self.width).find(|at| {
            let name = bare(names[*at]);
            let documents = match &*name {
                "id" => self.names_texts(*at, text, true),
                name => DOCUMENTS.contains(&name) && self.names_texts(*at, text, false),
            };
            documents && !used.contains(at) && Some(*at) != quote
        });
        Some(Spans {
            quote,
            document: document.filter(|_| !in_file),
            text,
            in_file,
            line: by_bare("line").filter(|at| in_file && free(at)),
            start,
            end,
            label,
        })
    }

    /// Does a column have one text for each of its values? In doubt (`surely`) there must be several rows of
    /// one of them, or no text twice: a number of each row names no document.
    fn names_texts(&self, at: usize, text: usize, surely: bool) -> bool {
        let mut known: BTreeMap<&str, &str> = BTreeMap::new();
        let (mut again, mut texts) = (false, BTreeSet::new());
        for row in &self.rows[1..] {
            let (Some(name), Some(text)) = (row.get(at), row.get(text)) else {
                continue;
            };
            match known.insert(name, text) {
                None => {}
                Some(before) if before == text => again = true,
                Some(_) => return false,
            }
            texts.insert(text);
        }
        !surely || again || texts.len() == known.len()
    }
}
