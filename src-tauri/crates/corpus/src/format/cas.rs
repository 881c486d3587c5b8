//! Reads UIMA's CAS, in XMI and in JSON, as INCEpTION and DKPro export it: a text, and annotations of
//! any types.

mod json;
mod types;
mod view;
mod xmi;

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::path::Path;
use std::sync::Arc;

pub(crate) use types::Types;

use crate::agreement::Annotators;
use crate::dataset::Corpus;
use crate::format::ReadError;
use crate::format::layers::{self, Choice, Feature, Person, Summary, Whole};
use crate::format::standoff::Standoff;
use crate::format::xml::root;
use crate::formats::Format;
use crate::issue::{Issue, IssueCode, Severity};
use crate::options::ReadOptions;
use view::{View, is_of_words};

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
    features: Vec<Feature>,
    /// Those that are other structures, and their numbers.
    references: Vec<(String, String)>,
}

impl Structure {
    fn feature(&self, name: &str) -> Option<&str> {
        let mut features = self.features.iter();
        Some(&features.find(|feature| feature.name == name)?.value)
    }
}

/// Named entities, whose types some projects derive from the one of DKPro.
const ENTITIES: &str = "de.tudarmstadt.ukp.dkpro.core.api.ner.type.";
/// Where a project has its own layers.
const OWN: &str = "webanno.custom.";
/// The text of a CAS.
const SOFA: &str = "uima.cas.Sofa";
/// A list of texts, which features refer to.
const STRINGS: &str = "uima.cas.StringArray";
/// What is said of a text as a whole.
const DOCUMENT: [&str; 2] = ["DocumentAnnotation", "DocumentMetaData"];

/// All structures of a file.
fn structures(path: &Path, text: &str, options: &ReadOptions) -> Result<Vec<Structure>, ReadError> {
    let mut found = match is_xmi(text) {
        true => {
            let given = options.around.types().cloned();
            let types = given.or_else(|| Types::beside(path).map(Arc::new));
            xmi::structures(path, text, types.as_deref())?
        }
        false => json::structures(path, text)?,
    };
    let lists = found.iter().filter(|one| one.kind == STRINGS);
    let lists: HashMap<String, Vec<String>> = lists
        .map(|one| {
            let texts = one.features.iter().filter(|one| one.name == "elements");
            let texts = texts.map(|one| one.value.clone()).collect();
            (one.id.clone(), texts)
        })
        .collect();
    for one in &mut found {
        for (name, id) in &one.references {
            if let Some(texts) = lists.get(id) {
                one.features.retain(|feature| feature.name != *name);
                let texts = texts.iter().map(|text| Feature::text(name, text));
                one.features.extend(texts);
            }
        }
    }
    Ok(found)
}

/// What there is in the layers of a file.
pub(super) fn summary(path: &Path, text: &str, options: &ReadOptions) -> Option<Summary> {
    looks_like(text, options).ok()?;
    let structures = structures(path, text, options).ok()?;
    let own = layers::counted_in_bytes(options);
    let mut standoff = Standoff::new(path, Format::UimaCas { tokens: false }, &own);
    let views = views(path, &structures, options, &mut standoff).ok()?;
    Some(summary_of(&views))
}

/// One choice for all texts of the file.
fn summary_of(views: &[View]) -> Summary {
    let mut all = views.iter().map(|view| Summary::of(&view.layers));
    let mut first = all.next().unwrap_or_default();
    all.for_each(|other| first.add_text(other));
    first
}

pub(super) fn read(path: &Path, text: &str, options: &ReadOptions) -> Result<Corpus, ReadError> {
    let structures = structures(path, text, options)?;
    let own = layers::counted_in_bytes(options);
    let mut standoff = Standoff::new(path, Format::UimaCas { tokens: false }, &own);
    let mut views = views(path, &structures, options, &mut standoff)?;
    let choice = layers::choose(path, &summary_of(&views), options, &mut standoff)?;
    for view in &mut views {
        view.put_in_order();
        if !view.words.is_empty() {
            standoff.source.format = Format::UimaCas { tokens: true };
        }
    }
    let texts = texts(views, choice.as_ref());
    let people: Vec<&[Person]> = texts.iter().map(|text| text.people.as_slice()).collect();
    layers::report_further_values(path, choice.as_ref(), &people, &mut standoff);
    let mut annotators = Annotators::new(&options.annotator);
    for (i, text) in texts.iter().enumerate() {
        if let Some(message) = text.note() {
            let code = IssueCode::TextsIgnored;
            let issue = Issue::new(Severity::Info, code, path, text.line, message);
            standoff.issues.push(issue);
        }
        let first = &text.views[0];
        let words = text.views.iter().find(|view| !view.words.is_empty());
        let sentences = text.views.iter().find(|view| !view.sentences.is_empty());
        let sentences = sentences.unwrap_or(first).sentences.iter();
        let whole = Whole {
            id: text.views.iter().find_map(|view| view.id.clone()),
            group: u32::try_from(i).ok(),
            text: first.text,
            words: &words.unwrap_or(first).words,
            sentences: sentences.map(|at| (*at, text.line)).collect(),
        };
        layers::add(path, &whole, &text.people, &mut annotators, &mut standoff);
    }
    standoff.source.agreement.extend(annotators.agreement());
    annotators.tell(path, &mut standoff.issues);
    let mut corpus = standoff.finish(path)?;
    // The offsets were converted here, so that nothing can be learned from how they fit.
    corpus.offset_evidence = None;
    Ok(corpus)
}

