//! Small files that are replaced whole, names for new ones, and deletion that a crash cannot half do.

use serde::Serialize;
use serde::de::DeserializeOwned;
use std::fs;
use std::io;
use std::path::Path;
use tagsmith_files::{create_folder_of, write_bytes};
use tagsmith_protocol::Failure;

/// Writes a value as JSON: beside its name, flushed, renamed.
///
/// # Errors
/// The file system refused; the old file is then as it was.
pub fn write_json(path: &Path, value: &impl Serialize) -> Result<(), Failure> {
    let bytes = serde_json::to_vec_pretty(value).expect("what is saved is plain data");
    create_folder_of(path)
        .and_then(|()| write_bytes(path, &bytes))
        .map_err(Failure::io("write", path))
}

/// Reads a JSON file; `None` where it is absent or damaged, which is logged.
pub fn read_json<T: DeserializeOwned>(path: &Path) -> Option<T> {
    let text = match fs::read(path) {
        Ok(text) => text,
        Err(failure) if failure.kind() == io::ErrorKind::NotFound => return None,
        Err(failure) => {
            tracing::warn!("cannot read `{}`: {failure}", path.display());
            return None;
        }
    };
    serde_json::from_slice(&text)
        .inspect_err(|failure| tracing::warn!("`{}` is damaged: {failure}", path.display()))
        .ok()
}

/// A path as an argument of a command line that is kept as text.
///
/// # Errors
/// It is no UTF-8.
pub fn text(path: &Path) -> Result<String, Failure> {
    path.to_str().map(str::to_owned).ok_or_else(|| {
        Failure::new(
            "path",
            format!("`{}` is not valid UTF-8", path.display()),
            "rename the folder",
        )
    })
}

/// The names of the files of JSON in a folder, without their ending; none where there is no folder.
pub fn names_of_json(folder: &Path) -> Vec<String> {
    let entries = fs::read_dir(folder).into_iter().flatten().flatten();
    let names = entries.filter_map(|entry| entry.file_name().into_string().ok());
    names
        .filter_map(|name| Some(name.strip_suffix(".json")?.to_owned()))
        .collect()
}

/// Deletes a folder or a file: it first loses its name, so that a kill half way leaves nothing that
/// could be taken for a whole one. Returns the bytes freed.
///
/// # Errors
/// The file system refused to rename it.
pub fn remove(path: &Path) -> Result<u64, Failure> {
    let freed = size(path);
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    let doomed = path.with_file_name(format!(".deleted-{}-{name}", std::process::id()));
    fs::rename(path, &doomed).map_err(Failure::io("delete", path))?;
    let deleted = match doomed.is_dir() {
        true => fs::remove_dir_all(&doomed),
        false => fs::remove_file(&doomed),
    };
    if let Err(failure) = deleted {
        tracing::warn!("`{}` is left: {failure}", doomed.display());
    }
    Ok(freed)
}

/// Deletes what an earlier program began to delete or to write in `folder` and did not end.
pub fn sweep(folder: &Path) {
    for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
        let name = entry.file_name();
        let name = name.to_string_lossy();
        if name.starts_with(".deleted-") || name.starts_with(".importing-") {
            let _ = fs::remove_dir_all(entry.path()).or_else(|_| fs::remove_file(entry.path()));
        }
    }
}

/// Bytes of a file, or of all files in a folder.
pub fn size(path: &Path) -> u64 {
    match fs::symlink_metadata(path) {
        Ok(found) if found.is_dir() => fs::read_dir(path)
            .into_iter()
            .flatten()
            .flatten()
            .map(|entry| size(&entry.path()))
            .sum(),
        Ok(found) => found.len(),
        Err(_) => 0,
    }
}

/// Whether a name is that of a file or folder in a known place, and no path to somewhere else.
pub fn is_plain(name: &str) -> bool {
    !name.is_empty() && !name.starts_with('.') && !name.contains(['/', '\\', ':', '\0'])
}

/// A name for a folder, made of what a person wrote: small letters, digits and dashes, and a number
/// behind it where `taken` says so.
pub fn folder_name(wanted: &str, otherwise: &str, taken: impl Fn(&str) -> bool) -> String {
    const LONGEST: usize = 48;
    let mut name = String::new();
    for c in wanted.to_lowercase().chars() {
        match c {
            c if c.is_alphanumeric() => name.push(c),
            _ if name.ends_with('-') || name.is_empty() => {}
            _ => name.push('-'),
        }
        if name.len() >= LONGEST {
            break;
        }
    }
    let name = name.trim_end_matches('-');
    let name = if name.is_empty() { otherwise } else { name };
    let mut numbered = (2..).map(|number| format!("{name}-{number}"));
    match taken(name) {
        false => name.to_owned(),
        true => numbered
            .find(|name| !taken(name))
            .expect("numbers do not end"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn folder_names_are_plain_and_free() {
        let name = |wanted: &str| folder_name(wanted, "run", |taken| taken == "a-b");
        assert_eq!(name("  My Tickets, 2026! "), "my-tickets-2026");
        assert_eq!(name("A b"), "a-b-2");
        assert_eq!(name("../.."), "run");
        assert_eq!(name("Überprüfung"), "überprüfung");
        assert!(name(&"é".repeat(200)).len() < 60);
    }

    #[test]
    fn a_file_is_replaced_whole_and_a_folder_deleted() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("deep/a.json");
        write_json(&path, &[1]).unwrap();
        write_json(&path, &[1, 2]).unwrap();
        assert_eq!(read_json::<Vec<u8>>(&path).unwrap(), [1, 2]);
        assert_eq!(fs::read_dir(path.parent().unwrap()).unwrap().count(), 1);
        let bytes = size(&folder.path().join("deep"));
        assert_eq!(remove(&folder.path().join("deep")).unwrap(), bytes);
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 0);
        assert_eq!(read_json::<u8>(&path), None);
    }

    #[test]
    fn two_who_save_at_once_leave_one_of_the_two() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.json");
        std::thread::scope(|scope| {
            for number in 0..4 {
                let path = &path;
                scope.spawn(move || {
                    for _ in 0..50 {
                        write_json(path, &vec![number; 1000]).unwrap();
                    }
                });
            }
        });
        let left: Vec<u8> = read_json(&path).unwrap();
        assert!(left.len() == 1000 && left.iter().all(|number| *number == left[0]));
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1);
    }
}
