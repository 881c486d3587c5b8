//! Downloads of models: one after another, each with its progress, cancelled and resumed.

use crate::dto::{AppEvent, Download, DownloadState};
use crate::event_bus::NotifyPage;
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use tagsmith_hub::{Cancel, Hub, HubError, Library, State, parse_id};
use tagsmith_protocol::Failure;
use tokio::sync::Semaphore;

/// All downloads of this session, and those that an earlier one left unfinished.
#[derive(Clone)]
pub struct Downloads(Arc<Shared>);

struct Shared {
    library: Library,
    notify: NotifyPage,
    all: Mutex<BTreeMap<String, (Download, Cancel)>>,
    /// Two at once would share the line and both be slower.
    turn: Semaphore,
}

impl Downloads {
    /// The downloads that an earlier session left unfinished.
    pub fn open(library: Library, notify: NotifyPage) -> Self {
        let unfinished = library.partial_downloads().into_iter().map(|partial| {
            let download = Download {
                id: partial.id.clone(),
                state: DownloadState::Cancelled,
                bytes: partial.bytes,
                total: partial.total.unwrap_or(0),
                bytes_per_second: 0.0,
                eta_seconds: None,
                failure: None,
            };
            (partial.id, (download, Cancel::default()))
        });
        Self(Arc::new(Shared {
            all: Mutex::new(unfinished.collect()),
            library,
            notify,
            turn: Semaphore::new(1),
        }))
    }

    /// Every download.
    pub fn list(&self) -> Vec<Download> {
        self.0.lock().values().map(|(d, _)| d.clone()).collect()
    }

    /// Whether one is under way.
    pub fn is_busy(&self) -> bool {
        use DownloadState::{Running, Verifying, Waiting};
        let all = self.0.lock();
        all.values()
            .any(|(download, _)| matches!(download.state, Running | Verifying | Waiting))
    }

    /// Starts to download a model, or continues it.
    pub fn start(&self, hub: Arc<Hub>, id: &str) {
        let cancel = Cancel::default();
        {
            let mut all = self.0.lock();
            let known = all.get(id).map(|(download, _)| download.clone());
            use DownloadState::{Running, Verifying, Waiting};
            if known
                .as_ref()
                .is_some_and(|d| matches!(d.state, Running | Verifying | Waiting))
            {
                return;
            }
            let (bytes, total) = known.map_or((0, 0), |known| (known.bytes, known.total));
            let download = Download {
                id: id.into(),
                state: Waiting,
                bytes,
                total,
                bytes_per_second: 0.0,
                eta_seconds: None,
                failure: None,
            };
            all.insert(id.into(), (download, cancel.clone()));
        }
        self.0.change(id, |_| ());
        let shared = self.0.clone();
        let id = id.to_owned();
        tokio::spawn(async move { shared.fetch(&hub, &id, &cancel).await });
    }

    /// Cancels a download; what came so far is kept.
    pub fn cancel(&self, id: &str) {
        if let Some((_, cancel)) = self.0.lock().get(id) {
            cancel.cancel();
        }
    }

    /// Forgets a download that is not under way, and what came of it.
    ///
    /// # Errors
    /// The file system refused.
    pub fn discard(&self, id: &str) -> Result<(), Failure> {
        self.cancel(id);
        // What lies on the disk has the model's name without a revision.
        let name = parse_id(id).map_or_else(|_| id.to_owned(), |(name, _)| name);
        let known = self.0.library.partial_downloads();
        if known.iter().any(|partial| partial.id == name) {
            self.0
                .library
                .discard_partial(&name)
                .map_err(Failure::from)?;
        }
        self.0.lock().remove(id);
        Ok(())
    }
}

impl Shared {
    fn lock(&self) -> MutexGuard<'_, BTreeMap<String, (Download, Cancel)>> {
        self.all.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn change(&self, id: &str, change: impl FnOnce(&mut Download)) {
        let changed = self.lock().get_mut(id).map(|(download, _)| {
            change(download);
            download.clone()
        });
        if let Some(download) = changed {
            (self.notify)(AppEvent::Download { download });
        }
    }

    async fn fetch(self: &Arc<Self>, hub: &Hub, id: &str, cancel: &Cancel) {
        let turn = tokio::select! {
            turn = self.turn.acquire() => turn.ok(),
            () = cancel.cancelled() => None,
        };
        let done = match &turn {
            None => Err(HubError::Cancelled),
            Some(_) => {
                hub.download(id, &self.library, cancel, |progress| {
                    self.change(id, |download| {
                        download.state = match progress.state {
                            State::Waiting => DownloadState::Waiting,
                            State::Running => DownloadState::Running,
                            // Completion is reported when all files are in place.
                            State::Verifying | State::Done => DownloadState::Verifying,
                        };
                        download.bytes = progress.bytes;
                        download.total = progress.total;
                        download.bytes_per_second = progress.bytes_per_second;
                        download.eta_seconds = progress.eta_seconds;
                    });
                })
                .await
            }
        };
        self.change(id, |download| {
            download.eta_seconds = None;
            match done {
                Ok(_) => download.state = DownloadState::Done,
                Err(HubError::Cancelled) => download.state = DownloadState::Cancelled,
                Err(failure) => {
                    tracing::warn!("download of `{id}` failed: {failure}");
                    download.state = DownloadState::Failed;
                    download.failure = Some(failure.into());
                }
            }
        });
    }
}
