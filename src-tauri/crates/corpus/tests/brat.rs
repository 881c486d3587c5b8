//! brat's standoff files.

use std::path::PathBuf;
use tagsmith_protocol::Diagnose;

use tagsmith_corpus::{Corpus, OffsetUnit, ReadError, ReadOptions, brat_files, read, read_brat};

mod support;

fn pair(name: &str, text: &str, annotations: &str) -> (PathBuf, Vec<u8>, Vec<u8>) {
    (name.into(), text.into(), annotations.into())
}

fn load(text: &str, annotations: &str, options: &ReadOptions) -> Result<Corpus, ReadError> {
    read_brat(&[pair("a.txt", text, annotations)], options)
}

fn pieces(corpus: &Corpus) -> Vec<Vec<(&str, &str)>> {
    fn of(doc: &tagsmith_corpus::Document) -> Vec<(&str, &str)> {
        doc.spans
            .iter()
            .map(|s| (&doc.text[s.start..s.end], s.label.as_str()))
            .collect()
    }
    corpus.documents.iter().map(of).collect()
}

#[test]
fn entities_are_read_and_the_rest_is_message() {
    let annotations = "T1\tPER 2 5\tAda\r\nN1\tReference T1 X:1\tAda\r\n#1\tAnnotatorNotes T1\tsure\r\nR1\tIn Arg1:T1 Arg2:T2\r\nT2\tLOC 9 17\tNew York\r\n\r\nA1\tSure T1\nE1\tGo:T1\n*\tEquiv T1 T2\nT3\tX 6 8;18 20\tof ok\nT4\tX 18 19;19 20\tok\n";
    let pairs = [
        pair("d/a.txt", "😀 Ada of New\nYork ok", annotations),
        pair("d/b.txt", "", ""),
    ];
    let error = read_brat(&pairs, &ReadOptions::default()).unwrap_err();
    assert!(matches!(error, ReadError::InvalidSpans { .. }), "{error}");
    assert_eq!(error.issues()[0].code.as_str(), "span-discontinuous");
    let options = ReadOptions {
        drop_invalid: true,
        ..ReadOptions::default()
    };
    let corpus = read_brat(&pairs, &options).unwrap();
    let expected = [
        vec![("Ada", "PER"), ("New\nYork", "LOC"), ("ok", "X")],
        vec![],
    ];
    assert_eq!(pieces(&corpus), expected);
    let named: Vec<_> = corpus
        .documents
        .iter()
        .map(|d| (d.id.as_deref(), d.group))
        .collect();
    assert_eq!(named, [(Some("a"), Some(0)), (Some("b"), Some(1))]);
    let found: Vec<_> = corpus
        .issues
        .iter()
        .map(|i| (i.code.as_str(), i.file.to_str().unwrap(), i.line))
        .collect();
    let expected = [
        ("span-discontinuous", "d/a.ann", 10),
        ("annotations-ignored", "d", 0),
    ];
    assert_eq!(found, expected);
    assert_eq!(corpus.source.dropped_spans, 1);
    let message = &corpus.issues[1].message;
    for what in [
        "1 relations",
        "1 events",
        "1 attributes",
        "1 normalisations",
        "1 notes",
        "1 equivalences",
    ] {
        assert!(message.contains(what), "{message}");
    }
}

/// brat cuts an entity at each line end that it runs over; nothing but white space lies between.
#[test]
fn pieces_with_white_space_between_them_are_one_entity() {
    let text = "Lena of Red\n  Kite Works,\nthen é 😀 Blue\tHouse left";
    for annotations in [
        "T1\tORG 8 11;14 24\tRed Kite Works\nT2\tLOC 35 39;40 45\tBlue House\n",
        // Whatever the order, and where pieces touch or overlap.
        "T1\tORG 14 24;8 11\tRed Kite Works\nT2\tLOC 35 39;38 40;40 45\tBlue House\n",
    ] {
        let corpus = load(text, annotations, &ReadOptions::default()).unwrap();
        let expected = [[("Red\n  Kite Works", "ORG"), ("Blue\tHouse", "LOC")]];
        assert_eq!(pieces(&corpus), expected, "{annotations}");
        assert!(corpus.issues.is_empty(), "{:?}", corpus.issues);
        assert_eq!(corpus.source.dropped_spans, 0);
    }
    // In the unit that the file counts, and with Windows line ends counted as one character.
    let options = ReadOptions {
        offsets: OffsetUnit::Utf16,
        ..ReadOptions::default()
    };
    let corpus = load("😀 Red\nKite", "T1\tORG 3 6;7 11\tRed Kite", &options).unwrap();
    assert_eq!(pieces(&corpus), [[("Red\nKite", "ORG")]]);
    let corpus = load(
        "One\r\nRed\r\nKite",
        "T1\tORG 4 7;8 12\tRed Kite",
        &ReadOptions::default(),
    );
    assert_eq!(pieces(&corpus.unwrap()), [[("Red\nKite", "ORG")]]);
    // A comma is text, and a piece outside of the text is what is wrong there.
    for (annotations, code) in [
        ("T1\tORG 14 24;26 30\tx", "span-discontinuous"),
        ("T1\tORG 14 24;90 95\tx", "span-out-of-range"),
    ] {
        let error = load(text, annotations, &ReadOptions::default()).unwrap_err();
        let found: Vec<_> = error
            .issues()
            .iter()
            .map(|i| (i.code.as_str(), i.line))
            .collect();
        assert_eq!(found, [(code, 1)]);
        assert!(error.hint().unwrap().contains("--drop-invalid"), "{error}");
    }
}

