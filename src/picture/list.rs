//! The list beside the page: number, field, value, doubts.

use super::{Note, Standing};
use crate::paper::{Colour, Paper, width};

/// Size of the type of keys, values and doubts, and the height of a line.
const TYPE: f32 = 7.5;
const LINE: f32 = 9.6;
const TOP: f32 = 46.0;
const INSET: f32 = 10.0;
/// Where the words begin, right of the number.
const INDENT: f32 = 16.0;
/// Longest value shown, in lines.
const MOST: usize = 3;

/// A line of the list.
pub(super) struct Line {
    number: Option<u32>,
    colour: Colour,
    bold: bool,
    text: String,
}

pub(super) fn lines(notes: &[Note], room: f32) -> Vec<Line> {
    let room = room - 2.0 * INSET - INDENT;
    let mut lines = Vec::new();
    for (number, note) in (1_u32..).zip(notes) {
        let colour = note.standing.colour();
        let line = |number, bold, colour, text| Line { number, colour, bold, text };
        lines.push(line(Some(number), true, colour, note.key.clone()));
        let value = match note.standing {
            Standing::Blank => "vide".to_owned(),
            Standing::NoLabel => "libellé non trouvé".to_owned(),
            _ => latin(&note.value),
        };
        lines.extend(wrapped(&value, room).into_iter().map(|text| line(None, false, [0.1; 3], text)));
        if !note.doubts.is_empty() {
            let doubts = wrapped(&note.doubts.join(" ; "), room);
            lines.extend(doubts.into_iter().map(|text| line(None, false, colour, text)));
        }
    }
    lines
}

pub(super) fn height(lines: &[Line]) -> f32 {
    #[expect(clippy::cast_precision_loss, reason = "a list is far below 2^24 lines")]
    let count = lines.len() as f32;
    TOP + count * LINE + 12.0
}

pub(super) fn draw(paper: &mut Paper, title: &str, lines: &[Line], left: f32) {
    let left = left + INSET;
    paper.text(left, 16.0, 9.0, true, &latin(title));
    let legend = [
        ("sûr", Standing::Trusted),
        ("à vérifier", Standing::Doubtful),
        ("vide", Standing::Blank),
        ("libellé non trouvé", Standing::NoLabel),
    ];
    let mut x = left;
    for (word, standing) in legend {
        paper.fill([x, 23.0, x + 7.0, 30.0], standing.colour());
        paper.text_in([0.3; 3], (x + 10.0, 29.5), 7.0, false, word);
        x += width(word, 7.0, false) + 20.0;
    }
    let mut y = TOP;
    for line in lines {
        if let Some(number) = line.number {
            paper.text_in(line.colour, (left, y), TYPE, true, &number.to_string());
        }
        paper.text_in(line.colour, (left + INDENT, y), TYPE, line.bold, &line.text);
        y += LINE;
    }
}

/// Words on as many lines as they need, up to a few.
fn wrapped(text: &str, room: f32) -> Vec<String> {
    let mut lines: Vec<String> = Vec::new();
    let mut line = String::new();
    for word in text.split_whitespace() {
        // An address of the net may be longer than a line.
        for piece in pieces(word, room) {
            let longer = if line.is_empty() { piece.clone() } else { format!("{line} {piece}") };
            if width(&longer, TYPE, false) <= room {
                line = longer;
            } else {
                lines.push(std::mem::replace(&mut line, piece));
            }
        }
    }
    if !line.is_empty() {
        lines.push(line);
    }
    if lines.len() > MOST {
        lines.truncate(MOST);
        lines[MOST - 1].push('…');
    }
    lines
}

fn pieces(word: &str, room: f32) -> Vec<String> {
    let mut pieces = vec![String::new()];
    for c in word.chars() {
        let mut longer = pieces.last().cloned().unwrap_or_default();
        longer.push(c);
        if width(&longer, TYPE, false) > room {
            pieces.push(c.to_string());
        } else if let Some(last) = pieces.last_mut() {
            *last = longer;
        }
    }
    pieces
}

/// Arabic words, which the standard fonts cannot write, are named instead.
pub(super) fn latin(text: &str) -> String {
    let arabic = |word: &str| word.chars().any(|c| matches!(c, '\u{600}'..='\u{6ff}' | '\u{fb50}'..='\u{feff}'));
    let mut words: Vec<&str> = Vec::new();
    for word in text.split_whitespace() {
        if !arabic(word) {
            words.push(word);
        } else if words.last() != Some(&"(arabe)") {
            words.push("(arabe)");
        }
    }
    words.join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_long_address_is_broken_and_cut() {
        let lines = wrapped(&"https://".chars().chain("a".repeat(400).chars()).collect::<String>(), 100.0);
        assert_eq!(lines.len(), MOST);
        assert!(lines[0].starts_with("https://aaa") && lines[MOST - 1].ends_with('…'));
    }

    #[test]
    fn arabic_is_named_once() {
        assert_eq!(latin("شركة النخيل SARL"), "(arabe) SARL");
    }
}
