//! The types of a CAS, as `TypeSystem.xml` beside an XMI describes them: which features are texts, and
//! which hold the numbers of other structures.

use std::collections::HashMap;
use std::fs;
use std::path::Path;

use crate::format::layers::Kind;
use crate::format::xml::{Node, Xml, root};

/// The types that are described, by their names.
#[derive(Debug, Default)]
pub(crate) struct Types(HashMap<String, Type>);

#[derive(Debug, Default)]
struct Type {
    above: String,
    /// The types of its own features.
    ranges: HashMap<String, String>,
}

/// Types above one another; more go round in a circle.
const DEEPEST: usize = 100;

impl Types {
    /// What is called so in a folder or an archive.
    pub(in crate::format) fn is_name(name: &Path) -> bool {
        name.file_name()
            .is_some_and(|name| name.eq_ignore_ascii_case("typesystem.xml"))
    }

    /// `None` where it is no description of types.
    pub(in crate::format) fn parse(bytes: &[u8]) -> Option<Self> {
        let text = std::str::from_utf8(bytes).ok()?;
        root(text).filter(|name| name.ends_with("typeSystemDescription"))?;
        let mut xml = Xml::new(Path::new(""), text);
        let mut types = Self::default();
        let (mut names, mut name, mut found) = (Vec::new(), String::new(), Type::default());
        let (mut feature, mut range) = (String::new(), String::new());
        while let Some(node) = xml.next().ok()? {
            let text = match node {
                Node::Start(start) => {
                    names.push(start.name);
                    continue;
                }
                Node::End(text) => text.trim().to_owned(),
            };
            let own = names.pop().unwrap_or_default();
            let within = names.last().map_or("", String::as_str);
            match (within, own.as_str()) {
                ("typeDescription", "name") => name = text,
                ("typeDescription", "supertypeName") => found.above = text,
                ("featureDescription", "name") => feature = text,
                ("featureDescription", "rangeTypeName") => range = text,
                (_, "featureDescription") => {
                    let range = std::mem::take(&mut range);
                    found.ranges.insert(std::mem::take(&mut feature), range);
                }
                (_, "typeDescription") => {
                    let found = std::mem::take(&mut found);
                    types.0.insert(std::mem::take(&mut name), found);
                }
                _ => {}
            }
        }
        Some(types)
    }

    /// Those that are described in the folder of a file.
    pub(super) fn beside(file: &Path) -> Option<Self> {
        let folder = file.parent().filter(|_| file.is_file())?;
        let names = ["TypeSystem.xml", "typesystem.xml"];
        let mut found = names.iter().map(|name| folder.join(name));
        let bytes = found.find_map(|path| fs::read(path).ok())?;
        Self::parse(&bytes)
    }

    /// A type and those above it.
    fn above<'a>(&'a self, name: &str) -> impl Iterator<Item = &'a Type> {
        let first = self.0.get(name);
        let all = std::iter::successors(first, |one| self.0.get(&one.above));
        all.take(DEEPEST)
    }

    /// What the values of a feature are; `None` where that is not described.
    pub(super) fn kind(&self, name: &str, feature: &str) -> Option<Kind> {
        let range = self.above(name).find_map(|one| one.ranges.get(feature))?;
        // Texts of which only some are allowed have a type of their own.
        let is_text = |name: &str| matches!(name, "uima.cas.String" | "uima.cas.StringArray");
        let derived = || self.above(range).any(|one| is_text(&one.above));
        Some(match range.strip_prefix("uima.cas.") {
            _ if is_text(range) => Kind::Text,
            Some("StringList") => Kind::Text,
            Some(
                "Boolean" | "Byte" | "Short" | "Integer" | "Long" | "Float" | "Double"
                | "BooleanArray" | "ByteArray" | "ShortArray" | "IntegerArray" | "LongArray"
                | "FloatArray" | "DoubleArray" | "IntegerList" | "FloatList",
            ) => Kind::Number,
            None if derived() => Kind::Text,
            _ => Kind::Reference,
        })
    }
}
