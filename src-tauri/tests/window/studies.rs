//! Several seeds from one button to the run that is kept, and a queue that asks before it goes on.

use crate::desk::{Desk, Setup, on_a_desk};
use crate::hands::{id, screen, tab, text};
use std::fs;
use std::path::Path;
use tagsmith_testing::{json, tiny};

/// An option of a list.
fn option(value: &str) -> String {
    format!("//option[@value='{value}']")
}

/// A library with a tiny model, and the sample; Train with a run that takes seconds.
async fn tiny_run(desk: &mut Desk, epochs: &str) {
    let model = desk.library().join("models/tiny");
    fs::create_dir_all(&model).unwrap();
    copy(&tiny("bert-no-prefix"), &model);
    desk.start().await;
    desk.press(&id("guide-starter")).await;
    desk.press(&id("guide-sample")).await;
    desk.await_xpath(&id("run-start")).await;
    desk.press(&option("tiny")).await;
    desk.fill(&id("setting-epochs"), epochs).await;
    desk.fill(&id("setting-learning_rate"), "0.003").await;
}

fn copy(from: &Path, to: &Path) {
    for file in fs::read_dir(from).unwrap().flatten() {
        fs::copy(file.path(), to.join(file.file_name())).unwrap();
    }
}

#[test]
fn several_seeds_end_in_a_mean_and_a_run_like_any_other() {
    on_a_desk("seeds", Setup::default(), async |desk| {
        tiny_run(desk, "2").await;
        // What it will do is said before it starts.
        desk.await_xpath(&id("run-plan")).await;
        desk.press(&option("seeds")).await;
        desk.press(&id("run-start")).await;
        desk.await_xpath(&id("study-stop")).await;
        desk.await_that("the middle run is kept", 180, async |desk| {
            desk.has(&id("study-results")).await
        })
        .await;
        let studies = desk.library().join("studies");
        let seeds = json(&studies.join("support-tickets/seeds.json"));
        let middle = seeds["middle"].as_u64().unwrap();
        let scored = |run: &serde_json::Value| run["seed"] == middle;
        let runs = seeds["runs"].as_array().unwrap();
        assert_eq!(runs.len(), 3);
        let dev = runs.iter().find(|run| scored(run)).unwrap()["dev_f1"].as_f64();
        desk.await_xpath(&text(&format!("{:.1}", dev.unwrap() * 100.0)))
            .await;

        desk.press(&id("study-results")).await;
        desk.press(&tab("scores")).await;
        desk.await_xpath(&text("Macro average")).await;
        desk.await_words(&format!("Support tickets, seed {middle}"), 20)
            .await;
        let kept = desk.library().join("runs/support-tickets");
        assert!(kept.join("model/model.safetensors").is_file());
        // Before Highlight, which loads its model ahead.
        desk.await_that("no engine is left", 20, async |desk| {
            desk.engines().is_empty()
        })
        .await;
        desk.press(&screen("highlight")).await;
        desk.await_xpath(&option("support-tickets")).await;
    });
}

#[test]
fn a_queue_that_was_closed_asks_and_goes_on() {
    on_a_desk("queue", Setup::default(), async |desk| {
        tiny_run(desk, "300").await;
        desk.press(&id("run-start")).await;
        desk.await_step(2, 90).await;
        desk.press("//nav//button[.//span[normalize-space()='New run']]")
            .await;
        desk.fill(&id("setting-epochs"), "1").await;
        desk.press(&id("run-start")).await;
        desk.await_xpath(&id("queue-train-1")).await;

        desk.ask_to_close().await;
        desk.press_last(&id("close-stop")).await;
        desk.await_that("window and run have ended", 120, async |desk| {
            desk.programs().is_empty() && desk.engines().is_empty()
        })
        .await;
        desk.start().await;
        desk.press(&id("queue-go-on")).await;
        let report = desk.library().join("runs/support-tickets-2/report.json");
        desk.await_that("what waited is done", 120, async |desk| {
            report.is_file() && desk.engines().is_empty()
        })
        .await;
        desk.press(&screen("train")).await;
        desk.press(&id("run-support-tickets-2")).await;
        desk.await_xpath(&id("run-results")).await;
    });
}
