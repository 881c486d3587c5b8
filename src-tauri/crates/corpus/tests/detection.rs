//! What a file is, where a looser format could be taken for a stricter one.
//!
//! The trap: the last chunk of a JSON line, `I-95","entities":…`, starts as a tag does, and the line was
//! read as one CoNLL row with an absurd label. Strict formats come first, and what parses whole wins.

#![allow(clippy::unwrap_used, reason = "what fails here fails a test")]

use std::io::Write;
use std::path::Path;

use flate2::Compression;
use flate2::write::GzEncoder;
use tagsmith_corpus::{Corpus, Format, ReadError, ReadOptions, read, read_all, read_bytes};

mod support;
use support::{pieces, zip};

/// Its last chunk, split at spaces, is `I-95","entities":[[8,12,"ROAD"]]}`.
const RECORD: &str = r#"{"text":"He took I-95","entities":[[8,12,"ROAD"]]}"#;

fn guess(content: impl AsRef<[u8]>) -> Result<Corpus, ReadError> {
    read_bytes(Path::new("data"), content.as_ref(), &ReadOptions::default())
}

fn is_json(corpus: &Corpus) -> bool {
    matches!(
        corpus.source.format,
        Format::JsonlSpans { .. } | Format::JsonlTokens
    )
}

#[test]
fn trap_json_is_not_taken_for_conll_where_a_line_ends_as_a_tag_starts() {
    let pretty =
        "[\n  {\n    \"text\": \"He took I-95\",\n    \"entities\": [[8, 12, \"ROAD\"]]\n  }\n]\n";
    let cases: Vec<(&str, String)> = vec![
        ("one line", RECORD.into()),
        ("lines", format!("{RECORD}\n{RECORD}\n")),
        ("Windows line ends", format!("{RECORD}\r\n{RECORD}\r\n")),
        ("blank lines before", format!("\n  \n{RECORD}\n")),
        ("comments before", format!("# exported\n#\n\n{RECORD}\n")),
        ("a byte order mark", format!("\u{feff}{RECORD}\n")),
        (
            "a byte order mark, a comment and a blank line",
            format!("\u{feff}# exported\n\n{RECORD}\n"),
        ),
        ("white space around", format!("  {RECORD}  \n")),
        ("an array in one line", format!("[{RECORD},{RECORD}]")),
        ("an array of lines", format!("[{RECORD},\n{RECORD}]\n")),
        (
            "an array behind a comment",
            format!("# x\n[{RECORD},\n{RECORD}]"),
        ),
        ("an indented array", pretty.into()),
        (
            "an indented array behind a comment",
            format!("# x\n{pretty}"),
        ),
        (
            "a record over two lines",
            "{\"text\":\"He took I-95\",\n\"entities\":[[8,12,\"ROAD\"]]}".into(),
        ),
        (
            "a tag alone behind the last space",
            r#"{"entities":[[8,12,"ROAD"]],"text":"He took I-95"}"#.into(),
        ),
        (
            "a list of spaCy's",
            r#"["He took I-95",{"entities":[[8,12,"ROAD"]]}]"#.into(),
        ),
        (
            "tokens with tags",
            r#"{"tokens":["He","took I-95"],"ner_tags":["O","B-ROAD"]}"#.into(),
        ),
    ];
    for (name, content) in cases {
        let corpus = guess(&content).unwrap_or_else(|failure| panic!("{name}: {failure}"));
        assert!(is_json(&corpus), "{name}: {:?}", corpus.source.format);
        for document in pieces(&corpus) {
            let road = [("I-95", "ROAD"), ("took I-95", "ROAD")];
            assert_eq!(document.len(), 1, "{name}");
            assert!(road.contains(&document[0]), "{name}: {document:?}");
        }
    }
}

#[test]
fn lines_are_counted_with_the_comments_before_the_first_record() {
    let line_of = |content: String| guess(content).unwrap().documents[0].line;
    assert_eq!(line_of(format!("# a\n\n{RECORD}\n{RECORD}\n")), 3);
    assert_eq!(line_of(format!("# a\n[\n{RECORD}\n]\n")), 3);
    let failure = guess("# a\n[\n{\"text\": \"b\", \"entities\": []},\n]\n").unwrap_err();
    assert_eq!(failure.line(), Some(4), "{failure}");
}

