//! Highlighting: children of the engine that keep a model loaded and answer text line by line.

use crate::devices::progress_in;
use crate::dto::{AppEvent, Entity};
use crate::engine::{Engine, ended, failure_in, lines};
use crate::event_bus::NotifyPage;
use crate::text::to_utf16;
use std::collections::VecDeque;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant, SystemTime};
use tagsmith_hub::Library;
use tagsmith_hub::inspect::ENSEMBLE;
use tagsmith_protocol::{Failure, TagReply, TagRequest};
use tokio::io::AsyncWriteExt;
use tokio::process::{Child, ChildStdin};
use tokio::sync::{Notify, mpsc};
use tokio::time::timeout;

/// Models kept loaded: two can be compared side by side.
const LOADED: usize = 2;
/// A model that was not used for this long is unloaded.
const IDLE: Duration = Duration::from_secs(600);
/// Messages of a child that are kept for its end.
const REMEMBERED: usize = 50;
/// The first answer waits for the model to load, and for a GPU that is new here to be tested, which the
/// engine bounds; a longer silence is a fault.
const TIMEOUT: Duration = Duration::from_secs(180);

/// The models that highlight.
pub struct Tagging {
    library: Library,
    engine: Engine,
    notify: NotifyPage,
    /// The one used last at the end.
    loaded: Mutex<VecDeque<Arc<Loaded>>>,
}

/// A child with its model.
struct Loaded {
    folder: PathBuf,
    /// When its weights were written: a run that continues writes others into the same folder.
    written: Option<SystemTime>,
    pipe: tokio::sync::Mutex<Option<Pipe>>,
    /// Ends all that is asked of it.
    cancel: Notify,
    used: Mutex<Instant>,
}

struct Pipe {
    child: Child,
    input: ChildStdin,
    output: mpsc::Receiver<String>,
    /// Its last messages.
    messages: Arc<Mutex<VecDeque<String>>>,
}

impl Tagging {
    /// None is loaded yet.
    pub fn new(library: Library, engine: Engine, notify: NotifyPage) -> Self {
        Self {
            library,
            engine,
            notify,
            loaded: Mutex::default(),
        }
    }

    /// The entities of each text, in order; offsets count UTF-16 units of that text.
    ///
    /// # Errors
    /// There is no such model, the engine refused, died or hangs, or it was cancelled.
    pub async fn tag(&self, model: &str, texts: &[String]) -> Result<Vec<Vec<Entity>>, Failure> {
        let folder = self.library.named(model)?;
        let loaded = self.loaded(&folder);
        let cancelled = loaded.cancel.notified();
        tokio::pin!(cancelled);
        let mut pipe = tokio::select! {
            pipe = loaded.pipe.lock() => pipe,
            () = &mut cancelled => return Err(was_cancelled()),
        };
        if pipe.is_none() {
            *pipe = Some(Pipe::open(&self.engine, &folder, model, &self.notify)?);
        }
        let open = pipe.as_mut().expect("it was just opened");
        let answer = tokio::select! {
            answer = open.ask(texts) => answer,
            () = &mut cancelled => Err(was_cancelled()),
        };
        *loaded.used.lock().unwrap_or_else(PoisonError::into_inner) = Instant::now();
        if answer.is_err() {
            // What is left in the pipe would answer the next question.
            *pipe = None;
        }
        answer
    }

    /// Ends all that is asked of a model, and with its process the test of a device.
    pub fn cancel(&self, model: &str) {
        let Ok(folder) = self.library.named(model) else {
            return;
        };
        let all = self.loaded.lock().unwrap_or_else(PoisonError::into_inner);
        for loaded in all.iter().filter(|loaded| loaded.folder == folder) {
            loaded.cancel.notify_waiters();
        }
    }

    fn loaded(&self, folder: &Path) -> Arc<Loaded> {
        let written = ["model.safetensors", ENSEMBLE]
            .into_iter()
            .find_map(|file| {
                let written = std::fs::metadata(folder.join(file)).ok()?.modified();
                written.ok()
            });
        let mut all = self.loaded.lock().unwrap_or_else(PoisonError::into_inner);
        all.retain(|loaded| loaded.folder != folder || loaded.written == written);
        let known = all.iter().position(|loaded| loaded.folder == folder);
        let loaded = known.and_then(|at| all.remove(at)).unwrap_or_else(|| {
            Arc::new(Loaded {
                folder: folder.into(),
                written,
                pipe: tokio::sync::Mutex::new(None),
                cancel: Notify::new(),
                used: Mutex::new(Instant::now()),
            })
        });
        all.push_back(loaded.clone());
        while all.len() > LOADED {
            all.pop_front();
        }
        loaded
    }

    /// Unloads models that were not used for a while. Called at intervals.
    pub fn rest(&self) {
        let mut all = self.loaded.lock().unwrap_or_else(PoisonError::into_inner);
        all.retain(|loaded| {
            let used = loaded.used.lock().unwrap_or_else(PoisonError::into_inner);
            used.elapsed() < IDLE
        });
    }

