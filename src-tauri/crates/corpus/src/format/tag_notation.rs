//! How a file writes its tags: with prefixes, in another order or with other signs, as bare labels, or as
//! bare letters; and what it calls the words outside of entities.
//!
//! One file, as what decides for a notation and what reads it must name the same spellings.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::path::Path;

use crate::issue::{Issue, IssueCode, Issues, Severity, excerpt};
use crate::scheme::{Scheme, Tag};

/// How the tag column says what a word is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Notation {
    /// `B-PER`, `O`.
    Prefixed,
    /// Letter and label in another order, with another sign between them, or with a word for the letter:
    /// `PER-B`, `B_PER`, `b-PER`, `BEGIN-PER`.
    Spelled(Spelling),
    /// `PER`, `O`.
    BareLabels,
    /// `PER`, `OTHER`: a file that has no `O`, and a label that says as much.
    BareLabelsAndOther,
    /// `B`, `I`, `O` without any label, or words for them: there is one kind of entity.
    BareLetters,
}

/// Where the letter of a tag stands, and what separates it from the label.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Spelling {
    separator: char,
    /// The letter is behind the label.
    behind: bool,
    letters: Letters,
}

/// What stands for the letter of a tag.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Letters {
    /// `B`.
    Capital,
    /// `b`.
    Small,
    /// `BEGIN`, in capitals or not.
    Word,
}

impl Letters {
    const ALL: [Letters; 3] = [Letters::Capital, Letters::Small, Letters::Word];

    /// The letter that `text` stands for, as a capital.
    fn letter(self, text: &str) -> Option<char> {
        if self == Letters::Word {
            return letter_of_word(text);
        }
        let mut chars = text.chars();
        let first = chars.next().filter(|_| chars.next().is_none())?;
        let known = match self {
            Letters::Small => "bieslum".contains(first),
            _ => "BIESLUM".contains(first),
        };
        known.then_some(first.to_ascii_uppercase())
    }

    /// Are these the letters of tags, of one label after the other? Labels can be called `BEGIN_DATE` and
    /// `END_DATE`: words are tags only where an entity begins and goes on.
    fn are_tags<'l>(self, labels: impl Iterator<Item = &'l BTreeSet<char>>) -> bool {
        let goes_on = |letters: &BTreeSet<char>| {
            letters.contains(&'B') && (letters.contains(&'I') || letters.contains(&'M'))
        };
        let mut labels = labels;
        self != Letters::Word || labels.any(goes_on)
    }
}

/// The words that are written for letters.
const WORDS: [(&str, char); 11] = [
    ("begin", 'B'),
    ("beginning", 'B'),
    ("beg", 'B'),
    ("inside", 'I'),
    ("in", 'I'),
    ("middle", 'M'),
    ("mid", 'M'),
    ("end", 'E'),
    ("last", 'L'),
    ("single", 'S'),
    ("unit", 'U'),
];

fn letter_of_word(text: &str) -> Option<char> {
    let known = WORDS
        .iter()
        .find(|(word, _)| word.eq_ignore_ascii_case(text));
    known.map(|(_, letter)| *letter)
}

/// The label given to entities whose tags name none.
pub(super) const ONLY_LABEL: &str = "ENTITY";

/// What separates letter and label.
const SEPARATORS: [char; 5] = ['-', '_', '.', ':', '/'];

/// What words outside of entities are called beside `O`. No entity has such a label.
const OUTSIDE: [&str; 17] = [
    "o", "0", "-", "_", "None", "NONE", "none", "null", "NULL", "nan", "NaN", "NIL", "OUT",
    "OUTSIDE", "Outside", "outside", "out",
];

/// What may be a label as well: it means the words outside where nothing else does.
const OTHER: [&str; 3] = ["OTHER", "Other", "other"];

/// Does a tag say that a word is outside of all entities, in whatever spelling? Some of these are labels in
/// other files.
pub(crate) fn means_outside(text: &str) -> bool {
    text == "O" || OUTSIDE.contains(&text)
}

