//! Formats in which annotations stand beside the text or in layers: BioC, PubTator, UIMA CAS, WebAnno
//! TSV and OntoNotes.
//!
//! One file, as one reading of offsets is tried on all of them.

use std::path::{Path, PathBuf};
use tagsmith_protocol::Diagnose;

use tagsmith_corpus::{ColumnChoice, Corpus, Format, ReadError, ReadOptions, read, read_bytes};

mod support;
use support::{codes, pieces, show};

fn fixture(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("tests/fixtures/standoff")
        .join(name)
}

fn load(name: &str) -> Corpus {
    read(&fixture(name), &ReadOptions::default()).unwrap_or_else(|error| panic!("{name}: {error}"))
}

fn of(text: &str, options: &ReadOptions) -> Result<Corpus, ReadError> {
    read_bytes(Path::new("file"), text.as_bytes(), options)
}

fn column(name: &str) -> ReadOptions {
    ReadOptions {
        tag_column: Some(ColumnChoice::Name(name.into())),
        ..ReadOptions::default()
    }
}

fn lenient() -> ReadOptions {
    ReadOptions {
        drop_invalid: true,
        ..ReadOptions::default()
    }
}

#[test]
fn bioc_of_the_package_of_that_name() {
    for name in [
        "articles.bioc.xml",
        "articles.bioc.json",
        "articles.bioc.jsonl",
    ] {
        let corpus = load(name);
        assert_eq!(corpus.source.format, Format::BioC, "{name}");
        let expected = [
            vec![("Aspirin", "Chemical"), ("fever", "Disease")],
            vec![
                ("Fever", "Disease"),
                ("Acetylsalicylic acid", "Chemical"),
                ("ASA", "Chemical"),
            ],
            vec![("ASA", "Chemical")],
            vec![],
        ];
        assert_eq!(pieces(&corpus), expected, "{name}");
        let named: Vec<_> = corpus
            .documents
            .iter()
            .map(|doc| {
                (
                    doc.id.as_deref().unwrap(),
                    doc.group,
                    doc.text.lines().count(),
                )
            })
            .collect();
        let expected = [
            ("11/1", Some(0), 1),
            ("11/2", Some(0), 2),
            ("12/1", Some(1), 1),
            ("12/2", Some(1), 1),
        ];
        assert_eq!(named, expected, "{name}");
        assert_eq!(codes(&corpus), ["annotations-ignored"], "{name}");
        assert!(
            corpus.issues[0].message.starts_with("1 relations"),
            "{name}"
        );
    }
    let lines = load("articles.bioc.xml").documents;
    let lines: Vec<_> = lines.iter().map(|doc| doc.line).collect();
    assert_eq!(lines, [8, 25, 59, 69]);
    // Any other note may name the kind.
    let corpus = read(&fixture("articles.bioc.xml"), &column("identifier")).unwrap();
    assert_eq!(corpus.documents[0].spans[0].label, "MESH:D1");
}

