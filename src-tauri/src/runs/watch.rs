//! Follows a run: its lines become events, its summary is kept up to date, the window hears of both.

use super::{Live, Shared, process, tidy};
use crate::dto::{AppEvent, Event, RunStatus, Stage, TimestampedEvent};
use crate::engine::{ended, lines};
use crate::following::LOOK;
use std::io::{Read, Seek, SeekFrom};
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;
use tagsmith_protocol::Failure;
use tokio::process::Child;
use tokio::sync::mpsc;
use tokio::time::MissedTickBehavior;

/// The window hears of a run this often at most: it draws what it hears on the processor that trains.
const PROGRESS_INTERVAL: Duration = Duration::from_millis(400);
/// More steps than this in one beat are thinned: no chart has more pixels.
const STEPS_PER_INTERVAL: usize = 50;
/// Lines between the reader and the follower.
const WAITING_LINES: usize = 1024;

/// Follows a child of this program to its end.
pub async fn child(shared: Arc<Shared>, live: Arc<Live>, mut child: Child) {
    let (sender, receiver) = mpsc::channel(WAITING_LINES);
    let output = child.stdout.take();
    let reader = tokio::spawn(async move {
        if let Some(output) = output {
            lines(output, sender).await;
        }
    });
    let mut follower = tokio::spawn(follow(shared.clone(), live.clone(), receiver));
    let status = loop {
        tokio::select! {
            status = child.wait() => break status,
            () = live.signals.killed() => {
                if let Err(failure) = child.start_kill() {
                    tracing::warn!("cannot end the run `{}`: {failure}", live.places.id());
                }
            }
        }
    };
    // A grandchild may keep the pipe open: the run has ended all the same.
    let quiet = tokio::time::timeout(Duration::from_secs(2), &mut follower).await;
    if quiet.is_err() {
        follower.abort();
    }
    reader.abort();
    let messages = std::fs::read_to_string(live.places.messages()).unwrap_or_default();
    close(&shared, &live, move || match status {
        Ok(status) => ended(status, b"", &messages),
        Err(failure) => Failure::plain("engine-died", failure.to_string()),
    });
}

/// Follows the log of a run that an earlier window started, until nobody holds it any more.
pub async fn adopted(shared: Arc<Shared>, live: Arc<Live>) {
    let mut at = 0;
    let mut rest = Vec::new();
    // What happened before is summed up in silence: the window asks for it when it wants to see it.
    for line in read_on(&live, &mut at, &mut rest) {
        if let Ok(event) = serde_json::from_str(&line) {
            live.change(|record| record.summary.take(&event));
        }
    }
    (shared.notify)(AppEvent::Run {
        run: Box::new(live.run()),
    });
    let (sender, receiver) = mpsc::channel(WAITING_LINES);
    let follower = tokio::spawn(follow(shared.clone(), live.clone(), receiver));
    loop {
        // Asked before the log is read, so that what it wrote last is read.
        let alive = live.places.is_alive() || live.is_held() || process_exists(&live);
        let whole = read_on(&live, &mut at, &mut rest);
        let news = !whole.is_empty();
        for line in whole {
            if sender.send(line).await.is_err() {
                break;
            }
        }
        if !alive && !news {
            break;
        }
        tokio::select! {
            () = tokio::time::sleep(LOOK) => {}
            () = live.signals.killed() => kill_process(&live),
        }
    }
    drop(sender);
    let _ = follower.await;
    close(&shared, &live, || {
        if let Some(failure) = live.failure_of_task() {
            return failure;
        }
        Failure::new(
            "engine-died",
            "the engine ended unexpectedly",
            "continue from the last checkpoint with Resume",
        )
    });
}

/// Whole new lines of the run's log since the last look.
fn read_on(live: &Live, at: &mut u64, rest: &mut Vec<u8>) -> Vec<String> {
    let mut read = || -> std::io::Result<()> {
        let mut log = std::fs::File::open(live.places.events())?;
        log.seek(SeekFrom::Start(*at))?;
        *at += log.read_to_end(rest)? as u64;
        Ok(())
    };
    if read().is_err() {
        return Vec::new();
    }
    let end = rest
        .iter()
        .rposition(|byte| *byte == b'\n')
        .map_or(0, |at| at + 1);
    let whole: Vec<u8> = rest.drain(..end).collect();
    String::from_utf8_lossy(&whole)
        .lines()
        .map(str::to_owned)
        .collect()
}

