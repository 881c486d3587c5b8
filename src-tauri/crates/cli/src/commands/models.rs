//! `tagsmith models list|inspect`.

use crate::args::Models;
use crate::commands::model_folder;
use crate::failure::Failure;
use crate::{Done, output};
use tagsmith_hub::{Library, inspect};

pub fn run(command: Models, json: bool) -> Result<Done, Failure> {
    match command {
        Models::List => list(json),
        Models::Inspect { model } => describe(&model, json),
    }
}

fn list(json: bool) -> Result<Done, Failure> {
    let library = Library::open();
    let models = library.models();
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
    for model in models {
        output::line(format!("{:24}  {}", model.name, model.path.display()))?;
    }
    Ok(Done::Completely)
}

fn describe(model: &str, json: bool) -> Result<Done, Failure> {
    let folder = model_folder(model)?;
    let summary =
        inspect(&folder).map_err(|failure| Failure::new(failure.to_string(), failure.hint()))?;
    if json {
        output::json(&summary)?;
        return Ok(Done::Completely);
    }
    // The summary's own names, one a line; lists and nested values stay JSON.
    if let serde_json::Value::Object(fields) = serde_json::to_value(&summary)? {
        for (name, value) in fields {
            let text = match value {
                serde_json::Value::String(text) => text,
                serde_json::Value::Null => continue,
                other => other.to_string(),
            };
            output::line(format!("{:20}  {text}", name.replace('_', " ")))?;
        }
    }
    Ok(Done::Completely)
}
