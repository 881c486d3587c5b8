//! The typed border: which commands there are, and the TypeScript that calls them.

use crate::commands::{data, evaluations, models, runs, settings, tagger, window};
use tagsmith_protocol::{SettingField, TrainSettings};
use tauri_specta::{Builder, ErrorHandlingMode, collect_commands};

/// Every command, for the window and for the bindings.
pub fn commands() -> Builder<tauri::Wry> {
    Builder::new()
        .error_handling(ErrorHandlingMode::Throw)
        // Bytes and counts stay far below 2^53.
        .dangerously_cast_bigints_to_number()
        .disable_serde_phases()
        .typ::<SettingField>()
        .constant("SETTINGS", settings())
        .constant("DEFAULT_SETTINGS", TrainSettings::default())
        .commands(collect_commands![
            models::models_shelf,
            models::models_search,
            models::models_details,
            models::models_library,
            models::models_add_folder,
            models::models_remove,
            models::models_open_page,
            models::downloads_list,
            models::download_start,
            models::download_cancel,
            models::download_discard,
            data::data_list,
            data::data_pick_files,
            data::data_pick_folder,
            data::data_inspect,
            data::data_import,
            data::data_update,
            data::data_cancel,
            data::data_import_sample,
            data::data_documents,
            data::data_findings,
            data::data_statistics,
            data::data_check_model,
            data::data_preview_repair,
            data::data_repair,
            data::data_undo,
            data::data_redo,
            data::data_export_plan,
            data::data_export,
            data::data_remove,
            runs::runs_list,
            runs::runs_start,
            runs::runs_stop,
            runs::runs_kill,
            runs::runs_resume,
            runs::runs_rename,
            runs::runs_remove,
            runs::runs_events,
            runs::runs_report,
            evaluations::evaluations_list,
            evaluations::evaluations_start,
            evaluations::evaluations_cancel,
            evaluations::evaluations_remove,
            evaluations::evaluations_report,
            tagger::tagger_tag,
            tagger::tagger_cancel,
            tagger::tagger_open_text,
            settings::preferences_read,
            settings::preferences_save,
            settings::devices_list,
            settings::devices_test,
            settings::devices_cancel,
            settings::hub_read,
            settings::hub_save,
            settings::token_save,
            settings::storage_read,
            settings::storage_open,
            settings::diagnostics_read,
            settings::clipboard_write,
            window::news_subscribe,
            window::window_painted,
            window::window_close,
        ])
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

    const NAMES: &[&str] = &include!("commands/names.rs");

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

    /// The file is committed: the window's own checks need no Rust. `TAGSMITH_BINDINGS=write` renews it.
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
        if std::env::var("TAGSMITH_BINDINGS").is_ok_and(|wish| wish == "write") {
            fs::create_dir_all(committed.parent().unwrap()).unwrap();
            fs::write(&committed, &fresh).unwrap();
        }
        assert!(
            fs::read_to_string(&committed).is_ok_and(|committed| committed == fresh),
            "stale: TAGSMITH_BINDINGS=write cargo test --release --workspace the_bindings"
        );
    }

    #[test]
    fn the_window_may_ask_each_command_by_name_and_nothing_else() {
        let capability: serde_json::Value =
            serde_json::from_str(&fs::read_to_string(here("capabilities/main.json")).unwrap())
                .unwrap();
        let allowed: Vec<&str> = capability["permissions"]
            .as_array()
            .unwrap()
            .iter()
            .map(|p| p.as_str().unwrap())
            .collect();
        let wanted: Vec<String> = NAMES
            .iter()
            .map(|name| format!("allow-{}", name.replace('_', "-")))
            .collect();
        assert_eq!(allowed, wanted);
        let bindings = fs::read_to_string(here("../ui/src/lib/client/shell/bindings.ts")).unwrap();
        for name in NAMES {
            assert!(bindings.contains(&format!("\"{name}\"")), "{name}");
        }
        assert_eq!(bindings.matches("__TAURI_INVOKE").count() - 1, NAMES.len());
    }
}
