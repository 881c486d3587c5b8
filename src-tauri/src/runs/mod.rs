//! Runs: started as children of the engine, followed, stopped, resumed, found again after a restart.
//!
//! One file, as these are the methods of one object; what they need beside stands in files of its own.

mod again;
mod compare;
mod keep;
mod plan;
pub(crate) mod process;
mod record;
pub(crate) mod summary;
mod watch;

pub use keep::Origin;
pub(crate) use keep::link_all;

use crate::data::{RunData, reading};
use crate::disk;
use crate::dto::{AppEvent, Run, RunRequest, RunStatus, TimestampedEvent};
use crate::engine::Engine;
use crate::event_bus::NotifyPage;
use crate::living::{Living, Signals, lock};
use crate::preferences;
use crate::queueable::Held;
use record::{Places, Record, last_word};
use serde_json::{Value, json};
use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use summary::Summary;
use tagsmith_hub::Library;
use tagsmith_protocol::Failure;

/// Steps of a run that the window is given of its past: more than a chart can draw.
const SHOWN_STEPS: usize = 4000;

/// All runs of the library.
#[derive(Clone)]
pub struct Runs(Arc<Shared>);

struct Shared {
    library: Library,
    engine: Engine,
    notify: NotifyPage,
    live: Living<Live>,
}

/// A run whose process lives.
struct Live {
    places: Places,
    record: Mutex<Record>,
    signals: Signals,
    /// The engine of this session has started the run, so that it hears what is asked of it.
    begun: AtomicBool,
    /// The task of the queue that started it.
    held: Option<Held>,
}

impl AsRef<Signals> for Live {
    fn as_ref(&self) -> &Signals {
        &self.signals
    }
}

impl Live {
    fn new(places: Places, record: Record) -> Arc<Self> {
        Self::of(places, record, None)
    }

    fn of(places: Places, record: Record, held: Option<Held>) -> Arc<Self> {
        Arc::new(Self {
            held,
            places,
            record: Mutex::new(record),
            signals: Signals::default(),
            begun: AtomicBool::new(false),
        })
    }

    fn record(&self) -> Record {
        lock(&self.record).clone()
    }

    fn change(&self, change: impl FnOnce(&mut Record)) {
        change(&mut lock(&self.record));
    }

    fn run(&self) -> Run {
        let stopping = self.signals.is_asked();
        lock(&self.record).run(&self.places, stopping)
    }

    fn save(&self) {
        save(&self.places, &self.record());
    }
}

impl Shared {
    fn places(&self, id: &str) -> Places {
        Places::new(&self.library.runs_folder(), id)
    }

    /// The places of a run that the window named: a path is no id.
    fn asked(&self, id: &str) -> Result<Places, Failure> {
        match disk::is_plain(id) {
            true => Ok(self.places(id)),
            false => Err(unknown(id)),
        }
    }
}

impl Runs {
    /// The runs of a library. Those whose process lives are followed again; those that were cut off
    /// are marked so. Needs a tokio runtime.
    pub fn open(library: Library, engine: Engine, notify: NotifyPage) -> Self {
        disk::sweep(&library.runs_folder());
        let runs = Self(Arc::new(Shared {
            library,
            engine,
            notify,
            live: Living::default(),
        }));
        for id in runs.ids() {
            runs.find_again(&id);
        }
        runs
    }

    /// Every run, in no order.
    pub fn list(&self) -> Vec<Run> {
        self.ids().iter().filter_map(|id| self.get(id)).collect()
    }

    /// The run `id`.
    pub fn get(&self, id: &str) -> Option<Run> {
        match self.0.live.find(id) {
            Some(live) => Some(live.run()),
            None => {
                let places = self.0.asked(id).ok()?;
                let record = places.read().filter(|record| !record.queued)?;
                Some(record.run(&places, false))
            }
        }
    }

    /// The runs whose process lives.
    pub fn living(&self) -> Vec<Run> {
        self.0.live.all().iter().map(|live| live.run()).collect()
    }

    /// The training files of the runs that are not finished, which may go on with them.
    pub fn unfinished_inputs(&self) -> Vec<PathBuf> {
        let input = |id: &String| {
            let places = self.0.places(id);
            let record = places.read()?;
            match record.summary.status {
                RunStatus::Finished => None,
                _ => input_of(&places.config()).or_else(|| places.input()),
            }
        };
        self.ids().iter().filter_map(input).collect()
    }

