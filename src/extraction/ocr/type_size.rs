//! How large type is, from the ink of words: `nom` is lower than `Page` though both are of one size.
//!
//! Heights of ink are rough, and whoever compares sizes wants those of one type to be equal: sizes near one another on a page
//! are taken for one.

use super::super::page::Segment;

/// Heights over the size of the type: of an `x`, of capitals and `l`, of capitals with accents; and depth of a `p`.
const LOW: f32 = 0.53;
const HIGH: f32 = 0.73;
const ACCENTED: f32 = 0.92;
const TAIL: f32 = 0.21;
/// Sizes this near the most frequent one, as a share of it, are that size.
const ONE_SIZE: f32 = 0.09;

/// Size of the type in which a text of this height is set.
pub(super) fn estimate(text: &str, height: f32) -> f32 {
    let above = text.chars().map(rises).fold(0.0, f32::max);
    let below = if text.chars().any(hangs) { TAIL } else { 0.0 };
    if above + below < 0.4 { height } else { height / (above + below) }
}

fn rises(c: char) -> f32 {
    match c {
        'a' | 'c' | 'e' | 'g' | 'm'..='s' | 'u'..='z' | 'ç' | 'œ' | 'æ' => LOW,
        '.' | ',' | ';' | ':' | '-' | '–' | '_' | '…' | '·' | '•' => 0.0,
        c if c.is_uppercase() && !c.is_ascii() && !matches!(c, 'Ç' | 'Œ' | 'Æ' | 'Ø') => ACCENTED,
        _ => HIGH,
    }
}

fn hangs(c: char) -> bool {
    matches!(c, 'g' | 'j' | 'p' | 'q' | 'y' | 'ç' | 'Ç' | '(' | ')' | '[' | ']' | '/' | '|' | '@' | '_')
}

/// Makes near sizes equal, the most frequent first.
pub(super) fn settle(segments: &mut [Segment]) {
    let letters = |segment: &Segment| segment.words.iter().map(|word| word.text.chars().count()).sum::<usize>();
    let mut open: Vec<(f32, usize, usize)> =
        segments.iter().enumerate().map(|(at, segment)| (segment.size, letters(segment), at)).collect();
    open.sort_by(|a, b| a.0.total_cmp(&b.0));
    while !open.is_empty() {
        // For each size, the letters set in sizes up to a little above it; the richest stretch is one type.
        let stretch = |from: usize| {
            let end = open.partition_point(|one| one.0 <= open[from].0 * (1.0 + ONE_SIZE));
            (open[from..end].iter().map(|one| one.1).sum::<usize>(), from, end)
        };
        let Some((_, from, end)) =
            (0..open.len()).map(stretch).max_by_key(|(letters, from, _)| (*letters, open.len() - from))
        else {
            return;
        };
        let mut left = open[from..end].iter().map(|one| one.1).sum::<usize>() / 2;
        let middle = open[from..end].iter().find(|one| {
            let here = left < one.1;
            left = left.saturating_sub(one.1);
            here
        });
        let size = middle.map_or(open[from].0, |one| one.0);
        for (_, _, at) in open.drain(from..end) {
            segments[at].size = size;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::super::page::{Source, Word};
    use super::*;
    use crate::domain::field::Rect;

    #[test]
    fn words_of_one_type_have_one_size_whatever_their_letters() {
        // Heights of ten-point type as a scanner sees it.
        for (text, height) in
            [("nom et prénom", 9.4), ("sociale ou", 7.2), ("RIB : 60", 7.4), ("ÉTÉ", 9.1), ("un", 5.2)]
        {
            let size = estimate(text, height);
            assert!((9.0..11.0).contains(&size), "{text}: {size}");
        }
    }

    #[test]
    fn near_sizes_become_one_and_a_heading_stays_larger() {
        let segment = |(text, size): (&str, f32)| {
            let word = Word { text: text.to_owned(), bbox: Rect::default(), certainty: 1.0 };
            Segment { words: vec![word], bbox: Rect::default(), source: Source::Ocr, size, bold: false }
        };
        let mut page: Vec<Segment> =
            [("Dénomination", 9.6), ("Adresse", 10.1), ("Ville", 10.4), ("Formulaire", 14.2), ("Page", 7.0)]
                .map(segment)
                .into();
        settle(&mut page);
        let sizes: Vec<f32> = page.iter().map(|segment| segment.size).collect();
        assert!(sizes[0] == sizes[1] && sizes[1] == sizes[2], "{sizes:?}");
        assert!(sizes[3] > 13.0 && sizes[4] < 7.5);
    }
}
