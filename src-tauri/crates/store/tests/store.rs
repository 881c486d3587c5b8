//! What is put into a store comes out of it: whole, in order, found by what it holds.
#![allow(missing_docs, clippy::unwrap_used)]

mod support;

use proptest::prelude::*;
use std::fs;
use std::time::Duration;
use support::{all, built, document, page};
use tagsmith_corpus::{Document, Issue, IssueCode, Location, Severity, Span, WriteFormat, write};
use tagsmith_protocol::Diagnose;
use tagsmith_store::{FindingQuery, Query, Stage, Store, StoreError, Writer};

#[test]
fn documents_come_back_as_they_were() {
    let mut odd = Document::from_words(&["New York", "", "é😀", "שלום"]);
    odd.id = Some("a\"b".into());
    odd.group = Some(7);
    odd.line = 12;
    odd.file = Some(std::path::Path::new("folder/b.conll").into());
    odd.spans = [(0, 8, "LOC"), (0, 3, "NEW"), (10, 16, "X Y")]
        .map(|(start, end, label)| Span {
            start,
            end,
            label: label.into(),
            score: (label == "NEW").then_some(0.25),
        })
        .into();
    odd.unknown = vec![odd.words[1], odd.words[3]];
    let documents = [odd, Document::from_text(""), document("東京 a\0b\n", &[])];
    let (_folder, store) = built(&[("train", &documents), ("extra", &documents[..1])]);
    for (number, wanted) in documents.iter().enumerate() {
        let stored = store.document("train", number as u64).unwrap().unwrap();
        assert_eq!(stored.document, *wanted);
        assert_eq!(
            (stored.split.as_str(), stored.number),
            ("train", number as u64)
        );
    }
    assert_eq!(store.document("train", 3).unwrap(), None);
    assert_eq!(store.document("nothing", 0).unwrap(), None);
    assert_eq!(store.documents(), 4);
    let sizes: Vec<(&str, u64)> = (store.splits().iter())
        .map(|split| (split.name.as_str(), split.documents))
        .collect();
    assert_eq!(sizes, [("train", 3), ("extra", 1)]);
    assert_eq!(store.labels(), ["LOC", "NEW", "X Y"]);
}

#[test]
fn an_export_has_the_bytes_of_the_writer() {
    let documents: Vec<Document> = (0..1500)
        .map(|n| document(&format!("Zoë{n} saw 😀 Köln"), &[(0, 4, "PER")]))
        .collect();
    let (_folder, store) = built(&[("train", &documents), ("dev", &documents[..3])]);
    for format in [
        WriteFormat::JsonlSpans,
        WriteFormat::JsonlTokens {
            scheme: tagsmith_corpus::Scheme::Iob2,
        },
    ] {
        let (mut wanted, mut found) = (Vec::new(), Vec::new());
        write(&documents, &format, &mut wanted).unwrap();
        assert_eq!(store.export("train", &format, &mut found).unwrap(), 1500);
        assert!(wanted == found);
    }
}

#[test]
fn texts_are_found_in_any_script_and_whatever_stands_in_them() {
    let texts = [
        "He said \"yes\" 100% AND left_early*",
        "Die STRASSE in KÖLN",
        "東京都は日本の首都",
        "שלום עולם and مرحبا بالعالم",
        "👩‍👩‍👧 family 😀",
        "a",
        "",
        "NEAR(one two) -three: ^four {five} 'six' \\",
        "ΟΔΥΣΣΕΥΣ",
        "zero\0inside",
    ];
    let documents: Vec<Document> = texts.iter().map(|text| document(text, &[])).collect();
    let (_folder, store) = built(&[("train", &documents)]);
    for (text, wanted) in [
        ("\"yes\"", &[0][..]),
        ("\"", &[0]),
        ("100%", &[0]),
        ("%", &[0]),
        ("0% and LEFT_", &[0]),
        ("early*", &[0]),
        ("y*", &[0]),
        ("straße", &[1]),
        ("köln", &[1]),
        ("Ö", &[1]),
        ("東", &[2]),
        ("東京", &[2]),
        ("首都", &[2]),
        ("都", &[2]),
        ("日本の首", &[2]),
        ("京東", &[]),
        ("שלום", &[3]),
        ("לם", &[3]),
        ("مرحبا", &[3]),
        ("😀", &[4]),
        ("👩‍👩‍👧", &[4]),
        ("👩", &[4]),
        ("near(one", &[7]),
        ("-three:", &[7]),
        ("^four {five}", &[7]),
        ("'six'", &[7]),
        ("\\", &[7]),
        ("οδυσσευς", &[8]),
        ("ευσ", &[8]),
        ("zero\0i", &[9]),
        ("o\0", &[9]),
        ("nothing of this", &[]),
        ("  ", &[]),
        (&"long ".repeat(200), &[]),
    ] {
        let found: Vec<u64> = page(&store, text, None, 0, 99)
            .documents
            .iter()
            .map(|stored| stored.number)
            .collect();
        assert_eq!(found, wanted, "{text:?}");
    }
    let whole = "He said \"yes\" 100% AND left_early*";
    assert_eq!(page(&store, whole, None, 0, 9).total, 1);
}

