//! Files that cannot be read: each gives a message that says where and why, and a hint.

use std::fs;
use std::path::{Path, PathBuf};
use tagsmith_protocol::Diagnose;

use tagsmith_corpus::{ReadOptions, read, read_bytes, read_tag_columns};

/// The whole message and a piece of the hint.
fn check(bytes: &[u8], message: &str, hint: &str) {
    let error = read_bytes(Path::new("f"), bytes, &ReadOptions::default()).expect_err(message);
    assert_eq!(error.to_string(), message);
    assert_eq!(error.file(), Path::new("f"));
    let found = error.hint().unwrap_or_default();
    assert!(found.contains(hint), "{message}: hint `{found}`");
}

#[test]
fn paths() {
    let folder = std::env::temp_dir().join(format!("tagsmith-corpus-{}", std::process::id()));
    fs::create_dir_all(&folder).unwrap();
    let missing: PathBuf = folder.join("missing.conll");
    let error = read(&missing, &ReadOptions::default()).unwrap_err();
    assert!(
        error
            .to_string()
            .starts_with(&format!("cannot read `{}`", missing.display())),
        "{error}"
    );
    assert!(error.hint().unwrap().contains("check the path"));
    let error = read(&folder, &ReadOptions::default()).unwrap_err();
    assert_eq!(
        error.to_string(),
        format!("`{}` holds no data file", folder.display())
    );
    assert!(error.hint().unwrap().contains("a folder or an archive"));
    let error = read_tag_columns(&folder).unwrap_err();
    assert_eq!(
        error.to_string(),
        format!("`{}` is a directory, not a file", folder.display())
    );
    fs::remove_dir(&folder).unwrap();
}

#[test]
fn empty_files() {
    for bytes in [&b""[..], b" \n\t\n", b"\xef\xbb\xbf", b"\xef\xbb\xbf\r\n"] {
        check(bytes, "`f` is empty", "export");
    }
}

#[test]
fn bytes_that_are_no_text() {
    // Two odd bytes are too few to guess an encoding by.
    check(
        b"a\tO\n\xe9t\xe9\tO\n",
        "f:2: not valid UTF-8 at byte 4 (0xE9), the first of 2 places",
        "save the file as UTF-8, or name its encoding with `--encoding`",
    );
    // One bad byte in a file that is UTF-8 otherwise, whatever surrounds it.
    check(
        "ä\tO\nö\tO\nü\tO\n"
            .as_bytes()
            .iter()
            .chain(b"\xe9\tO\n")
            .copied()
            .collect::<Vec<u8>>()
            .as_slice(),
        "f:4: not valid UTF-8 at byte 15 (0xE9)",
        "correct it",
    );
    check(
        b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR",
        "f:1: not valid UTF-8 at byte 0 (0x89)",
        "PNG image",
    );
    check(
        b"a\0b\tO\n",
        "f:1: a zero byte, which no text has, at byte 1 (0x00)",
        "a binary file",
    );
    check(
        b"\x1f\x8b\x08\0",
        "cannot unpack `f`: the gzip data is damaged or cut short (unexpected end of file)",
        "another program",
    );
    check(
        b"{\"text\": \"\xed\xa0\xbc\xed\xbd\x95\"}",
        "f:1: not valid UTF-8 at byte 10 (0xED)",
        "CESU-8",
    );
    // A pair, half of one, and half of one.
    check(
        b"a\tO\n\xed\xa0\xbc\xed\xbd\x95\tO\n\xed\xa0\xbc\tO\n\xed\xbd\x95\tO\n",
        "f:2: not valid UTF-8 at byte 4 (0xED), the first of 3 places",
        "halves of surrogate pairs",
    );
}

