//! Highlighting: answers in order, offsets as the window counts them, and children that fail.

use crate::fake::{Desk, eventually};
use std::sync::Arc;
use tagsmith_desktop::dto::AppEvent;
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
    let tagging = Tagging::new(desk.library(), engine, desk.notify());
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
    let tagging = Tagging::new(desk.library(), desk.engine("cat"), desk.notify());
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
    let tagging = Tagging::new(desk.library(), desk.engine(&die_once), desk.notify());
    let failure = tagging.tag("tiny", &["a".into()]).await.unwrap_err();
    assert_eq!(failure.message, "the model is torn");
    assert_eq!(tagging.tag("tiny", &["a".into()]).await.unwrap().len(), 1);

    let babble = Tagging::new(
        desk.library(),
        desk.engine("while read -r l; do echo '???'; done"),
        desk.notify(),
    );
    assert_eq!(
        babble.tag("tiny", &["a".into()]).await.unwrap_err().code,
        "engine-garbled"
    );
    let refuse = Tagging::new(
        desk.library(),
        desk.engine("while read -r l; do echo '{\"error\":\"no\"}'; done"),
        desk.notify(),
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
    let tagging = Tagging::new(desk.library(), engine, desk.notify());
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
    let tagging = Tagging::new(desk.library(), desk.engine(ANSWER), desk.notify());
    let path = desk.library().models_folder().join("tiny");
    for name in [path.to_str().unwrap(), "../models/tiny", "./tiny"] {
        let refused = tagging.tag(name, &["a".into()]).await.unwrap_err();
        assert_eq!(refused.code, "unknown-model", "{name}");
    }
}

const TESTING: &str =
    r#"echo '{"preparing":{"device":"cuda:0","done":12,"total":48,"eta_seconds":9.5}}' >&2"#;

/// How far the test of a device is, as often as the window heard of it.
fn heard(desk: &Desk) -> Vec<Option<usize>> {
    let news = desk.news().into_iter().map(|news| match news {
        AppEvent::Tagger { model, preparing } => {
            assert_eq!(model, "tiny");
            preparing.map(|preparing| preparing.done)
        }
        other => panic!("{other:?}"),
    });
    news.collect()
}

#[tokio::test]
async fn the_test_of_a_device_is_followed_before_the_first_answer() {
    let desk = Desk::new();
    let engine = desk.engine(&format!(
        r#"echo "$*" >"$0.arguments"
        {TESTING}
        echo '{{"preparing":{{"device":"cuda:0","done":50,"total":50,"eta_seconds":0}}}}' >&2
        {ANSWER}"#
    ));
    let tagging = Tagging::new(desk.library(), engine, desk.notify());
    assert_eq!(tagging.tag("tiny", &["a".into()]).await.unwrap().len(), 1);
    eventually("all is heard", || (heard(&desk).len() == 2).then_some(())).await;
    assert_eq!(heard(&desk), [Some(12), None]);
    let arguments = std::fs::read_to_string(desk.path().join("engine.arguments")).unwrap();
    assert!(
        arguments.starts_with("--json tag --stream --progress --model"),
        "{arguments}"
    );
}

#[tokio::test]
async fn a_test_that_is_cancelled_ends_with_its_process_and_the_next_request_starts_anew() {
    let desk = Desk::new();
    let engine = desk.engine(&format!(
        "if [ -e {0}/pid ]; then\n{ANSWER}\nfi\n{TESTING}; echo $$ >{0}/pid; exec sleep 60",
        desk.path().display()
    ));
    let tagging = Arc::new(Tagging::new(desk.library(), engine, desk.notify()));
    // The second waits for the first, and would begin the test again.
    let asked = [(); 2].map(|()| {
        let tagging = tagging.clone();
        tokio::spawn(async move { tagging.tag("tiny", &["a".into()]).await })
    });
    let pid = eventually("the test begins", || {
        let text = std::fs::read_to_string(desk.path().join("pid")).ok()?;
        (!text.trim().is_empty() && heard(&desk) == [Some(12)]).then(|| text.trim().to_owned())
    })
    .await;
    tagging.cancel("elsewhere");
    tagging.cancel("tiny");
    for answer in asked {
        assert_eq!(answer.await.unwrap().unwrap_err().code, "cancelled");
    }
    eventually("its process ends", || {
        let mut signal = std::process::Command::new("kill");
        let status = signal
            .args(["-0", &pid])
            .stderr(std::process::Stdio::null());
        (!status.status().unwrap().success()).then_some(())
    })
    .await;
    eventually("the window hears of it", || {
        (heard(&desk) == [Some(12), None]).then_some(())
    })
    .await;
    assert_eq!(tagging.tag("tiny", &["a".into()]).await.unwrap().len(), 1);
}
