//! The queue: order, pauses, removal and its undoing, and what the next window does with it.

use crate::fake::eventually;
use crate::real::{Real, begin, ended, enqueue, request};
use std::fs;
use tagsmith_desktop::app::Desktop;
use tagsmith_desktop::dto::{Often, QueueKind, Run, RunStatus, TaskStatus};
use tagsmith_desktop::queueable::Queueable;

/// Long enough to be stopped in the middle.
const LONG: usize = 400;

fn names(desktop: &Desktop) -> Vec<String> {
    let entries = desktop.queue.state().entries;
    entries.into_iter().map(|entry| entry.name).collect()
}

async fn finished(desktop: &Desktop, id: &str) -> Run {
    eventually("the run finishes", || {
        let run = desktop.runs.get(id)?;
        let is_over = run.status != RunStatus::Running && !desktop.runs.is_living(id);
        is_over.then_some(run)
    })
    .await
}

async fn trains(desktop: &Desktop, id: &str) {
    eventually("it trains", || {
        desktop
            .runs
            .get(id)
            .filter(|run| run.status == RunStatus::Running && run.step > 0)
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_started_while_something_runs_waits_for_its_turn() {
    let Some(real) = Real::new() else { return };
    let desktop = real.with_data();
    let long = begin(&desktop, &request("Long", LONG, Often::Once));
    let second = enqueue(&desktop, &request("Second", 1, Often::Once));
    let third = enqueue(&desktop, &request("Third", 1, Often::Once));
    let seeds = enqueue(
        &desktop,
        &request(
            "Seeds",
            1,
            Often::Seeds {
                seeds: 2,
                combine: None,
            },
        ),
    );
    assert_eq!(names(&desktop), ["Second", "Third", "Seeds"]);
    assert!(desktop.runs.get("second").is_none(), "it has not begun");
    let kinds = desktop.queue.state().entries;
    assert_eq!(kinds[0].kind, QueueKind::Run);
    assert_eq!(
        (kinds[2].kind, kinds[2].status),
        (QueueKind::Seeds, TaskStatus::Waiting)
    );
    let user = desktop.queue.user(|_, data| data == "notes");
    assert_eq!(user.as_deref(), Some("Second"));
    let user = desktop.queue.user(|model, _| model == "tiny");
    assert_eq!(user.as_deref(), Some("Second"));
    assert_eq!(desktop.queue.user(|model, _| model == "other"), None);

    // Moved, taken off, and put back where it was.
    desktop.queue.move_before(&third, Some(&second)).unwrap();
    assert_eq!(names(&desktop), ["Third", "Second", "Seeds"]);
    desktop.queue.remove(&second).unwrap();
    assert_eq!(names(&desktop), ["Third", "Seeds"]);
    desktop.queue.put_back(&second).unwrap();
    assert_eq!(names(&desktop), ["Third", "Second", "Seeds"]);
    assert_eq!(
        desktop.queue.put_back(&second).unwrap_err().code,
        "unknown-entry"
    );
    assert_eq!(desktop.queue.remove("train-9").unwrap_err().code, "plan");
    desktop.queue.pause(Some(&second)).unwrap();

    // Nothing begins while the first one runs, and all that is not paused when it is over.
    trains(&desktop, &long).await;
    assert_eq!(desktop.runs.living().len(), 1);
    desktop.runs.stop(&long).unwrap();
    assert_eq!(finished(&desktop, &long).await.status, RunStatus::Stopped);
    eventually("the third has its turn", || desktop.runs.get("third")).await;
    assert_eq!(
        finished(&desktop, "third").await.status,
        RunStatus::Finished
    );
    eventually("the seeds have their turn", || desktop.studies.get("seeds")).await;
    let study = ended(&desktop, "seeds").await;
    assert_eq!(study.status, RunStatus::Finished, "{:?}", study.failure);
    assert!(study.run.is_some());
    eventually("only the paused one is left", || {
        (names(&desktop) == ["Second"]).then_some(())
    })
    .await;
    assert!(
        !desktop.is_busy(),
        "a paused entry holds nothing up: {seeds}"
    );

    desktop.queue.resume(None).unwrap();
    eventually("the second has its turn", || desktop.runs.get("second")).await;
    let run = finished(&desktop, "second").await;
    assert_eq!(
        (run.status, run.name.as_str()),
        (RunStatus::Finished, "Second")
    );
    assert!(run.has_model && run.has_report);
    eventually("the list is empty", || {
        names(&desktop).is_empty().then_some(())
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_paused_run_stops_after_its_step_and_goes_on() {
    let Some(real) = Real::new() else { return };
    let desktop = real.with_data();
    let first = begin(&desktop, &request("First", 1, Often::Once));
    let entry = enqueue(&desktop, &request("Long", LONG, Often::Once));
    finished(&desktop, &first).await;
    eventually("the queue begins", || desktop.runs.get("long")).await;
    trains(&desktop, "long").await;
    assert_eq!(desktop.queue.remove(&entry).unwrap_err().code, "running");
    desktop.queue.pause(Some(&entry)).unwrap();
    let run = finished(&desktop, "long").await;
    assert_eq!((run.status, run.failure), (RunStatus::Stopped, None));
    let before = run.step;
    let state = desktop.queue.state();
    assert_eq!(state.entries[0].status, TaskStatus::Paused);
    assert!(state.entries[0].begun);
    let settings = state.entries[0].settings.as_ref();
    assert!(settings.is_some(), "{:?}", state.entries[0]);

    // Resume of the run is resume of its entry.
    desktop.resume_run("long").unwrap();
    eventually("it goes on", || {
        desktop.runs.get("long").filter(|run| run.step > before)
    })
    .await;
    // Stopped for good, it is off the list, and stays a run that can be continued.
    desktop.runs.stop("long").unwrap();
    assert_eq!(finished(&desktop, "long").await.status, RunStatus::Stopped);
    eventually("it is off the list", || {
        names(&desktop).is_empty().then_some(())
    })
    .await;
    eventually("nothing is left", || (!desktop.is_busy()).then_some(())).await;
    assert_eq!(
        desktop.resume_run("long").unwrap().status,
        RunStatus::Running
    );
    desktop.runs.kill("long").unwrap();
    finished(&desktop, "long").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_next_window_goes_on_and_asks_first_if_the_person_closed_it() {
    let Some(real) = Real::new() else { return };
    let desktop = real.with_data();
    let long = begin(&desktop, &request("Long", LONG, Often::Once));
    enqueue(&desktop, &request("Next", LONG, Often::Once));
    enqueue(&desktop, &request("Last", 1, Often::Once));
    trains(&desktop, &long).await;
    // Closed over a run and the queue: both stop, and nothing more begins.
    tokio::join!(desktop.queue.stop(), desktop.runs.stop_all());
    assert_eq!(names(&desktop), ["Next", "Last"]);
    assert_eq!(desktop.runs.living(), []);
    drop(desktop);

    let desktop = real.open();
    let state = desktop.queue.state();
    assert!(state.asks);
    assert_eq!(state.entries.len(), 2);
    assert!(!desktop.is_busy(), "it waits for an answer");
    desktop.queue.resume(None).unwrap();
    assert!(!desktop.queue.state().asks);
    eventually("it goes on", || desktop.runs.get("next")).await;
    trains(&desktop, "next").await;

    // The window is killed: the queue does not need it, and the next one follows what it does.
    drop(desktop);
    let desktop = real.open();
    assert!(!desktop.queue.state().asks);
    trains(&desktop, "next").await;
    desktop.runs.stop("next").unwrap();
    finished(&desktop, "next").await;
    eventually("the last one has its turn", || desktop.runs.get("last")).await;
    assert_eq!(finished(&desktop, "last").await.status, RunStatus::Finished);
}

#[tokio::test(flavor = "multi_thread")]
async fn one_that_fails_is_reported_and_holds_up_nobody() {
    let Some(real) = Real::new() else { return };
    let desktop = real.with_data();
    let long = begin(&desktop, &request("Long", LONG, Often::Once));
    enqueue(&desktop, &request("Broken", 1, Often::Once));
    enqueue(&desktop, &request("Good", 1, Often::Once));
    trains(&desktop, &long).await;
    let config = real.home().join("runs/.records/broken.config.json");
    let text = fs::read_to_string(&config).unwrap();
    fs::write(&config, text.replace("train.jsonl", "gone.jsonl")).unwrap();
    desktop.runs.stop(&long).unwrap();
    eventually("the good one has its turn", || desktop.runs.get("good")).await;
    assert_eq!(finished(&desktop, "good").await.status, RunStatus::Finished);
    let broken = finished(&desktop, "broken").await;
    assert_eq!(broken.status, RunStatus::Failed);
    let failure = broken.failure.unwrap();
    assert!(failure.message.contains("gone.jsonl"), "{failure:?}");
    eventually("both are off the list", || {
        names(&desktop).is_empty().then_some(())
    })
    .await;

    // A list that is damaged is shown as such, and stops nothing else.
    fs::write(real.home().join("queue/plan.jsonl"), "{\"name\": 1}\n").unwrap();
    let state = desktop.queue.state();
    assert!(state.entries.is_empty());
    assert!(state.failure.unwrap().message.contains("plan.jsonl"));
    begin(&desktop, &request("Other", 1, Often::Once));
    finished(&desktop, "other").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_plan_counts_windows_and_what_augmentation_and_resampling_make_of_them() {
    use tagsmith_desktop::dto::{PlanRequest, Resampling};
    let Some(real) = Real::new() else { return };
    let desktop = std::sync::Arc::new(real.with_data());
    let set = desktop.data.get("notes").unwrap();
    let train = set
        .check
        .files
        .iter()
        .find(|file| file.split == "train")
        .unwrap();
    let documents = u32::try_from(train.documents).unwrap();
    assert_eq!(documents, 24);
    let plan = async |change: fn(&mut PlanRequest)| {
        let mut wanted = request("x", 2, Often::Once);
        wanted.settings.max_length = 8;
        wanted.settings.augment = Some(0.0);
        wanted.settings.resampling = Some(Resampling::None);
        let mut asked = PlanRequest {
            settings: wanted.settings,
            model: "tiny".into(),
            hidden_size: 32,
            embeds_sentences: false,
            data: "notes".into(),
            documents,
            has_dev: true,
            often: Often::Once,
        };
        change(&mut asked);
        let desktop = desktop.clone();
        tokio::task::spawn_blocking(move || desktop.plan(&asked))
            .await
            .unwrap()
    };
    let short = plan(|_| {}).await;
    assert!(short.is_counted);
    let whole = plan(|asked| asked.settings.max_length = 32).await;
    assert_eq!(
        (whole.windows, whole.steps),
        (24, 12),
        "a window each, 4 at once, twice"
    );
    assert!(short.windows >= whole.windows);
    // Half as many again; those with the rarer label, PER in 8 of 24, more often.
    let more = plan(|asked| {
        asked.settings.max_length = 32;
        asked.settings.augment = Some(0.5);
    })
    .await;
    assert_eq!(more.windows, 36);
    // What is left open: as many again, and the rarer label more often. The threshold is the median of 1/3 and
    // 2/3, by hand 2 · (8 · √(0.5 / (1/3)) + 16) = 51.6.
    let open = plan(|asked| {
        asked.settings.max_length = 32;
        (asked.settings.augment, asked.settings.resampling) = (None, None);
    })
    .await;
    assert_eq!((open.windows, open.steps), (52, 26));
    let rare = plan(|asked| {
        asked.settings.max_length = 32;
        asked.settings.resampling = Some(Resampling::RepeatFactor);
        asked.settings.resampling_threshold = Some(0.9);
    })
    .await;
    // By hand: 8 · √(0.9 / (1/3)) + 16 · √(0.9 / (2/3)) = 13.145 + 18.590.
    assert_eq!(rare.windows, 32);
    let seeds = plan(|asked| {
        asked.often = Often::Seeds {
            seeds: 5,
            combine: None,
        }
    })
    .await;
    assert_eq!((seeds.runs, seeds.steps), (5, short.steps));
    let search = plan(|asked| {
        asked.settings = tagsmith_desktop::dto::TrainSettings::default();
        asked.often = Often::Search {
            trials: 12,
            space: Vec::new(),
        };
    })
    .await;
    // 12 short runs, the default and the best three others, it and the best of these, twice three seeds.
    assert_eq!(search.runs, 12 + 4 + 2 + 6);
    let settings: Vec<&str> = search
        .space
        .iter()
        .map(|range| range.setting.as_str())
        .collect();
    assert!(settings.contains(&"learning_rate") && settings.contains(&"dropout"));
    // Without a model there is nothing to count with.
    let unknown = plan(|asked| asked.model = "nowhere".into()).await;
    assert_eq!((unknown.is_counted, unknown.windows), (false, 24));
}

#[test]
fn a_list_of_mentions_is_shown_or_refused_with_its_line() {
    use tagsmith_desktop::data::mentions;
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("list.tsv");
    let listed = |text: &str| {
        fs::write(&path, text).unwrap();
        let mut settings = crate::real::settings(1);
        settings.augment_mentions = Some(path.clone());
        mentions(&settings, None)
    };
    let list = listed("CITY\tOslo\nPER\tAda\nCITY\tNew York\n").unwrap();
    assert_eq!(list.mentions, 3);
    assert_eq!(
        (list.labels[0].label.as_str(), list.labels[0].mentions),
        ("CITY", 2)
    );
    assert_eq!(list.labels[0].examples, ["Oslo", "New York"]);
    let failure = listed("CITY\tOslo\nAda\nBob\n").unwrap_err();
    assert!(
        failure.message.starts_with("line 2: found 1 columns"),
        "{failure:?}"
    );
    assert!(
        failure.message.ends_with("and 1 more line is wrong"),
        "{failure:?}"
    );
    assert!(failure.hint.unwrap().contains("a tab"));
    assert_eq!(listed("\n\n").unwrap_err().code, "data");
    fs::remove_file(&path).unwrap();
    let mut settings = crate::real::settings(1);
    settings.augment_mentions = Some(path.clone());
    assert!(
        mentions(&settings, None)
            .unwrap_err()
            .message
            .contains("list.tsv")
    );
}
