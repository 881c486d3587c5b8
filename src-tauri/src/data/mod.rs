//! The data sets of the library: made of files that a person picked, repaired, shown page by page.
//!
//! The steps of an import ([`changes`]): files are read ([`read`]), repaired and checked ([`make`]), and
//! written into a store that pages and searches them. A repair, its undoing and an update do the same
//! anew with another recipe or other files. What the person picked is copied and never changed.
//!
//! One file, as these are the methods of one object; what they need beside stands in files of its own.

mod augmentation;
mod changes;
mod columns;
pub(crate) mod documents;
mod export;
mod history;
mod jobs;
mod make;
mod mentions;
mod migrate;
mod read;
mod record;
mod repairs;
mod report;
mod run_files;
mod statistics;
mod windows;
mod with_model;

pub use documents::{page, query_of};
pub use jobs::{Work, cancelled};
pub use mentions::mentions;
pub use run_files::{Origin, READING, RunData, reading};
pub use windows::Counted;

use crate::disk;
use crate::dto::{
    AugmentationExample, DataSet, DocumentPage, DocumentQuery, ExportPlan, ExportRequest,
    FindingPage, FindingQuery, InspectRequest, Inspection, ModelCheck, Place, Repair,
    RepairPreview, Split, SplitChoice, Statistics,
};
use crate::engine::Engine;
use crate::event_bus::NotifyPage;
use jobs::Jobs;
use record::{Chosen, Record, database};
use std::collections::{HashMap, HashSet};
use std::fs;
use std::ops::ControlFlow;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use tagsmith_hub::Library;
use tagsmith_protocol::{Failure, TrainSettings};
use tagsmith_store::{Store, StoreError};
use tokio::runtime::Handle;

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
    /// One looks at what a repair would change at a time.
    previewing: Mutex<()>,
    /// What models make of versions of data sets, as far as it was asked.
    counted: Mutex<HashMap<CountedOf, Arc<Counted>>>,
}

/// A data set, its version, a model's folder, and the longest window.
type CountedOf = (String, u32, PathBuf, u32);

