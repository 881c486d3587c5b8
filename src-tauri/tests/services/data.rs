//! Data sets: files taken into the library, split, searched, and left as they were.

use crate::fake::Desk;
use std::fs;
use std::path::Path;
use tagsmith_desktop::data::DataSets;
use tagsmith_desktop::shapes::{DocumentQuery, ImportRequest, Num, Severity, SplitChoice};

fn request(train: &Path) -> ImportRequest {
    ImportRequest {
        name: "My data".into(),
        train: train.display().to_string(),
        dev: None,
        test: None,
        dev_share: Num(0.0),
        test_share: Num(0.0),
        seed: 42,
        drop_invalid: false,
    }
}

fn all(text: &str, label: Option<&str>) -> DocumentQuery {
    DocumentQuery {
        split: SplitChoice::All,
        text: text.into(),
        label: label.map(str::to_owned),
        offset: 0,
        limit: 10,
    }
}

/// Twenty sentences of CoNLL; sentence `n` starts on line `4 n + 1`.
fn conll() -> String {
    (0..20)
        .map(|n| format!("Zoë{n} B-PER\nsaw O\n😀Köln{n} B-LOC\n\n"))
        .collect()
}

#[test]
fn a_file_is_split_and_every_document_keeps_its_line_and_words() {
    let desk = Desk::new();
    let path = desk.path().join("a.conll");
    fs::write(&path, conll()).unwrap();
    let data = DataSets::open(&desk.library());
    let mut wanted = request(&path);
    wanted.dev_share = Num(0.2);
    wanted.test_share = Num(0.1);
    let set = data.import(&wanted).unwrap();
    let sizes: Vec<(String, u32)> = set
        .check
        .files
        .iter()
        .map(|f| (f.split.clone(), f.documents))
        .collect();
    assert_eq!(
        sizes,
        [("train".into(), 14), ("dev".into(), 4), ("test".into(), 2)]
    );
    assert_eq!((set.id.as_str(), set.longest_words), ("my-data", 3));
    assert_eq!(set.lengths.iter().map(|bin| bin.count).sum::<u32>(), 20);

    let page = data.documents("my-data", &all("", None)).unwrap();
    assert_eq!((page.total, page.documents.len()), (20, 10));
    for document in &page.documents {
        let n: u32 = document.text[4..]
            .split(' ')
            .next()
            .unwrap()
            .parse()
            .unwrap();
        assert_eq!(document.line, 4 * n + 1, "{}", document.text);
        // The line of the imported file, and UTF-16 offsets.
        let units: Vec<u16> = document.text.encode_utf16().collect();
        for entity in &document.entities {
            let covered = &units[entity.start as usize..entity.end as usize];
            assert_eq!(String::from_utf16(covered).unwrap(), entity.text);
        }
        assert_eq!(document.entities[1].text, format!("😀Köln{n}"));
    }
    // What the engine reads has the words of the file, although `😀Köln` alone would be two.
    let train =
        fs::read_to_string(desk.library().data_folder().join("my-data/train.jsonl")).unwrap();
    assert!(train.contains("\"😀Köln"), "{train}");
    let test = data.lines("my-data", "test");
    assert_eq!(test.len(), 2);
    // The imported file is not touched and no longer needed.
    assert_eq!(fs::read_to_string(&path).unwrap(), conll());
    fs::remove_file(&path).unwrap();
    assert!(data.run_data("my-data").unwrap().test.is_some());
}

#[test]
fn documents_are_found_by_text_label_and_split() {
    let desk = Desk::new();
    let data = DataSets::open(&desk.library());
    let set = data.import_sample().unwrap();
    assert_eq!(data.import_sample().unwrap(), set);
    assert_eq!(data.list().len(), 1);
    let whole = data.documents(&set.id, &all("", None)).unwrap().total;
    assert_eq!(whole, 480);
    let label = set.check.files[0].labels.keys().next().unwrap().clone();
    let found = data.documents(&set.id, &all("", Some(&label))).unwrap();
    assert!(found.total > 0 && found.total < whole);
    assert!(
        found
            .documents
            .iter()
            .all(|d| d.entities.iter().any(|e| e.label == label))
    );
    let word = found.documents[0]
        .text
        .split(' ')
        .next()
        .unwrap()
        .to_uppercase();
    assert!(data.documents(&set.id, &all(&word, None)).unwrap().total > 0);
    let mut dev = all("", None);
    dev.split = SplitChoice::Dev;
    assert!(
        data.documents(&set.id, &dev)
            .unwrap()
            .documents
            .iter()
            .all(|d| d.split == "dev")
    );
    assert!(data.remove(&set.id).unwrap() > 0);
    assert_eq!(
        data.documents(&set.id, &all("", None)).unwrap_err().code,
        "unknown-data"
    );
}

#[test]
fn a_broken_file_is_explained_and_not_taken() {
    let desk = Desk::new();
    let path = desk.path().join("a.jsonl");
    let good = r#"{"text": "Zoë in Köln", "entities": [{"start": 0, "end": 3, "label": "PER"}]}"#;
    let bad = r#"{"text": "short", "entities": [{"start": 0, "end": 99, "label": "PER"}]}"#;
    fs::write(&path, format!("{good}\n{bad}\n")).unwrap();
    let data = DataSets::open(&desk.library());
    let report = data.check(&request(&path));
    let issue = report
        .issues
        .iter()
        .find(|issue| issue.severity == Severity::Error)
        .unwrap();
    assert_eq!(issue.line, 2);
    assert!(issue.fix.is_some());
    let failure = data.import(&request(&path)).unwrap_err();
    assert_eq!(failure.code, "bad-data");
    assert!(failure.message.contains("a.jsonl:2"), "{}", failure.message);
    assert_eq!(data.list(), []);

    let mut lenient = request(&path);
    lenient.drop_invalid = true;
    let set = data.import(&lenient).unwrap();
    assert_eq!(set.check.files[0].dropped_spans, 1);
    let missing = data.check(&request(Path::new("/nowhere/x.conll")));
    assert_eq!(missing.issues[0].severity, Severity::Error);
}

#[test]
fn an_import_that_was_cut_off_leaves_no_data_set() {
    let desk = Desk::new();
    let half = desk.library().data_folder().join(".importing-x");
    fs::create_dir_all(&half).unwrap();
    fs::write(half.join("train.jsonl"), "{").unwrap();
    let data = DataSets::open(&desk.library());
    assert_eq!(data.list(), []);
    assert!(!half.exists());
    for id in ["../home", "", ".importing-x"] {
        assert_eq!(data.get(id).unwrap_err().code, "unknown-data");
    }
}
