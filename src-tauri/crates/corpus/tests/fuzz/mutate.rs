//! Spoils files at random: bytes, lines, numbers, nesting, odd characters, pieces of other files, and
//! what they are packed in.

use std::io::{Cursor, Write};

/// Steele, Lea and Flood's SplitMix64: the same numbers everywhere.
pub struct Random(pub u64);

impl Random {
    pub fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let z = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    /// A number below `n`, or 0.
    pub fn below(&mut self, n: usize) -> usize {
        (self.next() % n.max(1) as u64) as usize
    }

    pub fn one_in(&mut self, n: usize) -> bool {
        self.below(n) == 0
    }

    pub fn of<'a, T: ?Sized>(&mut self, items: &[&'a T]) -> &'a T {
        items[self.below(items.len())]
    }
}

/// No spoilt file is longer.
pub const LONGEST: usize = 64 * 1024;

/// Characters, and bytes that are none, that readers stumble over.
const ODD: &[&[u8]] = &[
    "\u{feff}".as_bytes(),
    "\u{200d}".as_bytes(),
    "\u{202e}".as_bytes(),
    "e\u{301}\u{301}".as_bytes(),
    "👩\u{200d}👧".as_bytes(),
    "🇳🇴".as_bytes(),
    "\u{2028}".as_bytes(),
    "\u{85}".as_bytes(),
    "\u{a0}".as_bytes(),
    "\u{3000}".as_bytes(),
    "שלום".as_bytes(),
    "世界".as_bytes(),
    "ß".as_bytes(),
    "İ".as_bytes(),
    "\u{10ffff}".as_bytes(),
    "\u{fffd}".as_bytes(),
    b"\0",
    b"\r",
    b"\r\n",
    b"\x0b",
    b"\x1b",
    b"\x7f",
    b"\xff",
    b"\xff\xfe",
    b"\xfe\xff",
    b"\xc3",
    b"\xe2\x82",
    b"\xed\xa0\xbc\xed\xbd\x95", // CESU-8
    b"\xc0\x80",
    b"\xf4\x90\x80\x80",
];

/// What stands in files of the known kinds.
const WORDS: &[&[u8]] = &[
    b"O",
    b"B-X",
    b"I-X",
    b"E-X",
    b"S-X",
    b"U-X",
    b"L-X",
    b"M-X",
    b"X-B",
    b"B-",
    b"-",
    b"_",
    b"-DOCSTART-",
    b"# global.columns = ID FORM NER\n",
    b"# text = a\n",
    b"\t",
    b" ",
    b"\n",
    b"\n\n",
    b"\t\t",
    b",",
    b";",
    b"\"",
    b"\"\"",
    b"{",
    b"}",
    b"[",
    b"]",
    b"[]",
    b"{}",
    b":",
    b"null",
    b"true",
    b"\"text\"",
    b"\"entities\"",
    b"\"spans\"",
    b"\"label\"",
    b"\"labels\"",
    b"\"tokens\"",
    b"\"ner_tags\"",
    b"\"tags\"",
    b"\"start\"",
    b"\"end\"",
    b"\"start_offset\"",
    b"\"answer\": \"reject\"",
    b"\"data\"",
    b"\"annotations\"",
    b"\"result\"",
    b"\"value\"",
    b"\"meta\"",
    b"\"id\"",
    b"\\ud83d",
    b"\\ud83d\\ude00",
    b"\\u0000",
    b"\\n",
    b"T1\tX 0 3\tabc\n",
    b"T2\tX 0 3;5 7\tabc de\n",
    b"R1\tr Arg1:T1 Arg2:T2\n",
    b"Sentence #,Word,POS,Tag\n",
    b"PAR1",
    b"ARROW1",
    b"PK\x03\x04",
    b"\x1f\x8b\x08",
];

const NUMBERS: &[&[u8]] = &[
    b"0",
    b"-1",
    b"1",
    b"2",
    b"3",
    b"7",
    b"100",
    b"65536",
    b"4294967296",
    b"2147483648",
    b"9007199254740993",
    b"9223372036854775807",
    b"-9223372036854775808",
    b"18446744073709551615",
    b"18446744073709551616",
    b"1e308",
    b"1e999",
    b"-0",
    b"0.5",
    b"3.0",
    b"1e-400",
    b"00012",
    b"NaN",
    b"1e2",
];

/// A valid file, spoilt in one place or a few.
pub fn spoil(random: &mut Random, file: &[u8], other: &[u8]) -> Vec<u8> {
    let mut bytes = file.to_vec();
    let times = 1 + random.below(6).min(random.below(6));
    for _ in 0..times {
        spoil_once(random, &mut bytes, other);
        bytes.truncate(LONGEST);
    }
    bytes
}

