//! Repairs and findings: previewed, done, undone, done again on a new version of the files.

use super::{all, chosen, everything, held_out, jsonl, labels, merge, record, request, silent};
use crate::fake::Desk;
use std::fs;
use std::path::Path;
use tagsmith_desktop::data::DataSets;
use tagsmith_desktop::dto::{DataSet, FindingQuery, ImportRequest, Repair};

#[test]
fn a_repair_is_previewed_done_recorded_and_taken_back() {
    let desk = Desk::new();
    let path = jsonl(&desk, "a.jsonl", 0..30);
    let data = DataSets::open(&desk.library(), silent());
    let set = data.import(&request(&path), "job").unwrap();
    assert_eq!(labels(&set), [("PER".into(), 20), ("per".into(), 10)]);
    // The file that was imported is no longer needed.
    fs::remove_file(&path).unwrap();
    let before = everything(&data, &set.id);
    let files = data.run_data(&set.id).unwrap();

    let preview = data.preview_repair(&set.id, &merge(), "look").unwrap();
    assert_eq!((preview.changed_documents, preview.changed_spans), (10, 10));
    assert_eq!((preview.removed_documents, preview.moved_documents), (0, 0));
    assert_eq!(preview.examples.len(), 10);
    let example = &preview.examples[1];
    assert_eq!(example.line, 4);
    assert_eq!(example.before.entities[0].label, "per");
    assert_eq!(example.after.as_ref().unwrap().entities[0].label, "PER");
    assert_eq!(everything(&data, &set.id), before);

    let repaired = data.repair(&set.id, &merge(), "job").unwrap();
    assert_eq!(repaired.repairs, [merge()]);
    assert_eq!(labels(&repaired), [("PER".into(), 30)]);
    assert_eq!(data.get(&set.id).unwrap(), repaired);
    let found = data.documents(&set.id, &all("", Some("per"))).unwrap();
    assert_eq!(found.total, 0);
    // The path shown is that of the person's own file.
    assert_eq!(repaired.check.files[0].path, path.display().to_string());
    // A run that was stopped goes on with what it began with; the next one gets the new documents.
    assert!(
        fs::read_to_string(&files.train)
            .unwrap()
            .contains("\"per\"")
    );
    let newer = data.run_data(&set.id).unwrap();
    // The run writes down how its documents came from the files.
    assert_eq!(files.recipe, None);
    let recipe: tagsmith_corpus::Recipe =
        serde_json::from_value(newer.recipe.clone().unwrap()).unwrap();
    assert_eq!(recipe.repairs.len(), 1);
    assert!(
        !fs::read_to_string(&newer.train)
            .unwrap()
            .contains("\"per\"")
    );

    let undone = data.undo(&set.id, "job").unwrap();
    assert_eq!((undone.repairs.len(), labels(&undone)), (0, labels(&set)));
    assert_eq!(everything(&data, &set.id), before);
    assert_eq!(data.undo(&set.id, "job").unwrap_err().code, "nothing-done");
    assert_eq!(everything(&data, &set.id), before);
    // What was taken back can be done again, until something else is done.
    assert_eq!(undone.undone, [merge()]);
    let again = data.redo(&set.id, "job").unwrap();
    assert_eq!((&again.repairs, again.undone.len()), (&vec![merge()], 0));
    assert_eq!(labels(&again), labels(&repaired));
    assert_eq!(
        data.redo(&set.id, "job").unwrap_err().code,
        "nothing-undone"
    );
    data.undo(&set.id, "job").unwrap();
    let other = data.repair(&set.id, &Repair::TrimSpans, "job").unwrap();
    assert_eq!(other.undone, []);
    data.undo(&set.id, "job").unwrap();
    // Of all versions one store is left.
    let folder = desk.library().data_folder().join(&set.id);
    let stores = fs::read_dir(folder).unwrap().flatten();
    let stores = stores.filter(|e| e.file_name().to_string_lossy().contains("documents-"));
    assert_eq!(stores.count(), 1);
}

