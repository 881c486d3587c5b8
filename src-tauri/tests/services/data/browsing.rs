//! What a data set holds: searched, paged, with the places of findings and a model’s view of it.

use super::{all, conll, everything, jsonl, labels, request, silent};
use crate::fake::Desk;
use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::sync::Arc;
use tagsmith_corpus::augment::Operation;
use tagsmith_desktop::data::DataSets;
use tagsmith_desktop::dto::{DocumentQuery, FindingQuery, Repair, SplitChoice};

#[test]
fn documents_are_found_by_text_label_and_split() {
    let desk = Desk::new();
    let data = DataSets::open(&desk.library(), silent());
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
fn augmentation_is_shown_with_offsets_of_the_window_and_changes_nothing() {
    let desk = Desk::new();
    let path = desk.path().join("a.conll");
    fs::write(&path, conll()).unwrap();
    let data = DataSets::open(&desk.library(), silent());
    let set = data.import(&request(&path), "job").unwrap();
    let before = everything(&data, &set.id);
    let settings = tagsmith_protocol::TrainSettings {
        mention_replacement: 1.0,
        ..Default::default()
    };
    let examples = data
        .preview_augmentation(&set.id, &settings, "look")
        .unwrap();
    assert_eq!(examples.len(), 10);
    for example in examples {
        assert!(example.operations.contains(&Operation::MentionReplacement));
        assert!(before.contains(&example.before));
        let units: Vec<u16> = example.after.text.encode_utf16().collect();
        for entity in &example.after.entities {
            let inside = &units[entity.start..entity.end];
            assert_eq!(String::from_utf16(inside).unwrap(), entity.text);
        }
        assert_eq!(example.after.entities.len(), 2);
    }
    assert_eq!(everything(&data, &set.id), before);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_models_view_of_the_data_comes_with_its_places() {
    let desk = Desk::new();
    let path = jsonl(&desk, "a.jsonl", 10..40);
    let engine = desk.engine(
        r#"[ "$1 $2 $3" = "--json data check" ] || exit 3
case "$last" in train=*) ;; *) exit 4 ;; esac
case "$*" in *'--format json'*) ;; *) exit 5 ;; esac
echo '{"files":[],"model":[{"split":"train","pieces":90,"unknown":2,"words_without_pieces":0,"longest":7,"split_documents":1,"windows":31}],
"issues":[{"severity":"info","code":"too-long","file":"x","line":3,"column":null,"found":"T","message":"long","fix":null,"place":{"split":"train","document":2}}],
"groups":[{"code":"too-long","severity":"info","count":1,"fix":null,"first":{"severity":"info","code":"too-long","file":"x","line":3,"column":null,"found":"T","message":"long","fix":null,"place":{"split":"train","document":2}}}]}'"#,
    );
    let slow = desk.path().join("slow");
    fs::write(&slow, "#!/bin/sh\nsleep 60\n").unwrap();
    fs::set_permissions(&slow, std::os::unix::fs::PermissionsExt::from_mode(0o755)).unwrap();
    let slow = tagsmith_desktop::engine::Engine::at(slow);
    let library = desk.library();
    let (path, model) = (path.clone(), library.named("tiny").unwrap());
    let work = tokio::task::spawn_blocking(move || {
        let data = Arc::new(DataSets::open(&library, silent()));
        let mut wanted = request(&path);
        // Only the second half of the file is left, so that numbers are not lines.
        wanted.repairs = vec![Repair::Sample {
            split: "train".into(),
            documents: 10,
            seed: 1,
        }];
        let set = data.import(&wanted, "job").unwrap();
        let third = everything(&data, &set.id)[2].clone();
        let found = data
            .check_with_model(&set.id, &engine, &model, 256, "look")
            .unwrap();
        assert_eq!((found.splits[0].pieces, found.groups.len()), (90, 1));
        for issue in [&found.issues[0], &found.groups[0].first] {
            assert_eq!(
                (issue.line, issue.file.as_str()),
                (third.line, &*path.to_string_lossy())
            );
        }
        let (own, id) = (data.clone(), set.id.clone());
        let ender = std::thread::spawn(move || {
            std::thread::sleep(std::time::Duration::from_millis(300));
            own.cancel("slow");
        });
        let refused = data.check_with_model(&id, &slow, &model, 256, "slow");
        assert_eq!(refused.unwrap_err().code, "cancelled");
        ender.join().unwrap();
    });
    work.await.unwrap();
}

