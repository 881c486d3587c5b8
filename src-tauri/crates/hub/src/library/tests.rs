//! What the library lists and what each way of naming a model leads to.

use super::*;
use tagsmith_protocol::Diagnose;
use tempfile::TempDir;

struct Fixture {
    root: TempDir,
    library: Library,
}

/// A library with two models, one of them under an organisation, two runs, and things that are none.
fn fixture() -> Fixture {
    let root = tempfile::tempdir().unwrap();
    let path = |inner: &str| root.path().join(inner);
    for model in [
        "home/models/plain",
        "home/models/acme/bert-small",
        "home/models/.part/half",
        "home/runs/tickets/model",
        "home/runs/plain/model",
        "elsewhere/bert",
        "elsewhere/run/model",
    ] {
        fs::create_dir_all(path(model)).unwrap();
        fs::write(path(model).join("config.json"), "{}").unwrap();
    }
    for folder in ["home/models/empty", "home/runs/fresh", "elsewhere/run2"] {
        fs::create_dir_all(path(folder)).unwrap();
    }
    fs::write(path("elsewhere/run2/run.json"), "{}").unwrap();
    fs::write(path("elsewhere/file"), "").unwrap();
    let library = Library::at(path("home"), path("cache"));
    Fixture { root, library }
}

/// Writes sparse files of the starter's names and lengths.
fn put_starter(folder: &Path) {
    fs::create_dir_all(folder).unwrap();
    for pinned in &starter::manifest().files {
        let file = fs::File::create(folder.join(&pinned.file)).unwrap();
        file.set_len(pinned.bytes).unwrap();
    }
}

#[test]
fn lists_models_organisations_and_runs_once_each() {
    let Fixture {
        root: _root,
        library,
    } = fixture();
    let listed = library.models();
    let names: Vec<_> = listed
        .iter()
        .map(|entry| (entry.name.as_str(), entry.source))
        .collect();
    assert_eq!(
        names,
        [
            ("acme/bert-small", Source::Library),
            ("plain", Source::Library),
            ("tickets", Source::Run),
        ]
    );
    for entry in &listed {
        assert_eq!(library.resolve(&entry.name).unwrap(), entry.path);
    }
}

#[test]
fn a_library_that_does_not_exist_is_empty() {
    let root = tempfile::tempdir().unwrap();
    let library = Library::at(root.path().join("a"), root.path().join("b"));
    assert_eq!(library.models(), []);
    assert_eq!(fs::read_dir(root.path()).unwrap().count(), 0);
}

#[test]
fn a_path_leads_to_a_model_folder_or_to_the_model_of_a_run() {
    let Fixture { root, library } = fixture();
    let cases = [
        ("elsewhere/bert", "elsewhere/bert"),
        ("elsewhere/run", "elsewhere/run/model"),
        ("elsewhere/run/model", "elsewhere/run/model"),
    ];
    for (wanted, expected) in cases {
        let wanted = root.path().join(wanted);
        let found = library.resolve(wanted.to_str().unwrap()).unwrap();
        assert_eq!(found, root.path().join(expected));
    }
}

#[test]
fn the_starter_is_found_in_the_library_first_and_then_in_the_cache() {
    let Fixture {
        root: _root,
        library,
    } = fixture();
    let [own, cached] = library.starter_folders();
    let missing = library.resolve("starter").unwrap_err();
    assert!(
        matches!(missing, ResolveError::NoStarter { .. }),
        "{missing}"
    );
    assert!(missing.to_string().contains(&cached.display().to_string()));
    assert!(missing.hint().unwrap().contains("scripts/fetch-starter"));

    put_starter(&cached);
    assert_eq!(library.resolve("starter").unwrap(), cached);
    put_starter(&own);
    assert_eq!(library.resolve("starter").unwrap(), own);
    let entries = library.models();
    let starters: Vec<_> = entries.iter().filter(|e| e.name == "starter").collect();
    assert_eq!(starters.len(), 1);
    assert_eq!(
        (starters[0].source, &starters[0].path),
        (Source::Starter, &own)
    );
    assert_eq!(entries[0].name, "starter");
}

#[test]
fn a_starter_that_was_cut_off_is_refused() {
    let Fixture {
        root: _root,
        library,
    } = fixture();
    let [_, cached] = library.starter_folders();
    put_starter(&cached);
    let weights = fs::File::options()
        .write(true)
        .open(cached.join("model.safetensors"))
        .unwrap();
    weights.set_len(1000).unwrap();
    let failure = library.resolve("starter").unwrap_err();
    assert!(
        failure
            .to_string()
            .contains("has 1000 bytes, expected 90868376")
    );
}

#[test]
fn each_name_that_leads_nowhere_has_its_own_error() {
    let Fixture { root, library } = fixture();
    let inside = |path: &str| root.path().join(path).display().to_string();
    let cases = [
        ("  ".into(), "is empty", "models list"),
        (inside("nowhere"), "there is no folder", "check the path"),
        (
            "./nowhere".into(),
            "there is no folder `./nowhere`",
            "current folder",
        ),
        ("../../x/y".into(), "there is no folder", "check the path"),
        (
            "~/bert".into(),
            "there is no folder `~/bert`",
            "check the path",
        ),
        (inside("elsewhere/file"), "is a file", "config.json"),
        (
            inside("elsewhere"),
            "no `config.json`",
            "under these names, config.json, model.safetensors or pytorch_model.bin, and tokenizer.json, vocab.txt, vocab.json with merges.txt or a file of SentencePiece",
        ),
        (
            inside("elsewhere/run2"),
            "has not saved a model",
            "tagsmith resume",
        ),
        ("fresh".into(), "no model `fresh`", "`plain`"),
        ("empty".into(), "no model `empty`", "`acme/bert-small`"),
        (
            "google/bert".into(),
            "no model `google/bert`",
            "tagsmith models download google/bert`",
        ),
        (".part/half".into(), "there is no folder", "check the path"),
    ];
    for (wanted, message, hint) in cases {
        let failure = library.resolve(&wanted).unwrap_err();
        assert!(failure.to_string().contains(message), "{failure}");
        let found = failure.hint().unwrap();
        assert!(found.contains(hint), "{found}");
    }
}
