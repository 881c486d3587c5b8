//! Writing a file so that a kill at any moment leaves either the old one or the new one.

use std::fs::File;
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
    let folder = folder_of(path);
    let mut builder = tempfile::Builder::new();
    builder.prefix(BEGIN).rand_bytes(RANDOM).suffix(PART);
    // The library's own default is 0600; a model folder is meant to be shared like any other file.
    #[cfg(unix)]
    let builder = {
        use std::os::unix::fs::PermissionsExt;
        builder.permissions(std::fs::Permissions::from_mode(0o666))
    };
    let mut temporary = builder.tempfile_in(folder)?;
    let mut writer = BufWriter::with_capacity(1 << 20, temporary.as_file_mut());
    fill(&mut writer)?;
    writer.flush()?;
    drop(writer);
    flush(temporary.as_file())?;
    temporary.persist(path).map_err(|failure| failure.error)?;
    flush_folder(folder)
}

/// How the name of a file under way begins and ends, and how many letters and digits stand between.
const BEGIN: &str = ".";
const PART: &str = ".part";
const RANDOM: usize = 6;

/// Is it the name of a file that [`write_atomically`] had not finished when it was killed?
pub fn is_unfinished(name: &str) -> bool {
    let inner = name.strip_prefix(BEGIN).and_then(|n| n.strip_suffix(PART));
    inner.is_some_and(|n| n.len() == RANDOM && n.bytes().all(|b| b.is_ascii_alphanumeric()))
}

/// The folder that a file is in, or that a folder is in.
pub fn folder_of(path: &Path) -> &Path {
    match path.parent() {
        Some(parent) if !parent.as_os_str().is_empty() => parent,
        _ => Path::new("."),
    }
}

fn flush(file: &File) -> io::Result<()> {
    #[cfg(test)]
    flushed::note(file);
    file.sync_all()
}

/// Makes the names in a folder survive a power cut: a rename is only safe once they are on the disk. Only
/// Unix can and needs to be asked for it.
///
/// # Errors
/// Any error of the file system.
pub fn flush_folder(folder: &Path) -> io::Result<()> {
    match cfg!(unix) {
        true => flush(&File::open(folder)?),
        false => Ok(()),
    }
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

/// What was flushed in this thread. Only Unix tells which file a handle or a name stands for.
#[cfg(test)]
pub(crate) mod flushed {
    use std::cell::RefCell;
    use std::fs::{self, File, Metadata};
    use std::path::Path;

    thread_local!(static INODES: RefCell<Vec<u64>> = const { RefCell::new(Vec::new()) });

    #[cfg(unix)]
    fn inode(about: &Metadata) -> u64 {
        std::os::unix::fs::MetadataExt::ino(about)
    }

    #[cfg(not(unix))]
    fn inode(_: &Metadata) -> u64 {
        0
    }

    pub fn note(file: &File) {
        let inode = inode(&file.metadata().unwrap());
        INODES.with_borrow_mut(|inodes| inodes.push(inode));
    }

    /// Fails unless the very file that bears the name now was flushed, and then its folder, and whoever the
    /// umask lets may read it.
    pub fn check(path: &Path) {
        let file = inode(&fs::metadata(path).unwrap());
        let folder = inode(&fs::metadata(super::folder_of(path)).unwrap());
        INODES.with_borrow(|inodes| {
            let at = inodes.iter().rposition(|flushed| *flushed == file);
            let at = at.unwrap_or_else(|| panic!("`{}` was not flushed", path.display()));
            let last = cfg!(not(unix)) || inodes[at..].contains(&folder);
            assert!(last, "the folder of `{}` was not flushed", path.display());
        });
        // A new file of the standard library's has what the umask leaves of 0666.
        let plain = path.with_extension("umask");
        File::create(&plain).unwrap();
        let permissions = |path: &Path| fs::metadata(path).unwrap().permissions();
        assert_eq!(permissions(path), permissions(&plain), "{}", path.display());
        fs::remove_file(plain).unwrap();
    }
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
        assert_eq!(std::fs::read_to_string(&path).unwrap(), "1\n");
        assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 1);
    }

    #[test]
    fn what_is_flushed_is_what_gets_the_name() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.json");
        write_json(&path, &1).unwrap();
        flushed::check(&path);
    }

    #[test]
    fn a_file_under_way_is_known_by_its_name() {
        let folder = tempfile::tempdir().unwrap();
        write_atomically(&folder.path().join("a"), |_| {
            for entry in std::fs::read_dir(folder.path())? {
                assert!(is_unfinished(&entry?.file_name().to_string_lossy()));
            }
            Ok(())
        })
        .unwrap();
        for name in ["a.part", ".a", ".notes.part", ".part", ".a-bc12.part"] {
            assert!(!is_unfinished(name), "{name}");
        }
    }
}
