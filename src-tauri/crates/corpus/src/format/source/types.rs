//! The descriptions of a CAS's types that lie in an archive or in a project of INCEpTION. Those in a folder are
//! found beside the file.

use std::collections::BTreeMap;
use std::io::Cursor;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::container::Container;
use super::unpack::{self, Zip};
use crate::format::{Types, load};

/// Descriptions by the folders in which they lie.
#[derive(Default)]
pub(super) struct Described(BTreeMap<PathBuf, Arc<Types>>);

impl Described {
    /// Those in an archive; in a project all files have the types of the first.
    pub fn of_zip(path: &Path, content: &[u8]) -> Self {
        let mut found = Self::default();
        let Ok(mut zip) = Zip::open(path, Cursor::new(content)) else {
            return found;
        };
        let names = zip.names();
        for name in names.iter().filter(|name| Types::is_name(Path::new(name))) {
            let folder = Path::new(name).parent().unwrap_or(Path::new(""));
            let bytes = zip.load(name, path).ok();
            found.add(folder, bytes.and_then(|bytes| Types::parse(&bytes)));
        }
        let packed = |name: &&String| name.starts_with("annotation/") && name.ends_with(".zip");
        if let Some(first) = names.iter().find(packed) {
            let bytes = zip.load(first, path).ok();
            found.add(Path::new(""), bytes.and_then(|bytes| inner(path, &bytes)));
        }
        found
    }

    /// Those in the archives of a project that lies unpacked in a folder.
    pub fn of_folder(container: &Container) -> Self {
        let mut found = Self::default();
        let ending = |name: &Path| name.extension().is_some_and(|ending| ending == "zip");
        let packed = container.data.iter().find(|member| ending(&member.name));
        if let Some(member) = packed {
            let path = container.path.join(&member.name);
            let bytes = load(&path).ok().filter(|bytes| unpack::is_zip(bytes));
            found.add(Path::new(""), bytes.and_then(|bytes| inner(&path, &bytes)));
        }
        found
    }

    fn add(&mut self, folder: &Path, types: Option<Types>) {
        if let Some(types) = types {
            self.0.insert(folder.into(), Arc::new(types));
        }
    }

    /// Those in the folder of a file, or in the nearest one around it.
    pub fn of(&self, name: &Path) -> Option<Arc<Types>> {
        let folders = name.ancestors().skip(1);
        folders
            .into_iter()
            .find_map(|folder| self.0.get(folder))
            .cloned()
    }
}

fn inner(path: &Path, bytes: &[u8]) -> Option<Types> {
    let mut zip = Zip::open(path, Cursor::new(bytes)).ok()?;
    let names = zip.names();
    let name = names.iter().find(|name| Types::is_name(Path::new(name)))?;
    Types::parse(&zip.load(name, path).ok()?)
}
