//! Runs: their story as the window hears it, their end however it comes, and finding them again.

use crate::fake::{Desk, data, eventually, request};
use std::process::{Command, Stdio};
use tagsmith_corpus::{FormatName, ReadOptions};
use tagsmith_desktop::dto::{AppEvent, Event, Run, RunStatus};
use tagsmith_desktop::runs::Runs;

async fn ended(runs: &Runs, id: &str) -> Run {
    eventually("the run ends", || {
        runs.living().is_empty().then(|| runs.get(id).unwrap())
    })
    .await
}

#[tokio::test]
async fn a_run_is_started_followed_and_remembered() {
    let desk = Desk::new();
    let runs = desk.runs("begin; step 1; step 2; finish");
    let run = runs.start(&request("My run"), &data()).unwrap();
    assert_eq!(
        (run.id.as_str(), run.status),
        ("my-run", RunStatus::Running)
    );
    let run = ended(&runs, "my-run").await;
    assert_eq!(run.status, RunStatus::Finished);
    assert_eq!((run.step, run.steps, run.seconds), (2, 9, 7.0));
    assert_eq!(run.data_name, "Tickets");
    let reported: usize = desk
        .news()
        .iter()
        .map(|news| match news {
            AppEvent::Events { events, .. } => events.len(),
            _ => 0,
        })
        .sum();
    assert_eq!(reported, 4);
    assert_eq!(runs.events("my-run").unwrap().len(), 4);

    // A second window, later, knows the same.
    let later = Runs::open(desk.library(), desk.engine("exit 1"), desk.notify());
    assert_eq!(later.list(), [run]);
    later.rename("my-run", "  Another name ").unwrap();
    assert_eq!(later.get("my-run").unwrap().name, "Another name");
    assert!(later.remove("my-run").unwrap() > 0);
    assert_eq!(later.list(), []);
}

#[tokio::test]
async fn the_engine_gets_what_the_person_set_and_the_paths() {
    let desk = Desk::new();
    let runs = desk.runs("begin; finish");
    runs.start(&request("a"), &data()).unwrap();
    ended(&runs, "a").await;
    let path = desk.path().join("home/runs/.records/a.config.json");
    let config: serde_json::Value = serde_json::from_slice(&std::fs::read(path).unwrap()).unwrap();
    assert_eq!(config["train"], "train.jsonl");
    assert_eq!(config["dev"], serde_json::Value::Null);
    assert!(config["model"].as_str().unwrap().ends_with("models/tiny"));
    assert_eq!(config["seed"], 42);
    // The files are the window's own: the engine does not guess what they are.
    let reading: ReadOptions = serde_json::from_value(config["reading"].clone()).unwrap();
    let json = ReadOptions {
        format: Some(FormatName::Json),
        mask_unknown: true,
        ..ReadOptions::default()
    };
    assert_eq!(reading, json);
}

#[tokio::test]
async fn garbage_between_events_is_left_out() {
    let desk = Desk::new();
    let runs = desk.runs("begin; echo not json; echo '{\"event\":\"dance\"}'; head -c 100000 /dev/zero; echo; step 1; finish");
    runs.start(&request("a"), &data()).unwrap();
    let run = ended(&runs, "a").await;
    assert_eq!((run.status, run.step), (RunStatus::Finished, 1));
}

#[tokio::test]
async fn a_flood_of_events_reaches_the_window_as_a_trickle() {
    let desk = Desk::new();
    let runs = desk.runs("begin; i=0; while [ $i -lt 4000 ]; do i=$((i+1)); step $i; done; finish");
    runs.start(&request("a"), &data()).unwrap();
    let run = ended(&runs, "a").await;
    // Nothing is lost in the sum, and the last step is always reported.
    assert_eq!((run.status, run.step), (RunStatus::Finished, 4000));
    let mut steps = Vec::new();
    for news in desk.news() {
        if let AppEvent::Events { events, .. } = news {
            let reported = events.iter().filter_map(|event| match event.event {
                Event::Step { step, .. } => Some(step),
                _ => None,
            });
            let reported: Vec<usize> = reported.collect();
            assert!(reported.len() <= 51, "{} steps at once", reported.len());
            steps.extend(reported);
        }
    }
    assert_eq!(steps.last(), Some(&4000));
    assert!(steps.is_sorted());
}