impl Spelling {
    /// All, the usual one aside.
    fn all() -> impl Iterator<Item = Self> {
        SEPARATORS.into_iter().flat_map(|separator| {
            Letters::ALL
                .into_iter()
                .flat_map(|letters| [(false, letters), (true, letters)])
                .filter(move |other| (separator, *other) != ('-', (false, Letters::Capital)))
                .map(move |(behind, letters)| Self {
                    separator,
                    behind,
                    letters,
                })
        })
    }

    /// The letter and the label of a tag.
    fn parts(self, text: &str) -> Option<(char, &str)> {
        let (letter, label) = match self.behind {
            true => text
                .rsplit_once(self.separator)
                .map(|(label, letter)| (letter, label)),
            false => text.split_once(self.separator),
        }?;
        let letter = self.letters.letter(letter)?;
        (!label.is_empty()).then_some((letter, label))
    }

    /// As [`Tag::parse`] reads it.
    fn canonical(self, text: &str) -> Option<String> {
        let (letter, label) = self.parts(text)?;
        Some(format!("{letter}-{label}"))
    }
}

/// Could a text be a tag in another spelling than the usual one? Asked of a first row, which may name columns.
pub(super) fn may_be_spelled(text: &str) -> bool {
    Spelling::all()
        .filter(|spelling| spelling.letters == Letters::Capital)
        .any(|spelling| spelling.parts(text).is_some())
}

/// In which spelling labels are tags, and what each is in the usual one: `B_PER` is `B-PER`. `None` where
/// they are labels.
pub(crate) fn tags_among<'l>(
    labels: impl Iterator<Item = &'l str> + Clone,
) -> Option<BTreeMap<String, String>> {
    let usual = Spelling {
        separator: '-',
        behind: false,
        letters: Letters::Capital,
    };
    let best = std::iter::once(usual)
        .chain(Spelling::all())
        .map(|spelling| {
            let parts: Vec<(char, &str)> = labels
                .clone()
                .filter_map(|label| spelling.parts(label))
                .collect();
            // One such label alone may be a name (`B-cell`); the same name with two letters is not.
            let twice = |part: &&(char, &str)| {
                let mut others = parts.iter();
                others.any(|other| other.1 == part.1 && other.0 != part.0)
            };
            let mut letters: BTreeMap<&str, BTreeSet<char>> = BTreeMap::new();
            for (letter, label) in &parts {
                letters.entry(label).or_default().insert(*letter);
            }
            let tags = spelling.letters.are_tags(letters.values());
            let count = parts.iter().filter(twice).count();
            (if tags { count } else { 0 }, spelling)
        })
        .fold((0, usual), |best, found| match found.0 > best.0 {
            true => found,
            false => best,
        });
    let (count, spelling) = best;
    if count == 0 {
        return None;
    }
    // With tags among the labels, what else has a letter is one too: an entity of one word.
    let tags = labels.filter_map(|label| Some((label.to_owned(), spelling.canonical(label)?)));
    Some(tags.collect())
}

impl Notation {
    /// The tag that `text` stands for, or `None` when it is none.
    pub fn tag(self, text: &str) -> Option<Tag> {
        if text == "O" {
            return Some(Tag::Outside);
        }
        let tag = match self {
            Notation::Prefixed => Tag::parse(text).ok(),
            Notation::Spelled(spelling) => spelling
                .canonical(text)
                .and_then(|text| Tag::parse(&text).ok()),
            Notation::BareLabels | Notation::BareLabelsAndOther if OUTSIDE.contains(&text) => None,
            Notation::BareLabelsAndOther if OTHER.contains(&text) => None,
            Notation::BareLabels | Notation::BareLabelsAndOther => {
                Tag::parse(&format!("I-{text}")).ok()
            }
            Notation::BareLetters => {
                let letter = letter_of_word(text).map(String::from);
                let letter = letter.as_deref().unwrap_or(text);
                Tag::parse(&format!("{letter}-{ONLY_LABEL}")).ok()
            }
        };
        match tag {
            // An entity called `O` is never meant.
            Some(Tag::Entity(_, label)) if label == "O" => Some(Tag::Outside),
            Some(tag) => Some(tag),
            None if OUTSIDE.contains(&text) => Some(Tag::Outside),
            None if OTHER.contains(&text) && self != Notation::BareLabels => Some(Tag::Outside),
            None => None,
        }
    }

