//! What tables may look like.

#![allow(clippy::unwrap_used, reason = "what fails here fails a test")]

mod support;

use std::path::Path;
use tagsmith_protocol::Diagnose;

use tagsmith_corpus::{
    ColumnChoice, Corpus, Format, FormatName, ReadError, ReadOptions, Scheme, read_bytes,
};

use support::show;

fn read_with(text: &str, options: &ReadOptions) -> Result<Corpus, ReadError> {
    read_bytes(Path::new("x.csv"), text.as_bytes(), options)
}

/// Reads a table of words and compares its documents and its columns (token, tag, sentence).
fn words(text: &str, expected: &str, columns: (usize, usize, Option<usize>)) {
    let corpus = read_with(text, &ReadOptions::default())
        .unwrap_or_else(|e| panic!("{text:?}: {e} {:?}", e.hint()));
    assert_eq!(show(&corpus), expected, "{text:?}");
    let Format::TableWords {
        token_column,
        tag_column,
        sentence_column,
        ..
    } = corpus.source.format
    else {
        panic!("{text:?}: {:?}", corpus.source.format)
    };
    assert_eq!(
        (token_column, tag_column, sentence_column),
        columns,
        "{text:?}"
    );
    assert_eq!(corpus.source.scheme, Some(Scheme::Iob2));
    assert!(
        corpus
            .issues
            .iter()
            .any(|issue| issue.code.as_str() == "table-columns")
    );
}

const SAME: &str = "[Ada]P|,|of / [York]L";

#[test]
fn the_shape_of_kaggle() {
    words(
        "Sentence #,Word,POS,Tag\nSentence: 1,Ada,NNP,B-P\n,\",\",\",\",O\n,of,IN,O\nSentence: 2,York,NNP,B-L\n",
        SAME,
        (1, 3, Some(0)),
    );
    // The number in every row, and one more column of pandas' own.
    words(
        ",Sentence #,Word,POS,Tag\n0,1.0,Ada,NNP,B-P\n1,1.0,\",\",\",\",O\n2,1.0,of,IN,O\n3,2.0,York,NNP,B-L\n",
        SAME,
        (2, 4, Some(1)),
    );
    let corpus = read_with(
        "sentence_id,token,ner\n7,Ada,B-P\n7,of,O\n9,York,B-L\n",
        &ReadOptions::default(),
    )
    .unwrap();
    let documents: Vec<_> = corpus
        .documents
        .iter()
        .map(|d| (d.id.as_deref(), d.line))
        .collect();
    assert_eq!(documents, [(Some("7"), 2), (Some("9"), 4)]);
}

#[test]
fn delimiters_quotes_and_line_ends() {
    for (delimiter, comma) in [(',', "\",\""), (';', ","), ('|', ","), ('\t', ",")] {
        let text = "sent;word;tag\n1;Ada;B-P\n1;COMMA;O\n1;of;O\n2;York;B-L\n"
            .replace(';', &delimiter.to_string())
            .replace("COMMA", comma);
        words(&text, SAME, (1, 2, Some(0)));
        words(&text.replace('\n', "\r\n"), SAME, (1, 2, Some(0)));
        words(&text.replace('\n', "\r"), SAME, (1, 2, Some(0)));
        words(&format!("\u{feff}{text}"), SAME, (1, 2, Some(0)));
        words(text.trim_end(), SAME, (1, 2, Some(0)));
    }
    // A quotation mark that is a word, as pandas writes it and as others do.
    words(
        "id,word,tag\n1,\"\"\"\",O\n1,Ada,B-P\n1,\"\"\"\",O\n",
        "\"|[Ada]P|\"",
        (1, 2, None),
    );
    words(
        "word\ttag\n\"\tO\nAda\tB-P\n\"\tO\nso\tO\n",
        "\"|[Ada]P|\"|so",
        (0, 1, None),
    );
    // Quoted cells may hold line ends; later lines still get the right numbers.
    let text = "sent,word,tag\n1,\"a\nb\",O\n1,c,B_X\n1,d,B-X\n1,e,O\n";
    let error = read_with(text, &ReadOptions::default()).unwrap_err();
    assert_eq!(error.line(), Some(4), "{error}");
}

#[test]
fn blank_lines_and_empty_rows_part_sentences_where_no_column_does() {
    words(
        "word,tag\nAda,B-P\n\",\",O\nof,O\n\nYork,B-L\n",
        SAME,
        (0, 1, None),
    );
    words(
        "word,tag\nAda,B-P\n\",\",O\nof,O\n,\nYork,B-L\n",
        SAME,
        (0, 1, None),
    );
    words(
        "word\ttag\r\nAda\tB-P\r\n,\tO\r\nof\tO\r\n\r\n\r\nYork\tB-L\r\n",
        SAME,
        (0, 1, None),
    );
    let long = format!("word,tag\n{}", "a,O\n".repeat(200));
    let corpus = read_with(&long, &ReadOptions::default()).unwrap();
    assert!(
        corpus
            .issues
            .iter()
            .any(|issue| issue.code.as_str() == "one-sentence")
    );
}

