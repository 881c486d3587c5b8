//! A CAS in XMI.

use std::collections::{HashMap, HashSet};
use std::path::Path;

use super::{SOFA, Structure};
use crate::format::ReadError;
use crate::format::xml::{Node, Start, Xml};

/// All feature structures, which are the elements directly within the first.
pub(super) fn structures(path: &Path, text: &str) -> Result<Vec<Structure>, ReadError> {
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
                    last.features.push((name, text));
                }
            }
        }
    }
    refer(&mut found);
    Ok(found)
}

/// Structures are named by their numbers, which nothing marks as such.
fn refer(found: &mut [Structure]) {
    let ids: HashSet<String> = found.iter().map(|one| one.id.clone()).collect();
    let is_reference = |value: &str| {
        let mut numbers = value.split_whitespace();
        !value.trim().is_empty() && numbers.all(|number| ids.contains(number))
    };
    // A feature of a type is a reference everywhere or nowhere: years are not always numbers of something.
    let mut kinds: HashMap<(String, String), bool> = HashMap::new();
    for one in found.iter() {
        for (name, value) in &one.features {
            let known = kinds
                .entry((one.kind.clone(), name.clone()))
                .or_insert(true);
            *known &= is_reference(value);
        }
    }
    for one in found {
        let (kind, references) = (&one.kind, &mut one.references);
        one.features.retain(|(name, _)| {
            let refers = kinds.get(&(kind.clone(), name.clone())) == Some(&true);
            if refers {
                references.push(name.clone());
            }
            !refers
        });
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
            _ => found.features.push((name.clone(), value.clone())),
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
