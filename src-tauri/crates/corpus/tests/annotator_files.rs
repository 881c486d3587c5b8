//! Folders and archives with a file for each person who annotated the same texts.
#![allow(clippy::unwrap_used, reason = "what fails here fails a test")]

use tagsmith_corpus::{Corpus, ReadOptions, read, read_all};

mod support;
use support::{by, folder, pieces, zip};

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
    let folder = support::folder(&parts);
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
        let folder = support::folder(&[("project.zip", bytes)]);
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

/// A CAS with an entity over the first word, and without what INCEpTION has around it.
fn xmi(text: &str, label: &str) -> String {
    let end = text.find(' ').unwrap();
    format!(
        "<xmi:XMI xmlns:xmi=\"http://www.omg.org/XMI\" xmlns:cas=\"http:///uima/cas.ecore\" xmlns:n=\"http:///de/tudarmstadt/ukp/dkpro/core/api/ner/type.ecore\"><n:NamedEntity sofa=\"1\" begin=\"0\" end=\"{end}\" value=\"{label}\"/><cas:Sofa xmi:id=\"1\" sofaString=\"{text}\"/></xmi:XMI>"
    )
}

fn tsv(text: &str, label: &str) -> String {
    let (first, second) = text.split_once(' ').unwrap();
    let at = first.len();
    format!(
        "#FORMAT=WebAnno TSV 3.3\n#T_SP=webanno.custom.Name|value\n\n\n#Text={text}\n1-1\t0-{at}\t{first}\t{label}\t\n1-2\t{}-{}\t{second}\t_\t\n",
        at + 1,
        text.len()
    )
}

fn pubtator(text: &str, label: &str) -> String {
    let end = text.find(' ').unwrap();
    format!(
        "1|t|{text}\n1|a|\n1\t0\t{end}\t{}\t{label}\n\n",
        &text[..end]
    )
}

fn bioc(text: &str, label: &str) -> String {
    let end = text.find(' ').unwrap();
    format!(
        "<collection><document><id>1</id><passage><offset>0</offset><text>{text}</text><annotation id=\"a\"><infon key=\"type\">{label}</infon><location offset=\"0\" length=\"{end}\"/></annotation></passage></document></collection>"
    )
}

/// A folder for each text with a file for each person, without a project around it.
#[test]
fn people_in_the_folder_of_a_text() {
    // Makes a file of a text with one label.
    type Written = fn(&str, &str) -> String;
    let formats: [(&str, Written); 4] = [
        ("xmi", xmi),
        ("tsv", tsv),
        ("pubtator", pubtator),
        ("xml", bioc),
    ];
    for (ending, write) in formats {
        let files = [
            ("x.txt/anna", write("Ada left", "PER")),
            ("x.txt/ben", write("Ada left", "ORG")),
            ("x.txt/INITIAL_CAS", write("Ada left", "NONE")),
            ("y.txt/anna", write("Bo came", "PER")),
            ("y.txt/ben", write("Bo came", "PER")),
        ];
        let names = files.each_ref().map(|(name, _)| format!("{name}.{ending}"));
        let files: Vec<(&str, &[u8])> = names
            .iter()
            .zip(&files)
            .map(|(name, (_, content))| (name.as_str(), content.as_bytes()))
            .collect();
        let folder = folder(&files);
        for (rule, label) in [("ground-truth", "PER"), ("ben", "ORG")] {
            let splits = read_all(folder.path(), &by(rule)).unwrap();
            let corpus = &splits[0].corpus;
            let expected = [[("Ada", label)], [("Bo", "PER")]];
            assert_eq!(pieces(corpus), expected, "{ending} {rule}");
            assert_eq!(count(corpus, "annotators-differ"), 1, "{ending}");
            assert_eq!(count(corpus, "several-annotators"), 2, "{ending}");
        }
        // The folder of one text named on its own.
        let splits = read_all(&folder.path().join("x.txt"), &by("ben")).unwrap();
        assert_eq!(pieces(&splits[0].corpus), [[("Ada", "ORG")]], "{ending}");
    }
}

