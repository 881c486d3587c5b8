//! What each finding says, word by word. `fixtures/check/CODE.txt` holds small files and everything
//! that is to be said about them under that code. `TAGSMITH_GOLDEN=write` renews the latter; read the
//! difference before committing it.

#![allow(clippy::unwrap_used)] // a failing helper fails its test

use std::fmt::Write;
use std::fs;
use std::ops::ControlFlow;
use std::path::Path;

use tagsmith_corpus::check::{CheckOptions, Model, Pieces, WordPieces, check_with};
use tagsmith_corpus::{Corpus, Issue, ReadOptions, read_bytes};

/// Latin words have a piece for each four letters; of others one is unknown; and what has no letter
/// or digit has none.
struct Short;

impl Pieces for Short {
    fn pieces(&self, words: &[&str]) -> Result<Vec<WordPieces>, String> {
        let each = |word: &&str| match word {
            word if !word.chars().any(char::is_alphanumeric) => WordPieces::default(),
            word if word.is_ascii() => WordPieces {
                pieces: word.len().div_ceil(4),
                unknown: 0,
            },
            _ => WordPieces {
                pieces: 1,
                unknown: 1,
            },
        };
        Ok(words.iter().map(each).collect())
    }
}

/// The files of a fixture and what is expected of them.
fn parts(fixture: &str) -> (Vec<(String, String)>, String) {
    let mut files: Vec<(String, String)> = Vec::new();
    for line in fixture.lines() {
        match line.strip_prefix("-- ") {
            Some(name) => files.push((name.into(), String::new())),
            None => writeln!(files.last_mut().unwrap().1, "{line}").unwrap(),
        }
    }
    let (name, expected) = files.pop().unwrap();
    assert_eq!(name, "expected");
    (files, expected)
}

fn said(issue: &Issue) -> String {
    let severity = serde_json::to_value(issue.severity).unwrap();
    let mut said = format!("{} {issue}\n", severity.as_str().unwrap());
    if let Some(fix) = &issue.fix {
        writeln!(said, "fix: {fix}").unwrap();
    }
    if let Some(why) = issue.why {
        writeln!(said, "why: {why}").unwrap();
    }
    if let Some(repair) = &issue.repair {
        writeln!(said, "repair: {}", serde_json::to_string(repair).unwrap()).unwrap();
    }
    said
}

#[test]
fn every_finding_says_what_is_written() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/check");
    let mut wrong = String::new();
    let mut seen = 0;
    let mut fixtures: Vec<_> = fs::read_dir(folder)
        .unwrap()
        .map(|e| e.unwrap().path())
        .collect();
    fixtures.sort();
    for path in fixtures {
        let code = path.file_stem().unwrap().to_str().unwrap().to_string();
        let (files, expected) = parts(&fs::read_to_string(&path).unwrap());
        let corpora: Vec<(&str, Corpus)> = files
            .iter()
            .map(|(name, text)| {
                let corpus = read_bytes(Path::new(name), text.as_bytes(), &ReadOptions::default());
                (name.split('.').next().unwrap(), corpus.unwrap())
            })
            .collect();
        let named: Vec<(&str, &Corpus)> = corpora.iter().map(|(split, c)| (*split, c)).collect();
        let options = CheckOptions {
            model: Some(Model {
                pieces: &Short,
                max_length: 8,
                special: 2,
                overlap: 2,
            }),
            ..CheckOptions::default()
        };
        let report = check_with(&named, &options, &mut |_| ControlFlow::Continue(())).unwrap();
        let found: Vec<&Issue> = report
            .issues
            .iter()
            .filter(|i| i.code.as_str() == code)
            .collect();
        let all: String = found.iter().map(|issue| said(issue)).collect();
        if all != expected && std::env::var("TAGSMITH_GOLDEN").is_ok_and(|wish| wish == "write") {
            let fixture = fs::read_to_string(&path).unwrap();
            let (files, _) = fixture.rsplit_once("-- expected\n").unwrap();
            fs::write(&path, format!("{files}-- expected\n{all}")).unwrap();
        } else if all != expected {
            write!(wrong, "== {code}\n-- found\n{all}-- expected\n{expected}\n").unwrap();
        }
        // The piece of text that is meant can be pointed at.
        for place in found.iter().filter_map(|issue| issue.place.as_ref()) {
            let (_, corpus) = corpora
                .iter()
                .find(|(split, _)| *split == place.split)
                .unwrap();
            let text = &corpus.documents[place.document].text;
            assert!(
                place
                    .range
                    .is_none_or(|(start, end)| text.get(start..end).is_some()),
                "{code}"
            );
        }
        let group = report
            .groups
            .iter()
            .find(|group| group.code.as_str() == code)
            .expect(&code);
        assert_eq!(group.count, found.len(), "{code}");
        seen += 1;
    }
    assert!(wrong.is_empty(), "{wrong}");
    assert_eq!(seen, 30);
}
