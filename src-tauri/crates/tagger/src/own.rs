//! What a model folder written here says of itself in its configuration, which no other program reads.

use serde::{Deserialize, Serialize};
use tagsmith_corpus::Scheme;
use tagsmith_encoder::Config;

/// The key of config.json under which a folder written here says what nothing else in it does.
const OWN_KEY: &str = "tagsmith";

/// What a folder written here says of itself.
#[derive(Default, Serialize, Deserialize)]
pub struct Own {
    /// The scheme of its tags.
    #[serde(default)]
    pub scheme: Option<Scheme>,
    /// Pieces of context that the model reads on each side, as it has learned to.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub context: usize,
}

fn is_zero(number: &usize) -> bool {
    *number == 0
}

/// What a configuration says.
pub fn own(config: &Config) -> Own {
    let own = config.raw.get(OWN_KEY).cloned();
    own.and_then(|own| serde_json::from_value(own).ok())
        .unwrap_or_default()
}

/// Notes the scheme and the context in a configuration about to be written.
pub fn with_own(mut config: Config, scheme: Scheme, context: usize) -> Config {
    let scheme = Some(scheme);
    let own = serde_json::json!(Own { scheme, context });
    config.raw.insert(OWN_KEY.into(), own);
    config
}
