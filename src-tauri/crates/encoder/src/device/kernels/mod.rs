//! Compiled kernels: kept from process to process, and counted.
//!
//! cubecl keeps what it compiled as long as the process lives, and can put it into a database. Here it has
//! none: the database is placed where nothing can be, so that it stays in memory, and this module copies
//! the entries of the device in use to a file of ours and back. That file is replaced whole, has a
//! checksum, and belongs to one card, driver and program, so that neither a crash nor several processes
//! nor an update can make a wrong kernel of it. It holds compiled code alone, nothing of what was computed.
//!
//! What cubecl keeps differs by runtime: with CUDA the PTX that NVRTC made, with Vulkan the SPIR-V of the
//! vulkan build. The machine code that a driver makes of them is the driver's to keep, and all of them do.
//! With WGSL, as in the build for tests, cubecl keeps nothing.

mod file;
mod launches;

use super::{ComputeDevice, catching};
use cubecl::config::CubeClRuntimeConfig;
use cubecl::config::compilation::CompilationLogLevel;
use cubecl::launched::LaunchedKernels;
use cubecl_environment::bytes::Bytes;
use cubecl_environment::config::RuntimeConfig;
use cubecl_environment::config::logger::LogCrateLevel;
use cubecl_environment::persistence::{self, CacheConfig, MemoryStorage, Origin};
use file::Entries;
pub use launches::launches;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, Once, PoisonError};

/// Where the kernels of the device in use are kept, and how many entries are there.
static KEPT: Mutex<Option<(PathBuf, usize)>> = Mutex::new(None);

/// A folder that cannot exist, on any system: names have no byte 0.
const NOWHERE: &str = "\0";

/// Namespaces of compiled code. Others hold times that were measured.
const NAMESPACES: [&str; 4] = ["cuda", "vulkan", "metal", "hip"];

/// Sets cubecl up, once, before it opens a device. Only the variables of cubecl's own that are for looking
/// for faults still count; a `cubecl.toml` does not.
pub(super) fn configure() {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| {
        let mut config = CubeClRuntimeConfig::default().override_from_env();
        config.compilation.cache = true;
        config.environment.path = CacheConfig::Directory(NOWHERE.into());
        let logger = &mut config.compilation.logger;
        logger.log = Some(LogCrateLevel::Info);
        if matches!(logger.level, CompilationLogLevel::Disabled) {
            logger.level = CompilationLogLevel::Basic;
        }
        CubeClRuntimeConfig::try_set(config);
        if log::set_logger(&Counter).is_ok() {
            log::set_max_level(log::LevelFilter::Info);
        }
    });
}

/// Gives cubecl the kernels that earlier processes compiled for a device; later ones are kept there too.
pub(super) fn recall(folder: &Path, device: &ComputeDevice) {
    let path = path(folder, device);
    let entries = file::read(&path);
    let mut kept = KEPT.lock().unwrap_or_else(PoisonError::into_inner);
    *kept = Some((path, entries.len()));
    give(entries);
}

/// The file of a device's kernels in `folder`.
pub(super) fn path(folder: &Path, device: &ComputeDevice) -> PathBuf {
    let driver = device.driver.as_deref().unwrap_or("driver unknown");
    let version = env!("CARGO_PKG_VERSION");
    let facts = [&device.id, &device.name, driver, version, &this_program()];
    folder.join(file::name(&device.id, &facts))
}

/// Identifies a build of this program, which its kernels are part of.
fn this_program() -> String {
    let facts = std::env::current_exe().and_then(std::fs::metadata).ok();
    let modified = facts.as_ref().and_then(|facts| facts.modified().ok());
    let length = facts.map(|facts| facts.len());
    format!("{length:?} {modified:?}")
}

/// Keeps what has been compiled since for the processes to come. To be called when the device has computed
/// something with it that is right, or where it is compiled for a test that will show that. That it cannot be written only means that it is compiled again.
pub fn keep() {
    let mut kept = KEPT.lock().unwrap_or_else(PoisonError::into_inner);
    let Some((path, known)) = kept.as_mut() else {
        return;
    };
    // Counted first: this is asked after every prediction.
    let count = namespaces().map(|(_, count)| count).sum();
    if count > *known {
        *known = count;
        let _ = file::add(path, compiled_entries());
    }
}

