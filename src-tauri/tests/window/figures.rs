//! Figures that the project shows; `scripts/screenshots --figures` prints them.

use crate::desk::{Desk, Setup, on_a_desk};
use crate::hands::{id, screen};
use std::fmt::Write as _;
use std::path::Path;
use std::time::{Duration, Instant};
use tokio::time::sleep;

/// A dev F1, of a hundred, with which a model is worth looking at.
const WORTHWHILE: f64 = 60.0;

fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    values[values.len() / 2]
}

/// Resident and proportional memory of all processes of the window, in MiB.
fn memory(desk: &Desk) -> (f64, f64) {
    let field = |pid: i32, name: &str| -> f64 {
        let text = std::fs::read_to_string(format!("/proc/{pid}/smaps_rollup"));
        let text = text.unwrap_or_default();
        let line = text.lines().find(|line| line.starts_with(name));
        let kib = line.and_then(|line| line.split_whitespace().nth(1)?.parse().ok());
        kib.unwrap_or(0.0) / 1024.0
    };
    let parts = desk.window_processes();
    let sum = |name: &str| parts.iter().map(|pid| field(*pid, name)).sum();
    (sum("Rss:"), sum("Pss:"))
}

/// Milliseconds from each start to its first picture.
fn first_pictures(desk: &Desk) -> Vec<f64> {
    let log = desk.log();
    let pictures = log.iter().filter_map(|line| {
        let (_, rest) = line.split_once("first picture after ")?;
        rest.split_whitespace().next()?.parse().ok()
    });
    pictures.collect()
}

#[test]
#[ignore = "measures; see scripts/screenshots --figures"]
fn figures() {
    let setup = Setup {
        seconds: 1500,
        ..Setup::default()
    };
    on_a_desk("figures", setup, async |desk| {
        for start in 1..=5 {
            desk.start().await;
            desk.await_that("the first picture", 20, async |desk| {
                first_pictures(desk).len() == start
            })
            .await;
            desk.kill_window().await;
        }
        let pictures = first_pictures(desk);
        println!(
            "start to first picture: {} ms, median of {pictures:?}",
            median(pictures.clone())
        );

        let began = Instant::now();
        desk.start().await;
        // Memory falls for some seconds after the start; what is measured is what it comes to.
        let paused = Duration::from_secs(8);
        sleep(paused).await;
        let (resident, proportional) = memory(desk);
        println!(
            "idle memory of the window and its web view: {resident:.0} MiB resident, {proportional:.0} MiB proportional"
        );

        let mut clicks = 0;
        for name in ["guide-starter", "guide-sample", "run-start"] {
            desk.press(&id(name)).await;
            clicks += 1;
        }
        let best = "return [...document.querySelectorAll('.tiles div')]\
                    .find((one) => one.textContent.startsWith('Best dev F1'))?.querySelector('dd').textContent";
        desk.await_that("a dev F1 worth a look", 900, async |desk| {
            let reported = desk.ask(best).await;
            reported
                .as_str()
                .and_then(|f1| f1.parse().ok())
                .is_some_and(|f1: f64| f1 >= WORTHWHILE)
        })
        .await;
        let f1 = desk.ask(best).await;
        let epoch = desk
            .ask("return document.querySelector('.tiles dd').textContent")
            .await;
        desk.press(&id("run-stop")).await;
        clicks += 1;
        desk.await_that("it is stopped", 120, async |desk| desk.engines().is_empty())
            .await;
        // An example is there at once, as long as the guide is followed.
        desk.press(&id("guide-next")).await;
        clicks += 1;
        desk.await_xpath("//*[contains(@class,'mark')]").await;
        println!(
            "first start to first entity: {clicks} clicks, {:.0} s; default settings, stopped after epoch {epoch} at dev F1 {f1}",
            (began.elapsed() - paused).as_secs_f64()
        );

        let watch = r"
            const area = document.querySelector('textarea');
            const pane = document.querySelector('[data-testid=model-pane]');
            window.took = [];
            let pressed = 0;
            area.addEventListener('input', () => { pressed = performance.now(); }, { capture: true });
            new MutationObserver(() => {
                if (!pressed || pane.querySelector('.waiting') || !pane.querySelector('.mark')) return;
                const last = area.value.trimEnd().split('\n').pop();
                const words = [...pane.querySelectorAll('.text')].pop().cloneNode(true);
                words.querySelectorAll('.label').forEach((one) => one.remove());
                if (words.textContent.trimEnd() !== last) return;
                window.took.push(performance.now() - pressed);
                pressed = 0;
            }).observe(pane, { childList: true, subtree: true, characterData: true, attributes: true });
            area.focus();
            area.setSelectionRange(area.value.length, area.value.length);
            return 0";
        desk.ask(watch).await;
        let area = desk.await_xpath(&id("highlight-text")).await;
        for (answered, key) in ["a", "b", "c", "d", "e", "f", "g"].into_iter().enumerate() {
            area.send_keys(key).await.unwrap();
            desk.await_that("the highlights of the new text", 10, async |desk| {
                desk.ask("return window.took.length").await == answered + 1
            })
            .await;
        }
        let took = desk.ask("return window.took").await;
        let took: Vec<f64> = serde_json::from_value(took).unwrap();
        println!(
            "keystroke to highlight: {:.0} ms, median of {took:.0?}",
            median(took.clone())
        );
    });
}

