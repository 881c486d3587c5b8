//! The commands of the window, grouped by screen: each takes its arguments, calls one function, and
//! returns.

pub mod batches;
pub mod data;
pub mod evaluations;
pub mod models;
pub mod pretraining;
pub mod queue;
pub mod runs;
pub mod settings;
pub mod studies;
pub mod tagger;
pub mod window;

use crate::app::Desktop;
use std::path::Path;
use std::sync::Arc;
use tagsmith_protocol::Failure;
use tauri::State;

/// What a command works with.
pub type App<'a> = State<'a, Arc<Desktop>>;

/// Runs work that blocks where it does not hold up others.
async fn blocking<T: Send + 'static>(
    app: &App<'_>,
    work: impl FnOnce(&Desktop) -> Result<T, Failure> + Send + 'static,
) -> Result<T, Failure> {
    let app = Arc::clone(app);
    tauri::async_runtime::spawn_blocking(move || work(&app))
        .await
        .map_err(|failure| Failure::plain("panic", failure.to_string()))?
}

/// Shows a folder in the system's file manager.
fn open_folder(folder: &Path) -> Result<(), Failure> {
    tauri_plugin_opener::open_path(folder, None::<&str>).map_err(Failure::io("open", folder))
}
