//! The licence that a model card names in its front matter.

use std::fs;
use std::path::Path;

/// The licence in `folder/README.md`, if it has a front matter that names one.
///
/// The front matter is YAML. Of it only `license: VALUE`, a list of one below `license:`, and
/// `license_name:` beside `license: other` occur, so these are read and no parser is needed.
pub(super) fn license(folder: &Path) -> Option<String> {
    let bytes = fs::read(folder.join("README.md")).ok()?;
    let text = String::from_utf8_lossy(&bytes);
    let mut lines = text.trim_start_matches('\u{feff}').lines();
    lines.next().filter(|first| first.trim_end() == "---")?;
    let front: Vec<&str> = lines.take_while(|line| line.trim_end() != "---").collect();
    let value = |key: &str| {
        let place = front.iter().position(|line| line.starts_with(key))?;
        let inline = front[place][key.len()..].trim();
        let below = || front.get(place + 1)?.trim_start().strip_prefix("- ");
        let found = if inline.is_empty() { below()? } else { inline };
        let found = found.trim().trim_matches(['"', '\'', '[', ']']);
        (!found.is_empty()).then(|| found.to_owned())
    };
    match value("license:")?.as_str() {
        "other" => value("license_name:").or_else(|| Some("other".into())),
        named => Some(named.into()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(card: &str, expected: Option<&str>) {
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join("README.md"), card).unwrap();
        assert_eq!(license(folder.path()).as_deref(), expected, "{card}");
    }

    #[test]
    fn reads_the_front_matter_only() {
        check(
            "---\nlanguage: en\nlicense: apache-2.0\n---\n# A\n",
            Some("apache-2.0"),
        );
        check("---\r\nlicense: \"mit\"\r\n---\r\n", Some("mit"));
        check("---\nlicense:\n- cc-by-4.0\n---\n", Some("cc-by-4.0"));
        check(
            "---\nlicense: other\nlicense_name: llama\n---\n",
            Some("llama"),
        );
        check("---\nlicense: other\n---\n", Some("other"));
        check("---\nlanguage: en\n---\nlicense: mit\n", None);
        check("# A\nlicense: mit\n", None);
        check("---\nlicense:\n---\n", None);
        check("", None);
    }
}
