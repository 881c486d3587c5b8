//! Files of a few documents, in which there is little to tell by how they are to be read: what is right is
//! not read otherwise by chance.

#![allow(clippy::unwrap_used, reason = "helpers of tests may fail them")]

mod support;

use std::path::Path;

use tagsmith_corpus::{Corpus, ReadOptions, Scheme, WriteFormat, read_bytes, write};

use support::{codes, pieces};

fn load(name: &str, text: &str) -> Corpus {
    let read = read_bytes(Path::new(name), text.as_bytes(), &ReadOptions::default());
    read.unwrap_or_else(|error| panic!("{text}: {error}"))
}

fn groups(corpus: &Corpus) -> Vec<Option<u32>> {
    corpus
        .documents
        .iter()
        .map(|document| document.group)
        .collect()
}

/// A space beside a word must not make a reading right under which every end moves by one.
#[test]
fn one_wrong_offset_does_not_move_the_others() {
    let ends = r#"{"text": "Anna met Bob", "entities": [{"start": 0, "end": 3, "text": "Anna", "label": "PER"}]}
{"text": "Li sat", "entities": [{"start": 0, "end": 2, "text": "Li", "label": "PER"}]}"#;
    let corpus = load("ends.jsonl", ends);
    assert_eq!(pieces(&corpus), [[("Ann", "PER")], [("Li", "PER")]]);
    assert_eq!(codes(&corpus), ["span-text-differs", "span-cuts-word"]);
    let one = r#"{"text": "So Anna met Bob and Kim in Rome", "entities": [{"start": 3, "end": 7, "text": "Anna", "label": "PER"}, {"start": 12, "end": 15, "text": "Bob", "label": "PER"}, {"start": 21, "end": 23, "text": "Kim", "label": "PER"}]}"#;
    let corpus = load("one.jsonl", one);
    let found = pieces(&corpus);
    assert_eq!(found[0][..2], [("Anna", "PER"), ("Bob", "PER")]);
}

/// Where a Windows line end is counted once, the spans of the first line are right as they are.
#[test]
fn joined_line_ends_win_over_a_shift_that_fits_fewer_words() {
    let text = r#"[{"data": {"text": "Kim left\r\nAnna met Bob\r\nLi sat"}, "annotations": [{"result": [
        {"to_name": "text", "type": "labels", "value": {"start": 0, "end": 3, "labels": ["PER"]}},
        {"to_name": "text", "type": "labels", "value": {"start": 9, "end": 13, "text": "Anna", "labels": ["PER"]}},
        {"to_name": "text", "type": "labels", "value": {"start": 18, "end": 21, "text": "Bob", "labels": ["PER"]}},
        {"to_name": "text", "type": "labels", "value": {"start": 22, "end": 24, "labels": ["PER"]}}]}]}]"#;
    let corpus = load("studio.json", text);
    let expected = ["Kim", "Anna", "Bob", "Li"].map(|name| (name, "PER"));
    assert_eq!(pieces(&corpus), [expected]);
}

/// PubTator's first line has two bars, and so may a text and a word.
#[test]
fn bars_alone_are_not_pubtators() {
    let json = r#"{"text":"|a|b| Anna","entities":[[6,10,"PER"]]}"#;
    assert_eq!(pieces(&load("x.jsonl", json)), [[("Anna", "PER")]]);
    let words = "x|t|y\tO\nAnna\tB-PER\n";
    assert_eq!(pieces(&load("x.conll", words)), [[("Anna", "PER")]]);
    for title_alone in [
        "12|t|Anna sat\n12\t0\t4\tAnna\tPER\n",
        "\n12|t|Anna sat\n12|a|So.\n12\t0\t4\tAnna\tPER\n",
    ] {
        assert_eq!(pieces(&load("x.txt", title_alone)), [[("Anna", "PER")]]);
    }
}

#[test]
fn rows_may_be_numbered_from_nought() {
    let corpus = load(
        "x.conll",
        "0 Anna B-PER\n1 met O\n2 Bob B-PER\n\n0 Kim B-PER\n1 sat O\n",
    );
    assert_eq!(corpus.documents[0].text, "Anna met Bob");
    assert_eq!(pieces(&corpus)[1], [("Kim", "PER")]);
}

