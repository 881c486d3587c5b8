//! From entities to tags and back: forgiving as conlleval, or strict as seqeval.

use crate::document::WordSpan;
use crate::scheme::{B, E, I, O, Position, S, Scheme, Tag, state};

/// One tag for each of `n_words` words. IO cannot part touching entities of one label. Words
/// past the end and spans that overlap an earlier one are left alone.
pub fn encode(n_words: usize, spans: &[WordSpan], scheme: Scheme) -> Vec<Tag> {
    let mut tags = vec![Tag::Outside; n_words];
    for span in spans {
        let end = span.end.min(n_words);
        if span.first >= end || tags[span.first..end].iter().any(|tag| *tag != Tag::Outside) {
            continue;
        }
        for (i, tag) in tags[span.first..end].iter_mut().enumerate() {
            let position = place(scheme, i == 0, span.first + i + 1 == end);
            *tag = Tag::Entity(position, span.label.clone());
        }
    }
    if scheme == Scheme::Iob1 {
        part_touching(&mut tags, spans);
    }
    tags
}

fn place(scheme: Scheme, first: bool, last: bool) -> Position {
    match (scheme, first, last) {
        (Scheme::Io | Scheme::Iob1, ..) => Position::Inside,
        (Scheme::Iob2, true, _) => Position::Begin,
        (Scheme::Iob2, false, _) => Position::Inside,
        (_, true, true) => Position::Single,
        (_, true, false) => Position::Begin,
        (_, false, true) => Position::End,
        (_, false, false) => Position::Inside,
    }
}

/// A second pass, because the spans need not come in order.
fn part_touching(tags: &mut [Tag], spans: &[WordSpan]) {
    for span in spans {
        if span.first == 0 || span.first >= tags.len() {
            continue;
        }
        let label = tags[span.first].label();
        if label == Some(span.label.as_str()) && label == tags[span.first - 1].label() {
            tags[span.first] = Tag::Entity(Position::Begin, span.label.clone());
        }
    }
}

/// The entities as conlleval finds them, whatever the scheme: an entity ends before `O`, before
/// another label, before a `B-` or `S-`, and behind an `E-` or `S-`; every other run of tags is
/// one entity, however it starts. Never fails.
pub fn decode(tags: &[Tag]) -> Vec<WordSpan> {
    let mut spans: Vec<WordSpan> = Vec::new();
    let mut previous: Option<&Tag> = None;
    for (i, tag) in tags.iter().enumerate() {
        if let Tag::Entity(_, label) = tag {
            let goes_on = previous.is_some_and(|before| {
                before.label() == Some(label)
                    && state(Some(before)) & (E | S) == 0
                    && state(Some(tag)) & (B | S) == 0
            });
            match spans.last_mut() {
                Some(span) if goes_on => span.end = i + 1,
                _ => spans.push(WordSpan {
                    first: i,
                    end: i + 1,
                    label: label.clone(),
                }),
            }
        }
        previous = Some(tag);
    }
    spans
}

/// How the labels of two neighbours must compare.
#[derive(Clone, Copy, PartialEq)]
enum Labels {
    Any,
    Same,
    Differ,
}
use Labels::{Any, Differ, Same};

type Pattern = (u8, u8, Labels);

/// When a tag starts an entity, goes on with it, or shows that the one before it is complete:
/// seqeval 1.2.2, `seqeval/scheme.py`. Its IOB1 knows `B-` only behind the same label.
struct Patterns {
    start: &'static [Pattern],
    inside: &'static [Pattern],
    end: &'static [Pattern],
}

const ANY: u8 = O | B | I | E | S;
/// seqeval has no IO; this is its IOB1 without `B-`.
const STRICT_IO: Patterns = Patterns {
    start: &[(O, I, Any), (I, I, Differ)],
    inside: &[(I, I, Same)],
    end: &[(I, O, Any), (I, I, Differ)],
};
const STRICT_IOB1: Patterns = Patterns {
    start: &[(O | B, I, Any), (I, I, Differ), (I | B, B, Same)],
    inside: &[(B | I, I, Same)],
    end: &[
        (I, O | B, Any),
        (I | B, I, Differ),
        (B, O, Any),
        (B, B, Same),
    ],
};
const STRICT_IOB2: Patterns = Patterns {
    start: &[(ANY, B, Any)],
    inside: &[(B | I, I, Same)],
    end: &[(I | B, O | B, Any), (I | B, I, Differ)],
};
const STRICT_BIOES: Patterns = Patterns {
    start: &[(ANY, B | S, Any)],
    inside: &[(B | I, I | E, Same)],
    end: &[(S | E, ANY, Any)],
};

