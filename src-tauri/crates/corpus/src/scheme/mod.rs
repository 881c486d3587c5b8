//! Tag schemes: which tags each has, which may follow which, and which one a file uses.

mod chunks;
mod tag;

pub use chunks::{decode, decode_strict, encode, ill_formed};
pub use tag::{BadTag, Position, Tag};
pub use tagsmith_protocol::{Scheme, UnknownScheme};

/// What stands at a place of a sequence, as bits, so that a rule can name several.
const EDGE: u8 = 1;
const O: u8 = 2;
const B: u8 = 4;
const I: u8 = 8;
const E: u8 = 16;
const S: u8 = 32;

/// `after`, then `next`, and whether both must carry the same label.
type Transition = (u8, u8, bool);

const IO: &[Transition] = &[(EDGE | O | I, EDGE | O | I, false)];
const IOB1: &[Transition] = &[(EDGE | O | B | I, EDGE | O | I, false), (B | I, B, true)];
const IOB2: &[Transition] = &[(EDGE | O | B | I, EDGE | O | B, false), (B | I, I, true)];
const BIOES: &[Transition] = &[
    (EDGE | O | E | S, EDGE | O | B | S, false),
    (B | I, I | E, true),
];

fn transitions(scheme: Scheme) -> &'static [Transition] {
    match scheme {
        Scheme::Io => IO,
        Scheme::Iob1 => IOB1,
        Scheme::Iob2 => IOB2,
        Scheme::Bioes | Scheme::Bilou | Scheme::Bmes => BIOES,
    }
}

/// May `next` follow `previous`? `None` is the edge of the sequence.
pub fn allows(scheme: Scheme, previous: Option<&Tag>, next: Option<&Tag>) -> bool {
    let (after, before) = (state(previous), state(next));
    let same = label(previous) == label(next);
    transitions(scheme).iter().any(|(from, to, same_label)| {
        from & after != 0 && to & before != 0 && (same || !same_label)
    })
}

/// The positions that a scheme distinguishes, in the order in which their tags are listed.
fn positions(scheme: Scheme) -> &'static [Position] {
    use Position::{Begin, End, Inside, Single};
    match scheme {
        Scheme::Io => &[Inside],
        Scheme::Iob1 | Scheme::Iob2 => &[Begin, Inside],
        Scheme::Bioes | Scheme::Bilou | Scheme::Bmes => &[Begin, Inside, End, Single],
    }
}

/// All tags for these labels: `O`, then for each label in turn `B-`, `I-` and so on.
pub fn tags_for(scheme: Scheme, labels: &[String]) -> Vec<String> {
    let mut tags = vec!["O".to_string()];
    for label in labels {
        for position in positions(scheme) {
            tags.push(Tag::Entity(*position, label.clone()).render(scheme));
        }
    }
    tags
}

/// Finds the scheme by looking at the tags. [`Tag::parse`] reads the letters of BILOU and
/// BMES as those of BIOES, so that the answer never is one of these two.
pub fn detect<'a>(sequences: impl Iterator<Item = &'a [Tag]>) -> Detected {
    detect_by_pairs(sequences.flat_map(|tags| {
        let before = std::iter::once(None).chain(tags.iter().map(Some));
        before.zip(tags).map(|(before, tag)| (before, tag, 1))
    }))
}

/// As [`detect`], from each tag, the one before it in its sequence, and how often the two
/// stand so. Pairs whose second is `O` need not be there.
pub(crate) fn detect_by_pairs<'a>(
    pairs: impl Iterator<Item = (Option<&'a Tag>, &'a Tag, usize)>,
) -> Detected {
    let (mut seen, mut bad_iob1, mut bad_iob2) = (0u8, 0usize, 0usize);
    for (before, tag, count) in pairs {
        seen |= state(Some(tag));
        if let Tag::Entity(..) = tag {
            bad_iob1 += count * usize::from(!allows(Scheme::Iob1, before, Some(tag)));
            bad_iob2 += count * usize::from(!allows(Scheme::Iob2, before, Some(tag)));
        }
    }
    let (scheme, also, why): (_, &[Scheme], _) = if seen & (E | S) != 0 {
        (
            Scheme::Bioes,
            &[],
            "the last words of entities have tags of their own",
        )
    } else if seen & (B | I) == 0 {
        (
            Scheme::Iob2,
            &[Scheme::Io, Scheme::Iob1, Scheme::Bioes],
            "there is no entity to judge by",
        )
    } else if seen & B == 0 {
        (Scheme::Io, &[Scheme::Iob1], "every entity starts with `I-`")
    } else if bad_iob1 < bad_iob2 {
        (
            Scheme::Iob1,
            &[],
            "`B-` stands only where two entities of one label touch",
        )
    } else {
        (Scheme::Iob2, &[], "every entity starts with `B-`")
    };
    let why = match (scheme, bad_iob1.min(bad_iob2)) {
        (Scheme::Iob1 | Scheme::Iob2, 1..) => "most entities start this way, but not all",
        _ => why,
    };
    Detected {
        scheme,
        also: also.to_vec(),
        why,
    }
}

