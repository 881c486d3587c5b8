//! The README's table of formats is made from the tables of formats, and from what is lost in writing.
//! `TAGSMITH_GOLDEN=write cargo test --release --workspace --test readme` renews it.
#![allow(missing_docs, clippy::unwrap_used)]

use std::collections::BTreeSet;
use std::fmt::Write;
use std::ops::ControlFlow;
use std::path::Path;

use tagsmith_corpus::{Dialect, Document, FormatName, Scheme, Span, Target, Word, plan};

/// What each kind of loss is, as a part of "cannot hold …".
const LOSSES: [(&str, &str); 9] = [
    ("overlapping-spans", "entities that overlap"),
    ("moved-spans", "edges inside a word"),
    ("changed-texts", "white space of the text"),
    ("changed-words", "words of your own"),
    ("lost-ids", "ids"),
    ("lost-groups", "which sentences are of one document"),
    ("lost-scores", "scores"),
    ("lost-unknown", "what is unknown"),
    ("changed-strings", "line breaks"),
];

fn span(start: usize, end: usize, label: &str) -> Span {
    Span {
        start,
        end,
        label: label.into(),
        score: Some(0.5),
    }
}

/// Documents with all that some format cannot hold.
fn documents() -> Vec<Document> {
    let mut text = Document::from_text("Ada  Lovelace-King of\nLondon");
    text.id = Some("one".into());
    text.group = Some(0);
    text.spans = vec![span(0, 18, "PER"), span(5, 11, "NAME"), span(22, 28, "LOC")];
    text.unknown = vec![Word { start: 19, end: 21 }];
    let mut words = Document::from_words(&["New York", "is", "large"]);
    words.id = Some("two".into());
    words.group = Some(0);
    vec![text, words]
}

fn losses(target: Target) -> BTreeSet<&'static str> {
    let documents = documents();
    let format = target.with(Scheme::Iob2);
    let report = plan(&documents, &format).unwrap();
    let losses = report
        .losses(&documents, &format, 1, |_| ControlFlow::Continue(()))
        .unwrap();
    losses.into_iter().map(|loss| loss.kind).collect()
}

fn table() -> String {
    let mut table =
        "| format | what is read | written with `--to` | which cannot hold |\n|---|---|---|---|\n"
            .to_owned();
    for name in FormatName::ALL {
        let mut read = format!("| {} | {}", name.title(), name.holds());
        let targets = Target::ALL.into_iter();
        let targets: Vec<Target> = targets.filter(|to| to.read_as() == name).collect();
        if targets.is_empty() {
            let _ = writeln!(table, "{read} | | |");
        }
        for target in targets {
            let lost = losses(target);
            let lost = LOSSES.iter().filter(|(kind, _)| lost.contains(kind));
            let lost: Vec<&str> = lost.map(|(_, what)| *what).collect();
            let target = target.description().name;
            let _ = writeln!(table, "{read} | `{target}` | {} |", lost.join(", "));
            read = "| |".into();
        }
    }
    let programs = Dialect::TITLES.iter();
    let programs = programs.filter_map(|(_, title)| title.strip_suffix(" JSON"));
    let programs: Vec<&str> = programs.collect();
    let _ = writeln!(
        table,
        "\nPrograms whose JSON is read: {}.",
        programs.join(", ")
    );
    table
}

#[test]
fn every_loss_has_a_name() {
    for target in Target::ALL {
        for kind in losses(target) {
            let known = LOSSES.iter().any(|(name, _)| *name == kind) || kind == "lost-spans";
            assert!(known, "{kind}");
        }
    }
}

#[test]
fn the_readme_lists_the_formats() {
    const BEGIN: &str = "<!-- formats: made from the tables of formats -->\n";
    const END: &str = "<!-- end of formats -->";
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../README.md");
    let text = std::fs::read_to_string(&path).unwrap();
    let (before, rest) = text.split_once(BEGIN).unwrap();
    let (found, after) = rest.split_once(END).unwrap();
    let expected = table();
    if std::env::var("TAGSMITH_GOLDEN").is_ok_and(|wish| wish == "write") {
        std::fs::write(&path, format!("{before}{BEGIN}{expected}{END}{after}")).unwrap();
        return;
    }
    assert_eq!(found, expected, "stale: see the first lines of this test");
}
