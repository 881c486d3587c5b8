//! What the services answer about small files, recorded for the page's client without a shell
//! (`ui/src/lib/client/fake`): its tests and its demonstration show what the program does.
//!
//! The recording is committed. `TAGSMITH_GOLDEN=write cargo test --release --workspace --test services
//! recorded` renews it.

use crate::fake::Desk;
use serde::Serialize;
use serde_json::{Map, Value, json};
use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use tagsmith_corpus::Target;
use tagsmith_desktop::data::DataSets;
use tagsmith_desktop::dto::{
    ChosenFile, ColumnChoice, DataDocument, DocumentQuery, ExportRequest, FindingQuery,
    ImportRequest, InspectRequest, Reading, Repair, Scheme, SplitChoice,
};
use tagsmith_desktop::engine::Engine;

/// Of a window, in tokens: the default, and one that splits most documents.
const MAX_LENGTH: u32 = 256;
const SHORT: u32 = 12;

fn here(path: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(path)
}

/// The answers so far. Documents are many times the same: versions name theirs by their places in one
/// list.
struct Recorder {
    desk: Desk,
    data: DataSets,
    documents: Vec<String>,
    known: BTreeMap<String, usize>,
    inspections: Vec<String>,
    versions: Vec<String>,
    checks: Vec<String>,
    /// Where the model checks need the program and it has not been built, they are kept as they are.
    engine: Option<Engine>,
    runtime: tokio::runtime::Runtime,
}

impl Recorder {
    fn new() -> Self {
        let desk = Desk::new();
        let files = desk.path().join("files");
        copy(&here("../ui/src/lib/client/fake/recorded/files"), &files);
        let sample = here("../assets/samples/support-tickets");
        copy(&sample, &desk.path().join("sample"));
        for (from, to) in [("train", "tickets-2026"), ("test", "tickets-2026-test")] {
            let to = files.join(to).with_extension("jsonl");
            fs::copy(sample.join(from).with_extension("jsonl"), to).unwrap();
        }
        let program = Path::new(env!("CARGO_BIN_EXE_tagsmith-desktop")).with_file_name("tagsmith");
        Self {
            data: DataSets::open(&desk.library(), Arc::new(|_| ())),
            desk,
            documents: Vec::new(),
            known: BTreeMap::new(),
            inspections: Vec::new(),
            versions: Vec::new(),
            checks: Vec::new(),
            engine: program.is_file().then(|| Engine::at(program)),
            runtime: tokio::runtime::Runtime::new().unwrap(),
        }
    }

    fn chosen(&self, names: &[&str]) -> Vec<ChosenFile> {
        let chosen = |name: &&str| ChosenFile {
            path: self.desk.path().join(name).display().to_string(),
            split: None,
            reading: Reading::default(),
        };
        names.iter().map(chosen).collect()
    }

    /// What the page sees before it imports these files.
    fn inspect(&mut self, files: &[ChosenFile], repairs: &[Repair]) {
        let request = InspectRequest {
            files: files.to_vec(),
            repairs: repairs.to_vec(),
        };
        let answer = self.data.inspect(&request, "job").unwrap();
        self.inspections
            .push(json!({ "made": made(files, repairs), "answer": answer }).to_string());
    }

