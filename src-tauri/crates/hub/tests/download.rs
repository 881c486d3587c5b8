//! Downloads from a Hub on loopback, and everything that can go wrong with them.
//!
//! One file, as every case is the same download with one thing gone wrong.
#![allow(clippy::unwrap_used)] // a failing helper fails its test

mod server;

use std::fs;
use std::path::Path;
use std::sync::Mutex;
use std::time::{Duration, Instant};
use tagsmith_protocol::Diagnose;

use server::{COMMIT, Fault, Model, Server, Stored, TOKEN, bert};
use tagsmith_hub::{Cancel, Hub, HubError, Library, Progress, Source, State, inspect};
use tempfile::TempDir;

const ID: &str = "acme/bert";
const WEIGHTS: &str = "host:/blob/acme/bert/model.safetensors";

struct Fixture {
    root: TempDir,
    library: Library,
    server: Server,
    hub: Hub,
}

async fn fixture() -> Fixture {
    let server = Server::start().await;
    server.add(bert(ID));
    let root = tempfile::tempdir().unwrap();
    let library = Library::at(root.path().join("home"), root.path().join("cache"));
    let hub = server.hub();
    Fixture {
        root,
        library,
        server,
        hub,
    }
}

impl Fixture {
    async fn download(&self) -> Result<std::path::PathBuf, HubError> {
        self.hub
            .download(ID, &self.library, &Cancel::default(), |_| {})
            .await
    }

    /// Requests for the weights at the file host: from where on each asked.
    fn ranges(&self) -> Vec<Option<String>> {
        let seen = self.server.seen();
        let weights = seen
            .iter()
            .filter(|it| it.path.ends_with("model.safetensors"));
        weights
            .filter(|it| it.file_host)
            .map(|it| it.range.clone())
            .collect()
    }

    fn part(&self) -> std::path::PathBuf {
        self.library.models_folder().join(format!(
            ".download/acme--bert@{COMMIT}/model.safetensors.part"
        ))
    }

    /// Nothing is listed, and nothing has the model's name.
    fn assert_no_model(&self) {
        assert_eq!(self.library.models(), []);
        assert!(!self.library.models_folder().join(ID).exists());
    }
}

#[track_caller]
fn assert_is_the_model(folder: &Path) {
    for file in bert(ID).files {
        let needed = [
            "README.md",
            "config.json",
            "model.safetensors",
            "tokenizer_config.json",
            "vocab.txt",
        ];
        match needed.contains(&file.path.as_str()) {
            true => assert_eq!(fs::read(folder.join(&file.path)).unwrap(), file.bytes),
            false => assert!(!folder.join(&file.path).exists(), "{}", file.path),
        }
    }
    let summary = inspect(folder).unwrap();
    assert!(summary.trainable, "{:?}", summary.reasons);
}

#[tokio::test]
async fn only_the_needed_files_come_and_the_commit_is_recorded() {
    let it = fixture().await;
    let reported = Mutex::new(Vec::new());
    let listen = |progress: Progress| reported.lock().unwrap().push(progress);
    let folder = it
        .hub
        .download(ID, &it.library, &Cancel::default(), listen)
        .await
        .unwrap();
    assert_eq!(folder, it.library.models_folder().join("acme/bert"));
    assert_is_the_model(&folder);
    let record: serde_json::Value =
        serde_json::from_slice(&fs::read(folder.join(".hub.json")).unwrap()).unwrap();
    assert_eq!(record["id"], ID);
    assert_eq!(record["revision"], COMMIT);
    assert_eq!(record["license"], "apache-2.0");
    let entries = it.library.models();
    assert_eq!(entries.len(), 1);
    assert_eq!(
        (entries[0].name.as_str(), entries[0].source),
        (ID, Source::Library)
    );
    assert_eq!(it.library.resolve(ID).unwrap(), folder);
    assert_eq!(it.library.partial_downloads(), []);
    // Every file was asked for at the commit, not at a branch that may move.
    for seen in it.server.seen() {
        assert!(!seen.path.contains("/resolve/main/"), "{seen:?}");
    }
    let reported = reported.into_inner().unwrap();
    assert_eq!(reported.first().unwrap().state, State::Waiting);
    let last = reported.last().unwrap();
    assert_eq!((last.state, last.bytes), (State::Done, last.total));
    assert!(reported.iter().any(|it| it.state == State::Verifying));
    assert!(
        reported
            .windows(2)
            .all(|pair| pair[0].bytes <= pair[1].bytes)
    );
}

