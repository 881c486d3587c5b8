//! What a person pasted, as the name of a model on the Hub and a revision.

use percent_encoding::percent_decode_str;
use url::Url;

use crate::HubError;

/// Hosts whose addresses are understood; that of `HF_ENDPOINT` is, too.
const HOSTS: &[&str] = &[
    "huggingface.co",
    "www.huggingface.co",
    "hf.co",
    "hf-mirror.com",
];

/// First parts of an address that lead to something else than a model.
const OTHERS: &[&str] = &[
    "datasets",
    "spaces",
    "docs",
    "papers",
    "collections",
    "blog",
    "tasks",
    "settings",
    "join",
    "login",
    "api",
    "organizations",
    "models",
];

/// The model that `text` names, as `ORG/NAME` or `NAME`, and the revision that it asks for.
///
/// Understands `ORG/NAME`, `ORG/NAME@REV` and addresses of the model's pages and files.
///
/// # Errors
/// It is no address of a model; the error says why.
pub fn parse_id(text: &str) -> Result<(String, Option<String>), HubError> {
    let text = text.trim();
    let wrong = |reason: &str| HubError::Address {
        text: text.chars().take(200).collect(),
        reason: reason.into(),
    };
    if text.is_empty() {
        return Err(wrong("it is empty"));
    }
    let (path, revision) = match page(text) {
        Some(address) => {
            let address = address.map_err(wrong)?;
            in_address(&address).map_err(wrong)?
        }
        None => match text.trim_end_matches('/').split_once('@') {
            Some((id, revision)) => (id.to_owned(), Some(revision.to_owned())),
            None => (text.trim_end_matches('/').to_owned(), None),
        },
    };
    check_id(&path).map_err(wrong)?;
    if let Some(revision) = &revision {
        check_revision(revision).map_err(wrong)?;
    }
    Ok((path, revision))
}

/// `text` as an address, where it is meant as one: with a scheme, or beginning with a known host.
fn page(text: &str) -> Option<Result<Url, &'static str>> {
    if let Some(id) = text.strip_prefix("hf://") {
        return Some(
            Url::parse(&format!("https://hf.co/{id}")).map_err(|_| "it is not an address"),
        );
    }
    let spelled = if text.contains("://") {
        text.to_owned()
    } else {
        let host = text.split('/').next().unwrap_or_default().to_lowercase();
        if !HOSTS.contains(&host.as_str()) {
            return None;
        }
        format!("https://{text}")
    };
    let Ok(address) = Url::parse(&spelled) else {
        return Some(Err("it is not an address"));
    };
    let mirror = std::env::var("HF_ENDPOINT")
        .ok()
        .and_then(|endpoint| Url::parse(&endpoint).ok());
    let host = address.host_str().unwrap_or_default();
    let known = HOSTS.contains(&host) || mirror.is_some_and(|it| it.host_str() == Some(host));
    Some(match address.scheme() {
        "http" | "https" if known => Ok(address),
        "http" | "https" => Err("it is not an address of the Hugging Face Hub"),
        _ => Err("it is not the address of a web page"),
    })
}

fn in_address(address: &Url) -> Result<(String, Option<String>), &'static str> {
    let parts: Vec<String> = address
        .path_segments()
        .into_iter()
        .flatten()
        .filter(|part| !part.is_empty())
        .map(|part| percent_decode_str(part).decode_utf8_lossy().into_owned())
        .collect();
    let parts: Vec<&str> = parts.iter().map(String::as_str).collect();
    let (id, rest) = match parts.as_slice() {
        [] => return Err("it names no model"),
        [first, ..] if OTHERS.contains(first) => return Err("it does not lead to a model"),
        // Models of the Hub's first years have no organisation in front.
        [
            name,
            view @ ("tree" | "blob" | "resolve" | "raw" | "commit" | "commits"),
            rest @ ..,
        ] => (split_revision(name), Some((*view, rest))),
        [name] => (split_revision(name), None),
        [owner, name, rest @ ..] => {
            let (name, revision) = split_revision(name);
            let id = (format!("{owner}/{name}"), revision);
            (id, rest.split_first().map(|(view, rest)| (*view, rest)))
        }
    };
    let (id, at) = id;
    let revision = match rest {
        Some(("tree" | "blob" | "resolve" | "raw" | "commit" | "commits", rest)) => match rest {
            // These revisions have slashes in them.
            ["refs", kind @ ("pr" | "convert"), name, ..] => Some(format!("refs/{kind}/{name}")),
            [revision, ..] => Some((*revision).to_owned()),
            [] => None,
        },
        _ => None,
    };
    Ok((id, revision.or(at)))
}

