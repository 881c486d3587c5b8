//! `tagsmith models search|download|list|inspect|remove`.

use crate::args::{Models, Search};
use crate::error::CommandError;
use crate::{Done, output, signal};
use indicatif::{HumanDuration, ProgressBar, ProgressDrawTarget, ProgressStyle};
use serde::Serialize;
use serde_json::Value;
use std::path::Path;
use std::time::Duration;
use tagsmith_hub::{
    AdapterSummary, Cancel, Hub, HubConfig, HubError, Library, ModelEntry, Progress, Query,
    ResolveError, State, block_on, inspect, parse_id,
};

pub fn run(command: Models, json: bool) -> Result<Done, CommandError> {
    match command {
        Models::Search(search) => find(search, json),
        Models::Download { model } => download(&model, json),
        Models::List => list(json),
        Models::Inspect { model } => describe(&model, json),
        Models::Remove { model, .. } => remove(&model, json),
    }
}

fn refused(failure: HubError) -> CommandError {
    CommandError::of(&failure)
}

fn hub(library: &Library) -> Result<Hub, CommandError> {
    Hub::new(HubConfig::resolve(library)).map_err(refused)
}

/// Waits for an answer of the Hub.
fn ask<F: Future>(work: F) -> Result<F::Output, CommandError> {
    block_on(work)
        .map_err(|failure| CommandError::plain(format!("cannot use the network: {failure}")))
}

fn find(search: Search, json: bool) -> Result<Done, CommandError> {
    let query = Query {
        text: search.query,
        author: search.author,
        task: search.task,
        language: search.language,
        sort: search.sort,
        trainable: !search.all,
        limit: search.limit.into(),
        offset: 0,
    };
    let hub = hub(&Library::open())?;
    let page = ask(hub.search(&query))?.map_err(refused)?;
    if json {
        output::json(&page)?;
        return Ok(Done::Completely);
    }
    if page.models.is_empty() {
        output::line("no model fits")?;
    }
    for model in &page.models {
        let about = [
            model.model_type.as_deref().unwrap_or("unknown family"),
            model.license.as_deref().unwrap_or("no licence stated"),
            if model.gated { "gated" } else { "" },
            if model.trainable {
                ""
            } else {
                "cannot be fine-tuned"
            },
        ];
        let about: Vec<&str> = about.into_iter().filter(|part| !part.is_empty()).collect();
        output::line(format!(
            "{:48}  {:>11} downloads  {:.10}  {}",
            model.id,
            model.downloads,
            model.updated,
            about.join(", ")
        ))?;
    }
    if page.more {
        output::aside("there are more: narrow the search, or raise --limit");
    }
    Ok(Done::Completely)
}

/// What `models download --json` prints at the end.
#[derive(Serialize)]
struct Downloaded<'a> {
    model: &'a str,
    path: &'a Path,
}

fn download(model: &str, json: bool) -> Result<Done, CommandError> {
    let library = Library::open();
    let hub = hub(&library)?;
    let cancel = Cancel::default();
    stop_on_interrupt(&cancel);
    let bar = bar(json);
    let listen = |progress: Progress| show(&bar, &progress);
    let done = ask(hub.download(model, &library, &cancel, listen))?;
    bar.finish_and_clear();
    let path = match done {
        Ok(path) => path,
        Err(HubError::Cancelled) => {
            output::aside("stopped; what has arrived is kept: download it again to continue");
            return Ok(Done::Stopped);
        }
        Err(failure) => return Err(refused(failure)),
    };
    // An old name leads to the model's present one, so the folder has its current name.
    let entries = library.models();
    let entry = entries.iter().find(|entry| entry.path == path);
    let name = entry.map_or(model, |entry| entry.name.as_str());
    match json {
        true => output::json(&Downloaded {
            model: name,
            path: &path,
        })?,
        false => output::line(format!("{name}  {}", path.display()))?,
    }
    Ok(Done::Completely)
}

/// The first Ctrl-C stops the download, which is kept; the second ends at once.
fn stop_on_interrupt(cancel: &Cancel) {
    let cancel = cancel.clone();
    let listening = ctrlc::set_handler(move || {
        if cancel.is_cancelled() {
            std::process::exit(signal::STOPPED.into());
        }
        cancel.cancel();
    });
    if let Err(failure) = listening {
        output::aside(format!("warning: Ctrl-C will end at once: {failure}"));
    }
}

/// A bar of bytes on stderr, hidden where the output is for machines or stderr is no terminal.
fn bar(json: bool) -> ProgressBar {
    let target = match json {
        true => ProgressDrawTarget::hidden(),
        false => ProgressDrawTarget::stderr_with_hz(10),
    };
    let style = ProgressStyle::with_template("{msg} {wide_bar} {bytes}/{total_bytes}  {prefix}")
        .expect("the template is well-formed");
    ProgressBar::with_draw_target(Some(0), target).with_style(style)
}

fn show(bar: &ProgressBar, progress: &Progress) {
    bar.set_length(progress.total);
    bar.set_position(progress.bytes);
    bar.set_message(match progress.state {
        State::Waiting => "waiting",
        State::Running => "downloading",
        State::Verifying => "checking",
        State::Done => "done",
    });
    let rate = output::bytes(progress.bytes_per_second as u64);
    bar.set_prefix(match progress.eta_seconds {
        Some(left) => {
            let left = Duration::try_from_secs_f64(left).unwrap_or(Duration::MAX);
            format!("{rate}/s  {} left", HumanDuration(left))
        }
        None => String::new(),
    });
}

