//! Data: picking, looking into and importing files; documents, findings, repairs, exports.

use super::{App, blocking};
use crate::data::mentions;
use crate::dialogs::{DialogKind, Written, pick, pick_several, save};
use crate::dto::{
    AugmentationExample, ChosenFile, DataSet, DocumentPage, DocumentQuery, ExportPlan,
    ExportRequest, FindingPage, FindingQuery, Freed, ImportRequest, InspectRequest, Inspection,
    MentionList, ModelCheck, Place, Repair, RepairPreview, Statistics, TrainSettings,
};
use crate::path_permissions::PathPermissions;
use tagsmith_protocol::Failure;
use tauri::WebviewWindow;

/// Every data set.
#[tauri::command]
#[specta::specta]
pub async fn data_list(app: App<'_>) -> Result<Vec<DataSet>, Failure> {
    blocking(&app, |app| Ok(app.data.list())).await
}

/// Asks for files; none when the person cancels.
#[tauri::command]
#[specta::specta]
pub async fn data_pick_files(app: App<'_>, window: WebviewWindow) -> Result<Vec<String>, Failure> {
    let picked = pick_several(&window, &app.system_texts.get(), DialogKind::Data).await;
    Ok(picked
        .iter()
        .map(|path| app.path_permissions.granted(path))
        .collect())
}

/// Asks for a folder; `null` when the person cancels.
#[tauri::command]
#[specta::specta]
pub async fn data_pick_folder(
    app: App<'_>,
    window: WebviewWindow,
) -> Result<Option<String>, Failure> {
    let picked = pick(&window, &app.system_texts.get(), DialogKind::DataFolder).await;
    Ok(picked.map(|path| app.path_permissions.granted(&path)))
}

fn allowed(path_permissions: &PathPermissions, files: &[ChosenFile]) -> Result<(), Failure> {
    files
        .iter()
        .try_for_each(|file| path_permissions.check(&file.path))
}

/// Reads and checks files without taking them into the library. The window names the work, to hear of
/// its progress and to cancel it.
#[tauri::command]
#[specta::specta]
pub async fn data_inspect(
    app: App<'_>,
    request: InspectRequest,
    job: String,
) -> Result<Inspection, Failure> {
    allowed(&app.path_permissions, &request.files)?;
    blocking(&app, move |app| app.data.inspect(&request, &job)).await
}

/// Takes files into the library.
#[tauri::command]
#[specta::specta]
pub async fn data_import(
    app: App<'_>,
    request: ImportRequest,
    job: String,
) -> Result<DataSet, Failure> {
    allowed(&app.path_permissions, &request.files)?;
    blocking(&app, move |app| app.data.import(&request, &job)).await
}

/// Puts new versions of the files in place of the old, and does these repairs on them.
#[tauri::command]
#[specta::specta]
pub async fn data_update(
    app: App<'_>,
    id: String,
    files: Vec<ChosenFile>,
    repairs: Vec<Repair>,
    at_once: Vec<(u32, u32)>,
    job: String,
) -> Result<DataSet, Failure> {
    allowed(&app.path_permissions, &files)?;
    blocking(&app, move |app| {
        app.data.update(&id, &files, &repairs, &at_once, &job)
    })
    .await
}

