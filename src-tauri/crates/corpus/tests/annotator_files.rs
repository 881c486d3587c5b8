//! Folders and archives with a file for each person who annotated the same texts.
#![allow(clippy::unwrap_used, reason = "what fails here fails a test")]

use std::io::{Cursor, Write};

use tagsmith_corpus::{Annotator, Corpus, ReadOptions, read, read_all};
use tempfile::TempDir;
use zip::ZipWriter;
use zip::write::SimpleFileOptions;

mod support;
use support::pieces;

fn zip(files: &[(&str, &[u8])]) -> Vec<u8> {
    let mut writer = ZipWriter::new(Cursor::new(Vec::new()));
    for (name, content) in files {
        writer
            .start_file(*name, SimpleFileOptions::default())
            .unwrap();
        writer.write_all(content).unwrap();
    }
    writer.finish().unwrap().into_inner()
}

fn folder(files: &[(&str, &[u8])]) -> TempDir {
    let folder = TempDir::new().unwrap();
    for (name, content) in files {
        let path = folder.path().join(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, content).unwrap();
    }
    folder
}

fn by(rule: &str) -> ReadOptions {
    ReadOptions {
        annotator: rule.parse::<Annotator>().unwrap(),
        ..ReadOptions::default()
    }
}

fn count(corpus: &Corpus, code: &str) -> usize {
    corpus
        .issues
        .iter()
        .filter(|issue| issue.code.as_str() == code)
        .count()
}

/// doccano writes a file for each person, and one of what nobody has labelled.
#[test]
fn people_of_doccano() {
    let record =
        |text: &str, label: &str| format!("{{\"text\": \"{text}\", \"label\": [{label}]}}\n");
    let ann = record("Ada left", "[0, 3, \"PER\"]") + &record("Bo came", "[0, 2, \"PER\"]");
    let ben = record("Ada left", "[0, 3, \"ORG\"]") + &record("Bo came", "[0, 2, \"PER\"]");
    let cem = record("Ada left", "[0, 3, \"ORG\"]") + &record("Cy is new", "");
    let rest = record("Dee sang", "");
    let files: [(&str, &[u8]); 4] = [
        ("ann.jsonl", ann.as_bytes()),
        ("ben.jsonl", ben.as_bytes()),
        ("cem.jsonl", cem.as_bytes()),
        ("unknown.jsonl", rest.as_bytes()),
    ];
    let folder = folder(&files);
    for (rule, label) in [("ground-truth", "PER"), ("majority", "ORG"), ("cem", "ORG")] {
        let splits = read_all(folder.path(), &by(rule)).unwrap();
        let [split] = &splits[..] else {
            panic!("{splits:?}")
        };
        let corpus = &split.corpus;
        let expected = [vec![("Ada", label)], vec![("Bo", "PER")], vec![], vec![]];
        assert_eq!(pieces(corpus), expected, "{rule}");
        assert_eq!((corpus.source.documents, corpus.source.entities), (4, 2));
        assert_eq!(count(corpus, "annotators-differ"), 1);
        let told = corpus.issues.iter();
        let told = told.filter(|issue| issue.code.as_str() == "several-annotators");
        let told: Vec<_> = told.map(|issue| issue.message.as_str()).collect();
        assert!(
            told[0].starts_with("2 texts have annotations of several people (ann, ben, cem)"),
            "{told:?}"
        );
    }
    // Parts of one data set have no texts in common.
    let parts: [(&str, &[u8]); 2] = [("a.jsonl", ann.as_bytes()), ("b.jsonl", rest.as_bytes())];
    let folder = self::folder(&parts);
    let splits = read_all(folder.path(), &by("ground-truth")).unwrap();
    assert_eq!(splits[0].corpus.documents.len(), 3);
    assert_eq!(count(&splits[0].corpus, "several-annotators"), 0);
}

