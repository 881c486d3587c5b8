//! Pictures of every screen with real content, light and dark; `scripts/screenshots` asks for them.

use crate::desk::{Desk, Setup, on_a_desk};
use crate::hands::{id, screen, tab};
use crate::journey::start_a_run;
use std::path::{Path, PathBuf};

/// Takes what stands on the screen, once nothing moves any more and nothing is pointed at.
async fn take(desk: &Desk, folder: &Path, name: &str) {
    desk.xdotool(&["mousemove", "700", "799"]);
    desk.ask("document.activeElement?.blur(); return 0").await;
    // What has just happened is said for some seconds, and is no part of a screen.
    let still = "return !document.querySelector('.spin, .toast.success') && document.getAnimations().every((one) => \
                 one.playState !== 'running' || one.effect.getTiming().iterations === Infinity)";
    desk.await_that("a page that has loaded and rests", 60, async |desk| {
        desk.ask(still).await == true
    })
    .await;
    // Whose home folder it is, nobody needs to know.
    if let Ok(home) = std::env::var("HOME") {
        let shorten = format!(
            "for (const one of document.querySelectorAll('dd')) one.textContent = \
             one.textContent.replace({home:?}, '~'); return 0"
        );
        desk.ask(&shorten).await;
    }
    let path = folder.join(format!("{name}.png"));
    let picture = desk.page().screenshot_as_png().await.unwrap();
    std::fs::write(path, picture).unwrap();
}

async fn take_all(desk: &Desk, folder: &Path, look: &str) {
    for name in [
        "models",
        "data",
        "train",
        "results",
        "highlight",
        "settings",
    ] {
        desk.press(&screen(name)).await;
        match name {
            "models" => drop(
                desk.await_xpath("//*[contains(.,'BERT large, cased')]")
                    .await,
            ),
            "data" => {
                desk.press(&tab("overview")).await;
                desk.await_xpath("//h2[@id='labels']").await;
            }
            "train" => {
                desk.press(&id("run-support-tickets")).await;
                desk.await_xpath("//canvas").await;
            }
            "results" => desk.press(&tab("scores")).await,
            "highlight" => drop(desk.await_xpath("//*[contains(@class,'mark')]").await),
            _ => {}
        }
        take(desk, folder, &format!("{name}-{look}")).await;
    }
}

async fn wear(desk: &Desk, theme: &str) {
    desk.press(&screen("settings")).await;
    desk.press(&id(&format!("theme-{theme}"))).await;
}

#[test]
#[ignore = "makes pictures; see scripts/screenshots"]
fn pictures() {
    let folder = std::env::var_os("TAGSMITH_PICTURES").expect("TAGSMITH_PICTURES names a folder");
    let folder = PathBuf::from(folder);
    let more = folder.join("more");
    std::fs::create_dir_all(&more).unwrap();
    let setup = Setup {
        seconds: 900,
        ..Setup::default()
    };
    on_a_desk("pictures", setup, async |desk| {
        desk.start().await;
        take(desk, &more, "first-start").await;
        start_a_run(desk, "8").await;
        desk.await_step(150, 400).await;
        take(desk, &more, "training").await;
        desk.await_that("the run has ended", 400, async |desk| {
            desk.engines().is_empty() && desk.has(&id("run-results")).await
        })
        .await;
        desk.press(&screen("results")).await;
        desk.press(&tab("confusion")).await;
        take(desk, &more, "confusion").await;
        desk.press(&tab("errors")).await;
        take(desk, &more, "mistakes").await;
        desk.press(&screen("data")).await;
        desk.press(&tab("documents")).await;
        desk.await_xpath("//mark").await;
        take(desk, &more, "documents").await;
        // As long as the first steps are followed, an example is there at once.
        desk.press(&screen("highlight")).await;
        desk.await_xpath("//*[contains(@class,'mark')]").await;
        desk.press(&id("guide-finish")).await;

        wear(desk, "light").await;
        take_all(desk, &folder, "light").await;
        wear(desk, "dark").await;
        take_all(desk, &folder, "dark").await;

        desk.page().set_window_rect(0, 0, 1024, 700).await.unwrap();
        wear(desk, "light").await;
        take_all(desk, &more, "1024").await;
        desk.page().set_window_rect(0, 0, 1280, 800).await.unwrap();
        let preferences = desk.library().join("preferences.json");
        let text = std::fs::read(&preferences).unwrap();
        let mut wishes: serde_json::Value = serde_json::from_slice(&text).unwrap();
        wishes["text_scale"] = 2.0.into();
        desk.kill_window().await;
        std::fs::write(&preferences, wishes.to_string()).unwrap();
        desk.start().await;
        desk.press(&screen("highlight")).await;
        desk.press(&id("highlight-example")).await;
        take_all(desk, &more, "large").await;
    });
}
