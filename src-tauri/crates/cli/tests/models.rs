//! `tagsmith models` against a Hub on loopback that has one small model.
#![allow(clippy::unwrap_used)] // a failing helper fails its test

mod support;

use std::fs;
use std::io::{BufRead, BufReader, Write};
use std::net::{TcpListener, TcpStream};
use std::path::Path;
use std::process::{Command, Output};
use std::thread;
use tagsmith_testing::{adapters, tiny};

const COMMIT: &str = "0123456789abcdef0123456789abcdef01234567";

/// The files of the model.
fn files() -> Vec<(&'static str, Vec<u8>)> {
    ["config.json", "vocab.txt", "model.safetensors"]
        .map(|name| (name, fs::read(tiny("bert-no-prefix").join(name)).unwrap()))
        .into()
}

/// What the Hub would answer to this path.
fn answer(path: &str) -> Option<Vec<u8>> {
    let path = path.split('?').next().unwrap();
    let names: Vec<_> = files()
        .iter()
        .map(|(name, _)| serde_json::json!({"rfilename": name}))
        .collect();
    let model = serde_json::json!({
        "_id": "1", "id": "acme/bert", "sha": COMMIT, "downloads": 12, "likes": 3,
        "lastModified": "2024-02-19T11:02:26.000Z", "tags": ["bert"], "pipeline_tag": "fill-mask",
        "config": {"model_type": "bert"}, "cardData": {"license": "mit"}, "siblings": names,
    });
    let tree: Vec<_> = files()
        .iter()
        .map(|(name, bytes)| serde_json::json!({"type": "file", "oid": "", "path": name, "size": bytes.len()}))
        .collect();
    if path == "/api/models" {
        return Some(serde_json::json!([model]).to_string().into());
    }
    if path == "/api/models/acme/bert" {
        return Some(model.to_string().into());
    }
    if path == format!("/api/models/acme/bert/tree/{COMMIT}") {
        return Some(serde_json::json!(tree).to_string().into());
    }
    let name = path.strip_prefix(&format!("/acme/bert/resolve/{COMMIT}/"))?;
    files()
        .into_iter()
        .find(|(file, _)| *file == name)
        .map(|(_, bytes)| bytes)
}

/// Serves the model and returns the address.
fn serve() -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = format!("http://{}", listener.local_addr().unwrap());
    thread::spawn(move || {
        for stream in listener.incoming() {
            thread::spawn(move || reply(stream.unwrap()));
        }
    });
    address
}

/// One request, one answer, in the plainest HTTP.
fn reply(mut stream: TcpStream) {
    let mut lines = BufReader::new(stream.try_clone().unwrap()).lines();
    let first = lines.next().unwrap().unwrap();
    while lines
        .next()
        .is_some_and(|line| line.is_ok_and(|line| !line.is_empty()))
    {}
    let path = first.split(' ').nth(1).unwrap();
    let (status, body) = match answer(path) {
        Some(body) => ("200 OK", body),
        None => ("404 Not Found", b"{}".to_vec()),
    };
    let head = format!(
        "HTTP/1.1 {status}\r\nContent-Length: {}\r\nConnection: close\r\n\r\n",
        body.len()
    );
    // A client that has gone away needs no answer.
    let _ = stream
        .write_all(head.as_bytes())
        .and_then(|()| stream.write_all(&body));
}

fn models(folder: &Path, endpoint: &str, arguments: &[&str]) -> Output {
    let mut command: Command = support::tagsmith(folder);
    for name in [
        "HF_TOKEN",
        "HF_TOKEN_PATH",
        "HF_HUB_CACHE",
        "HUGGINGFACE_HUB_CACHE",
        "HF_HUB_OFFLINE",
    ] {
        command.env_remove(name);
    }
    for name in ["HTTPS_PROXY", "https_proxy", "ALL_PROXY", "all_proxy"] {
        command.env_remove(name);
    }
    command
        .env("HF_HOME", folder.join("hf"))
        .env("HF_ENDPOINT", endpoint)
        .args(arguments)
        .output()
        .unwrap()
}

#[track_caller]
fn json(output: &Output) -> serde_json::Value {
    let errors = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{errors}");
    serde_json::from_slice(&output.stdout).unwrap()
}

