//! Settings: preferences, devices, the Hub, storage, diagnostics, the clipboard.

use super::{App, blocking, open_folder};
use crate::app::Desktop;
use crate::dto::{
    ComputeDevice, Freed, HubSettings, HubState, Preferences, StorageKind, StorageState,
};
use crate::{diagnostics, preferences, storage};
use std::sync::PoisonError;
use tagsmith_hub::token;
use tagsmith_protocol::Failure;

/// How the person wants the window.
#[tauri::command]
#[specta::specta]
pub fn settings_preferences(app: App<'_>) -> Preferences {
    preferences::read(&app.library)
}

/// Saves how the person wants the window.
#[tauri::command]
#[specta::specta]
pub async fn settings_save_preferences(
    app: App<'_>,
    preferences: Preferences,
) -> Result<(), Failure> {
    preferences::write(&app.library, &preferences)
}

/// The compute devices that the engine finds, each with what its last test said.
#[tauri::command]
#[specta::specta]
pub async fn settings_devices(app: App<'_>) -> Result<Vec<ComputeDevice>, Failure> {
    app.devices.list().await
}

/// Tests every compute device again and lists them.
#[tauri::command]
#[specta::specta]
pub async fn settings_test_devices(app: App<'_>) -> Result<Vec<ComputeDevice>, Failure> {
    app.devices.test().await
}

/// Ends the test that is under way.
#[tauri::command]
#[specta::specta]
pub fn settings_cancel_test(app: App<'_>) {
    app.devices.cancel();
}

fn state(app: &Desktop) -> HubState {
    HubState {
        settings: HubSettings::read(&app.library),
        token: token::place(&app.library),
    }
}

/// How the Hub is reached.
#[tauri::command]
#[specta::specta]
pub async fn settings_hub(app: App<'_>) -> Result<HubState, Failure> {
    blocking(&app, |app| Ok(state(app))).await
}

/// Saves how the Hub is reached.
#[tauri::command]
#[specta::specta]
pub async fn settings_save_hub(app: App<'_>, settings: HubSettings) -> Result<HubState, Failure> {
    blocking(&app, move |app| {
        let settings = HubSettings {
            endpoint: settings.endpoint.trim().into(),
            proxy: settings.proxy.trim().into(),
            offline: settings.offline,
        };
        settings.check().map_err(Failure::from)?;
        settings
            .write(&app.library)
            .map_err(Failure::io("save the settings in", app.library.home()))?;
        app.hub.renew();
        Ok(state(app))
    })
    .await
}

/// Keeps a token, or forgets it. It never comes back.
#[tauri::command]
#[specta::specta]
pub async fn settings_save_token(app: App<'_>, token: Option<String>) -> Result<HubState, Failure> {
    blocking(&app, move |app| {
        match token {
            Some(secret) => token::save(&app.library, secret.trim()).map(|_| ()),
            None => token::forget(&app.library),
        }
        .map_err(Failure::from)?;
        app.hub.renew();
        Ok(state(app))
    })
    .await
}

/// What the library takes of the disk.
#[tauri::command]
#[specta::specta]
pub async fn settings_storage(app: App<'_>) -> Result<StorageState, Failure> {
    blocking(&app, storage::state).await
}

/// Deletes all of a kind that can be made again or is of no use.
#[tauri::command]
#[specta::specta]
pub async fn settings_clear_storage(app: App<'_>, kind: StorageKind) -> Result<Freed, Failure> {
    blocking(&app, move |app| {
        let freed_bytes = storage::clear(app, kind)?;
        Ok(Freed { freed_bytes })
    })
    .await
}

/// Shows the library's folder in the system's file manager.
#[tauri::command]
#[specta::specta]
pub async fn settings_open_folder(app: App<'_>) -> Result<(), Failure> {
    open_folder(app.library.home())
}

/// Versions, devices and last complaints as text; no data and no token.
#[tauri::command]
#[specta::specta]
pub async fn settings_diagnostics(app: App<'_>) -> Result<String, Failure> {
    let devices = settings_devices(app.clone()).await;
    if let Err(failure) = &devices {
        tracing::warn!("devices: {}", failure.message);
    }
    Ok(diagnostics::text(devices.ok().as_deref()))
}

/// Puts text on the clipboard, as HTML too where it is given.
#[tauri::command]
#[specta::specta]
pub async fn settings_copy(
    app: App<'_>,
    text: String,
    html: Option<String>,
) -> Result<(), Failure> {
    blocking(&app, move |app| {
        let failed = |failure: arboard::Error| {
            Failure::plain(
                "clipboard",
                format!("the clipboard cannot be used: {failure}"),
            )
        };
        let mut clipboard = app.clipboard.lock().unwrap_or_else(PoisonError::into_inner);
        if clipboard.is_none() {
            *clipboard = Some(arboard::Clipboard::new().map_err(failed)?);
        }
        let clipboard = clipboard.as_mut().expect("it was just opened");
        match html {
            Some(html) => clipboard.set_html(html, Some(text)),
            None => clipboard.set_text(text),
        }
        .map_err(failed)
    })
    .await
}
