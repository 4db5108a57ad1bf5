//! International account numbers, found so that the digits inside them are not taken for a card number.

use std::ops::Range;

use super::{digit, is_separator};

/// Byte ranges of valid IBANs: two letters, two digits, up to thirty letters and digits, spaces between (ISO 13616).
pub(super) fn ibans(text: &str) -> Vec<Range<usize>> {
    let mut found: Vec<Range<usize>> = Vec::new();
    let mut before = ' ';
    for (at, c) in text.char_indices() {
        let begins =
            c.is_ascii_uppercase() && !before.is_alphanumeric() && found.last().is_none_or(|last| last.end <= at);
        before = c;
        if begins && let Some(length) = iban_length(&text[at..]) {
            found.push(at..at + length);
        }
    }
    found
}

pub(super) fn iban_length(text: &str) -> Option<usize> {
    let mut signs = Vec::with_capacity(34);
    let mut longest = None;
    for (at, c) in text.char_indices().take(80) {
        if is_separator(c) {
            continue;
        }
        let value = digit(c).map(u32::from).or_else(|| c.is_ascii_uppercase().then(|| c.to_digit(36)).flatten());
        let (Some(value), true) = (value, signs.len() < 34) else { break };
        let letter_due = signs.len() < 2;
        if letter_due != (value >= 10) && signs.len() < 4 {
            return None;
        }
        signs.push(value);
        if signs.len() >= 15 && iban_holds(&signs) {
            longest = Some(at + c.len_utf8());
        }
    }
    longest
}

/// The first four signs moved to the end, letters counting from 10: one remains, divided by 97.
fn iban_holds(signs: &[u32]) -> bool {
    let (head, tail) = signs.split_at(4);
    let rest = tail
        .iter()
        .chain(head)
        .fold(0, |rest, sign| if *sign < 10 { rest * 10 + sign } else { rest * 100 + sign } % 97);
    rest == 1
}
