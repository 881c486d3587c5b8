//! The data sets of the library: made of files that a person picked, repaired, shown page by page.
//!
//! The way of an import: files are read ([`read`]), held out, repaired and checked ([`make`]), and
//! written into a store that pages and searches them. A repair, its undoing and an update do the same
//! anew with another recipe or other files. What the person picked is copied and never changed.
//!
//! One file, as every change of a data set goes through the same lock and ends in the same record.

mod columns;
mod documents;
mod export;
mod jobs;
mod make;
mod migrate;
mod read;
mod record;
mod repairs;
mod report;
mod run_files;
mod statistics;

use crate::disk;
use crate::failure::Failure;
use crate::runs::{RunData, Tell};
use crate::shapes::{
    CheckReport, ChosenFile, DataSet, DocumentPage, DocumentQuery, ExportPlan, ExportRequest,
    FindingPage, FindingQuery, ImportRequest, InspectRequest, Inspection, Num, Reading, Repair,
    RepairPreview, Split, SplitChoice, Statistics,
};
use jobs::{Jobs, Work};
use make::Shares;
use record::{Chosen, Record, Source, SourceFile, database, source_folder};
use std::collections::HashSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use tagsmith_hub::Library;
use tagsmith_store::{Store, StoreError};

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
    jobs: Jobs,
    /// The data set last looked at, and its version.
    open: Mutex<Option<(String, u32, Arc<Store>)>>,
    /// Those that are being changed.
    busy: Mutex<HashSet<String>>,
    /// One writes files for runs at a time.
    exporting: Mutex<()>,
}

impl DataSets {
    /// The data sets of a library.
    pub fn open(library: &Library, tell: Tell) -> Self {
        let folder = library.data_folder();
        disk::sweep(&folder);
        for set in folders(&folder) {
            if let Some(record) = record::read(&set) {
                record::sweep(&set, &record);
            }
        }
        Self {
            folder,
            jobs: Jobs::new(tell),
            open: Mutex::default(),
            busy: Mutex::default(),
            exporting: Mutex::default(),
        }
    }

    /// Every data set, by the time of its import.
    pub fn list(&self) -> Vec<DataSet> {
        let mut found: Vec<DataSet> = folders(&self.folder)
            .filter_map(|folder| record::read(&folder))
            .map(|record| record.set)
            .collect();
        found.sort_by(|a, b| a.imported.cmp(&b.imported));
        found
    }

    /// The data set `id`.
    ///
    /// # Errors
    /// There is none.
    pub fn get(&self, id: &str) -> Result<DataSet, Failure> {
        Ok(self.record(id)?.1.set)
    }

    /// The folder and the record of a data set.
    fn record(&self, id: &str) -> Result<(PathBuf, Record), Failure> {
        let folder = disk::is_plain(id).then(|| self.folder.join(id));
        folder
            .and_then(|folder| {
                let record = record::read(&folder)?;
                Some((folder, record))
            })
            .ok_or_else(|| {
                Failure::plain(
                    "unknown-data",
                    format!("there is no data set `{id}` in the library"),
                )
            })
    }

    /// Reads and checks files without taking them into the library.
    ///
    /// # Errors
    /// A repair cannot be done, or the person cancelled. A file that cannot be used is in the report.
    pub fn inspect(&self, request: &InspectRequest, job: &str) -> Result<Inspection, Failure> {
        let mut work = self.jobs.begin(job);
        let chosen: Vec<Chosen> = request.files.iter().map(Chosen::from).collect();
        make::inspect(&chosen, &request.repairs, &mut work)
    }

    /// Asks a piece of work to end.
    pub fn cancel(&self, job: &str) {
        self.jobs.cancel(job);
    }

    /// Takes files into the library.
    ///
    /// # Errors
    /// A file cannot be used as it is, the file system refused, or the person cancelled.
    pub fn import(&self, request: &ImportRequest, job: &str) -> Result<DataSet, Failure> {
        let mut work = self.jobs.begin(job);
        if request.files.is_empty() {
            return Err(Failure::plain("no-files", "no file was chosen"));
        }
        let chosen: Vec<Chosen> = request.files.iter().map(Chosen::from).collect();
        let shares = Shares {
            dev: request.dev_share,
            test: request.test_share,
            seed: request.seed,
        };
        // A file that cannot be used is told before anything is copied.
        let made = make::make(&chosen, shares, &request.repairs, &mut work)?;
        let taken = |id: &str| self.folder.join(id).exists();
        let id = disk::folder_name(&request.name, "data", taken);
        self.keep(&id, |beside| {
            let files = copied(&chosen, &source_folder(beside, Some(1)), &mut work)?;
            let name = match request.name.trim() {
                "" => id.as_str(),
                name => name,
            };
            let mut record = begun(&id, name, files, shares);
            record.set.repairs = request.repairs.clone();
            made.write(beside, &mut record.set, &mut work)?;
            Ok(record)
        })
    }

