//! What fields and columns are called: the one table of synonyms, for JSON, Parquet, Arrow and tables.
//!
//! A name has roles; what it means in a record follows from the value that it has there. Names are
//! compared by their letters and digits alone, in small letters: `startOffset` is `start_offset`.

use std::borrow::Cow;
use std::sync::LazyLock;

use rustc_hash::FxHashMap;
use serde_json::{Map, Value};

use super::fields::is_split;

/// What a field holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) enum Role {
    /// A running text.
    Text,
    /// The words of a text: a list of them, or one for each row.
    Tokens,
    /// One tag for each word.
    Tags,
    /// Labelled spans.
    Spans,
    /// Which rows belong to one sentence.
    Sentence,
    /// Where a span starts.
    Start,
    /// Where a span ends.
    End,
    /// How long a span is.
    Length,
    /// The label of a span.
    Label,
    /// The text that a span covers.
    Quote,
    /// How sure somebody was.
    Score,
    /// The names of labels that are given as numbers.
    Names,
}

const ROLES: usize = 12;

/// For each role its names, the most telling first: of several that a record has, the first is meant.
const TABLE: [(Role, &[&str]); ROLES] = [
    (
        Role::Text,
        &[
            "text",
            "content",
            "sentence",
            "rawtext",
            "textcontent",
            "textsnippet",
            "raw",
            "document",
            "tweet",
            "comment",
            "query",
            "paragraph",
            "passage",
            "utterance",
            "senttext",
            "body",
            "context",
            "transcript",
            "message",
            "inputtext",
            "fulltext",
            "doctext",
            "abstract",
            "review",
            "description",
            "input",
            "doc",
            "data",
            "source",
        ],
    ),
    (
        Role::Tokens,
        &[
            "tokens",
            "words",
            "tokenizedtext",
            "token",
            "word",
            "form",
            "surface",
            "wordform",
            "wordlist",
            "sentencewords",
        ],
    ),
    (
        Role::Tags,
        &[
            "nertags",
            "tags",
            "labels",
            "ner",
            "nertag",
            "nerlabels",
            "nerlabel",
            "biotags",
            "biotag",
            "bio",
            "biolabels",
            "iobtags",
            "iobtag",
            "iob",
            "iob2",
            "bioes",
            "netags",
            "netag",
            "ne",
            "tag",
            "label",
            "entitytags",
            "entitytag",
            "entitylabels",
            "entitylabel",
            "entities",
            "entity",
            "annotations",
            "annotation",
            "gold",
            "goldtags",
            "goldlabels",
            "wordlabels",
            "wordtags",
            "targets",
            "slots",
        ],
    ),
    (
        Role::Spans,
        &[
            "entities",
            "spans",
            "label",
            "labels",
            "annotations",
            "annotation",
            "ents",
            "mentions",
            "entitymentions",
            "entityannotations",
            "entityspans",
            "namedentities",
            "nerspans",
            "ner",
            "nertags",
            "tags",
            "tag",
            "entity",
            "gold",
            "goldentities",
            "goldspans",
            "groundtruth",
            "entitylist",
            "targets",
            "slots",
            "concepts",
            "highlights",
        ],
    ),
    (
        Role::Sentence,
        &[
            "sentence",
            "sentenceid",
            "sentenceno",
            "sentencenumber",
            "sentenceidx",
            "sentid",
            "sent",
            "sentno",
            "sentidx",
            "sid",
            "tweetid",
            "doc",
            "docid",
            "document",
            "documentid",
            "textid",
        ],
    ),
    (
        Role::Start,
        &[
            "start",
            "startoffset",
            "begin",
            "beginoffset",
            "startchar",
            "charstart",
            "startindex",
            "startidx",
            "startpos",
            "startposition",
            "beginchar",
            "from",
            "offset",
            "offsetstart",
        ],
    ),
    (
        Role::End,
        &[
            "end",
            "endoffset",
            "stop",
            "endchar",
            "charend",
            "endindex",
            "endidx",
            "endpos",
            "endposition",
            "finish",
            "to",
            "offsetend",
        ],
    ),
    (Role::Length, &["length", "len"]),
    (
        Role::Label,
        &[
            "label",
            "type",
            "entity",
            "entitygroup",
            "labels",
            "entitytype",
            "entitylabel",
            "tag",
            "category",
            "class",
            "labelname",
            "displayname",
            "nertag",
            "kind",
            "name",
            "ner",
            "tagname",
            "semantictype",
            "entityclass",
            "labeltype",
            "concept",
        ],
    ),
    (
        Role::Quote,
        &["text", "mention", "quote", "coveredtext", "entitytext"],
    ),
    (Role::Score, &["score", "confidence"]),
    (
        Role::Names,
        &[
            "labelnames",
            "labellist",
            "labels",
            "tagnames",
            "taglist",
            "tags",
            "nertags",
            "names",
            "classes",
            "categories",
            "entitytypes",
            "id2label",
            "label2id",
            "id2tag",
            "tag2id",
            "idtolabel",
            "labeltoid",
            "labelmap",
            "idx2tag",
            "tag2idx",
            "idx2label",
            "label2idx",
        ],
    ),
];

