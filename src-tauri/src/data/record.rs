//! What is recorded of a data set in `data.json`, and where its files lie.
//!
//! A data set is a folder. `data.json` names the version that counts; `documents-VERSION.db` holds its
//! documents and findings, `source-NUMBER` the files that it was made of, so that its recipe can be done
//! again, and `vVERSION` the files that a run learns from, made when a run first asks for them and kept
//! as long as a run that is not finished may continue with them. Folders of other numbers are left over from a kill and are deleted.

use super::documents::count;
use crate::disk;
use crate::dto::{ChosenFile, DataSet, Reading, Split};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use tagsmith_protocol::Failure;

/// The data set, and how it came from its files.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Record {
    #[serde(flatten)]
    pub set: DataSet,
    /// Absent where an earlier version of the program imported it.
    #[serde(default)]
    pub source: Option<Source>,
}

/// The files that a data set was made of.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Source {
    /// The number of its folder; `None` where the files lie beside `data.json`.
    pub number: Option<u32>,
    pub files: Vec<SourceFile>,
}

/// One of them.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct SourceFile {
    /// Where the person had it.
    pub path: PathBuf,
    /// Its copy, within the folder of the sources.
    pub copy: PathBuf,
    pub split: Option<Split>,
    pub reading: Reading,
}

/// A file that is to be read: where it lies, and as what it is shown.
pub struct Chosen {
    pub at: PathBuf,
    pub shown: PathBuf,
    pub split: Option<Split>,
    pub reading: Reading,
}

impl From<&ChosenFile> for Chosen {
    fn from(file: &ChosenFile) -> Self {
        Self {
            at: file.path.clone().into(),
            shown: file.path.clone().into(),
            split: file.split,
            reading: file.reading.clone(),
        }
    }
}

impl Record {
    /// How the documents came from their files, as the engine writes it down with a run; nothing where
    /// they were read as they are. Files that are read differently from the first are listed by name.
    pub fn recipe(&self) -> Option<Value> {
        let files = self.source.as_ref().map_or(&[][..], |source| &source.files);
        let reading = files.first().map(|file| file.reading.clone());
        let reading = reading.unwrap_or_default();
        let others: BTreeMap<String, &Reading> = files
            .iter()
            .filter(|file| file.reading != reading)
            .map(|file| (unique_name(&file.path, files), &file.reading))
            .collect();
        let plain = self.set.repairs.is_empty() && reading == Reading::default();
        if plain && others.is_empty() {
            return None;
        }
        let mut recipe = json!({"reading": reading, "repairs": self.set.repairs});
        if !others.is_empty() {
            recipe["files"] = json!(others);
        }
        Some(recipe)
    }
}

/// A file's name, with as many folders before it as distinguish it from all others.
fn unique_name(path: &Path, files: &[SourceFile]) -> String {
    let parts: Vec<_> = path.components().collect();
    let end = |n: usize| -> PathBuf { parts[parts.len() - n..].iter().collect() };
    let alone = |end: &PathBuf| files.iter().filter(|file| file.path.ends_with(end)).count() < 2;
    let found = (1..=parts.len()).map(end).find(alone);
    found.as_deref().unwrap_or(path).display().to_string()
}

impl Source {
    /// The files of a data set, as they lie in the library.
    pub fn chosen(&self, folder: &Path) -> Vec<Chosen> {
        let at = source_folder(folder, self.number);
        let chosen = |file: &SourceFile| Chosen {
            at: at.join(&file.copy),
            shown: file.path.clone(),
            split: file.split,
            reading: file.reading.clone(),
        };
        self.files.iter().map(chosen).collect()
    }
}

pub fn source_folder(folder: &Path, number: Option<u32>) -> PathBuf {
    match number {
        Some(number) => folder.join(format!("source-{number}")),
        None => folder.into(),
    }
}

pub fn database(folder: &Path, version: u32) -> PathBuf {
    folder.join(format!("documents-{version}.db"))
}

/// The folder of the files that runs learn from. An earlier version of the program had them beside
/// `data.json`, and its runs go on with those.
pub fn run_folder(folder: &Path, version: u32) -> PathBuf {
    match version {
        0 => folder.into(),
        version => folder.join(format!("v{version}")),
    }
}

