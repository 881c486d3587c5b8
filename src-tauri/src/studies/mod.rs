//! Studies: the same run with several seeds, and searches over settings. The engine works on each as a plan
//! in a folder of its own; the window follows what lies there, whoever started it.
//!
//! One file, as these are the methods of one object; what they need beside stands in files of its own.

mod look;
mod record;
mod runs_of;
mod watch;

pub use look::{ranges, work_of_search};

use crate::data::RunData;
use crate::disk;
use crate::dto::{AppEvent, Often, QueueKind, RunRequest, RunStatus, Study};
use crate::engine::Engine;
use crate::event_bus::NotifyPage;
use crate::living::{Living, Signals, lock};
use crate::queue::{self, Standing};
use crate::queueable::{Held, Known, Queueable};
use crate::runs::{self, Runs, input_of, process};
use record::{Places, Record};
use runs_of::RunsOf;
use std::fs;
use std::path::PathBuf;
use std::sync::{Arc, Mutex};
use tagsmith_hub::Library;
use tagsmith_plan::is_worked_on;
use tagsmith_plan::search::{Epochs, is_refitted};
use tagsmith_protocol::{Facts, Failure};
use tokio::process::Child;

/// All studies of the library.
#[derive(Clone)]
pub struct Studies(Arc<Shared>);

struct Shared {
    folder: PathBuf,
    library: Library,
    engine: Engine,
    notify: NotifyPage,
    runs: Runs,
    live: Living<Live>,
}

/// A study whose process lives.
struct Live {
    places: Places,
    record: Mutex<Record>,
    /// The last look at its folder.
    seen: Mutex<(RunsOf, Option<Study>)>,
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
    fn new(places: Places, record: Record, held: Option<Held>) -> Arc<Self> {
        Arc::new(Self {
            places,
            record: Mutex::new(record),
            seen: Mutex::default(),
            signals: Signals::default(),
            held,
        })
    }

    fn record(&self) -> Record {
        lock(&self.record).clone()
    }

    /// Looks at its folder now.
    fn look(&self) -> Study {
        let stopping = self.signals.is_asked();
        let record = self.record();
        look::look(&self.places, &record, stopping, &mut lock(&self.seen).0)
    }

    fn change(&self, change: impl FnOnce(&mut Record)) {
        let mut record = lock(&self.record);
        change(&mut record);
        save(&self.places, &record);
    }
}

impl Shared {
    fn places(&self, id: &str) -> Result<Places, Failure> {
        match disk::is_plain(id) {
            true => Ok(Places::new(&self.folder, id)),
            false => Err(unknown(id)),
        }
    }

    fn report(&self, study: Study) {
        (self.notify)(AppEvent::Study {
            study: Box::new(study),
        });
    }
}

impl Studies {
    /// The studies of a library. Those whose process lives are followed again. Needs a tokio runtime.
    pub fn open(library: Library, engine: Engine, notify: NotifyPage, runs: Runs) -> Self {
        let folder = folder(&library);
        disk::sweep(&folder);
        let studies = Self(Arc::new(Shared {
            folder,
            library,
            engine,
            notify,
            runs,
            live: Living::default(),
        }));
        for id in record::ids(&studies.0.folder) {
            studies.find_again(&id);
        }
        studies
    }

    /// Every study that has begun, in no order.
    pub fn list(&self) -> Vec<Study> {
        let ids = record::ids(&self.0.folder);
        ids.iter().filter_map(|id| self.get(id)).collect()
    }

    /// The study `id`.
    pub fn get(&self, id: &str) -> Option<Study> {
        if let Some(live) = self.0.live.find(id) {
            return Some(live.look());
        }
        let places = self.0.places(id).ok()?;
        let record = places.read().filter(|record| !record.queued)?;
        Some(look::look(&places, &record, false, &mut RunsOf::default()))
    }

    /// The training files of the studies that are not finished, which may go on with them.
    pub fn unfinished_inputs(&self) -> Vec<PathBuf> {
        let input = |id: &String| {
            let places = self.0.places(id).ok()?;
            let is_finished = places.read()?.status == RunStatus::Finished;
            (!is_finished).then(|| input_of(&places.config()))?
        };
        let ids = record::ids(&self.0.folder);
        ids.iter().filter_map(input).collect()
    }

    /// The studies whose process lives.
    pub fn living(&self) -> Vec<Study> {
        self.0.live.all().iter().map(|live| live.look()).collect()
    }

    /// Starts a study.
    ///
    /// # Errors
    /// The model is unknown, the space cannot be searched, or the engine cannot be started.
    pub fn start(&self, request: &RunRequest, data: &RunData) -> Result<Study, Failure> {
        let (places, record) = self.prepare(request, data)?;
        self.launch(places, record)
    }

