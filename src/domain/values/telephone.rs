//! Telephone numbers in E.164.
//!
//! Tunisian numbers have eight digits: fixed 30 to 32 and 7x, mobile 2x, 5x, 9x, 40 to 48, 36 and 39, special 8x (the
//! national numbering plan).

use std::fmt;

/// `+216…` or a foreign number, digits only after the plus.
///
/// ```
/// use guichet::domain::values::Telephone;
/// assert_eq!(Telephone::parse("(+216) 42 992 442").unwrap().to_string(), "+21642992442");
/// assert_eq!(Telephone::parse("00216 71.621.347").unwrap().to_string(), "+21671621347");
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Telephone(String);

#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum TelephoneError {
    #[error("not a telephone number")]
    NotANumber,
    #[error("not eight digits of the Tunisian numbering plan")]
    NotTunisian,
}

impl Telephone {
    pub fn parse(text: &str) -> Result<Self, TelephoneError> {
        let text = super::digits::western(text);
        let mut digits = String::with_capacity(text.len());
        let mut international = false;
        for c in text.trim().chars() {
            match c {
                '0'..='9' => digits.push(c),
                '+' if digits.is_empty() && !international => international = true,
                ' ' | '\u{a0}' | '\u{202f}' | '.' | '-' | '/' | '(' | ')' => {}
                _ => return Err(TelephoneError::NotANumber),
            }
        }
        if !international && digits.starts_with("00") {
            digits.drain(..2);
            international = true;
        }
        // `216 71 …` without its plus is common; no national number has eleven digits.
        if !international && digits.len() == 11 && digits.starts_with("216") {
            international = true;
        }
        let national = if international { digits.strip_prefix("216") } else { Some(digits.as_str()) };
        match national {
            Some(national) if national.len() == 8 && is_given_out(national.as_bytes()) => {
                Ok(Self(format!("+216{national}")))
            }
            Some(_) => Err(TelephoneError::NotTunisian),
            None if (8..=15).contains(&digits.len()) => Ok(Self(format!("+{digits}"))),
            None => Err(TelephoneError::NotANumber),
        }
    }
}

/// Are the first two digits those of a range of the numbering plan?
fn is_given_out(national: &[u8]) -> bool {
    match (national[0], national[1]) {
        (b'2' | b'5' | b'7' | b'8' | b'9', _) => true,
        (b'3', second) => matches!(second, b'0'..=b'2' | b'6' | b'9'),
        (b'4', second) => second != b'9',
        _ => false,
    }
}

impl fmt::Display for Telephone {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_and_what_is_none() {
        assert_eq!(Telephone::parse("74-938-471").unwrap().to_string(), "+21674938471");
        assert_eq!(Telephone::parse("+33 1 40 20 50 50").unwrap().to_string(), "+33140205050");
        assert_eq!(Telephone::parse("71 234"), Err(TelephoneError::NotTunisian));
        assert_eq!(Telephone::parse("71 234 567 poste 3"), Err(TelephoneError::NotANumber));
        assert_eq!(Telephone::parse("12 345 678"), Err(TelephoneError::NotTunisian));
    }
}
