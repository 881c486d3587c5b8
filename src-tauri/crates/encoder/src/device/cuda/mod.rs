//! CUDA as people have it installed: its run-time compiler NVRTC and the headers of kernels, found and
//! shown to cubecl before it first touches a card, or said to be missing.
//!
//! cubecl compiles kernels while the program runs. It asks the system's loader for `libnvrtc` and takes
//! headers from `CUDA_PATH/include`, `/usr/local/cuda/include` or `/opt/cuda/include`, and panics where
//! one of them is not there. Few have them exactly there; many have them in a Python environment.
//!
//! - [`places`]: where they may be installed
//! - [`choice`]: which of them suit the driver, and what is missing
//! - [`folder`]: one folder of headers from several, with `mma.h` in this folder where CUDA's is halved
//! - [`library`]: NVIDIA's libraries, loaded and asked
#![cfg_attr(not(feature = "cuda"), allow(dead_code))] // without CUDA only the tests search

mod choice;
mod folder;
#[cfg(feature = "cuda")]
mod library;
mod places;
#[cfg(test)]
mod tests;

#[cfg(feature = "cuda")]
use choice::{Missing, Version};
#[cfg(feature = "cuda")]
use std::path::{Path, PathBuf};
#[cfg(feature = "cuda")]
use std::sync::OnceLock;

/// What [`prepare`] came to, where there is a driver.
#[cfg(feature = "cuda")]
static STATE: OnceLock<State> = OnceLock::new();

#[cfg(feature = "cuda")]
struct State {
    nvrtc: Result<Version, Missing>,
    /// What to install, where something is missing.
    remedy: String,
}

/// Finds what CUDA needs to compile kernels, loads NVRTC, and sets `CUDA_PATH` for this process alone.
/// Does nothing where there is no NVIDIA driver, or on a second call. `own` is a folder into which people
/// can install NVIDIA's Python packages for this program alone, `cache` one in which headers can be put
/// together; neither need be there.
///
/// # Safety
/// The environment of the process is changed: no other thread may run yet.
#[cfg(feature = "cuda")]
#[allow(
    unsafe_code,
    reason = "cubecl takes the folder of headers from the environment alone"
)]
pub unsafe fn prepare(own: &Path, cache: &Path) {
    let Some(driver) = library::driver_version() else {
        return;
    };
    STATE.get_or_init(|| {
        let nvrtc = find(driver, own, cache).map(|(version, prefix)| {
            // SAFETY: the caller promises that this thread is the only one.
            unsafe { std::env::set_var("CUDA_PATH", prefix) };
            version
        });
        let remedy = choice::remedy(driver, own);
        State { nvrtc, remedy }
    });
}

/// As with the feature `cuda`; without it there is nothing to find.
///
/// # Safety
/// As with the feature `cuda`.
#[cfg(not(feature = "cuda"))]
#[allow(unsafe_code, reason = "the same signature as with the feature")]
pub unsafe fn prepare(_own: &std::path::Path, _cache: &std::path::Path) {}

/// Why CUDA cannot be used, and what to install. Nothing where it can be, or was not looked for.
#[cfg(feature = "cuda")]
pub(super) fn missing() -> Option<String> {
    let state = STATE.get()?;
    let missing = state.nvrtc.as_ref().err()?;
    Some(format!("CUDA cannot be used: {missing}; {}", state.remedy))
}

/// The version of CUDA that compiles kernels, such as `NVRTC 12.9`.
#[cfg(feature = "cuda")]
pub(super) fn compiler() -> Option<String> {
    let version = STATE.get()?.nvrtc.as_ref().ok()?;
    Some(format!("NVRTC {version}"))
}

/// Loads the NVRTC that suits; its version, and the folder whose `include` has the headers.
#[cfg(feature = "cuda")]
fn find(driver: Version, own: &Path, cache: &Path) -> Result<(Version, PathBuf), Missing> {
    let mut places = places::Machine::here().places(own);
    let loader = library::by_loader();
    places.extend(loader.iter().filter_map(|(_, path)| {
        let folder = path.parent()?.to_path_buf();
        Some(places::beside_library(folder))
    }));
    let loader = loader.as_ref().map(|(rank, path)| (*rank, path.as_path()));
    let choice = choice::choose(&places, loader, driver)?;
    let nvrtc = library::Nvrtc::load(&choice.nvrtc.path)?;
    // File names may have said nothing.
    if !nvrtc.version.suits(driver) {
        return Err(Missing::WrongVersion {
            path: choice.nvrtc.path,
            version: nvrtc.version,
            driver,
        });
    }
    // NVRTC's own headers are there whole or not at all.
    let own_of_nvrtc = || {
        let folder = cache.join(format!("nvrtc-{}", nvrtc.version));
        let is_there = nvrtc.install_headers(&folder.join("include"));
        is_there.then_some(folder)
    };
    let put_together = || folder::of_headers(&choice.headers, &cache.join("cuda-headers")).ok();
    let lacks = |headers: &[&'static str]| choice::absent(headers, &choice.headers);
    let headers = match (lacks(&choice::HALF), lacks(&choice::PRODUCTS)) {
        (Some(_), _) => own_of_nvrtc(),
        (None, Some(_)) => own_of_nvrtc().or_else(put_together),
        (None, None) => put_together(),
    };
    let headers = headers.ok_or_else(|| Missing::Headers {
        header: lacks(&choice::HALF).unwrap_or("mma.h"),
        nvrtc: choice.nvrtc.path.clone(),
    })?;
    Ok((nvrtc.version, headers))
}