    /// Prepares a study that waits in the queue; returns its id and the command line that does it.
    ///
    /// # Errors
    /// As [`Self::start`].
    pub fn enqueue(
        &self,
        request: &RunRequest,
        data: &RunData,
    ) -> Result<(String, Vec<String>), Failure> {
        let (places, mut record) = self.prepare(request, data)?;
        record.queued = true;
        places.write(&record)?;
        Ok((places.id().into(), places.arguments(&record.often)?))
    }

    /// The command line that continues a study which lies still, for the queue.
    ///
    /// # Errors
    /// There is no such study.
    pub fn arguments(&self, id: &str) -> Result<Vec<String>, Failure> {
        let places = self.0.places(id)?;
        let record = places.read().ok_or_else(|| unknown(id))?;
        places.arguments(&record.often)
    }

    fn prepare(&self, request: &RunRequest, data: &RunData) -> Result<(Places, Record), Failure> {
        let model = self.0.library.named(&request.model)?;
        let name = match request.name.trim() {
            "" => data.name.as_str(),
            name => name,
        };
        let ids = record::ids(&self.0.folder);
        let folder = &self.0.folder;
        let id = disk::folder_name(name, "study", |id| {
            ids.iter().any(|taken| taken == id) || folder.join(id).exists()
        });
        let places = Places::new(folder, &id);
        if let Often::Search { trials, space } = &request.often {
            if *trials < 2 {
                return Err(Failure::new(
                    "setting",
                    format!("a search of {trials} trials compares nothing"),
                    "try 2 or more",
                ));
            }
            let space = look::space(space);
            space.check(&request.settings)?;
            disk::write_json(&places.space(), &space)?;
        }
        disk::write_json(&places.config(), &runs::config(request, &model, data))?;
        let lines = fs::read(&data.train).unwrap_or_default();
        let about = Facts {
            // The number of epochs depends on neither.
            hidden_size: 0,
            embeds_sentences: false,
            windows: lines.iter().filter(|byte| **byte == b'\n').count(),
            has_dev: data.dev.is_some(),
        };
        let epochs = Epochs::of(&request.settings, about);
        let record = Record {
            name: name.into(),
            created: crate::now(),
            model: request.model.clone(),
            data: request.data.clone(),
            data_name: data.name.clone(),
            settings: request.settings.clone(),
            often: request.often.clone(),
            epochs: epochs.full,
            refit: is_refitted(&request.settings, data.dev.is_some()),
            pid: None,
            queued: false,
            left: false,
            run: None,
            combined: None,
            status: RunStatus::Running,
            failure: None,
        };
        Ok((places, record))
    }

    /// Continues a study that was stopped, cut off, or failed: what is done stays.
    ///
    /// # Errors
    /// It is finished or going, or the engine cannot be started.
    pub fn resume(&self, id: &str) -> Result<Study, Failure> {
        let places = self.0.places(id)?;
        let mut record = places.read().ok_or_else(|| unknown(id))?;
        if self.is_living(id) || is_worked_on(&places.folder()) {
            return Err(still_going());
        }
        if record.status == RunStatus::Finished {
            return Err(Failure::new(
                "finished",
                format!("`{}` is finished", record.name),
                "duplicate it to run it again with other settings",
            ));
        }
        record.status = RunStatus::Running;
        record.failure = None;
        record.left = false;
        self.launch(places, record)
    }

    fn launch(&self, places: Places, mut record: Record) -> Result<Study, Failure> {
        let mut arguments = vec!["--json".into()];
        arguments.extend(places.arguments(&record.often)?);
        fs::create_dir_all(&self.0.folder).map_err(Failure::io("make", &self.0.folder))?;
        let engine = &self.0.engine;
        let command = engine.lasting_command(arguments, &places.messages())?;
        let child = engine.start(command)?;
        record.pid = child.id();
        places.write(&record)?;
        Ok(self.follow(places, record, None, Some(child)))
    }

    fn follow(
        &self,
        places: Places,
        record: Record,
        held: Option<Held>,
        child: Option<Child>,
    ) -> Study {
        let id = places.id().to_owned();
        let live = Live::new(places, record, held);
        self.0.live.insert(&id, live.clone());
        let study = live.look();
        self.0.report(study.clone());
        tokio::spawn(watch::watch(self.0.clone(), live, child));
        study
    }

