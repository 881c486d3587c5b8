//! Where models lie: the library, added folders, the cache of the Hugging Face tools; and removing.
#![allow(clippy::unwrap_used)] // a failing helper fails its test

mod server;

use std::fs;
use std::path::{Path, PathBuf};
use tagsmith_protocol::Diagnose;

use server::{COMMIT, bert};
use tagsmith_hub::{Library, Source, inspect};
use tagsmith_testing::{adapters, tiny};
use tempfile::TempDir;

fn library() -> (TempDir, Library) {
    let root = tempfile::tempdir().unwrap();
    let library = Library::at(root.path().join("home"), root.path().join("cache"))
        .with_hugging_face_cache(root.path().join("hf"));
    (root, library)
}

/// Writes the files of a small model that are needed.
fn put_model(folder: &Path) {
    fs::create_dir_all(folder).unwrap();
    for file in bert("a/b").files {
        if ["config.json", "vocab.txt", "model.safetensors"].contains(&file.path.as_str()) {
            fs::write(folder.join(&file.path), &file.bytes).unwrap();
        }
    }
}

/// Writes a repository into the cache, its files as links into `blobs` as the tools make them.
fn put_cached(cache: &Path, name: &str) -> PathBuf {
    let repository = cache.join(name);
    let blobs = repository.join("blobs");
    let snapshot = repository.join("snapshots").join(COMMIT);
    fs::create_dir_all(repository.join("refs")).unwrap();
    fs::create_dir_all(&snapshot).unwrap();
    put_model(&blobs);
    for entry in fs::read_dir(&blobs).unwrap() {
        let name = entry.unwrap().file_name();
        let target = Path::new("../../blobs").join(&name);
        #[cfg(unix)]
        std::os::unix::fs::symlink(target, snapshot.join(&name)).unwrap();
        #[cfg(not(unix))]
        fs::copy(blobs.join(&name), snapshot.join(&name)).unwrap();
    }
    fs::write(repository.join("refs/main"), COMMIT).unwrap();
    snapshot
}

fn listed(library: &Library) -> Vec<(String, Source)> {
    let entries = library.models().into_iter();
    entries.map(|entry| (entry.name, entry.source)).collect()
}

#[test]
fn a_model_of_the_hugging_face_cache_is_used_where_it_lies() {
    let (root, library) = library();
    let cache = root.path().join("hf");
    let snapshot = put_cached(&cache, "models--acme--bert");
    put_cached(&cache, "models--plain");
    put_cached(&cache, "datasets--acme--data");
    assert_eq!(
        listed(&library),
        [
            ("acme/bert".to_owned(), Source::Cache),
            ("plain".to_owned(), Source::Cache)
        ]
    );
    assert_eq!(library.resolve("acme/bert").unwrap(), snapshot);
    assert!(inspect(&snapshot).unwrap().trainable);
    let entry = &library.models()[0];
    assert!(library.size(entry) > 400_000);
    // The library's own copy comes first.
    put_model(&library.models_folder().join("acme/bert"));
    assert_eq!(
        listed(&library)[0],
        ("acme/bert".to_owned(), Source::Library)
    );
}

#[test]
fn what_the_cache_has_only_in_part_is_not_listed() {
    let (root, library) = library();
    let cache = root.path().join("hf");
    let snapshot = put_cached(&cache, "models--acme--bert");
    fs::remove_file(snapshot.join("model.safetensors")).unwrap();
    assert!(library.models().is_empty());
    let dangling = put_cached(&cache, "models--acme--other");
    fs::remove_file(cache.join("models--acme--other/blobs/model.safetensors")).unwrap();
    #[cfg(unix)]
    assert!(library.models().is_empty());
    fs::remove_dir_all(dangling).unwrap();
    let pointing = put_cached(&cache, "models--acme--evil");
    fs::write(cache.join("models--acme--evil/refs/main"), "../../..").unwrap();
    assert!(library.models().is_empty(), "{}", pointing.display());
}

#[test]
fn removing_a_cached_model_deletes_its_repository_and_nothing_else() {
    let (root, library) = library();
    let cache = root.path().join("hf");
    put_cached(&cache, "models--acme--bert");
    put_cached(&cache, "models--acme--other");
    let freed = library.remove("acme/bert").unwrap();
    assert!((400_000..500_000).contains(&freed), "{freed}");
    assert_eq!(listed(&library), [("acme/other".to_owned(), Source::Cache)]);
    assert_eq!(fs::read_dir(&cache).unwrap().count(), 1);
}

