//! News for the window: one channel, that of the page loaded last.

use crate::shapes::News;
use std::sync::{Arc, Mutex, PoisonError};

type Listener = Box<dyn Fn(News) -> bool + Send>;

/// Where news goes.
#[derive(Clone, Default)]
pub struct Newsroom(Arc<Mutex<Option<Listener>>>);

impl Newsroom {
    /// From now on this listener is told; it answers whether it still hears.
    pub fn listen(&self, listener: impl Fn(News) -> bool + Send + 'static) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = Some(Box::new(listener));
    }

    /// Tells a piece of news; answers whether somebody heard it.
    pub fn tell(&self, news: News) -> bool {
        let listener = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        listener.as_ref().is_some_and(|listener| listener(news))
    }
}