    /// The labels stand without `B-` or `I-`.
    pub fn is_bare(self) -> bool {
        matches!(self, Notation::BareLabels | Notation::BareLabelsAndOther)
    }

    /// The tags have a letter and a label.
    pub fn is_sure(self) -> bool {
        matches!(self, Notation::Prefixed | Notation::Spelled(_))
    }

    /// The scheme that alone has the letter of this tag.
    pub fn own_letters(self, tag: &str) -> Option<Scheme> {
        let letter = match self {
            Notation::BareLabels | Notation::BareLabelsAndOther => return None,
            Notation::Prefixed => tag.split_once('-')?.0.chars().next()?,
            Notation::Spelled(spelling) => spelling.parts(tag)?.0,
            Notation::BareLetters => {
                letter_of_word(tag).or_else(|| tag.chars().next().filter(|_| tag.len() == 1))?
            }
        };
        match letter {
            'L' | 'U' => Some(Scheme::Bilou),
            'M' => Some(Scheme::Bmes),
            _ => None,
        }
    }
}

/// Reads the tags of one file, and keeps what is to be said about them.
#[derive(Debug)]
pub(super) struct TagReading {
    pub notation: Notation,
    /// BILOU or BMES, recognised by letters that no other scheme has.
    letters: Option<Scheme>,
    known: HashMap<String, Option<Tag>>,
    /// Tags that are written otherwise than they are read, and how often each was met.
    other: BTreeMap<String, usize>,
}

impl TagReading {
    pub fn new(notation: Notation) -> Self {
        Self {
            notation,
            letters: None,
            known: HashMap::new(),
            other: BTreeMap::new(),
        }
    }

    /// The tag that `text` stands for, or `None` when it is none.
    pub fn tag(&mut self, text: &str) -> Option<Tag> {
        if text == "O" {
            return Some(Tag::Outside);
        }
        let tag = match self.known.get(text) {
            Some(tag) => tag.clone(),
            None => {
                let tag = self.notation.tag(text);
                if tag.is_some() {
                    self.letters = self.letters.or_else(|| self.notation.own_letters(text));
                }
                self.known.insert(text.into(), tag.clone());
                tag
            }
        };
        if tag == Some(Tag::Outside) {
            self.note(text, 1);
        }
        tag
    }

    /// Counts tags that mean a word outside, and are not written `O`.
    pub fn note(&mut self, text: &str, count: usize) {
        match self.other.get_mut(text) {
            Some(known) => *known += count,
            None => drop(self.other.insert(text.into(), count)),
        }
    }

    /// The scheme, where the notation says it.
    pub fn scheme(&self) -> Option<Scheme> {
        match self.notation.is_bare() {
            true => Some(Scheme::Io),
            false => self.letters,
        }
    }

    /// Says how the tags of a file were read, where that does not go without saying.
    pub fn tell(&self, path: &Path, issues: &mut Issues) {
        let mut tell = |code, message: String| {
            issues.push(Issue::new(Severity::Info, code, path, 0, message));
        };
        if let Notation::Spelled(spelling) = self.notation {
            let mut known = self.known.keys();
            if let Some((text, tag)) =
                known.find_map(|text| Some((text, spelling.canonical(text)?)))
            {
                tell(
                    IssueCode::TagSpelling,
                    format!(
                        "the tags are spelled otherwise than usual: `{}` was read as `{tag}`, and so the others",
                        excerpt(text)
                    ),
                );
            }
        }
        if !self.other.is_empty() {
            let shown: Vec<String> = self
                .other
                .iter()
                .take(8)
                .map(|(text, count)| format!("`{}` ({count})", excerpt(text)))
                .collect();
            tell(
                IssueCode::TagSpelling,
                format!(
                    "{} mean words outside of entities, and were read as `O`",
                    shown.join(", ")
                ),
            );
        }
        if self.notation.is_bare() {
            tell(
                IssueCode::BareLabels,
                "the labels have no `B-` or `I-`: adjacent words with the same label are read as one entity".into(),
            );
        }
        if self.notation == Notation::BareLetters {
            tell(
                IssueCode::NoLabels,
                format!("the tags name no label: all entities get the label `{ONLY_LABEL}`"),
            );
        }
    }
}

