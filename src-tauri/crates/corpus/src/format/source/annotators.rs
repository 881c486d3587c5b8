//! Files of several people who annotated the same texts, as doccano and INCEpTION export them and as people
//! keep them in folders of brat: one set of documents, chosen by rule.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::hash::{BuildHasher, BuildHasherDefault, Hasher};
use std::path::{Path, PathBuf};

use rustc_hash::FxHasher;

use super::container::Container;
use super::names::split_of;
use crate::agreement::{Annotators, Version};
use crate::dataset::Corpus;
use crate::document::{Document, Word, WordSpan};
use crate::format::source::join::name_file;
use crate::format::source::pairs::ends_with;
use crate::formats::Format;
use crate::issue::{Issue, IssueCode, Issues, Severity};
use crate::options::ReadOptions;

/// In a project of INCEpTION each text is a folder in one of these, with a file for each person.
const ANNOTATIONS: &str = "annotation";
const CURATION: &str = "curation";
/// What INCEpTION writes beside the people: a text that nobody has annotated, and the one that was
/// put together of all.
const INITIAL: &str = "INITIAL_CAS";
const CURATION_USER: &str = "CURATION_USER";

/// Is it a whole project of INCEpTION, going by the names in it?
pub(super) fn is_project<'a>(mut names: impl Iterator<Item = &'a PathBuf>) -> bool {
    names.any(|name| {
        let name = name.to_string_lossy();
        name.starts_with("exportedproject") && name.ends_with(".json")
    })
}

/// Why a file of such a project is not read; `None` for what somebody has annotated.
pub(super) fn ignored_in_project(name: &Path) -> Option<&'static str> {
    match of_project(name) {
        None => Some("it belongs to a project of INCEpTION and is nobody's annotation"),
        Some(_) if name.file_stem().is_some_and(|stem| stem == INITIAL) => {
            Some("it is the text before anybody has annotated it")
        }
        Some(_) => None,
    }
}

/// Takes out of a container the texts before anybody has annotated them, where somebody's annotations are
/// beside them.
pub(super) fn leave_initial(container: &mut Container) {
    let initial = |name: &Path| name.file_stem().is_some_and(|stem| stem == INITIAL);
    let people = container.data.iter().filter(|one| !initial(&one.name));
    let folders = people.map(|one| one.name.parent().map(Path::to_owned));
    let folders: HashSet<Option<PathBuf>> = folders.collect();
    let Container { data, ignored, .. } = container;
    data.retain(|member| {
        let beside = || folders.contains(&member.name.parent().map(Path::to_owned));
        let left = initial(&member.name) && beside();
        if left {
            let why = "it is the text before anybody has annotated it";
            let shown = member.name.to_string_lossy().into_owned();
            ignored.push((shown, why.into()));
        }
        !left
    });
}

/// The text and the person that a file in a project is of, and whether it is the ground truth.
fn of_project(name: &Path) -> Option<(String, String, bool)> {
    let parts: Vec<_> = name
        .iter()
        .rev()
        .take(3)
        .map(|part| part.to_string_lossy())
        .collect();
    let [file, text, folder] = &parts[..] else {
        return None;
    };
    let truth = match folder.as_ref() {
        ANNOTATIONS => false,
        CURATION => true,
        _ => return None,
    };
    let person = file
        .rsplit_once('.')
        .map_or(file.as_ref(), |(stem, _)| stem);
    let person = if truth { CURATION } else { person };
    Some((text.to_string(), person.into(), truth))
}

