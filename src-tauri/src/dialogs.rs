//! The system's file dialogs, with the words of the page.
//!
//! `TAGSMITH_PICK` answers in their place, for tests: paths as in `PATH`, each taken once, in order;
//! an empty one is a person who cancels.

use crate::dto::{FileKinds, SystemTexts};
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

/// What a dialog asks where to write.
#[derive(Clone, Copy)]
pub enum Written {
    /// A data set.
    Data,
    /// The entities of a batch.
    Entities,
    /// A model.
    Model,
}

impl DialogKind {
    fn title(self, texts: &SystemTexts) -> &str {
        let titles = &texts.titles;
        match self {
            Self::Data => &titles.data,
            Self::DataFolder => &titles.data_folder,
            Self::Text => &titles.text,
            Self::Model => &titles.model,
            Self::Mentions => &titles.mentions,
            Self::Texts => &titles.unlabelled,
        }
    }

    fn is_folder(self) -> bool {
        matches!(self, Self::DataFolder | Self::Model)
    }

    /// The name of the kind of files that is shown at first, with their extensions.
    fn filter(self, kinds: &FileKinds) -> Option<(&str, Vec<&str>)> {
        match self {
            Self::DataFolder | Self::Model => None,
            Self::Text => Some((&kinds.text, vec!["txt", "md", "text", "csv", "log"])),
            Self::Mentions => Some((&kinds.lists, vec!["tsv", "txt", "jsonl", "json"])),
            Self::Data | Self::Texts => {
                let formats = FormatName::ALL.iter();
                let packed = ["zip", "gz"].iter();
                let own = formats.flat_map(|format| format.extensions());
                Some((&kinds.data, own.chain(packed).copied().collect()))
            }
        }
    }
}

/// Asks the person for one path or several; none when they cancel.
pub async fn pick_several(
    window: &WebviewWindow,
    texts: &SystemTexts,
    kind: DialogKind,
) -> Vec<PathBuf> {
    if let Some(answer) = answered() {
        return answer.into_iter().collect();
    }
    let picked = asking(window, texts, kind).pick_files().await;
    let paths = picked.into_iter().flatten();
    paths.map(|handle| handle.path().to_path_buf()).collect()
}

/// Asks the person for a path; `None` when they cancel.
pub async fn pick(
    window: &WebviewWindow,
    texts: &SystemTexts,
    kind: DialogKind,
) -> Option<PathBuf> {
    if let Some(answer) = answered() {
        return answer;
    }
    let dialog = asking(window, texts, kind);
    let picked = match kind.is_folder() {
        true => dialog.pick_folder().await,
        false => dialog.pick_file().await,
    };
    picked.map(|handle| handle.path().to_path_buf())
}

/// Asks the person where a file is to be written; `None` when they cancel.
pub async fn save(
    window: &WebviewWindow,
    texts: &SystemTexts,
    written: Written,
    name: &str,
) -> Option<PathBuf> {
    if let Some(answer) = answered() {
        return answer;
    }
    let title = match written {
        Written::Data => &texts.titles.export_data,
        Written::Entities => &texts.titles.export_entities,
        Written::Model => &texts.titles.export_model,
    };
    let dialog = titled(window, title).set_file_name(name);
    let picked = dialog.save_file().await;
    picked.map(|handle| handle.path().to_path_buf())
}

fn asking(window: &WebviewWindow, texts: &SystemTexts, kind: DialogKind) -> AsyncFileDialog {
    let dialog = titled(window, kind.title(texts));
    match kind.filter(&texts.kinds) {
        Some((name, extensions)) => dialog
            .add_filter(name, &extensions)
            .add_filter(&texts.kinds.all, &["*"]),
        None => dialog,
    }
}

fn titled(window: &WebviewWindow, title: &str) -> AsyncFileDialog {
    let dialog = AsyncFileDialog::new().set_parent(window);
    match title {
        // The system has a title of its own.
        "" => dialog,
        title => dialog.set_title(title),
    }
}