#[test]
fn bioc_that_is_not_as_it_should_be() {
    let passage = |inside: &str| {
        format!(
            "<?xml version=\"1.0\"?>\n<!DOCTYPE collection SYSTEM \"BioC.dtd\">\n<collection><source/><document><id>1</id><passage><offset>10</offset>\n<text>Ada &amp; Bo &#x1F600;<![CDATA[<x>]]></text>{inside}</passage></document></collection>"
        )
    };
    let mark = |at: &str, more: &str| {
        format!("<annotation id=\"a\"><infon key=\"type\">P</infon>{at}{more}</annotation>")
    };
    let text = passage(&mark(
        "<location offset=\"16\" length=\"2\"/>",
        "<text>Bo</text>",
    ));
    let corpus = of(&text, &ReadOptions::default()).unwrap();
    assert_eq!(corpus.documents[0].text, "Ada & Bo 😀<x>");
    assert_eq!(pieces(&corpus), [[("Bo", "P")]]);
    // In two pieces, with a word between them and without.
    let two = |second: usize| {
        let at = format!(
            "<location offset=\"10\" length=\"3\"/><location offset=\"{second}\" length=\"1\"/>"
        );
        passage(&mark(&at, ""))
    };
    assert_eq!(
        pieces(&of(&two(14), &ReadOptions::default()).unwrap()),
        [[("Ada &", "P")]]
    );
    let error = of(&two(17), &ReadOptions::default()).unwrap_err();
    assert_eq!(error.issues()[0].code.as_str(), "span-discontinuous");
    assert_eq!(of(&two(17), &lenient()).unwrap().source.dropped_spans, 1);
    for (inside, code) in [
        (
            mark("<location offset=\"9\" length=\"2\"/>", ""),
            "span-out-of-range",
        ),
        (
            mark("<location offset=\"90\" length=\"2\"/>", ""),
            "span-out-of-range",
        ),
        (mark("", ""), "span-empty"),
        (
            "<annotation id=\"a\"><location offset=\"10\" length=\"3\"/></annotation>".into(),
            "span-malformed",
        ),
    ] {
        let error = of(&passage(&inside), &ReadOptions::default()).unwrap_err();
        assert!(
            matches!(error, ReadError::InvalidSpans { .. }),
            "{inside}: {error}"
        );
        assert_eq!(error.issues()[0].code.as_str(), code, "{inside}");
        assert_eq!(error.issues()[0].line, 4, "{inside}");
        assert_eq!(
            of(&passage(&inside), &lenient()).unwrap().source.entities,
            0
        );
    }
    for (text, expected) in [
        (passage("<annotation>"), "line 4"),
        (passage("&nope;"), "`&nope;` is not known"),
        ("<collection><document>".into(), "it ends within an element"),
        (
            "<collection></collection>".into(),
            "a collection without documents",
        ),
        (
            passage("").replace("<offset>10</offset>", ""),
            "passage without an offset",
        ),
    ] {
        let message = of(&text, &ReadOptions::default()).unwrap_err().to_string();
        assert!(message.contains(expected), "{text}\n{message}");
    }
    let json = r#"{"documents": [{"id": 7, "passages": [{"offset": "3", "text": "Ada", "annotations": [{"infons": {"type": "P"}, "locations": [{"offset": 3, "length": 3}]}]}]}]}"#;
    let corpus = of(json, &ReadOptions::default()).unwrap();
    assert_eq!(pieces(&corpus), [[("Ada", "P")]]);
    assert_eq!(corpus.documents[0].id.as_deref(), Some("7"));
    let newer = json.replace("documents", "PubTator3");
    assert_eq!(
        of(&newer, &ReadOptions::default()).unwrap().documents,
        corpus.documents
    );
}

#[test]
fn pubtator_of_the_same_package() {
    let corpus = load("articles.pubtator");
    assert_eq!(corpus.source.format, Format::PubTator);
    let first = vec![
        ("Aspirin", "Chemical"),
        ("Fever", "Disease"),
        ("ASA", "Chemical"),
    ];
    assert_eq!(pieces(&corpus), [first, vec![]]);
    let ids: Vec<_> = corpus
        .documents
        .iter()
        .map(|d| (d.id.as_deref(), d.line))
        .collect();
    assert_eq!(ids, [(Some("11"), 1), (Some("12"), 8)]);
    assert!(corpus.documents[0].text.contains("Ulm\nFever"));
    assert_eq!(codes(&corpus), ["annotations-ignored"]);

    for (row, expected, line) in [
        ("1\t0\tx\tAda\tP", "not a whole number", 3),
        ("1\t0\t3\tAda", "has no type", 3),
        ("2\t0\t3\tAda\tP", "belongs to another article", 3),
        ("nonsense", "neither a section nor an annotation", 3),
        ("\n1\t0\t3\tAda\tP", "stands before any title", 4),
    ] {
        let text = format!("1|t|Ada left\n1|a|\n{row}\n");
        let error = of(&text, &ReadOptions::default()).unwrap_err();
        let issue = &error.issues()[0];
        assert!(issue.message.contains(expected), "{row}: {issue}");
        assert_eq!(issue.line, line, "{row}");
        assert!(error.hint().is_some());
    }
    // Offsets that another program counted are found out by the texts beside them.
    let text = "1|t|😀 Ada met Bo\n1\t3\t6\tAda\tP\n1\t11\t13\tBo\tP\n";
    let corpus = of(text, &ReadOptions::default()).unwrap();
    assert_eq!(pieces(&corpus), [[("Ada", "P"), ("Bo", "P")]]);
    assert_eq!(codes(&corpus), ["offsets-utf16"]);
}

