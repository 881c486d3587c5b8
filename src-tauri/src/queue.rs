//! The queue: what waits for its turn while something runs.
//!
//! It is the engine's queue, a plan in the library's folder `queue`: its state is its files, and the command
//! line shows and changes the same. `tagsmith queue run` works on it as a child that outlives the window;
//! the window starts it when there is something to do, follows the runs, studies and pretraining that it
//! begins, and takes off the list what is done.
//!
//! One file, as all of it is one object whose steps follow each other under one lock.

use crate::disk;
use crate::dto::{AppEvent, QueueEntry, QueueKind, QueueState, TaskStatus};
use crate::engine::{Engine, LastWord, ended};
use crate::event_bus::NotifyPage;
use crate::pretraining::Pretrainings;
use crate::queueable::{Held, Known, Queueable};
use crate::runs::Runs;
use crate::studies::Studies;
use std::collections::HashMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;
use tagsmith_hub::Library;
use tagsmith_plan::{Ended, Outcome, Plan, Task, TaskState, is_worked_on};
use tagsmith_protocol::Failure;
use tokio::process::Child;

/// How often the queue is looked at.
const LOOK: Duration = Duration::from_millis(500);

/// How often it is asked to stop while that is waited for.
const PERSISTENCE: Duration = Duration::from_secs(2);

/// What waits for its turn.
#[derive(Clone)]
pub struct Queue(Arc<Shared>);

struct Shared {
    folder: PathBuf,
    library: Library,
    engine: Engine,
    notify: NotifyPage,
    /// What can wait: all of each kind.
    kinds: [Box<dyn Queueable>; 3],
    state: Mutex<Session>,
}

#[derive(Default)]
struct Session {
    /// What was reported to the page last.
    reported: Option<QueueState>,
    /// A child of this window works on the queue.
    works: bool,
    /// The window is closing: nothing more begins.
    closing: bool,
    /// Why it does not go on.
    failure: Option<Failure>,
    /// What the person took off, with its place, to be put back.
    removed: HashMap<String, (Task, usize)>,
}

/// What a task of the queue makes.
struct Target<'a> {
    of: &'a dyn Queueable,
    id: String,
    known: Known,
}

/// Where the queue of a library lies.
pub fn folder(library: &Library) -> PathBuf {
    library.home().join("queue")
}

/// How the task stands that makes something, as far as whoever finds that again without a window must know.
pub enum Standing {
    /// The queue follows what it does.
    UnderWay,
    /// It was cut off: the queue continues it.
    Waiting,
    /// The queue does not continue it.
    Failed(Failure),
}

/// The task that writes this file, of those that are not done.
pub fn task_of(library: &Library, output: &Path) -> Option<String> {
    let plan = Plan::open(&folder(library)).ok()?;
    let task = plan.tasks().iter().find(|task| {
        let is_it = |written: &PathBuf| written == output;
        task.outputs.iter().any(is_it) && !plan.is_done(task)
    })?;
    Some(task.id.clone())
}

/// How the task stands that writes this file; `None` where there is none, or it is done.
pub fn standing(library: &Library, output: &Path) -> Option<Standing> {
    let held = Held {
        plan: Plan::empty(&folder(library)),
        task: task_of(library, output)?,
    };
    Some(match held.failure() {
        _ if held.is_under_way() => Standing::UnderWay,
        Some(failure) => Standing::Failed(failure),
        None => Standing::Waiting,
    })
}

impl Queue {
    /// The queue of a library. What waits there begins at once, unless the person had closed the window over
    /// it: then [`QueueState::asks`]. Needs a tokio runtime.
    pub fn open(
        library: Library,
        engine: Engine,
        notify: NotifyPage,
        runs: Runs,
        studies: Studies,
        pretraining: Pretrainings,
    ) -> Self {
        let queue = Self(Arc::new(Shared {
            folder: folder(&library),
            library,
            engine,
            notify,
            kinds: [Box::new(runs), Box::new(studies), Box::new(pretraining)],
            state: Mutex::default(),
        }));
        queue.sweep();
        queue.look();
        let watcher = Arc::downgrade(&queue.0);
        tokio::spawn(async move {
            loop {
                tokio::time::sleep(LOOK).await;
                let Some(shared) = watcher.upgrade() else {
                    return;
                };
                Self(shared).look();
            }
        });
        queue
    }

    fn session(&self) -> MutexGuard<'_, Session> {
        self.0.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn plan(&self) -> Result<Plan, Failure> {
        Ok(Plan::open(&self.0.folder)?)
    }