/// A set of names larger than this is words, not labels.
const MOST_LABELS: usize = 200;

/// The notation of a column, or `None` when it holds no tags. A few faulty values are allowed:
/// they are reported one by one later.
pub(super) fn notation<'a>(values: impl Iterator<Item = &'a str>) -> Option<Notation> {
    Values::of(values).notation(false)
}

/// As [`notation`], of a column that can hold nothing but tags: signs such as `-` and `0` mean words
/// outside of entities there.
pub(super) fn notation_of_column<'a>(values: impl Iterator<Item = &'a str>) -> Option<Notation> {
    Values::of(values).notation(true)
}

/// What a column holds.
#[derive(Default)]
struct Values<'a> {
    rows: usize,
    /// `O`.
    outside: usize,
    /// Other values that mean the same.
    outside_too: usize,
    /// Of these, the ones that are signs and not words.
    signs: usize,
    prefixed: usize,
    letters: usize,
    /// Of these, one begins an entity.
    begins: bool,
    /// Some label has a letter in it.
    named: bool,
    /// The rest, each with its number.
    others: BTreeMap<&'a str, usize>,
    too_many: bool,
}

impl<'a> Values<'a> {
    fn of(values: impl Iterator<Item = &'a str>) -> Self {
        let mut found = Self::default();
        for value in values {
            found.rows += 1;
            match value.trim() {
                "O" => found.outside += 1,
                value if Tag::is_tag(value) => {
                    found.prefixed += 1;
                    found.named = found.named || value[1..].contains(char::is_alphabetic);
                }
                "" => {}
                value if OUTSIDE.contains(&value) => {
                    found.outside_too += 1;
                    found.signs += usize::from(matches!(value, "-" | "_" | "0"));
                }
                value => {
                    let letter = matches!(value, "B" | "I" | "E" | "S" | "L" | "U" | "M");
                    let word = letter_of_word(value);
                    found.letters += usize::from(letter || word.is_some());
                    found.begins = found.begins || value == "B" || word == Some('B');
                    let room = found.others.len() <= MOST_LABELS;
                    match found.others.get_mut(value) {
                        Some(count) => *count += 1,
                        None if room => drop(found.others.insert(value, 1)),
                        None => found.too_many = true,
                    }
                }
            }
        }
        found
    }

    fn notation(mut self, sure: bool) -> Option<Notation> {
        let Self {
            rows,
            prefixed,
            letters,
            ..
        } = self;
        let words = self.outside_too - self.signs;
        // Signs are used for many things, so that they speak only where nothing else can be meant.
        let outside = self.outside + if sure { self.outside_too } else { words };
        let tags = outside + prefixed;
        // Roads are called `I-95`: without any `O`, and without a letter in any label, they are no tags.
        let named = |name: &&&str| OTHER.contains(*name);
        let other: usize = self
            .others
            .keys()
            .filter(named)
            .map(|name| self.others[name])
            .sum();
        let all = tags + self.outside_too + other;
        if prefixed > 0 && all * 2 > rows && (outside > 0 || self.named) {
            return Some(Notation::Prefixed);
        }
        if let Some(spelling) = self.spelling(outside) {
            return Some(Notation::Spelled(spelling));
        }
        if prefixed > 0 {
            return None;
        }
        let mut outside = outside;
        let mut bare = Notation::BareLabels;
        if outside == 0 {
            // `OTHER` for the words outside: the most frequent value of all.
            let most = self
                .others
                .iter()
                .max_by_key(|(name, count)| (**count, OTHER.contains(*name)));
            let (name, count) = most.filter(|(name, _)| OTHER.contains(name))?;
            outside = *count;
            let name = *name;
            self.others.remove(name);
            bare = Notation::BareLabelsAndOther;
        }
        let bare_letters = self.others.keys().all(|name| name.len() == 1) || self.begins;
        if letters > 0 && letters + outside == rows && bare_letters {
            return Some(Notation::BareLetters);
        }
        if self.others.is_empty() {
            // Nothing but `O`, or signs for it; a word that may mean it does not speak for itself alone.
            let signs = sure && words == 0;
            return (self.outside > 0 || signs).then_some(Notation::Prefixed);
        }
        // Labels repeat or shout; words of prose, which may hold an `O`, do neither.
        let inside = rows - outside;
        let names = &self.others;
        let repeated = names.len() * 2 <= inside.max(2) || outside * 2 > rows;
        let shouted = names.keys().all(|name| *name == name.to_uppercase());
        let few = !self.too_many && names.len() <= MOST_LABELS && (repeated || shouted);
        let plain = names
            .keys()
            .all(|name| name.starts_with(char::is_alphabetic));
        (few && plain && outside * 10 >= rows).then_some(bare)
    }

