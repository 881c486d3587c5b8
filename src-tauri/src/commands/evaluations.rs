//! Evaluations: a model scored on a data set.

use super::{App, blocking};
use crate::dto::{Evaluation, EvaluationRequest, Report};
use crate::text::localised;
use tagsmith_protocol::Failure;

/// Every evaluation.
#[tauri::command]
#[specta::specta]
pub async fn evaluations_list(app: App<'_>) -> Result<Vec<Evaluation>, Failure> {
    blocking(&app, |app| Ok(app.evaluations.list())).await
}

/// Starts to score a model.
#[tauri::command]
#[specta::specta]
pub async fn evaluations_start(
    app: App<'_>,
    request: EvaluationRequest,
) -> Result<Evaluation, Failure> {
    let (id, split) = (request.data.clone(), request.split);
    // The files may have to be written first.
    blocking(&app, move |app| app.data.files(&id, split).map(drop)).await?;
    app.evaluations.start(&request, &app.data)
}

/// Ends an evaluation.
#[tauri::command]
#[specta::specta]
pub fn evaluations_cancel(app: App<'_>, id: String) {
    app.evaluations.cancel(&id);
}

/// Forgets an evaluation.
#[tauri::command]
#[specta::specta]
pub async fn evaluations_remove(app: App<'_>, id: String) -> Result<(), Failure> {
    app.evaluations.remove(&id)
}

/// The report of an evaluation.
#[tauri::command]
#[specta::specta]
pub async fn evaluations_report(app: App<'_>, id: String) -> Result<Report, Failure> {
    blocking(&app, move |app| {
        let (report, _) = app.evaluations.report(&id)?;
        Ok(localised(report, |file| app.data.origins(file)))
    })
    .await
}
