//! What a list of mentions for augmentation holds, before a run uses it.

use crate::dto::{DataSet, ListedLabel, MentionList, Split};
use std::collections::BTreeMap;
use tagsmith_corpus::augment::read_mentions;
use tagsmith_protocol::{Failure, TrainSettings};

/// Mentions that are shown of each label.
const EXAMPLES: usize = 6;

/// What the list holds that settings name, beside the labels of a training set.
///
/// # Errors
/// They name none, or it cannot be read: the message names the first line that is no mention.
pub fn mentions(settings: &TrainSettings, set: Option<&DataSet>) -> Result<MentionList, Failure> {
    let path = settings
        .augment_mentions
        .as_deref()
        .ok_or_else(|| Failure::plain("no-list", "no list of mentions is chosen"))?;
    let read = read_mentions(path).map_err(|failure| {
        let issues = failure.issues();
        let Some(first) = issues.first() else {
            return Failure::from(failure);
        };
        let more = match issues.len() - 1 {
            0 => String::new(),
            1 => ", and 1 more line is wrong".into(),
            more => format!(", and {more} more lines are wrong"),
        };
        Failure {
            code: "data".into(),
            message: format!("line {}: {}{more}", first.line, first.message),
            hint: first.fix.clone(),
        }
    })?;
    if read.is_empty() {
        return Err(Failure::new(
            "data",
            format!("`{}` has no mention", path.display()),
            "each line must be a label, a tab and a mention",
        ));
    }
    let train = set.and_then(|set| {
        let mut files = set.check.files.iter();
        files.find(|file| file.split == Split::Train.name())
    });
    let mut labels: BTreeMap<&str, ListedLabel> = BTreeMap::new();
    for mention in &read {
        let label = labels.entry(&mention.label).or_insert_with(|| ListedLabel {
            label: mention.label.clone(),
            mentions: 0,
            examples: Vec::new(),
            is_known: train.map(|train| train.labels.contains_key(mention.label.as_str())),
        });
        label.mentions += 1;
        if label.examples.len() < EXAMPLES && !label.examples.contains(&mention.text) {
            label.examples.push(mention.text.clone());
        }
    }
    let mut labels: Vec<ListedLabel> = labels.into_values().collect();
    labels.sort_by_key(|label| std::cmp::Reverse(label.mentions));
    Ok(MentionList {
        mentions: u32::try_from(read.len()).unwrap_or(u32::MAX),
        labels,
    })
}