/// A project of INCEpTION has a folder for each text, and in it an archive or a file for each person.
#[test]
fn people_of_inception() {
    let xmi = |marks: &[(usize, usize, &str)]| {
        let marks: Vec<String> = marks
            .iter()
            .map(|(start, end, label)| {
                format!(
                    "<n:NamedEntity sofa=\"1\" begin=\"{start}\" end=\"{end}\" value=\"{label}\"/>"
                )
            })
            .collect();
        format!(
            "<xmi:XMI xmlns:xmi=\"http://www.omg.org/XMI\" xmlns:cas=\"http:///uima/cas.ecore\" xmlns:n=\"http:///de/tudarmstadt/ukp/dkpro/core/api/ner/type.ecore\" xmlns:s=\"http:///de/tudarmstadt/ukp/dkpro/core/api/segmentation/type.ecore\"><s:Sentence sofa=\"1\" begin=\"0\" end=\"9\"/><s:Sentence sofa=\"1\" begin=\"10\" end=\"18\"/>{}<cas:Sofa xmi:id=\"1\" sofaString=\"Ada left. Bo came.\"/></xmi:XMI>",
            marks.join("")
        )
    };
    let packed = |name: &str, content: String| {
        zip(&[(name, content.as_bytes()), ("TypeSystem.xml", b"<x/>")])
    };
    let ann = packed("ann.xmi", xmi(&[(0, 3, "PER"), (10, 12, "PER")]));
    let ben = packed("ben.xmi", xmi(&[(0, 3, "ORG"), (10, 12, "PER")]));
    let over = packed("cem.xmi", xmi(&[(4, 12, "X")]));
    let none = packed("INITIAL_CAS.xmi", xmi(&[]));
    let curated = packed("CURATION_USER.xmi", xmi(&[(0, 3, "ORG")]));
    let base: Vec<(&str, &[u8])> = vec![
        ("exportedproject.json", b"{}"),
        ("source/notes.txt", b"Ada left. Bo came."),
        ("annotation_ser/notes.txt/ann.ser", b"\0\x01"),
        ("annotation/notes.txt/INITIAL_CAS.zip", &none),
        ("annotation/notes.txt/ann.zip", &ann),
        ("annotation/notes.txt/ben.zip", &ben),
    ];
    // One text exported alone comes with the types beside it.
    let folder = folder(&[("notes.zip", &ann)]);
    let alone = read(&folder.path().join("notes.zip"), &ReadOptions::default()).unwrap();
    assert_eq!(pieces(&alone), [[("Ada", "PER")], [("Bo", "PER")]]);
    let project = zip(&base);
    let corpus = |bytes: &[u8], rule: &str| {
        let folder = self::folder(&[("project.zip", bytes)]);
        read(&folder.path().join("project.zip"), &by(rule)).unwrap()
    };
    let found = corpus(&project, "ground-truth");
    assert_eq!(pieces(&found), [[("Ada", "PER")], [("Bo", "PER")]]);
    assert_eq!(
        (
            count(&found, "several-annotators"),
            count(&found, "annotators-differ")
        ),
        (1, 1)
    );
    assert_eq!(
        pieces(&corpus(&project, "ben")),
        [[("Ada", "ORG")], [("Bo", "PER")]]
    );
    // What was put together of all goes before all.
    let mut with_truth = base.clone();
    with_truth.push(("curation/notes.txt/CURATION_USER.zip", &curated));
    let found = corpus(&zip(&with_truth), "ground-truth");
    assert_eq!(pieces(&found), [vec![("Ada", "ORG")], vec![]]);
    // Where the people's documents are others, whole texts are chosen.
    let mut across = base.clone();
    across.push(("annotation/notes.txt/cem.zip", &over));
    let found = corpus(&zip(&across), "cem");
    assert_eq!(pieces(&found), [[("left. Bo", "X")]]);
    let found = corpus(&zip(&across), "ground-truth");
    assert_eq!(pieces(&found), [[("Ada", "PER")], [("Bo", "PER")]]);
    assert!(count(&found, "annotators-differ") > 1);
}

/// Where an entity runs over the end of a sentence, one person's documents are others than another's.
#[test]
fn the_majority_of_people_whose_documents_are_cut_differently() {
    let xmi = |marks: &[(usize, usize, &str)]| {
        let mark = |(start, end, label): &(usize, usize, &str)| {
            format!("<n:NamedEntity sofa=\"1\" begin=\"{start}\" end=\"{end}\" value=\"{label}\"/>")
        };
        let marks: Vec<String> = marks.iter().map(mark).collect();
        let xmi = format!(
            "<xmi:XMI xmlns:xmi=\"http://www.omg.org/XMI\" xmlns:cas=\"http:///uima/cas.ecore\" xmlns:n=\"http:///de/tudarmstadt/ukp/dkpro/core/api/ner/type.ecore\" xmlns:s=\"http:///de/tudarmstadt/ukp/dkpro/core/api/segmentation/type.ecore\"><s:Sentence sofa=\"1\" begin=\"0\" end=\"9\"/><s:Sentence sofa=\"1\" begin=\"10\" end=\"18\"/><s:Sentence sofa=\"1\" begin=\"19\" end=\"26\"/>{}<cas:Sofa xmi:id=\"1\" sofaString=\"Ada left. Bo came. Cy sat.\"/></xmi:XMI>",
            marks.join("")
        );
        zip(&[("a.xmi", xmi.as_bytes()), ("TypeSystem.xml", b"<x/>")])
    };
    let over = [(4, 12, "X"), (19, 21, "PER")];
    let apart = [(0, 3, "PER"), (10, 12, "PER")];
    let read_by = |people: [&[(usize, usize, &str)]; 3], rule: &str| {
        let people = people.map(xmi);
        let names = ["ann", "ben", "cem"].map(|name| format!("annotation/notes.txt/{name}.zip"));
        let mut files: Vec<(&str, &[u8])> = vec![("exportedproject.json", b"{}")];
        for (name, content) in names.iter().zip(&people) {
            files.push((name, content));
        }
        let project = zip(&files);
        let folder = folder(&[("project.zip", &project)]);
        read(&folder.path().join("project.zip"), &by(rule)).unwrap()
    };
    // The first is not read where two others agree.
    let found = read_by([&apart, &over, &over], "majority");
    assert_eq!(
        pieces(&found),
        [vec![("left. Bo", "X")], vec![("Cy", "PER")]]
    );
    let found = read_by([&over, &apart, &apart], "majority");
    let words: Vec<_> = pieces(&found).concat();
    assert_eq!(words, [("Ada", "PER"), ("Bo", "PER")]);
    let found = read_by([&over, &apart, &apart], "ground-truth");
    assert_eq!(
        pieces(&found),
        [vec![("left. Bo", "X")], vec![("Cy", "PER")]]
    );
}
