use super::*;

/// One text of ten words; each letter is the label of one, `O` for none.
fn version(annotator: &str, letters: &str) -> Version {
    let words: Vec<String> = (0..letters.len()).map(|i| format!("w{i}")).collect();
    let mut document = Document::from_words(&words);
    document.spans = letters
        .char_indices()
        .filter(|(_, label)| *label != 'O')
        .map(|(i, label)| Span {
            start: document.words[i].start,
            end: document.words[i].end,
            label: label.into(),
            score: None,
        })
        .collect();
    Version {
        annotator: annotator.into(),
        ground_truth: false,
        document,
    }
}

fn agreement(versions: &[Version]) -> Agreement {
    let mut annotators = Annotators::default();
    annotators.choose(Path::new("f"), 1, versions);
    annotators.agreement().unwrap()
}

const ANN: &str = "OPPOLOOLLO";
const BEN: &str = "OPOOLOPLOO";
const CEM: &str = "OPPOLOOOLO";

#[track_caller]
fn near(found: Option<f64>, expected: f64) {
    let found = found.unwrap();
    assert!((found - expected).abs() < 1e-12, "{found} and {expected}");
}

/// Expected values: `cohen_kappa_score` of scikit-learn 1.9.1 and `alpha` of krippendorff 0.9.0.
#[test]
fn coefficients_agree_with_published_programs() {
    let two = agreement(&[version("ann", ANN), version("ben", BEN)]);
    near(two.kappa, 0.5);
    near(two.alpha, 0.521_008_403_361_344_6);
    let of = |agreement: &Agreement, label: &str| {
        let mut labels = agreement.labels.iter();
        labels.find(|found| found.label == label).cloned().unwrap()
    };
    near(of(&two, "L").kappa, 0.736_842_105_263_158);
    near(of(&two, "P").kappa, 0.375);
    near(of(&two, "L").alpha, 0.746_666_666_666_666_6);
    near(of(&two, "P").alpha, 0.406_25);
    assert_eq!(
        (two.words, of(&two, "L").votes, of(&two, "P").votes),
        (10, 5, 4)
    );
    let three = agreement(&[
        version("ann", ANN),
        version("ben", BEN),
        version("cem", CEM),
    ]);
    assert_eq!(three.kappa, None);
    near(three.alpha, 0.558_935_361_216_73);
    near(of(&three, "L").alpha, 0.639_751_552_795_031);
    near(of(&three, "P").alpha, 0.597_222_222_222_222_2);
    // The third person has seen the first six words alone.
    let mut annotators = Annotators::default();
    let cut = |name, letters: &str, range: std::ops::Range<usize>| version(name, &letters[range]);
    annotators.choose(
        Path::new("f"),
        1,
        &[
            cut("ann", ANN, 0..6),
            cut("ben", BEN, 0..6),
            cut("cem", CEM, 0..6),
        ],
    );
    annotators.choose(
        Path::new("f"),
        2,
        &[cut("ann", ANN, 6..10), cut("ben", BEN, 6..10)],
    );
    near(
        annotators.agreement().unwrap().alpha,
        0.632_352_941_176_470_6,
    );
    // Where all say the same of everything there is nothing to compare.
    let none = agreement(&[version("ann", "OO"), version("ben", "OO")]);
    assert_eq!((none.kappa, none.alpha), (None, None));
    near(
        agreement(&[version("ann", ANN), version("ben", ANN)]).kappa,
        1.0,
    );
}

#[test]
fn one_is_chosen_by_rule() {
    let labels = |rule: &str, versions: &[Version]| {
        let mut annotators = Annotators::new(&rule.parse().unwrap());
        let chosen = annotators.choose(Path::new("f"), 1, versions);
        let spans = chosen
            .spans
            .unwrap_or_else(|| versions[chosen.at].document.spans.clone());
        spans
            .iter()
            .map(|span| span.label.as_str())
            .collect::<String>()
    };
    let all = || {
        [
            version("ann", "OPPO"),
            version("ben", "OPLO"),
            version("cem", "LPLO"),
        ]
    };
    assert_eq!(labels("ground-truth", &all()), "PP");
    assert_eq!(labels("majority", &all()), "PL");
    assert_eq!(labels("cem", &all()), "LPL");
    assert_eq!(labels("nobody", &all()), "PP");
    let mut marked = all();
    marked[1].ground_truth = true;
    assert_eq!(labels("ground-truth", &marked), "PL");
    assert_eq!(labels("majority", &marked), "PL");
    assert_eq!(labels("cem", &marked), "LPL");
    assert_eq!(labels("nobody", &marked), "PL");
    assert_eq!(labels("majority", &all()[..2]), "P");
}

#[test]
fn differences_are_listed_with_everybodys_opinion() {
    let mut annotators = Annotators::default();
    let mut wide = version("cem", "OOOL");
    wide.document.spans[0].start = wide.document.words[2].start;
    let versions = [version("ann", "POOL"), version("ben", "POPO"), wide];
    annotators.choose(Path::new("f"), 7, &versions);
    let mut issues = Issues::default();
    annotators.tell(Path::new("f"), &mut issues);
    let told: Vec<(usize, String)> = issues
        .into_vec()
        .into_iter()
        .map(|issue| (issue.line, issue.message))
        .collect();
    assert!(told[0].1.starts_with("1 texts have annotations of several people (ann, ben, cem), who agree by words with Krippendorff's alpha "), "{told:?}");
    let expected = [
        (
            7,
            "annotators differ on `w0`: ann P, ben P, cem nothing".to_owned(),
        ),
        (
            7,
            "annotators differ on `w2 w3`: ann L (`w3`), ben P (`w2`), cem L".to_owned(),
        ),
    ];
    assert_eq!(told[1..], expected);
}