#[test]
fn a_cas_in_xmi_and_in_json() {
    for name in ["notes.xmi", "notes.cas.json"] {
        let corpus = load(name);
        assert_eq!(
            corpus.source.format,
            Format::UimaCas { tokens: true },
            "{name}"
        );
        let expected = [
            vec![("Lena Holt", "PER"), ("Kite Works", "ORG")],
            vec![("Ulm", "LOC")],
        ];
        assert_eq!(pieces(&corpus), expected, "{name}");
        assert_eq!(
            show(&corpus),
            "😀|[Lena|Holt]PER|joined|[Kite|Works]ORG|. / Nobody|left|[Ulm]LOC|.",
            "{name}"
        );
        let ids: Vec<_> = corpus
            .documents
            .iter()
            .map(|d| d.id.as_deref().unwrap())
            .collect();
        assert_eq!(ids, ["notes.txt/1", "notes.txt/2"], "{name}");
        assert_eq!(
            codes(&corpus),
            ["several-tag-columns", "annotations-ignored"],
            "{name}"
        );
        let fix = corpus.issues[0].fix.as_deref().unwrap();
        assert!(fix.contains("--tag-column Staff.role"), "{fix}");
        for (wanted, label) in [
            ("Staff", "new"),
            ("webanno.custom.Staff", "new"),
            ("Staff.since", "2020"),
            ("webanno.custom.Staff|role", "new"),
            ("since", "2020"),
        ] {
            let corpus = read(&fixture(name), &column(wanted)).unwrap();
            assert_eq!(pieces(&corpus), [vec![("Lena", label)], vec![]], "{wanted}");
        }
        let message = read(&fixture(name), &column("Nothing"))
            .unwrap_err()
            .to_string();
        assert!(
            message.contains("`NamedEntity.value`, `Staff.role`, `Staff.since`"),
            "{message}"
        );
    }
}

#[test]
fn a_cas_that_is_not_as_it_should_be() {
    let xmi = |inside: &str| {
        format!(
            "<xmi:XMI xmlns:xmi=\"x\" xmlns:cas=\"http:///uima/cas.ecore\" xmlns:my=\"http:///my/types.ecore\" xmlns:s=\"http:///my/segmentation/type.ecore\">\n{inside}\n<cas:Sofa xmi:id=\"1\" sofaID=\"_InitialView\" sofaString=\"Ada left. Bo stayed.\"/></xmi:XMI>"
        )
    };
    let of = |inside: &str| of(&xmi(inside), &ReadOptions::default());
    // An annotation over the end of a sentence joins both; a layer without features is its own label.
    let sentences = "<s:Sentence sofa=\"1\" begin=\"0\" end=\"9\"/><s:Sentence sofa=\"1\" begin=\"10\" end=\"20\"/>";
    let corpus = of(&format!(
        "{sentences}<my:Part sofa=\"1\" begin=\"4\" end=\"12\"/>"
    ))
    .unwrap();
    assert_eq!(pieces(&corpus), [[("left. Bo", "Part")]]);
    let corpus = of(&format!(
        "{sentences}<my:Part sofa=\"1\" begin=\"10\" end=\"12\"/>"
    ))
    .unwrap();
    assert_eq!(pieces(&corpus), [vec![], vec![("Bo", "Part")]]);
    for (inside, code) in [
        (
            "<my:Part sofa=\"1\" begin=\"10\" end=\"99\"/>",
            "span-out-of-range",
        ),
        (
            "<my:Part sofa=\"1\" begin=\"90\" end=\"99\"/>",
            "span-out-of-range",
        ),
        (
            "<my:Part sofa=\"1\" begin=\"5\" end=\"3\"/>",
            "span-reversed",
        ),
        ("<my:Part sofa=\"1\" begin=\"3\" end=\"3\"/>", "span-empty"),
        (
            "<my:Part sofa=\"1\" begin=\"0\" end=\"3\" value=\"A\"/><my:Part sofa=\"1\" begin=\"4\" end=\"8\"/>",
            "span-malformed",
        ),
    ] {
        let error = of(inside).unwrap_err();
        assert_eq!(error.issues()[0].code.as_str(), code, "{inside}");
        assert_eq!(error.issues()[0].line, 2, "{inside}");
    }
    let none = "<xmi:XMI xmlns:xmi=\"x\"></xmi:XMI>";
    let error = read_bytes(Path::new("x"), none.as_bytes(), &ReadOptions::default());
    assert!(
        error
            .unwrap_err()
            .to_string()
            .contains("a CAS without a text")
    );
}

