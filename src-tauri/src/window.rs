//! Opens the window and sees to its end: what is dropped on it, and runs that go on when it closes.

use crate::app::Desktop;
use crate::bindings;
use crate::dto::{AppEvent, Drag};
use crate::engine::Engine;
use crate::environment::Fix;
use crate::logging;
use crate::system_texts::refusal;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::sync::Arc;
use std::time::Duration;
use tagsmith_hub::Library;
use tagsmith_protocol::Failure;
use tauri::plugin::TauriPlugin;
use tauri::{AppHandle, DragDropEvent, Manager, RunEvent, WebviewWindowBuilder, WindowEvent, Wry};

/// How often models that rest are looked for.
const ROUND: Duration = Duration::from_secs(60);

/// Runs the program until its window is closed. `fixes` are those applied before it started.
pub fn run(fixes: &[Fix]) {
    let library = Library::open();
    logging::start(&library.home().join("logs"));
    tracing::info!("Tagsmith {} starts", env!("CARGO_PKG_VERSION"));
    for (name, value, reason) in fixes {
        tracing::info!("{name}={value}, because {reason}");
    }
    let engine = Engine::find();
    // What the engine does begins in a runtime: that of the window.
    let opened = tauri::async_runtime::block_on(async { Desktop::open(library.clone(), engine) });
    let commands = bindings::commands();
    let built = tauri::Builder::default()
        .plugin(single_instance(&library))
        .plugin(tauri_plugin_window_state::Builder::default().build())
        .invoke_handler(commands.invoke_handler())
        .setup(move |app| {
            let desktop = match opened {
                Ok(desktop) => Arc::new(desktop),
                Err(failure) => {
                    refuse(&failure, &library, app.handle().clone());
                    return Ok(());
                }
            };
            app.manage(desktop.clone());
            // Not before: its page asks at once for what was opened.
            for window in &app.config().app.windows {
                WebviewWindowBuilder::from_config(app.handle(), window)?.build()?;
            }
            tauri::async_runtime::spawn(async move {
                loop {
                    tokio::time::sleep(ROUND).await;
                    desktop.tagging.rest();
                }
            });
            Ok(())
        })
        .build(tauri::generate_context!());
    let app = match built {
        Ok(app) => app,
        Err(failure) => {
            tracing::error!("the window cannot be opened: {failure}");
            eprintln!("error: the window cannot be opened: {failure}");
            std::process::exit(1);
        }
    };
    app.run(|handle, event| match event {
        RunEvent::WindowEvent {
            event: WindowEvent::CloseRequested { api, .. },
            ..
        } => {
            let desktop = handle.state::<Arc<Desktop>>();
            let (runs, studies) = (desktop.runs.living(), desktop.studies.living());
            let pretraining = desktop.pretraining.living();
            let waiting = desktop.queue.waiting();
            let busy = desktop.is_busy()
                || desktop.downloads.is_busy()
                || desktop.evaluations.is_busy()
                || desktop.batches.is_busy();
            let close = || AppEvent::Close {
                runs,
                studies,
                pretraining,
                waiting,
            };
            // A page that hears nothing could not ask, and must not hold the window.
            if busy && desktop.events.notify(close()) {
                api.prevent_close();
            }
        }
        RunEvent::WindowEvent {
            event: WindowEvent::DragDrop(event),
            ..
        } => {
            let desktop = handle.state::<Arc<Desktop>>();
            if let Some(drag) = dragged(&desktop, &event) {
                desktop.events.notify(AppEvent::Drag { drag });
            }
        }
        RunEvent::Exit => {
            if let Some(desktop) = handle.try_state::<Arc<Desktop>>() {
                desktop.evaluations.cancel_all();
                desktop.batches.stop_all();
            }
            tracing::info!("Tagsmith ends");
        }
        _ => {}
    });
}

/// A second start shows the window of the first and ends. Where the system lets the name be chosen (Linux), there is
/// one window for each library.
fn single_instance(library: &Library) -> TauriPlugin<Wry> {
    let mut hash = DefaultHasher::new();
    library.home().hash(&mut hash);
    tauri_plugin_single_instance::Builder::new()
        .dbus_id(format!("dev.tagsmith.library{:016x}", hash.finish()))
        .callback(|app, _, _| {
            if let Some(window) = app.get_webview_window("main") {
                let _ = window.unminimize();
                let _ = window.set_focus();
            }
        })
        .build()
}

/// What the window receives from a drag. Files that are dropped may be read.
fn dragged(desktop: &Desktop, event: &DragDropEvent) -> Option<Drag> {
    match event {
        DragDropEvent::Enter { .. } => Some(Drag::Over),
        DragDropEvent::Leave => Some(Drag::Leave),
        DragDropEvent::Drop { paths, .. } => {
            for path in paths {
                desktop.path_permissions.grant(path);
            }
            let paths = paths
                .iter()
                .map(|path| path.display().to_string())
                .collect();
            Some(Drag::Drop { paths })
        }
        _ => None,
    }
}

/// Says why the program cannot start, where a person sees it, and ends the program. The message has a
/// thread of its own: it is drawn by the one that this must not hold up.
fn refuse(failure: &Failure, library: &Library, handle: AppHandle) {
    tracing::error!("{}", failure.message);
    let hint = failure.hint.as_deref().unwrap_or_default();
    eprintln!("error: {}\nhint: {hint}", failure.message);
    let (what, next) = refusal(failure, library);
    std::thread::spawn(move || {
        rfd::MessageDialog::new()
            .set_level(rfd::MessageLevel::Error)
            .set_title("Tagsmith")
            .set_description(format!("{what}\n\n{next}"))
            .show();
        handle.exit(1);
    });
}
