//! Card numbers: found so that they can be refused and masked wherever they stand. guichet never keeps one.
//!
//! A card number (PAN, ISO/IEC 7812) is 13 to 19 digits, begins as the schemes' ranges do and ends in a Luhn check digit.
//! One random number in fifty looks like that, so what is known to be something else is set apart first: account numbers
//! whose key holds (RIB, IBAN, in any grouping), telephone numbers, hashes and identifiers in hexadecimal.

mod account;
mod digest;
mod iban;
mod run;
mod scheme;
#[cfg(test)]
mod tests;

use std::ops::Range;

use iban::ibans;
use run::runs;

use super::document::Reading;
use super::finding::{Finding, Severity};

/// The code of the finding that says a document holds a card number.
pub const FOUND: &str = "pan_found";

/// Digits that stay readable at either end, as PCI DSS 3.4.1 allows for display.
const SHOWN_FIRST: usize = 6;
const SHOWN_LAST: usize = 4;

/// The text with every card number in it masked, or `None` when it holds none.
///
/// Separators stay where they are; the digits between the first six and the last four become `*`.
#[must_use]
pub fn masked(text: &str) -> Option<String> {
    let mut result = None;
    // Again until nothing is found: what stood beside a number may be one of its own once that one is crossed out. Each time there
    // are fewer digits.
    loop {
        let text = result.as_deref().unwrap_or(text);
        let numbers = find(text);
        if numbers.is_empty() {
            return result;
        }
        result = Some(with_masks(text, numbers));
    }
}

fn with_masks(text: &str, numbers: Vec<Range<usize>>) -> String {
    let mut masked = String::with_capacity(text.len());
    let mut copied = 0;
    for number in numbers {
        masked.push_str(&text[copied..number.start]);
        masked.push_str(&mask(&text[number.clone()]));
        copied = number.end;
    }
    masked.push_str(&text[copied..]);
    masked
}

fn mask(number: &str) -> String {
    let digits = number.chars().filter(|c| digit(*c).is_some()).count();
    let mut seen = 0;
    let hide = |c: char| {
        seen += usize::from(digit(c).is_some());
        let hidden = digit(c).is_some() && seen > SHOWN_FIRST && seen + SHOWN_LAST <= digits;
        if hidden { '*' } else { c }
    };
    number.chars().map(hide).collect()
}

/// The first card number of a text, masked; nothing else of the text.
#[must_use]
pub fn first_masked(text: &str) -> Option<String> {
    find(text).first().map(|number| mask(&text[number.clone()]))
}

/// A card number that was masked before: six digits of a card's range, stars or crosses, four digits, in groups or not. Names
/// are masked where they come in; what they held is known from this.
#[must_use]
pub fn already_masked(text: &str) -> Option<&str> {
    let signs: Vec<(usize, char)> = text.char_indices().collect();
    let is_digit = |(_, c): &(usize, char)| digit(*c).is_some();
    let is_mask = |(_, c): &(usize, char)| matches!(c, '*' | 'x');
    (0..signs.len()).filter(|from| is_digit(&signs[*from])).find_map(|from| {
        // One sign between two groups, no more.
        let mut together = Vec::new();
        let mut parted = false;
        for sign in &signs[from..] {
            if is_digit(sign) || is_mask(sign) {
                together.push(*sign);
                parted = false;
            } else if parted || !is_separator(sign.1) {
                break;
            } else {
                parted = true;
            }
        }
        (13..=together.len().min(19)).rev().find_map(|length| {
            let (front, rest) = together[..length].split_at(SHOWN_FIRST);
            let (hidden, back) = rest.split_at(rest.len() - SHOWN_LAST);
            let values: Vec<u8> = front.iter().filter_map(|(_, c)| digit(*c)).collect();
            let masked = values.len() == SHOWN_FIRST && hidden.iter().all(is_mask) && back.iter().all(is_digit);
            let end = back.last().map(|(at, c)| at + c.len_utf8())?;
            (masked && scheme::in_card_range(&values)).then(|| &text[signs[from].0..end])
        })
    })
}

/// Masks every card number in a reading and, when there was one, adds the finding that sets the document aside.
///
/// True when the reading holds such a finding, from now or from before.
pub fn guard(reading: &mut Reading) -> bool {
    let mut first = None;
    reading.visit_texts(&mut |text| {
        if let Some(masked) = masked(text) {
            first = first.take().or_else(|| first_masked(text));
            *text = masked;
        }
    });
    let known = reading.findings.iter().any(|finding| finding.code.as_str() == FOUND);
    if let Some(number) = first.filter(|_| !known) {
        reading.findings.push(Finding::new(FOUND, Severity::Reject).with("value", number));
    }
    reading.findings.iter().any(|finding| finding.code.as_str() == FOUND)
}

/// Byte ranges of the card numbers in a text, from first to last digit.
#[must_use]
pub fn find(text: &str) -> Vec<Range<usize>> {
    // Most texts hold no thirteen digits; say so without taking memory.
    if text.chars().filter(|c| digit(*c).is_some()).take(13).count() < 13 {
        return Vec::new();
    }
    let mut others = ibans(text);
    others.extend(account::parted(text));
    others.extend(digest::digests(text));
    let mut found = Vec::new();
    for run in runs(text) {
        if !others.iter().any(|other| other.start < run.end() && run.start() < other.end)
            && (run.is_grouped_as_card() || !follows_telephone_label(&text[..run.start()]))
        {
            found.extend(run.card_numbers());
        }
    }
    found
}

/// The digits of the scripts forms are filled in with: European, Arabic-Indic, Persian, full-width.
fn digit(c: char) -> Option<u8> {
    let zero = match c {
        '0'..='9' => '0',
        '\u{660}'..='\u{669}' => '\u{660}',
        '\u{6f0}'..='\u{6f9}' => '\u{6f0}',
        '\u{ff10}'..='\u{ff19}' => '\u{ff10}',
        _ => return None,
    };
    u8::try_from(u32::from(c) - u32::from(zero)).ok()
}

fn is_separator(c: char) -> bool {
    c.is_whitespace() || matches!(c, '-' | '\u{ad}' | '\u{200b}'..='\u{200f}' | '\u{2010}'..='\u{2015}')
}

/// The number follows `+`, `00` or a word for telephone, as in `Tél. : 55 …`.
fn follows_telephone_label(before: &str) -> bool {
    let before = before.trim_end_matches(|c: char| c.is_whitespace() || matches!(c, ':' | '.' | '(' | ')' | '°'));
    if before.ends_with('+') {
        return true;
    }
    let label: String = before.chars().rev().take_while(|c| digit(*c).is_none()).take(24).collect();
    let label: String = label.chars().rev().collect::<String>().to_lowercase();
    let words = [
        "tél",
        "tel",
        "téléphone",
        "telephone",
        "phone",
        "gsm",
        "mobile",
        "portable",
        "fax",
        "هاتف",
        "الهاتف",
        "جوال",
        "فاكس",
    ];
    let last_words: Vec<&str> = label.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty()).collect();
    last_words.iter().rev().take(3).any(|word| words.contains(word))
}