#[test]
fn trap_packed_json_is_not_taken_for_conll() {
    let lines = format!("{RECORD}\n{RECORD}\n");
    let mut encoder = GzEncoder::new(Vec::new(), Compression::default());
    encoder.write_all(lines.as_bytes()).unwrap();
    let gzip = encoder.finish().unwrap();
    let zip = zip(&["train.txt", "dev.txt"].map(|name| (name, lines.as_bytes())));
    let folder = tempfile::tempdir().unwrap();
    for (name, content) in [("a.gz", gzip), ("b.zip", zip)] {
        let path = folder.path().join(name);
        std::fs::write(&path, content).unwrap();
        for part in read_all(&path, &ReadOptions::default()).unwrap() {
            assert!(is_json(&part.corpus), "{name}");
            assert_eq!(part.corpus.documents.len(), 2, "{name}");
        }
    }
    let path = folder.path().join("a.gz");
    assert!(is_json(&read(&path, &ReadOptions::default()).unwrap()));
}

/// Broken JSON is an error that says where, never a corpus of another kind.
#[test]
fn trap_damaged_json_is_not_taken_for_conll() {
    let cases = [
        ("cut off in a text", r#"{"text":"He took I-95"#.to_owned()),
        ("a bracket too few", RECORD.replace("]]}", "]}")),
        (
            "a bracket too few behind a comment",
            format!("# x\n{}\n", RECORD.replace("]]}", "]}")),
        ),
        ("a tab in a text", RECORD.replace(' ', "\t")),
        ("a comma too many", format!("{RECORD},\n{RECORD},\n")),
    ];
    for (name, content) in cases {
        let failure = guess(&content).expect_err(name);
        let is_right = matches!(failure, ReadError::Json { line: 1 | 2, .. });
        assert!(is_right, "{name}: {failure}");
    }
}

#[test]
fn trap_a_line_of_json_inside_of_conll_is_a_fault() {
    let spaces = "Ada B-PER\nsleeps O\n\n{\"text\":\"at I-95\",\"entities\":[[3,7,\"ROAD\"]]}\n";
    for content in [
        spaces.to_owned(),
        spaces.replace("a B", "a\tB").replace("s O", "s\tO"),
    ] {
        let failure = guess(&content).unwrap_err();
        assert_eq!(failure.line(), Some(4), "{failure}");
    }
}

#[test]
fn trap_texts_in_quoted_cells_are_not_taken_for_conll() {
    let cases = [
        // Without names of columns nobody knows what they are.
        "\"He took I-95\",\"[{\"\"start\"\":8,\"\"end\"\":12,\"\"label\"\":\"\"ROAD\"\"}]\"\n",
        "1,\"He took I-95\",\"x\"\n2,\"She took I-80\",\"y\"\n",
        // Running text.
        "He took I-95\nShe took I-80\n",
        "1,He took I-95\n2,She took I-80\n",
    ];
    for content in cases {
        let failure = guess(content).expect_err(content);
        assert!(matches!(failure, ReadError::NotACorpus { .. }), "{failure}");
    }
    let named = "text,entities\n\"He took I-95\",\"[[8,12,\"\"ROAD\"\"]]\"\n";
    let corpus = guess(named).unwrap();
    assert!(matches!(corpus.source.format, Format::TableTexts { .. }));
    assert_eq!(pieces(&corpus), [[("I-95", "ROAD")]]);
}

/// CoNLL that starts as JSON or a comment does stays CoNLL.
#[test]
fn brackets_are_words_too() {
    let cases = [
        "[ O\nAda B-PER\n] O\n",
        "[\tO\nAda\tB-PER\n",
        "{\tO\nAda\tB-PER\n",
        "[\" O\nAda B-PER\n",
        "[\"\tO\nAda\tB-PER\n",
        "{\"a\":1}\tO\nAda\tB-PER\n",
        "{\"text\":\tO\nAda\tB-PER\n",
        "[]\tO\nAda\tB-PER\n",
        "# a\n[\tX\t1\tO\nAda\tY\t2\tB-PER\n",
        "# a\n[\tO\tX\nAda\tB-PER\tY\n",
        "[\tB-size 5\"\nAda\tB-PER\n",
        "I-95\tB-ROAD\nAda\tI-95\n",
        "#\tO\n",
    ];
    for content in cases {
        let corpus = guess(content).unwrap_or_else(|failure| panic!("{content}: {failure}"));
        let format = &corpus.source.format;
        assert!(matches!(format, Format::Conll { .. }), "{content}");
    }
}