#[test]
fn webanno_tsv() {
    let corpus = load("notes.tsv");
    assert_eq!(corpus.source.format, Format::WebAnno);
    assert_eq!(
        corpus.documents[0].text,
        "😀 Lena Holt joined\nKite\\Works."
    );
    let expected = [
        vec![("Lena Holt", "PER"), ("Kite", "ORG")],
        vec![("Ulm", "LOC_1")],
    ];
    assert_eq!(pieces(&corpus), expected);
    assert_eq!(
        show(&corpus),
        "😀|[Lena|Holt]PER|joined|[Kite\\Works]ORG|. / Nobody|left|[Ulm]LOC_1|."
    );
    let lines: Vec<_> = corpus.documents.iter().map(|doc| doc.line).collect();
    assert_eq!(lines, [10, 20]);
    assert_eq!(
        codes(&corpus),
        [
            "several-tag-columns",
            "span-cuts-word",
            "annotations-ignored"
        ]
    );
    let message = &corpus.issues[2].message;
    assert!(
        message.contains("1 links of chains, 1 relations"),
        "{message}"
    );
    for (wanted, expected) in [
        ("Seen", ("Kite\\Works", "Seen")),
        ("since", ("Lena", "2020")),
    ] {
        let corpus = read(&fixture("notes.tsv"), &column(wanted)).unwrap();
        assert_eq!(pieces(&corpus), [vec![expected], vec![]], "{wanted}");
    }
}

#[test]
fn webanno_tsv_that_is_not_as_it_should_be() {
    let older =
        " # webanno.custom.Span | value\n#id=1\n#text=Ada left\n1-1\tAda\tB-X\n1-2\tleft\tO\n";
    let error = of(older, &ReadOptions::default()).unwrap_err();
    assert!(error.to_string().contains("WebAnno TSV 2"), "{error}");
    assert!(error.hint().unwrap().contains("TSV 3"));
    let head = "#FORMAT=WebAnno TSV 3.2\n#T_SP=webanno.custom.Span|value\n\n\n";
    let of = |rows: &str| of(&format!("{head}{rows}"), &ReadOptions::default());
    // Over the end of a sentence, and stacked.
    let corpus = of("#Text=Ada left .\n1-1\t0-3\tAda\t_\t\n1-2\t4-8\tleft\tX[1]\t\n1-3\t9-10\t.\tX[1]\t\n\n#Text=Bo ran\n2-1\t11-13\tBo\tX[1]\t\n2-2\t14-17\tran\t_\t\n").unwrap();
    assert_eq!(pieces(&corpus), [[("left . Bo", "X")]]);
    let error = of("#Text=Ada B\n1-1\t0-3\tAda\tX[1]|Y[2]\t\n1-2\t4-5\tB\tX[1]\t\n").unwrap_err();
    assert_eq!(error.issues()[0].code.as_str(), "span-overlapping");
    // Without a trailing tab, without a text, and with offsets that nobody has counted.
    let corpus = of("1-1\t0-3\tAda\tX\n1-2\t3-4\t.\t_\n1-3\t9-11\tBo\tX\n").unwrap();
    assert_eq!(corpus.documents[0].text, "Ada. Bo");
    assert_eq!(pieces(&corpus), [[("Ada", "X"), ("Bo", "X")]]);
    let corpus = of("#Text=😀 Ada\n1-1\t0-1\t😀\t_\n1-2\t2-5\tAda\tX\n").unwrap();
    assert_eq!(pieces(&corpus), [[("Ada", "X")]]);
    for (rows, expected) in [
        (
            "#Text=Ada\n1-1\t0-3\tBo\tX\n",
            "does not come next in the text",
        ),
        ("#Text=Ada\n1-1\t0-3\n", "fewer than three columns"),
        ("#Text=Ada\n1-1\t0-3\tAda\n", "fewer columns than the head"),
        (
            "#Text=Ada\n1-1\t0-3\tAda\tX\tY\n",
            "more columns than the head",
        ),
        (
            "#Text=Ada\nx\t0-3\tAda\tX\n",
            "does not start with the number",
        ),
        (
            "#Text=Ada\n1-1\t0:3\tAda\tX\n",
            "offsets that are not two whole numbers",
        ),
        ("#Text=Ada\n1-1.1\t0-3\tAda\tX\n", "is a part of no word"),
        (
            "#Text=Ada\n1-1\t0-3\tAda\tX\n1-1.1\t2-9\ta\tX\n",
            "does not lie within its word",
        ),
    ] {
        let error = of(rows).unwrap_err();
        let issue = &error.issues()[0];
        assert!(issue.message.contains(expected), "{rows}: {issue}");
        assert!(issue.line > 5 && issue.fix.is_some(), "{rows}: {issue}");
    }
}

