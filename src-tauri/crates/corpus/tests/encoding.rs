//! Files in other encodings: each is read and reported, or refused with its position.

#![allow(clippy::unwrap_used, reason = "what fails here fails a test")]

use std::path::Path;
use tagsmith_protocol::Diagnose;

use tagsmith_corpus::{Corpus, ReadError, ReadOptions, Severity, read_bytes};

fn read(bytes: &[u8], encoding: Option<&str>) -> Result<Corpus, ReadError> {
    let options = ReadOptions {
        encoding: encoding.map(String::from),
        ..Default::default()
    };
    read_bytes(Path::new("f"), bytes, &options)
}

fn texts(corpus: &Corpus) -> Vec<&str> {
    corpus.documents.iter().map(|d| d.text.as_str()).collect()
}

const ROWS: &str = "Zoë\tB-P\naß\tO\n日本\tB-L\n\n🍕\tO\n";

fn utf16(text: &str, bytes: fn(u16) -> [u8; 2]) -> Vec<u8> {
    text.encode_utf16().flat_map(bytes).collect()
}

#[test]
fn utf16_is_read_and_told() {
    let little = utf16(ROWS, u16::to_le_bytes);
    let big = utf16(ROWS, u16::to_be_bytes);
    for (bytes, name, why) in [
        (little.clone(), "UTF-16LE", "zero bytes"),
        (big.clone(), "UTF-16BE", "zero bytes"),
        (
            [&[0xff, 0xfe], &little[..]].concat(),
            "UTF-16LE",
            "byte order mark",
        ),
        (
            [&[0xfe, 0xff], &big[..]].concat(),
            "UTF-16BE",
            "byte order mark",
        ),
    ] {
        let corpus = read(&bytes, None).unwrap();
        assert_eq!(texts(&corpus), ["Zoë aß 日本", "🍕"]);
        assert_eq!(corpus.source.entities, 2);
        let issue = &corpus.issues[0];
        assert_eq!(
            (issue.code.as_str(), issue.severity),
            ("encoding", Severity::Info)
        );
        assert_eq!(issue.found, name);
        assert!(issue.message.contains(why), "{issue}");
    }
    // The same, named.
    for (bytes, name) in [
        (&little, "utf-16le"),
        (&little, "utf-16"),
        (&big, "UTF-16BE"),
    ] {
        let corpus = read(bytes, Some(name)).unwrap();
        assert_eq!(texts(&corpus), ["Zoë aß 日本", "🍕"]);
        assert!(corpus.issues.is_empty());
    }
    // A mark knows better than `utf-16`, which means little endian.
    let marked = [&[0xfe, 0xff], &big[..]].concat();
    assert_eq!(texts(&read(&marked, Some("utf-16")).unwrap()).len(), 2);
    // Japanese alone, without a mark: ASCII is a minority, the tags.
    let corpus = read(
        &utf16("日本語\tB-場所\n東京都庁\tI-場所\n", u16::to_be_bytes),
        None,
    )
    .unwrap();
    assert_eq!(texts(&corpus), ["日本語 東京都庁"]);
    // JSON as Windows programs write it.
    let json = utf16(
        "\u{feff}{\"text\": \"Zoë\", \"entities\": [[0, 3, \"P\"]]}\r\n",
        u16::to_le_bytes,
    );
    assert_eq!(texts(&read(&json, None).unwrap()), ["Zoë"]);
}

#[test]
fn lone_surrogates_of_utf16_are_counted_and_placed() {
    let mut units: Vec<u16> = "a\tO\n".encode_utf16().collect();
    units.extend([0xd83c, 0x09, 0x4f, 0x0a, 0xdf55, 0x09, 0x4f, 0x0a]);
    let bytes: Vec<u8> = units.iter().flat_map(|unit| unit.to_le_bytes()).collect();
    let marked = [&[0xff, 0xfe], &bytes[..]].concat();
    let error = read(&marked, None).unwrap_err();
    assert_eq!(
        error.to_string(),
        "f:2: not valid UTF-16LE at byte 10, the first of 2 places"
    );
    assert_eq!((error.faults(), error.line()), (2, Some(2)));
    assert_eq!(error.findings()[0].count, 2);
}

/// The same words in encodings from before Unicode, as their tables have them.
#[test]
fn legacy_encodings_are_guessed_and_told() {
    for (bytes, name, expected) in [
        (
            &b"Z\xfcrich\tB-L\nliegt\tO\nsch\xf6n\tO\nam\tO\ngr\xfcnen\tO\nFlu\xdf\tO\n"[..],
            "windows-1252",
            "Zürich liegt schön am grünen Fluß",
        ),
        (
            b"\xcc\xee\xf1\xea\xe2\xe0\tB-L\n\xf1\xf2\xee\xeb\xe8\xf6\xe0\tO\n\xd0\xee\xf1\xf1\xe8\xe8\tB-L\n",
            "windows-1251",
            "Москва столица России",
        ),
        (
            b"\x93\x8c\x8b\x9e\tB-L\n\x82\xcd\tO\n\x93\xfa\x96{\tB-L\n\x82\xcc\tO\n\x8e\xf1\x93s\tO\n\x82\xc5\x82\xb7\tO\n\x82\xb1\x82\xcc\tO\n\x95\xb6\x8f\xcd\tO\n\x82\xcd\tO\n\x95\xb6\x8e\x9a\tO\n\x83R\x81[\x83h\tO\n\x82\xf0\tO\n\x92\xb2\x82\xd7\x82\xe9\tO\n\x82\xbd\x82\xdf\tO\n\x82\xc9\tO\n\x8f\x91\x82\xa9\x82\xea\tO\n\x82\xdc\x82\xb5\x82\xbd\tO\n",
            "Shift_JIS",
            "東京 は 日本 の 首都 です この 文章 は 文字 コード を 調べる ため に 書かれ ました",
        ),
        (
            b"\xb1\xb1\xbe\xa9\tB-L\n\xca\xc7\tO\n\xd6\xd0\xb9\xfa\tB-L\n\xb5\xc4\tO\n\xca\xd7\xb6\xbc\tO\n",
            "GBK",
            "北京 是 中国 的 首都",
        ),
    ] {
        let corpus = read(bytes, None).unwrap_or_else(|e| panic!("{name}: {e}"));
        let issue = &corpus.issues[0];
        assert_eq!((issue.code.as_str(), issue.severity), ("encoding", Severity::Warning));
        assert_eq!((issue.found.as_str(), issue.line), (name, 1));
        assert!(issue.message.contains("a guess from"), "{issue}");
        assert!(issue.fix.as_ref().unwrap().contains("--encoding"));
        assert_eq!(texts(&corpus), [expected]);
        // The same by name, and then nothing is a guess.
        let corpus = read(bytes, Some(name)).unwrap();
        assert_eq!(texts(&corpus), [expected]);
        assert!(corpus.issues.is_empty());
    }
}