#[tokio::test]
async fn the_token_goes_to_the_hub_and_never_to_the_file_host() {
    let it = fixture().await;
    let mut private = bert("acme/private");
    private.private = true;
    it.server.add(private);
    let hub = it.server.hub_as(Some(TOKEN));
    hub.download("acme/private", &it.library, &Cancel::default(), |_| {})
        .await
        .unwrap();
    let seen = it.server.seen();
    assert!(seen.iter().any(|it| it.file_host));
    for request in seen {
        let expected = (!request.file_host).then(|| format!("Bearer {TOKEN}"));
        assert_eq!(request.authorization, expected, "{request:?}");
    }
}

#[tokio::test]
async fn without_a_token_none_is_sent() {
    let it = fixture().await;
    it.download().await.unwrap();
    let seen = it.server.seen();
    assert!(seen.iter().all(|it| it.authorization.is_none()));
}

#[tokio::test]
async fn a_model_that_is_there_at_that_commit_is_not_fetched_again() {
    let it = fixture().await;
    let folder = it.download().await.unwrap();
    it.server.forget_seen();
    assert_eq!(it.download().await.unwrap(), folder);
    let fetched = |path: &str| path.contains("/resolve/") && !path.ends_with("/config.json");
    assert!(it.server.seen().iter().all(|it| !fetched(&it.path)));
    // One that lost a file is made whole.
    fs::remove_file(folder.join("vocab.txt")).unwrap();
    it.download().await.unwrap();
    assert_is_the_model(&folder);
}

#[tokio::test]
async fn a_connection_cut_in_the_middle_goes_on_where_it_stopped() {
    let it = fixture().await;
    it.server
        .fault(WEIGHTS, [Fault::Cut(150_000), Fault::Cut(90_000)]);
    assert_is_the_model(&it.download().await.unwrap());
    let ranges = it.ranges();
    assert_eq!(ranges.len(), 3, "{ranges:?}");
    assert_eq!(ranges[0], None);
    assert_ne!(ranges[1], None);
    assert_ne!(ranges[1], ranges[2]);
}

#[tokio::test]
async fn a_server_that_ignores_ranges_sends_the_file_from_the_start() {
    let it = fixture().await;
    it.server
        .fault(WEIGHTS, [Fault::Cut(150_000), Fault::NoRange]);
    assert_is_the_model(&it.download().await.unwrap());
    assert!(it.ranges()[1].is_some());
}

#[tokio::test]
async fn a_left_download_goes_on_in_the_next_one() {
    let it = fixture().await;
    it.server.fault(WEIGHTS, [Fault::Stall(200_000)]);
    let cancel = Cancel::default();
    let stop = cancel.clone();
    let listen = move |progress: Progress| {
        if progress.bytes > 150_000 {
            stop.cancel();
        }
    };
    let stopped = it.hub.download(ID, &it.library, &cancel, listen).await;
    assert_eq!(stopped.unwrap_err().code(), "cancelled");
    it.assert_no_model();
    let left = it.library.partial_downloads();
    assert_eq!(left.len(), 1);
    let named = (left[0].id.as_str(), left[0].revision.as_str());
    assert_eq!(named, (ID, COMMIT));
    assert!(left[0].bytes > 100_000 && left[0].bytes < left[0].total.unwrap());
    assert!(!left[0].running);
    it.server.forget_seen();
    assert_is_the_model(&it.download().await.unwrap());
    assert!(it.ranges()[0].is_some(), "it began anew: {:?}", it.ranges());
    assert_eq!(it.library.partial_downloads(), []);
}

#[tokio::test]
async fn a_partial_file_that_is_too_long_or_wrong_is_thrown_away() {
    for left in [vec![7; 900_000], vec![7; 1000]] {
        let it = fixture().await;
        fs::create_dir_all(it.part().parent().unwrap()).unwrap();
        fs::write(it.part(), left).unwrap();
        assert_is_the_model(&it.download().await.unwrap());
    }
}

/// Asks to stop a little later.
fn soon(cancel: &Cancel) -> Instant {
    let stop = cancel.clone();
    tokio::spawn(async move {
        tokio::time::sleep(Duration::from_millis(300)).await;
        stop.cancel();
    });
    Instant::now()
}

