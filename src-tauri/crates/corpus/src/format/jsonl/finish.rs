//! From all records of a file to its documents: what is known only at the end.

use super::word_spans::Proof;
use super::{Read, Reader};
use crate::dataset::{Corpus, SourceInfo};
use crate::document::Document;
use crate::format::builder::one_sentence;
use crate::format::tag_notation::{TagReading, notation_of_tags};
use crate::format::{ReadError, partial, rows};
use crate::formats::{Dialect, Format};
use crate::issue::{Issue, IssueCode, Severity, excerpt};
use crate::scheme::{Scheme, Tag};

/// What is said of what was passed over, behind its number.
const PASSED_OVER: [(IssueCode, &str); 7] = [
    (
        IssueCode::EmptyRecord,
        "records are empty (`null`, `{}`, or without a text) and were left out",
    ),
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
        let counted = self.read_counted();
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
        if let Some(notation) = &notation {
            notation.tell(path, &mut self.issues);
        }
        if let Some(issue) = self.evidence.issue(path) {
            self.issues.push(issue);
        }
        if self.empty_tokens > 0 {
            let message = format!(
                "{} tokens are empty; kept as empty words",
                self.empty_tokens
            );
            let code = IssueCode::EmptyToken;
            self.issues
                .push(Issue::new(Severity::Info, code, path, 0, message));
        }
        let format = format.unwrap_or_else(|| match self.has_tokens() {
            true if self.spelling == Some(Dialect::Gliner) => Format::JsonlSpans {
                spelling: Dialect::Gliner,
            },
            true => Format::JsonlTokens,
            false => Format::JsonlSpans {
                spelling: self.spelling.unwrap_or(Dialect::Plain),
            },
        });
        let mut source = SourceInfo::new(path, format);
        source.scheme = scheme;
        source.dropped_spans = self.invalid_spans;
        source.agreement.extend(self.annotators.agreement());
        source.skipped_documents = self.skipped.values().sum::<usize>() + self.dropped;
        let mut documents = Vec::with_capacity(self.read.len());
        let mut counted = counted.into_iter();
        for read in self.read {
            documents.push(match read {
                Read::Counted(_) => {
                    let Some(document) = counted.next() else {
                        continue;
                    };
                    source.count(&document);
                    document
                }
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
        one_sentence(path, &documents, self.labelled, &mut self.issues);
        let missing = self.passed_over.get(&IssueCode::Unlabelled).copied();
        if let (Some(missing), Some(line), 1..) = (missing, self.first_unlabelled, self.labelled) {
            self.passed_over.remove(&IssueCode::Unlabelled);
            let all = missing + self.labelled;
            let message = format!(
                "{missing} of {all} records have no labels where the others have a list of them, the first in line {line}; read as text without any"
            );
            let code = IssueCode::PartlyLabelled;
            let issue = Issue::new(Severity::Warning, code, path, line, message);
            let fix =
                "label them, or take them out; where a text has no entities, give it an empty list";
            self.issues.push(issue.fix(fix).count(missing));
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
        if let Some((read, others)) = &self.tag_fields {
            let (read, first) = (excerpt(read), excerpt(&others[0]));
            let names: Vec<String> = others
                .iter()
                .map(|name| format!("`{}`", excerpt(name)))
                .collect();
            let hold = if names.len() == 1 { "holds" } else { "hold" };
            let message = format!(
                "{} {hold} tags as well; `{read}` is read",
                names.join(" and ")
            );
            let fix = format!("to read another one, choose it with `--tag-column {first}`");
            let code = IssueCode::SeveralTagColumns;
            let issue = Issue::new(Severity::Info, code, path, 0, message);
            self.issues.push(issue.fix(fix));
        }
        if let Some((read, further, count)) = &self.further_spans {
            let (read, further) = (excerpt(read), excerpt(further));
            let message = format!(
                "in {count} records `{further}` looks like a list of spans as well, and only `{read}` was read"
            );
            let fix = format!(
                "put all spans into one list; to read the other one, choose it with `--tag-column {further}`"
            );
            let code = IssueCode::SeveralSpanLists;
            let issue = Issue::new(Severity::Warning, code, path, 0, message);
            self.issues.push(issue.fix(fix));
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

    /// The documents of records with spans of tokens, now that it is known what their ends are.
    fn read_counted(&mut self) -> Vec<Document> {
        let mut proof = Proof::default();
        let (mut usual, mut all) = (0usize, 0usize);
        for read in &self.read {
            if let Read::Counted(counted) = read {
                proof.add(counted);
                usual += usize::from(counted.inclusive);
                all += 1;
            }
        }
        if all == 0 {
            return Vec::new();
        }
        let asked = self.options.inclusive_ends.then_some(true);
        let proven = asked.or(proof.inclusive());
        let inclusive = proven.unwrap_or(usual * 2 >= all);
        self.report_counting(inclusive, proven.is_some());
        let mut documents = Vec::with_capacity(all);
        for i in 0..self.read.len() {
            if let Read::Counted(counted) = &mut self.read[i] {
                let counted = std::mem::take(counted);
                documents.push(self.counted(counted, inclusive));
            }
        }
        documents
    }

    /// Reads all tags, now that the file's notation is known.
    fn parse_tags(&mut self) -> (Option<TagReading>, Option<Scheme>) {
        let tagged = || {
            self.read.iter().filter_map(|read| match read {
                Read::Tagged(_, tags) => Some(tags),
                _ => None,
            })
        };
        let all = || tagged().flatten().map(String::as_str);
        if tagged().next().is_none() {
            return (None, None);
        }
        let mut tags = TagReading::new(notation_of_tags(all()));
        let drop_invalid = self.options.drop_invalid;
        let mut faulty = Vec::new();
        for (i, read) in self.read.iter_mut().enumerate() {
            let Read::Tagged(sentence, texts) = read else {
                continue;
            };
            for text in texts {
                match tags.tag(text) {
                    Some(tag) => sentence.tags.push(tag),
                    None => {
                        let mut fault = rows::bad_tag(self.path, sentence.line, text);
                        if drop_invalid {
                            fault.severity = Severity::Warning;
                            fault.message.push_str("; its record was left out");
                        }
                        self.issues.push(fault);
                        sentence.tags.push(Tag::Outside);
                        faulty.push(i);
                    }
                }
            }
        }
        if drop_invalid && !faulty.is_empty() {
            faulty.dedup();
            self.dropped += faulty.len();
            let mut at = 0;
            self.read.retain(|_| {
                at += 1;
                faulty.binary_search(&(at - 1)).is_err()
            });
        }
        let sequences = self.read.iter().filter_map(|read| match read {
            Read::Tagged(sentence, _) => Some(sentence.tags.as_slice()),
            _ => None,
        });
        let scheme = self.options.scheme.unwrap_or_else(|| {
            tags.scheme()
                .unwrap_or_else(|| crate::scheme::detect(sequences).scheme)
        });
        (Some(tags), Some(scheme))
    }
}
