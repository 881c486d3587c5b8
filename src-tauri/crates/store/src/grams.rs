//! Asks the index of texts: which pieces of three characters a searched text has.

use rusqlite::Connection;

/// A question to the index, and whether its answer needs no second look.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Question {
    /// In the language of FTS5.
    pub matching: String,
    /// Every document that it finds holds the text; otherwise it may.
    pub exact: bool,
}

/// How many pieces of a long text are looked up: more find nothing that these do not.
const PIECES: usize = 16;
/// How many pieces a text of one or two characters may begin; where it begins more, it stands in
/// so many documents that reading them finds the first ones sooner.
const CONTINUATIONS: usize = 300;

/// The question for a folded text; nothing where reading the documents is the better way.
pub(crate) fn question(db: &Connection, folded: &str) -> rusqlite::Result<Option<Question>> {
    let ends: Vec<usize> = (folded.char_indices().map(|(at, _)| at))
        .chain([folded.len()])
        .collect();
    let characters = ends.len() - 1;
    if characters < 3 {
        return short(db, folded);
    }
    let last = characters - 3;
    let step = |i: usize| match last < PIECES {
        true => i,
        false => i * last / (PIECES - 1),
    };
    let mut pieces: Vec<&str> = (0..PIECES.min(last + 1))
        .map(step)
        .map(|at| &folded[ends[at]..ends[at + 3]])
        .collect();
    pieces.sort_unstable();
    pieces.dedup();
    Ok(Some(Question {
        matching: joined(pieces.into_iter(), " AND "),
        exact: characters == 3 && !padded(folded),
    }))
}

/// A text too short for a piece of its own is the beginning of some.
fn short(db: &Connection, folded: &str) -> rusqlite::Result<Option<Question>> {
    let mut terms = db.prepare_cached("SELECT term FROM terms WHERE term >= ?1 LIMIT ?2")?;
    let found: Vec<String> = terms
        .query_map((folded, CONTINUATIONS as i64 + 1), |row| {
            row.get::<_, String>(0)
        })?
        .take_while(|term| match term {
            Ok(term) => term.starts_with(folded),
            Err(_) => true,
        })
        .collect::<Result<_, _>>()?;
    Ok(match found.len() {
        n if n > CONTINUATIONS => None,
        // A question for nothing is an error in FTS5; nothing holds three of these either.
        0 => Some(Question {
            matching: joined(["\u{1}\u{1}\u{1}"].into_iter(), ""),
            exact: false,
        }),
        _ => Some(Question {
            matching: joined(found.iter().map(String::as_str), " OR "),
            exact: !padded(folded),
        }),
    })
}

/// Every text ends with two of these in the index, without having them.
fn padded(folded: &str) -> bool {
    folded.contains('\u{1}')
}

fn joined<'a>(pieces: impl Iterator<Item = &'a str>, word: &str) -> String {
    let quoted: Vec<String> = pieces
        .map(|piece| format!("\"{}\"", piece.replace('"', "\"\"")))
        .collect();
    quoted.join(word)
}
