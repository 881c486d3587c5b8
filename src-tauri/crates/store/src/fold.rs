//! Texts without the difference of capitals, so that both sides of a search are compared alike.

/// The text in capitals and then in small letters, character by character: `Straße` and `STRASSE`
/// become the same, as do the two small sigmas. A zero, at which the index would stop, becomes a one.
pub(crate) fn fold(text: &str) -> String {
    if text.is_ascii() {
        let mut folded = text.to_ascii_lowercase();
        if folded.contains('\0') {
            folded = folded.replace('\0', "\u{1}");
        }
        return folded;
    }
    let mut folded = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '\0' => folded.push('\u{1}'),
            c if c.is_ascii() => folded.push(c.to_ascii_lowercase()),
            // Most scripts of the world have no capitals; asking for them twice would be for nothing.
            c if c >= '\u{2E80}' && !c.is_uppercase() && !c.is_lowercase() => folded.push(c),
            c => folded.extend(c.to_uppercase().flat_map(char::to_lowercase)),
        }
    }
    folded
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn capitals_make_no_difference_in_any_script() {
        for (a, b) in [
            ("Zoë", "ZOË"),
            ("Straße", "STRASSE"),
            ("ΟΔΟΣ", "οδος"),
            ("ЖЁЛТЫЙ", "жёлтый"),
            ("ﬁne", "FINE"),
            ("ⓐ", "Ⓐ"),
            ("𐐀", "𐐨"),
        ] {
            assert_eq!(fold(a), fold(b));
        }
        assert_eq!(fold("東京 שלום 😀\0"), "東京 שלום 😀\u{1}");
        assert_eq!(fold("A\0"), "a\u{1}");
    }
}