    fn ids(&self) -> BTreeSet<String> {
        let folder = self.0.library.runs_folder();
        let entries = fs::read_dir(&folder).into_iter().flatten().flatten();
        let folders = entries
            .filter_map(|entry| entry.file_name().into_string().ok())
            .filter(|name| !name.starts_with('.'));
        let records = disk::names_of_json(&folder.join(".records")).into_iter();
        folders
            .chain(records.filter(|name| !name.ends_with(".config")))
            .collect()
    }

    /// Starts a run.
    ///
    /// # Errors
    /// Another run is going, the model is unknown, or the engine cannot be started.
    pub fn start(&self, request: &RunRequest, data: &RunData) -> Result<Run, Failure> {
        self.refuse_second()?;
        let (places, record) = self.prepare(request, data)?;
        self.launch(places, record, false)
    }

    /// Prepares a run that waits in the queue; returns its id and the command line that does it.
    ///
    /// # Errors
    /// The model is unknown, or the file system refused.
    pub fn enqueue(
        &self,
        request: &RunRequest,
        data: &RunData,
    ) -> Result<(String, Vec<String>), Failure> {
        let (places, mut record) = self.prepare(request, data)?;
        record.queued = true;
        places.write(&record)?;
        let mut arguments = vec!["train".into(), "--config".into()];
        arguments.push(disk::text(&places.config())?);
        arguments.extend(["--out".into(), disk::text(&places.folder())?]);
        Ok((places.id().into(), arguments))
    }

    /// The configuration of a new run on the disk, and its record, which is not yet.
    fn prepare(&self, request: &RunRequest, data: &RunData) -> Result<(Places, Record), Failure> {
        let model = self.0.library.named(&request.model)?;
        let name = match request.name.trim() {
            "" => data.name.as_str(),
            name => name,
        };
        let id = self.free_id(name);
        let places = self.0.places(&id);
        disk::write_json(&places.config(), &config(request, &model, data))?;
        let record = Record {
            name: name.into(),
            created: crate::now(),
            model: request.model.clone(),
            data: request.data.clone(),
            data_name: data.name.clone(),
            settings: request.settings.clone(),
            pid: None,
            queued: false,
            left: false,
            starred: false,
            note: String::new(),
            summary: Summary::default(),
        };
        Ok((places, record))
    }

    /// An id for a run with this name. Its model has it as its name, so that both must be free.
    fn free_id(&self, name: &str) -> String {
        let ids = self.ids();
        let models = self.0.library.models();
        disk::folder_name(name, "run", |id| {
            ids.contains(id) || models.iter().any(|model| model.name == id)
        })
    }

    /// Continues a run that was stopped, cut off, or failed.
    ///
    /// # Errors
    /// It is finished or going, another run is going, or the engine cannot be started.
    pub fn resume(&self, id: &str) -> Result<Run, Failure> {
        self.refuse_second()?;
        let places = self.0.asked(id)?;
        let mut record = places.read().ok_or_else(|| unknown(id))?;
        if places.is_alive() {
            // The command line works on it.
            return Err(still_going());
        }
        if record.summary.status == RunStatus::Finished {
            return Err(Failure::new(
                "finished",
                format!("the run `{}` is finished", record.name),
                "duplicate it to train again with other settings",
            ));
        }
        // Without a run.json there is nothing to go on with: it starts from the beginning.
        let resumes = places.folder().join("run.json").is_file();
        if !resumes && places.folder().exists() {
            disk::remove(&places.folder())?;
        }
        record.summary.status = RunStatus::Running;
        record.summary.failure = None;
        record.left = false;
        self.launch(places, record, resumes)
    }

    fn refuse_second(&self) -> Result<(), Failure> {
        match self.living().first() {
            None => Ok(()),
            Some(other) => Err(busy(&other.name)),
        }
    }

    fn launch(&self, places: Places, record: Record, resumes: bool) -> Result<Run, Failure> {
        let folder = places.folder();
        let config = places.config();
        let arguments: Vec<&std::ffi::OsStr> = match resumes {
            true => vec!["--json".as_ref(), "resume".as_ref(), folder.as_ref()],
            false => vec![
                "--json".as_ref(),
                "train".as_ref(),
                "--config".as_ref(),
                config.as_ref(),
                "--out".as_ref(),
                folder.as_ref(),
            ],
        };
        fs::create_dir_all(self.0.library.runs_folder())
            .map_err(Failure::io("make", &self.0.library.runs_folder()))?;
        let _ = fs::remove_file(places.stop());
        let command = self
            .0
            .engine
            .lasting_command(arguments, &places.messages())?;
        let child = self.0.engine.start(command)?;
        let live = Live::new(places, record);
        live.change(|record| record.pid = child.id());
        live.save();
        self.0.live.insert(live.places.id(), live.clone());
        let run = live.run();
        (self.0.notify)(AppEvent::Run {
            run: Box::new(run.clone()),
        });
        tokio::spawn(watch::child(self.0.clone(), live, child));
        Ok(run)
    }