/// Each name with its roles, and its rank in each.
static ROLES_OF: LazyLock<FxHashMap<&'static str, Vec<(Role, u8)>>> = LazyLock::new(|| {
    let mut found: FxHashMap<&'static str, Vec<(Role, u8)>> = FxHashMap::default();
    for (role, names) in &TABLE {
        for (rank, name) in names.iter().enumerate() {
            let rank = u8::try_from(rank).unwrap_or(u8::MAX);
            found.entry(name).or_default().push((*role, rank));
        }
    }
    found
});

/// The letters and digits of a name, in small letters: `Sentence #` → `sentence`.
pub(super) fn bare(name: &str) -> Cow<'_, str> {
    let plain = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit();
    if name.bytes().all(plain) {
        return Cow::Borrowed(name);
    }
    let letters = name.chars().filter(|c| c.is_alphanumeric());
    Cow::Owned(letters.flat_map(char::to_lowercase).collect())
}

/// The roles that a name can have, each with its rank: 0 is the first choice.
pub(super) fn roles(name: &str) -> &'static [(Role, u8)] {
    ROLES_OF.get(&*bare(name)).map_or(&[], Vec::as_slice)
}

/// The rank of a name in a role, if it can have that.
pub(super) fn rank(name: &str, role: Role) -> Option<u8> {
    let found = roles(name).iter().find(|(own, _)| *own == role);
    found.map(|(_, rank)| *rank)
}

/// Can a field of this name have that role?
pub(super) fn is(name: &str, role: Role) -> bool {
    rank(name, role).is_some()
}

/// Fields that are read and have no role here; their lists are never the labels of a record.
const ASIDE: [&str; 8] = [
    "id",
    "group",
    "meta",
    "answer",
    "relations",
    "predictions",
    "options",
    "unknown",
];

/// Has this field any part in a record?
pub(super) fn is_known(name: &str) -> bool {
    !roles(name).is_empty() || ASIDE.contains(&name) || is_split(name)
}

/// Is this a field whose list is never the labels of a record, whatever is in it?
pub(super) fn is_aside(name: &str) -> bool {
    ASIDE.contains(&name) || is(name, Role::Tokens)
}

/// The fields of a record that can have a role, the first choice first.
pub(super) fn fields(object: &Map<String, Value>, role: Role) -> Vec<(&str, &Value)> {
    let mut found: Vec<(u8, &str, &Value)> = object
        .iter()
        .filter_map(|(key, value)| Some((rank(key, role)?, key.as_str(), value)))
        .collect();
    found.sort_by_key(|(rank, ..)| *rank);
    let fields = found.into_iter();
    fields.map(|(_, key, value)| (key, value)).collect()
}

/// The text of a record and its field; a field that is called `data` or `source` is one where no
/// other is.
pub(super) fn text(object: &Map<String, Value>) -> Option<(&str, &str)> {
    if let Some(Value::String(text)) = object.get("text") {
        return Some(("text", text));
    }
    let mut fields = fields(object, Role::Text).into_iter();
    fields.find_map(|(key, value)| Some((key, value.as_str()?)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_bare_and_in_each_list_once() {
        for (role, names) in &TABLE {
            for (i, name) in names.iter().enumerate() {
                assert_eq!(bare(name), *name);
                assert!(!names[..i].contains(name), "{role:?} {name}");
            }
        }
    }

    #[test]
    fn spellings_do_not_matter() {
        for name in [
            "startOffset",
            "start_offset",
            "Start Offset",
            "start-offset",
        ] {
            assert!(is(name, Role::Start), "{name}");
        }
        assert_eq!(bare("Sentence #"), "sentence");
        assert!(is("Entity_Group", Role::Label));
        assert!(!is("startle", Role::Start));
        assert!(rank("label", Role::Label) < rank("type", Role::Label));
    }
}
