//! What the system draws for the window: dialogs, whose words the page knows.

use serde::{Deserialize, Serialize};
use specta::Type;

/// The texts of the system's dialogs, in the language of the window. Empty before a page has sent them.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, Type)]
pub struct SystemTexts {
    /// Titles of the dialogs that ask for a file or a folder.
    pub titles: DialogTitles,
    /// Names of the kinds of files that a dialog can be limited to.
    pub kinds: FileKinds,
    /// A second window on the same library; `{folder}` stands for the library's.
    pub in_use: String,
    /// What the person can do then.
    pub in_use_next: String,
}

/// See [`SystemTexts::titles`].
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, Type)]
#[allow(missing_docs)]
pub struct DialogTitles {
    pub data: String,
    pub data_folder: String,
    pub text: String,
    pub model: String,
    pub mentions: String,
    pub unlabelled: String,
    pub export_data: String,
    pub export_entities: String,
    pub export_model: String,
}

/// See [`SystemTexts::kinds`].
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, Type)]
#[allow(missing_docs)]
pub struct FileKinds {
    pub data: String,
    pub text: String,
    pub lists: String,
    pub all: String,
}
