//! Reads UIMA's CAS, in XMI and in JSON, as INCEpTION and DKPro export it: a text, and annotations of
//! any types.

mod json;
mod xmi;

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;
use std::path::Path;

use crate::dataset::Corpus;
use crate::document::Word;
use crate::format::ReadError;
use crate::format::layers::{self, Annotation, Layers, NAMED_ENTITIES, Whole};
use crate::format::standoff::Standoff;
use crate::format::xml::root;
use crate::formats::Format;
use crate::issue::{Issue, IssueCode, Severity};
use crate::offset_inference::byte_at;
use crate::offsets::{LineBreaks, OffsetMap};
use crate::options::{LineEnds, OffsetUnit, ReadOptions};

/// Whether it is a CAS, or why not.
pub(super) fn looks_like(text: &str, _options: &ReadOptions) -> Result<(), String> {
    match is_xmi(text) || json::looks_like(text) {
        true => Ok(()),
        false => Err("UIMA CAS (no: it is neither XMI nor JSON of a CAS)".into()),
    }
}

fn is_xmi(text: &str) -> bool {
    root(text).is_some_and(|name| name == "xmi:XMI" || name.ends_with(":XMI"))
}

/// A feature structure, of which only what annotations have is kept.
#[derive(Default)]
struct Structure {
    /// The name of its type, with points.
    kind: String,
    id: String,
    line: usize,
    /// The text that it is about.
    sofa: String,
    begin: Option<u64>,
    end: Option<u64>,
    /// Those whose value is a text, a number or a truth.
    features: Vec<(String, String)>,
    /// The names of those that are other structures.
    references: Vec<String>,
}

impl Structure {
    fn feature(&self, name: &str) -> Option<&str> {
        let mut features = self.features.iter();
        let (_, value) = features.find(|(key, _)| key == name)?;
        Some(value)
    }
}

/// Named entities, whose types some projects derive from the one of DKPro.
const ENTITIES: &str = "de.tudarmstadt.ukp.dkpro.core.api.ner.type.";
/// Where a project has its own layers.
const OWN: &str = "webanno.custom.";
/// The text of a CAS.
const SOFA: &str = "uima.cas.Sofa";

pub(super) fn read(path: &Path, text: &str, options: &ReadOptions) -> Result<Corpus, ReadError> {
    let structures = match is_xmi(text) {
        true => xmi::structures(path, text)?,
        false => json::structures(path, text)?,
    };
    let own = layers::counted_in_bytes(options);
    let mut standoff = Standoff::new(path, Format::UimaCas { tokens: false }, &own);
    let texts: Vec<&Structure> = structures
        .iter()
        .filter(|found| found.kind == SOFA && found.feature("sofaString").is_some())
        .collect();
    if texts.is_empty() {
        return Err(ReadError::NotACorpus {
            file: path.into(),
            line: 1,
            found: "a CAS without a text".into(),
            expected: "a `Sofa` with its `sofaString`".into(),
            tried: Vec::new(),
        });
    }
    let mut views: Vec<View> = texts.iter().map(|sofa| View::new(sofa, options)).collect();
    let several = views.len() > 1;
    let mut joined = false;
    for view in &mut views {
        let own = |found: &&Structure| !several || found.sofa == view.sofa.id;
        let own = structures.iter().filter(own);
        let own: Vec<&Structure> = own.filter(|found| is_of_words(found)).collect();
        joined |= view.read_line_ends(&own);
    }
    if joined {
        let message = "the offsets count a Windows line end (CR LF) as one character: so they were read, because words and annotations fit the text in no other way";
        let code = IssueCode::LineEndsJoined;
        let issue = Issue::new(Severity::Info, code, path, 0, message);
        standoff.issues.push(issue);
    }
    // A chain starts with a link, whose type has the same name otherwise.
    let chains = structures.iter().filter(|found| found.begin.is_none());
    let chains: BTreeSet<String> = chains
        .filter_map(|found| Some(format!("{}Link", found.kind.strip_suffix("Chain")?)))
        .collect();
    for found in &structures {
        let view = match views.len() {
            1 => views.first_mut(),
            _ => views.iter_mut().find(|view| view.sofa.id == found.sofa),
        };
        if let Some(view) = view {
            view.sort(found, &chains, &mut standoff);
        }
    }
    // One choice for all texts of the file.
    let mut all = Layers::new();
    for (name, found) in views.iter().flat_map(|view| &view.layers) {
        all.entry(name.clone())
            .or_default()
            .extend(found.iter().cloned());
    }
    let choice = layers::choose(path, &all, options, &mut standoff)?;
    for (i, mut view) in views.into_iter().enumerate() {
        view.words
            .sort_unstable_by_key(|word| (word.start, word.end));
        // Words that overlap are a second opinion of what the words are.
        let mut behind = 0;
        view.words.retain(|word| {
            let free = word.start >= behind && word.end > word.start;
            behind = if free { word.end } else { behind };
            free
        });
        view.sentences.sort_unstable();
        if !view.words.is_empty() {
            standoff.source.format = Format::UimaCas { tokens: true };
        }
        let line = view.sofa.line;
        let whole = Whole {
            id: view.id,
            group: u32::try_from(i).ok(),
            text: view.text,
            words: &view.words,
            sentences: view.sentences.iter().map(|at| (*at, line)).collect(),
        };
        let found = choice
            .as_ref()
            .and_then(|choice| view.layers.get(&choice.layer));
        let found = found.map(Vec::as_slice).unwrap_or_default();
        layers::add(path, &whole, found, choice.as_ref(), &mut standoff);
    }
    let mut corpus = standoff.finish(path)?;
    // The offsets were converted here, so that nothing can be learned from how they fit.
    corpus.offset_evidence = None;
    Ok(corpus)
}

