//! Pretraining of a model on text without labels: a child of the engine for each run, followed by what lies in
//! its folder, found again after a restart. What it makes becomes a model of the library.

mod course;
mod record;

use crate::disk;
use crate::dto::{AppEvent, PretrainRequest, Pretraining, RunStatus};
use crate::engine::{Engine, LastWord, ended};
use crate::event_bus::NotifyPage;
use crate::living::{Living, Signals, lock};
use crate::models;
use crate::runs::process;
use course::Reader;
use record::{Places, Record};
use std::ffi::OsString;
use std::fs;
use std::path::PathBuf;
use std::sync::{Arc, Mutex};
use std::time::Duration;
use tagsmith_hub::Library;
use tagsmith_plan::is_worked_on;
use tagsmith_protocol::Failure;
use tokio::process::Child;

/// How often a run's log is looked at.
const LOOK: Duration = Duration::from_millis(300);

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
}

/// A run as lists show it.
fn pretraining(places: &Places, record: &Record, log: &Reader, stopping: bool) -> Pretraining {
    let course = log.course.clone();
    let name = |path: &PathBuf| {
        let name = path.file_name().unwrap_or(path.as_os_str());
        name.to_string_lossy().into_owned()
    };
    Pretraining {
        id: places.id().into(),
        name: record.name.clone(),
        created: record.created.clone(),
        model: record.model.clone(),
        text: record.text.iter().map(name).collect(),
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
        verdict: course.verdict,
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

    /// Every run, in no order.
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
        let record = places.read()?;
        let mut log = Reader::default();
        log.read_on(&places.events());
        Some(pretraining(&places, &record, &log, false))
    }

    /// The runs whose process lives.
    pub fn living(&self) -> Vec<Pretraining> {
        self.0.live.all().iter().map(|live| live.look()).collect()
    }

    /// The folders of the runs whose process lives.
    pub fn own_folders(&self) -> Vec<PathBuf> {
        let live = self.0.live.all();
        live.iter().map(|live| live.places.folder()).collect()
    }

    /// Starts to pretrain a model.
    ///
    /// # Errors
    /// The model is unknown, there is no text, the name is taken, or the engine cannot be started.
    pub fn start(&self, request: &PretrainRequest) -> Result<Pretraining, Failure> {
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
            made: None,
            status: RunStatus::Running,
            failure: None,
        };
        self.launch(Places::new(folder, &id), record)
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
        self.launch(places, record)
    }

    fn launch(&self, places: Places, mut record: Record) -> Result<Pretraining, Failure> {
        let arguments = self.arguments(&places, &record)?;
        fs::create_dir_all(&self.0.folder).map_err(Failure::io("make", &self.0.folder))?;
        let _ = fs::remove_file(places.stop());
        let engine = &self.0.engine;
        let command = engine.lasting_command(arguments, &places.messages())?;
        let child = engine.start(command)?;
        record.pid = child.id();
        places.write(&record)?;
        Ok(self.follow(places, record, Some(child)))
    }

    /// The command line that does a run, or what is left of it. Without a run.json there is nothing to go on
    /// with: it starts from the beginning.
    fn arguments(&self, places: &Places, record: &Record) -> Result<Vec<OsString>, Failure> {
        let folder = places.folder();
        let mut arguments: Vec<OsString> = vec!["--json".into()];
        if folder.join("run.json").is_file() {
            arguments.extend(["resume".into(), folder.into()]);
            return Ok(arguments);
        }
        if folder.exists() {
            disk::remove(&folder)?;
        }
        let model = self.0.library.named(&record.model)?;
        arguments.extend(["pretrain".into(), "--model".into(), model.into()]);
        arguments.push("--text".into());
        arguments.extend(record.text.iter().map(OsString::from));
        if let Some(epochs) = record.epochs {
            arguments.extend(["--epochs".into(), epochs.to_string().into()]);
        }
        arguments.extend(["--device".into(), record.device.clone().into()]);
        arguments.extend(["--out".into(), folder.into()]);
        Ok(arguments)
    }

    fn follow(&self, places: Places, record: Record, child: Option<Child>) -> Pretraining {
        let id = places.id().to_owned();
        let live = Arc::new(Live {
            places,
            record: Mutex::new(record),
            log: Mutex::default(),
            reported: Mutex::default(),
            signals: Signals::default(),
        });
        self.0.live.insert(&id, live.clone());
        let now = live.look();
        self.0.report(&live);
        tokio::spawn(watch(self.0.clone(), live, child));
        now
    }

    /// Asks a run to stop after its present step and keep the best model so far.
    ///
    /// # Errors
    /// It is not going.
    pub fn stop(&self, id: &str) -> Result<(), Failure> {
        let live = self.0.live.going(id)?;
        live.signals.ask();
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
        live.signals.kill();
        self.0.report(&live);
        Ok(())
    }

    /// Asks every run to stop, and waits until they have.
    pub async fn stop_all(&self) {
        let stop = |id: &str| drop(self.stop(id));
        self.0.live.stop_all(|_| true, stop).await;
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
        let Some(record) = places.read() else { return };
        if record.status != RunStatus::Running {
            return;
        }
        if is_alive(&places, &record) {
            tracing::info!("pretraining `{id}` is still running");
            self.follow(places, record, None);
            return;
        }
        let mut log = Reader::default();
        log.read_on(&places.events());
        let record = settled(&self.0, &places, record, &log, false, None);
        if let Err(failure) = places.write(&record) {
            tracing::warn!("{}", failure.message);
        }
    }
}

