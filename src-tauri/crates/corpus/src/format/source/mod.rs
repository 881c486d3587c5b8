//! Reads whatever a person may name: a file, a packed file, an archive or a folder of them.

mod annotators;
mod container;
mod join;
mod layers;
mod named_splits;
mod names;
mod pairs;
mod types;
mod unpack;

use std::borrow::Cow;
use std::io::Cursor;
use std::path::{Path, PathBuf};

pub(super) use names::split_named;
pub use names::split_of;
pub(super) use unpack::limit;

use container::{Container, Member};
use pairs::ends_with;
use types::Described;

use crate::dataset::{Corpus, Split};
use crate::format::{ReadError, brat, detect, load};
use crate::formats::FormatName;
use crate::issue::{Issue, IssueCode, Severity};
use crate::options::ReadOptions;

/// Reads a whole data set: a file, a packed one, an archive, or a folder whose files are
/// distinguished by their names. The splits come in the order `train`, `dev`, `test`; a single file is named by
/// its file name, and is `train` where that says nothing. Shards and several files of one split are
/// joined, files that hold no data are left out, and both are reported.
///
/// # Errors
/// Any of the data files cannot be read, or there is none.
pub fn read_all(path: &Path, options: &ReadOptions) -> Result<Vec<Split>, ReadError> {
    if path.is_dir() {
        return read_splits(Opened::folder(path)?, options, named_splits::apart);
    }
    let bytes = load(path)?;
    let content = unpack::layers(path, &bytes)?;
    if unpack::is_zip(&content) {
        let opened = Opened::zip(path, &content)?;
        return read_splits(opened, options, named_splits::apart);
    }
    let split = split_of(path).unwrap_or("train");
    let corpus = detect::read(path, &content, options)?;
    let splits = named_splits::apart(split, corpus);
    Ok(join::join_splits(path, splits, Vec::new()))
}

/// Reads the one data file that a path stands for.
pub(super) fn read_one(path: &Path, options: &ReadOptions) -> Result<Corpus, ReadError> {
    if path.is_dir() {
        return only(Opened::folder(path)?, options);
    }
    read_content(path, &load(path)?, options)
}

pub(super) fn read_content(
    path: &Path,
    bytes: &[u8],
    options: &ReadOptions,
) -> Result<Corpus, ReadError> {
    let content = unpack::layers(path, bytes)?;
    if unpack::is_zip(&content) {
        return only(Opened::zip(path, &content)?, options);
    }
    detect::read(path, &content, options).map(named_splits::as_one)
}

/// A folder or an archive, and what its files say of one another.
struct Opened<'a> {
    container: Container<'a>,
    /// Pairs of brat with endings in capitals, each a text and its annotations.
    capitals: Vec<(PathBuf, PathBuf)>,
    types: Described,
}

impl<'a> Opened<'a> {
    fn folder(path: &Path) -> Result<Self, ReadError> {
        let container = Container::folder(path)?;
        let types = Described::of_folder(&container);
        Ok(Self::new(container, types))
    }

    fn zip(path: &Path, content: &'a Cow<'a, [u8]>) -> Result<Self, ReadError> {
        let container = Container::zip(path, Cursor::new(content))?;
        Ok(Self::new(container, Described::of_zip(path, content)))
    }

    fn new(mut container: Container<'a>, types: Described) -> Self {
        let capitals = pairs::in_capitals(&mut container);
        annotators::leave_initial(&mut container);
        Self {
            container,
            capitals,
            types,
        }
    }
}

fn only(opened: Opened, options: &ReadOptions) -> Result<Corpus, ReadError> {
    let names = opened.container.units();
    if names.len() > 1 {
        return Err(ReadError::SeveralFiles {
            file: opened.container.path,
            names,
        });
    }
    let path = opened.container.path.clone();
    let as_one = |split, corpus| vec![(split, named_splits::as_one(corpus))];
    let mut splits = read_splits(opened, options, as_one)?;
    splits
        .pop()
        .map(|split| split.corpus)
        .ok_or(ReadError::NoData {
            file: path,
            ignored: Vec::new(),
        })
}

/// A member that may turn out to be no corpus.
enum Outcome {
    Read(Box<Corpus>),
    /// Text without labels, or something else that is none.
    Other(ReadError),
}