#[test]
fn no_corpus() {
    let rows = "expected rows with a word and its tag, such as `London B-LOC`, or JSON records";
    check(
        b"It was a bright cold day.\nThe clocks were striking.\nThirteen, in fact, they said.\n",
        &format!(
            "`f` is not a corpus that can be read here: found rows that end in no tag (line 2: `The clocks were striking.`), {rows}"
        ),
        "CoNLL files",
    );
    check(
        b"one\ntwo\nthree\n",
        &format!(
            "`f` is not a corpus that can be read here: found one column of text (`one`), {rows}"
        ),
        "JSONL files",
    );
    check(
        b"# only\n# comments\n",
        &format!("`f` is not a corpus that can be read here: found no rows, {rows}"),
        "CoNLL files",
    );
    let records = "expected records with `text` and `entities`, or with `tokens` and `ner_tags`";
    for (text, found) in [
        (
            &b"{\"name\": \"x\",\n \"version\": 1}"[..],
            "a record with `name`, `version`",
        ),
        (b"{}", "an empty record"),
        (b"[1, 2]", "`1`"),
        (b"[]", "no record"),
        (b"{\"text\": 5}", "a `text` that is not a string"),
    ] {
        let message =
            format!("`f` is not a corpus that can be read here: found {found}, {records}");
        check(text, &message, "JSONL files");
    }
}

#[test]
fn json_syntax() {
    check(
        b"{\"text\": \"a\"}\n\n{\"text\": }\n",
        "f:3:10: not valid JSON: expected value in `{\"text\": }`",
        "one complete JSON value",
    );
    check(
        "{\"text\": \"a\"}\n{\"é\": \"é\" 1}\n".as_bytes(),
        "f:2:11: not valid JSON: expected `,` or `}` in `{\"é\": \"é\" 1}`",
        "one complete JSON value",
    );
    check(
        b"[\n {\"text\": \"a\"},\n {\"text\": \"b\" \"c\"}\n]\n",
        "f:3:15: not valid JSON: expected `,` or `}` in ` {\"text\": \"b\" \"c\"}`",
        "one JSON array",
    );
    let broken =
        read_bytes(Path::new("f"), b"{\"text\": \"abc", &ReadOptions::default()).unwrap_err();
    assert!(
        broken.to_string().contains("not valid JSON: EOF"),
        "{broken}"
    );
    assert_eq!(broken.line(), Some(1));
}

/// The message counts and says where to look first; the single faults are in the list alone.
#[test]
fn many_faults_are_counted_once() {
    let good = "a\tO\nb\tB-X\n".repeat(2000);
    check(
        format!("{good}bad\n").as_bytes(),
        "f:4001: found 1 column (`bad`), expected 2 separated by tabs",
        "word and its tag",
    );
    check(
        format!("{good}bad\n{good}worse\n").as_bytes(),
        "f: 2 faults, the first in line 4001",
        "word and its tag",
    );
    check(
        format!("{good}{}x\tb-X\n", "bad\n".repeat(1500)).as_bytes(),
        "f: 1501 faults, the first in line 4001",
        "word and its tag",
    );
    let spans = "{\"text\": \"a\", \"entities\": [[0, 2, \"X\"]]}\n".repeat(1234);
    check(
        spans.as_bytes(),
        "f: 1234 invalid spans, the first in line 1",
        "--drop-invalid",
    );
}

#[test]
fn any_bytes_give_an_answer() {
    use proptest::prelude::*;
    let piece = prop::sample::select(vec![
        "\n",
        "\t",
        " ",
        "O",
        "B-X",
        "I-X",
        "{",
        "}",
        "[",
        "]",
        "\"text\"",
        ":",
        ",",
        "\"a\"",
        "1",
        "-DOCSTART-",
        "#",
        "\r",
        "\u{feff}",
        "\"entities\"",
        "\"tokens\"",
        "\"ner_tags\"",
        "é",
        "\0",
    ]);
    proptest!(|(pieces in prop::collection::vec(piece, 0..30), cut in 0usize..3)| {
        let text = pieces.concat();
        let bytes = &text.as_bytes()[..text.len().saturating_sub(cut)];
        for drop_invalid in [false, true] {
            let options = ReadOptions { drop_invalid, ..Default::default() };
            if let Err(error) = read_bytes(Path::new("f"), bytes, &options) {
                prop_assert!(error.to_string().contains('f') && error.hint().is_some(), "{error:?}");
            }
        }
    });
}
