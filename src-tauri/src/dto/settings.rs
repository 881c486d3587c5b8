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
    /// 1 to 2.
    pub text_scale: f64,
    /// The hue, 0–11, of each label.
    pub label_hues: BTreeMap<String, u32>,
    /// The steps of the first start.
    pub guide: Guide,
    /// `auto` or a device's id: what a new run takes.
    pub device: String,
}

impl Default for Preferences {
    fn default() -> Self {
        Self {
            theme: Theme::System,
            text_scale: 1.0,
            label_hues: BTreeMap::new(),
            guide: Guide::Open,
            device: "auto".into(),
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

/// What the library takes of the disk.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, Type)]
#[allow(missing_docs)]
pub struct StorageState {
    pub folder: String,
    pub models_bytes: u64,
    pub data_bytes: u64,
    pub runs_bytes: u64,
    pub free_bytes: u64,
}

/// A text file that the person opened.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, Type)]
#[allow(missing_docs)]
pub struct OpenedText {
    pub name: String,
    pub text: String,
}
