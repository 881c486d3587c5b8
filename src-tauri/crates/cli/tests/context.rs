//! Lines that are tagged by a model that reads context are sentences of one document.
#![allow(clippy::unwrap_used)] // a failing helper fails its test

mod support;

use serde_json::Value;
use support::{folder, run, text, tiny};

#[test]
fn a_blank_line_ends_a_document_and_a_record_says_which_it_belongs_to() {
    let (start, first, second) = (
        "-DOCSTART-\tO\n\n",
        "the\tO\nport\tO\nin\tO\noslo\tB-LOC\n\n",
        "anna\tB-PER\nberg\tI-PER\n\n",
    );
    let data = format!("{start}{first}{second}{start}{first}{start}{second}").repeat(8);
    let folder = folder(&[("train.conll", data.as_bytes())]);
    let good = |arguments: &[&str]| {
        let output = run(folder.path(), arguments);
        assert!(output.status.success(), "{}", text(&output.stderr));
        text(&output.stdout)
    };
    let model = tiny("bert-no-prefix");
    let train = [
        "train",
        "--model",
        &model,
        "--train",
        "train.conll",
        "--dev",
        "train.conll",
    ];
    let rest = [
        "--context",
        "8",
        "--max-length",
        "24",
        "--epochs",
        "20",
        "--out",
        "run",
        "--batch-size",
        "4",
        "--lr",
        "2e-3",
    ];
    good(&[&train[..], &rest].concat());
    let scores = |content: &str| -> Vec<String> {
        std::fs::write(folder.path().join("t"), content).unwrap();
        let lines = good(&["tag", "--model", "run", "t"]);
        let lines = lines
            .lines()
            .map(|line| serde_json::from_str::<Value>(line).unwrap());
        let scored = lines.filter(|line| line["text"] != "");
        scored.map(|line| line["entities"].to_string()).collect()
    };
    let beside = scores("the port in oslo\nanna berg\n");
    let apart = scores("the port in oslo\n\nanna berg\n");
    assert_eq!(beside.len(), 2);
    assert_ne!(beside, apart);
    let alone = |line: &str| scores(line).remove(0);
    assert_eq!(apart, [alone("the port in oslo"), alone("anna berg")]);
    let records = |second: u32| {
        let first = r#"{"text": "the port in oslo", "group": 4}"#;
        scores(&format!(
            "{first}\n{{\"text\": \"anna berg\", \"group\": {second}}}\n"
        ))
    };
    assert_eq!((records(4), records(5)), (beside, apart.clone()));
    let own = scores("{\"text\": \"the port in oslo\"}\n{\"text\": \"anna berg\"}\n");
    assert_eq!(own, apart);
    // A shard that begins within a document still sees the sentences before it.
    let document = "the port in oslo\nanna berg\n\nanna berg\nthe port in oslo\nanna berg\n";
    std::fs::write(folder.path().join("t"), document).unwrap();
    let shard = |shard: &str| good(&["tag", "--model", "run", "--shard", shard, "t"]);
    let joined = ["1/3", "2/3", "3/3"].map(shard).concat();
    assert_eq!(joined, good(&["tag", "--model", "run", "t"]));
}