#[test]
fn faults_name_their_line() {
    let faults = "T1 PER 0 3\tAda\nT2\tPER\tAda\nT3\tPER 0 x\tAda\nnonsense\n";
    let error = load("Ada", faults, &ReadOptions::default()).unwrap_err();
    let lines: Vec<_> = error
        .issues()
        .iter()
        .map(|i| (i.code.as_str(), i.line))
        .collect();
    let expected = [1, 2, 3, 4].map(|line| ("bad-annotation", line));
    assert_eq!(lines, expected);
    let error = load("Ada", "\nT1\tPER 0 9\tAda\n", &ReadOptions::default()).unwrap_err();
    assert_eq!(error.issues()[0].line, 2);
    let corpus = load("Ada ran", "T1\tPER 4 7\tAda\n", &ReadOptions::default()).unwrap();
    assert_eq!(corpus.issues[0].code.as_str(), "span-text-differs");
}

/// Offsets of programs that read the text as Python does, and of those that count otherwise.
#[test]
fn line_ends_and_units() {
    let text = "One\r\ntwo Ada\r\nYork";
    for annotations in [
        "T1\tP 9 12\tAda\nT2\tL 14 18\tYork",
        "T1\tP 8 11\tAda\nT2\tL 12 16\tYork",
    ] {
        let corpus = load(text, annotations, &ReadOptions::default()).unwrap();
        assert_eq!(
            pieces(&corpus),
            [[("Ada", "P"), ("York", "L")]],
            "{annotations}"
        );
    }
    let options = ReadOptions {
        offsets: OffsetUnit::Bytes,
        ..Default::default()
    };
    let corpus = load("üü Ada", "T1\tP 5 8\tAda", &options).unwrap();
    assert_eq!(pieces(&corpus), [[("Ada", "P")]]);
    // What the quoted texts prove is read so; where one of them disagrees, it is said.
    let proven = load(
        "üü Ada Bo",
        "T1\tP 5 8\tAda\nT2\tP 9 11\tBo",
        &ReadOptions::default(),
    );
    assert_eq!(pieces(&proven.unwrap()), [[("Ada", "P"), ("Bo", "P")]]);
    let names = "üü Ada Bo Cy Di Ed Flo Gus Hal Ida Jo Kim";
    let mut annotations = String::from("T1\tP 5 8\tnobody\n");
    for name in names.split(' ').skip(2) {
        let start = names.find(name).unwrap();
        let end = start + name.len();
        annotations.push_str(&format!("T2\tP {start} {end}\t{name}\n"));
    }
    let error = load(names, &annotations, &ReadOptions::default());
    assert!(
        error
            .unwrap_err()
            .hint()
            .unwrap()
            .contains("--offsets bytes")
    );
}