#[test]
fn ontonotes_in_the_columns_of_conll_2012() {
    let text = "#begin document (nw/x/00/x_0001); part 000\nnw/x 0 0 Ada NNP (TOP(S(NP* - - - Lee (PERSON* (ARG0* (0\nnw/x 0 1 Holt NNP *) - - - Lee *) *) 0)\nnw/x 0 2 left VBD (VP* leave 01 1 Lee * (V*) -\nnw/x 0 3 Ulm NNP (NP*)))) - - - Lee (GPE) (ARG1*) (1)\n\nnw/x 0 0 He PRP (TOP*) - - - - * (0)\n\n#end document\n#begin document (nw/x/00/x_0001); part 001\n\nnw/x 1 0 In IN (TOP* - - - - (DATE(CARDINAL*) -\nnw/x 1 1 all DT *) - - - - *) -\n#end document\n";
    let kept = ReadOptions {
        keep_overlaps: true,
        ..ReadOptions::default()
    };
    let corpus = of(text, &kept).unwrap();
    assert_eq!(corpus.source.format, Format::OntoNotes);
    let expected = [
        vec![("Ada Holt", "PERSON"), ("Ulm", "GPE")],
        vec![],
        vec![("In all", "DATE"), ("In", "CARDINAL")],
    ];
    assert_eq!(pieces(&corpus), expected);
    let places: Vec<_> = corpus.documents.iter().map(|d| (d.group, d.line)).collect();
    assert_eq!(places, [(Some(0), 2), (Some(0), 7), (Some(1), 12)]);
    let error = of(text, &ReadOptions::default()).unwrap_err();
    assert_eq!(error.issues()[0].code.as_str(), "span-overlapping");

    for (cell, expected) in [
        ("(PERSON*", "does not close"),
        ("*)", "is not open"),
        ("PERSON", "opens or closes no entity"),
        ("(A|B)", "opens or closes no entity"),
    ] {
        let text = text
            .replace("(GPE)", cell)
            .replace("(DATE(CARDINAL*)", "(DATE*");
        let error = of(&text, &ReadOptions::default());
        // With a strange cell there the column is none of names.
        let message = match error.unwrap_err() {
            error @ ReadError::NotACorpus { .. } => error.to_string(),
            error => error.issues()[0].message.clone(),
        };
        let told = message.contains(expected) || message.contains("without a column of names");
        assert!(told, "{cell}: {message}");
    }
    // Only words and names are left, and one column is chosen.
    let few = "#begin document (a); part 000\nAda (PER*\nHolt *)\n#end document\n";
    assert_eq!(
        pieces(&of(few, &ReadOptions::default()).unwrap()),
        [[("Ada Holt", "PER")]]
    );
    let syntax = ReadOptions {
        tag_column: Some(ColumnChoice::Index(11)),
        ..ReadOptions::default()
    };
    assert!(
        of(text, &syntax).is_err(),
        "not all rows have that column of that kind"
    );
}