/// Puts the files of one text, or of the same texts, together.
pub(super) fn join(
    path: &Path,
    read: Vec<(&'static str, Corpus)>,
    options: &ReadOptions,
    reported: &mut Vec<Issue>,
) -> Vec<(&'static str, Corpus)> {
    let several = read.len() > 1;
    let read = read.into_iter();
    let mut files: Vec<File> = read
        .map(|(split, corpus)| File::new(path, split, corpus, several))
        .collect();
    let mut joined = Vec::new();
    while !files.is_empty() {
        let first = files.remove(0);
        let (same, others): (Vec<File>, _) = files
            .into_iter()
            .partition(|file| first.is_of_the_same(file));
        files = others;
        if let Some(other) = files.iter().find(|file| first.has_the_text_of(file)) {
            reported.push(first.kept_beside(path, other));
        }
        joined.push(match &same {
            _ if same.is_empty() => (first.split, first.corpus),
            _ => merged(path, first, same, options),
        });
    }
    joined
}

struct File {
    split: &'static str,
    corpus: Corpus,
    person: String,
    truth: bool,
    /// In a project, the text that it is of.
    text: Option<String>,
    /// Its texts, where it may be one person's, going by its name and its format.
    texts: HashSet<u64>,
    /// What it holds of a text, where it may be one person's file in the folder of that text.
    whole: Option<Whole>,
}

/// All that a file has of a text, without white space, as a number; and the folder that it lies in.
#[derive(PartialEq)]
struct Whole {
    folder: PathBuf,
    format: std::mem::Discriminant<Format>,
    content: u64,
}

impl File {
    fn new(path: &Path, split: &'static str, corpus: Corpus, several: bool) -> Self {
        let name = &corpus.source.path;
        let name = name.strip_prefix(path).unwrap_or(name);
        let stem = |name: &Path| {
            let stem = name.file_stem().unwrap_or_default();
            stem.to_string_lossy().into_owned()
        };
        let format = &corpus.source.format;
        // Folders of brat are read one by one only where they hold the same texts.
        let is_brat = *format == Format::Brat;
        let spans = is_brat || matches!(format, Format::JsonlSpans { .. });
        let personal = several && split_of(name).is_none();
        let texts = match personal && spans {
            true => texts(&corpus),
            false => HashSet::new(),
        };
        let whole = match format {
            Format::UimaCas { .. } | Format::WebAnno | Format::BioC | Format::PubTator => {
                content(&corpus).filter(|_| personal).map(|content| Whole {
                    folder: name.parent().unwrap_or(Path::new("")).to_owned(),
                    format: std::mem::discriminant(format),
                    content,
                })
            }
            _ => None,
        };
        let (text, person, truth) = match of_project(name) {
            Some((text, person, truth)) => (Some(text), person, truth),
            None if is_brat => {
                // The folder is the person, and is named itself where it holds several texts.
                let is_text = ends_with(name, "txt");
                let folder = name.parent().filter(|_| is_text).unwrap_or(name);
                let folder = folder.file_name().unwrap_or_default();
                (None, folder.to_string_lossy().into_owned(), false)
            }
            None => (None, stem(name), stem(name).starts_with(CURATION_USER)),
        };
        Self {
            split,
            person,
            truth,
            text,
            texts,
            whole,
            corpus,
        }
    }

    fn is_of_the_same(&self, other: &Self) -> bool {
        if self.split != other.split {
            return false;
        }
        match (&self.text, &other.text) {
            (Some(text), Some(other)) => text == other,
            (None, None) => {
                let kind = |file: &Self| std::mem::discriminant(&file.corpus.source.format);
                let alike = kind(self) == kind(other) && same_texts(&self.texts, &other.texts);
                alike || self.whole.is_some() && self.whole == other.whole
            }
            _ => false,
        }
    }

    /// Is it of the same text, though nothing else says that it is another person's?
    fn has_the_text_of(&self, other: &Self) -> bool {
        let (Some(own), Some(theirs)) = (&self.whole, &other.whole) else {
            return false;
        };
        let project = self.text.is_some() || other.text.is_some();
        own.content == theirs.content && self.split == other.split && !project
    }

    fn kept_beside(&self, path: &Path, other: &Self) -> Issue {
        let theirs = &other.corpus.source.path;
        let theirs = theirs.strip_prefix(path).unwrap_or(theirs);
        let message = format!(
            "it has the same text as `{}`; both are kept",
            theirs.display()
        );
        let fix = "where they are two people's annotations of it, put both into one folder, in the same format, each under the name of the person";
        let code = IssueCode::SeveralAnnotators;
        Issue::new(
            Severity::Warning,
            code,
            &self.corpus.source.path,
            0,
            message,
        )
        .fix(fix)
    }
}

/// All letters of a file; `None` where it has none.
fn content(corpus: &Corpus) -> Option<u64> {
    let mut hasher = FxHasher::default();
    let texts = corpus.documents.iter().map(|document| &document.text);
    let mut letters = texts.flat_map(|text| text.split_whitespace()).peekable();
    letters.peek()?;
    letters.for_each(|word| word.bytes().for_each(|byte| hasher.write_u8(byte)));
    Some(hasher.finish())
}

/// Do two files have most of their texts in common? Shards and other splits do not.
fn same_texts(a: &HashSet<u64>, b: &HashSet<u64>) -> bool {
    const SAMPLE: usize = 1000;
    let (few, many) = if a.len() <= b.len() { (a, b) } else { (b, a) };
    let sample = few.iter().take(SAMPLE);
    let shared = sample.filter(|text| many.contains(text)).count();
    shared > 0 && shared * 2 >= few.len().min(SAMPLE)
}

/// The texts of a file, each as a number.
fn texts(corpus: &Corpus) -> HashSet<u64> {
    let hash = BuildHasherDefault::<FxHasher>::default();
    let filled = corpus
        .documents
        .iter()
        .map(|document| document.text.as_str());
    let filled = filled.filter(|text| !text.trim().is_empty());
    filled.map(|text| hash.hash_one(text)).collect()
}

fn merged(
    path: &Path,
    first: File,
    others: Vec<File>,
    options: &ReadOptions,
) -> (&'static str, Corpus) {
    let mut files: Vec<File> = std::iter::once(first).chain(others).collect();
    files
        .iter_mut()
        .for_each(|file| name_file(&mut file.corpus));
    let whole = |file: &File| file.text.is_some() || file.whole.is_some();
    let shared = files.iter().all(whole);
    let is_brat = files[0].corpus.source.format == Format::Brat;
    let file = match shared {
        // All of them lie in the folder of their text.
        true => files[0]
            .corpus
            .source
            .path
            .parent()
            .unwrap_or(path)
            .to_owned(),
        false => path.to_owned(),
    };
    // Where an entity runs over the end of a sentence, one person's documents are others than
    // another's; then they are compared by whole texts.
    let cut_alike = files.windows(2).all(|pair| {
        let texts = |file: &'_ File| -> Vec<String> {
            file.corpus
                .documents
                .iter()
                .map(|document| document.text.clone())
                .collect()
        };
        !shared || texts(&pair[0]) == texts(&pair[1])
    });
    let mut order: Vec<String> = Vec::new();
    let mut versions: HashMap<String, Vec<Version>> = HashMap::new();
    let mut whole: Option<Vec<Vec<Document>>> = (!cut_alike).then(Vec::new);
    let mut issues = Vec::new();
    let mut source = files[0].corpus.source.clone();
    (source.documents, source.words, source.entities) = (0, 0, 0);
    let mut evidence = None;
    for (i, file) in files.iter_mut().enumerate() {
        issues.append(&mut file.corpus.issues);
        let other = &file.corpus.source;
        if i > 0 {
            source.repaired_tags += other.repaired_tags;
            source.dropped_spans += other.dropped_spans;
            source.skipped_documents += other.skipped_documents;
        }
        evidence = evidence.or(file.corpus.offset_evidence.take());
        let documents = std::mem::take(&mut file.corpus.documents);
        if let Some(whole) = &mut whole {
            let all = together(&documents);
            add(&mut order, &mut versions, file, String::new(), all);
            whole.push(documents);
            continue;
        }
        let mut seen: BTreeMap<String, usize> = BTreeMap::new();
        for document in documents {
            // A text that occurs twice in a file is two texts, each to be compared with its own.
            let times = seen.entry(document.text.clone()).or_default();
            *times += 1;
            let key = format!("{times} {}", document.text);
            add(&mut order, &mut versions, file, key, document);
        }
    }
    let mut annotators = Annotators::new(&options.annotator);
    let mut documents = Vec::with_capacity(order.len());
    for key in order {
        let mut found = versions.remove(&key).unwrap_or_default();
        let first = found.first().map(|version| &version.document);
        let line = first.map_or(0, |document| document.line);
        // A text of brat is a file of its own.
        let own = first.and_then(|document| document.file.clone());
        let place = own.filter(|_| is_brat);
        let chosen = annotators.choose(place.as_deref().unwrap_or(&file), line, &found);
        if let Some(whole) = &mut whole {
            let own = std::mem::take(&mut whole[chosen.at]);
            documents.extend(match chosen.spans {
                None => own,
                Some(spans) => {
                    let mut all = found.swap_remove(chosen.at).document;
                    all.spans = spans;
                    labelled(own, &all.word_spans().spans)
                }
            });
            continue;
        }
        let mut document = found.swap_remove(chosen.at).document;
        document.spans = chosen.spans.unwrap_or(document.spans);
        if is_brat {
            document.group = u32::try_from(documents.len()).ok();
        }
        documents.push(document);
    }
    source.agreement.extend(annotators.agreement());
    let mut told = Issues::default();
    annotators.tell(&file, &mut told);
    issues.append(&mut told.into_vec());
    documents.iter().for_each(|document| source.count(document));
    source.path = file;
    let corpus = Corpus {
        documents,
        source,
        issues,
        offset_evidence: evidence,
    };
    (files[0].split, corpus)
}

