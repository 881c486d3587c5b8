//! The rows of a table with their lines, and the blank lines between them, which csv leaves out.

use csv::{Reader, ReaderBuilder, StringRecord};

/// Goes through the rows of a table.
pub(super) struct Rows<'a> {
    content: &'a str,
    reader: Reader<&'a [u8]>,
    newline: u8,
    /// Where the row before started, and in which line.
    before: (usize, usize),
    pub record: StringRecord,
    /// The line of the row, from 1.
    pub line: usize,
    /// Blank lines stand before it.
    pub behind_blank: bool,
}

impl<'a> Rows<'a> {
    pub fn new(content: &'a str, delimiter: u8, quoting: bool) -> Self {
        Self {
            content,
            reader: ReaderBuilder::new()
                .has_headers(false)
                .flexible(true)
                .delimiter(delimiter)
                .quoting(quoting)
                .from_reader(content.as_bytes()),
            newline: if content.contains('\n') { b'\n' } else { b'\r' },
            before: (0, 1),
            record: StringRecord::new(),
            line: 1,
            behind_blank: false,
        }
    }

    /// Reads the next row, if there is one.
    pub fn next(&mut self) -> bool {
        // The bytes are a text already and any number of cells is welcome, so that nothing is left
        // to go wrong.
        if !matches!(self.reader.read_record(&mut self.record), Ok(true)) {
            return false;
        }
        let bytes = self.content.as_bytes();
        let reported = self.record.position().map_or(0, csv::Position::byte);
        let reported = usize::try_from(reported)
            .unwrap_or(usize::MAX)
            .min(bytes.len());
        let is_end = |byte: &&u8| matches!(**byte, b'\r' | b'\n');
        let start = reported + bytes[reported..].iter().take_while(is_end).count();
        let run = bytes[..start].iter().rev().take_while(is_end).count();
        let count = |from: usize, to: usize| {
            let newlines = bytes[from..to].iter().filter(|b| **b == self.newline);
            newlines.count()
        };
        self.behind_blank = count(start - run, start) > 1;
        self.line = self.before.1 + count(self.before.0.min(start), start);
        self.before = (start, self.line);
        true
    }

    pub fn cell(&self, at: usize) -> Option<&str> {
        self.record.get(at)
    }

    /// The row holds nothing.
    pub fn is_blank(&self) -> bool {
        self.record.iter().all(|cell| cell.trim().is_empty())
    }
}