fn split_revision(name: &str) -> (String, Option<String>) {
    match name.split_once('@') {
        Some((name, revision)) => (name.into(), Some(revision.into())),
        None => (name.into(), None),
    }
}

/// Whether `id` is a name as the Hub gives them; no other may become part of a path.
pub(crate) fn check_id(id: &str) -> Result<(), &'static str> {
    let parts: Vec<&str> = id.split('/').collect();
    if parts.len() > 2 {
        return Err("a model's name is ORG/NAME");
    }
    for part in parts {
        let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.');
        if part.is_empty() || part.len() > 96 {
            return Err("a model's name is ORG/NAME");
        }
        if !part.chars().all(plain) {
            return Err("names have only letters, digits, `-`, `_` and `.`");
        }
        if part.starts_with(['.', '-']) || part.ends_with('.') {
            return Err("names do not begin with `.` or `-`, nor end with `.`");
        }
        if part.contains("..") || part.contains("--") {
            return Err("names have no `..` and no `--`");
        }
    }
    Ok(())
}

fn check_revision(revision: &str) -> Result<(), &'static str> {
    let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.' | '/' | '+');
    match !revision.is_empty()
        && revision.len() <= 200
        && revision.chars().all(plain)
        && !revision.contains("..")
    {
        true => Ok(()),
        false => Err("git does not accept this revision"),
    }
}

/// Whether `text` is a whole commit of git.
pub(crate) fn is_commit(text: &str) -> bool {
    text.len() == 40 && text.bytes().all(|byte| byte.is_ascii_hexdigit())
}

#[cfg(test)]
mod tests {
    use super::*;
    use tagsmith_protocol::Diagnose;

    #[test]
    fn understands_names_and_addresses() {
        let cases = [
            ("bert-base-cased", "bert-base-cased", None),
            (
                " google-bert/bert-base-cased/ ",
                "google-bert/bert-base-cased",
                None,
            ),
            (
                "dslim/bert-base-NER@v1.0",
                "dslim/bert-base-NER",
                Some("v1.0"),
            ),
            ("a/b@refs/pr/3", "a/b", Some("refs/pr/3")),
            (
                "https://huggingface.co/google-bert/bert-base-cased",
                "google-bert/bert-base-cased",
                None,
            ),
            (
                "https://huggingface.co/google-bert/bert-base-cased/?library=x#use",
                "google-bert/bert-base-cased",
                None,
            ),
            ("hf.co/a/b", "a/b", None),
            (
                "huggingface.co/bert-base-cased/tree/main",
                "bert-base-cased",
                Some("main"),
            ),
            (
                "http://www.huggingface.co/a/b/tree/dev/",
                "a/b",
                Some("dev"),
            ),
            (
                "https://huggingface.co/a/b/blob/abc123/config.json",
                "a/b",
                Some("abc123"),
            ),
            (
                "https://huggingface.co/a/b/resolve/main/x/y.bin?download=true",
                "a/b",
                Some("main"),
            ),
            (
                "https://huggingface.co/a/b/tree/refs%2Fpr%2F7",
                "a/b",
                Some("refs/pr/7"),
            ),
            (
                "https://huggingface.co/a/b/tree/refs/convert/parquet",
                "a/b",
                Some("refs/convert/parquet"),
            ),
            ("https://huggingface.co/a/b/discussions/4", "a/b", None),
            ("hf://a/b@main", "a/b", Some("main")),
        ];
        for (text, id, revision) in cases {
            let found = parse_id(text).unwrap();
            assert_eq!(found, (id.into(), revision.map(str::to_owned)), "{text}");
        }
    }

    #[test]
    fn refuses_what_is_no_model() {
        let cases = [
            ("", "empty"),
            ("a/b/c", "ORG/NAME"),
            ("../x", "begin"),
            ("a/..", "begin"),
            ("a/b..c", "`..`"),
            ("a--b/c", "`--`"),
            ("a\\b", "letters"),
            ("two words", "letters"),
            ("a/b@x y", "revision"),
            ("a/b@../../x", "revision"),
            ("https://huggingface.co/", "names no model"),
            (
                "https://huggingface.co/datasets/conll2003",
                "not lead to a model",
            ),
            (
                "https://example.org/a/b",
                "not an address of the Hugging Face Hub",
            ),
            ("ftp://huggingface.co/a/b", "web page"),
            ("https://huggingface.co/a/%2e%2e%2fx", "ORG/NAME"),
        ];
        for (text, reason) in cases {
            let failure = parse_id(text).unwrap_err();
            assert_eq!(failure.code(), "address");
            assert!(failure.to_string().contains(reason), "{text}: {failure}");
        }
    }
}
