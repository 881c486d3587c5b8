//! Evaluations: a model scored on a data set by a child of the engine, kept with its report.

use crate::data::{DataSets, READING};
use crate::disk;
use crate::dto::{
    AppEvent, Evaluation, EvaluationRequest, EvaluationStatus, Preparing, Report, Split,
    SplitChoice, SplitReport,
};
use crate::engine::{Engine, ended, lines};
use crate::event_bus::NotifyPage;
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, HashMap};
use std::ffi::OsStr;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};
use tagsmith_hub::Library;
use tagsmith_protocol::{Convention, Decoding, Failure};
use tokio::sync::{Notify, mpsc};

/// The window hears of progress this often at most.
const PROGRESS_INTERVAL: Duration = Duration::from_millis(150);

/// All evaluations of the library.
#[derive(Clone)]
pub struct Evaluations(Arc<Shared>);

struct Shared {
    folder: PathBuf,
    library: Library,
    engine: Engine,
    notify: NotifyPage,
    live: Mutex<HashMap<String, (Evaluation, Arc<Notify>)>>,
}

/// An evaluation on the disk.
#[derive(Serialize, Deserialize)]
struct Kept {
    evaluation: Evaluation,
    report: Option<Report>,
}

/// A line of the engine's messages that says how far it is.
#[derive(Deserialize)]
#[serde(untagged)]
enum Progress {
    /// The device is tested.
    Test { preparing: Preparing },
    /// Windows are scored.
    Scoring { done: u32, total: u32 },
}

impl Evaluations {
    /// The evaluations of a library.
    pub fn open(library: Library, engine: Engine, notify: NotifyPage) -> Self {
        let folder = library.home().join("evaluations");
        disk::sweep(&folder);
        Self(Arc::new(Shared {
            folder,
            library,
            engine,
            notify,
            live: Mutex::default(),
        }))
    }

    /// Every evaluation, in no order. One that was cut off with its window is not kept.
    pub fn list(&self) -> Vec<Evaluation> {
        let live = self.0.lock();
        let mut all: Vec<Evaluation> = live.values().map(|(e, _)| e.clone()).collect();
        let kept = fs::read_dir(&self.0.folder).into_iter().flatten().flatten();
        all.extend(
            kept.filter_map(|entry| disk::read_json::<Kept>(&entry.path()))
                .map(|kept| kept.evaluation)
                .filter(|evaluation| !live.contains_key(&evaluation.id)),
        );
        all
    }

    /// Whether one is under way.
    pub fn is_busy(&self) -> bool {
        !self.0.lock().is_empty()
    }

    /// Starts to score a model.
    ///
    /// # Errors
    /// The model or the data is unknown.
    pub fn start(
        &self,
        request: &EvaluationRequest,
        data: &DataSets,
    ) -> Result<Evaluation, Failure> {
        let model = self.0.library.named(&request.model)?;
        let set = data.get(&request.data)?;
        let in_split = |split: Split| {
            let file = set
                .check
                .files
                .iter()
                .find(|file| file.split == split.name());
            file.map_or(0, |file| u32::try_from(file.documents).unwrap_or(u32::MAX))
        };
        let files: Vec<(Split, PathBuf, u32)> = data
            .files(&request.data, request.split)?
            .into_iter()
            .map(|(split, path)| (split, path, in_split(split)))
            .collect();
        if files.is_empty() {
            return Err(Failure::new(
                "no-split",
                format!("`{}` has no such split", set.name),
                "choose another split",
            ));
        }
        let wanted = format!("{} {}", request.model, set.name);
        let id = disk::folder_name(&wanted, "evaluation", |id| {
            self.0.file(id).exists() || self.0.lock().contains_key(id)
        });
        let evaluation = Evaluation {
            id: id.clone(),
            model: request.model.clone(),
            data: request.data.clone(),
            data_name: set.name.clone(),
            split: request.split,
            created: crate::now(),
            status: EvaluationStatus::Running,
            preparing: None,
            done: 0,
            total: files.iter().map(|(_, _, documents)| documents).sum(),
            f1: None,
            f1_split: None,
            failure: None,
        };
        let stop = Arc::new(Notify::new());
        self.0
            .lock()
            .insert(id.clone(), (evaluation.clone(), stop.clone()));
        (self.0.notify)(AppEvent::Evaluation {
            evaluation: evaluation.clone(),
        });
        let shared = self.0.clone();
        tokio::spawn(async move {
            let report = tokio::select! {
                report = shared.score(&id, &model, &files) => Some(report),
                () = stop.notified() => None,
            };
            shared.close(&id, report);
        });
        Ok(evaluation)
    }

    /// Ends an evaluation.
    pub fn cancel(&self, id: &str) {
        if let Some((_, stop)) = self.0.lock().get(id) {
            stop.notify_one();
        }
    }

    /// Ends every evaluation, and gives their processes a moment to be ended.
    pub fn cancel_all(&self) {
        let stops: Vec<Arc<Notify>> = self
            .0
            .lock()
            .values()
            .map(|(_, stop)| stop.clone())
            .collect();
        for stop in &stops {
            stop.notify_one();
        }
        if !stops.is_empty() {
            std::thread::sleep(Duration::from_millis(200));
        }
    }

    /// The report of an evaluation and its data set, as the engine wrote it.
    ///
    /// # Errors
    /// There is none.
    pub fn report(&self, id: &str) -> Result<(Report, String), Failure> {
        let kept: Option<Kept> = disk::is_plain(id)
            .then(|| disk::read_json(&self.0.file(id)))
            .flatten();
        kept.and_then(|kept| Some((kept.report?, kept.evaluation.data)))
            .ok_or_else(|| Failure::plain("no-report", "this evaluation has no report"))
    }

