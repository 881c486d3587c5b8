//! `tagsmith models list|inspect`.

use crate::args::Models;
use crate::commands::model_folder;
use crate::failure::Failure;
use crate::{Done, output};
use serde_json::Value;
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
    for (name, value) in facts(&serde_json::to_value(&summary)?) {
        output::line(format!("{name:26}  {value}"))?;
    }
    Ok(Done::Completely)
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
                let items: Vec<String> = items.iter().map(plain).collect();
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

#[cfg(test)]
mod tests {
    #[test]
    fn what_is_called_trainable_is_what_the_encoder_loads() {
        assert_eq!(tagsmith_hub::SUPPORTED, tagsmith_encoder::config::SUPPORTED);
    }
}