    /// Takes the sample corpus into the library; again if it is there.
    ///
    /// # Errors
    /// The file system refused.
    pub fn import_sample(&self) -> Result<DataSet, Failure> {
        if let Ok(there) = self.get(SAMPLE_ID) {
            return Ok(there);
        }
        let mut work = self.jobs.begin(SAMPLE_ID);
        self.keep(SAMPLE_ID, |beside| {
            let at = source_folder(beside, Some(1));
            fs::create_dir_all(&at).map_err(Failure::io("make", &at))?;
            let mut files = Vec::new();
            for (split, text) in SAMPLE {
                let copy = PathBuf::from(format!("{}.jsonl", split.name()));
                fs::write(at.join(&copy), text).map_err(Failure::io("write", &at))?;
                files.push(SourceFile {
                    path: Path::new(SAMPLE_ID).join(&copy),
                    copy,
                    split: Some(split),
                    reading: Reading::default(),
                });
            }
            let shares = Shares {
                dev: Num(0.0),
                test: Num(0.0),
                seed: 0,
            };
            let mut record = begun(SAMPLE_ID, SAMPLE_NAME, files, shares);
            remade(beside, &mut record, &mut work)?;
            Ok(record)
        })
    }

    /// Makes a data set in a folder beside its name, which it gets when it is whole.
    fn keep(
        &self,
        id: &str,
        make: impl FnOnce(&Path) -> Result<Record, Failure>,
    ) -> Result<DataSet, Failure> {
        let _busy = self.claim(id)?;
        let beside = self.folder.join(format!(".importing-{id}"));
        let _ = fs::remove_dir_all(&beside);
        fs::create_dir_all(&beside).map_err(Failure::io("make", &beside))?;
        let kept = make(&beside).and_then(|record| {
            record::write(&beside, &record)?;
            let folder = self.folder.join(id);
            fs::rename(&beside, &folder).map_err(Failure::io("make", &folder))?;
            Ok(record.set)
        });
        if kept.is_err() {
            let _ = fs::remove_dir_all(&beside);
        }
        kept
    }

    /// Puts new versions of the files in place of the old, and does the same repairs on them.
    ///
    /// # Errors
    /// As [`Self::import`]; the data set is then as it was.
    pub fn update(&self, id: &str, files: &[ChosenFile], job: &str) -> Result<DataSet, Failure> {
        if files.is_empty() {
            return Err(Failure::plain("no-files", "no file was chosen"));
        }
        let chosen: Vec<Chosen> = files.iter().map(Chosen::from).collect();
        self.change(id, job, |folder, record, work| {
            let number = record.set.version + 1;
            let shares = record.source.as_ref().map_or(
                Shares {
                    dev: Num(0.0),
                    test: Num(0.0),
                    seed: 0,
                },
                Shares::from,
            );
            let files = copied(&chosen, &source_folder(folder, Some(number)), work)?;
            record.source = Some(source(Some(number), files, shares));
            Ok(())
        })
    }

    /// Does a repair, and records it.
    ///
    /// # Errors
    /// It cannot be done, or the person cancelled; the data set is then as it was.
    pub fn repair(&self, id: &str, repair: &Repair, job: &str) -> Result<DataSet, Failure> {
        self.change(id, job, |_, record, _| {
            record.set.repairs.push(repair.clone());
            Ok(())
        })
    }

    /// Takes back the last repair.
    ///
    /// # Errors
    /// There is none, or the person cancelled.
    pub fn undo(&self, id: &str, job: &str) -> Result<DataSet, Failure> {
        self.change(id, job, |_, record, _| match record.set.repairs.pop() {
            Some(_) => Ok(()),
            None => Err(Failure::plain(
                "nothing-done",
                "there is no repair to take back",
            )),
        })
    }

    /// What a repair would change.
    ///
    /// # Errors
    /// It cannot be done.
    pub fn preview_repair(&self, id: &str, repair: &Repair) -> Result<RepairPreview, Failure> {
        let (store, folder, record) = self.opened(id, None)?;
        // It has no name by which it could be cancelled, and ends by itself.
        let mut work = self.jobs.begin(&format!("preview of {id}"));
        repairs::preview(&store, &folder, &record, repair, &mut work)
    }

    /// Makes the next version of a data set; `alter` says in what it differs.
    fn change(
        &self,
        id: &str,
        job: &str,
        alter: impl FnOnce(&Path, &mut Record, &mut Work) -> Result<(), Failure>,
    ) -> Result<DataSet, Failure> {
        let claim = self.claim(id)?;
        let mut work = self.jobs.begin(job);
        // A data set of an earlier version gets its store, and the record of its files, first.
        let (_, folder, old) = self.opened(id, Some(&claim))?;
        let mut record = old.clone();
        let made = alter(&folder, &mut record, &mut work).and_then(|()| {
            record.set.version += 1;
            remade(&folder, &mut record, &mut work)?;
            record::write(&folder, &record)
        });
        let counts = match &made {
            Ok(()) => &record,
            Err(_) => &old,
        };
        self.forget();
        record::sweep(&folder, counts);
        made.map(|()| record.set)
    }

