//! The queue: what waits for its turn.

use super::{App, blocking};
use crate::dto::QueueState;
use tagsmith_protocol::Failure;

/// The queue now.
#[tauri::command]
#[specta::specta]
pub async fn queue_state(app: App<'_>) -> Result<QueueState, Failure> {
    blocking(&app, |app| Ok(app.queue.state())).await
}

/// Moves an entry to before another one, or to the end.
#[tauri::command]
#[specta::specta]
pub async fn queue_move(app: App<'_>, id: String, before: Option<String>) -> Result<(), Failure> {
    blocking(&app, move |app| {
        app.queue.move_before(&id, before.as_deref())
    })
    .await
}

/// Lets an entry wait, or all of them.
#[tauri::command]
#[specta::specta]
pub async fn queue_pause(app: App<'_>, id: Option<String>) -> Result<(), Failure> {
    blocking(&app, move |app| app.queue.pause(id.as_deref())).await
}

/// Lets an entry run when its turn comes, or all of them, and goes on with the queue.
#[tauri::command]
#[specta::specta]
pub async fn queue_resume(app: App<'_>, id: Option<String>) -> Result<(), Failure> {
    blocking(&app, move |app| app.queue.resume(id.as_deref())).await
}

/// Takes an entry off the list.
#[tauri::command]
#[specta::specta]
pub async fn queue_remove(app: App<'_>, id: String) -> Result<(), Failure> {
    blocking(&app, move |app| app.queue.remove(&id)).await
}

/// Puts an entry back that was taken off in this session.
#[tauri::command]
#[specta::specta]
pub async fn queue_put_back(app: App<'_>, id: String) -> Result<(), Failure> {
    blocking(&app, move |app| app.queue.put_back(&id)).await
}
