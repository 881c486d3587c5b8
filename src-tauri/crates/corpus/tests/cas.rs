//! Which layer and which feature of a UIMA CAS or a WebAnno file holds the labels, and which texts they
//! are of.
#![allow(clippy::unwrap_used, reason = "what fails here fails a test")]

use std::path::Path;

use serde_json::{Map, Value, json};
use tagsmith_corpus::{
    ColumnChoice, Corpus, Issue, ReadError, ReadOptions, Severity, read, read_all, read_bytes,
};

mod support;
use support::{by, codes, folder, pieces, zip};

const ENTITY: &str = "de.tudarmstadt.ukp.dkpro.core.api.ner.type.NamedEntity";
const TOKEN: &str = "de.tudarmstadt.ukp.dkpro.core.api.segmentation.type.Token";
const STAFF: &str = "webanno.custom.Staff";
const GRADE: &str = "webanno.custom.Grade";

/// A view by its name, with its text or none.
type View<'a> = (&'a str, Option<&'a str>);

/// An annotation: its layer, its view from 0, where it lies, and its features.
struct Mark<'a>(&'a str, usize, usize, usize, Value);

/// A CAS in XMI. The views have the numbers from 1, and the annotations those behind them.
fn xmi(views: &[View], marks: &[Mark]) -> String {
    let mut spaces = String::new();
    let mut inside = String::new();
    for (i, Mark(layer, view, begin, end, features)) in marks.iter().enumerate() {
        let (package, name) = layer.rsplit_once('.').unwrap();
        let package = package.replace('.', "/");
        spaces.push_str(&format!(" xmlns:p{i}=\"http:///{package}.ecore\""));
        let id = views.len() + 1 + i;
        let mut row = format!(
            "<p{i}:{name} xmi:id=\"{id}\" sofa=\"{}\" begin=\"{begin}\" end=\"{end}\"",
            view + 1
        );
        let mut lists = String::new();
        for (name, value) in features.as_object().unwrap() {
            match value {
                Value::Array(texts) => texts.iter().for_each(|text| {
                    let text = text.as_str().unwrap();
                    lists.push_str(&format!("<{name}>{text}</{name}>"));
                }),
                Value::String(text) => row.push_str(&format!(" {name}=\"{text}\"")),
                other => row.push_str(&format!(" {name}=\"{other}\"")),
            }
        }
        inside.push_str(&format!("{row}>{lists}</p{i}:{name}>\n"));
    }
    for (i, (name, text)) in views.iter().enumerate() {
        let text = match text {
            Some(text) => format!("sofaString=\"{text}\""),
            None => "sofaURI=\"file:/a.wav\"".into(),
        };
        let id = i + 1;
        inside.push_str(&format!(
            "<cas:Sofa xmi:id=\"{id}\" sofaNum=\"{id}\" sofaID=\"{name}\" {text}/>\n"
        ));
    }
    format!(
        "<xmi:XMI xmlns:xmi=\"http://www.omg.org/XMI\" xmlns:cas=\"http:///uima/cas.ecore\"{spaces}>\n<cas:NULL xmi:id=\"0\"/>\n{inside}</xmi:XMI>"
    )
}

/// The same in JSON, as an object.
fn object(views: &[View], marks: &[Mark]) -> Map<String, Value> {
    let mut structures = Vec::new();
    for (i, (name, text)) in views.iter().enumerate() {
        let mut sofa =
            json!({"%ID": i + 1, "%TYPE": "uima.cas.Sofa", "sofaNum": i + 1, "sofaID": name});
        match text {
            Some(text) => sofa["sofaString"] = json!(text),
            None => sofa["sofaURI"] = json!("file:/a.wav"),
        }
        structures.push(sofa);
    }
    let mut lists = Vec::new();
    for (i, Mark(layer, view, begin, end, features)) in marks.iter().enumerate() {
        let id = views.len() + 1 + i;
        let mut mark =
            json!({"%ID": id, "%TYPE": layer, "@sofa": view + 1, "begin": begin, "end": end});
        for (name, value) in features.as_object().unwrap() {
            if value.is_array() {
                let list = 1000 + lists.len();
                lists.push(
                    json!({"%ID": list, "%TYPE": "uima.cas.StringArray", "%ELEMENTS": value}),
                );
                mark[format!("@{name}")] = json!(list);
            } else {
                mark[name] = value.clone();
            }
        }
        structures.push(mark);
    }
    structures.extend(lists);
    let cas = json!({"%TYPES": {}, "%FEATURE_STRUCTURES": structures, "%VIEWS": {}});
    cas.as_object().unwrap().clone()
}

