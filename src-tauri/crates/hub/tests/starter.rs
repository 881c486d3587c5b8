//! The starter model: the real one, where the set-up has fetched it, and the way to it from the Hub.
#![allow(clippy::unwrap_used)] // a failing helper fails its test

mod server;

use server::{Server, Stored, bert};
use tagsmith_hub::{Cancel, HubError, Library, inspect, starter};

/// A library without a starter, and a Hub that has what the manifest says under its name.
async fn empty() -> (tempfile::TempDir, Library, Server) {
    let root = tempfile::tempdir().unwrap();
    let library = Library::at(root.path().join("home"), root.path().join("cache"));
    (root, library, Server::start().await)
}

#[tokio::test]
async fn the_starter_comes_from_the_hub_where_the_set_up_did_not_fetch_it() {
    let Ok(folder) = Library::open().resolve(starter::NAME) else {
        eprintln!("skipped: no starter model on this machine");
        return;
    };
    let (_root, library, server) = empty().await;
    let manifest = starter::manifest();
    let mut model = bert(&manifest.model);
    model.files = ["README.md", "onnx/model.onnx"]
        .map(|path| Stored {
            path: path.into(),
            bytes: b"another card".into(),
            large: false,
        })
        .into();
    model.files.extend(manifest.needed().map(|pinned| Stored {
        path: pinned.file.clone(),
        bytes: std::fs::read(folder.join(&pinned.file)).unwrap(),
        large: pinned.bytes > 10_000_000,
    }));
    server.add(model);
    let cancel = Cancel::default();
    let place = server
        .hub()
        .download("starter", &library, &cancel, |_| {})
        .await
        .unwrap();
    assert_eq!(place, library.models_folder().join("starter"));
    assert_eq!(library.resolve("starter").unwrap(), place);
    assert_eq!(library.models()[0].name, "starter");
    assert!(place.join("README.md").exists() && !place.join("onnx").exists());
    manifest.verify(&place).unwrap();
}

#[tokio::test]
async fn another_model_under_the_starters_name_is_refused() {
    let (_root, library, server) = empty().await;
    let mut other = bert(&starter::manifest().model);
    for name in ["tokenizer.json", "special_tokens_map.json"] {
        other.files.push(Stored {
            path: name.into(),
            bytes: b"{}".into(),
            large: false,
        });
    }
    server.add(other);
    let cancel = Cancel::default();
    let refused = server
        .hub()
        .download("starter", &library, &cancel, |_| {})
        .await;
    assert!(
        matches!(refused, Err(HubError::Checksum { .. })),
        "{refused:?}"
    );
    assert!(library.models().is_empty());
    // What has come is found again under the name that was asked for.
    assert_eq!(library.partial_downloads()[0].id, "starter");
}

#[test]
fn the_starter_is_the_pinned_model_and_can_be_fine_tuned() {
    let library = Library::open();
    let Ok(folder) = library.resolve(starter::NAME) else {
        let [_, cached] = library.starter_folders();
        eprintln!("skipped: no starter model in `{}`", cached.display());
        return;
    };
    starter::manifest().verify(&folder).unwrap();
    let summary = inspect(&folder).unwrap();
    assert!(summary.trainable, "{:?}", summary.reasons);
    assert_eq!(summary.model_type.as_deref(), Some("bert"));
    assert_eq!(summary.num_hidden_layers, Some(6));
    assert_eq!(summary.hidden_size, Some(384));
    assert_eq!(summary.vocab_size, Some(30522));
    assert_eq!(summary.tokenizer.vocabulary, Some(30522));
    assert_eq!(summary.tokenizer.cased, Some(false));
    assert_eq!(summary.license.as_deref(), Some("apache-2.0"));
    assert_eq!(summary.weights.unwrap().parameters, Some(22_713_216));
}
