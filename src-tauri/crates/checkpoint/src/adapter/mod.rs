//! Adapters such as LoRA (Hu et al. 2021): small changes to a base model, which lie in a folder without it.
//!
//! - here: what an adapter is, and of which model
//! - [`lora`]: the changes that LoRA and its variants make to a weight
//! - [`merge`]: base model and adapter in, an ordinary model folder out
//! - [`merged_from`]: what such a folder was made of
//! - [`write`]: an adapter that was trained here, as PEFT writes it

mod lora;
mod merge;
mod merged_from;
mod write;

pub use merge::{MergeError, Merged, merge};
pub use merged_from::MergedFrom;
pub use write::NewAdapter;

use serde_json::Value;
use std::borrow::Cow;
use std::path::Path;
use tagsmith_protocol::Diagnose;

/// The file by which a folder is known to hold one.
pub const CONFIG: &str = "adapter_config.json";

/// LoRA and its variants, as people call them.
const LORA: &str = "LoRA";

/// A folder or repository that holds an adapter and no whole model.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("it is {}{}, not a whole model", self.named(), base.as_ref().map_or_else(String::new, |base| format!(" of `{base}`")))]
pub struct Adapter {
    /// Which kind: `LoRA`, or another one as PEFT calls it, for instance `IA3`.
    pub kind: String,
    /// The model that it changes, as `ORG/NAME` or a path.
    pub base: Option<String>,
}

impl Adapter {
    /// The adapter in a folder, if there is one.
    pub fn in_folder(folder: &Path) -> Option<Self> {
        Some(Self::from_json(&std::fs::read(folder.join(CONFIG)).ok()?))
    }

    /// What an `adapter_config.json` says, however little.
    pub fn from_json(bytes: &[u8]) -> Self {
        let config: Value = serde_json::from_slice(bytes).unwrap_or_default();
        let text = |key: &str| config[key].as_str().filter(|text| !text.is_empty());
        Self {
            kind: match text("peft_type") {
                Some("LORA") | None => LORA.into(),
                Some(other) => other.into(),
            },
            base: text("base_model_name_or_path").map(str::to_owned),
        }
    }

    /// With an article.
    fn named(&self) -> String {
        match self.is_lora() {
            true => format!("a {LORA} adapter"),
            false => format!("an adapter of the kind `{}`", self.kind),
        }
    }

    /// Whether [`merge`] may merge it with its base model.
    pub fn is_lora(&self) -> bool {
        self.kind == LORA
    }
}

impl Diagnose for Adapter {
    fn code(&self) -> &'static str {
        "model"
    }

    fn hint(&self) -> Option<Cow<'_, str>> {
        let base = self.base.as_ref();
        let base = base.map_or_else(|| "its base model".into(), |base| format!("`{base}`"));
        let instead = format!("fine-tune {base} instead");
        Some(match self.is_lora() {
            true => format!(
                "{instead}; or get it into the library, or into a folder beside the adapter's, and give the \
                 adapter's folder: both are merged"
            )
            .into(),
            false => instead.into(),
        })
    }
}
