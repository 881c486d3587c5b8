//! Hands the version of burn, which stands in the workspace's manifest, to the program: each run records it.

fn main() {
    // Asked when the script runs: a build cache may have compiled it for another clone.
    let package = std::env::var("CARGO_MANIFEST_DIR").expect("cargo names the package's folder");
    let manifest = format!("{package}/../../../Cargo.toml");
    println!("cargo::rerun-if-changed={manifest}");
    let text = std::fs::read_to_string(manifest).expect("the workspace has a manifest");
    let version = text.lines().find_map(|line| {
        let burn = line.strip_prefix("burn = { version = \"=")?;
        Some(burn.split_once('"')?.0)
    });
    let version = version.expect("the workspace names one version of burn");
    println!("cargo::rustc-env=BURN_VERSION={version}");
}
