//! Does a batch: reads its texts, has the engine tag what is not tagged yet, makes the results searchable.

use super::{Live, Record, Shared, input, results, stopped};
use crate::data::DataSets;
use crate::dto::{AppEvent, BatchRequest, BatchStatus, Preparing};
use crate::engine::{ended, failure_in, lines};
use crate::living::{Signals, lock};
use serde::Deserialize;
use std::collections::BTreeMap;
use std::fs::{File, OpenOptions};
use std::io::{BufRead, BufReader, BufWriter, Seek, SeekFrom, Write};
use std::path::Path;
use std::process::Stdio;
use std::sync::Arc;
use std::time::{Duration, Instant};
use tagsmith_protocol::{Failure, TagReply};
use tokio::io::AsyncBufReadExt;
use tokio::sync::mpsc;

/// The window hears of progress this often at most.
const PROGRESS_INTERVAL: Duration = Duration::from_millis(150);

/// A line of the engine's messages that says how far the test of a device is.
#[derive(Deserialize)]
struct Test {
    preparing: Preparing,
}

/// What is tagged of a batch.
#[derive(Default)]
struct Tagged {
    documents: u32,
    labels: BTreeMap<String, u32>,
}

impl Tagged {
    fn add(&mut self, line: &str) -> Result<(), Failure> {
        if let Some(failure) = failure_in(line) {
            return Err(failure);
        }
        match serde_json::from_str(line) {
            Ok(TagReply::Found { entities, .. }) => {
                self.documents += 1;
                for entity in entities {
                    *self.labels.entry(entity.label).or_default() += 1;
                }
                Ok(())
            }
            Ok(TagReply::Refused { error, .. }) => Err(Failure::plain("engine-failed", error)),
            Err(failure) => Err(Failure::new(
                "engine-garbled",
                format!("the engine's answer cannot be read: {failure}"),
                "try again",
            )),
        }
    }
}

impl Shared {
    /// Does a batch to its end, and reports it.
    pub(super) async fn work(
        self: Arc<Self>,
        request: BatchRequest,
        data: &Arc<DataSets>,
        signals: &Arc<Signals>,
    ) {
        let Some(id) = lock(&self.live)
            .values()
            .find(|live| Arc::ptr_eq(&live.signals, signals))
            .map(|live| live.batch.id.clone())
        else {
            return;
        };
        let done = self.tag(&id, &request, data, signals).await;
        // What is tagged can be looked at, also where the rest failed.
        self.change(&id, |batch| batch.status = BatchStatus::Indexing);
        let (shared, name) = (self.clone(), id.clone());
        let indexed = tokio::task::spawn_blocking(move || {
            let folder = shared.folder_of(&name);
            // Also what was answered after the last report.
            let tagged = resume(&folder.join("output.jsonl"))?;
            results::index(&folder, &shared.database(&name))?;
            Ok(tagged)
        })
        .await
        .unwrap_or_else(|failure| Err(Failure::plain("panic", failure.to_string())));
        self.forget(&id);
        if let Ok(tagged) = &indexed {
            self.change(&id, |batch| {
                batch.done = tagged.documents;
                batch.labels.clone_from(&tagged.labels);
            });
        }
        let (status, failure) = match done.and(indexed.map(drop)) {
            Ok(()) => (BatchStatus::Finished, None),
            Err(_) if signals.is_asked() => (BatchStatus::Stopped, None),
            Err(failure) => (BatchStatus::Failed, Some(failure)),
        };
        let Some(mut live) = lock(&self.live).get(&id).cloned() else {
            return;
        };
        live.batch.rest(status, failure);
        live.batch.has_results = self.database(&id).is_file() && live.batch.done > 0;
        self.save(&Record {
            batch: live.batch.clone(),
            request,
        });
        lock(&self.live).remove(&id);
        (self.notify)(AppEvent::Batch {
            batch: Box::new(live.batch),
        });
    }

