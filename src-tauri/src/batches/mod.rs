//! Batches: texts of files or of a data set that a model tags, in a folder each, so that one that was cut off
//! continues where it was.
//!
//! `batches/ID` holds `batch.json` (what it is and how it stands), `input.jsonl` (its texts, written once),
//! `output.jsonl` (what the engine answered, a line for each text, in order) and `results.db` (the same,
//! searchable). How far a batch is, the whole lines of `output.jsonl` say.

mod input;
mod results;
mod work;

use crate::data::{DataSets, cancelled};
use crate::disk;
use crate::dto::{
    AppEvent, Batch, BatchLook, BatchRequest, BatchStatus, DocumentPage, DocumentQuery,
};
use crate::engine::Engine;
use crate::event_bus::NotifyPage;
use crate::living::{Signals, lock};
use serde::{Deserialize, Serialize};
use std::collections::HashMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};
use tagsmith_corpus::PredictionFormat;
use tagsmith_hub::Library;
use tagsmith_protocol::Failure;
use tagsmith_store::Store;

/// All batches of the library.
#[derive(Clone)]
pub struct Batches(Arc<Shared>);

struct Shared {
    folder: PathBuf,
    library: Library,
    engine: Engine,
    notify: NotifyPage,
    live: Mutex<HashMap<String, Live>>,
    /// The results last looked at.
    open: Mutex<Option<(String, Arc<Store>)>>,
}

/// A batch under way.
#[derive(Clone)]
struct Live {
    batch: Batch,
    signals: Arc<Signals>,
}

/// A batch on the disk.
#[derive(Clone, Serialize, Deserialize)]
struct Record {
    batch: Batch,
    request: BatchRequest,
}

impl Batches {
    /// The batches of a library. One that was cut off with its window counts as stopped.
    pub fn open(library: Library, engine: Engine, notify: NotifyPage) -> Self {
        let folder = library.home().join("batches");
        disk::sweep(&folder);
        let batches = Self(Arc::new(Shared {
            folder,
            library,
            engine,
            notify,
            live: Mutex::default(),
            open: Mutex::default(),
        }));
        for mut record in batches.0.records() {
            if record.batch.is_under_way() {
                record.batch.rest(BatchStatus::Stopped, None);
                batches.0.save(&record);
            }
        }
        batches
    }

    /// Every batch, in no order.
    pub fn list(&self) -> Vec<Batch> {
        let live = lock(&self.0.live);
        let kept = self.0.records().into_iter().map(|record| record.batch);
        kept.map(|batch| live.get(&batch.id).map_or(batch, |live| live.batch.clone()))
            .collect()
    }

    /// Whether one is under way.
    pub fn is_busy(&self) -> bool {
        !lock(&self.0.live).is_empty()
    }

    /// The folder of all.
    pub fn folder(&self) -> &Path {
        &self.0.folder
    }

    /// What files that are to be tagged hold.
    pub fn look(files: &[crate::dto::BatchFile], whole: bool) -> Vec<BatchLook> {
        files.iter().map(|file| input::look(file, whole)).collect()
    }

    /// Starts to tag. Needs a tokio runtime around it.
    ///
    /// # Errors
    /// Another is under way, the model or the data set is unknown, or the file system refused.
    pub fn start(&self, request: BatchRequest, data: &Arc<DataSets>) -> Result<Batch, Failure> {
        self.refuse_second()?;
        self.0.library.named(&request.model)?;
        let sources = match &request.data {
            Some(id) => vec![data.get(id)?.name],
            None => request
                .files
                .iter()
                .map(|file| name_of(&file.path))
                .collect(),
        };
        let Some(first) = sources.first() else {
            return Err(Failure::plain("no-files", "no file was chosen"));
        };
        let name = match request.name.trim() {
            "" => first.clone(),
            name => name.into(),
        };
        let id = disk::folder_name(&name, "batch", |id| self.0.folder_of(id).exists());
        let batch = Batch {
            id: id.clone(),
            name,
            model: request.model.clone(),
            created: crate::now(),
            status: BatchStatus::Reading,
            sources,
            skipped: Vec::new(),
            preparing: None,
            done: 0,
            total: 0,
            labels: Default::default(),
            seconds_left: None,
            has_results: false,
            failure: None,
        };
        let folder = self.0.folder_of(&id);
        fs::create_dir_all(&folder).map_err(Failure::io("make", &folder))?;
        let record = Record { batch, request };
        disk::write_json(&self.0.file(&id), &record)?;
        Ok(self.begin(record, data))
    }

    /// Continues a batch that was stopped or failed.
    ///
    /// # Errors
    /// There is none, it is finished, another is under way, or the model is gone.
    pub fn resume(&self, id: &str, data: &Arc<DataSets>) -> Result<Batch, Failure> {
        self.refuse_second()?;
        let mut record = self.0.record(id)?;
        if record.batch.status == BatchStatus::Finished {
            return Err(Failure::plain("finished", "everything is tagged already"));
        }
        self.0.library.named(&record.request.model)?;
        self.0.forget(id);
        record.batch.failure = None;
        record.batch.status = BatchStatus::Reading;
        Ok(self.begin(record, data))
    }

    fn begin(&self, record: Record, data: &Arc<DataSets>) -> Batch {
        let batch = record.batch.clone();
        let signals: Arc<Signals> = Arc::default();
        let live = Live {
            batch: batch.clone(),
            signals: signals.clone(),
        };
        lock(&self.0.live).insert(batch.id.clone(), live);
        (self.0.notify)(AppEvent::Batch {
            batch: Box::new(batch.clone()),
        });
        let (shared, data) = (self.0.clone(), data.clone());
        tokio::spawn(async move { shared.work(record.request, &data, &signals).await });
        batch
    }