#[test]
fn the_same_repairs_are_done_on_a_new_version_of_the_files() {
    let desk = Desk::new();
    let path = jsonl(&desk, "a.jsonl", 0..30);
    let data = DataSets::open(&desk.library(), silent());
    let mut wanted = request(&path);
    wanted.repairs = vec![held_out(&[("dev", 0.2)]), merge()];
    let set = data.import(&wanted, "job").unwrap();
    assert_eq!(set.check.files[0].documents, 24);
    let newer = jsonl(&desk, "b.jsonl", 0..50);
    let updated = data
        .update(
            &set.id,
            &[chosen(&newer, None)],
            &set.repairs,
            &set.at_once,
            "job",
        )
        .unwrap();
    assert_eq!(
        (updated.id.as_str(), updated.name.as_str()),
        ("my-data", "My data")
    );
    let sizes: Vec<usize> = updated.check.files.iter().map(|f| f.documents).collect();
    assert_eq!(sizes, [40, 10]);
    assert_eq!(labels(&updated), [("PER".into(), 40)]);
    // A file that cannot be used leaves the data set as it was.
    let broken = desk.path().join("c.jsonl");
    fs::write(&broken, "{\"text\": 5}\n").unwrap();
    let refused = data
        .update(
            &set.id,
            &[chosen(&broken, None)],
            &set.repairs,
            &set.at_once,
            "job",
        )
        .unwrap_err();
    assert_eq!(refused.code, "bad-data");
    assert_eq!(data.get(&set.id).unwrap(), updated);
    assert_eq!(everything(&data, &set.id).len(), 50);
    let undone = data.undo(&set.id, "job").unwrap();
    assert_eq!(undone.check.files[0].labels.len(), 2);
    assert_eq!(undone.undone.len(), 1);
    // What was taken back was of the files before: it is not offered for others.
    let again = data
        .update(
            &set.id,
            &[chosen(&newer, None)],
            &undone.repairs,
            &undone.at_once,
            "job",
        )
        .unwrap();
    assert_eq!((again.repairs, again.undone), (undone.repairs, Vec::new()));
}

/// What was held out stood beside the files in the records of an earlier version.
#[test]
fn what_was_held_out_is_known_of_older_records() {
    let desk = Desk::new();
    let path = jsonl(&desk, "a.jsonl", 0..50);
    let data = DataSets::open(&desk.library(), silent());
    let mut wanted = request(&path);
    wanted.repairs = vec![held_out(&[("dev", 0.2), ("test", 0.1)]), merge()];
    let set = data.import(&wanted, "job").unwrap();
    let file = desk.library().data_folder().join(&set.id).join("data.json");
    let mut record: serde_json::Value =
        serde_json::from_str(&fs::read_to_string(&file).unwrap()).unwrap();
    record["repairs"].as_array_mut().unwrap().remove(0);
    record.as_object_mut().unwrap().remove("undone");
    record["source"]["dev_share"] = 0.2.into();
    record["source"]["test_share"] = 0.1.into();
    record["source"]["seed"] = 42.into();
    fs::write(&file, record.to_string()).unwrap();
    let data = DataSets::open(&desk.library(), silent());
    assert_eq!(data.get(&set.id).unwrap(), set);
    let undone = data.undo(&set.id, "job").unwrap();
    assert_eq!(undone.repairs, [held_out(&[("dev", 0.2), ("test", 0.1)])]);
    let sizes: Vec<usize> = undone.check.files.iter().map(|f| f.documents).collect();
    assert_eq!(sizes, [35, 10, 5]);
}

#[test]
fn what_a_kill_left_of_a_newer_version_is_swept() {
    let desk = Desk::new();
    let path = jsonl(&desk, "a.jsonl", 0..30);
    let data = DataSets::open(&desk.library(), silent());
    let set = data.import(&request(&path), "job").unwrap();
    let before = everything(&data, &set.id);
    data.run_data(&set.id).unwrap();
    let folder = desk.library().data_folder().join(&set.id);
    let names = || {
        let entries = fs::read_dir(&folder).unwrap().flatten();
        let mut names: Vec<String> = entries
            .map(|entry| entry.file_name().to_string_lossy().into_owned())
            .collect();
        names.sort();
        names
    };
    let whole = names();
    assert_eq!(whole, ["data.json", "documents-1.db", "source-1", "v1"]);
    drop(data);
    fs::write(folder.join(".documents-2.db.building-1-0"), "half").unwrap();
    fs::write(
        folder.join("documents-2.db"),
        "whole, but its record was not written",
    )
    .unwrap();
    fs::create_dir_all(folder.join("source-2/0")).unwrap();
    fs::create_dir_all(folder.join(".v2")).unwrap();
    let data = DataSets::open(&desk.library(), silent());
    assert_eq!(names(), whole);
    assert_eq!(everything(&data, &set.id), before);
    // A store that is damaged or gone is made again of the files.
    drop(data);
    for damage in [Some("no database"), None] {
        match damage {
            Some(text) => fs::write(folder.join("documents-1.db"), text).unwrap(),
            None => fs::remove_file(folder.join("documents-1.db")).unwrap(),
        }
        let data = DataSets::open(&desk.library(), silent());
        assert_eq!(everything(&data, &set.id), before);
    }
}

