//! Eyes and hands: finds parts of the page by their ids for tests, and presses, types and reads.

use crate::desk::Desk;
use serde_json::Value;
use std::time::Duration;
use thirtyfour::prelude::*;
use tokio::time::{Instant, sleep};

/// How long a part may take to appear; the machine may be busy with a run.
const PATIENCE: Duration = Duration::from_secs(30);

/// The element with this `data-testid`, whatever words it shows.
pub fn id(name: &str) -> String {
    format!("//*[@data-testid='{name}']")
}

/// A tab of a view.
pub fn tab(key: &str) -> String {
    id(&format!("tab-{key}"))
}

/// An entry of navigation.
pub fn screen(name: &str) -> String {
    id(&format!("screen-{name}"))
}

/// Something inside the dialog that is open.
pub fn in_dialog(inner: &str) -> String {
    format!("//*[@role='dialog']{inner}")
}

/// An element with exactly this text, for content that the page does not phrase.
pub fn text(words: &str) -> String {
    format!("//*[normalize-space(text())='{words}']")
}

impl Desk {
    /// Waits for an element that is seen.
    pub async fn await_xpath(&self, xpath: &str) -> WebElement {
        let start = Instant::now();
        loop {
            if let Ok(found) = self.page().find(By::XPath(xpath)).await
                && found.is_displayed().await.unwrap_or(false)
            {
                return found;
            }
            assert!(start.elapsed() < PATIENCE, "not on the page: {xpath}");
            sleep(Duration::from_millis(100)).await;
        }
    }

    /// Whether an element is there and seen.
    pub async fn has(&self, xpath: &str) -> bool {
        match self.page().find(By::XPath(xpath)).await {
            Ok(found) => found.is_displayed().await.unwrap_or(false),
            Err(_) => false,
        }
    }

    /// Presses an element, once it is there and can be pressed.
    pub async fn press(&self, xpath: &str) {
        let start = Instant::now();
        loop {
            let element = self.await_xpath(xpath).await;
            let pressed = match element.is_enabled().await {
                Ok(true) => element.click().await.map_err(|failure| failure.to_string()),
                Ok(false) => Err("it is disabled".into()),
                Err(failure) => Err(failure.to_string()),
            };
            match pressed {
                Ok(()) => return,
                Err(why) => assert!(start.elapsed() < PATIENCE, "cannot press {xpath}: {why}"),
            }
            sleep(Duration::from_millis(150)).await;
        }
    }

    /// Presses what closes the window, so that the page may be gone before it answers.
    pub async fn press_last(&self, xpath: &str) {
        let element = self.await_xpath(xpath).await;
        let _ = tokio::time::timeout(Duration::from_secs(5), element.click()).await;
    }

    /// Replaces what stands in a field, by keys: clearing it by script would leave the page's own
    /// state behind.
    pub async fn fill(&self, xpath: &str, value: &str) {
        let element = self.await_xpath(xpath).await;
        element.click().await.unwrap();
        element.send_keys(Key::Control + "a").await.unwrap();
        element.send_keys(Key::Backspace + "").await.unwrap();
        element.send_keys(value).await.unwrap();
    }

    /// Puts text where the cursor is, all at once, as pasting does.
    pub async fn paste(&self, xpath: &str, value: &str) {
        let element = self.await_xpath(xpath).await;
        element.click().await.unwrap();
        let script = "arguments[0].focus(); document.execCommand('selectAll'); \
                      return document.execCommand('insertText', false, arguments[1]);";
        let arguments = vec![element.to_json().unwrap(), value.into()];
        let done = self.page().execute(script, arguments).await.unwrap();
        assert_eq!(done.json(), &Value::Bool(true), "the page refused the text");
    }

    /// The answer of a script.
    pub async fn ask(&self, script: &str) -> Value {
        let done = self.page().execute(script, Vec::new()).await;
        done.map_or(Value::Null, |answer| answer.json().clone())
    }

    /// All words on the page.
    pub async fn words(&self) -> String {
        let words = self.ask("return document.body.innerText").await;
        words.as_str().unwrap_or_default().to_owned()
    }

    /// Waits for words anywhere on the page.
    pub async fn await_words(&self, words: &str, seconds: u64) {
        let wanted = words.to_owned();
        self.await_that(
            &format!("“{words}” on the page"),
            seconds,
            async |desk| desk.words().await.contains(&wanted),
        )
        .await;
    }

    /// The step that the open run is at, and how many there are; `None` before the first.
    pub async fn step(&self) -> Option<(u64, u64)> {
        let script = "const { step, steps } = document.querySelector('[data-testid=run-progress]').dataset; \
                      return [step, steps]";
        let numbers = self.ask(script).await;
        let number = |at: usize| numbers[at].as_str()?.parse().ok();
        Some((number(0)?, number(1)?))
    }

    /// Waits until the open run has done so many steps.
    pub async fn await_step(&self, least: u64, seconds: u64) {
        self.await_that(&format!("step {least}"), seconds, async |desk| {
            desk.step().await.is_some_and(|(step, _)| step >= least)
        })
        .await;
    }
}
