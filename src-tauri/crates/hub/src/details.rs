//! All that is known of a model on the Hub before it is downloaded.

use hf_hub::repository::ModelInfo;
use serde::Serialize;

use crate::about;
use crate::inspect;
use crate::remote::Remote;
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
    /// Why it cannot be fine-tuned, each a sentence without a full stop.
    pub reasons: Vec<String>,
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
        Ok(describe(remote, &String::from_utf8_lossy(&card)))
    }
}

fn describe(remote: Remote, card: &str) -> Details {
    let mut reasons = remote.lacks;
    let mut found = Found::from(&remote.info);
    let mut architecture = None;
    match &remote.config {
        Some(config) => {
            let facts = inspect::config::facts(config);
            found.model_type = facts.model_type.or(found.model_type);
            architecture = facts.architecture;
            // The family comes first: without it the rest does not matter.
            reasons.splice(0..0, facts.reasons);
        }
        None if reasons.is_empty() => reasons.push("`config.json` is not a JSON object".into()),
        None => {}
    }
    if let Some(kind) = quantised(&remote.info) {
        reasons.push(format!("the weights are quantised: they hold {kind}"));
    }
    found.trainable = reasons.is_empty();
    Details {
        bytes: remote.files.iter().map(|file| file.bytes).sum(),
        parameters: parameters(&remote.info),
        revision: remote.commit,
        architecture,
        reasons,
        about: about::start(card),
        files: remote.files,
        found,
    }
}

fn parameters(info: &ModelInfo) -> Option<u64> {
    let counted = info.safetensors.as_ref()?;
    let floats = counted.parameters.iter();
    let count = floats
        .filter(|(kind, _)| FLOATS.contains(&kind.as_str()))
        .map(|(_, count)| count)
        .fold(0_u64, |sum, count| sum.saturating_add(*count));
    (count > 0).then_some(count)
}

/// The element type of quantised weights. Old checkpoints carry position ids as I64 beside theirs.
fn quantised(info: &ModelInfo) -> Option<&str> {
    let kinds = info.safetensors.as_ref()?.parameters.keys();
    kinds
        .map(String::as_str)
        .find(|kind| !FLOATS.contains(kind) && *kind != "I64")
}