/// What both forms of a CAS give, which is the same.
fn both(views: &[View], marks: &[Mark], options: &ReadOptions) -> Corpus {
    let xmi = of(&xmi(views, marks), options).unwrap();
    let cas = Value::Object(object(views, marks)).to_string();
    let json = of(&cas, options).unwrap();
    assert_eq!(pieces(&xmi), pieces(&json));
    let messages = |corpus: &Corpus| -> Vec<String> {
        let issues = corpus.issues.iter();
        issues.map(|issue| issue.message.clone()).collect()
    };
    assert_eq!(messages(&xmi), messages(&json));
    xmi
}

fn of(text: &str, options: &ReadOptions) -> Result<Corpus, ReadError> {
    read_bytes(Path::new("file"), text.as_bytes(), options)
}

fn plain() -> ReadOptions {
    ReadOptions::default()
}

fn column(name: &str) -> ReadOptions {
    ReadOptions {
        tag_column: Some(ColumnChoice::Name(name.into())),
        ..ReadOptions::default()
    }
}

fn issue<'a>(corpus: &'a Corpus, code: &str) -> &'a Issue {
    let mut issues = corpus.issues.iter();
    let found = issues.find(|issue| issue.code.as_str() == code);
    found.unwrap_or_else(|| panic!("no `{code}` in {:?}", corpus.issues))
}

/// The one split of a data set.
fn all(path: &Path, options: &ReadOptions) -> Corpus {
    let mut splits = read_all(path, options).unwrap();
    assert_eq!(splits.len(), 1);
    splits.remove(0).corpus
}

const INITIAL: &str = "_InitialView";

#[test]
fn labels_that_are_numbers_of_structures_as_well() {
    let text = [(INITIAL, Some("slight cough and high fever"))];
    let graded = |layer, name: &str, first: &str, second: &str| {
        let marks = [
            Mark(layer, 0, 0, 12, json!({name: first})),
            Mark(layer, 0, 17, 27, json!({name: second})),
        ];
        let corpus = both(&text, &marks, &plain());
        let expected = [[("slight cough", first), ("high fever", second)]];
        assert_eq!(pieces(&corpus), expected, "{layer} {name}");
        assert_eq!(codes(&corpus), Vec::<&str>::new());
    };
    graded(GRADE, "grade", "1", "3");
    graded(GRADE, "grade", "2", "2");
    graded(ENTITY, "value", "1", "2");
    graded(ENTITY, "value", "3", "2");
    // Grades that repeat, where all of them are numbers of words as well.
    let mut marks: Vec<Mark> = [(0, 6), (7, 12), (13, 16), (17, 21), (22, 27)]
        .into_iter()
        .map(|(begin, end)| Mark(TOKEN, 0, begin, end, json!({})))
        .collect();
    for (begin, end, grade) in [(0, 6, "2"), (7, 12, "4"), (17, 27, "2")] {
        marks.push(Mark(GRADE, 0, begin, end, json!({"grade": grade})));
    }
    let corpus = both(&text, &marks, &plain());
    let expected = [[("slight", "2"), ("cough", "4"), ("high fever", "2")]];
    assert_eq!(pieces(&corpus), expected);
}

