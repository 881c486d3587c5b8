//! Pretraining on text without labels: followed by its folder, stopped and continued, and the model that it makes.

use crate::fake::{Desk, eventually};
use crate::real::{Real, enqueue, request as real_request};
use std::fs;
use tagsmith_desktop::app::Desktop;
use tagsmith_desktop::dto::{AppEvent, Often, PretrainRequest, Pretraining, RunStatus};
use tagsmith_desktop::pretraining::Pretrainings;

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
    let begun = desktop.start_pretraining(&request).unwrap();
    assert_eq!((begun.id.as_str(), begun.text.len()), ("ships", 1));
    // While it works nothing else is pretrained, and what is trained waits.
    assert!(desktop.is_busy());
    assert_eq!(
        desktop.start_pretraining(&request).unwrap_err().code,
        "busy"
    );
    let waiting = enqueue(&desktop, &real_request("After", 1, Often::Once));
    let ended = ended(&desktop.pretraining, "ships").await;
    assert_eq!(ended.status, RunStatus::Finished, "{:?}", ended.failure);
    let documents = ended.documents.unwrap();
    assert_eq!(documents.train + documents.held_out, 120);
    assert_eq!(ended.step, ended.steps);
    assert!(ended.evaluations.len() >= 2 && ended.verdict.is_some());
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
    desktop.start_pretraining(&request).unwrap();
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
