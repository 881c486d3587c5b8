//! How the engine makes its events: the moment of each, and those about a device.

use serde::Serialize;
use tagsmith_encoder::device::Progress;
use tagsmith_protocol::{Event, PretrainEvent, Stage, TimestampedEvent, TimestampedPretrainEvent};

/// What a kind of run reports.
pub trait RunEvent: From<Event> {
    /// The same with the moment it happened.
    type Stamped: Serialize;

    /// This event at `time`, in RFC 3339.
    fn at(self, time: String) -> Self::Stamped;
}

impl RunEvent for Event {
    type Stamped = TimestampedEvent;

    fn at(self, time: String) -> TimestampedEvent {
        TimestampedEvent { event: self, time }
    }
}

impl RunEvent for PretrainEvent {
    type Stamped = TimestampedPretrainEvent;

    fn at(self, time: String) -> TimestampedPretrainEvent {
        TimestampedPretrainEvent { event: self, time }
    }
}

/// An event that happens now.
pub fn now<E: RunEvent>(event: E) -> E::Stamped {
    let now = jiff::Timestamp::now();
    let rounded = now.round(jiff::Unit::Millisecond).unwrap_or(now);
    event.at(rounded.to_string())
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
