//! Models on this machine, and downloads.

use super::{Failure, ModelSummary, Source};
use serde::{Deserialize, Serialize};
use specta::Type;

/// A model on this machine.
#[derive(Clone, Debug, Serialize, Type)]
#[allow(missing_docs)]
pub struct LibraryModel {
    pub name: String,
    pub path: String,
    pub source: Source,
    pub summary: ModelSummary,
    /// For what a run made: the run's id.
    pub run: Option<String>,
}

/// How far a download is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, Type)]
#[serde(rename_all = "lowercase")]
#[allow(missing_docs)]
pub enum DownloadState {
    Waiting,
    Running,
    Verifying,
    Done,
    Cancelled,
    Failed,
}

/// A download, under way or ended.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, Type)]
#[allow(missing_docs)]
pub struct Download {
    pub id: String,
    pub state: DownloadState,
    pub bytes: u64,
    pub total: u64,
    pub bytes_per_second: f64,
    pub eta_seconds: Option<f64>,
    pub failure: Option<Failure>,
}