#[test]
fn a_model_is_found_looked_at_downloaded_listed_and_removed() {
    let root = tempfile::tempdir().unwrap();
    let address = serve();
    let run = |arguments: &[&str]| models(root.path(), &address, arguments);

    let page = json(&run(&["models", "search", "bert", "--json"]));
    assert_eq!(page["models"][0]["id"], "acme/bert");
    assert_eq!(page["more"], false);
    let text = run(&["models", "search"]);
    assert!(String::from_utf8_lossy(&text.stdout).contains("acme/bert"));

    let details = json(&run(&["models", "inspect", "acme/bert", "--json"]));
    assert_eq!(details["trainable"], true, "{details}");
    assert_eq!(details["revision"], COMMIT);

    let done = json(&run(&["models", "download", "acme/bert", "--json"]));
    assert_eq!(done["model"], "acme/bert");
    for (name, bytes) in files() {
        let path = root.path().join("home/models/acme/bert").join(name);
        assert_eq!(fs::read(path).unwrap(), bytes);
    }
    let listed = json(&run(&["models", "list", "--json"]));
    assert_eq!(listed[0]["name"], "acme/bert");
    assert!(listed[0]["bytes"].as_u64().unwrap() > 300);
    // It is looked at here now, not on the Hub.
    let here = json(&run(&["models", "inspect", "acme/bert", "--json"]));
    assert!(here["path"].as_str().unwrap().contains("home"), "{here}");

    let removed = json(&run(&["models", "remove", "acme/bert", "--yes", "--json"]));
    assert!(removed["freed_bytes"].as_u64().unwrap() > 300);
    assert_eq!(
        json(&run(&["models", "list", "--json"])),
        serde_json::json!([])
    );
}

#[test]
fn an_adapter_is_described_and_not_merged() {
    let root = tempfile::tempdir().unwrap();
    let folder = |name: &str, from: &Path, files: &[&str]| {
        fs::create_dir(root.path().join(name)).unwrap();
        for file in files {
            fs::copy(from.join(file), root.path().join(name).join(file)).unwrap();
        }
    };
    let files = ["adapter_config.json", "adapter_model.safetensors"];
    folder("lora", &adapters().join("plain"), &files);
    let run = |arguments: &[&str]| models(root.path(), "http://127.0.0.1:1", arguments);
    // Without its base it is described, and an error.
    let output = run(&["models", "inspect", "./lora", "--json"]);
    assert_eq!(output.status.code(), Some(1));
    let values = serde_json::Deserializer::from_slice(&output.stdout).into_iter();
    let values: Vec<serde_json::Value> = values.map(Result::unwrap).collect();
    for said in [&values[0]["reasons"][0], &values[1]["message"]] {
        let said = said.as_str().unwrap();
        assert!(said.contains("a LoRA adapter of `acme/base`, not a whole model"));
    }
    assert_eq!(values[1]["event"], "failed");

    let base = tiny("bert-token-classification");
    folder("base", &base, &["config.json", "model.safetensors"]);
    let output = run(&["models", "inspect", "./lora"]);
    let (found, said) = (
        String::from_utf8_lossy(&output.stdout),
        String::from_utf8_lossy(&output.stderr),
    );
    assert!(found.contains("base model type"), "{found}");
    let place = Path::new("models").join("lora");
    let expected = format!(
        "would merge it with its base model into `{}`",
        place.display()
    );
    assert!(said.contains(&expected), "{said}");
    assert!(!root.path().join("home/models").exists());
}

#[test]
fn what_cannot_be_done_ends_with_a_message_and_a_hint() {
    let root = tempfile::tempdir().unwrap();
    let address = serve();
    let nowhere = "http://127.0.0.1:1";
    let train = [
        "train",
        "--model",
        "acme/bert",
        "--train",
        "x.jsonl",
        "--out",
        "out",
    ];
    let cases: [(&str, &[&str], &str); 6] = [
        (&address, &["models", "download", "acme/none"], "acme/none"),
        (&address, &["models", "download", "not a name"], "ORG/NAME"),
        (&address, &["models", "remove", "acme/none"], "models list"),
        (&address, &["models", "inspect", "acme/none"], "acme/none"),
        (nowhere, &["models", "search", "bert"], "127.0.0.1:1"),
        (&address, &train, "tagsmith models download acme/bert"),
    ];
    for (endpoint, arguments, expected) in cases {
        let output = models(root.path(), endpoint, arguments);
        let errors = String::from_utf8_lossy(&output.stderr);
        assert_eq!(output.status.code(), Some(1), "{arguments:?}: {errors}");
        assert!(
            errors.contains("error: ") && errors.contains("hint: "),
            "{errors}"
        );
        assert!(errors.contains(expected), "{arguments:?}: {errors}");
    }
}