    /// Forgets an evaluation.
    ///
    /// # Errors
    /// The file system refused.
    pub fn remove(&self, id: &str) -> Result<(), Failure> {
        self.cancel(id);
        let file = self.0.file(id);
        match disk::is_plain(id) && file.exists() {
            true => disk::remove(&file).map(|_| ()),
            false => Ok(()),
        }
    }
}

impl Shared {
    fn lock(&self) -> std::sync::MutexGuard<'_, HashMap<String, (Evaluation, Arc<Notify>)>> {
        self.live.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn file(&self, id: &str) -> PathBuf {
        self.folder.join(format!("{id}.json"))
    }

    /// Scores each file in turn.
    async fn score(
        &self,
        id: &str,
        model: &Path,
        files: &[(Split, PathBuf, u32)],
    ) -> Result<Report, Failure> {
        let mut splits = BTreeMap::new();
        let mut before = 0;
        for (split, file, documents) in files {
            let report = self.score_file(id, model, file, before, *documents).await?;
            before += documents;
            splits.insert(split.name().to_owned(), report);
        }
        Ok(Report {
            convention: Convention::default(),
            decoding: Decoding::default(),
            splits,
        })
    }

    async fn score_file(
        &self,
        id: &str,
        model: &Path,
        file: &Path,
        before: u32,
        documents: u32,
    ) -> Result<SplitReport, Failure> {
        let arguments = [
            "--json".as_ref(),
            "evaluate".as_ref(),
            "--progress".as_ref(),
            "--model".as_ref(),
            model.as_os_str(),
            "--data".as_ref(),
            file.as_os_str(),
        ];
        let arguments = arguments.into_iter().chain(READING.map(OsStr::new));
        let mut child = self.engine.start(self.engine.command(arguments))?;
        let (sender, mut messages) = mpsc::channel(64);
        if let Some(stderr) = child.stderr.take() {
            tokio::spawn(lines(stderr, sender));
        }
        let listen = async {
            let mut words = String::new();
            let mut reported = Instant::now();
            while let Some(line) = messages.recv().await {
                match serde_json::from_str::<Progress>(&line) {
                    Ok(Progress::Test { preparing }) => {
                        let goes_on = preparing.total != Some(preparing.done);
                        let preparing = goes_on.then_some(preparing);
                        self.change(id, |evaluation| evaluation.preparing = preparing);
                    }
                    Ok(Progress::Scoring { done, total }) => {
                        if reported.elapsed() >= PROGRESS_INTERVAL || done == total {
                            reported = Instant::now();
                            let progress = f64::from(done) / f64::from(total.max(1));
                            let done = before + (progress * f64::from(documents)) as u32;
                            self.change(id, |evaluation| evaluation.done = done);
                        }
                    }
                    Err(_) => words = words + &line + "\n",
                }
            }
            words
        };
        let (output, words) = tokio::join!(child.wait_with_output(), listen);
        let output = output.map_err(Failure::io("hear", self.engine.program()))?;
        if !output.status.success() {
            return Err(ended(output.status, &output.stdout, &words));
        }
        serde_json::from_slice(&output.stdout).map_err(|failure| {
            Failure::new(
                "engine-garbled",
                format!("the engine's report cannot be read: {failure}"),
                "try again",
            )
        })
    }

    fn change(&self, id: &str, change: impl FnOnce(&mut Evaluation)) {
        let changed = self.lock().get_mut(id).map(|(evaluation, _)| {
            change(evaluation);
            evaluation.clone()
        });
        if let Some(evaluation) = changed {
            (self.notify)(AppEvent::Evaluation { evaluation });
        }
    }

    /// Stores the result, then reports it: a listener may ask for the report at once. `None`
    /// when it was cancelled.
    fn close(&self, id: &str, report: Option<Result<Report, Failure>>) {
        let Some(mut evaluation) = self
            .lock()
            .get(id)
            .map(|(evaluation, _)| evaluation.clone())
        else {
            return;
        };
        evaluation.preparing = None;
        match &report {
            None => evaluation.status = EvaluationStatus::Cancelled,
            Some(Ok(report)) => {
                evaluation.status = EvaluationStatus::Finished;
                evaluation.done = evaluation.total;
                // Of several splits, the one that nothing was learned from.
                let splits = [
                    (SplitChoice::Test, "test"),
                    (SplitChoice::Dev, "dev"),
                    (SplitChoice::Train, "train"),
                ];
                let scored = splits.iter().find_map(|(split, name)| {
                    let scores = report.splits.get(*name)?;
                    Some((*split, scores.metrics.overall.f1))
                });
                (evaluation.f1_split, evaluation.f1) = scored.unzip();
            }
            Some(Err(failure)) => {
                evaluation.status = EvaluationStatus::Failed;
                evaluation.failure = Some(failure.clone());
            }
        }
        if let Some(report) = report {
            let mut kept = Kept {
                evaluation: evaluation.clone(),
                report: report.ok(),
            };
            if let Err(failure) = disk::write_json(&self.file(id), &kept) {
                tracing::warn!("{}", failure.message);
                kept.evaluation.status = EvaluationStatus::Failed;
                kept.evaluation.failure = Some(failure);
                evaluation = kept.evaluation;
            }
        }
        self.lock().remove(id);
        (self.notify)(AppEvent::Evaluation { evaluation });
    }
}
