//! Texts with several layers of annotations, as WebAnno and INCEpTION keep them: which layer is read,
//! and one document for each sentence.

use std::collections::BTreeMap;
use std::ops::Range;
use std::path::Path;

use crate::document::Word;
use crate::format::ReadError;
use crate::format::standoff::{Mark, Standoff, Text};
use crate::issue::{Issue, IssueCode, Severity};
use crate::options::{ColumnChoice, LineEnds, OffsetUnit, ReadOptions};

/// An annotation of some layer.
#[derive(Clone, Debug, Default)]
pub(super) struct Annotation {
    pub line: usize,
    /// The bytes of the text that it covers; beyond the text where they are not in it.
    pub start: usize,
    pub end: usize,
    /// Those that have a value.
    pub features: Vec<(String, String)>,
}

/// The layers of a file by their names, which have points in them.
pub(super) type Layers = BTreeMap<String, Vec<Annotation>>;

/// The layer that every project has for named entities.
pub(super) const NAMED_ENTITIES: &str = "de.tudarmstadt.ukp.dkpro.core.api.ner.type.NamedEntity";

/// Layers that name no entities, by how their names begin: words' kinds and forms, syntax, pages. They
/// are read where a person names one.
const OTHERS: [&str; 6] = [
    "uima.",
    "de.tudarmstadt.ukp.dkpro.core.api.",
    "org.dkpro.core.api.",
    "de.tudarmstadt.ukp.clarin.webanno.api.type.",
    "de.tudarmstadt.ukp.inception.",
    "org.apache.uima.",
];

fn has_entities(layer: &str) -> bool {
    layer == NAMED_ENTITIES || !OTHERS.iter().any(|other| layer.starts_with(other))
}

/// Features that name the kind of an annotation, the surest first. Any other does where none of them
/// is there.
const LABELS: [&str; 8] = [
    "value", "label", "type", "category", "class", "tag", "name", "entity",
];

/// Features that link to something, and name no kind.
const LINKS: [&str; 4] = ["identifier", "confidence", "comment", "score"];

/// What is read: a layer, and the feature that holds the labels; none where the layer's name is the
/// only label.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Choice {
    pub layer: String,
    pub feature: Option<String>,
}

/// `webanno.custom.Staff` is called `Staff`.
pub(super) fn short(layer: &str) -> &str {
    layer.rsplit('.').next().unwrap_or(layer)
}

/// The features of a layer that have values, with how many they have.
fn features(annotations: &[Annotation]) -> BTreeMap<&str, usize> {
    let mut features = BTreeMap::new();
    for (name, _) in annotations
        .iter()
        .flat_map(|annotation| &annotation.features)
    {
        *features.entry(name.as_str()).or_default() += 1;
    }
    features
}

/// Chooses what is read, and says what else there would be. `None` where no layer has an annotation.
pub(super) fn choose(
    path: &Path,
    layers: &Layers,
    options: &ReadOptions,
    standoff: &mut Standoff,
) -> Result<Option<Choice>, ReadError> {
    if let Some(ColumnChoice::Name(wanted)) = &options.tag_column {
        return named(wanted, layers).map(Some).ok_or_else(|| {
            let names: Vec<String> = choices(layers).iter().map(shown).collect();
            ReadError::NoSuchColumn {
                file: path.into(),
                wanted: wanted.clone(),
                available: match names.is_empty() {
                    true => "no layer with annotations".into(),
                    false => format!("the layers and features {}", names.join(", ")),
                },
            }
        });
    }
    let filled = || {
        let filled = layers.iter().filter(|(_, found)| !found.is_empty());
        filled.filter(|(name, _)| has_entities(name))
    };
    let usual = filled().find(|(name, _)| *name == NAMED_ENTITIES);
    let most = || filled().rev().max_by_key(|(_, found)| found.len());
    let Some((layer, found)) = usual.or_else(most) else {
        let others: Vec<Choice> = choices(layers);
        if let Some(first) = others.first() {
            let names: Vec<String> = others.iter().map(shown).collect();
            let message = format!(
                "no layer of entities is there; annotations are in {}",
                names.join(", ")
            );
            let fix = format!(
                "to read one of them, choose it with `--tag-column {}`",
                plain(first)
            );
            let code = IssueCode::SeveralTagColumns;
            let issue = Issue::new(Severity::Warning, code, path, 0, message).fix(fix);
            standoff.issues.push(issue);
        }
        return Ok(None);
    };
    let features = features(found);
    let known = LABELS.into_iter().find(|name| features.contains_key(name));
    let other = || {
        let names = features
            .iter()
            .filter(|(name, _)| !LINKS.contains(name))
            .rev();
        names
            .max_by_key(|(_, count)| **count)
            .map(|(name, _)| *name)
    };
    let choice = Choice {
        layer: layer.clone(),
        feature: known.or_else(other).map(String::from),
    };
    let others: Vec<Choice> = choices(layers)
        .into_iter()
        .filter(|other| *other != choice)
        .collect();
    if let Some(first) = others.first() {
        let names: Vec<String> = others.iter().map(shown).collect();
        let message = format!(
            "the labels are read from {}; {} {} annotations as well",
            shown(&choice),
            names.join(", "),
            if names.len() == 1 { "has" } else { "have" }
        );
        let fix = format!(
            "to read another layer, choose it with `--tag-column {}`",
            plain(first)
        );
        let code = IssueCode::SeveralTagColumns;
        let issue = Issue::new(Severity::Info, code, path, 0, message).fix(fix);
        standoff.issues.push(issue);
    }
    Ok(Some(choice))
}

