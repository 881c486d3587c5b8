//! All that is known of a model on the Hub before it is downloaded.

use std::collections::BTreeMap;

use hf_hub::repository::ModelInfo;
use serde::Serialize;

use tagsmith_checkpoint::tokenizer;
use tagsmith_checkpoint::weights::{TensorInfo, header_length, tensors_in};

use crate::about;
use crate::inspect::weights::{compare, count};
use crate::inspect::{Findings, ModelNote, config, refused};
use crate::remote::Remote;
use crate::retry::{Boxed, retry};
use crate::web::Subject;
use crate::{Cancel, Found, Hub, HubError, RemoteFile, parse_id};

/// Element types of parameters; the others that occur are constants, or mean quantised weights.
const FLOATS: &[&str] = &["F64", "F32", "F16", "BF16"];

/// A model on the Hub, looked at closely.
#[derive(Clone, Debug, Serialize)]
#[cfg_attr(feature = "bindings", derive(specta::Type))]
#[serde(rename = "ModelDetails")]
pub struct Details {
    /// What a search returns.
    #[serde(flatten)]
    pub found: Found,
    /// The commit that a download would pin.
    pub revision: String,
    /// Size of the files that would be downloaded.
    pub bytes: u64,
    /// Parameters, where the Hub has counted them.
    pub parameters: Option<u64>,
    /// The class that the model was saved from.
    pub architecture: Option<String>,
    /// The longest sequence that it reads, in tokens.
    pub max_tokens: Option<u64>,
    /// Why it cannot be fine-tuned, each a sentence without a full stop.
    pub reasons: Vec<String>,
    /// What is odd about it and does not keep it from being used.
    pub notes: Vec<ModelNote>,
    /// The beginning of its card as plain text.
    pub about: String,
    /// The files that would be downloaded.
    pub files: Vec<RemoteFile>,
}

impl Hub {
    /// Looks at a model, named as [`parse_id`] takes it.
    ///
    /// # Errors
    /// There is no such model, or the Hub cannot be asked.
    pub async fn details(&self, id: &str) -> Result<Details, HubError> {
        self.online()?;
        let (id, revision) = parse_id(id)?;
        let never = Cancel::default();
        let remote = self
            .remote(&id, revision.as_deref(), &self.query_retries, &never)
            .await?;
        let card = match remote.card {
            true => self
                .small(
                    &remote.id,
                    &remote.commit,
                    "README.md",
                    &self.query_retries,
                    &never,
                )
                .await
                .unwrap_or_default(),
            false => Vec::new(),
        };
        let tokenizer = self.tokenizer(&remote).await?;
        let tensors = self.tensors(&remote).await;
        let card = String::from_utf8_lossy(&card);
        Ok(describe(remote, tokenizer, tensors, &card))
    }

    /// Why a model's tokenizer cannot be used, as far as its settings and the names of its files say.
    async fn tokenizer(&self, remote: &Remote) -> Result<Option<String>, HubError> {
        let has = |name: &str| remote.files.iter().any(|file| file.path == name);
        let Some(model) = remote
            .config
            .as_ref()
            .filter(|_| tokenizer::has_pieces(has))
        else {
            return Ok(None);
        };
        let (id, commit, never) = (&remote.id, &remote.commit, Cancel::default());
        let config = match has(tokenizer::CONFIG) {
            true => {
                let file = tokenizer::CONFIG;
                let bytes = self.small(id, commit, file, &self.query_retries, &never);
                Some(bytes.await?)
            }
            false => None,
        };
        let found = tokenizer::check(model, config.as_deref(), has);
        Ok(found.err().as_ref().map(refused))
    }

    /// The tensors in a model's safetensors, from the headers of these files alone; or in words what is
    /// wrong with one of them.
    async fn tensors(&self, remote: &Remote) -> Result<Result<Tensors, String>, HubError> {
        let mut tensors = Tensors::new();
        for file in &remote.files {
            if !file.path.ends_with(".safetensors") {
                continue;
            }
            match self.header(remote, file).await? {
                Ok(found) => tensors.extend(found),
                Err(reason) => {
                    return Ok(Err(format!("`{}` is damaged: {reason}", file.path)));
                }
            }
        }
        Ok(Ok(tensors))
    }

