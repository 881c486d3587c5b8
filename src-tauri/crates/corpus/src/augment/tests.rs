//! Worked examples, and what holds for any document.

use super::*;
use crate::document::Span;
use proptest::prelude::*;
use tagsmith_protocol::TrainSettings;

/// With all ways to change a document switched off.
fn off() -> TrainSettings {
    TrainSettings {
        mention_replacement: 0.0,
        token_replacement: 0.0,
        segment_shuffling: 0.0,
        word_dropout: 0.0,
        case_noise: 0.0,
        typo_noise: 0.0,
        ..TrainSettings::default()
    }
}

/// A text in which entities stand as [`marked`] writes them.
fn document(marked: &str) -> Document {
    let mut text = String::new();
    let mut spans = Vec::new();
    let mut rest = marked;
    while let Some((before, entity)) = rest.split_once('[') {
        text.push_str(before);
        let (inside, behind) = entity.split_once("](").unwrap();
        let (label, behind) = behind.split_once(')').unwrap();
        let start = text.len();
        text.push_str(inside);
        spans.push(Span {
            start,
            end: text.len(),
            label: label.into(),
            score: None,
        });
        rest = behind;
    }
    let mut document = Document::from_text(text + rest);
    document.spans = spans;
    document
}

/// The new documents as [`marked`] writes them, sorted, each once.
fn results(documents: &[Document], settings: &TrainSettings, count: usize) -> Vec<String> {
    let augmenter = Augmenter::new(documents, Vec::new(), settings);
    let drawn = augmenter.draw(count).into_iter();
    let mut found: Vec<String> = drawn.map(|one| marked(&one.document)).collect();
    found.sort();
    found.dedup();
    found
}

#[test]
fn a_document_is_marked_as_it_was_written() {
    for text in ["", "a", "[Ada](PER), [London](LOC).", "in [New York](LOC)"] {
        assert_eq!(marked(&document(text)), text);
    }
}

#[test]
fn a_mention_is_replaced_by_another_one_with_its_label() {
    let settings = TrainSettings {
        mention_replacement: 1.0,
        ..off()
    };
    let documents = [
        document("[Ada](PER) left [St. Ives](LOC),\n[Bob](PER)-less."),
        document("[Oslo](LOC)"),
        document("no entity"),
    ];
    assert_eq!(
        results(&documents, &settings, 40),
        [
            "[Bob](PER) left [Oslo](LOC),\n[Ada](PER)-less.",
            "[St. Ives](LOC)"
        ]
    );
    // A list has mentions that no document has; those with labels that no document has are of no use.
    let listed = |label: &str, text: &str| ListedMention {
        label: label.into(),
        text: text.into(),
    };
    let list = vec![listed("LOC", "Rio (de Janeiro)"), listed("GPE", "x")];
    let augmenter = Augmenter::new(&documents[1..2], list, &settings);
    assert_eq!(augmenter.unknown_labels(), ["GPE"]);
    let drawn = augmenter.draw(1);
    assert_eq!(marked(&drawn[0].document), "[Rio (de Janeiro)](LOC)");
    assert_eq!(drawn[0].document.words.len(), 5);
}

#[test]
fn a_word_is_replaced_by_one_with_the_same_tag() {
    let settings = TrainSettings {
        token_replacement: 1.0,
        ..off()
    };
    let documents = [document("[New York](LOC)"), document("[Rio Grande](LOC)")];
    assert_eq!(
        results(&documents, &settings, 100),
        [
            "[New Grande](LOC)",
            "[New York](LOC)",
            "[Rio Grande](LOC)",
            "[Rio York](LOC)",
        ]
    );
    // Letters that would grow together are kept apart.
    let documents = [document("a,"), document("b")];
    assert!(results(&documents, &settings, 200).contains(&"b a".to_owned()));
}