    async fn tag(
        self: &Arc<Self>,
        id: &str,
        request: &BatchRequest,
        data: &Arc<DataSets>,
        signals: &Arc<Signals>,
    ) -> Result<(), Failure> {
        let model = self.library.named(&request.model)?;
        let folder = self.folder_of(id);
        let texts = folder.join("input.jsonl");
        let output = folder.join("output.jsonl");
        let shared = self.clone();
        let (name, request, data) = (id.to_owned(), request.clone(), data.clone());
        let (at, stopping) = (texts.clone(), signals.clone());
        let (to, before) = (output.clone(), texts.clone());
        // Both go through whole files.
        let (total, tagged, offset) = tokio::task::spawn_blocking(move || {
            let total = match at.is_file() {
                true => count_lines(&at)?,
                false => {
                    let read = input::write(&request, &data, &at, &stopping, |read| {
                        shared.change(&name, |batch| batch.total = read);
                    })?;
                    shared.change(&name, |batch| batch.skipped = read.skipped);
                    // What was left out is known only now: the texts are not read again.
                    let live = lock(&shared.live).get(&name).cloned();
                    if let Some(Live { batch, .. }) = live {
                        shared.save(&Record { batch, request });
                    }
                    read.texts
                }
            };
            let tagged = resume(&to)?;
            let offset = offset_of(&before, tagged.documents)?;
            Ok((total, tagged, offset))
        })
        .await
        .map_err(|failure| Failure::plain("panic", failure.to_string()))
        .and_then(|found: Result<_, Failure>| found)?;
        self.change(id, |batch| {
            batch.status = BatchStatus::Tagging;
            batch.total = total;
            batch.done = tagged.documents;
            batch.labels = tagged.labels.clone();
        });
        if tagged.documents >= total {
            return Ok(());
        }
        let mut rest = File::open(&texts).map_err(Failure::io("read", &texts))?;
        rest.seek(SeekFrom::Start(offset))
            .map_err(Failure::io("read", &texts))?;
        tokio::select! {
            ended = self.ask(id, &model, rest, &output, tagged, total) => ended,
            () = signals.killed() => Err(stopped()),
        }
    }

    /// Has the engine tag the rest of the texts. What it answers is appended to `output`.
    async fn ask(
        &self,
        id: &str,
        model: &Path,
        rest: File,
        output: &Path,
        mut tagged: Tagged,
        total: u32,
    ) -> Result<(), Failure> {
        let mut command = self.engine.command([
            "--json".as_ref(),
            "tag".as_ref(),
            "--progress".as_ref(),
            "--model".as_ref(),
            model.as_os_str(),
            "-".as_ref(),
        ]);
        command.stdin(Stdio::from(rest));
        let mut child = self.engine.start(command)?;
        let (sender, mut messages) = mpsc::channel(64);
        if let Some(stderr) = child.stderr.take() {
            tokio::spawn(lines(stderr, sender));
        }
        let listen = async {
            let mut words = String::new();
            while let Some(line) = messages.recv().await {
                match serde_json::from_str::<Test>(&line) {
                    Ok(Test { preparing }) => {
                        let goes_on = preparing.total != Some(preparing.done);
                        let preparing = goes_on.then_some(preparing);
                        self.change(id, |batch| batch.preparing = preparing);
                    }
                    Err(_) => words = words + &line + "\n",
                }
            }
            words
        };
        let answers = child.stdout.take();
        let take = async {
            let Some(answers) = answers else {
                return Ok(());
            };
            let mut answers = tokio::io::BufReader::with_capacity(1 << 16, answers).lines();
            let file = OpenOptions::new().append(true).create(true).open(output);
            let mut kept = BufWriter::new(file.map_err(Failure::io("write", output))?);
            let (begun, before) = (Instant::now(), tagged.documents);
            // Answers come many at a time, with long pauses between: the first of them says nothing of the speed, so
            // what came is reported a moment later, whether or not more follows.
            let mut since: Option<Instant> = None;
            loop {
                let due = since.map_or(PROGRESS_INTERVAL, |since| {
                    PROGRESS_INTERVAL.saturating_sub(since.elapsed())
                });
                tokio::select! {
                    answer = answers.next_line() => {
                        let answer = answer.map_err(Failure::io("hear", self.engine.program()))?;
                        let Some(line) = answer else { break };
                        tagged.add(&line)?;
                        writeln!(kept, "{line}").map_err(Failure::io("write", output))?;
                        since.get_or_insert_with(Instant::now);
                        if !due.is_zero() && tagged.documents < total {
                            continue;
                        }
                    }
                    () = tokio::time::sleep(due), if since.is_some() => {}
                }
                kept.flush().map_err(Failure::io("write", output))?;
                since = None;
                let rate = f64::from(tagged.documents - before) / begun.elapsed().as_secs_f64();
                self.change(id, |batch| {
                    batch.done = tagged.documents;
                    batch.labels.clone_from(&tagged.labels);
                    let rest = f64::from(total.saturating_sub(tagged.documents));
                    batch.seconds_left = (rate > 0.0).then_some(rest / rate);
                });
            }
            kept.flush().map_err(Failure::io("write", output))
        };
        let (words, taken) = tokio::join!(listen, take);
        let status = child
            .wait()
            .await
            .map_err(Failure::io("hear", self.engine.program()))?;
        taken?;
        match status.success() {
            true => Ok(()),
            false => Err(ended(status, b"", &words)),
        }
    }
}