#[tokio::test]
async fn an_engine_that_dies_is_a_clear_failure_and_can_be_resumed() {
    let desk = Desk::new();
    // The second time, called as `resume`, it finishes.
    let runs = desk
        .runs("case $* in *resume*) begin; step 2; finish;; *) begin; step 1; kill -9 $$;; esac");
    runs.start(&request("a"), &data()).unwrap();
    let run = ended(&runs, "a").await;
    assert_eq!(run.status, RunStatus::Failed);
    let failure = run.failure.unwrap();
    assert_eq!(failure.code, "engine-died");
    assert!(failure.hint.unwrap().contains("memory"));
    let last = runs.events("a").unwrap().pop().unwrap();
    assert!(matches!(last.event, Event::Failed { .. }));

    assert_eq!(runs.resume("a").unwrap().status, RunStatus::Running);
    assert_eq!(ended(&runs, "a").await.status, RunStatus::Finished);
    assert_eq!(runs.resume("a").unwrap_err().code, "finished");
}

#[tokio::test]
async fn what_the_engine_says_before_its_folder_is_there_is_kept() {
    let desk = Desk::new();
    let runs = desk.runs("event failed '\"code\":\"data\",\"message\":\"line 3 is odd\",\"hint\":\"correct it\"'; exit 1");
    runs.start(&request("a"), &data()).unwrap();
    let run = ended(&runs, "a").await;
    assert_eq!(run.status, RunStatus::Failed);
    assert_eq!(run.failure.unwrap().message, "line 3 is odd");
    assert_eq!(runs.events("a").unwrap().len(), 1);
    // Nothing of the engine's is there: going on means to begin again.
    runs.resume("a").unwrap();
    ended(&runs, "a").await;

    let silent = Desk::new();
    let runs =
        silent.runs("echo 'error: no such device' >&2; echo 'hint: choose another' >&2; exit 1");
    runs.start(&request("a"), &data()).unwrap();
    let failure = ended(&runs, "a").await.failure.unwrap();
    assert_eq!(
        (failure.message.as_str(), failure.hint.as_deref()),
        ("no such device", Some("choose another"))
    );
}

#[tokio::test]
async fn stopping_asks_first_and_insists_when_asked_again() {
    let desk = Desk::new();
    let polite = "begin; i=0; while [ ! -e \"$out/stop\" ]; do i=$((i+1)); step $i; sleep 0.05; done; event stopped '\"report\":\"r\",\"model\":\"m\",\"step\":5,\"best_f1\":0.25'; exit 130";
    let runs = desk.runs(polite);
    runs.start(&request("a"), &data()).unwrap();
    eventually("a step", || runs.get("a").filter(|run| run.step > 0)).await;
    assert_eq!(runs.start(&request("b"), &data()).unwrap_err().code, "busy");
    assert_eq!(runs.remove("a").unwrap_err().code, "running");
    runs.stop("a").unwrap();
    let run = ended(&runs, "a").await;
    assert_eq!(
        (run.status, run.best_f1.unwrap()),
        (RunStatus::Stopped, 0.25)
    );
    assert_eq!(runs.stop("a").unwrap_err().code, "not-running");

    let desk = Desk::new();
    let runs = desk.runs("begin; step 1; while :; do sleep 1; done");
    runs.start(&request("hangs"), &data()).unwrap();
    eventually("a step", || runs.get("hangs").filter(|run| run.step > 0)).await;
    runs.stop("hangs").unwrap();
    assert!(runs.get("hangs").unwrap().stopping);
    runs.kill("hangs").unwrap();
    let run = ended(&runs, "hangs").await;
    assert_eq!((run.status, run.failure), (RunStatus::Stopped, None));
}