/// Ends a piece of work; what asked for it is refused with the code `cancelled`.
#[tauri::command]
#[specta::specta]
pub async fn data_cancel(app: App<'_>, job: String) -> Result<(), Failure> {
    app.data.cancel(&job);
    Ok(())
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

/// Where a document of a report is now, by its text: the data set may have changed since.
#[tauri::command]
#[specta::specta]
pub async fn data_locate(
    app: App<'_>,
    id: String,
    split: String,
    number: u32,
    text: String,
) -> Result<Option<Place>, Failure> {
    blocking(&app, move |app| app.data.locate(&id, &split, number, &text)).await
}

/// Some of the findings that a query finds.
#[tauri::command]
#[specta::specta]
pub async fn data_findings(
    app: App<'_>,
    id: String,
    query: FindingQuery,
) -> Result<FindingPage, Failure> {
    blocking(&app, move |app| app.data.findings(&id, &query)).await
}

/// A data set in numbers.
#[tauri::command]
#[specta::specta]
pub async fn data_statistics(app: App<'_>, id: String) -> Result<Statistics, Failure> {
    blocking(&app, move |app| app.data.statistics(&id)).await
}

/// What a model makes of a data set, in windows of at most `max_length` word pieces.
#[tauri::command]
#[specta::specta]
pub async fn data_check_model(
    app: App<'_>,
    id: String,
    model: String,
    max_length: u32,
    job: String,
) -> Result<ModelCheck, Failure> {
    let folder = app.library.named(&model)?;
    blocking(&app, move |app| {
        let engine = &app.engine;
        app.data
            .check_with_model(&id, engine, &folder, max_length, &job)
    })
    .await
}

/// Some of the documents that a run with these settings would add to the training set.
#[tauri::command]
#[specta::specta]
pub async fn data_preview_augmentation(
    app: App<'_>,
    id: String,
    settings: TrainSettings,
    job: String,
) -> Result<Vec<AugmentationExample>, Failure> {
    app.check_list(&settings)?;
    blocking(&app, move |app| {
        app.data.preview_augmentation(&id, &settings, &job)
    })
    .await
}

/// Asks for a list of mentions; `null` when the person cancels.
#[tauri::command]
#[specta::specta]
pub async fn data_pick_mentions(
    app: App<'_>,
    window: WebviewWindow,
) -> Result<Option<String>, Failure> {
    let picked = pick(&window, &app.system_texts.get(), DialogKind::Mentions).await;
    Ok(picked.map(|path| app.path_permissions.granted(&path)))
}

/// What the list of mentions that settings name holds, beside a data set.
#[tauri::command]
#[specta::specta]
pub async fn data_mentions(
    app: App<'_>,
    id: String,
    settings: TrainSettings,
) -> Result<MentionList, Failure> {
    app.check_list(&settings)?;
    blocking(&app, move |app| {
        let set = app.data.get(&id).ok();
        mentions(&settings, set.as_ref())
    })
    .await
}

/// What a repair would change; nothing is changed.
#[tauri::command]
#[specta::specta]
pub async fn data_preview_repair(
    app: App<'_>,
    id: String,
    repair: Repair,
    job: String,
) -> Result<RepairPreview, Failure> {
    blocking(&app, move |app| app.data.preview_repair(&id, &repair, &job)).await
}

/// Does a repair, and records it with the data set.
#[tauri::command]
#[specta::specta]
pub async fn data_repair(
    app: App<'_>,
    id: String,
    repair: Repair,
    job: String,
) -> Result<DataSet, Failure> {
    blocking(&app, move |app| app.data.repair(&id, &repair, &job)).await
}

/// Does the repairs of all findings that are safe to repair, and records each.
#[tauri::command]
#[specta::specta]
pub async fn data_repair_safe(app: App<'_>, id: String, job: String) -> Result<DataSet, Failure> {
    blocking(&app, move |app| app.data.repair_safe(&id, &job)).await
}

/// Ignores a kind of finding as long as there are not more than `count`; `null` shows it again.
#[tauri::command]
#[specta::specta]
pub async fn data_ignore(
    app: App<'_>,
    id: String,
    code: String,
    count: Option<u32>,
) -> Result<DataSet, Failure> {
    blocking(&app, move |app| app.data.ignore(&id, &code, count)).await
}

/// Takes back the last repair.
#[tauri::command]
#[specta::specta]
pub async fn data_undo(app: App<'_>, id: String, job: String) -> Result<DataSet, Failure> {
    blocking(&app, move |app| app.data.undo(&id, &job)).await
}

/// Does the repair again that was taken back last.
#[tauri::command]
#[specta::specta]
pub async fn data_redo(app: App<'_>, id: String, job: String) -> Result<DataSet, Failure> {
    blocking(&app, move |app| app.data.redo(&id, &job)).await
}

/// What an export would write, and what its format cannot hold.
#[tauri::command]
#[specta::specta]
pub async fn data_export_plan(
    app: App<'_>,
    id: String,
    request: ExportRequest,
    job: String,
) -> Result<ExportPlan, Failure> {
    blocking(&app, move |app| app.data.export_plan(&id, &request, &job)).await
}

/// Asks where, and writes a data set there; `null` when the person cancels.
#[tauri::command]
#[specta::specta]
pub async fn data_export(
    app: App<'_>,
    window: WebviewWindow,
    id: String,
    request: ExportRequest,
    job: String,
) -> Result<Option<String>, Failure> {
    let name = app.data.export_name(&id, &request)?;
    let Some(path) = save(&window, &app.system_texts.get(), Written::Data, &name).await else {
        return Ok(None);
    };
    blocking(&app, move |app| {
        app.data.export(&id, &request, &path, &job)?;
        Ok(Some(path.display().to_string()))
    })
    .await
}

/// Deletes a data set.
#[tauri::command]
#[specta::specta]
pub async fn data_remove(app: App<'_>, id: String) -> Result<Freed, Failure> {
    blocking(&app, move |app| {
        if let Some(user) = app.user(|_, data| data == id) {
            return Err(in_use(&user));
        }
        let freed_bytes = app.data.remove(&id)?;
        Ok(Freed { freed_bytes })
    })
    .await
}

fn in_use(name: &str) -> Failure {
    Failure::new(
        "running",
        format!("`{name}` learns from this data set"),
        "stop it or take it off the queue first, or wait until it is done",
    )
}