#[test]
fn words_are_shuffled_inside_their_segment() {
    let settings = TrainSettings {
        segment_shuffling: 1.0,
        ..off()
    };
    let documents = [document("a b [C D](X) [E](Y) f")];
    assert_eq!(
        results(&documents, &settings, 100),
        [
            "a b [D C](X) [E](Y) f",
            "b a [C D](X) [E](Y) f",
            "b a [D C](X) [E](Y) f"
        ]
    );
    let documents = [document("Ada and, yes")];
    let found = results(&documents, &settings, 100);
    assert!(found.contains(&"and Ada, yes".to_owned()), "{found:?}");
    // The gap before the comma is empty, and words in it would be read as one.
    assert!(found.contains(&", Ada and yes".to_owned()), "{found:?}");
}

#[test]
fn words_outside_entities_are_dropped() {
    let settings = TrainSettings {
        word_dropout: 0.5,
        ..off()
    };
    let documents = [document("The [Ada](PER), x\n\n[B](PER).")];
    let expected = [
        "The [Ada](PER)\n\n[B](PER)",
        "The [Ada](PER)\n\n[B](PER).",
        "The [Ada](PER) x\n\n[B](PER)",
        "The [Ada](PER) x\n\n[B](PER).",
        "The [Ada](PER),\n\n[B](PER)",
        "The [Ada](PER),\n\n[B](PER).",
        "The [Ada](PER), x\n\n[B](PER)",
        "[Ada](PER)\n\n[B](PER)",
        "[Ada](PER)\n\n[B](PER).",
        "[Ada](PER) x\n\n[B](PER)",
        "[Ada](PER) x\n\n[B](PER).",
        "[Ada](PER),\n\n[B](PER)",
        "[Ada](PER),\n\n[B](PER).",
        "[Ada](PER), x\n\n[B](PER)",
        "[Ada](PER), x\n\n[B](PER).",
    ];
    assert_eq!(results(&documents, &settings, 1000), expected);
    // One word stays where there is no entity.
    let all = TrainSettings {
        word_dropout: 1.0,
        ..off()
    };
    assert_eq!(results(&[document("a b")], &all, 50), ["a", "b"]);
}

#[test]
fn a_document_is_put_in_another_case_as_a_whole() {
    let settings = TrainSettings {
        case_noise: 1.0,
        ..off()
    };
    let documents = [document("[Ada](PER) von der [Straße](LOC)")];
    assert_eq!(
        results(&documents, &settings, 50),
        [
            "[ADA](PER) VON DER [STRASSE](LOC)",
            "[Ada](PER) Von Der [Straße](LOC)",
            "[ada](PER) von der [straße](LOC)",
        ]
    );
}

#[test]
fn documents_are_taken_in_turn_and_what_was_done_is_told() {
    let settings = TrainSettings {
        mention_replacement: 1.0,
        ..off()
    };
    let documents = [
        document("[A](X)"),
        document("nothing"),
        document("[B](X)"),
        document("[C](Y)"),
    ];
    let drawn = Augmenter::new(&documents, Vec::new(), &settings).draw(9);
    let mut sources: Vec<usize> = drawn.iter().map(|one| one.source).collect();
    sources.sort_unstable();
    // The third of those with entities cannot be changed: nothing else has its label.
    assert_eq!(sources, [0, 0, 0, 2, 2, 2]);
    assert_eq!(
        counts(&drawn),
        BTreeMap::from([(Operation::MentionReplacement, 6)])
    );
    assert!(
        Augmenter::new(&documents, Vec::new(), &off())
            .draw(9)
            .is_empty()
    );
    assert!(
        Augmenter::new(&[], Vec::new(), &settings)
            .draw(9)
            .is_empty()
    );
}

#[test]
fn documents_of_words_keep_their_words() {
    let settings = TrainSettings {
        segment_shuffling: 1.0,
        ..off()
    };
    let mut source = Document::from_words(&["", "do", "n't", "New York", "."]);
    source.line = 7;
    let augmenter = Augmenter::new(std::slice::from_ref(&source), Vec::new(), &settings);
    for one in augmenter.draw(20) {
        let document = one.document;
        assert!(document.words_given);
        assert_eq!((document.line, document.text.len()), (7, source.text.len()));
        let mut words: Vec<&str> = (0..5).map(|at| document.word_text(at)).collect();
        words.sort_unstable();
        assert_eq!(words, ["", ".", "New York", "do", "n't"]);
    }
}

