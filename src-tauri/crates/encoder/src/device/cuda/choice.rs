//! Which NVRTC is taken and with which headers, or what is missing.

use super::places::Place;
use std::fmt;
use std::path::{Path, PathBuf};

/// A version of CUDA, such as 12.9.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Version {
    pub(super) major: u32,
    pub(super) minor: u32,
}

/// What cubecl-cuda 0.11 can work with.
const OLDEST: Version = Version {
    major: 12,
    minor: 0,
};

/// The sonames of NVRTC in the order in which cudarc asks the system's loader for them.
pub(super) const SONAMES: [&str; 3] = ["libnvrtc.so", "libnvrtc.so.13", "libnvrtc.so.12"];

/// The one name by which cudarc finds NVRTC of CUDA 13 on Windows; it knows none for CUDA 12 there.
pub(super) const DLL: &str = "nvrtc64_130_0.dll";

/// The headers of half precision, which nothing stands in for.
pub(super) const HALF: [&str; 2] = ["cuda_fp16.h", "cuda_bf16.h"];

/// The two halves of the header of products on tensor cores. Without the second one, the first is of no
/// use; `mma.h` in this folder is there for that.
pub(super) const PRODUCTS: [&str; 2] = ["mma.h", "crt/mma.h"];

/// A compiler that was found.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Nvrtc {
    pub(super) path: PathBuf,
    /// Where it follows from file names.
    pub(super) version: Option<Version>,
}

/// The compiler to use and where its headers are.
#[derive(Debug, PartialEq)]
pub(super) struct Choice {
    pub(super) nvrtc: Nvrtc,
    /// Folders that hold [`HALF`] and [`PRODUCTS`] together; some may be in none.
    pub(super) headers: Vec<PathBuf>,
}

/// Why CUDA cannot be used though there are a card and its driver.
#[derive(Debug, PartialEq, thiserror::Error)]
pub(super) enum Missing {
    #[error("NVRTC, the compiler of CUDA's kernels, was not found")]
    Nvrtc,
    #[error("NVRTC `{}` is of CUDA {version}, and NVIDIA's driver loads what CUDA {OLDEST} to {driver} compiles", path.display())]
    WrongVersion {
        path: PathBuf,
        version: Version,
        driver: Version,
    },
    #[error("CUDA's headers, such as `{header}`, were not found for NVRTC `{}`", nvrtc.display())]
    Headers {
        nvrtc: PathBuf,
        header: &'static str,
    },
    #[error("NVRTC `{}` cannot be loaded: {reason}", path.display())]
    Broken { path: PathBuf, reason: String },
}

/// What to install for a driver of that version: the toolkit, or Python packages into `own`.
pub(super) fn remedy(driver: Version, own: &Path) -> String {
    let suffix = if driver.major == 12 { "-cu12" } else { "" };
    // Not each version of CUDA has packages, so the newest one that the driver loads is asked for.
    let below = Version {
        minor: driver.minor + 1,
        ..driver
    };
    let packages = ["nvrtc", "runtime"].map(|name| format!("'nvidia-cuda-{name}{suffix}<{below}'"));
    format!(
        "install NVIDIA's CUDA toolkit {OLDEST} to {driver}, or `pip install --target '{}' {}`",
        own.display(),
        packages.join(" ")
    )
}

impl fmt::Display for Version {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}", self.major, self.minor)
    }
}

impl Version {
    /// As the driver states it: 12090 is 12.9.
    pub(super) fn of_driver(number: i32) -> Self {
        let number = number.unsigned_abs();
        Self {
            major: number / 1000,
            minor: number % 1000 / 10,
        }
    }

    /// Whether a driver loads what a compiler of this version makes. PTX that is newer than the driver
    /// is refused.
    pub(super) fn suits(self, driver: Self) -> bool {
        (OLDEST..=driver).contains(&self)
    }
}

