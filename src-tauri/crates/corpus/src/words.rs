//! Splits text into words as BERT's pre-tokeniser does, keeping the byte range of each.

use std::ops::Range;
use unicode_properties::{GeneralCategoryGroup, UnicodeGeneralCategory};

use serde::{Deserialize, Serialize};

/// Half-open byte range of one word. A row of a CoNLL file may have an empty token: then
/// `start == end`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Word {
    /// The byte where it starts.
    pub start: usize,
    /// The byte behind its end.
    pub end: usize,
}

#[derive(Clone, Copy, PartialEq)]
enum Kind {
    /// Ends a word.
    Space,
    /// A word of its own: punctuation and CJK ideographs.
    Alone,
    /// BERT deletes it before it looks for words, so that it neither makes nor ends one.
    Ignored,
    Letter,
}

/// The words of `text`: white space separates; each punctuation character and each CJK
/// ideograph is a word of its own; invisible characters belong to the word around them, but
/// are not part of a word's edge.
pub fn split(text: &str) -> Vec<Word> {
    let mut words = Vec::new();
    let mut open: Option<Word> = None;
    for (start, c) in text.char_indices() {
        let end = start + c.len_utf8();
        match kind(c) {
            Kind::Ignored => {}
            Kind::Space => words.extend(open.take()),
            Kind::Alone => {
                words.extend(open.take());
                words.push(Word { start, end });
            }
            Kind::Letter => match &mut open {
                Some(word) => word.end = end,
                None => open = Some(Word { start, end }),
            },
        }
    }
    words.extend(open);
    words
}

/// The words of `text` where each of `whole` is one, whatever is inside. The ranges are in order, not empty
/// and do not overlap.
pub fn split_around(text: &str, whole: &[Range<usize>]) -> Vec<Word> {
    let mut words = Vec::new();
    let mut from = 0;
    let between = |words: &mut Vec<Word>, from: usize, to: usize| {
        words.extend(split(&text[from..to]).into_iter().map(|word| Word {
            start: word.start + from,
            end: word.end + from,
        }));
    };
    for range in whole {
        between(&mut words, from, range.start);
        words.push(Word {
            start: range.start,
            end: range.end,
        });
        from = range.end;
    }
    between(&mut words, from, text.len());
    words
}

/// Does a word reach over this position of the text? `byte` lies between two characters.
pub(crate) fn reaches_over(text: &str, byte: usize) -> bool {
    let (before, behind) = text.split_at(byte);
    let letter = |c: Option<char>| c.is_some_and(|c| kind(c) == Kind::Letter);
    let visible = |c: &char| kind(*c) != Kind::Ignored;
    letter(before.chars().rev().find(visible)) && letter(behind.chars().find(visible))
}

/// Is it a letter of a script that writes words without spaces between them? Ideographs are not
/// meant: each is a word of its own.
pub(crate) fn is_unspaced(c: char) -> bool {
    // Thai and Lao, Tibetan, Myanmar, Khmer, Hiragana and Katakana with their extensions.
    matches!(c,
        '\u{e00}'..='\u{eff}' | '\u{f00}'..='\u{fff}' | '\u{1000}'..='\u{109f}'
        | '\u{1780}'..='\u{17ff}' | '\u{3040}'..='\u{30ff}' | '\u{31f0}'..='\u{31ff}'
        | '\u{ff66}'..='\u{ff9f}')
}

fn kind(c: char) -> Kind {
    if c.is_ascii() {
        return match c {
            ' ' | '\t' | '\n' | '\r' => Kind::Space,
            _ if c.is_ascii_alphanumeric() => Kind::Letter,
            _ if c.is_ascii_punctuation() => Kind::Alone,
            _ => Kind::Ignored,
        };
    }
    if is_cjk_ideograph(c) {
        return Kind::Alone;
    }
    match c.general_category_group() {
        // U+FFFD stands for a character that was already lost; BERT deletes it as well.
        _ if c == '\u{fffd}' => Kind::Ignored,
        GeneralCategoryGroup::Other => Kind::Ignored,
        GeneralCategoryGroup::Separator => Kind::Space,
        GeneralCategoryGroup::Punctuation => Kind::Alone,
        _ => Kind::Letter,
    }
}