/// All that could be read.
fn choices(layers: &Layers) -> Vec<Choice> {
    let of = |(layer, found): (&String, &Vec<Annotation>)| -> Vec<Choice> {
        let choice = |feature: Option<String>| Choice {
            layer: layer.clone(),
            feature,
        };
        let features = features(found);
        match features.is_empty() {
            true if found.is_empty() => Vec::new(),
            true => vec![choice(None)],
            false => features
                .keys()
                .map(|name| choice(Some((*name).into())))
                .collect(),
        }
    };
    layers.iter().flat_map(of).collect()
}

fn plain(choice: &Choice) -> String {
    let layer = short(&choice.layer);
    match &choice.feature {
        Some(feature) => format!("{layer}.{feature}"),
        None => layer.into(),
    }
}

fn shown(choice: &Choice) -> String {
    format!("`{}`", plain(choice))
}

/// The layer that a person names: in whole or in short, with or without a feature, or by a feature
/// alone.
fn named(wanted: &str, layers: &Layers) -> Option<Choice> {
    let wanted = wanted.replace('|', ".");
    let all = choices(layers);
    let is = |choice: &&Choice| {
        let feature = choice.feature.as_deref().unwrap_or_default();
        let (long, short) = (choice.layer.as_str(), short(&choice.layer));
        [long, short]
            .iter()
            .any(|layer| *layer == wanted || format!("{layer}.{feature}") == wanted)
    };
    let exact = |choice: &&Choice| {
        let layer = [choice.layer.as_str(), short(&choice.layer)];
        !layer.contains(&wanted.as_str())
    };
    let found: Vec<&Choice> = all.iter().filter(is).collect();
    // Of a layer that is named without a feature, the feature that is usual.
    let usual = LABELS.iter().find_map(|label| {
        let mut found = found.iter();
        found
            .find(|choice| choice.feature.as_deref() == Some(*label))
            .copied()
    });
    let whole = found.iter().find(|choice| exact(choice)).copied();
    let own = || {
        all.iter()
            .find(|choice| choice.feature.as_deref() == Some(wanted.as_str()))
    };
    whole
        .or(usual)
        .or(found.first().copied())
        .or_else(own)
        .cloned()
}

impl Choice {
    fn label<'a>(&'a self, annotation: &'a Annotation) -> &'a str {
        let Some(feature) = &self.feature else {
            return short(&self.layer);
        };
        let mut features = annotation.features.iter();
        let found = features.find(|(name, _)| name == feature);
        found.map_or("", |(_, value)| value.trim())
    }
}

/// A text and where its sentences start.
pub(super) struct Whole<'a> {
    pub id: Option<String>,
    pub group: Option<u32>,
    pub text: &'a str,
    /// Empty where the file says nothing of words; else in order.
    pub words: &'a [Word],
    /// The first byte and the line of each, in order.
    pub sentences: Vec<(usize, usize)>,
}

