//! What leaves the library: data, the files of runs, a model.

use super::{held_out, jsonl, merge, request, silent};
use crate::fake::Desk;
use std::fs;
use std::path::Path;
use tagsmith_corpus::Target;
use tagsmith_desktop::data::DataSets;
use tagsmith_desktop::dto::{ExportRequest, Scheme};

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
