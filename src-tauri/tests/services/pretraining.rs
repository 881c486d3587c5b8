//! Pretraining on text without labels: followed by its folder, stopped and continued, and the model that it makes.

use crate::fake::{Desk, eventually};
use crate::real::{Real, begin as start_run, enqueue, request as real_request};
use std::fs;
use tagsmith_desktop::app::Desktop;
use tagsmith_desktop::dto::{
    AppEvent, Often, PretrainRequest, Pretraining, QueueKind, RunStatus, Started, TaskStatus,
};
use tagsmith_desktop::pretraining::Pretrainings;
use tagsmith_desktop::queueable::Queueable;

/// Long enough to be stopped in the middle.
const LONG: usize = 400;

fn request(desk: &Desk, lines: usize, epochs: u32) -> PretrainRequest {
    let text = desk.path().join("ships.txt");
    let sentences = [
        "anna berg at the port of oslo",
        "the ship in rome",
        "anna in the port",
    ];
    let all = sentences.iter().cycle().take(lines);
    fs::write(
        &text,
        all.map(|line| format!("{line}\n")).collect::<String>(),
    )
    .unwrap();
    PretrainRequest {
        model: "tiny".into(),
        text: vec![text.display().to_string()],
        name: "Ships".into(),
        epochs: Some(epochs),
        device: "cpu".into(),
    }
}

/// The same, allowed as if it was picked.
fn picked(desktop: &Desktop, desk: &Desk, lines: usize, epochs: u32) -> PretrainRequest {
    let request = request(desk, lines, epochs);
    desktop
        .path_permissions
        .grant(request.text[0].as_str().as_ref());
    request
}

fn begin(desktop: &Desktop, request: &PretrainRequest) -> Pretraining {
    match desktop.start_pretraining(request).unwrap() {
        Started::Pretraining { pretraining } => *pretraining,
        other => panic!("it does not begin: {other:?}"),
    }
}

/// Adds it to the queue; returns the id of its entry.
fn wait(desktop: &Desktop, request: &PretrainRequest) -> String {
    match desktop.start_pretraining(request).unwrap() {
        Started::Queued { id } => id,
        other => panic!("it does not wait: {other:?}"),
    }
}

fn queued(desktop: &Desktop) -> Vec<String> {
    let entries = desktop.queue.state().entries;
    entries.into_iter().map(|entry| entry.name).collect()
}

async fn ended(all: &Pretrainings, id: &str) -> Pretraining {
    eventually("pretraining ends", || {
        let pretraining = all.get(id)?;
        (pretraining.status != RunStatus::Running && all.living().is_empty()).then_some(pretraining)
    })
    .await
}