    /// Forgets what was taken off the list in an earlier session.
    fn sweep(&self) {
        let Ok(plan) = self.plan() else { return };
        for kind in &self.0.kinds {
            for id in kind.unbegun() {
                let output = kind.output(&id);
                let mut tasks = plan.tasks().iter();
                if !tasks.any(|task| task.outputs.first() == Some(&output)) {
                    kind.discard(&id);
                }
            }
        }
    }

    /// The run, study or pretraining of this library that a task makes.
    fn target(&self, task: &Task) -> Option<Target<'_>> {
        let output = task.outputs.first()?;
        let folder = output.parent()?;
        let id = folder.file_name()?.to_str()?.to_owned();
        let mut kinds = self.0.kinds.iter();
        let of = kinds.find(|kind| kind.output(&id) == *output)?.as_ref();
        let known = of.known(&id)?;
        Some(Target { of, id, known })
    }

    /// The queue now.
    pub fn state(&self) -> QueueState {
        let plan = match self.plan() {
            Ok(plan) => plan,
            Err(failure) => {
                return QueueState {
                    failure: Some(failure),
                    ..QueueState::default()
                };
            }
        };
        let entries = plan.tasks().iter();
        let entries: Vec<QueueEntry> = entries.filter_map(|task| self.entry(&plan, task)).collect();
        let asks = self.ask_file().exists() && entries.iter().any(waits);
        QueueState {
            failure: self
                .session()
                .failure
                .clone()
                .filter(|_| !entries.is_empty()),
            asks,
            entries,
        }
    }

    /// A task as lists show it; `None` for what is over, and shown as what it became.
    fn entry(&self, plan: &Plan, task: &Task) -> Option<QueueEntry> {
        let state = plan.state(task);
        if state == TaskState::Done {
            return None;
        }
        let mut entry = QueueEntry {
            id: task.id.clone(),
            kind: QueueKind::Command,
            target: None,
            name: task.arguments.join(" "),
            model: String::new(),
            data_name: String::new(),
            settings: None,
            status: TaskStatus::from(state),
            begun: false,
            failure: match Ended::read(plan, &task.id).map(|ended| ended.outcome) {
                Some(Outcome::Failed(failure)) => Some(failure),
                _ => None,
            },
        };
        let Some(target) = self.target(task) else {
            return Some(entry);
        };
        let Target { id, known, .. } = target;
        (entry.kind, entry.target) = (known.kind, Some(id));
        (entry.name, entry.model, entry.data_name) = (known.name, known.model, known.data_name);
        entry.settings = known.settings;
        entry.begun = !known.queued;
        let is_over = known.left || state == TaskState::Failed;
        let is_going = matches!(state, TaskState::Running | TaskState::Pausing);
        (is_going || !is_over).then_some(entry)
    }

    /// Adds a command line at the end; returns its id.
    ///
    /// # Errors
    /// The file system refused.
    pub fn add(&self, arguments: Vec<String>, output: PathBuf) -> Result<String, Failure> {
        let command = arguments.first().cloned().unwrap_or_default();
        let mut plan = self.plan()?;
        let id = plan.enqueue(&command, arguments, vec![output])?;
        self.look();
        Ok(id)
    }

    /// Moves an entry to before another one, or to the end.
    ///
    /// # Errors
    /// There is no such entry, or the file system refused.
    pub fn move_before(&self, id: &str, other: Option<&str>) -> Result<(), Failure> {
        let mut plan = self.plan()?;
        let others: Vec<&str> = plan.tasks().iter().map(|task| &*task.id).collect();
        let others: Vec<&str> = others.into_iter().filter(|task| *task != id).collect();
        let place = other.and_then(|other| others.iter().position(|task| *task == other));
        let place = place.unwrap_or(others.len());
        plan.move_to(id, place)?;
        self.look();
        Ok(())
    }

    /// Lets an entry wait, or all of them; one that runs stops after its step.
    ///
    /// # Errors
    /// The file system refused.
    pub fn pause(&self, id: Option<&str>) -> Result<(), Failure> {
        let plan = self.plan()?;
        for task in chosen(&plan, id)? {
            plan.pause(&task.id)?;
        }
        self.look();
        Ok(())
    }

    /// Lets an entry run when its turn comes, or all of them, and goes on with the queue.
    ///
    /// # Errors
    /// The file system refused.
    pub fn resume(&self, id: Option<&str>) -> Result<(), Failure> {
        let plan = self.plan()?;
        for task in chosen(&plan, id)? {
            plan.unpause(&task.id)?;
        }
        self.session().failure = None;
        let asked = self.ask_file();
        if asked.exists() {
            fs::remove_file(&asked).map_err(Failure::io("delete", &asked))?;
        }
        self.look();
        Ok(())
    }

    /// Takes an entry off the list. What it has done stays, and [`Self::put_back`] undoes it.
    ///
    /// # Errors
    /// It is running, or there is none.
    pub fn remove(&self, id: &str) -> Result<(), Failure> {
        let mut plan = self.plan()?;
        let place = plan.tasks().iter().position(|task| task.id == id);
        let task = plan.task(id)?.clone();
        if plan.is_under_way(id) {
            return Err(Failure::new(
                "running",
                "it is running",
                "pause it or stop it first",
            ));
        }
        plan.take_off(id)?;
        self.session()
            .removed
            .insert(id.into(), (task, place.unwrap_or(0)));
        self.look();
        Ok(())
    }

    /// Puts an entry back to where it was taken off.
    ///
    /// # Errors
    /// It was not taken off in this session, or the file system refused.
    pub fn put_back(&self, id: &str) -> Result<(), Failure> {
        let removed = self.session().removed.remove(id);
        let (task, place) = removed
            .ok_or_else(|| Failure::plain("unknown-entry", format!("`{id}` was not taken off")))?;
        let mut plan = self.plan()?;
        plan.add([task])?;
        plan.move_to(id, place)?;
        self.look();
        Ok(())
    }

    /// Takes the task off the list that writes this file, where there is one: its run is deleted.
    pub fn forget(&self, output: &Path) {
        if let Some(id) = task_of(&self.0.library, output)
            && let Ok(mut plan) = self.plan()
        {
            let _ = plan.take_off(&id);
            self.look();
        }
    }

    /// The name of the first that waits and whose model and data set are those asked for.
    pub fn user(&self, is_asked: impl Fn(&str, &str) -> bool) -> Option<String> {
        let plan = self.plan().ok()?;
        let tasks = plan.tasks().iter().filter(|task| !plan.is_done(task));
        let mut known = tasks.filter_map(|task| Some(self.target(task)?.known));
        let user = known.find(|known| is_asked(&known.model, &known.data));
        user.map(|known| known.name)
    }

    /// How many wait for their turn.
    pub fn waiting(&self) -> u32 {
        let entries = self.state().entries;
        u32::try_from(entries.iter().filter(|entry| waits(entry)).count()).unwrap_or(u32::MAX)
    }

    /// Whether something of the queue runs, or will as soon as it can.
    pub fn is_busy(&self) -> bool {
        let state = self.state();
        let going =
            |entry: &QueueEntry| matches!(entry.status, TaskStatus::Running | TaskStatus::Pausing);
        state.entries.iter().any(going)
            || (!state.asks && state.failure.is_none() && state.entries.iter().any(waits))
    }

    /// The window closes and nothing is to run on: what waits asks the next window before it begins. Waits
    /// until nothing of the queue runs.
    pub async fn stop(&self) {
        self.session().closing = true;
        let path = self.ask_file();
        if self.state().entries.iter().any(|entry| {
            waits(entry) || matches!(entry.status, TaskStatus::Running | TaskStatus::Pausing)
        }) && let Err(failure) = fs::write(&path, "")
        {
            tracing::warn!("cannot write `{}`: {failure}", path.display());
        }
        // A child that still gets ready has not taken the queue, and would forget an earlier request to stop.
        let works = || self.session().works || is_worked_on(&self.0.folder);
        while works() {
            let stop = Plan::empty(&self.0.folder).stop_file();
            if let Err(failure) = fs::write(&stop, "") {
                tracing::warn!("cannot write `{}`: {failure}", stop.display());
            }
            let began = std::time::Instant::now();
            while works() && began.elapsed() < PERSISTENCE {
                tokio::time::sleep(LOOK / 5).await;
            }
        }
    }

    /// A file that says that the person closed the window over the queue.
    fn ask_file(&self) -> PathBuf {
        self.0.folder.join("closed")
    }

    /// Looks at the queue: follows what has begun, goes on where nothing runs, and reports to the page.
    pub fn look(&self) {
        if self.0.folder.is_dir()
            && let Ok(plan) = self.plan()
        {
            self.follow(&plan);
            self.advance(&plan);
        }
        let state = self.state();
        let mut session = self.session();
        if session.reported.as_ref() != Some(&state) {
            session.reported = Some(state.clone());
            drop(session);
            (self.0.notify)(AppEvent::Queue { queue: state });
        }
    }

    /// Follows what the queue has begun.
    fn follow(&self, plan: &Plan) {
        for task in plan.tasks() {
            if !plan.is_under_way(&task.id) {
                continue;
            }
            if let Some(target) = self.target(task) {
                target.of.adopt(&target.id, self.held(task));
            }
        }
    }

    fn held(&self, task: &Task) -> Held {
        Held {
            plan: Plan::empty(&self.0.folder),
            task: task.id.clone(),
        }
    }

    /// Starts to work on the queue, where something waits and nobody does.
    fn advance(&self, plan: &Plan) {
        if self.session().works || is_worked_on(plan.folder()) {
            return;
        }
        self.take_off_what_is_over(plan);
        let is_stuck = {
            let session = self.session();
            session.closing || session.failure.is_some() || self.ask_file().exists()
        };
        let Ok(plan) = self.plan() else { return };
        let ready = plan
            .tasks()
            .iter()
            .any(|task| matches!(plan.state(task), TaskState::Waiting | TaskState::Stopped));
        if is_stuck || !ready {
            return;
        }
        let kinds = self.0.kinds.iter();
        let after: Vec<PathBuf> = kinds.flat_map(|kind| kind.own_folders()).collect();
        // One that still gets ready holds nothing yet by which the queue could wait for it.
        if after.iter().any(|folder| !is_worked_on(folder)) {
            return;
        }
        if let Err(failure) = self.start(&after) {
            self.session().failure = Some(failure);
        }
    }

    /// What is done, failed, or was stopped by the person is shown as what it became.
    fn take_off_what_is_over(&self, plan: &Plan) {
        for task in plan.tasks() {
            // What the command line added stays until the person takes it off.
            let Some(Target { of, id, known }) = self.target(task) else {
                continue;
            };
            let state = plan.state(task);
            let is_over = known.left || matches!(state, TaskState::Done | TaskState::Failed);
            if !is_over || of.is_living(&id) {
                continue;
            }
            if known.queued {
                // It ended while no window looked: its record is brought up to date first.
                tracing::info!("`{id}` has ended unseen: {}", state.name());
                of.adopt(&id, self.held(task));
                continue;
            }
            let mut plan = plan.clone();
            if let Err(failure) = plan.take_off(&task.id) {
                tracing::warn!("{failure}");
            }
        }
    }

    /// Starts the engine's own work on the queue, once nobody works on these folders any more.
    fn start(&self, after: &[PathBuf]) -> Result<(), Failure> {
        let mut arguments: Vec<String> = ["--json", "queue", "--folder"].map(String::from).into();
        arguments.push(disk::text(&self.0.folder)?);
        arguments.push("run".into());
        for folder in after {
            arguments.extend(["--after".into(), disk::text(folder)?]);
        }
        let messages = self.0.folder.join("log.txt");
        let engine = &self.0.engine;
        let child = engine.start(engine.lasting_command(arguments, &messages)?)?;
        self.session().works = true;
        tokio::spawn(watch(self.clone(), child, messages));
        Ok(())
    }
}