#[tokio::test]
async fn a_slow_download_is_cancelled_at_once() {
    for (path, fault) in [
        (WEIGHTS, Fault::Stall(10_000)),
        ("vocab.txt", Fault::Stall(1)),
    ] {
        let it = fixture().await;
        it.server.fault(path, [fault]);
        let cancel = Cancel::default();
        let start = soon(&cancel);
        let stopped = it.hub.download(ID, &it.library, &cancel, |_| {}).await;
        assert_eq!(stopped.unwrap_err().code(), "cancelled");
        assert!(start.elapsed() < Duration::from_secs(2));
        it.assert_no_model();
    }
}

#[tokio::test]
async fn a_wait_for_the_server_is_cancelled_at_once() {
    let it = fixture().await;
    let later = Fault::Status(429, vec![("retry-after", "3".into())]);
    it.server.fault("model.safetensors", [later]);
    let cancel = Cancel::default();
    let start = soon(&cancel);
    let stopped = it.hub.download(ID, &it.library, &cancel, |_| {}).await;
    assert_eq!(stopped.unwrap_err().code(), "cancelled");
    assert!(start.elapsed() < Duration::from_secs(2));
}

#[tokio::test]
async fn wrong_bytes_are_fetched_once_more_and_then_an_error() {
    let it = fixture().await;
    it.server.fault(WEIGHTS, [Fault::Wrong]);
    assert_is_the_model(&it.download().await.unwrap());

    let it = fixture().await;
    it.server.fault(WEIGHTS, [Fault::Wrong, Fault::Wrong]);
    let failure = it.download().await.unwrap_err();
    assert_eq!(failure.code(), "checksum");
    assert!(failure.to_string().contains("model.safetensors"));
    it.assert_no_model();
    assert!(!it.part().exists(), "wrong bytes were kept");

    // A small file is proven by git's hash.
    let it = fixture().await;
    it.server.fault("vocab.txt", [Fault::Wrong, Fault::Wrong]);
    assert_eq!(it.download().await.unwrap_err().code(), "checksum");
    it.assert_no_model();
}

#[tokio::test]
async fn too_many_requests_are_waited_out_as_the_server_asks() {
    let it = fixture().await;
    let later = |seconds: &str| Fault::Status(429, vec![("retry-after", seconds.into())]);
    it.server.fault("model.safetensors", [later("1")]);
    let start = Instant::now();
    assert_is_the_model(&it.download().await.unwrap());
    assert!(start.elapsed() >= Duration::from_secs(1));

    let it = fixture().await;
    it.server.fault("model.safetensors", [later("3600")]);
    let failure = it.download().await.unwrap_err();
    assert_eq!(failure.code(), "rate-limited");
    assert!(failure.hint().unwrap_or_default().contains("3600 seconds"));
    it.assert_no_model();
}

#[tokio::test]
async fn a_server_that_is_busy_is_asked_again_but_not_for_ever() {
    let it = fixture().await;
    let down = || Fault::Status(503, vec![]);
    it.server.fault(WEIGHTS, [down(), down()]);
    assert_is_the_model(&it.download().await.unwrap());

    let it = fixture().await;
    it.server.fault(WEIGHTS, vec![down(); 100]);
    let failure = it.download().await.unwrap_err();
    assert_eq!(failure.code(), "server");
    assert!(failure.to_string().contains("503"), "{failure}");
    assert!(it.ranges().len() < 10);
    it.assert_no_model();
}

