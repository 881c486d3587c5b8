//! One file after the other: fetched, continued after a cut, compared, given its name.

use std::fs;
use std::path::{Path, PathBuf};
use std::pin::pin;
use std::time::Duration;

use reqwest::StatusCode;
use tokio::fs::File;
use tokio::io::AsyncWriteExt;

use super::check::{Verdict, check};
use super::meter::{Meter, State};
use super::{Record, partial};
use crate::retry::or_cancelled;
use crate::web::{Subject, bad, network, text};
use crate::{Cancel, Hub, HubError, RemoteFile};

/// After how long without bytes the listener hears that none came.
const SILENCE: Duration = Duration::from_millis(250);

/// Cuts of one file that are survived in all, however much each attempt brought.
const CUTS: u32 = 1000;

impl Hub {
    /// Fetches every file of a record into a folder.
    pub(super) async fn fetch_files(
        &self,
        record: &Record,
        folder: &Path,
        meter: &mut Meter<'_>,
        cancel: &Cancel,
    ) -> Result<(), HubError> {
        for file in &record.files {
            meter.add(partial::here(folder, file).min(file.bytes));
        }
        for file in &record.files {
            self.fetch_file(record, file, folder, meter, cancel).await?;
        }
        Ok(())
    }

    /// Fetches one file. What arrives wrong is thrown away and fetched once more.
    async fn fetch_file(
        &self,
        record: &Record,
        file: &RemoteFile,
        folder: &Path,
        meter: &mut Meter<'_>,
        cancel: &Cancel,
    ) -> Result<(), HubError> {
        let done = folder.join(&file.path);
        let part = folder.join(format!("{}.part", file.path));
        // It has its name only since it was proven.
        if fs::metadata(&done).is_ok_and(|found| found.len() == file.bytes) {
            return Ok(());
        }
        let mut file = file.clone();
        let mut again = false;
        loop {
            self.fetch_rest(record, &mut file, &part, meter, cancel)
                .await?;
            meter.report(State::Verifying);
            match check(part.clone(), file.clone(), cancel).await? {
                Verdict::Right => {
                    return fs::rename(&part, &done).map_err(HubError::io("rename", &part));
                }
                Verdict::Wrong { found, expected } => {
                    drop_part(&part, &file, meter)?;
                    if again {
                        return Err(HubError::Checksum {
                            file: file.path,
                            found,
                            expected,
                        });
                    }
                    again = true;
                }
            }
        }
    }

    /// Fetches what the partial file lacks, through cuts and refusals that may pass.
    async fn fetch_rest(
        &self,
        record: &Record,
        file: &mut RemoteFile,
        part: &Path,
        meter: &mut Meter<'_>,
        cancel: &Cancel,
    ) -> Result<(), HubError> {
        let mut failures = 0;
        for _ in 0..CUTS {
            if length(part) > file.bytes {
                drop_part(part, file, meter)?;
            }
            let before = length(part);
            if before == file.bytes && part.exists() {
                return Ok(());
            }
            let Err(failure) = self.stream(record, file, part, before, meter, cancel).await else {
                return Ok(());
            };
            // An attempt that received data counts as progress.
            failures = match length(part) > before {
                true => 1,
                false => failures + 1,
            };
            let Some(wait) = self.download_retries.wait(failures, &failure) else {
                return Err(failure);
            };
            meter.report(State::Waiting);
            or_cancelled(cancel, async {
                tokio::time::sleep(wait).await;
                Ok(())
            })
            .await?;
        }
        Err(HubError::Network {
            host: record.endpoint.clone(),
            reason: format!("the connection was cut {CUTS} times"),
        })
    }

