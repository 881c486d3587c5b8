//! Repairs on any documents: what goes is counted, doing it twice changes nothing, splits are splits.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::path::Path;

use proptest::prelude::*;
use tagsmith_corpus::repair::{apply, preview};
use tagsmith_corpus::{
    Dataset, Document, ReadOptions, Repair, RepairReport, Span, Split, Stop, overlap, read_bytes,
};

const TEXT: &str = "[ab \t\u{a0}é\u{301}\u{5e9}\u{4e16}👩\u{200d},-]{0,14}";

prop_compose! {
    /// Spans anywhere, also empty, nested, and twice the same.
    fn document()(
        text in TEXT,
        edges in prop::collection::vec((0usize..16, 0usize..16, "[ABC]"), 0..5),
        group in prop::option::of(0u32..4),
    ) -> Document {
        let places: Vec<usize> = text.char_indices().map(|(i, _)| i).chain([text.len()]).collect();
        let place = |at: usize| places[at % places.len()];
        let mut document = Document::from_text(text);
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
        document.group = group;
        document
    }
}

prop_compose! {
    fn dataset()(
        splits in prop::collection::vec(prop::collection::vec(document(), 0..12), 1..4),
    ) -> Dataset {
        splits
            .into_iter()
            .zip(["train", "dev", "test"])
            .map(|(mut documents, split)| {
                let empty = b"{\"text\": \"\"}";
                let mut corpus =
                    read_bytes(Path::new(split), empty, &ReadOptions::default()).expect("valid");
                for (i, document) in documents.iter_mut().enumerate() {
                    document.line = i + 1;
                    document.id = Some(format!("{split} {i}"));
                }
                corpus.source.documents = documents.len();
                corpus.documents = documents;
                Split { name: split.into(), corpus }
            })
            .collect()
    }
}

/// Documents and spans.
fn sizes(dataset: &Dataset) -> (usize, usize) {
    let documents = dataset.iter().flat_map(|split| &split.corpus.documents);
    let spans = documents.clone().map(|document| document.spans.len());
    (documents.count(), spans.sum())
}

fn once(dataset: &Dataset, repair: &Repair) -> (Dataset, RepairReport) {
    let (after, mut done) =
        apply(dataset.clone(), std::slice::from_ref(repair)).expect("it can be done");
    (after, done.remove(0))
}

fn any_map() -> impl Strategy<Value = BTreeMap<String, Option<String>>> {
    prop::collection::btree_map("[ABC]", prop::option::of("[XYC]"), 0..4)
}

fn repair() -> impl Strategy<Value = Repair> {
    prop_oneof![
        Just(Repair::TrimSpans),
        Just(Repair::SnapToWords),
        Just(Repair::RepairTags),
        any_map().prop_map(|labels| Repair::MapLabels { labels }),
        Just(Repair::DropDuplicates { near: false }),
        Just(Repair::MoveLeaking { near: false }),
        (0usize..8, any::<u64>()).prop_map(|(documents, seed)| Repair::Sample {
            split: "train".into(),
            documents,
            seed
        }),
    ]
}

