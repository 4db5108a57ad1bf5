//! Number in the trade register as printed before the national business register: a letter and digits (`B176041996`).

use std::fmt;

/// Letters, then digits, without separators; or the business register's own number, which newer forms print here.
///
/// ```
/// use guichet::domain::values::RegistreCommerce;
/// assert_eq!(RegistreCommerce::parse("B 0123.45.2014").unwrap().to_string(), "B0123452014");
/// assert!(RegistreCommerce::parse("en cours").is_err());
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct RegistreCommerce(String);

#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not a letter and six to eleven digits")]
pub struct RegistreCommerceError;

impl RegistreCommerce {
    pub fn parse(text: &str) -> Result<Self, RegistreCommerceError> {
        let compact = super::compact_identifier(text);
        if !compact.is_ascii() {
            return Err(RegistreCommerceError);
        }
        let letters = compact.bytes().take_while(u8::is_ascii_uppercase).count();
        let old = (1..=2).contains(&letters)
            && (6..=11).contains(&(compact.len() - letters))
            && compact[letters..].bytes().all(|b| b.is_ascii_digit());
        let new = compact.len() == 8
            && compact[..7].bytes().all(|b| b.is_ascii_digit())
            && compact[7..].bytes().all(|b| b.is_ascii_uppercase());
        if old || new { Ok(Self(compact)) } else { Err(RegistreCommerceError) }
    }
}

impl fmt::Display for RegistreCommerce {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::RegistreCommerce;
    use proptest::prelude::*;

    #[test]
    fn both_numbers_of_a_company_are_known() {
        for (text, canonical) in
            [("b176041996", "B176041996"), ("1234567 R", "1234567R"), ("RC12345672010", "RC12345672010")]
        {
            assert_eq!(RegistreCommerce::parse(text).unwrap().to_string(), canonical, "{text}");
        }
        for text in ["", "B12", "176041996", "Bé123456"] {
            assert!(RegistreCommerce::parse(text).is_err(), "{text}");
        }
    }

    proptest! {
        #[test]
        fn no_text_panics_and_what_parses_comes_back(text in ".{0,20}") {
            if let Ok(number) = RegistreCommerce::parse(&text) {
                prop_assert_eq!(RegistreCommerce::parse(&number.to_string()), Ok(number));
            }
        }
    }
}