    /// A spelling other than the usual one that all values have, those outside aside.
    fn spelling(&self, outside: usize) -> Option<Spelling> {
        if self.others.is_empty() || self.too_many {
            return None;
        }
        // Values that look like usual tags by chance are read in the new spelling as well.
        Spelling::all().find(|spelling| {
            let mut letters: BTreeMap<&str, BTreeSet<char>> = BTreeMap::new();
            let (mut fitting, mut all) = (0usize, 0usize);
            for (value, count) in &self.others {
                all += count;
                if let Some((letter, label)) = spelling.parts(value) {
                    fitting += count;
                    letters.entry(label).or_default().insert(letter);
                }
            }
            // One label with two letters, or several labels with one that can begin an entity; a lone
            // `VITAMIN-B` is a name.
            let twice = letters.values().any(|letters| letters.len() > 1);
            let begins = letters.values().all(|letters| {
                letters.contains(&'B') || letters.contains(&'S') || letters.contains(&'U')
            });
            let named = letters
                .keys()
                .all(|label| label.contains(char::is_alphabetic));
            fitting * 20 >= all * 19
                && self.prefixed == 0
                && named
                && (twice || letters.len() > 1 && begins && outside > 0)
                && spelling.letters.are_tags(letters.values())
        })
    }
}

/// The notation of values that are known to be tags.
pub(super) fn notation_of_tags<'a>(values: impl Iterator<Item = &'a str> + Clone) -> Notation {
    let mut all = values.clone();
    match notation_of_column(values) {
        Some(found) => found,
        None if all.all(|tag| tag == "O" || !Tag::is_tag(tag)) => Notation::BareLabels,
        None => Notation::Prefixed,
    }
}

#[cfg(test)]
mod tests {
    use super::Letters::{Capital, Small, Word};
    use super::*;

    fn check(values: &str, expected: Option<Notation>, tags: &str) {
        let list = || values.split(' ');
        let found = notation_of_column(list());
        assert_eq!(found, expected, "{values}");
        if let Some(notation) = found {
            let read: Vec<String> = list()
                .map(|text| {
                    notation
                        .tag(text)
                        .map_or("?".into(), |tag| tag.render(Scheme::Bioes))
                })
                .collect();
            assert_eq!(read.join(" "), tags, "{values}");
        }
    }

    fn spelled(separator: char, behind: bool, letters: Letters) -> Option<Notation> {
        Some(Notation::Spelled(Spelling {
            separator,
            behind,
            letters,
        }))
    }

