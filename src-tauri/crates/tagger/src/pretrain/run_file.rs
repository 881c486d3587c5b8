//! `run.json` of a run of pretraining, which says that it is one.

use crate::error::Error;
use crate::run::RunFolder;
use crate::run_file::{RunJson, VERSION, hashes, read_run_json, versions};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::collections::BTreeMap;
use std::path::Path;
use tagsmith_protocol::PretrainConfig;

/// What `task` says; a run of fine-tuning has none.
const TASK: &str = "pretrain";

/// What a run is made of.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct PretrainFile {
    /// Of this file's layout.
    version: u32,
    /// That it is pretraining.
    task: String,
    /// UTC, RFC 3339.
    created: String,
    /// The programs' versions.
    versions: BTreeMap<String, String>,
    /// The device's id.
    device: String,
    /// The configuration as resolved.
    pub config: PretrainConfig,
    /// Whether the head is a new one.
    pub new_head: bool,
    /// SHA-256 of every input file by its path.
    sha256: BTreeMap<String, String>,
}

/// Whether the run in a folder is one of pretraining.
pub fn is_pretraining(out: &Path) -> bool {
    let run = read_run_json::<Value>(&RunFolder::existing(out));
    run.is_ok_and(|run| run["task"] == TASK)
}

impl PretrainFile {
    /// Describes a run about to start.
    ///
    /// # Errors
    /// An input file cannot be read.
    pub fn new(config: PretrainConfig, new_head: bool) -> Result<Self, Error> {
        Ok(Self {
            version: VERSION,
            task: TASK.into(),
            created: jiff::Timestamp::now().to_string(),
            versions: versions(),
            device: config.device.clone(),
            sha256: hashes(config.text.iter(), &config.model)?,
            config,
            new_head,
        })
    }
}

impl RunJson for PretrainFile {
    fn version(&self) -> u32 {
        self.version
    }

    fn sha256(&self) -> &BTreeMap<String, String> {
        &self.sha256
    }
}
