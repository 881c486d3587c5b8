//! One folder of headers, which is all that cubecl takes, from several.

use super::choice::{HALF, PRODUCTS, absent};
use std::io;
use std::path::{Path, PathBuf};

/// What kernels need of `mma.h` where an installation lacks [`PRODUCTS`].
const OWN_PRODUCTS: &str = include_str!("mma.h");

/// The folder whose subfolder `include` has the headers of all `folders`: the parent of the only one
/// where it is called that and has [`PRODUCTS`] too, else `made`, filled with links to them.
///
/// # Errors
/// `made` cannot be written, or this is no system with links for everyone.
pub(super) fn of_headers(folders: &[PathBuf], made: &Path) -> io::Result<PathBuf> {
    let has_products = absent(&PRODUCTS, folders).is_none();
    if let [only] = folders
        && has_products
        && only.ends_with("include")
        && let Some(parent) = only.parent()
    {
        return Ok(parent.into());
    }
    let include = made.join("include");
    if is_usable(&include) {
        return Ok(made.into());
    }
    // Made aside and put in place whole, so that another process sees all of it or nothing.
    std::fs::create_dir_all(made)?;
    let fresh = tempfile::tempdir_in(made)?;
    if !has_products {
        std::fs::write(fresh.path().join("mma.h"), OWN_PRODUCTS)?;
    }
    for folder in folders {
        for entry in std::fs::read_dir(folder)? {
            let entry = entry?;
            let link = fresh.path().join(entry.file_name());
            if link.symlink_metadata().is_err() {
                symlink(&entry.path(), &link)?;
            }
        }
    }
    // What an earlier one linked to is gone.
    let _ = std::fs::remove_dir_all(&include);
    let put = std::fs::rename(fresh.path(), &include);
    match is_usable(&include) {
        // By this process or by another one at the same time.
        true => Ok(made.into()),
        false => put.map(|()| made.into()),
    }
}

/// Whether a folder made earlier still serves: its links lead somewhere, and what is ours in it is as it
/// is now.
fn is_usable(include: &Path) -> bool {
    let whole = |headers: &[&'static str]| absent(headers, &[include.into()]).is_none();
    let is_ours =
        || std::fs::read_to_string(include.join("mma.h")).is_ok_and(|text| text == OWN_PRODUCTS);
    whole(&HALF) && (whole(&PRODUCTS) || is_ours())
}

#[cfg(unix)]
fn symlink(target: &Path, link: &Path) -> io::Result<()> {
    std::os::unix::fs::symlink(target, link)
}

#[cfg(not(unix))]
fn symlink(_: &Path, _: &Path) -> io::Result<()> {
    Err(io::Error::from(io::ErrorKind::Unsupported))
}
