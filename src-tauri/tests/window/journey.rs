//! The whole way: the starter, the sample, a run, its scores, highlights at the right places.

use crate::desk::{Desk, Setup, on_a_desk};
use crate::hands::{id, screen, tab, text};
use serde_json::Value;
use std::collections::BTreeSet;
use std::path::Path;
use thirtyfour::prelude::*;

/// Letters of one, two, three and four bytes before and between what is to be found.
const TEXT: &str = "🎉 Grüße aus Köln 👩‍💻! Since Tuesday the export dialog of Lumen Desk 4.2.1 shows \
                    E-1042 – naïve café 日本語 –, says Priya Raghunathan of Hollins Bay College.";

/// Starts a run on the starter and the sample by the first steps. With settings that learn something
/// in a few steps.
pub async fn start_a_run(desk: &Desk, epochs: &str) {
    desk.press(&id("guide-starter")).await;
    desk.press(&id("guide-sample")).await;
    desk.await_xpath(&id("run-start")).await;
    desk.fill(&id("setting-epochs"), epochs).await;
    desk.fill(&id("setting-batch_size"), "8").await;
    desk.fill(&id("setting-learning_rate"), "0.0006").await;
    desk.press(&id("run-start")).await;
    desk.await_xpath(&id("run-stop")).await;
}

/// What is marked on the page: from, to, label; in UTF-16 units of the text.
pub async fn marks(desk: &Desk) -> BTreeSet<(u64, u64, String)> {
    let script = r"
        const found = [];
        let at = 0;
        const walk = (node, label) => {
            if (node.nodeType === Node.TEXT_NODE) { at += node.data.length; return; }
            if (node.classList?.contains('label')) return;
            if (!node.classList?.contains('mark')) { node.childNodes.forEach(walk); return; }
            const from = at;
            node.childNodes.forEach(walk);
            found.push([from, at, node.querySelector('.label').textContent.trim()]);
        };
        document.querySelectorAll('[data-testid=model-pane] .text').forEach((one) => { walk(one); });
        return found;";
    let found = desk.ask(script).await;
    let rows = found.as_array().cloned().unwrap_or_default();
    rows.iter()
        .map(|row| {
            let number = |place: usize| row[place].as_u64().unwrap();
            (number(0), number(1), row[2].as_str().unwrap().to_owned())
        })
        .collect()
}

/// What the engine finds in the same text, in the same units.
fn tagged(desk: &Desk, model: &Path, text: &str) -> BTreeSet<(u64, u64, String)> {
    let file = desk.folder().join("text.txt");
    std::fs::write(&file, text).unwrap();
    let mut command = desk.command(desk.engine());
    let output = command
        .args(["tag", "--model"])
        .arg(model)
        .arg("--whole")
        .arg(&file)
        .output()
        .unwrap();
    let reported = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{reported}");
    let answer: Value = serde_json::from_slice(&output.stdout).unwrap();
    let units = |characters: &Value| {
        let before = text.chars().take(characters.as_u64().unwrap() as usize);
        before.map(char::len_utf16).sum::<usize>() as u64
    };
    let entities = answer["entities"].as_array().unwrap().iter();
    entities
        .map(|entity| {
            let label = entity["label"].as_str().unwrap().to_owned();
            (units(&entity["start"]), units(&entity["end"]), label)
        })
        .collect()
}

#[test]
fn from_the_first_start_to_the_first_highlight() {
    on_a_desk("journey", Setup::default(), async |desk| {
        desk.start().await;
        start_a_run(desk, "3").await;

        // The picture moves while it trains.
        let picture = "return document.querySelector('canvas')?.toDataURL() ?? ''";
        desk.await_step(2, 90).await;
        let before = desk.ask(picture).await;
        let (step, steps) = desk.step().await.unwrap();
        assert_eq!(
            steps, 267,
            "320 documents and as many variants, some twice: 712 windows, 8 at once, 3 epochs"
        );
        desk.await_step(step + 10, 90).await;
        let after = desk.ask(picture).await;
        assert!(after.as_str().unwrap().len() > 500, "there is a chart");
        assert_ne!(before, after, "the chart has moved");

        // Into the second epoch, so that there is something to keep.
        desk.await_step(100, 180).await;
        desk.press(&id("run-stop")).await;
        desk.await_that("the run is stopped", 120, async |desk| {
            desk.has(&id("run-resume")).await
        })
        .await;

        desk.press(&id("run-results")).await;
        desk.press(&tab("scores")).await;
        for label in [
            "Overall",
            "Macro average",
            "PRODUCT",
            "ERROR_CODE",
            "PERSON",
        ] {
            desk.await_xpath(&text(label)).await;
        }
        let report = desk.library().join("runs/support-tickets/report.json");
        let report: Value = serde_json::from_slice(&std::fs::read(report).unwrap()).unwrap();
        assert!(report.is_object());

        desk.press(&screen("highlight")).await;
        desk.paste(&id("highlight-text"), TEXT).await;
        let run = desk.library().join("runs/support-tickets/model");
        let expected = tagged(desk, &run, TEXT);
        assert!(!expected.is_empty(), "the model has learned nothing at all");
        // Of so short a run, much is less certain than what is shown at first.
        let threshold = desk.await_xpath(&id("threshold")).await;
        threshold.send_keys(Key::Home + "").await.unwrap();
        desk.await_that("the engine's entities are on the page", 60, async |desk| {
            marks(desk).await == expected
        })
        .await;
        // The words under the marks are those of the text, whatever stands before them.
        let marked = desk
            .ask("return [...document.querySelectorAll('[data-testid=model-pane] .mark .words')].map((one) => one.textContent)")
            .await;
        let units: Vec<u16> = TEXT.encode_utf16().collect();
        let words: Vec<Value> = expected
            .iter()
            .map(|(from, to, _)| {
                String::from_utf16(&units[*from as usize..*to as usize])
                    .unwrap()
                    .into()
            })
            .collect();
        assert_eq!(marked, Value::Array(words));
        // The legend names kinds of entities, not the tags behind them.
        let legend =
            "return [...document.querySelectorAll('aside .swatch')].map((one) => one.textContent)";
        let legend = desk.ask(legend).await;
        let labels = [
            "COMPONENT",
            "DATE",
            "ERROR_CODE",
            "ORG",
            "PERSON",
            "PRODUCT",
            "VERSION",
        ];
        assert_eq!(legend, serde_json::json!(labels));
        desk.press(&id("guide-finish")).await;
    });
}
