//! Runs: starting, stopping, looking at them.

use super::{App, blocking, open_folder};
use crate::disk;
use crate::dto::{
    Comparison, Freed, PlanRequest, Report, Run, RunPlan, RunRequest, Started, TimestampedEvent,
};
use crate::queueable::Queueable;
use crate::text::localised;
use tagsmith_protocol::Failure;

/// Every run.
#[tauri::command]
#[specta::specta]
pub async fn runs_list(app: App<'_>) -> Result<Vec<Run>, Failure> {
    blocking(&app, |app| Ok(app.runs.list())).await
}

/// What a run will do, and about how long that takes.
#[tauri::command]
#[specta::specta]
pub async fn runs_plan(app: App<'_>, request: PlanRequest) -> Result<RunPlan, Failure> {
    blocking(&app, move |app| Ok(app.plan(&request))).await
}

/// Starts a run, seeds or a search; where something runs already, it waits in the queue.
#[tauri::command]
#[specta::specta]
pub async fn runs_start(app: App<'_>, request: RunRequest) -> Result<Started, Failure> {
    app.check_list(&request.settings)?;
    blocking(&app, move |app| app.start(&request)).await
}

/// Asks a run to stop and keep the best so far.
#[tauri::command]
#[specta::specta]
pub async fn runs_stop(app: App<'_>, id: String) -> Result<(), Failure> {
    app.runs.stop(&id)
}

/// Ends a run's process at once; its last checkpoint stays.
#[tauri::command]
#[specta::specta]
pub async fn runs_kill(app: App<'_>, id: String) -> Result<(), Failure> {
    app.runs.kill(&id)
}

/// Continues a run.
#[tauri::command]
#[specta::specta]
pub async fn runs_resume(app: App<'_>, id: String) -> Result<Run, Failure> {
    app.resume_run(&id)
}

/// Gives a run another name.
#[tauri::command]
#[specta::specta]
pub async fn runs_rename(app: App<'_>, id: String, name: String) -> Result<(), Failure> {
    app.runs.rename(&id, &name)
}

/// Marks a run with a star, or takes it away.
#[tauri::command]
#[specta::specta]
pub async fn runs_star(app: App<'_>, id: String, starred: bool) -> Result<(), Failure> {
    app.runs.star(&id, starred)
}

/// Writes down what the person thinks of a run.
#[tauri::command]
#[specta::specta]
pub async fn runs_note(app: App<'_>, id: String, note: String) -> Result<(), Failure> {
    app.runs.note(&id, &note)
}

/// Shows a run's folder in the system's file manager.
#[tauri::command]
#[specta::specta]
pub async fn runs_open_folder(app: App<'_>, id: String) -> Result<(), Failure> {
    open_folder(&app.runs.folder(&id)?)
}

/// Deletes a run with its model.
#[tauri::command]
#[specta::specta]
pub async fn runs_remove(app: App<'_>, id: String) -> Result<Freed, Failure> {
    blocking(&app, move |app| {
        app.tagging
            .let_go(&app.library.runs_folder().join(&id).join("model"));
        let freed_bytes = app.runs.remove(&id)?;
        app.queue.forget(&app.runs.output(&id));
        Ok(Freed { freed_bytes })
    })
    .await
}

/// What happened in a run so far, in order.
#[tauri::command]
#[specta::specta]
pub async fn runs_events(app: App<'_>, id: String) -> Result<Vec<TimestampedEvent>, Failure> {
    blocking(&app, move |app| app.runs.events(&id)).await
}

/// A run's report.
#[tauri::command]
#[specta::specta]
pub async fn runs_report(app: App<'_>, id: String) -> Result<Report, Failure> {
    blocking(&app, move |app| {
        let (path, _) = app.runs.report(&id)?;
        let report = disk::read_json(&path).ok_or_else(|| {
            Failure::plain("damaged", format!("`{}` cannot be read", path.display()))
        })?;
        Ok(localised(report, |file| app.data.origins(file)))
    })
    .await
}

/// Two runs beside each other: their data, their labels, their scores.
#[tauri::command]
#[specta::specta]
pub async fn runs_compare(
    app: App<'_>,
    first: String,
    second: String,
) -> Result<Comparison, Failure> {
    blocking(&app, move |app| app.runs.compare(&first, &second)).await
}
