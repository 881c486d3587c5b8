//! Highlighting: answers in order, offsets as the window counts them, and children that fail.

use crate::fake::Desk;
use tagsmith_desktop::tagging::Tagging;

const ANSWER: &str = r#"while IFS= read -r line; do
  printf '%s\n' "{\"text\":\"😀 Zoë\",\"entities\":[{\"start\":2,\"end\":5,\"label\":\"PER\",\"text\":\"Zoë\",\"score\":0.9}]}"
done"#;

#[tokio::test]
async fn a_model_stays_loaded_and_offsets_count_utf16() {
    let desk = Desk::new();
    let engine = desk.engine(&format!(
        "echo started >>\"{}/starts\"\n{ANSWER}",
        desk.path().display()
    ));
    let tagging = Tagging::new(desk.library(), engine);
    for _ in 0..3 {
        let found = tagging
            .tag("tiny", &["😀 Zoë".into(), "x".into()])
            .await
            .unwrap();
        assert_eq!(found.len(), 2);
        assert_eq!((found[0][0].start, found[0][0].end), (3, 6));
    }
    let starts = std::fs::read_to_string(desk.path().join("starts")).unwrap();
    assert_eq!(starts.lines().count(), 1);
}

#[tokio::test]
async fn a_long_text_does_not_fill_the_pipes() {
    let desk = Desk::new();
    let tagging = Tagging::new(desk.library(), desk.engine("cat"));
    // `cat` answers with the request, which has no entities: garbled, but not stuck.
    let texts: Vec<String> = (0..400).map(|_| "word ".repeat(500)).collect();
    let failure = tagging.tag("tiny", &texts).await.unwrap_err();
    assert_eq!(failure.code, "engine-garbled");
}

#[tokio::test]
async fn a_child_that_dies_or_babbles_is_told_and_the_next_request_starts_anew() {
    let desk = Desk::new();
    let die_once = format!(
        "if [ ! -e {0}/died ]; then touch {0}/died; echo 'error: the model is torn' >&2; exit 1; fi\n{ANSWER}",
        desk.path().display()
    );
    let tagging = Tagging::new(desk.library(), desk.engine(&die_once));
    let failure = tagging.tag("tiny", &["a".into()]).await.unwrap_err();
    assert_eq!(failure.message, "the model is torn");
    assert_eq!(tagging.tag("tiny", &["a".into()]).await.unwrap().len(), 1);

    let babble = Tagging::new(
        desk.library(),
        desk.engine("while read -r l; do echo '???'; done"),
    );
    assert_eq!(
        babble.tag("tiny", &["a".into()]).await.unwrap_err().code,
        "engine-garbled"
    );
    let refuse = Tagging::new(
        desk.library(),
        desk.engine("while read -r l; do echo '{\"error\":\"no\"}'; done"),
    );
    assert_eq!(
        refuse.tag("tiny", &["a".into()]).await.unwrap_err().message,
        "no"
    );
    assert_eq!(
        refuse.tag("nowhere", &[]).await.unwrap_err().code,
        "unknown-model"
    );
}

#[tokio::test]
async fn new_weights_under_the_same_name_are_loaded_anew() {
    let desk = Desk::new();
    let engine = desk.engine(&format!(
        "echo started >>\"{}/starts\"\n{ANSWER}",
        desk.path().display()
    ));
    let weights = desk
        .library()
        .models_folder()
        .join("tiny/model.safetensors");
    let tagging = Tagging::new(desk.library(), engine);
    std::fs::write(&weights, "one").unwrap();
    tagging.tag("tiny", &["a".into()]).await.unwrap();
    let later = std::time::SystemTime::now() + std::time::Duration::from_secs(5);
    std::fs::File::options()
        .append(true)
        .open(&weights)
        .unwrap()
        .set_modified(later)
        .unwrap();
    for _ in 0..2 {
        tagging.tag("tiny", &["a".into()]).await.unwrap();
    }
    let starts = std::fs::read_to_string(desk.path().join("starts")).unwrap();
    assert_eq!(starts.lines().count(), 2);
}

#[tokio::test]
async fn a_path_is_no_name_of_a_model() {
    let desk = Desk::new();
    let tagging = Tagging::new(desk.library(), desk.engine(ANSWER));
    let path = desk.library().models_folder().join("tiny");
    for name in [path.to_str().unwrap(), "../models/tiny", "./tiny"] {
        let refused = tagging.tag(name, &["a".into()]).await.unwrap_err();
        assert_eq!(refused.code, "unknown-model", "{name}");
    }
}