    /// Asks a run to stop after its present step and keep the best model so far.
    ///
    /// # Errors
    /// There is no such run going.
    pub fn stop(&self, id: &str) -> Result<(), Failure> {
        let live = self.0.live.going(id)?;
        live.signals.ask();
        if live.held.is_some() {
            self.leave_queue(&live)?;
            (self.0.notify)(AppEvent::Run {
                run: Box::new(live.run()),
            });
            return Ok(());
        }
        // An engine that still gets ready would clear the wish away as one of an earlier session, and
        // has done nothing yet that could be lost.
        if !live.begun.load(Ordering::Relaxed) {
            return self.kill(id);
        }
        let path = live.places.stop();
        fs::write(&path, "").map_err(Failure::io("write", &path))?;
        (self.0.notify)(AppEvent::Run {
            run: Box::new(live.run()),
        });
        Ok(())
    }

    /// Ends a run's process at once; its last checkpoint stays.
    ///
    /// # Errors
    /// There is no such run going.
    pub fn kill(&self, id: &str) -> Result<(), Failure> {
        let live = self.0.live.going(id)?;
        if live.record().pid.is_none() {
            return Err(Failure::new(
                "no-process",
                "this run was started by another program, which alone can end it at once",
                "stop it, or end it where it was started",
            ));
        }
        if live.held.is_some() {
            self.leave_queue(&live)?;
        }
        live.signals.kill();
        (self.0.notify)(AppEvent::Run {
            run: Box::new(live.run()),
        });
        Ok(())
    }

    /// Asks every run to stop, and waits until they have. Those of the queue are stopped by it.
    pub async fn stop_all(&self) {
        let stop = |id: &str| drop(self.stop(id));
        self.0.live.stop_all(|live| live.held.is_none(), stop).await;
    }

    /// Gives a run another name.
    ///
    /// # Errors
    /// There is no such run, or the record cannot be written.
    pub fn rename(&self, id: &str, name: &str) -> Result<(), Failure> {
        let name = name.trim();
        if name.is_empty() {
            return Err(Failure::plain("name", "a run needs a name"));
        }
        self.change(id, |record| record.name = name.into())
    }

    /// Marks a run with a star, or takes it away.
    ///
    /// # Errors
    /// As [`Self::rename`].
    pub fn star(&self, id: &str, starred: bool) -> Result<(), Failure> {
        self.change(id, |record| record.starred = starred)
    }

    /// Writes down what the person thinks of a run.
    ///
    /// # Errors
    /// As [`Self::rename`].
    pub fn note(&self, id: &str, note: &str) -> Result<(), Failure> {
        self.change(id, |record| record.note = note.trim().into())
    }

    /// Changes what the window knows of a run, and tells it.
    fn change(&self, id: &str, change: impl FnOnce(&mut Record)) -> Result<(), Failure> {
        let places = self.0.asked(id)?;
        if let Some(live) = self.0.live.find(id) {
            live.change(change);
            live.save();
        } else {
            let mut record = places.read().ok_or_else(|| unknown(id))?;
            change(&mut record);
            places.write(&record)?;
        }
        if let Some(run) = self.get(id) {
            (self.0.notify)(AppEvent::Run { run: Box::new(run) });
        }
        Ok(())
    }

    /// Deletes a run with its model; returns the bytes freed.
    ///
    /// # Errors
    /// It is going, there is none, or the file system refused.
    pub fn remove(&self, id: &str) -> Result<u64, Failure> {
        if self.0.live.find(id).is_some() || self.0.asked(id)?.is_alive() {
            return Err(still_going());
        }
        if !self.ids().contains(id) {
            return Err(unknown(id));
        }
        self.0.places(id).remove()
    }