    /// Deletes a data set; returns the bytes freed.
    ///
    /// # Errors
    /// There is none, it is being changed, or the file system refused.
    pub fn remove(&self, id: &str) -> Result<u64, Failure> {
        self.get(id)?;
        let _busy = self.claim(id)?;
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
        documents::page(&*self.store(id)?, query)
    }

    /// Some of the findings that a query finds.
    ///
    /// # Errors
    /// There is no such data set, or its files are damaged.
    pub fn findings(&self, id: &str, query: &FindingQuery) -> Result<FindingPage, Failure> {
        documents::findings(&*self.store(id)?, query)
    }

    /// The data set in numbers.
    ///
    /// # Errors
    /// There is no such data set, or its files are damaged.
    pub fn statistics(&self, id: &str) -> Result<Statistics, Failure> {
        let statistics = self.store(id)?.value(make::STATISTICS)?;
        Ok(statistics.unwrap_or_default())
    }

    fn store(&self, id: &str) -> Result<Arc<Store>, Failure> {
        self.opened(id, None).map(|(store, ..)| store)
    }

    /// The documents of a data set, with its folder and its record. What cannot be read is made again of
    /// the files that it came from, which is a change: whoever has claimed the data set shows the claim.
    ///
    /// # Errors
    /// There is no such data set, or its files are damaged.
    fn opened(
        &self,
        id: &str,
        claim: Option<&Claim<'_>>,
    ) -> Result<(Arc<Store>, PathBuf, Record), Failure> {
        let mut open = self.open.lock().unwrap_or_else(PoisonError::into_inner);
        let (folder, mut record) = self.record(id)?;
        loop {
            let version = record.set.version;
            if let Some((known, known_version, store)) = open.as_ref()
                && (known.as_str(), *known_version) == (id, version)
            {
                return Ok((store.clone(), folder, record));
            }
            *open = None;
            let path = database(&folder, version);
            let store = match Store::open(&path) {
                Err(StoreError::Missing { .. } | StoreError::Damaged { .. }) => {
                    let now = self.record(id)?.1;
                    if now.set.version != version {
                        // A change came to its end in between, and took the old store away.
                        record = now;
                        continue;
                    }
                    let _claim = match claim {
                        None => Some(self.claim(id)?),
                        Some(_) => None,
                    };
                    self.made_again(&folder, &mut record)?;
                    Store::open(&path)?
                }
                other => other?,
            };
            let store = Arc::new(store);
            *open = Some((id.to_owned(), version, store.clone()));
            return Ok((store, folder, record));
        }
    }

    fn made_again(&self, folder: &Path, record: &mut Record) -> Result<(), Failure> {
        let id = &record.set.id;
        tracing::info!("the documents of `{id}` are made again");
        let mut work = self.jobs.begin(&format!("opening {id}"));
        match record.source {
            None => migrate::from_files(folder, record, &mut work)?,
            Some(_) => remade(folder, record, &mut work)?,
        }
        record::write(folder, record)
    }

    /// The files that a run learns from.
    ///
    /// # Errors
    /// There is no such data set, or it has nothing to learn from.
    pub fn run_data(&self, id: &str) -> Result<RunData, Failure> {
        let files = self.files(id, SplitChoice::All)?;
        let file = |wanted| {
            let found = files.iter().find(|(split, _)| *split == wanted);
            found.map(|(_, path)| path.clone())
        };
        let record = self.record(id)?.1;
        let recipe = record.recipe();
        let name = record.set.name;
        Ok(RunData {
            train: file(Split::Train).ok_or_else(|| {
                Failure::plain("no-train", format!("`{name}` has no training split"))
            })?,
            dev: file(Split::Dev),
            test: file(Split::Test),
            recipe,
            name,
        })
    }

    /// The files of the splits chosen, as the engine reads them.
    ///
    /// # Errors
    /// There is no such data set, or the file system refused.
    pub fn files(&self, id: &str, choice: SplitChoice) -> Result<Vec<(Split, PathBuf)>, Failure> {
        let (folder, record) = self.record(id)?;
        let _one = self
            .exporting
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        let mut files = record::run_folder(&folder, record.set.version);
        if record.set.version > 0 && !files.is_dir() {
            // Of the same version as its documents, also where a repair ends just now.
            let (store, folder, record) = self.opened(id, None)?;
            files = record::run_folder(&folder, record.set.version);
            if !files.is_dir() {
                run_files::write(&store, &files)?;
            }
        }
        Ok(Split::ALL
            .into_iter()
            .filter(|split| choice.takes(*split))
            .map(|split| (split, files.join(format!("{}.jsonl", split.name()))))
            .filter(|(_, path)| path.is_file())
            .collect())
    }

