//! The file of one device's compiled kernels: entries of a namespace, a key and a value, under a checksum.
//!
//! Whatever is wrong with a file or its folder, the worst that follows is that kernels are compiled anew.

use std::collections::BTreeMap;
use std::fs::{self, File, FileTimes};
use std::io;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant, SystemTime};
use tagsmith_files::write_bytes;

/// Namespace and key of each value.
pub(super) type Entries = BTreeMap<(String, Vec<u8>), Vec<u8>>;

/// What a file begins with.
const MAGIC: &[u8] = b"tagsmith kernels 1\n";

/// The extension of the files.
const EXTENSION: &str = "kernels";

/// A file larger than this is not one of ours. Some fifty kernels of 100 kB each are usual.
const MOST_BYTES: u64 = 256 << 20;

/// Files that stay in the folder: those of the devices, and of the programs, that were used last.
const MOST_FILES: usize = 6;

/// How long another process that writes is waited for.
const PATIENCE: Duration = Duration::from_secs(2);

/// A name for what compiled kernels depend on: `id` in letters, and all of `facts` in a number.
pub(super) fn name(id: &str, facts: &[&str]) -> String {
    let readable: String = id
        .chars()
        .map(|letter| match letter.is_ascii_alphanumeric() {
            true => letter,
            false => '-',
        })
        .collect();
    let facts = facts.join("\n");
    format!("{readable}-{:016x}.{EXTENSION}", checksum(facts.as_bytes()))
}

/// What a file holds; nothing of one that is absent or damaged. The file then counts as just used.
pub(super) fn read(path: &Path) -> Entries {
    let fits = |path| fs::metadata(path).is_ok_and(|facts| facts.len() <= MOST_BYTES);
    if !fits(path) {
        return Entries::new();
    }
    let Ok(bytes) = fs::read(path) else {
        return Entries::new();
    };
    if let Ok(file) = File::options().append(true).open(path) {
        let _ = file.set_times(FileTimes::new().set_modified(SystemTime::now()));
    }
    decode(&bytes).unwrap_or_default()
}

/// Adds entries to those of a file, and removes files that were not used for long.
///
/// # Errors
/// The folder cannot be written to. The file is then as it was.
pub(super) fn add(path: &Path, entries: Entries) -> io::Result<()> {
    let folder = path.parent().unwrap_or(Path::new("."));
    fs::create_dir_all(folder)?;
    // Held to the end. Without it, of two processes that write at once one may lose its entries.
    let _turn = turn(folder);
    let mut all = read(path);
    let before = all.len();
    all.extend(entries);
    if all.len() == before {
        return Ok(());
    }
    let bytes = encode(&all);
    if bytes.len() as u64 > MOST_BYTES {
        return Ok(());
    }
    write_bytes(path, &bytes)?;
    remove_old(folder);
    Ok(())
}

/// The right to write to the folder, where it is to be had in time.
fn turn(folder: &Path) -> Option<File> {
    let lock = folder.join("lock");
    let file = File::options()
        .create(true)
        .truncate(false)
        .write(true)
        .open(lock)
        .ok()?;
    let began = Instant::now();
    while file.try_lock().is_err() {
        if began.elapsed() > PATIENCE {
            return None;
        }
        std::thread::sleep(Duration::from_millis(10));
    }
    Some(file)
}

/// Leaves the files that were used last, and nothing that a killed process left half written.
fn remove_old(folder: &Path) {
    let Ok(listed) = fs::read_dir(folder) else {
        return;
    };
    let mut files: Vec<(SystemTime, PathBuf)> = Vec::new();
    for entry in listed.flatten() {
        let path = entry.path();
        let modified = entry.metadata().and_then(|facts| facts.modified());
        let modified = modified.unwrap_or(SystemTime::UNIX_EPOCH);
        let extension = path.extension().and_then(|name| name.to_str());
        match extension {
            Some(EXTENSION) => files.push((modified, path)),
            // Another process may be writing it.
            Some("part") if modified.elapsed().is_ok_and(|age| age.as_secs() > 3600) => {
                let _ = fs::remove_file(path);
            }
            _ => {}
        }
    }
    files.sort_unstable_by(|one, other| other.cmp(one));
    for (_, path) in files.into_iter().skip(MOST_FILES) {
        let _ = fs::remove_file(path);
    }
}

fn encode(entries: &Entries) -> Vec<u8> {
    let mut body = Vec::new();
    let mut put = |bytes: &[u8]| {
        body.extend((bytes.len() as u32).to_le_bytes());
        body.extend(bytes);
    };
    for ((namespace, key), value) in entries {
        put(namespace.as_bytes());
        put(key);
        put(value);
    }
    [MAGIC, &checksum(&body).to_le_bytes(), &body].concat()
}

