//! Pretraining of a model on text without labels: a child of the engine for each run, followed by what lies in
//! its folder, found again after a restart. What it makes becomes a model of the library.

mod course;
mod record;
mod watch;

use crate::disk;
use crate::dto::{AppEvent, PretrainRequest, Pretraining, QueueKind, RunStatus};
use crate::engine::Engine;
use crate::event_bus::NotifyPage;
use crate::following::Other;
use crate::living::{Living, Signals, lock};
use crate::queue::{self, Standing};
use crate::queueable::{Held, Known, Queueable};
use course::Reader;
use record::{Places, Record};
use std::fs;
use std::path::PathBuf;
use std::sync::{Arc, Mutex};
use tagsmith_hub::Library;
use tagsmith_plan::is_worked_on;
use tagsmith_protocol::Failure;
use tokio::process::Child;

/// All runs of pretraining of the library.
#[derive(Clone)]
pub struct Pretrainings(Arc<Shared>);

struct Shared {
    folder: PathBuf,
    library: Library,
    engine: Engine,
    notify: NotifyPage,
    live: Living<Live>,
}

/// A run whose process lives.
struct Live {
    places: Places,
    record: Mutex<Record>,
    log: Mutex<Reader>,
    /// The last that the page heard of it.
    reported: Mutex<Option<Pretraining>>,
    signals: Signals,
    /// The task of the queue that does it.
    held: Option<Held>,
}

impl AsRef<Signals> for Live {
    fn as_ref(&self) -> &Signals {
        &self.signals
    }
}

impl Live {
    fn look(&self) -> Pretraining {
        let record = lock(&self.record).clone();
        let stopping = self.signals.is_asked();
        let mut log = lock(&self.log);
        log.read_on(&self.places.events());
        pretraining(&self.places, &record, &log, stopping)
    }

    fn change(&self, change: impl FnOnce(&mut Record)) {
        let mut record = lock(&self.record);
        change(&mut record);
        save(&self.places, &record);
    }
}

/// A run as lists show it.
fn pretraining(places: &Places, record: &Record, log: &Reader, stopping: bool) -> Pretraining {
    let course = log.course.clone();
    Pretraining {
        id: places.id().into(),
        name: record.name.clone(),
        created: record.created.clone(),
        model: record.model.clone(),
        text: record.text_names(),
        status: record.status,
        stopping: stopping && record.status == RunStatus::Running,
        documents: course.documents,
        step: course.step,
        steps: course.steps,
        head_steps: course.head_steps,
        seconds: course.seconds,
        eta_seconds: course.eta_seconds,
        evaluations: course.evaluations,
        helped: course.helped,
        made: record.made.clone(),
        warnings: course.warnings,
        failure: record.failure.clone(),
    }
}

impl Shared {
    fn places(&self, id: &str) -> Result<Places, Failure> {
        match disk::is_plain(id) {
            true => Ok(Places::new(&self.folder, id)),
            false => Err(unknown(id)),
        }
    }

    /// Reports a run to the page, where it has changed.
    fn report(&self, live: &Live) {
        let now = live.look();
        let mut reported = lock(&live.reported);
        if reported.as_ref() != Some(&now) {
            *reported = Some(now.clone());
            drop(reported);
            (self.notify)(AppEvent::Pretraining {
                pretraining: Box::new(now),
            });
        }
    }
}

impl Pretrainings {
    /// Those of a library. Those whose process lives are followed again. Needs a tokio runtime.
    pub fn open(library: Library, engine: Engine, notify: NotifyPage) -> Self {
        let folder = library.home().join("pretraining");
        disk::sweep(&folder);
        let all = Self(Arc::new(Shared {
            folder,
            library,
            engine,
            notify,
            live: Living::default(),
        }));
        for id in record::ids(&all.0.folder) {
            all.find_again(&id);
        }
        all
    }

    /// Every run that has begun, in no order.
    pub fn list(&self) -> Vec<Pretraining> {
        let ids = record::ids(&self.0.folder);
        ids.iter().filter_map(|id| self.get(id)).collect()
    }

    /// The run `id`.
    pub fn get(&self, id: &str) -> Option<Pretraining> {
        if let Some(live) = self.0.live.find(id) {
            return Some(live.look());
        }
        let places = self.0.places(id).ok()?;
        let record = places.read().filter(|record| !record.queued)?;
        let mut log = Reader::default();
        log.read_on(&places.events());
        Some(pretraining(&places, &record, &log, false))
    }

    /// The runs whose process lives.
    pub fn living(&self) -> Vec<Pretraining> {
        self.0.live.all().iter().map(|live| live.look()).collect()
    }

    /// Starts to pretrain a model.
    ///
    /// # Errors
    /// The model is unknown, there is no text, the name is taken, or the engine cannot be started.
    pub fn start(&self, request: &PretrainRequest) -> Result<Pretraining, Failure> {
        let (places, record) = self.prepare(request)?;
        self.launch(places, record)
    }

