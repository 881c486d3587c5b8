//! Which label of an old model means the same as one of new data, and which outputs of its head a new head starts
//! from.

use crate::error::Error;
use crate::tags::TagSet;
use tagsmith_corpus::{Position, Tag};
use tagsmith_encoder::Config;
use tagsmith_protocol::{HeadStart, TrainConfig};

/// Names that data sets give to the same kind of entity.
const SYNONYMS: &[&[&str]] = &[
    &["PER", "PERS", "PERSON", "PEOPLE"],
    &["ORG", "ORGANIZATION", "ORGANISATION"],
    &["LOC", "LOCATION", "PLACE"],
    &["MISC", "MISCELLANEOUS"],
    &["PROD", "PRODUCT"],
    &["LANG", "LANGUAGE"],
    &["FAC", "FACILITY"],
    &["CHEM", "CHEMICAL"],
    &["DIS", "DISEASE"],
    &["PERCENT", "PERCENTAGE"],
    &["WORK OF ART", "WORKOFART"],
];

/// A key that is equal for labels that mean the same: in upper case, with spaces between words, and the first of
/// its synonyms.
fn meaning(label: &str) -> String {
    let plain = label.to_uppercase().replace(['_', '-'], " ");
    let known = SYNONYMS.iter().find(|names| names.contains(&&*plain));
    known.map_or(plain, |names| names[0].to_owned())
}

/// The labels of `new` that continue one of `old`, as (new, old): of the same name, else of another name for the
/// same. No old label is continued twice.
pub(crate) fn continued(new: &[String], old: &[String]) -> Vec<(String, String)> {
    let mut pairs: Vec<(String, String)> = new
        .iter()
        .filter(|label| old.contains(label))
        .map(|label| (label.clone(), label.clone()))
        .collect();
    for label in new {
        let is_free = |it: &&String| pairs.iter().all(|(new, old)| new != label && old != *it);
        let mut same = old.iter().filter(|it| meaning(it) == meaning(label));
        if let Some(found) = same.find(is_free) {
            pairs.push((label.clone(), found.clone()));
        }
    }
    pairs
}

/// Where a new head starts.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct HeadPlan {
    /// For each output of the new head that of the old one which it starts from.
    pub rows: Vec<Option<usize>>,
    /// The labels that are continued, as (new, old).
    pub continued: Vec<(String, String)>,
}

impl HeadPlan {
    /// That of a run.
    ///
    /// # Errors
    /// The configuration of the base model cannot be read.
    pub fn of(config: &TrainConfig, tags: &TagSet) -> Result<Self, Error> {
        Ok(match config.head_start {
            HeadStart::Fresh => Self::fresh(tags),
            HeadStart::Auto | HeadStart::OldLabels => {
                Self::new(tags, Config::from_folder(&config.model)?.labels())
            }
        })
    }

    /// All outputs start from random numbers.
    pub fn fresh(new: &TagSet) -> Self {
        Self {
            rows: vec![None; new.len()],
            continued: Vec::new(),
        }
    }

    /// Outputs start from those for the same tag of a continued label, in an old head with outputs of these names.
    pub fn new(new: &TagSet, old: &[String]) -> Self {
        if let Some(rows) = same_names(new.names(), old) {
            let labels = new.labels().into_iter();
            return Self {
                rows,
                continued: labels.map(|label| (label.clone(), label)).collect(),
            };
        }
        let Ok(old) = TagSet::from_names(old.to_vec(), None) else {
            return Self::fresh(new);
        };
        let continued = continued(&new.labels(), &old.labels());
        if continued.is_empty() {
            return Self::fresh(new);
        }
        let row = |tag: &Tag| match tag {
            Tag::Outside => Some(old.outside()),
            Tag::Entity(position, label) => {
                let (_, label) = continued.iter().find(|(new, _)| new == label)?;
                let mut nearest = nearest(*position).into_iter();
                nearest.find_map(|position| old.id(&Tag::Entity(position, label.clone())))
            }
        };
        Self {
            rows: (0..new.len()).map(|id| row(new.tag(id))).collect(),
            continued,
        }
    }
}

/// For each name its place among the old ones, where both are the same set.
fn same_names(new: &[String], old: &[String]) -> Option<Vec<Option<usize>>> {
    if new.len() != old.len() {
        return None;
    }
    let place = |name: &String| old.iter().position(|other| other == name);
    new.iter().map(|name| place(name).map(Some)).collect()
}

/// A position and those that are nearest to it in another scheme, the nearest first.
fn nearest(position: Position) -> [Position; 3] {
    use Position::{Begin, End, Inside, Single};
    match position {
        Begin => [Begin, Single, Inside],
        Inside => [Inside, End, Begin],
        End => [End, Inside, Begin],
        Single => [Single, Begin, Inside],
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use tagsmith_corpus::Scheme;

    fn names(text: &str) -> Vec<String> {
        text.split(' ').map(str::to_owned).collect()
    }

    #[test]
    fn the_same_name_comes_before_another_for_the_same() {
        let pairs = |new: &str, old: &str| {
            let pairs = continued(&names(new), &names(old)).into_iter();
            let words: Vec<String> = pairs.map(|(new, old)| format!("{new}<{old}")).collect();
            words.join(" ")
        };
        assert_eq!(
            pairs("PERSON location GENE", "LOC PER"),
            "PERSON<PER location<LOC"
        );
        assert_eq!(pairs("PER PERSON", "PERSON PERS"), "PERSON<PERSON PER<PERS");
        assert_eq!(pairs("PER PERSON", "PERSON"), "PERSON<PERSON");
        assert_eq!(
            pairs("work_of_art", "WORK-OF-ART"),
            "work_of_art<WORK-OF-ART"
        );
        assert_eq!(pairs("GENE", "PER"), "");
    }

    #[test]
    fn outputs_start_from_the_nearest_tag_of_another_scheme() {
        let new = TagSet::new(&names("GENE PERSON"), Scheme::Bioes);
        let plan = HeadPlan::new(&new, &names("B-PER I-PER O"));
        for (id, row) in plan.rows.iter().enumerate() {
            let expected = match new.names()[id].as_str() {
                "O" => Some(2),
                "B-PERSON" | "S-PERSON" => Some(0),
                "I-PERSON" | "E-PERSON" => Some(1),
                _ => None,
            };
            assert_eq!(*row, expected, "{}", new.names()[id]);
        }
        let whole = TagSet::new(&names("PER"), Scheme::Iob2);
        let rows = |old: &str| HeadPlan::new(&whole, &names(old)).rows;
        assert_eq!(rows("PER O"), [Some(1), Some(0), Some(0)]);
        assert_eq!(rows("I-PER O B-PER"), [Some(1), Some(2), Some(0)]);
        assert_eq!(rows("B-LOC I-LOC O"), [None, None, None]);
        assert_eq!(rows("LABEL_0 LABEL_1"), [None, None, None]);
    }
}
