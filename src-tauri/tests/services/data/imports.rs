//! Files taken into the library: looked into, split, refused with their faults, cut off half-way.
//!
//! One file, as all that is asked of a data set here is how it came in.

use super::{
    all, chosen, conll, everything, held_out, inspect, jsonl, labels, merge, request, silent,
};
use crate::fake::Desk;
use std::collections::BTreeMap;
use std::fs;
use std::io::Write as _;
use std::path::Path;
use tagsmith_corpus::{IssueCode, Target};
use tagsmith_desktop::data::DataSets;
use tagsmith_desktop::dto::{
    AppEvent, ColumnChoice, ExportRequest, ImportRequest, InspectRequest, Reading, Repair, Scheme,
    Severity, Split,
};

#[test]
fn a_file_is_split_and_every_document_keeps_its_line_and_words() {
    let desk = Desk::new();
    let path = desk.path().join("a.conll");
    fs::write(&path, conll()).unwrap();
    let data = DataSets::open(&desk.library(), silent());
    let mut wanted = request(&path);
    wanted.repairs = vec![held_out(&[("dev", 0.2), ("test", 0.1)])];
    let set = data.import(&wanted, "job").unwrap();
    let sizes: Vec<(String, usize)> = set
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
    assert_eq!(set.lengths.iter().map(|bin| bin.count).sum::<usize>(), 20);

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
            let covered = &units[entity.start..entity.end];
            assert_eq!(String::from_utf16(covered).unwrap(), entity.text);
        }
        assert_eq!(document.entities[1].text, format!("😀Köln{n}"));
    }
    // What the engine reads has the words of the file, although `😀Köln` alone would be two.
    let files = data.run_data("my-data").unwrap();
    let train = fs::read_to_string(&files.train).unwrap();
    assert!(train.contains("\"😀Köln"), "{train}");
    let test = files.test.unwrap();
    let origins = data.origins(&test.display().to_string());
    assert_eq!(origins.len(), 2);
    let name = path.file_name().unwrap().to_str().unwrap();
    for origin in &origins {
        assert!(
            origin.line % 4 == 1 && origin.file.as_deref() == Some(name),
            "{origin:?}"
        );
    }
    // The imported file is not touched and no longer needed.
    assert_eq!(fs::read_to_string(&path).unwrap(), conll());
    fs::remove_file(&path).unwrap();
    assert!(data.run_data("my-data").unwrap().test.is_some());
}

#[test]
fn a_broken_file_is_explained_and_not_taken() {
    let desk = Desk::new();
    let path = desk.path().join("a.jsonl");
    let good = r#"{"text": "Zoë in Köln", "entities": [{"start": 0, "end": 3, "label": "PER"}]}"#;
    let bad = r#"{"text": "short", "entities": [{"start": 0, "end": 99, "label": "PER"}]}"#;
    fs::write(&path, format!("{good}\n{bad}\n")).unwrap();
    let data = DataSets::open(&desk.library(), silent());
    let found = data.inspect(&inspect(&path), "job").unwrap();
    let issue = found
        .report
        .issues
        .iter()
        .find(|issue| issue.severity == Severity::Error)
        .unwrap();
    assert_eq!(issue.line, 2);
    assert!(issue.fix.is_some());
    // The window shows the file and the line beside it.
    let error = found.files[0].error.as_ref().unwrap();
    assert_eq!(
        (error.code, error.line),
        (IssueCode::SpanOutOfRange, Some(2))
    );
    assert_eq!(error.message, issue.message);
    let failure = data.import(&request(&path), "job").unwrap_err();
    assert_eq!(failure.code, "bad-data");
    assert!(failure.message.contains("a.jsonl:2"), "{}", failure.message);
    assert_eq!(data.list(), []);

    let mut lenient = request(&path);
    lenient.files[0].reading.drop_invalid = true;
    let set = data.import(&lenient, "job").unwrap();
    assert_eq!(set.check.files[0].dropped_spans, 1);
    let missing = data
        .inspect(&inspect(Path::new("/nowhere/x.conll")), "job")
        .unwrap();
    assert_eq!(missing.report.issues[0].severity, Severity::Error);
    let error = missing.files[0].error.as_ref().unwrap();
    assert_eq!(error.code, IssueCode::Unreadable);
    assert!(error.message.starts_with("cannot be read: ") && error.hint.is_some());
    // In a folder, only the message says which of its files it is.
    let folder = desk.path().join("folder");
    fs::create_dir(&folder).unwrap();
    fs::write(folder.join("train.jsonl"), format!("{bad}\n")).unwrap();
    let found = data.inspect(&inspect(&folder), "job").unwrap();
    let error = found.files[0].error.as_ref().unwrap();
    assert!(
        error.message.starts_with("`train.jsonl`: "),
        "{}",
        error.message
    );
}

