//! Two runs beside each other: what differs in their data, whether their scores can be compared; and where the
//! documents of a report are in a data set that has changed since.

use crate::fake::{Desk, config};
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use tagsmith_desktop::data::{DataSets, RunData};
use tagsmith_desktop::dto::{
    ChosenFile, DocumentQuery, ImportRequest, Reading, Repair, Report, ScoreVerdict, Split,
    SplitChoice,
};
use tagsmith_desktop::runs::Runs;
use tagsmith_desktop::text::localised;

/// Ten documents with a person and a city each; those from `relabelled` on have the city alone.
fn records(from: usize, relabelled: usize) -> String {
    let record = |n: usize| {
        let text = format!("Zoë{n} met 😀 Köln{n} at noon");
        let city = text
            .find("Köln")
            .map(|at| text[..at].chars().count())
            .unwrap();
        let end = city + format!("Köln{n}").chars().count();
        let mut entities = vec![json!([city, end, "CITY"])];
        if n < relabelled {
            entities.insert(0, json!([0, format!("Zoë{n}").chars().count(), "PER"]));
        }
        json!({"text": text, "entities": entities}).to_string() + "\n"
    };
    (from..from + 10).map(record).collect()
}

fn import(desk: &Desk, data: &DataSets) -> RunData {
    let chosen = |name: &str, split: Split, text: String| {
        let path = desk.path().join(name);
        fs::write(&path, text).unwrap();
        ChosenFile {
            path: path.display().to_string(),
            split: Some(split),
            reading: Reading::default(),
        }
    };
    let files = vec![
        chosen("a.jsonl", Split::Train, records(0, 100)),
        chosen("b.jsonl", Split::Test, records(50, 100)),
    ];
    let request = ImportRequest {
        name: "Notes".into(),
        files,
        repairs: vec![],
        at_once: Vec::new(),
    };
    data.import(&request, "job").unwrap();
    data.run_data("notes").unwrap()
}

/// A run as the engine leaves it, with mistakes on these test documents. Its files' bytes stand for their hashes.
fn run(desk: &Desk, id: &str, data: &RunData, labels: &[&str], wrong: std::ops::Range<usize>) {
    let folder = desk.library().runs_folder().join(id);
    fs::create_dir_all(&folder).unwrap();
    let mut config = config();
    config["train"] = json!(data.train);
    config["test"] = json!(data.test);
    let hashes: BTreeMap<String, String> = [Some(&data.train), data.test.as_ref()]
        .into_iter()
        .flatten()
        .map(|path| {
            (
                path.display().to_string(),
                fs::read_to_string(path).unwrap(),
            )
        })
        .collect();
    let file = json!({"created": "2026-01-01T00:00:00Z", "config": config, "labels": labels, "sha256": hashes});
    fs::write(folder.join("run.json"), file.to_string()).unwrap();
    fs::write(folder.join("events.jsonl"), "").unwrap();
    let scores = json!({"precision": 0.9, "recall": 0.8, "f1": 0.85, "support": 20});
    let errors: Vec<Value> = wrong
        .map(|at| {
            json!({"document": at, "line": at + 1, "text": format!("Zoë{at} met"), "errors": [
                {"kind": "missed", "gold": {"start": 0, "end": 4, "label": "PER", "text": "x"}, "predicted": null}]})
        })
        .collect();
    let split = json!({
        "file": data.test, "documents": 10, "words": 50, "words_without_pieces": 0, "moved_entities": 0,
        "lost_entities": 0, "cut_words": 0, "shared_with_train": 0, "unknown_labels": [], "loss": 0.5,
        "metrics": {"convention": "conlleval", "overall": scores, "macro": scores,
            "labels": {"PER": scores}, "token_accuracy": 0.9},
        "confusion": [], "errors": errors,
    });
    let report =
        json!({"convention": "conlleval", "decoding": "viterbi", "splits": {"test": split}});
    fs::write(folder.join("report.json"), report.to_string()).unwrap();
}

fn runs(desk: &Desk) -> Runs {
    desk.runs("exit 1")
}