/// The entities as seqeval's strict mode finds them: what breaks the scheme is no entity. A tag
/// that the scheme does not have (where seqeval stops with an error) counts as `O`.
pub fn decode_strict(tags: &[Tag], scheme: Scheme) -> Vec<WordSpan> {
    let (patterns, known) = match scheme {
        Scheme::Io => (&STRICT_IO, O | I),
        Scheme::Iob1 => (&STRICT_IOB1, O | B | I),
        Scheme::Iob2 => (&STRICT_IOB2, O | B | I),
        Scheme::Bioes | Scheme::Bilou | Scheme::Bmes => (&STRICT_BIOES, ANY),
    };
    // seqeval puts an `O` before the first and behind the last tag.
    let at = |i: usize| match tags.get(i) {
        Some(tag) if state(Some(tag)) & known != 0 => tag,
        _ => &Tag::Outside,
    };
    let matches = |rules: &[Pattern], before: &Tag, tag: &Tag| {
        rules.iter().any(|(from, to, labels)| {
            from & state(Some(before)) != 0
                && to & state(Some(tag)) != 0
                && (*labels == Any
                    || (*labels == Same) == (seqeval_label(before) == seqeval_label(tag)))
        })
    };
    let mut spans = Vec::new();
    let mut i = 0;
    while i < tags.len() {
        let before = if i == 0 { &Tag::Outside } else { at(i - 1) };
        if !matches(patterns.start, before, at(i)) {
            i += 1;
            continue;
        }
        let mut end = i + 1;
        while end < tags.len() && matches(patterns.inside, at(end - 1), at(end)) {
            end += 1;
        }
        if matches(patterns.end, at(end - 1), at(end)) {
            let label = at(i).label().unwrap_or_default();
            spans.push(WordSpan {
                first: i,
                end,
                label: label.into(),
            });
        }
        i = end;
    }
    spans
}

/// seqeval gives an `O` the label `_`, which matters only to a label spelled so.
fn seqeval_label(tag: &Tag) -> &str {
    tag.label().unwrap_or("_")
}

