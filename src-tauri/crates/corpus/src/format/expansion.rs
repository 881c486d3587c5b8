//! How much compressed data can unpack to at most: by the limits of each method, and by what its frames say of themselves.
//!
//! The readers of the Arrow project reserve whatever a file claims that a piece of it unpacks to.
//! A claim that its method cannot keep is a fault of the file, and is found before anything is
//! reserved; a claim that it can keep is never refused.

/// Deflate: a match of 258 bytes takes at least two bits (RFC 1951).
const DEFLATE: u64 = 1032;
/// Snappy: a copy of 64 bytes takes three (`format_description.txt`, section 2.2.2).
const SNAPPY: u64 = 22;
/// LZ4: a byte more makes a match longer by 255 (`lz4_Block_format.md`).
const LZ4: u64 = 255;
/// Zstandard: what one block holds at most (RFC 8878, section 3.1.1.2.4).
const ZSTD_BLOCK: u64 = 128 << 10;
/// For the few bytes with which a method begins and ends.
const SLACK: u64 = 256;

/// Of so many bytes of gzip or deflate.
pub(super) fn deflate(packed: usize) -> u64 {
    DEFLATE.saturating_mul(packed as u64).saturating_add(SLACK)
}

/// Of so many bytes of an LZ4 frame.
pub(super) fn lz4(packed: usize) -> u64 {
    LZ4.saturating_mul(packed as u64).saturating_add(SLACK)
}

/// Of a Snappy block: it starts with the length of what is in it. `None` where it does not, or where
/// that cannot be.
pub(super) fn snappy(packed: &[u8]) -> Option<u64> {
    let mut length = 0_u64;
    for (i, byte) in packed.iter().take(5).enumerate() {
        length |= u64::from(byte & 0x7f) << (7 * i);
        if byte & 0x80 == 0 {
            let most = SNAPPY.saturating_mul(packed.len() as u64) + SLACK;
            return (length <= most).then_some(length);
        }
    }
    None
}

/// Of Zstandard frames, by their blocks and by the length that a frame may state. `None` where they
/// are no such frames, or cut short.
pub(super) fn zstd(packed: &[u8]) -> Option<u64> {
    let mut frames = Bytes(packed);
    let mut most = 0_u64;
    while !frames.0.is_empty() {
        match frames.number(4)? {
            0xfd2f_b528 => most = most.checked_add(frame(&mut frames)?)?,
            // Frames for other programs to skip.
            0x184d_2a50..=0x184d_2a5f => {
                let length = frames.number(4)?;
                frames.take(usize::try_from(length).ok()?)?;
            }
            _ => return None,
        }
    }
    Some(most)
}

fn frame(bytes: &mut Bytes<'_>) -> Option<u64> {
    let descriptor = bytes.number(1)?;
    let single = descriptor & 0x20 != 0;
    if !single {
        bytes.take(1)?; // the size of the window
    }
    bytes.take([0, 1, 2, 4][(descriptor & 3) as usize])?; // the number of a dictionary
    let stated = match (descriptor >> 6, single) {
        (0, false) => None,
        (0, true) => Some(bytes.number(1)?),
        (1, _) => Some(bytes.number(2)? + 256),
        (2, _) => Some(bytes.number(4)?),
        _ => Some(bytes.number(8)?),
    };
    let mut most = 0_u64;
    loop {
        let header = bytes.number(3)?;
        let size = header >> 3;
        let (held, stored) = match (header >> 1) & 3 {
            0 => (size, size),
            1 => (size, 1),
            2 => (ZSTD_BLOCK, size),
            _ => return None,
        };
        most = most.checked_add(held)?;
        bytes.take(usize::try_from(stored).ok()?)?;
        if header & 1 == 1 {
            break;
        }
    }
    if descriptor & 4 != 0 {
        bytes.take(4)?; // the checksum
    }
    Some(stated.map_or(most, |stated| most.min(stated)))
}

/// What is left to look at.
struct Bytes<'a>(&'a [u8]);

impl<'a> Bytes<'a> {
    fn take(&mut self, count: usize) -> Option<&'a [u8]> {
        let (taken, rest) = self.0.split_at_checked(count)?;
        self.0 = rest;
        Some(taken)
    }

    /// The next bytes as a number, the lowest first.
    fn number(&mut self, bytes: usize) -> Option<u64> {
        let taken = self.take(bytes)?;
        Some(taken.iter().rfold(0, |n, byte| n << 8 | u64::from(*byte)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Frames as RFC 8878 describes them, put together by hand.
    #[test]
    fn zstandard_frames() {
        // Magic; a single segment of 5 bytes; the last block, raw, with these.
        let raw = b"\x28\xb5\x2f\xfd\x20\x05\x29\x00\x00Hello";
        assert_eq!(zstd(raw), Some(5));
        // One byte repeated 100,000 times: 0x186a0 << 3 | 1 << 1 | 1, without a stated length.
        let run = b"\x28\xb5\x2f\xfd\x00\x58\x03\x35\x0ca";
        assert_eq!(zstd(run), Some(100_000));
        // Stated to be 1000 bytes (1000 - 256 = 0x2e8): the smaller of the two.
        let stated = b"\x28\xb5\x2f\xfd\x40\x58\xe8\x02\x03\x35\x0ca";
        assert_eq!(zstd(stated), Some(1000));
        // A frame to skip before one with a checksum.
        let skipped =
            b"\x50\x2a\x4d\x18\x02\x00\x00\x00..\x28\xb5\x2f\xfd\x24\x01\x09\x00\x00a1234";
        assert_eq!(zstd(skipped), Some(1));
        // However much it states, three bytes of a compressed block hold no more than a block does.
        let claimed = b"\x28\xb5\x2f\xfd\xe0\xff\xff\xff\xff\xff\xff\xff\x7f\x1d\x00\x00abc";
        assert_eq!(zstd(claimed), Some(128 << 10));
        for end in 1..raw.len() {
            assert_eq!(zstd(&raw[..end]), None, "{end}");
        }
        assert_eq!(zstd(b"nothing of the kind"), None);
        assert_eq!(zstd(b""), Some(0));
    }

    #[test]
    fn snappy_blocks() {
        // Five bytes, all literal: length 5, tag (5 - 1) << 2.
        assert_eq!(snappy(b"\x05\x10Hello"), Some(5));
        assert_eq!(snappy(b"\x80\x01\x00"), Some(128));
        assert_eq!(snappy(b"\xff\xff\xff\x7f\x00"), None);
        assert_eq!(snappy(b"\xff\xff\xff\xff\xff\x01"), None);
        assert_eq!(snappy(b""), None);
    }

    #[test]
    fn what_is_packed_fits_the_limits() {
        use std::io::Write;
        let zeros = vec![0; 1 << 20];
        let mut packer = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::best());
        packer.write_all(&zeros).unwrap();
        assert!(deflate(packer.finish().unwrap().len()) >= 1 << 20);
        let mut packer = lz4_flex::frame::FrameEncoder::new(Vec::new());
        packer.write_all(&zeros).unwrap();
        assert!(lz4(packer.finish().unwrap().len()) >= 1 << 20);
    }
}