#[test]
fn an_import_that_was_cut_off_leaves_no_data_set() {
    let desk = Desk::new();
    let half = desk.library().data_folder().join(".importing-x");
    fs::create_dir_all(&half).unwrap();
    fs::write(half.join("train.jsonl"), "{").unwrap();
    let data = DataSets::open(&desk.library(), silent());
    assert_eq!(data.list(), []);
    assert!(!half.exists());
    for id in ["../home", "", ".importing-x"] {
        assert_eq!(data.get(id).unwrap_err().code, "unknown-data");
    }
}

#[test]
fn the_columns_of_a_table_are_shown_and_can_be_chosen() {
    let desk = Desk::new();
    let path = desk.path().join("ner.csv");
    let rows = [
        "Sentence #,Word,POS,Tag",
        "Sentence: 1,Zoë,NNP,B-per",
        ",\"said \"\"so\"\", then\",VB,O",
        ",left,VB,O",
        "Sentence: 2,Ada,NNP,B-per",
        ",ran,VB,O",
    ];
    fs::write(&path, rows.join("\r\n")).unwrap();
    let data = DataSets::open(&desk.library(), silent());
    let found = data.inspect(&inspect(&path), "look").unwrap();
    let member = &found.files[0].members[0];
    let columns = member.columns.as_ref().unwrap();
    assert_eq!(columns.names, ["Sentence #", "Word", "POS", "Tag"]);
    assert_eq!(columns.rows.len(), 5);
    assert_eq!(columns.rows[1], ["", "said \"so\", then", "VB", "O"]);
    assert_eq!((member.documents, member.entities), (2, 2));
    assert_eq!(member.encoding, "utf-8");
    let mut other = inspect(&path);
    other.files[0].reading = Reading {
        token_column: Some(ColumnChoice::Name("Word".into())),
        tag_column: Some(ColumnChoice::Index(3)),
        sentence_column: Some(ColumnChoice::Index(0)),
        ..Reading::default()
    };
    let chosen = data.inspect(&other, "look").unwrap();
    assert_eq!(chosen.preview, found.preview);
    other.files[0].reading.tag_column = Some(ColumnChoice::Name("Nothing".into()));
    let refused = data.inspect(&other, "look").unwrap();
    assert!(refused.files[0].error.is_some(), "{:?}", refused.files[0]);
}

#[test]
fn a_folder_and_an_archive_bring_their_splits() {
    let desk = Desk::new();
    let folder = desk.path().join("corpus");
    fs::create_dir_all(&folder).unwrap();
    let archive = desk.path().join("corpus.zip");
    let mut zip = zip::ZipWriter::new(fs::File::create(&archive).unwrap());
    for (name, text) in [
        ("train.conll", conll()),
        ("dev.conll", "Ada B-PER\n\n".into()),
        ("test.conll", "Bob B-PER\nran O\n\n".into()),
        ("README.md", "What this is.\n".into()),
    ] {
        fs::write(folder.join(name), &text).unwrap();
        let options = zip::write::SimpleFileOptions::default();
        zip.start_file(format!("corpus/{name}"), options).unwrap();
        zip.write_all(text.as_bytes()).unwrap();
    }
    zip.finish().unwrap();
    let data = DataSets::open(&desk.library(), silent());
    let mut found = Vec::new();
    for path in [folder, archive] {
        let members = data.inspect(&inspect(&path), "look").unwrap().files[0]
            .members
            .clone();
        let splits: Vec<(String, u32)> = members
            .into_iter()
            .map(|m| (m.split, m.documents))
            .collect();
        assert_eq!(
            splits,
            [("train".into(), 20), ("dev".into(), 1), ("test".into(), 1)]
        );
        let set = data.import(&request(&path), "job").unwrap();
        assert_eq!(everything(&data, &set.id).len(), 22);
        // The library has a copy of its own, of which the same is made again.
        match path.is_dir() {
            true => fs::remove_dir_all(&path).unwrap(),
            false => fs::remove_file(&path).unwrap(),
        }
        let repair = Repair::Sample {
            split: "train".into(),
            documents: 5,
            seed: 1,
        };
        data.repair(&set.id, &repair, "job").unwrap();
        assert_eq!(everything(&data, &set.id).len(), 7);
        data.undo(&set.id, "job").unwrap();
        found.push(everything(&data, &set.id));
    }
    assert_eq!(found[0].len(), 22);
    assert_eq!(found[0], found[1]);
}