    async fn header(
        &self,
        remote: &Remote,
        file: &RemoteFile,
    ) -> Result<Result<Tensors, String>, HubError> {
        let start = self.part(remote, file, 0, 8).await?;
        let header = match header_length(&start, file.bytes) {
            Ok(header) => header as usize,
            Err(reason) => return Ok(Err(reason)),
        };
        let text = match header {
            0 => Vec::new(),
            header => self.part(remote, file, 8, header).await?,
        };
        let found = tensors_in(&text, file.bytes);
        Ok(found.map(|found| {
            let infos = found.into_iter().map(|(name, (info, _))| (name, info));
            infos.collect()
        }))
    }

    async fn part(
        &self,
        remote: &Remote,
        file: &RemoteFile,
        offset: u64,
        length: usize,
    ) -> Result<Vec<u8>, HubError> {
        let url = self.file(&remote.id, &remote.commit, &file.path);
        let subject = Subject {
            id: &remote.id,
            revision: Some(&remote.commit),
            path: Some(&file.path),
        };
        retry(&self.query_retries, &Cancel::default(), || {
            let range = self.web.range(url.clone(), offset, length, subject);
            range.boxed_here()
        })
        .await
    }
}

/// Tensors by the names that a file gives them.
type Tensors = BTreeMap<String, TensorInfo>;

fn describe(
    remote: Remote,
    tokenizer: Option<String>,
    tensors: Result<Result<Tensors, String>, HubError>,
    card: &str,
) -> Details {
    let mut findings = Findings::default();
    let mut found = Found::from(&remote.info);
    let facts = remote.config.map(config::facts);
    // The family comes first: without it the rest does not matter.
    match &facts {
        Some(facts) => match &facts.config {
            Ok(config) => {
                findings.note(config.notes());
                findings.reasons.extend(tokenizer);
            }
            Err(reason) => findings.reasons.push(reason.clone()),
        },
        None if remote.lacks.is_empty() => {
            findings
                .reasons
                .push("`config.json` is not a JSON object".into());
        }
        None => {}
    }
    findings.reasons.extend(remote.lacks);
    let mut parameters = parameters(&remote.info);
    match tensors {
        Ok(Ok(tensors)) if !tensors.is_empty() => {
            let infos = || tensors.iter().map(|(name, info)| (name.as_str(), info));
            parameters = Some(count(infos()).values().sum());
            if let Some(Ok(config)) = facts.as_ref().map(|facts| facts.config.as_ref()) {
                compare(config, infos(), &mut findings);
            }
        }
        Ok(Ok(_)) => {}
        Ok(Err(reason)) => findings.reasons.push(reason),
        Err(failure) => findings.notes.push(ModelNote {
            code: "weights-not-seen".into(),
            message: format!("its weights could not be looked at before a download: {failure}"),
        }),
    }
    found.trainable = findings.reasons.is_empty();
    let facts = facts.as_ref();
    found.model_type = facts
        .and_then(|facts| facts.model_type.clone())
        .or(found.model_type);
    Details {
        bytes: remote.files.iter().map(|file| file.bytes).sum(),
        parameters,
        revision: remote.commit,
        architecture: facts.and_then(|facts| facts.architecture.clone()),
        max_tokens: facts.and_then(|facts| facts.max_position_embeddings),
        reasons: findings.reasons,
        notes: findings.notes,
        about: about::start(card),
        files: remote.files,
        found,
    }
}

/// As the Hub has counted them.
fn parameters(info: &ModelInfo) -> Option<u64> {
    let counted = info.safetensors.as_ref()?;
    let floats = counted.parameters.iter();
    let count = floats
        .filter(|(kind, _)| FLOATS.contains(&kind.as_str()))
        .map(|(_, count)| count)
        .fold(0_u64, |sum, count| sum.saturating_add(*count));
    (count > 0).then_some(count)
}