    /// The data set that these files and repairs make: all that the page can ask of it, with a preview of
    /// `next` and of every repair that a finding proposes, and with checks against a model.
    fn version(
        &mut self,
        name: &str,
        files: &[ChosenFile],
        repairs: &[Repair],
        next: &[Repair],
        max_lengths: &[u32],
    ) {
        let request = ImportRequest {
            name: name.into(),
            files: files.to_vec(),
            repairs: repairs.to_vec(),
            at_once: Vec::new(),
        };
        let set = self.data.import(&request, "job").unwrap();
        let proposed = set
            .check
            .groups
            .iter()
            .filter_map(|group| group.repair.as_ref());
        let mut previews = Vec::new();
        for repair in next.iter().chain(proposed) {
            // A repair that concerns the reading may be refused here; the page gets the same error.
            if let Ok(answer) = self.data.preview_repair(&set.id, repair, "job") {
                previews.push(json!({ "repair": repair, "answer": answer }));
            }
        }
        let splits: Vec<String> = set
            .check
            .files
            .iter()
            .map(|file| file.split.clone())
            .collect();
        // What the page may leave out of an export is asked of data sets as they were imported.
        let fewest = if repairs.is_empty() { 1 } else { splits.len() };
        let mut plans = Vec::new();
        for splits in subsets(&splits).filter(|some| some.len() >= fewest) {
            for format in Target::ALL {
                let request = ExportRequest {
                    format,
                    scheme: Scheme::Iob2,
                    splits: splits.clone(),
                };
                let answer = self.data.export_plan(&set.id, &request, "job").unwrap();
                plans.push(json!({ "format": format, "splits": splits, "answer": answer }));
            }
        }
        let findings = FindingQuery {
            code: None,
            severity: None,
            offset: 0,
            limit: u32::MAX,
        };
        let version = json!({
            "made": made(files, repairs),
            "check": set.check,
            "lengths": set.lengths,
            "longest_words": set.longest_words,
            "documents": self.documents_of(&set.id),
            "findings": self.data.findings(&set.id, &findings).unwrap().findings,
            "statistics": self.data.statistics(&set.id).unwrap(),
            "previews": previews,
            "plans": plans,
        });
        self.versions.push(version.to_string());
        for max_length in max_lengths {
            self.check(&set.id, &made(files, repairs), *max_length);
        }
        self.data.remove(&set.id).unwrap();
    }

    /// What a model makes of a data set.
    fn check(&mut self, id: &str, made: &Value, max_length: u32) {
        let Some(engine) = &self.engine else { return };
        let model = here("crates/encoder/tests/fixtures/tiny/bert-token-classification");
        let _inside = self.runtime.enter();
        let answer = self
            .data
            .check_with_model(id, engine, &model, max_length, "job")
            .unwrap();
        let check = json!({ "made": made, "max_length": max_length, "answer": answer });
        self.checks.push(check.to_string());
    }

    /// For each split, the places of its documents in the list of all.
    fn documents_of(&mut self, id: &str) -> Value {
        let query = DocumentQuery {
            split: SplitChoice::All,
            text: String::new(),
            label: None,
            finding: None,
            offset: 0,
            limit: 1_000_000,
        };
        let mut splits: BTreeMap<String, Vec<usize>> = BTreeMap::new();
        for document in self.data.documents(id, &query).unwrap().documents {
            let split = splits.entry(document.split.clone()).or_default();
            assert_eq!(
                document.number as usize,
                split.len(),
                "numbered in their order"
            );
            let kept = without_place(&document);
            let next = self.documents.len();
            let index = *self.known.entry(kept.clone()).or_insert(next);
            if index == next {
                self.documents.push(kept);
            }
            split.push(index);
        }
        json!(splits)
    }

    /// A list of JSON, one value a line, in which paths are those of the person in the demonstration.
    fn written(&self, lines: &[String]) -> String {
        let lines: Vec<String> = lines.iter().map(|line| self.at_home(line)).collect();
        format!("[\n{}\n]\n", lines.join(",\n"))
    }

    fn at_home(&self, line: &str) -> String {
        let folder = self.desk.path().display().to_string();
        [
            (format!("{folder}/files"), "/home/sam/Documents"),
            (
                format!("{folder}/sample"),
                "/home/sam/Documents/support-tickets",
            ),
            (format!("{folder}/home"), "/home/sam/tagsmith"),
        ]
        .iter()
        .fold(line.to_owned(), |line, (from, to)| line.replace(from, to))
    }
}

/// What a version is made of, which is what the page asks for it by: names of files without folders.
fn made(files: &[ChosenFile], repairs: &[Repair]) -> Value {
    let named = |file: &ChosenFile| {
        let name = Path::new(&file.path).file_name().unwrap().to_str().unwrap();
        json!({ "name": name, "split": file.split, "reading": file.reading })
    };
    json!({ "files": files.iter().map(named).collect::<Vec<_>>(), "repairs": repairs })
}

