//! Misread identifiers put right, only toward a value whose check then holds: a letter read for a digit, or what the second
//! engine read in the same place.
//!
//! What is repaired says so and is not trusted for it: a person sees both.

use crate::domain::values::{self, Canonical, Check, ValueType};

/// More signs than this put right is no repair but an invention.
const MOST: usize = 3;
/// Digits of a matricule before its letter.
const MATRICULE_DIGITS: usize = 7;
/// Where the number of the branch begins, behind three letters.
const MATRICULE_BRANCH: usize = 10;

/// A reading whose check fails, repaired; `second` is what the second engine saw there.
pub(super) fn repaired(value_type: ValueType, read: &str, second: Option<&str>) -> Option<Canonical> {
    if !matches!(value_type, ValueType::Rib | ValueType::MatriculeFiscal) {
        return None;
    }
    let respelled = respelled(value_type, read);
    let seen = second.map(str::to_owned);
    let again = second.and_then(|text| self::respelled(value_type, text));
    let proven = |text: String| Some(values::canonical(value_type, &text)).filter(|c| c.check == Check::Proven);
    [respelled, seen, again].into_iter().flatten().find_map(proven)
}

/// Letters for digits where digits stand, and the other way round; `None` when nothing, or too much, would change.
fn respelled(value_type: ValueType, text: &str) -> Option<String> {
    let mut place = 0;
    let mut changed = 0;
    let respelled: String = text
        .chars()
        .map(|c| {
            if !c.is_alphanumeric() && c != '|' {
                return c;
            }
            let wants_digit = value_type == ValueType::Rib || !(MATRICULE_DIGITS..MATRICULE_BRANCH).contains(&place);
            let wants_letter = value_type == ValueType::MatriculeFiscal && place == MATRICULE_DIGITS;
            place += 1;
            let meant = match c {
                c if wants_digit && !c.is_ascii_digit() => digit(c),
                c if wants_letter && !c.is_alphabetic() => letter(c),
                _ => None,
            };
            changed += usize::from(meant.is_some());
            meant.unwrap_or(c)
        })
        .collect();
    (1..=MOST).contains(&changed).then_some(respelled)
}

fn digit(c: char) -> Option<char> {
    Some(match c {
        'O' | 'o' | 'Q' | 'D' => '0',
        'I' | 'l' | '|' | 'i' => '1',
        'Z' | 'z' => '2',
        'A' => '4',
        'S' | 's' => '5',
        'G' | 'b' => '6',
        'T' => '7',
        'B' => '8',
        'g' | 'q' => '9',
        _ => return None,
    })
}

fn letter(c: char) -> Option<char> {
    Some(match c {
        '0' => 'Q',
        '1' => 'L',
        '2' => 'Z',
        '4' => 'A',
        '5' => 'S',
        '6' => 'G',
        '7' => 'T',
        '8' => 'B',
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::values::key_letter;

    /// A RIB with a valid key.
    fn rib() -> String {
        let body = "080060123456789012";
        let remainder = format!("{body}00").bytes().fold(0, |r, b| (r * 10 + u32::from(b - b'0')) % 97);
        format!("{body}{:02}", 97 - remainder)
    }

    #[test]
    fn a_letter_among_the_digits_of_an_account_is_put_right() {
        let right = rib();
        let misread = right.replacen('0', "O", 1).replacen('1', "l", 1);
        assert_eq!(repaired(ValueType::Rib, &misread, None).map(|c| c.text), Some(right));
    }

    #[test]
    fn nothing_is_repaired_toward_a_value_that_fails() {
        let wrong = rib().replacen('5', "6", 1);
        assert_eq!(repaired(ValueType::Rib, &wrong.replacen('0', "O", 1), None), None);
        assert_eq!(repaired(ValueType::Rib, &wrong, None), None);
        assert_eq!(repaired(ValueType::Telephone, "2O 123 456", None), None);
    }

    #[test]
    fn the_second_engine_may_know_better() {
        let right = rib();
        let wrong = right.replacen('5', "6", 1);
        assert_eq!(repaired(ValueType::Rib, &wrong, Some(&right)).map(|c| c.text), Some(right));
    }

    #[test]
    fn the_letter_of_a_matricule_is_no_digit() {
        let digits = (1_000_000..1_000_100)
            .find(|n: &u32| key_letter(&n.to_string()) == Some('S'))
            .expect("one in 23")
            .to_string();
        let repaired = repaired(ValueType::MatriculeFiscal, &format!("{digits}5/A/M/000"), None).expect("repaired");
        assert_eq!(repaired.text, format!("{digits}S/A/M/000"));
        let repaired = self::repaired(ValueType::MatriculeFiscal, &format!("{digits}SAMO00"), None).expect("repaired");
        assert_eq!(repaired.text, format!("{digits}S/A/M/000"));
    }
}
