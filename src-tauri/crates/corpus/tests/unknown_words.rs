//! Words of which a partly labelled file says nothing: kept by our own JSON lines, counted everywhere else.
#![allow(missing_docs, clippy::unwrap_used)]

use std::path::Path;

use tagsmith_corpus::{
    Corpus, Document, ReadOptions, Repair, Scheme, Target, Word, plan, read_bytes, write,
};

fn masked() -> ReadOptions {
    ReadOptions {
        mask_unknown: true,
        ..ReadOptions::default()
    }
}

fn of(text: &str, options: &ReadOptions) -> Corpus {
    read_bytes(Path::new("file.jsonl"), text.as_bytes(), options).unwrap()
}

/// The words that are unknown, by document.
fn unknown(corpus: &Corpus) -> Vec<Vec<&str>> {
    let of = |document: &'_ Document| -> Vec<usize> { document.unknown_words() };
    let documents = corpus.documents.iter();
    documents
        .map(|document| {
            let words = of(document);
            words.into_iter().map(|i| document.word_text(i)).collect()
        })
        .collect()
}

#[test]
fn our_json_lines_keep_what_is_unknown() {
    let mut words = Document::from_words(&["😀", "New York", "", "left"]);
    words.unknown = vec![words.words[1], words.words[2]];
    let mut text = Document::from_text("Zoë saw 😀 in Köln.");
    text.unknown = vec![Word { start: 5, end: 8 }, Word { start: 17, end: 22 }];
    for (document, target) in [(&words, Target::Tokens), (&text, Target::Jsonl)] {
        let format = target.with(Scheme::Iob2);
        let mut out = Vec::new();
        let report = write(std::slice::from_ref(document), &format, &mut out).unwrap();
        assert_eq!(report.lost_unknown, 0);
        let json = String::from_utf8(out).unwrap();
        let read = of(&json, &masked());
        let mut expected = document.clone();
        expected.line = 1;
        assert_eq!(read.documents, [expected], "{json}");
        // Where nobody asks for it, it is counted and nothing is left out.
        let read = of(&json, &ReadOptions::default());
        assert!(read.documents[0].unknown.is_empty());
        let found = read.issues.iter();
        let mut found = found.filter(|issue| issue.code.as_str() == "words-unknown");
        let issue = found.next().unwrap();
        assert!(
            issue.message.starts_with("2 words in 1 "),
            "{}",
            issue.message
        );
        assert_eq!(issue.repair, Some(Repair::MaskUnknown));
    }
    for target in Target::ALL {
        let lost = plan(&[text.clone()], &target.with(Scheme::Iob2)).unwrap();
        let holds = matches!(target, Target::Jsonl | Target::Tokens);
        assert_eq!(lost.lost_unknown, usize::from(!holds), "{target:?}");
    }
}

#[test]
fn a_field_of_that_name_in_other_records_is_passed_over() {
    let records = concat!(
        "{\"text\": \"Ada left\", \"entities\": [], \"unknown\": [[4, 8]]}\n",
        "{\"text\": \"Bo came\", \"entities\": [], \"unknown\": true}\n",
        "{\"text\": \"Cy sang\", \"entities\": [], \"unknown\": [[3, 99]]}\n",
        "{\"text\": \"Dee is\", \"entities\": [], \"unknown\": [[4, 6], [0, 3]]}\n",
        "{\"text\": \"Eve is\", \"entities\": [], \"unknown\": [\"is\"]}\n",
    );
    let found = of(records, &masked());
    assert_eq!(
        unknown(&found),
        [vec!["left"], vec![], vec![], vec![], vec![]]
    );
    let records = concat!(
        "{\"tokens\": [\"Ada\", \"left\"], \"ner_tags\": [\"B-PER\", \"O\"], \"unknown\": [1]}\n",
        "{\"tokens\": [\"Bo\", \"came\"], \"ner_tags\": [\"B-PER\", \"O\"], \"unknown\": [2]}\n",
        "{\"tokens\": [\"Cy\", \"sang\"], \"ner_tags\": [\"B-PER\", \"O\"], \"unknown\": [1, 0]}\n",
    );
    let found = of(records, &masked());
    assert_eq!(unknown(&found), [vec!["left"], vec![], vec![]]);
}