fn count_lines(path: &Path) -> Result<u32, Failure> {
    let mut source = BufReader::with_capacity(
        1 << 18,
        File::open(path).map_err(Failure::io("read", path))?,
    );
    let mut number = 0;
    loop {
        match source
            .skip_until(b'\n')
            .map_err(Failure::io("read", path))?
        {
            0 => return Ok(number),
            _ => number += 1,
        }
    }
}

/// What was tagged before. A line that a kill cut off is taken away.
fn resume(path: &Path) -> Result<Tagged, Failure> {
    let mut tagged = Tagged::default();
    let file = match File::options().read(true).write(true).open(path) {
        Ok(file) => file,
        Err(failure) if failure.kind() == std::io::ErrorKind::NotFound => return Ok(tagged),
        Err(failure) => return Err(Failure::io("read", path)(failure)),
    };
    let mut source = BufReader::with_capacity(1 << 18, &file);
    let mut line = Vec::new();
    let mut whole = 0;
    loop {
        line.clear();
        let read = source
            .read_until(b'\n', &mut line)
            .map_err(Failure::io("read", path))?;
        let text = std::str::from_utf8(&line).unwrap_or_default();
        if read == 0 || !line.ends_with(b"\n") || tagged.add(text.trim_end()).is_err() {
            break;
        }
        whole += read as u64;
    }
    file.set_len(whole).map_err(Failure::io("write", path))?;
    Ok(tagged)
}

/// The byte at which a line begins, from 0.
fn offset_of(path: &Path, line: u32) -> Result<u64, Failure> {
    let file = File::open(path).map_err(Failure::io("read", path))?;
    let mut source = BufReader::with_capacity(1 << 18, file);
    let mut at = 0;
    for _ in 0..line {
        at += source
            .skip_until(b'\n')
            .map_err(Failure::io("read", path))? as u64;
    }
    Ok(at)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_kill_cut_off_is_tagged_again() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("output.jsonl");
        assert_eq!(resume(&path).unwrap().documents, 0);
        let line = |text: &str| {
            format!(
                "{{\"text\":\"{text}\",\"entities\":[{{\"start\":0,\"end\":1,\"label\":\"X\",\"text\":\"a\",\"score\":0.5}}]}}\n"
            )
        };
        let whole = line("a") + &line("b");
        std::fs::write(&path, format!("{whole}{{\"text\": \"c\", \"ent")).unwrap();
        let tagged = resume(&path).unwrap();
        assert_eq!((tagged.documents, tagged.labels["X"]), (2, 2));
        assert_eq!(std::fs::read_to_string(&path).unwrap(), whole);
        assert_eq!(offset_of(&path, 1).unwrap(), line("a").len() as u64);
        assert_eq!(count_lines(&path).unwrap(), 2);
    }
}