fn spoil_once(random: &mut Random, bytes: &mut Vec<u8>, other: &[u8]) {
    let at = random.below(bytes.len() + 1);
    match random.below(24) {
        0 => {
            if let Some(byte) = bytes.get_mut(at) {
                *byte ^= 1 << random.below(8);
            }
        }
        1 => bytes.insert(at, random.next() as u8),
        2 => {
            let end = (at + 1 + random.below(20)).min(bytes.len());
            bytes.drain(at.min(end)..end);
        }
        3 => bytes.truncate(at),
        4 => {
            let end = (at + random.below(40)).min(bytes.len());
            let piece = bytes[at..end].to_vec();
            insert(bytes, random.below(end + 1), &piece);
        }
        // Most of the time characters, so that more than the decoder gets to see the file.
        5 if random.one_in(2) => insert(bytes, at, random.of(ODD)),
        5 | 6 | 18 | 19 => insert(bytes, at, random.of(&ODD[..16])),
        7 | 8 => insert(bytes, at, random.of(WORDS)),
        9 | 10 | 20..=22 => put_number(random, bytes),
        11 => {
            let depth = 1 << random.below(13);
            let opening: &[u8] = random.of(&[b"[", b"{\"a\":", b"[[0,1,\"X\"],", b"("]);
            insert(bytes, at, &opening.repeat(depth));
        }
        12 => {
            // A piece of another file, whole lines or not.
            let from = random.below(other.len() + 1);
            let to = (from + random.below(300)).min(other.len());
            insert(bytes, at, &other[from..to]);
        }
        13 => {
            let piece = random.of(&[ODD, WORDS]);
            let piece = random.of(piece).repeat(1 << random.below(9));
            insert(bytes, at, &piece);
        }
        14 => spoil_whole(random, bytes),
        _ => spoil_lines(random, bytes),
    }
}

fn insert(bytes: &mut Vec<u8>, at: usize, piece: &[u8]) {
    bytes.splice(at..at, piece.iter().copied());
}

/// Replaces one of the file's numbers.
fn put_number(random: &mut Random, bytes: &mut Vec<u8>) {
    let digit = |at: &usize| bytes[*at].is_ascii_digit();
    let starts: Vec<usize> = (0..bytes.len())
        .filter(|at| digit(at) && (*at == 0 || !digit(&(at - 1))))
        .collect();
    if starts.is_empty() {
        return;
    }
    let start = starts[random.below(starts.len())];
    let end = (start..bytes.len())
        .find(|at| !bytes[*at].is_ascii_digit())
        .unwrap_or(bytes.len());
    bytes.splice(start..end, random.of(NUMBERS).iter().copied());
}

fn spoil_lines(random: &mut Random, bytes: &mut Vec<u8>) {
    let mut lines: Vec<Vec<u8>> = bytes
        .split_inclusive(|byte| *byte == b'\n')
        .map(<[u8]>::to_vec)
        .collect();
    if lines.is_empty() {
        return;
    }
    let (a, b) = (random.below(lines.len()), random.below(lines.len()));
    match random.below(5) {
        0 => lines.swap(a, b),
        1 => {
            lines.remove(a);
        }
        2 => lines.insert(b, lines[a].clone()),
        3 => {
            let line = lines[a].clone();
            let times = 1 << random.below(9);
            lines.splice(b..b, std::iter::repeat_n(line, times));
        }
        _ => lines[a].retain(|byte| *byte != b'\n'),
    }
    *bytes = lines.concat();
}

/// Another encoding, other line ends, everything twice.
fn spoil_whole(random: &mut Random, bytes: &mut Vec<u8>) {
    let text = String::from_utf8_lossy(bytes).into_owned();
    *bytes = match random.below(6) {
        0 => text.replace('\n', "\r\n").into_bytes(),
        1 => text.replace('\n', "\r").into_bytes(),
        2 => text.replace(' ', "\t").into_bytes(),
        3 => text.encode_utf16().flat_map(u16::to_le_bytes).collect(),
        4 => {
            let units = std::iter::once(0xfeff).chain(text.encode_utf16());
            units.flat_map(u16::to_be_bytes).collect()
        }
        _ => [&bytes[..], &bytes[..]].concat(),
    };
}

/// Most often the file as it is; otherwise compressed, or in an archive with another one, and
/// that perhaps spoilt again.
pub fn packed(random: &mut Random, name: &str, file: &[u8], other: &[u8]) -> Vec<u8> {
    // brat's annotations mean something beside their text alone.
    let way = match name.ends_with(".ann") {
        true => 1,
        false => random.below(16),
    };
    let packed = match way {
        0 => {
            let level = flate2::Compression::fast();
            let mut packer = flate2::write::GzEncoder::new(Vec::new(), level);
            packer
                .write_all(file)
                .and_then(|()| packer.finish())
                .unwrap_or_default()
        }
        1 => archive(random, name, file, other).unwrap_or_default(),
        _ => return file.to_vec(),
    };
    match random.one_in(3) {
        true => spoil(random, &packed, other),
        false => packed,
    }
}

fn archive(
    random: &mut Random,
    name: &str,
    file: &[u8],
    other: &[u8],
) -> zip::result::ZipResult<Vec<u8>> {
    let mut archive = zip::ZipWriter::new(Cursor::new(Vec::new()));
    let options = zip::write::SimpleFileOptions::default();
    let folder = random.of(&["", "data/", "../", "/", "train/", "__MACOSX/"]);
    archive.start_file(format!("{folder}{name}"), options)?;
    archive.write_all(file)?;
    if random.one_in(2) {
        let name = random.of(&[
            "test.conll",
            "dev.jsonl",
            "dataset_info.json",
            "a.txt",
            "a.ann",
        ]);
        archive.start_file(name, options)?;
        archive.write_all(other)?;
    }
    Ok(archive.finish()?.into_inner())
}
