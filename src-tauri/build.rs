//! Puts every command under the access list, and sees to it that there is a page to build in.

use std::fs;
use std::path::Path;

const COMMANDS: &[&str] = &include!("src/commands/names.rs");

fn main() {
    // The window's files are built by npm. Without them the crate must still compile, for lints and
    // for tests that need no window.
    let dist = Path::new("../ui/dist");
    if !dist.join("index.html").exists() {
        let page = "<!doctype html><title>Tagsmith</title><p>Build the window first: npm --prefix ui run build</p>";
        if let Err(failure) =
            fs::create_dir_all(dist).and_then(|()| fs::write(dist.join("index.html"), page))
        {
            println!("cargo::warning=cannot write ../ui/dist/index.html: {failure}");
        }
    }
    println!("cargo::rerun-if-changed=../ui/dist");
    let manifest = tauri_build::AppManifest::new().commands(COMMANDS);
    let attributes = tauri_build::Attributes::new().app_manifest(manifest);
    if let Err(failure) = tauri_build::try_build(attributes) {
        println!("cargo::error={failure:#}");
    }
}
