//! What identifiers look like to those who need not know them whole: answers, letters, command line.
//!
//! One place for the rule: enough is left to recognise one's own number, too little to use someone else's.

use super::values::ValueType;

/// Stands for what is hidden.
const STARS: &str = "***";

/// An identifier as it may be shown; values of other types come back as they are.
///
/// ```
/// use guichet::domain::{masking::masked, values::ValueType};
/// assert_eq!(masked(ValueType::Rib, "08006012345678901231"), "08 006 *** 31");
/// assert_eq!(masked(ValueType::PieceNumero, "04567812"), "***12");
/// assert_eq!(masked(ValueType::MatriculeFiscal, "1234567R/A/M/000"), "12***R/A/M/000");
/// assert_eq!(masked(ValueType::Telephone, "+21698123456"), "+216 *** 56");
/// assert_eq!(masked(ValueType::Email, "sonia@boutique.tn"), "s***@boutique.tn");
/// assert_eq!(masked(ValueType::Text, "Boutique"), "Boutique");
/// ```
#[must_use]
pub fn masked(value_type: ValueType, value: &str) -> String {
    match value_type {
        ValueType::Rib => rib(value),
        ValueType::PieceNumero => format!("{STARS}{}", last(value, 2)),
        ValueType::MatriculeFiscal | ValueType::IdentifiantRne => tax_number(value),
        ValueType::Telephone => telephone(value),
        ValueType::Email => email(value),
        _ => value.to_owned(),
    }
}

/// Types that are identifiers of an account or a person: always masked, whatever a schema says.
#[must_use]
pub fn is_secret(value_type: ValueType) -> bool {
    matches!(value_type, ValueType::Rib | ValueType::PieceNumero)
}

fn rib(value: &str) -> String {
    let digits: String = value.chars().filter(char::is_ascii_digit).collect();
    match digits.len() {
        20 => format!("{} {} {STARS} {}", &digits[..2], &digits[2..5], &digits[18..]),
        _ => ends(value),
    }
}

/// The serial is the identifier; the letter and the codes after it are not.
fn tax_number(value: &str) -> String {
    let digits = value.bytes().take_while(u8::is_ascii_digit).count();
    if digits == 7 && value.is_ascii() { format!("{}{STARS}{}", &value[..2], &value[7..]) } else { ends(value) }
}

fn telephone(value: &str) -> String {
    match value.strip_prefix("+216") {
        Some(national) if national.len() == 8 => format!("+216 {STARS} {}", last(national, 2)),
        _ => format!("{STARS} {}", last(value, 2)),
    }
}

fn email(value: &str) -> String {
    match value.split_once('@') {
        Some((name, domain)) => format!("{}{STARS}@{domain}", name.chars().take(1).collect::<String>()),
        None => ends(value),
    }
}

/// First and last two characters of what has no known form; nothing of what is too short to hide the rest.
fn ends(value: &str) -> String {
    if value.chars().count() < 8 {
        return STARS.to_owned();
    }
    format!("{}{STARS}{}", value.chars().take(2).collect::<String>(), last(value, 2))
}

/// The last characters, none when that would be a third of the value or more.
fn last(value: &str, count: usize) -> String {
    let length = value.chars().count();
    if length < count * 3 { String::new() } else { value.chars().skip(length - count).collect() }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn what_is_malformed_is_masked_too() {
        assert_eq!(masked(ValueType::Rib, "0800601234567890123"), "08***23");
        assert_eq!(masked(ValueType::Rib, "1234"), "***");
        assert_eq!(masked(ValueType::PieceNumero, "123"), "***");
        assert_eq!(masked(ValueType::Email, "sans arobase"), "sa***se");
        assert_eq!(masked(ValueType::MatriculeFiscal, "٣"), "***");
    }

    proptest! {
        #[test]
        fn no_identifier_is_shown_whole(value in "\\PC{1,40}") {
            for value_type in [ValueType::Rib, ValueType::PieceNumero, ValueType::MatriculeFiscal, ValueType::Telephone] {
                prop_assert_ne!(masked(value_type, &value), value.clone());
            }
        }
    }
}