    /// The folder of a run.
    ///
    /// # Errors
    /// There is no such run.
    pub fn folder(&self, id: &str) -> Result<PathBuf, Failure> {
        let folder = self.0.asked(id)?.folder();
        match folder.is_dir() {
            true => Ok(folder),
            false => Err(unknown(id)),
        }
    }

    /// The finished runs that still have checkpoints, each with their bytes.
    pub fn with_checkpoints(&self) -> Vec<(Run, u64)> {
        let finished = self
            .list()
            .into_iter()
            .filter(|run| run.status == RunStatus::Finished && self.0.live.find(&run.id).is_none());
        finished
            .map(|run| {
                let bytes = disk::size(&self.0.places(&run.id).checkpoints());
                (run, bytes)
            })
            .filter(|(_, bytes)| *bytes > 0)
            .collect()
    }

    /// Deletes the checkpoints of all finished runs; returns the bytes freed.
    ///
    /// # Errors
    /// The file system refused.
    pub fn drop_checkpoints(&self) -> Result<u64, Failure> {
        let mut freed = 0;
        for (run, _) in self.with_checkpoints() {
            let places = self.0.places(&run.id);
            // The command line may have begun to work on it.
            if !places.is_alive() {
                freed += places.drop_checkpoints()?;
            }
        }
        Ok(freed)
    }

    /// What happened in a run so far, in order.
    ///
    /// # Errors
    /// There is no such run.
    pub fn events(&self, id: &str) -> Result<Vec<TimestampedEvent>, Failure> {
        let places = self.0.asked(id)?;
        let record = match self.0.live.find(id) {
            Some(live) => live.record(),
            None => places.read().ok_or_else(|| unknown(id))?,
        };
        let mut events = places.past();
        watch::thin(&mut events, SHOWN_STEPS);
        if events.last().is_none_or(|last| !last.event.is_last()) {
            let time = events
                .last()
                .map_or_else(|| record.created.clone(), |last| last.time.clone());
            events.extend(last_word(&record.summary, time));
        }
        Ok(events)
    }

    /// The path of a run's report, and the data set it was trained on.
    ///
    /// # Errors
    /// There is no such run, or no report yet.
    pub fn report(&self, id: &str) -> Result<(PathBuf, String), Failure> {
        let run = self.get(id).ok_or_else(|| unknown(id))?;
        let path = self.0.places(id).report();
        match path.is_file() {
            true => Ok((path, run.data)),
            false => Err(Failure::new(
                "no-report",
                "this run has not been scored",
                "a report is written when a run ends or is stopped",
            )),
        }
    }
}

/// Deletes the checkpoints of a run that has just finished, unless the person keeps them: nothing continues a
/// finished run, neither here nor on the command line. One that was stopped or failed keeps them.
fn tidy(library: &Library, places: &Places, status: RunStatus) {
    if status != RunStatus::Finished || preferences::read(library).keep_checkpoints {
        return;
    }
    if let Err(failure) = places.drop_checkpoints() {
        tracing::warn!("{}", failure.message);
    }
}

fn save(places: &Places, record: &Record) {
    if let Err(failure) = places.write(record) {
        tracing::warn!("{}", failure.message);
    }
}

/// Why something is not started: what is running has this name.
pub(crate) fn busy(name: &str) -> Failure {
    Failure::new(
        "busy",
        format!("the run `{name}` is still going"),
        "stop it first, or wait until it is done",
    )
}

fn still_going() -> Failure {
    Failure::new("running", "this run is still going", "stop it first")
}

fn unknown(id: &str) -> Failure {
    Failure::plain(
        "unknown-run",
        format!("there is no run `{id}` in the library"),
    )
}

/// The training file that a configuration names.
pub(crate) fn input_of(config: &Path) -> Option<PathBuf> {
    let config: Value = disk::read_json(config)?;
    Some(config.get("train")?.as_str()?.into())
}

/// The engine's configuration: what the person set, and the paths.
pub(crate) fn config(request: &RunRequest, model: &Path, data: &RunData) -> Value {
    let mut config = serde_json::to_value(&request.settings).expect("settings are plain data");
    let path = |path: &Path| Value::from(path.to_string_lossy());
    config["model"] = path(model);
    config["train"] = path(&data.train);
    config["dev"] = data.dev.as_deref().map_or(json!(null), path);
    config["test"] = data.test.as_deref().map_or(json!(null), path);
    config["reading"] = reading();
    if let Some(recipe) = &data.recipe {
        config["data_recipe"] = recipe.clone();
    }
    config
}