/// The blocks that BERT's `_is_chinese_char` lists; Hangul, Hiragana and Katakana are not among
/// them.
fn is_cjk_ideograph(c: char) -> bool {
    matches!(c,
        '\u{4e00}'..='\u{9fff}' | '\u{3400}'..='\u{4dbf}' | '\u{20000}'..='\u{2a6df}'
        | '\u{2a700}'..='\u{2b73f}' | '\u{2b740}'..='\u{2b81f}' | '\u{2b820}'..='\u{2ceaf}'
        | '\u{f900}'..='\u{faff}' | '\u{2f800}'..='\u{2fa1f}')
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn check(text: &str, expected: &[&str]) {
        let words = split(text);
        let found: Vec<&str> = words.iter().map(|w| &text[w.start..w.end]).collect();
        assert_eq!(found, expected, "{text:?}");
    }

    #[test]
    fn as_bert_splits() {
        check("", &[]);
        check(" \t\r\n", &[]);
        check("Hello, world!", &["Hello", ",", "world", "!"]);
        check(
            "it's a_b $5 x=y",
            &["it", "'", "s", "a", "_", "b", "$", "5", "x", "=", "y"],
        );
        check("東京都は", &["東", "京", "都", "は"]);
        check("カタカナ", &["カタカナ"]);
        check("한국어 말", &["한국어", "말"]);
        check("«Привет» — да…", &["«", "Привет", "»", "—", "да", "…"]);
        check("שלום־עולם", &["שלום", "־", "עולם"]);
        // A euro sign is a symbol (Sc), not punctuation, and not ASCII.
        check("5€", &["5€"]);
        check("a\u{a0}b\u{3000}c\u{2028}d", &["a", "b", "c", "d"]);
        check("e\u{301}te\u{301}", &["e\u{301}te\u{301}"]);
        check(
            "👨\u{200d}👩\u{200d}👧 ok",
            &["👨\u{200d}👩\u{200d}👧", "ok"],
        );
    }

    #[test]
    fn invisible_characters_make_no_word_and_split_none() {
        check("\u{200e}\u{200b}\0\u{fffd}", &[]);
        check("zero\u{200b}width", &["zero\u{200b}width"]);
        check("\u{200e}edge\u{200f} \u{feff}x", &["edge", "x"]);
        check("a\u{7}b\u{85}c", &["a\u{7}b\u{85}c"]);
    }

    #[test]
    fn what_is_whole_is_a_word_and_splits_the_word_around_it() {
        let text = "x[NAME]y, <a b> end";
        let whole = [1..7, 10..15];
        let words = split_around(text, &whole);
        let found: Vec<&str> = words.iter().map(|w| &text[w.start..w.end]).collect();
        assert_eq!(found, ["x", "[NAME]", "y", ",", "<a b>", "end"]);
        assert_eq!(split_around(text, &[]), split(text));
        assert_eq!(
            split_around("[N][N]", &[0..3, 3..6]),
            [Word { start: 0, end: 3 }, Word { start: 3, end: 6 }]
        );
    }

    proptest! {
        #[test]
        fn words_are_ordered_and_cover_everything_visible(text in any::<String>()) {
            let words = split(&text);
            let mut at = 0;
            for word in &words {
                prop_assert!(word.start >= at && word.end > word.start);
                prop_assert!(text[at..word.start].chars().all(|c| matches!(kind(c), Kind::Space | Kind::Ignored)));
                at = word.end;
            }
            prop_assert!(text[at..].chars().all(|c| matches!(kind(c), Kind::Space | Kind::Ignored)));
        }
    }
}