    /// Prepares a run that waits in the queue; returns its id and the command line that does it.
    ///
    /// # Errors
    /// As [`Self::start`].
    pub fn enqueue(&self, request: &PretrainRequest) -> Result<(String, Vec<String>), Failure> {
        let (places, mut record) = self.prepare(request)?;
        let arguments = self.arguments(&places, &record)?;
        record.queued = true;
        places.write(&record)?;
        Ok((places.id().into(), arguments))
    }

    fn prepare(&self, request: &PretrainRequest) -> Result<(Places, Record), Failure> {
        self.0.library.named(&request.model)?;
        if request.text.is_empty() {
            return Err(Failure::new(
                "no-text",
                "there is no text to learn from",
                "choose one file or more",
            ));
        }
        let models = self.0.library.models();
        let is_taken = |name: &str| models.iter().any(|model| model.name == name);
        let ids = record::ids(&self.0.folder);
        let folder = &self.0.folder;
        let free = |id: &str| {
            !is_taken(id) && !ids.iter().any(|taken| taken == id) && !folder.join(id).exists()
        };
        let wanted = match request.name.trim() {
            "" => format!("{} pretrained", request.model),
            name => name.into(),
        };
        let id = disk::folder_name(&wanted, "pretrained", |id| !free(id));
        let record = Record {
            name: id.clone(),
            created: crate::now(),
            model: request.model.clone(),
            text: request.text.iter().map(PathBuf::from).collect(),
            epochs: request.epochs,
            device: request.device.clone(),
            pid: None,
            queued: false,
            left: false,
            made: None,
            status: RunStatus::Running,
            failure: None,
        };
        Ok((Places::new(folder, &id), record))
    }

    /// Continues a run that was stopped, cut off, or failed.
    ///
    /// # Errors
    /// It is finished or going, or the engine cannot be started.
    pub fn resume(&self, id: &str) -> Result<Pretraining, Failure> {
        let places = self.0.places(id)?;
        let mut record = places.read().ok_or_else(|| unknown(id))?;
        if self.0.live.has(id) || is_worked_on(&places.folder()) {
            return Err(still_going());
        }
        if record.status == RunStatus::Finished {
            let message = format!("`{}` is finished", record.name);
            return Err(Failure::plain("finished", message));
        }
        record.status = RunStatus::Running;
        record.failure = None;
        record.left = false;
        self.launch(places, record)
    }

    fn launch(&self, places: Places, mut record: Record) -> Result<Pretraining, Failure> {
        let folder = places.folder();
        let mut arguments = vec!["--json".into()];
        if folder.join("run.json").is_file() {
            arguments.extend(["resume".into(), disk::text(&folder)?]);
        } else {
            // There is nothing to go on with: it starts from the beginning.
            if folder.exists() {
                disk::remove(&folder)?;
            }
            arguments.append(&mut self.arguments(&places, &record)?);
        }
        fs::create_dir_all(&self.0.folder).map_err(Failure::io("make", &self.0.folder))?;
        let _ = fs::remove_file(places.stop());
        let engine = &self.0.engine;
        let command = engine.lasting_command(arguments, &places.messages())?;
        let child = engine.start(command)?;
        record.pid = child.id();
        places.write(&record)?;
        Ok(self.follow(places, record, None, Some(child)))
    }

    /// The command line that does a run from its beginning.
    fn arguments(&self, places: &Places, record: &Record) -> Result<Vec<String>, Failure> {
        let model = self.0.library.named(&record.model)?;
        let mut arguments = vec!["pretrain".into(), "--model".into(), disk::text(&model)?];
        arguments.push("--text".into());
        for file in &record.text {
            arguments.push(disk::text(file)?);
        }
        if let Some(epochs) = record.epochs {
            arguments.extend(["--epochs".into(), epochs.to_string()]);
        }
        arguments.extend(["--device".into(), record.device.clone()]);
        arguments.extend(["--out".into(), disk::text(&places.folder())?]);
        Ok(arguments)
    }

    fn follow(
        &self,
        places: Places,
        record: Record,
        held: Option<Held>,
        child: Option<Child>,
    ) -> Pretraining {
        let id = places.id().to_owned();
        let live = Arc::new(Live {
            places,
            record: Mutex::new(record),
            log: Mutex::default(),
            reported: Mutex::default(),
            signals: Signals::default(),
            held,
        });
        self.0.live.insert(&id, live.clone());
        let now = live.look();
        self.0.report(&live);
        tokio::spawn(watch::watch(self.0.clone(), live, child));
        now
    }

    /// Asks a run to stop after its present step and keep the best model so far.
    ///
    /// # Errors
    /// It is not going.
    pub fn stop(&self, id: &str) -> Result<(), Failure> {
        let live = self.0.live.going(id)?;
        live.signals.ask();
        if live.held.is_some() {
            leave_queue(&live)?;
            self.0.report(&live);
            return Ok(());
        }
        // Before its first step it has nothing that could be lost, and no folder in which to hear of it.
        if live.look().documents.is_none() || fs::write(live.places.stop(), "").is_err() {
            live.signals.kill();
        }
        self.0.report(&live);
        Ok(())
    }