/// Chooses the first among `places` that suits the driver. `loader` is what the system's own search
/// gives to cudarc, with its place among [`SONAMES`]: nothing with a later name is reached beside it.
pub(super) fn choose(
    places: &[Place],
    loader: Option<(usize, &Path)>,
    driver: Version,
) -> Result<Choice, Missing> {
    let is_reached = |nvrtc: &Nvrtc| {
        loader.is_none_or(|(rank, path)| {
            rank_of(&nvrtc.path) <= Some(rank) || same_file(&nvrtc.path, path)
        })
    };
    let mut unsuited = None;
    for place in places {
        let found = place.libraries.iter().flat_map(|folder| nvrtc_in(folder));
        for nvrtc in found.filter(is_reached) {
            match nvrtc.version {
                Some(version) if !version.suits(driver) => {
                    unsuited.get_or_insert((nvrtc.path, version));
                }
                _ => {
                    let headers = headers(std::iter::once(place).chain(places));
                    return Ok(Choice { nvrtc, headers });
                }
            }
        }
    }
    Err(match unsuited {
        Some((path, version)) => Missing::WrongVersion {
            path,
            version,
            driver,
        },
        None => Missing::Nvrtc,
    })
}

/// The first of `headers` that no folder has; nothing where all are there.
pub(super) fn absent(headers: &[&'static str], folders: &[PathBuf]) -> Option<&'static str> {
    let has = |header: &str| folders.iter().any(|folder| folder.join(header).is_file());
    headers.iter().copied().find(|header| !has(header))
}

/// The folders from which all headers can be had: one that has them all before several together.
fn headers<'a>(places: impl Iterator<Item = &'a Place>) -> Vec<PathBuf> {
    let all = [HALF, PRODUCTS].concat();
    let folders: Vec<&PathBuf> = places.flat_map(|place| &place.headers).collect();
    let mut whole = folders.iter().copied().cloned();
    if let Some(folder) = whole.find(|folder| absent(&all, std::slice::from_ref(folder)).is_none())
    {
        return vec![folder];
    }
    let mut parts: Vec<PathBuf> = Vec::new();
    for header in all {
        let first = folders.iter().find(|folder| folder.join(header).is_file());
        parts.extend(
            first
                .filter(|folder| !parts.contains(folder))
                .map(|folder| folder.to_path_buf()),
        );
    }
    parts
}

/// The NVRTCs in a folder, in the order in which cudarc prefers their names.
fn nvrtc_in(folder: &Path) -> Vec<Nvrtc> {
    let names = SONAMES.into_iter().skip(1).chain([DLL]);
    let paths = names.map(|name| folder.join(name));
    paths.filter(|path| path.is_file()).map(nvrtc_at).collect()
}

fn nvrtc_at(path: PathBuf) -> Nvrtc {
    // The name is a link to a more specific one, or the library's other half beside it has one.
    let target = path.canonicalize().unwrap_or_else(|_| path.clone());
    let own = numbers(&target, "libnvrtc.so.");
    let version = match *own {
        [major, minor, ..] => Some(Version { major, minor }),
        [major] => version_beside(&target, major),
        [] => None,
    };
    Nvrtc { path, version }
}

fn version_beside(library: &Path, wanted: u32) -> Option<Version> {
    let entries = std::fs::read_dir(library.parent()?).ok()?.flatten();
    let mut versions =
        entries.filter_map(
            |entry| match *numbers(&entry.path(), "libnvrtc-builtins.so.") {
                [major, minor, ..] if major == wanted => Some(Version { major, minor }),
                _ => None,
            },
        );
    versions.next()
}

/// The numbers after `prefix` in a name such as `libnvrtc.so.12.9.86`.
fn numbers(path: &Path, prefix: &str) -> Vec<u32> {
    let name = path.file_name().and_then(|name| name.to_str());
    let rest = name
        .and_then(|name| name.strip_prefix(prefix))
        .unwrap_or_default();
    rest.split('.')
        .map_while(|number| number.parse().ok())
        .collect()
}

fn rank_of(path: &Path) -> Option<usize> {
    let name = path.file_name()?.to_str()?;
    SONAMES.iter().position(|soname| *soname == name)
}

fn same_file(one: &Path, other: &Path) -> bool {
    let same = |one: PathBuf| other.canonicalize().is_ok_and(|other| one == other);
    one.canonicalize().is_ok_and(same)
}
