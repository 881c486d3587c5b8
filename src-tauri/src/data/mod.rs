//! The data sets of the library: imported, checked, split, shown page by page.
//!
//! A data set is a folder: `data.json` says what it is, `SPLIT.jsonl` holds the documents as the engine
//! reads them, `SPLIT.lines` the line of each in the imported file. The imported file itself is never
//! changed and not needed afterwards.

mod documents;
mod import;

pub use documents::Documents;
pub use import::Imported;

use crate::disk;
use crate::failure::Failure;
use crate::runs::RunData;
use crate::shapes::{
    CheckReport, DataSet, DocumentPage, DocumentQuery, ImportRequest, Split, SplitChoice,
};
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};
use tagsmith_hub::Library;

/// The sample corpus, part of the program so that it is always one click away.
const SAMPLE: [(Split, &str); 3] = [
    (
        Split::Train,
        include_str!("../../../assets/samples/support-tickets/train.jsonl"),
    ),
    (
        Split::Dev,
        include_str!("../../../assets/samples/support-tickets/dev.jsonl"),
    ),
    (
        Split::Test,
        include_str!("../../../assets/samples/support-tickets/test.jsonl"),
    ),
];
const SAMPLE_ID: &str = "support-tickets";
const SAMPLE_NAME: &str = "Support tickets";

/// All data sets of the library.
pub struct DataSets {
    folder: PathBuf,
    /// The data set last looked at, in memory.
    open: Mutex<Option<(String, Arc<Documents>)>>,
}

impl DataSets {
    /// The data sets of a library.
    pub fn open(library: &Library) -> Self {
        let folder = library.data_folder();
        disk::sweep(&folder);
        Self {
            folder,
            open: Mutex::default(),
        }
    }

    /// Every data set, by the time of its import.
    pub fn list(&self) -> Vec<DataSet> {
        let mut found: Vec<DataSet> = fs::read_dir(&self.folder)
            .into_iter()
            .flatten()
            .flatten()
            .filter(|entry| !entry.file_name().to_string_lossy().starts_with('.'))
            .filter_map(|entry| disk::read_json(&entry.path().join("data.json")))
            .collect();
        found.sort_by(|a, b| a.imported.cmp(&b.imported));
        found
    }

    /// The data set `id`.
    ///
    /// # Errors
    /// There is none.
    pub fn get(&self, id: &str) -> Result<DataSet, Failure> {
        self.place(id)
            .and_then(|folder| disk::read_json(&folder.join("data.json")))
            .ok_or_else(|| {
                Failure::plain(
                    "unknown-data",
                    format!("there is no data set `{id}` in the library"),
                )
            })
    }

    fn place(&self, id: &str) -> Option<PathBuf> {
        disk::is_plain(id).then(|| self.folder.join(id))
    }

    /// Reads and checks files without taking them into the library.
    pub fn check(&self, request: &ImportRequest) -> CheckReport {
        import::check(request)
    }

    /// Takes files into the library.
    ///
    /// # Errors
    /// A file cannot be used as it is, or the file system refused.
    pub fn import(&self, request: &ImportRequest) -> Result<DataSet, Failure> {
        let imported = import::read(request)?;
        let taken = |id: &str| self.folder.join(id).exists();
        let id = disk::folder_name(&request.name, "data", taken);
        self.keep(&id, &request.name, imported)
    }

    /// Takes the sample corpus into the library; again if it is there.
    ///
    /// # Errors
    /// The file system refused.
    pub fn import_sample(&self) -> Result<DataSet, Failure> {
        if let Ok(there) = self.get(SAMPLE_ID) {
            return Ok(there);
        }
        self.keep(SAMPLE_ID, SAMPLE_NAME, import::sample(&SAMPLE)?)
    }

    fn keep(&self, id: &str, name: &str, imported: Imported) -> Result<DataSet, Failure> {
        let name = match name.trim() {
            "" => id,
            name => name,
        };
        let beside = self.folder.join(format!(".importing-{id}"));
        let _ = fs::remove_dir_all(&beside);
        fs::create_dir_all(&beside).map_err(Failure::io("make", &beside))?;
        let set = imported.write(id, name, &beside)?;
        let folder = self.folder.join(id);
        fs::rename(&beside, &folder).map_err(Failure::io("make", &folder))?;
        Ok(set)
    }

    /// Deletes a data set; returns the bytes freed.
    ///
    /// # Errors
    /// There is none, or the file system refused.
    pub fn remove(&self, id: &str) -> Result<u64, Failure> {
        self.get(id)?;
        self.forget();
        disk::remove(&self.folder.join(id))
    }

    fn forget(&self) {
        *self.open.lock().unwrap_or_else(PoisonError::into_inner) = None;
    }

    /// Some of the documents that a query finds.
    ///
    /// # Errors
    /// There is no such data set, or its files are damaged.
    pub fn documents(&self, id: &str, query: &DocumentQuery) -> Result<DocumentPage, Failure> {
        Ok(self.read(id)?.page(query))
    }

    /// All documents of a data set, kept in memory until another one is looked at.
    ///
    /// # Errors
    /// There is no such data set, or its files are damaged.
    pub fn read(&self, id: &str) -> Result<Arc<Documents>, Failure> {
        let mut open = self.open.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((known, documents)) = open.as_ref()
            && known == id
        {
            return Ok(documents.clone());
        }
        let set = self.get(id)?;
        let documents = Arc::new(Documents::read(&self.folder.join(id), &set)?);
        *open = Some((id.to_owned(), documents.clone()));
        Ok(documents)
    }

    /// The files that a run learns from.
    ///
    /// # Errors
    /// There is no such data set, or it has nothing to learn from.
    pub fn run_data(&self, id: &str) -> Result<RunData, Failure> {
        let set = self.get(id)?;
        let file = |split| Some(self.file(id, split)).filter(|path| path.is_file());
        Ok(RunData {
            train: file(Split::Train).ok_or_else(|| {
                Failure::plain("no-train", format!("`{}` has no training split", set.name))
            })?,
            dev: file(Split::Dev),
            test: file(Split::Test),
            name: set.name,
        })
    }

    /// The files of the splits chosen, by name.
    ///
    /// # Errors
    /// There is no such data set.
    pub fn files(&self, id: &str, choice: SplitChoice) -> Result<Vec<(Split, PathBuf)>, Failure> {
        self.get(id)?;
        Ok(Split::ALL
            .into_iter()
            .filter(|split| choice.takes(*split))
            .map(|split| (split, self.file(id, split)))
            .filter(|(_, path)| path.is_file())
            .collect())
    }

    fn file(&self, id: &str, split: Split) -> PathBuf {
        self.folder.join(id).join(format!("{}.jsonl", split.name()))
    }

    /// The lines that the documents of a split had in the imported file; none where that is unknown.
    pub fn lines(&self, id: &str, split: &str) -> Vec<u32> {
        self.place(id)
            .and_then(|folder| disk::read_json(&lines_file(&folder, split)))
            .unwrap_or_default()
    }
}

fn lines_file(folder: &Path, split: &str) -> PathBuf {
    folder.join(format!("{split}.lines"))
}