/// Another version of the program may have other findings: a store keeps their codes as text.
#[test]
fn findings_of_other_versions_are_read() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("documents.db");
    let mut writer = Writer::create(&path).unwrap();
    writer.add("train", &document("some text", &[])).unwrap();
    let issue = Issue::new(Severity::Info, IssueCode::Duplicate, "a.jsonl", 0, "x");
    writer.add_issue(&issue).unwrap();
    writer.finish(|_| true).unwrap();
    let other = "UPDATE codes SET name = 'of-tomorrow';
         UPDATE findings SET finding = replace(finding, 'duplicate', 'of-tomorrow')";
    let db = rusqlite::Connection::open(&path).unwrap();
    db.execute_batch(other).unwrap();
    drop(db);
    let store = Store::open(&path).unwrap();
    assert_eq!(store.groups().unwrap()[0].code, "of-tomorrow");
    let query = FindingQuery {
        code: Some("of-tomorrow".into()),
        limit: 9,
        ..FindingQuery::default()
    };
    assert_eq!(
        store.findings(&query).unwrap().findings[0]["code"],
        "of-tomorrow"
    );
}

#[test]
fn findings_are_found_and_lead_to_their_documents() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("documents.db");
    let mut writer = Writer::create(&path).unwrap();
    for number in 0..10 {
        let split = if number < 6 { "train" } else { "dev" };
        writer.add(split, &document("some text", &[])).unwrap();
    }
    let issue = |severity, code, split: &str, document| {
        let mut issue = Issue::new(severity, code, "a.jsonl", 3, "what is the matter");
        issue.place = Some(Location {
            split: split.into(),
            document,
            range: Some((0, 4)),
        });
        issue
    };
    writer
        .add_issue(&issue(Severity::Info, IssueCode::Duplicate, "train", 1))
        .unwrap();
    writer
        .add_issue(&issue(Severity::Info, IssueCode::Duplicate, "train", 1))
        .unwrap();
    writer
        .add_issue(&issue(Severity::Warning, IssueCode::Overlap, "dev", 2))
        .unwrap();
    let mut rest = Issue::new(
        Severity::Info,
        IssueCode::Duplicate,
        "a.jsonl",
        0,
        "40 more",
    );
    rest.count = 40;
    writer.add_issue(&rest).unwrap();
    writer.put("statistics", &[1, 2, 3]).unwrap();
    writer.finish(|_| true).unwrap();

    let store = Store::open(&path).unwrap();
    let groups: Vec<(String, Severity, u64, u64)> = (store.groups().unwrap().into_iter())
        .map(|group| (group.code, group.severity, group.listed, group.count))
        .collect();
    assert_eq!(
        groups,
        [
            ("overlap".into(), Severity::Warning, 1, 1),
            ("duplicate".into(), Severity::Info, 3, 42)
        ]
    );
    let ask = |code: Option<&str>, severity, split: Option<&str>, offset| {
        let query = FindingQuery {
            code: code.map(str::to_owned),
            severity,
            split: split.map(str::to_owned),
            offset,
            limit: 2,
        };
        let page = store.findings(&query).unwrap();
        let codes = page
            .findings
            .iter()
            .map(|finding| finding["code"].as_str().unwrap().to_owned());
        (page.total, codes.collect::<Vec<_>>())
    };
    assert_eq!(
        ask(None, None, None, 0),
        (4, vec!["overlap".into(), "duplicate".into()])
    );
    assert_eq!(ask(None, None, None, 3).1.len(), 1);
    assert_eq!(ask(Some("duplicate"), None, Some("train"), 0).0, 2);
    assert_eq!(ask(Some("duplicate"), Some(Severity::Error), None, 0).0, 0);
    assert_eq!(ask(Some("unheard-of"), None, None, 0).0, 0);
    assert_eq!(ask(None, None, Some("unheard-of"), 0).0, 0);
    let query = Query {
        code: Some("duplicate".into()),
        text: "TEXT".into(),
        ..all()
    };
    let page = store.page(&query, Duration::MAX).unwrap();
    assert_eq!((page.total, page.documents[0].number), (1, 1));
    let written = &store
        .findings(&FindingQuery {
            limit: 1,
            ..FindingQuery::default()
        })
        .unwrap()
        .findings[0];
    assert_eq!(
        *written,
        serde_json::to_value(issue(Severity::Warning, IssueCode::Overlap, "dev", 2)).unwrap()
    );
    assert_eq!(
        store.value::<Vec<u8>>("statistics").unwrap(),
        Some(vec![1, 2, 3])
    );
    assert_eq!(store.value::<u8>("nothing").unwrap(), None);
    assert!(matches!(
        store.value::<u8>("statistics"),
        Err(StoreError::Damaged { .. })
    ));
}