#[test]
fn columns_are_told_by_content_where_no_name_does() {
    words(
        "1,Ada,B-P\n1,\",\",O\n1,of,O\n2,York,B-L\n",
        SAME,
        (1, 2, Some(0)),
    );
    words(
        "nr,w,t\n1,Ada,B-P\n1,\",\",O\n1,of,O\n2,York,B-L\n",
        "[Ada]P|,|of|[York]L",
        (1, 2, None),
    );
}

#[test]
fn columns_can_be_chosen() {
    let text = "a,b,c,d\n1,B-X,Ada,O\n1,O,of,B-Y\n2,O,York,O\n";
    let name = |name: &str| Some(ColumnChoice::Name(name.into()));
    for (tag, token, sentence, expected) in [
        (name("b"), name("c"), name("a"), "[Ada]X|of / York"),
        (name("D"), name("C"), name("A"), "Ada|[of]Y / York"),
        (
            Some(ColumnChoice::Index(-1)),
            Some(ColumnChoice::Index(2)),
            None,
            "Ada|[of]Y|York",
        ),
    ] {
        let options = ReadOptions {
            tag_column: tag,
            token_column: token,
            sentence_column: sentence,
            format: Some(FormatName::Table),
            ..Default::default()
        };
        assert_eq!(show(&read_with(text, &options).unwrap()), expected);
    }
    let options = ReadOptions {
        tag_column: name("zz"),
        format: Some(FormatName::Table),
        ..Default::default()
    };
    let error = read_with(text, &options).unwrap_err();
    assert!(
        error
            .to_string()
            .contains("no column `zz`; its first row is `a`, `b`, `c`, `d`"),
        "{error}"
    );
}

#[test]
fn faulty_rows_are_all_listed() {
    let text = "id,word,tag\n1,a,O\n1,b\n1,\"c\",O\n1,x,y,O\n1,d,PER-B\n2,e,O\n2,f,O\n2,g,O\n2,h,O\n2,i,B-X\n2,j,O\n2,k,O\n2,l,O\n2,m,O\n2,n,O\n2,o,O\n2,p,O\n2,q,O\n2,r,O\n2,s,O\n2,t,O\n";
    let error = read_with(text, &ReadOptions::default()).unwrap_err();
    let found: Vec<_> = error
        .issues()
        .iter()
        .map(|i| (i.line, i.code.as_str()))
        .collect();
    assert_eq!(
        found,
        [
            (3, "too-few-columns"),
            (5, "too-many-columns"),
            (6, "bad-tag")
        ],
        "{error}"
    );
}

#[test]
fn one_text_per_row() {
    let expected = "[Ada]P|of / [York]L";
    for text in [
        "text,entities\nAda of,\"[[0, 3, \"\"P\"\"]]\"\nYork,\"[[0, 4, \"\"L\"\"]]\"\n",
        "text;label\nAda of;[(0, 3, 'P')]\nYork;[(0, 4, 'L')]\n",
        "id\ttext\tspans\n1\tAda of\t[{\"start\": 0, \"end\": 3, \"label\": \"P\"}]\n2\tYork\t[{\"start\": 0, \"end\": 4, \"label\": \"L\"}]\n",
        "text,annotations\nAda of,\"{'entities': [(0, 3, 'P')]}\"\nYork,\"{'entities': [(0, 4, 'L')]}\"\n",
        "tokens,ner_tags\n\"['Ada', 'of']\",\"['B-P', 'O']\"\n\"['York']\",\"['B-L']\"\n",
        "Sentence #,Sentence,POS,Tag\n1,Ada of,\"['NN', 'IN']\",\"['B-P', 'O']\"\n2,York,['NN'],['B-L']\n",
    ] {
        let corpus = read_with(text, &ReadOptions::default())
            .unwrap_or_else(|e| panic!("{text:?}: {e} {:?}", e.hint()));
        assert_eq!(show(&corpus), expected, "{text:?}");
        assert!(
            matches!(corpus.source.format, Format::TableTexts { .. }),
            "{text:?}"
        );
        assert_eq!(corpus.documents[1].line, 3, "{text:?}");
    }
    // Faults name the line of the row.
    let error = read_with(
        "text,entities\n\"a\nb\",[]\nYork,\"[[0, 9, \"\"L\"\"]]\"\n",
        &ReadOptions::default(),
    )
    .unwrap_err();
    assert_eq!(error.line(), Some(4), "{error}");
    // Without labels only when somebody says so.
    let text = "text,source\n\"Ada, of\",x\nYork,y\n";
    let error = read_with(text, &ReadOptions::default()).unwrap_err();
    assert!(
        error
            .hint()
            .unwrap()
            .contains("a table (no: no column holds tags or lists of entities)"),
        "{:?}",
        error.hint()
    );
    let options = ReadOptions {
        format: Some(FormatName::Table),
        ..Default::default()
    };
    let corpus = read_with(text, &options).unwrap();
    assert_eq!(show(&corpus), "Ada|,|of / York");
}

