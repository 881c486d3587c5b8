//! A library in a temporary folder, an engine that is a shell script, and ears for the news.

use serde_json::{Value, json};
use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};
use tagsmith_desktop::data::RunData;
use tagsmith_desktop::dto::{AppEvent, Often, RunRequest};
use tagsmith_desktop::engine::Engine;
use tagsmith_desktop::event_bus::NotifyPage;
use tagsmith_desktop::runs::Runs;
use tagsmith_hub::Library;

/// How long anything may take before a test gives up.
pub const PATIENCE: Duration = Duration::from_secs(20);

pub struct Desk {
    folder: tempfile::TempDir,
    news: Arc<Mutex<Vec<AppEvent>>>,
}

impl Desk {
    /// A library with one model, `tiny`, that has no weights: these engines need none.
    pub fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let model = folder.path().join("home/models/tiny");
        fs::create_dir_all(&model).unwrap();
        fs::write(model.join("config.json"), r#"{"model_type": "bert"}"#).unwrap();
        Self {
            folder,
            news: Arc::default(),
        }
    }

    pub fn path(&self) -> &Path {
        self.folder.path()
    }

    pub fn library(&self) -> Library {
        Library::at(self.path().join("home"), self.path().join("cache"))
    }

    /// An engine that does what the script says. `$out` is the run's folder, `event NAME FIELDS` prints
    /// an event and writes it to the log, as the real one does.
    pub fn engine(&self, script: &str) -> Engine {
        let path = self.path().join("engine");
        let preamble = r#"#!/bin/sh
for last; do :; done; out=$last
line() { printf '%s\n' "$1"; [ -d "$out" ] && printf '%s\n' "$1" >>"$out/events.jsonl"; }
event() { line "{\"event\":\"$1\",\"time\":\"2026-01-01T00:00:00Z\"${2:+,$2}}"; }
begin() { mkdir -p "$out"; exec 9>>"$out/events.jsonl"; flock -n 9; echo '{}' >"$out/run.json"; line "$STARTED"; }
step() { event step "\"step\":$1,\"epoch\":0.1,\"loss\":1.5,\"lr\":1e-5,\"gradient_norm\":1,\"tokens_per_second\":9,\"memory_bytes\":1,\"eta_seconds\":2"; }
finish() { event finished "\"report\":\"r\",\"model\":\"m\",\"best_f1\":0.5,\"best_step\":1,\"seconds\":7,\"peak_memory_bytes\":1"; }
"#;
        let started = json!({
            "event": "started", "time": "2026-01-01T00:00:00Z", "run": "r", "config": config(),
            "documents": {"train": 3}, "windows": 3, "steps": 9, "done_steps": 0, "parameters": 5,
            "labels": ["A"], "device": "cpu",
        });
        let text = format!("{preamble}STARTED='{started}'\n{script}\n");
        fs::write(&path, text).unwrap();
        fs::set_permissions(&path, fs::Permissions::from_mode(0o755)).unwrap();
        Engine::at(path)
    }

    pub fn notify(&self) -> NotifyPage {
        let news = self.news.clone();
        Arc::new(move |piece| news.lock().unwrap().push(piece))
    }

    pub fn news(&self) -> Vec<AppEvent> {
        self.news.lock().unwrap().clone()
    }

    pub fn runs(&self, script: &str) -> Runs {
        Runs::open(self.library(), self.engine(script), self.notify())
    }
}

pub fn config() -> Value {
    let mut config = settings();
    config["model"] = "m".into();
    config["train"] = "t".into();
    config["dev"] = Value::Null;
    config["test"] = Value::Null;
    config
}

fn settings() -> Value {
    json!({
        "epochs": 1, "batch_size": 16, "gradient_accumulation": 1, "learning_rate": 5e-5,
        "schedule": "linear", "warmup_ratio": 0.1, "weight_decay": 0.01, "max_grad_norm": 1.0,
        "dropout": null, "frozen_layers": 0, "max_length": 256, "overlap": 64, "dev_share": 0.1,
        "early_stopping_patience": 6, "checkpoint_minutes": 10.0, "seed": 42, "device": "cpu",
        "precision": "auto", "gradient_checkpointing": false,
        "eval_batch_size": 32, "scheme": "iob2", "decoding": "viterbi",
    })
}

pub fn request(name: &str) -> RunRequest {
    RunRequest {
        name: name.into(),
        model: "tiny".into(),
        data: "tickets".into(),
        settings: serde_json::from_value(settings()).unwrap(),
        often: Often::Once,
    }
}

pub fn data() -> RunData {
    RunData {
        name: "Tickets".into(),
        train: PathBuf::from("train.jsonl"),
        dev: None,
        test: None,
        recipe: None,
    }
}

/// Waits until `wanted` answers.
pub async fn eventually<T>(what: &str, mut wanted: impl FnMut() -> Option<T>) -> T {
    let began = Instant::now();
    loop {
        if let Some(found) = wanted() {
            return found;
        }
        assert!(began.elapsed() < PATIENCE, "never happened: {what}");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}