#[test]
fn what_refers_to_other_structures_is_no_label() {
    let text = [(INITIAL, Some("Ada hit Bo"))];
    let marks = [
        Mark("webanno.custom.Hit", 0, 4, 7, json!({"args": "3 4"})),
        Mark("webanno.custom.HitLink", 0, 0, 3, json!({"role": "who"})),
        Mark("webanno.custom.HitLink", 0, 8, 10, json!({"role": "whom"})),
        Mark("webanno.custom.Hit", 0, 0, 3, json!({"args": "3"})),
    ];
    let corpus = of(&xmi(&text, &marks), &column("Hit")).unwrap();
    assert_eq!(pieces(&corpus), [[("Ada", "Hit"), ("hit", "Hit")]]);
    // Somebody who names it gets it.
    let corpus = of(&xmi(&text, &marks), &column("Hit.args")).unwrap();
    assert_eq!(pieces(&corpus), [[("Ada", "3"), ("hit", "3 4")]]);
}

const TYPES: &str = "<?xml version=\"1.0\"?><typeSystemDescription xmlns=\"http://uima.apache.org/resourceSpecifier\"><types><typeDescription><name>webanno.custom.Base</name><supertypeName>uima.tcas.Annotation</supertypeName><features><featureDescription><name>grade</name><rangeTypeName>webanno.custom.Allowed</rangeTypeName></featureDescription><featureDescription><name>count</name><rangeTypeName>uima.cas.Integer</rangeTypeName></featureDescription></features></typeDescription><typeDescription><name>webanno.custom.Grade</name><supertypeName>webanno.custom.Base</supertypeName></typeDescription><typeDescription><name>webanno.custom.Allowed</name><supertypeName>uima.cas.String</supertypeName></typeDescription></types></typeSystemDescription>";

/// The types beside a file say what nothing in it does: the grade is a text, and the count is none.
#[test]
fn the_types_beside_an_xmi_decide() {
    let text = [(INITIAL, Some("slight cough and high fever"))];
    let marks = [
        Mark(TOKEN, 0, 0, 6, json!({})),
        Mark(TOKEN, 0, 7, 12, json!({})),
        Mark(GRADE, 0, 0, 12, json!({"grade": "2", "count": "77"})),
        Mark(GRADE, 0, 17, 27, json!({"grade": "3", "count": "78"})),
    ];
    let xmi = xmi(&text, &marks);
    let expected = [[("slight cough", "2"), ("high fever", "3")]];
    let beside = folder(&[
        ("a.xmi", xmi.as_bytes()),
        ("TypeSystem.xml", TYPES.as_bytes()),
    ]);
    let found = read(&beside.path().join("a.xmi"), &plain()).unwrap();
    assert_eq!(pieces(&found), expected);
    assert_eq!(pieces(&all(beside.path(), &plain())), expected);
    let packed = zip(&[
        ("x/a.xmi", xmi.as_bytes()),
        ("x/TypeSystem.xml", TYPES.as_bytes()),
    ]);
    let own = zip(&[
        ("ann.xmi", xmi.as_bytes()),
        ("TypeSystem.xml", TYPES.as_bytes()),
    ]);
    let project = zip(&[
        ("exportedproject.json", b"{}"),
        ("annotation/a.txt/ann.zip", &own),
    ]);
    for (name, bytes) in [("a.zip", packed), ("project.zip", project)] {
        let path = beside.path().join(name);
        std::fs::write(&path, bytes).unwrap();
        assert_eq!(pieces(&read(&path, &plain()).unwrap()), expected, "{name}");
    }
}

#[test]
fn annotations_of_a_view_without_text_are_not_put_on_another() {
    let views = [(INITIAL, Some("Ada met Bo")), ("audio", None)];
    let marks = [
        Mark(ENTITY, 0, 0, 3, json!({"value": "PER"})),
        Mark(ENTITY, 1, 4, 7, json!({"value": "TONE"})),
        Mark(ENTITY, 1, 8, 99, json!({"value": "TONE"})),
    ];
    let corpus = both(&views, &marks, &plain());
    assert_eq!(pieces(&corpus), [[("Ada", "PER")]]);
    let issue = issue(&corpus, "annotations-ignored");
    assert_eq!((issue.severity, issue.count), (Severity::Warning, 2));
    assert!(issue.message.contains("the view `audio`"), "{issue}");
}

