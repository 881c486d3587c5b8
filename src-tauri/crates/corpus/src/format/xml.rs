//! Reads XML piece by piece, with the line of each.

use std::path::Path;

use quick_xml::XmlVersion;
use quick_xml::escape::resolve_predefined_entity;
use quick_xml::events::{BytesStart, Event};
use quick_xml::reader::Reader;

use crate::format::ReadError;
use crate::format::arrow::damaged;

/// A piece of a document; names come without the prefix of their name space.
pub(super) enum Node {
    Start(Start),
    /// The end of an element, and the text directly within it.
    End(String),
}

pub(super) struct Start {
    pub name: String,
    /// With its prefix and all.
    pub full_name: String,
    pub attributes: Vec<(String, String)>,
    pub line: usize,
}

impl Start {
    pub fn attribute(&self, name: &str) -> Option<&str> {
        let mut attributes = self.attributes.iter();
        let (_, value) = attributes.find(|(key, _)| key == name)?;
        Some(value)
    }
}

pub(super) struct Xml<'a> {
    path: &'a Path,
    text: &'a str,
    reader: Reader<&'a [u8]>,
    /// The text of each open element.
    open: Vec<String>,
    /// An element without content, which is still to be ended.
    empty: bool,
    line: usize,
    at: usize,
}

/// Elements in one another; no format that is read here has more than a dozen.
const DEEPEST: usize = 100;

impl<'a> Xml<'a> {
    pub fn new(path: &'a Path, text: &'a str) -> Self {
        Self {
            path,
            text,
            reader: Reader::from_str(text),
            open: Vec::new(),
            empty: false,
            line: 1,
            at: 0,
        }
    }

    /// The next piece; `None` at the end.
    pub fn next(&mut self) -> Result<Option<Node>, ReadError> {
        if std::mem::take(&mut self.empty) {
            let text = self.open.pop().unwrap_or_default();
            return Ok(Some(Node::End(text)));
        }
        loop {
            let start = self.reader.buffer_position();
            let event = self.reader.read_event();
            let event = match event {
                Ok(event) => event,
                Err(error) => {
                    let at = self.reader.error_position();
                    return Err(self.fault(at, &error.to_string()));
                }
            };
            match event {
                Event::Start(found) | Event::Empty(found) if self.open.len() >= DEEPEST => {
                    let name = found.name().into_inner().to_owned();
                    let what = format!("`{name}` lies in {DEEPEST} other elements");
                    return Err(self.fault(start, &what));
                }
                Event::Start(found) => {
                    let found = self.start(start, &found)?;
                    self.open.push(String::new());
                    return Ok(Some(Node::Start(found)));
                }
                Event::Empty(found) => {
                    let found = self.start(start, &found)?;
                    self.open.push(String::new());
                    self.empty = true;
                    return Ok(Some(Node::Start(found)));
                }
                Event::End(_) => {
                    let text = self.open.pop().unwrap_or_default();
                    return Ok(Some(Node::End(text)));
                }
                Event::Text(found) => self.push(&found.xml10_content()),
                Event::CData(found) => self.push(&found.xml10_content()),
                Event::GeneralRef(found) => {
                    let name = found.xml10_content();
                    let char = found.resolve_char_ref().ok().flatten();
                    match (char, resolve_predefined_entity(&name)) {
                        (Some(char), _) => self.push(char.encode_utf8(&mut [0; 4])),
                        (None, Some(known)) => self.push(known),
                        (None, None) => {
                            let what = format!("the entity `&{name};` is not known");
                            return Err(self.fault(start, &what));
                        }
                    }
                }
                Event::Eof if self.open.is_empty() => return Ok(None),
                Event::Eof => return Err(self.fault(start, "it ends within an element")),
                Event::Comment(_) | Event::Decl(_) | Event::PI(_) | Event::DocType(_) => {}
            }
        }
    }

    fn push(&mut self, text: &str) {
        if let Some(open) = self.open.last_mut() {
            open.push_str(text);
        }
    }

    fn start(&mut self, at: u64, found: &BytesStart) -> Result<Start, ReadError> {
        let full_name = found.name().into_inner().to_owned();
        let mut attributes = Vec::new();
        for attribute in found.attributes() {
            let value = attribute
                .map_err(|error| error.to_string())
                .and_then(|attribute| {
                    let value = attribute.normalized_value(XmlVersion::Implicit1_0);
                    let value = value.map_err(|error| error.to_string())?;
                    Ok((attribute.key.into_inner().to_owned(), value.into_owned()))
                });
            attributes.push(value.map_err(|what| self.fault(at, &what))?);
        }
        Ok(Start {
            name: found.local_name().into_inner().to_owned(),
            full_name,
            attributes,
            line: self.line(at),
        })
    }

    /// The line of a byte, which lies behind those asked for before.
    fn line(&mut self, at: u64) -> usize {
        let at = usize::try_from(at)
            .unwrap_or(usize::MAX)
            .min(self.text.len());
        if at > self.at {
            let between = &self.text.as_bytes()[self.at..at];
            self.line += memchr::memchr_iter(b'\n', between).count();
            self.at = at;
        }
        self.line
    }

    fn fault(&mut self, at: u64, what: &str) -> ReadError {
        let line = self.line(at);
        damaged(self.path, "XML", &format!("line {line}: {what}"))
    }
}

/// The name of the first element of a text that starts as XML does; looked for in its head alone.
pub(super) fn root(text: &str) -> Option<&str> {
    const HEAD: usize = 1 << 14;
    let mut rest = text.trim_start();
    let end = rest.len().min(HEAD);
    let end = (0..=end).rev().find(|at| rest.is_char_boundary(*at))?;
    rest = &rest[..end];
    loop {
        rest = rest.trim_start().strip_prefix('<')?;
        let skip = if rest.starts_with('?') {
            "?>"
        } else if rest.starts_with("!--") {
            "-->"
        } else if rest.starts_with('!') {
            ">"
        } else {
            let end = rest.find(|c: char| c.is_whitespace() || c == '>' || c == '/')?;
            return Some(&rest[..end]);
        };
        rest = &rest[rest.find(skip)? + skip.len()..];
    }
}
