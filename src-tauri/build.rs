//! Puts every command under the access list, and sees to it that there is a page to build in.

use std::fs;
use std::path::Path;

macro_rules! commands {
    ($($module:ident::$name:ident),* $(,)?) => { &[$(stringify!($name)),*] };
}

const COMMANDS: &[&str] = include!("src/commands/list.rs");

/// The window's capability, from the same list: it may call these commands by name, and nothing of the
/// system's.
fn write_capability() -> std::io::Result<()> {
    let file = Path::new("capabilities/main.json");
    let permissions: Vec<String> = COMMANDS
        .iter()
        .map(|name| format!("    \"allow-{}\"", name.replace('_', "-")))
        .collect();
    let text = format!(
        "{{\n  \"$schema\": \"../gen/schemas/desktop-schema.json\",\n  \"identifier\": \"main\",\n  \
         \"description\": \"Made by the build from the list of commands.\",\n  \
         \"windows\": [\n    \"main\"\n  ],\n  \"permissions\": [\n{}\n  ]\n}}\n",
        permissions.join(",\n")
    );
    match fs::read_to_string(file) {
        Ok(present) if present == text => Ok(()),
        _ => fs::write(file, text),
    }
}

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
    println!("cargo::rerun-if-changed=src/commands/list.rs");
    if let Err(failure) = write_capability() {
        println!("cargo::warning=cannot write capabilities/main.json: {failure}");
    }
    let manifest = tauri_build::AppManifest::new().commands(COMMANDS);
    let attributes = tauri_build::Attributes::new().app_manifest(manifest);
    if let Err(failure) = tauri_build::try_build(attributes) {
        println!("cargo::error={failure:#}");
    }
}