fn is_alive(places: &Places, record: &Record) -> bool {
    is_worked_on(&places.folder()) || process::works_on(record.pid, &places.folder())
}

/// Follows a run until its process has ended.
async fn watch(shared: Arc<Shared>, live: Arc<Live>, child: Option<Child>) {
    let failure = match child {
        Some(child) => own(&shared, &live, child).await,
        None => {
            others(&shared, &live).await;
            None
        }
    };
    let record = lock(&live.record).clone();
    let was_asked = live.signals.is_asked();
    live.look();
    let record = settled(
        &shared,
        &live.places,
        record,
        &lock(&live.log),
        was_asked,
        failure,
    );
    let _ = fs::remove_file(live.places.stop());
    if let Err(failure) = live.places.write(&record) {
        tracing::warn!("{}", failure.message);
    }
    let id = live.places.id();
    tracing::info!("pretraining `{id}` ended: {:?}", record.status);
    *lock(&live.record) = record;
    shared.live.forget(id);
    shared.report(&live);
    live.signals.end();
}

/// Follows a child of this program; returns why it failed, where it did.
async fn own(shared: &Shared, live: &Live, mut child: Child) -> Option<Failure> {
    let word = LastWord::of(&mut child);
    let status = loop {
        tokio::select! {
            status = child.wait() => break status,
            () = live.signals.killed() => {
                if let Err(failure) = child.start_kill() {
                    tracing::warn!("cannot end `{}`: {failure}", live.places.id());
                }
            }
            () = tokio::time::sleep(LOOK) => shared.report(live),
        }
    };
    let reported = word.failure().await;
    let messages = fs::read_to_string(live.places.messages()).unwrap_or_default();
    reported.or_else(|| match status {
        Ok(status) if status.success() => None,
        Ok(status) => Some(ended(status, b"", &messages)),
        Err(failure) => Some(Failure::plain("engine-died", failure.to_string())),
    })
}

/// Follows a run that an earlier window started.
async fn others(shared: &Shared, live: &Live) {
    loop {
        let record = lock(&live.record).clone();
        // Asked before its log is read, so that what was written last is read.
        let alive = is_alive(&live.places, &record);
        shared.report(live);
        if !alive {
            return;
        }
        tokio::select! {
            () = tokio::time::sleep(LOOK) => {}
            () = live.signals.killed() => match record.pid {
                Some(pid) => process::end(pid),
                None => tracing::warn!("the process of `{}` is unknown", live.places.id()),
            },
        }
    }
}

/// What became of a run whose process has ended. A model that is better than the one it began with joins the
/// library.
fn settled(
    shared: &Shared,
    places: &Places,
    mut record: Record,
    log: &Reader,
    was_asked: bool,
    failure: Option<Failure>,
) -> Record {
    let course = &log.course;
    record.pid = None;
    record.status = match course.ended {
        Some(status) => status,
        None if was_asked => RunStatus::Stopped,
        None => RunStatus::Failed,
    };
    record.failure = None;
    if record.status == RunStatus::Failed {
        let cut_off = || {
            Failure::new(
                "cut-off",
                "it was cut off: the program or the computer was shut down",
                "continue with Resume; what is done is kept",
            )
        };
        let failure = course.failure.clone().or(failure);
        record.failure = Some(failure.unwrap_or_else(cut_off));
    }
    let is_better = course.helped == Some(true);
    if record.status == RunStatus::Finished && is_better && record.made.is_none() {
        match models::adopt(&shared.library, &places.model(), places.id()) {
            Ok(name) => record.made = Some(name),
            Err(failure) => record.failure = Some(failure),
        }
    }
    if record.status == RunStatus::Finished {
        // It is never resumed.
        let _ = fs::remove_dir_all(places.folder().join("checkpoints"));
    }
    record
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
