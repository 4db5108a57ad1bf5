//! Relevé d'identité bancaire: bank 2, branch 3, account 13, key 2.
//!
//! Key = 97 − ((first 18 digits followed by 00) mod 97), so 01 to 97; equivalently the whole number is a multiple of 97.
//! The IBAN is `TN59` and the RIB: its check digits are the same for every valid RIB (ISO 13616).

use std::fmt;

/// Twenty digits whose key holds.
///
/// ```
/// use guichet::domain::values::Rib;
/// assert_eq!(Rib::parse("TN59 0800 6012 3456 7890 1231").unwrap().to_string(), "08006012345678901231");
/// assert!(Rib::parse("08 006 0123456789012 32").is_err());
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Rib(String);

#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum RibError {
    #[error("a RIB has twenty digits")]
    NotTwentyDigits,
    #[error("an account of another country")]
    Foreign,
    /// A Tunisian IBAN whose check digits are not 59; the twenty digits after them.
    #[error("the check digits of a Tunisian IBAN are always 59")]
    WrongIban(String),
    /// The twenty digits as printed.
    #[error("the key of the RIB is wrong")]
    WrongKey(String),
}

impl Rib {
    /// Spaces, dots and dashes are the printer's, not the bank's; a Tunisian IBAN gives its RIB.
    pub fn parse(text: &str) -> Result<Self, RibError> {
        let compact: String = super::digits::western(text)
            .chars()
            .filter(|c| !c.is_whitespace() && !matches!(c, '-' | '.' | '/' | '|' | '_' | ':'))
            .flat_map(char::to_uppercase)
            .collect();
        let compact = compact.strip_prefix("IBAN").or(compact.strip_prefix("RIB")).unwrap_or(&compact);
        let (digits, check) = match compact.strip_prefix("TN") {
            Some(rest) if rest.is_ascii() && rest.len() == 22 => (&rest[2..], Some(&rest[..2])),
            None if is_foreign_iban(compact) => return Err(RibError::Foreign),
            _ => (compact, None),
        };
        if digits.len() != 20 || !digits.bytes().all(|b| b.is_ascii_digit()) {
            return Err(RibError::NotTwentyDigits);
        }
        let remainder = digits.bytes().fold(0, |r, b| (r * 10 + u32::from(b - b'0')) % 97);
        if remainder != 0 || !("01"..="97").contains(&&digits[18..]) {
            Err(RibError::WrongKey(digits.to_owned()))
        } else if check.is_some_and(|check| check != "59") {
            Err(RibError::WrongIban(digits.to_owned()))
        } else {
            Ok(Self(digits.to_owned()))
        }
    }

    #[must_use]
    pub fn bank(&self) -> &str {
        &self.0[..2]
    }

    #[must_use]
    pub fn branch(&self) -> &str {
        &self.0[2..5]
    }

    #[must_use]
    pub fn iban(&self) -> String {
        format!("TN59{}", self.0)
    }
}

impl fmt::Display for Rib {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// Two letters, two check digits, eleven to thirty letters or digits (ISO 13616), of any country but Tunisia.
fn is_foreign_iban(compact: &str) -> bool {
    let bytes = compact.as_bytes();
    (15..=34).contains(&bytes.len())
        && bytes[..2].iter().all(u8::is_ascii_uppercase)
        && bytes[2..4].iter().all(u8::is_ascii_digit)
        && bytes[4..].iter().all(u8::is_ascii_alphanumeric)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn an_iban_gives_its_rib_when_its_own_digits_hold() {
        assert_eq!(Rib::parse("IBAN : TN59 0800 6012 3456 7890 1231").unwrap().iban(), "TN5908006012345678901231");
        assert_eq!(
            Rib::parse("TN60 0800 6012 3456 7890 1231").unwrap_err(),
            RibError::WrongIban("08006012345678901231".into())
        );
        assert_eq!(Rib::parse("FR76 3000 6000 0112 3456 7890 189").unwrap_err(), RibError::Foreign);
        assert_eq!(Rib::parse("1.0006E+19").unwrap_err(), RibError::NotTwentyDigits);
    }

    proptest! {
        #[test]
        fn no_text_panics(text in ".{0,40}") {
            let _ = Rib::parse(&text);
        }

        #[test]
        fn no_single_digit_slip_passes(account in 0_u64..1_000_000_000_000_000_000, at in 0_usize..20, by in 1_u8..10) {
            let account = format!("{account:018}");
            let remainder = account.bytes().chain(*b"00").fold(0, |r, b| (r * 10 + u32::from(b - b'0')) % 97);
            let rib = format!("{account}{:02}", 97 - remainder);
            prop_assert_eq!(Rib::parse(&rib).unwrap().to_string(), rib.clone());
            let mut slipped = rib.into_bytes();
            slipped[at] = (slipped[at] - b'0' + by) % 10 + b'0';
            prop_assert!(Rib::parse(&String::from_utf8(slipped).unwrap()).is_err());
        }
    }
}
