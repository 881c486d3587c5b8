//! The texts of brat with their annotations: those with endings in capitals, and which folders are several
//! people's annotations of the same texts.

use std::collections::{BTreeMap, BTreeSet};
use std::ffi::OsStr;
use std::path::{Path, PathBuf};

use super::container::{Container, Member, Pair};
use super::names::split_within;
use crate::format::ReadError;
use crate::issue::{Issue, IssueCode, Severity};

/// Takes the pairs out of a container whose endings are in capitals, `D0.TXT` and `D0.ANN`: texts whose
/// annotations were left aside because nothing of that very name was beside them.
pub(super) fn in_capitals(container: &mut Container) -> Vec<(PathBuf, PathBuf)> {
    let Container { data, ignored, .. } = container;
    let mut found = Vec::new();
    data.retain(|member| {
        let stem = member.name.with_extension("");
        let beside = ignored.iter().position(|(name, _)| {
            let name = Path::new(name);
            ends_with(name, "ann") && name.with_extension("") == stem
        });
        let Some(at) = beside.filter(|_| ends_with(&member.name, "txt")) else {
            return true;
        };
        let (annotations, _) = ignored.remove(at);
        found.push((member.name.clone(), annotations.into()));
        false
    });
    found
}

/// The documents of a brat collection, by their splits.
pub(super) fn load(
    container: &mut Container,
    capitals: Vec<(PathBuf, PathBuf)>,
) -> Result<Vec<(&'static str, Vec<Pair>)>, ReadError> {
    let mut splits = container.brat()?;
    for (name, annotations) in capitals {
        let split = split_within(&name).unwrap_or("train");
        let mut bytes = |name: &Path| {
            let member = Member {
                name: name.into(),
                split: None,
                named_as_data: true,
            };
            Ok::<_, ReadError>(container.load(&member)?.into_owned())
        };
        let (text, annotations) = (bytes(&name)?, bytes(&annotations)?);
        let pair = (container.path.join(&name), text, annotations);
        match splits.iter_mut().find(|(own, _)| *own == split) {
            Some((_, pairs)) => pairs.push(pair),
            None => splits.push((split, vec![pair])),
        }
    }
    Ok(splits)
}

/// Has a file this ending, in whatever case?
pub(super) fn ends_with(name: &Path, ending: &str) -> bool {
    name.extension()
        .is_some_and(|own| own.eq_ignore_ascii_case(ending))
}

/// People who annotate the same texts; more folders are one for each text.
const MOST: usize = 100;

/// The pairs as they are read: all together, or those of each folder where folders beside one another hold
/// the same texts under the same names, as people do who annotate a copy each.
pub(super) fn by_person(
    path: &Path,
    pairs: Vec<Pair>,
    reported: &mut Vec<Issue>,
) -> Vec<Vec<Pair>> {
    let mut texts: BTreeMap<&Path, BTreeMap<&OsStr, &[u8]>> = BTreeMap::new();
    for (name, text, _) in pairs.iter().filter(|(_, text, _)| !text.is_empty()) {
        let own = texts.entry(folder_of(name)).or_default();
        own.insert(name.file_name().unwrap_or_default(), text);
    }
    let mut texts: Vec<(&Path, BTreeMap<&OsStr, &[u8]>)> = texts.into_iter().collect();
    if texts.len() > MOST {
        texts.clear();
    }
    let mut people: BTreeSet<PathBuf> = BTreeSet::new();
    let mut alike: Vec<(&Path, &Path, usize)> = Vec::new();
    for (i, (one, own)) in texts.iter().enumerate() {
        for (other, theirs) in &texts[i + 1..] {
            let shared = own
                .iter()
                .filter_map(|(name, text)| Some((text, theirs.get(name)?)));
            let (mut same, mut differ) = (0, 0);
            shared.for_each(|(text, other)| match text == other {
                true => same += 1,
                false => differ += 1,
            });
            let most = same * 2 >= own.len().min(theirs.len());
            if same > 0 && differ == 0 && most && one.parent() == other.parent() {
                people.extend([one.to_path_buf(), other.to_path_buf()]);
            } else if same > 0 {
                alike.push((one, other, same));
            }
        }
    }
    for (one, other, same) in alike {
        let shown = |folder: &Path| {
            let name = folder.strip_prefix(path).unwrap_or(folder);
            format!("`{}`", name.display())
        };
        let message = format!(
            "{same} texts of {} are in {} as well; both are kept",
            shown(one),
            shown(other)
        );
        let fix = "where they are two people's annotations, put the same texts under the same names into a folder for each, beside one another";
        let code = IssueCode::SeveralAnnotators;
        reported.push(Issue::new(Severity::Warning, code, path, 0, message).fix(fix));
    }
    let mut rest = Vec::new();
    let mut read: Vec<Vec<Pair>> = people.iter().map(|_| Vec::new()).collect();
    for pair in pairs {
        let person = people
            .iter()
            .position(|person| person == folder_of(&pair.0));
        match person {
            Some(person) => read[person].push(pair),
            None => rest.push(pair),
        }
    }
    if !rest.is_empty() {
        read.push(rest);
    }
    read
}

fn folder_of(name: &Path) -> &Path {
    name.parent().unwrap_or(Path::new(""))
}