    /// Asks a batch to stop; what is tagged is kept.
    pub fn stop(&self, id: &str) {
        if let Some(live) = lock(&self.0.live).get(id) {
            live.signals.kill();
        }
    }

    /// Ends every batch, and gives their processes a moment to be ended.
    pub fn stop_all(&self) {
        let living: Vec<Live> = lock(&self.0.live).values().cloned().collect();
        living.iter().for_each(|live| live.signals.kill());
        if !living.is_empty() {
            std::thread::sleep(std::time::Duration::from_millis(200));
        }
    }

    /// Deletes a batch with its results; the files that it read stay. Returns the bytes freed.
    ///
    /// # Errors
    /// There is none, it is under way, or the file system refused.
    pub fn remove(&self, id: &str) -> Result<u64, Failure> {
        self.0.record(id)?;
        if lock(&self.0.live).contains_key(id) {
            return Err(Failure::new(
                "running",
                "this is under way",
                "stop it first",
            ));
        }
        self.0.forget(id);
        disk::remove(&self.0.folder_of(id))
    }

    /// Some of the tagged documents that a query finds.
    ///
    /// # Errors
    /// There are no results yet, or they are damaged.
    pub fn documents(&self, id: &str, query: &DocumentQuery) -> Result<DocumentPage, Failure> {
        crate::data::page(&*self.0.results(id)?, query)
    }

    /// The name that an export gets where the person does not choose another.
    ///
    /// # Errors
    /// There is no such batch.
    pub fn export_name(&self, id: &str, format: PredictionFormat) -> Result<String, Failure> {
        self.0.record(id)?;
        Ok(format!("{id}.{}", format.extension()))
    }

    /// Writes the results that a query finds to where the person wants them; its page does not matter.
    ///
    /// # Errors
    /// There are none, the file system refused, or the person cancelled: what was there before is then there
    /// still.
    pub fn export(
        &self,
        id: &str,
        query: &DocumentQuery,
        format: PredictionFormat,
        to: &Path,
        work: &mut crate::data::Work,
    ) -> Result<(), Failure> {
        let name = self.0.record(id)?.batch.name;
        results::export(&*self.0.results(id)?, query, (format, &name), to, work)
    }

    fn refuse_second(&self) -> Result<(), Failure> {
        match lock(&self.0.live).values().next() {
            None => Ok(()),
            Some(other) => Err(Failure::new(
                "busy",
                format!("`{}` is being tagged", other.batch.name),
                "stop it first, or wait until it is done",
            )),
        }
    }
}

/// The last part of a path.
fn name_of(path: &str) -> String {
    let path = Path::new(path);
    let name = path.file_name().unwrap_or(path.as_os_str());
    name.to_string_lossy().into_owned()
}

impl Batch {
    fn is_under_way(&self) -> bool {
        use BatchStatus::{Indexing, Reading, Tagging};
        matches!(self.status, Reading | Tagging | Indexing)
    }

    fn rest(&mut self, status: BatchStatus, failure: Option<Failure>) {
        self.status = status;
        self.failure = failure;
        self.preparing = None;
        self.seconds_left = None;
    }
}

impl Shared {
    fn folder_of(&self, id: &str) -> PathBuf {
        self.folder.join(id)
    }

    fn file(&self, id: &str) -> PathBuf {
        self.folder_of(id).join("batch.json")
    }

    fn database(&self, id: &str) -> PathBuf {
        self.folder_of(id).join("results.db")
    }

    fn records(&self) -> Vec<Record> {
        let folders = fs::read_dir(&self.folder).into_iter().flatten().flatten();
        folders
            .filter_map(|entry| disk::read_json(&entry.path().join("batch.json")))
            .collect()
    }

    fn record(&self, id: &str) -> Result<Record, Failure> {
        let found = disk::is_plain(id).then(|| disk::read_json(&self.file(id)));
        found
            .flatten()
            .ok_or_else(|| Failure::plain("unknown-batch", format!("there is no batch `{id}`")))
    }

    fn save(&self, record: &Record) {
        if let Err(failure) = disk::write_json(&self.file(&record.batch.id), record) {
            tracing::warn!("{}", failure.message);
        }
    }

    /// The results of a batch; those last looked at stay open.
    fn results(&self, id: &str) -> Result<Arc<Store>, Failure> {
        let mut open = lock(&self.open);
        if let Some((known, store)) = open.as_ref()
            && known == id
        {
            return Ok(store.clone());
        }
        self.record(id)?;
        let path = self.database(id);
        if !path.is_file() {
            return Err(Failure::plain("no-results", "nothing has been tagged yet"));
        }
        let store = Arc::new(Store::open(&path)?);
        *open = Some((id.into(), store.clone()));
        Ok(store)
    }

    fn forget(&self, id: &str) {
        let mut open = lock(&self.open);
        if open.as_ref().is_some_and(|(known, _)| known == id) {
            *open = None;
        }
    }

    /// Changes a batch under way, and tells the window.
    fn change(&self, id: &str, change: impl FnOnce(&mut Batch)) {
        let changed = lock(&self.live).get_mut(id).map(|live| {
            change(&mut live.batch);
            live.batch.clone()
        });
        if let Some(batch) = changed {
            (self.notify)(AppEvent::Batch {
                batch: Box::new(batch),
            });
        }
    }
}

/// What a batch that was asked to stop is refused with, inside.
fn stopped() -> Failure {
    cancelled()
}
