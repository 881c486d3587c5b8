//! The tags a model's outputs stand for, and which may follow which.

use crate::error::Error;
use tagsmith_corpus::{Position, Scheme, Tag, WordSpan, decode, encode};

/// The tags of a model by output, with their scheme.
#[derive(Clone, Debug)]
pub struct TagSet {
    names: Vec<String>,
    tags: Vec<Tag>,
    scheme: Scheme,
    /// `allowed[from * n + to]`: may `to` follow `from`?
    allowed: Vec<bool>,
    starts: Vec<bool>,
    ends: Vec<bool>,
}

impl TagSet {
    /// The tags for entity labels in a scheme, `O` first.
    pub fn new(labels: &[String], scheme: Scheme) -> Self {
        let names = scheme.tags_for(labels);
        Self::from_names(names).expect("tags that a scheme makes can be read back")
    }

    /// The tags of a model from the names in its `id2label`.
    ///
    /// Names without a prefix, such as `PER`, stand for whole-word labels (scheme IO).
    ///
    /// # Errors
    /// There is no name, or none is `O`.
    pub fn from_names(names: Vec<String>) -> Result<Self, Error> {
        let bad = |label: &str, reason: &str| Error::BadTags {
            label: label.into(),
            reason: reason.into(),
        };
        if !names.iter().any(|name| name == "O") {
            let first = names.first().map_or("(none)", String::as_str);
            return Err(bad(first, "no label is `O`"));
        }
        let prefixed = names
            .iter()
            .filter(|name| *name != "O")
            .all(|name| Tag::parse(name).is_ok());
        let tags: Vec<Tag> = names
            .iter()
            .map(|name| match (name.as_str(), prefixed) {
                ("O", _) => Ok(Tag::Outside),
                (name, true) => Tag::parse(name).map_err(|why| bad(name, &why.to_string())),
                (name, false) => Ok(Tag::Entity(Position::Inside, name.into())),
            })
            .collect::<Result<_, _>>()?;
        let scheme = scheme_of(&tags);
        let allowed = tags
            .iter()
            .flat_map(|from| {
                tags.iter()
                    .map(move |to| scheme.allows(Some(from), Some(to)))
            })
            .collect();
        Ok(Self {
            starts: tags
                .iter()
                .map(|tag| scheme.allows(None, Some(tag)))
                .collect(),
            ends: tags
                .iter()
                .map(|tag| scheme.allows(Some(tag), None))
                .collect(),
            allowed,
            names,
            tags,
            scheme,
        })
    }

    /// Number of tags, that is of outputs.
    pub fn len(&self) -> usize {
        self.tags.len()
    }

    /// Never: there is at least `O`.
    pub fn is_empty(&self) -> bool {
        self.tags.is_empty()
    }

    /// The names by output, as in `id2label`.
    pub fn names(&self) -> &[String] {
        &self.names
    }

    /// The tag of an output.
    pub fn tag(&self, id: usize) -> &Tag {
        &self.tags[id]
    }

    /// The scheme the tags are in.
    pub fn scheme(&self) -> Scheme {
        self.scheme
    }

    /// The output for `O`.
    pub fn outside(&self) -> usize {
        self.tags
            .iter()
            .position(|tag| *tag == Tag::Outside)
            .expect("every tag set has `O`")
    }

    /// May the tag `to` follow the tag `from`?
    pub fn may_follow(&self, from: usize, to: usize) -> bool {
        self.allowed[from * self.len() + to]
    }

    /// May a document start with this tag?
    pub fn may_start(&self, id: usize) -> bool {
        self.starts[id]
    }

    /// May a document end with this tag?
    pub fn may_end(&self, id: usize) -> bool {
        self.ends[id]
    }

    /// Gold spans as one tag a word, in this set's scheme; labels it lacks included.
    pub fn tags_of(&self, words: usize, spans: &[WordSpan]) -> Vec<Tag> {
        encode(words, spans, self.scheme)
    }

    /// The output for a tag, if the model has it.
    pub fn id(&self, tag: &Tag) -> Option<usize> {
        self.tags.iter().position(|known| known == tag)
    }

    /// The spans that a sequence of outputs stands for, read as conlleval reads chunks.
    pub fn spans_of(&self, ids: &[usize]) -> Vec<WordSpan> {
        let tags: Vec<Tag> = ids.iter().map(|id| self.tags[*id].clone()).collect();
        decode(&tags)
    }
}

/// The scheme that a set of tags belongs to.
fn scheme_of(tags: &[Tag]) -> Scheme {
    let has = |wanted: &[Position]| {
        tags.iter()
            .any(|tag| matches!(tag, Tag::Entity(position, _) if wanted.contains(position)))
    };
    if has(&[Position::End, Position::Single]) {
        Scheme::Bioes
    } else if has(&[Position::Begin]) {
        Scheme::Iob2
    } else {
        Scheme::Io
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn set(names: &str) -> TagSet {
        TagSet::from_names(names.split(' ').map(str::to_owned).collect()).unwrap()
    }

    #[test]
    fn the_scheme_is_read_from_the_names() {
        let cases = [
            ("O B-PER I-PER", Scheme::Iob2),
            ("O I-PER I-LOC", Scheme::Io),
            ("PER LOC O", Scheme::Io),
            ("B-X I-X E-X S-X O", Scheme::Bioes),
        ];
        for (names, scheme) in cases {
            assert_eq!(set(names).scheme(), scheme, "{names}");
        }
        assert_eq!(set("PER LOC O").outside(), 2);
    }

    #[test]
    fn labels_without_o_are_refused() {
        let failure = TagSet::from_names(vec!["LABEL_0".into(), "LABEL_1".into()]).unwrap_err();
        assert!(failure.to_string().contains("`LABEL_0`"), "{failure}");
    }

    #[test]
    fn inside_may_not_follow_another_label() {
        let tags = set("O B-X I-X B-Y I-Y");
        assert!(tags.may_follow(1, 2) && !tags.may_follow(1, 4) && !tags.may_follow(0, 2));
        assert!(!tags.may_start(2) && tags.may_end(2));
    }
}
