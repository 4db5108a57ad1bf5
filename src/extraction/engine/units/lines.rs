//! A line of print: its words in reading order, without leaders, typed boxes told from words.

use super::typed::typed_ticks;
use super::{Token, Unit, bounds};
use crate::domain::field::Rect;
use crate::extraction::engine::fold;
use crate::extraction::page::{Segment, Source, Word};

/// So many points or strokes in a row are a place to write on, and part what stands before them from what stands behind.
const PLACE: usize = 6;

/// The texts of a line that places to write on part from one another: `Ville : ........ Tél. : ........` is two labels.
pub(super) fn line_units(segment: &Segment, page: usize) -> Vec<Unit> {
    // In a picture a row of points is whatever the engine made of a rule or of the dirt; and words of two directions do not
    // stand on the sides of a place that they were typed on.
    let arabic = |word: &Word| word.text.chars().any(fold::is_arabic);
    let parts = segment.source == Source::Text && !segment.words.iter().any(arabic);
    let mut texts: Vec<Vec<Token>> = vec![Vec::new()];
    for word in segment.words.iter().filter(|word| !word.text.trim().is_empty()) {
        for (token, place) in without_leader(word) {
            texts.last_mut().expect("there is always one").push(token);
            if place && parts {
                texts.push(Vec::new());
            }
        }
    }
    let blank = |text: &[Token]| text.iter().all(|token| fold::is_leader(&token.text));
    if texts.len() > 1 {
        texts.retain(|text| !blank(text));
    }
    texts.into_iter().filter_map(|tokens| unit_of(tokens, segment, page)).collect()
}

/// A label ends before the place that something is written over.
pub(super) fn uncover(lines: &mut [Unit]) {
    let written: Vec<(f32, f32)> = lines.iter().map(|line| line.ink.centre()).collect();
    let is_written_on =
        |own: usize, place: &Rect| written.iter().enumerate().any(|(at, middle)| at != own && place.contains(*middle));
    for (at, line) in lines.iter_mut().enumerate().filter(|(_, line)| line.source == Source::Text) {
        let text = line.tokens.iter().rposition(|token| !fold::is_leader(&token.text)).map_or(0, |last| last + 1);
        let place = bounds(&line.tokens[text..]);
        if (1..line.tokens.len()).contains(&text) && is_written_on(at, &place) {
            line.tokens.truncate(text);
            line.ink = bounds(&line.tokens);
            line.area = line.ink;
        }
    }
}

fn unit_of(tokens: Vec<Token>, segment: &Segment, page: usize) -> Option<Unit> {
    let tokens = typed_ticks(in_reading_order(tokens));
    if tokens.is_empty() {
        return None;
    }
    let ink = bounds(&tokens);
    Some(Unit {
        page,
        ink,
        area: ink,
        tokens,
        boxed: false,
        widget: None,
        cell: None,
        account: false,
        former: false,
        size: segment.size,
        bold: segment.bold,
        source: segment.source,
    })
}

/// `2034........Ville` is two words and a leader; beside each word, whether a place to write on follows it.
fn without_leader(word: &Word) -> Vec<(Token, bool)> {
    let token = |text: &str, from: usize| {
        #[expect(clippy::cast_precision_loss, reason = "words are short")]
        let at =
            |chars: usize| word.bbox.x0 + word.bbox.width() * chars as f32 / word.text.chars().count().max(1) as f32;
        let bbox = Rect { x0: at(from), x1: at(from + text.chars().count()), ..word.bbox };
        Token { text: text.to_owned(), tick: None, bbox, certainty: word.certainty, line: 0, widget: None }
    };
    let leader = |c: char| matches!(c, '.' | '_' | '…');
    let mut tokens = Vec::new();
    let mut from = 0;
    let mut rest = word.text.as_str();
    while let Some(start) = ["....", "____", "……"].iter().filter_map(|run| rest.find(run)).min() {
        let run: Vec<char> = rest[start..].chars().take_while(|c| leader(*c)).collect();
        let end = start + run.iter().copied().map(char::len_utf8).sum::<usize>();
        // A full line holds fewer of the wider sign.
        let place = run.iter().map(|c| if *c == '…' { 3 } else { 1 }).sum::<usize>() >= PLACE;
        // The last words keep the line they stand on: something may be written into it.
        let shown = if start == 0 || end == rest.len() { end } else { start };
        tokens.push((token(&rest[..shown], from), place));
        from += rest[..end].chars().count();
        rest = &rest[end..];
    }
    if !rest.is_empty() {
        tokens.push((token(rest, from), false));
    }
    tokens
}

/// Words of an Arabic run laid out from left to right are turned round; Latin words and numbers between keep their order.
fn in_reading_order(mut tokens: Vec<Token>) -> Vec<Token> {
    let arabic = |token: &Token| token.text.chars().any(fold::is_arabic);
    let mut start = 0;
    while start < tokens.len() {
        if !arabic(&tokens[start]) {
            start += 1;
            continue;
        }
        let neutral = |token: &Token| !token.text.chars().any(char::is_alphanumeric);
        let mut end = start + 1;
        let mut last = start + 1;
        while end < tokens.len() && (arabic(&tokens[end]) || neutral(&tokens[end])) {
            end += 1;
            if arabic(&tokens[end - 1]) {
                last = end;
            }
        }
        if tokens[start..last].windows(2).all(|pair| pair[0].bbox.x0 < pair[1].bbox.x0) {
            tokens[start..last].reverse();
        }
        start = end;
    }
    tokens
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A line in letters five points wide.
    fn line(x0: f32, text: &str) -> Segment {
        let mut x = x0;
        let words: Vec<Word> = text
            .split(' ')
            .map(|word| {
                let width = 5.0 * f32::from(u16::try_from(word.chars().count()).unwrap());
                let bbox = Rect { x0: x, y0: 100.0, x1: x + width, y1: 110.0 };
                x += width + 5.0;
                Word { text: word.to_owned(), bbox, certainty: 1.0 }
            })
            .collect();
        let bbox = Rect { x0, y0: 100.0, x1: x - 5.0, y1: 110.0 };
        Segment { words, bbox, source: Source::Text, size: 10.0, bold: false }
    }

    fn texts(line: &Segment) -> Vec<String> {
        line_units(line, 0).iter().map(Unit::text).collect()
    }

    #[test]
    fn places_to_write_on_part_texts() {
        assert_eq!(texts(&line(0.0, "Ville : ........ Tél. : ........")), ["Ville : ........", "Tél. : ........"]);
        assert_eq!(texts(&line(0.0, "Adresse du site........https://a.tn")), ["Adresse du site", "https://a.tn"]);
        assert_eq!(texts(&line(0.0, "Fait à ______Tunis______ le")), ["Fait à ______", "Tunis______", "le"]);
        assert_eq!(texts(&line(0.0, "Sté A.B.C... et Cie")), ["Sté A.B.C... et Cie"]);
        assert_eq!(texts(&line(0.0, "Nom ELLOUZE______")), ["Nom ELLOUZE______"], "its answer is in its own words");
    }

    #[test]
    fn a_label_ends_before_the_place_that_is_written_on() {
        let mut lines = line_units(&line(0.0, "Ville : ............"), 0);
        uncover(&mut lines);
        assert_eq!(lines[0].text(), "Ville : ............", "nothing is written on it");
        lines.extend(line_units(&line(50.0, "Sfax"), 0));
        uncover(&mut lines);
        assert_eq!(lines[0].text(), "Ville :");
    }
}
