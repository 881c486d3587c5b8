//! Which layer of annotations is read, and which of its features holds the labels: one choice for all
//! files of a data set.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use super::{Annotation, Kind, Layers, Marked};
use crate::format::ReadError;
use crate::issue::{Issue, IssueCode, Severity};
use crate::options::{ColumnChoice, ReadOptions};

/// The layer that every project has for named entities.
pub(in crate::format) const NAMED_ENTITIES: &str =
    "de.tudarmstadt.ukp.dkpro.core.api.ner.type.NamedEntity";

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
pub(in crate::format) const LABELS: [&str; 8] = [
    "value", "label", "type", "category", "class", "tag", "name", "entity",
];

/// Features that link to something, and name no kind.
const LINKS: [&str; 4] = ["identifier", "confidence", "comment", "score"];

/// Features in which people write what they think; they name a kind only where nothing else does.
const NOTES: [&str; 8] = [
    "note",
    "notes",
    "remark",
    "remarks",
    "comments",
    "description",
    "explanation",
    "justification",
];

/// What is read: layers, and the feature that holds the labels; none where the names of the layers are
/// the only labels.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Choice {
    layers: Vec<String>,
    feature: Option<String>,
}

impl Choice {
    fn new(layer: &str, feature: Option<&str>) -> Self {
        Self {
            layers: vec![layer.into()],
            feature: feature.map(String::from),
        }
    }

    /// The annotations that are read, with their labels.
    pub(in crate::format) fn marks(&self, layers: &Layers) -> Vec<Marked> {
        let found = self.layers.iter().filter_map(|layer| {
            let (name, annotations) = layers.get_key_value(layer)?;
            Some(annotations.iter().map(|one| self.mark(name, one)))
        });
        found.flatten().collect()
    }

    fn mark(&self, layer: &str, annotation: &Annotation) -> Marked {
        let (label, further) = match &self.feature {
            None => (short(layer), 0),
            Some(feature) => {
                let mut values = annotation.values(feature).filter(|value| !value.is_empty());
                (values.next().unwrap_or_default(), values.count())
            }
        };
        Marked {
            line: annotation.line,
            start: annotation.start,
            end: annotation.end,
            label: label.into(),
            further,
        }
    }

    fn covers(&self, other: &Self) -> bool {
        self.feature == other.feature && other.layers.iter().all(|one| self.layers.contains(one))
    }

    /// As a person names it.
    pub(super) fn plain(&self) -> String {
        let layers: Vec<&str> = self.layers.iter().map(|layer| short(layer)).collect();
        let layers = layers.join(", ");
        match &self.feature {
            Some(feature) => format!("{layers}.{feature}"),
            None => layers,
        }
    }

    pub(super) fn shown(&self) -> String {
        match &self.layers[..] {
            [_] => format!("`{}`", self.plain()),
            layers => {
                let layers: Vec<String> = layers
                    .iter()
                    .map(|layer| format!("`{}`", short(layer)))
                    .collect();
                layers.join(", ")
            }
        }
    }
}

/// `webanno.custom.Staff` is called `Staff`.
pub(in crate::format) fn short(layer: &str) -> &str {
    layer.rsplit('.').next().unwrap_or(layer)
}

/// The part of a layer's name before that.
fn package(layer: &str) -> &str {
    layer.rsplit_once('.').map_or("", |(package, _)| package)
}

/// How much there is of what, by which a choice is made.
#[derive(Debug, Default)]
pub(in crate::format) struct Summary {
    layers: BTreeMap<String, Layer>,
    /// Layers whose annotations overlap, as pairs.
    overlapping: BTreeSet<(String, String)>,
    /// For each file the layers with annotations.
    files: Vec<BTreeSet<String>>,
}

#[derive(Debug, Default)]
struct Layer {
    annotations: usize,
    features: BTreeMap<String, Feature>,
}

#[derive(Debug)]
struct Feature {
    /// Annotations that have a value of it.
    count: usize,
    kind: Kind,
}

impl Layer {
    fn add(&mut self, name: &str, count: usize, kind: Kind) {
        let new = || Feature { count: 0, kind };
        let feature = self.features.entry(name.into()).or_insert_with(new);
        feature.count += count;
        // One text among numbers shows that they are texts as well.
        feature.kind = feature.kind.min(kind);
    }

