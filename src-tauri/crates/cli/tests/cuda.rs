//! What is said of CUDA on a machine with NVIDIA's driver, with and without NVRTC. The driver is a
//! stand-in that computes nothing (`tests/cuda/driver.rs` in the root). Needs the feature `cuda` and
//! `rustc`; whether the kernels compile is asked by `scripts/check-cuda-kernels`.
#![cfg(all(feature = "cuda", target_os = "linux"))]
#![allow(clippy::unwrap_used)] // a failing helper fails its test

mod support;

use std::path::Path;
use std::process::Command;
use std::sync::OnceLock;
use support::{devices, text, tiny};

/// The folder with the stand-in for the driver.
fn driver() -> &'static Path {
    static FOLDER: OnceLock<tempfile::TempDir> = OnceLock::new();
    let folder = FOLDER.get_or_init(|| {
        let folder = tempfile::tempdir().unwrap();
        let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../tests/cuda/driver.rs");
        let built = Command::new("rustc")
            .args(["--edition", "2024", "--crate-type", "cdylib", "-o"])
            .arg(folder.path().join("libcuda.so.1"))
            .arg(source)
            .status()
            .unwrap();
        assert!(built.success());
        folder
    });
    folder.path()
}

/// The program with the stand-in for a driver, and no NVRTC but what lies in `libraries`.
fn tagsmith(folder: &Path, libraries: &[&Path]) -> Command {
    let mut command = support::tagsmith(folder);
    let libraries = std::env::join_paths(libraries).unwrap();
    command
        .env("TAGSMITH_CACHE", folder.join("cache"))
        .env("LD_LIBRARY_PATH", libraries)
        .env("HOME", folder)
        .env("VK_DRIVER_FILES", "/nonexistent")
        .env("VK_ICD_FILENAMES", "/nonexistent");
    for chosen in [
        "CUDA_PATH",
        "CUDA_HOME",
        "CUDA_ROOT",
        "VIRTUAL_ENV",
        "CONDA_PREFIX",
    ] {
        command.env_remove(chosen);
    }
    command
}

#[test]
fn without_a_driver_nothing_is_said_of_cuda() {
    let here = tempfile::tempdir().unwrap();
    let mut command = tagsmith(here.path(), &[]);
    let output = command.args(["devices", "--json"]).output().unwrap();
    assert_eq!(devices(&output).len(), 1);
    assert_eq!(text(&output.stderr), "");
}

#[test]
fn a_driver_without_a_card_has_no_devices() {
    let here = tempfile::tempdir().unwrap();
    let mut command = tagsmith(here.path(), &[driver()]);
    let output = command
        .env("FAKE_CUDA_CARDS", "0")
        .args(["devices", "--json"])
        .output()
        .unwrap();
    assert_eq!(devices(&output).len(), 1);
}

/// Skips on a machine where the system has NVRTC: no variable hides that.
#[test]
fn a_card_without_nvrtc_is_named_with_what_to_install() {
    let here = tempfile::tempdir().unwrap();
    let run = |arguments: &[&str]| {
        let mut command = tagsmith(here.path(), &[driver()]);
        command.args(arguments).output().unwrap()
    };
    for arguments in [
        &["devices", "--json"][..],
        &["devices", "--json", "--check"],
    ] {
        let listed = devices(&run(arguments));
        let card = &listed[1];
        assert_eq!(card["id"], "cuda:0");
        if card["check"]["incomplete"].is_null() {
            eprintln!("skipped: this machine has NVRTC");
            return;
        }
        assert_eq!(card["check"]["passed"], false);
        let detail = card["check"]["detail"].as_str().unwrap();
        for said in [
            "CUDA cannot be used: NVRTC, the compiler of CUDA's kernels, was not found",
            "install NVIDIA's CUDA toolkit 12.0 to 13.0",
            "'nvidia-cuda-nvrtc<13.1'",
        ] {
            assert!(detail.contains(said), "{detail}");
        }
    }
    let model = &tiny("bert-token-classification");
    std::fs::write(here.path().join("text.txt"), "anna berg in oslo").unwrap();
    let refused = run(&["tag", "--device", "cuda:0", "--model", model, "text.txt"]);
    assert_eq!(refused.status.code(), Some(1));
    let message = text(&refused.stderr);
    assert!(
        message.contains("NVRTC") && message.contains("hint: install that"),
        "{message}"
    );
    // Left to itself it takes the CPU, and says why.
    let done = run(&["tag", "--device", "auto", "--model", model, "text.txt"]);
    assert_eq!(done.status.code(), Some(0), "{}", text(&done.stderr));
    assert!(
        text(&done.stderr).contains("CUDA cannot be used"),
        "{}",
        text(&done.stderr)
    );
}
