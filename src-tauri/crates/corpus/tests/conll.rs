//! What CoNLL-style files may look like.
//!
//! One file, as all of them are variations of one form.

mod support;

use std::path::Path;
use tagsmith_protocol::Diagnose;

use tagsmith_corpus::{
    ColumnChoice, Corpus, Format, ReadError, ReadOptions, Scheme, Severity, read_bytes,
};

use support::show;

fn read_with(text: &str, options: &ReadOptions) -> Result<Corpus, ReadError> {
    read_bytes(Path::new("x.conll"), text.as_bytes(), options)
}

/// Reads `text` and compares the documents, the scheme and the codes of the issues.
fn check(text: &str, expected: &str, scheme: Scheme, codes: &[&str]) {
    let corpus =
        read_with(text, &ReadOptions::default()).unwrap_or_else(|e| panic!("{text:?}: {e}"));
    assert_eq!(show(&corpus), expected, "{text:?}");
    assert_eq!(corpus.source.scheme, Some(scheme), "{text:?}");
    let found: Vec<&str> = corpus
        .issues
        .iter()
        .map(|issue| issue.code.as_str())
        .collect();
    assert_eq!(found, codes, "{text:?}: {:?}", corpus.issues);
}

#[test]
fn separators_and_line_ends() {
    let same = "[Ada]P|of / [York]L";
    check("Ada\tB-P\nof\tO\n\nYork\tB-L\n", same, Scheme::Iob2, &[]);
    check("Ada B-P\nof O\n\nYork B-L", same, Scheme::Iob2, &[]);
    check(
        "Ada   B-P  \nof \t O\n \t \nYork  B-L\n\n\n",
        same,
        Scheme::Iob2,
        &[],
    );
    check(
        "Ada\tB-P\r\nof\tO\r\n\r\nYork\tB-L\r\n",
        same,
        Scheme::Iob2,
        &[],
    );
    check("Ada\tB-P\rof\tO\r\rYork\tB-L\r", same, Scheme::Iob2, &[]);
    check(
        "\u{feff}Ada\tB-P\nof\tO\n\t\nYork\tB-L\n",
        same,
        Scheme::Iob2,
        &[],
    );
    check(
        "\n\n\nAda\tB-P\t\nof\tO \n\t\t\n\nYork\tB-L",
        same,
        Scheme::Iob2,
        &[],
    );
}

#[test]
fn tokens_of_all_kinds() {
    check(
        "New York\tB-L\n \tO\n\tO\nx\tO\n",
        "[New York]L| ||x",
        Scheme::Iob2,
        &["empty-token"],
    );
    check(
        "a O\n O\nb B-X\n",
        "a||[b]X",
        Scheme::Iob2,
        &["empty-token"],
    );
    check(
        "# O\n#\tO\n#tag B-X\n# O\n",
        "#|#|[#tag]X|#",
        Scheme::Iob2,
        &[],
    );
    check("[ O\n{ B-X\n", "[|[{]X", Scheme::Iob2, &[]);
    check("{\tB-a b\n}\tI-a b\n", "[{|}]a b", Scheme::Iob2, &[]);
    check("O\tO\nB-X\tB-X\n", "O|[B-X]X", Scheme::Iob2, &[]);
}

#[test]
fn schemes() {
    check("a I-X\nb B-X\nc O\n", "[a]X|[b]X|c", Scheme::Iob1, &[]);
    check("a I-X\nb I-Y\n", "[a]X|[b]Y", Scheme::Io, &[]);
    check(
        "a S-X\nb B-X\nc I-X\nd E-X\n",
        "[a]X|[b|c|d]X",
        Scheme::Bioes,
        &[],
    );
    check(
        "a U-X\nb B-X\nc I-X\nd L-X\n",
        "[a]X|[b|c|d]X",
        Scheme::Bilou,
        &[],
    );
    check(
        "a S-X\nb B-X\nc M-X\nd E-X\n",
        "[a]X|[b|c|d]X",
        Scheme::Bmes,
        &[],
    );
    check("a O\nb O\n", "a|b", Scheme::Iob2, &[]);
    check(
        "a PER\nb PER\nc O\nd LOC\n",
        "[a|b]PER|c|[d]LOC",
        Scheme::Io,
        &["bare-labels"],
    );
    check(
        "a B\nb I\nc O\nd B\n",
        "[a|b]ENTITY|c|[d]ENTITY",
        Scheme::Iob2,
        &["no-labels"],
    );
}