    /// Lets go of a model, so that its files can be deleted.
    pub fn let_go(&self, folder: &Path) {
        let mut all = self.loaded.lock().unwrap_or_else(PoisonError::into_inner);
        all.retain(|loaded| loaded.folder != folder);
    }
}

impl Pipe {
    /// Starts a child with the model in `folder`, called `model`.
    fn open(
        engine: &Engine,
        folder: &Path,
        model: &str,
        notify: &NotifyPage,
    ) -> Result<Self, Failure> {
        let mut command = engine.command([
            "--json".as_ref(),
            "tag".as_ref(),
            "--stream".as_ref(),
            "--progress".as_ref(),
            "--model".as_ref(),
            folder.as_os_str(),
        ]);
        command.stdin(std::process::Stdio::piped());
        let mut child = engine.start(command)?;
        let (output_to, output) = mpsc::channel(4096);
        let (messages_to, mut received) = mpsc::channel(64);
        let messages: Arc<Mutex<VecDeque<String>>> = Arc::default();
        if let Some(stdout) = child.stdout.take() {
            tokio::spawn(lines(stdout, output_to));
        }
        if let Some(stderr) = child.stderr.take() {
            tokio::spawn(lines(stderr, messages_to));
        }
        // Read at once, or a child with much to say would wait for ever.
        let last = messages.clone();
        let (notify, model) = (notify.clone(), model.to_owned());
        tokio::spawn(async move {
            let mut is_tested = false;
            let say = |preparing| {
                let model = model.clone();
                notify(AppEvent::Tagger { model, preparing });
            };
            while let Some(line) = received.recv().await {
                if let Some(preparing) = progress_in(&line) {
                    is_tested = preparing.total != Some(preparing.done);
                    say(is_tested.then_some(preparing));
                    continue;
                }
                let mut last = last.lock().unwrap_or_else(PoisonError::into_inner);
                if last.len() == REMEMBERED {
                    last.pop_front();
                }
                last.push_back(line);
            }
            // The test ended with the child.
            if is_tested {
                say(None);
            }
        });
        let input = child
            .stdin
            .take()
            .ok_or_else(|| Failure::plain("engine-died", "the engine takes no requests"))?;
        Ok(Self {
            child,
            input,
            output,
            messages,
        })
    }

    async fn ask(&mut self, texts: &[String]) -> Result<Vec<Vec<Entity>>, Failure> {
        let mut request = String::new();
        for text in texts {
            let line = TagRequest {
                text: text.clone(),
                id: None,
            };
            request += &serde_json::to_string(&line).expect("a text can be written as JSON");
            request.push('\n');
        }
        let input = &mut self.input;
        let send = async {
            let sent = async {
                input.write_all(request.as_bytes()).await?;
                input.flush().await
            };
            // A child that no longer listens has ended, which its output shows better.
            if let Err(failure) = sent.await {
                tracing::warn!("the engine stopped listening: {failure}");
            }
            Ok(())
        };
        let output = &mut self.output;
        let receive = async {
            let mut found = Vec::with_capacity(texts.len());
            while found.len() < texts.len() {
                match timeout(TIMEOUT, output.recv()).await {
                    Ok(Some(line)) => found.push(read(&line)?),
                    Ok(None) => return Ok(None),
                    Err(_) => return Err(hangs()),
                }
            }
            Ok(Some(found))
        };
        // Both at once: a child that answers while it is asked must not fill its pipe. A child that
        // hangs ends both.
        match tokio::try_join!(send, receive)?.1 {
            Some(found) => Ok(found),
            None => Err(self.died().await),
        }
    }

    /// The child's output has ended: what its last words were.
    async fn died(&mut self) -> Failure {
        let Ok(Ok(status)) = timeout(Duration::from_secs(2), self.child.wait()).await else {
            return hangs();
        };
        // Its messages may come a moment after its end.
        tokio::time::sleep(Duration::from_millis(100)).await;
        let last = self.messages.lock().unwrap_or_else(PoisonError::into_inner);
        let messages: Vec<&str> = last.iter().map(String::as_str).collect();
        ended(status, b"", &messages.join("\n"))
    }
}

fn read(line: &str) -> Result<Vec<Entity>, Failure> {
    if let Some(failure) = failure_in(line) {
        return Err(failure);
    }
    match serde_json::from_str(line) {
        Ok(TagReply::Found {
            text, mut entities, ..
        }) => {
            to_utf16(&text, &mut entities);
            Ok(entities)
        }
        Ok(TagReply::Refused { error, .. }) => Err(Failure::plain("engine-failed", error)),
        Err(failure) => Err(Failure::new(
            "engine-garbled",
            format!("the engine's answer cannot be read: {failure}"),
            "try again",
        )),
    }
}

fn was_cancelled() -> Failure {
    Failure::plain("cancelled", "highlighting was cancelled")
}

fn hangs() -> Failure {
    Failure::new(
        "engine-hangs",
        "the engine does not answer",
        "try again; if it happens again, copy the diagnostics under Settings",
    )
}
