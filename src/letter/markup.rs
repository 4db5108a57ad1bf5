//! The few marks a letter is written with, and what they become as text and as HTML.
//!
//! `# heading`, `- item` with further lines indented by two spaces, `| name | value` facts, paragraphs apart by a blank line.
//! Marks count at the start of a line only, and what is filled in never starts a line of its own, so a form cannot draw.

use std::fmt::Write;

/// A part of a letter, taken apart.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Marked(Vec<Block>);

#[derive(Debug, Clone, PartialEq, Eq)]
enum Block {
    Heading(String),
    Paragraph(Vec<String>),
    /// Items, each with its lines.
    List(Vec<Vec<String>>),
    Facts(Vec<(String, String)>),
}

impl Marked {
    pub(super) fn of(text: &str) -> Self {
        let mut blocks: Vec<Block> = Vec::new();
        let mut open = false;
        for line in text.lines() {
            if line.trim().is_empty() {
                open = false;
                continue;
            }
            if let Some(heading) = line.strip_prefix("# ") {
                blocks.push(Block::Heading(heading.trim().to_owned()));
                open = false;
                continue;
            }
            if let Some(item) = line.strip_prefix("- ") {
                match blocks.last_mut() {
                    Some(Block::List(items)) => items.push(vec![item.trim().to_owned()]),
                    _ => blocks.push(Block::List(vec![vec![item.trim().to_owned()]])),
                }
                open = true;
                continue;
            }
            if let Some((name, value)) = line.strip_prefix("| ").and_then(|fact| fact.split_once(" | ")) {
                let fact = (name.trim().to_owned(), value.trim().to_owned());
                match blocks.last_mut() {
                    Some(Block::Facts(facts)) => facts.push(fact),
                    _ => blocks.push(Block::Facts(vec![fact])),
                }
                open = false;
                continue;
            }
            let line = line.trim().to_owned();
            match blocks.last_mut() {
                Some(Block::Paragraph(lines)) if open => lines.push(line),
                Some(Block::List(items)) if open => {
                    items.last_mut().expect("a list begins with an item").push(line);
                }
                _ => blocks.push(Block::Paragraph(vec![line])),
            }
            open = true;
        }
        Self(blocks)
    }

    /// Plain text, one blank line between blocks. Writing to a text cannot fail.
    pub(super) fn text(&self, colon: &str) -> String {
        let mut out = String::new();
        for block in &self.0 {
            match block {
                Block::Heading(heading) => {
                    let _ = writeln!(out, "{}\n{}", heading, "-".repeat(heading.chars().count()));
                    continue;
                }
                Block::Paragraph(lines) => {
                    let _ = writeln!(out, "{}", lines.join("\n"));
                }
                Block::List(items) => {
                    for item in items {
                        let _ = writeln!(out, "- {}", item.join("\n  "));
                    }
                }
                Block::Facts(facts) => {
                    for (name, value) in facts {
                        let _ = writeln!(out, "{name}{colon} {value}");
                    }
                }
            }
            out.push('\n');
        }
        out
    }

    /// HTML with its styles inline, as mail programs want it; everything escaped.
    pub(super) fn html(&self) -> String {
        let mut out = String::new();
        for block in &self.0 {
            let _ = match block {
                Block::Heading(heading) => write!(out, "<h2 style=\"{HEADING}\">{}</h2>", escaped(heading)),
                Block::Paragraph(lines) => write!(out, "<p style=\"{PARAGRAPH}\">{}</p>", joined(lines)),
                Block::List(items) => {
                    out.push_str("<ul style=\"margin:0 0 16px;padding:0 24px\">");
                    for item in items {
                        let _ = write!(out, "<li style=\"margin:0 0 8px\">{}</li>", item_html(item));
                    }
                    write!(out, "</ul>")
                }
                Block::Facts(facts) => {
                    out.push_str(
                        "<table role=\"presentation\" cellpadding=\"0\" cellspacing=\"0\" style=\"margin:0 0 16px\">",
                    );
                    for (name, value) in facts {
                        let (name, value) = (escaped(name), escaped(value));
                        let _ =
                            write!(out, "<tr><td style=\"{NAME}\">{name}</td><td style=\"{VALUE}\">{value}</td></tr>");
                    }
                    write!(out, "</table>")
                }
            };
            out.push('\n');
        }
        out
    }
}

const HEADING: &str = "margin:24px 0 8px;font-size:16px;line-height:1.4;color:#1f4f8b";
const PARAGRAPH: &str = "margin:0 0 16px";
const NAME: &str = "padding:2px 0;padding-inline-end:24px;color:#55636f;vertical-align:top;white-space:nowrap";
const VALUE: &str = "padding:2px 0;font-weight:600;vertical-align:top";

/// What French sets apart with a space stays on its line: `:`, `;`, `?`, `!` and the marks of a quotation.
pub(super) fn unbroken(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut chars = text.chars().peekable();
    let mut before = ' ';
    while let Some(c) = chars.next() {
        let holds =
            c == ' ' && (before == '«' || chars.peek().is_some_and(|next| matches!(next, ':' | ';' | '?' | '!' | '»')));
        before = c;
        out.push(if holds { '\u{a0}' } else { c });
    }
    out
}

/// The first line of an item of several lines is its title.
fn item_html(lines: &[String]) -> String {
    match lines {
        [only] => escaped(only),
        [title, rest @ ..] => format!("<b>{}</b><br>{}", escaped(title), joined(rest)),
        [] => String::new(),
    }
}

fn joined(lines: &[String]) -> String {
    lines.iter().map(|line| escaped(line)).collect::<Vec<_>>().join("<br>")
}

fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&#39;"),
            c => out.push(c),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    const LETTER: &str = "Bonjour,\n\n# Points\n\n- RIB\n  clé fausse\n  → à refaire\n- une ligne\n\n| Dossier | D26-000001\n| Étape | 3/10\n\nFin & suite\nmême alinéa\n";

    #[test]
    fn one_source_two_forms() {
        let marked = Marked::of(LETTER);
        insta::assert_snapshot!(marked.text(" :"), @r"
        Bonjour,

        Points
        ------
        - RIB
          clé fausse
          → à refaire
        - une ligne

        Dossier : D26-000001
        Étape : 3/10

        Fin & suite
        même alinéa
        ");
        let html = marked.html();
        assert!(html.contains("<b>RIB</b><br>clé fausse<br>→ à refaire</li>"), "{html}");
        assert!(html.contains("Fin &amp; suite<br>même alinéa"), "{html}");
    }

    #[test]
    fn french_marks_stay_with_their_words() {
        let said = unbroken("Prêt ? Lancez « guichet step » : fin ; a:b");
        assert_eq!(said, "Prêt\u{a0}? Lancez «\u{a0}guichet step\u{a0}»\u{a0}: fin\u{a0}; a:b");
    }

    #[test]
    fn what_is_filled_in_cannot_draw() {
        let html = Marked::of("- <img src=x onerror=\"a\">\n").html();
        assert!(html.contains("&lt;img src=x onerror=&quot;a&quot;&gt;"), "{html}");
    }
}
