//! From words with one tag each to a document with spans; what both CoNLL and JSON need.

use std::borrow::Cow;
use std::path::Path;

use crate::document::Document;
use crate::format::SourceInfo;
use crate::issue::{Issue, Issues, Severity, excerpt};
use crate::scheme::{Scheme, Tag, decode, encode, ill_formed};

/// Words and their tags as the file has them.
#[derive(Default)]
pub(super) struct Sentence<'a> {
    pub id: Option<String>,
    pub group: Option<u32>,
    pub words: Vec<Cow<'a, str>>,
    pub tags: Vec<Tag>,
    /// The line of the first word.
    pub line: usize,
    /// Each word stands on a line of its own.
    pub word_per_line: Option<Vec<usize>>,
}

impl Sentence<'_> {
    fn line_of(&self, word: usize) -> usize {
        self.word_per_line
            .as_ref()
            .map_or(self.line, |lines| lines[word])
    }

    /// The document, its spans read as conlleval reads the tags; each tag that breaks the scheme
    /// is counted and told.
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
                issues.push(self.repaired(path, scheme, i, &good[i]));
            }
            source.repaired_tags += bad.len();
        }
        let mut document = Document::from_words(&self.words);
        document.set_word_spans(&spans);
        document.id = self.id;
        document.group = self.group;
        document.line = self.line;
        source.count(&document);
        document
    }

    fn repaired(&self, path: &Path, scheme: Scheme, i: usize, good: &Tag) -> Issue {
        let (found, better) = (as_written(&self.tags[i], scheme), good.render(scheme));
        let place = match i.checked_sub(1) {
            Some(before) => format!("behind `{}`", as_written(&self.tags[before], scheme)),
            None => "at the start of a sentence".into(),
        };
        let word = excerpt(&self.words[i]);
        let message = if found == better {
            format!(
                "tag `{found}` of `{word}` {place} breaks the scheme {scheme}; kept as an entity"
            )
        } else {
            format!(
                "tag `{found}` of `{word}` {place} breaks the scheme {scheme}; read as `{better}`"
            )
        };
        Issue::new(
            Severity::Warning,
            "tag-repaired",
            path,
            self.line_of(i),
            message,
        )
        .found(found)
        .fix(format!("write `{better}`"))
    }
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