fn give(entries: Entries) {
    for ((namespace, key), value) in entries {
        let value = Bytes::from_bytes_vec(value);
        persistence::open(&namespace).insert(&key, value, Origin::Local);
    }
}

/// All that cubecl has compiled or was given.
fn compiled_entries() -> Entries {
    let mut entries = Entries::new();
    for (namespace, _) in namespaces() {
        persistence::open(&namespace).scan(&mut |key, value| {
            entries.insert((namespace.clone(), key.to_vec()), value.to_vec());
        });
    }
    entries
}

/// The namespaces of compiled code, and how many entries each has.
fn namespaces() -> impl Iterator<Item = (String, usize)> {
    let is_of = |namespace: &str, runtime: &str| {
        let rest = namespace.strip_prefix(runtime);
        rest.is_some_and(|rest| rest.starts_with(['/', '-']))
    };
    MemoryStorage::namespaces()
        .into_iter()
        .map(|summary| (summary.namespace, summary.entries as usize))
        .filter(move |(namespace, _)| NAMESPACES.iter().any(|runtime| is_of(namespace, runtime)))
}

/// Counts what cubecl says of its compilations, and prints nothing.
struct Counter;

impl log::Log for Counter {
    fn enabled(&self, about: &log::Metadata<'_>) -> bool {
        about.target() == "cubecl::compilation"
    }

    fn log(&self, record: &log::Record<'_>) {
        if self.enabled(record.metadata()) {
            super::progress::kernel_compiled();
        }
    }

    fn flush(&self) {}
}

/// Does `work` without computing: what it launches is compiled, and what it reads means nothing. Says how
/// many different kernels it launches. They are compiled on a thread of the device's: `sync` waits.
pub fn rehearse<T>(work: impl FnOnce() -> T) -> (Result<T, String>, usize) {
    let launched = LaunchedKernels::new();
    let dry = cubecl::dry_run::DryRun::new();
    let result = catching(work);
    drop(dry);
    (result, launched.finish().len())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// As two processes would, one after the other.
    #[test]
    fn entries_go_to_a_file_and_come_back() {
        configure();
        let folder = tempfile::tempdir().unwrap();
        let device = super::super::list().remove(0);
        recall(folder.path(), &device);
        let of = |namespace: &str, value: &[u8]| {
            let value = Bytes::from_bytes_vec(value.to_vec());
            persistence::open(namespace).insert(b"key", value, Origin::Local);
        };
        of("cuda/0/ptx_sm90-cpp", b"code");
        of("cuda-second-line/0/ptx_sm90-cpp", b"a key");
        of("autotune/0/matmul", b"times");
        keep();
        let read = || {
            let files: Vec<_> = std::fs::read_dir(folder.path())
                .unwrap()
                .flatten()
                .collect();
            let paths = files.iter().map(std::fs::DirEntry::path);
            let mut paths = paths.filter(|path| path.extension().is_some());
            file::read(&paths.next().unwrap())
        };
        let names: Vec<String> = read().into_keys().map(|(name, _)| name).collect();
        assert!(names.contains(&"cuda/0/ptx_sm90-cpp".to_owned()));
        assert!(names.contains(&"cuda-second-line/0/ptx_sm90-cpp".to_owned()));
        assert!(!names.iter().any(|name| name.starts_with("autotune")));
        // What is forgotten here stands for a process that begins.
        persistence::open("cuda/0/ptx_sm90-cpp").purge();
        recall(folder.path(), &device);
        let found = persistence::open("cuda/0/ptx_sm90-cpp").get(b"key");
        assert_eq!(found.as_deref(), Some(&b"code"[..]));
        // The database of cubecl's own is nowhere.
        assert!(MemoryStorage::namespaces().len() >= 3);
    }
}