/// Whether the run's process is there, be it that its log is not locked yet: it reads model and data
/// first.
fn process_exists(live: &Live) -> bool {
    process::works_on(live.record().pid, &live.places.folder())
}

/// Ends the process of a run that is no child of ours.
fn kill_process(live: &Live) {
    match live.record().pid {
        Some(pid) if live.places.is_alive() || live.is_held() || process_exists(live) => {
            process::end(pid);
        }
        _ => tracing::warn!("the process of the run `{}` is unknown", live.places.id()),
    }
}

/// Reads events until the lines end.
async fn follow(shared: Arc<Shared>, live: Arc<Live>, mut lines: mpsc::Receiver<String>) {
    let mut beat = tokio::time::interval(PROGRESS_INTERVAL);
    beat.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let mut waiting: Vec<TimestampedEvent> = Vec::new();
    let mut garbled = 0_usize;
    loop {
        tokio::select! {
            line = lines.recv() => {
                let Some(line) = line else { break };
                match serde_json::from_str::<TimestampedEvent>(&line) {
                    Ok(event) => {
                        let last = event.event.is_last();
                        live.change(|record| record.summary.take(&event));
                        // While its device is tested it has no folder in which to hear of a stop.
                        if !matches!(event.event, Event::Preparing { stage: Some(Stage::Test), .. }) {
                            live.begun.store(true, Ordering::Relaxed);
                        }
                        if last || matches!(event.event, Event::Started { .. } | Event::Evaluated { .. }) {
                            live.save();
                        }
                        waiting.push(event);
                        if waiting.len() > STEPS_PER_INTERVAL * 20 {
                            thin(&mut waiting, STEPS_PER_INTERVAL);
                        }
                    }
                    Err(_) if line.trim().is_empty() => {}
                    Err(failure) => {
                        garbled += 1;
                        if garbled <= 3 {
                            let id = live.places.id();
                            let line: String = line.chars().take(120).collect();
                            tracing::warn!("run `{id}`: a line is not an event ({failure}): {line}");
                        }
                    }
                }
            }
            _ = beat.tick(), if !waiting.is_empty() => notify(&shared, &live, &mut waiting),
        }
    }
    if garbled > 3 {
        tracing::warn!("run `{}`: {garbled} lines were no events", live.places.id());
    }
    notify(&shared, &live, &mut waiting);
}

fn notify(shared: &Shared, live: &Live, waiting: &mut Vec<TimestampedEvent>) {
    if waiting.is_empty() {
        return;
    }
    thin(waiting, STEPS_PER_INTERVAL);
    let id = live.places.id().to_owned();
    (shared.notify)(AppEvent::Events {
        run: id,
        events: std::mem::take(waiting),
    });
    (shared.notify)(AppEvent::Run {
        run: Box::new(live.run()),
    });
}

/// Leaves out steps, evenly, where there are more than a window can show; nothing else.
pub fn thin(events: &mut Vec<TimestampedEvent>, most: usize) {
    let is_step = |event: &TimestampedEvent| matches!(event.event, Event::Step { .. });
    let steps = events.iter().filter(|event| is_step(event)).count();
    if steps <= most {
        return;
    }
    let every = steps.div_ceil(most);
    let mut number = 0;
    events.retain(|event| {
        if !is_step(event) {
            return true;
        }
        number += 1;
        number % every == 0 || number == steps
    });
}

/// The run's process has ended: what its events left open is settled.
fn close(shared: &Shared, live: &Live, failure: impl FnOnce() -> Failure) {
    live.change(|record| {
        record.pid = None;
        if record.summary.status == RunStatus::Running {
            match live.signals.is_killed() || live.was_stopped() {
                true => record.summary.end(RunStatus::Stopped, None),
                false => record.summary.end(RunStatus::Failed, Some(failure())),
            }
        }
    });
    let _ = std::fs::remove_file(live.places.stop());
    tidy(&shared.library, &live.places, live.record().summary.status);
    live.save();
    shared.live.forget(live.places.id());
    let run = live.run();
    tracing::info!("run `{}` ended: {:?}", run.id, run.status);
    if run.status == RunStatus::Failed
        && let Some(event) = super::record::last_word(&live.record().summary, crate::now())
        && live
            .places
            .past()
            .last()
            .is_none_or(|last| !last.event.is_last())
    {
        (shared.notify)(AppEvent::Events {
            run: run.id.clone(),
            events: vec![event],
        });
    }
    (shared.notify)(AppEvent::Run { run: Box::new(run) });
    live.signals.end();
}