/// The record of a data set.
pub fn read(folder: &Path) -> Option<Record> {
    let path = folder.join("data.json");
    let mut record: Value = disk::read_json(&path)?;
    // What an earlier version of the program did not write.
    for (place, missing) in [
        ("/repairs", Value::from(Vec::<Value>::new())),
        ("/undone", Value::from(Vec::<Value>::new())),
        ("/version", 0.into()),
        ("/check/groups", Value::from(Vec::<Value>::new())),
    ] {
        let (parent, name) = place.rsplit_once('/')?;
        let parent = record.pointer_mut(parent)?.as_object_mut()?;
        parent.entry(name).or_insert(missing);
    }
    if let Some(held) = held_out(&record)
        && let Some(repairs) = record["repairs"].as_array_mut()
    {
        repairs.insert(0, held);
    }
    serde_json::from_value(record)
        .inspect_err(|failure| tracing::warn!("`{}` is damaged: {failure}", path.display()))
        .ok()
}

/// What was held out at the import: an earlier version of the program wrote it beside the files, and
/// not among the repairs.
fn held_out(record: &Value) -> Option<Value> {
    let source = &record["source"];
    let fractions: serde_json::Map<String, Value> = [("dev", "dev_share"), ("test", "test_share")]
        .into_iter()
        .filter_map(|(split, key)| Some((split.to_owned(), source.get(key)?.clone())))
        .filter(|(_, fraction)| fraction.as_f64().is_some_and(|fraction| fraction > 0.0))
        .collect();
    let held = json!({"repair": "hold-out", "shares": fractions, "seed": source["seed"]});
    (!fractions.is_empty()).then_some(held)
}

/// Makes a record count: what it names must lie there.
///
/// # Errors
/// The file system refused; the old record then counts on.
pub fn write(folder: &Path, record: &Record) -> Result<(), Failure> {
    disk::write_json(&folder.join("data.json"), record)
}

/// Deletes what the record does not name: of a version that came to nothing, or of the one before.
pub fn sweep(folder: &Path, record: &Record) {
    let database = database(folder, record.set.version);
    let source = record.source.as_ref().and_then(|source| source.number);
    let source = source.map(|number| source_folder(folder, Some(number)));
    for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
        let (path, name) = (entry.path(), entry.file_name());
        let name = name.to_string_lossy();
        let is = |begin: &str| {
            name.strip_prefix(begin)
                .is_some_and(|rest| !rest.is_empty())
        };
        // The last is a file, such as the record, that was being written.
        let left = is(".documents-")
            || is(".v")
            || is("documents-") && path != database
            || is("source-") && source.as_ref() != Some(&path)
            || tagsmith_files::is_unfinished(&name);
        if left {
            let _ = fs::remove_dir_all(&path).or_else(|_| fs::remove_file(&path));
        }
    }
}

/// Deletes the files that runs learned from in versions before, where none of those in `used` is among them.
/// What says from which lines they came stays, for the reports of those runs.
pub fn sweep_exports(folder: &Path, record: &Record, used: &[PathBuf]) {
    for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
        let path = entry.path();
        let name = entry.file_name();
        let number = name.to_str().and_then(|name| name.strip_prefix('v'));
        let is_old = number
            .and_then(|number| number.parse::<u32>().ok())
            .is_some_and(|version| version < record.set.version);
        if !is_old || used.iter().any(|file| file.starts_with(&path)) {
            continue;
        }
        for file in fs::read_dir(&path).into_iter().flatten().flatten() {
            let file = file.path();
            if file.extension().is_some_and(|ending| ending == "jsonl") {
                let _ = fs::remove_file(&file);
            }
        }
    }
}

/// Copies what a person picked into the library: a file, or a folder with all in it.
///
/// # Errors
/// The file system refused, the folder is no folder of data, or `go_on` said no.
pub fn copy(
    from: &Path,
    to: &Path,
    go_on: &mut impl FnMut(usize) -> Result<(), Failure>,
) -> Result<(), Failure> {
    // A whole disk is never picked on purpose.
    const MOST: usize = 200_000;
    let mut copied = 0;
    let mut waiting = vec![(from.to_path_buf(), to.to_path_buf())];
    while let Some((from, to)) = waiting.pop() {
        go_on(copied)?;
        if !from.is_dir() {
            copied += 1;
            if copied > MOST {
                return Err(Failure::new(
                    "too-many-files",
                    format!("the folder has more than {} files", count(MOST)),
                    "choose the folder that holds the data alone",
                ));
            }
            fs::copy(&from, &to).map_err(Failure::io("copy", &from))?;
            continue;
        }
        fs::create_dir_all(&to).map_err(Failure::io("make", &to))?;
        for entry in fs::read_dir(&from).map_err(Failure::io("read", &from))? {
            let entry = entry.map_err(Failure::io("read", &from))?;
            let name = entry.file_name();
            // A link may lead anywhere, also back.
            let link = entry.file_type().is_ok_and(|kind| kind.is_symlink());
            if !link && !name.to_string_lossy().starts_with('.') {
                waiting.push((entry.path(), to.join(name)));
            }
        }
    }
    Ok(())
}