fn add(
    order: &mut Vec<String>,
    versions: &mut HashMap<String, Vec<Version>>,
    file: &File,
    key: String,
    document: Document,
) {
    let list = versions.entry(key.clone()).or_insert_with(|| {
        order.push(key);
        Vec::new()
    });
    list.push(Version {
        annotator: file.person.clone(),
        ground_truth: file.truth,
        document,
    });
}

/// All documents of a file as one, for comparing it as a whole: its words alone, so that it does not matter
/// what stood between them.
fn together(documents: &[Document]) -> Document {
    let words = documents.iter().flat_map(|document| {
        let words = 0..document.words.len();
        words.map(|i| document.word_text(i))
    });
    let mut all = Document::from_words(&words.collect::<Vec<_>>());
    let (mut spans, mut before) = (Vec::new(), 0);
    for document in documents {
        let own = document.word_spans().spans.into_iter();
        spans.extend(own.map(|span| WordSpan {
            first: span.first + before,
            end: span.end + before,
            ..span
        }));
        before += document.words.len();
    }
    all.set_word_spans(&spans);
    all
}

/// The documents with other entities, which count the words of all of them, in order. Where one runs over the
/// end of a document, that and the next become one.
fn labelled(documents: Vec<Document>, spans: &[WordSpan]) -> Vec<Document> {
    let mut found: Vec<Document> = Vec::with_capacity(documents.len());
    let mut spans = spans.iter().peekable();
    let mut before = 0;
    let mut open: Option<Document> = None;
    for document in documents {
        let mut document = match open.take() {
            Some(first) => joined(first, &document),
            None => document,
        };
        let end = before + document.words.len();
        let mut here = spans.clone().take_while(|span| span.first < end);
        if here.any(|span| span.end > end) {
            open = Some(document);
            continue;
        }
        let mut own = Vec::new();
        while let Some(span) = spans.next_if(|span| span.first < end) {
            own.push(WordSpan {
                first: span.first - before,
                end: span.end - before,
                label: span.label.clone(),
            });
        }
        document.set_word_spans(&own);
        before = end;
        found.push(document);
    }
    found.extend(open);
    found
}

/// Two documents as one, with a space between them.
fn joined(mut first: Document, second: &Document) -> Document {
    first.text.push(' ');
    let at = first.text.len();
    first.text.push_str(&second.text);
    let words = second.words.iter();
    first.words.extend(words.map(|word| Word {
        start: word.start + at,
        end: word.end + at,
    }));
    first
}