#[test]
fn a_text_goes_before_numbers_truths_and_notes() {
    let text = [(INITIAL, Some("Ada met Bo"))];
    for features in [
        json!({"role": "PER", "checked": false}),
        json!({"role": "PER", "level": 77}),
        json!({"role": "PER", "annotatorId": 3}),
        json!({"role": "PER", "note": "sure"}),
        json!({"role": "PER", "weight": 0.5}),
    ] {
        let marks = [
            Mark(STAFF, 0, 0, 3, features.clone()),
            Mark(STAFF, 0, 8, 10, features.clone()),
        ];
        let corpus = both(&text, &marks, &plain());
        let expected = [[("Ada", "PER"), ("Bo", "PER")]];
        assert_eq!(pieces(&corpus), expected, "{features}");
    }
    // A note on more of them, and a number where there is nothing else.
    let marks = [Mark(STAFF, 0, 0, 3, json!({"note": "sure", "level": 7}))];
    assert_eq!(pieces(&both(&text, &marks, &plain())), [[("Ada", "7")]]);
}

const TSV: &str = "#FORMAT=WebAnno TSV 3.3\n#T_SP=webanno.custom.Staff|checked|role\n\n\n#Text=Ada met Bo\n1-1\t0-3\tAda\tfalse\tPER\t\n1-2\t4-7\tmet\t_\t_\t\n1-3\t8-10\tBo\ttrue\tPER\t\n";

#[test]
fn in_webanno_tsv_as_well() {
    let corpus = of(TSV, &plain()).unwrap();
    assert_eq!(pieces(&corpus), [[("Ada", "PER"), ("Bo", "PER")]]);
}

#[test]
fn types_without_features_are_the_labels() {
    let text = [(INITIAL, Some("Ada met Bo in Ulm"))];
    let marks = [
        Mark("org.acme.Person", 0, 0, 3, json!({})),
        Mark("org.acme.Place", 0, 14, 17, json!({"confidence": 0.5})),
        Mark("org.acme.Person", 0, 8, 10, json!({})),
    ];
    let corpus = both(&text, &marks, &plain());
    let expected = [[("Ada", "Person"), ("Bo", "Person"), ("Ulm", "Place")]];
    assert_eq!(pieces(&corpus), expected);
    // One alone is read where a person names it.
    let corpus = both(&text, &marks, &column("Place"));
    assert_eq!(pieces(&corpus), [[("Ulm", "Place")]]);
    // What lies around others is no entity beside them; then all are named.
    let marks = [
        Mark("org.acme.Person", 0, 0, 3, json!({})),
        Mark("org.acme.Person", 0, 8, 10, json!({})),
        Mark("org.acme.Place", 0, 14, 17, json!({})),
        Mark("org.acme.Clause", 0, 0, 17, json!({})),
    ];
    let corpus = both(&text, &marks, &plain());
    assert_eq!(pieces(&corpus), [[("Ada", "Person"), ("Bo", "Person")]]);
    let issue = issue(&corpus, "several-tag-columns");
    assert_eq!(issue.severity, Severity::Warning);
    for name in ["`Clause`", "`Place`"] {
        assert!(issue.message.contains(name), "{issue}");
    }
}

#[test]
fn of_several_values_the_first_is_read_and_the_rest_reported() {
    let text = [(INITIAL, Some("Ada met Bo"))];
    let marks = [
        Mark(STAFF, 0, 0, 3, json!({"kinds": ["PER", "SECOND"]})),
        Mark(STAFF, 0, 8, 10, json!({"kinds": ["ORG"]})),
    ];
    let corpus = both(&text, &marks, &plain());
    assert_eq!(pieces(&corpus), [[("Ada", "PER"), ("Bo", "ORG")]]);
    let issue = issue(&corpus, "annotations-ignored");
    assert_eq!((issue.severity, issue.count), (Severity::Warning, 1));
    assert!(issue.message.contains("`Staff.kinds`"), "{issue}");
    // Several structures may share one list.
    let shared = xmi(&text, &[Mark(STAFF, 0, 0, 3, json!({"kinds": "7"}))]);
    let list = "<cas:StringArray xmi:id=\"7\"><elements>PER</elements></cas:StringArray></xmi:XMI>";
    let shared = shared.replace("</xmi:XMI>", list);
    assert_eq!(pieces(&of(&shared, &plain()).unwrap()), [[("Ada", "PER")]]);
}

