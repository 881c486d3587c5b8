//! One tag: read from and written as text such as `B-PER`.

use crate::scheme::Scheme;

/// Where in its entity a word stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Position {
    /// The first of several words, or of any number where the scheme has no `S-`.
    Begin,
    /// Between the first and the last, or simply part of it.
    Inside,
    /// The last of several words.
    End,
    /// The only word.
    Single,
}

/// What a scheme says about one word.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Tag {
    /// `O`: part of no entity.
    Outside,
    /// Part of an entity with this label.
    Entity(Position, String),
}

/// Text that is no tag.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is not a tag; expected `O`, or a letter and a label such as `B-PER`")]
pub struct BadTag(pub String);

impl Tag {
    /// The first hyphen splits, so that labels may hold hyphens.
    pub fn parse(text: &str) -> Result<Tag, BadTag> {
        match split(text) {
            _ if text == "O" => Ok(Tag::Outside),
            Some((position, label)) => Ok(Tag::Entity(position, label.into())),
            None => Err(BadTag(text.into())),
        }
    }

    /// Would [`Tag::parse`] read it? Asked of every cell of a file, so that it makes no copies.
    pub(crate) fn is_tag(text: &str) -> bool {
        text == "O" || split(text).is_some()
    }

    /// In the letters of `scheme`. A position that the scheme does not know becomes the nearest
    /// it has: the start of an entity is `B-`, any other word of it `I-`.
    pub fn render(&self, scheme: Scheme) -> String {
        use Position::{Begin, End, Inside, Single};
        let Tag::Entity(position, label) = self else {
            return "O".into();
        };
        let letter = match (scheme, position) {
            (Scheme::Io, _) => 'I',
            (Scheme::Iob1 | Scheme::Iob2, Begin | Single) => 'B',
            (Scheme::Iob1 | Scheme::Iob2, Inside | End) => 'I',
            (_, Begin) => 'B',
            (Scheme::Bmes, Inside) => 'M',
            (_, Inside) => 'I',
            (Scheme::Bilou, End) => 'L',
            (_, End) => 'E',
            (Scheme::Bilou, Single) => 'U',
            (_, Single) => 'S',
        };
        format!("{letter}-{label}")
    }

    /// The label of the entity; `None` outside.
    pub fn label(&self) -> Option<&str> {
        match self {
            Tag::Outside => None,
            Tag::Entity(_, label) => Some(label),
        }
    }
}

fn split(text: &str) -> Option<(Position, &str)> {
    let (letter, label) = text.split_once('-')?;
    let position = match letter {
        "B" => Position::Begin,
        "I" | "M" => Position::Inside,
        "E" | "L" => Position::End,
        "S" | "U" => Position::Single,
        _ => return None,
    };
    (!label.is_empty()).then_some((position, label))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tags_are_read_and_written() {
        use Position::{Begin, End, Inside, Single};
        for (text, position, label, scheme) in [
            ("B-PER", Begin, "PER", Scheme::Iob2),
            ("I-PER", Inside, "PER", Scheme::Iob2),
            ("M-PER", Inside, "PER", Scheme::Bmes),
            ("E-PER", End, "PER", Scheme::Bioes),
            ("L-PER", End, "PER", Scheme::Bilou),
            ("S-PER", Single, "PER", Scheme::Bmes),
            ("U-PER", Single, "PER", Scheme::Bilou),
            ("B-creative-work", Begin, "creative-work", Scheme::Iob2),
            ("B-組織 名", Begin, "組織 名", Scheme::Iob2),
            ("B--", Begin, "-", Scheme::Iob2),
        ] {
            let tag = Tag::Entity(position, label.into());
            assert_eq!(Tag::parse(text), Ok(tag.clone()));
            assert_eq!(tag.render(scheme), text);
        }
        assert_eq!(Tag::parse("O"), Ok(Tag::Outside));
        for text in [
            "", "o", "0", "PER", "B", "B-", "X-PER", "b-PER", "BPER", "-PER", "B_PER", "O-PER",
        ] {
            assert_eq!(Tag::parse(text), Err(BadTag(text.into())));
        }
    }
}