proptest! {
    #[test]
    fn what_goes_is_counted(dataset in dataset(), repair in repair()) {
        let before = sizes(&dataset);
        let (after, done) = once(&dataset, &repair);
        let left = sizes(&after);
        prop_assert_eq!(
            (left.0 + done.removed_documents, left.1 + done.removed_spans),
            before
        );
        prop_assert_eq!(&preview(&dataset, &repair, 3, &Stop::default()).expect("it can be done").done, &done);
        for split in &after {
            let source = &split.corpus.source;
            prop_assert_eq!(source.documents, split.corpus.documents.len());
            for document in &split.corpus.documents {
                prop_assert!(document.spans.is_sorted_by_key(|s| (s.start, std::cmp::Reverse(s.end))));
                for span in &document.spans {
                    prop_assert!(document.text.get(span.start..span.end).is_some());
                }
            }
        }
        // Once is enough, but where one label's new name is another one's old name.
        let chain = match &repair {
            Repair::MapLabels { labels } => labels.values().flatten().any(|to| labels.contains_key(to)),
            _ => false,
        };
        if !chain {
            let (again, done) = once(&after, &repair);
            let nothing = done.is_nothing() || repair == Repair::RepairTags;
            prop_assert!(nothing, "{:?}", done);
            prop_assert_eq!(again, after);
        }
    }

    #[test]
    fn no_edge_is_left_that_could_be_moved(dataset in dataset()) {
        let (after, _) = once(&dataset, &Repair::TrimSpans);
        for document in after.iter().flat_map(|split| &split.corpus.documents) {
            for span in document.spans.iter().filter(|span| span.start < span.end) {
                let text = &document.text[span.start..span.end];
                prop_assert_eq!(text, text.trim());
            }
        }
        let (after, done) = once(&dataset, &Repair::SnapToWords);
        let mut inside = 0;
        for document in after.iter().flat_map(|split| &split.corpus.documents) {
            let cuts = |edge| document.words.iter().any(|w| w.start < edge && edge < w.end);
            let spans = document.spans.iter().filter(|span| span.start < span.end);
            inside += spans.filter(|span| cuts(span.start) || cuts(span.end)).count();
        }
        prop_assert_eq!(inside, done.left_spans);
    }

    #[test]
    fn nothing_leaks_afterwards(dataset in dataset()) {
        let (after, _) = once(&dataset, &Repair::MoveLeaking { near: false });
        let with_words = |split: &Split| -> Vec<Document> {
            let documents = split.corpus.documents.iter();
            documents.filter(|document| !document.words.is_empty()).cloned().collect()
        };
        for (i, a) in after.iter().enumerate() {
            for b in &after[i + 1..] {
                prop_assert_eq!(overlap(&with_words(a), &with_words(b)), 0);
            }
        }
        // A document that was dropped stands in `train`, with as many spans.
        let train: HashSet<(String, usize)> = after[0]
            .corpus
            .documents
            .iter()
            .map(|d| (d.text.split_whitespace().collect::<Vec<_>>().join(" "), d.spans.len()))
            .collect();
        let left: HashSet<&Option<String>> =
            after.iter().flat_map(|p| &p.corpus.documents).map(|d| &d.id).collect();
        for document in dataset.iter().flat_map(|split| &split.corpus.documents) {
            let folded = document.text.split_whitespace().collect::<Vec<_>>().join(" ");
            prop_assert!(left.contains(&document.id) || train.contains(&(folded, document.spans.len())));
        }
    }

    #[test]
    fn parts_are_parts(
        dataset in dataset(),
        weights in prop::collection::vec(1u32..20, 1..4),
        seed in any::<u64>(),
        grouped in any::<bool>(),
    ) {
        let n = sizes(&dataset).0;
        prop_assume!(n >= weights.len());
        let sum: u32 = weights.iter().sum();
        let fractions: BTreeMap<String, f64> = weights
            .iter()
            .zip(["train", "dev", "other"])
            .map(|(weight, name)| (name.into(), f64::from(*weight) / f64::from(sum)))
            .collect();
        let repair = Repair::Split { fractions: fractions.clone(), seed, grouped };
        let (after, done) = once(&dataset, &repair);
        prop_assert_eq!(&once(&dataset, &repair).0, &after);
        prop_assert_eq!((sizes(&after), done.removed_documents), (sizes(&dataset), 0));
        let names: HashSet<&String> = after.iter().map(|split| &split.name).collect();
        prop_assert_eq!(names, fractions.keys().collect::<HashSet<_>>());
        // Everything is there once, none is empty, and what was to stay whole is.
        let ids: HashSet<&Option<String>> =
            after.iter().flat_map(|p| &p.corpus.documents).map(|d| &d.id).collect();
        prop_assert_eq!(ids.len(), n);
        use tagsmith_corpus::GroupBy;
        let whole = done.whole.expect("a split says what it kept");
        let (mut of_source, mut of_text) = (HashMap::new(), HashMap::new());
        // A source document is a number in the file that it came from: a split that happens to move
        // nothing leaves the numbers of each file as they are.
        let mut source_of = HashMap::new();
        for split in &dataset {
            for document in &split.corpus.documents {
                source_of.insert(&document.id, document.group.map(|group| (&split.name, group)));
            }
        }
        for split in &after {
            prop_assert!(!split.corpus.documents.is_empty());
            for document in &split.corpus.documents {
                if let Some(source) = source_of[&document.id]
                    && matches!(whole, GroupBy::Sources | GroupBy::SourcesAndTexts)
                {
                    prop_assert_eq!(of_source.entry(source).or_insert(&split.name), &&split.name);
                }
                if matches!(whole, GroupBy::Texts | GroupBy::SourcesAndTexts) {
                    let text = document.text.split_whitespace().collect::<Vec<_>>().join(" ");
                    prop_assert_eq!(of_text.entry(text).or_insert(&split.name), &&split.name);
                }
            }
        }
        // Where documents are divided one by one, no split is off by a whole document.
        if whole == GroupBy::Documents {
            for split in &after {
                let exact = fractions[&split.name] * n as f64;
                let size = split.corpus.documents.len() as f64;
                prop_assert!((size - exact).abs() < 1.0 || exact < 1.0 || n < 3 * weights.len(), "{} {}", size, exact);
            }
        }
    }

    /// Units of the same size are divided exactly.
    #[test]
    fn single_documents_are_parted_exactly(n in 10usize..200, seed in any::<u64>(), tenths in 1usize..9) {
        let text: String = (0..n).map(|i| format!("{{\"text\": \"text {i}\"}}\n")).collect();
        let corpus = read_bytes(Path::new("f"), text.as_bytes(), &ReadOptions::default()).expect("valid");
        let dataset = vec![Split { name: "train".into(), corpus }];
        let fraction = tenths as f64 / 10.0;
        let fractions = [("train".to_owned(), fraction), ("dev".to_owned(), 1.0 - fraction)].into();
        let (after, _) = once(&dataset, &Repair::Split { fractions, seed, grouped: true });
        let train = after[0].corpus.documents.len();
        // n·tenths/10 rounded to one of its neighbours, in whole numbers.
        prop_assert!(train == n * tenths / 10 || train == (n * tenths).div_ceil(10), "{} of {}", train, n);
    }
}