    /// One request: from `offset` to the end of the file, or as far as it goes.
    async fn stream(
        &self,
        record: &Record,
        file: &mut RemoteFile,
        part: &Path,
        offset: u64,
        meter: &mut Meter<'_>,
        cancel: &Cancel,
    ) -> Result<(), HubError> {
        let subject = Subject {
            id: &record.id,
            revision: Some(&record.revision),
            path: Some(&file.path),
        };
        let url = self.file(&record.id, &record.revision, &file.path);
        let open = self.web.open(url.clone(), offset, subject);
        let opened = match or_cancelled(cancel, open).await {
            Err(HubError::Server { status: 416, .. }) if offset > 0 => {
                drop_part(part, file, meter)?;
                return Err(cut(&url, "the server cannot continue from there"));
            }
            opened => opened?,
        };
        if let Some(etag) = &opened.etag
            && !agrees(etag, file)
        {
            // Another file under the same commit: a mirror mixes things up. From the start, then the
            // comparison decides.
            if offset > 0 {
                drop_part(part, file, meter)?;
                return Err(cut(&url, "the server has another file now"));
            }
        }
        let mut response = opened.response;
        let resumed = response.status() == StatusCode::PARTIAL_CONTENT;
        if resumed
            && starts_at(text(response.headers(), "content-range").as_deref()) != Some(offset)
        {
            return Err(bad(
                &url,
                "it sends another part of the file than was asked for",
            ));
        }
        let start = match resumed {
            true => offset,
            // A server that knows no ranges sends the whole file again.
            false => {
                meter.take_back(offset);
                0
            }
        };
        let mut out = open_at(part, start)
            .await
            .map_err(HubError::io("write", part))?;
        let mut length = start;
        let came = loop {
            let chunk = async {
                let mut chunk = pin!(response.chunk());
                loop {
                    tokio::select! {
                        biased;
                        came = &mut chunk => return came.map_err(|failure| network(failure, &url)),
                        // A connection that has gone silent is seen to have.
                        () = tokio::time::sleep(SILENCE) => meter.report(State::Running),
                    }
                }
            };
            match or_cancelled(cancel, chunk).await {
                Ok(Some(bytes)) => {
                    if let Err(source) = out.write_all(&bytes).await {
                        break Err(self.unwritten(
                            source,
                            part,
                            file.bytes - length.min(file.bytes),
                        ));
                    }
                    length += bytes.len() as u64;
                    meter.receive(bytes.len() as u64);
                    // More than the file has is wrong whatever follows.
                    if length > file.bytes {
                        break Ok(());
                    }
                }
                Ok(None) if length < file.bytes => {
                    break Err(cut(&url, "the connection ended early"));
                }
                Ok(None) => break Ok(()),
                Err(failure) => break Err(failure),
            }
        };
        // However it ended: what has come is kept.
        let flushed = async {
            out.flush().await?;
            out.sync_all().await
        };
        let flushed = flushed.await;
        came?;
        flushed.map_err(HubError::io("write", part))
    }

    fn unwritten(&self, source: std::io::Error, part: &Path, left: u64) -> HubError {
        if source.kind() == std::io::ErrorKind::StorageFull {
            let folder: PathBuf = part.parent().unwrap_or(part).into();
            return HubError::Disk {
                needed: left,
                free: (self.space)(&folder).unwrap_or(0),
                folder,
            };
        }
        HubError::io("write", part)(source)
    }
}

/// Whether what the server says of a file is what the listing said. A hash that the listing did not
/// have is taken over.
fn agrees(etag: &str, file: &mut RemoteFile) -> bool {
    let hex = etag.bytes().all(|byte| byte.is_ascii_hexdigit());
    match (etag.len(), &file.sha256, &file.git) {
        (64, Some(known), _) if hex => known.eq_ignore_ascii_case(etag),
        (64, None, None) if hex => {
            file.sha256 = Some(etag.to_lowercase());
            true
        }
        (40, _, Some(known)) if hex => known.eq_ignore_ascii_case(etag),
        // How another server names versions says nothing.
        _ => true,
    }
}

/// Where a `Content-Range: bytes FIRST-LAST/ALL` begins.
fn starts_at(range: Option<&str>) -> Option<u64> {
    let range = range?.trim().strip_prefix("bytes")?.trim_start();
    range.split_once('-')?.0.parse().ok()
}

fn cut(url: &url::Url, reason: &str) -> HubError {
    HubError::Network {
        host: url.host_str().unwrap_or_default().into(),
        reason: reason.into(),
    }
}

fn length(part: &Path) -> u64 {
    fs::metadata(part).map_or(0, |found| found.len())
}

fn drop_part(part: &Path, file: &RemoteFile, meter: &mut Meter<'_>) -> Result<(), HubError> {
    meter.take_back(length(part).min(file.bytes));
    match fs::remove_file(part) {
        Err(failure) if failure.kind() != std::io::ErrorKind::NotFound => {
            Err(HubError::io("remove", part)(failure))
        }
        _ => Ok(()),
    }
}

async fn open_at(part: &Path, start: u64) -> std::io::Result<File> {
    let mut options = File::options();
    options.create(true);
    match start {
        0 => options.write(true).truncate(true),
        _ => options.append(true),
    };
    options.open(part).await
}