/// Not a test of its own: the process that is killed, imports and repairs again and again.
#[test]
#[ignore = "started by the next test"]
fn the_importer() {
    let Some(place) = std::env::var_os("TAGSMITH_TEST_IMPORT") else {
        return;
    };
    let place = Path::new(&place);
    let library = tagsmith_hub::Library::at(place.join("home"), place.join("cache"));
    let data = DataSets::open(&library, silent());
    loop {
        let set = data
            .import(&request(&place.join("a.jsonl")), "job")
            .unwrap();
        data.repair(&set.id, &merge(), "job").unwrap();
    }
}

#[test]
fn a_kill_at_any_moment_leaves_whole_data_sets() {
    let desk = Desk::new();
    jsonl(&desk, "a.jsonl", 0..2000);
    let mut seen = 0;
    for round in 0..10_u64 {
        let mut child = std::process::Command::new(std::env::current_exe().unwrap())
            .args(["--ignored", "--exact", "data::imports::the_importer"])
            .env("TAGSMITH_TEST_IMPORT", desk.path())
            .stdout(std::process::Stdio::null())
            .spawn()
            .unwrap();
        // Spread over the length of some imports, at odd places.
        std::thread::sleep(std::time::Duration::from_millis(60 + round * 67 % 500));
        child.kill().unwrap();
        child.wait().unwrap();
        let data = DataSets::open(&desk.library(), silent());
        for set in data.list() {
            seen += 1;
            assert_eq!(everything(&data, &set.id).len(), 2000);
            let labels = if set.repairs.is_empty() { 2 } else { 1 };
            assert_eq!(set.check.files[0].labels.len(), labels);
            let folder = desk.library().data_folder().join(&set.id);
            let left: Vec<_> = fs::read_dir(folder)
                .unwrap()
                .map(|entry| entry.unwrap().file_name())
                .collect();
            assert_eq!(
                left.len(),
                3,
                "its record, its store and its files: {left:?}"
            );
            data.remove(&set.id).unwrap();
        }
        let left = fs::read_dir(desk.library().data_folder());
        assert_eq!(left.into_iter().flatten().count(), 0);
    }
    assert!(seen > 0, "no import ended before its kill");
}

#[test]
fn a_look_into_files_takes_nothing_into_the_library() {
    let desk = Desk::new();
    let train = desk.path().join("a.conll");
    fs::write(&train, conll()).unwrap();
    let other = jsonl(&desk, "dev.jsonl", 0..6);
    let data = DataSets::open(&desk.library(), desk.notify());
    let found = data
        .inspect(
            &InspectRequest {
                files: vec![chosen(&train, None), chosen(&other, Some(Split::Dev))],
                repairs: vec![merge()],
            },
            "look",
        )
        .unwrap();
    let members: Vec<(&str, u32, u32)> = found
        .files
        .iter()
        .flat_map(|file| &file.members)
        .map(|member| (member.split.as_str(), member.documents, member.entities))
        .collect();
    assert_eq!(members, [("train", 20, 40), ("dev", 6, 6)]);
    let columns = found.files[0].members[0].columns.as_ref().unwrap();
    assert_eq!(columns.rows[0], ["Zoë0", "B-PER"]);
    assert_eq!((columns.names.len(), columns.rows.len()), (2, 8));
    assert_eq!(found.preview.len(), 20);
    assert_eq!(found.preview[0].entities[1].text, "😀Köln0");
    // As it will be with the repairs.
    let dev = &found.statistics.splits[1];
    assert_eq!(dev.labels, BTreeMap::from([("PER".into(), 6)]));
    assert_eq!((dev.documents, dev.without_entities), (6, 0));
    assert_eq!(dev.lengths.iter().map(|bin| bin.count).sum::<usize>(), 6);
    assert_eq!(data.list(), []);
    let stages: Vec<String> = desk
        .news()
        .into_iter()
        .filter_map(|news| match news {
            AppEvent::Progress { progress } if progress.job == "look" => Some(progress.stage),
            _ => None,
        })
        .collect();
    assert!(stages.contains(&"reading".into()), "{stages:?}");
    assert!(stages.contains(&"checking".into()), "{stages:?}");
}

