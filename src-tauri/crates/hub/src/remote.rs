//! A model on the Hub at one commit: its description, its files, and which of them are needed.

use hf_hub::repository::ModelInfo;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use tagsmith_checkpoint::tokenizer::{FILES, NONE, has_pieces};
use tagsmith_checkpoint::weights::{CRF, FORMS, parts};
use tagsmith_checkpoint::{Adapter, adapter, embedding};

use crate::address::{check_id, is_commit};
use crate::inspect::reason;
use crate::retry::{Boxed, RetryPolicy, retry};
use crate::web::{Subject, bad};
use crate::{Cancel, Hub, HubError};

/// Files that are fetched where a model has them, beside its weights and its tokenizer, and those that say that it
/// embeds sentences.
const SMALL: &[&str] = &[
    "config.json",
    "README.md",
    "LICENSE",
    "LICENSE.txt",
    "LICENSE.md",
    "NOTICE",
    "NOTICE.txt",
    CRF,
];

/// A file of a model on the Hub.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "bindings", derive(specta::Type))]
pub struct RemoteFile {
    /// Its name in the model's folder.
    pub path: String,
    /// Its size in bytes.
    pub bytes: u64,
    /// SHA-256 in hexadecimal digits; the Hub gives it for large files only.
    pub sha256: Option<String>,
    /// Git's hash of a small file in hexadecimal digits.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub git: Option<String>,
}

/// A model at one commit.
pub(crate) struct Remote {
    pub info: ModelInfo,
    /// The name under which the Hub has it today; an old name leads to the new one.
    pub id: String,
    pub commit: String,
    pub config: Option<Map<String, Value>>,
    /// What would be downloaded: small files first, weights last.
    pub files: Vec<RemoteFile>,
    /// What it lacks to be of use at all, each a sentence without a full stop.
    pub lacks: Vec<String>,
    /// Whether there is a card.
    pub card: bool,
}

/// What a model with these files lacks.
pub(crate) fn needs(names: &[&str]) -> Vec<String> {
    let has = |name: &str| names.contains(&name);
    let indexed = |name: &str| has(name) || names.contains(&format!("{name}.index.json").as_str());
    let has_weights = FORMS.iter().any(|(name, _)| indexed(name));
    let mut lacks = Vec::new();
    if !has("config.json") && (has_weights || !has(adapter::CONFIG)) {
        lacks.push("there is no `config.json`".into());
    }
    if !has_pieces(has) {
        lacks.push(NONE.into());
    }
    if !has_weights {
        lacks.push(match has(adapter::CONFIG) {
            true => ADAPTER.into(),
            false => {
                "there are no weights: neither `model.safetensors` nor `pytorch_model.bin`".into()
            }
        });
    }
    lacks
}

/// What is said of an adapter whose configuration has not been read.
const ADAPTER: &str = "it is an adapter, not a whole model";

impl Hub {
    /// What the Hub says of a model.
    pub(crate) async fn info(
        &self,
        id: &str,
        revision: Option<&str>,
        policy: &RetryPolicy,
        cancel: &Cancel,
    ) -> Result<ModelInfo, HubError> {
        let subject = Subject {
            id,
            revision,
            path: None,
        };
        let (owner, name) = hf_hub::split_id(id);
        let repository = self.hf.model(owner, name);
        let repository = &repository;
        retry(policy, cancel, || {
            async move {
                repository
                    .info()
                    .maybe_revision(revision.map(str::to_owned))
                    .send()
                    .await
                    .map_err(|failure| self.web.error_of_hf(failure, subject))
            }
            .boxed_here()
        })
        .await
    }

    /// A model at the commit that a revision means now, with the files that would be downloaded.
    pub(crate) async fn remote(
        &self,
        id: &str,
        revision: Option<&str>,
        policy: &RetryPolicy,
        cancel: &Cancel,
    ) -> Result<Remote, HubError> {
        let info = self.info(id, revision, policy, cancel).await?;
        let odd = |reason: &str| bad(&self.web.address(&[]), reason);
        // These two become part of paths.
        let id = info.id.clone();
        check_id(&id).map_err(|_| odd("it gives the model a name that cannot be one"))?;
        let commit = info.sha.clone().filter(|sha| is_commit(sha));
        let commit = commit.ok_or_else(|| odd("it names no commit"))?;
        let tree = self.tree(&id, &commit, policy, cancel).await?;
        let names: Vec<&str> = tree.iter().map(|file| file.path.as_str()).collect();
        let lacks = needs(&names);
        let config = match names.contains(&"config.json") {
            true => {
                let bytes = self
                    .small(&id, &commit, "config.json", policy, cancel)
                    .await?;
                serde_json::from_slice(&bytes).ok()
            }
            false => None,
        };
        let mut lacks = lacks;
        if let Some(place) = lacks.iter().position(|lack| lack == ADAPTER) {
            let bytes = self.small(&id, &commit, adapter::CONFIG, policy, cancel);
            lacks[place] = reason(&Adapter::from_json(&bytes.await?));
            // It is of no use to know what else it lacks.
            lacks = vec![lacks.swap_remove(place)];
        }
        let card = names.contains(&"README.md");
        let weights = self.weights(&id, &commit, &names, policy, cancel).await?;
        let (first, rest) = SMALL.split_at(1);
        let (first, rest) = (first.iter().copied(), rest.iter().copied());
        let files = first
            .chain(FILES)
            .chain(rest)
            .chain(embedding::FILES)
            .map(str::to_owned)
            .chain(weights)
            .filter_map(|name| tree.iter().find(|file| file.path == name).cloned())
            .collect();
        Ok(Remote {
            info,
            id,
            commit,
            config,
            files,
            lacks,
            card,
        })
    }

