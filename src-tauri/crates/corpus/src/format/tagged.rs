//! From words with one tag each to a document with spans, a record at a time.

use std::borrow::Cow;
use std::path::Path;

use crate::dataset::SourceInfo;
use crate::document::Document;
use crate::issue::{Issue, IssueCode, Issues, Severity, excerpt};
use crate::scheme::{Scheme, Tag, decode, encode, ill_formed};

/// Words and their tags as the file has them.
#[derive(Default)]
pub(super) struct Sentence<'a> {
    pub id: Option<String>,
    pub group: Option<u32>,
    /// As its record names it.
    pub split: Option<&'static str>,
    pub words: Vec<Cow<'a, str>>,
    pub tags: Vec<Tag>,
    /// The numbers of the words of which it is not known whether they belong to an entity.
    pub unknown: Vec<usize>,
    /// The line of the first word.
    pub line: usize,
}

impl Sentence<'_> {
    /// The document, its spans read as conlleval reads the tags; each tag that breaks the scheme
    /// is counted and reported.
    pub fn into_document(
        self,
        path: &Path,
        scheme: Scheme,
        source: &mut SourceInfo,
        issues: &mut Issues,
    ) -> Document {
        let spans = decode(&self.tags);
        let bad = ill_formed(&self.tags, scheme);
        if !bad.is_empty() {
            let good = encode(self.tags.len(), &spans, scheme);
            for &i in &bad {
                let word = &self.words[i];
                let issue = repaired(path, self.line, scheme, &self.tags, i, word, &good[i]);
                issues.push(issue);
            }
            source.repaired_tags += bad.len();
        }
        let mut document = Document::from_words(&self.words);
        document.set_word_spans(&spans);
        document.id = self.id;
        document.group = self.group;
        document.split = self.split;
        document.line = self.line;
        let unknown = self.unknown.iter();
        document.unknown = unknown.map(|word| document.words[*word]).collect();
        source.count(&document);
        document
    }
}

/// Says that tag `i` of a sentence breaks the scheme, and how it was read.
pub(super) fn repaired(
    path: &Path,
    line: usize,
    scheme: Scheme,
    tags: &[Tag],
    i: usize,
    word: &str,
    good: &Tag,
) -> Issue {
    let (found, better) = (as_written(&tags[i], scheme), good.render(scheme));
    let place = match i.checked_sub(1) {
        Some(before) => format!("behind `{}`", as_written(&tags[before], scheme)),
        None => "at the start of a sentence".into(),
    };
    let word = excerpt(word);
    let message = if found == better {
        format!("tag `{found}` of `{word}` {place} breaks the scheme {scheme}; kept as an entity")
    } else {
        format!("tag `{found}` of `{word}` {place} breaks the scheme {scheme}; read as `{better}`")
    };
    Issue::new(
        Severity::Warning,
        IssueCode::TagRepaired,
        path,
        line,
        message,
    )
    .found(found)
    .fix(format!("write `{better}`"))
}

/// A tag that the scheme does not have is shown in the letters of BIOES, not translated.
fn as_written(tag: &Tag, scheme: Scheme) -> String {
    let text = tag.render(scheme);
    if Tag::parse(&text).as_ref() == Ok(tag) {
        text
    } else {
        tag.render(Scheme::Bioes)
    }
}
