//! Identity papers: CIN (8 digits, the first 0 or 1), carte de séjour (9 digits), passport (5 to 15 letters and digits).

use super::{Canonical, Check};

/// Upper case, without the spaces, dots and dashes of the printer.
#[must_use]
pub fn compact(text: &str) -> String {
    super::digits::western(text)
        .chars()
        .filter(|c| !c.is_whitespace() && !matches!(c, '.' | '-' | '/' | '_' | '|'))
        .flat_map(char::to_uppercase)
        .collect()
}

pub(super) fn canonical(text: &str) -> Canonical {
    let compact = compact(text);
    let digits = compact.bytes().all(|b| b.is_ascii_digit());
    let fits = match compact.len() {
        // Seven digits are a CIN that lost its leading zero.
        8 | 9 => true,
        5..=15 => !digits,
        _ => false,
    };
    if fits && compact.bytes().all(|b| b.is_ascii_alphanumeric()) {
        Canonical { text: compact, check: Check::Formed }
    } else {
        Canonical { text: text.to_owned(), check: Check::Fails("bad_piece") }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn papers() {
        assert_eq!(canonical("07 957 133"), Canonical { text: "07957133".into(), check: Check::Formed });
        assert_eq!(canonical("x 123456").text, "X123456");
        assert_eq!(canonical("7957133").check, Check::Fails("bad_piece"));
    }
}
