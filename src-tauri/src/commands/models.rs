//! Models: the shelf, the Hub, the library, downloads.

use super::{App, blocking, open_folder};
use crate::dialogs::{DialogKind, Written, pick, save};
use crate::disk::folder_name;
use crate::dto::{Details, Download, Freed, LibraryModel, Page, Query, ShelfEntry};
use crate::{models, own_model};
use tagsmith_hub::inspect::{Traits, snippet};
use tagsmith_hub::{parse_id, shelf};
use tagsmith_protocol::Failure;
use tauri::WebviewWindow;

/// The models that the program recommends.
#[tauri::command]
#[specta::specta]
pub fn models_shelf() -> Vec<ShelfEntry> {
    shelf().to_vec()
}

/// What a person wrote, if anything.
fn given(text: String) -> Option<String> {
    Some(text.trim().to_owned()).filter(|text| !text.is_empty())
}

/// Searches the Hub.
#[tauri::command]
#[specta::specta]
pub async fn models_search(app: App<'_>, query: Query) -> Result<Page, Failure> {
    let asked = Query {
        author: query.author.and_then(given),
        task: query.task.and_then(given),
        language: query.language.and_then(given),
        ..query
    };
    let page = app.hub.hub().await?.search(&asked).await;
    page.map_err(Failure::from)
}

/// Everything about a model of the Hub.
#[tauri::command]
#[specta::specta]
pub async fn models_details(app: App<'_>, id: String) -> Result<Details, Failure> {
    let details = app.hub.hub().await?.details(&id).await;
    details.map_err(Failure::from)
}

/// The models on this machine.
#[tauri::command]
#[specta::specta]
pub async fn models_library(app: App<'_>) -> Result<Vec<LibraryModel>, Failure> {
    blocking(&app, |app| Ok(app.models.list(&app.library))).await
}

/// Asks for a model folder and adds it; `null` when the person cancels.
#[tauri::command]
#[specta::specta]
pub async fn models_add_folder(
    app: App<'_>,
    window: WebviewWindow,
) -> Result<Option<LibraryModel>, Failure> {
    let Some(folder) = pick(&window, &app.system_texts.get(), DialogKind::Model).await else {
        return Ok(None);
    };
    let entry = app.library.add_folder(&folder).map_err(Failure::from)?;
    app.models.describe(&entry).map(Some)
}

/// Deletes a model.
#[tauri::command]
#[specta::specta]
pub async fn models_remove(app: App<'_>, name: String) -> Result<Freed, Failure> {
    blocking(&app, move |app| {
        if let Some(user) = app.user(|model, _| model == name) {
            return Err(models::in_use(&user));
        }
        if let Ok(folder) = app.library.named(&name) {
            app.tagging.let_go(&folder);
        }
        let freed_bytes = models::remove(&app.library, &name)?;
        Ok(Freed { freed_bytes })
    })
    .await
}

/// Opens a model's page on the Hub in the system's browser.
#[tauri::command]
#[specta::specta]
pub async fn models_open_page(app: App<'_>, id: String) -> Result<(), Failure> {
    // Only the address of a model: what else the window might name is no id.
    let (id, _) = parse_id(&id).map_err(Failure::from)?;
    let page = format!("{}/{id}", app.hub.hub().await?.endpoint());
    tauri_plugin_opener::open_url(&page, None::<&str>)
        .map_err(|failure| Failure::plain("browser", format!("cannot open `{page}`: {failure}")))
}

/// Shows a model's folder in the system's file manager.
#[tauri::command]
#[specta::specta]
pub async fn models_open_folder(app: App<'_>, name: String) -> Result<(), Failure> {
    open_folder(&app.library.named(&name)?)
}

/// Lines of Python that find entities with a model.
#[tauri::command]
#[specta::specta]
pub async fn models_snippet(app: App<'_>, name: String) -> Result<String, Failure> {
    blocking(&app, move |app| {
        let folder = app.library.named(&name)?;
        Ok(snippet(&folder.display().to_string(), Traits::of(&folder)))
    })
    .await
}

/// Asks where, and writes a model there as a zip; `null` when the person cancels. The window names the work, to
/// hear of its progress and to cancel it.
#[tauri::command]
#[specta::specta]
pub async fn models_export(
    app: App<'_>,
    window: WebviewWindow,
    name: String,
    job: String,
) -> Result<Option<String>, Failure> {
    let model = app.library.named(&name)?;
    let title = app
        .runs
        .get(&name)
        .map_or_else(|| name.clone(), |run| run.name);
    let title = folder_name(&title, "model", |_| false);
    let texts = app.system_texts.get();
    let name = format!("{title}.zip");
    let Some(path) = save(&window, &texts, Written::Model, &name).await else {
        return Ok(None);
    };
    blocking(&app, move |app| {
        let mut work = app.data.begin(&job);
        own_model::export(&model, &title, &path, &mut work)?;
        Ok(Some(path.display().to_string()))
    })
    .await
}

/// Every download.
#[tauri::command]
#[specta::specta]
pub fn models_downloads(app: App<'_>) -> Vec<Download> {
    app.downloads.list()
}

/// Starts a download, or continues it.
#[tauri::command]
#[specta::specta]
pub async fn models_download(app: App<'_>, id: String) -> Result<(), Failure> {
    let hub = app.hub.hub().await?;
    app.downloads.start(hub, &id);
    Ok(())
}

/// Cancels a download; what came so far is kept.
#[tauri::command]
#[specta::specta]
pub fn models_cancel_download(app: App<'_>, id: String) {
    app.downloads.cancel(&id);
}

/// Forgets a download and what came of it.
#[tauri::command]
#[specta::specta]
pub async fn models_discard_download(app: App<'_>, id: String) -> Result<(), Failure> {
    blocking(&app, move |app| app.downloads.discard(&id)).await
}
