//! Tags that cannot say what was meant: IO data in which two entities touch.

use crate::check::consistency::Surfaces;
use crate::check::pass::{Passes, Stage};
use crate::check::{CheckError, Collected, View};
use crate::document::Document;
use crate::issue::{Issue, IssueCode, Severity, excerpt};
use crate::scheme::Scheme;

/// Both parts must be entities of their own so often.
const ALONE: usize = 3;

/// Entities of IO data whose parts are entities of their own in other places. Other schemes have a
/// sign for the start, so that nothing is to be guessed.
pub(super) fn look(
    view: &View<'_>,
    surfaces: &Surfaces<'_>,
    passes: &mut Passes<'_>,
    found: &mut Collected,
) -> Result<(), CheckError> {
    let documents = &view.corpus.documents;
    if view.corpus.source.scheme != Some(Scheme::Io) {
        return Ok(());
    }
    passes.over(
        Stage::Consistency,
        documents.len(),
        |i| touching(view, i, &documents[i], surfaces),
        |_, issues| issues.into_iter().for_each(|issue| found.push(issue)),
    )
}

fn touching(
    view: &View<'_>,
    number: usize,
    document: &Document,
    surfaces: &Surfaces<'_>,
) -> Vec<Issue> {
    let mut issues = Vec::new();
    for span in document.word_spans().spans {
        let text = |first: usize, end: usize| {
            &document.text[document.words[first].start..document.words[end - 1].end]
        };
        let whole = text(span.first, span.end);
        // What stands together twice is a name.
        if surfaces.times(whole, &span.label) > 1 {
            continue;
        }
        let times = |words: &str| surfaces.times(words, &span.label);
        let parts = (span.first + 1..span.end)
            .map(|cut| (text(span.first, cut), text(cut, span.end)))
            .find(|(a, b)| times(a) >= ALONE && times(b) >= ALONE);
        let Some((a, b)) = parts else { continue };
        let (a, b) = (excerpt(a), excerpt(b));
        let message = format!(
            "`{}` ({}) may be two entities: `{a}` and `{b}` are entities of their own in other places, and IO tags cannot separate them",
            excerpt(whole),
            span.label
        );
        let range = (
            document.words[span.first].start,
            document.words[span.end - 1].end,
        );
        issues.push(
            view.issue(
                Severity::Info,
                IssueCode::IoTouching,
                number,
                Some(range),
                message,
            )
            .found(excerpt(whole))
            .fix(format!(
                "if they are two, write the file in IOB2 with `B-{}` on each",
                span.label
            )),
        );
    }
    issues
}
