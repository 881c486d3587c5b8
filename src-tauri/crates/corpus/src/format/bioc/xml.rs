//! BioC in XML.

use std::path::Path;

use super::{Annotation, Element, Entry};
use crate::format::ReadError;
use crate::format::xml::{Node, Xml};

/// The documents of a collection, one after the other.
pub(super) fn read(path: &Path, text: &str, mut take: impl FnMut(Entry)) -> Result<(), ReadError> {
    let mut xml = Xml::new(path, text);
    // The elements around, from the outermost.
    let mut names: Vec<String> = Vec::new();
    let mut entry = Entry::default();
    let mut open: Vec<Element> = Vec::new();
    let mut annotation: Option<Annotation> = None;
    let mut key = String::new();
    while let Some(node) = xml.next()? {
        match node {
            Node::Start(start) => {
                match start.name.as_str() {
                    "document" => {
                        entry = Entry {
                            line: start.line,
                            ..Entry::default()
                        };
                        open.clear();
                    }
                    "passage" | "sentence" => open.push(Element {
                        line: start.line,
                        ..Element::default()
                    }),
                    "annotation" => {
                        annotation = Some(Annotation {
                            line: start.line,
                            ..Annotation::default()
                        });
                    }
                    "relation" => entry.relations += 1,
                    "infon" => key = start.attribute("key").unwrap_or_default().into(),
                    "location" => {
                        let number = |name| start.attribute(name)?.trim().parse::<i64>().ok();
                        if let (Some(annotation), Some(offset), Some(length)) =
                            (&mut annotation, number("offset"), number("length"))
                        {
                            annotation.locations.push((offset, length));
                        }
                    }
                    _ => {}
                }
                names.push(start.name);
            }
            Node::End(text) => {
                let name = names.pop().unwrap_or_default();
                let within = names.last().map(String::as_str).unwrap_or_default();
                match (name.as_str(), within) {
                    ("id", "document") => entry.id = Some(text).filter(|id| !id.is_empty()),
                    ("infon", "annotation") => {
                        if let Some(annotation) = &mut annotation {
                            annotation.infons.push((std::mem::take(&mut key), text));
                        }
                    }
                    ("text", "annotation") => {
                        if let Some(annotation) = &mut annotation {
                            annotation.text = Some(text);
                        }
                    }
                    ("text", "passage" | "sentence") => {
                        if let Some(element) = open.last_mut() {
                            element.text = Some(text);
                        }
                    }
                    ("offset", "passage" | "sentence") => {
                        if let Some(element) = open.last_mut() {
                            element.offset = text.trim().parse().ok();
                        }
                    }
                    ("annotation", _) => {
                        let found = annotation.take();
                        let annotations = match open.last_mut() {
                            Some(element) => &mut element.annotations,
                            None => &mut entry.annotations,
                        };
                        annotations.extend(found);
                    }
                    ("passage" | "sentence", _) => {
                        let element = open.pop().unwrap_or_default();
                        match open.last_mut() {
                            Some(around) => around.sentences.push(element),
                            None => entry.passages.push(element),
                        }
                    }
                    ("document", _) => take(std::mem::take(&mut entry)),
                    _ => {}
                }
            }
        }
    }
    Ok(())
}
