//! Flushing files and folders to disk.

use std::cell::RefCell;
use std::fs::{File, Metadata};
use std::io;
use std::path::Path;

/// Makes the names in a folder survive a power cut: a rename is only safe once they are on the disk. Only
/// Unix can and needs to be asked for it.
///
/// # Errors
/// Any error of the file system.
pub fn flush_folder(folder: &Path) -> io::Result<()> {
    match cfg!(unix) {
        true => flush(&File::open(folder)?),
        false => Ok(()),
    }
}

pub(crate) fn flush(file: &File) -> io::Result<()> {
    FLUSHED.with_borrow_mut(|flushed| {
        if let Some(flushed) = flushed {
            flushed.push(file.metadata()?);
        }
        io::Result::Ok(())
    })?;
    file.sync_all()
}

thread_local!(static FLUSHED: RefCell<Option<Vec<Metadata>>> = const { RefCell::new(None) });

/// The files and folders that `work` flushes in this thread, in order. For tests: nothing else shows a
/// flush.
#[doc(hidden)]
pub fn flushed_by(work: impl FnOnce()) -> Vec<Metadata> {
    FLUSHED.set(Some(Vec::new()));
    work();
    FLUSHED.take().unwrap_or_default()
}
