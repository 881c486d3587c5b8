//! The desktop window: holds the library, starts the engine as a child, and shows what it does.
//!
//! What happens on a click: the window calls a command (`commands`), which calls one function of a service
//! ([`runs`], [`studies`], [`pretraining`], [`queue`], [`data`], [`tagging`], [`evaluations`], [`downloads`]); what happens afterwards reaches
//! the window as [`dto::AppEvent`] through the one channel of [`event_bus`]. [`app::Desktop`] holds the
//! services together; they know no window, so that tests need none.
//!
//! Invariants: no tensor code is linked here. Training belongs to its folder and outlives the window.
//! Paths from the window are only those that the person picked ([`path_permissions`]) or ids in the library.
//! Offsets that cross the border count UTF-16 units ([`text`]).

pub mod app;
pub mod batches;
pub mod bindings;
mod commands;
pub mod data;
pub mod devices;
pub mod diagnostics;
mod dialogs;
pub mod disk;
pub mod downloads;
pub mod dto;
pub mod engine;
pub mod environment;
pub mod evaluations;
pub mod event_bus;
mod following;
pub mod hub;
mod living;
pub mod logging;
pub mod models;
pub mod own_model;
pub mod path_permissions;
pub mod preferences;
pub mod pretraining;
pub mod queue;
pub mod queueable;
pub mod runs;
mod starting;
pub mod storage;
pub mod studies;
pub mod system_texts;
pub mod tagging;
pub mod text;
mod window;

pub use window::run;

use std::sync::LazyLock;
use std::time::{Duration, Instant};

static START: LazyLock<Instant> = LazyLock::new(Instant::now);

/// How long the program has been running; the first call starts the clock.
pub fn since_start() -> Duration {
    START.elapsed()
}

/// This moment: UTC, RFC 3339, to the millisecond.
pub fn now() -> String {
    let now = jiff::Timestamp::now();
    now.round(jiff::Unit::Millisecond)
        .unwrap_or(now)
        .to_string()
}
