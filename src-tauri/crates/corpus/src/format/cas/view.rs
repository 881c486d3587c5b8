//! One view of a CAS: a text, and what stands in it.

use std::collections::BTreeSet;
use std::ops::Range;

use super::{DOCUMENT, ENTITIES, OWN, Structure};
use crate::document::Word;
use crate::format::layers::{Annotation, Feature, Layers, NAMED_ENTITIES, short};
use crate::format::standoff::Standoff;
use crate::offset_inference::byte_at;
use crate::offsets::{LineBreaks, OffsetMap};
use crate::options::{LineEnds, OffsetUnit, ReadOptions};

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
pub(super) fn is_of_words(found: &Structure) -> bool {
    const AROUND: [&str; 3] = ["Sentence", "Paragraph", "Div"];
    let name = short(&found.kind);
    found.begin < found.end && !AROUND.contains(&name) && !DOCUMENT.contains(&name)
}

/// A text, and what stands in it.
pub(super) struct View<'a> {
    pub sofa: &'a Structure,
    pub text: &'a str,
    map: OffsetMap,
    unit: OffsetUnit,
    line_ends: LineEnds,
    breaks: LineBreaks,
    pub id: Option<String>,
    pub words: Vec<Word>,
    pub sentences: Vec<usize>,
    pub layers: Layers,
}

impl<'a> View<'a> {
    pub fn new(sofa: &'a Structure, options: &ReadOptions) -> Self {
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
            layers: Layers::new(),
        }
    }

    /// What it is called.
    pub fn name(&self) -> &str {
        self.sofa.feature("sofaID").unwrap_or(&self.sofa.id)
    }

    /// Words and sentences come in the order of the text.
    pub fn put_in_order(&mut self) {
        self.words
            .sort_unstable_by_key(|word| (word.start, word.end));
        // Words that overlap are a second opinion of what the words are.
        let mut behind = 0;
        self.words.retain(|word| {
            let free = word.start >= behind && word.end > word.start;
            behind = if free { word.end } else { behind };
            free
        });
        self.sentences.sort_unstable();
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
    pub fn read_line_ends(&mut self, found: &[&Structure]) -> bool {
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

    pub fn sort(&mut self, found: &Structure, chains: &BTreeSet<String>, standoff: &mut Standoff) {
        let (Some(begin), Some(end)) = (found.begin, found.end) else {
            return;
        };
        let (start, end) = (self.byte(begin), self.byte(end));
        let name = short(&found.kind);
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
        let refers = |feature: &str| found.references.iter().any(|(name, _)| name == feature);
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
            features.push(Feature::text("value", name));
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
