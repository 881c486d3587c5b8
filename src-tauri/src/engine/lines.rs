//! Lines of a child's output, however it misbehaves: bounded in length, read as text where possible.

use tokio::io::{AsyncRead, AsyncReadExt};
use tokio::sync::mpsc::Sender;

/// A longer line is no event; its beginning is kept for the log.
const LONGEST: usize = 4 << 20;
/// What is kept of a line that is too long.
const KEPT: usize = 200;

/// Passes on every line of `source` until its end, or until no one listens. A slow reader slows the
/// child down, so that a flood takes no memory.
///
/// Bytes that are no UTF-8 are replaced. A line longer than 4 MiB is cut to its first 200 bytes.
pub async fn lines(mut source: impl AsyncRead + Unpin, out: Sender<String>) {
    let mut buffer = vec![0; 64 << 10];
    let mut line: Vec<u8> = Vec::new();
    let mut skipping = false;
    loop {
        let read = match source.read(&mut buffer).await {
            Ok(0) | Err(_) => break,
            Ok(read) => read,
        };
        for part in buffer[..read].split_inclusive(|byte| *byte == b'\n') {
            if !skipping {
                line.extend_from_slice(part);
                if line.len() > LONGEST {
                    line.truncate(KEPT);
                    skipping = true;
                }
            }
            if part.ends_with(b"\n") {
                if out.send(text(&line)).await.is_err() {
                    return;
                }
                line.clear();
                skipping = false;
            }
        }
    }
    if !line.is_empty() {
        let _ = out.send(text(&line)).await;
    }
}

fn text(line: &[u8]) -> String {
    String::from_utf8_lossy(line).trim_end().to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    async fn read(bytes: &[u8]) -> Vec<String> {
        let (sender, mut receiver) = tokio::sync::mpsc::channel(16);
        lines(bytes, sender).await;
        let mut found = Vec::new();
        while let Some(line) = receiver.recv().await {
            found.push(line);
        }
        found
    }

    #[tokio::test]
    async fn lines_survive_breaks_garbage_and_floods() {
        assert_eq!(read(b"a\r\nb\nlast").await, ["a", "b", "last"]);
        assert_eq!(read(b"\xff\xfe\n").await, ["\u{fffd}\u{fffd}"]);
        let mut flood = vec![b'x'; LONGEST + 10];
        flood.extend_from_slice(b"\nnext\n");
        let found = read(&flood).await;
        assert_eq!(found.len(), 2);
        assert!(found[0].len() <= KEPT);
        assert_eq!(found[1], "next");
    }
}
