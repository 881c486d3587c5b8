//! What was written, and what a format could not hold.

use std::ops::ControlFlow;

use serde::Serialize;

use super::{WriteError, WriteFormat, plan};
use crate::document::Document;

/// What was written, and what the format could not hold.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct WriteReport {
    /// Documents written.
    pub documents: usize,
    /// Entities written.
    pub entities: usize,
    /// Spans with an edge inside a word, widened to the whole word.
    pub moved_spans: usize,
    /// Spans without any word, or overlapping another.
    pub lost_spans: usize,
    /// Touching entities of one label that IO makes one.
    pub joined_spans: usize,
    /// Documents without words, which CoNLL has no way to write.
    pub empty_documents: usize,
    /// Documents whose text cannot be rebuilt from their words (white space, joined words).
    pub changed_texts: usize,
    /// Documents whose own words are not what splitting their text gives.
    pub changed_words: usize,
    /// Words and labels in which a tab or line break became a space.
    pub changed_strings: usize,
    /// Documents with an id, which the format has no place for.
    pub lost_ids: usize,
    /// Of the spans that are lost, those that lie in another or cross one.
    pub overlapping_spans: usize,
    /// Documents that belong to a group, which the format has no place for.
    pub lost_groups: usize,
    /// Spans with a score, which the format has no place for.
    pub lost_scores: usize,
    /// Documents of which some words are unknown, which the format has no place for.
    pub lost_unknown: usize,
}

/// One kind of loss, and where it is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Loss {
    /// Stable and kebab-case: `lost-spans`, `changed-texts` …
    pub kind: &'static str,
    /// How many documents, spans or words it concerns.
    pub count: usize,
    /// What happens to them, to be read after the count.
    pub what: &'static str,
    /// The first documents that it concerns, by their numbers from 0.
    pub documents: Vec<usize>,
}

impl WriteReport {
    /// With the documents of which something is unknown, where that is not written.
    pub(super) fn with_unknown(mut self, documents: &[Document]) -> Self {
        let partly = documents
            .iter()
            .filter(|document| !document.unknown.is_empty());
        self.lost_unknown = partly.count();
        self
    }

    /// What the format could not hold, in sentences; nothing when all of it is there.
    pub fn notes(&self) -> Vec<String> {
        let kinds = self.kinds().into_iter().filter(|(_, count, _)| *count > 0);
        kinds
            .map(|(_, count, what)| format!("{count} {what}"))
            .collect()
    }

    /// What the format could not hold of the documents that this report is of, each kind with at most
    /// `most` of the documents that it concerns; of those looked at before `go_on` broke off.
    ///
    /// # Errors
    /// None that [`plan`] did not give before.
    pub fn losses(
        &self,
        documents: &[Document],
        target: &WriteFormat,
        most: usize,
        mut go_on: impl FnMut(usize) -> ControlFlow<()>,
    ) -> Result<Vec<Loss>, WriteError> {
        let mut losses: Vec<(usize, Loss)> = self
            .kinds()
            .into_iter()
            .enumerate()
            .filter(|(_, (_, count, _))| *count > 0)
            .map(|(at, (kind, count, what))| {
                let documents = Vec::new();
                let loss = Loss {
                    kind,
                    count,
                    what,
                    documents,
                };
                (at, loss)
            })
            .collect();
        for (number, document) in documents.iter().enumerate() {
            let enough = losses.iter().all(|(_, loss)| loss.documents.len() >= most);
            if enough || go_on(number).is_break() {
                break;
            }
            let kinds = plan(std::slice::from_ref(document), target)?.kinds();
            for (at, loss) in &mut losses {
                if kinds[*at].1 > 0 && loss.documents.len() < most {
                    loss.documents.push(number);
                }
            }
        }
        Ok(losses.into_iter().map(|(_, loss)| loss).collect())
    }

    /// Each kind of loss: its name, how often it was met, and what it is.
    fn kinds(&self) -> [(&'static str, usize, &'static str); 12] {
        // One, and several.
        let of = |kind, count, [one, several]: [&'static str; 2]| match count {
            1 => (kind, count, one),
            _ => (kind, count, several),
        };
        [
            of(
                "moved-spans",
                self.moved_spans,
                [
                    "span started or ended inside a word and now covers all of it",
                    "spans started or ended inside a word and now cover all of it",
                ],
            ),
            of(
                "lost-spans",
                self.lost_spans,
                [
                    "span had no word of its own, or overlapped another, and is gone",
                    "spans had no word of their own, or overlapped another, and are gone",
                ],
            ),
            of(
                "joined-spans",
                self.joined_spans,
                [
                    "span touched one of the same label, which IO cannot keep apart",
                    "spans touched one of the same label, which IO cannot keep apart",
                ],
            ),
            of(
                "empty-documents",
                self.empty_documents,
                [
                    "document had no words and is gone",
                    "documents had no words and are gone",
                ],
            ),
            of(
                "changed-texts",
                self.changed_texts,
                [
                    "document lost its own white space: only the words are kept",
                    "documents lost their own white space: only the words are kept",
                ],
            ),
            of(
                "changed-words",
                self.changed_words,
                [
                    "document lost its own division into words",
                    "documents lost their own division into words",
                ],
            ),
            of(
                "changed-strings",
                self.changed_strings,
                [
                    "word or label held a tab or a line break, now a space",
                    "words or labels held a tab or a line break, now a space",
                ],
            ),
            of(
                "lost-ids",
                self.lost_ids,
                ["document lost its id", "documents lost their id"],
            ),
            of(
                "overlapping-spans",
                self.overlapping_spans,
                [
                    "of the spans that are gone were inside another one, or crossed one",
                    "of the spans that are gone were inside another one, or crossed one",
                ],
            ),
            of(
                "lost-groups",
                self.lost_groups,
                [
                    "document lost the name of the source document it is a part of",
                    "documents lost the name of the source document they are a part of",
                ],
            ),
            of(
                "lost-scores",
                self.lost_scores,
                ["span lost its score", "spans lost their score"],
            ),
            of(
                "lost-unknown",
                self.lost_unknown,
                [
                    "partly labelled document now counts as labelled throughout",
                    "partly labelled documents now count as labelled throughout",
                ],
            ),
        ]
    }
}
