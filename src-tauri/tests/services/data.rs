//! Data sets: files taken into the library, split, searched, repaired, and left as they were.
//!
//! One file, as every case takes the same small files into the same library.

use crate::fake::Desk;
use std::collections::BTreeMap;
use std::fs;
use std::io::Write as _;
use std::path::Path;
use std::sync::Arc;
use tagsmith_corpus::augment::Operation;
use tagsmith_corpus::{IssueCode, Target};
use tagsmith_desktop::data::DataSets;
use tagsmith_desktop::dto::{
    AppEvent, ChosenFile, ColumnChoice, DataDocument, DataSet, DocumentQuery, ExportRequest,
    FindingQuery, ImportRequest, InspectRequest, Reading, Repair, Scheme, Severity, Split,
    SplitChoice,
};

fn chosen(path: &Path, split: Option<Split>) -> ChosenFile {
    ChosenFile {
        path: path.display().to_string(),
        split,
        reading: Reading::default(),
    }
}

fn request(train: &Path) -> ImportRequest {
    ImportRequest {
        name: "My data".into(),
        files: vec![chosen(train, None)],
        repairs: Vec::new(),
        at_once: Vec::new(),
    }
}

/// Fractions of `train` that become splits of their own.
fn held_out(fractions: &[(&str, f64)]) -> Repair {
    Repair::HoldOut {
        fractions: fractions
            .iter()
            .map(|(split, fraction)| ((*split).to_owned(), *fraction))
            .collect(),
        seed: 42,
    }
}

fn inspect(train: &Path) -> InspectRequest {
    InspectRequest {
        files: vec![chosen(train, None)],
        repairs: Vec::new(),
    }
}

fn all(text: &str, label: Option<&str>) -> DocumentQuery {
    DocumentQuery {
        split: SplitChoice::All,
        text: text.into(),
        label: label.map(str::to_owned),
        finding: None,
        offset: 0,
        limit: 10,
    }
}

/// Every document of a data set.
fn everything(data: &DataSets, id: &str) -> Vec<DataDocument> {
    let query = DocumentQuery {
        limit: 100_000,
        ..all("", None)
    };
    data.documents(id, &query).unwrap().documents
}