/// How long processor time is measured.
const MEASURED: Duration = Duration::from_secs(6);

/// Processor time that processes have taken, in seconds.
fn processor(pids: &[i32]) -> f64 {
    let ticks = |pid: &i32| -> f64 {
        let text = std::fs::read_to_string(format!("/proc/{pid}/stat")).unwrap_or_default();
        let rest = text.rsplit(')').next().unwrap_or_default();
        let field = |at: usize| rest.split_whitespace().nth(at)?.parse::<f64>().ok();
        field(11).unwrap_or(0.0) + field(12).unwrap_or(0.0)
    };
    // Linux reports hundredths of a second, whatever its clock is.
    pids.iter().map(ticks).sum::<f64>() / 100.0
}

#[test]
#[ignore = "measures; see scripts/screenshots --figures"]
fn figures_while_a_run_trains() {
    on_a_desk("figures-training", Setup::default(), async |desk| {
        desk.start().await;
        for name in ["guide-starter", "guide-sample", "run-start"] {
            desk.press(&id(name)).await;
        }
        desk.await_words("Best dev F1", 60).await;
        for shown in ["train", "models", "highlight"] {
            desk.press(&screen(shown)).await;
            sleep(Duration::from_secs(3)).await;
            let (window, engine) = (desk.window_processes(), desk.engines());
            let before = [processor(&window), processor(&engine)];
            sleep(MEASURED).await;
            let took = |pids: &[i32], before: f64| processor(pids) - before;
            let (window, engine) = (took(&window, before[0]), took(&engine, before[1]));
            println!(
                "while a run trains, {shown} shown: the window takes {:.2} of the training's processor time",
                window / engine
            );
        }
        desk.press(&screen("train")).await;
        desk.press(&id("run-stop")).await;
    });
}

/// Labelled texts of the sample, as a file of one's own.
const OWN_DOCUMENTS: usize = 100;
/// A page has about so many words, and so many of them are pasted.
const WORDS_ON_A_PAGE: usize = 460;
const PAGES: usize = 50;

/// The texts of the sample over and over, each with a number, so that no answer is known already.
fn pages(texts: &[String]) -> String {
    let mut pages = String::new();
    let (mut words, mut number) = (0, 0);
    for text in texts.iter().cycle() {
        if words >= WORDS_ON_A_PAGE * PAGES {
            break;
        }
        number += 1;
        let _ = writeln!(pages, "{text} This was number {number}.");
        words += text.split_whitespace().count() + 4;
    }
    pages
}

#[test]
#[ignore = "measures; see scripts/screenshots --figures"]
fn figures_with_a_file_of_ones_own() {
    let sample =
        Path::new(env!("CARGO_MANIFEST_DIR")).join("../assets/samples/support-tickets/train.jsonl");
    let sample = std::fs::read_to_string(sample).unwrap();
    let texts: Vec<String> = sample
        .lines()
        .map(|line| serde_json::from_str::<serde_json::Value>(line).unwrap())
        .map(|record| record["text"].as_str().unwrap().replace('\n', " "))
        .collect();
    let folder = tempfile::tempdir().unwrap();
    let own = folder.path().join("tickets.jsonl");
    let lines: Vec<&str> = sample.lines().take(OWN_DOCUMENTS).collect();
    std::fs::write(&own, lines.join("\n")).unwrap();
    let long = folder.path().join("pages.txt");
    let text = pages(&texts);
    std::fs::write(&long, &text).unwrap();
    let setup = Setup {
        seconds: 1500,
        pick: Some(vec![own, long]),
        ..Setup::default()
    };
    on_a_desk("figures-own-file", setup, async |desk| {
        let began = Instant::now();
        desk.start().await;
        let mut clicks = 0;
        for name in [
            "guide-starter",
            "import-open",
            "import-confirm",
            "guide-next",
            "run-start",
        ] {
            desk.press(&id(name)).await;
            clicks += 1;
        }
        let started = began.elapsed();
        desk.await_xpath(&id("run-stop")).await;
        desk.await_that("the run is over", 900, async |desk| {
            desk.engines().is_empty()
        })
        .await;
        let trained = began.elapsed();
        desk.press(&id("guide-next")).await;
        clicks += 1;
        desk.await_xpath("//*[contains(@class,'mark')]").await;
        println!(
            "a file with {OWN_DOCUMENTS} labelled texts, from first start to first entity: {clicks} clicks and the \
             system's dialog; training began after {:.0} s and ended after {:.0} s, first entity after {:.0} s",
            started.as_secs_f64(),
            trained.as_secs_f64(),
            began.elapsed().as_secs_f64()
        );

        let done = r"
            const pane = document.querySelector('[data-testid=model-pane]');
            return !pane.querySelector('[role=progressbar]') && !pane.querySelector('.waiting')";
        desk.press(&id("highlight-open")).await;
        let opened = Instant::now();
        desk.await_that("the reading has begun", 20, async |desk| {
            desk.ask(done).await == false
        })
        .await;
        desk.await_that("all entities", 300, async |desk| {
            desk.ask(done).await == true
        })
        .await;
        println!(
            "{PAGES} pages ({} words): all entities after {:.1} s",
            text.split_whitespace().count(),
            opened.elapsed().as_secs_f64()
        );
    });
}
