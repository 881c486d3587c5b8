//! NVIDIA's libraries, loaded from where they were found and asked for what they know.
#![allow(
    unsafe_code,
    reason = "libraries of C, looked up while the program runs"
)]

use super::choice::{Missing, SONAMES, Version};
use libloading::Library;
use std::ffi::{CString, c_char, c_int, c_uint};
use std::path::{Path, PathBuf};
use std::ptr;

/// The driver's library, by name and where some systems hide it from their loader.
#[cfg(unix)]
const DRIVERS: [&str; 4] = [
    "libcuda.so.1",
    "/usr/lib/wsl/lib/libcuda.so.1",
    "/run/opengl-driver/lib/libcuda.so.1",
    "/usr/lib64-nvidia/libcuda.so.1",
];
#[cfg(not(unix))]
const DRIVERS: [&str; 1] = ["nvcuda.dll"];

/// The newest CUDA that the driver knows; nothing where there is no driver.
pub(super) fn driver_version() -> Option<Version> {
    // SAFETY: the driver's initialisers are what every program that computes on the card runs.
    let driver = DRIVERS
        .iter()
        .find_map(|name| unsafe { load(Path::new(name)) }.ok())?;
    let mut number: c_int = 0;
    // SAFETY: the function has this type in every version of CUDA, and may be called before any other.
    let code = unsafe {
        let ask = driver.get::<unsafe extern "C" fn(*mut c_int) -> c_int>(b"cuDriverGetVersion");
        ask.ok()?(&mut number)
    };
    // It stays loaded: cudarc then gets this one, wherever it is.
    std::mem::forget(driver);
    (code == 0).then(|| Version::of_driver(number))
}

/// What the system's loader finds by the names that cudarc asks for: the first one's place among
/// [`SONAMES`], and its path where the system reports it.
pub(super) fn by_loader() -> Option<(usize, PathBuf)> {
    SONAMES.iter().enumerate().find_map(|(rank, name)| {
        // SAFETY: NVRTC's initialisers touch nothing but the library itself.
        let _loaded = unsafe { Library::new(*name) }.ok()?;
        Some((rank, path_in_memory("libnvrtc.so")?))
    })
}

/// The file of a loaded library, as Linux lists what is mapped.
fn path_in_memory(name: &str) -> Option<PathBuf> {
    let maps = std::fs::read_to_string("/proc/self/maps").ok()?;
    let paths = maps
        .lines()
        .filter_map(|line| line.find('/').map(|at| &line[at..]));
    let mut named = paths.map(Path::new).filter(|path| {
        let file = path.file_name().and_then(|file| file.to_str());
        file.is_some_and(|file| file.starts_with(name))
    });
    named.next().map(Path::to_path_buf)
}

/// NVRTC, loaded for the rest of the process.
pub(super) struct Nvrtc {
    library: &'static Library,
    pub(super) version: Version,
}

impl Nvrtc {
    /// Loads it by its path, so that cudarc finds it loaded under its name.
    pub(super) fn load(path: &Path) -> Result<Self, Missing> {
        let broken = |reason: String| Missing::Broken {
            path: path.into(),
            reason,
        };
        // SAFETY: NVRTC's initialisers touch nothing but the library itself.
        let library = unsafe { load(path) }.map_err(|failure| broken(failure.to_string()))?;
        let library: &'static Library = Box::leak(Box::new(library));
        let (mut major, mut minor): (c_int, c_int) = (0, 0);
        // SAFETY: the function has this type in every version of NVRTC, and writes the two numbers.
        unsafe {
            library
                .get::<unsafe extern "C" fn(*mut c_int, *mut c_int) -> c_int>(b"nvrtcVersion")
                .map_err(|failure| broken(failure.to_string()))?(&mut major, &mut minor);
        }
        let version = Version {
            major: major.unsigned_abs(),
            minor: minor.unsigned_abs(),
        };
        Ok(Self { library, version })
    }

    /// Writes the headers that recent versions carry within them; whether this one does. Those that are
    /// there already are left as they are.
    pub(super) fn install_headers(&self, folder: &Path) -> bool {
        let Some(folder) = folder.to_str().and_then(|text| CString::new(text).ok()) else {
            return false;
        };
        // SAFETY: the type is that of nvrtc.h since the function is there; the path outlives the call,
        // and no message is asked for.
        unsafe {
            self.library
                .get::<unsafe extern "C" fn(*const c_char, c_uint, *mut *const c_char) -> c_int>(
                    b"nvrtcInstallBundledHeaders",
                )
                .is_ok_and(|install| install(folder.as_ptr(), 0, ptr::null_mut()) == 0)
        }
    }
}

/// Loads a library with its names open to those loaded later, and its own folder searched for what it
/// loads itself.
unsafe fn load(path: &Path) -> Result<Library, libloading::Error> {
    #[cfg(unix)]
    {
        use libloading::os::unix;
        // SAFETY: the caller's.
        unsafe { unix::Library::open(Some(path), unix::RTLD_NOW | unix::RTLD_GLOBAL) }
            .map(Library::from)
    }
    #[cfg(windows)]
    {
        use libloading::os::windows;
        // SAFETY: the caller's.
        unsafe { windows::Library::load_with_flags(path, windows::LOAD_WITH_ALTERED_SEARCH_PATH) }
            .map(Library::from)
    }
    #[cfg(not(any(unix, windows)))]
    {
        // SAFETY: the caller's.
        unsafe { Library::new(path) }
    }
}