#[test]
fn repairs_are_conllevals_and_are_told() {
    check(
        "a B-X\nb I-X\nc O\nd I-X\n",
        "[a|b]X|c|[d]X",
        Scheme::Iob2,
        &["tag-repaired"],
    );
    check(
        "a B-X\nb I-Y\n\nc B-X\n",
        "[a]X|[b]Y / [c]X",
        Scheme::Iob2,
        &["tag-repaired"],
    );
    check(
        "a S-X\nb B-X\nc O\n",
        "[a]X|[b]X|c",
        Scheme::Bioes,
        &["tag-repaired"],
    );
    let corpus = read_with("a B-X\n\nb O\nc I-X\n", &ReadOptions::default()).unwrap();
    assert_eq!(corpus.source.repaired_tags, 1);
    let issue = &corpus.issues[0];
    assert_eq!((issue.line, issue.severity), (4, Severity::Warning));
    assert_eq!(issue.fix.as_deref(), Some("write `B-X`"));
    assert_eq!(
        issue.to_string(),
        "x.conll:4: tag `I-X` of `c` behind `O` breaks the scheme iob2; read as `B-X`"
    );
    // The same tags are well-formed when one says that they are IOB1.
    let options = ReadOptions {
        scheme: Some(Scheme::Iob1),
        ..Default::default()
    };
    let corpus = read_with("a I-X\n\nb O\nc I-X\n", &options).unwrap();
    assert_eq!(
        (corpus.source.repaired_tags, corpus.source.scheme),
        (0, Some(Scheme::Iob1))
    );
}

#[test]
fn a_file_full_of_repairs_lists_some_and_counts_all() {
    let text = "a I-X\nb B-X\n\nc B-X\n\nd B-X\n\n".repeat(5000);
    let corpus = read_with(&text, &ReadOptions::default()).unwrap();
    assert_eq!(corpus.source.repaired_tags, 5000);
    assert_eq!(corpus.issues.len(), 1001);
    assert_eq!(
        corpus.issues[1000].message,
        "4000 more issues of the kind `tag-repaired` (5000 in all)"
    );
}

#[test]
fn columns() {
    check("a NN x O\nb NNP y B-X\n", "a|[b]X", Scheme::Iob2, &[]);
    check(
        "1\ta\tO\t_\n2\tb\tB-X\t_\n\n1\tc\tO\t_\n",
        "a|[b]X / c",
        Scheme::Iob2,
        &["tag-column"],
    );
    check(
        "a B-NP O\nb I-NP B-X\n",
        "a|[b]X",
        Scheme::Iob2,
        &["several-tag-columns"],
    );
    check(
        "a\tO\nb\tO\tmore\nc B-X\nd\tO\n",
        "a|b|[c]X|d",
        Scheme::Iob2,
        &["column-count", "mixed-separators"],
    );
    let text = "# global.columns = ID FORM NER CHUNK\n1 a B-X B-NP\n2 b O I-NP\n";
    for (choice, expected) in [
        (ColumnChoice::Name("NER".into()), "[a]X|b"),
        (ColumnChoice::Index(2), "[a]X|b"),
        (ColumnChoice::Index(-2), "[a]X|b"),
        (ColumnChoice::Index(-1), "[a|b]NP"),
    ] {
        let options = ReadOptions {
            tag_column: Some(choice),
            ..Default::default()
        };
        assert_eq!(show(&read_with(text, &options).unwrap()), expected);
    }
    for choice in [
        ColumnChoice::Name("POS".into()),
        ColumnChoice::Index(4),
        ColumnChoice::Index(-5),
    ] {
        let options = ReadOptions {
            tag_column: Some(choice),
            ..Default::default()
        };
        let error = read_with(text, &options).unwrap_err();
        assert!(matches!(error, ReadError::NoSuchColumn { .. }), "{error}");
        assert!(
            error
                .to_string()
                .contains("4 columns: ID, FORM, NER, CHUNK"),
            "{error}"
        );
    }
    let options = ReadOptions {
        token_column: Some(ColumnChoice::Index(0)),
        ..Default::default()
    };
    assert_eq!(show(&read_with(text, &options).unwrap()), "[1|2]NP");
    assert_eq!("-2".parse(), Ok(ColumnChoice::Index(-2)));
    assert_eq!("NER".parse(), Ok(ColumnChoice::Name("NER".into())));
}

