//! Whether a file that was written survives a power cut.

use std::fs::{self, File, Metadata};
use std::path::Path;
use tagsmith_files::{flushed_by, folder_of};

/// Runs `write`, and fails unless the very file that bears the name afterwards was flushed, and then its
/// folder, and whoever the umask lets may read it.
pub fn assert_durable(path: &Path, write: impl FnOnce()) {
    let flushed = flushed_by(write);
    let inodes: Vec<u64> = flushed.iter().map(inode).collect();
    let inode_of = |path: &Path| inode(&fs::metadata(path).unwrap());
    let (file, folder) = (inode_of(path), inode_of(folder_of(path)));
    let at = inodes.iter().rposition(|flushed| *flushed == file);
    let at = at.unwrap_or_else(|| panic!("`{}` was not flushed", path.display()));
    let is_folder_flushed = cfg!(not(unix)) || inodes[at..].contains(&folder);
    assert!(
        is_folder_flushed,
        "the folder of `{}` was not flushed",
        path.display()
    );
    // A new file of the standard library's has what the umask leaves of 0666.
    let plain = path.with_extension("umask");
    File::create(&plain).unwrap();
    let permissions = |path: &Path| fs::metadata(path).unwrap().permissions();
    assert_eq!(permissions(path), permissions(&plain), "{}", path.display());
    fs::remove_file(plain).unwrap();
}

/// Only Unix says which file a handle or a name stands for; elsewhere all are one.
#[cfg(unix)]
fn inode(about: &Metadata) -> u64 {
    std::os::unix::fs::MetadataExt::ino(about)
}

#[cfg(not(unix))]
fn inode(_: &Metadata) -> u64 {
    0
}
