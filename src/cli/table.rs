//! Tables for people: plain columns on a pipe, fitted to the window on a terminal.

use std::io::IsTerminal;

use comfy_table::{ContentArrangement, Table, presets};

/// Below this a table is not fitted to the window.
const NARROW: u16 = 60;

/// An empty table with a heading.
pub(super) fn table(heading: &[&str]) -> Table {
    let mut table = Table::new();
    table.load_style(presets::UTF8_BORDERS_ONLY).set_header(heading.iter().copied());
    // A terminal that does not know its width, or is no wider than a word, would break every word.
    if std::io::stdout().is_terminal() && table.width().is_some_and(|width| width >= NARROW) {
        table.set_content_arrangement(ContentArrangement::Dynamic);
    }
    table
}

/// Text of a document as it may be shown on a terminal: control and direction characters are escaped.
pub(super) fn shown(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        if c.is_control() || matches!(u32::from(c), 0x200b..=0x200f | 0x202a..=0x202e | 0x2060..=0x2069 | 0xfeff) {
            out.extend(c.escape_unicode());
        } else {
            out.push(c);
        }
    }
    out
}
