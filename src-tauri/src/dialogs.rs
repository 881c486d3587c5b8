//! The system's file dialogs.
//!
//! `TAGSMITH_PICK` answers in their place, for tests: paths as in `PATH`, each taken once, in order;
//! an empty one is a person who cancels.

use rfd::AsyncFileDialog;
use std::collections::VecDeque;
use std::path::PathBuf;
use std::sync::{LazyLock, Mutex, PoisonError};
use tagsmith_corpus::FormatName;
use tauri::WebviewWindow;

static ANSWERS: LazyLock<Option<Mutex<VecDeque<PathBuf>>>> = LazyLock::new(|| {
    let answers = std::env::var_os("TAGSMITH_PICK")?;
    Some(Mutex::new(std::env::split_paths(&answers).collect()))
});

/// What a dialog asks for.
#[derive(Clone, Copy)]
pub enum DialogKind {
    /// A file with labelled text.
    Data,
    /// A folder of them.
    DataFolder,
    /// A file with text.
    Text,
    /// The folder of a model.
    Model,
    /// A list of mentions.
    Mentions,
    /// Files with text to learn from, labelled or not.
    Texts,
}

/// What the tests answer in a dialog's place; the outer `None` where a person is asked.
fn answered() -> Option<Option<PathBuf>> {
    let answers = (*ANSWERS).as_ref()?;
    let mut answers = answers.lock().unwrap_or_else(PoisonError::into_inner);
    Some(
        answers
            .pop_front()
            .filter(|path| !path.as_os_str().is_empty()),
    )
}

/// Asks the person for one path or several; none when they cancel.
pub async fn pick_several(window: &WebviewWindow, kind: DialogKind) -> Vec<PathBuf> {
    if let Some(answer) = answered() {
        return answer.into_iter().collect();
    }
    let dialog = match kind {
        DialogKind::Data => data_dialog(window),
        DialogKind::Texts => data_dialog(window).set_title("Choose text to learn from"),
        _ => return pick(window, kind).await.into_iter().collect(),
    };
    let picked = dialog.pick_files().await;
    let paths = picked.into_iter().flatten();
    paths.map(|handle| handle.path().to_path_buf()).collect()
}

/// Asks the person where a file is to be written; `None` when they cancel.
pub async fn save(window: &WebviewWindow, title: &str, name: &str) -> Option<PathBuf> {
    if let Some(answer) = answered() {
        return answer;
    }
    let dialog = AsyncFileDialog::new().set_parent(window);
    let picked = dialog
        .set_title(title)
        .set_file_name(name)
        .save_file()
        .await;
    picked.map(|handle| handle.path().to_path_buf())
}

fn data_dialog(window: &WebviewWindow) -> AsyncFileDialog {
    let formats = FormatName::ALL.iter();
    let packed = ["zip", "gz"].iter();
    let endings: Vec<&str> = formats
        .flat_map(|format| format.extensions())
        .chain(packed)
        .copied()
        .collect();
    AsyncFileDialog::new()
        .set_parent(window)
        .set_title("Choose data files")
        .add_filter("Data", &endings)
        .add_filter("All files", &["*"])
}

/// Asks the person for a path; `None` when they cancel.
pub async fn pick(window: &WebviewWindow, kind: DialogKind) -> Option<PathBuf> {
    if let Some(answer) = answered() {
        return answer;
    }
    let dialog = AsyncFileDialog::new().set_parent(window);
    let picked = match kind {
        DialogKind::Data | DialogKind::Texts => data_dialog(window).pick_file().await,
        DialogKind::DataFolder => {
            dialog
                .set_title("Choose a folder of data")
                .pick_folder()
                .await
        }
        DialogKind::Text => {
            dialog
                .set_title("Open a text")
                .add_filter("Text", &["txt", "md", "text", "csv", "log"])
                .add_filter("All files", &["*"])
                .pick_file()
                .await
        }
        DialogKind::Mentions => {
            dialog
                .set_title("Choose a list of mentions")
                .add_filter("Lists", &["tsv", "txt", "jsonl", "json"])
                .add_filter("All files", &["*"])
                .pick_file()
                .await
        }
        DialogKind::Model => {
            dialog
                .set_title("Choose a model folder")
                .pick_folder()
                .await
        }
    };
    picked.map(|handle| handle.path().to_path_buf())
}
