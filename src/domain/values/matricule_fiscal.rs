//! Matricule fiscal `NNNNNNNK/T/C/EEE` and identifiant unique of the business register `NNNNNNNK`.
//!
//! Seven digits weighted 7 to 1, their sum modulo 23 gives the letter K in `ABCDEFGHJKLMNPQRSTVWXYZ` (I, O and U are never
//! used). T is the VAT code (A, B, P, N, F, D), C the category (M, C, P, N, E), EEE the establishment.

use std::fmt;

pub(super) const LETTERS: &[u8; 23] = b"ABCDEFGHJKLMNPQRSTVWXYZ";

/// A tax number whose letter holds and whose codes are known.
///
/// Forms also print its first eight characters alone; it is then [short](Self::is_short), and canonical as it stands.
///
/// ```
/// use guichet::domain::values::MatriculeFiscal;
/// assert_eq!(MatriculeFiscal::parse("1234567 r A M 000").unwrap().to_string(), "1234567R/A/M/000");
/// assert!(MatriculeFiscal::parse("1234567A/A/M/000").is_err());
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct MatriculeFiscal(Parts);

#[derive(Debug, Clone, PartialEq, Eq, Hash)]
struct Parts {
    serial: String,
    key: char,
    rest: Option<Rest>,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash)]
struct Rest {
    vat: char,
    category: char,
    establishment: String,
}

/// `printed` is the canonical form of what stands on the paper.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum MatriculeError {
    #[error("not seven digits, a letter, two codes and three digits")]
    Form,
    /// Well formed, but the letter is not the one the digits give.
    #[error("the letter should be {expected}")]
    WrongLetter { printed: String, expected: char },
    #[error("the VAT code is not one of A, B, P, N, F, D")]
    UnknownVat { printed: String },
    #[error("the category is not one of M, C, P, N, E")]
    UnknownCategory { printed: String },
    /// 000 is the seat; other numbers are secondary establishments, whose category is E.
    #[error("establishment number and category do not agree")]
    Establishment { printed: String },
}

impl MatriculeError {
    /// Canonical form of what stands on the paper; `None` when it has none.
    #[must_use]
    pub fn printed(&self) -> Option<&str> {
        match self {
            Self::Form => None,
            Self::WrongLetter { printed, .. }
            | Self::UnknownVat { printed }
            | Self::UnknownCategory { printed }
            | Self::Establishment { printed } => Some(printed),
        }
    }

    /// Code of the finding that says so about a matricule fiscal.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Self::Form => "mf_form",
            Self::WrongLetter { .. } => "mf_letter",
            Self::UnknownVat { .. } => "mf_vat_code",
            Self::UnknownCategory { .. } => "mf_category_code",
            Self::Establishment { .. } => "mf_establishment",
        }
    }
}

/// The letter that seven digits give; `None` when they are not seven digits.
#[must_use]
pub fn key_letter(serial: &str) -> Option<char> {
    if serial.len() != 7 || !serial.bytes().all(|b| b.is_ascii_digit()) {
        return None;
    }
    let sum: usize = serial.bytes().zip((1..=7).rev()).map(|(b, weight)| usize::from(b - b'0') * weight).sum();
    Some(char::from(LETTERS[sum % 23]))
}

impl MatriculeFiscal {
    /// Takes every written form met: with slashes, dashes, spaces or nothing between the parts, numbers of five digits
    /// or more not padded, a slash before the letter.
    pub fn parse(text: &str) -> Result<Self, MatriculeError> {
        let parts = Parts::parse(text).ok_or(MatriculeError::Form)?;
        let expected = key_letter(&parts.serial).ok_or(MatriculeError::Form)?;
        let printed = || parts.to_string();
        if expected != parts.key {
            return Err(MatriculeError::WrongLetter { printed: printed(), expected });
        }
        if let Some(rest) = &parts.rest {
            if !"ABPNFD".contains(rest.vat) {
                return Err(MatriculeError::UnknownVat { printed: printed() });
            }
            if !"MCPNE".contains(rest.category) {
                return Err(MatriculeError::UnknownCategory { printed: printed() });
            }
            if rest.establishment != "000" && rest.category != 'E' {
                return Err(MatriculeError::Establishment { printed: printed() });
            }
        }
        Ok(Self(parts))
    }

    /// Seven digits: what pairs the documents of one merchant.
    #[must_use]
    pub fn serial(&self) -> &str {
        &self.0.serial
    }

    /// M company, C trader, P profession, N other, E secondary establishment.
    #[must_use]
    pub fn category(&self) -> Option<char> {
        self.0.rest.as_ref().map(|rest| rest.category)
    }

