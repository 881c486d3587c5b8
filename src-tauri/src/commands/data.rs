//! Data: picking, checking and importing files, looking at documents.

use super::{App, blocking};
use crate::dialogs::{Wanted, pick};
use crate::failure::Failure;
use crate::grants::Grants;
use crate::shapes::{CheckReport, DataSet, DocumentPage, DocumentQuery, Freed, ImportRequest};
use tauri::WebviewWindow;

/// Every data set.
#[tauri::command]
#[specta::specta]
pub async fn data_list(app: App<'_>) -> Result<Vec<DataSet>, Failure> {
    blocking(&app, |app| Ok(app.data.list())).await
}

/// Asks for a file; `null` when the person cancels.
#[tauri::command]
#[specta::specta]
pub async fn data_pick_file(
    app: App<'_>,
    window: WebviewWindow,
) -> Result<Option<String>, Failure> {
    let picked = pick(&window, Wanted::Data).await;
    Ok(picked.map(|path| {
        app.grants.grant(&path);
        path.display().to_string()
    }))
}

fn allowed(grants: &Grants, request: &ImportRequest) -> Result<(), Failure> {
    [
        Some(&request.train),
        request.dev.as_ref(),
        request.test.as_ref(),
    ]
    .into_iter()
    .flatten()
    .try_for_each(|path| grants.check(path))
}

/// Reads and checks files without taking them into the library.
#[tauri::command]
#[specta::specta]
pub async fn data_check(app: App<'_>, request: ImportRequest) -> Result<CheckReport, Failure> {
    allowed(&app.grants, &request)?;
    blocking(&app, move |app| Ok(app.data.check(&request))).await
}

/// Takes files into the library.
#[tauri::command]
#[specta::specta]
pub async fn data_import(app: App<'_>, request: ImportRequest) -> Result<DataSet, Failure> {
    allowed(&app.grants, &request)?;
    blocking(&app, move |app| app.data.import(&request)).await
}

/// Takes the sample corpus into the library.
#[tauri::command]
#[specta::specta]
pub async fn data_import_sample(app: App<'_>) -> Result<DataSet, Failure> {
    blocking(&app, |app| app.data.import_sample()).await
}

/// Some of the documents that a query finds.
#[tauri::command]
#[specta::specta]
pub async fn data_documents(
    app: App<'_>,
    id: String,
    query: DocumentQuery,
) -> Result<DocumentPage, Failure> {
    blocking(&app, move |app| app.data.documents(&id, &query)).await
}

/// Deletes a data set.
#[tauri::command]
#[specta::specta]
pub async fn data_remove(app: App<'_>, id: String) -> Result<Freed, Failure> {
    blocking(&app, move |app| {
        if let Some(run) = app.runs.living().iter().find(|run| run.data == id) {
            return Err(Failure::new(
                "running",
                format!("the run `{}` learns from this data set", run.name),
                "stop it first, or wait until it is done",
            ));
        }
        let freed_bytes = app.data.remove(&id)?;
        Ok(Freed { freed_bytes })
    })
    .await
}