#[tokio::test]
async fn a_run_is_stopped_at_once_while_its_device_is_tested() {
    let desk = Desk::new();
    // It has no folder yet, in which it could be asked to stop.
    let runs = desk.runs(
        r#"event preparing '"device":"cuda:0","stage":"test","done":3,"total":48,"eta_seconds":null'; exec sleep 60"#,
    );
    runs.start(&request("a"), &data()).unwrap();
    let preparing = |news: &AppEvent| match news {
        AppEvent::Events { events, .. } => events.iter().any(|event| {
            matches!(
                &event.event,
                Event::Preparing {
                    done: 3,
                    total: Some(48),
                    ..
                }
            )
        }),
        _ => false,
    };
    eventually("it prepares", || {
        desk.news().iter().any(preparing).then_some(())
    })
    .await;
    runs.stop("a").unwrap();
    let run = ended(&runs, "a").await;
    assert_eq!((run.status, run.step), (RunStatus::Stopped, 0));
    assert_eq!(run.failure, None);
}

#[tokio::test]
async fn closing_waits_until_every_run_has_stopped() {
    let desk = Desk::new();
    let runs = desk.runs("begin; while [ ! -e \"$out/stop\" ]; do sleep 0.05; done; sleep 0.3; event stopped '\"report\":\"r\",\"model\":\"m\",\"step\":0,\"best_f1\":0'");
    runs.start(&request("a"), &data()).unwrap();
    eventually("it began", || {
        desk.library()
            .runs_folder()
            .join("a/events.jsonl")
            .exists()
            .then_some(())
    })
    .await;
    runs.stop_all().await;
    assert_eq!(runs.living(), []);
    assert_eq!(runs.get("a").unwrap().status, RunStatus::Stopped);
}

#[tokio::test]
async fn a_run_whose_process_lives_is_found_again_after_a_restart() {
    let desk = Desk::new();
    let engine = desk
        .engine("begin; step 1; while [ ! -e \"$out/stop\" ]; do sleep 0.05; done; step 2; finish");
    // Started by a window that is gone.
    let out = desk.library().runs_folder().join("old");
    let mut process = Command::new(engine.program())
        .arg(&out)
        .stdout(Stdio::null())
        .spawn()
        .unwrap();
    eventually("it began", || {
        let log = std::fs::read_to_string(out.join("events.jsonl")).unwrap_or_default();
        log.contains("\"step\":1").then_some(())
    })
    .await;
    // The record that the first window left.
    let record = serde_json::json!({
        "name": "Old", "created": "2026-01-01T00:00:00Z", "model": "tiny", "data": "d",
        "data_name": "D", "settings": request("x").settings, "pid": process.id(), "summary": {},
    });
    let records = desk.library().runs_folder().join(".records");
    std::fs::create_dir_all(&records).unwrap();
    std::fs::write(records.join("old.json"), record.to_string()).unwrap();

    let runs = Runs::open(desk.library(), engine, desk.notify());
    assert_eq!(runs.living().len(), 1);
    eventually("its step is read", || {
        runs.get("old").filter(|run| run.step == 1)
    })
    .await;
    runs.stop("old").unwrap();
    process.wait().unwrap();
    let run = ended(&runs, "old").await;
    assert_eq!(
        (run.status, run.step, run.name.as_str()),
        (RunStatus::Finished, 2, "Old")
    );
}