/// Does a piece of a text begin and end where words do?
fn at_words(text: &str, place: &Range<usize>) -> bool {
    let Some(piece) = text.get(place.clone()) else {
        return false;
    };
    let is = |c: Option<char>| c.is_some_and(char::is_alphanumeric);
    let before = text[..place.start].chars().next_back();
    let after = text[place.end..].chars().next();
    let (first, last) = (piece.chars().next(), piece.chars().next_back());
    let is_cut = is(before) && is(first) || is(last) && is(after);
    !is_cut && piece.trim().len() == piece.len() && !piece.is_empty()
}

/// Words and what is marked, not what stands around them.
fn is_of_words(found: &Structure) -> bool {
    const AROUND: [&str; 5] = [
        "Sentence",
        "Paragraph",
        "DocumentAnnotation",
        "DocumentMetaData",
        "Div",
    ];
    found.begin < found.end && !AROUND.contains(&layers::short(&found.kind))
}

/// A text, and what stands in it.
struct View<'a> {
    sofa: &'a Structure,
    text: &'a str,
    map: OffsetMap,
    unit: OffsetUnit,
    line_ends: LineEnds,
    breaks: LineBreaks,
    id: Option<String>,
    words: Vec<Word>,
    sentences: Vec<usize>,
    layers: BTreeMap<String, Vec<Annotation>>,
}

impl<'a> View<'a> {
    fn new(sofa: &'a Structure, options: &ReadOptions) -> Self {
        let text = sofa.feature("sofaString").unwrap_or_default();
        let map = OffsetMap::new(text);
        Self {
            sofa,
            text,
            breaks: LineBreaks::new(text, &map),
            line_ends: options.line_ends,
            map,
            // Java counts UTF-16 units, and so do all programs that write its format.
            unit: match options.offsets {
                OffsetUnit::Characters => OffsetUnit::Utf16,
                other => other,
            },
            id: None,
            words: Vec::new(),
            sentences: Vec::new(),
            layers: BTreeMap::new(),
        }
    }

    /// The byte at an offset; beyond the text where there is none.
    fn byte(&self, at: u64) -> usize {
        let at = usize::try_from(at).unwrap_or(usize::MAX);
        let beyond = || self.text.len().saturating_add(1).max(at);
        let placed = match self.line_ends {
            LineEnds::AsWritten => Some(at),
            LineEnds::Joined => self.breaks.of_joined(at, self.unit),
            LineEnds::Doubled => Some(self.breaks.of_doubled(at, self.unit)),
        };
        let byte = placed.and_then(|at| byte_at(at, &self.map, self.unit));
        byte.unwrap_or_else(beyond)
    }

    /// Programs that read a text as Python does count a Windows line end as one character. No text stands
    /// beside the annotations; but their edges are those of words, in one reading alone.
    fn read_line_ends(&mut self, found: &[&Structure]) -> bool {
        if self.line_ends != LineEnds::AsWritten || !self.text.contains("\r\n") {
            return false;
        }
        let fits = |view: &Self| {
            let places = found.iter().filter_map(|found| {
                let place = view.byte(found.begin?)..view.byte(found.end?);
                (place.start != place.end).then_some(place)
            });
            places.filter(|place| at_words(view.text, place)).count()
        };
        let written = fits(self);
        self.line_ends = LineEnds::Joined;
        let joined = fits(self);
        if joined <= written || joined < found.len() {
            self.line_ends = LineEnds::AsWritten;
        }
        self.line_ends == LineEnds::Joined
    }

    fn sort(&mut self, found: &Structure, chains: &BTreeSet<String>, standoff: &mut Standoff) {
        let (Some(begin), Some(end)) = (found.begin, found.end) else {
            return;
        };
        let (start, end) = (self.byte(begin), self.byte(end));
        let name = layers::short(&found.kind);
        if found.kind.ends_with("DocumentMetaData") {
            let named = ["documentTitle", "documentId"];
            let named = named.into_iter().find_map(|name| found.feature(name));
            self.id = named.filter(|id| !id.trim().is_empty()).map(String::from);
            return;
        }
        let inside = start <= end && end <= self.text.len();
        match name {
            "Token" if !found.kind.starts_with(OWN) => {
                if inside {
                    self.words.push(Word { start, end });
                }
                return;
            }
            "Sentence" if !found.kind.starts_with(OWN) => {
                if inside {
                    self.sentences.push(start);
                }
                return;
            }
            _ => {}
        }
        let refers = |feature: &str| found.references.iter().any(|name| name == feature);
        if refers("Governor") && refers("Dependent") {
            standoff.leave_out("relations", 1);
            return;
        }
        let kind = match found.kind.starts_with(ENTITIES) {
            true => NAMED_ENTITIES,
            false => found.kind.as_str(),
        };
        if name == "DocumentAnnotation" {
            return;
        }
        if chains.contains(&found.kind) {
            standoff.leave_out("links of chains", 1);
            return;
        }
        let mut features = found.features.clone();
        if kind != found.kind && found.feature("value").is_none() {
            // A type of its own for each label.
            features.push(("value".into(), name.into()));
        }
        let line = found.line;
        let annotation = Annotation {
            line,
            start,
            end,
            features,
        };
        self.layers.entry(kind.into()).or_default().push(annotation);
    }
}
