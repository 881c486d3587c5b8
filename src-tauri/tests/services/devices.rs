//! Testing devices: the window hears how far it is, and can end it.

use crate::fake::{Desk, eventually};
use std::sync::Arc;
use tagsmith_desktop::devices::Devices;
use tagsmith_desktop::dto::AppEvent;

#[tokio::test]
async fn a_test_is_followed_and_its_result_read() {
    let desk = Desk::new();
    let engine = desk.engine(
        r#"echo "$*" >"$0.arguments"
        echo 'testing something' >&2
        echo '{"preparing":{"device":"cuda:0","done":12,"total":48,"eta_seconds":9.5}}' >&2
        echo '{"preparing":{"device":"cuda:0","done":49,"total":null,"eta_seconds":null}}' >&2
        echo '[{"id":"cpu","name":"A processor","threads":2,"memory_bytes":9,"kind":"cpu"}]'"#,
    );
    let devices = Devices::new(engine, desk.notify());
    assert_eq!(devices.test().await.unwrap()[0].id, "cpu");
    let arguments = std::fs::read_to_string(desk.path().join("engine.arguments")).unwrap();
    assert_eq!(arguments.trim(), "--json devices --check --progress");
    let reported: Vec<(usize, Option<usize>)> = desk
        .news()
        .into_iter()
        .map(|news| match news {
            AppEvent::Preparing { preparing } => (preparing.done, preparing.total),
            other => panic!("{other:?}"),
        })
        .collect();
    assert_eq!(reported, [(12, Some(48)), (49, None)]);
}

#[tokio::test]
async fn a_test_is_cancelled_with_its_process_or_fails_in_the_engines_words() {
    let desk = Desk::new();
    let pid = desk.path().join("pid");
    let engine = desk.engine(&format!("echo $$ >{}; exec sleep 60", pid.display()));
    let devices = Arc::new(Devices::new(engine, desk.notify()));
    let test = tokio::spawn({
        let devices = devices.clone();
        async move { devices.test().await }
    });
    let number = eventually("the test begins", || {
        let text = std::fs::read_to_string(&pid).ok()?;
        (!text.trim().is_empty()).then(|| text.trim().to_owned())
    })
    .await;
    devices.cancel();
    assert_eq!(test.await.unwrap().unwrap_err().code, "cancelled");
    eventually("its process ends", || {
        let mut signal = std::process::Command::new("kill");
        let status = signal
            .args(["-0", &number])
            .stderr(std::process::Stdio::null());
        (!status.status().unwrap().success()).then_some(())
    })
    .await;
    // There is nothing to cancel any more.
    devices.cancel();

    let engine = desk.engine("echo 'error: no room' >&2; echo 'hint: make some' >&2; exit 1");
    let failure = Devices::new(engine, desk.notify())
        .test()
        .await
        .unwrap_err();
    assert_eq!(failure.message, "no room");
    assert_eq!(failure.hint.as_deref(), Some("make some"));
}