/// Prodigy's answer to one entity says nothing of the other words.
const PARTLY: &str = concat!(
    "{\"text\": \"Zoë saw Köln\", \"spans\": [{\"start\": 0, \"end\": 3, \"label\": \"PER\"}], \"answer\": \"accept\", \"_is_binary\": true}\n",
    "{\"text\": \"Bo left\", \"spans\": [], \"answer\": \"accept\"}\n",
);

#[test]
fn words_of_unknown_annotation_are_kept_for_training() {
    let desk = Desk::new();
    let path = desk.path().join("a.jsonl");
    fs::write(&path, PARTLY).unwrap();
    let data = DataSets::open(&desk.library(), silent());
    let found = data.inspect(&inspect(&path), "job").unwrap();
    assert!(found.files[0].members[0].partly_labelled);
    let mut groups = found.report.groups.iter();
    let group = groups.find(|group| group.code == "words-unknown").unwrap();
    assert_eq!(group.repair, Some(Repair::MaskUnknown));

    let mut asked = request(&path);
    asked.files[0].reading.mask_unknown = true;
    let by_file = data.import(&asked, "job").unwrap();
    let plain = data.import(&request(&path), "job").unwrap();
    let lines = |id: &str| {
        let train = fs::read_to_string(data.run_data(id).unwrap().train).unwrap();
        train.lines().map(str::to_owned).collect::<Vec<_>>()
    };
    let written = lines(&by_file.id);
    assert!(
        written[0].ends_with("\"unknown\":[[4,7],[8,12]]}"),
        "{written:?}"
    );
    assert!(!written[1].contains("unknown"), "{written:?}");
    assert!(
        lines(&plain.id)
            .iter()
            .all(|line| !line.contains("unknown"))
    );
    // The same by the repair, which can be taken back.
    let set = data.repair(&plain.id, &Repair::MaskUnknown, "job").unwrap();
    assert_eq!(lines(&set.id), written);
    let undone = data.undo(&set.id, "job").unwrap();
    assert!(
        lines(&undone.id)
            .iter()
            .all(|line| !line.contains("unknown"))
    );
    // Our own JSON lines keep it, and other formats say that they do not.
    let mut export = ExportRequest {
        format: Target::Jsonl,
        scheme: Scheme::Iob2,
        splits: vec!["train".into()],
    };
    let plan = data.export_plan(&by_file.id, &export, "job").unwrap();
    assert_eq!(plan.losses, []);
    export.format = Target::Doccano;
    let plan = data.export_plan(&by_file.id, &export, "job").unwrap();
    assert_eq!(plan.losses[0].kind, "lost-unknown");
}