    /// The lines that the documents of a split had in the imported file, for a file that a run or an
    /// evaluation read; none where that is unknown.
    pub fn lines(&self, file: &str, split: &str) -> Vec<u32> {
        let file = Path::new(file);
        match file.starts_with(&self.folder) {
            true => disk::read_json(&file.with_file_name(format!("{split}.lines"))),
            false => None,
        }
        .unwrap_or_default()
    }

    /// What an export would write, and what its format cannot hold.
    ///
    /// # Errors
    /// There is no such data set.
    pub fn export_plan(&self, id: &str, request: &ExportRequest) -> Result<ExportPlan, Failure> {
        export::plan(&*self.store(id)?, request)
    }

    /// The name that an export gets where the person does not choose another.
    ///
    /// # Errors
    /// There is no such data set.
    pub fn export_name(&self, id: &str, request: &ExportRequest) -> Result<String, Failure> {
        self.get(id)?;
        Ok(export::name(id, request))
    }

    /// Writes a data set to where the person wants it.
    ///
    /// # Errors
    /// There is no such data set, or the file system refused.
    pub fn export(&self, id: &str, request: &ExportRequest, path: &Path) -> Result<(), Failure> {
        export::write(&*self.store(id)?, request, path)
    }

    /// Claims a data set for a change.
    fn claim(&self, id: &str) -> Result<Claim<'_>, Failure> {
        match lock(&self.busy).insert(id.into()) {
            true => Ok(Claim(self, id.into())),
            false => Err(Failure::new(
                "busy",
                format!("`{id}` is being changed"),
                "wait until that is done, or cancel it",
            )),
        }
    }
}

/// A data set that is being changed; nobody else may change it meanwhile.
struct Claim<'a>(&'a DataSets, String);

impl Drop for Claim<'_> {
    fn drop(&mut self) {
        lock(&self.0.busy).remove(&self.1);
    }
}

fn lock(busy: &Mutex<HashSet<String>>) -> MutexGuard<'_, HashSet<String>> {
    busy.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Makes the documents that a record asks for, and fills in what is known of them.
fn remade(folder: &Path, record: &mut Record, work: &mut Work) -> Result<(), Failure> {
    let Some(source) = &record.source else {
        return Err(Failure::new(
            "no-source",
            format!("the files of `{}` are not in the library", record.set.name),
            "import them again",
        ));
    };
    let shares = Shares::from(source);
    let made = make::make(&source.chosen(folder), shares, &record.set.repairs, work)?;
    made.write(folder, &mut record.set, work)
}

/// Copies the files that a person chose.
fn copied(chosen: &[Chosen], to: &Path, work: &mut Work) -> Result<Vec<SourceFile>, Failure> {
    let mut files = Vec::new();
    for (number, file) in chosen.iter().enumerate() {
        let name = file.at.file_name().unwrap_or("data".as_ref());
        let copy = Path::new(&number.to_string()).join(name);
        let target = to.join(&copy);
        let folder = target.parent().unwrap_or(to);
        fs::create_dir_all(folder).map_err(Failure::io("make", folder))?;
        record::copy(&file.at, &target, &mut |done| work.at("copying", done, 0))?;
        files.push(SourceFile {
            path: file.shown.clone(),
            copy,
            split: file.split,
            reading: file.reading.clone(),
        });
    }
    Ok(files)
}

fn source(number: Option<u32>, files: Vec<SourceFile>, shares: Shares) -> Source {
    Source {
        number,
        files,
        dev_share: shares.dev,
        test_share: shares.test,
        seed: shares.seed,
    }
}

/// The record of a data set that is about to be made.
fn begun(id: &str, name: &str, files: Vec<SourceFile>, shares: Shares) -> Record {
    Record {
        set: DataSet {
            id: id.into(),
            name: name.into(),
            imported: crate::now(),
            check: CheckReport {
                files: Vec::new(),
                issues: Vec::new(),
                groups: Vec::new(),
            },
            lengths: Vec::new(),
            longest_words: 0,
            repairs: Vec::new(),
            version: 1,
        },
        source: Some(source(Some(1), files, shares)),
    }
}

/// The folders in a folder, those aside that are being made or deleted.
fn folders(folder: &Path) -> impl Iterator<Item = PathBuf> {
    let entries = fs::read_dir(folder).into_iter().flatten().flatten();
    entries
        .filter(|entry| !entry.file_name().to_string_lossy().starts_with('.'))
        .map(|entry| entry.path())
}