#[test]
fn an_added_folder_is_remembered_used_in_place_and_only_forgotten() {
    let (root, library) = library();
    let folder = root.path().join("elsewhere/my-bert");
    put_model(&folder);
    let entry = library.add_folder(&folder).unwrap();
    assert_eq!(
        (entry.name.as_str(), entry.source),
        ("my-bert", Source::Folder)
    );
    assert_eq!(
        library.add_folder(&folder.join("../my-bert")).unwrap(),
        entry
    );
    assert_eq!(listed(&library).len(), 1);
    // Another start of the program knows it too.
    let again = Library::at(root.path().join("home"), root.path().join("cache"));
    assert_eq!(again.models(), std::slice::from_ref(&entry));
    assert_eq!(again.resolve("my-bert").unwrap(), entry.path);
    assert_eq!(library.remove("my-bert").unwrap(), 0);
    assert!(folder.join("model.safetensors").exists());
    assert!(library.models().is_empty());
}

#[test]
fn added_folders_of_one_name_get_numbers() {
    let (root, library) = library();
    for place in ["one/bert", "two/bert", "home/models/bert"] {
        put_model(&root.path().join(place));
    }
    let first = library.add_folder(&root.path().join("one/bert")).unwrap();
    let second = library.add_folder(&root.path().join("two/bert")).unwrap();
    assert_eq!(
        (first.name.as_str(), second.name.as_str()),
        ("bert-2", "bert-3")
    );
    // What the library has anyway is not added a second time.
    let own = library
        .add_folder(&root.path().join("home/models/bert"))
        .unwrap();
    assert_eq!(own.source, Source::Library);
    assert_eq!(listed(&library).len(), 3);
}

#[test]
fn only_model_folders_can_be_added_and_lost_ones_are_not_listed() {
    let (root, library) = library();
    let failure = library.add_folder(root.path()).unwrap_err();
    assert!(
        failure.to_string().contains("not a model folder"),
        "{failure}"
    );
    assert!(library.add_folder(&root.path().join("nowhere")).is_err());
    let folder = root.path().join("elsewhere/bert");
    put_model(&folder);
    library.add_folder(&folder).unwrap();
    fs::remove_dir_all(&folder).unwrap();
    assert!(library.models().is_empty());
}

#[test]
fn a_damaged_list_of_folders_is_no_obstacle() {
    let (root, library) = library();
    put_model(&root.path().join("home/models/own"));
    fs::write(root.path().join("home/folders.json"), "[\"half").unwrap();
    assert_eq!(listed(&library).len(), 1);
}

#[test]
fn removing_a_model_of_the_library_frees_its_bytes_and_its_organisation() {
    let (_root, library) = library();
    let models = library.models_folder();
    put_model(&models.join("acme/one"));
    put_model(&models.join("acme/two"));
    let entry = library.models()[0].clone();
    let size = library.size(&entry);
    assert_eq!(library.remove("acme/one").unwrap(), size);
    assert!(models.join("acme/two").exists());
    library.remove("acme/two").unwrap();
    assert!(!models.join("acme").exists());
    assert!(library.models().is_empty());
    assert_eq!(library.remove("acme/two").unwrap_err().code(), "not-found");
}

#[test]
fn the_starter_and_the_models_of_runs_are_not_removed() {
    let (_root, library) = library();
    put_model(&library.starter_folders()[0]);
    put_model(&library.runs_folder().join("tickets/model"));
    let failure = library.remove("starter").unwrap_err();
    assert_eq!(failure.code(), "starter");
    let failure = library.remove("tickets").unwrap_err();
    assert_eq!(failure.code(), "run");
    assert!(
        failure.hint().unwrap_or_default().contains("tickets"),
        "{}",
        failure.hint().unwrap_or_default()
    );
    assert!(
        !failure.hint().unwrap_or_default().ends_with("model`"),
        "{}",
        failure.hint().unwrap_or_default()
    );
    assert_eq!(library.models().len(), 2);
}

#[cfg(unix)]
#[test]
fn a_linked_model_is_only_unlinked() {
    let (root, library) = library();
    let real = root.path().join("real");
    put_model(&real);
    fs::create_dir_all(library.models_folder()).unwrap();
    std::os::unix::fs::symlink(&real, library.models_folder().join("linked")).unwrap();
    assert_eq!(library.remove("linked").unwrap(), 0);
    assert!(real.join("model.safetensors").exists());
    assert!(library.models().is_empty());
}

