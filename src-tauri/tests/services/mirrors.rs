//! The shapes that cross the border read what the engine's crates write, and write the same again.

use crate::fake::Desk;
use serde::Serialize;
use serde::de::DeserializeOwned;
use std::path::Path;
use tagsmith_corpus::{ReadOptions, check, read_bytes};
use tagsmith_desktop::shapes::{
    FileReport, Format, HubSettings, Issue, LibraryModel, Reading, Repair, ShelfEntry, Source,
    TokenPlace, mirror,
};
use tagsmith_hub::{Library, inspect, shelf};

/// The mirror writes what the original wrote, field for field.
fn same<T: Serialize + DeserializeOwned>(original: &impl Serialize) -> T {
    let mirrored: T = mirror(original);
    assert_eq!(
        serde_json::to_value(original).unwrap(),
        serde_json::to_value(&mirrored).unwrap()
    );
    mirrored
}

#[test]
fn the_shelf_and_the_hubs_settings() {
    let entries: Vec<ShelfEntry> = same(&shelf());
    assert!(entries.iter().any(|entry| entry.id == "starter"));
    let desk = Desk::new();
    same::<HubSettings>(&tagsmith_hub::HubSettings::read(&desk.library()));
    for (place, name) in [
        (tagsmith_hub::TokenPlace::None, "none"),
        (tagsmith_hub::TokenPlace::Keyring, "keyring"),
        (tagsmith_hub::TokenPlace::File, "file"),
        (tagsmith_hub::TokenPlace::Environment, "environment"),
    ] {
        let mirrored: TokenPlace = same(&place);
        assert_eq!(serde_json::to_value(mirrored).unwrap(), name);
    }
}

#[test]
fn models_of_every_source() {
    use tagsmith_hub::Source as Original;
    for source in [
        Original::Starter,
        Original::Library,
        Original::Run,
        Original::Cache,
        Original::Folder,
    ] {
        same::<Source>(&source);
    }
    let desk = Desk::new();
    let listed: Vec<LibraryModel> =
        tagsmith_desktop::models::Models::default().list(&desk.library());
    assert_eq!(listed[0].name, "tiny");
    // The real starter has weights and a tokenizer to tell of.
    match Library::open().resolve("starter") {
        Ok(folder) => {
            same::<tagsmith_desktop::shapes::ModelSummary>(&inspect(&folder).unwrap());
        }
        Err(failure) => println!("skipped the starter: {failure}"),
    }
}

#[test]
fn checks_of_every_format() {
    for text in [
        "Zoë\tB-PER\nsaw\tO\n",
        "1 EU I-ORG\n2 won O\n",
        r#"{"text": "Zoë", "entities": [{"start": 0, "end": 3, "label": "PER"}]}"#,
        r#"{"text": "Zoë", "label": [[0, 3, "PER"]]}"#,
        r#"["Zoë", {"entities": [[0, 3, "PER"]]}]"#,
        r#"{"tokens": ["Zoë"], "ner_tags": ["B-PER"]}"#,
        r#"{"text": "Zoë", "spans": [{"start": 0, "end": 3, "label": "PER"}], "answer": "accept"}"#,
    ] {
        let corpus = read_bytes(Path::new("x"), text.as_bytes(), &ReadOptions::default()).unwrap();
        let original = check(&[("train", &corpus)]);
        for file in &original.files {
            same::<FileReport>(file);
        }
        for issue in &original.issues {
            same_issue(issue);
        }
    }
}

fn same_issue(issue: &tagsmith_corpus::Issue) {
    let mirrored: Issue = mirror(issue);
    let mut again = serde_json::to_value(&mirrored).unwrap();
    // The original leaves out a count of one.
    if again["count"] == 1 {
        again.as_object_mut().unwrap().remove("count");
    }
    assert_eq!(serde_json::to_value(issue).unwrap(), again);
}

