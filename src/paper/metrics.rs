//! Widths of Helvetica's letters, from Adobe's font metrics.

use unicode_normalization::char::decompose_canonical;

/// Thousandths of the type size for the characters from space to tilde.
const WIDTHS: [u16; 95] = [
    278, 278, 355, 556, 556, 889, 667, 191, 333, 333, 389, 584, 278, 333, 278, 278, 556, 556, 556, 556, 556, 556, 556,
    556, 556, 556, 278, 278, 584, 584, 584, 556, 1015, 667, 667, 722, 722, 667, 611, 778, 722, 278, 500, 667, 556, 833,
    722, 778, 667, 778, 722, 667, 611, 722, 667, 944, 667, 667, 611, 278, 278, 278, 469, 556, 333, 556, 556, 500, 556,
    556, 278, 556, 556, 222, 222, 500, 222, 833, 556, 556, 556, 556, 333, 500, 278, 556, 500, 722, 500, 500, 500, 334,
    260, 334, 584,
];

/// Width of a text in points; bold is taken as 7 % wider, which is enough to keep lines apart.
#[must_use]
pub fn width(text: &str, size: f32, bold: bool) -> f32 {
    let thousandths: u32 = text.chars().map(|c| u32::from(letter(c))).sum();
    #[expect(clippy::cast_precision_loss, reason = "a line is far below 2^24 thousandths")]
    let points = thousandths as f32 / 1000.0 * size;
    if bold { points * 1.07 } else { points }
}

/// A text in lines no wider than asked, broken between words; a word that is wider than a line is broken within.
#[must_use]
pub fn lines(text: &str, size: f32, bold: bool, widest: f32) -> Vec<String> {
    let mut lines: Vec<String> = Vec::new();
    for word in text.split_whitespace() {
        if let Some(last) = lines.last_mut() {
            let longer = format!("{last} {word}");
            if width(&longer, size, bold) <= widest {
                *last = longer;
                continue;
            }
        }
        let mut line = String::new();
        for c in word.chars() {
            line.push(c);
            if width(&line, size, bold) > widest && line.chars().count() > 1 {
                line.pop();
                lines.push(std::mem::replace(&mut line, c.to_string()));
            }
        }
        lines.push(line);
    }
    lines
}

fn letter(c: char) -> u16 {
    let mut base = c;
    let mut first = true;
    decompose_canonical(c, |part| {
        if first {
            base = part;
            first = false;
        }
    });
    match base {
        ' '..='~' => WIDTHS[usize::from(u8::try_from(u32::from(base)).unwrap_or(b' ') - b' ')],
        'Œ' | 'œ' | '—' | '…' => 1000,
        _ => 556,
    }
}

#[cfg(test)]
mod tests {
    use super::{lines, width};

    #[test]
    fn an_accent_takes_no_room() {
        assert!((width("é", 10.0, false) - width("e", 10.0, false)).abs() < 1e-6);
        assert!((width("Hi", 10.0, false) - 9.44).abs() < 1e-3);
    }

    #[test]
    fn lines_are_broken_between_words_and_within_long_ones() {
        let text = "Boulangerie de la Médina www.une-adresse-sans-fin-qui-ne-se-coupe-nulle-part.example";
        let broken = lines(text, 9.0, false, 120.0);
        assert!(broken.iter().all(|line| width(line, 9.0, false) <= 120.0), "{broken:?}");
        assert_eq!(broken.concat().replace(' ', ""), text.replace(' ', ""));
        assert_eq!(broken[0], "Boulangerie de la Médina");
        assert!(lines("  ", 9.0, false, 10.0).is_empty());
    }
}
