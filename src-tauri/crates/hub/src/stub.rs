//! Temporary.
#![allow(missing_docs, clippy::all)]
use crate::{Library, ModelEntry};
use serde::Serialize;
use std::path::{Path, PathBuf};
pub struct HubConfig;
impl HubConfig {
    pub fn resolve(_: &Library) -> Self {
        Self
    }
}
#[derive(Serialize, Default)]
pub struct HubSettings {
    pub endpoint: String,
    pub proxy: String,
    pub offline: bool,
}
impl HubSettings {
    pub fn read(_: &Library) -> Self {
        Self::default()
    }
    pub fn write(&self, _: &Library) -> std::io::Result<()> {
        Ok(())
    }
    pub fn check(&self) -> Result<(), HubError> {
        Ok(())
    }
}
#[derive(Serialize)]
#[serde(rename_all = "lowercase")]
pub enum TokenPlace {
    None,
    Keyring,
    File,
    Environment,
}
pub mod token {
    use super::*;
    pub fn save(_: &Library, _: &str) -> Result<TokenPlace, HubError> {
        Ok(TokenPlace::None)
    }
    pub fn forget(_: &Library) -> Result<(), HubError> {
        Ok(())
    }
    pub fn place(_: &Library) -> TokenPlace {
        TokenPlace::None
    }
}
#[derive(Debug, thiserror::Error)]
pub enum HubError {
    #[error("cancelled")]
    Cancelled,
}
impl HubError {
    pub fn code(&self) -> &'static str {
        "x"
    }
    pub fn hint(&self) -> String {
        String::new()
    }
}
pub struct Hub;
impl Hub {
    pub fn new(_: HubConfig) -> Result<Self, HubError> {
        Ok(Self)
    }
    pub async fn search(&self, _: &Query) -> Result<Page, HubError> {
        Err(HubError::Cancelled)
    }
    pub async fn details(&self, _: &str) -> Result<Found, HubError> {
        Err(HubError::Cancelled)
    }
    pub async fn download(
        &self,
        _: &str,
        _: &Library,
        _: &Cancel,
        _: impl Fn(Progress) + Send + Sync,
    ) -> Result<PathBuf, HubError> {
        Err(HubError::Cancelled)
    }
}
pub enum Sort {
    Downloads,
    Likes,
    Updated,
}
impl Default for Sort {
    fn default() -> Self {
        Self::Downloads
    }
}
#[derive(Default)]
pub struct Query {
    pub text: String,
    pub author: Option<String>,
    pub task: Option<String>,
    pub language: Option<String>,
    pub sort: Sort,
    pub trainable: bool,
    pub limit: usize,
}
#[derive(Serialize)]
pub struct Found {}
#[derive(Serialize)]
pub struct Page {
    pub models: Vec<Found>,
    pub more: bool,
}
pub enum State {
    Waiting,
    Running,
    Verifying,
    Done,
}
pub struct Progress {
    pub state: State,
    pub bytes: u64,
    pub total: u64,
    pub bytes_per_second: f64,
    pub eta_seconds: Option<f64>,
}
#[derive(Clone, Default)]
pub struct Cancel;
impl Cancel {
    pub fn cancel(&self) {}
    pub async fn cancelled(&self) {
        std::future::pending().await
    }
}
#[derive(Serialize)]
pub struct ShelfEntry {}
pub fn shelf() -> &'static [ShelfEntry] {
    &[]
}
#[derive(Debug, thiserror::Error)]
#[error("x")]
pub struct RemoveError;
impl RemoveError {
    pub fn hint(&self) -> String {
        String::new()
    }
}
pub struct Partial {
    pub id: String,
    pub bytes: u64,
    pub total: u64,
}
impl Library {
    pub fn add_folder(&self, _: &Path) -> Result<ModelEntry, RemoveError> {
        Err(RemoveError)
    }
    pub fn remove(&self, _: &str) -> Result<u64, RemoveError> {
        Err(RemoveError)
    }
    pub fn partial_downloads(&self) -> Vec<Partial> {
        vec![]
    }
    pub fn discard_partial(&self, _: &str) -> std::io::Result<()> {
        Ok(())
    }
}
