//! The README's table of settings is made from the list of settings.
//! `TAGSMITH_GOLDEN=write cargo test --release --workspace --test readme` renews it.

use std::fmt::Write;
use std::path::Path;
use tagsmith_protocol::TrainSettings;

fn table() -> String {
    let mut table = "| option | default | takes | |\n|---|---|---|---|\n".to_owned();
    for setting in TrainSettings::TABLE {
        let unit = setting
            .unit
            .map_or_else(String::new, |unit| format!(" ({unit})"));
        let _ = writeln!(
            table,
            "| `--{}` | {} | {}{unit} | {} |",
            setting.option(),
            setting.default_in_words(),
            setting.expected(),
            setting.help
        );
    }
    table
}

#[test]
fn the_readme_lists_the_settings() {
    const BEGIN: &str = "<!-- settings: made from the list of settings -->\n";
    const END: &str = "<!-- end of settings -->";
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../README.md");
    let text = std::fs::read_to_string(&path).unwrap();
    let (before, rest) = text.split_once(BEGIN).unwrap();
    let (found, after) = rest.split_once(END).unwrap();
    let expected = table();
    if std::env::var("TAGSMITH_GOLDEN").is_ok_and(|wish| wish == "write") {
        std::fs::write(&path, format!("{before}{BEGIN}{expected}{END}{after}")).unwrap();
        return;
    }
    assert_eq!(found, expected, "stale: see the first lines of this test");
}
