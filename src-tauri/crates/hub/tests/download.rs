//! Downloads from a Hub on loopback, and everything that can go wrong with them.

mod server;

use std::fs;
use std::path::Path;
use std::sync::Mutex;
use std::time::{Duration, Instant};

use server::{COMMIT, Fault, Server, Stored, TOKEN, bert};
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
    let told = Mutex::new(Vec::new());
    let listen = |progress: Progress| told.lock().unwrap().push(progress);
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
        let mut told = format!("{failure} {failure:?} {}", failure.hint());
        let mut source = std::error::Error::source(&failure);
        while let Some(cause) = source {
            told.push_str(&format!(" {cause} {cause:?}"));
            source = cause.source();
        }
        assert!(!told.contains(TOKEN), "{told}");
        assert!(!told.contains(server::SIGNATURE), "{told}");
        // The faults that were left do not belong to the next case.
        it.server.clear_faults();
    }
    let shown = format!("{hub:?} {:?}", it.server.config(Some(TOKEN)));
    assert!(!shown.contains(TOKEN), "{shown}");
}
