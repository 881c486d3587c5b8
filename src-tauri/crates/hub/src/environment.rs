//! What the environment says: variables, and where the Hugging Face tools keep their files.

use std::path::{Path, PathBuf};

/// A variable that is set to something.
pub(crate) fn variable(name: &str) -> Option<String> {
    std::env::var(name)
        .ok()
        .map(|value| value.trim().to_owned())
        .filter(|value| !value.is_empty())
}

/// The words for yes that the Hugging Face tools know.
pub(crate) fn is_on(value: &str) -> bool {
    matches!(value.to_lowercase().as_str(), "1" | "true" | "yes" | "on")
}

/// The folder of the Hugging Face tools: `HF_HOME`, else in the cache.
pub(crate) fn hugging_face_home() -> Option<PathBuf> {
    let home = variable("HF_HOME").map(PathBuf::from);
    let cache = || variable("XDG_CACHE_HOME").map(PathBuf::from);
    // They use `~/.cache` on every system, not the platform's own folder.
    let usual = || dirs::home_dir().map(|home| home.join(".cache"));
    home.or_else(|| Some(cache().or_else(usual)?.join("huggingface")))
}

/// The standard cache of the Hugging Face tools.
pub(crate) fn hugging_face_cache() -> Option<PathBuf> {
    let named = |name| variable(name).map(PathBuf::from);
    named("HF_HUB_CACHE")
        .or_else(|| named("HUGGINGFACE_HUB_CACHE"))
        .or_else(|| Some(hugging_face_home()?.join("hub")))
        .filter(|path| path != Path::new(""))
}