#[tokio::test]
async fn a_run_that_was_cut_off_says_so() {
    let desk = Desk::new();
    let engine = desk.engine("begin; step 1; exit 0");
    let out = desk.library().runs_folder().join("cut");
    Command::new(engine.program())
        .arg(&out)
        .stdout(Stdio::null())
        .status()
        .unwrap();
    let record = serde_json::json!({
        "name": "Cut", "created": "2026-01-01T00:00:00Z", "model": "tiny", "data": "d",
        "data_name": "D", "settings": request("x").settings, "pid": 1, "summary": {},
    });
    let records = desk.library().runs_folder().join(".records");
    std::fs::create_dir_all(&records).unwrap();
    std::fs::write(records.join("cut.json"), record.to_string()).unwrap();
    // Half a record, as a full disk may leave one, hides nothing else.
    std::fs::write(records.join("torn.json"), "{\"name\":").unwrap();
    let runs = Runs::open(desk.library(), engine, desk.notify());
    let run = runs.list().pop().unwrap();
    assert_eq!((run.status, run.step), (RunStatus::Failed, 1));
    assert_eq!(run.failure.unwrap().code, "cut-off");
}

#[tokio::test]
async fn names_that_are_taken_or_no_names_do_no_harm() {
    let desk = Desk::new();
    let runs = desk.runs("begin; finish");
    for (name, id) in [
        ("tiny", "tiny-2"),
        ("", "tickets"),
        ("../..", "run"),
        ("tiny", "tiny-3"),
    ] {
        let run = runs.start(&request(name), &data()).unwrap();
        assert_eq!(run.id, id);
        ended(&runs, id).await;
    }
    for id in ["../home", "/etc", "", ".records"] {
        assert!(runs.get(id).is_none(), "{id}");
        for refused in [
            runs.remove(id).err(),
            runs.resume(id).err(),
            runs.rename(id, "x").err(),
            runs.events(id).err(),
        ] {
            assert_eq!(refused.unwrap().code, "unknown-run", "{id}");
        }
    }
    let mut unknown = request("x");
    unknown.model = "nowhere".into();
    assert_eq!(
        runs.start(&unknown, &data()).unwrap_err().code,
        "unknown-model"
    );
}

#[tokio::test]
async fn a_missing_engine_is_named() {
    let desk = Desk::new();
    let engine = tagsmith_desktop::engine::Engine::at(desk.path().join("nowhere"));
    let runs = Runs::open(desk.library(), engine, desk.notify());
    let failure = runs.start(&request("a"), &data()).unwrap_err();
    assert_eq!(failure.code, "engine-missing");
    assert!(failure.message.contains("nowhere"));
}

#[tokio::test]
async fn a_run_that_was_left_while_it_got_ready_is_found_again_and_protected() {
    let desk = Desk::new();
    let engine =
        desk.engine("while [ ! -e \"$out.go\" ]; do sleep 0.05; done; begin; step 3; finish");
    let out = desk.library().runs_folder().join("early");
    let mut process = Command::new(engine.program())
        .arg(&out)
        .stdout(Stdio::null())
        .spawn()
        .unwrap();
    let record = serde_json::json!({
        "name": "Early", "created": "2026-01-01T00:00:00Z", "model": "tiny", "data": "d",
        "data_name": "D", "settings": request("x").settings, "pid": process.id(), "summary": {},
    });
    let records = desk.library().runs_folder().join(".records");
    std::fs::create_dir_all(&records).unwrap();
    std::fs::write(records.join("early.json"), record.to_string()).unwrap();
    let runs = Runs::open(desk.library(), engine, desk.notify());
    assert_eq!(runs.get("early").unwrap().status, RunStatus::Running);
    assert_eq!(runs.remove("early").unwrap_err().code, "running");
    assert_eq!(runs.start(&request("b"), &data()).unwrap_err().code, "busy");
    std::fs::write(desk.library().runs_folder().join("early.go"), "").unwrap();
    process.wait().unwrap();
    let run = ended(&runs, "early").await;
    assert_eq!((run.status, run.step), (RunStatus::Finished, 3));
}

