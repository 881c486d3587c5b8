//! Pretraining on text without labels.

use super::{App, blocking};
use crate::dialogs::{DialogKind, pick_several};
use crate::dto::{Freed, PretrainRequest, Pretraining, Started};
use crate::queueable::Queueable;
use tagsmith_protocol::Failure;
use tauri::WebviewWindow;

/// Every run of pretraining.
#[tauri::command]
#[specta::specta]
pub async fn pretraining_list(app: App<'_>) -> Result<Vec<Pretraining>, Failure> {
    blocking(&app, |app| Ok(app.pretraining.list())).await
}

/// Asks the person for files of text to learn from; none when they cancel.
#[tauri::command]
#[specta::specta]
pub async fn pretraining_pick(app: App<'_>, window: WebviewWindow) -> Result<Vec<String>, Failure> {
    let picked = pick_several(&window, &app.system_texts.get(), DialogKind::Texts).await;
    let granted = picked.iter().map(|path| app.path_permissions.granted(path));
    Ok(granted.collect())
}

/// Starts to pretrain a model; where something runs already, it waits in the queue.
#[tauri::command]
#[specta::specta]
pub async fn pretraining_start(app: App<'_>, request: PretrainRequest) -> Result<Started, Failure> {
    app.start_pretraining(&request)
}

/// Asks a run of pretraining to stop after its present step; the best model so far is kept.
#[tauri::command]
#[specta::specta]
pub async fn pretraining_stop(app: App<'_>, id: String) -> Result<(), Failure> {
    app.pretraining.stop(&id)
}

/// Ends its process at once.
#[tauri::command]
#[specta::specta]
pub async fn pretraining_kill(app: App<'_>, id: String) -> Result<(), Failure> {
    app.pretraining.kill(&id)
}

/// Continues one.
#[tauri::command]
#[specta::specta]
pub async fn pretraining_resume(app: App<'_>, id: String) -> Result<Pretraining, Failure> {
    app.resume_pretraining(&id)
}

/// Deletes one; the model that was made of it stays.
#[tauri::command]
#[specta::specta]
pub async fn pretraining_remove(app: App<'_>, id: String) -> Result<Freed, Failure> {
    blocking(&app, move |app| {
        let output = app.pretraining.output(&id);
        let freed_bytes = app.pretraining.remove(&id)?;
        app.queue.forget(&output);
        Ok(Freed { freed_bytes })
    })
    .await
}