/// What [`detect`] found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Detected {
    /// The most likely one.
    pub scheme: Scheme,
    /// Other schemes under which the same tags would be well-formed, and give the same entities.
    pub also: Vec<Scheme>,
    /// What it was recognised by.
    pub why: &'static str,
}

fn state(tag: Option<&Tag>) -> u8 {
    match tag {
        None => EDGE,
        Some(Tag::Outside) => O,
        Some(Tag::Entity(Position::Begin, _)) => B,
        Some(Tag::Entity(Position::Inside, _)) => I,
        Some(Tag::Entity(Position::End, _)) => E,
        Some(Tag::Entity(Position::Single, _)) => S,
    }
}

fn label(tag: Option<&Tag>) -> Option<&str> {
    tag.and_then(Tag::label)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tags(text: &str) -> Vec<Tag> {
        text.split_whitespace()
            .map(|t| Tag::parse(t).unwrap())
            .collect()
    }

    #[test]
    fn names_round_trip() {
        for (name, scheme) in [
            ("io", Scheme::Io),
            ("iob1", Scheme::Iob1),
            ("bio", Scheme::Iob2),
            ("IOB2", Scheme::Iob2),
            ("iobes", Scheme::Bioes),
            ("bilou", Scheme::Bilou),
            ("bmes", Scheme::Bmes),
        ] {
            assert_eq!(name.parse(), Ok(scheme));
            assert_eq!(scheme.to_string().parse(), Ok(scheme));
            assert_eq!(serde_json::to_value(scheme).unwrap(), scheme.to_string());
        }
        assert_eq!("x".parse::<Scheme>(), Err(UnknownScheme("x".into())));
    }

    #[test]
    fn tags_are_listed_per_label() {
        let labels = ["X".to_string(), "Y".to_string()];
        for (scheme, expected) in [
            (Scheme::Io, "O I-X I-Y"),
            (Scheme::Iob1, "O B-X I-X B-Y I-Y"),
            (Scheme::Iob2, "O B-X I-X B-Y I-Y"),
            (Scheme::Bioes, "O B-X I-X E-X S-X B-Y I-Y E-Y S-Y"),
            (Scheme::Bilou, "O B-X I-X L-X U-X B-Y I-Y L-Y U-Y"),
            (Scheme::Bmes, "O B-X M-X E-X S-X B-Y M-Y E-Y S-Y"),
        ] {
            assert_eq!(tags_for(scheme, &labels).join(" "), expected);
        }
    }

    #[test]
    fn transitions() {
        // `^` is the edge of the sequence.
        fn check(scheme: Scheme, legal: &str, illegal: &str) {
            for (pairs, expected) in [(legal, true), (illegal, false)] {
                for pair in pairs.split_whitespace() {
                    let (a, b) = pair.split_once('>').unwrap();
                    let read = |t: &str| (t != "^").then(|| Tag::parse(t).unwrap());
                    let (a, b) = (read(a), read(b));
                    assert_eq!(
                        allows(scheme, a.as_ref(), b.as_ref()),
                        expected,
                        "{scheme} {pair}"
                    );
                }
            }
        }
        check(
            Scheme::Io,
            "^>^ ^>I-X I-X>I-Y I-X>I-X I-X>^ O>I-X",
            "^>B-X O>E-X S-X>O",
        );
        check(
            Scheme::Iob1,
            "^>I-X I-X>B-X B-X>B-X I-Y>I-X B-X>O",
            "^>B-X O>B-X I-Y>B-X",
        );
        check(
            Scheme::Iob2,
            "^>B-X B-X>I-X I-X>I-X I-X>B-Y B-X>^",
            "^>I-X O>I-X B-Y>I-X ^>E-X",
        );
        check(
            Scheme::Bioes,
            "^>S-X B-X>E-X B-X>I-X I-X>E-X E-X>S-Y S-X>^ E-X>O",
            "B-X>^ I-X>O B-X>E-Y O>E-X ^>I-X B-X>S-X E-X>I-X",
        );
    }

    #[test]
    fn schemes_are_found_by_looking() {
        for (text, scheme) in [
            ("O O", Scheme::Iob2),
            ("I-X I-X O I-Y", Scheme::Io),
            ("I-X B-X O I-Y I-X", Scheme::Iob1),
            ("B-X I-X B-X O B-Y", Scheme::Iob2),
            ("B-X I-X B-X O I-Y", Scheme::Iob2),
            ("B-X O", Scheme::Iob2),
            ("S-X O", Scheme::Bioes),
            ("B-X L-X O", Scheme::Bioes),
        ] {
            let tags = tags(text);
            assert_eq!(detect([&tags[..]].into_iter()).scheme, scheme, "{text}");
        }
    }
}