/// `parts` gives the splits of a file, where its records name some.
fn read_splits(
    opened: Opened,
    options: &ReadOptions,
    parts: impl Fn(&'static str, Corpus) -> Vec<(&'static str, Corpus)>,
) -> Result<Vec<Split>, ReadError> {
    let Opened {
        mut container,
        capitals,
        types,
    } = opened;
    if container.data.is_empty() && container.pairs.is_empty() && capitals.is_empty() {
        return Err(ReadError::NoData {
            file: container.path,
            ignored: container
                .ignored
                .into_iter()
                .map(|(name, _)| name)
                .collect(),
        });
    }
    let options = &container.described(options)?;
    container.leave_stale()?;
    container.leave_texts()?;
    let mut reported: Vec<Issue> = std::mem::take(&mut container.ignored)
        .into_iter()
        .map(|(name, why)| ignored(&container.path.join(name), Severity::Info, &why))
        .collect();
    let mut read: Vec<(&'static str, Corpus)> = Vec::new();
    let members = container.assign(&mut reported);
    let options = &layers::choose(&mut container, &members, &types, options, &mut reported)?;
    let mut others: Vec<(Member, ReadError)> = Vec::new();
    for (split, member) in members {
        let path = container.path.join(&member.name);
        options.go_on(&path)?;
        let bytes = container.load(&member)?;
        let own = &layers::with_types(options, &types, &member.name);
        match outcome(&path, &bytes, &member, own)? {
            Outcome::Read(corpus) => read.extend(parts(split, *corpus)),
            Outcome::Other(error) => others.push((member, error)),
        }
    }
    for (split, pairs) in pairs::load(&mut container, capitals)? {
        for own in pairs::by_person(&container.path, pairs, &mut reported) {
            read.push((split, brat::read_brat(&own, options)?));
        }
    }
    if read.is_empty() {
        read = running_text(&mut container, others, options)?;
    } else {
        for (member, error) in others {
            // A file that says by its name that it belongs to the data set must be readable.
            if member.split.is_some() {
                return Err(error);
            }
            let path = container.path.join(&member.name);
            reported.push(ignored(
                &path,
                Severity::Warning,
                "it is not a corpus that can be read here",
            ));
        }
    }
    let read = annotators::join(&container.path, read, options, &mut reported);
    Ok(join::join_splits(&container.path, read, reported))
}

fn outcome(
    path: &Path,
    bytes: &[u8],
    member: &Member,
    options: &ReadOptions,
) -> Result<Outcome, ReadError> {
    match detect::read(path, bytes, options) {
        Ok(corpus) => Ok(Outcome::Read(Box::new(corpus))),
        Err(error @ (ReadError::NotACorpus { .. } | ReadError::Empty { .. })) => {
            Ok(Outcome::Other(error))
        }
        // Any program may leave a file of its own in a folder; a data file is one by its name too.
        Err(error @ (ReadError::NotUtf8 { .. } | ReadError::Unsupported { .. }))
            if !member.named_as_data =>
        {
            Ok(Outcome::Other(error))
        }
        Err(error) => Err(error),
    }
}

/// A folder of nothing but `.txt` files that are no corpus is text without labels.
fn running_text(
    container: &mut Container,
    others: Vec<(Member, ReadError)>,
    options: &ReadOptions,
) -> Result<Vec<(&'static str, Corpus)>, ReadError> {
    let is_text = |member: &Member| ends_with(&member.name, "txt");
    if !others.iter().all(|(member, _)| is_text(member)) {
        let fault = others.into_iter().find(|(member, _)| !is_text(member));
        return fault.map_or(Ok(Vec::new()), |(_, error)| Err(error));
    }
    let options = ReadOptions {
        format: Some(FormatName::Text),
        ..options.clone()
    };
    let mut read = Vec::new();
    for (member, _) in others {
        let path = container.path.join(&member.name);
        let bytes = container.load(&member)?;
        match detect::read(&path, &bytes, &options) {
            Ok(corpus) => read.push((member.split.unwrap_or("train"), corpus)),
            Err(ReadError::Empty { .. }) => {}
            Err(error) => return Err(error),
        }
    }
    Ok(read)
}

fn ignored(path: &Path, severity: Severity, why: &str) -> Issue {
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    let message = format!("left aside: {why}");
    Issue::new(severity, IssueCode::FileIgnored, path, 0, message).found(name)
}
