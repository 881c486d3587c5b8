//! The system's file dialogs.
//!
//! `TAGSMITH_PICK` answers in their place, for tests: paths as in `PATH`, each taken once, in order;
//! an empty one is a person who cancels.

use rfd::AsyncFileDialog;
use std::collections::VecDeque;
use std::path::PathBuf;
use std::sync::{LazyLock, Mutex, PoisonError};
use tauri::WebviewWindow;

static ANSWERS: LazyLock<Option<Mutex<VecDeque<PathBuf>>>> = LazyLock::new(|| {
    let answers = std::env::var_os("TAGSMITH_PICK")?;
    Some(Mutex::new(std::env::split_paths(&answers).collect()))
});

/// What a dialog asks for.
#[derive(Clone, Copy)]
pub enum Wanted {
    /// A file with labelled text.
    Data,
    /// A file with text.
    Text,
    /// The folder of a model.
    Model,
}

/// Asks the person for a path; `None` when they cancel.
pub async fn pick(window: &WebviewWindow, wanted: Wanted) -> Option<PathBuf> {
    if let Some(answers) = &*ANSWERS {
        let mut answers = answers.lock().unwrap_or_else(PoisonError::into_inner);
        return answers
            .pop_front()
            .filter(|path| !path.as_os_str().is_empty());
    }
    let dialog = AsyncFileDialog::new().set_parent(window);
    let picked = match wanted {
        Wanted::Data => {
            dialog
                .set_title("Choose a data file")
                .add_filter(
                    "Data (CoNLL, JSONL)",
                    &[
                        "conll", "conll03", "iob", "iob2", "bio", "tsv", "txt", "jsonl", "json",
                    ],
                )
                .add_filter("All files", &["*"])
                .pick_file()
                .await
        }
        Wanted::Text => {
            dialog
                .set_title("Open a text")
                .add_filter("Text", &["txt", "md", "text", "csv", "log"])
                .add_filter("All files", &["*"])
                .pick_file()
                .await
        }
        Wanted::Model => {
            dialog
                .set_title("Choose a model folder")
                .pick_folder()
                .await
        }
    };
    picked.map(|handle| handle.path().to_path_buf())
}
