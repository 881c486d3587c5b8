//! Events for the page: one channel, that of the page loaded last.

use crate::dto::AppEvent;
use std::sync::{Arc, Mutex, PoisonError};

/// Sends the page an event.
pub type NotifyPage = Arc<dyn Fn(AppEvent) + Send + Sync>;

type Listener = Box<dyn Fn(AppEvent) -> bool + Send>;

/// Where events go.
#[derive(Clone, Default)]
pub struct EventBus(Arc<Mutex<Option<Listener>>>);

impl EventBus {
    /// Replaces the listener. It answers whether the page still listens.
    pub fn listen(&self, listener: impl Fn(AppEvent) -> bool + Send + 'static) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = Some(Box::new(listener));
    }

    /// Sends an event, and returns whether a page received it.
    pub fn notify(&self, event: AppEvent) -> bool {
        let listener = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        listener.as_ref().is_some_and(|listener| listener(event))
    }
}
