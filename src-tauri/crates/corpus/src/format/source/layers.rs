//! One choice of what is read for all files of a data set that have layers of annotations: chosen by each
//! file on its own, the entities of one would be those of another's layer.

use std::fs;
use std::io::Read;
use std::path::Path;

use super::container::{Container, Member};
use super::types::Described;
use crate::format::layers::Summary;
use crate::format::{ReadError, cas, text, webanno};
use crate::formats::FormatName;
use crate::issue::Issue;
use crate::options::ReadOptions;

/// The options with what is read of all files, which is reported where there are several with layers.
pub(super) fn choose(
    container: &mut Container,
    members: &[(&'static str, Member)],
    types: &Described,
    options: &ReadOptions,
    reported: &mut Vec<Issue>,
) -> Result<ReadOptions, ReadError> {
    let mut all: Option<Summary> = None;
    let mut files = 0;
    for (_, member) in members.iter().filter(|_| members.len() > 1) {
        let path = container.path.join(&member.name);
        options.go_on(&path)?;
        let Some(found) = summary(container, member, types, options) else {
            continue;
        };
        files += 1;
        match &mut all {
            Some(all) => all.add_file(found),
            None => all = Some(found),
        }
    }
    let Some(all) = all.filter(|_| files > 1) else {
        return Ok(options.clone());
    };
    let (choice, mut issues) = all.choose(&container.path, options)?;
    reported.append(&mut issues);
    Ok(ReadOptions {
        around: options.around.with_layers(choice),
        ..options.clone()
    })
}

/// The options for a file, with the types that are described beside it.
pub(super) fn with_types(options: &ReadOptions, types: &Described, name: &Path) -> ReadOptions {
    ReadOptions {
        around: options.around.with_types(types.of(name)),
        ..options.clone()
    }
}

/// What there is in the layers of a member; `None` where it has none. What is wrong with it is found when it
/// is read.
fn summary(
    container: &mut Container,
    member: &Member,
    types: &Described,
    options: &ReadOptions,
) -> Option<Summary> {
    let read = match options.format {
        None => None,
        Some(FormatName::WebAnno) => Some(FormatName::WebAnno),
        Some(FormatName::UimaCas) => Some(FormatName::UimaCas),
        Some(_) => return None,
    };
    let ending = member.name.extension().unwrap_or_default();
    const TABLES: [&str; 6] = ["parquet", "arrow", "feather", "spacy", "jsonl", "ndjson"];
    if TABLES
        .iter()
        .any(|table| ending.eq_ignore_ascii_case(table))
    {
        return None;
    }
    let path = container.path.join(&member.name);
    if let Some(head) = head(&path) {
        may_have_layers(&head).then_some(())?;
    }
    let content = container.load(member).ok()?;
    let decoded = text::decode(&path, &content, options.encoding.as_deref()).ok()?;
    let own = with_types(options, types, &member.name);
    let of_tsv = || webanno::summary(&path, &decoded.text, &own);
    let of_cas = || cas::summary(&path, &decoded.text, &own);
    match read {
        Some(FormatName::WebAnno) => of_tsv(),
        Some(_) => of_cas(),
        None => of_tsv().or_else(of_cas),
    }
}

/// The first bytes of a file; `None` where it lies in an archive.
fn head(path: &Path) -> Option<Vec<u8>> {
    const HEAD: u64 = 1 << 14;
    let mut head = Vec::new();
    let file = fs::File::open(path).ok()?;
    file.take(HEAD).read_to_end(&mut head).ok()?;
    Some(head)
}

/// Going by the first bytes, which are packed perhaps.
fn may_have_layers(head: &[u8]) -> bool {
    let packed = head.starts_with(b"\x1f\x8b") || head.starts_with(b"PK");
    let has = |part: &[u8]| memchr::memmem::find(head, part).is_some();
    let xmi = || has(b":XMI");
    // Of a CAS in JSON nothing is sure to be in the head.
    let json = || head.trim_ascii_start().starts_with(b"{") && has(b"\"%");
    // Two bytes for a character.
    let wide = || head.starts_with(b"\xff\xfe") || head.starts_with(b"\xfe\xff");
    packed || has(b"#FORMAT=WebAnno TSV 3") || xmi() || json() || wide()
}