/// Notes whose spans are all moved by one, which cuts words.
fn shifted(folder: &Path) -> std::path::PathBuf {
    let path = folder.join("shifted.jsonl");
    let mut text = String::new();
    for name in [
        "Quill Notes",
        "Lumen Desk",
        "Harbor Sync",
        "Atlas Viewer",
        "Tern Mail",
    ] {
        let line = format!("We use {name} every day");
        let (start, end) = (8, 8 + name.len());
        text +=
            &serde_json::json!({"text": line, "entities": [[start, end, "PRODUCT"]]}).to_string();
        text.push('\n');
    }
    fs::write(&path, text).unwrap();
    path
}

#[test]
fn an_off_by_one_is_one_finding_with_its_repair_shown() {
    let desk = Desk::new();
    let data = DataSets::open(&desk.library(), silent());
    let path = shifted(desk.path());
    let set = data.import(&request(&path), "job").unwrap();
    let codes: Vec<&str> = set
        .check
        .groups
        .iter()
        .map(|group| group.code.as_str())
        .collect();
    assert!(codes.contains(&"offsets-shifted"), "{codes:?}");
    assert!(!codes.contains(&"span-cuts-word"), "{codes:?}");
    let group = set
        .check
        .groups
        .iter()
        .find(|group| group.code == "offsets-shifted")
        .unwrap();
    assert_eq!(group.repair, Some(Repair::ShiftOffsets { by: -1 }));
    // What offsets count is for a person to decide.
    assert!(!group.safe);
    let explained: u32 = group.follow.iter().map(|one| one.count).sum();
    assert_eq!((explained, group.count), (group.count - 1, group.count));
    assert!(
        explained >= 5 && !codes.contains(&"span-edge-space"),
        "{codes:?}"
    );
    let example = group.example.as_ref().unwrap();
    assert_eq!(example.before.entities[0].text, "uill Notes ");
    assert_eq!(
        example.after.as_ref().unwrap().entities[0].text,
        "Quill Notes"
    );
    // All of its places are listed under it.
    let query = FindingQuery {
        code: Some("offsets-shifted".into()),
        severity: None,
        offset: 0,
        limit: 50,
    };
    assert_eq!(data.findings(&set.id, &query).unwrap().total, group.count);
    let set = data
        .repair(&set.id, group.repair.as_ref().unwrap(), "job")
        .unwrap();
    assert!(
        set.check
            .groups
            .iter()
            .all(|group| group.code != "offsets-shifted" && group.code != "span-cuts-word")
    );
}

#[test]
fn safe_repairs_are_done_at_once_and_ignored_findings_stay_away() {
    let desk = Desk::new();
    let data = DataSets::open(&desk.library(), silent());
    let path = desk.path().join("edges.jsonl");
    let lines = [
        r#"{"text": "Ask Anna Berg about Lumen", "entities": [[3, 13, "PERSON"], [20, 24, "PRODUCT"]]}"#,
        r#"{"text": "Bo Li uses Lumen", "entities": [[0, 4, "PERSON"]]}"#,
        r#"{"text": "Bo Li uses Lumen", "entities": [[0, 4, "PERSON"]]}"#,
    ];
    fs::write(&path, lines.join("\n")).unwrap();
    let set = data.import(&request(&path), "job").unwrap();
    let group = |set: &DataSet, code: &str| {
        set.check
            .groups
            .iter()
            .find(|group| group.code == code)
            .cloned()
    };
    let duplicate = group(&set, "duplicate").unwrap();
    assert!(!duplicate.safe);
    assert_eq!(duplicate.example.unwrap().after, None);
    assert!(group(&set, "span-edge-space").unwrap().safe);
    assert!(group(&set, "span-cuts-word").unwrap().safe);

    // Ignored, a safe one is not repaired either.
    let cut = group(&set, "span-cuts-word").unwrap();
    let set = data
        .ignore(&set.id, "span-cuts-word", Some(cut.count))
        .unwrap();
    assert!(
        set.ignores("span-cuts-word", cut.count) && !set.ignores("span-cuts-word", cut.count + 1)
    );
    let set = data.repair_safe(&set.id, "job").unwrap();
    assert_eq!(set.repairs, [Repair::TrimSpans]);
    assert_eq!(set.ignored.len(), 1);
    assert_eq!(
        data.repair_safe(&set.id, "job").unwrap_err().code,
        "nothing-safe"
    );
    let later = DataSets::open(&desk.library(), silent());
    let set = later.ignore(&set.id, "span-cuts-word", None).unwrap();
    assert!(set.ignored.is_empty());
    let set = later.repair_safe(&set.id, "job").unwrap();
    assert_eq!(set.repairs, [Repair::TrimSpans, Repair::SnapToWords]);
    let set = later.undo(&set.id, "job").unwrap();
    assert_eq!(set.repairs, [Repair::TrimSpans]);
}