fn decode(bytes: &[u8]) -> Option<Entries> {
    let rest = bytes.strip_prefix(MAGIC)?;
    let (sum, mut body) = rest.split_first_chunk::<8>()?;
    if u64::from_le_bytes(*sum) != checksum(body) {
        return None;
    }
    let mut take = || {
        let (length, rest) = body.split_first_chunk::<4>()?;
        let (bytes, rest) = rest.split_at_checked(u32::from_le_bytes(*length) as usize)?;
        body = rest;
        Some((bytes.to_vec(), rest.is_empty()))
    };
    let mut entries = Entries::new();
    let mut is_last = rest.len() == 8;
    while !is_last {
        let (namespace, _) = take()?;
        let (key, _) = take()?;
        let value;
        (value, is_last) = take()?;
        entries.insert((String::from_utf8(namespace).ok()?, key), value);
    }
    Some(entries)
}

/// FNV-1a in 64 bits (Fowler, Noll and Vo).
fn checksum(bytes: &[u8]) -> u64 {
    bytes.iter().fold(0xcbf2_9ce4_8422_2325, |sum, byte| {
        (sum ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01b3)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn entries(numbers: std::ops::Range<u8>) -> Entries {
        numbers
            .map(|number| {
                let key = ("cuda/1/ptx".to_owned(), vec![number; 3]);
                (key, vec![number; 1000 + usize::from(number)])
            })
            .collect()
    }

    #[test]
    fn what_is_written_is_read_and_added_to() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("kernels").join(name("cuda:0", &["1"]));
        assert!(
            path.ends_with("cuda-0-af63ac4c86019afc.kernels"),
            "{path:?}"
        );
        assert_eq!(read(&path), Entries::new());
        add(&path, entries(0..3)).unwrap();
        assert_eq!(read(&path), entries(0..3));
        add(&path, entries(2..5)).unwrap();
        assert_eq!(read(&path), entries(0..5));
        assert_eq!(decode(&encode(&Entries::new())), Some(Entries::new()));
    }

    #[test]
    fn trap_a_damaged_file_is_no_file() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join(name("cuda:0", &["1"]));
        let whole = encode(&entries(0..3));
        for damaged in [
            whole[..whole.len() - 1].to_vec(),
            whole[..20].to_vec(),
            [&whole[..], b"x"].concat(),
            [&whole[..100], &[whole[100] ^ 1], &whole[101..]].concat(),
            b"something else".to_vec(),
            Vec::new(),
        ] {
            fs::write(&path, damaged).unwrap();
            assert_eq!(read(&path), Entries::new());
            add(&path, entries(0..3)).unwrap();
            assert_eq!(read(&path), entries(0..3));
        }
        // Lengths that reach beyond the end, under a checksum that fits.
        let body = [255, 255, 255, 255, 1];
        let bytes = [MAGIC, &checksum(&body).to_le_bytes(), &body].concat();
        assert_eq!(decode(&bytes), None);
    }

    #[test]
    fn several_may_write_at_once() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join(name("cuda:0", &["1"]));
        std::thread::scope(|scope| {
            for number in 0..8 {
                let path = &path;
                scope.spawn(move || add(path, entries(number..number + 1)).unwrap());
            }
        });
        assert_eq!(read(&path), entries(0..8));
    }

    #[test]
    fn a_folder_that_cannot_be_written_to_is_an_error_and_no_more() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("file");
        fs::write(&file, "").unwrap();
        let path = file.join(name("cuda:0", &["1"]));
        assert!(add(&path, entries(0..3)).is_err());
        assert_eq!(read(&path), Entries::new());
    }

    #[test]
    fn files_of_old_drivers_and_programs_are_removed() {
        let folder = tempfile::tempdir().unwrap();
        let of_driver = |version: usize| {
            let name = name("cuda:0", &[&version.to_string()]);
            folder.path().join(name)
        };
        for version in 0..MOST_FILES + 2 {
            add(&of_driver(version), entries(0..1)).unwrap();
            // Used again and again: never the oldest.
            assert_eq!(read(&of_driver(0)).len(), 1);
            std::thread::sleep(Duration::from_millis(10));
        }
        let found = (0..MOST_FILES + 2).filter(|version| of_driver(*version).exists());
        assert_eq!(found.collect::<Vec<_>>(), [0, 3, 4, 5, 6, 7]);
    }
}