/// Other texts in one folder are other documents; the same text elsewhere is kept, with a finding.
#[test]
fn the_same_text_in_another_folder_is_kept() {
    let (a, b, c) = (
        xmi("Ada left", "PER"),
        xmi("Ada left", "ORG"),
        xmi("Bo came", "PER"),
    );
    let files: [(&str, &[u8]); 3] = [
        ("one/a.xmi", a.as_bytes()),
        ("two/a.xmi", b.as_bytes()),
        ("two/c.xmi", c.as_bytes()),
    ];
    let folder = folder(&files);
    let splits = read_all(folder.path(), &by("ground-truth")).unwrap();
    let corpus = &splits[0].corpus;
    let expected = [[("Ada", "PER")], [("Ada", "ORG")], [("Bo", "PER")]];
    assert_eq!(pieces(corpus), expected);
    assert!(corpus.source.agreement.is_empty());
    assert_eq!(count(corpus, "several-annotators"), 1);
    let mut issues = corpus.issues.iter();
    let issue = issues.find(|issue| issue.code.as_str() == "several-annotators");
    let issue = issue.unwrap();
    assert!(issue.message.contains("a.xmi"), "{issue}");
    assert!(issue.message.contains("both are kept"), "{issue}");
}

/// Each person has a folder of brat with a copy of the texts.
#[test]
fn people_in_folders_of_brat() {
    let (ada, bo) = ("Ada left".as_bytes(), "Bo came".as_bytes());
    let mut files: Vec<(&str, &[u8])> = vec![
        ("ann1/x.txt", ada),
        ("ann1/x.ann", b"T1\tPER 0 3\tAda\n"),
        ("ann1/y.txt", bo),
        ("ann1/y.ann", b"T1\tPER 0 2\tBo\n"),
        ("ann2/x.txt", ada),
        ("ann2/x.ann", b"T1\tORG 0 3\tAda\n"),
    ];
    let people = |files: &[(&str, &[u8])], rule: &str| {
        let folder = folder(files);
        let mut splits = read_all(folder.path(), &by(rule)).unwrap();
        assert_eq!(splits.len(), 1);
        splits.remove(0).corpus
    };
    for (rule, label) in [("ground-truth", "PER"), ("ann2", "ORG")] {
        let corpus = people(&files, rule);
        assert_eq!(pieces(&corpus), [[("Ada", label)], [("Bo", "PER")]]);
        assert_eq!(count(&corpus, "annotators-differ"), 1);
        let groups: Vec<_> = corpus.documents.iter().map(|doc| doc.group).collect();
        assert_eq!(groups, [Some(0), Some(1)]);
        let differ = corpus.issues.iter();
        let mut differ = differ.filter(|issue| issue.code.as_str() == "annotators-differ");
        assert!(differ.next().unwrap().file.ends_with("ann1/x.txt"));
    }
    // One text each, too.
    let few: Vec<_> = files
        .iter()
        .filter(|(name, _)| name.contains('x'))
        .copied()
        .collect();
    assert_eq!(pieces(&people(&few, "ann2")), [[("Ada", "ORG")]]);
    // The same texts in another format beside them are no person's.
    let mut mixed = few.clone();
    let lines =
        b"{\"text\": \"Ada left\", \"entities\": []}\n{\"text\": \"Bo came\", \"entities\": []}\n";
    mixed.push(("more.jsonl", lines));
    let corpus = people(&mixed[2..], "ground-truth");
    assert_eq!(corpus.documents.len(), 3);
    assert!(corpus.source.agreement.is_empty());
    // Under the same name another text: nothing proves that they are copies.
    files.extend([("ann2/y.txt", "Cy sat".as_bytes()), ("ann2/y.ann", b"")]);
    let corpus = people(&files, "ground-truth");
    assert_eq!(corpus.documents.len(), 4);
    assert_eq!(count(&corpus, "several-annotators"), 1);
    assert!(corpus.source.agreement.is_empty());
}
