//! Whether a file that has arrived is the one that the Hub has.

use std::fs::File;
use std::io::{self, Read};
use std::path::{Path, PathBuf};

use sha1::Sha1;
use sha2::{Digest as _, Sha256};
use tagsmith_files::hex;

use crate::{Cancel, HubError, RemoteFile};

/// How a file compares with what it must be.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Verdict {
    Right,
    Wrong { found: String, expected: String },
}

/// Reads the file at `path` and compares it with `file`, by the best hash that is known of it.
pub(super) async fn check(
    path: PathBuf,
    file: RemoteFile,
    cancel: &Cancel,
) -> Result<Verdict, HubError> {
    let stop = cancel.clone();
    let place = path.clone();
    let read = tokio::task::spawn_blocking(move || compare(&path, &file, &stop)).await;
    match read {
        Ok(Ok(Some(verdict))) => Ok(verdict),
        Ok(Ok(None)) => Err(HubError::Cancelled),
        Ok(Err(failure)) => Err(HubError::io("read", &place)(failure)),
        Err(failure) => Err(HubError::io("read", &place)(io::Error::other(failure))),
    }
}

/// `None` when it was cancelled.
fn compare(path: &Path, file: &RemoteFile, cancel: &Cancel) -> io::Result<Option<Verdict>> {
    let mut source = File::open(path)?;
    let length = source.metadata()?.len();
    if length != file.bytes {
        return Ok(Some(Verdict::Wrong {
            found: format!("of {length} bytes"),
            expected: format!("one of {} bytes", file.bytes),
        }));
    }
    let (expected, found) = match (&file.sha256, &file.git) {
        (Some(expected), _) => {
            let mut hash = Sha256::new();
            if !read_all(&mut source, cancel, |bytes| hash.update(bytes))? {
                return Ok(None);
            }
            (expected, hex(&hash.finalize()))
        }
        (None, Some(expected)) => {
            use sha1::Digest as _;
            let mut hash = Sha1::new();
            hash.update(format!("blob {length}\0").as_bytes());
            if !read_all(&mut source, cancel, |bytes| hash.update(bytes))? {
                return Ok(None);
            }
            (expected, hex(&hash.finalize()))
        }
        // The length is all that is known.
        (None, None) => return Ok(Some(Verdict::Right)),
    };
    Ok(Some(match found.eq_ignore_ascii_case(expected) {
        true => Verdict::Right,
        false => Verdict::Wrong {
            found,
            expected: expected.clone(),
        },
    }))
}

fn read_all(source: &mut File, cancel: &Cancel, mut take: impl FnMut(&[u8])) -> io::Result<bool> {
    let mut buffer = vec![0; 1 << 20];
    while !cancel.is_cancelled() {
        match source.read(&mut buffer)? {
            0 => return Ok(true),
            read => take(&buffer[..read]),
        }
    }
    Ok(false)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_is_compared_by_the_best_hash_known() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("x");
        std::fs::write(&path, "what is up, doc?").unwrap();
        let file = |sha256: Option<&str>, git: Option<&str>, bytes| RemoteFile {
            path: "x".into(),
            bytes,
            sha256: sha256.map(str::to_owned),
            git: git.map(str::to_owned),
        };
        let never = Cancel::default();
        let right =
            |file: RemoteFile| compare(&path, &file, &never).unwrap() == Some(Verdict::Right);
        // The example of the book Pro Git, and what `sha256sum` prints for the same text.
        let git = "bd9dbf5aae1a3862dd1526723246b20206e5fc37";
        let sha256 = "af4e812d13b4eae6da91024f15f7679dae49d40aee3fb4c7216b56d04193f46c";
        assert!(right(file(None, Some(git), 16)));
        assert!(!right(file(None, Some(&git.replace('b', "c")), 16)));
        assert!(right(file(Some(sha256), None, 16)));
        assert!(!right(file(Some(&"0".repeat(64)), Some(git), 16)));
        assert!(right(file(None, None, 16)));
        assert!(!right(file(None, None, 15)));
        let stopped = Cancel::default();
        stopped.cancel();
        assert_eq!(
            compare(&path, &file(None, Some(git), 16), &stopped).unwrap(),
            None
        );
    }
}