#[test]
fn several_annotators_are_read_by_rule_and_compared() {
    let desk = Desk::new();
    let path = desk.path().join("tasks.json");
    let result = |label: &str| {
        serde_json::json!([{"type": "labels", "from_name": "l", "to_name": "t",
            "value": {"start": 0, "end": 3, "text": "Ada", "labels": [label]}}])
    };
    let people = [("ann", "PER"), ("ben", "ORG"), ("cem", "ORG")];
    let annotations: Vec<_> = people
        .iter()
        .map(|(name, label)| {
            serde_json::json!({"completed_by": {"email": name}, "result": result(label)})
        })
        .collect();
    let tasks =
        serde_json::json!([{"id": 1, "data": {"text": "Ada left"}, "annotations": annotations}]);
    fs::write(&path, tasks.to_string()).unwrap();
    let data = DataSets::open(&desk.library(), silent());
    let found = data.inspect(&inspect(&path), "job").unwrap();
    let agreement = found.files[0].members[0].agreement.as_ref().unwrap();
    assert_eq!(agreement.annotators, ["ann", "ben", "cem"]);
    assert_eq!(agreement.labels.len(), 2);
    for (rule, label) in [("ground-truth", "PER"), ("majority", "ORG"), ("cem", "ORG")] {
        let mut asked = request(&path);
        asked.files[0].reading.annotator = rule.parse().unwrap();
        let set = data.import(&asked, "job").unwrap();
        assert_eq!(labels(&set), [(label.into(), 1)], "{rule}");
        assert_eq!(set.check.files[0].agreement[0].annotators.len(), 3);
    }
}

#[test]
fn repairs_that_were_chosen_at_once_in_the_import_are_one_step() {
    let desk = Desk::new();
    let train = desk.path().join("train.conll");
    fs::write(&train, conll()).unwrap();
    let data = DataSets::open(&desk.library(), desk.notify());
    let duplicates = Repair::DropDuplicates { near: false };
    let repairs = vec![duplicates, Repair::TrimSpans, Repair::RepairTags];
    let request = ImportRequest {
        repairs: repairs.clone(),
        // The second range cannot be: it is left out.
        at_once: vec![(1, 3), (2, 9)],
        ..request(&train)
    };
    let set = data.import(&request, "job").unwrap();
    assert_eq!((&set.repairs, &set.at_once), (&repairs, &vec![(1, 3)]));
    let set = data.undo(&set.id, "job").unwrap();
    assert_eq!(set.repairs, repairs[..1]);
    let set = data.redo(&set.id, "job").unwrap();
    assert_eq!(set.repairs, repairs);
    let files = [chosen(&train, None)];
    let others = &repairs[1..];
    let set = data
        .update(&set.id, &files, others, &[(0, 2)], "job")
        .unwrap();
    assert!(data.undo(&set.id, "job").unwrap().repairs.is_empty());
}

#[test]
fn texts_without_labels_are_taken_when_the_person_says_so() {
    let desk = Desk::new();
    let data = DataSets::open(&desk.library(), silent());
    let path = desk.path().join("tickets.csv");
    fs::write(
        &path,
        "id,subject,message\n1,Hi,\"It broke, again\"\n2,Ho,It works\n",
    )
    .unwrap();
    let found = data.inspect(&inspect(&path), "job").unwrap();
    let error = found.files[0].error.as_ref().unwrap();
    assert_eq!(error.as_text, Some(tagsmith_corpus::FormatName::Table));
    let mut asked = request(&path);
    asked.files[0].reading.format = error.as_text;
    let set = data.import(&asked, "job").unwrap();
    let texts: Vec<String> = everything(&data, &set.id)
        .into_iter()
        .map(|one| one.text)
        .collect();
    assert_eq!(texts, ["It broke, again", "It works"]);
    assert_eq!(set.check.files[0].entities, 0);
    // That nothing is labelled is said once.
    let codes: Vec<&str> = set
        .check
        .groups
        .iter()
        .map(|group| group.code.as_str())
        .collect();
    assert!(
        codes.contains(&"no-entities") && !codes.contains(&"unlabelled"),
        "{codes:?}"
    );
    // Another column.
    asked.files[0].reading.token_column = Some(ColumnChoice::Name("subject".into()));
    let set = data.import(&asked, "job").unwrap();
    assert_eq!(everything(&data, &set.id)[1].text, "Ho");
    let plain = desk.path().join("plain.txt");
    fs::write(&plain, "One line.\nAnother one.\n").unwrap();
    let found = data.inspect(&inspect(&plain), "job").unwrap();
    let error = found.files[0].error.as_ref().unwrap();
    assert_eq!(error.as_text, Some(tagsmith_corpus::FormatName::Text));
    let mut asked = request(&plain);
    asked.files[0].reading.format = error.as_text;
    let set = data.import(&asked, "job").unwrap();
    assert_eq!(everything(&data, &set.id).len(), 2);
}
