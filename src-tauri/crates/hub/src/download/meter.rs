//! How far a download is and how fast, reported at most ten times a second.

use std::collections::VecDeque;
use std::time::{Duration, Instant};

use serde::Serialize;

/// Between two reports of the same state.
const PAUSE: Duration = Duration::from_millis(100);

/// Over how long the rate is taken.
const WINDOW: Duration = Duration::from_secs(5);

/// What a download is doing.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum State {
    /// For the Hub: to answer, or to be there again.
    Waiting,
    /// Bytes are coming.
    Running,
    /// What came is compared with what it must be.
    Verifying,
    /// The model is in the library.
    Done,
}

/// How far a download is.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Progress {
    /// What it is doing.
    pub state: State,
    /// Bytes that are here, those of earlier attempts among them.
    pub bytes: u64,
    /// Bytes in all; 0 while that is not known.
    pub total: u64,
    /// Bytes a second, over the last seconds.
    pub bytes_per_second: f64,
    /// Seconds until all is here, where that is known.
    pub eta_seconds: Option<f64>,
}

/// Counts bytes and reports to the listener.
pub(super) struct Meter<'a> {
    listener: &'a (dyn Fn(Progress) + Send + Sync),
    state: Option<State>,
    bytes: u64,
    total: u64,
    reported: Option<Instant>,
    /// When how many bytes had come over the network, the oldest first.
    came: VecDeque<(Instant, u64)>,
    fetched: u64,
}

impl<'a> Meter<'a> {
    pub fn new(listener: &'a (dyn Fn(Progress) + Send + Sync)) -> Self {
        Self {
            listener,
            state: None,
            bytes: 0,
            total: 0,
            reported: None,
            came: VecDeque::new(),
            fetched: 0,
        }
    }

    pub fn set_total(&mut self, bytes: u64) {
        self.total = bytes;
    }

    /// Bytes that were here before.
    pub fn add(&mut self, bytes: u64) {
        self.bytes += bytes;
    }

    /// Bytes that turned out to be worth nothing.
    pub fn take_back(&mut self, bytes: u64) {
        self.bytes = self.bytes.saturating_sub(bytes);
    }

    /// Bytes that have just come.
    pub fn receive(&mut self, bytes: u64) {
        self.bytes += bytes;
        self.fetched += bytes;
        self.came.push_back((Instant::now(), self.fetched));
        self.report(State::Running);
    }

    /// Reports the state; one that has not changed only when the last report is long enough ago.
    pub fn report(&mut self, state: State) {
        let now = Instant::now();
        let recent = self
            .reported
            .is_some_and(|then| now.duration_since(then) < PAUSE);
        if self.state == Some(state) && recent {
            return;
        }
        if state != State::Running {
            // What is not running has no rate, and later one must not count the pause.
            self.came.clear();
        }
        self.state = Some(state);
        self.reported = Some(now);
        let rate = self.rate();
        let left = self.total.saturating_sub(self.bytes);
        (self.listener)(Progress {
            state,
            bytes: self.bytes,
            total: self.total,
            bytes_per_second: rate,
            eta_seconds: (rate > 0.0).then(|| left as f64 / rate),
        });
    }

    /// Bytes a second over the window that ends now.
    fn rate(&mut self) -> f64 {
        let now = Instant::now();
        while self
            .came
            .front()
            .is_some_and(|(then, _)| now.duration_since(*then) > WINDOW)
        {
            self.came.pop_front();
        }
        let (Some((start, before)), Some((_, after))) = (self.came.front(), self.came.back())
        else {
            return 0.0;
        };
        let seconds = now.duration_since(*start).as_secs_f64();
        match seconds > 0.0 {
            true => (after - before) as f64 / seconds,
            false => 0.0,
        }
    }
}
