//! Writing a file so that a kill at any moment leaves either the old one or the new one.

use crate::flush::{flush, flush_folder};
use std::fs;
use std::io::{self, BufWriter, Write};
use std::path::Path;

/// Writes `path` through a temporary file beside it, flushed to disk and renamed over it. Its mode is as
/// the umask says.
///
/// What is written goes through the handle that is flushed, so that it is the renamed file that is on the
/// disk. A library that is given the temporary file's path may put another file in its place.
///
/// # Errors
/// Any error of the file system, or what `fill` returns; `path` is then as it was.
pub fn write_atomically(
    path: &Path,
    fill: impl FnOnce(&mut dyn Write) -> io::Result<()>,
) -> io::Result<()> {
    replace(path, Readers::AsUmask, fill)
}

/// Writes `bytes` atomically.
///
/// # Errors
/// As [`write_atomically`].
pub fn write_bytes(path: &Path, bytes: &[u8]) -> io::Result<()> {
    write_atomically(path, |out| out.write_all(bytes))
}

/// Writes `value` as indented JSON with a final line break, atomically.
///
/// # Errors
/// As [`write_atomically`].
pub fn write_json(path: &Path, value: &impl serde::Serialize) -> io::Result<()> {
    write_atomically(path, |out| {
        serde_json::to_writer_pretty(&mut *out, value)?;
        out.write_all(b"\n")
    })
}

/// Writes `bytes` atomically into a file that nobody but its owner can read at any moment.
///
/// # Errors
/// As [`write_atomically`].
pub fn write_secret(path: &Path, bytes: &[u8]) -> io::Result<()> {
    replace(path, Readers::Owner, |out| out.write_all(bytes))
}

/// Who may read a file.
#[derive(PartialEq)]
enum Readers {
    Owner,
    AsUmask,
}

fn replace(
    path: &Path,
    readers: Readers,
    fill: impl FnOnce(&mut dyn Write) -> io::Result<()>,
) -> io::Result<()> {
    let folder = folder_of(path);
    let mut builder = tempfile::Builder::new();
    builder.prefix(PREFIX).rand_bytes(RANDOM).suffix(SUFFIX);
    // The library's own default is 0600, whatever the umask.
    #[cfg(unix)]
    if readers == Readers::AsUmask {
        use std::os::unix::fs::PermissionsExt;
        builder.permissions(fs::Permissions::from_mode(0o666));
    }
    #[cfg(not(unix))]
    let _ = readers;
    let mut temporary = builder.tempfile_in(folder)?;
    let mut writer = BufWriter::with_capacity(1 << 20, temporary.as_file_mut());
    fill(&mut writer)?;
    writer.flush()?;
    drop(writer);
    flush(temporary.as_file())?;
    temporary.persist(path).map_err(|failure| failure.error)?;
    flush_folder(folder)
}

/// The name of a temporary file: a prefix, so many random letters and digits, a suffix.
const PREFIX: &str = ".";
const SUFFIX: &str = ".part";
const RANDOM: usize = 6;

/// Is it the name of a file that was still being written when the process was killed?
pub fn is_unfinished(name: &str) -> bool {
    let inner = name
        .strip_prefix(PREFIX)
        .and_then(|n| n.strip_suffix(SUFFIX));
    inner.is_some_and(|n| n.len() == RANDOM && n.bytes().all(|b| b.is_ascii_alphanumeric()))
}

/// The folder that a file is in, or that a folder is in.
pub fn folder_of(path: &Path) -> &Path {
    match path.parent() {
        Some(parent) if !parent.as_os_str().is_empty() => parent,
        _ => Path::new("."),
    }
}

/// Creates the folder that a file is to be in, where it is absent.
///
/// # Errors
/// Any error of the file system.
pub fn create_folder_of(path: &Path) -> io::Result<()> {
    fs::create_dir_all(folder_of(path))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_failed_write_leaves_the_old_file_and_no_rest() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.json");
        write_json(&path, &1).unwrap();
        let failure = write_atomically(&path, |out| {
            out.write_all(b"half")?;
            Err(io::Error::other("the disk is full"))
        });
        assert!(failure.is_err());
        assert_eq!(fs::read_to_string(&path).unwrap(), "1\n");
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1);
    }

    #[test]
    fn a_temporary_file_is_known_by_its_name() {
        let folder = tempfile::tempdir().unwrap();
        write_atomically(&folder.path().join("a"), |_| {
            for entry in fs::read_dir(folder.path())? {
                assert!(is_unfinished(&entry?.file_name().to_string_lossy()));
            }
            Ok(())
        })
        .unwrap();
        for name in ["a.part", ".a", ".notes.part", ".part", ".a-bc12.part"] {
            assert!(!is_unfinished(name), "{name}");
        }
    }

    #[cfg(unix)]
    #[test]
    fn a_secret_is_its_owners_alone_even_over_a_file_that_others_may_read() {
        use std::os::unix::fs::PermissionsExt;
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("token");
        fs::write(&path, "old").unwrap();
        fs::set_permissions(&path, fs::Permissions::from_mode(0o644)).unwrap();
        write_secret(&path, b"new").unwrap();
        let mode = fs::metadata(&path).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600);
        assert_eq!(fs::read_to_string(&path).unwrap(), "new");
    }
}