#[test]
fn a_data_set_of_an_earlier_version_opens_with_all_it_had() {
    let desk = Desk::new();
    let folder = desk.library().data_folder().join("old");
    fs::create_dir_all(&folder).unwrap();
    let old = serde_json::json!({
        "id": "old", "name": "Old", "imported": "2026-01-01T00:00:00Z",
        "check": {
            "files": [{
                "split": "train", "path": "/home/sam/a.conll",
                "format": {"kind": "conll", "columns": 2, "separator": "space", "token_column": 0, "tag_column": 1, "bare_labels": false},
                "scheme": "iob1", "documents": 2, "words": 4, "entities": 2, "labels": {"LOC": 1, "PER": 1},
                "repaired_tags": 1, "dropped_spans": 0, "skipped_documents": 0,
            }],
            "issues": [{
                "severity": "info", "code": "tag-repaired", "file": "/home/sam/a.conll", "line": 9, "column": null,
                "found": "I-LOC", "message": "read as B-LOC", "fix": null, "count": 1,
            }],
        },
        "lengths": [], "longest_words": 2,
    });
    fs::write(folder.join("data.json"), old.to_string()).unwrap();
    let records = concat!(
        "{\"tokens\":[\"Zoë\",\"ran\"],\"ner_tags\":[\"B-PER\",\"O\"]}\n",
        "{\"tokens\":[\"in\",\"Köln\"],\"ner_tags\":[\"O\",\"B-LOC\"]}\n",
    );
    fs::write(folder.join("train.jsonl"), records).unwrap();
    fs::write(folder.join("train.lines"), "[3, 7]").unwrap();

    let data = DataSets::open(&desk.library(), silent());
    assert_eq!(data.list()[0].name, "Old");
    let documents = everything(&data, "old");
    let lines: Vec<(&str, u32)> = documents
        .iter()
        .map(|d| (d.text.as_str(), d.line))
        .collect();
    assert_eq!(lines, [("Zoë ran", 3), ("in Köln", 7)]);
    assert_eq!(documents[1].entities[0].label, "LOC");
    let set = data.get("old").unwrap();
    assert_eq!(set.check.files[0].repaired_tags, 1);
    assert_eq!(set.check.files[0].path, Path::new("/home/sam/a.conll"));
    assert!(
        set.check
            .issues
            .iter()
            .any(|issue| issue.code == "tag-repaired")
    );
    // Runs that learned from its file go on with it.
    let train = data.run_data("old").unwrap().train;
    assert_eq!(train, folder.join("train.jsonl"));
    assert_eq!(fs::read_to_string(&train).unwrap(), records);
    let origins = data.origins(&train.display().to_string());
    assert_eq!(
        origins.iter().map(|origin| origin.line).collect::<Vec<_>>(),
        [3, 7]
    );
    // Also of what a run held out of it.
    assert_eq!(
        data.origins(&format!("{} (held out)", train.display())),
        origins
    );
    // It can be repaired like any other, and opens again.
    let repair = Repair::MapLabels {
        labels: BTreeMap::from([("LOC".into(), None)]),
    };
    let repaired = data.repair("old", &repair, "job").unwrap();
    assert_eq!(labels(&repaired), [("PER".into(), 1)]);
    assert_eq!(everything(&data, "old")[1].line, 7);
    let newer = data.run_data("old").unwrap().train;
    assert!(newer != train && train.is_file());
    let data = DataSets::open(&desk.library(), silent());
    assert_eq!(everything(&data, "old").len(), 2);
    let undone = data.undo("old", "job").unwrap();
    assert_eq!(labels(&undone), [("LOC".into(), 1), ("PER".into(), 1)]);
}

#[test]
fn findings_lead_to_their_documents_in_utf16() {
    let desk = Desk::new();
    let path = desk.path().join("a.jsonl");
    let text = |n: usize| format!("😀😀 Zoë{n} in Köln");
    // The span takes the space before the name with it.
    let records: Vec<String> = (0..12)
        .map(|n| {
            format!(
                r#"{{"text": "{}", "entities": [{{"start": 2, "end": {}, "label": "PER"}}]}}"#,
                text(n),
                6 + n.to_string().len()
            )
        })
        .collect();
    fs::write(&path, records.join("\n")).unwrap();
    let data = DataSets::open(&desk.library(), silent());
    let set = data.import(&request(&path), "job").unwrap();
    let query = FindingQuery {
        code: None,
        severity: None,
        offset: 0,
        limit: 1000,
    };
    let found = data.findings(&set.id, &query).unwrap();
    assert_eq!(found.total as usize, found.findings.len());
    let counted: u32 = set.check.groups.iter().map(|group| group.count).sum();
    assert_eq!(
        counted,
        found.findings.iter().map(|issue| issue.count).sum::<u32>()
    );
    for issue in found.findings.iter().filter(|issue| issue.place.is_some()) {
        let place = issue.place.as_ref().unwrap();
        let wanted = DocumentQuery {
            finding: Some(issue.code.clone()),
            ..all("", None)
        };
        let documents = data.documents(&set.id, &wanted).unwrap();
        assert!(documents.total > 0, "{}", issue.code);
        if let Some((start, end)) = place.range {
            let units: Vec<u16> = text(place.document as usize).encode_utf16().collect();
            let piece = String::from_utf16(&units[start as usize..end as usize]).unwrap();
            assert!(piece.contains(issue.found.trim()), "{piece:?} {issue:?}");
        }
    }
    let none = DocumentQuery {
        finding: Some("unheard-of".into()),
        ..all("", None)
    };
    assert_eq!(data.documents(&set.id, &none).unwrap().total, 0);
}

#[test]
fn two_hundred_thousand_documents_are_paged_from_the_disk() {
    let desk = Desk::new();
    let path = jsonl(&desk, "a.jsonl", 0..200_000);
    let data = DataSets::open(&desk.library(), silent());
    let set = data.import(&request(&path), "job").unwrap();
    drop(data);
    let data = DataSets::open(&desk.library(), silent());
    let mut query = all("", None);
    query.offset = 199_995;
    let page = data.documents(&set.id, &query).unwrap();
    assert_eq!(
        (page.total, page.complete, page.documents.len()),
        (200_000, true, 5)
    );
    assert!(page.documents[0].text.starts_with("Zoë199995 "));
    assert_eq!(
        (page.documents[0].number, page.documents[0].line),
        (199_995, 199_996)
    );
    let found = data.documents(&set.id, &all("zoë123456 ", None)).unwrap();
    assert_eq!((found.total, found.documents[0].number), (1, 123_456));
    let mut labelled = all("", Some("per"));
    labelled.offset = 60_000;
    let page = data.documents(&set.id, &labelled).unwrap();
    assert_eq!((page.total, page.documents[0].number), (66_667, 180_000));
    // Asked again and again, a search counts to its end.
    let total = (0..200)
        .map(|_| data.documents(&set.id, &all("SAW", None)).unwrap())
        .find(|page| page.complete)
        .map(|page| page.total);
    assert_eq!(total, Some(200_000));
}
