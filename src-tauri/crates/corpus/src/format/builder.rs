//! From rows of a word and its tag to documents, in little more memory than these take.
//!
//! A scheme shows itself only when all tags have been seen. Until then they are kept as numbers,
//! four bytes for each word, while the text and the words of each document are complete.

use std::cmp::Reverse;
use std::collections::HashMap;
use std::path::Path;

use crate::dataset::SourceInfo;
use crate::document::{Document, Word};
use crate::format::tag_notation::{Notation, TagReading};
use crate::format::tagged::repaired;
use crate::issue::{Issue, IssueCode, Issues, Severity};
use crate::scheme::{Scheme, Tag, decode, encode, ill_formed};

/// The number of `O`.
pub(super) const OUTSIDE: u32 = 0;

/// The distinct tags of a file, numbered as they come.
pub(super) struct Tags {
    pub reading: TagReading,
    numbers: HashMap<String, u32>,
    tags: Vec<Tag>,
}

impl Tags {
    pub fn new(notation: Notation) -> Self {
        Self {
            reading: TagReading::new(notation),
            numbers: HashMap::new(),
            tags: vec![Tag::Outside],
        }
    }

    /// The number of a tag; `None` when the text is none.
    pub fn number(&mut self, text: &str) -> Option<u32> {
        if text == "O" {
            return Some(OUTSIDE);
        }
        if let Some(number) = self.numbers.get(text) {
            if *number == OUTSIDE {
                self.reading.note(text, 1);
            }
            return Some(*number);
        }
        let number = match self.reading.tag(text)? {
            Tag::Outside => OUTSIDE,
            tag => {
                let number = u32::try_from(self.tags.len()).ok()?;
                self.tags.push(tag);
                number
            }
        };
        self.numbers.insert(text.into(), number);
        Some(number)
    }
}

/// More than a sentence has.
const MANY_WORDS: usize = 100;

/// Says so where nothing parts the sentences of a file that gives words. A lone record may be a document.
pub(super) fn one_sentence(
    path: &Path,
    documents: &[Document],
    labelled: usize,
    issues: &mut Issues,
) {
    if let [only] = documents
        && only.words_given
        && labelled > 0
        && only.words.len() > MANY_WORDS
    {
        let message = format!(
            "nothing separates the sentences: all {} words are in one",
            only.words.len()
        );
        let code = IssueCode::OneSentence;
        let fix = "put an empty line between two sentences; in a table, name the column that has the sentence of each word with `--sentence-column`; in JSON, give each sentence a record";
        issues.push(Issue::new(Severity::Warning, code, path, 0, message).fix(fix));
    }
}

/// Takes words one by one.
pub(super) struct Builder {
    pub tags: Tags,
    documents: Vec<Document>,
    /// Of every word of every document.
    numbers: Vec<u32>,
    /// Those of the second column, of entities inside others; empty where none is read.
    inner: Vec<u32>,
    /// The lines of the words of those documents in which others stand between them.
    lines: HashMap<usize, Box<[usize]>>,
    open: Open,
    /// Sentences that were left out.
    dropped: usize,
}

/// The sentence that is being read.
#[derive(Default)]
struct Open {
    id: Option<String>,
    text: String,
    words: Vec<Word>,
    lines: Vec<usize>,
    /// A row of it cannot be used, and so it is left out.
    spoilt: bool,
}

/// The tag of word `i` of several that have one tag together.
fn of_word(tag: &str, i: usize, words: usize) -> String {
    let Some((letter, label)) = tag.split_once('-').filter(|_| words > 1) else {
        return tag.into();
    };
    let (first, last) = (i == 0, i + 1 == words);
    let letter = match letter {
        "S" | "U" if first => "B",
        "S" if last => "E",
        "U" if last => "L",
        "S" | "U" => "I",
        "B" if !first => "I",
        "E" | "L" if !last => "I",
        other => other,
    };
    format!("{letter}-{label}")
}

impl Builder {
    pub fn new(notation: Notation) -> Self {
        Self {
            tags: Tags::new(notation),
            documents: Vec::new(),
            numbers: Vec::new(),
            inner: Vec::new(),
            lines: HashMap::new(),
            open: Open::default(),
            dropped: 0,
        }
    }

    /// The sentences that are complete.
    pub fn sentences(&self) -> usize {
        self.documents.len()
    }

    /// The words read so far, of all sentences.
    pub fn words(&self) -> usize {
        self.numbers.len()
    }

    /// Gives a tag to all words from `first` on, which are one entity; or leaves them as they are and
    /// says so, where there are none, or some have tags already.
    pub fn spread(&mut self, first: usize, tag: &str) -> bool {
        let words = self.numbers[first..].len();
        if words == 0
            || self.numbers[first..]
                .iter()
                .any(|number| *number != OUTSIDE)
        {
            return false;
        }
        for i in 0..words {
            let tag = of_word(tag, i, words);
            let Some(number) = self.tags.number(&tag) else {
                return false;
            };
            self.numbers[first + i] = number;
        }
        true
    }

    /// Names the sentence that is being read.
    pub fn name(&mut self, id: &str) {
        self.open.id = Some(id.into());
    }

    /// The name of the sentence that is being read.
    pub fn open_name(&self) -> Option<&str> {
        self.open.id.as_deref()
    }

