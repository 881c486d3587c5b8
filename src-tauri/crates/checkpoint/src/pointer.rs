//! Git LFS pointers: the small text that stands in a file's place where Git has not fetched the file itself.

use std::fs::File;
use std::io::Read;
use std::path::Path;

/// How every pointer begins.
const START: &[u8] = b"version https://git-lfs.github.com/spec/";

/// What can be done about one.
pub const HINT: &str = "run `git lfs pull` in the folder, or download the model again";

/// Whether these are the first bytes of a pointer.
pub fn begins(bytes: &[u8]) -> bool {
    bytes.starts_with(START)
}

/// Whether a file is a pointer; one that cannot be read is none.
pub fn is_pointer(path: &Path) -> bool {
    let mut start = Vec::new();
    let read =
        File::open(path).and_then(|file| file.take(START.len() as u64).read_to_end(&mut start));
    read.is_ok() && begins(&start)
}
