//! Hashes and identifiers in hexadecimal, of which one in some thousands holds digits like a card's.

use std::ops::Range;

/// Digits of the hashes and identifiers in use: MD5 and UUID, SHA-1, SHA-224 to SHA-512.
const LENGTHS: [usize; 6] = [32, 40, 56, 64, 96, 128];

/// Byte ranges of hashes and identifiers, a UUID's strokes between their digits or not. Digits alone are none.
pub(super) fn digests(text: &str) -> Vec<Range<usize>> {
    let part_of_one = |c: char| c.is_ascii_hexdigit() || c == '-';
    let mut found = Vec::new();
    let mut from = 0;
    for piece in text.split(|c: char| !part_of_one(c)) {
        let range = from..from + piece.len();
        from = range.end + text[range.end..].chars().next().map_or(0, char::len_utf8);
        let letters = piece.bytes().filter(u8::is_ascii_alphabetic).count();
        let digits = piece.bytes().filter(u8::is_ascii_digit).count();
        let alone = |c: Option<char>| c.is_none_or(|c| !c.is_alphanumeric());
        if letters > 0
            && LENGTHS.contains(&(letters + digits))
            && alone(text[..range.start].chars().next_back())
            && alone(text[range.end..].chars().next())
        {
            found.push(range);
        }
    }
    found
}
