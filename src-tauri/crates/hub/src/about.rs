//! The beginning of a model card as plain text.

/// Characters that are shown.
const LONGEST: usize = 1200;

/// Element names whose content is not text.
const HIDDEN: &[&str] = &["script", "style", "svg"];

/// The start of `card` without front matter, HTML, pictures, tables, code and Markdown's marks.
pub(crate) fn start(card: &str) -> String {
    let text = without_html(without_front_matter(card.trim_start_matches('\u{feff}')));
    let mut paragraphs: Vec<String> = vec![String::new()];
    let mut code = false;
    for line in text.lines() {
        let line = line.trim();
        if line.starts_with("```") || line.starts_with("~~~") {
            code = !code;
            continue;
        }
        if code || line.starts_with('|') {
            continue;
        }
        let heading = line.starts_with('#');
        let plain = inline(line.trim_start_matches(['#', '>']).trim());
        let rule = !plain.is_empty() && plain.chars().all(|c| matches!(c, '-' | '=' | '_' | ' '));
        let ends = plain.is_empty() || rule || heading || plain.starts_with("- ");
        if ends {
            paragraphs.push(String::new());
        }
        if let Some(last) = paragraphs.last_mut().filter(|_| !rule && !plain.is_empty()) {
            if !last.is_empty() {
                last.push(' ');
            }
            last.push_str(&plain);
        }
        if heading {
            paragraphs.push(String::new());
        }
    }
    paragraphs.retain(|paragraph| !paragraph.is_empty());
    shortened(&paragraphs.join("\n\n"))
}

fn without_front_matter(card: &str) -> &str {
    let Some(rest) = card.strip_prefix("---") else {
        return card;
    };
    match rest.find("\n---") {
        Some(end) => rest[end + 4..]
            .split_once('\n')
            .map_or("", |(_, text)| text),
        None => card,
    }
}

fn without_html(text: &str) -> String {
    let mut plain = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(start) = rest.find('<') {
        plain.push_str(&rest[..start]);
        rest = &rest[start..];
        let name: String = rest[1..]
            .chars()
            .take_while(|c| c.is_ascii_alphanumeric())
            .collect::<String>()
            .to_lowercase();
        let end = if rest.starts_with("<!--") {
            rest.find("-->").map(|at| at + 3)
        } else if HIDDEN.contains(&name.as_str()) {
            let close = format!("</{name}");
            let at = rest.to_ascii_lowercase().find(&close);
            at.and_then(|at| Some(at + rest[at..].find('>')? + 1))
        } else if !name.is_empty() || rest.starts_with("</") {
            rest.find('>').map(|at| at + 1)
        } else {
            None
        };
        match end {
            Some(end) => rest = &rest[end..],
            None => {
                plain.push('<');
                rest = &rest[1..];
            }
        }
    }
    plain.push_str(rest);
    let entities = [
        ("&lt;", "<"),
        ("&gt;", ">"),
        ("&quot;", "\""),
        ("&#39;", "'"),
        ("&nbsp;", " "),
        ("&amp;", "&"),
    ];
    entities
        .iter()
        .fold(plain, |text, (entity, plain)| text.replace(entity, plain))
}

/// A line without pictures, with links as their text, without marks of emphasis.
fn inline(line: &str) -> String {
    let mut plain = String::with_capacity(line.len());
    let mut rest = line;
    while let Some(start) = rest.find('[') {
        let picture = rest[..start].ends_with('!');
        let before = rest[..start].strip_suffix('!').unwrap_or(&rest[..start]);
        let Some((text, after)) = link(&rest[start..]) else {
            plain.push_str(&rest[..=start]);
            rest = &rest[start + 1..];
            continue;
        };
        plain.push_str(before);
        if !picture {
            plain.push_str(&inline(text));
        }
        rest = after;
    }
    plain.push_str(rest);
    let marks = ["**", "__", "`"];
    let plain = marks
        .iter()
        .fold(plain, |text, mark| text.replace(mark, ""));
    let plain = match plain.strip_prefix("* ") {
        Some(item) => format!("- {item}"),
        None => plain,
    };
    plain.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// The text of a link that begins `text`, and what comes after it. A badge is a picture in a link.
fn link(text: &str) -> Option<(&str, &str)> {
    let mut depth = 0;
    let close = text.char_indices().find_map(|(at, c)| {
        match c {
            '[' => depth += 1,
            ']' => depth -= 1,
            _ => {}
        }
        (depth == 0).then_some(at)
    })?;
    let after = text[close + 1..].strip_prefix('(')?;
    let end = after.find(')')?;
    Some((&text[1..close], &after[end + 1..]))
}

fn shortened(text: &str) -> String {
    let Some((end, _)) = text.char_indices().nth(LONGEST) else {
        return text.into();
    };
    let text = &text[..end];
    let word = text.rfind(char::is_whitespace).unwrap_or(end);
    format!("{}…", text[..word].trim_end())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(card: &str, expected: &str) {
        assert_eq!(start(card), expected);
    }

    #[test]
    fn a_card_becomes_plain_text() {
        check(
            "---\nlicense: mit\n---\n\n# BERT *base*\n\nPretrained on **English** with a\n[masked](https://x/y) objective. See [this](z).\n",
            "BERT *base*\n\nPretrained on English with a masked objective. See this.",
        );
        check("\u{feff}---\r\na: b\r\n---\r\nText\r\n", "Text");
        check(
            "<div align=\"center\"><img src='x'/>Hello <b>you</b></div>\n<!-- no\n -->",
            "Hello you",
        );
        check("a < b and 3 &lt; 4 &amp; more", "a < b and 3 < 4 & more");
        check("<style>p { x }</style>seen<script>no</script>", "seen");
        check("[![badge](u)](v) ![picture](w) text", "text");
        check(
            "one\n\n```python\ncode\n```\n\n| a | b |\n|---|---|\n\n---\n\ntwo",
            "one\n\ntwo",
        );
        check("* first\n* second [1]", "- first\n\n- second [1]");
        check("", "");
        check(
            "---\nnever closed",
            "---\nnever closed".trim_start_matches("---\n"),
        );
    }

    #[test]
    fn a_long_card_ends_at_a_word() {
        let long = "wörd ".repeat(1000);
        let short = start(&long);
        assert!(short.ends_with("wörd…"), "{short}");
        assert!(short.chars().count() <= LONGEST + 1);
    }
}
