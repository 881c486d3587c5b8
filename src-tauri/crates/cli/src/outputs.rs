//! What a command may write to: nothing that it reads, nothing but regular files, and nothing that exists
//! unless that was asked for.

use crate::error::CommandError;
use std::fs;
use std::path::Path;

/// Refuses a file to be written before anything is. Not even `--force` (`replace`) lets a command put its
/// output in the place of an input, or of a device or a pipe.
pub fn check(output: &Path, inputs: &[&Path], replace: bool) -> Result<(), CommandError> {
    let Ok(there) = fs::metadata(output) else {
        return Ok(());
    };
    if !there.is_file() {
        let what = if there.is_dir() {
            "is a folder"
        } else {
            "is not a regular file"
        };
        return Err(CommandError::new(
            format!("`{}` {what}", output.display()),
            "name a file to write; it need not exist",
        ));
    }
    if let Some(input) = inputs.iter().find(|input| holds(input, output)) {
        return Err(CommandError::new(
            match input.is_dir() {
                true => format!(
                    "`{}` is inside `{}`, which is read",
                    output.display(),
                    input.display()
                ),
                false => format!("`{}` is read, and would be replaced", output.display()),
            },
            "name another file to write: what is read is never changed",
        ));
    }
    unless_there(output, replace)
}

/// Refuses a file or a folder that is there, unless it may be replaced.
pub fn unless_there(output: &Path, replace: bool) -> Result<(), CommandError> {
    if replace || !output.exists() {
        return Ok(());
    }
    Err(CommandError::new(
        format!("`{}` exists already", output.display()),
        "name another file, or replace it with --force",
    ))
}

/// Is the output the input, under whatever name, or a file in the folder that is the input?
fn holds(input: &Path, output: &Path) -> bool {
    if input.is_dir() {
        let full = |path: &Path| fs::canonicalize(path).ok();
        return full(input)
            .zip(full(output))
            .is_some_and(|(folder, file)| file.starts_with(folder));
    }
    same_file(input, output)
}

#[cfg(unix)]
fn same_file(a: &Path, b: &Path) -> bool {
    use std::os::unix::fs::MetadataExt;
    let identity = |path: &Path| {
        fs::metadata(path)
            .ok()
            .map(|found| (found.dev(), found.ino()))
    };
    identity(a).is_some_and(|found| Some(found) == identity(b))
}

#[cfg(not(unix))]
fn same_file(a: &Path, b: &Path) -> bool {
    let full = |path: &Path| fs::canonicalize(path).ok();
    full(a).is_some_and(|found| Some(found) == full(b))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What a refusal says, or nothing.
    fn said(output: &Path, inputs: &[&Path], replace: bool) -> String {
        let refused = check(output, inputs, replace).err();
        refused.map_or_else(String::new, |failure| failure.message)
    }

    #[test]
    fn an_input_is_never_an_output_whatever_it_is_called() {
        let folder = tempfile::tempdir().unwrap();
        let at = |name: &str| folder.path().join(name);
        fs::write(at("in"), "a").unwrap();
        fs::write(at("other"), "a").unwrap();
        fs::create_dir(at("set")).unwrap();
        fs::write(at("set/train.conll"), "a").unwrap();
        let inputs = [&*at("in"), &*at("set")];
        assert!(said(&at("in"), &inputs, true).contains("is read"));
        assert!(said(&at("set/../in"), &inputs, true).contains("is read"));
        assert!(said(&at("set/train.conll"), &inputs, true).contains("which is read"));
        assert!(said(&at("set"), &inputs, true).contains("is a folder"));
        assert_eq!(said(&at("set/new.conll"), &inputs, true), "");
        assert_eq!(said(&at("other"), &inputs, true), "");
        assert!(said(&at("other"), &inputs, false).contains("exists already"));
        assert_eq!(said(&at("new"), &inputs, false), "");
    }

    #[cfg(unix)]
    #[test]
    fn links_and_devices_are_seen_through() {
        let folder = tempfile::tempdir().unwrap();
        let at = |name: &str| folder.path().join(name);
        fs::write(at("in"), "a").unwrap();
        std::os::unix::fs::symlink(at("in"), at("soft")).unwrap();
        fs::hard_link(at("in"), at("hard")).unwrap();
        for name in ["soft", "hard"] {
            assert!(
                said(&at(name), &[&at("in")], true).contains("is read"),
                "{name}"
            );
            assert!(
                said(&at("in"), &[&at(name)], true).contains("is read"),
                "{name}"
            );
        }
        let null = said(Path::new("/dev/null"), &[], true);
        assert!(null.contains("not a regular file"), "{null}");
    }
}
