//! Parsed values: what a printed text means, in the one canonical form the rest of guichet computes with.
//!
//! [`canonical`] is for readers that hold a text and a type; each type also has a parser of its own for code that must
//! be sure. A text that fails its check keeps its canonical form where it has one (a RIB with a wrong key is still twenty
//! digits), so that a person is shown what was read.

mod amount;
mod country;
mod date;
mod digits;
mod email;
mod governorate;
mod ip;
mod matricule_fiscal;
mod piece;
mod registre_commerce;
mod rib;
mod telephone;
mod url;
#[cfg(test)]
mod vectors;

use serde::Deserialize;

pub use amount::{Amount, AmountError};
pub use country::Country;
pub use date::{DateError, parse as parse_date};
pub use digits::western as western_digits;
pub use email::{Email, EmailError};
pub use governorate::Governorate;
pub use ip::{is_public as is_public_ip, parse as parse_ip};
pub use matricule_fiscal::{IdentifiantRne, MatriculeError, MatriculeFiscal, key_letter};
pub use piece::{Piece, PieceError, PieceKind, compact as compact_identifier};
pub use registre_commerce::{RegistreCommerce, RegistreCommerceError};
pub use rib::{Rib, RibError};
pub use telephone::{Telephone, TelephoneError};
pub use url::{Url, UrlError, has_known_ending, registrable_domain};

/// How a printed value becomes a canonical one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ValueType {
    Text,
    PersonName,
    Rib,
    MatriculeFiscal,
    IdentifiantRne,
    RegistreCommerce,
    PieceNumero,
    Telephone,
    Email,
    Url,
    Date,
    Amount,
    Integer,
    Percent,
    CodePostal,
    CodeBanque,
    CodeAgence,
    Mcc,
    Ip,
    IpList,
    Country,
    Governorate,
    Bank,
    Flag,
    Choice,
    Choices,
    Rows,
    /// Is there a signature or a stamp.
    Ink,
}

/// A text in canonical form, with what its check says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Canonical {
    pub text: String,
    pub check: Check,
}

/// How much the text itself proves.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Check {
    /// A check digit or letter holds: a misreading is all but ruled out.
    Proven,
    /// It has the form its type asks for.
    Formed,
    /// The type asks for no form.
    Free,
    /// It can be read in two ways; the text is the likelier one.
    Ambiguous,
    /// It fails; the code of the finding that says so.
    Fails(&'static str),
}

impl Check {
    /// Proven, formed or free.
    #[must_use]
    pub fn holds(self) -> bool {
        matches!(self, Self::Proven | Self::Formed | Self::Free)
    }
}