#[tokio::test]
async fn gated_forbidden_and_absent_are_distinguished() {
    let it = fixture().await;
    let mut gated = bert("acme/gated");
    gated.gated = true;
    it.server.add(gated);
    let never = Cancel::default();
    let download = |hub: Hub, id: &'static str| {
        let (library, never) = (it.library.clone(), never.clone());
        async move { hub.download(id, &library, &never, |_| {}).await }
    };
    let failure = download(it.hub.clone(), "acme/gated").await.unwrap_err();
    assert_eq!(failure.code(), "gated");
    let hint = failure.hint().unwrap_or_default();
    assert!(hint.contains("huggingface.co/acme/gated"), "{hint}");
    let known = it.server.hub_as(Some(TOKEN));
    download(known.clone(), "acme/gated").await.unwrap();

    it.server.fault("vocab.txt", [Fault::Status(403, vec![])]);
    let failure = download(it.hub.clone(), ID).await.unwrap_err();
    assert_eq!(failure.code(), "forbidden");
    let absent = Fault::Status(404, vec![("x-error-code", "EntryNotFound".into())]);
    it.server.fault("vocab.txt", [absent]);
    let failure = download(it.hub.clone(), ID).await.unwrap_err();
    assert_eq!(failure.code(), "not-found");
    assert!(failure.to_string().contains("`vocab.txt`"), "{failure}");
    let failure = download(it.hub.clone(), "acme/bert@nowhere").await;
    assert_eq!(failure.unwrap_err().code(), "revision");
    let failure = download(known, "acme/none").await.unwrap_err();
    assert_eq!(failure.code(), "not-found");
}

#[tokio::test]
async fn a_disk_too_small_is_told_before_anything_comes() {
    let it = fixture().await;
    let hub = it.hub.clone().with_space(|_| Ok(1000));
    let never = Cancel::default();
    let refused = hub.download(ID, &it.library, &never, |_| {}).await;
    assert_eq!(refused.unwrap_err().code(), "disk");
    assert!(it.ranges().is_empty());
    it.assert_no_model();
    it.download().await.unwrap();
}

#[tokio::test]
async fn a_name_that_leaves_the_folder_is_refused() {
    for name in ["../../../evil.txt", "a\\..\\evil.txt", "/etc/evil"] {
        let it = fixture().await;
        let mut model = bert("acme/evil");
        model.files.push(Stored {
            path: name.into(),
            bytes: b"evil".to_vec(),
            large: false,
        });
        it.server.add(model);
        let never = Cancel::default();
        let refused = it.hub.download("acme/evil", &it.library, &never, |_| {});
        let failure = refused.await.unwrap_err();
        assert!(matches!(failure, HubError::UnsafeName { .. }), "{failure}");
        assert!(!it.root.path().join("evil.txt").exists());
    }
}

/// A model in two parts of these names.
fn in_parts(names: [&str; 2]) -> Model {
    let mut model = bert("acme/parts");
    let files = &mut model.files;
    let whole = files.iter().position(|it| it.path == "model.safetensors");
    let bytes = files.remove(whole.unwrap()).bytes;
    let index = serde_json::json!({"weight_map": {"a": names[0], "b": names[1], "c": names[0]}});
    files.push(Stored {
        path: "model.safetensors.index.json".into(),
        bytes: index.to_string().into_bytes(),
        large: false,
    });
    for name in names.iter().filter(|name| !name.contains('/')) {
        files.push(Stored {
            path: (*name).into(),
            bytes: bytes.clone(),
            large: true,
        });
    }
    model
}

#[tokio::test]
async fn an_index_that_leaves_the_folder_is_refused_and_an_honest_one_followed() {
    let honest = [
        "model-00001-of-00002.safetensors",
        "model-00002-of-00002.safetensors",
    ];
    let evil = ["../x.safetensors", honest[1]];
    for (names, code) in [(honest, None), (evil, Some("server"))] {
        let it = fixture().await;
        it.server.add(in_parts(names));
        let never = Cancel::default();
        let done = it.hub.download("acme/parts", &it.library, &never, |_| {});
        let done = done.await;
        assert_eq!(done.as_ref().err().map(HubError::code), code);
        if let Ok(folder) = done {
            assert!(honest.iter().all(|name| folder.join(name).exists()));
            assert!(folder.join("model.safetensors.index.json").exists());
            assert!(!folder.join("pytorch_model.bin").exists());
        }
    }
}

#[tokio::test]
async fn a_model_without_weights_is_refused() {
    let it = fixture().await;
    let mut model = bert("acme/bare");
    model.files.retain(|file| !file.large);
    it.server.add(model);
    let never = Cancel::default();
    let refused = it.hub.download("acme/bare", &it.library, &never, |_| {});
    let failure = refused.await.unwrap_err();
    assert_eq!(failure.code(), "untrainable");
    assert!(failure.to_string().contains("no weights"), "{failure}");
}

