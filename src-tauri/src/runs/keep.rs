//! Runs that others have made: one that the queue begins, and the middle one of several seeds, which is kept
//! as an ordinary run.

use super::record::Record;
use super::summary::Summary;
use super::{Live, Runs, save, watch};
use crate::dto::{AppEvent, QueueKind, Run, TrainSettings};
use crate::queueable::{Held, Known, Queueable};
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::Ordering;
use tagsmith_protocol::Failure;

impl Live {
    /// Whether the queue's task that does it is there.
    pub(super) fn is_held(&self) -> bool {
        self.held.as_ref().is_some_and(Held::is_under_way)
    }

    /// Why the queue's task failed.
    pub(super) fn failure_of_task(&self) -> Option<Failure> {
        self.held.as_ref()?.failure()
    }

    /// Whether the queue's task was asked to stop, and did.
    pub(super) fn was_stopped(&self) -> bool {
        self.held.as_ref().is_some_and(Held::is_stopped)
    }
}

/// What a run that is kept is called, and where it came from.
pub struct Origin {
    /// The name that lists show.
    pub name: String,
    /// The base model's name in the library.
    pub model: String,
    /// The data set's id.
    pub data: String,
    /// The data set's name.
    pub data_name: String,
    /// What the person set, with the seed and the settings of this run.
    pub settings: TrainSettings,
}

impl Queueable for Runs {
    fn output(&self, id: &str) -> PathBuf {
        self.0.places(id).report()
    }

    fn known(&self, id: &str) -> Option<Known> {
        let record = self.0.asked(id).ok()?.read()?;
        Some(Known {
            kind: QueueKind::Run,
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
        Runs::ids(self).into_iter().collect()
    }

    fn discard(&self, id: &str) {
        let Ok(places) = self.0.asked(id) else { return };
        if places.read().is_some_and(|record| record.queued) {
            let _ = places.remove();
        }
    }

    fn is_living(&self, id: &str) -> bool {
        self.0.live.has(id)
    }

    fn adopt(&self, id: &str, held: Held) {
        if self.is_living(id) {
            return;
        }
        let Some(mut record) = self.0.asked(id).ok().and_then(|places| places.read()) else {
            return;
        };
        let places = self.0.places(id);
        record.queued = false;
        record.pid = held.process();
        record.summary = Summary::default();
        save(&places, &record);
        let live = Live::of(places, record, Some(held));
        live.begun.store(true, Ordering::Relaxed);
        self.0.live.insert(id, live.clone());
        tokio::spawn(watch::adopted(self.0.clone(), live));
    }

    fn own_folders(&self) -> Vec<PathBuf> {
        let live = self.0.live.all();
        let own = live.iter().filter(|live| live.held.is_none());
        own.map(|live| live.places.folder()).collect()
    }
}

impl Runs {
    /// Asks the queue not to continue a run that it has begun.
    pub(super) fn leave_queue(&self, live: &Arc<Live>) -> Result<(), Failure> {
        live.change(|record| record.left = true);
        live.save();
        match &live.held {
            Some(held) => held.pause(),
            None => Ok(()),
        }
    }

    /// An id for a run that is to be kept.
    pub fn id_to_keep(&self, name: &str) -> String {
        self.free_id(name)
    }

    /// Keeps a finished run that lies elsewhere as the run `id`: its files have a second name in the library,
    /// where the file system allows that, and else are copied.
    ///
    /// # Errors
    /// The file system refused.
    pub fn keep(&self, id: &str, from: &Path, origin: Origin) -> Result<Run, Failure> {
        let places = self.0.places(id);
        if !places.folder().exists() {
            let folder = places.folder().with_file_name(format!(".importing-{id}"));
            let _ = fs::remove_dir_all(&folder);
            link_all(from, &folder).map_err(Failure::io("copy a run to", &folder))?;
            fs::rename(&folder, places.folder()).map_err(Failure::io("make", &places.folder()))?;
        }
        let record = Record {
            name: origin.name,
            created: crate::now(),
            model: origin.model,
            data: origin.data,
            data_name: origin.data_name,
            settings: origin.settings,
            pid: None,
            queued: false,
            left: false,
            starred: false,
            note: String::new(),
            summary: Summary::of(&places.past()),
        };
        places.write(&record)?;
        let run = record.run(&places, false);
        (self.0.notify)(AppEvent::Run {
            run: Box::new(run.clone()),
        });
        Ok(run)
    }
}

/// Gives the files of a finished run, or of its model, a second name each. What may be appended to is copied.
pub(crate) fn link_all(from: &Path, to: &Path) -> std::io::Result<()> {
    fs::create_dir_all(to)?;
    for entry in fs::read_dir(from)? {
        let entry = entry?;
        let (path, copy) = (entry.path(), to.join(entry.file_name()));
        let name = entry.file_name();
        let name = name.to_string_lossy();
        match entry.file_type()?.is_dir() {
            true if name == "checkpoints" => {}
            true => link_all(&path, &copy)?,
            false if name.ends_with(".safetensors") => {
                fs::hard_link(&path, &copy).or_else(|_| fs::copy(&path, &copy).map(drop))?;
            }
            false => _ = fs::copy(&path, &copy)?,
        }
    }
    Ok(())
}
