//! Highlighting: text in, entities out.

use super::App;
use crate::dialogs::{DialogKind, pick};
use crate::dto::{Entity, OpenedText};
use std::path::Path;
use tagsmith_corpus::read_text;
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
pub async fn tagger_open_text(
    app: App<'_>,
    window: WebviewWindow,
) -> Result<Option<OpenedText>, Failure> {
    match pick(&window, &app.system_texts.get(), DialogKind::Text).await {
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
            "tag it as a file",
        ));
    }
    let text = read_text(path)?;
    Ok(OpenedText { name, text })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_is_opened_in_any_encoding_and_what_is_none_is_refused() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.txt");
        std::fs::write(&path, b"M\xfcller wohnt in K\xf6ln, Gr\xfc\xdfe").unwrap();
        assert_eq!(read(&path).unwrap().text, "Müller wohnt in Köln, Grüße");
        std::fs::write(&path, b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR").unwrap();
        let failure = read(&path).unwrap_err();
        assert_eq!(failure.code, "data");
    }
}