    /// A, B, P, N, F or D.
    #[must_use]
    pub fn vat_code(&self) -> Option<char> {
        self.0.rest.as_ref().map(|rest| rest.vat)
    }

    /// Only the first eight characters are printed.
    #[must_use]
    pub fn is_short(&self) -> bool {
        self.0.rest.is_none()
    }

    /// The first eight characters: the identifiant unique of the business register.
    #[must_use]
    pub fn rne(&self) -> String {
        format!("{}{}", self.0.serial, self.0.key)
    }
}

impl fmt::Display for MatriculeFiscal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl fmt::Display for Parts {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}{}", self.serial, self.key)?;
        match &self.rest {
            Some(rest) => write!(f, "/{}/{}/{}", rest.vat, rest.category, rest.establishment),
            None => Ok(()),
        }
    }
}

impl Parts {
    fn parse(text: &str) -> Option<Self> {
        let compact = compact(text);
        let digits = compact.bytes().take_while(u8::is_ascii_digit).count();
        let (serial, tail) = compact.split_at(digits);
        if !(5..=7).contains(&digits) || !tail.is_ascii() || !matches!(tail.len(), 1 | 6) {
            return None;
        }
        let (codes, establishment) = tail.split_at(tail.len().min(3));
        let mut letters = codes.chars();
        let fits = codes.bytes().all(|b| b.is_ascii_uppercase()) && establishment.bytes().all(|b| b.is_ascii_digit());
        let key = letters.next().filter(|_| fits)?;
        let rest = match (letters.next(), letters.next()) {
            (Some(vat), Some(category)) => Some(Rest { vat, category, establishment: establishment.to_owned() }),
            _ => None,
        };
        Some(Self { serial: format!("{serial:0>7}"), key, rest })
    }
}

/// Seven digits and their letter.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct IdentifiantRne(String);

impl IdentifiantRne {
    pub fn parse(text: &str) -> Result<Self, MatriculeError> {
        let compact = compact(text);
        let digits = compact.bytes().take_while(u8::is_ascii_digit).count();
        let (serial, letter) = compact.split_at(digits);
        let mut letters = letter.chars();
        let (Some(printed), None) = (letters.next(), letters.next()) else { return Err(MatriculeError::Form) };
        if !(5..=7).contains(&digits) || !printed.is_ascii_uppercase() {
            return Err(MatriculeError::Form);
        }
        let serial = format!("{serial:0>7}");
        let expected = key_letter(&serial).ok_or(MatriculeError::Form)?;
        let whole = format!("{serial}{printed}");
        if printed == expected {
            Ok(Self(whole))
        } else {
            Err(MatriculeError::WrongLetter { printed: whole, expected })
        }
    }

    #[must_use]
    pub fn serial(&self) -> &str {
        &self.0[..7]
    }
}

impl fmt::Display for IdentifiantRne {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

fn compact(text: &str) -> String {
    let compact = super::digits::western(text)
        .chars()
        .filter(|c| !c.is_whitespace() && !matches!(c, '/' | '-' | '.' | '\\' | '|' | '_' | ',' | ':'))
        .flat_map(char::to_uppercase)
        .collect::<String>();
    ["MF", "RNE"].iter().find_map(|name| compact.strip_prefix(name)).map_or(compact.clone(), ToOwned::to_owned)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn every_written_form() {
        for text in
            ["1234567R/A/M/000", "1234567 R A M 000", "1234567 /R/A/M/000", "1234567RAM000", "1234567-r/a/m/000"]
        {
            assert_eq!(MatriculeFiscal::parse(text).unwrap().to_string(), "1234567R/A/M/000", "{text}");
        }
        assert_eq!(MatriculeFiscal::parse("2708QAM000").unwrap_err(), MatriculeError::Form);
        assert_eq!(MatriculeFiscal::parse("42704H/A/M/000").unwrap().serial(), "0042704");
        assert_eq!(MatriculeFiscal::parse("M.F. 1234567R/A/M/000").unwrap().rne(), "1234567R");
        assert!(MatriculeFiscal::parse("1234567 R").unwrap().is_short());
        assert_eq!(IdentifiantRne::parse("0002708 q").unwrap().to_string(), "0002708Q");
    }

    proptest! {
        #[test]
        fn the_letter_is_never_one_of_the_unused(serial in 0_u32..10_000_000) {
            let letter = key_letter(&format!("{serial:07}")).unwrap();
            prop_assert!(!"IOU".contains(letter));
        }

        #[test]
        fn no_text_panics(text in ".{0,40}") {
            let _ = (MatriculeFiscal::parse(&text), IdentifiantRne::parse(&text));
        }
    }
}