#[test]
fn what_was_repaired_at_once_is_undone_and_redone_at_once() {
    let desk = Desk::new();
    let data = DataSets::open(&desk.library(), silent());
    let path = desk.path().join("edges.jsonl");
    let lines = [
        r#"{"text": "Ask Anna Berg about Lumen", "entities": [[3, 13, "PERSON"], [20, 24, "PRODUCT"]]}"#,
        r#"{"text": "Bo Li uses Lumen", "entities": [[0, 4, "PERSON"]]}"#,
    ];
    fs::write(&path, lines.join("\n")).unwrap();
    let id = data.import(&request(&path), "job").unwrap().id;
    let renamed = Repair::MapLabels {
        labels: [("PRODUCT".to_owned(), Some("THING".to_owned()))].into(),
    };
    data.repair(&id, &renamed, "job").unwrap();
    let safe = data.repair_safe(&id, "job").unwrap();
    assert_eq!((safe.repairs.len(), &safe.at_once), (3, &vec![(1, 3)]));
    let all = everything(&data, &id);

    let undone = data.undo(&id, "job").unwrap();
    assert_eq!(undone.repairs, std::slice::from_ref(&renamed));
    // The next one is last.
    let next: Vec<&Repair> = undone.undone.iter().rev().collect();
    assert_eq!(next, safe.repairs[1..].iter().collect::<Vec<_>>());
    let none = data.undo(&id, "job").unwrap();
    assert_eq!((none.repairs.len(), none.undone.len()), (0, 3));
    // Also after the program was closed, a redo does one step at a time.
    let later = DataSets::open(&desk.library(), silent());
    let one = later.redo(&id, "job").unwrap();
    assert_eq!(one.repairs, [renamed]);
    let again = later.redo(&id, "job").unwrap();
    assert_eq!((&again.repairs, again.undone.len()), (&safe.repairs, 0));
    assert_eq!(everything(&later, &id), all);

    // Something else in place of what was taken back is a step of its own.
    later.undo(&id, "job").unwrap();
    let trimmed = later.repair(&id, &Repair::TrimSpans, "job").unwrap();
    assert_eq!((trimmed.repairs.len(), trimmed.at_once.len()), (2, 0));
    let back = later.undo(&id, "job").unwrap();
    assert_eq!((back.repairs.len(), back.undone.len()), (1, 1));
}

#[test]
fn what_makes_files_usable_stays_when_all_else_is_undone() {
    let desk = Desk::new();
    let data = DataSets::open(&desk.library(), silent());
    let path = desk.path().join("tickets.jsonl");
    let mut text: String = (0..40).map(|n| record(n) + "\n").collect();
    text += "{\"text\": \n";
    fs::write(&path, text).unwrap();
    let repairs = vec![Repair::DropInvalid, held_out(&[("dev", 0.2)])];
    let asked = ImportRequest {
        repairs,
        ..request(&path)
    };
    let set = data.import(&asked, "job").unwrap();
    let whole = data.undo(&set.id, "job").unwrap();
    assert_eq!(whole.repairs, [Repair::DropInvalid]);
    let refused = data.undo(&set.id, "job").unwrap_err();
    assert_eq!(refused.code, "needed");
    assert!(refused.message.contains("tickets.jsonl"), "{refused:?}");
    assert_eq!(data.get(&set.id).unwrap().repairs, [Repair::DropInvalid]);
}