#[test]
fn findings_with_a_place_and_a_repair() {
    use tagsmith_corpus::{Issue, IssueCode, Place, Repair, Severity};
    let mut issue =
        Issue::new(Severity::Error, IssueCode::SpanEdgeSpace, "a.jsonl", 3, "x").found("y");
    issue.column = Some(4);
    issue.count = 5;
    let issue = issue.repair(Repair::TrimSpans).place(Place {
        split: "dev".into(),
        document: 7,
        range: Some((1, 2)),
    });
    same_issue(&issue);
}

#[test]
fn every_format_and_spelling() {
    use tagsmith_corpus::{Format as Original, Spelling};
    for spelling in [
        Spelling::Plain,
        Spelling::Doccano,
        Spelling::Spacy,
        Spelling::Prodigy,
        Spelling::LabelStudio,
        Spelling::Chunks,
        Spelling::Rasa,
    ] {
        same::<Format>(&Original::JsonlSpans { spelling });
    }
    for original in [
        Original::JsonlTokens,
        Original::TableWords {
            delimiter: ';',
            header: true,
            token_column: 1,
            tag_column: 2,
            sentence_column: Some(0),
        },
        Original::TableTexts {
            delimiter: '\t',
            text_column: 0,
            label_column: None,
        },
        Original::Text,
        Original::Brat,
        Original::Parquet { tokens: true },
        Original::Arrow { tokens: false },
        Original::DocBin,
    ] {
        same::<Format>(&original);
    }
}

/// What the window sends reads as the engine's own, and the other way round.
#[test]
fn repairs_and_ways_of_reading() {
    use tagsmith_corpus::{OffsetUnit, ReadOptions, Repair as Original};
    let labels = [
        ("a".to_owned(), Some("b".to_owned())),
        ("c".to_owned(), None),
    ];
    for original in [
        Original::ConvertOffsets {
            from: OffsetUnit::Utf16,
        },
        Original::ShiftOffsets { by: -3 },
        Original::DropInvalid,
        Original::TrimSpans,
        Original::SnapToWords,
        Original::RepairTags,
        Original::MapLabels {
            labels: labels.into(),
        },
        Original::DropDuplicates { near: true },
        Original::MoveLeaking { near: false },
        Original::Sample {
            split: "train".into(),
            documents: 9,
            seed: 2,
        },
    ] {
        let mirrored: Repair = same(&original);
        assert_eq!(mirror::<Original>(&mirrored), original);
    }
    let sent = r#"{"repair": "split", "shares": {"train": 0.75, "dev": 0.25}, "seed": 4}"#;
    let sent: Repair = serde_json::from_str(sent).unwrap();
    assert!(
        matches!(mirror(&sent), Original::Split { shares, seed: 4, .. } if shares["dev"] == 0.25)
    );

    let sent = r#"{"format": "doc-bin", "encoding": "utf-16le", "token_column": 1, "tag_column": "ner",
        "sentence_column": -1, "scheme": "bilou", "label_names": ["O", "B-X"], "offsets": "bytes", "shift": -2,
        "drop_invalid": true}"#;
    let reading: Reading = serde_json::from_str(sent).unwrap();
    let options: ReadOptions = mirror(&reading);
    let wanted = ReadOptions {
        drop_invalid: true,
        tag_column: Some(tagsmith_corpus::ColumnChoice::Name("ner".into())),
        token_column: Some(tagsmith_corpus::ColumnChoice::Index(1)),
        scheme: Some(tagsmith_corpus::Scheme::Bilou),
        label_names: Some(vec!["O".into(), "B-X".into()]),
        format: Some(tagsmith_corpus::FormatName::DocBin),
        encoding: Some("utf-16le".into()),
        sentence_column: Some(tagsmith_corpus::ColumnChoice::Index(-1)),
        offsets: OffsetUnit::Bytes,
        shift: -2,
        ..ReadOptions::default()
    };
    assert_eq!(options, wanted);
    let plain: ReadOptions = mirror(&Reading::default());
    assert_eq!(plain, ReadOptions::default());
}