/// The text that stands behind each entity proves what its offsets count, as it does in JSON lines.
#[test]
fn offsets_that_the_quoted_texts_prove() {
    let (text, wide) = (
        "Ada went to Rome yesterday",
        "😀 Ada went to Rome yesterday",
    );
    for (text, first, second, code) in [
        (text, (1, 4), (13, 17), "offsets-shifted"),
        (text, (0, 2), (12, 15), "offsets-inclusive"),
        (wide, (3, 6), (15, 19), "offsets-utf16"),
        (wide, (5, 8), (17, 21), "offsets-unit"),
    ] {
        let annotations = format!(
            "T1\tPER {} {}\tAda\nT2\tLOC {} {}\tRome\n",
            first.0, first.1, second.0, second.1
        );
        for count in [1, 30] {
            let pairs: Vec<_> = (0..count)
                .map(|i| pair(&format!("d/{i}.txt"), text, &annotations))
                .collect();
            let corpus = read_brat(&pairs, &ReadOptions::default()).unwrap();
            let expected = vec![vec![("Ada", "PER"), ("Rome", "LOC")]; count];
            assert_eq!(pieces(&corpus), expected, "{code}");
            let codes: Vec<_> = corpus.issues.iter().map(|i| i.code.as_str()).collect();
            assert_eq!(codes, [code]);
        }
        let json = format!(
            "{{\"text\": \"{text}\", \"entities\": [{{\"start\": {}, \"end\": {}, \"label\": \"PER\", \"text\": \"Ada\"}}, {{\"start\": {}, \"end\": {}, \"label\": \"LOC\", \"text\": \"Rome\"}}]}}",
            first.0, first.1, second.0, second.1
        );
        let path = PathBuf::from("d.jsonl");
        let lines = tagsmith_corpus::read_bytes(&path, json.as_bytes(), &ReadOptions::default());
        assert_eq!(pieces(&lines.unwrap()), [[("Ada", "PER"), ("Rome", "LOC")]]);
    }
    // Nobody is overruled who says what they count.
    let options = ReadOptions {
        shift: 1,
        ..ReadOptions::default()
    };
    assert!(load(text, "T1\tPER 1 4\tAda\nT2\tLOC 13 17\tRome\n", &options).is_ok());
}

/// One of the two files of a text says nothing without the other.
#[test]
fn a_lone_file_names_the_folder() {
    let folder = tempfile::TempDir::new().unwrap();
    let annotations = "T1\tPER 0 3\tAda\n";
    for (text, marks) in [("a.txt", "a.ann"), ("B.TXT", "B.ANN")] {
        std::fs::write(folder.path().join(text), "Ada went").unwrap();
        std::fs::write(folder.path().join(marks), annotations).unwrap();
        for name in [text, marks] {
            let error = read(&folder.path().join(name), &ReadOptions::default()).unwrap_err();
            let hint = error.hint().unwrap().into_owned();
            assert!(
                hint.contains("name the folder that holds both"),
                "{name}: {hint}"
            );
        }
    }
    // The folder is read, in whatever case the endings are.
    let corpus = read(folder.path(), &ReadOptions::default()).unwrap();
    let mut ids: Vec<_> = corpus.documents.iter().map(|d| d.id.clone()).collect();
    ids.sort();
    assert_eq!(ids, [Some("B".to_owned()), Some("a".to_owned())]);
    assert_eq!(pieces(&corpus), [[("Ada", "PER")], [("Ada", "PER")]]);
    // A text that stands alone gets the message that it got before.
    std::fs::write(folder.path().join("c.txt"), "Ada went").unwrap();
    let error = read(&folder.path().join("c.txt"), &ReadOptions::default()).unwrap_err();
    assert!(matches!(error, ReadError::NotACorpus { .. }), "{error}");
}

/// Published files: every line's text is where it says.
#[test]
fn published_files() {
    let Some(data) = support::data() else { return };
    let folder = data.join("fixtures");
    let mut spans = 0;
    for number in ["8589722", "8589723", "8595416", "8605116"] {
        let file = |ending: &str| folder.join(format!("standoff-{number}.{ending}"));
        let bytes = |ending: &str| std::fs::read(file(ending)).unwrap();
        let annotations = String::from_utf8(bytes("ann")).unwrap();
        let lines = annotations
            .lines()
            .filter(|line| line.starts_with('T'))
            .count();
        let pairs = [(file("txt"), bytes("txt"), bytes("ann"))];
        let corpus = read_brat(&pairs, &ReadOptions::default()).unwrap();
        assert_eq!(corpus.source.entities, lines, "{number}");
        assert!(
            corpus
                .issues
                .iter()
                .all(|i| i.code.as_str() != "span-text-differs")
        );
        spans += lines;
        let (files, report) = brat_files(&corpus.documents);
        assert!(report.lost_spans == 0 && files[0].text.as_bytes() == bytes("txt"));
        let own: Vec<&str> = annotations
            .lines()
            .filter(|line| line.starts_with('T'))
            .collect();
        assert_eq!(files[0].annotations.lines().collect::<Vec<_>>(), own);
    }
    assert!(spans > 15, "{spans}");
}
