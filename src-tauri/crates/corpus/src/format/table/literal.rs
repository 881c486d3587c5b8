//! Reads a list in a cell, as JSON or as Python prints it.

use serde_json::{Map, Value};

use crate::format::table::literal::Kind::{Dict, List};

/// Does a cell look like a list, or like an object that holds one?
pub(super) fn is_list(cell: &str) -> bool {
    let cell = cell.trim();
    let (first, last) = (cell.chars().next(), cell.chars().next_back());
    matches!(
        (first, last),
        (Some('['), Some(']')) | (Some('{'), Some('}'))
    ) && parse(cell).is_some()
}

/// The tags in a cell that holds one for each word of a text: separated by commas, or by white space.
pub(super) fn tags(cell: &str) -> Vec<&str> {
    let parts: Vec<&str> = match cell.contains(',') {
        true => cell.split(',').map(str::trim).collect(),
        false => cell.split_whitespace().collect(),
    };
    match parts.iter().any(|part| part.is_empty()) {
        true => Vec::new(),
        false => parts,
    }
}

/// The value of a cell; `None` where it is neither JSON nor a literal of Python.
pub(super) fn parse(cell: &str) -> Option<Value> {
    if let Ok(value) = serde_json::from_str(cell) {
        return Some(value);
    }
    let mut python = Python {
        rest: cell.trim(),
        depth: 0,
    };
    let value = python.value()?;
    python.rest.trim().is_empty().then_some(value)
}

/// What is left to read of a Python literal.
struct Python<'a> {
    rest: &'a str,
    depth: usize,
}

enum Kind {
    List,
    Dict,
}

/// Deeper ones are no data, and would exhaust the stack.
const DEEPEST: usize = 32;

impl Python<'_> {
    fn value(&mut self) -> Option<Value> {
        self.rest = self.rest.trim_start();
        match self.rest.chars().next()? {
            '[' => self.items(List, ']'),
            '(' => self.items(List, ')'),
            '{' => self.items(Dict, '}'),
            quote @ ('\'' | '"') => self.string(quote).map(Value::String),
            _ => self.word(),
        }
    }

    fn items(&mut self, kind: Kind, close: char) -> Option<Value> {
        self.depth += 1;
        if self.depth > DEEPEST {
            return None;
        }
        self.rest = &self.rest[1..];
        let (mut list, mut object) = (Vec::new(), Map::new());
        loop {
            self.rest = self.rest.trim_start();
            if let Some(rest) = self.rest.strip_prefix(close) {
                self.rest = rest;
                self.depth -= 1;
                return Some(match kind {
                    List => Value::Array(list),
                    Dict => Value::Object(object),
                });
            }
            let value = self.value()?;
            self.rest = self.rest.trim_start();
            match kind {
                List => list.push(value),
                Dict => {
                    self.rest = self.rest.strip_prefix(':')?;
                    let held = self.value()?;
                    self.rest = self.rest.trim_start();
                    object.insert(value.as_str()?.to_owned(), held);
                }
            }
            match self.rest.strip_prefix(',') {
                Some(rest) => self.rest = rest,
                // NumPy prints strings of an array side by side.
                None if self.rest.starts_with([close, '\'', '"']) => {}
                None => return None,
            }
        }
    }

    fn string(&mut self, quote: char) -> Option<String> {
        let mut text = String::new();
        let mut chars = self.rest[1..].char_indices();
        while let Some((at, c)) = chars.next() {
            match c {
                _ if c == quote => {
                    self.rest = &self.rest[1 + at + 1..];
                    return Some(text);
                }
                '\\' => text.push(match chars.next()?.1 {
                    'n' => '\n',
                    't' => '\t',
                    'r' => '\r',
                    digits @ ('x' | 'u' | 'U') => {
                        let count = match digits {
                            'x' => 2,
                            'u' => 4,
                            _ => 8,
                        };
                        let code: Option<String> =
                            (0..count).map(|_| Some(chars.next()?.1)).collect();
                        char::from_u32(u32::from_str_radix(&code?, 16).ok()?)?
                    }
                    other => other,
                }),
                _ => text.push(c),
            }
        }
        None
    }

    fn word(&mut self) -> Option<Value> {
        let end = self
            .rest
            .find(|c: char| !(c.is_ascii_alphanumeric() || "+-._".contains(c)))
            .unwrap_or(self.rest.len());
        let (word, rest) = self.rest.split_at(end);
        self.rest = rest;
        match word {
            "None" | "nan" => Some(Value::Null),
            "True" => Some(true.into()),
            "False" => Some(false.into()),
            _ => match word.parse::<i64>() {
                Ok(number) => Some(number.into()),
                Err(_) => Some(word.parse::<f64>().ok()?.into()),
            },
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn lists_of_python_and_json() {
        for (text, expected) in [
            (
                "[(0, 5, 'PER'), (7, 9, \"L'A\")]",
                json!([[0, 5, "PER"], [7, 9, "L'A"]]),
            ),
            ("['O', 'B-PER',]", json!(["O", "B-PER"])),
            (
                "['EU' 'rejects'\n 'German']",
                json!(["EU", "rejects", "German"]),
            ),
            (
                "{'start': 0, 'end': 2.0, 'ok': True, 'x': None}",
                json!({"start": 0, "end": 2.0, "ok": true, "x": null}),
            ),
            ("[\"a\\u00e9\", 1]", json!(["aé", 1])),
            ("['\\u00e9\\'']", json!(["é'"])),
            ("[]", json!([])),
        ] {
            assert_eq!(parse(text), Some(expected), "{text}");
        }
        for text in [
            "[",
            "['a",
            "[1 2]",
            "{1: 2}",
            "word",
            "[1] 2",
            "",
            &"[".repeat(100_000),
        ] {
            assert_eq!(parse(text), None, "{}", text.len());
        }
    }
}
