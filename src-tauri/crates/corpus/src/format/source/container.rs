//! The files of a folder or an archive, sorted by what their names say they are.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::io::Cursor;
use std::path::{Path, PathBuf};

use crate::format::source::annotators;
use crate::format::source::names::{Kind, in_order, kind, split_within};
use crate::format::source::unpack::{self, Zip};
use crate::format::{ReadError, features, jsonl, load, table};
use crate::issue::{Issue, IssueCode, Severity};
use crate::options::ReadOptions;

/// A document of a brat collection: its name, its text, its annotations.
pub(in crate::format) type Pair = (PathBuf, Vec<u8>, Vec<u8>);

/// A file that may hold data.
pub(super) struct Member {
    /// Within the container.
    pub name: PathBuf,
    /// Taken from its name, or from its folder within the container.
    pub split: Option<&'static str>,
    /// Its ending is one of data files.
    pub named_as_data: bool,
}

pub(super) struct Container<'a> {
    pub path: PathBuf,
    pub data: Vec<Member>,
    /// Texts of brat with their annotations.
    pub pairs: Vec<PathBuf>,
    /// Names, and why they hold no data.
    pub ignored: Vec<(String, String)>,
    descriptions: Vec<PathBuf>,
    /// What says which files of their folder are a data set of `datasets`.
    states: Vec<PathBuf>,
    zip: Option<Zip<'a>>,
    /// It is a whole project of INCEpTION: its files are people's annotations of the same texts.
    project: bool,
}

/// Folders in folders that are looked into.
const DEEPEST: usize = 6;
/// Files in one container.
const MOST_FILES: usize = 200_000;

impl<'a> Container<'a> {
    pub fn folder(path: &Path) -> Result<Self, ReadError> {
        let mut names = Vec::new();
        walk(path, Path::new(""), 0, &mut names)?;
        Ok(Self::sorted(path, names, None))
    }

    pub fn zip<T: AsRef<[u8]> + ?Sized>(
        path: &Path,
        content: Cursor<&'a T>,
    ) -> Result<Self, ReadError> {
        let zip = Zip::open(path, Cursor::new(content.into_inner().as_ref()))?;
        let names: Vec<PathBuf> = zip
            .names()
            .into_iter()
            .filter(|name| !name.starts_with("__MACOSX/"))
            .map(PathBuf::from)
            .collect();
        let office = ["[Content_Types].xml", "META-INF/manifest.xml"];
        if names
            .iter()
            .any(|name| office.iter().any(|office| name == Path::new(office)))
        {
            return Err(ReadError::Unsupported {
                file: path.into(),
                what: "a document or spreadsheet of an office program",
                instead: "export the table as CSV, and the text as plain text",
            });
        }
        Ok(Self::sorted(path, names, Some(zip)))
    }

    fn sorted(path: &Path, mut names: Vec<PathBuf>, zip: Option<Zip<'a>>) -> Self {
        let mut container = Self {
            path: path.into(),
            data: Vec::new(),
            pairs: Vec::new(),
            ignored: Vec::new(),
            descriptions: Vec::new(),
            states: Vec::new(),
            zip,
            project: annotators::is_project(names.iter()),
        };
        names.sort_by_cached_key(|name| in_order(name));
        let all: BTreeSet<&PathBuf> = names.iter().collect();
        let beside = |name: &Path, ending: &str| all.contains(&name.with_extension(ending));
        let brat = names.iter().any(|name| kind(name) == Kind::Annotations);
        let is_text = |name: &Path| name.extension().is_some_and(|ending| ending == "txt");
        for name in &names {
            let mut ignore = |why: &str| {
                let shown = name.to_string_lossy().into_owned();
                container.ignored.push((shown, why.into()));
            };
            if container.project {
                match annotators::ignored_in_project(name) {
                    Some(why) => ignore(why),
                    None => container.data.push(Member {
                        name: name.clone(),
                        split: None,
                        named_as_data: true,
                    }),
                }
                continue;
            }
            match kind(name) {
                Kind::Data(_) if is_text(name) && beside(name, "ann") => {
                    container.pairs.push(name.clone());
                }
                Kind::Data(_) if is_text(name) && brat => {
                    ignore("it is a text without a file of annotations next to it");
                }
                Kind::Data(named_as_data) => container.data.push(Member {
                    name: name.clone(),
                    split: split_within(name),
                    named_as_data,
                }),
                Kind::Annotations if beside(name, "txt") => {}
                Kind::Annotations => ignore("its text, a `.txt` of the same name, is not there"),
                Kind::Description => container.descriptions.push(name.clone()),
                Kind::State => {
                    container.states.push(name.clone());
                    ignore("it holds settings");
                }
                Kind::Ignored(why) => ignore(why),
            }
        }
        container
    }

