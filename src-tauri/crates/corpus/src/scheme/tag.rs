//! One tag: read from and written as text such as `B-PER`.

use crate::scheme::Scheme;

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Position {
    Begin,
    Inside,
    End,
    Single,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Tag {
    Outside,
    Entity(Position, String),
}

#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is not a tag; expected `O`, or a letter and a label such as `B-PER`")]
pub struct BadTag(pub String);

impl Tag {
    /// The first hyphen splits, so that labels may hold hyphens.
    pub fn parse(text: &str) -> Result<Tag, BadTag> {
        if text == "O" {
            return Ok(Tag::Outside);
        }
        let bad = || BadTag(text.into());
        let (letter, label) = text.split_once('-').ok_or_else(bad)?;
        let position = match letter {
            "B" => Position::Begin,
            "I" | "M" => Position::Inside,
            "E" | "L" => Position::End,
            "S" | "U" => Position::Single,
            _ => return Err(bad()),
        };
        if label.is_empty() {
            return Err(bad());
        }
        Ok(Tag::Entity(position, label.into()))
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

    pub fn label(&self) -> Option<&str> {
        match self {
            Tag::Outside => None,
            Tag::Entity(_, label) => Some(label),
        }
    }
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