#[tokio::test]
async fn two_downloads_of_one_model_do_not_meet() {
    let it = fixture().await;
    it.server.fault(WEIGHTS, [Fault::Stall(10_000)]);
    let cancel = Cancel::default();
    let first = tokio::spawn({
        let (hub, library, cancel) = (it.hub.clone(), it.library.clone(), cancel.clone());
        async move { hub.download(ID, &library, &cancel, |_| {}).await }
    });
    while !it.part().exists() {
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    assert_eq!(it.download().await.unwrap_err().code(), "busy");
    assert!(it.library.partial_downloads()[0].running);
    assert_eq!(it.library.remove(ID).unwrap_err().code(), "busy");
    cancel.cancel();
    first.await.unwrap().unwrap_err();
    it.download().await.unwrap();
}

#[tokio::test]
async fn a_crash_between_files_leaves_no_model() {
    let it = fixture().await;
    it.server.fault(WEIGHTS, [Fault::Stall(50_000)]);
    let never = Cancel::default();
    let work = it.hub.download(ID, &it.library, &never, |_| {});
    let wait = async {
        while !it.part().exists() {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    };
    // Dropped in the middle: nothing of ours runs any more, as after a kill.
    tokio::select! {
        done = work => panic!("it came to an end: {done:?}"),
        () = wait => {}
    }
    it.assert_no_model();
    let folder = it.part().parent().unwrap().to_path_buf();
    assert!(folder.join("config.json").exists(), "nothing had come yet");
    assert!(it.library.resolve(ID).is_err());
    assert_is_the_model(&it.download().await.unwrap());
}

#[tokio::test]
async fn what_the_person_put_there_is_not_replaced() {
    let it = fixture().await;
    let place = it.library.models_folder().join(ID);
    fs::create_dir_all(&place).unwrap();
    fs::write(place.join("config.json"), "{}").unwrap();
    let failure = it.download().await.unwrap_err();
    assert_eq!(failure.code(), "io");
    assert!(failure.to_string().contains("there already"), "{failure}");
    assert_eq!(fs::read(place.join("config.json")).unwrap(), b"{}");
}

#[tokio::test]
async fn an_older_commit_is_replaced_by_the_newer_one() {
    let it = fixture().await;
    let folder = it.download().await.unwrap();
    let record = folder.join(".hub.json");
    let older = fs::read_to_string(&record)
        .unwrap()
        .replace(COMMIT, &"a".repeat(40));
    fs::write(&record, older).unwrap();
    fs::write(folder.join("stale.txt"), "old").unwrap();
    assert_eq!(it.download().await.unwrap(), folder);
    assert!(!folder.join("stale.txt").exists());
    assert_is_the_model(&folder);
    let parent = fs::read_dir(folder.parent().unwrap()).unwrap();
    assert_eq!(parent.count(), 1, "something was left beside it");
}

#[tokio::test]
async fn neither_token_nor_signature_is_in_any_error() {
    let it = fixture().await;
    let hub = it.server.hub_as(Some(TOKEN));
    let with_secrets = |status| {
        let message = format!("no: {}?sig={} {TOKEN}", "https://files", server::SIGNATURE);
        Fault::Status(status, vec![("x-error-message", message)])
    };
    let cases = [
        ("model.safetensors", with_secrets(500)),
        ("model.safetensors", with_secrets(418)),
        (WEIGHTS, Fault::Status(403, vec![])),
        (WEIGHTS, Fault::Cut(0)),
        (WEIGHTS, Fault::Wrong),
    ];
    for (path, fault) in cases {
        it.server.fault(path, vec![fault; 20]);
        let failure = hub
            .download(ID, &it.library, &Cancel::default(), |_| {})
            .await
            .unwrap_err();
        let mut reported = format!(
            "{failure} {failure:?} {}",
            failure.hint().unwrap_or_default()
        );
        let mut source = std::error::Error::source(&failure);
        while let Some(cause) = source {
            reported.push_str(&format!(" {cause} {cause:?}"));
            source = cause.source();
        }
        assert!(!reported.contains(TOKEN), "{reported}");
        assert!(!reported.contains(server::SIGNATURE), "{reported}");
        // The faults that were left do not belong to the next case.
        it.server.clear_faults();
    }
    let shown = format!("{hub:?} {:?}", it.server.config(Some(TOKEN)));
    assert!(!shown.contains(TOKEN), "{shown}");
}
