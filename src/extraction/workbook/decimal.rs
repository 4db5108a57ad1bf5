//! Numbers as workbooks write them, kept in their digits: no identifier passes through a float.

/// A number as its file writes it, without exponent: `-12.5`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Decimal {
    pub(super) negative: bool,
    /// Without leading zeros; empty for none.
    pub(super) whole: String,
    /// Without trailing zeros.
    pub(super) part: String,
}

/// Digits that a spreadsheet keeps of a number.
const KEPT: usize = 15;
/// Beyond any number of a form; `1E999999999` must not become a string of zeros.
const LONGEST: i32 = 400;

impl Decimal {
    /// Reads `12`, `-1.50`, `1.0294E+19`.
    pub(super) fn parse(text: &str) -> Option<Self> {
        let text = text.trim();
        let (mantissa, exponent) = match text.split_once(['e', 'E']) {
            Some((mantissa, exponent)) => (mantissa, exponent.parse::<i32>().ok()?),
            None => (text, 0),
        };
        let (negative, mantissa) = match mantissa.strip_prefix('-') {
            Some(rest) => (true, rest),
            None => (false, mantissa.strip_prefix('+').unwrap_or(mantissa)),
        };
        let (whole, part) = mantissa.split_once('.').unwrap_or((mantissa, ""));
        let digits = [whole, part].concat();
        if digits.is_empty() || !digits.bytes().all(|b| b.is_ascii_digit()) || exponent.abs() > LONGEST {
            return None;
        }
        let point = i32::try_from(whole.len()).ok()? + exponent;
        Some(Self::new(negative, &digits, point))
    }

    /// `digits` with the point before position `point`, which may lie outside.
    fn new(negative: bool, digits: &str, point: i32) -> Self {
        let zeros = |count: i32| "0".repeat(usize::try_from(count).unwrap_or(0));
        let length = i32::try_from(digits.len()).unwrap_or(i32::MAX);
        let (whole, part) = if point <= 0 {
            (String::new(), zeros(-point) + digits)
        } else if point >= length {
            (digits.to_owned() + &zeros(point - length), String::new())
        } else {
            let (whole, part) = digits.split_at(usize::try_from(point).unwrap_or(0));
            (whole.to_owned(), part.to_owned())
        };
        let whole = whole.trim_start_matches('0').to_owned();
        let part = part.trim_end_matches('0').to_owned();
        Self { negative: negative && !(whole.is_empty() && part.is_empty()), whole, part }
    }

    /// A spreadsheet keeps fifteen digits: a whole number with more has lost some.
    pub(super) fn is_precise(&self) -> bool {
        self.whole.len() <= KEPT
    }

    /// Decimals beyond what a spreadsheet keeps are the noise of its floats: `0.10000000000000001` is `0.1`.
    pub(super) fn without_noise(self) -> Self {
        let significant = self.whole.len() + self.part.trim_start_matches('0').len();
        if self.part.is_empty() || significant <= KEPT || self.whole.len() >= KEPT {
            return self;
        }
        let leading = if self.whole.is_empty() { self.part.len() - self.part.trim_start_matches('0').len() } else { 0 };
        self.rounded(KEPT - self.whole.len() + leading)
    }

    /// Rounded half away from zero to so many decimals.
    pub(super) fn rounded(&self, decimals: usize) -> Self {
        if self.part.len() <= decimals {
            return self.clone();
        }
        let up = self.part.as_bytes()[decimals] >= b'5';
        let mut digits: Vec<u8> = format!("0{}{}", self.whole, &self.part[..decimals]).into_bytes();
        if up {
            for digit in digits.iter_mut().rev() {
                if *digit == b'9' {
                    *digit = b'0';
                } else {
                    *digit += 1;
                    break;
                }
            }
        }
        let digits = String::from_utf8(digits).expect("ASCII digits");
        Self::new(self.negative, &digits, i32::try_from(self.whole.len() + 1).unwrap_or(0))
    }

    pub(super) fn shifted(&self, places: i32) -> Self {
        let digits = [self.whole.as_str(), self.part.as_str()].concat();
        Self::new(self.negative, &digits, i32::try_from(self.whole.len()).unwrap_or(0) + places)
    }

    pub(super) fn is_zero(&self) -> bool {
        self.whole.is_empty() && self.part.is_empty()
    }

    /// Whole days and the share of the last one, for a date.
    pub(super) fn as_days(&self) -> Option<(i64, f64)> {
        let days: i64 = if self.whole.is_empty() { 0 } else { self.whole.parse().ok()? };
        let share: f64 = format!("0.{}", self.part).parse().ok()?;
        (!self.negative).then_some((days, share))
    }
}

impl std::fmt::Display for Decimal {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let whole = if self.whole.is_empty() { "0" } else { &self.whole };
        let (sign, point) = (if self.negative { "-" } else { "" }, if self.part.is_empty() { "" } else { "." });
        write!(f, "{sign}{whole}{point}{}", self.part)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn long_numbers_say_that_they_lost_digits() {
        let parsed = |text: &str| Decimal::parse(text).unwrap();
        assert!(!parsed("1.0294885325831371E+19").is_precise());
        assert!(!parsed("10294885325831300000").is_precise());
        assert!(parsed("2101895971469").is_precise());
        assert_eq!(parsed("0.10000000000000001").without_noise().to_string(), "0.1");
        assert_eq!(parsed("459.99999999999994").without_noise().to_string(), "460");
        assert_eq!(Decimal::parse("1E999999999"), None);
        assert_eq!(Decimal::parse("12a"), None);
    }
}
