//! Runs outlive the window; an engine that dies is reported, and its run can be resumed.

use crate::desk::{Desk, Setup, on_a_desk, signal};
use crate::hands::{id, screen};
use crate::journey::start_a_run;
use crate::tools::lines_of;

/// How many events the run has written.
fn written(desk: &Desk) -> usize {
    lines_of(&desk.library().join("runs/support-tickets/events.jsonl")).len()
}

async fn open_the_run(desk: &Desk) {
    desk.press(&screen("train")).await;
    desk.press(&id("run-support-tickets")).await;
}

async fn stop_the_run(desk: &Desk) {
    desk.press(&id("run-stop")).await;
    desk.await_that("the run is stopped", 120, async |desk| {
        desk.has(&id("run-resume")).await && desk.engines().is_empty()
    })
    .await;
}

#[test]
fn a_run_outlives_a_killed_window_and_is_found_again() {
    on_a_desk("found-again", Setup::default(), async |desk| {
        desk.start().await;
        start_a_run(desk, "20").await;
        desk.await_step(2, 90).await;
        let engine = desk.engines();
        assert_eq!(engine.len(), 1);
        desk.kill_window().await;
        assert_eq!(desk.engines(), engine, "the run does not need the window");
        let before = written(desk);
        desk.await_that("the run goes on alone", 60, async |desk| {
            written(desk) > before + 2
        })
        .await;

        desk.start().await;
        open_the_run(desk).await;
        desk.await_xpath(&id("run-stop")).await;
        desk.await_step(2, 60).await;
        let (step, _) = desk.step().await.unwrap();
        desk.await_step(step + 3, 60).await;
        stop_the_run(desk).await;
    });
}

#[test]
fn an_engine_that_dies_is_told_and_its_run_goes_on() {
    on_a_desk("killed-engine", Setup::default(), async |desk| {
        desk.start().await;
        start_a_run(desk, "20").await;
        // Once before there is any checkpoint, once after the one at the end of the first epoch.
        for (least, resumed_at) in [(3, 0), (44, 40)] {
            desk.await_step(least, 120).await;
            for engine in desk.engines() {
                signal("KILL", engine);
            }
            desk.await_words("This run failed at step", 30).await;
            let reported = desk.await_xpath(&id("run-failed")).await;
            let reported = reported.text().await.unwrap();
            assert!(reported.contains("it was killed"), "{reported}");
            assert!(reported.contains("memory ran out"), "a hint: {reported}");
            assert!(desk.engines().is_empty());
            desk.press(&id("run-resume")).await;
            desk.await_xpath(&id("run-stop")).await;
            desk.await_that("it goes on", 60, async |desk| {
                desk.step().await.is_some_and(|(step, _)| step > resumed_at)
            })
            .await;
        }
        let (step, _) = desk.step().await.unwrap();
        assert!(step > 40, "the checkpoint was used");
        stop_the_run(desk).await;

        // Stopped while it gets ready to go on, which clears what earlier sessions were asked.
        desk.press(&id("run-resume")).await;
        stop_the_run(desk).await;
    });
}

#[test]
fn closing_during_a_run_asks_what_becomes_of_it() {
    on_a_desk("closing", Setup::default(), async |desk| {
        desk.start().await;
        start_a_run(desk, "20").await;
        desk.await_step(2, 90).await;
        desk.ask_to_close().await;
        desk.await_words("Close Tagsmith?", 20).await;
        desk.press(&id("close-cancel")).await;
        desk.await_that("the question is gone", 10, async |desk| {
            !desk.has(&id("close-cancel")).await
        })
        .await;
        let (step, _) = desk.step().await.unwrap();
        desk.await_step(step + 2, 60).await;
        assert_eq!(desk.programs().len(), 1, "cancelled is cancelled");

        desk.ask_to_close().await;
        desk.press_last(&id("close-keep")).await;
        desk.await_that("the window is closed", 30, async |desk| {
            desk.programs().is_empty()
        })
        .await;
        let before = written(desk);
        desk.await_that("the run goes on", 60, async |desk| {
            desk.engines().len() == 1 && written(desk) > before + 2
        })
        .await;

        desk.start().await;
        open_the_run(desk).await;
        desk.await_step(2, 60).await;
        desk.ask_to_close().await;
        desk.press_last(&id("close-stop")).await;
        desk.await_that("window and run have ended", 120, async |desk| {
            desk.programs().is_empty() && desk.engines().is_empty()
        })
        .await;

        desk.start().await;
        open_the_run(desk).await;
        desk.await_xpath(&id("run-resume")).await;
    });
}