#[test]
fn views_of_the_same_text_are_one() {
    let text = "Ada met Bo. Cy sat.";
    let views = [(INITIAL, Some(text)), ("Second", Some(text))];
    let sentence = "de.tudarmstadt.ukp.dkpro.core.api.segmentation.type.Sentence";
    let base = || {
        vec![
            Mark(sentence, 0, 0, 11, json!({})),
            Mark(sentence, 0, 12, 19, json!({})),
        ]
    };
    let mut marks = base();
    marks.push(Mark(ENTITY, 1, 0, 3, json!({"value": "PER"})));
    let corpus = both(&views, &marks, &plain());
    assert_eq!(pieces(&corpus), [vec![("Ada", "PER")], vec![]]);
    let issue = issue(&corpus, "texts-ignored");
    assert!(issue.message.contains("those of `Second`"), "{issue}");

    // Annotated in both, they are two people's, even where their sentences would be cut differently.
    let mut marks = base();
    marks.push(Mark(ENTITY, 0, 0, 3, json!({"value": "PER"})));
    marks.push(Mark(ENTITY, 0, 12, 14, json!({"value": "PER"})));
    marks.push(Mark(ENTITY, 1, 0, 3, json!({"value": "ORG"})));
    let first = [vec![("Ada", "PER")], vec![("Cy", "PER")]];
    let second = [vec![("Ada", "ORG")], vec![]];
    let corpus = both(&views, &marks, &plain());
    assert_eq!(pieces(&corpus), first);
    assert_eq!(corpus.source.agreement.len(), 1);
    let count = codes(&corpus);
    let count = count.iter().filter(|code| **code == "annotators-differ");
    assert_eq!(count.count(), 2);
    assert_eq!(pieces(&both(&views, &marks, &by("Second"))), second);
    let views = [(INITIAL, Some(text)), ("GoldView", Some(text))];
    assert_eq!(pieces(&both(&views, &marks, &plain())), second);
    marks.push(Mark(ENTITY, 1, 8, 14, json!({"value": "X"})));
    let corpus = both(&views, &marks, &by(INITIAL));
    assert_eq!(pieces(&corpus), [[("Ada", "PER"), ("Cy", "PER")]]);
    // Other texts are other documents.
    let views = [(INITIAL, Some(text)), ("Second", Some("Ada met Bo."))];
    let marks = [Mark(ENTITY, 1, 0, 3, json!({"value": "PER"}))];
    let corpus = both(&views, &marks, &plain());
    assert_eq!(pieces(&corpus), [vec![], vec![("Ada", "PER")]]);
}

#[test]
fn json_is_a_cas_whatever_stands_first() {
    let text = [(INITIAL, Some("Ada met Bo"))];
    let marks = [Mark(ENTITY, 0, 0, 3, json!({"value": "PER"}))];
    let cas = object(&text, &marks);
    let body = Value::Object(cas).to_string();
    let body = body.strip_prefix('{').unwrap();
    for head in [
        "\"%HEADER\": {\"x\": [1, \"}\", \"\\\"\"]}",
        "\"comment\": \"\\\\\"",
        "\n \"made\" : null",
    ] {
        let text = format!("{{{head}, {body}");
        let corpus = of(&text, &plain()).unwrap();
        assert_eq!(pieces(&corpus), [[("Ada", "PER")]], "{head}");
    }
    // What only holds such a name somewhere is none.
    let record = "{\"text\": \"\\\"%TYPES\\\" Ada\", \"entities\": [], \"x\": {\"%VIEWS\": 1}}";
    let corpus = of(record, &plain()).unwrap();
    assert_eq!(corpus.documents.len(), 1);
    assert!(corpus.documents[0].text.contains("%TYPES"));
}

