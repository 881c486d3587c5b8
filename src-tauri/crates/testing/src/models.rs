//! Models to test with.

use std::env::var_os;
use std::path::{Path, PathBuf};

/// A tiny random model of the encoder's fixtures.
pub fn tiny(name: &str) -> PathBuf {
    let crates = Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap();
    crates.join("encoder/tests/fixtures/tiny").join(name)
}

/// The starter model's folder, or `None` with a message.
pub fn starter() -> Option<PathBuf> {
    let cache = var_os("TAGSMITH_CACHE").map(PathBuf::from).or_else(|| {
        let cache = var_os("XDG_CACHE_HOME").map(PathBuf::from);
        let home = var_os("HOME").map(|home| Path::new(&home).join(".cache"));
        Some(cache.or(home)?.join("tagsmith"))
    })?;
    let folder = cache.join("models/starter");
    if folder.join("model.safetensors").exists() {
        return Some(folder);
    }
    eprintln!(
        "skipped: the starter model is not in `{}`",
        folder.display()
    );
    None
}
