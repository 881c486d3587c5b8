//! What lies where, and how large it is; what can be cleared without losing anything that cannot be made again.

use crate::app::Desktop;
use crate::disk;
use crate::dto::{DownloadState, StorageItem, StorageKind, StoragePart, StorageState};
use crate::studies;
use tagsmith_hub::Source;
use tagsmith_protocol::Failure;

/// Measures everything.
///
/// # Errors
/// The disk does not say how much is free.
pub fn state(app: &Desktop) -> Result<StorageState, Failure> {
    let library = &app.library;
    let home = library.home();
    let kinds = [
        (StorageKind::Models, models(app)),
        (StorageKind::Runs, runs(app)),
        (StorageKind::Studies, listed_studies(app)),
        (StorageKind::Data, data(app)),
        (StorageKind::Batches, batches(app)),
        (StorageKind::Checkpoints, checkpoints(app)),
        (StorageKind::Downloads, downloads(app)),
        (StorageKind::Kernels, kernels(app)),
    ];
    Ok(StorageState {
        folder: home.display().to_string(),
        cache: library.cache().display().to_string(),
        parts: kinds
            .into_iter()
            .map(|(kind, items)| part(kind, items))
            .collect(),
        free_bytes: fs4::available_space(home).map_err(Failure::io("measure", home))?,
    })
}

/// Deletes all of a kind that can be made again or is of no use; returns the bytes freed. What is a person's
/// work is deleted one by one, by its own commands.
///
/// # Errors
/// The kind is not to be cleared, something uses it, or the file system refused.
pub fn clear(app: &Desktop, kind: StorageKind) -> Result<u64, Failure> {
    match kind {
        StorageKind::Checkpoints => app.runs.drop_checkpoints(),
        StorageKind::Downloads => {
            let halted = downloads(app);
            for item in &halted {
                app.downloads.discard(&item.id)?;
            }
            Ok(halted.iter().map(|item| item.bytes).sum())
        }
        StorageKind::Kernels => {
            // A run that compiles kernels writes them there at its end.
            if let Some(run) = app.runs.living().first() {
                return Err(Failure::new(
                    "running",
                    format!("`{}` may use the compiled kernels", run.name),
                    "stop it first, or wait until it is done",
                ));
            }
            match app.library.kernels_folder().exists() {
                true => disk::remove(&app.library.kernels_folder()),
                false => Ok(0),
            }
        }
        StorageKind::Models
        | StorageKind::Runs
        | StorageKind::Studies
        | StorageKind::Data
        | StorageKind::Batches => Err(Failure::plain("setting", "this is deleted one by one")),
    }
}

fn part(kind: StorageKind, mut items: Vec<StorageItem>) -> StoragePart {
    items.sort_by(|a, b| b.bytes.cmp(&a.bytes).then_with(|| a.name.cmp(&b.name)));
    StoragePart {
        kind,
        bytes: items.iter().map(|item| item.bytes).sum(),
        items,
    }
}

/// The library's own: what lies in the cache of the Hugging Face tools or in an added folder is not ours.
fn models(app: &Desktop) -> Vec<StorageItem> {
    let entries = app.library.models().into_iter();
    let own = entries.filter(|entry| matches!(entry.source, Source::Library | Source::Starter));
    own.map(|entry| StorageItem {
        bytes: disk::size(&entry.path),
        id: entry.name.clone(),
        name: entry.name,
    })
    .collect()
}

fn runs(app: &Desktop) -> Vec<StorageItem> {
    let useless = app.runs.with_checkpoints();
    let runs = app.runs.list().into_iter().filter_map(|run| {
        let known = useless.iter().find(|(one, _)| one.id == run.id);
        let whole = disk::size(&app.runs.folder(&run.id).ok()?);
        Some(StorageItem {
            bytes: whole.saturating_sub(known.map_or(0, |(_, bytes)| *bytes)),
            id: run.id,
            name: run.name,
        })
    });
    runs.collect()
}

fn listed_studies(app: &Desktop) -> Vec<StorageItem> {
    let folder = studies::folder(&app.library);
    let studies = app.studies.list().into_iter().map(|study| StorageItem {
        bytes: disk::size(&folder.join(&study.id)),
        id: study.id,
        name: study.name,
    });
    studies.collect()
}

fn data(app: &Desktop) -> Vec<StorageItem> {
    let folder = app.library.data_folder();
    let sets = app.data.list().into_iter().map(|set| StorageItem {
        bytes: disk::size(&folder.join(&set.id)),
        id: set.id,
        name: set.name,
    });
    sets.collect()
}

fn batches(app: &Desktop) -> Vec<StorageItem> {
    let batches = app.batches.list().into_iter().map(|batch| StorageItem {
        bytes: disk::size(&app.batches.folder().join(&batch.id)),
        id: batch.id,
        name: batch.name,
    });
    batches.collect()
}

fn checkpoints(app: &Desktop) -> Vec<StorageItem> {
    let runs = app.runs.with_checkpoints().into_iter();
    runs.map(|(run, bytes)| StorageItem {
        id: run.id,
        name: run.name,
        bytes,
    })
    .collect()
}

/// Those that are not under way.
fn downloads(app: &Desktop) -> Vec<StorageItem> {
    let all = app.downloads.list().into_iter();
    let halted = all.filter(|download| {
        matches!(
            download.state,
            DownloadState::Cancelled | DownloadState::Failed
        )
    });
    halted
        .map(|download| StorageItem {
            name: download.id.clone(),
            id: download.id,
            bytes: download.bytes,
        })
        .collect()
}

fn kernels(app: &Desktop) -> Vec<StorageItem> {
    let bytes = disk::size(&app.library.kernels_folder());
    let item = StorageItem {
        id: "kernels".into(),
        name: app.library.kernels_folder().display().to_string(),
        bytes,
    };
    if bytes > 0 { vec![item] } else { Vec::new() }
}