/// Follows the engine's work on the queue to its end.
async fn watch(queue: Queue, mut child: Child, messages: PathBuf) {
    // What it did is in its folder.
    let word = LastWord::of(&mut child);
    let status = child.wait().await;
    let said = word.failure().await;
    let failure = match status {
        Ok(status) if status.success() || status.code() == Some(130) => None,
        Ok(status) => {
            let text = fs::read_to_string(&messages).unwrap_or_default();
            Some(said.unwrap_or_else(|| ended(status, b"", &text)))
        }
        Err(failure) => Some(Failure::plain("engine-died", failure.to_string())),
    };
    {
        let mut session = queue.session();
        session.works = false;
        // Tasks that failed are shown as such, each by itself.
        session.failure = failure.filter(|failure| failure.code != "tasks-failed");
    }
    queue.look();
}

/// Whether an entry begins as soon as it can.
fn waits(entry: &QueueEntry) -> bool {
    matches!(entry.status, TaskStatus::Waiting | TaskStatus::Stopped)
}

/// The task with this id, or all that are not done.
fn chosen(plan: &Plan, id: Option<&str>) -> Result<Vec<Task>, Failure> {
    match id {
        Some(id) => Ok(vec![plan.task(id)?.clone()]),
        None => {
            let tasks = plan.tasks().iter();
            Ok(tasks.filter(|task| !plan.is_done(task)).cloned().collect())
        }
    }
}