/// Brings a printed text to the canonical form of its type.
///
/// Lists, choices, flags, rows and ink are not one text: their text comes back tidied, as free text.
#[must_use]
pub fn canonical(value_type: ValueType, printed: &str) -> Canonical {
    let text = tidy(printed);
    let formed = |text: String| Canonical { text, check: Check::Formed };
    let fails = |text: String, code| Canonical { text, check: Check::Fails(code) };
    match value_type {
        ValueType::Rib => match Rib::parse(&text) {
            Ok(rib) => Canonical { text: rib.to_string(), check: Check::Proven },
            Err(RibError::WrongKey(digits)) => fails(digits, "rib_key"),
            Err(RibError::WrongIban(digits)) => fails(digits, "iban_key"),
            Err(RibError::Foreign) => fails(text, "iban_foreign"),
            Err(RibError::NotTwentyDigits) => fails(text, "rib_length"),
        },
        ValueType::MatriculeFiscal => match MatriculeFiscal::parse(&text) {
            Ok(matricule) => Canonical { text: matricule.to_string(), check: Check::Proven },
            Err(err) => fails(err.printed().map_or(text, ToOwned::to_owned), err.code()),
        },
        ValueType::IdentifiantRne => match IdentifiantRne::parse(&text) {
            Ok(rne) => Canonical { text: rne.to_string(), check: Check::Proven },
            Err(MatriculeError::WrongLetter { printed, .. }) => fails(printed, "rne_letter"),
            Err(_) => fails(text, "rne_form"),
        },
        ValueType::RegistreCommerce => match RegistreCommerce::parse(&text) {
            Ok(number) => formed(number.to_string()),
            Err(_) => fails(text, "rc_form"),
        },
        ValueType::PieceNumero => piece::canonical(&text),
        ValueType::Telephone => match Telephone::parse(&text) {
            Ok(telephone) => formed(telephone.to_string()),
            Err(_) => fails(text, "bad_phone"),
        },
        ValueType::Email => match Email::parse(&text) {
            Ok(email) => formed(email.to_string()),
            Err(_) => fails(text, "bad_email"),
        },
        ValueType::Url => match Url::parse(&text) {
            Ok(url) => formed(url.to_string()),
            Err(err) => fails(url::with_scheme(&text), err.code()),
        },
        ValueType::Date => match parse_date(&text) {
            Ok(date) => formed(date.to_string()),
            Err(_) => fails(text, "bad_date"),
        },
        ValueType::Amount => match Amount::parse(&text) {
            Ok(amount) => formed(amount.to_string()),
            Err(AmountError::Ambiguous(likelier)) => Canonical { text: likelier.to_string(), check: Check::Ambiguous },
            Err(AmountError::NotAnAmount) => fails(text, "bad_amount"),
        },
        ValueType::Percent => match Amount::parse(text.trim_end_matches(['%', ' '])) {
            Ok(amount) | Err(AmountError::Ambiguous(amount)) => formed(amount.to_string()),
            Err(AmountError::NotAnAmount) => fails(text, "bad_amount"),
        },
        ValueType::Integer => match digits::whole_number(&text) {
            Some(number) => formed(number),
            None => fails(text, "bad_number"),
        },
        ValueType::CodePostal => exact_digits(text, 4, "bad_postal_code"),
        ValueType::CodeBanque => exact_digits(text, 2, "bad_bank_code"),
        ValueType::CodeAgence => exact_digits(text, 3, "bad_branch_code"),
        ValueType::Mcc => exact_digits(text, 4, "unknown_mcc"),
        ValueType::Ip => match ip::parse(&text) {
            Some(ip) if ip::is_public(ip) => formed(text.replace(' ', "")),
            Some(_) => fails(text.replace(' ', ""), "private_ip"),
            None => fails(text, "bad_ip"),
        },
        ValueType::Country => match Country::parse(&text) {
            Some(country) => formed(country.to_string()),
            None => fails(text, "unknown_country"),
        },
        ValueType::Governorate => match Governorate::parse(&text) {
            Some(governorate) => formed(governorate.to_string()),
            None => fails(text, "unknown_governorate"),
        },
        ValueType::Text
        | ValueType::PersonName
        | ValueType::Bank
        | ValueType::Flag
        | ValueType::Choice
        | ValueType::Choices
        | ValueType::IpList
        | ValueType::Rows
        | ValueType::Ink => Canonical { text, check: Check::Free },
    }
}

fn exact_digits(text: String, length: usize, code: &'static str) -> Canonical {
    let compact: String =
        digits::western(&text).chars().filter(|c| !c.is_whitespace() && !matches!(c, '.' | '-' | '|' | '_')).collect();
    if compact.len() == length && compact.bytes().all(|b| b.is_ascii_digit()) {
        Canonical { text: compact, check: Check::Formed }
    } else {
        Canonical { text, check: Check::Fails(code) }
    }
}

/// NFC, typographic apostrophes straightened, white space collapsed.
#[must_use]
pub fn tidy(text: &str) -> String {
    use unicode_normalization::UnicodeNormalization;
    let mut out = String::with_capacity(text.len());
    for c in text.nfc() {
        match c {
            '\u{2019}' | '\u{2bc}' => out.push('\''),
            '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{2069}' | '\u{feff}' => {}
            c if c.is_whitespace() => {
                if !out.is_empty() && !out.ends_with(' ') {
                    out.push(' ');
                }
            }
            c => out.push(c),
        }
    }
    out.truncate(out.trim_end().len());
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_fails_keeps_its_canonical_form() {
        let rib = canonical(ValueType::Rib, "08 006 0123456789012 32");
        assert_eq!((rib.text.as_str(), rib.check), ("08006012345678901232", Check::Fails("rib_key")));
        let ip = canonical(ValueType::Ip, "192.168.1.4");
        assert_eq!(ip.check, Check::Fails("private_ip"));
        assert_eq!(canonical(ValueType::Url, "shop.tn").text, "https://shop.tn");
        assert_eq!(canonical(ValueType::Url, "http://shop.tn").check, Check::Fails("url_not_https"));
    }

    #[test]
    fn tidy_keeps_words_and_drops_what_is_not_seen() {
        assert_eq!(tidy("  L\u{2019}atelier \u{a0} d\u{200f}e\u{301}co "), "L'atelier déco");
    }
}
