//! Batches: files that a model tags, and what it found in them.

use super::{App, blocking};
use crate::batches::Batches;
use crate::dialogs::{Written, save};
use crate::dto::{Batch, BatchFile, BatchLook, BatchRequest, DocumentPage, DocumentQuery, Freed};
use std::sync::Arc;
use tagsmith_corpus::PredictionFormat;
use tagsmith_protocol::Failure;
use tauri::WebviewWindow;

/// Every batch.
#[tauri::command]
#[specta::specta]
pub async fn batches_list(app: App<'_>) -> Result<Vec<Batch>, Failure> {
    blocking(&app, |app| Ok(app.batches.list())).await
}

/// What files that are to be tagged hold.
#[tauri::command]
#[specta::specta]
pub async fn batches_look(
    app: App<'_>,
    files: Vec<BatchFile>,
    whole: bool,
) -> Result<Vec<BatchLook>, Failure> {
    allowed(&app, &files)?;
    blocking(&app, move |_| Ok(Batches::look(&files, whole))).await
}

/// Starts to tag.
#[tauri::command]
#[specta::specta]
pub async fn batches_start(app: App<'_>, request: BatchRequest) -> Result<Batch, Failure> {
    allowed(&app, &request.files)?;
    app.batches.start(request, &app.data)
}

/// Asks a batch to stop; what is tagged is kept.
#[tauri::command]
#[specta::specta]
pub fn batches_stop(app: App<'_>, id: String) {
    app.batches.stop(&id);
}

/// Continues a batch.
#[tauri::command]
#[specta::specta]
pub async fn batches_resume(app: App<'_>, id: String) -> Result<Batch, Failure> {
    app.batches.resume(&id, &app.data)
}

/// Deletes a batch with its results.
#[tauri::command]
#[specta::specta]
pub async fn batches_remove(app: App<'_>, id: String) -> Result<Freed, Failure> {
    blocking(&app, move |app| {
        let freed_bytes = app.batches.remove(&id)?;
        Ok(Freed { freed_bytes })
    })
    .await
}

/// Some of the tagged documents that a query finds.
#[tauri::command]
#[specta::specta]
pub async fn batches_documents(
    app: App<'_>,
    id: String,
    query: DocumentQuery,
) -> Result<DocumentPage, Failure> {
    blocking(&app, move |app| app.batches.documents(&id, &query)).await
}

/// Asks where, and writes the results that a query finds there; `null` when the person cancels. The window names the work, to hear of
/// its progress and to cancel it.
#[tauri::command]
#[specta::specta]
pub async fn batches_export(
    app: App<'_>,
    window: WebviewWindow,
    id: String,
    query: DocumentQuery,
    format: PredictionFormat,
    job: String,
) -> Result<Option<String>, Failure> {
    let name = app.batches.export_name(&id, format)?;
    let texts = app.system_texts.get();
    let Some(path) = save(&window, &texts, Written::Entities, &name).await else {
        return Ok(None);
    };
    blocking(&app, move |app| {
        let mut work = app.data.begin(&job);
        app.batches.export(&id, &query, format, &path, &mut work)?;
        Ok(Some(path.display().to_string()))
    })
    .await
}

/// A file that continues an earlier batch was picked then; only new ones are asked about.
fn allowed(app: &Arc<crate::app::Desktop>, files: &[BatchFile]) -> Result<(), Failure> {
    files
        .iter()
        .try_for_each(|file| app.path_permissions.check(&file.path))
}
