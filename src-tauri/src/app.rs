//! Everything that the commands work with, put together once.

use crate::batches::Batches;
use crate::data::DataSets;
use crate::devices::Devices;
use crate::downloads::Downloads;
use crate::engine::Engine;
use crate::evaluations::Evaluations;
use crate::event_bus::{EventBus, NotifyPage};
use crate::hub::HubService;
use crate::models::Models;
use crate::path_permissions::PathPermissions;
use crate::pretraining::Pretrainings;
use crate::queue::Queue;
use crate::runs::Runs;
use crate::studies::Studies;
use crate::system_texts::KeptTexts;
use crate::tagging::Tagging;
use std::fs::{File, TryLockError};
use std::sync::{Arc, Mutex};
use tagsmith_hub::Library;
use tagsmith_protocol::Failure;

/// The code of the refusal where another window works on the library.
pub const IN_USE: &str = "in-use";

/// The program behind the window.
pub struct Desktop {
    /// Models, data and runs of this person.
    pub library: Library,
    /// The engine beside this program.
    pub engine: Engine,
    /// Receives the events.
    pub events: EventBus,
    /// What the system's dialogs say.
    pub system_texts: KeptTexts,
    /// The paths that the person picked.
    pub path_permissions: PathPermissions,
    /// The data sets.
    pub data: Arc<DataSets>,
    /// The runs.
    pub runs: Runs,
    /// Several seeds, and searches.
    pub studies: Studies,
    /// Pretraining on text without labels.
    pub pretraining: Pretrainings,
    /// What waits for its turn.
    pub queue: Queue,
    /// The evaluations.
    pub evaluations: Evaluations,
    /// The files that a model tags.
    pub batches: Batches,
    /// The compute devices.
    pub devices: Devices,
    /// The models that highlight.
    pub tagging: Tagging,
    /// The client of the Hub.
    pub hub: HubService,
    /// What is known of the models on this machine.
    pub models: Models,
    /// The downloads.
    pub downloads: Downloads,
    /// On Linux copied text is gone once the program that copied it has ended.
    pub clipboard: Mutex<Option<arboard::Clipboard>>,
    _lock: Option<File>,
}

impl Desktop {
    /// Opens a library. Needs a tokio runtime.
    ///
    /// # Errors
    /// Its folder cannot be written to, or another window works on it.
    pub fn open(library: Library, engine: Engine) -> Result<Self, Failure> {
        let lock = claim(&library)?;
        let events = EventBus::default();
        let notify: NotifyPage = {
            let events = events.clone();
            Arc::new(move |event| {
                events.notify(event);
            })
        };
        let runs = Runs::open(library.clone(), engine.clone(), notify.clone());
        let studies = Studies::open(
            library.clone(),
            engine.clone(),
            notify.clone(),
            runs.clone(),
        );
        let pretraining = Pretrainings::open(library.clone(), engine.clone(), notify.clone());
        let queue = Queue::open(
            library.clone(),
            engine.clone(),
            notify.clone(),
            runs.clone(),
            studies.clone(),
            pretraining.clone(),
        );
        let data = DataSets::open(&library, notify.clone());
        let mut used = runs.unfinished_inputs();
        used.append(&mut studies.unfinished_inputs());
        data.clear_exports(&used);
        Ok(Self {
            system_texts: KeptTexts::open(&library),
            path_permissions: PathPermissions::default(),
            data: Arc::new(data),
            runs,
            studies,
            pretraining,
            queue,
            evaluations: Evaluations::open(library.clone(), engine.clone(), notify.clone()),
            batches: Batches::open(library.clone(), engine.clone(), notify.clone()),
            devices: Devices::new(engine.clone(), notify.clone()),
            tagging: Tagging::new(library.clone(), engine.clone(), notify.clone()),
            hub: HubService::new(library.clone()),
            models: Models::default(),
            downloads: Downloads::open(library.clone(), notify),
            clipboard: Mutex::default(),
            events,
            library,
            engine,
            _lock: lock,
        })
    }
}

/// Makes the library's folder and claims it: two windows would write over each other's records.
fn claim(library: &Library) -> Result<Option<File>, Failure> {
    let home = library.home();
    std::fs::create_dir_all(home).map_err(Failure::io("make", home))?;
    let path = home.join(".window");
    let file = File::create(&path).map_err(Failure::io("write", &path))?;
    match file.try_lock() {
        Ok(()) => Ok(Some(file)),
        Err(TryLockError::WouldBlock) => Err(Failure::new(
            IN_USE,
            format!("another window works on `{}`", home.display()),
            "use that window, or close it first",
        )),
        // Some network folders know no locks.
        Err(TryLockError::Error(failure)) => {
            tracing::warn!("`{}` cannot be locked: {failure}", home.display());
            Ok(None)
        }
    }
}
