//! The typed border: which commands there are, and the TypeScript that calls them.

use crate::commands::{
    batches, data, evaluations, models, pretraining, queue, runs, settings, studies, tagger, window,
};
use serde::Serialize;
use std::collections::BTreeMap;
use tagsmith_corpus::{Dialect, Format, FormatName, IssueCode, Target};
use tagsmith_protocol::{SettingField, TrainSettings};
use tauri_specta::{Builder, ErrorHandlingMode, collect_commands};

macro_rules! commands {
    ($($module:ident::$name:ident),* $(,)?) => { collect_commands![$($module::$name),*] };
}

/// Every command, for the window and for the bindings.
pub fn commands() -> Builder<tauri::Wry> {
    Builder::new()
        .error_handling(ErrorHandlingMode::Throw)
        // Bytes and counts stay far below 2^53.
        .dangerously_cast_bigints_to_number()
        .disable_serde_phases()
        .typ::<SettingField>()
        .typ::<IssueCode>()
        .constant("FINDING_TITLES", finding_titles())
        .constant("FINDING_REASONS", finding_reasons())
        .constant(
            "FORMATS",
            BTreeMap::from(FormatName::ALL.map(|name| (name, name.title()))),
        )
        .constant("FORMAT_TITLES", BTreeMap::from(Format::TITLES))
        .constant("DIALECT_TITLES", BTreeMap::from(Dialect::TITLES))
        .constant("TARGETS", targets())
        .constant("SETTINGS", settings())
        .constant("DEFAULT_SETTINGS", TrainSettings::default())
        .commands(include!("commands/list.rs"))
}

/// What each kind of finding is called.
fn finding_titles() -> BTreeMap<IssueCode, &'static str> {
    let codes = IssueCode::ALL.iter();
    codes.map(|code| (*code, code.title())).collect()
}

/// Why each kind of finding matters, where it does not speak for itself.
fn finding_reasons() -> BTreeMap<IssueCode, &'static str> {
    let codes = IssueCode::ALL.iter();
    codes
        .filter_map(|code| Some((*code, code.why()?)))
        .collect()
}

/// A format that a data set can be exported in.
#[derive(Serialize)]
struct Export {
    title: &'static str,
    has_tags: bool,
}

fn targets() -> BTreeMap<Target, Export> {
    let exports = Target::ALL.map(|target| {
        let about = target.description();
        let (title, has_tags) = (about.title, about.has_tags);
        (target, Export { title, has_tags })
    });
    exports.into()
}

/// The settings of a run that the window's form shows, in its order.
fn settings() -> Vec<SettingField> {
    let shown = TrainSettings::TABLE
        .iter()
        .filter(|setting| setting.in_window);
    shown.map(SettingField::from).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use specta::Type;
    use specta::datatype::{DataType, Primitive};
    use specta_typescript::{Number, Typescript};
    use specta_util::Remapper;
    use std::fs;
    use std::path::Path;
    use tauri_specta::{BuilderConfiguration, LanguageExt};

    fn here(path: &str) -> std::path::PathBuf {
        Path::new(env!("CARGO_MANIFEST_DIR")).join(path)
    }

    /// TypeScript in which a number with a fraction is a `number`. specta calls it `number | null`, because
    /// JSON has no infinities; the page treats the few numbers that may not be finite with care anyway.
    struct PlainNumbers(Typescript);

    impl LanguageExt for PlainNumbers {
        type Error = <Typescript as LanguageExt>::Error;

        fn export(self, cfg: &BuilderConfiguration, path: &Path) -> Result<(), Self::Error> {
            let mut cfg = cfg.clone();
            let number = <Number as Type>::definition(&mut specta::Types::default());
            cfg.types = [Primitive::f32, Primitive::f64]
                .into_iter()
                .fold(Remapper::new(), |remapper, float| {
                    remapper.rule(DataType::Primitive(float), number.clone())
                })
                .remap_types(cfg.types);
            self.0.export(&cfg, path)
        }
    }

    /// The file is committed: the window's own checks need no Rust. `TAGSMITH_GOLDEN=write` renews it.
    #[test]
    fn the_bindings_are_those_of_the_commands() {
        let fresh = tempfile::tempdir().unwrap();
        let fresh = fresh.path().join("bindings.ts");
        let header =
            "// Generated from the commands of the shell; do not edit.\n/* eslint-disable */\n";
        commands()
            .export(PlainNumbers(Typescript::default().header(header)), &fresh)
            .unwrap();
        let fresh = fs::read_to_string(fresh).unwrap();
        let committed = here("../ui/src/lib/client/shell/bindings.ts");
        if std::env::var("TAGSMITH_GOLDEN").is_ok_and(|wish| wish == "write") {
            fs::create_dir_all(committed.parent().unwrap()).unwrap();
            fs::write(&committed, &fresh).unwrap();
        }
        assert!(
            fs::read_to_string(&committed).is_ok_and(|committed| committed == fresh),
            "stale: TAGSMITH_GOLDEN=write cargo test --release --workspace the_bindings"
        );
    }
}
