//! What a merged model was made of, as its folder says in a file, and whether that has changed since.

use crate::Note;
use serde::{Deserialize, Serialize};
use std::io;
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};
use tagsmith_files::{sha256, write_json};

/// What a merged model was made of.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct MergedFrom {
    /// The adapter's folder.
    pub adapter: PathBuf,
    /// The base model's folder.
    pub base: PathBuf,
    /// Every file of both that it was made of.
    files: Vec<SourceFile>,
    /// The modules of the adapter that were left out.
    pub left_out: Vec<String>,
}

impl MergedFrom {
    const FILE: &str = "merged.json";

    /// What a model would be made of now.
    ///
    /// # Errors
    /// One of the files cannot be read: its path, and what the system said.
    pub fn now(
        adapter: &Path,
        base: &Path,
        files: &[PathBuf],
    ) -> Result<Self, (PathBuf, io::Error)> {
        let now = SystemTime::now();
        let read =
            |path: &PathBuf| SourceFile::read(path, now).map_err(|failure| (path.clone(), failure));
        Ok(Self {
            adapter: adapter.into(),
            base: base.into(),
            files: files.iter().map(read).collect::<Result<_, _>>()?,
            left_out: Vec::new(),
        })
    }

    /// What the folder of a model says, if it was merged.
    pub fn read(folder: &Path) -> Option<Self> {
        serde_json::from_slice(&std::fs::read(folder.join(Self::FILE)).ok()?).ok()
    }

    /// Writes it into the folder of the model.
    ///
    /// # Errors
    /// The file system refuses.
    pub fn write(&self, folder: &Path) -> io::Result<()> {
        write_json(&folder.join(Self::FILE), self)
    }

    /// The same with what the file system says of the files now; nothing where these files make another model.
    /// A file is read only where the file system does not show that it is as it was.
    pub fn current(&self, adapter: &Path, base: &Path, files: &[PathBuf]) -> Option<Self> {
        let is_same = (self.adapter.as_path(), self.base.as_path()) == (adapter, base)
            && self.files.iter().map(|file| &file.path).eq(files);
        if !is_same {
            return None;
        }
        let now = SystemTime::now();
        let files = self.files.iter().map(|file| file.current(now));
        Some(Self {
            files: files.collect::<Option<_>>()?,
            ..self.clone()
        })
    }

    /// What a person should know of it.
    pub fn note(&self) -> Note {
        let left_out = match self.left_out.as_slice() {
            [] => String::new(),
            modules => format!(" (left out: `{}`)", modules.join("`, `")),
        };
        let message = format!(
            "the model was made from the adapter `{}` and its base model `{}`, without a head, because an adapter does not name its labels{left_out}",
            self.adapter.display(),
            self.base.display()
        );
        Note::new("merged-adapter", message)
    }
}

/// A file as it was when a model was made of it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
struct SourceFile {
    path: PathBuf,
    sha256: String,
    /// Nothing where the file had just been written: another change could leave this as it is.
    state: Option<State>,
}

impl SourceFile {
    fn read(path: &Path, now: SystemTime) -> io::Result<Self> {
        let state = State::read(path).filter(|state| state.is_settled(now));
        Ok(Self {
            path: path.into(),
            sha256: sha256(path)?,
            state,
        })
    }

    /// Nothing where it has changed.
    fn current(&self, now: SystemTime) -> Option<Self> {
        if self.state.is_some() && State::read(&self.path) == self.state {
            return Some(self.clone());
        }
        let found = Self::read(&self.path, now).ok();
        found.filter(|found| found.sha256 == self.sha256)
    }
}

/// After this long a change gives a file another time on every file system: FAT counts two seconds at once.
const SETTLED: Duration = Duration::from_secs(3);

/// What a file system says of a file that changes with its content. Times are counted from 1970.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
struct State {
    bytes: u64,
    modified: Duration,
    /// A program that copies files can set when they were modified, but not this.
    changed: Duration,
}

impl State {
    fn read(path: &Path) -> Option<Self> {
        let found = std::fs::metadata(path).ok()?;
        let since_1970 = |time: SystemTime| time.duration_since(SystemTime::UNIX_EPOCH).ok();
        #[cfg(unix)]
        let changed = {
            use std::os::unix::fs::MetadataExt;
            let nanoseconds = found.ctime_nsec().try_into().ok()?;
            Duration::new(found.ctime().try_into().ok()?, nanoseconds)
        };
        // There only another file in its place is noticed by it.
        #[cfg(not(unix))]
        let changed = since_1970(found.created().ok()?)?;
        Some(Self {
            bytes: found.len(),
            modified: since_1970(found.modified().ok()?)?,
            changed,
        })
    }

    fn is_settled(&self, now: SystemTime) -> bool {
        let now = now.duration_since(SystemTime::UNIX_EPOCH);
        let latest = self.modified.max(self.changed).checked_add(SETTLED);
        latest
            .zip(now.ok())
            .is_some_and(|(latest, now)| latest < now)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fs::{self, File};

    fn long_after() -> SystemTime {
        SystemTime::now() + Duration::from_secs(60)
    }

    /// A file of this content, and its record as it is made long after.
    fn recorded(content: &str) -> (tempfile::TempDir, SourceFile) {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("weights");
        fs::write(&path, content).unwrap();
        let file = SourceFile::read(&path, long_after()).unwrap();
        (folder, file)
    }

    fn is_current(file: &SourceFile) -> bool {
        file.current(long_after()).is_some()
    }

    fn set_modified(file: &SourceFile, modified: Duration) {
        let opened = File::options().write(true).open(&file.path).unwrap();
        let modified = SystemTime::UNIX_EPOCH + modified;
        opened.set_modified(modified).unwrap();
    }

    #[test]
    fn a_file_is_read_again_only_when_it_was_touched() {
        let (_folder, file) = recorded("first");
        // A record that only stands where the file is not read.
        let unread = |file: &SourceFile| SourceFile {
            sha256: "of nothing".into(),
            ..file.clone()
        };
        assert!(is_current(&file) && is_current(&unread(&file)));
        set_modified(&file, Duration::from_secs(1));
        assert!(!is_current(&unread(&file)));
        let file = file.current(long_after()).unwrap();
        assert!(is_current(&unread(&file)), "its new state is not known");
        fs::write(&file.path, "other").unwrap();
        assert!(!is_current(&file));
        fs::remove_file(&file.path).unwrap();
        assert!(!is_current(&file));
    }

    /// As programs do that copy files with their times.
    #[cfg(unix)]
    #[test]
    fn trap_other_content_of_the_same_size_and_time_is_noticed() {
        let (_folder, file) = recorded("first");
        // Longer than a tick of the system's clock.
        std::thread::sleep(Duration::from_millis(50));
        fs::write(&file.path, "other").unwrap();
        let modified = file.state.unwrap().modified;
        set_modified(&file, modified);
        assert_eq!(State::read(&file.path).unwrap().modified, modified);
        assert!(!is_current(&file));
    }

    #[test]
    fn trap_a_file_that_was_just_written_is_read_again() {
        let (_folder, file) = recorded("first");
        let at_once = SourceFile::read(&file.path, SystemTime::now()).unwrap();
        assert!(at_once.state.is_none());
        assert_eq!(at_once.current(long_after()), Some(file));
        fs::write(&at_once.path, "other").unwrap();
        assert!(!is_current(&at_once));
    }
}
