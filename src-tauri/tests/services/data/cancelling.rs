//! Long work on data that is cancelled leaves everything as it was.

use super::{everything, jsonl, merge, request, silent};
use crate::fake::Desk;
use std::fs;
use std::sync::Arc;
use tagsmith_corpus::Target;
use tagsmith_desktop::data::DataSets;
use tagsmith_desktop::dto::{AppEvent, ExportRequest, Scheme};

/// The data sets of a desk where everything is cancelled that comes to a stage.
fn cancelling(desk: &Desk, stage: &str) -> Arc<std::sync::OnceLock<DataSets>> {
    let data: Arc<std::sync::OnceLock<DataSets>> = Arc::default();
    let (own, at) = (data.clone(), stage.to_owned());
    let notify: tagsmith_desktop::event_bus::NotifyPage = Arc::new(move |news| {
        if let (AppEvent::Progress { progress }, Some(data)) = (news, own.get())
            && progress.stage == at
        {
            data.cancel(&progress.job);
        }
    });
    data.get_or_init(|| DataSets::open(&desk.library(), notify));
    data
}

#[test]
fn work_that_is_cancelled_leaves_nothing() {
    let desk = Desk::new();
    let path = jsonl(&desk, "a.jsonl", 0..3000);
    for stage in ["reading", "checking", "copying", "writing"] {
        let data = cancelling(&desk, stage);
        let data = data.get().unwrap();
        let refused = data.import(&request(&path), "long").unwrap_err();
        assert_eq!(refused.code, "cancelled", "{stage}");
        assert_eq!(data.list(), []);
        let left = fs::read_dir(desk.library().data_folder());
        assert_eq!(left.into_iter().flatten().count(), 0, "{stage}");
    }
}

#[test]
fn a_repair_that_is_cancelled_leaves_the_data_set_as_it_was() {
    let desk = Desk::new();
    let path = jsonl(&desk, "a.jsonl", 0..300);
    let set = DataSets::open(&desk.library(), silent())
        .import(&request(&path), "job")
        .unwrap();
    let data = cancelling(&desk, "repairing");
    let data = data.get().unwrap();
    let before = everything(data, &set.id);
    let refused = data.repair(&set.id, &merge(), "long").unwrap_err();
    assert_eq!(refused.code, "cancelled");
    assert_eq!(data.get(&set.id).unwrap(), set);
    assert_eq!(everything(data, &set.id), before);
}

#[test]
fn a_preview_and_an_export_can_be_cancelled() {
    let desk = Desk::new();
    let path = jsonl(&desk, "a.jsonl", 0..3000);
    let set = DataSets::open(&desk.library(), silent())
        .import(&request(&path), "job")
        .unwrap();
    let wanted = ExportRequest {
        format: Target::Jsonl,
        scheme: Scheme::Iob2,
        splits: vec!["train".into()],
    };
    let file = desk.path().join("there.jsonl");
    fs::write(&file, "what was there before").unwrap();
    for stage in ["loading", "writing"] {
        let data = cancelling(&desk, stage);
        let data = data.get().unwrap();
        if stage == "loading" {
            let preview = data.preview_repair(&set.id, &merge(), "look");
            assert_eq!(preview.unwrap_err().code, "cancelled");
            let plan = data.export_plan(&set.id, &wanted, "plan");
            assert_eq!(plan.unwrap_err().code, "cancelled");
        }
        let export = data.export(&set.id, &wanted, &file, "export");
        assert_eq!(export.unwrap_err().code, "cancelled", "{stage}");
        assert_eq!(fs::read_to_string(&file).unwrap(), "what was there before");
        let left = fs::read_dir(desk.path()).unwrap().flatten();
        let mut names = left.map(|entry| entry.file_name().to_string_lossy().into_owned());
        assert!(names.all(|name| !name.ends_with(".partial")), "{stage}");
    }
}
