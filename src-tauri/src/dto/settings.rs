//! Preferences, devices, the Hub's settings, and what the library takes.

use super::{HubSettings, TokenPlace};
use serde::{Deserialize, Serialize};
use specta::Type;
use std::collections::BTreeMap;

/// Light or dark.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, Type)]
#[serde(rename_all = "lowercase")]
#[allow(missing_docs)]
pub enum Theme {
    System,
    Light,
    Dark,
}

/// The language of the window: the system's, or the one that the person chose.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, Type)]
#[serde(rename_all = "lowercase")]
#[allow(missing_docs)]
pub enum Language {
    System,
    En,
    De,
    Fr,
}

/// Whether the steps of the first start are shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, Type)]
#[serde(rename_all = "lowercase")]
#[allow(missing_docs)]
pub enum Guide {
    Open,
    Dismissed,
}

/// How a person wants the window.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, Type)]
pub struct Preferences {
    /// Light, dark or as the system.
    pub theme: Theme,
    /// The system's language, or another.
    pub language: Language,
    /// 1 to 2.
    pub text_scale: f64,
    /// The hue, 0–11, of each label.
    pub label_hues: BTreeMap<String, u32>,
    /// The steps of the first start.
    pub guide: Guide,
    /// `auto` or a device's id: what a new run takes.
    pub device: String,
    /// Finished runs keep their checkpoints, from which nothing is continued.
    pub keep_checkpoints: bool,
    /// The screen that was shown last; empty before the first.
    pub screen: String,
    /// By what the list of runs is sorted: `newest`, `name`, `dev`, `test` or `starred`.
    pub run_order: String,
}

impl Default for Preferences {
    fn default() -> Self {
        Self {
            theme: Theme::System,
            language: Language::System,
            text_scale: 1.0,
            label_hues: BTreeMap::new(),
            guide: Guide::Open,
            device: "auto".into(),
            keep_checkpoints: false,
            screen: String::new(),
            run_order: "newest".into(),
        }
    }
}

/// How the Hub is reached, and whether a token is known; the token itself never comes back.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, Type)]
#[allow(missing_docs)]
pub struct HubState {
    #[serde(flatten)]
    pub settings: HubSettings,
    pub token: TokenPlace,
}

/// What something on the disk is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, Type)]
#[serde(rename_all = "lowercase")]
pub enum StorageKind {
    /// Models of the library, the starter among them.
    Models,
    /// Runs, without the checkpoints that can be cleared.
    Runs,
    /// Several seeds, and searches.
    Studies,
    /// Data sets.
    Data,
    /// Tagged files.
    Batches,
    /// Checkpoints of finished runs, from which nothing is continued.
    Checkpoints,
    /// What came of downloads that are not whole.
    Downloads,
    /// Compiled kernels of GPUs, made again when a run needs them.
    Kernels,
}

/// One thing on the disk.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, Type)]
pub struct StorageItem {
    /// What commands call it.
    pub id: String,
    /// What the person calls it.
    pub name: String,
    /// Its bytes.
    pub bytes: u64,
}

/// All things of one kind.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, Type)]
pub struct StoragePart {
    /// What they are.
    pub kind: StorageKind,
    /// Bytes of all, those that are not listed among them.
    pub bytes: u64,
    /// The largest first; empty where they have no names.
    pub items: Vec<StorageItem>,
}

/// What lies where, and how large it is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, Type)]
pub struct StorageState {
    /// The library.
    pub folder: String,
    /// What can be made or fetched again.
    pub cache: String,
    /// In the order in which they are shown.
    pub parts: Vec<StoragePart>,
    /// On the library's disk.
    pub free_bytes: u64,
}

/// A text file that the person opened.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, Type)]
#[allow(missing_docs)]
pub struct OpenedText {
    pub name: String,
    pub text: String,
}
