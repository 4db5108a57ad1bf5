//! Addresses of the net run on over line ends without a blank: which pieces belong to one address.
//!
//! A piece is continued by the next line when it ends where such an address may be broken, or when not even one more letter
//! would have fitted beside it. What follows otherwise is another text, and where the address ends is not proven.

use super::units::Token;
use crate::domain::field::Rect;
use crate::domain::values::ValueType;

/// A cell keeps this free at its right edge, in points.
const MARGIN: f32 = 5.0;
/// How far an edge may be off in a picture, in points.
const ROUGH: f32 = 2.0;

/// The address the words begin with, and whether its bounds are sure.
pub(super) fn join(value_type: ValueType, tokens: &[Token], area: &Rect) -> (String, bool) {
    let words: Vec<&Token> = tokens.iter().filter(|token| token.tick.is_none() && !is_filler(&token.text)).collect();
    let Some(first) = words.first() else { return (String::new(), true) };
    let mut text = first.text.clone();
    for pair in words.windows(2) {
        let (last, next) = (pair[0], pair[1]);
        if !continues(value_type, &text, last, next, area) {
            return (text, false);
        }
        text.push_str(&next.text);
    }
    let sure = !ends_broken(&text);
    (text, sure)
}

fn continues(value_type: ValueType, so_far: &str, last: &Token, next: &Token, area: &Rect) -> bool {
    let lower = next.text.to_lowercase();
    let opens = lower.starts_with("http") || lower.starts_with("www.");
    let second_address = match value_type {
        ValueType::Email => so_far.contains('@') && next.text.contains('@'),
        _ => next.text.contains('@') || so_far.len() > 8 && opens,
    };
    if second_address || !next.text.chars().all(may_stand_in_address) {
        return false;
    }
    if last.widget.is_some() {
        return true;
    }
    if last.line == next.line {
        // Pieces of one word, set apart by nothing wider than a thin blank.
        return next.bbox.x0 - last.bbox.x1 < 0.45 * last.bbox.height().max(6.0);
    }
    let room = area.x1 - last.bbox.x1 - MARGIN;
    // A picture shows the edges of a cell roughly.
    let rough = if last.certainty < 1.0 { ROUGH } else { 0.0 };
    // Wide letters need more; a capital begins another text.
    let wide = if next.text.starts_with(['m', 'w']) { 1.5 } else { 1.0 };
    breaks_after(&last.text) || breaks_before(&next.text) || room < wide * letter(last) + rough
}

/// Width of a letter: a word is broken anywhere only where not even one more letter had room.
fn letter(word: &Token) -> f32 {
    let length = u16::try_from(word.text.chars().count().max(1)).unwrap_or(u16::MAX);
    word.bbox.width() / f32::from(length)
}

fn breaks_after(text: &str) -> bool {
    text.ends_with(['-', '/', '.', '?', '&', '=', '_', '@', ':', '%', '#', '~', '+'])
}

fn breaks_before(text: &str) -> bool {
    text.starts_with(['/', '.', '?', '&', '=', '@', '#'])
}

/// Nothing on the net ends like this: the rest was cut off.
fn ends_broken(text: &str) -> bool {
    text.ends_with(['-', '.', '?', '&', '@', ':', '%']) || text.ends_with("//")
}

fn is_filler(word: &str) -> bool {
    super::fold::is_leader(word)
}

fn may_stand_in_address(c: char) -> bool {
    c.is_alphanumeric()
        || matches!(
            c,
            '-' | '.'
                | '_'
                | '~'
                | ':'
                | '/'
                | '?'
                | '#'
                | '@'
                | '!'
                | '$'
                | '&'
                | '\''
                | '*'
                | '+'
                | ','
                | ';'
                | '='
                | '%'
        )
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Words set in a cell 100 points wide, ten points to a line, five to a letter.
    fn set(lines: &[&str]) -> Vec<Token> {
        let words = lines.iter().enumerate().flat_map(|(line, text)| {
            let mut x = 0.0;
            text.split(' ').map(move |word| {
                let width = 5.0 * f32::from(u8::try_from(word.chars().count()).unwrap());
                let y = 10.0 * f32::from(u8::try_from(line).unwrap());
                let bbox = Rect { x0: x, y0: y, x1: x + width, y1: y + 8.0 };
                x += width + 5.0;
                Token { text: word.to_owned(), tick: None, bbox, certainty: 1.0, line, widget: None }
            })
        });
        words.collect()
    }

    fn joined(value_type: ValueType, lines: &[&str]) -> (String, bool) {
        join(value_type, &set(lines), &Rect { x0: 0.0, y0: 0.0, x1: 100.0, y1: 40.0 })
    }

    #[test]
    fn an_address_broken_where_it_may_break_is_whole() {
        let whole = ("https://a-b.tn/paiement/ok".to_owned(), true);
        assert_eq!(joined(ValueType::Url, &["https://a-", "b.tn/paiement/ok"]), whole);
        // No room for the next piece on the line above, so it was wrapped.
        assert_eq!(
            joined(ValueType::Email, &["salma.kammoun@be.co", "m.tn"]),
            ("salma.kammoun@be.com.tn".to_owned(), true)
        );
    }

    #[test]
    fn what_follows_an_address_is_no_part_of_it() {
        for lines in
            [["https://a.tn/notif", "Magento"], ["https://a.tn", "https://b.tn"], ["https://a.tn/ok", "b@a.tn"]]
        {
            assert_eq!(joined(ValueType::Url, &lines), (lines[0].to_owned(), false), "{lines:?}");
        }
        assert_eq!(joined(ValueType::Email, &["a@b.tn dossier"]), ("a@b.tn".to_owned(), false));
    }

    #[test]
    fn an_address_that_ends_at_a_hyphen_was_cut() {
        assert_eq!(joined(ValueType::Url, &["https://www.sport-"]), ("https://www.sport-".to_owned(), false));
    }
}