#[test]
fn a_building_that_ends_early_leaves_the_old_file() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("documents.db");
    let build = |text: &str| {
        let mut writer = Writer::create(&path).unwrap();
        writer.add("train", &document(text, &[])).unwrap();
        writer
    };
    assert!(matches!(
        Store::open(&path),
        Err(StoreError::Missing { .. })
    ));
    drop(build("never"));
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 0);
    build("old").finish(|_| true).unwrap();
    drop(build("new"));
    let mut stages = Vec::new();
    let stopped = build("new").finish(|stage| {
        stages.push(stage);
        stage == Stage::Index
    });
    assert!(matches!(stopped, Err(StoreError::Stopped)));
    assert_eq!(stages, [Stage::Index, Stage::Flush]);
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1);
    let text = |store: &Store| store.document("train", 0).unwrap().unwrap().document.text;
    let old = Store::open(&path).unwrap();
    assert_eq!(text(&old), "old");
    build("new").finish(|_| true).unwrap();
    // Who had it open reads on.
    #[cfg(unix)]
    assert_eq!(text(&old), "old");
    assert_eq!(text(&Store::open(&path).unwrap()), "new");
}

#[test]
fn a_damaged_file_is_told_from_a_good_one() {
    let documents: Vec<Document> = (0..2000)
        .map(|n| document(&format!("text number {n} of this file"), &[(0, 4, "X")]))
        .collect();
    let (folder, store) = built(&[("train", &documents)]);
    drop(store);
    let path = folder.path().join("documents.db");
    let good = fs::read(&path).unwrap();
    let check = |bytes: &[u8]| {
        fs::write(&path, bytes).unwrap();
        let store = Store::open(&path)?;
        store.each("train", |_| std::ops::ControlFlow::Continue(()))?;
        let query = Query {
            text: "number 19".into(),
            ..all()
        };
        store.page(&query, Duration::MAX)?;
        store.findings(&FindingQuery::default())?;
        Ok::<_, StoreError>(())
    };
    check(&good).unwrap();
    for (what, bytes) in [
        ("empty", &[][..]),
        ("text", b"{\"text\": \"no database\"}\n".as_slice()),
        ("cut", &good[..good.len() / 2]),
        ("cut by a page", &good[..good.len() - 8192]),
        ("longer", &[&good[..], &[0; 100]].concat()),
    ] {
        let failure = check(bytes).unwrap_err();
        assert!(
            matches!(failure, StoreError::Damaged { .. }),
            "{what}: {failure}"
        );
        assert!(failure.hint().unwrap().contains("import"), "{what}");
    }
    let mut newer = good.clone();
    newer[60..64].copy_from_slice(&9_u32.to_be_bytes());
    assert!(matches!(
        check(&newer),
        Err(StoreError::Newer { found: 9, .. })
    ));
    // One of an older form is made again, as one that is damaged.
    let mut older = good.clone();
    older[60..64].copy_from_slice(&1_u32.to_be_bytes());
    let failure = check(&older).unwrap_err();
    assert!(
        failure.to_string().contains("an older version"),
        "{failure}"
    );
    assert!(matches!(failure, StoreError::Damaged { .. }));
    // Whatever is overwritten: no panic, and what is read fits its text.
    for at in (100..good.len() - 700).step_by(8191) {
        let mut broken = good.clone();
        broken[at..at + 600].fill(0xA5);
        let _ = check(&broken);
    }
    check(&good).unwrap();
}