#[test]
fn half_downloads_are_never_listed_and_can_be_discarded() {
    let (_root, library) = library();
    let left = library
        .models_folder()
        .join(format!(".download/acme--bert@{COMMIT}"));
    put_model(&left);
    fs::write(left.join("other.part"), vec![0; 1000]).unwrap();
    assert!(library.models().is_empty());
    let partial = library.partial_downloads();
    assert_eq!(partial.len(), 1);
    assert_eq!(
        (partial[0].id.as_str(), partial[0].total),
        ("acme/bert", None)
    );
    assert_eq!(
        library.discard_partial("acme/bert").unwrap(),
        partial[0].bytes
    );
    assert!(library.partial_downloads().is_empty());
    assert_eq!(
        library.discard_partial("acme/bert").unwrap_err().code(),
        "not-found"
    );
    // The same by the model's name.
    put_model(&left);
    assert!(library.remove("acme/bert").unwrap() > 400_000);
    assert!(!left.exists());
}

/// A folder with the adapter of a tiny model, of `acme/base`.
fn put_adapter(folder: &Path) {
    fs::create_dir_all(folder).unwrap();
    for name in ["adapter_config.json", "adapter_model.safetensors"] {
        fs::copy(adapters().join("plain").join(name), folder.join(name)).unwrap();
    }
}

fn put_base(folder: &Path) {
    fs::create_dir_all(folder).unwrap();
    for name in ["config.json", "model.safetensors"] {
        let from = tiny("bert-token-classification").join(name);
        fs::copy(from, folder.join(name)).unwrap();
    }
}

#[test]
fn an_adapter_is_merged_when_its_base_is_there() {
    let (root, library) = library();
    let adapter = root.path().join("work/tickets-lora");
    put_adapter(&adapter);
    let wanted = adapter.to_str().unwrap();
    let failure = library.resolve(wanted).unwrap_err();
    assert!(
        failure
            .to_string()
            .ends_with("it is a LoRA adapter of `acme/base`, not a whole model"),
        "{failure}"
    );
    assert!(
        failure
            .hint()
            .unwrap()
            .contains("or get it into the library")
    );
    assert!(
        library
            .add_folder(&adapter)
            .unwrap_err()
            .to_string()
            .contains("`acme/base`")
    );

    put_base(&library.models_folder().join("acme/base"));
    let merged = library.resolve(wanted).unwrap();
    assert_eq!(merged, library.models_folder().join("tickets-lora"));
    assert_eq!(
        library.resolve(wanted).unwrap(),
        merged,
        "it is merged once"
    );
    let expected = [
        ("acme/base".to_owned(), Source::Library),
        ("tickets-lora".to_owned(), Source::Library),
    ];
    assert_eq!(listed(&library), expected);
    assert_eq!(library.add_folder(&adapter).unwrap().path, merged);
    assert_eq!(listed(&library), expected);
    let summary = inspect(&merged).unwrap();
    let mut notes = summary.notes.iter().map(|note| note.message.as_str());
    assert!(notes.any(|note| note.contains("tickets-lora` and its base model")));
    assert!(
        summary.trainable
            || summary
                .reasons
                .iter()
                .all(|reason| reason.contains("tokenizer"))
    );

    // Another training of it is another model.
    let config = fs::read_to_string(adapter.join("adapter_config.json")).unwrap();
    let config = config.replace("\"lora_alpha\": 5", "\"lora_alpha\": 7");
    fs::write(adapter.join("adapter_config.json"), config).unwrap();
    let other = library.resolve(wanted).unwrap();
    assert_eq!(other, library.models_folder().join("tickets-lora-2"));
    // So is one of a base model that has changed since.
    let base = library.models_folder().join("acme/base/config.json");
    fs::write(&base, fs::read_to_string(&base).unwrap() + "\n").unwrap();
    let other = library.resolve(wanted).unwrap();
    assert_eq!(other, library.models_folder().join("tickets-lora-3"));
    // Some adapters come with the configuration of their base.
    fs::copy(merged.join("config.json"), adapter.join("config.json")).unwrap();
    assert_eq!(library.resolve(wanted).unwrap(), other);
}

