//! How the engine makes its events: the moment of each, and those about a device.

use tagsmith_encoder::device::Progress;
use tagsmith_protocol::{Event, Stage, TimestampedEvent};

/// An event that happens now.
pub fn now(event: Event) -> TimestampedEvent {
    let now = jiff::Timestamp::now();
    TimestampedEvent {
        event,
        time: now
            .round(jiff::Unit::Millisecond)
            .unwrap_or(now)
            .to_string(),
    }
}

/// Progress of the preparation of a device.
pub fn preparing(device: &str, stage: Stage, progress: &Progress) -> Event {
    Event::Preparing {
        device: Some(device.into()),
        stage: Some(stage),
        done: progress.done,
        total: progress.total,
        eta_seconds: progress.eta_seconds,
    }
}