/// A model with its size.
#[derive(Serialize)]
struct Listed {
    #[serde(flatten)]
    entry: ModelEntry,
    bytes: u64,
}

fn list(json: bool) -> Result<Done, CommandError> {
    let library = Library::open();
    let models: Vec<Listed> = library
        .models()
        .into_iter()
        .map(|entry| Listed {
            bytes: library.size(&entry),
            entry,
        })
        .collect();
    if json {
        output::json(&models)?;
        return Ok(Done::Completely);
    }
    if models.is_empty() {
        output::line(format!(
            "no models in `{}`",
            library.models_folder().display()
        ))?;
    }
    for Listed { entry, bytes } in models {
        let size = output::bytes(bytes);
        output::line(format!(
            "{:40}  {size:>11}  {}",
            entry.name,
            entry.path.display()
        ))?;
    }
    for left in library.partial_downloads() {
        let size = output::bytes(left.bytes);
        let state = match left.running {
            true => "is being downloaded",
            false => {
                "is partly downloaded: `models download` continues, `models remove` deletes it"
            }
        };
        output::aside(format!("note: `{}` {state} ({size})", left.id));
    }
    Ok(Done::Completely)
}

fn remove(model: &str, json: bool) -> Result<Done, CommandError> {
    let freed = Library::open()
        .remove(model)
        .map_err(|failure| CommandError::of(&failure))?;
    match json {
        true => output::json(&serde_json::json!({"model": model, "freed_bytes": freed}))?,
        false => output::line(format!("removed `{model}`: {} freed", output::bytes(freed)))?,
    }
    Ok(Done::Completely)
}

fn describe(model: &str, json: bool) -> Result<Done, CommandError> {
    let library = Library::open();
    if let Some(adapter) = library.adapter(model) {
        return describe_adapter(model, &adapter, &library, json);
    }
    let summary = match library.resolve(model) {
        Ok(folder) => {
            let summary = inspect(&folder).map_err(|failure| CommandError::of(&failure))?;
            serde_json::to_value(&summary)?
        }
        Err(failure) if is_on_the_hub(model, &failure) => {
            let details = ask(hub(&library)?.details(model))?.map_err(refused)?;
            serde_json::to_value(&details)?
        }
        Err(failure) => {
            return Err(CommandError::of(&failure).with_code("model"));
        }
    };
    show_facts(&summary, json)
}

/// An adapter is no model yet, and becomes one only when it is used. One that cannot become one is an error,
/// after what there is to say of it.
fn describe_adapter(
    model: &str,
    adapter: &AdapterSummary,
    library: &Library,
    json: bool,
) -> Result<Done, CommandError> {
    show_facts(&serde_json::to_value(adapter)?, json)?;
    if let Some(merged) = &adapter.model {
        let name = merged
            .strip_prefix(library.home())
            .unwrap_or(merged)
            .display();
        output::aside(match adapter.is_merged {
            true => format!(
                "note: it has been merged with its base model into `{name}`, which `tagsmith train` takes"
            ),
            false => {
                format!("note: `tagsmith train` would merge it with its base model into `{name}`")
            }
        });
        return Ok(Done::Completely);
    }
    match library.resolve(model) {
        Err(failure) => Err(CommandError::of(&failure).with_code("model")),
        Ok(_) => Ok(Done::Completely),
    }
}

fn show_facts(summary: &Value, json: bool) -> Result<Done, CommandError> {
    if json {
        output::json(summary)?;
        return Ok(Done::Completely);
    }
    let facts = facts(summary);
    let width = facts.iter().map(|(name, _)| name.len()).max();
    let width = width.unwrap_or_default();
    for (name, value) in facts {
        output::line(format!("{name:width$}  {value}"))?;
    }
    Ok(Done::Completely)
}

/// Whether something that is not on this machine may be a model on the Hub.
fn is_on_the_hub(model: &str, failure: &ResolveError) -> bool {
    let absent = matches!(
        failure,
        ResolveError::UnknownName { .. } | ResolveError::NoSuchFolder { .. }
    );
    let path = model.starts_with(['.', '/', '~']);
    absent && !path && model.contains('/') && parse_id(model).is_ok()
}

/// The summary's own names and values, nested ones as `outer inner`; what is empty is left out.
fn facts(summary: &Value) -> Vec<(String, String)> {
    let Value::Object(fields) = summary else {
        return Vec::new();
    };
    let mut facts = Vec::new();
    for (name, value) in fields {
        let name = name.replace('_', " ");
        match value {
            Value::Null => {}
            Value::Array(items) if items.is_empty() => {}
            Value::Array(items) => {
                let named =
                    |item: &Value| plain(item.get("path").or(item.get("message")).unwrap_or(item));
                let items: Vec<String> = items.iter().map(named).collect();
                facts.push((name, items.join(", ")));
            }
            Value::Object(_) => facts.extend(facts_of_part(&name, value)),
            Value::Number(bytes) if name == "bytes" => {
                facts.push((name, output::bytes(bytes.as_u64().unwrap_or_default())));
            }
            other => facts.push((name, plain(other))),
        }
    }
    facts
}

fn facts_of_part(name: &str, part: &Value) -> Vec<(String, String)> {
    facts(part)
        .into_iter()
        .map(|(inner, value)| (format!("{name} {inner}"), value))
        .collect()
}

/// A value without JSON's quotation marks.
fn plain(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        Value::Bool(true) => "yes".into(),
        Value::Bool(false) => "no".into(),
        other => other.to_string(),
    }
}