/// The texts of a file, each with what stands in it. What is of no text is reported.
fn views<'a>(
    path: &Path,
    structures: &'a [Structure],
    options: &ReadOptions,
    standoff: &mut Standoff,
) -> Result<Vec<View<'a>>, ReadError> {
    let sofas = || structures.iter().filter(|found| found.kind == SOFA);
    let texts = sofas().filter(|found| found.feature("sofaString").is_some());
    let mut views: Vec<View> = texts.map(|sofa| View::new(sofa, options)).collect();
    if views.is_empty() {
        return Err(ReadError::NotACorpus {
            file: path.into(),
            line: 1,
            found: "a CAS without a text".into(),
            expected: "a `Sofa` with its `sofaString`".into(),
            tried: Vec::new(),
        });
    }
    let ids: Vec<&str> = views.iter().map(|view| view.sofa.id.as_str()).collect();
    let others: BTreeSet<&str> = sofas().map(|sofa| sofa.id.as_str()).collect();
    // Where there is one text alone, it is meant by what names none that is there.
    let owner = |found: &Structure| {
        let named = ids.iter().position(|id| *id == found.sofa);
        let alone = ids.len() == 1 && !others.contains(found.sofa.as_str());
        named.or(alone.then_some(0))
    };
    let mut joined = false;
    for (i, view) in views.iter_mut().enumerate() {
        let own = structures.iter().filter(|found| owner(found) == Some(i));
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
    let mut strays: BTreeMap<&str, usize> = BTreeMap::new();
    for found in structures {
        match owner(found) {
            Some(i) => views[i].sort(found, &chains, standoff),
            None if is_of_words(found) => *strays.entry(&found.sofa).or_default() += 1,
            None => {}
        }
    }
    for (id, count) in strays {
        let sofa = sofas().find(|sofa| sofa.id == id);
        let what = match sofa.and_then(|sofa| sofa.feature("sofaID")) {
            Some(name) => format!("the view `{name}`, which has no text"),
            None => "no view that is there".into(),
        };
        let message = format!("{count} annotations are of {what}; they were left out");
        let code = IssueCode::AnnotationsIgnored;
        let line = sofa.map_or(0, |sofa| sofa.line);
        let issue = Issue::new(Severity::Warning, code, path, line, message);
        standoff.issues.push(issue.count(count));
    }
    Ok(views)
}

/// A text, and the views of it.
struct SameText<'a> {
    line: usize,
    views: Vec<View<'a>>,
    /// Those who have annotated it: each view is somebody's where several have annotations.
    people: Vec<Person>,
}

/// The texts, each once.
fn texts<'a>(views: Vec<View<'a>>, choice: Option<&Choice>) -> Vec<SameText<'a>> {
    let mut texts: Vec<SameText> = Vec::new();
    for view in views {
        let marks = choice.map(|choice| choice.marks(&view.layers));
        let name = view.name().to_owned();
        let person = Person {
            is_truth: name.to_lowercase().starts_with("gold"),
            name,
            marks: marks.unwrap_or_default(),
        };
        let known = texts.iter().position(|text| text.is(&view));
        let at = known.unwrap_or_else(|| {
            texts.push(SameText {
                line: view.sofa.line,
                views: Vec::new(),
                people: Vec::new(),
            });
            texts.len() - 1
        });
        let text = &mut texts[at];
        text.views.push(view);
        if !person.marks.is_empty() {
            text.people.push(person);
        }
    }
    texts
}

impl SameText<'_> {
    fn is(&self, view: &View) -> bool {
        let first = self.views.first();
        first.is_some_and(|first| first.text == view.text && !view.text.is_empty())
    }

    /// What to say of several views of which one at most is annotated.
    fn note(&self) -> Option<String> {
        let names: Vec<String> = self
            .views
            .iter()
            .map(|view| format!("`{}`", view.name()))
            .collect();
        let whose = match &self.people[..] {
            _ if names.len() < 2 => return None,
            [] => "none of them has annotations that are read".into(),
            [only] => format!("the annotations are those of `{}`", only.name),
            _ => return None,
        };
        let names = names.join(" and ");
        Some(format!(
            "the views {names} have the same text, which is read once; {whose}"
        ))
    }
}
