//! What must be right before the first window: the locale, and the renderer where drivers are at odds.

use std::path::Path;

/// Environment variables to be set, with the reason for the log.
pub type Fix = (&'static str, &'static str, &'static str);

/// What has to be fixed on this machine. On other systems than Linux nothing.
pub fn needed() -> Vec<Fix> {
    if !cfg!(target_os = "linux") {
        return Vec::new();
    }
    fixes(
        |name| std::env::var(name).ok().filter(|value| !value.is_empty()),
        Path::new("/proc/driver/nvidia/version").exists(),
    )
}

fn fixes(variable: impl Fn(&str) -> Option<String>, nvidia: bool) -> Vec<Fix> {
    const RENDERER: &str = "WEBKIT_DISABLE_DMABUF_RENDERER";
    let mut fixes = Vec::new();
    let locale = ["LC_ALL", "LC_MESSAGES", "LANG"]
        .into_iter()
        .find_map(&variable);
    // The web view makes of it `navigator.language`, and "C" is no language.
    let names_none = locale.is_none_or(|locale| {
        let language = locale.split(['.', '@']).next().unwrap_or_default();
        matches!(language, "C" | "POSIX" | "")
    });
    if names_none && variable("LANGUAGE").is_none() {
        fixes.push(("LANGUAGE", "en", "the locale names no language"));
    }
    if nvidia && variable(RENDERER).is_none() {
        fixes.push((
            RENDERER,
            "1",
            "with NVIDIA's driver some versions of WebKitGTK show a blank window",
        ));
    }
    fixes
}

/// Sets what is needed.
///
/// # Safety
/// No other thread may run yet: the environment of a process has no lock.
#[allow(unsafe_code, reason = "the standard library has no safe way")]
pub unsafe fn apply(fixes: &[Fix]) {
    for (name, value, _) in fixes {
        // SAFETY: the caller promises that there is no other thread.
        unsafe { std::env::set_var(name, value) };
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(variables: &[(&str, &str)], nvidia: bool) -> Vec<&'static str> {
        let variable = |name: &str| {
            let found = variables.iter().find(|(known, _)| *known == name);
            found.map(|(_, value)| (*value).to_owned())
        };
        fixes(variable, nvidia)
            .iter()
            .map(|(name, ..)| *name)
            .collect()
    }

    #[test]
    fn a_locale_without_language_does_not_blank_the_window() {
        assert_eq!(names(&[("LANG", "C.UTF-8")], false), ["LANGUAGE"]);
        assert_eq!(names(&[], false), ["LANGUAGE"]);
        assert_eq!(names(&[("LANG", "de_DE.UTF-8")], false), [""; 0]);
        assert_eq!(
            names(&[("LC_ALL", "C"), ("LANG", "de_DE.UTF-8")], false),
            ["LANGUAGE"]
        );
    }

    #[test]
    fn nvidia_with_webkitgtk_does_not_blank_the_window() {
        let english = ("LANG", "en_US.UTF-8");
        assert_eq!(names(&[english], true), ["WEBKIT_DISABLE_DMABUF_RENDERER"]);
        let chosen = ("WEBKIT_DISABLE_DMABUF_RENDERER", "0");
        assert_eq!(names(&[english, chosen], true), [""; 0]);
    }
}
