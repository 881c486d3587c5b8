//! Studies: several seeds, and searches over settings.

use super::{App, blocking};
use crate::dto::{Freed, Study};
use crate::queueable::Queueable;
use tagsmith_protocol::Failure;

/// Every study.
#[tauri::command]
#[specta::specta]
pub async fn studies_list(app: App<'_>) -> Result<Vec<Study>, Failure> {
    blocking(&app, |app| Ok(app.studies.list())).await
}

/// Asks a study to stop; what is done is kept.
#[tauri::command]
#[specta::specta]
pub async fn studies_stop(app: App<'_>, id: String) -> Result<(), Failure> {
    app.studies.stop(&id)
}

/// Ends a study's process at once.
#[tauri::command]
#[specta::specta]
pub async fn studies_kill(app: App<'_>, id: String) -> Result<(), Failure> {
    app.studies.kill(&id)
}

/// Continues a study.
#[tauri::command]
#[specta::specta]
pub async fn studies_resume(app: App<'_>, id: String) -> Result<Study, Failure> {
    app.resume_study(&id)
}

/// Gives a study another name.
#[tauri::command]
#[specta::specta]
pub async fn studies_rename(app: App<'_>, id: String, name: String) -> Result<(), Failure> {
    app.studies.rename(&id, &name)
}

/// Deletes a study; the run that was kept of it stays.
#[tauri::command]
#[specta::specta]
pub async fn studies_remove(app: App<'_>, id: String) -> Result<Freed, Failure> {
    blocking(&app, move |app| {
        let output = app.studies.output(&id);
        let freed_bytes = app.studies.remove(&id)?;
        app.queue.forget(&output);
        Ok(Freed { freed_bytes })
    })
    .await
}