fn tsv(entity: &str, flag: &str, name: &str) -> String {
    format!(
        "#FORMAT=WebAnno TSV 3.3\n#T_SP={ENTITY}|value\n#T_SP=webanno.custom.Flag|kind\n\n\n#Text={name} left\n1-1\t0-3\t{name}\t{entity}\t_\t\n1-2\t4-8\tleft\t_\t{flag}\t\n"
    )
}

/// The layer is chosen for the data set: a file in which it is empty has no entities.
#[test]
fn all_files_of_a_folder_are_read_by_one_layer() {
    let marks = |label: Option<&str>| {
        let mut marks = vec![Mark(STAFF, 0, 4, 8, json!({"role": "V"}))];
        if let Some(label) = label {
            marks.push(Mark(ENTITY, 0, 0, 3, json!({"value": label})));
        }
        marks
    };
    let cas = |text: &str, label| xmi(&[(INITIAL, Some(text))], &marks(label));
    let json = |text: &str, label| {
        Value::Object(object(&[(INITIAL, Some(text))], &marks(label))).to_string()
    };
    let sets = [
        [
            ("a.tsv", tsv("PER", "V", "Ada")),
            ("b.tsv", tsv("_", "V", "Eve")),
        ],
        [
            ("a.xmi", cas("Ada left", Some("PER"))),
            ("b.xmi", cas("Eve left", None)),
        ],
        [
            ("a.json", json("Ada left", Some("PER"))),
            ("b.json", json("Eve left", None)),
        ],
        // Whichever comes first, and in whatever format.
        [
            ("b.xmi", cas("Ada left", Some("PER"))),
            ("a.tsv", tsv("_", "V", "Eve")),
        ],
    ];
    for files in sets {
        let folder = folder(
            &files
                .each_ref()
                .map(|(name, text)| (*name, text.as_bytes())),
        );
        let corpus = all(folder.path(), &plain());
        let mut found = pieces(&corpus);
        found.sort_by_key(Vec::is_empty);
        assert_eq!(found, [vec![("Ada", "PER")], vec![]], "{files:?}");
        let issue = issue(&corpus, "several-tag-columns");
        assert_eq!(issue.severity, Severity::Warning);
        assert!(issue.message.contains("1 of 2 files"), "{issue}");
        let told = codes(&corpus);
        let told = told.iter().filter(|code| **code == "several-tag-columns");
        assert_eq!(told.count(), 1);
    }
    // One that is named is there as soon as one file has it.
    let files = [
        ("a.tsv", tsv("PER", "_", "Ada")),
        ("b.tsv", tsv("_", "V", "Eve")),
    ];
    let folder = folder(
        &files
            .each_ref()
            .map(|(name, text)| (*name, text.as_bytes())),
    );
    let corpus = all(folder.path(), &column("Flag.kind"));
    assert_eq!(pieces(&corpus), [vec![], vec![("left", "V")]]);
    let error = read_all(folder.path(), &column("Nothing")).unwrap_err();
    assert!(matches!(error, ReadError::NoSuchColumn { .. }), "{error}");
}

/// A grade that looks like a reference in one file is read as what it is in the others.
#[test]
fn all_files_of_a_folder_are_read_by_one_feature() {
    let grade = |text: &str, grade: &str| {
        let marks = [
            Mark(TOKEN, 0, 0, 4, json!({})),
            Mark(GRADE, 0, 0, 4, json!({"grade": grade})),
        ];
        xmi(&[(INITIAL, Some(text))], &marks)
    };
    let (a, b) = (grade("mild", "2"), grade("high", "77"));
    let folder = folder(&[("a.xmi", a.as_bytes()), ("b.xmi", b.as_bytes())]);
    let corpus = all(folder.path(), &plain());
    assert_eq!(pieces(&corpus), [[("mild", "2")], [("high", "77")]]);
}