    /// The feature that names the kinds: one of those that usually do, else the most frequent text; what
    /// counts or is true or false only where there is nothing else.
    fn label(&self) -> Option<&str> {
        let rank = |name: &str, feature: &Feature| {
            let usual = LABELS.iter().position(|label| *label == name);
            let group = match (feature.kind, usual) {
                _ if NOTES.contains(&name) => 5,
                (Kind::Text | Kind::Unsure, Some(_)) => 0,
                (Kind::Text, None) => 1,
                (_, Some(_)) => 2,
                (Kind::Unsure, None) => 3,
                (_, None) => 4,
            };
            let place = usual.unwrap_or(LABELS.len());
            (group, place, std::cmp::Reverse(feature.count))
        };
        let named = self.features.iter().filter(|(name, feature)| {
            feature.kind != Kind::Reference && !LINKS.contains(&name.as_str())
        });
        let best = named.min_by_key(|(name, feature)| rank(name, feature));
        best.map(|(name, _)| name.as_str())
    }
}

impl Summary {
    /// Of the annotations of one text.
    pub fn of(layers: &Layers) -> Self {
        let mut summary = Self {
            overlapping: overlapping(layers),
            ..Self::default()
        };
        for (name, annotations) in layers {
            let layer = summary.layers.entry(name.clone()).or_default();
            layer.annotations = annotations.len();
            for annotation in annotations {
                let mut seen: Option<&str> = None;
                let filled = annotation.features.iter();
                for feature in filled.filter(|feature| !feature.value.trim().is_empty()) {
                    // Several values of one feature stand together.
                    let again = seen == Some(&feature.name);
                    layer.add(&feature.name, usize::from(!again), feature.kind);
                    seen = Some(&feature.name);
                }
            }
        }
        let filled = layers.iter().filter(|(_, found)| !found.is_empty());
        summary
            .files
            .push(filled.map(|(name, _)| name.clone()).collect());
        summary
    }

    /// Adds another text of the same file.
    pub fn add_text(&mut self, other: Self) {
        let files = self.files.len();
        self.add_file(other);
        let layers = self.files.split_off(files.max(1)).into_iter().flatten();
        if let Some(file) = self.files.first_mut() {
            file.extend(layers);
        }
    }

    /// Adds another file.
    pub fn add_file(&mut self, other: Self) {
        for (name, found) in other.layers {
            let layer = self.layers.entry(name).or_default();
            layer.annotations += found.annotations;
            for (name, feature) in found.features {
                layer.add(&name, feature.count, feature.kind);
            }
        }
        self.overlapping.extend(other.overlapping);
        self.files.extend(other.files);
    }

    /// Chooses what is read, and says what else there would be. `None` where no layer has an annotation.
    pub fn choose(
        &self,
        path: &Path,
        options: &ReadOptions,
    ) -> Result<(Option<Choice>, Vec<Issue>), ReadError> {
        if let Some(ColumnChoice::Name(wanted)) = &options.tag_column {
            let named = self.named(wanted).ok_or_else(|| {
                let names: Vec<String> = self.choices().iter().map(Choice::shown).collect();
                ReadError::NoSuchColumn {
                    file: path.into(),
                    wanted: wanted.clone(),
                    available: match names.is_empty() {
                        true => "no layer with annotations".into(),
                        false => format!("the layers and features {}", names.join(", ")),
                    },
                }
            })?;
            return Ok((Some(named), Vec::new()));
        }
        let tell = |severity, message, first: &Choice| {
            let fix = format!(
                "to read another layer, choose it with `--tag-column {}`",
                first.plain()
            );
            let code = IssueCode::SeveralTagColumns;
            Issue::new(severity, code, path, 0, message).fix(fix)
        };
        let names = |others: &[Choice]| -> String {
            let names: Vec<String> = others.iter().map(Choice::shown).collect();
            names.join(", ")
        };
        let Some(choice) = self.usual() else {
            let others = self.choices();
            let issues = others.first().map(|first| {
                let message = format!(
                    "no layer of entities is there; annotations are in {}",
                    names(&others)
                );
                tell(Severity::Warning, message, first)
            });
            return Ok((None, issues.into_iter().collect()));
        };
        let mut others = self.choices();
        others.retain(|other| !choice.covers(other));
        let issues = others.first().map(|first| {
            let mut message = format!(
                "the labels are read from {}; {} {} annotations as well",
                choice.shown(),
                names(&others),
                if others.len() == 1 { "has" } else { "have" }
            );
            // Of layers that could all be the one, the largest is a guess.
            let rival = |other: &Choice| {
                let is_other = |layer| !choice.layers.contains(layer) && has_entities(layer);
                other.layers.iter().any(is_other)
            };
            let usual = choice.layers == [NAMED_ENTITIES];
            let guessed = !usual && others.iter().any(rival);
            let without = self.without(&choice);
            if without > 0 {
                message.push_str(&format!(
                    "; {without} of {} files have some only there",
                    self.files.len()
                ));
            }
            let severity = match guessed || without > 0 {
                true => Severity::Warning,
                false => Severity::Info,
            };
            tell(severity, message, first)
        });
        Ok((Some(choice), issues.into_iter().collect()))
    }