/// A row of a CoNLL file may have an empty token: it stays in its own entity.
#[test]
fn an_empty_word_at_the_end_of_a_mention_stays_there() {
    let mut words = Document::from_words(&["x", ""]);
    words.spans = vec![Span {
        start: 0,
        end: 2,
        label: "A".into(),
        score: None,
    }];
    let documents = [document("[a](A)[,](A)"), words];
    let settings = TrainSettings {
        mention_replacement: 1.0,
        ..off()
    };
    let drawn = Augmenter::new(&documents, Vec::new(), &settings).draw(40);
    assert!(drawn.iter().any(|one| one.document.text == "x  a"));
    for one in drawn {
        let labels = labels_of(&one.document);
        assert_eq!(
            labels,
            labels_of(&documents[one.source]),
            "{:?}",
            one.document.text
        );
    }
}

/// Letters of several scripts, some that grow when their case changes, marks, invisible ones, and white space.
const TEXT: &str = "[abİßŉ \t\n\u{a0}\u{301}\u{5e9}\u{4e16}👩\u{200d},.-]{0,24}";

prop_compose! {
    /// With spans anywhere, also empty, nested, and inside words.
    fn any_document()(
        text in TEXT,
        given in prop::option::of(prop::collection::vec("[a-cß,é]{0,3}", 0..8)),
        edges in prop::collection::vec((0usize..26, 0usize..26, "[AB]"), 0..5),
    ) -> Document {
        let mut document = match given {
            Some(words) => Document::from_words(&words),
            None => Document::from_text(text),
        };
        let text = &document.text;
        let places: Vec<usize> = text.char_indices().map(|(i, _)| i).chain([text.len()]).collect();
        let place = |at: usize| places[at % places.len()];
        document.spans = edges
            .into_iter()
            .map(|(a, b, label)| Span {
                start: place(a).min(place(b)),
                end: place(a).max(place(b)),
                label,
                score: None,
            })
            .collect();
        document.spans.sort_by_key(|s| (s.start, std::cmp::Reverse(s.end)));
        document
    }
}

prop_compose! {
    fn any_settings()(
        strengths in prop::array::uniform6(prop_oneof![Just(0.0), Just(0.3), Just(1.0)]),
        seed in any::<u64>(),
    ) -> TrainSettings {
        TrainSettings {
            mention_replacement: strengths[0],
            token_replacement: strengths[1],
            segment_shuffling: strengths[2],
            word_dropout: strengths[3],
            case_noise: strengths[4],
            typo_noise: strengths[5],
            seed,
            ..TrainSettings::default()
        }
    }
}

/// The labels of whole words, in order.
fn labels_of(document: &Document) -> Vec<String> {
    let spans = document.word_spans().spans;
    spans.into_iter().map(|span| span.label).collect()
}

/// The words of each entity.
fn entities(document: &Document) -> Vec<Vec<&str>> {
    let spans = document.word_spans().spans;
    let words = |span: &crate::WordSpan| {
        (span.first..span.end)
            .map(|at| document.word_text(at))
            .collect()
    };
    spans.iter().map(words).collect()
}

