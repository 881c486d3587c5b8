//! The window itself: news, its first picture, its end.

use super::App;
use crate::dto::{AppEvent, SystemTexts};
use serde::Deserialize;
use specta::Type;
use tauri::AppHandle;
use tauri::ipc::Channel;

/// What becomes of the runs when the window closes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, Type)]
#[serde(rename_all = "lowercase")]
pub enum CloseChoice {
    /// They go on, and the next start finds them again.
    Keep,
    /// Each stops after its present step and keeps the best model so far.
    Stop,
}

/// From now on news comes through this channel.
#[tauri::command]
#[specta::specta]
pub fn events_subscribe(app: App<'_>, channel: Channel<AppEvent>) {
    app.events.listen(move |event| channel.send(event).is_ok());
}

/// The window has shown its first picture.
#[tauri::command]
#[specta::specta]
pub fn window_painted() {
    tracing::info!(
        "first picture after {} ms",
        crate::since_start().as_millis()
    );
}

/// Keeps what the system's dialogs say, in the language of the window.
#[tauri::command]
#[specta::specta]
pub fn window_system_texts(
    app: App<'_>,
    texts: SystemTexts,
) -> Result<(), tagsmith_protocol::Failure> {
    app.system_texts.keep(texts)
}

/// Closes the window although runs go on.
#[tauri::command]
#[specta::specta]
pub async fn window_close(
    app: App<'_>,
    handle: AppHandle,
    choice: CloseChoice,
) -> Result<(), tagsmith_protocol::Failure> {
    if choice == CloseChoice::Stop {
        tokio::join!(
            app.queue.stop(),
            app.runs.stop_all(),
            app.studies.stop_all(),
            app.pretraining.stop_all()
        );
    }
    handle.exit(0);
    Ok(())
}