    /// The files that have annotations of entities, but none in what is read.
    fn without(&self, choice: &Choice) -> usize {
        let files = self.files.iter().filter(|layers| {
            layers.iter().any(|layer| has_entities(layer))
                && !choice.layers.iter().any(|layer| layers.contains(layer))
        });
        match self.files.len() {
            1 => 0,
            _ => files.count(),
        }
    }

    /// The named entities, else the layer with the most annotations; with it those that are labels in the
    /// same way, each by its name.
    fn usual(&self) -> Option<Choice> {
        let filled = || {
            let filled = self.layers.iter();
            filled.filter(|(name, layer)| layer.annotations > 0 && has_entities(name))
        };
        let usual = filled().find(|(name, _)| *name == NAMED_ENTITIES);
        let most = || filled().rev().max_by_key(|(_, layer)| layer.annotations);
        let (name, layer) = usual.or_else(most)?;
        let mut choice = Choice::new(name, layer.label());
        if choice.feature.is_some() || name == NAMED_ENTITIES {
            return Some(choice);
        }
        let alike = filled()
            .filter(|(other, layer)| package(other) == package(name) && layer.label().is_none());
        let alike: Vec<String> = alike.map(|(name, _)| name.clone()).collect();
        let overlap = |one: &String| {
            let pairs = alike.iter().map(|other| (one.clone(), other.clone()));
            pairs
                .into_iter()
                .any(|pair| self.overlapping.contains(&pair))
        };
        // Entities do not overlap; what lies in another is of another kind, such as a paragraph.
        if !alike.iter().any(overlap) {
            choice.layers = alike;
        }
        Some(choice)
    }

    /// All that could be read.
    fn choices(&self) -> Vec<Choice> {
        let filled = self
            .layers
            .iter()
            .filter(|(_, layer)| layer.annotations > 0);
        let of = |(name, layer): (&String, &Layer)| -> Vec<Choice> {
            let features = layer.features.iter();
            let values = features.filter(|(_, feature)| feature.kind != Kind::Reference);
            let found: Vec<Choice> = values
                .map(|(feature, _)| Choice::new(name, Some(feature)))
                .collect();
            match found.is_empty() {
                true => vec![Choice::new(name, None)],
                false => found,
            }
        };
        filled.flat_map(of).collect()
    }

    /// The layer that a person names: in whole or in short, with or without a feature, or by a feature
    /// alone.
    fn named(&self, wanted: &str) -> Option<Choice> {
        let wanted = wanted.replace('|', ".");
        let filled = || {
            self.layers
                .iter()
                .filter(|(_, layer)| layer.annotations > 0)
        };
        let called = |name: &str| name == wanted || short(name) == wanted;
        let layer = || {
            let (name, layer) = filled().find(|(name, _)| called(name))?;
            Some(Choice::new(name, layer.label()))
        };
        let features =
            || filled().flat_map(|(name, layer)| layer.features.keys().map(move |own| (name, own)));
        let is = |name: &str, feature: &str| {
            wanted
                .strip_suffix(feature)
                .and_then(|rest| rest.strip_suffix('.'))
                .is_some_and(|layer| layer == name || layer == short(name))
        };
        let both = features().find(|(name, feature)| is(name, feature));
        let own = || features().find(|(_, feature)| **feature == wanted);
        let chosen = |(name, feature): (&String, &String)| Choice::new(name, Some(feature));
        both.map(chosen)
            .or_else(layer)
            .or_else(|| own().map(chosen))
    }
}

/// The pairs of layers of which an annotation of one overlaps an annotation of the other.
fn overlapping(layers: &Layers) -> BTreeSet<(String, String)> {
    let mut all: Vec<(usize, usize, &String)> = Vec::new();
    for (name, annotations) in layers.iter().filter(|(name, _)| has_entities(name)) {
        all.extend(annotations.iter().map(|one| (one.start, one.end, name)));
    }
    all.sort_unstable();
    let mut pairs = BTreeSet::new();
    let mut ends: BTreeMap<&String, usize> = BTreeMap::new();
    for (start, end, name) in all {
        for (other, reach) in &ends {
            if *reach > start && *other != name {
                pairs.insert((name.clone(), (*other).clone()));
                pairs.insert(((*other).clone(), name.clone()));
            }
        }
        let reach = ends.entry(name).or_default();
        *reach = end.max(*reach);
    }
    pairs
}