#[test]
fn an_adapter_that_does_not_fit_leaves_nothing_behind() {
    let (root, library) = library();
    let adapter = root.path().join("lora");
    put_adapter(&adapter);
    put_model(&root.path().join("base"));
    let failure = library.resolve(adapter.to_str().unwrap()).unwrap_err();
    assert!(failure.to_string().contains("cannot merge"), "{failure}");
    assert!(failure.hint().is_some());
    assert!(library.models().is_empty());
    assert!(!library.models_folder().join(".merging/model").exists());
    let summary = library.adapter(adapter.to_str().unwrap()).unwrap();
    assert_eq!(summary.model, None);
    assert!(summary.reasons[0].contains("cannot merge"), "{summary:?}");
}

/// Everything below a folder.
fn all_files(folder: &Path) -> Vec<std::path::PathBuf> {
    let entries = fs::read_dir(folder).into_iter().flatten().flatten();
    let mut all: Vec<_> = entries
        .flat_map(|entry| [vec![entry.path()], all_files(&entry.path())].concat())
        .collect();
    all.sort();
    all
}

#[test]
fn trap_looking_at_an_adapter_writes_nothing() {
    let (root, library) = library();
    let adapter = root.path().join("lora");
    put_adapter(&adapter);
    let wanted = adapter.to_str().unwrap();
    let summary = library.adapter(wanted).unwrap();
    let named = (summary.adapter.as_str(), summary.base_model.as_deref());
    assert_eq!(named, ("LoRA", Some("acme/base")));
    assert_eq!((summary.base.is_some(), summary.model), (false, None));
    assert!(summary.reasons[0].contains("a LoRA adapter of `acme/base`"));

    put_base(&library.models_folder().join("acme/base"));
    let before = all_files(root.path());
    let summary = library.adapter(wanted).unwrap();
    let model = library.models_folder().join("lora");
    assert_eq!(summary.base.unwrap().model_type.as_deref(), Some("bert"));
    assert_eq!(
        (summary.model.as_ref(), summary.is_merged),
        (Some(&model), false)
    );
    assert_eq!(summary.left_out, ["classifier"]);
    assert!(summary.reasons.is_empty());
    assert_eq!(all_files(root.path()), before);

    assert_eq!(library.resolve(wanted).unwrap(), model);
    let before = all_files(root.path());
    let summary = library.adapter(wanted).unwrap();
    assert_eq!(
        (summary.model.as_ref(), summary.is_merged),
        (Some(&model), true)
    );
    assert_eq!(summary.left_out, ["classifier"]);
    assert_eq!(all_files(root.path()), before);
    assert!(library.adapter(model.to_str().unwrap()).is_none());
    let note = &inspect(&model).unwrap().notes;
    assert!(
        note.iter()
            .any(|note| note.message.ends_with("(left out: `classifier`)"))
    );
}

#[test]
fn trap_an_adapter_that_is_merged_twice_at_once_is_one_model() {
    let (root, library) = library();
    let names = ["one", "two"];
    for name in names {
        put_adapter(&root.path().join(name));
    }
    put_base(&root.path().join("base"));
    // What a process left that ended while it merged.
    let left = library.models_folder().join(".merging/model");
    fs::create_dir_all(&left).unwrap();
    fs::write(left.join("vocab.txt"), "of another model").unwrap();
    let found: Vec<_> = std::thread::scope(|scope| {
        let start = |at: usize| {
            let wanted = root.path().join(names[at % 2]);
            let library = &library;
            scope.spawn(move || library.resolve(wanted.to_str().unwrap()).unwrap())
        };
        let all: Vec<_> = (0..6).map(start).collect();
        all.into_iter()
            .map(|thread| thread.join().unwrap())
            .collect()
    });
    for (at, folder) in found.iter().enumerate() {
        assert_eq!(*folder, library.models_folder().join(names[at % 2]));
        assert!(!folder.join("vocab.txt").exists());
    }
    assert_eq!(listed(&library).len(), 2);
    assert!(!left.exists());
}

#[test]
fn trap_an_adapter_in_a_hidden_folder_is_a_model_with_a_name() {
    let (root, library) = library();
    put_base(&root.path().join("base"));
    let adapter = root.path().join(".lora");
    put_adapter(&adapter);
    let merged = library.resolve(adapter.to_str().unwrap()).unwrap();
    assert_eq!(merged, library.models_folder().join("lora"));
    assert_eq!(listed(&library), [("lora".to_owned(), Source::Library)]);
}