#[tokio::test]
async fn runs_on_the_same_data_are_told_apart_by_the_documents_that_they_get_wrong() {
    let desk = Desk::new();
    let data = DataSets::open(&desk.library(), desk.notify());
    let files = import(&desk, &data);
    run(&desk, "one", &files, &["CITY", "PER"], 0..1);
    run(&desk, "two", &files, &["CITY", "PER"], 1..9);
    run(&desk, "three", &files, &["CITY", "PER"], 3..5);
    let runs = runs(&desk);
    let clear = runs.compare("one", "two").unwrap();
    assert_eq!(
        (clear.first_version, clear.second_version),
        (Some(1), Some(1))
    );
    assert!(clear.splits.iter().all(|split| split.is_same) && clear.splits.len() == 2);
    assert!(clear.labels_first.is_empty() && clear.labels_second.is_empty());
    let [test] = &clear.scores[..] else {
        panic!("{clear:?}")
    };
    assert_eq!(
        (test.verdict, test.fewer_mistakes),
        (ScoreVerdict::FirstBetter, Some((8, 1)))
    );
    assert_eq!(test.labels[0].first.unwrap().f1, 0.85);
    let (low, high) = test.first_interval.unwrap();
    assert!(low < 0.85 && 0.85 < high);
    let turned = runs.compare("two", "one").unwrap();
    assert_eq!(turned.scores[0].verdict, ScoreVerdict::SecondBetter);
    let chance = runs.compare("one", "three").unwrap();
    assert_eq!(chance.scores[0].verdict, ScoreVerdict::NoClearDifference);
    assert!(runs.compare("one", "none").is_err() && runs.compare("../one", "two").is_err());
}

#[tokio::test]
async fn scores_of_another_version_are_not_compared_and_its_documents_are_shown() {
    let desk = Desk::new();
    let data = DataSets::open(&desk.library(), desk.notify());
    let files = import(&desk, &data);
    run(&desk, "one", &files, &["CITY", "PER"], 0..1);
    let drop = Repair::MapLabels {
        labels: BTreeMap::from([("PER".into(), None)]),
    };
    data.repair("notes", &drop, "job").unwrap();
    let later = data.run_data("notes").unwrap();
    assert_ne!(later.train, files.train);
    run(&desk, "two", &later, &["CITY"], 1..9);
    let found = runs(&desk).compare("one", "two").unwrap();
    assert_eq!(
        (found.first_version, found.second_version),
        (Some(1), Some(2))
    );
    assert_eq!(
        (&found.labels_first[..], found.labels_second.len()),
        (&["PER".to_owned()][..], 0)
    );
    assert_eq!(found.scores[0].verdict, ScoreVerdict::DifferentData);
    assert_eq!(found.scores[0].fewer_mistakes, None);
    let train = &found.splits[0];
    assert!(!train.is_same && train.is_known);
    assert_eq!(
        (train.only_first, train.only_second, train.relabelled),
        (0, 0, 10)
    );
    let example = &train.examples[0];
    let (first, second) = (
        example.first.as_ref().unwrap(),
        example.second.as_ref().unwrap(),
    );
    assert_eq!((first.entities.len(), second.entities.len()), (2, 1));
    // Offsets count UTF-16 units.
    let units: Vec<u16> = second.text.encode_utf16().collect();
    let city = &second.entities[0];
    assert_eq!(
        String::from_utf16(&units[city.start..city.end]).unwrap(),
        city.text
    );

    // Without its files, a run still says that its data were others.
    fs::remove_dir_all(files.train.parent().unwrap()).unwrap();
    let found = runs(&desk).compare("one", "two").unwrap();
    assert!(
        found
            .splits
            .iter()
            .all(|split| !split.is_same && !split.is_known)
    );
}

#[test]
fn a_wrong_prediction_leads_to_its_document_wherever_that_is_now() {
    let desk = Desk::new();
    let data = DataSets::open(&desk.library(), desk.notify());
    let files = import(&desk, &data);
    run(&desk, "one", &files, &["CITY", "PER"], 2..4);
    let path = desk.library().runs_folder().join("one/report.json");
    let report: Report = serde_json::from_str(&fs::read_to_string(path).unwrap()).unwrap();
    let shown = localised(report, |file| data.origins(file));
    let error = &shown.splits["test"].errors[0];
    assert_eq!((error.file.as_deref(), error.line), (Some("b.jsonl"), 3));
    // A report of an earlier version is judged when it is read.
    assert!(shown.splits["test"].judgement.is_some());

    let text = "Zoë53 met 😀 Köln53 at noon";
    let place = |number| data.locate("notes", "test", number, text).unwrap();
    for number in [3, 0, 700] {
        let place = place(number).unwrap();
        assert_eq!((place.split.as_str(), place.document), ("test", 3));
    }
    // The documents are split anew.
    let split = json!({"repair": "split", "shares": {"train": 0.5, "test": 0.5}, "seed": 1});
    let split: Repair = serde_json::from_value(split).unwrap();
    data.repair("notes", &split, "job").unwrap();
    let moved = place(3).unwrap();
    let query = DocumentQuery {
        split: match moved.split.as_str() {
            "train" => SplitChoice::Train,
            _ => SplitChoice::Test,
        },
        text: String::new(),
        label: None,
        finding: None,
        offset: moved.document,
        limit: 1,
    };
    let there = data.documents("notes", &query).unwrap();
    assert_eq!(there.documents[0].text, text);
    assert_eq!(
        data.locate("notes", "test", 3, "another text").unwrap(),
        None
    );
    assert!(Path::new(&files.train).is_file());
}
