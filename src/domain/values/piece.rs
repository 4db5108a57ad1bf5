//! Identity papers: CIN (8 digits, in practice the first is 0 or 1), carte de séjour (9 digits, or letters and digits),
//! passport (5 to 15 letters and digits).

use std::fmt;

use super::{Canonical, Check};

/// Which paper a number is of; spelled as the forms' choices spell it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum PieceKind {
    Cin,
    CarteSejour,
    Passeport,
}

impl PieceKind {
    /// ```
    /// use guichet::domain::values::PieceKind;
    /// assert_eq!(PieceKind::parse("carte de séjour"), Some(PieceKind::CarteSejour));
    /// ```
    #[must_use]
    pub fn parse(choice: &str) -> Option<Self> {
        match choice {
            "CIN" => Some(Self::Cin),
            "carte de séjour" => Some(Self::CarteSejour),
            "passeport" => Some(Self::Passeport),
            _ => None,
        }
    }
}

/// The number of a paper whose kind is known.
///
/// ```
/// use guichet::domain::values::{Piece, PieceError, PieceKind};
/// assert_eq!(Piece::parse(PieceKind::Cin, "0123 4567").unwrap().to_string(), "01234567");
/// assert_eq!(Piece::parse(PieceKind::Cin, "1234567"), Err(PieceError::LostZero("01234567".to_owned())));
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Piece {
    kind: PieceKind,
    number: String,
}

#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum PieceError {
    #[error("not as long as the numbers of this paper")]
    Length,
    #[error("a character that numbers of this paper do not have")]
    Character,
    /// Seven digits of a CIN: a spreadsheet has most likely dropped the leading zero; holds what it was.
    #[error("seven digits; {0} is meant, most likely")]
    LostZero(String),
}

impl Piece {
    pub fn parse(kind: PieceKind, text: &str) -> Result<Self, PieceError> {
        let number = compact(text);
        let digits = number.bytes().all(|b| b.is_ascii_digit());
        if kind == PieceKind::Cin && digits && number.len() == 7 {
            return Err(PieceError::LostZero(format!("0{number}")));
        }
        let lettered =
            !digits && number.bytes().all(|b| b.is_ascii_alphanumeric()) && number.bytes().any(|b| b.is_ascii_digit());
        let length = match kind {
            PieceKind::Cin => 8..=8,
            PieceKind::CarteSejour if lettered => 7..=10,
            PieceKind::CarteSejour => 9..=9,
            PieceKind::Passeport => 5..=15,
        };
        if !digits && (kind == PieceKind::Cin || !lettered) {
            Err(PieceError::Character)
        } else if !length.contains(&number.len()) {
            Err(PieceError::Length)
        } else {
            Ok(Self { kind, number })
        }
    }

    /// A CIN that begins as CINs do; true of the other papers, whose first character says nothing.
    #[must_use]
    pub fn begins_as_usual(&self) -> bool {
        self.kind != PieceKind::Cin || self.number.starts_with(['0', '1'])
    }
}

impl fmt::Display for Piece {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.number)
    }
}

/// Upper case, without the spaces, dots and dashes of the printer.
#[must_use]
pub fn compact(text: &str) -> String {
    super::digits::western(text)
        .chars()
        .filter(|c| !c.is_whitespace() && !matches!(c, '.' | '-' | '/' | '_' | '|'))
        .flat_map(char::to_uppercase)
        .collect()
}

/// A number whose paper is not known yet. Digits alone are a CIN or a carte de séjour; a passport shows by its letter.
pub(super) fn canonical(text: &str) -> Canonical {
    let compact = compact(text);
    let digits = compact.bytes().all(|b| b.is_ascii_digit());
    let of_any: &[PieceKind] = if digits { &[PieceKind::Cin, PieceKind::CarteSejour] } else { &[PieceKind::Passeport] };
    match of_any.iter().find_map(|kind| Piece::parse(*kind, &compact).ok()) {
        Some(piece) => Canonical { text: piece.to_string(), check: Check::Formed },
        None if digits => Canonical { text: compact, check: Check::Fails("bad_piece") },
        None => Canonical { text: text.to_owned(), check: Check::Fails("bad_piece") },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn papers_of_no_known_kind() {
        assert_eq!(canonical("07 957 133"), Canonical { text: "07957133".into(), check: Check::Formed });
        assert_eq!(canonical("x 123456").text, "X123456");
        assert_eq!(canonical("7957133").check, Check::Fails("bad_piece"));
        assert_eq!(canonical("voir copie jointe").check, Check::Fails("bad_piece"));
    }

    #[test]
    fn each_paper_has_its_own_form() {
        assert!(!Piece::parse(PieceKind::Cin, "45678901").unwrap().begins_as_usual());
        assert_eq!(Piece::parse(PieceKind::Cin, "0123456A"), Err(PieceError::Character));
        assert_eq!(Piece::parse(PieceKind::Cin, "123456789"), Err(PieceError::Length));
        assert_eq!(Piece::parse(PieceKind::CarteSejour, "12345678"), Err(PieceError::Length));
        assert!(Piece::parse(PieceKind::CarteSejour, "AB 123456").is_ok());
        assert!(Piece::parse(PieceKind::Passeport, "z 123 456").is_ok());
    }
}
