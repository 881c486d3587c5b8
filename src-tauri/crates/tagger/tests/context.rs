//! Context: neighbouring sentences are read with a sentence and not scored, in training and prediction alike.
#![allow(clippy::unwrap_used)] // a failing helper fails its test

mod support;

use std::fs;
use support::{Small, assert_resumes_to_the_bit, only, sentences, warnings};
use tagsmith_corpus::{Document, Scheme, give_context};
use tagsmith_encoder::burn::tensor::Device;
use tagsmith_tagger::prepare::examples;
use tagsmith_tagger::tags::TagSet;
use tagsmith_tagger::{PredictOptions, Tagger, Tokenizer};
use tagsmith_testing::{json, tiny};

/// Sentences of one source document each group.
fn documents(sentences: &[(u32, &str)]) -> Vec<Document> {
    let document = |(group, text): &(u32, &str)| Document {
        group: Some(*group),
        ..Document::from_text(*text)
    };
    let mut documents: Vec<Document> = sentences.iter().map(document).collect();
    assert!(give_context(&mut documents));
    documents
}

#[test]
fn neighbours_of_the_same_document_are_read_and_only_the_sentence_is_scored() {
    let tokenizer = Tokenizer::from_folder(&tiny("bert-no-prefix")).unwrap();
    let tags = TagSet::new(&["LOC".into()], Scheme::Iob2);
    let documents = documents(&[
        (0, "the ship"),
        (0, "in oslo at"),
        (0, "the port"),
        (1, "anna berg"),
    ]);
    let pieces = |words: &str| {
        let words: Vec<&str> = words.split(' ').collect();
        tokenizer.wrap(&tokenizer.pieces(&[words]).unwrap()[0].ids)
    };
    let read = |context: usize, length: usize| {
        let made = examples(&documents, &tokenizer, &tags, length, 2, context).unwrap();
        made.examples.into_iter().map(|example| {
            assert_eq!(example.targets.len(), example.window.scored.len());
            assert!(example.window.reaches_end);
            example.window
        })
    };
    let expected = [
        (9, 24, ["the ship in oslo at the port"; 3], [1, 3, 6]),
        (
            1,
            24,
            ["the ship in", "ship in oslo at the", "at the port"],
            [1, 2, 2],
        ),
        (
            9,
            8,
            [
                "the ship in oslo at the",
                "ship in oslo at the port",
                "ship in oslo at the port",
            ],
            [1, 2, 5],
        ),
        (0, 24, ["the ship", "in oslo at", "the port"], [1, 1, 1]),
    ];
    for (context, length, texts, firsts) in expected {
        let windows: Vec<_> = read(context, length).collect();
        assert_eq!(windows.len(), 4);
        for ((window, text), first) in windows.iter().zip(texts).zip(firsts) {
            assert_eq!(window.ids, pieces(text), "{context} {length}: {text}");
            let words = documents[window.document].words.len();
            let scored: Vec<_> = (0..words).map(|word| (first + word, word)).collect();
            assert_eq!(window.scored, scored, "{context} {length}: {text}");
        }
        assert_eq!(windows[3].ids, pieces("anna berg"), "a document of its own");
    }
}

fn with_context() -> Small {
    let mut small = Small::new();
    small.config.context = 6;
    for path in [&small.config.train, small.config.dev.as_ref().unwrap()] {
        let text = fs::read_to_string(path).unwrap();
        fs::write(path, format!("-DOCSTART-\tO\n\n{text}")).unwrap();
    }
    small
}

#[test]
fn a_model_reads_context_as_it_has_learned_to() {
    let small = with_context();
    let (_, events) = small.train("run", None);
    assert_eq!(warnings(&events, "context"), Vec::<&str>::new());
    let model = small.out("run/model");
    assert_eq!(json(&model.join("config.json"))["tagsmith"]["context"], 6);

    let tagger = Tagger::load(&model, None, &Device::flex()).unwrap();
    let emissions = |tagger: &Tagger, documents: &[Document]| {
        let found = tagger
            .predict(documents, &PredictOptions::default(), |_, _| ())
            .unwrap();
        found[0].emissions.clone()
    };
    let alone = documents(&[(0, "the port in oslo"), (1, "anna berg")]);
    let beside = documents(&[(0, "the port in oslo"), (0, "anna berg")]);
    assert_ne!(emissions(&tagger, &alone), emissions(&tagger, &beside));
    let without = Tagger {
        context: 0,
        ..tagger
    };
    assert_eq!(emissions(&without, &alone), emissions(&without, &beside));

    // What was scored in training is what the saved model gets.
    let report = json(&small.out("run/report.json"));
    let best = only(&events, "evaluated")
        .into_iter()
        .rfind(|event| event["best"] == true);
    let f1 = &best.unwrap()["metrics"]["overall"]["f1"];
    assert_eq!(&report["splits"]["dev"]["metrics"]["overall"]["f1"], f1);
}

#[test]
fn a_file_that_says_nothing_of_documents_is_read_as_one_with_a_warning() {
    let mut small = with_context();
    fs::write(&small.config.train, sentences(23)).unwrap();
    let (result, events) = small.train("run", None);
    result.unwrap();
    let said = warnings(&events, "context");
    assert!(
        said.len() == 1 && said[0].contains("train.conll"),
        "{said:?}"
    );
    // Also where dev is held out of it: each sentence keeps its neighbours in the file.
    small.config.dev = None;
    small.train("held-out", None).0.unwrap();
}

#[test]
fn trap_a_run_with_context_and_transitions_resumes_to_the_bit() {
    let mut small = with_context();
    small.config.crf = true;
    assert_resumes_to_the_bit(&small, [8]);
}