#[test]
fn source_documents_and_comments() {
    let text = "-DOCSTART- -X- O O\n\na N N O\n\nb N N B-X\n\n-DOCSTART- -X- O O\n\nc N N O\n";
    let corpus = read_with(text, &ReadOptions::default()).unwrap();
    let groups: Vec<_> = corpus.documents.iter().map(|d| d.group).collect();
    assert_eq!(groups, [Some(0), Some(0), Some(1)]);
    assert_eq!(
        corpus.documents.iter().map(|d| d.line).collect::<Vec<_>>(),
        [3, 5, 9]
    );

    // Sentences before the first boundary are a source document too.
    let corpus = read_with("a O\n\n-DOCSTART- O\n\nb B-X\n", &ReadOptions::default()).unwrap();
    assert_eq!(
        corpus.documents.iter().map(|d| d.group).collect::<Vec<_>>(),
        [Some(0), Some(1)]
    );

    let text = "# newdoc id = d1\n# sent_id = s1\n# text = a b\n1\ta\tO\n2\tb\tB-X\n\n# sent_id = s2\n1\tc\tO\n";
    let corpus = read_with(text, &ReadOptions::default()).unwrap();
    assert_eq!(show(&corpus), "a|[b]X / c");
    let ids: Vec<_> = corpus
        .documents
        .iter()
        .map(|d| (d.id.as_deref(), d.group))
        .collect();
    assert_eq!(ids, [(Some("s1"), Some(0)), (Some("s2"), Some(0))]);
    assert!(matches!(
        corpus.source.format,
        Format::Conll {
            token_column: 1,
            tag_column: 2,
            ..
        }
    ));
}

/// Any word passes for a bare label, so that a comment of two words looks like a row.
#[test]
fn comments_beside_bare_labels_are_no_rows() {
    let expected = "Ada|of / [York]LOC";
    let same = |text: &str| {
        check(
            text,
            &expected.replace("Ada", "[Ada]PER"),
            Scheme::Io,
            &["bare-labels"],
        );
    };
    same("# doc1\nAda PER\nof O\n\n# doc2\nYork LOC\n");
    same("# doc1\nAda\tPER\nof\tO\n\n#\nYork\tLOC\n# doc2\n");
    // The token `#` is still a word where its label is one of the file's.
    check(
        "# O\nAda PER\nof O\n# PER\n# last\n",
        "#|[Ada]PER|of|[#]PER",
        Scheme::Io,
        &["bare-labels"],
    );
}

/// Faulty rows: the message and the fix of each.
#[test]
fn faulty_rows_are_all_listed() {
    fn faults(text: &str, expected: &[(usize, &str, &str)]) {
        let error = read_with(text, &ReadOptions::default()).expect_err(text);
        assert!(matches!(error, ReadError::Malformed { .. }), "{error}");
        let found: Vec<_> = error
            .issues()
            .iter()
            .map(|i| (i.line, i.message.as_str(), i.fix.as_deref().unwrap()))
            .collect();
        assert_eq!(found, expected, "{text:?}");
        assert_eq!(error.hint().as_deref(), Some(expected[0].2));
    }
    let give = "give the row a word and its tag, or make it empty where a sentence ends";
    faults(
        "a\tO\nb\nc\tO\n\nd\n",
        &[
            (
                2,
                "found 1 column (`b`), expected 2 separated by tabs",
                give,
            ),
            (
                5,
                "found 1 column (`d`), expected 2 separated by tabs",
                give,
            ),
        ],
    );
    faults(
        "a b O\nc d O\ne O\nf g B-X\n",
        &[(
            3,
            "found 2 columns (`e O`), expected 3 separated by spaces",
            give,
        )],
    );
    faults(
        "a O\nNew York B-X\nb O\n",
        &[(
            2,
            "found 3 columns (`New York B-X`), expected 2 separated by spaces",
            "separate the columns by tabs when words contain spaces",
        )],
    );
    let bad = |tag: &str| {
        format!("`{tag}` is not a tag; expected `O`, or a letter and a label such as `B-PER`")
    };
    for (tag, fix) in [
        ("b-PER", "write `B-PER`"),
        ("B_PER", "write `B-PER`"),
        ("PER-B", "write `B-PER`"),
        (
            "PER",
            "write `B-PER` or `I-PER`, and `O` outside of entities",
        ),
    ] {
        faults(
            &format!("a\tO\nb\tB-X\nc\tI-X\nd\t{tag}\n"),
            &[(4, &bad(tag), fix)],
        );
    }
}

#[test]
fn with_bare_labels_a_comment_is_no_token_unless_rows_are_labelled_so() {
    let text = "# doc2\nParis\tLOC\n#\tO\nis\tO\n";
    let corpus = tagsmith_corpus::read_bytes(
        std::path::Path::new("a.conll"),
        text.as_bytes(),
        &Default::default(),
    )
    .unwrap();
    assert_eq!(corpus.documents[0].text, "Paris # is");
}