fn without_place(document: &DataDocument) -> String {
    let mut fields: Map<String, Value> = serde_json::from_value(json!(document)).unwrap();
    fields.remove("split");
    fields.remove("number");
    Value::from(fields).to_string()
}

fn subsets(all: &[String]) -> impl Iterator<Item = Vec<String>> {
    (1..1_u32 << all.len()).map(|chosen| {
        let taken = all
            .iter()
            .enumerate()
            .filter(|(at, _)| chosen >> at & 1 == 1);
        taken.map(|(_, name)| name.clone()).collect()
    })
}

fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    for entry in fs::read_dir(from).unwrap().flatten() {
        let to = to.join(entry.file_name());
        if entry.path().is_dir() {
            copy(&entry.path(), &to);
        } else {
            fs::copy(entry.path(), to).unwrap();
        }
    }
}

fn fractions(of: &[(&str, f64)]) -> BTreeMap<String, f64> {
    of.iter()
        .map(|(split, fraction)| ((*split).to_owned(), *fraction))
        .collect()
}

fn hold_out(of: &[(&str, f64)]) -> Repair {
    repair(&json!({ "repair": "hold-out", "shares": fractions(of), "seed": 42 }))
}

fn repair(value: &impl Serialize) -> Repair {
    serde_json::from_value(json!(value)).unwrap()
}

