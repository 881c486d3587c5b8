//! What is odd about a configuration and does not keep a model from being fine-tuned.

use super::Config;
use crate::Note;
use serde_json::Value;

/// Classes whose head is that of a base model, as how their names end, and the task of all others.
const BASE: &[&str] = &[
    "Model",
    "ForMaskedLM",
    "ForPreTraining",
    "ForTokenClassification",
];
const TASKS: &[(&str, &str)] = &[
    ("ForQuestionAnswering", "question answering"),
    ("ForSequenceClassification", "classifying whole texts"),
    ("ForMultipleChoice", "multiple choice"),
    (
        "ForNextSentencePrediction",
        "telling which sentence comes next",
    ),
];

impl Config {
    /// What a person should know of it.
    pub fn notes(&self) -> Vec<Note> {
        let mut notes = Vec::new();
        let class = self
            .raw
            .get("architectures")
            .and_then(|classes| classes[0].as_str());
        if let Some(class) = class.filter(|class| !BASE.iter().any(|end| class.ends_with(end))) {
            let mut tasks = TASKS.iter();
            let task = tasks.find(|(end, _)| class.ends_with(end));
            let task = task.map_or("another task", |(_, task)| task);
            notes.push(Note::new(
                "another-task",
                format!(
                    "it was made for {task} (`{class}`): a new head takes the place of its own"
                ),
            ));
        }
        let by_id = self.raw.get("id2label").and_then(Value::as_object);
        let labels = match &self.labels {
            Err(_) => Some(
                "its own labels cannot be read, as `id2label` is no list of names from 0 on: it can be fine-tuned for others",
            ),
            Ok(_) if by_id.is_some_and(|labels| labels.values().any(Value::is_number)) => {
                Some("its labels are numbers without names")
            }
            Ok(_) => None,
        };
        notes.extend(labels.map(|message| Note::new("labels-without-names", message)));
        notes
    }
}
