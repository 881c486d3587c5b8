//! Starts under odd circumstances: without a language, a second time; and what stays after one.

use crate::desk::{Setup, on_a_desk};
use crate::hands::{id, screen, tab};
use std::process::Stdio;
use thirtyfour::prelude::*;

#[test]
fn a_locale_without_language_does_not_blank_the_window() {
    let setup = Setup {
        lang: "C",
        ..Setup::default()
    };
    on_a_desk("locale", setup, async |desk| {
        desk.start().await;
        desk.await_words("Choose a model", 20).await;
        for name in [
            "Data",
            "Train",
            "Results",
            "Highlight",
            "Settings",
            "Models",
        ] {
            desk.press(&screen(&name.to_lowercase())).await;
            let title = format!("//main//h1[normalize-space(.)='{name}']");
            desk.await_xpath(&title).await;
        }
        let counts = desk
            .ask("return (1234.5).toLocaleString(navigator.language)")
            .await;
        assert_eq!(counts, "1,234.5");
    });
}

#[test]
fn a_second_start_on_the_same_library_is_refused_and_harms_nothing() {
    on_a_desk("second-start", Setup::default(), async |desk| {
        desk.start().await;
        desk.press(&id("guide-starter")).await;
        desk.press(&id("guide-sample")).await;
        desk.await_xpath(&id("run-start")).await;

        let mut second = desk
            .command(crate::desk::PROGRAM)
            .stdout(Stdio::null())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let pid = second.id().to_string();
        let search = ["search", "--onlyvisible", "--pid", pid.as_str()];
        desk.await_that("the message of the second", 30, async |desk| {
            desk.xdotool(&search).is_some()
        })
        .await;
        desk.await_that("its message can be closed", 20, async |desk| {
            for window in desk.xdotool(&search).unwrap_or_default().lines() {
                desk.xdotool(&["windowfocus", window]);
                desk.xdotool(&["key", "Return"]);
            }
            second.try_wait().unwrap().is_some()
        })
        .await;
        let output = second.wait_with_output().unwrap();
        let reported = String::from_utf8_lossy(&output.stderr);
        assert_eq!(output.status.code(), Some(1), "{reported}");
        assert!(reported.contains("another window works on"), "{reported}");
        assert!(!reported.contains("panicked"), "{reported}");

        // The message was the page's, in its language.
        let texts = std::fs::read_to_string(desk.library().join("system-texts.json")).unwrap();
        assert!(texts.contains("Tagsmith is already open for"), "{texts}");

        // The first goes on as if nothing had been.
        assert_eq!(desk.programs().len(), 1);
        desk.press(&screen("data")).await;
        desk.press(&tab("documents")).await;
        desk.await_xpath("//mark").await;
    });
}

#[test]
fn with_a_session_bus_a_second_start_ends_at_once_unless_its_library_is_another() {
    let setup = Setup {
        accessible: true,
        ..Setup::default()
    };
    on_a_desk("second-start-bus", setup, async |desk| {
        desk.start().await;
        desk.await_words("Choose a model", 20).await;
        let mut second = desk.command(crate::desk::PROGRAM).spawn().unwrap();
        desk.await_that("the second has ended", 30, async |_| {
            second.try_wait().unwrap().is_some()
        })
        .await;
        assert_eq!(second.wait().unwrap().code(), Some(0));
        assert_eq!(desk.programs().len(), 1);

        let elsewhere = tempfile::tempdir().unwrap();
        let mut other = desk
            .command(crate::desk::PROGRAM)
            .env("TAGSMITH_HOME", elsewhere.path())
            .spawn()
            .unwrap();
        let pid = other.id().to_string();
        let search = ["search", "--onlyvisible", "--pid", pid.as_str()];
        desk.await_that("the window of the other library", 30, async |desk| {
            desk.xdotool(&search).is_some()
        })
        .await;
        other.kill().unwrap();
        other.wait().unwrap();
    });
}

#[test]
fn the_theme_stays_and_diagnostics_hold_no_token() {
    const TOKEN: &str = "hf_aSecretThatNobodyMaySee";
    on_a_desk("settings", Setup::default(), async |desk| {
        desk.start().await;
        desk.press(&screen("settings")).await;
        desk.press(&id("theme-dark")).await;
        let theme = "return document.documentElement.dataset.theme ?? ''";
        desk.await_that("it is dark", 10, async |desk| {
            desk.ask(theme).await == "dark"
        })
        .await;
        desk.fill(&id("hub-token"), TOKEN).await;
        desk.press(&id("hub-token-save")).await;
        desk.await_words("A token is saved", 20).await;
        desk.ask_to_close().await;
        desk.await_that("it closes", 20, async |desk| desk.programs().is_empty())
            .await;

        desk.start().await;
        desk.await_that("it is dark again", 10, async |desk| {
            desk.ask(theme).await == "dark"
        })
        .await;
        desk.press(&screen("settings")).await;
        desk.await_words("A token is saved", 20).await;
        assert!(!desk.words().await.contains(TOKEN));
        desk.press(&id("copy-diagnostics")).await;
        desk.await_words("Copied to the clipboard.", 20).await;

        desk.press(&screen("models")).await;
        desk.press(&tab("search")).await;
        let search = desk.await_xpath(&id("hub-search")).await;
        search.click().await.unwrap();
        search.send_keys(Key::Control + "v").await.unwrap();
        let pasted = search.prop("value").await.unwrap().unwrap_or_default();
        for expected in [
            "Tagsmith 0.1.0",
            "system: linux",
            "web view: ",
            "device: cpu",
        ] {
            assert!(pasted.contains(expected), "no `{expected}` in: {pasted}");
        }
        let home = desk.folder().join("home").display().to_string();
        for secret in [TOKEN, home.as_str()] {
            assert!(!pasted.contains(secret), "`{secret}` in: {pasted}");
        }
        assert!(!desk.log().iter().any(|line| line.contains(TOKEN)));
    });
}