    #[test]
    fn spellings_of_tags() {
        check(
            "PER-B PER-I O",
            spelled('-', true, Capital),
            "B-PER I-PER O",
        );
        check(
            "B_PER I_PER O",
            spelled('_', false, Capital),
            "B-PER I-PER O",
        );
        check(
            "B.PER O S.LOC",
            spelled('.', false, Capital),
            "B-PER O S-LOC",
        );
        check(
            "PER_B PER_I o",
            spelled('_', true, Capital),
            "B-PER I-PER O",
        );
        check("b-per i-per o", spelled('-', false, Small), "B-per I-per O");
        check(
            "B_a_b I_a_b O",
            spelled('_', false, Capital),
            "B-a_b I-a_b O",
        );
        check("B-PER I-PER O", Some(Notation::Prefixed), "B-PER I-PER O");
        check(
            "BEGIN-PER INSIDE-PER OUTSIDE",
            spelled('-', false, Word),
            "B-PER I-PER O",
        );
        check(
            "per_begin per_in per_last org_unit O",
            spelled('_', true, Word),
            "B-per I-per E-per S-org O",
        );
        check(
            "BEGIN INSIDE OUTSIDE",
            Some(Notation::BareLetters),
            "B-ENTITY I-ENTITY O",
        );
        // Labels that hold such words, a name that ends so, and cells.
        check(
            "BEGIN_DATE END_DATE O",
            Some(Notation::BareLabels),
            "I-BEGIN_DATE I-END_DATE O",
        );
        check("IN UNIT O", Some(Notation::BareLabels), "I-IN I-UNIT O");
        check(
            "VITAMIN-B O O",
            Some(Notation::BareLabels),
            "I-VITAMIN-B O O",
        );
        check("B-cell O O", Some(Notation::Prefixed), "B-cell O O");
    }

    #[test]
    fn spellings_of_outside() {
        for outside in ["o", "0", "-", "_", "None", "null", "OTHER", "outside"] {
            check(
                &format!("B-PER {outside} {outside}"),
                Some(Notation::Prefixed),
                "B-PER O O",
            );
        }
        for outside in ["o", "0", "-", "_", "None"] {
            check(
                &format!("PER {outside} {outside}"),
                Some(Notation::BareLabels),
                "I-PER O O",
            );
        }
        check(
            "PER OTHER OTHER",
            Some(Notation::BareLabelsAndOther),
            "I-PER O O",
        );
        check(
            "PER OTHER O O",
            Some(Notation::BareLabels),
            "I-PER I-OTHER O O",
        );
        check("B-O B-PER I-O O", Some(Notation::Prefixed), "O B-PER O O");
        check("B I o", Some(Notation::BareLetters), "B-ENTITY I-ENTITY O");
        // Columns of other things.
        assert_eq!(notation("- - _ 0 X".split(' ')), None);
        assert_eq!(notation("_ _ SpaceAfter=No".split(' ')), None);
        assert_eq!(notation("- - -".split(' ')), None);
        assert_eq!(notation_of_column("OUT OUT".split(' ')), None);
        assert_eq!(
            notation_of_column("- - -".split(' ')),
            Some(Notation::Prefixed)
        );
    }

    #[test]
    fn labels_that_are_tags() {
        let check = |labels: &[&str], expected: &[(&str, &str)]| {
            let found = tags_among(labels.iter().copied()).unwrap_or_default();
            let found: Vec<(&str, &str)> = found
                .iter()
                .map(|(a, b)| (a.as_str(), b.as_str()))
                .collect();
            assert_eq!(found, expected, "{labels:?}");
        };
        check(
            &["B-PER", "I-PER", "LOC"],
            &[("B-PER", "B-PER"), ("I-PER", "I-PER")],
        );
        check(
            &["PER_B", "PER_I", "LOC_B"],
            &[("LOC_B", "B-LOC"), ("PER_B", "B-PER"), ("PER_I", "I-PER")],
        );
        check(
            &["BEGIN-PER", "INSIDE-PER", "END-PER"],
            &[
                ("BEGIN-PER", "B-PER"),
                ("END-PER", "E-PER"),
                ("INSIDE-PER", "I-PER"),
            ],
        );
        check(&["BEGIN_DATE", "END_DATE", "LAST_NAME", "UNIT_NAME"], &[]);
        check(&["B-cell", "T-cell"], &[]);
        check(&["PER", "LOC"], &[]);
    }
}
