//! Tunisian account numbers parted by points or strokes, `08.006.….31`, which no run of digits spans.

use std::ops::Range;

use super::run::is_rib;
use super::{digit, is_separator};

/// Digits of a RIB's parts: bank, branch, account, key.
const PARTS: [usize; 4] = [2, 3, 13, 2];

/// Byte ranges of twenty digits in the groups of a RIB, one sign or one sign and blanks between.
pub(super) fn parted(text: &str) -> Vec<Range<usize>> {
    let mut groups: Vec<(Range<usize>, Vec<u8>)> = Vec::new();
    for (at, c) in text.char_indices() {
        let Some(value) = digit(c) else { continue };
        let end = at + c.len_utf8();
        match groups.last_mut() {
            Some((range, values)) if range.end == at => {
                range.end = end;
                values.push(value);
            }
            _ => groups.push((at..end, vec![value])),
        }
    }
    let joined = |pair: &[(Range<usize>, Vec<u8>)]| {
        let between = &text[pair[0].0.end..pair[1].0.start];
        between.chars().count() <= 3
            && between.chars().all(|c| is_separator(c) || matches!(c, '.' | '/' | '|' | '_' | '·'))
    };
    groups
        .windows(PARTS.len())
        .filter(|four| four.iter().map(|(_, values)| values.len()).eq(PARTS) && four.windows(2).all(joined))
        .filter(|four| {
            let values: Vec<u8> = four.iter().flat_map(|(_, values)| values.clone()).collect();
            is_rib(&values)
        })
        .map(|four| four[0].0.start..four[3].0.end)
        .collect()
}