proptest! {
    #[test]
    fn words_and_spans_are_exact(
        documents in prop::collection::vec(any_document(), 0..6),
        settings in any_settings(),
        count in 0usize..12,
    ) {
        let augmenter = Augmenter::new(&documents, Vec::new(), &settings);
        let drawn = augmenter.draw(count);
        prop_assert!(drawn.len() <= count);
        for one in &drawn {
            let (source, document) = (&documents[one.source], &one.document);
            prop_assert!(!one.operations.is_empty());
            prop_assert_eq!(labels_of(document), labels_of(source));
            let mut done = 0;
            for word in &document.words {
                prop_assert!(word.start >= done && word.end >= word.start);
                prop_assert!(document.text.get(word.start..word.end).is_some());
                done = word.end;
            }
            prop_assert!(document.text.len() >= done);
            let found = document.word_spans();
            prop_assert_eq!((found.moved, found.lost), (0, 0));
            prop_assert_eq!(found.spans.len(), document.spans.len());
            for (span, words) in document.spans.iter().zip(&found.spans) {
                prop_assert_eq!(span.start, document.words[words.first].start);
                prop_assert_eq!(span.end, document.words[words.end - 1].end);
            }
            prop_assert_eq!(document.words_given, source.words_given);
        }
        // The same seed makes the same, and the first of many are those of few.
        prop_assert_eq!(&augmenter.draw(count), &drawn);
        let more = augmenter.draw(count + 5);
        prop_assert_eq!(&more[..drawn.len()], &drawn[..]);
    }

    #[test]
    fn replaced_mentions_are_mentions_with_that_label(
        documents in prop::collection::vec(any_document(), 1..6),
        seed in any::<u64>(),
    ) {
        let settings = TrainSettings { mention_replacement: 0.7, seed, ..off() };
        for one in Augmenter::new(&documents, Vec::new(), &settings).draw(8) {
            let (source, document) = (&documents[one.source], &one.document);
            for (label, words) in labels_of(document).iter().zip(entities(document)) {
                let known = documents.iter().any(|other| {
                    labels_of(other).iter().zip(entities(other)).any(|pair| pair == (label, words.clone()))
                });
                prop_assert!(known, "{label} {words:?}");
            }
            let outside = |document: &Document| -> Vec<String> {
                let spans = document.word_spans().spans;
                let inside = |at: &usize| spans.iter().any(|span| (span.first..span.end).contains(at));
                let words = (0..document.words.len()).filter(|at| !inside(at));
                words.map(|at| document.word_text(at).to_owned()).collect()
            };
            prop_assert_eq!(outside(document), outside(source));
        }
    }

    #[test]
    fn shuffling_keeps_words_and_dropout_keeps_entities(
        document in any_document(),
        seed in any::<u64>(),
    ) {
        let documents = [document];
        let shuffling = TrainSettings { segment_shuffling: 0.7, seed, ..off() };
        for one in Augmenter::new(&documents, Vec::new(), &shuffling).draw(4) {
            let sorted = |document: &Document| -> Vec<Vec<String>> {
                let mut all: Vec<Vec<String>> = entities(document)
                    .into_iter()
                    .map(|words| words.into_iter().map(str::to_owned).collect())
                    .collect();
                all.push((0..document.words.len()).map(|at| document.word_text(at).to_owned()).collect());
                all.iter_mut().for_each(|words| words.sort());
                all
            };
            prop_assert_eq!(sorted(&one.document), sorted(&documents[0]));
        }
        let dropping = TrainSettings { word_dropout: 0.7, seed, ..off() };
        for one in Augmenter::new(&documents, Vec::new(), &dropping).draw(4) {
            prop_assert_eq!(entities(&one.document), entities(&documents[0]));
            prop_assert!(!one.document.words.is_empty());
        }
    }

    /// So that a file of the new documents is read with the same words.
    #[test]
    fn words_of_plain_text_are_found_again(
        documents in prop::collection::vec("[a-c ,.\n世é]{0,20}", 1..4),
        mut settings in any_settings(),
    ) {
        // A typo can make another word of it only inside a word: that is no matter of spaces.
        settings.case_noise = 0.0;
        let documents: Vec<Document> = documents.into_iter().map(Document::from_text).collect();
        for one in Augmenter::new(&documents, Vec::new(), &settings).draw(6) {
            prop_assert_eq!(&one.document.words, &crate::words::split(&one.document.text));
        }
    }
}
