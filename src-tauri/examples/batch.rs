//! Tags a file as *Tag files* of the window does, and says what memory that takes on both sides:
//! `batch MODEL_FOLDER FILE [FORMAT]`. Reads, tags, indexes, searches, and writes the results as `csv`, `jsonl`,
//! `parquet` or `html`. Memory is the peak of the processes, on Linux: this one stands for the window's native
//! half, the other is the engine.
#![allow(clippy::print_stdout, missing_docs, clippy::unwrap_used)]

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, Instant};
use tagsmith_desktop::batches::Batches;
use tagsmith_desktop::data::DataSets;
use tagsmith_desktop::dto::{BatchFile, BatchRequest, BatchStatus, DocumentQuery, SplitChoice};
use tagsmith_desktop::engine::Engine;
use tagsmith_hub::Library;

#[tokio::main]
async fn main() {
    let mut arguments = std::env::args().skip(1);
    let (model, file) = (arguments.next().unwrap(), arguments.next().unwrap());
    let format = arguments.next().unwrap_or_else(|| "csv".into());
    let folder = tempfile::tempdir().unwrap();
    let library = Library::at(folder.path().join("home"), folder.path().join("cache"));
    let named = library.models_folder().join("measured");
    std::fs::create_dir_all(&named).unwrap();
    for part in std::fs::read_dir(model).unwrap().flatten() {
        std::fs::copy(part.path(), named.join(part.file_name())).unwrap();
    }
    // Examples are built into a folder beside the programs.
    let here = std::env::current_exe().unwrap();
    let engine = Engine::at(here.ancestors().nth(2).unwrap().join("tagsmith"));
    let data = Arc::new(DataSets::open(&library, Arc::new(|_| ())));
    let batches = Batches::open(library, engine, Arc::new(|_| ()));

    let mut at = Instant::now();
    let begun = batches.start(request(&file), &data).unwrap();
    let (mut status, mut engine_peak) = (begun.status, 0);
    let batch = loop {
        tokio::time::sleep(Duration::from_millis(50)).await;
        engine_peak = engine_peak.max(children().filter_map(|id| peak(&id)).max().unwrap_or(0));
        let batch = batches.list().swap_remove(0);
        if batch.status != status {
            println!(
                "{status:<10?} {:>8.1?}  {} documents, {} MB here",
                at.elapsed(),
                batch.total,
                own()
            );
            (status, at) = (batch.status, Instant::now());
        }
        if !batches.is_busy() {
            break batch;
        }
    };
    println!("engine, peak memory {engine_peak} MB");
    assert_eq!(batch.status, BatchStatus::Finished, "{:?}", batch.failure);

    let query = DocumentQuery {
        split: SplitChoice::All,
        text: "an".into(),
        label: batch.labels.keys().next().cloned(),
        finding: None,
        offset: 0,
        limit: 100,
    };
    at = Instant::now();
    let found = batches.documents(&batch.id, &query).unwrap().total;
    println!(
        "search     {:>8.1?}  {found} found, {} MB here",
        at.elapsed(),
        own()
    );
    let to: PathBuf = folder.path().join("results");
    at = Instant::now();
    let format = serde_json::from_value(format.into()).unwrap();
    let all = DocumentQuery {
        text: String::new(),
        label: None,
        ..query
    };
    batches
        .export(&batch.id, &all, format, &to, &mut data.begin("export"))
        .unwrap();
    let bytes = std::fs::metadata(&to).unwrap().len();
    println!(
        "export     {:>8.1?}  {} MB of file, {} MB here",
        at.elapsed(),
        bytes / 1_000_000,
        own()
    );
}

fn request(file: &str) -> BatchRequest {
    BatchRequest {
        name: "measured".into(),
        model: "measured".into(),
        files: vec![BatchFile {
            path: file.into(),
            column: None,
        }],
        data: None,
        whole: false,
    }
}

/// The ids of the processes that this one started.
fn children() -> impl Iterator<Item = String> {
    let threads = std::fs::read_dir("/proc/self/task")
        .into_iter()
        .flatten()
        .flatten();
    let lists =
        threads.filter_map(|thread| std::fs::read_to_string(thread.path().join("children")).ok());
    lists.flat_map(|list| {
        list.split_whitespace()
            .map(str::to_owned)
            .collect::<Vec<_>>()
    })
}

fn own() -> u64 {
    peak("self").unwrap_or(0)
}

/// The most memory that a process held, in MB.
fn peak(process: &str) -> Option<u64> {
    let status = std::fs::read_to_string(Path::new("/proc").join(process).join("status")).ok()?;
    let kilobytes = status
        .lines()
        .find_map(|line| line.strip_prefix("VmHWM:"))?;
    Some(
        kilobytes
            .trim()
            .trim_end_matches(" kB")
            .parse::<u64>()
            .ok()?
            * 1024
            / 1_000_000,
    )
}