#[test]
fn damage_is_no_reason_to_guess() {
    // 200 lines with an umlaut each, and one byte of Latin-1 in line 101.
    let good = "Zürich\tB-L\nliegt\tO\n\n".repeat(50);
    let bytes = [good.as_bytes(), b"\xe9t\xe9\tO\n", good.as_bytes()].concat();
    let error = read(&bytes, None).unwrap_err();
    assert_eq!(
        error.to_string(),
        format!(
            "f:151: not valid UTF-8 at byte {} (0xE9), the first of 2 places",
            good.len()
        )
    );
    // Even with many bad places, as long as more is good.
    let bytes = [good.as_bytes(), &b"\xe9\tO\n".repeat(100)].concat();
    let error = read(&bytes, None).unwrap_err();
    assert!(
        matches!(error, ReadError::NotUtf8 { count: 100, .. }),
        "{error}"
    );
    // Asked for, it is done.
    assert!(read(&bytes, Some("latin1")).is_ok());
    // UTF-8 that is asked for is strict too.
    let error = read(b"a\xff\tO\n", Some("utf8")).unwrap_err();
    assert_eq!(error.to_string(), "f:1: not valid UTF-8 at byte 1 (0xFF)");
    // Control characters are in no text, so that these bytes are in no encoding.
    let error = read(b"\x01\x02\xe9\xe9\xe9\xe9\tO\n", None).unwrap_err();
    assert!(
        matches!(error, ReadError::NotUtf8 { count: 4, .. }),
        "{error}"
    );
}

#[test]
fn cesu8_is_read_when_asked_for() {
    let bytes = b"a\tO\n\xed\xa0\xbc\xed\xbd\x95\tB-X\n\xc3\xa9\tO\n";
    let corpus = read(bytes, Some("CESU-8")).unwrap();
    assert_eq!(texts(&corpus), ["a \u{1f355} é"]);
    let error = read(b"a\tO\n\xed\xa0\xbc\tO\n\xed\xbd\x95\tO\n", Some("cesu-8")).unwrap_err();
    assert_eq!(
        error.to_string(),
        "f:2: not valid CESU-8 at byte 4, the first of 2 places"
    );
    let error = read(bytes, None).unwrap_err();
    assert!(error.hint().unwrap().contains("`--encoding cesu-8`"));
}

#[test]
fn unknown_names_and_stray_zeros() {
    let error = read(b"a\tO\n", Some("utf-9")).unwrap_err();
    assert_eq!(
        error.to_string(),
        "there is no encoding `utf-9` to read `f` in"
    );
    assert!(error.hint().unwrap().contains("windows-1252"));
    // One in two hundred lines is a slip, and reported.
    let text = format!("{}x\0\tO\n", "abc\tO\n".repeat(200));
    let corpus = read(text.as_bytes(), None).unwrap();
    let issue = &corpus.issues[0];
    assert_eq!(
        (issue.code.as_str(), issue.line, issue.count),
        ("nul-character", 201, 1)
    );
    assert_eq!(corpus.documents[0].words.len(), 201);
    let utf32: Vec<u8> = "\u{feff}a\tO\n"
        .chars()
        .flat_map(|c| u32::from(c).to_le_bytes())
        .collect();
    let error = read(&utf32, None).unwrap_err();
    assert!(error.hint().unwrap().contains("UTF-32"), "{error}");
}

#[test]
fn any_bytes_in_any_encoding_give_an_answer() {
    use proptest::prelude::*;
    let name = prop::sample::select(vec![
        None,
        Some("utf-8"),
        Some("cesu-8"),
        Some("utf-16le"),
        Some("utf-16be"),
        Some("shift_jis"),
        Some("gb18030"),
        Some("iso-2022-jp"),
        Some("windows-1252"),
        Some("replacement"),
    ]);
    let byte = prop_oneof![
        any::<u8>(),
        prop::sample::select(b"\0\t\nO{}\xed\xa0\xbd\xff\xfe\x1b".to_vec())
    ];
    proptest!(|(bytes in prop::collection::vec(byte, 0..200), name in name)| {
        if let Err(error) = read(&bytes, name) {
            prop_assert!(error.hint().is_some(), "{error:?}");
            if let ReadError::NotUtf8 { byte, .. } | ReadError::Undecodable { byte, .. } = error {
                prop_assert!(byte < bytes.len());
            }
        }
    });
}