/// Everything that the page's tests and its demonstration ask for.
fn record() -> Recorder {
    let mut recorder = Recorder::new();
    let sample = recorder.chosen(&[
        "sample/train.jsonl",
        "sample/dev.jsonl",
        "sample/test.jsonl",
    ]);
    let split = |train, dev, test| {
        let fractions = fractions(&[("train", train), ("dev", dev), ("test", test)]);
        repair(&json!({ "repair": "split", "shares": fractions, "seed": 42 }))
    };
    let fewer =
        repair(&json!({ "repair": "sample", "split": "train", "documents": 50, "seed": 42 }));
    recorder.version("Support tickets", &sample, &[], &[], &[MAX_LENGTH]);
    for repair in [split(0.7, 0.2, 0.1), split(0.8, 0.1, 0.1), fewer] {
        recorder.version("Support tickets", &sample, &[repair], &[], &[]);
    }

    let trim = Repair::TrimSpans;
    let drop = Repair::DropDuplicates { near: false };
    let drop_near = Repair::DropDuplicates { near: true };
    let move_near = Repair::MoveLeaking { near: true };
    let labels = |labels: Value| repair(&json!({ "repair": "map-labels", "labels": labels }));
    let person = labels(json!({ "Person": "PERSON" }));
    let edited = labels(json!({ "ORG": "COMPANY", "DATE": null, "Person": "PERSON" }));
    let notes = recorder.chosen(&[
        "files/notes.jsonl",
        "files/old-notes.conll",
        "files/dev.jsonl",
    ]);
    recorder.version(
        "Field notes",
        &notes,
        &[],
        &[edited.clone(), drop_near.clone(), move_near.clone()],
        &[SHORT, MAX_LENGTH],
    );
    let steps: [&[Repair]; 14] = [
        std::slice::from_ref(&trim),
        std::slice::from_ref(&drop),
        std::slice::from_ref(&drop_near),
        std::slice::from_ref(&move_near),
        &[Repair::SnapToWords],
        &[Repair::RepairTags],
        &[Repair::MoveLeaking { near: false }],
        std::slice::from_ref(&person),
        std::slice::from_ref(&edited),
        &[trim.clone(), drop.clone()],
        &[trim.clone(), Repair::SnapToWords],
        &[Repair::RepairTags, trim.clone()],
        &[Repair::RepairTags, trim.clone(), Repair::SnapToWords],
        &[trim.clone(), drop.clone(), person.clone()],
    ];
    for repairs in steps {
        recorder.version("Field notes", &notes, repairs, &[], &[]);
    }

    let mut import = |names: &[&str], inspected: &[&[Repair]], imported: &[&[Repair]]| {
        let files = recorder.chosen(names);
        for repairs in inspected {
            recorder.inspect(&files, repairs);
        }
        for repairs in imported {
            recorder.version("Notes", &files, repairs, &[], &[]);
        }
    };
    let both = hold_out(&[("dev", 0.1), ("test", 0.1)]);
    import(
        &["files/tickets-2026.jsonl"],
        &[&[]],
        &[std::slice::from_ref(&both)],
    );
    import(
        &["files/tickets-2026.jsonl", "files/tickets-2026-test.jsonl"],
        &[&[]],
        &[],
    );
    import(&["files/notes"], &[&[]], &[&[]]);
    import(&["files/broken.conll"], &[&[]], &[]);
    import(
        &["files/notes.jsonl"],
        &[
            &[],
            std::slice::from_ref(&drop),
            std::slice::from_ref(&trim),
            &[drop.clone(), trim.clone()],
        ],
        &[
            &[both.clone(), drop.clone()],
            &[hold_out(&[("dev", 0.1)]), trim.clone()],
        ],
    );
    import(
        &["files/notes.jsonl", "files/old-notes.conll"],
        &[
            &[],
            std::slice::from_ref(&drop),
            std::slice::from_ref(&trim),
            &[drop.clone(), trim.clone()],
        ],
        &[std::slice::from_ref(&both), &[both.clone(), drop.clone()]],
    );
    import(
        &["files/notes.jsonl", "files/dev.jsonl", "files/test.jsonl"],
        &[std::slice::from_ref(&trim)],
        &[std::slice::from_ref(&trim)],
    );
    import(
        &["files/notes-2.jsonl"],
        &[&[], std::slice::from_ref(&drop)],
        &[std::slice::from_ref(&drop)],
    );
    import(
        &["files/old-notes.conll"],
        &[&[]],
        &[std::slice::from_ref(&both)],
    );

    // The user chooses the column of the parts of speech as the tags, then the right one.
    let mut picked = recorder.chosen(&["files/old-notes.conll"]);
    for column in [1, 2] {
        picked[0].reading.tag_column = Some(ColumnChoice::Index(column));
        recorder.inspect(&picked, &[]);
    }
    let both = std::slice::from_ref(&both);
    recorder.version("Notes", &picked, both, &[], &[]);

    // Three people annotated the same texts, and the user chooses whose annotations are read.
    let mut picked = recorder.chosen(&["files/team-notes.json"]);
    for rule in ["ground-truth", "majority", "ben@example.org"] {
        picked[0].reading.annotator = rule.parse().unwrap_or_default();
        recorder.inspect(&picked, &[]);
        recorder.version("Team", &picked, both, &[], &[]);
    }
    // Of half of the texts one entity was asked for, and nothing is known of the other words.
    let mut picked = recorder.chosen(&["files/answered-notes.jsonl"]);
    recorder.inspect(&picked, &[]);
    recorder.version("Answered", &picked, both, &[], &[]);
    picked[0].reading.mask_unknown = true;
    recorder.inspect(&picked, &[]);
    recorder.version("Answered", &picked, both, &[], &[]);
    recorder
}

#[test]
fn recorded_answers_are_those_of_the_services() {
    let recorder = record();
    let shelf = tagsmith_hub::shelf().iter();
    let shelf: Vec<_> = shelf.map(|entry| json!(entry).to_string()).collect();
    let mut stale = Vec::new();
    for (name, lines) in [
        ("documents.json", &recorder.documents),
        ("inspections.json", &recorder.inspections),
        ("versions.json", &recorder.versions),
        ("model-checks.json", &recorder.checks),
        ("shelf.json", &shelf),
    ] {
        if name == "model-checks.json" && recorder.engine.is_none() {
            continue;
        }
        let fresh = recorder.written(lines);
        let committed = here("../ui/src/lib/client/fake/recorded").join(name);
        if std::env::var("TAGSMITH_GOLDEN").is_ok_and(|wish| wish == "write") {
            fs::write(&committed, &fresh).unwrap();
        }
        if fs::read_to_string(&committed).ok().as_deref() != Some(fresh.as_str()) {
            stale.push(name);
        }
    }
    assert!(
        stale.is_empty(),
        "stale: {stale:?}; TAGSMITH_GOLDEN=write cargo test --release --workspace --test services recorded"
    );
}
