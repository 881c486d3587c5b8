//! Small files of the library, replaced whole: a kill leaves the old one or the new one.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Write};
use std::path::Path;
use std::sync::atomic::{AtomicU64, Ordering};

/// Writes `bytes` beside `path`, flushes them, and renames. Makes the folder where it is absent.
///
/// # Errors
/// The file system refused; the old file is then as it was.
pub fn write(path: &Path, bytes: &[u8]) -> io::Result<()> {
    replace(path, bytes, false)
}

/// The same for a secret: nobody but its owner can read the file at any moment.
pub(crate) fn write_secret(path: &Path, bytes: &[u8]) -> io::Result<()> {
    replace(path, bytes, true)
}

fn replace(path: &Path, bytes: &[u8], secret: bool) -> io::Result<()> {
    let (Some(folder), Some(name)) = (path.parent(), path.file_name()) else {
        return Err(io::ErrorKind::InvalidInput.into());
    };
    fs::create_dir_all(folder)?;
    // Two may save the same file at once.
    static SAVED: AtomicU64 = AtomicU64::new(0);
    let beside = folder.join(format!(
        ".{}.{}-{}",
        name.to_string_lossy(),
        std::process::id(),
        SAVED.fetch_add(1, Ordering::Relaxed)
    ));
    // A file left by a process of the same number may be readable by others; it must not be reused.
    match fs::remove_file(&beside) {
        Err(failure) if failure.kind() != io::ErrorKind::NotFound => return Err(failure),
        _ => {}
    }
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    if secret {
        use std::os::unix::fs::OpenOptionsExt;
        options.mode(0o600);
    }
    #[cfg(not(unix))]
    let _ = secret;
    let written = options.open(&beside).and_then(|mut file| {
        file.write_all(bytes)?;
        file.sync_all()?;
        drop(file);
        fs::rename(&beside, path)
    });
    match written {
        Ok(()) => flush_folder(folder),
        Err(failure) => {
            let _ = fs::remove_file(&beside);
            Err(failure)
        }
    }
}

/// Makes names in a folder survive a power cut. Only Unix can and needs to be asked for it.
pub(crate) fn flush_folder(folder: &Path) -> io::Result<()> {
    match cfg!(unix) {
        true => File::open(folder)?.sync_all(),
        false => Ok(()),
    }
}