    /// Asks a study to stop. The run under way stops after its step; what is done is kept.
    ///
    /// # Errors
    /// It is not going.
    pub fn stop(&self, id: &str) -> Result<(), Failure> {
        let live = self.0.live.going(id)?;
        live.signals.ask();
        match &live.held {
            Some(held) => {
                live.change(|record| record.left = true);
                held.pause()?;
            }
            None => {
                let path = live.places.folder().join("stop");
                // Before there is a folder there is nothing to keep.
                if fs::write(&path, "").is_err() {
                    return self.kill(id);
                }
            }
        }
        self.0.report(live.look());
        Ok(())
    }

    /// Ends a study's process at once; the run under way goes on from its last checkpoint later.
    ///
    /// # Errors
    /// It is not going.
    pub fn kill(&self, id: &str) -> Result<(), Failure> {
        let live = self.0.live.going(id)?;
        if let Some(held) = &live.held {
            live.change(|record| record.left = true);
            held.pause()?;
        }
        live.signals.kill();
        self.0.report(live.look());
        Ok(())
    }

    /// Asks every study to stop, and waits until they have. Those of the queue are stopped by it.
    pub async fn stop_all(&self) {
        let stop = |id: &str| drop(self.stop(id));
        self.0.live.stop_all(|live| live.held.is_none(), stop).await;
    }

    /// Gives a study another name.
    ///
    /// # Errors
    /// There is no such study, or the record cannot be written.
    pub fn rename(&self, id: &str, name: &str) -> Result<(), Failure> {
        let name = name.trim();
        if name.is_empty() {
            return Err(Failure::plain("name", "it needs a name"));
        }
        if let Some(live) = self.0.live.find(id) {
            live.change(|record| record.name = name.into());
        } else {
            let places = self.0.places(id)?;
            let mut record = places.read().ok_or_else(|| unknown(id))?;
            record.name = name.into();
            places.write(&record)?;
        }
        if let Some(study) = self.get(id) {
            self.0.report(study);
        }
        Ok(())
    }

    /// Deletes a study; the run that was kept of it stays. Returns the bytes freed.
    ///
    /// # Errors
    /// It is going, there is none, or the file system refused.
    pub fn remove(&self, id: &str) -> Result<u64, Failure> {
        let places = self.0.places(id)?;
        if self.is_living(id) || is_worked_on(&places.folder()) {
            return Err(still_going());
        }
        places.read().ok_or_else(|| unknown(id))?;
        places.remove()
    }

    /// Follows a study whose process lives; settles how one stands that was cut off.
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
        let standing = queue::standing(&self.0.library, &places.report(&record.often));
        if matches!(standing, Some(Standing::UnderWay)) {
            return;
        }
        let works = process::works_on(record.pid, &places.folder());
        if is_worked_on(&places.folder()) || (record.status == RunStatus::Running && works) {
            tracing::info!("study `{id}` is still going");
            record.status = RunStatus::Running;
            self.follow(places, record, None, None);
        } else if record.status == RunStatus::Finished && record.run.is_none() {
            // There was no room for it, or no time.
            watch::keep(&self.0, &places, &mut record);
            save(&places, &record);
        } else if record.status == RunStatus::Running {
            record.pid = None;
            if places.report(&record.often).is_file() {
                record.status = RunStatus::Finished;
                watch::keep(&self.0, &places, &mut record);
            } else {
                let cut_off = || {
                    Failure::new(
                        "cut-off",
                        "it was cut off: the program or the computer was shut down",
                        "continue with Resume; what is done is kept",
                    )
                };
                (record.status, record.failure) = match standing {
                    None => (RunStatus::Failed, Some(cut_off())),
                    Some(Standing::Failed(failure)) => (RunStatus::Failed, Some(failure)),
                    Some(_) => (RunStatus::Stopped, None),
                };
            }
            save(&places, &record);
        }
    }
}

impl Queueable for Studies {
    fn output(&self, id: &str) -> PathBuf {
        let places = Places::new(&self.0.folder, id);
        let often = places.read().map_or(Often::Once, |record| record.often);
        places.report(&often)
    }

    fn known(&self, id: &str) -> Option<Known> {
        let record = self.0.places(id).ok()?.read()?;
        Some(Known {
            kind: match record.often {
                Often::Search { .. } => QueueKind::Search,
                _ => QueueKind::Seeds,
            },
            name: record.name,
            model: record.model,
            data: record.data,
            data_name: record.data_name,
            settings: Some(record.settings),
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

/// Where studies are kept.
pub fn folder(library: &Library) -> PathBuf {
    library.home().join("studies")
}

fn save(places: &Places, record: &Record) {
    if let Err(failure) = places.write(record) {
        tracing::warn!("{}", failure.message);
    }
}

fn still_going() -> Failure {
    Failure::new("running", "it is still going", "stop it first")
}

fn unknown(id: &str) -> Failure {
    Failure::plain(
        "unknown-study",
        format!("there is nothing called `{id}` in the library"),
    )
}
