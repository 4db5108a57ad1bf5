//! What makes digits a card number: the ranges of the schemes, the lengths they issue, the Luhn sum.

pub(super) fn is_card_number(digits: &[u8]) -> bool {
    (13..=19).contains(&digits.len()) && in_card_range(digits) && luhn(digits)
}

pub(super) fn prefix(digits: &[u8], length: usize) -> u32 {
    digits.iter().take(length).fold(0, |number, digit| number * 10 + u32::from(*digit))
}

/// Visa 4, Mastercard 51–55 and 2221–2720, American Express 34 and 37, Discover 6011 and 65.
pub(super) fn in_card_range(digits: &[u8]) -> bool {
    digits[0] == 4
        || matches!(prefix(digits, 2), 34 | 37 | 51..=55 | 65)
        || matches!(prefix(digits, 4), 2221..=2720 | 6011)
}

/// A length in which the scheme of this prefix issues cards today.
pub(super) fn is_issued_length(digits: &[u8]) -> bool {
    match (prefix(digits, 2), digits.len()) {
        (34 | 37, length) => length == 15,
        (40..=49, length) => matches!(length, 16 | 19),
        (_, length) => length == 16,
    }
}

/// From the right, every second digit counts double (its digits summed); the sum ends in zero.
pub(super) fn luhn(digits: &[u8]) -> bool {
    let sum: u32 = digits
        .iter()
        .rev()
        .enumerate()
        .map(|(at, digit)| match (at % 2, u32::from(*digit)) {
            (0, value) => value,
            (_, value) => value * 2 / 10 + value * 2 % 10,
        })
        .sum();
    sum.is_multiple_of(10)
}