    /// What a person would call the data files in it.
    pub fn units(&self) -> Vec<String> {
        let shown = |name: &Path| name.to_string_lossy().into_owned();
        if self.project {
            return vec![shown(&self.path)];
        }
        // The parts of one table count as one.
        let parts = self
            .data
            .iter()
            .map(|member| without_part(&shown(&member.name)));
        let mut names: Vec<String> = parts.collect();
        names.dedup();
        let splits: BTreeSet<_> = self.pairs.iter().map(|name| split_within(name)).collect();
        if !names.is_empty() || splits.len() > 1 {
            names.extend(self.pairs.iter().map(|name| shown(name)));
        }
        names
    }

    /// The content of a member, unpacked.
    pub fn load(&mut self, member: &Member) -> Result<Cow<'static, [u8]>, ReadError> {
        let path = self.path.join(&member.name);
        let bytes = self.bytes(&member.name)?;
        if self.project && unpack::is_zip(&bytes) {
            return Ok(Cow::Owned(inner(&path, &bytes)?));
        }
        let unpacked = match unpack::layers(&path, &bytes)? {
            Cow::Borrowed(_) => None,
            Cow::Owned(content) => Some(content),
        };
        Ok(Cow::Owned(unpacked.unwrap_or(bytes)))
    }

    fn bytes(&mut self, name: &Path) -> Result<Vec<u8>, ReadError> {
        let path = self.path.join(name);
        match &mut self.zip {
            Some(zip) => zip.load(&name.to_string_lossy(), &path),
            None => load(&path),
        }
    }

    /// The documents of a brat collection, by their splits.
    pub fn brat(&mut self) -> Result<Vec<(&'static str, Vec<Pair>)>, ReadError> {
        let mut splits: BTreeMap<&'static str, Vec<Pair>> = BTreeMap::new();
        for name in std::mem::take(&mut self.pairs) {
            let (text, annotations) =
                (self.bytes(&name)?, self.bytes(&name.with_extension("ann"))?);
            let split = split_within(&name).unwrap_or("train");
            let pair = (self.path.join(&name), text, annotations);
            splits.entry(split).or_default().push(pair);
        }
        Ok(splits.into_iter().collect())
    }

    /// Gives each data file its split. One whose name says nothing is training data, unless other
    /// files are that by their names: then its split is unknown.
    pub fn assign(&mut self, reported: &mut Vec<Issue>) -> Vec<(&'static str, Member)> {
        let members = std::mem::take(&mut self.data);
        let trains = members.iter().any(|member| member.split == Some("train"));
        let some = members.iter().any(|member| member.split.is_some());
        let mut assigned = Vec::new();
        for member in members {
            let path = self.path.join(&member.name);
            let mut add_issue = |severity, code, message: &str, fix: &str| {
                reported.push(Issue::new(severity, code, &path, 0, message).fix(fix));
            };
            match member.split {
                Some(split) => assigned.push((split, member)),
                None if trains => add_issue(
                    Severity::Warning,
                    IssueCode::FileIgnored,
                    "left out: its name says no split, and other files are named `train`",
                    "put `train`, `dev` or `test` into its name, or name it on its own",
                ),
                None => {
                    if some {
                        add_issue(
                            Severity::Info,
                            IssueCode::SplitGuessed,
                            "its name says no split; it is taken for training data, because no other file is",
                            "put `train`, `dev` or `test` into its name",
                        );
                    }
                    assigned.push(("train", member));
                }
            }
        }
        assigned
    }

    /// Takes out the files that hold the texts of labels which lie in another one.
    pub fn leave_texts(&mut self) -> Result<(), ReadError> {
        let ending = |name: &Path| {
            let ending = name.extension().unwrap_or_default().to_string_lossy();
            ending.to_lowercase()
        };
        let labels = ["json", "jsonl", "manifest", "csv"];
        let others = self
            .data
            .iter()
            .any(|member| !labels.contains(&&*ending(&member.name)));
        if !others {
            return Ok(());
        }
        let mut texts: BTreeSet<String> = BTreeSet::new();
        for at in 0..self.data.len() {
            let name = self.data[at].name.clone();
            if !labels.contains(&&*ending(&name)) {
                continue;
            }
            let bytes = self.bytes(&name)?;
            let Ok(content) = std::str::from_utf8(&bytes) else {
                continue;
            };
            texts.extend(match ending(&name) == "csv" {
                true => table::refers(content),
                false => jsonl::refers(&self.path.join(&name), content),
            });
        }
        if !texts.is_empty() {
            let ends: Vec<PathBuf> = texts
                .iter()
                .map(|text| PathBuf::from(text.rsplit("://").next().unwrap_or(text)))
                .collect();
            self.data.retain(|member| {
                let name = member.name.as_path();
                !ends
                    .iter()
                    .any(|end| end.ends_with(name) || name.ends_with(end))
            });
        }
        Ok(())
    }

    /// With what an archive says of the columns of its files; those of a folder find it beside them.
    pub fn described(&mut self, options: &ReadOptions) -> Result<ReadOptions, ReadError> {
        let mut folders = Vec::new();
        for name in std::mem::take(&mut self.descriptions) {
            if self.zip.is_some()
                && let Some(described) = features::described(&self.bytes(&name)?)
            {
                let folder = name.parent().unwrap_or(Path::new(""));
                folders.push((self.path.join(folder), described));
            }
        }
        Ok(ReadOptions {
            around: options.around.with_columns(folders),
            ..options.clone()
        })
    }

    /// Takes out what `datasets` left in the folder of a data set that it saved: its caches, and parts of
    /// one that was saved there before.
    pub fn leave_stale(&mut self) -> Result<(), ReadError> {
        for state in std::mem::take(&mut self.states) {
            let Some(files) = features::data_files(&self.bytes(&state)?) else {
                continue;
            };
            let folder = state.parent().unwrap_or(Path::new(""));
            let is_stale = |member: &Member| {
                let name = member.name.file_name().unwrap_or_default();
                let is_arrow = member.name.extension().is_some_and(|end| end == "arrow");
                let listed = files.iter().any(|file| Path::new(file) == name);
                is_arrow && member.name.parent() == Some(folder) && !listed
            };
            let (stale, kept) = std::mem::take(&mut self.data)
                .into_iter()
                .partition(is_stale);
            self.data = kept;
            self.ignored.extend(stale.into_iter().map(|member: Member| {
                let shown = member.name.to_string_lossy().into_owned();
                (
                    shown,
                    "`state.json` does not name it: it is a cache, or older than the data".into(),
                )
            }));
        }
        Ok(())
    }
}

