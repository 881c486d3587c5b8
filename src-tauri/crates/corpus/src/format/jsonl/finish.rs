//! From all records of a file to its documents: what is known only at the end.

use super::{Read, Reader};
use crate::dataset::{Corpus, SourceInfo};
use crate::format::tag_notation::{Notation, notation_of_tags};
use crate::format::{ReadError, partial, rows};
use crate::formats::{Dialect, Format};
use crate::issue::{Issue, IssueCode, Severity};
use crate::scheme::{Scheme, Tag};

/// What is said of what was passed over, behind its number.
const PASSED_OVER: [(IssueCode, &str); 6] = [
    (
        IssueCode::SpanRejected,
        "spans that the annotator did not accept were left out",
    ),
    (
        IssueCode::Unlabelled,
        "records have no list of entities; read as text without any",
    ),
    (
        IssueCode::RelationsIgnored,
        "relations between entities were left out: only the entities are used",
    ),
    (
        IssueCode::PredictionsIgnored,
        "predictions of a model were left out: they are not gold data",
    ),
    (
        IssueCode::ResultsIgnored,
        "results that are not labelled spans (choices, relations, texts) were left out",
    ),
    (
        IssueCode::TextsIgnored,
        "further texts of tasks that have several were left out",
    ),
];

impl Reader<'_> {
    /// `format` says what the records came from, where it is no JSON.
    pub(super) fn finish(mut self, format: Option<Format>) -> Result<Corpus, ReadError> {
        let path = self.path;
        let (notation, scheme) = self.parse_tags();
        if self.issues.has_errors() {
            let mut issues = self.issues.into_vec();
            let other = issues
                .iter()
                .any(|i| i.severity == Severity::Error && !i.code.as_str().starts_with("span-"));
            if other {
                return Err(ReadError::malformed(path, issues));
            }
            self.evidence.advise(&mut issues);
            return Err(ReadError::invalid_spans(path, issues));
        }
        if notation == Some(Notation::BareLabels) {
            let message = "the labels have no `B-` or `I-`: adjacent words with the same label are read as one entity";
            self.issues.push(Issue::new(
                Severity::Info,
                IssueCode::BareLabels,
                path,
                0,
                message,
            ));
        }
        let format = format.unwrap_or_else(|| match self.read.first() {
            Some(Read::Tagged(..)) => Format::JsonlTokens,
            _ => Format::JsonlSpans {
                spelling: self.spelling.unwrap_or(Dialect::Plain),
            },
        });
        let mut source = SourceInfo::new(path, format);
        source.scheme = scheme;
        source.dropped_spans = self.invalid_spans;
        source.skipped_documents = self.skipped.values().sum();
        let mut documents = Vec::with_capacity(self.read.len());
        for read in self.read {
            documents.push(match read {
                Read::Document(document) => {
                    source.count(&document);
                    document
                }
                Read::Tagged(sentence, _) => sentence.into_document(
                    path,
                    scheme.unwrap_or_default(),
                    &mut source,
                    &mut self.issues,
                ),
            });
        }
        let mut add_issue = |code, message: String| {
            self.issues
                .push(Issue::new(Severity::Info, code, path, 0, message));
        };
        for (answer, count) in &self.skipped {
            add_issue(
                IssueCode::AnswerSkipped,
                format!(
                    "{count} records with the answer `{answer}` are not gold data and were left out"
                ),
            );
        }
        for (code, what) in PASSED_OVER {
            if let Some(count) = self.passed_over.get(&code) {
                add_issue(code, format!("{count} {what}"));
            }
        }
        if self.partly.0 > 0 {
            let (documents, words) = self.partly;
            let issue = partial::issue(path, words, documents, self.options);
            self.issues.push(issue);
        }
        self.span_groups.tell(path, &mut self.issues);
        self.annotators.tell(path, &mut self.issues);
        Ok(Corpus {
            documents,
            source,
            issues: self.issues.into_vec(),
            offset_evidence: (self.evidence.spans > 0).then_some(self.evidence),
        })
    }

    /// Reads all tags, now that the file's notation is known.
    fn parse_tags(&mut self) -> (Option<Notation>, Option<Scheme>) {
        let tagged = || {
            self.read.iter().filter_map(|read| match read {
                Read::Tagged(_, tags) => Some(tags),
                Read::Document(_) => None,
            })
        };
        let all = || tagged().flatten().map(String::as_str);
        if tagged().next().is_none() {
            return (None, None);
        }
        let notation = notation_of_tags(all());
        let letters = all().find_map(|tag| notation.own_letters(tag));
        for read in &mut self.read {
            let Read::Tagged(sentence, tags) = read else {
                continue;
            };
            for tag in tags {
                match notation.tag(tag) {
                    Some(tag) => sentence.tags.push(tag),
                    None => {
                        let fault = rows::bad_tag(self.path, sentence.line, tag);
                        self.issues.push(fault);
                        sentence.tags.push(Tag::Outside);
                    }
                }
            }
        }
        let sequences = self.read.iter().filter_map(|read| match read {
            Read::Tagged(sentence, _) => Some(sentence.tags.as_slice()),
            Read::Document(_) => None,
        });
        let scheme = self.options.scheme.unwrap_or_else(|| match notation {
            Notation::BareLabels => Scheme::Io,
            _ => letters.unwrap_or_else(|| crate::scheme::detect(sequences).scheme),
        });
        (Some(notation), Some(scheme))
    }
}
