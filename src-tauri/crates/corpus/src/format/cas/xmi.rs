//! A CAS in XMI.

use std::collections::{HashMap, HashSet};
use std::path::Path;

use super::types::Types;
use super::{DOCUMENT, SOFA, STRINGS, Structure};
use crate::format::ReadError;
use crate::format::layers::{Feature, Kind, LABELS, short};
use crate::format::xml::{Node, Start, Xml};

/// All feature structures, which are the elements directly within the first.
pub(super) fn structures(
    path: &Path,
    text: &str,
    types: Option<&Types>,
) -> Result<Vec<Structure>, ReadError> {
    let mut xml = Xml::new(path, text);
    let mut spaces: Vec<(String, String)> = Vec::new();
    let mut found: Vec<Structure> = Vec::new();
    let mut names: Vec<String> = Vec::new();
    while let Some(node) = xml.next()? {
        match node {
            Node::Start(start) => {
                for (name, space) in &start.attributes {
                    if let Some(prefix) = name.strip_prefix("xmlns:") {
                        spaces.push((prefix.into(), space.clone()));
                    }
                }
                names.push(start.name.clone());
                if names.len() == 2 {
                    found.push(structure(&start, &spaces));
                }
            }
            Node::End(text) => {
                let name = names.pop().unwrap_or_default();
                // Lists of texts are elements of their own.
                if names.len() == 2
                    && let Some(last) = found.last_mut()
                {
                    last.features.push(Feature::text(name, text));
                }
            }
        }
    }
    refer(&mut found, types);
    Ok(found)
}

/// Features of DKPro's and UIMA's own types that hold the numbers of other structures.
const REFERENCES: [&str; 14] = [
    "Governor",
    "Dependent",
    "first",
    "next",
    "head",
    "tail",
    "elements",
    "members",
    "lemma",
    "stem",
    "pos",
    "morph",
    "parent",
    "children",
];

/// Structures are named by their numbers, which nothing marks as such: the types that came beside the file
/// say which features hold them, else what they would refer to.
fn refer(found: &mut [Structure], types: Option<&Types>) {
    let targets: HashMap<&str, Target> = found
        .iter()
        .map(|one| (one.id.as_str(), Target::of(one)))
        .collect();
    // A feature of a type is a reference everywhere or nowhere: years are not always numbers of something.
    let mut uses: HashMap<(String, String), Use> = HashMap::new();
    for one in found.iter() {
        for feature in one.features.iter().filter(|one| one.kind != Kind::Text) {
            let new = || (one.kind.clone(), feature.name.clone());
            let known = uses.entry(new()).or_default();
            known.add(one, &feature.value, &targets);
        }
    }
    let kinds: HashMap<(String, String), Kind> = uses
        .into_iter()
        .filter_map(|((layer, name), found)| {
            let known = types.and_then(|types| types.kind(&layer, &name));
            let kind = match known {
                // Lists of texts are elements, unless several structures share one.
                Some(Kind::Text) if found.is_of_strings() => Some(Kind::Reference),
                Some(known) => Some(known),
                None => found.refers(&name).then_some(Kind::Reference),
            };
            Some(((layer, name), kind?))
        })
        .collect();
    for one in found {
        let (layer, references) = (&one.kind, &mut one.references);
        for feature in one.features.iter_mut() {
            if let Some(kind) = kinds.get(&(layer.clone(), feature.name.clone())) {
                feature.kind = *kind;
            }
            if feature.kind == Kind::Reference {
                references.push((feature.name.clone(), feature.value.clone()));
            }
        }
    }
}

/// What a number would refer to.
struct Target {
    kind: String,
    /// The piece of a text that it marks, where it marks one.
    place: Option<(u64, u64)>,
}

impl Target {
    fn of(one: &Structure) -> Self {
        Self {
            kind: one.kind.clone(),
            place: one.begin.zip(one.end),
        }
    }
}

/// How a feature is used whose values may be the numbers of structures.
struct Use {
    /// All values are numbers of structures.
    all: bool,
    /// Some value is a list of them.
    several: bool,
    /// One of them is what no annotation refers to: a text, or an annotation of the same type.
    is_odd: bool,
    /// One of them is elsewhere in the text.
    is_apart: bool,
    /// All are structures without a place in a text, as links are.
    links: bool,
    /// All are lists of texts.
    strings: bool,
    /// One stands there twice: labels do, and structures that belong to an annotation do not.
    twice: bool,
    seen: HashSet<String>,
}

impl Default for Use {
    fn default() -> Self {
        Self {
            all: true,
            several: false,
            is_odd: false,
            is_apart: false,
            links: true,
            strings: true,
            twice: false,
            seen: HashSet::new(),
        }
    }
}

impl Use {
    fn add(&mut self, one: &Structure, value: &str, targets: &HashMap<&str, Target>) {
        const NEVER: [&str; 3] = [SOFA, "uima.cas.View", "uima.cas.NULL"];
        let mut count = 0;
        for id in value.split_whitespace() {
            count += 1;
            self.twice |= !self.seen.insert(id.into());
            let Some(target) = targets.get(id) else {
                self.all = false;
                continue;
            };
            self.is_odd |= NEVER.contains(&target.kind.as_str())
                || DOCUMENT.contains(&short(&target.kind))
                || target.kind == one.kind;
            if let Some((begin, end)) = target.place {
                let apart = Some(begin) >= one.end || one.begin >= Some(end);
                self.is_apart |= apart && one.begin.is_some();
                self.links = false;
            }
            self.strings &= target.kind == STRINGS;
        }
        self.several |= count > 1;
        self.all &= count > 0;
    }

    fn is_of_strings(&self) -> bool {
        self.all && self.strings
    }

    /// Labels may be numbers as well, such as grades. They repeat, and what has such a number is anything.
    fn refers(&self, name: &str) -> bool {
        let likely = self.several || self.links || !self.twice && !self.is_apart;
        self.all
            && (REFERENCES.contains(&name)
                || self.strings
                || !LABELS.contains(&name) && !self.is_odd && likely)
    }
}

fn structure(start: &Start, spaces: &[(String, String)]) -> Structure {
    let mut found = Structure {
        kind: kind(start, spaces),
        line: start.line,
        ..Structure::default()
    };
    for (name, value) in &start.attributes {
        let number = || value.trim().parse().ok();
        match name.as_str() {
            "xmi:id" => found.id.clone_from(value),
            "sofa" if found.kind != SOFA => found.sofa.clone_from(value),
            "begin" => found.begin = number(),
            "end" => found.end = number(),
            _ => found
                .features
                .push(Feature::untyped(name.clone(), value.clone())),
        }
    }
    found
}

/// `custom:Staff`, where the prefix stands for `http:///webanno/custom.ecore`, is `webanno.custom.Staff`.
fn kind(start: &Start, spaces: &[(String, String)]) -> String {
    let Some((prefix, name)) = start.full_name.split_once(':') else {
        return start.full_name.clone();
    };
    let mut known = spaces.iter().rev();
    let Some((_, space)) = known.find(|(known, _)| known == prefix) else {
        return start.full_name.clone();
    };
    let space = space.strip_prefix("http:///").unwrap_or(space);
    let space = space.strip_suffix(".ecore").unwrap_or(space);
    match space {
        "uima/noNamespace" => name.into(),
        _ => format!("{}.{name}", space.replace('/', ".")),
    }
}