    /// Adds a word with the number of its tag, and with that of its second one where two columns
    /// are read: then for every word.
    pub fn word(&mut self, word: &str, tag: u32, inner: Option<u32>, line: usize) {
        let open = &mut self.open;
        if !open.words.is_empty() {
            open.text.push(' ');
        }
        let start = open.text.len();
        open.text.push_str(word);
        open.words.push(Word {
            start,
            end: open.text.len(),
        });
        open.lines.push(line);
        self.numbers.push(tag);
        self.inner.extend(inner);
    }

    /// Leaves out the sentence that is being read, with the row that spoils it.
    pub fn spoil(&mut self) {
        self.open.spoilt = true;
    }

    /// Ends the sentence, if there is one.
    pub fn close(&mut self) {
        let open = &mut self.open;
        if std::mem::take(&mut open.spoilt) {
            self.dropped += 1;
            let kept = self.numbers.len() - open.words.len();
            self.numbers.truncate(kept);
            self.inner.truncate(kept.min(self.inner.len()));
            *open = Open::default();
            return;
        }
        let [first, .., last] = open.lines[..] else {
            if let [line] = open.lines[..] {
                self.push(line);
            }
            return;
        };
        if last - first + 1 != open.lines.len() {
            let lines = open.lines.as_slice().into();
            self.lines.insert(self.documents.len(), lines);
        }
        self.push(first);
    }

    /// The buffers stay for the next sentence; what is kept has no room to spare.
    fn push(&mut self, line: usize) {
        let open = &mut self.open;
        self.documents.push(Document {
            id: open.id.take(),
            group: None,
            text: open.text.as_str().into(),
            words: open.words.as_slice().into(),
            spans: Vec::new(),
            line,
            file: None,
            context: None,
            words_given: true,
            unknown: Vec::new(),
            split: None,
        });
        open.text.clear();
        open.words.clear();
        open.lines.clear();
    }

    /// The scheme of the tags, and all documents, their spans read as conlleval reads the tags. Each
    /// tag that breaks the scheme is counted and reported.
    pub fn finish(
        mut self,
        path: &Path,
        scheme: Option<Scheme>,
        source: &mut SourceInfo,
        issues: &mut Issues,
    ) -> Vec<Document> {
        self.close();
        let scheme = scheme.unwrap_or_else(|| self.scheme());
        source.scheme = Some(scheme);
        source.skipped_documents = self.dropped;
        self.tags.reading.tell(path, issues);
        let mut at = 0;
        let mut documents = std::mem::take(&mut self.documents);
        for (i, document) in documents.iter_mut().enumerate() {
            let words = at..at + document.words.len();
            at = words.end;
            for numbers in [&self.numbers, &self.inner] {
                let Some(numbers) = numbers.get(words.clone()) else {
                    continue;
                };
                if numbers.iter().all(|number| *number == OUTSIDE) {
                    continue;
                }
                let tags: Vec<Tag> = numbers
                    .iter()
                    .map(|n| self.tags.tags[*n as usize].clone())
                    .collect();
                let spans = decode(&tags);
                let bad = ill_formed(&tags, scheme);
                if !bad.is_empty() {
                    let good = encode(tags.len(), &spans, scheme);
                    for word in &bad {
                        let line = self
                            .lines
                            .get(&i)
                            .map_or(document.line + word, |lines| lines[*word]);
                        let text = document.word_text(*word);
                        issues.push(repaired(
                            path,
                            line,
                            scheme,
                            &tags,
                            *word,
                            text,
                            &good[*word],
                        ));
                    }
                    source.repaired_tags += bad.len();
                }
                let outer = std::mem::take(&mut document.spans);
                document.set_word_spans(&spans);
                document.spans.extend(outer);
            }
            if !self.inner.is_empty() {
                document.spans.sort_by(|a, b| {
                    let key = |span: &crate::Span| (span.start, Reverse(span.end));
                    key(a).cmp(&key(b)).then_with(|| a.label.cmp(&b.label))
                });
                document.spans.dedup();
            }
            source.count(document);
        }
        one_sentence(path, &documents, 1, issues);
        documents
    }

    /// As [`scheme::detect`](crate::scheme::detect), by counting which tags stand behind which.
    fn scheme(&self) -> Scheme {
        if let Some(scheme) = self.tags.reading.scheme() {
            return scheme;
        }
        let mut pairs: HashMap<(Option<u32>, u32), usize> = HashMap::new();
        let mut at = 0;
        for document in &self.documents {
            let words = at..at + document.words.len();
            at = words.end;
            let mut before = None;
            for number in &self.numbers[words] {
                if *number != OUTSIDE {
                    *pairs.entry((before, *number)).or_default() += 1;
                }
                before = Some(*number);
            }
        }
        let tag = |number: u32| &self.tags.tags[number as usize];
        let pairs = pairs
            .into_iter()
            .map(|((before, number), count)| (before.map(tag), tag(number), count));
        crate::scheme::detect_by_pairs(pairs).scheme
    }

    /// Sets the source document of every sentence.
    pub fn group(&mut self, group: impl Fn(usize) -> u32) {
        for (i, document) in self.documents.iter_mut().enumerate() {
            document.group = Some(group(i));
        }
    }

    /// The tags sentence by sentence, for those who want nothing else.
    pub fn into_tags(mut self) -> Vec<Vec<Tag>> {
        self.close();
        let mut numbers = self.numbers.iter();
        let tags = &self.tags.tags;
        let sentence = |document: &Document| {
            let numbers = numbers.by_ref().take(document.words.len());
            numbers
                .map(|number| tags[*number as usize].clone())
                .collect()
        };
        self.documents.iter().map(sentence).collect()
    }
}