fn silent() -> tagsmith_desktop::event_bus::NotifyPage {
    Arc::new(|_| ())
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
            .args(["--ignored", "--exact", "data::the_importer"])
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

/// Sentence `n` of a file of JSONL; its label is in small letters every third time.
fn record(n: usize) -> String {
    let label = if n.is_multiple_of(3) { "per" } else { "PER" };
    format!(
        r#"{{"text": "Zoë{n} saw 😀 Köln", "entities": [{{"start": 0, "end": {}, "label": "{label}"}}]}}"#,
        3 + n.to_string().len()
    )
}

fn jsonl(desk: &Desk, name: &str, numbers: impl Iterator<Item = usize>) -> std::path::PathBuf {
    let path = desk.path().join(name);
    let lines: Vec<String> = numbers.map(record).collect();
    fs::write(&path, lines.join("\n") + "\n").unwrap();
    path
}

fn merge() -> Repair {
    Repair::MapLabels {
        labels: BTreeMap::from([("per".into(), Some("PER".into()))]),
    }
}

fn labels(set: &DataSet) -> Vec<(String, usize)> {
    let labels = set.check.files[0].labels.clone();
    labels.into_iter().collect()
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
    assert_eq!(
        data.undo(&set.id, "job").unwrap().check.files[0]
            .labels
            .len(),
        2
    );
}

/// The data sets of a desk where everything is cancelled that comes to a stage.
fn cancelling(desk: &Desk, stage: &str) -> Arc<std::sync::OnceLock<DataSets>> {
    let data: Arc<std::sync::OnceLock<DataSets>> = Arc::default();
    let (own, at) = (data.clone(), stage.to_owned());
    let notify: tagsmith_desktop::event_bus::NotifyPage = Arc::new(move |news| {
        if let (AppEvent::Progress { progress }, Some(data)) = (news, own.get())
            && progress.stage == at
        {
            data.cancel(&progress.job);
        }
    });
    data.get_or_init(|| DataSets::open(&desk.library(), notify));
    data
}

#[test]
fn work_that_is_cancelled_leaves_nothing() {
    let desk = Desk::new();
    let path = jsonl(&desk, "a.jsonl", 0..3000);
    for stage in ["reading", "checking", "copying", "writing"] {
        let data = cancelling(&desk, stage);
        let data = data.get().unwrap();
        let refused = data.import(&request(&path), "long").unwrap_err();
        assert_eq!(refused.code, "cancelled", "{stage}");
        assert_eq!(data.list(), []);
        let left = fs::read_dir(desk.library().data_folder());
        assert_eq!(left.into_iter().flatten().count(), 0, "{stage}");
    }
}

#[test]
fn a_repair_that_is_cancelled_leaves_the_data_set_as_it_was() {
    let desk = Desk::new();
    let path = jsonl(&desk, "a.jsonl", 0..300);
    let set = DataSets::open(&desk.library(), silent())
        .import(&request(&path), "job")
        .unwrap();
    let data = cancelling(&desk, "repairing");
    let data = data.get().unwrap();
    let before = everything(data, &set.id);
    let refused = data.repair(&set.id, &merge(), "long").unwrap_err();
    assert_eq!(refused.code, "cancelled");
    assert_eq!(data.get(&set.id).unwrap(), set);
    assert_eq!(everything(data, &set.id), before);
}

#[test]
fn a_preview_and_an_export_can_be_cancelled() {
    let desk = Desk::new();
    let path = jsonl(&desk, "a.jsonl", 0..3000);
    let set = DataSets::open(&desk.library(), silent())
        .import(&request(&path), "job")
        .unwrap();
    let wanted = ExportRequest {
        format: Target::Jsonl,
        scheme: Scheme::Iob2,
        splits: vec!["train".into()],
    };
    let file = desk.path().join("there.jsonl");
    fs::write(&file, "what was there before").unwrap();
    for stage in ["loading", "writing"] {
        let data = cancelling(&desk, stage);
        let data = data.get().unwrap();
        if stage == "loading" {
            let preview = data.preview_repair(&set.id, &merge(), "look");
            assert_eq!(preview.unwrap_err().code, "cancelled");
            let plan = data.export_plan(&set.id, &wanted, "plan");
            assert_eq!(plan.unwrap_err().code, "cancelled");
        }
        let export = data.export(&set.id, &wanted, &file, "export");
        assert_eq!(export.unwrap_err().code, "cancelled", "{stage}");
        assert_eq!(fs::read_to_string(&file).unwrap(), "what was there before");
        let left = fs::read_dir(desk.path()).unwrap().flatten();
        let mut names = left.map(|entry| entry.file_name().to_string_lossy().into_owned());
        assert!(names.all(|name| !name.ends_with(".partial")), "{stage}");
    }
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
fn files_that_runs_learned_from_go_when_nothing_can_go_on_with_them() {
    let desk = Desk::new();
    let path = jsonl(&desk, "a.jsonl", 0..30);
    let data = DataSets::open(&desk.library(), silent());
    let set = data.import(&request(&path), "job").unwrap();
    let mut trains = vec![data.run_data(&set.id).unwrap().train];
    for _ in 0..2 {
        data.repair(&set.id, &merge(), "job").unwrap();
        trains.push(data.run_data(&set.id).unwrap().train);
    }
    let there = || {
        trains
            .iter()
            .map(|train| train.is_file())
            .collect::<Vec<_>>()
    };
    data.clear_exports(std::slice::from_ref(&trains[0]));
    assert_eq!(there(), [true, false, true]);
    data.clear_exports(&[]);
    assert_eq!(there(), [false, false, true]);
    // The reports of those runs still say in which lines their documents were.
    let origins = data.origins(&trains[0].display().to_string());
    assert_eq!(origins.len(), 30);
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
fn a_data_set_is_exported_and_its_losses_are_told_before() {
    let desk = Desk::new();
    let path = jsonl(&desk, "a.jsonl", 0..30);
    let data = DataSets::open(&desk.library(), silent());
    let mut wanted = request(&path);
    wanted.repairs = vec![held_out(&[("test", 0.1)])];
    let set = data.import(&wanted, "job").unwrap();
    let request = |format, splits: &[&str]| ExportRequest {
        format,
        scheme: Scheme::Iob2,
        splits: splits.iter().map(|split| (*split).to_owned()).collect(),
    };
    let jsonl = request(Target::Jsonl, &["train", "test"]);
    let plan = data.export_plan(&set.id, &jsonl, "plan").unwrap();
    assert_eq!(
        (plan.documents, plan.entities, plan.losses.len()),
        (30, 30, 0)
    );
    let folder = desk.path().join(data.export_name(&set.id, &jsonl).unwrap());
    data.export(&set.id, &jsonl, &folder, "job").unwrap();
    let lines = |path: &Path| fs::read_to_string(path).unwrap().lines().count();
    assert_eq!(lines(&folder.join("train.jsonl")), 27);
    assert_eq!(lines(&folder.join("test.jsonl")), 3);
    assert_eq!(
        data.export(&set.id, &jsonl, &folder, "job")
            .unwrap_err()
            .code,
        "exists"
    );

    let conll = request(Target::Conll, &["test"]);
    let file = desk.path().join(data.export_name(&set.id, &conll).unwrap());
    assert_eq!(file.file_name().unwrap(), "my-data-test.conll");
    data.export(&set.id, &conll, &file, "job").unwrap();
    // `Zoë0`, `saw`, `😀`, `Köln`, and a blank line behind each.
    assert_eq!(lines(&file), 15);
    assert!(fs::read_to_string(&file).unwrap().contains("\tB-"));
    // What another program gets reads as what went out.
    for format in [
        Target::Conll,
        Target::Jsonl,
        Target::Tokens,
        Target::Spacy,
        Target::Prodigy,
        Target::Doccano,
        Target::LabelStudio,
        Target::Brat,
        Target::Parquet,
        Target::BioC,
        Target::PubTator,
        Target::WebAnno,
    ] {
        let request = request(format, &["train"]);
        let plan = data.export_plan(&set.id, &request, "plan").unwrap();
        let name = data.export_name(&set.id, &request).unwrap();
        let file = desk.path().join(format!("{format:?}-{name}"));
        data.export(&set.id, &request, &file, "job").unwrap();
        let read = tagsmith_corpus::read(&file, &tagsmith_corpus::ReadOptions::default()).unwrap();
        let spans = read.documents.iter().map(|d| d.spans.len()).sum::<usize>();
        assert_eq!((read.documents.len(), spans), (27, 27), "{format:?}");
        assert_eq!((plan.documents, plan.entities), (27, 27), "{format:?}");
        for loss in &plan.losses {
            let reported = loss.count > 0 && !loss.what.is_empty() && !loss.lines.is_empty();
            assert!(reported && loss.split == "train", "{loss:?}");
        }
    }
    // Nothing else is left beside.
    let left = fs::read_dir(desk.path()).unwrap().flatten();
    assert!(
        left.into_iter()
            .all(|e| !e.file_name().to_string_lossy().ends_with(".partial"))
    );
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

#[test]
fn a_model_leaves_as_a_zip_with_all_its_files() {
    let desk = Desk::new();
    let data = DataSets::open(&desk.library(), silent());
    let model = tagsmith_testing::tiny("bert-token-classification");
    let to = desk.path().join("model.zip");
    let mut work = data.begin("job");
    tagsmith_desktop::own_model::export(&model, "my-model", &to, &mut work).unwrap();
    let mut zip = zip::ZipArchive::new(fs::File::open(&to).unwrap()).unwrap();
    for entry in fs::read_dir(&model).unwrap().flatten() {
        let name = entry.file_name().into_string().unwrap();
        let mut inside = Vec::new();
        let mut file = zip.by_name(&format!("my-model/{name}")).unwrap();
        std::io::Read::read_to_end(&mut file, &mut inside).unwrap();
        assert_eq!(inside, fs::read(entry.path()).unwrap(), "{name}");
    }
    let mut work = data.begin("other");
    data.cancel("other");
    let refused =
        tagsmith_desktop::own_model::export(&model, "m", &desk.path().join("b.zip"), &mut work);
    assert_eq!(refused.unwrap_err().code, "cancelled");
    let left = fs::read_dir(desk.path())
        .unwrap()
        .flatten()
        .any(|entry| entry.file_name().to_string_lossy().contains("b.zip"));
    assert!(!left);
}
