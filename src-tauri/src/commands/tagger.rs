//! Highlighting: text in, entities out.

use super::App;
use crate::dialogs::{DialogKind, pick};
use crate::dto::{Entity, OpenedText};
use std::path::Path;
use tagsmith_protocol::Failure;
use tauri::WebviewWindow;

/// A longer text is no text to look at.
const LONGEST_BYTES: u64 = 32 << 20;

/// The entities of each paragraph, in order; offsets are within the paragraph.
#[tauri::command]
#[specta::specta]
pub async fn tagger_tag(
    app: App<'_>,
    model: String,
    paragraphs: Vec<String>,
) -> Result<Vec<Vec<Entity>>, Failure> {
    app.tagging.tag(&model, &paragraphs).await
}

/// Ends what is asked of a model, with the test of a device that it waits for.
#[tauri::command]
#[specta::specta]
pub fn tagger_cancel(app: App<'_>, model: String) {
    app.tagging.cancel(&model);
}

/// Asks for a text file; `null` when the person cancels.
#[tauri::command]
#[specta::specta]
pub async fn tagger_open_text(window: WebviewWindow) -> Result<Option<OpenedText>, Failure> {
    match pick(&window, DialogKind::Text).await {
        Some(path) => read(&path).map(Some),
        None => Ok(None),
    }
}

fn read(path: &Path) -> Result<OpenedText, Failure> {
    let name = path
        .file_name()
        .unwrap_or_default()
        .to_string_lossy()
        .into_owned();
    let bytes = std::fs::metadata(path)
        .map_err(Failure::io("read", path))?
        .len();
    if bytes > LONGEST_BYTES {
        return Err(Failure::new(
            "too-long",
            format!(
                "`{name}` has {} MB, more than can be looked at",
                bytes >> 20
            ),
            "tag large files on the command line: tagsmith tag --model NAME FILE",
        ));
    }
    let bytes = std::fs::read(path).map_err(Failure::io("read", path))?;
    let text = String::from_utf8(bytes).map_err(|failure| {
        Failure::new(
            "not-utf8",
            format!(
                "`{name}` byte {}: not UTF-8",
                failure.utf8_error().valid_up_to() + 1
            ),
            "save the file as UTF-8 and try again",
        )
    })?;
    let text = text.strip_prefix('\u{feff}').unwrap_or(&text).to_owned();
    Ok(OpenedText { name, text })
}
