//! The few types of the page that differ from those of the crates read what these write.

use crate::fake::Desk;
use tagsmith_corpus::{
    ColumnChoice, FormatName, Issue, IssueCode, Location, OffsetUnit, ReadOptions, Repair, Scheme,
    Severity,
};
use tagsmith_desktop::dto::Reading;

#[test]
fn the_models_of_the_library_are_listed() {
    let desk = Desk::new();
    let listed = tagsmith_desktop::models::Models::default().list(&desk.library());
    assert_eq!(listed[0].name, "tiny");
}

/// The page's finding is that of the corpus, field for field, but for a count of one, and for why it matters, which
/// the page knows by the code.
#[test]
fn findings_with_a_place_and_a_repair() {
    let code = IssueCode::SpanEdgeSpace;
    let mut issue = Issue::new(Severity::Error, code, "a.jsonl", 3, "x").found("y");
    let plain = issue.clone();
    issue.column = Some(4);
    issue.count = 5;
    let issue = issue.repair(Repair::TrimSpans).place(Location {
        split: "dev".into(),
        document: 7,
        range: Some((1, 2)),
    });
    for issue in [issue, plain] {
        let shown = tagsmith_desktop::dto::Issue::from(&issue);
        let mut again = serde_json::to_value(&shown).unwrap();
        if again["count"] == 1 {
            again.as_object_mut().unwrap().remove("count");
        }
        let mut whole = serde_json::to_value(&issue).unwrap();
        let why = whole.as_object_mut().unwrap().remove("why").unwrap();
        assert_eq!(why, code.why().unwrap());
        assert_eq!(whole, again);
        // What the engine prints and the store holds is read back as the same.
        let read: tagsmith_desktop::dto::Issue =
            serde_json::from_value(serde_json::to_value(&issue).unwrap()).unwrap();
        assert_eq!(read, shown);
    }
}

/// What the page sends reads as the corpus's own.
#[test]
fn repairs_and_ways_of_reading() {
    let sent = r#"{"repair": "split", "shares": {"train": 0.75, "dev": 0.25}, "seed": 4}"#;
    let sent: Repair = serde_json::from_str(sent).unwrap();
    assert!(matches!(sent, Repair::Split { fractions, seed: 4, .. } if fractions["dev"] == 0.25));

    let sent = r#"{"format": "doc-bin", "encoding": "utf-16le", "token_column": 1, "tag_column": "ner",
        "sentence_column": -1, "scheme": "bilou", "label_names": ["O", "B-X"], "offsets": "bytes", "shift": -2,
        "drop_invalid": true}"#;
    let reading: Reading = serde_json::from_str(sent).unwrap();
    let wanted = ReadOptions {
        drop_invalid: true,
        tag_column: Some(ColumnChoice::Name("ner".into())),
        token_column: Some(ColumnChoice::Index(1)),
        scheme: Some(Scheme::Bilou),
        label_names: Some(vec!["O".into(), "B-X".into()]),
        format: Some(FormatName::DocBin),
        encoding: Some("utf-16le".into()),
        sentence_column: Some(ColumnChoice::Index(-1)),
        offsets: OffsetUnit::Bytes,
        shift: -2,
        ..ReadOptions::default()
    };
    assert_eq!(ReadOptions::from(&reading), wanted);
    let plain = ReadOptions::from(&Reading::default());
    assert_eq!(plain, ReadOptions::default());
}