/// `tags` are parts of speech where another field has tags that begin and continue entities.
#[test]
fn sure_tags_win_over_the_better_name() {
    let one = r#"{"tokens": ["Anna", "met"], "tags": ["NNP", "VBD"], "ner": ["B-PER", "O"]}"#;
    assert_eq!(pieces(&load("x.jsonl", one)), [[("Anna", "PER")]]);
}

/// What is marked in the second text of a task is not put on the first.
#[test]
fn label_studios_second_text_is_left_aside() {
    let task = r#"[{"id": 1, "data": {"title": "Anna sat", "body": "Bob met"}, "annotations": [{"result": [
        {"to_name": "title", "type": "labels", "value": {"start": 0, "end": 4, "text": "Anna", "labels": ["PER"]}},
        {"to_name": "body", "type": "labels", "value": {"start": 0, "end": 3, "text": "Bob", "labels": ["PER"]}}]}]}]"#;
    let corpus = load("x.json", task);
    assert_eq!(pieces(&corpus), [[("Anna", "PER")]]);
    let mut found = codes(&corpus);
    found.sort_unstable();
    assert_eq!(found, ["results-ignored", "texts-ignored"]);
}

/// A table's column of covered texts proves how its offsets count, as it does in JSON.
#[test]
fn the_quotes_of_a_table_are_used() {
    let table = "text,start,end,mention,label\nHi Anna met Bob in,4,8,Anna,PER\nHi Anna met Bob in,13,16,Bob,PER\n";
    let corpus = load("x.csv", table);
    assert_eq!(pieces(&corpus), [[("Anna", "PER"), ("Bob", "PER")]]);
    assert_eq!(codes(&corpus), ["offsets-shifted"]);
}

/// Where a group is what stands together, a document behind others leaves it, and one without a group
/// joins none.
#[test]
fn groups_that_a_format_cannot_hold_are_counted() {
    let mixed = r#"{"group": 0, "text": "Anna", "entities": []}
{"text": "Bob", "entities": []}
{"group": 1, "text": "Kim", "entities": []}
{"group": 0, "text": "Lee", "entities": []}"#;
    let documents = load("x.jsonl", mixed).documents;
    let lost = |target| {
        let mut bytes = Vec::new();
        let report = write(&documents, &target, &mut bytes).unwrap();
        (report.lost_groups, bytes)
    };
    let (count, bytes) = lost(WriteFormat::ConllScheme(Scheme::Iob2));
    assert_eq!(count, 1);
    let again = load("x.conll", &String::from_utf8(bytes).unwrap());
    assert_eq!(groups(&again), [0, 1, 2, 3].map(Some));
    assert_eq!(lost(WriteFormat::BioC).0, 1);
    assert_eq!(lost(WriteFormat::Brat).0, 2);
}