#[tokio::test(flavor = "multi_thread")]
async fn what_it_makes_is_a_model_of_the_library() {
    let Some(real) = Real::new() else { return };
    let desktop = real.with_data();
    let mut unpicked = request(&real.desk, 120, 3);
    unpicked.text = vec!["/etc/hostname".into()];
    assert_eq!(
        desktop.start_pretraining(&unpicked).unwrap_err().code,
        "not-picked"
    );
    let request = picked(&desktop, &real.desk, 120, 3);
    let begun = begin(&desktop, &request);
    assert_eq!((begun.id.as_str(), begun.text.len()), ("ships", 1));
    // While it works, what is trained waits, and its model cannot be deleted.
    assert!(desktop.is_busy());
    let user = desktop.user(|model, _| model == "tiny");
    assert_eq!(user.as_deref(), Some("ships"));
    let waiting = enqueue(&desktop, &real_request("After", 1, Often::Once));
    let ended = ended(&desktop.pretraining, "ships").await;
    assert_eq!(ended.status, RunStatus::Finished, "{:?}", ended.failure);
    let documents = ended.documents.unwrap();
    assert_eq!(documents.train + documents.held_out, 120);
    assert_eq!(ended.step, ended.steps);
    assert!(ended.evaluations.len() >= 2);
    assert_eq!(ended.helped, Some(true), "{:?}", ended.evaluations);
    assert_eq!(ended.made.as_deref(), Some("ships"));
    let model = desktop.library.named("ships").unwrap();
    assert!(model.join("model.safetensors").is_file());
    let folder = real.home().join("pretraining/ships");
    assert!(!folder.join("checkpoints").exists(), "it is never resumed");
    // The next in the queue begins, and the new model can be trained.
    eventually("what waited trains", || {
        let state = desktop.queue.state();
        (!state.entries.iter().any(|entry| entry.id == waiting)).then_some(())
    })
    .await;
    let mut of_it = real_request("With it", 1, Often::Once);
    of_it.model = "ships".into();
    eventually("nothing trains", || (!desktop.is_busy()).then_some(())).await;
    desktop.start(&of_it).unwrap();
    eventually("it is trained", || {
        let run = desktop.runs.get("with-it")?;
        (run.status == RunStatus::Finished).then_some(())
    })
    .await;

    // Deleted, it leaves its model.
    desktop.pretraining.remove("ships").unwrap();
    assert!(desktop.pretraining.list().is_empty());
    desktop.library.named("ships").unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn it_stops_after_a_step_and_goes_on_from_there() {
    let Some(real) = Real::new() else { return };
    let desktop = real.open();
    let request = picked(&desktop, &real.desk, 600, 2000);
    begin(&desktop, &request);
    let all = desktop.pretraining.clone();
    let far = eventually("it learns", || all.get("ships").filter(|now| now.step > 2)).await;
    assert!(far.documents.is_some() && far.seconds > 0.0);
    all.stop("ships").unwrap();
    let stopped = ended(&all, "ships").await;
    assert_eq!(stopped.status, RunStatus::Stopped);
    assert!(stopped.step >= far.step && stopped.step < stopped.steps);
    assert_eq!(all.remove("other").unwrap_err().code, "unknown-pretraining");

    all.resume("ships").unwrap();
    eventually("it goes on", || {
        all.get("ships").filter(|now| now.step > stopped.step)
    })
    .await;
    assert_eq!(all.remove("ships").unwrap_err().code, "running");
    all.kill("ships").unwrap();
    assert_eq!(ended(&all, "ships").await.status, RunStatus::Stopped);
    all.stop_all().await;
    assert!(all.remove("ships").unwrap() > 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn while_something_trains_it_waits_in_the_queue() {
    let Some(real) = Real::new() else { return };
    let desktop = real.with_data();
    let long = start_run(&desktop, &real_request("Long", LONG, Often::Once));
    let run = enqueue(&desktop, &real_request("After", 1, Often::Once));
    let ships = wait(&desktop, &picked(&desktop, &real.desk, 120, 3));
    let second = wait(&desktop, &picked(&desktop, &real.desk, 120, 3));
    let entries = desktop.queue.state().entries;
    let entry = entries.iter().find(|entry| entry.id == ships).unwrap();
    assert_eq!(
        (entry.kind, entry.status, entry.begun),
        (QueueKind::Pretraining, TaskStatus::Waiting, false)
    );
    assert_eq!((&*entry.name, &*entry.model), ("ships", "tiny"));
    assert_eq!(entry.data_name, "ships.txt");
    assert!(desktop.pretraining.list().is_empty(), "it has not begun");
    // Neither is it the user of a data set.
    let user = |model: &'static str, data: &'static str| {
        let is_asked = |of: &str, with: &str| of == model || with == data;
        desktop.queue.user(is_asked)
    };
    assert_eq!(user("tiny", "-").as_deref(), Some("After"));
    assert_eq!(user("-", "ships.txt"), None);

    // Moved, taken off, put back, and taken off for good.
    desktop.queue.move_before(&ships, Some(&run)).unwrap();
    assert_eq!(queued(&desktop), ["ships", "After", "ships-2"]);
    desktop.queue.remove(&second).unwrap();
    desktop.queue.put_back(&second).unwrap();
    assert_eq!(queued(&desktop), ["ships", "After", "ships-2"]);
    desktop.queue.remove(&second).unwrap();
    assert_eq!(queued(&desktop), ["ships", "After"]);

    desktop.runs.stop(&long).unwrap();
    let all = desktop.pretraining.clone();
    eventually("it has its turn", || all.get("ships")).await;
    let ended = ended(&all, "ships").await;
    assert_eq!(ended.status, RunStatus::Finished, "{:?}", ended.failure);
    assert_eq!(ended.made.as_deref(), Some("ships"));
    desktop.library.named("ships").unwrap();
    eventually("what comes after it trains", || {
        let run = desktop.runs.get("after")?;
        (run.status == RunStatus::Finished).then_some(())
    })
    .await;
    eventually("the list is empty", || {
        queued(&desktop).is_empty().then_some(())
    })
    .await;
    // What was taken off before it began is forgotten with the session.
    assert!(all.known("ships-2").is_some());
    drop(desktop);
    assert!(real.open().pretraining.known("ships-2").is_none());
}

#[tokio::test(flavor = "multi_thread")]
async fn one_of_the_queue_is_paused_and_goes_on_after_a_restart() {
    let Some(real) = Real::new() else { return };
    let desktop = real.with_data();
    let first = start_run(&desktop, &real_request("First", LONG, Often::Once));
    // So long that no epoch ends meanwhile: two that bring nothing would end it.
    let ships = wait(&desktop, &picked(&desktop, &real.desk, 60_000, 2000));
    desktop.runs.stop(&first).unwrap();
    let all = desktop.pretraining.clone();
    eventually("it learns", || all.get("ships").filter(|now| now.step > 2)).await;
    assert_eq!(desktop.queue.remove(&ships).unwrap_err().code, "running");
    assert_eq!(all.remove("ships").unwrap_err().code, "running");
    desktop.queue.pause(Some(&ships)).unwrap();
    let paused = ended(&all, "ships").await;
    assert_eq!((paused.status, paused.failure), (RunStatus::Stopped, None));
    drop((desktop, all));

    let desktop = real.open();
    let entry = desktop.queue.state().entries.remove(0);
    assert_eq!((entry.status, entry.begun), (TaskStatus::Paused, true));
    assert!(!desktop.is_busy(), "a paused entry holds nothing up");
    // Resume of the pretraining is resume of its entry.
    desktop.resume_pretraining("ships").unwrap();
    let all = desktop.pretraining.clone();
    let goes_on = || {
        let now = all.get("ships")?;
        (now.status == RunStatus::Running && now.step > paused.step).then_some(())
    };
    eventually("it goes on", goes_on).await;
    assert_eq!(desktop.queue.state().entries[0].status, TaskStatus::Running);
    // Stopped for good, it is off the list, and stays one that can be continued.
    all.stop("ships").unwrap();
    assert_eq!(ended(&all, "ships").await.status, RunStatus::Stopped);
    eventually("it is off the list", || {
        queued(&desktop).is_empty().then_some(())
    })
    .await;
    eventually("nothing is left", || (!desktop.is_busy()).then_some(())).await;
    let resumed = desktop.resume_pretraining("ships").unwrap();
    assert_eq!(resumed.status, RunStatus::Running);
    all.kill("ships").unwrap();
    assert_eq!(ended(&all, "ships").await.status, RunStatus::Stopped);
}

/// Each window has a runtime of its own, so that nothing of the first one lives on.
#[test]
fn one_that_the_queue_does_without_a_window_joins_the_library_in_the_next() {
    let Some(real) = Real::new() else { return };
    let window = || tokio::runtime::Runtime::new().unwrap();
    let first = window();
    first.block_on(async {
        let desktop = real.with_data();
        let run = start_run(&desktop, &real_request("First", LONG, Often::Once));
        wait(&desktop, &picked(&desktop, &real.desk, 120, 3));
        eventually("the queue waits for the run", || {
            let is_working = tagsmith_plan::is_worked_on(&real.home().join("queue"));
            (is_working && desktop.runs.is_living(&run)).then_some(())
        })
        .await;
    });
    first.shutdown_background();
    fs::write(real.home().join("runs/first/stop"), "").unwrap();
    let events = real.home().join("pretraining/ships/events.jsonl");
    let second = window();
    second.block_on(async {
        eventually("the queue has done it", || {
            let log = fs::read_to_string(&events).ok()?;
            let is_idle = !tagsmith_plan::is_worked_on(&real.home().join("queue"));
            (is_idle && log.contains("\"finished\"")).then_some(())
        })
        .await;
        assert!(real.desk.library().named("ships").is_err());
        let desktop = real.open();
        let made = eventually("its model is there", || {
            desktop.pretraining.get("ships").and_then(|now| now.made)
        })
        .await;
        assert_eq!(made, "ships");
        desktop.library.named("ships").unwrap();
        assert!(queued(&desktop).is_empty());
    });
}

#[tokio::test(flavor = "multi_thread")]
async fn why_it_failed_is_reported_and_a_second_window_finds_it() {
    let desk = Desk::new();
    let broken = r#"line '{"event":"failed","time":"2026-01-01T00:00:00Z","code":"family","message":"no words","hint":"take another"}'; exit 1"#;
    let open =
        |script: &str| Pretrainings::open(desk.library(), desk.engine(script), desk.notify());
    let all = open(broken);
    all.start(&request(&desk, 3, 1)).unwrap();
    let failed = ended(&all, "ships").await;
    assert_eq!(failed.status, RunStatus::Failed);
    assert_eq!(failed.failure.unwrap().message, "no words");
    let heard = |piece: &AppEvent| matches!(piece, AppEvent::Pretraining { pretraining } if pretraining.status == RunStatus::Failed);
    assert!(desk.news().iter().any(heard));

    // Cut off with its window: the record still says that it runs.
    let record = desk.path().join("home/pretraining/.records/ships.json");
    let text = fs::read_to_string(&record).unwrap();
    fs::write(&record, text.replace("\"failed\"", "\"running\"")).unwrap();
    let found = open("exit 0").get("ships").unwrap();
    assert_eq!(found.status, RunStatus::Failed);
    assert_eq!(found.failure.unwrap().code, "cut-off");
}
