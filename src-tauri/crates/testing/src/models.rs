//! Models to test with.

use std::env::var_os;
use std::path::{Path, PathBuf};

/// A tiny random model of the encoder's fixtures.
pub fn tiny(name: &str) -> PathBuf {
    fixtures("crates/encoder/tests/fixtures/tiny").join(name)
}

/// The folders of tiny adapters, as PEFT writes them, and `cases.json`, which names the base models.
pub fn adapters() -> PathBuf {
    fixtures("crates/encoder/tests/fixtures/adapters")
}

/// The folders with a tokenizer in each form, and what transformers makes of it.
pub fn tokenizers() -> PathBuf {
    fixtures("crates/tagger/tests/fixtures/tokenizers")
}

/// A folder of the test that runs. This crate itself may have been compiled in another clone.
fn fixtures(path: &str) -> PathBuf {
    let own = PathBuf::from(var_os("CARGO_MANIFEST_DIR").unwrap());
    let mut folders = own.ancestors().map(|folder| folder.join(path));
    folders.find(|folder| folder.is_dir()).unwrap()
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