/// Byte offsets, as annotations have them here.
pub(super) fn counted_in_bytes(options: &ReadOptions) -> ReadOptions {
    ReadOptions {
        offsets: OffsetUnit::Bytes,
        shift: 0,
        line_ends: LineEnds::AsWritten,
        ..options.clone()
    }
}

/// Adds a document for each sentence; where an annotation runs over the end of one, it and the next
/// are one document.
pub(super) fn add(
    path: &Path,
    whole: &Whole,
    annotations: &[Annotation],
    choice: Option<&Choice>,
    standoff: &mut Standoff,
) {
    let mut sorted: Vec<&Annotation> = annotations.iter().collect();
    sorted.sort_by_key(|annotation| (annotation.start, annotation.end));
    let units = units(whole, &sorted);
    let several = units.len() > 1;
    let (mut left, mut sentences) = (sorted.as_slice(), whole.sentences.iter().peekable());
    let mut line = sentences.peek().map_or(1, |(_, line)| *line);
    for (i, unit) in units.iter().enumerate() {
        while let Some((_, next)) = sentences.next_if(|(start, _)| *start <= unit.start) {
            line = *next;
        }
        // What lies beyond the text is reported with the last piece of it.
        let own = match units.get(i + 1) {
            Some(next) => left.partition_point(|annotation| annotation.start < next.start),
            None => left.len(),
        };
        let (here, rest) = left.split_at(own);
        left = rest;
        let relative = |at: usize| {
            let signed = |at| i64::try_from(at).unwrap_or(i64::MAX);
            signed(at) - signed(unit.start)
        };
        let mark = |annotation: &&Annotation| Mark {
            line: annotation.line,
            pieces: vec![(relative(annotation.start), relative(annotation.end))],
            label: choice.map_or("", |choice| choice.label(annotation)).into(),
            ..Mark::default()
        };
        let marks: Vec<Mark> = here.iter().map(mark).collect();
        let first = whole.words.partition_point(|word| word.start < unit.start);
        let end = whole.words.partition_point(|word| word.end <= unit.end);
        let words = whole.words.get(first..end).unwrap_or_default().iter();
        let words: Vec<Word> = words
            .map(|word| Word {
                start: word.start - unit.start,
                end: word.end - unit.start,
            })
            .collect();
        let id = whole.id.as_ref().map(|id| match several {
            true => format!("{id}/{}", i + 1),
            false => id.clone(),
        });
        let text = Text {
            id,
            group: whole.group,
            line,
            text: &whole.text[unit.clone()],
            words: (!whole.words.is_empty()).then_some(words),
            marks: &marks,
        };
        standoff.add(path, &text);
    }
}

/// The pieces of the text that become documents, without the white space around them; the annotations
/// come by their starts.
fn units(whole: &Whole, sorted: &[&Annotation]) -> Vec<Range<usize>> {
    let text = whole.text;
    let mut units = Vec::with_capacity(whole.sentences.len() + 1);
    let (mut start, mut left, mut reach) = (0, sorted, 0);
    let cuts = whole.sentences.iter().map(|(at, _)| *at);
    for end in cuts.chain([text.len()]) {
        let own = left.partition_point(|annotation| annotation.start < end);
        // How far the annotations reach that start before the cut.
        let ends = left[..own].iter().map(|annotation| annotation.end);
        reach = ends.fold(reach, usize::max);
        let is_end = end == text.len();
        if !is_end && (end <= start || reach > end) {
            continue;
        }
        let piece = text.get(start..end).unwrap_or_default();
        let from = end - piece.trim_start().len();
        let to = start + piece.trim_end().len();
        // White space that is labelled stays, to be reported as such.
        let first = left.first().filter(|_| own > 0);
        let first = first.map_or(from, |annotation| from.min(annotation.start));
        let last = to.max(reach.min(end));
        if first < last {
            units.push(first..last);
        }
        (start, left) = (end.max(start), &left[own..]);
    }
    if units.is_empty() && !sorted.is_empty() {
        units.push(0..text.len());
    }
    units
}
