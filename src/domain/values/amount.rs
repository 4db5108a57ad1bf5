//! Amounts in dinars, to the millime.

use std::fmt;

/// Millimes; shown as dinars with three decimals and a point.
///
/// ```
/// use guichet::domain::values::Amount;
/// assert_eq!(Amount::parse("785 000,000 DT").unwrap().to_string(), "785000.000");
/// assert_eq!(Amount::parse("1 054 TND").unwrap().to_string(), "1054.000");
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Amount(u64);

#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum AmountError {
    #[error("not an amount")]
    NotAnAmount,
    /// `1.057`: a thousand or a little more than one; holds the likelier.
    #[error("the point may part thousands or decimals")]
    Ambiguous(Amount),
}

impl Amount {
    /// A comma parts decimals; points and spaces part groups of three, unless the point stands alone before one, two or
    /// more than three digits. A currency may stand before or after.
    pub fn parse(text: &str) -> Result<Self, AmountError> {
        let text = super::digits::western(text).to_lowercase();
        let number = strip_currency(text.trim());
        let number: String = number.chars().filter(|c| !c.is_whitespace() && *c != '\'').collect();
        let last = |c| number.rfind(c);
        let count = |c| number.matches(c).count();
        let (whole, decimals) = match (last('.'), last(',')) {
            (None, None) => (number.as_str(), ""),
            (Some(point), Some(comma)) => {
                let (at, mark) = if point > comma { (point, '.') } else { (comma, ',') };
                if count(mark) > 1 {
                    return Err(AmountError::NotAnAmount);
                }
                (&number[..at], &number[at + 1..])
            }
            (Some(_), None) if count('.') > 1 => (number.as_str(), ""),
            (None, Some(_)) if count(',') > 1 => (number.as_str(), ""),
            (Some(at), None) | (None, Some(at)) => (&number[..at], &number[at + 1..]),
        };
        let amount = Self::from_parts(whole, decimals).ok_or(AmountError::NotAnAmount)?;
        let lone_point = count('.') == 1 && count(',') == 0 && decimals.len() == 3;
        if lone_point && !whole.starts_with('0') && whole.len() <= 3 {
            return Err(AmountError::Ambiguous(amount));
        }
        Ok(amount)
    }

    /// As it is written on paper: `785 000,000`, groups and number held together.
    #[must_use]
    pub fn in_groups(self) -> String {
        let dinars = (self.0 / 1000).to_string();
        let mut out = String::new();
        for (at, digit) in dinars.chars().enumerate() {
            if at > 0 && (dinars.len() - at).is_multiple_of(3) {
                out.push('\u{a0}');
            }
            out.push(digit);
        }
        format!("{out},{:03}", self.0 % 1000)
    }

    fn from_parts(whole: &str, decimals: &str) -> Option<Self> {
        let groups: Vec<&str> = whole.split(['.', ',']).collect();
        let grouped = groups.len() == 1 || groups[1..].iter().all(|group| group.len() == 3);
        let digits = groups.concat();
        let all_digits = |text: &str| text.bytes().all(|b| b.is_ascii_digit());
        if !grouped || digits.is_empty() || digits.len() > 12 || !all_digits(&digits) || !all_digits(decimals) {
            return None;
        }
        // A spreadsheet may give more decimals than there are millimes, as long as they are zeros.
        let (millimes, beyond) = decimals.split_at(decimals.len().min(3));
        if beyond.bytes().any(|b| b != b'0') {
            return None;
        }
        format!("{digits}{millimes:0<3}").parse().ok().map(Self)
    }

    #[must_use]
    pub fn millimes(self) -> u64 {
        self.0
    }
}

impl fmt::Display for Amount {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{:03}", self.0 / 1000, self.0 % 1000)
    }
}

fn strip_currency(text: &str) -> &str {
    const CURRENCIES: [&str; 9] =
        ["dinars tunisiens", "dinar tunisien", "dinars", "dinar", "tnd", "d.t.", "dt", "د.ت", "دينار"];
    let mut text = text.trim_end_matches('.');
    for currency in CURRENCIES {
        text = text.strip_suffix(currency).unwrap_or(text).trim();
        text = text.strip_prefix(currency).unwrap_or(text).trim();
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn separators() {
        let shown = |text| Amount::parse(text).map(|amount| amount.to_string());
        assert_eq!(shown("1.057,000").as_deref(), Ok("1057.000"));
        assert_eq!(shown("972.922,000").as_deref(), Ok("972922.000"));
        assert_eq!(shown("620,900 DT").as_deref(), Ok("620.900"));
        assert_eq!(shown("1,250.500").as_deref(), Ok("1250.500"));
        assert_eq!(shown("1196.9").as_deref(), Ok("1196.900"));
        assert_eq!(shown("1.250.000").as_deref(), Ok("1250000.000"));
        assert_eq!(shown("772.000,000 dinars").as_deref(), Ok("772000.000"));
        assert_eq!(shown("1.057"), Err(AmountError::Ambiguous(Amount(1057))));
        assert_eq!(shown("1250.500").as_deref(), Ok("1250.500"));
        assert_eq!(shown("1 2a"), Err(AmountError::NotAnAmount));
        assert_eq!(shown(""), Err(AmountError::NotAnAmount));
    }
}
