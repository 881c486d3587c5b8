//! spaCy's span groups: named lists of spans beside the entities of a document, which are reported
//! where they are not read.

use std::collections::BTreeMap;
use std::path::Path;

use crate::issue::{Issue, IssueCode, Issues, Severity, excerpt};
use crate::options::{ColumnChoice, ReadOptions};

/// The span group that a person wants read in place of the entities.
pub(super) fn wanted(options: &ReadOptions) -> Option<&str> {
    match &options.tag_column {
        Some(ColumnChoice::Name(name)) => Some(name),
        _ => None,
    }
}

/// What there is in span groups that are not read: spans and documents by the name of the group.
#[derive(Debug, Default)]
pub(super) struct Ignored(BTreeMap<String, (usize, usize)>);

impl Ignored {
    /// Adds the groups of a document, each with how many spans it has, except for the one that is read.
    pub fn add<'n>(&mut self, groups: impl Iterator<Item = (&'n str, usize)>, read: Option<&str>) {
        for (name, spans) in groups.filter(|(name, _)| read != Some(*name)) {
            let (count, documents) = self.0.entry(excerpt(name)).or_default();
            *count += spans;
            *documents += 1;
        }
    }

    /// Says what was left out, where something was.
    pub fn tell(&self, path: &Path, issues: &mut Issues) {
        let Some(message) = self.message() else {
            return;
        };
        let name = self.0.keys().next().map_or("", String::as_str);
        let code = IssueCode::SpanGroupsIgnored;
        issues.push(
            Issue::new(Severity::Info, code, path, 0, message).fix(format!(
                "to read one of them in place of the entities, name it: `--tag-column {name}`"
            )),
        );
    }

    fn message(&self) -> Option<String> {
        let named = |(name, (spans, documents)): (&String, &(usize, usize))| {
            format!("`{name}` ({spans} spans in {documents} documents)")
        };
        let names: Vec<String> = self.0.iter().map(named).collect();
        (!names.is_empty()).then(|| {
            format!(
                "span groups beside the entities were left out: {}",
                names.join(", ")
            )
        })
    }

    /// The span groups that there are, for a message.
    pub fn available(&self) -> String {
        let names: Vec<String> = self.0.keys().map(|name| format!("`{name}`")).collect();
        match names.is_empty() {
            true => "no span groups".into(),
            false => format!("the span groups {}", names.join(", ")),
        }
    }
}