/// A program that reads a text as Python does counts a Windows line end as one character.
#[test]
fn a_windows_line_end_counts_once_in_every_format() {
    let bioc = "{\"documents\": [{\"id\": \"1\", \"infons\": {}, \"passages\": [{\"offset\": 10, \"infons\": {}, \"text\": \"Ada left.\\r\\nBo stayed.\\r\\nCy sang.\", \"annotations\": [{\"id\": \"a\", \"infons\": {\"type\": \"PER\"}, \"text\": \"Bo\", \"locations\": [{\"offset\": 20, \"length\": 2}]}, {\"id\": \"b\", \"infons\": {\"type\": \"PER\"}, \"text\": \"Cy\", \"locations\": [{\"offset\": 31, \"length\": 2}]}]}]}]}";
    let corpus = of(bioc, &ReadOptions::default()).unwrap();
    assert_eq!(pieces(&corpus), [[("Bo", "PER"), ("Cy", "PER")]]);
    assert_eq!(codes(&corpus), ["line-ends-joined"]);

    let cas = |inside: &str| {
        format!(
            "<xmi:XMI xmlns:xmi=\"x\" xmlns:cas=\"http:///uima/cas.ecore\" xmlns:my=\"http:///my/types.ecore\" xmlns:s=\"http:///de/tudarmstadt/ukp/dkpro/core/api/segmentation/type.ecore\" xmlns:t=\"http:///uima/tcas.ecore\">{inside}<cas:Sofa xmi:id=\"1\" sofaID=\"_InitialView\" sofaString=\"Ada left.&#13;&#10;Bo stayed.&#13;&#10;Cy sang.\"/></xmi:XMI>"
        )
    };
    let mark = |start: usize, end: usize| {
        format!("<my:Part sofa=\"1\" begin=\"{start}\" end=\"{end}\" value=\"PER\"/>")
    };
    let sentences = "<s:Sentence sofa=\"1\" begin=\"0\" end=\"9\"/><s:Sentence sofa=\"1\" begin=\"10\" end=\"20\"/><s:Sentence sofa=\"1\" begin=\"21\" end=\"29\"/>";
    let once = cas(&(sentences.to_owned() + &mark(10, 12) + &mark(21, 23)));
    let corpus = of(&once, &ReadOptions::default()).unwrap();
    let expected = [vec![], vec![("Bo", "PER")], vec![("Cy", "PER")]];
    assert_eq!(pieces(&corpus), expected);
    assert_eq!(codes(&corpus), ["line-ends-joined"]);
    // As it is in the text, and as somebody says that it is.
    let sentences = "<s:Sentence sofa=\"1\" begin=\"0\" end=\"9\"/><s:Sentence sofa=\"1\" begin=\"11\" end=\"21\"/><s:Sentence sofa=\"1\" begin=\"23\" end=\"31\"/>";
    let twice = cas(&(sentences.to_owned() + &mark(11, 13) + &mark(23, 25)));
    let corpus = of(&twice, &ReadOptions::default()).unwrap();
    assert_eq!(pieces(&corpus), expected);
    assert_eq!(codes(&corpus), Vec::<&str>::new());
    let joined = ReadOptions {
        line_ends: tagsmith_corpus::LineEnds::Joined,
        ..ReadOptions::default()
    };
    assert_eq!(pieces(&of(&once, &joined).unwrap()), expected);
}

#[test]
fn offsets_that_the_quoted_texts_prove_are_read_so() {
    let pubtator = "1|t|Zoë Öz saw Bo\n1|a|in Köln\n1\t5\t8\tÖz\tPER\n1\t13\t15\tBo\tPER\n1\t19\t24\tKöln\tLOC\n\n";
    let corpus = of(pubtator, &ReadOptions::default()).unwrap();
    let expected = [[("Öz", "PER"), ("Bo", "PER"), ("Köln", "LOC")]];
    assert_eq!(pieces(&corpus), expected);
    assert_eq!(codes(&corpus), ["offsets-unit"]);
}
