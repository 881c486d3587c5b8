//! What the environment says: variables, and where the Hugging Face tools keep their files.

use std::path::{Path, PathBuf, is_separator};

/// A variable that is set to something.
pub(crate) fn variable(name: &str) -> Option<String> {
    std::env::var(name)
        .ok()
        .map(|value| value.trim().to_owned())
        .filter(|value| !value.is_empty())
}

/// The path in a variable, with `~` and `$NAME` in it expanded as the Hugging Face tools do.
pub(crate) fn path(name: &str) -> Option<PathBuf> {
    let home = dirs::home_dir().map(|home| home.to_string_lossy().into_owned());
    let value = |name: &str| std::env::var(name).ok();
    variable(name).map(|path| expanded(&path, home.as_deref(), value).into())
}

/// As Python's `expandvars(expanduser(path))`: `~` before the first slash is the home folder, `$NAME` and
/// `${NAME}` are variables, and what is unknown stays as it is written. Another person's `~name` is left
/// alone.
fn expanded(path: &str, home: Option<&str>, value: impl Fn(&str) -> Option<String>) -> String {
    let own = path.strip_prefix('~').zip(home);
    let own = own.filter(|(rest, _)| rest.is_empty() || rest.starts_with(is_separator));
    let path = match own {
        Some(("", home)) => home.to_owned(),
        Some((rest, home)) => format!("{}{rest}", home.trim_end_matches(is_separator)),
        None => path.to_owned(),
    };
    let mut done = String::with_capacity(path.len());
    let mut rest = path.as_str();
    while let Some(at) = rest.find('$') {
        done.push_str(&rest[..at]);
        rest = &rest[at..];
        let behind = &rest[1..];
        let (name, length) = match behind.strip_prefix('{').and_then(|b| b.split_once('}')) {
            Some((name, _)) => (name, name.len() + 3),
            None => {
                let word = |c: char| !(c.is_ascii_alphanumeric() || c == '_');
                let end = behind.find(word).unwrap_or(behind.len());
                (&behind[..end], end + 1)
            }
        };
        match value(name).filter(|_| !name.is_empty()) {
            Some(value) => done.push_str(&value),
            None => done.push_str(&rest[..length]),
        }
        rest = &rest[length..];
    }
    done + rest
}

/// The words for yes that the Hugging Face tools know.
pub(crate) fn is_on(value: &str) -> bool {
    matches!(value.to_lowercase().as_str(), "1" | "true" | "yes" | "on")
}

/// The folder of the Hugging Face tools: `HF_HOME`, else in the cache.
pub(crate) fn hugging_face_home() -> Option<PathBuf> {
    let home = path("HF_HOME");
    let cache = || path("XDG_CACHE_HOME");
    // They use `~/.cache` on every system, not the platform's own folder.
    let usual = || dirs::home_dir().map(|home| home.join(".cache"));
    home.or_else(|| Some(cache().or_else(usual)?.join("huggingface")))
}

/// The standard cache of the Hugging Face tools.
pub(crate) fn hugging_face_cache() -> Option<PathBuf> {
    path("HF_HUB_CACHE")
        .or_else(|| path("HUGGINGFACE_HUB_CACHE"))
        .or_else(|| Some(hugging_face_home()?.join("hub")))
        .filter(|path| path != Path::new(""))
}

#[cfg(test)]
mod tests {
    use super::expanded;

    /// Expected values: Python 3.11's `os.path.expandvars(os.path.expanduser(path))`.
    #[test]
    fn paths_are_expanded_as_python_does() {
        let value = |name: &str| match name {
            "DATA" => Some("/data".to_owned()),
            "A" => Some("$B/~".to_owned()),
            "EMPTY" => Some(String::new()),
            _ => None,
        };
        for (path, expected) in [
            ("~/hf", "/home/ada/hf"),
            ("~", "/home/ada/"),
            ("/srv/~/hf", "/srv/~/hf"),
            ("~nobody-of-this-name/hf", "~nobody-of-this-name/hf"),
            ("$DATA/hub", "/data/hub"),
            ("${DATA}hub", "/datahub"),
            ("$DATA", "/data"),
            ("$DATAhub/x", "$DATAhub/x"),
            ("${NOT}/x$", "${NOT}/x$"),
            ("${DATA", "${DATA"),
            ("a$$DATA", "a$/data"),
            ("$A/x", "$B/~/x"),
            ("/x$EMPTY/é", "/x/é"),
            ("$/x", "$/x"),
            ("${}/x", "${}/x"),
        ] {
            assert_eq!(
                expanded(path, Some("/home/ada/"), value),
                expected,
                "{path}"
            );
        }
        assert_eq!(expanded("~/hf", None, value), "~/hf");
    }
}
