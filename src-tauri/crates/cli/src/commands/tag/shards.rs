//! `tagsmith tag --shards`: a large input in parts, tagged by the tasks of a plan, on one machine or many.

use super::shard::Shard;
use super::{input_files, into_file, refuse_to_overwrite, sizes};
use crate::args::{Predicting, Tag};
use crate::commands::model_folder;
use crate::commands::plans::{needs_on, open, work_on_all, writing};
use crate::error::CommandError;
use crate::{Done, output};
use clap::ValueEnum;
use serde_json::{Value, json};
use std::ffi::OsString;
use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf, absolute};
use std::time::UNIX_EPOCH;
use tagsmith_files::write_bytes;
use tagsmith_plan::results::begin;
use tagsmith_plan::{Plan, PlanError, Task};

/// What the shards are parts of, and how they are tagged.
const INPUT: &str = "input.json";

/// The names of the files, one a line.
const FILES: &str = "files.txt";

pub fn run(args: &Tag, out: &Path, shards: u64, json: bool) -> Result<Done, CommandError> {
    refuse_to_overwrite(args, out)?;
    let named = input_files(args)?;
    sizes(&named)?;
    let files: Vec<String> = named
        .iter()
        .map(|path| full(path))
        .collect::<Result<_, _>>()?;
    let model = model_folder(&args.predicting.model)?;
    let options = options(args, &full(&model)?)?;
    let input = || -> Result<Value, CommandError> {
        let paths: Vec<PathBuf> = files.iter().map(PathBuf::from).collect();
        Ok(json!({
            "shards": shards,
            "options": options,
            "files": stamps(&paths)?,
            "model": stamps(&content(&model)?)?,
        }))
    };
    let folder = beside(out);
    let changed = |failure: PlanError| {
        CommandError::of(&failure).with_hint(format!(
            "give the same arguments to continue, or delete `{}` to begin anew",
            folder.display()
        ))
    };
    let now = input()?;
    let (mut plan, lock) = open(&folder, INPUT)?;
    begin(plan.folder(), INPUT, &now).map_err(changed)?;
    let list = plan.folder().join(FILES);
    write_bytes(&list, (files.join("\n") + "\n").as_bytes()).map_err(writing(&list))?;
    plan.add(Shard::all(shards).map(|shard| Task {
        id: name(shard, shards),
        arguments: [&["tag".into()], &options[..], &of_shard(shard, shards)].concat(),
        needs: needs_on(&args.predicting.device),
        after: Vec::new(),
        outputs: vec![lines(shard, shards).into()],
    }))?;
    if !work_on_all(&mut plan, &lock, &args.running, json)? {
        return Ok(Done::Stopped);
    }
    // Shards of files that changed meanwhile need not fit together.
    begin(plan.folder(), INPUT, &input()?).map_err(changed)?;
    into_file(out, |to| join(&plan, to))?;
    drop(lock);
    if let Err(failure) = fs::remove_dir_all(&folder) {
        output::aside(format!(
            "note: `{}` was not deleted: {failure}",
            folder.display()
        ));
    }
    if json {
        output::json_line(&json!({"event": "finished", "out": out}))?;
    }
    Ok(Done::Completely)
}

/// Writes what the tasks wrote, in order.
fn join(plan: &Plan, to: &mut dyn io::Write) -> Result<Done, CommandError> {
    for output in plan.tasks().iter().flat_map(|task| &task.outputs) {
        let path = plan.folder().join(output);
        let mut part = File::open(&path).map_err(CommandError::file("read", &path))?;
        io::copy(&mut part, to)?;
    }
    Ok(Done::Completely)
}

/// The folder of the plan, beside the output.
fn beside(out: &Path) -> PathBuf {
    let mut name = OsString::from(out);
    name.push(".shards");
    name.into()
}

/// The name of a shard's task, such as `shard-007`.
fn name(shard: Shard, of: u64) -> String {
    let digits = of.to_string().len();
    format!("shard-{:0digits$}", shard.number())
}

/// The file that a shard's task writes.
fn lines(shard: Shard, of: u64) -> String {
    name(shard, of) + ".jsonl"
}

/// What distinguishes a shard's task from the others.
fn of_shard(shard: Shard, of: u64) -> Vec<String> {
    let (number, out) = (shard.to_string(), lines(shard, of));
    let arguments = ["--files-from", FILES, "--shard", &number, "--out", &out];
    arguments.map(str::to_owned).to_vec()
}

/// The options of all tasks.
fn options(args: &Tag, model: &str) -> Result<Vec<String>, CommandError> {
    // Each stands here, so that a new one is not forgotten.
    let Predicting {
        model: _,
        decoding,
        model_scheme,
        batch_size,
        max_length,
        device,
        precision,
    } = &args.predicting;
    let decoding = serde_json::to_value(decoding)?;
    let precision = precision.to_possible_value().expect("no value is hidden");
    let mut options = vec![
        format!("--model={model}"),
        format!("--decoding={}", decoding.as_str().unwrap_or_default()),
        format!("--batch-size={batch_size}"),
        format!("--max-length={max_length}"),
        format!("--device={device}"),
        format!("--precision={}", precision.get_name()),
        format!("--threshold={}", args.threshold),
    ];
    options.extend(model_scheme.map(|scheme| format!("--model-scheme={scheme}")));
    options.extend(args.whole.then(|| "--whole".to_owned()));
    Ok(options)
}

/// A path that means the same in another folder, as text.
fn full(path: &Path) -> Result<String, CommandError> {
    let full = absolute(path).map_err(CommandError::file("find", path))?;
    match full.into_os_string().into_string() {
        Ok(text) if !text.contains(['\n', '\r']) => Ok(text),
        _ => Err(CommandError::new(
            format!(
                "the path `{}` is not UTF-8, or has a line break",
                path.display()
            ),
            "rename the file",
        )),
    }
}

/// The files in a model's folder, and in those of an ensemble's members within it.
fn content(folder: &Path) -> Result<Vec<PathBuf>, CommandError> {
    let reading = || CommandError::file("read", folder);
    let mut files = Vec::new();
    for entry in fs::read_dir(folder).map_err(reading())? {
        let path = entry.map_err(reading())?.path();
        match path.is_dir() {
            true => files.extend(content(&path)?),
            false => files.push(path),
        }
    }
    files.sort();
    Ok(files)
}

/// Path, size and time of change of each file, by which a changed one is known.
fn stamps(files: &[PathBuf]) -> Result<Value, CommandError> {
    let stamp = |path: &PathBuf| {
        let there = fs::metadata(path).map_err(CommandError::file("read", path))?;
        let time = there.modified().ok();
        let time = time.and_then(|time| time.duration_since(UNIX_EPOCH).ok());
        let nanoseconds = time.map(|time| time.as_nanos() as u64);
        Ok(json!({"path": path, "bytes": there.len(), "modified": nanoseconds}))
    };
    files.iter().map(stamp).collect()
}
