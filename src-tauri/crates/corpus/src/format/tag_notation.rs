//! How a file writes its tags: with prefixes, as bare labels, or as bare letters.

use std::collections::BTreeSet;

use crate::scheme::{Scheme, Tag};

/// How the tag column says what a word is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Notation {
    /// `B-PER`, `O`.
    Prefixed,
    /// `PER`, `O`.
    BareLabels,
    /// `B`, `I`, `O` without any label: there is one kind of entity.
    BareLetters,
}

/// The label given to entities whose tags name none.
pub(super) const ONLY_LABEL: &str = "ENTITY";

impl Notation {
    /// The tag that `text` stands for, or `None` when it is none.
    pub fn tag(self, text: &str) -> Option<Tag> {
        match self {
            Notation::Prefixed => Tag::parse(text).ok(),
            Notation::BareLabels if text == "O" => Some(Tag::Outside),
            Notation::BareLabels => Tag::parse(&format!("I-{text}")).ok(),
            Notation::BareLetters if text == "O" => Some(Tag::Outside),
            Notation::BareLetters => Tag::parse(&format!("{text}-{ONLY_LABEL}")).ok(),
        }
    }
}

impl Notation {
    /// The scheme that alone has the letter of this tag.
    pub fn own_letters(self, tag: &str) -> Option<Scheme> {
        let letter = match self {
            Notation::BareLabels => return None,
            Notation::Prefixed => tag.split_once('-')?.0,
            Notation::BareLetters => tag,
        };
        match letter {
            "L" | "U" => Some(Scheme::Bilou),
            "M" => Some(Scheme::Bmes),
            _ => None,
        }
    }
}

/// A set of names larger than this is words, not labels.
const MOST_LABELS: usize = 200;

/// The notation of a column, or `None` when it holds no tags. A few faulty values are allowed:
/// they are reported one by one later.
pub(super) fn notation<'a>(values: impl Iterator<Item = &'a str>) -> Option<Notation> {
    let (mut rows, mut outside, mut prefixed, mut letters) = (0usize, 0usize, 0usize, 0usize);
    let mut named = false;
    let mut others: BTreeSet<&str> = BTreeSet::new();
    for value in values {
        rows += 1;
        match value.trim() {
            "O" => outside += 1,
            value if Tag::is_tag(value) => {
                prefixed += 1;
                named = named || value[1..].contains(char::is_alphabetic);
            }
            "" => {}
            value => {
                letters += usize::from(matches!(value, "B" | "I" | "E" | "S" | "L" | "U" | "M"));
                if others.len() <= MOST_LABELS {
                    others.insert(value);
                }
            }
        }
    }
    let tags = outside + prefixed;
    // Roads are called `I-95`: without any `O`, and without a letter in any label, they are no tags.
    if prefixed > 0 && tags * 2 > rows && (outside > 0 || named) {
        return Some(Notation::Prefixed);
    }
    if prefixed > 0 || outside == 0 {
        return None;
    }
    if letters > 0 && letters + outside == rows {
        return Some(Notation::BareLetters);
    }
    if others.is_empty() {
        return Some(Notation::Prefixed); // nothing but `O`
    }
    // Labels repeat or shout; words of prose, which may hold an `O`, do neither.
    let inside = rows - outside;
    let repeated = others.len() * 2 <= inside.max(2) || outside * 2 > rows;
    let shouted = others.iter().all(|name| *name == name.to_uppercase());
    let few = others.len() <= MOST_LABELS && (repeated || shouted);
    let plain = others
        .iter()
        .all(|name| name.starts_with(char::is_alphabetic));
    (few && plain && outside * 10 >= rows).then_some(Notation::BareLabels)
}

/// The notation of values that are known to be tags.
pub(super) fn notation_of_tags<'a>(values: impl Iterator<Item = &'a str> + Clone) -> Notation {
    let mut all = values.clone();
    match notation(values) {
        Some(found) => found,
        None if all.all(|tag| tag == "O" || !Tag::is_tag(tag)) => Notation::BareLabels,
        None => Notation::Prefixed,
    }
}
