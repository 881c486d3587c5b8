//! Which documents of an input belong to a shard of it.

use std::fmt;
use std::str::FromStr;

/// A shard by its number, from 1, and how many there are.
///
/// The input counts as one row of bytes, file after file, cut into pieces of equal size. A document belongs
/// to the piece in which it begins, so that each belongs to exactly one, and the shards in order are the input.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Shard {
    number: u64,
    of: u64,
}

impl Shard {
    /// All shards of `of`, in order.
    pub fn all(of: u64) -> impl Iterator<Item = Self> {
        (1..=of).map(move |number| Self { number, of })
    }

    /// Its number.
    pub fn number(self) -> u64 {
        self.number
    }

    /// Its part of each file, for files of these sizes in bytes.
    pub fn parts(self, sizes: &[u64]) -> Vec<Part> {
        let all: u64 = sizes.iter().sum();
        let cut =
            |piece: u64| (u128::from(all) * u128::from(piece)).div_ceil(self.of.into()) as u64;
        let (from, to) = (cut(self.number - 1), cut(self.number));
        let mut start = 0;
        let part = |size: &u64| {
            let part = Part {
                from: from.saturating_sub(start),
                // What begins at the very end, as an empty last file does, is the last shard's.
                to: match self.number == self.of {
                    true => u64::MAX,
                    false => to.saturating_sub(start),
                },
                size: *size,
            };
            start += size;
            part
        };
        sizes.iter().map(part).collect()
    }
}

impl FromStr for Shard {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let numbers = text.split_once('/');
        let numbers = numbers.and_then(|(a, b)| Some((a.parse().ok()?, b.parse().ok()?)));
        match numbers {
            Some((number, of)) if (1..=of).contains(&number) => Ok(Self { number, of }),
            _ => Err("expected I/N with I from 1 to N, such as 2/8".into()),
        }
    }
}

impl fmt::Display for Shard {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        write!(f, "{}/{}", self.number, self.of)
    }
}

/// A part of a file: the documents that begin from one byte on and before another.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Part {
    from: u64,
    to: u64,
    size: u64,
}

impl Part {
    /// All of a file.
    pub const ALL: Self = Self {
        from: 0,
        to: u64::MAX,
        size: 0,
    };

    /// Whether a document that begins at this byte belongs to it.
    pub fn has(self, at: u64) -> bool {
        self.from <= at && at < self.to
    }

    /// Where it begins, if that is behind this byte.
    pub fn begins_behind(self, at: u64) -> Option<u64> {
        (at < self.from).then_some(self.from)
    }

    /// Whether nothing from this byte on belongs to it.
    pub fn ends_at(self, at: u64) -> bool {
        self.to <= at
    }

    /// Whether an item of a list that fills the file belongs to it, as if all items had the same size.
    pub fn has_item(self, index: usize, count: usize) -> bool {
        self.has((u128::from(self.size) * index as u128 / count as u128) as u64)
    }

    /// Whether nothing of the file belongs to it.
    pub fn is_empty(self) -> bool {
        self.to <= self.from || self.from > self.size
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// For files of these sizes, how many shards have each byte of each, and its end.
    fn owners(sizes: &[u64], of: u64) -> Vec<Vec<usize>> {
        let all: Vec<Vec<Part>> = Shard::all(of).map(|shard| shard.parts(sizes)).collect();
        let count = |file: usize, at: u64| all.iter().filter(|parts| parts[file].has(at)).count();
        let file =
            |(file, size): (usize, &u64)| (0..*size.max(&1)).map(|at| count(file, at)).collect();
        sizes.iter().enumerate().map(file).collect()
    }

    #[test]
    fn every_byte_and_every_empty_file_is_in_one_shard() {
        let inputs: [&[u64]; 6] = [&[0], &[10], &[1, 0, 7, 0], &[0, 0, 3], &[5, 5, 5], &[2, 97]];
        for sizes in inputs {
            for of in 1..20 {
                for owners in owners(sizes, of) {
                    assert!(owners.iter().all(|count| *count == 1), "{sizes:?} / {of}");
                }
            }
        }
    }

    #[test]
    fn shards_are_about_equal_and_in_order() {
        let parts: Vec<Part> = Shard::all(3).map(|shard| shard.parts(&[10])[0]).collect();
        let bounds: Vec<(u64, u64)> = parts.iter().map(|part| (part.from, part.to)).collect();
        assert_eq!(bounds, [(0, 4), (4, 7), (7, u64::MAX)]);
        // No overflow where the files are large.
        let huge = Shard::all(1000).last().unwrap().parts(&[1 << 50, 1 << 50]);
        assert_eq!(huge[0].from, (1u64 << 51) - (1u64 << 51) / 1000);
    }

    #[test]
    fn a_list_is_split_without_rest() {
        for of in 1..9 {
            let shards = Shard::all(of).map(|shard| shard.parts(&[3, 40])[1]);
            let joined: Vec<usize> = shards
                .flat_map(|part| (0..7).filter(move |index| part.has_item(*index, 7)))
                .collect();
            assert_eq!(joined, [0, 1, 2, 3, 4, 5, 6], "{of}");
        }
    }

    #[test]
    fn numbers_out_of_range_are_refused() {
        assert_eq!("2/8".parse(), Ok(Shard { number: 2, of: 8 }));
        assert_eq!("2/8".parse::<Shard>().unwrap().to_string(), "2/8");
        for wrong in ["0/3", "4/3", "3", "a/b", "1/0", "-1/3", "1/3/5"] {
            assert!(wrong.parse::<Shard>().is_err(), "{wrong}");
        }
    }
}