/// What is no table must not pass for one.
#[test]
fn conll_stays_conll() {
    for text in [
        "word\tO\ntag\tO\nAda\tB-P\n",
        "Ada,\tB-P\nof,\tO\n",
        "Ada B-P\n, O\n, O\n",
        "1\tAda\tB-P\n2\tof\tO\n",
        ",\tO\n,\tO\nAda\tB-P\n",
    ] {
        let corpus = read_with(text, &ReadOptions::default()).unwrap();
        assert!(
            matches!(corpus.source.format, Format::Conll { .. }),
            "{text:?}: {:?}",
            corpus.source.format
        );
    }
}

#[test]
fn plain_text_is_read_when_asked_for() {
    let text = "Ada Lovelace was born in London.\r\n\r\n  She wrote, he read.\nEnd";
    let error = read_with(text, &ReadOptions::default()).unwrap_err();
    let hint = error.hint().unwrap();
    for piece in [
        "tried: CoNLL (no: ",
        "JSON (no: ",
        "a table (no: ",
        "--format text",
    ] {
        assert!(hint.contains(piece), "{hint}");
    }
    let options = ReadOptions {
        format: Some(FormatName::Text),
        ..Default::default()
    };
    let corpus = read_with(text, &options).unwrap();
    let found: Vec<_> = corpus
        .documents
        .iter()
        .map(|d| (d.line, d.text.as_str()))
        .collect();
    assert_eq!(
        found,
        [
            (1, "Ada Lovelace was born in London."),
            (3, "  She wrote, he read."),
            (4, "End")
        ]
    );
    assert_eq!(corpus.source.format, Format::Text);
    assert_eq!(corpus.issues[0].code.as_str(), "unlabelled");
}

#[test]
fn a_format_can_be_forced() {
    let force = |format| ReadOptions {
        format: Some(format),
        ..Default::default()
    };
    // A tweet that looks like JSON.
    let text = "{\"a\"\tO\n}\tB-X\n[\tO\n";
    let corpus = read_with(text, &force(FormatName::Conll)).unwrap();
    assert_eq!(corpus.documents[0].words.len(), 3);
    assert!(matches!(
        read_with(text, &force(FormatName::Json)),
        Err(ReadError::Json { .. })
    ));
    assert!(matches!(
        read_with("a O\n", &force(FormatName::Table)),
        Err(ReadError::NotACorpus { .. })
    ));
}

#[test]
fn any_table_gives_an_answer() {
    use proptest::prelude::*;
    let piece = prop::sample::select(vec![
        ",", ";", "\t", "|", "\n", "\r", "\"", "word", "tag", "text", "entities", "sentence", "O",
        "B-X", "1", "a", "[", "]", "(", "'", "é", " ", "{",
    ]);
    proptest!(|(pieces in prop::collection::vec(piece, 0..40), force in any::<bool>())| {
        let text = pieces.concat();
        let options = ReadOptions { format: force.then_some(FormatName::Table), ..Default::default() };
        if let Err(error) = read_with(&text, &options) {
            prop_assert!(error.hint().is_some(), "{error:?}");
        }
    });
}

#[test]
fn a_second_column_of_tags_is_reported() {
    let rows = "word,chunk,ner\nAda,B-NP,B-P\nleft,B-VP,O\n";
    let corpus = read_with(rows, &ReadOptions::default()).unwrap();
    assert_eq!(show(&corpus), "[Ada]P|left");
    let mut found = corpus.issues.iter();
    let issue = found
        .find(|issue| issue.code.as_str() == "several-tag-columns")
        .unwrap();
    assert_eq!(
        issue.message,
        "the column `chunk` holds tags as well; `ner` is read"
    );
    assert!(issue.fix.as_deref().unwrap().contains("--tag-column 1"));
}

/// A text and in the next cell a tag for each of its words.
#[test]
fn a_row_of_tags_for_each_text() {
    for (name, tags) in [
        ("word_labels", ["\"B-P,I-P,O\"", "\"O,O\""]),
        ("tags", ["B-P I-P O", "O O"]),
        ("labels", ["\"B-P, I-P, O\"", "\"O, O\""]),
        ("word_labels", ["\"P-B,P-I,O\"", "\"O,O\""]),
        ("word_labels", ["\"B-P,I-P,B-O\"", "\"B-O,B-O\""]),
    ] {
        let table = format!(
            "sentence,{name}\nAda Berg left,{}\nIt rained,{}\n",
            tags[0], tags[1]
        );
        let corpus = read_with(&table, &ReadOptions::default())
            .unwrap_or_else(|e| panic!("{table:?}: {e} {:?}", e.hint()));
        assert_eq!(show(&corpus), "[Ada|Berg]P|left / It|rained", "{table}");
    }
}
