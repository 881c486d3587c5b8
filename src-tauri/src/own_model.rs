//! A model that leaves the program: as a zip that any program unpacks into a folder of the Hugging Face layout.

use crate::data::{Work, cancelled};
use std::fs::{self, File};
use std::io::{self, Read, Write};
use std::path::{Path, PathBuf};
use tagsmith_files::flush_folder;
use tagsmith_protocol::Failure;
use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, ZipWriter};

/// Bytes between two looks at whether the person cancelled.
const BLOCK: usize = 1 << 20;

/// Writes a model folder as a zip, in which all files are in the folder `name`. Weights, which hardly shrink, are
/// stored as they are. What was at `to` is replaced when all is written.
///
/// # Errors
/// The file system refused, or the person cancelled: what was there before is then there still.
pub fn export(model: &Path, name: &str, to: &Path, work: &mut Work) -> Result<(), Failure> {
    let files = files_in(model)?;
    let total: u64 = files.iter().map(|(_, _, bytes)| bytes).sum();
    let file_name = to.file_name().unwrap_or_default().to_string_lossy();
    let beside = to.with_file_name(format!(".{file_name}.{}.part", std::process::id()));
    let written = write(&beside, name, &files, total, work)
        .and_then(|()| fs::rename(&beside, to).map_err(Failure::io("write", to)));
    if written.is_err() {
        let _ = fs::remove_file(&beside);
        return written;
    }
    let folder = to.parent().unwrap_or(Path::new("."));
    flush_folder(folder).map_err(Failure::io("write", folder))
}

/// The files of a model, by their names within it, with their sizes.
fn files_in(model: &Path) -> Result<Vec<(PathBuf, String, u64)>, Failure> {
    let mut files = Vec::new();
    let mut waiting = vec![(model.to_path_buf(), String::new())];
    while let Some((folder, within)) = waiting.pop() {
        for entry in fs::read_dir(&folder).map_err(Failure::io("read", &folder))? {
            let entry = entry.map_err(Failure::io("read", &folder))?;
            let name = entry.file_name().to_string_lossy().into_owned();
            if name.starts_with('.') {
                continue;
            }
            let name = format!("{within}{name}");
            // A cache has links to its files.
            let found = fs::metadata(entry.path()).map_err(Failure::io("read", &entry.path()))?;
            match found.is_dir() {
                true => waiting.push((entry.path(), format!("{name}/"))),
                false => files.push((entry.path(), name, found.len())),
            }
        }
    }
    files.sort_by(|a, b| a.1.cmp(&b.1));
    Ok(files)
}

fn write(
    to: &Path,
    name: &str,
    files: &[(PathBuf, String, u64)],
    total: u64,
    work: &mut Work,
) -> Result<(), Failure> {
    let failed =
        |failure: zip::result::ZipError| Failure::io::<io::Error>("write", to)(failure.into());
    let file = File::create(to).map_err(Failure::io("write", to))?;
    let mut zip = ZipWriter::new(io::BufWriter::with_capacity(BLOCK, file));
    let mut done: u64 = 0;
    let mut block = vec![0; BLOCK];
    for (path, within, bytes) in files {
        let method = match within.ends_with(".safetensors") || within.ends_with(".bin") {
            true => CompressionMethod::Stored,
            false => CompressionMethod::Deflated,
        };
        let options = SimpleFileOptions::default()
            .compression_method(method)
            .large_file(*bytes >= u64::from(u32::MAX));
        zip.start_file(format!("{name}/{within}"), options)
            .map_err(failed)?;
        let mut source = File::open(path).map_err(Failure::io("read", path))?;
        loop {
            let read = source.read(&mut block).map_err(Failure::io("read", path))?;
            if read == 0 {
                break;
            }
            zip.write_all(&block[..read])
                .map_err(Failure::io("write", to))?;
            done += read as u64;
            if !work.goes_on() {
                return Err(cancelled());
            }
            // In MiB, because a count has 32 bits.
            work.at("packing", (done >> 20) as usize, (total >> 20) as usize)?;
        }
    }
    let mut written = zip.finish().map_err(failed)?;
    written
        .flush()
        .and_then(|()| written.get_ref().sync_all())
        .map_err(Failure::io("write", to))
}