#[test]
fn a_word_like_a_boundary_survives_anywhere_in_its_sentence() {
    let mut document = tagsmith_corpus::Document::from_words(&["see", "-DOCSTART-", "Paris"]);
    document.set_word_spans(&[tagsmith_corpus::WordSpan {
        first: 2,
        end: 3,
        label: "LOC".into(),
    }]);
    let mut out = Vec::new();
    let format = tagsmith_corpus::WriteFormat::ConllScheme(tagsmith_corpus::Scheme::Iob2);
    let report = tagsmith_corpus::write(&[document], &format, &mut out).unwrap();
    assert_eq!(report.changed_strings, 1);
    let path = std::path::Path::new("a.conll");
    let back = tagsmith_corpus::read_bytes(path, &out, &Default::default()).unwrap();
    assert_eq!(back.documents.len(), 1);
    assert_eq!(back.documents[0].words.len(), 3);
    assert_eq!(back.documents[0].spans.len(), 1);
}

/// GermEval's two columns: entities, and those that lie inside them.
#[test]
fn nested_columns() {
    let text = "# source\n1\tBank\tB-ORG\tO\n2\tof\tI-ORG\tO\n3\tLondon\tI-ORG\tB-LOC\n4\tin\tO\tO\n5\tParis\tB-LOC\tO\n";
    check(
        text,
        "[Bank|of|London]ORG|in|[Paris]LOC",
        Scheme::Iob2,
        &["several-tag-columns"],
    );
    let options = ReadOptions {
        tag_column: Some(ColumnChoice::Index(-1)),
        ..Default::default()
    };
    assert_eq!(
        show(&read_with(text, &options).unwrap()),
        "Bank|of|[London]LOC|in|Paris"
    );
    // Both, in the order of their starts, the longer one first.
    let both = ReadOptions {
        keep_overlaps: true,
        ..Default::default()
    };
    let corpus = read_with(text, &both).unwrap();
    let document = &corpus.documents[0];
    let spans: Vec<_> = document
        .spans
        .iter()
        .map(|s| (&document.text[s.start..s.end], s.label.as_str()))
        .collect();
    assert_eq!(
        spans,
        [
            ("Bank of London", "ORG"),
            ("London", "LOC"),
            ("Paris", "LOC")
        ]
    );
    assert_eq!(corpus.source.entities, 3);
    assert_eq!(corpus.issues[0].code.as_str(), "several-tag-columns");
    // A row of the short kind, and an entity that starts where the outer one does.
    let text = "1\tLondon\tB-ORG\tB-LOC\n2\tBank\tI-ORG\n3\tx\tB-LOC\tO\n\n";
    let text = &format!("{text}{}", "1\ty\tO\tO\n2\tz\tO\tO\n\n".repeat(20));
    let corpus = read_with(text, &both).unwrap();
    let document = &corpus.documents[0];
    let spans: Vec<_> = document
        .spans
        .iter()
        .map(|s| (&document.text[s.start..s.end], s.label.as_str()))
        .collect();
    assert_eq!(
        spans,
        [("London Bank", "ORG"), ("London", "LOC"), ("x", "LOC")]
    );
    // A piece of such a file without any nested entity keeps the others.
    check(
        "a\tB-PER\tO\nb\tO\tO\n",
        "[a]PER|b",
        Scheme::Iob2,
        &["several-tag-columns"],
    );
    // Names beside chunks stay the names, if there are any or not.
    check(
        "a B-NP B-PER\nb I-NP O\n",
        "[a]PER|b",
        Scheme::Iob2,
        &["several-tag-columns"],
    );
    check(
        "a B-NP O\nb I-NP O\n",
        "a|b",
        Scheme::Iob2,
        &["several-tag-columns"],
    );
    // A prediction beside its gold has the same entities, not nested ones.
    check(
        "a B-X B-X\nb O O\nc B-Y O\n",
        "[a]X|b|c",
        Scheme::Iob2,
        &["several-tag-columns"],
    );
}

/// CoNLL-U has rows for words that are written as one, and for those that are not written at all.
#[test]
fn rows_that_are_no_words() {
    let text = "# global.columns = ID FORM MISC NER\n1\tvamos\t_\tO\n2-3\tal\t_\t_\n2\ta\t_\tO\n3\tel\t_\tB-LOC\n3.1\tir\t_\t_\n4\tPrado\t_\tI-LOC\n";
    check(text, "vamos|a|[el|Prado]LOC", Scheme::Iob2, &["range-rows"]);
    let corpus = read_with(text, &ReadOptions::default()).unwrap();
    assert!(
        corpus.issues[0]
            .message
            .starts_with("2 rows without a word of their own"),
        "{:?}",
        corpus.issues
    );
}