/// Pieces that texts are made of: their small letters are one character each, so that the standard
/// library's idea of them is a fair judge.
const PIECES: &[&str] = &[
    "a", "B", "ab", "ABC", "ö", "Ж", "東", "京", "😀", "ש", "ل", "\"", "*", "%", "_", " ", "-",
    "(", "\0", "AND ", "e\u{301}",
];

fn text() -> impl Strategy<Value = String> {
    prop::collection::vec(prop::sample::select(PIECES), 0..12).prop_map(|pieces| pieces.concat())
}

fn documents() -> impl Strategy<Value = Vec<(usize, String, Vec<usize>)>> {
    let labels = prop::collection::vec(0..3_usize, 0..3);
    prop::collection::vec((0..3_usize, text(), labels), 0..60)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(96))]

    #[test]
    fn pages_equal_those_of_a_plain_filter(
        documents in documents(),
        wanted in prop::collection::vec(prop::sample::select(PIECES), 0..4),
        split in prop::option::of(0..4_usize),
        label in prop::option::of(0..4_usize),
        noted in prop::option::of(1..5_usize),
        offset in 0..30_usize,
        limit in 0..20_usize,
    ) {
        const SPLITS: [&str; 4] = ["train", "dev", "test", "none"];
        const LABELS: [&str; 4] = ["PER", "LOC", "ORG", "NONE"];
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("documents.db");
        let mut writer = Writer::create(&path).unwrap();
        let mut plain: Vec<(usize, usize, String, Vec<usize>, bool)> = Vec::new();
        // The splits lie in the order in which they are first named.
        for split in SPLITS.iter().take(3) {
            writer.add(split, &Document::default()).unwrap();
        }
        for split in 0..3 {
            plain.push((split, 0, String::new(), vec![], false));
        }
        for (split, text, labels) in documents {
            let spans: Vec<(usize, usize, &str)> = labels.iter().map(|label| (0, text.len(), LABELS[*label])).collect();
            writer.add(SPLITS[split], &document(&text, &spans)).unwrap();
            let number = plain.iter().filter(|known| known.0 == split).count();
            let noted = noted.is_some_and(|every| number % every == 0);
            if noted {
                let mut issue = Issue::new(Severity::Info, IssueCode::Unlabelled, "x", 0, "");
                issue.place = Some(Location { split: SPLITS[split].into(), document: number, range: None });
                writer.add_issue(&issue).unwrap();
            }
            plain.push((split, number, text, labels, noted));
        }
        writer.finish(|_| true).unwrap();
        plain.sort_by_key(|known| (known.0, known.1));
        let wanted = wanted.concat();
        let small = wanted.to_lowercase();
        let expected: Vec<(&str, u64)> = plain
            .iter()
            .filter(|known| split.is_none_or(|split| split == known.0))
            .filter(|known| label.is_none_or(|label| known.3.contains(&label)))
            .filter(|known| noted.is_none() || known.4)
            .filter(|known| known.2.to_lowercase().contains(&small))
            .map(|known| (SPLITS[known.0], known.1 as u64))
            .collect();
        let store = Store::open(&path).unwrap();
        let query = Query {
            split: split.map(|split| SPLITS[split].into()),
            text: wanted,
            label: label.map(|label| LABELS[label].into()),
            code: noted.map(|_| "unlabelled".into()),
            offset,
            limit,
        };
        for patience in [Duration::ZERO, Duration::MAX] {
            let page = store.page(&query, patience).unwrap();
            prop_assert!(page.complete || patience.is_zero());
            let found: Vec<(&str, u64)> = page.documents.iter().map(|stored| (stored.split.as_str(), stored.number)).collect();
            let on_page: Vec<(&str, u64)> = expected.iter().skip(offset).take(limit).copied().collect();
            prop_assert_eq!(found, on_page);
            if page.complete {
                prop_assert_eq!(page.total, expected.len() as u64);
            }
        }
    }
}