/// One of the texts has a byte order mark, which its program counted.
#[test]
fn a_byte_order_mark_of_one_text_moves_its_offsets_alone() {
    let pair = |name: &str, text: &str, annotations: &str| {
        let bytes = |text: &str| text.as_bytes().to_vec();
        (name.into(), bytes(text), bytes(annotations))
    };
    let pairs = [
        pair(
            "a.txt",
            "Anna met Bob",
            "T1\tPER 0 4\tAnna\nT2\tPER 9 12\tBob\n",
        ),
        pair(
            "b.txt",
            "\u{feff}Kim\r\nmet Lee",
            "T1\tPER 1 4\tKim\nT2\tPER 9 12\tLee\n",
        ),
        pair("c.txt", "\u{feff}Eve sat", "T1\tPER 0 3\tEve\n"),
    ];
    let corpus = tagsmith_corpus::read_brat(&pairs, &ReadOptions::default()).unwrap();
    let per = |names: &[&'static str]| names.iter().map(|name| (*name, "PER")).collect::<Vec<_>>();
    assert_eq!(
        pieces(&corpus),
        [per(&["Anna", "Bob"]), per(&["Kim", "Lee"]), per(&["Eve"])]
    );
    assert_eq!(codes(&corpus), ["line-ends-joined", "offsets-shifted"]);
}

/// Spans that count tokens say by what they quote whether their ends are the last token.
#[test]
fn quotes_beside_spans_of_tokens_are_used() {
    let spans = |ends: [usize; 2]| {
        format!(
            r#"{{"tokens": ["Anna", "Bell", "met", "Bob", "Ray", "."], "ner": [{{"start": 0, "end": {}, "label": "PER", "mention": "Anna Bell"}}, {{"start": 3, "end": {}, "label": "PER", "mention": "Bob Ray"}}]}}"#,
            ends[0], ends[1]
        )
    };
    let both = [("Anna Bell", "PER"), ("Bob Ray", "PER")];
    for ends in [[1, 4], [2, 5]] {
        let corpus = load("x.jsonl", &spans(ends));
        assert_eq!(pieces(&corpus), [both], "{ends:?}");
        assert_eq!(codes(&corpus), ["spans-of-tokens"]);
    }
    let corpus = load("x.jsonl", &spans([2, 4]));
    assert_eq!(codes(&corpus), ["spans-of-tokens", "span-text-differs"]);
    assert!(
        corpus.issues[1].message.contains("covers `Bob`"),
        "{}",
        corpus.issues[1].message
    );
}

/// Two documents of one text stay two where a column names them, and a number of each row names none.
#[test]
fn rows_of_a_table_belong_to_the_document_that_they_name() {
    let table = |name: &str, ids: [u8; 4]| {
        let rows = [
            (0, 4, "Anna"),
            (9, 12, "Bob"),
            (0, 4, "Anna"),
            (9, 12, "Bob"),
        ];
        let mut table = format!("{name},text,start,end,label\n");
        for (id, (start, end, _)) in ids.into_iter().zip(rows) {
            table += &format!("{id},Anna met Bob,{start},{end},PER\n");
        }
        table
    };
    let both = [("Anna", "PER"), ("Bob", "PER")];
    for name in ["doc_id", "id"] {
        let corpus = load("x.csv", &table(name, [7, 7, 8, 8]));
        assert_eq!(pieces(&corpus), [both, both], "{name}");
        assert_eq!(corpus.documents[1].id.as_deref(), Some("8"));
    }
    let rows: Vec<String> = table("id", [1, 2, 3, 4])
        .lines()
        .take(3)
        .map(String::from)
        .collect();
    assert_eq!(pieces(&load("x.csv", &rows.join("\n"))), [both]);
}

/// A span that cannot be right is named by its own row.
#[test]
fn a_fault_of_a_table_is_in_the_row_of_its_span() {
    let table = "text,start,end,label\nAnna met Bob,0,4,PER\nAnna met Bob,9,99,PER\n";
    let read = read_bytes(
        Path::new("x.csv"),
        table.as_bytes(),
        &ReadOptions::default(),
    );
    let message = read.unwrap_err().to_string();
    assert!(message.contains("x.csv:3"), "{message}");
}

#[test]
fn a_text_and_its_tags_need_no_names_of_columns() {
    let table = "Anna met Bob\tB-PER O B-PER\nKim sat\tB-PER O\n";
    let corpus = load("x.tsv", table);
    assert_eq!(
        pieces(&corpus),
        [vec![("Anna", "PER"), ("Bob", "PER")], vec![("Kim", "PER")]]
    );
}

/// GermEval has a number, a word and two columns of tags; its inner entities may have labels of their own.
#[test]
fn inner_entities_of_a_small_file_may_have_labels_of_their_own() {
    let rows = "#\tsource\n1\tUni\tB-ORG\tO\n2\tKöln\tI-ORG\tB-LOC\n3\tsiegt\tO\tO\n";
    let corpus = load("x.tsv", rows);
    assert_eq!(pieces(&corpus), [[("Uni Köln", "ORG")]]);
    // Chunks come with parts of speech, and are no entities.
    let chunks = "1\tRome\tB-NP\tB-LOC\n2\tfell\tB-VP\tO\n";
    assert_eq!(pieces(&load("x.tsv", chunks)), [[("Rome", "LOC")]]);
}

/// Records of one patient stay together, whatever the patient is called.
#[test]
fn groups_may_have_names() {
    let records = r#"{"group": "P-17", "text": "Anna", "entities": []}
{"group": "P-3", "text": "Bob", "entities": []}
{"group": "P-17", "text": "Kim", "entities": []}
{"group": "4", "text": "Lee", "entities": []}
{"group": null, "text": "Eve", "entities": []}"#;
    let found = groups(&load("x.jsonl", records));
    assert!(
        found[0].is_some() && found[0] == found[2] && found[0] != found[1],
        "{found:?}"
    );
    assert_eq!(found[3..], [Some(4), None]);
    let table = groups(&load(
        "x.csv",
        "text,group,entities\nAnna,P-17,[]\nKim,P-17,[]\n",
    ));
    assert_eq!(table, [found[0], found[0]]);
}