#[tokio::test]
async fn a_run_of_the_command_line_is_listed_and_not_deleted_under_its_process() {
    let desk = Desk::new();
    let runs = desk.runs("exit 1");
    let engine = desk.engine("begin; while [ ! -e \"$out/stop\" ]; do sleep 0.05; done");
    let out = desk.library().runs_folder().join("foreign");
    let mut process = Command::new(engine.program())
        .arg(&out)
        .stdout(Stdio::null())
        .spawn()
        .unwrap();
    eventually("it began", || {
        out.join("events.jsonl").exists().then_some(())
    })
    .await;
    eventually("it is locked", || {
        runs.remove("foreign").err().filter(|f| f.code == "running")
    })
    .await;
    std::fs::write(out.join("stop"), "").unwrap();
    process.wait().unwrap();
    assert!(runs.remove("foreign").is_ok());
}

#[tokio::test]
async fn the_past_of_a_long_run_is_thinned_and_keeps_its_ends() {
    let desk = Desk::new();
    let runs = desk.runs("begin; i=0; while [ $i -lt 9000 ]; do i=$((i+1)); step $i; done; finish");
    runs.start(&request("a"), &data()).unwrap();
    ended(&runs, "a").await;
    let events = runs.events("a").unwrap();
    assert!(events.len() < 4100, "{}", events.len());
    assert!(matches!(events[0].event, Event::Started { .. }));
    assert!(matches!(
        events[events.len() - 2].event,
        Event::Step { step: 9000, .. }
    ));
}

#[tokio::test]
async fn a_finished_run_drops_its_checkpoints_and_any_other_keeps_them() {
    let desk = Desk::new();
    let kept = |id: &str| {
        desk.path()
            .join("home/runs")
            .join(id)
            .join("checkpoints/1/state")
            .is_file()
    };
    let checkpoint =
        "begin; mkdir -p \"$out/checkpoints/1\"; echo x >\"$out/checkpoints/1/state\"; step 1";
    let runs = desk.runs(&format!("{checkpoint}; finish"));
    runs.start(&request("done"), &data()).unwrap();
    assert_eq!(ended(&runs, "done").await.status, RunStatus::Finished);
    assert!(!kept("done"));
    let runs = desk.runs(&format!(
        "{checkpoint}; event stopped '\"report\":\"r\",\"model\":\"m\",\"step\":1,\"best_f1\":0.5'"
    ));
    runs.start(&request("stopped"), &data()).unwrap();
    assert_eq!(ended(&runs, "stopped").await.status, RunStatus::Stopped);
    assert!(kept("stopped"));
    let runs = desk.runs(&format!("{checkpoint}; exit 3"));
    runs.start(&request("failed"), &data()).unwrap();
    assert_eq!(ended(&runs, "failed").await.status, RunStatus::Failed);
    assert!(kept("failed"));

    // The person may want them; then they can be cleared later, and only those of finished runs are.
    std::fs::write(
        desk.path().join("home/preferences.json"),
        r#"{"keep_checkpoints": true}"#,
    )
    .unwrap();
    let runs = desk.runs(&format!("{checkpoint}; finish"));
    runs.start(&request("kept"), &data()).unwrap();
    ended(&runs, "kept").await;
    assert!(kept("kept"));
    let with: Vec<String> = runs
        .with_checkpoints()
        .into_iter()
        .map(|(run, _)| run.id)
        .collect();
    assert_eq!(with, ["kept"]);
    assert!(runs.drop_checkpoints().unwrap() > 0);
    assert!(!kept("kept") && kept("stopped") && kept("failed"));
}

#[tokio::test]
async fn a_star_and_a_note_stay_with_a_run() {
    let desk = Desk::new();
    let runs = desk.runs("begin; step 1; finish");
    runs.start(&request("a"), &data()).unwrap();
    ended(&runs, "a").await;
    runs.star("a", true).unwrap();
    runs.note("a", " the best so far\n").unwrap();
    let later = Runs::open(desk.library(), desk.engine("exit 1"), desk.notify());
    let run = later.get("a").unwrap();
    assert_eq!((run.starred, run.note.as_str()), (true, "the best so far"));
    assert!(later.star("no-such", true).is_err());
}
