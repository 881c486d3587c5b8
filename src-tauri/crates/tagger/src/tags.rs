//! The tags a model's outputs stand for, and which may follow which.

use crate::crf;
use crate::error::Error;
use crate::transitions::Transitions;
use tagsmith_corpus::scheme::{allows, tags_for};
use tagsmith_corpus::{Position, Scheme, Tag, WordSpan, decode, encode};

/// The tags of a model by output, with their scheme.
#[derive(Clone, Debug)]
pub struct TagSet {
    names: Vec<String>,
    tags: Vec<Tag>,
    scheme: Scheme,
    transitions: Transitions,
    /// Whether somebody said which scheme it is.
    declared: bool,
    odd: Vec<String>,
    /// Whether the transitions are those of a conditional random field.
    learned: bool,
}

impl TagSet {
    /// The tags for entity labels in a scheme, `O` first.
    pub fn new(labels: &[String], scheme: Scheme) -> Self {
        let names = tags_for(scheme, labels);
        Self::from_names(names, Some(scheme)).expect("tags that a scheme makes can be read back")
    }

    /// The tags of a model from the names in its `id2label`.
    ///
    /// Names without a prefix, such as `PER`, stand for whole-word labels (scheme IO), unless most
    /// names have one: then those without, such as `[CLS]`, stand for no entity. Where `scheme` is
    /// not given, it follows from the names.
    ///
    /// # Errors
    /// There is no name, or none is `O`.
    pub fn from_names(names: Vec<String>, scheme: Option<Scheme>) -> Result<Self, Error> {
        let bad = |label: &str, reason: &str| Error::BadTags {
            label: label.into(),
            reason: reason.into(),
        };
        if !names.iter().any(|name| name == "O") {
            let first = names.first().map_or("(none)", String::as_str);
            return Err(bad(first, "no label is `O`"));
        }
        let is_tag = |name: &&String| *name != "O" && Tag::parse(name).is_ok();
        let prefixed = 2 * names.iter().filter(is_tag).count() >= names.len() - 1;
        let odd: Vec<String> = match prefixed {
            true => names
                .iter()
                .filter(|name| Tag::parse(name).is_err())
                .cloned()
                .collect(),
            false => Vec::new(),
        };
        let tags: Vec<Tag> = names
            .iter()
            .map(|name| match (name.as_str(), prefixed) {
                ("O", _) => Tag::Outside,
                (name, true) => Tag::parse(name).unwrap_or(Tag::Outside),
                (name, false) => Tag::Entity(Position::Inside, name.into()),
            })
            .collect();
        let declared = scheme.is_some();
        let scheme = scheme.unwrap_or_else(|| scheme_of(&tags));
        Ok(Self::with_transitions(names, tags, scheme, declared, odd))
    }

    fn with_transitions(
        names: Vec<String>,
        tags: Vec<Tag>,
        scheme: Scheme,
        declared: bool,
        odd: Vec<String>,
    ) -> Self {
        let tag = |id: Option<usize>| id.map(|id| &tags[id]);
        let transitions =
            Transitions::new(tags.len(), |from, to| allows(scheme, tag(from), tag(to)));
        Self {
            transitions,
            names,
            tags,
            scheme,
            declared,
            odd,
            learned: false,
        }
    }

    /// The same outputs read in another scheme.
    pub fn in_scheme(&self, scheme: Scheme) -> Self {
        let (names, tags) = (self.names.clone(), self.tags.clone());
        let other = Self::with_transitions(names, tags, scheme, true, self.odd.clone());
        match self.learned {
            true => {
                let learned = crf::reordered(&self.transitions, self, &other);
                other.with_learned(learned)
            }
            false => other,
        }
    }

    /// The same tags with learned transitions, which allow what the scheme allows.
    #[must_use]
    pub fn with_learned(self, transitions: Transitions) -> Self {
        Self {
            transitions,
            learned: true,
            ..self
        }
    }

    /// The same tags with the transitions of their scheme alone.
    #[must_use]
    pub fn without_learned(self) -> Self {
        let Self {
            names,
            tags,
            scheme,
            declared,
            odd,
            ..
        } = self;
        Self::with_transitions(names, tags, scheme, declared, odd)
    }

    /// The transitions, where they are those of a conditional random field.
    pub fn learned(&self) -> Option<&Transitions> {
        self.learned.then_some(&self.transitions)
    }

    /// Whether the scheme was given, not guessed from the names. `B-` and `I-` are the names of both
    /// IOB2 and IOB1.
    pub fn is_declared(&self) -> bool {
        self.declared
    }

    /// Names that are not tags; they mean no entity.
    pub fn odd_names(&self) -> &[String] {
        &self.odd
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

    /// Which output may follow which.
    pub fn transitions(&self) -> &Transitions {
        &self.transitions
    }

    /// Gold spans as one tag a word, in this set's scheme; labels it lacks included.
    pub fn tags_of(&self, words: usize, spans: &[WordSpan]) -> Vec<Tag> {
        encode(words, spans, self.scheme)
    }

    /// The labels that outputs stand for, each once, in their order.
    pub fn labels(&self) -> Vec<String> {
        let mut labels: Vec<String> = Vec::new();
        for label in self.tags.iter().filter_map(Tag::label) {
            if !labels.iter().any(|known| known == label) {
                labels.push(label.to_owned());
            }
        }
        labels
    }

    /// Whether some output stands for this label.
    pub fn has_label(&self, label: &str) -> bool {
        self.tags.iter().any(|tag| tag.label() == Some(label))
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
        TagSet::from_names(names.split(' ').map(str::to_owned).collect(), None).unwrap()
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
        let names = vec!["LABEL_0".into(), "LABEL_1".into()];
        let failure = TagSet::from_names(names, None).unwrap_err();
        assert!(failure.to_string().contains("`LABEL_0`"), "{failure}");
    }

    #[test]
    fn an_odd_label_leaves_the_tags_what_they_are() {
        let tags = set("O B-LOC I-LOC X [CLS]");
        assert_eq!(tags.odd_names(), ["X", "[CLS]"]);
        assert_eq!(tags.spans_of(&[1, 2, 3, 4])[0].end, 2);
        assert_eq!(tags.spans_of(&[3, 4]), []);
    }

    #[test]
    fn a_declared_scheme_is_kept() {
        let tags = TagSet::new(&["X".into()], Scheme::Iob1);
        assert_eq!(tags.scheme(), Scheme::Iob1);
        let may_start = |tags: TagSet| tags.transitions().allows(None, Some(2));
        assert!(may_start(tags), "an entity of IOB1 starts with I-");
        assert!(!may_start(set("O B-X I-X")));
    }

    #[test]
    fn inside_may_not_follow_another_label() {
        let tags = set("O B-X I-X B-Y I-Y");
        let may_follow = |from, to| tags.transitions().allows(Some(from), Some(to));
        assert!(may_follow(1, 2) && !may_follow(1, 4) && !may_follow(0, 2));
        let allows = |from, to| tags.transitions().allows(from, to);
        assert!(!allows(None, Some(2)) && allows(Some(2), None));
    }
}
