//! What the second OCR engine says of a value that the first one read.

use super::answers::Answer;
use super::units::{Token, bounds};
use crate::domain::field::Rect;
use crate::extraction::page::{Page, Source, Word};

/// How far a word of the second engine may reach over the value's ends, in heights of type.
const REACH: f32 = 0.6;

/// The second engine's say.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Opinion {
    /// It was not asked, or saw nothing there.
    None,
    /// The same words.
    Agrees,
    /// The same signs, parted otherwise.
    AgreesButForBlanks,
    Differs,
}

/// Compares line by line: what the second engine saw where the words of the answer stand.
pub(super) fn opinion(answer: &Answer, page: &Page) -> Opinion {
    let seen: Vec<&Word> = seen_on(page).collect();
    if seen.is_empty() {
        return Opinion::None;
    }
    let words = answer.tokens.iter().filter(|token| token.tick.is_none()).cloned().collect::<Vec<Token>>();
    let mut opinion = Opinion::None;
    let mut parted_alike = true;
    for line in words.chunk_by(|a, b| a.line == b.line) {
        let first: String = line.iter().map(|token| plain(&token.text)).collect();
        let second = text_in(&seen, bounds(line));
        if second.is_empty() {
            return if opinion == Opinion::None { Opinion::None } else { Opinion::Differs };
        }
        if first != second {
            return Opinion::Differs;
        }
        let count = |texts: &mut dyn Iterator<Item = &str>| texts.flat_map(str::split_whitespace).count();
        let own = count(&mut line.iter().map(|token| token.text.as_str()));
        parted_alike &= own == count(&mut words_in(&seen, bounds(line)).iter().map(|word| word.text.as_str()));
        opinion = if parted_alike { Opinion::Agrees } else { Opinion::AgreesButForBlanks };
    }
    opinion
}

/// What the second engine saw where an answer of one line stands.
pub(super) fn seen(answer: &Answer, page: &Page) -> Option<String> {
    let words: Vec<&Word> = seen_on(page).collect();
    let one_line = answer.tokens.windows(2).all(|pair| pair[0].line == pair[1].line);
    let text = text_in(&words, bounds(&answer.tokens));
    (one_line && !text.is_empty()).then_some(text)
}

fn seen_on(page: &Page) -> impl Iterator<Item = &Word> {
    let segments = page.segments.iter().filter(|segment| segment.source == Source::SecondOcr);
    segments.flat_map(|segment| &segment.words)
}

/// Words whose middle lies in the box, from left to right.
fn words_in<'w>(words: &[&'w Word], area: Rect) -> Vec<&'w Word> {
    let more = REACH * area.height() / 4.0;
    let area = Rect { x0: area.x0 - more, x1: area.x1 + more, ..area };
    let mut inside: Vec<&Word> = words.iter().copied().filter(|word| area.contains(word.bbox.centre())).collect();
    inside.sort_by(|a, b| a.bbox.x0.total_cmp(&b.bbox.x0));
    inside
}

/// The same as one text without blanks.
fn text_in(words: &[&Word], area: Rect) -> String {
    let inside = words_in(words, area);
    // A quarter more than where the middle of a word may lie.
    let reach = 1.25 * REACH * area.height();
    let sticks_out = |word: &Word| word.bbox.x0 < area.x0 - reach || word.bbox.x1 > area.x1 + reach;
    // A word that holds more than the value is no statement about the value.
    if inside.iter().any(|word| sticks_out(word)) {
        return String::new();
    }
    inside.iter().map(|word| plain(&word.text)).collect()
}

/// Print signs that engines spell either way are one.
fn plain(text: &str) -> String {
    text.chars()
        .filter(|c| !c.is_whitespace())
        .map(|c| match c {
            '\u{2018}' | '\u{2019}' | '`' | '\u{b4}' => '\'',
            '\u{2013}' | '\u{2014}' => '-',
            '\u{201c}' | '\u{201d}' | '«' | '»' => '"',
            c => c,
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::extraction::engine::answers::Stand;
    use crate::extraction::page::Segment;

    fn rect(x0: f32, x1: f32, y: f32) -> Rect {
        Rect { x0, y0: y, x1, y1: y + 10.0 }
    }

    fn answer(words: &[(&str, f32, f32, usize)]) -> Answer {
        let tokens: Vec<Token> = words
            .iter()
            .map(|(text, x0, x1, line)| Token {
                text: (*text).to_owned(),
                tick: None,
                bbox: rect(*x0, *x1, 20.0 + 14.0 * *line as f32),
                certainty: 0.8,
                line: *line,
                widget: None,
            })
            .collect();
        Answer {
            stand: Stand::Beside,
            units: vec![0],
            area: bounds(&tokens),
            first: tokens.len(),
            tokens,
            closed: true,
            joined: false,
            widget: None,
            cell: None,
        }
    }

    fn page(words: &[(&str, f32, f32, f32)]) -> Page {
        let segment = |(text, x0, x1, y): &(&str, f32, f32, f32)| {
            let bbox = rect(*x0, *x1, *y);
            let word = Word { text: (*text).to_owned(), bbox, certainty: 0.9 };
            Segment { words: vec![word], bbox, source: Source::SecondOcr, size: 10.0, bold: false }
        };
        Page { segments: words.iter().map(segment).collect(), ..Page::default() }
    }

    #[test]
    fn the_same_signs_agree_however_they_are_parted() {
        let read = answer(&[("12", 100.0, 112.0, 0), ("rue", 116.0, 130.0, 0), ("d'Alger", 100.0, 130.0, 1)]);
        let seen =
            [("12rue", 100.0, 130.0, 20.5), ("d\u{2019}Alger", 100.0, 130.0, 34.0), ("Tunis", 160.0, 190.0, 20.0)];
        assert_eq!(opinion(&read, &page(&seen)), Opinion::AgreesButForBlanks);
        let seen = [("12", 100.0, 112.0, 20.5), ("rue", 116.0, 130.0, 20.5), ("d\u{2019}Alger", 100.0, 130.0, 34.0)];
        assert_eq!(opinion(&read, &page(&seen)), Opinion::Agrees);
    }

    #[test]
    fn another_sign_differs_and_nothing_says_nothing() {
        let read = answer(&[("Lac", 100.0, 112.0, 0), ("Il", 116.0, 122.0, 0)]);
        assert_eq!(opinion(&read, &page(&[("Lac", 100.0, 112.0, 20.0), ("II", 116.0, 122.0, 20.0)])), Opinion::Differs);
        assert_eq!(opinion(&read, &page(&[("Tunis", 160.0, 190.0, 20.0)])), Opinion::None);
        assert_eq!(opinion(&read, &Page::default()), Opinion::None);
        // One word over label and value.
        assert_eq!(opinion(&read, &page(&[("Adresse:LacIl", 60.0, 150.0, 20.0)])), Opinion::None);
    }

    #[test]
    fn a_value_confirmed_only_in_part_is_not_confirmed() {
        let read = answer(&[("12", 100.0, 112.0, 0), ("Alger", 100.0, 130.0, 1)]);
        assert_eq!(opinion(&read, &page(&[("12", 100.0, 112.0, 20.0)])), Opinion::Differs);
    }
}