    /// Ends a run's process at once; its last checkpoint stays.
    ///
    /// # Errors
    /// It is not going.
    pub fn kill(&self, id: &str) -> Result<(), Failure> {
        let live = self.0.live.going(id)?;
        leave_queue(&live)?;
        live.signals.kill();
        self.0.report(&live);
        Ok(())
    }

    /// Asks every run to stop, and waits until they have. Those of the queue are stopped by it.
    pub async fn stop_all(&self) {
        let stop = |id: &str| drop(self.stop(id));
        self.0.live.stop_all(|live| live.held.is_none(), stop).await;
    }

    /// Deletes a run; the model that was made of it stays. Returns the bytes freed.
    ///
    /// # Errors
    /// It is going, there is none, or the file system refused.
    pub fn remove(&self, id: &str) -> Result<u64, Failure> {
        let places = self.0.places(id)?;
        if self.0.live.has(id) || is_worked_on(&places.folder()) {
            return Err(still_going());
        }
        places.read().ok_or_else(|| unknown(id))?;
        places.remove()
    }

    /// Follows a run whose process lives; settles how one stands that ended without a window.
    fn find_again(&self, id: &str) {
        let Ok(places) = self.0.places(id) else {
            return;
        };
        let Some(mut record) = places.read() else {
            return;
        };
        if record.queued {
            if !places.folder().is_dir() {
                return;
            }
            // The queue began it when no window was there.
            record.queued = false;
        }
        let standing = queue::standing(&self.0.library, &places.report());
        if matches!(standing, Some(Standing::UnderWay)) {
            return;
        }
        let process = Other {
            folder: &places.folder(),
            pid: record.pid,
            held: None,
        };
        if record.status == RunStatus::Running && process.is_alive() {
            tracing::info!("pretraining `{id}` is still running");
            self.follow(places, record, None, None);
            return;
        }
        let mut log = Reader::default();
        log.read_on(&places.events());
        // The queue may have continued and finished it when no window was there.
        let is_news = record.status == RunStatus::Running
            || (record.status != RunStatus::Finished
                && log.course.ended == Some(RunStatus::Finished));
        if !is_news {
            return;
        }
        let (is_stopped, failure) = match standing {
            None => (false, None),
            Some(Standing::Failed(failure)) => (false, Some(failure)),
            Some(_) => (true, None),
        };
        let record = watch::settled(&self.0, &places, record, &log, is_stopped, failure);
        save(&places, &record);
    }
}

impl Queueable for Pretrainings {
    fn output(&self, id: &str) -> PathBuf {
        Places::new(&self.0.folder, id).report()
    }

    fn known(&self, id: &str) -> Option<Known> {
        let record = self.0.places(id).ok()?.read()?;
        Some(Known {
            kind: QueueKind::Pretraining,
            data: String::new(),
            data_name: record.text_names().join(", "),
            name: record.name,
            model: record.model,
            settings: None,
            queued: record.queued,
            left: record.left,
        })
    }

    fn ids(&self) -> Vec<String> {
        record::ids(&self.0.folder)
    }

    fn discard(&self, id: &str) {
        let Ok(places) = self.0.places(id) else {
            return;
        };
        if places.read().is_some_and(|record| record.queued) {
            let _ = places.remove();
        }
    }

    fn is_living(&self, id: &str) -> bool {
        self.0.live.has(id)
    }

    fn adopt(&self, id: &str, held: Held) {
        let Ok(places) = self.0.places(id) else {
            return;
        };
        let Some(mut record) = places.read().filter(|_| !self.is_living(id)) else {
            return;
        };
        record.queued = false;
        record.status = RunStatus::Running;
        record.failure = None;
        record.pid = held.process();
        save(&places, &record);
        self.follow(places, record, Some(held), None);
    }

    fn own_folders(&self) -> Vec<PathBuf> {
        let live = self.0.live.all();
        let own = live.iter().filter(|live| live.held.is_none());
        own.map(|live| live.places.folder()).collect()
    }
}

/// Asks the queue not to continue a run that it has begun.
fn leave_queue(live: &Live) -> Result<(), Failure> {
    let Some(held) = &live.held else {
        return Ok(());
    };
    live.change(|record| record.left = true);
    held.pause()
}

fn save(places: &Places, record: &Record) {
    if let Err(failure) = places.write(record) {
        tracing::warn!("{}", failure.message);
    }
}

fn still_going() -> Failure {
    Failure::new("running", "it is still running", "stop it first")
}

fn unknown(id: &str) -> Failure {
    Failure::plain(
        "unknown-pretraining",
        format!("there is no pretraining `{id}` in the library"),
    )
}
