//! The program behind the window with the real engine and a tiny model, in a library of its own.

use crate::fake::{Desk, PATIENCE, eventually};
use std::fs;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};
use tagsmith_desktop::app::Desktop;
use tagsmith_desktop::dto::{
    ChosenFile, ImportRequest, Often, Reading, RunRequest, Split, Started, Study, TrainSettings,
};
use tagsmith_desktop::engine::Engine;
use tagsmith_desktop::queueable::Queueable;
use tagsmith_testing::tiny;

const DOCUMENTS: &str =
    "the O\nport O\nin O\noslo B-LOC\n\nanna B-PER\nberg I-PER\nat O\nthe O\nship O\n\n";

/// A library with the model `tiny` and the data set `notes`.
pub struct Real {
    pub desk: Desk,
    pub engine: Engine,
}

impl Real {
    /// `None` where the engine has not been built.
    pub fn new() -> Option<Self> {
        let program = Path::new(env!("CARGO_BIN_EXE_tagsmith-desktop")).with_file_name("tagsmith");
        if !program.is_file() {
            println!("skipped: `tagsmith` has not been built");
            return None;
        }
        let desk = Desk::new();
        for file in fs::read_dir(tiny("bert-no-prefix")).unwrap().flatten() {
            let to = desk.path().join("home/models/tiny").join(file.file_name());
            fs::copy(file.path(), to).unwrap();
        }
        let real = Self {
            desk,
            engine: Engine::at(program),
        };
        Some(real)
    }

    /// Opens the library as a window does. Needs a tokio runtime. What an earlier one does in the background may
    /// hold the library for a moment longer.
    pub fn open(&self) -> Desktop {
        let began = Instant::now();
        loop {
            match Desktop::open(self.desk.library(), self.engine.clone()) {
                Err(failure) if failure.code == "in-use" && began.elapsed() < PATIENCE => {
                    std::thread::sleep(Duration::from_millis(20));
                }
                opened => return opened.unwrap(),
            }
        }
    }

    /// Opens it for the first time, with a data set.
    pub fn with_data(&self) -> Desktop {
        let desktop = self.open();
        let more = format!("{DOCUMENTS}the O\nport O\nin O\nrome B-LOC\n\n").repeat(8);
        let file = |name: &str, text: &str, split| {
            let path = self.desk.path().join(name);
            fs::write(&path, text).unwrap();
            ChosenFile {
                path: path.display().to_string(),
                split: Some(split),
                reading: Reading::default(),
            }
        };
        let request = ImportRequest {
            name: "Notes".into(),
            files: vec![
                file("train.conll", &more, Split::Train),
                file("dev.conll", DOCUMENTS, Split::Dev),
                file(
                    "test.conll",
                    &DOCUMENTS.replace("oslo", "rome"),
                    Split::Test,
                ),
            ],
            repairs: Vec::new(),
            at_once: Vec::new(),
        };
        desktop.data.import(&request, "job").unwrap();
        desktop
    }

    pub fn home(&self) -> PathBuf {
        self.desk.path().join("home")
    }
}

/// Settings with which a tiny model learns something in no time.
pub fn settings(epochs: usize) -> TrainSettings {
    TrainSettings {
        epochs: Some(epochs),
        batch_size: Some(4),
        max_length: 32,
        learning_rate: Some(2e-3),
        device: "cpu".into(),
        ..TrainSettings::default()
    }
}

pub fn request(name: &str, epochs: usize, often: Often) -> RunRequest {
    RunRequest {
        name: name.into(),
        model: "tiny".into(),
        data: "notes".into(),
        settings: settings(epochs),
        often,
    }
}

/// Starts what must begin at once.
pub fn begin(desktop: &Desktop, request: &RunRequest) -> String {
    match desktop.start(request).unwrap() {
        Started::Run { run } => run.id,
        Started::Study { study } => study.id,
        Started::Pretraining { pretraining } => pretraining.id,
        Started::Queued { id } => panic!("it waits as `{id}`"),
    }
}

/// Adds to the queue what must wait.
pub fn enqueue(desktop: &Desktop, request: &RunRequest) -> String {
    match desktop.start(request).unwrap() {
        Started::Queued { id } => id,
        other => panic!("it does not wait: {other:?}"),
    }
}

/// Waits until a study's process has ended.
pub async fn ended(desktop: &Desktop, id: &str) -> Study {
    eventually("the study ends", || {
        (!desktop.studies.is_living(id)).then(|| desktop.studies.get(id).unwrap())
    })
    .await
}