impl DataSets {
    /// The data sets of a library.
    pub fn open(library: &Library, notify: NotifyPage) -> Self {
        let folder = library.data_folder();
        disk::sweep(&folder);
        for set in folders(&folder) {
            if let Some(record) = record::read(&set) {
                record::sweep(&set, &record);
            }
        }
        Self {
            folder,
            jobs: Jobs::new(notify),
            open: Mutex::default(),
            busy: Mutex::default(),
            exporting: Mutex::default(),
            previewing: Mutex::default(),
            counted: Mutex::default(),
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

    /// Hands over every document of a data set with its split, until `take` stops.
    ///
    /// # Errors
    /// There is no such data set, or its files are damaged.
    pub fn each_document(
        &self,
        id: &str,
        take: &mut dyn FnMut(&str, &tagsmith_corpus::Document) -> ControlFlow<()>,
    ) -> Result<(), Failure> {
        let store = self.store(id)?;
        for split in store.splits() {
            let mut going = ControlFlow::Continue(());
            store.each(&split.name, |stored| {
                going = take(&split.name, &stored.document);
                going
            })?;
            if going.is_break() {
                break;
            }
        }
        Ok(())
    }

    /// Begins a piece of work that the window hears of, and can end, under this name.
    pub fn begin(&self, job: &str) -> Work {
        self.jobs.begin(job)
    }

    /// Asks a piece of work to end.
    pub fn cancel(&self, job: &str) {
        self.jobs.cancel(job);
    }

    /// What a repair would change.
    ///
    /// # Errors
    /// It cannot be done, or the person cancelled.
    pub fn preview_repair(
        &self,
        id: &str,
        repair: &Repair,
        job: &str,
    ) -> Result<RepairPreview, Failure> {
        let mut work = self.jobs.begin(job);
        let (store, folder, record) = self.opened(id, None)?;
        // One that was cancelled ends its step first: two would hold the data set twice.
        let _one = self.previewing.lock();
        work.at("loading", 0, 0)?;
        repairs::preview(&store, &folder, &record, repair, &mut work)
    }

    /// Some of the documents that a run with these settings would make of the training set and add to it.
    ///
    /// # Errors
    /// The documents or the list of mentions cannot be read, or the person cancelled.
    pub fn preview_augmentation(
        &self,
        id: &str,
        settings: &TrainSettings,
        job: &str,
    ) -> Result<Vec<AugmentationExample>, Failure> {
        let mut work = self.jobs.begin(job);
        let store = self.store(id)?;
        let _one = self.previewing.lock();
        augmentation::preview(&store, settings, &mut work)
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

    /// Deletes the files that runs learned from in versions that have been replaced, but for `used` ones and
    /// those beside them.
    pub fn clear_exports(&self, used: &[PathBuf]) {
        for folder in folders(&self.folder) {
            if let Some(record) = record::read(&folder) {
                record::sweep_exports(&folder, &record, used);
            }
        }
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
        // What the first version of the program knew of the files is more than its copies notify.
        let first = record
            .source
            .as_ref()
            .is_none_or(|source| source.number.is_none() && record.set.version == 0);
        match first {
            true => migrate::from_files(folder, record, &mut work)?,
            false => changes::remade(folder, record, &mut work)?,
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
                run_files::write(&store, &record.set, &files)?;
            }
        }
        Ok(Split::ALL
            .into_iter()
            .filter(|split| choice.takes(*split))
            .map(|split| (split, files.join(format!("{}.jsonl", split.name()))))
            .filter(|(_, path)| path.is_file())
            .collect())
    }

    /// What a model makes of the data set, in windows of at most `max_length` word pieces. Needs a
    /// tokio runtime around it.
    ///
    /// # Errors
    /// There is no such data set, the engine refused or died, or the person cancelled.
    pub fn check_with_model(
        &self,
        id: &str,
        engine: &Engine,
        model: &Path,
        max_length: u32,
        job: &str,
    ) -> Result<ModelCheck, Failure> {
        let mut work = self.jobs.begin(job);
        work.at("writing", 0, 0)?;
        let files = self.files(id, SplitChoice::All)?;
        let answer = with_model::ask(engine, model, &files, max_length, &mut work);
        let answer = Handle::current().block_on(answer)?;
        let (store, _, record) = self.opened(id, None)?;
        let files = record.set.check.files.iter();
        let paths = files.map(|file| (file.split.as_str(), file.path.as_path()));
        with_model::placed(answer, &store, &paths.collect())
    }

    /// How many windows a model makes of the training set, by a sample of its documents; kept for the next
    /// time. Needs a tokio runtime around it.
    ///
    /// # Errors
    /// There is no such data set, or the engine refused or died.
    pub fn count_windows(
        &self,
        id: &str,
        engine: &Engine,
        model: &Path,
        max_length: u32,
    ) -> Result<Arc<Counted>, Failure> {
        let (store, folder, record) = self.opened(id, None)?;
        let key = (id.into(), record.set.version, model.into(), max_length);
        let known = self.counted.lock();
        let known = known
            .unwrap_or_else(PoisonError::into_inner)
            .get(&key)
            .cloned();
        if let Some(known) = known {
            return Ok(known);
        }
        let mut work = self.jobs.begin(&format!("counting windows of {id}"));
        let counting = windows::count(&store, &folder, engine, model, max_length, &mut work);
        let counted = Arc::new(Handle::current().block_on(counting)?);
        let mut all = self.counted.lock().unwrap_or_else(PoisonError::into_inner);
        all.insert(key, counted.clone());
        Ok(counted)
    }

    /// Where the documents of a file that a run or an evaluation read came from, in their order; none where
    /// that is unknown.
    pub fn origins(&self, file: &str) -> Vec<Origin> {
        // What a run held out of its training file.
        let file = Path::new(file.strip_suffix(" (held out)").unwrap_or(file));
        match file.starts_with(&self.folder) {
            true => run_files::origins(file),
            false => Vec::new(),
        }
    }

    /// Where a document is now that once was number `number` of a split: there, if it has this text still, or
    /// wherever else it is; nowhere, if it was changed or dropped.
    ///
    /// # Errors
    /// There is no such data set, or its files are damaged.
    pub fn locate(
        &self,
        id: &str,
        split: &str,
        number: u32,
        text: &str,
    ) -> Result<Option<Place>, Failure> {
        documents::locate(&*self.store(id)?, split, number, text)
    }

    /// What an export would write, and what its format cannot hold.
    ///
    /// # Errors
    /// There is no such data set, or the person cancelled.
    pub fn export_plan(
        &self,
        id: &str,
        request: &ExportRequest,
        job: &str,
    ) -> Result<ExportPlan, Failure> {
        let mut work = self.jobs.begin(job);
        export::plan(&*self.store(id)?, request, &mut work)
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
    /// There is no such data set, the file system refused, or the person cancelled: what was there
    /// before is then there still.
    pub fn export(
        &self,
        id: &str,
        request: &ExportRequest,
        path: &Path,
        job: &str,
    ) -> Result<(), Failure> {
        let mut work = self.jobs.begin(job);
        export::write(&*self.store(id)?, request, path, &mut work)
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

/// The folders in a folder, those aside that are being made or deleted.
fn folders(folder: &Path) -> impl Iterator<Item = PathBuf> {
    let entries = fs::read_dir(folder).into_iter().flatten().flatten();
    entries
        .filter(|entry| !entry.file_name().to_string_lossy().starts_with('.'))
        .map(|entry| entry.path())
}