/// The name of a file without the number of its part: `train-00002-of-00004.parquet`.
fn without_part(name: &str) -> String {
    let Some((before, of)) = name.split_once("-of-") else {
        return name.into();
    };
    match before.trim_end_matches(|c: char| c.is_ascii_digit()) {
        first if first.len() < before.len() && first.ends_with('-') => format!("{first}*-of-{of}"),
        _ => name.into(),
    }
}

/// The data file in an archive of a project, which holds one, and perhaps the types beside it.
fn inner(path: &Path, bytes: &[u8]) -> Result<Vec<u8>, ReadError> {
    let mut zip = Zip::open(path, Cursor::new(bytes))?;
    let names = zip.names();
    let types = |name: &&String| name.to_lowercase().ends_with("typesystem.xml");
    let data: Vec<&String> = names.iter().filter(|name| !types(name)).collect();
    match data[..] {
        [only] => zip.load(only, path),
        _ => Err(ReadError::Archive {
            file: path.into(),
            message: format!(
                "it holds {} files where one annotation should be",
                data.len()
            ),
        }),
    }
}

/// Adds the files below a folder; links that go round in a circle end at [`DEEPEST`].
fn walk(
    root: &Path,
    below: &Path,
    depth: usize,
    names: &mut Vec<PathBuf>,
) -> Result<(), ReadError> {
    let folder = root.join(below);
    let unreadable = |source| ReadError::Unreadable {
        file: folder.clone(),
        source,
    };
    for entry in fs::read_dir(&folder).map_err(unreadable)? {
        let entry = entry.map_err(unreadable)?;
        let name = below.join(entry.file_name());
        let path = root.join(&name);
        if !path.is_dir() {
            names.push(name);
        } else if depth < DEEPEST && !entry.file_name().to_string_lossy().starts_with('.') {
            walk(root, &name, depth + 1, names)?;
        }
        if names.len() > MOST_FILES {
            return Err(ReadError::Archive {
                file: root.into(),
                message: format!("it holds more than {MOST_FILES} files"),
            });
        }
    }
    Ok(())
}
