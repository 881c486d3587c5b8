//! Folders that are replaced whole.

use crate::atomic::folder_of;
use crate::flush::{flush, flush_folder};
use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};

/// A folder that is filled beside the one whose place it is to take.
#[derive(Debug)]
pub struct NewFolder {
    part: PathBuf,
    to: PathBuf,
}

impl NewFolder {
    /// An empty folder that is to become `to`. What an earlier attempt left is deleted.
    ///
    /// # Errors
    /// Any error of the file system.
    pub fn beside(to: &Path) -> io::Result<Self> {
        let name = to.file_name().unwrap_or_default().to_string_lossy();
        let part = folder_of(to).join(format!(".{name}.part"));
        match fs::remove_dir_all(&part) {
            Err(failure) if failure.kind() != io::ErrorKind::NotFound => return Err(failure),
            _ => fs::create_dir_all(&part)?,
        }
        Ok(Self {
            part,
            to: to.into(),
        })
    }

    /// Where it is filled.
    pub fn path(&self) -> &Path {
        &self.part
    }

    /// Puts it in its place.
    ///
    /// # Errors
    /// Any error of the file system; what was there before is then still there, or gone.
    pub fn put(self) -> io::Result<()> {
        flush_folder(&self.part)?;
        let _ = fs::remove_dir_all(&self.to);
        fs::rename(&self.part, &self.to)?;
        flush_folder(folder_of(&self.to))
    }
}

/// Copies the files of a folder that are wanted, by their names, into another one, and flushes them; folders inside
/// are left out.
///
/// # Errors
/// Any error of the file system.
pub fn copy_files(from: &Path, to: &Path, is_wanted: impl Fn(&str) -> bool) -> io::Result<()> {
    for entry in fs::read_dir(from)? {
        let entry = entry?;
        let (path, name) = (entry.path(), entry.file_name());
        if path.is_file() && is_wanted(&name.to_string_lossy()) {
            let copy = to.join(name);
            fs::copy(&path, &copy)?;
            // A copy may be read-only, as its original is, and is flushed all the same.
            flush(&File::open(&copy)?)?;
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_folder_is_replaced_whole_and_an_earlier_attempt_does_not_get_into_it() {
        let here = tempfile::tempdir().unwrap();
        let (from, to) = (here.path().join("from"), here.path().join("to"));
        fs::create_dir_all(from.join("inside")).unwrap();
        fs::write(from.join("a"), "new").unwrap();
        fs::write(from.join("b"), "unwanted").unwrap();
        fs::create_dir(&to).unwrap();
        fs::write(to.join("old"), "old").unwrap();

        let abandoned = NewFolder::beside(&to).unwrap();
        fs::write(abandoned.path().join("half"), "half").unwrap();
        assert!(to.join("old").exists());

        let new = NewFolder::beside(&to).unwrap();
        copy_files(&from, new.path(), |name| name != "b").unwrap();
        let part = new.path().to_owned();
        new.put().unwrap();
        let names: Vec<_> = fs::read_dir(&to)
            .unwrap()
            .map(|entry| entry.unwrap().file_name())
            .collect();
        assert_eq!(names, ["a"]);
        assert!(!part.exists());
    }
}