    /// The files at the top of a model. hf-hub lists them too, but loses their SHA-256.
    async fn tree(
        &self,
        id: &str,
        commit: &str,
        policy: &RetryPolicy,
        cancel: &Cancel,
    ) -> Result<Vec<RemoteFile>, HubError> {
        let mut parts = vec!["api", "models"];
        parts.extend(id.split('/'));
        parts.extend(["tree", commit]);
        let url = self.web.address(&parts);
        let subject = Subject {
            id,
            revision: Some(commit),
            path: None,
        };
        let entries = retry(policy, cancel, || {
            self.web.list(url.clone(), subject).boxed_here()
        })
        .await?;
        let mut files = Vec::new();
        for entry in &entries {
            let text = |value: Option<&Value>| value.and_then(Value::as_str).map(str::to_owned);
            let Some(path) = text(entry.get("path")) else {
                return Err(bad(&url, "a file in its list has no name"));
            };
            if !is_safe(&path) {
                return Err(HubError::UnsafeName {
                    id: id.into(),
                    name: path,
                });
            }
            // Only what lies at the top is ever needed.
            if text(entry.get("type")).as_deref() != Some("file") || path.contains('/') {
                continue;
            }
            let large = entry.get("lfs").filter(|lfs| lfs.is_object());
            let size = |value: Option<&Value>| value?.get("size")?.as_u64();
            let bytes = size(large)
                .or_else(|| size(Some(entry)))
                .ok_or_else(|| bad(&url, "a file in its list has no size"))?;
            let hash = |value: Option<&Value>, key: &str, length: usize| {
                text(value?.get(key)).filter(|hash| {
                    hash.len() == length && hash.bytes().all(|byte| byte.is_ascii_hexdigit())
                })
            };
            files.push(RemoteFile {
                sha256: hash(large, "oid", 64).or_else(|| hash(large, "sha256", 64)),
                // Of a large file, git only has a pointer.
                git: match large {
                    Some(_) => None,
                    None => hash(Some(entry), "oid", 40),
                },
                path,
                bytes,
            });
        }
        Ok(files)
    }

    /// The files of the weights to take.
    async fn weights(
        &self,
        id: &str,
        commit: &str,
        names: &[&str],
        policy: &RetryPolicy,
        cancel: &Cancel,
    ) -> Result<Vec<String>, HubError> {
        for (name, _) in FORMS {
            if names.contains(&name) {
                return Ok(vec![name.to_owned()]);
            }
            let index = format!("{name}.index.json");
            if !names.contains(&index.as_str()) {
                continue;
            }
            let bytes = self.small(id, commit, &index, policy, cancel).await?;
            let mut files = parts(&bytes).map_err(|reason| {
                bad(
                    &self.web.address(&[]),
                    &format!("`{index}` is not an index: {reason}"),
                )
            })?;
            if let Some(name) = files.iter().find(|file| !is_safe(file)) {
                return Err(HubError::UnsafeName {
                    id: id.into(),
                    name: name.clone(),
                });
            }
            if let Some(path) = files.iter().find(|file| !names.contains(&file.as_str())) {
                return Err(HubError::NoFile {
                    id: id.into(),
                    path: path.clone(),
                });
            }
            // The index last: a folder without it is not taken for a whole model.
            files.push(index);
            return Ok(files);
        }
        Ok(Vec::new())
    }

    /// A small file at a commit.
    pub(crate) async fn small(
        &self,
        id: &str,
        commit: &str,
        path: &str,
        policy: &RetryPolicy,
        cancel: &Cancel,
    ) -> Result<Vec<u8>, HubError> {
        let url = self.file(id, commit, path);
        let subject = Subject {
            id,
            revision: Some(commit),
            path: Some(path),
        };
        retry(policy, cancel, || {
            self.web.bytes(url.clone(), subject).boxed_here()
        })
        .await
    }

    /// The address of a file at a commit.
    pub(crate) fn file(&self, id: &str, commit: &str, path: &str) -> url::Url {
        let mut parts: Vec<&str> = id.split('/').collect();
        parts.extend(["resolve", commit, path]);
        self.web.address(&parts)
    }
}

/// Whether a name stays inside the folder that it is joined to, on every system.
fn is_safe(name: &str) -> bool {
    !name.is_empty()
        && !name.contains(['\\', ':', '\0'])
        && !name.contains(char::is_control)
        && name
            .split('/')
            .all(|part| !part.is_empty() && part != "." && part != "..")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_that_leave_the_folder_are_refused() {
        for name in [
            "config.json",
            "onnx/model.onnx",
            ".gitattributes",
            "a..b",
            "…",
        ] {
            assert!(is_safe(name), "{name}");
        }
        for name in [
            "", "../x", "a/../b", "/etc/x", "a//b", "..", "C:x", "a\\b", "a/", "a\0",
        ] {
            assert!(!is_safe(name), "{name}");
        }
    }

    #[test]
    fn what_a_model_lacks_is_listed() {
        assert!(needs(&["config.json", "vocab.txt", "pytorch_model.bin"]).is_empty());
        assert!(
            needs(&[
                "config.json",
                "tokenizer.json",
                "model.safetensors.index.json"
            ])
            .is_empty()
        );
        assert!(needs(&["config.json", "spm.model", "model.safetensors"]).is_empty());
        assert_eq!(needs(&["tf_model.h5"]).len(), 3);
    }
}