/// Such a row may have a tag of its own: that of an entity goes to the words that it covers, where these
/// have none.
#[test]
fn tagged_rows_that_are_no_words() {
    let head = "# global.columns = ID FORM NER\n1\tAnna\tB-PER\n";
    for (rows, expected, told) in [
        // `im` again, tagged as any other row.
        (
            "2-3\tim\tO\n2\tin\tO\n3\tdem\tO\n4\tUlm\tB-LOC\n",
            "in|dem|[Ulm]LOC",
            1,
        ),
        (
            "2-3\tdelMar\tB-LOC\n2\tdel\tO\n3\tMar\tO\n4\tx\tO\n",
            "[del|Mar]LOC|x",
            1,
        ),
        // Words without a tag are fine within it, and behind it they are not.
        (
            "2-3\tdelMar\tB-LOC\n2\tdel\t_\n2.1\te\t_\n3\tMar\t_\n4\tx\tO\n5\ty\tO\n6\tz\tO\n",
            "[del|Mar]LOC|x|y|z",
            1,
        ),
        (
            "2-4\tx\tS-ORG\n2\ta\tO\n3\tb\tO\n4\tc\tO\n5\td\tO\n",
            "[a|b|c]ORG|d",
            1,
        ),
        // Where the words have tags, and where there are none of them.
        (
            "2-3\tdelMar\tB-ORG\n2\tdel\tO\n3\tMar\tB-LOC\n",
            "del|[Mar]LOC",
            2,
        ),
        ("2\tx\tO\n3-4\tdelMar\tB-ORG\n", "x", 2),
        // A word that is not in the text.
        ("2\tin\tO\n2.1\tUlm\tB-LOC\n3\tx\tO\n", "in|x", 2),
    ] {
        let text = format!("{head}{rows}");
        let corpus = read_with(&text, &ReadOptions::default())
            .unwrap_or_else(|error| panic!("{text}: {error}"));
        assert_eq!(show(&corpus), format!("[Anna]PER|{expected}"), "{text}");
        let codes = corpus.issues.iter().map(|issue| issue.code.as_str());
        let found = codes.filter(|code| *code == "range-rows").count();
        assert_eq!(found, told, "{text}: {:?}", corpus.issues);
    }
    let error = read_with(
        &format!("{head}2-3\tx\tB-LOC\n2\ta\tO\n3\tb\tO\n4\tc\t_\n5\td\tO\n"),
        &ReadOptions::default(),
    );
    assert_eq!(error.unwrap_err().issues()[0].line, 6);
    // Numbers with a hyphen or a point are words where the first column counts none.
    check("1-2\tO\n3.5\tB-X\n", "1-2|[3.5]X", Scheme::Iob2, &[]);
}

/// Large files are judged by blocks of their rows; what these show must not depend on where they lie.
#[test]
fn a_large_file_is_judged_as_a_small_one() {
    let sentence =
        "1\tBank\tB-ORG\tO\n2\tof\tI-ORG\tO\n3\tLondon\tI-ORG\tB-LOC\n4\tin\tB-LOC\tO\n\n";
    for count in [10, 30_000, 100_000] {
        let corpus = read_with(&sentence.repeat(count), &ReadOptions::default()).unwrap();
        assert_eq!(
            (corpus.documents.len(), corpus.source.entities),
            (count, 2 * count)
        );
        assert_eq!(corpus.documents[count - 1].line, 5 * count - 4);
        let Format::Conll {
            token_column,
            tag_column,
            ..
        } = corpus.source.format
        else {
            panic!("{:?}", corpus.source.format)
        };
        assert_eq!((token_column, tag_column), (1, 2));
    }
    // The line that the message names is that of the file.
    let text = "some words of prose that end in nothing\n".repeat(60_000);
    let error = read_with(&text, &ReadOptions::default()).unwrap_err();
    let line: usize = error
        .to_string()
        .split("(line ")
        .nth(1)
        .unwrap()
        .split(':')
        .next()
        .unwrap()
        .parse()
        .unwrap();
    assert!((25_000..35_000).contains(&line), "{error}");
    // Broken tags are reported with their line, though a comment comes between.
    let text = "a B-X\n# a remark\nb O\nc I-X\n";
    let corpus = read_with(text, &ReadOptions::default()).unwrap();
    assert_eq!(corpus.issues[0].line, 4);
}
