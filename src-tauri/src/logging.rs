//! The log: a file a day in the library, the last week's kept, and the last complaints in memory for
//! the diagnostics.

use std::collections::VecDeque;
use std::fmt::Write as _;
use std::path::Path;
use std::sync::{Arc, LazyLock, Mutex, PoisonError};
use tracing::field::{Field, Visit};
use tracing::{Event, Level, Subscriber};
use tracing_appender::rolling::{RollingFileAppender, Rotation};
use tracing_subscriber::layer::{Context, SubscriberExt};
use tracing_subscriber::util::SubscriberInitExt;
use tracing_subscriber::{Layer, Registry};

const DAYS: usize = 7;
const REMEMBERED: usize = 20;

type Complaints = Arc<Mutex<VecDeque<String>>>;

static COMPLAINTS: LazyLock<Complaints> = LazyLock::new(Complaints::default);

/// Starts the log in `folder`. Where that cannot be written to, the log goes to standard error.
pub fn start(folder: &Path) {
    // The appender complains on standard error where the folder is absent.
    let _ = std::fs::create_dir_all(folder);
    let file = RollingFileAppender::builder()
        .rotation(Rotation::DAILY)
        .filename_prefix("tagsmith")
        .filename_suffix("log")
        .max_log_files(DAYS)
        .build(folder);
    let level = tracing_subscriber::filter::Targets::new()
        .with_target("tagsmith_desktop", Level::INFO)
        .with_target("tagsmith_hub", Level::INFO)
        .with_default(Level::WARN);
    let registry = Registry::default().with(Remember).with(level);
    let layer = tracing_subscriber::fmt::layer().with_ansi(false);
    let started = match file {
        Ok(file) => registry
            .with(layer.with_writer(Mutex::new(file)))
            .try_init(),
        Err(_) => registry.with(layer.with_writer(std::io::stderr)).try_init(),
    };
    if let Err(failure) = started {
        eprintln!("warning: there is no log: {failure}");
    }
    std::panic::set_hook(Box::new(|panic| tracing::error!("{panic}")));
}

/// The last warnings and errors, the newest last.
pub fn complaints() -> Vec<String> {
    let remembered = COMPLAINTS.lock().unwrap_or_else(PoisonError::into_inner);
    remembered.iter().cloned().collect()
}

/// Remembers warnings and errors.
struct Remember;

impl<S: Subscriber> Layer<S> for Remember {
    fn on_event(&self, event: &Event<'_>, _: Context<'_, S>) {
        let level = *event.metadata().level();
        if level > Level::WARN {
            return;
        }
        let mut line = format!("{} {level} ", crate::now());
        event.record(&mut Message(&mut line));
        let mut remembered = COMPLAINTS.lock().unwrap_or_else(PoisonError::into_inner);
        if remembered.len() == REMEMBERED {
            remembered.pop_front();
        }
        remembered.push_back(line);
    }
}

struct Message<'a>(&'a mut String);

impl Visit for Message<'_> {
    fn record_debug(&mut self, field: &Field, value: &dyn std::fmt::Debug) {
        if field.name() == "message" {
            let _ = write!(self.0, "{value:?}");
        }
    }
}
