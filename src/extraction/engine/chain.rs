//! Addresses of the net run on over line ends without a blank: which pieces belong to one address.
//!
//! A piece is continued by the next line when it ends where such an address may be broken, or when the next piece would not have
//! fitted beside it. What follows otherwise is another text, and where the address ends is not proven.

use super::units::Token;
use crate::domain::field::Rect;
use crate::domain::values::ValueType;

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
    let room = area.x1 - last.bbox.x1;
    breaks_after(&last.text) || breaks_before(&next.text) || room < first_part(next)
}

/// Width of what a program would have set on the line above, had there been room: the next piece up to where it may break.
fn first_part(next: &Token) -> f32 {
    let length = next.text.chars().count().max(1);
    let part = next.text.chars().position(|c| matches!(c, '/' | '-' | '.' | '?' | '&')).map_or(length, |at| at + 1);
    #[expect(clippy::cast_precision_loss, reason = "words are short")]
    let share = part as f32 / length as f32;
    (next.bbox.width() * share).max(6.0)
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
