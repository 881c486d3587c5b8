//! Files come in: through the system's own dialog, and not at all when they are broken.

use crate::desk::{Setup, on_a_desk};
use crate::hands::{id, in_dialog, screen, tab};
use std::path::PathBuf;
use thirtyfour::By;

fn sample() -> PathBuf {
    let root = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("..");
    let root = root.canonicalize().unwrap();
    root.join("assets/samples/support-tickets/train.jsonl")
}

fn choose() -> String {
    id("import-files")
}

#[test]
fn a_file_is_imported_through_the_systems_own_dialog() {
    on_a_desk("dialog", Setup::default(), async |desk| {
        desk.start().await;
        desk.press(&screen("data")).await;
        // The system's dialog opens by itself.
        desk.press(&id("import-open")).await;
        desk.pick_in_dialog("Choose data files", &sample()).await;
        desk.await_words("320 documents", 30).await;
        desk.press(&id("import-confirm")).await;
        desk.await_words("“support-tickets” was imported.", 30)
            .await;
        desk.press(&tab("documents")).await;
        desk.await_xpath("//mark").await;
        let sets = std::fs::read_dir(desk.library().join("data")).unwrap();
        assert_eq!(sets.count(), 1);
    });
}

#[test]
fn a_broken_file_is_told_with_line_and_fix_and_not_imported() {
    let folder = tempfile::tempdir().unwrap();
    let broken = folder.path().join("broken.jsonl");
    let good = r#"{"text": "Lumen Desk crashed", "entities": [[0, 10, "PRODUCT"]]}"#;
    let outside = r#"{"text": "Lumen Desk crashed", "entities": [[11, 40, "PRODUCT"]]}"#;
    std::fs::write(&broken, format!("{good}\n{good}\n{outside}\n")).unwrap();
    let setup = Setup {
        // The first answer is a person who cancels.
        pick: Some(vec![PathBuf::new(), broken.clone()]),
        ..Setup::default()
    };
    on_a_desk("broken", setup, async |desk| {
        desk.start().await;
        desk.press(&screen("data")).await;
        desk.press(&id("import-open")).await;
        desk.press(&choose()).await;
        desk.await_words("These files cannot be imported yet.", 30)
            .await;
        let name = in_dialog("//section[contains(@class,'card')]//header/strong");
        // WebKit's driver takes what may be cut off for hidden, so that its place is asked for.
        let name = desk.page().find(By::XPath(name)).await.unwrap();
        let shown = name.prop("textContent").await.unwrap();
        assert_eq!(shown.as_deref(), Some("broken.jsonl"), "whose fault it is");
        let width = name.rect().await.unwrap().width;
        assert!(width > 60.0, "its name is {width} pixels wide");
        let fault = id("file-error");
        let reported = desk.await_xpath(&fault).await.text().await.unwrap();
        for expected in ["3", "40", "18"] {
            assert!(
                reported.contains(expected),
                "no `{expected}` in: {reported}"
            );
        }
        let fix = desk.await_xpath(&format!("{fault}//p[2]")).await;
        assert!(fix.text().await.unwrap().len() > 10, "there is a hint");
        let import = desk.await_xpath(&id("import-confirm")).await;
        assert!(!import.is_enabled().await.unwrap());
        desk.press(&id("import-cancel")).await;
        desk.await_words("No data yet", 10).await;
        let sets = std::fs::read_dir(desk.library().join("data"));
        assert_eq!(sets.map_or(0, Iterator::count), 0, "nothing was imported");
        assert_eq!(std::fs::read_to_string(&broken).unwrap().lines().count(), 3);
    });
}
