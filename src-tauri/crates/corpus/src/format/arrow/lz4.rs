//! Unpacks the buffers of a message that LZ4 compressed, as `feather` files have them.
//!
//! The Arrow project's reader would do so with a version of LZ4 of its own; the one that other parts of
//! this program bring serves as well. The message comes out as one whose buffers are marked as not
//! compressed, each by itself, which the form allows.

use std::io::Read;

use arrow_ipc::CompressionType;
use lz4_flex::frame::FrameDecoder;

use super::messages::{Message, length};

/// Stands before a buffer that is not compressed.
const AS_IT_IS: [u8; 8] = (-1_i64).to_le_bytes();
/// What buffers are aligned to.
const ALIGNED: usize = 64;
/// An entry of the list of buffers: two numbers, where it lies and how long it is.
const ENTRY: usize = 16;

/// The description and the body of a message.
pub(super) type Parts = (Vec<u8>, Vec<u8>);

/// The description and the body of the message without compression; `None` where LZ4 has no part in
/// it. The message must have been found sound.
pub(super) fn unpack(message: &Message<'_>) -> Result<Option<Parts>, String> {
    let is_lz4 = message.compression() == Some(CompressionType::LZ4_FRAME);
    let buffers = message.batch().and_then(|batch| batch.buffers());
    let Some(buffers) = buffers.filter(|_| is_lz4) else {
        return Ok(None);
    };
    let mut meta = message.meta.to_vec();
    let entries = buffers.bytes().as_ptr().addr() - message.meta.as_ptr().addr();
    let mut body = Vec::with_capacity(message.body.len());
    for i in 0..buffers.len() {
        let located = |fault: String| format!("buffer {}: {fault}", i + 1);
        let packed = message.buffer(i).unwrap_or_default();
        body.resize(body.len().next_multiple_of(ALIGNED), 0);
        let start = body.len();
        if !packed.is_empty() {
            body.extend(AS_IT_IS);
            one(packed, &mut body).map_err(located)?;
        }
        let entry = [start, body.len() - start].map(|number| (number as u64).to_le_bytes());
        let at = entries + i * ENTRY;
        meta[at..at + ENTRY].copy_from_slice(entry.as_flattened());
    }
    Ok(Some((meta, body)))
}

fn one(buffer: &[u8], body: &mut Vec<u8>) -> Result<(), String> {
    let (stated, packed) = length(buffer).ok_or("it is too short for compressed data")?;
    let Ok(stated) = u64::try_from(stated) else {
        body.extend(packed);
        return Ok(());
    };
    if stated == 0 {
        return Ok(());
    }
    // One byte more, to see whether there is one.
    let mut unpacked = FrameDecoder::new(packed).take(stated + 1);
    let found = unpacked.read_to_end(body);
    match found.map_err(|e| format!("its LZ4 data is damaged: {e}"))? as u64 {
        found if found == stated => Ok(()),
        _ => Err(format!("it does not unpack to {stated} bytes, as it says")),
    }
}
