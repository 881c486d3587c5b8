//! The client of the Hub as it is set now, made when it is first needed.

use std::sync::{Arc, Mutex, PoisonError};
use tagsmith_hub::{Hub, HubConfig, Library};
use tagsmith_protocol::Failure;

/// The client, until a setting changes.
#[derive(Clone)]
pub struct HubService {
    library: Library,
    open: Arc<Mutex<Option<Arc<Hub>>>>,
}

impl HubService {
    /// No client is made yet.
    pub fn new(library: Library) -> Self {
        Self {
            library,
            open: Arc::default(),
        }
    }

    /// The client. A locked keyring may be asked for the token, which takes as long as its owner
    /// takes, so it is asked where nothing else waits.
    ///
    /// # Errors
    /// The settings make no sense.
    pub async fn hub(&self) -> Result<Arc<Hub>, Failure> {
        let known = self.lock().clone();
        if let Some(hub) = known {
            return Ok(hub);
        }
        let service = self.clone();
        tokio::task::spawn_blocking(move || {
            let hub = Hub::new(HubConfig::resolve(&service.library)).map(Arc::new);
            let hub = hub.map_err(Failure::from)?;
            *service.lock() = Some(hub.clone());
            Ok(hub)
        })
        .await
        .map_err(|failure| Failure::plain("panic", failure.to_string()))?
    }

    /// A setting or the token has changed.
    pub fn renew(&self) {
        *self.lock() = None;
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Option<Arc<Hub>>> {
        self.open.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