/// The indices of the tags that break the scheme: they cannot stand behind what is before them,
/// or cannot stand before what is behind them.
pub fn ill_formed(tags: &[Tag], scheme: Scheme) -> Vec<usize> {
    let mut found = Vec::new();
    for i in 0..=tags.len() {
        let before = i.checked_sub(1).map(|j| &tags[j]);
        let tag = tags.get(i);
        // Most words lie outside, which every scheme allows; the rest is looked up.
        let outside = |tag: Option<&Tag>| matches!(tag, None | Some(Tag::Outside));
        if outside(before) && outside(tag) || super::allows(scheme, before, tag) {
            continue;
        }
        // Of two tags that do not go together, the one at fault cannot stand alone.
        let unfinished = before.is_some() && !super::allows(scheme, before, None);
        let unstarted = tag.is_some() && !super::allows(scheme, None, tag);
        if unfinished && found.last() != Some(&(i - 1)) {
            found.push(i - 1);
        }
        if unstarted || !unfinished {
            found.push(i);
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const SCHEMES: [Scheme; 6] = [
        Scheme::Io,
        Scheme::Iob1,
        Scheme::Iob2,
        Scheme::Bioes,
        Scheme::Bilou,
        Scheme::Bmes,
    ];

    fn tags(text: &str) -> Vec<Tag> {
        text.split_whitespace()
            .map(|t| Tag::parse(t).unwrap())
            .collect()
    }

    fn show(spans: &[WordSpan]) -> String {
        let show = |s: &WordSpan| format!("{}{}-{}", s.label, s.first, s.end);
        spans.iter().map(show).collect::<Vec<_>>().join(" ")
    }

    #[test]
    fn conlleval_and_strict_readings() {
        // tags, conlleval's reading, strict scheme, seqeval's strict reading.
        for (text, lenient, scheme, strict) in [
            ("B-X I-X O", "X0-2", Scheme::Iob2, "X0-2"),
            ("I-X I-X O I-X", "X0-2 X3-4", Scheme::Iob2, ""),
            ("I-X I-X O I-X", "X0-2 X3-4", Scheme::Io, "X0-2 X3-4"),
            ("B-X I-Y I-Y", "X0-1 Y1-3", Scheme::Iob2, "X0-1"),
            (
                "I-X B-X I-Y",
                "X0-1 X1-2 Y2-3",
                Scheme::Iob1,
                "X0-1 X1-2 Y2-3",
            ),
            ("O B-X I-X", "X1-3", Scheme::Iob1, "X2-3"),
            (
                "B-X E-X S-X S-X",
                "X0-2 X2-3 X3-4",
                Scheme::Bioes,
                "X0-2 X2-3 X3-4",
            ),
            ("B-X I-X O E-X", "X0-2 X3-4", Scheme::Bioes, ""),
            ("S-X I-X E-X E-X", "X0-1 X1-3 X3-4", Scheme::Bioes, "X0-1"),
            ("E-X S-X", "X0-1 X1-2", Scheme::Iob2, ""),
            ("", "", Scheme::Bioes, ""),
        ] {
            let tags = tags(text);
            assert_eq!(show(&decode(&tags)), lenient, "{text}");
            assert_eq!(
                show(&decode_strict(&tags, scheme)),
                strict,
                "{text} as {scheme}"
            );
        }
    }

    #[test]
    fn ill_formed_tags_are_pointed_at() {
        for (text, scheme, expected) in [
            ("B-X I-X O", Scheme::Iob2, &[][..]),
            ("O I-X I-X", Scheme::Iob2, &[1]),
            ("B-X I-Y I-Y", Scheme::Iob2, &[1]),
            ("O B-X B-X", Scheme::Iob1, &[1]),
            ("B-X O", Scheme::Bioes, &[0]),
            ("O B-X", Scheme::Bioes, &[1]),
            ("B-X E-Y", Scheme::Bioes, &[0, 1]),
            ("E-X O S-X", Scheme::Iob2, &[0, 2]),
            ("B-X B-X B-X", Scheme::Bioes, &[0, 1, 2]),
        ] {
            assert_eq!(
                ill_formed(&tags(text), scheme),
                expected,
                "{text} as {scheme}"
            );
        }
    }

    #[test]
    fn encoding_tolerates_odd_spans() {
        let span = |first, end| WordSpan {
            first,
            end,
            label: "X".into(),
        };
        let tags = encode(
            3,
            &[span(1, 9), span(1, 2), span(5, 6), span(0, 1)],
            Scheme::Iob1,
        );
        assert_eq!(show(&decode(&tags)), "X0-1 X1-3");
    }

    /// Lengths of runs, each outside or of one of two labels.
    fn spans() -> impl Strategy<Value = (usize, Vec<WordSpan>)> {
        prop::collection::vec((1usize..4, 0usize..3), 0..8).prop_map(|runs| {
            let (mut at, mut spans) = (0, Vec::new());
            for (length, kind) in runs {
                if kind < 2 {
                    let label = ["X", "Y-Z"][kind].to_string();
                    spans.push(WordSpan {
                        first: at,
                        end: at + length,
                        label,
                    });
                }
                at += length;
            }
            (at, spans)
        })
    }

    fn any_tags() -> impl Strategy<Value = Vec<Tag>> {
        let tag = prop::sample::select(vec![
            "O", "B-X", "I-X", "E-X", "S-X", "B-Y", "I-Y", "E-Y", "S-Y",
        ]);
        prop::collection::vec(tag.prop_map(|t| Tag::parse(t).unwrap()), 0..12)
    }

    proptest! {
        #[test]
        fn encode_then_decode_is_the_identity((n, spans) in spans()) {
            for scheme in SCHEMES {
                let tags = encode(n, &spans, scheme);
                prop_assert_eq!(ill_formed(&tags, scheme), Vec::<usize>::new());
                prop_assert_eq!(decode(&tags), decode_strict(&tags, scheme));
                if scheme != Scheme::Io {
                    prop_assert_eq!(&decode(&tags), &spans);
                }
                for tag in &tags {
                    prop_assert_eq!(Tag::parse(&tag.render(scheme)).unwrap(), tag.clone());
                }
            }
        }

        #[test]
        fn well_formed_means_both_readings_agree(tags in any_tags()) {
            for scheme in SCHEMES {
                if ill_formed(&tags, scheme).is_empty() {
                    prop_assert_eq!(decode(&tags), decode_strict(&tags, scheme));
                }
            }
        }

        /// conlleval's two questions, asked as it asks them.
        #[test]
        fn decode_is_conllevals_algorithm(tags in any_tags()) {
            let mut expected = Vec::new();
            let mut open: Option<usize> = None;
            let letter = |t: &Tag| t.render(Scheme::Bioes).chars().next().unwrap();
            let kind = |t: &Tag| t.label().unwrap_or("").to_string();
            let mut previous = Tag::Outside;
            for (i, tag) in tags.iter().chain([&Tag::Outside]).enumerate() {
                let (p, t) = (letter(&previous), letter(tag));
                let differ = kind(&previous) != kind(tag);
                let ends = matches!((p, t), ('E' | 'S', _) | ('B' | 'I', 'B' | 'S' | 'O'))
                    || (p != 'O' && differ);
                let starts = matches!((p, t), (_, 'B' | 'S') | ('E' | 'S' | 'O', 'E' | 'I'))
                    || (t != 'O' && differ);
                if let (Some(first), true) = (open, ends) {
                    expected.push(WordSpan { first, end: i, label: kind(&previous) });
                    open = None;
                }
                if starts {
                    open = Some(i);
                }
                previous = tag.clone();
            }
            prop_assert_eq!(decode(&tags), expected);
        }
    }
}
