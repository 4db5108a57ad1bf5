//! How a number looks by its format code (ECMA-376 part 1, §18.8.31), worked out on its digits and never on a float.
//!
//! As shown to a French-speaking reader: spaces between thousands, a comma before decimals, dates day first.

use std::iter::Peekable;
use std::str::Chars;

use jiff::civil::{Date, DateTime, Time};

/// A number as its file writes it, without exponent: `-12.5`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Decimal {
    negative: bool,
    /// Without leading zeros; empty for none.
    whole: String,
    /// Without trailing zeros.
    part: String,
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
    fn rounded(&self, decimals: usize) -> Self {
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

    fn shifted(&self, places: i32) -> Self {
        let digits = [self.whole.as_str(), self.part.as_str()].concat();
        Self::new(self.negative, &digits, i32::try_from(self.whole.len()).unwrap_or(0) + places)
    }

    fn is_zero(&self) -> bool {
        self.whole.is_empty() && self.part.is_empty()
    }

    /// Whole days and the share of the last one, for a date.
    fn as_days(&self) -> Option<(i64, f64)> {
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

/// A cell's number format: its code, as the file gives it or as built in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Format {
    pub(super) code: String,
    sections: Vec<Vec<Token>>,
}

/// What a format code is made of.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Token {
    Literal(String),
    /// `0`: a digit, always; `#` and `?`: a digit where there is one.
    Digit(char),
    Point,
    Comma,
    Percent,
    Exponent,
    /// `@`, the text itself.
    Text,
    /// `General`.
    General,
    /// A run of one of d, m, y, h, s and its length.
    Time(char, usize),
    /// `AM/PM`.
    HalfDay,
}

/// The codes of built-in formats; dates as a French system shows them.
pub(super) fn built_in(id: u32) -> &'static str {
    match id {
        1 => "0",
        2 => "0.00",
        3 => "#,##0",
        4 => "#,##0.00",
        9 => "0%",
        10 => "0.00%",
        11 => "0.00E+00",
        14 => "dd/mm/yyyy",
        15 => "d-mmm-yy",
        16 => "d-mmm",
        17 => "mmm-yy",
        18 | 20 => "hh:mm",
        19 | 21 => "hh:mm:ss",
        22 => "dd/mm/yyyy hh:mm",
        37 | 38 => "#,##0;-#,##0",
        39 | 40 => "#,##0.00;-#,##0.00",
        45 => "mm:ss",
        46 => "[h]:mm:ss",
        47 => "mm:ss.0",
        48 => "##0.0E+0",
        49 => "@",
        _ => "General",
    }
}

impl Format {
    pub(super) fn parse(code: &str) -> Self {
        let mut sections = vec![Vec::new()];
        let mut chars = code.chars().peekable();
        while let Some(c) = chars.next() {
            if c == ';' && sections.len() < 4 {
                sections.push(Vec::new());
            } else if let Some(token) = token(c, &mut chars) {
                sections.last_mut().expect("there is one from the start").push(token);
            }
        }
        Self { code: code.to_owned(), sections }
    }

    /// A date, a time, or both.
    pub(super) fn is_date(&self) -> bool {
        let has = |test: fn(&Token) -> bool| self.sections[0].iter().any(test);
        has(|t| matches!(t, Token::Time(..))) && !has(|t| matches!(t, Token::Digit('#') | Token::General))
    }

    /// A number as shown.
    pub(super) fn show(&self, number: &Decimal) -> String {
        let section = match (self.sections.len(), number) {
            (2.., n) if n.negative => &self.sections[1],
            (3.., n) if n.is_zero() => &self.sections[2],
            _ => &self.sections[0],
        };
        let own_sign = self.sections.len() >= 2 && number.negative;
        show_number(section, &Decimal { negative: number.negative && !own_sign, ..number.clone() })
    }

    /// A date as shown.
    pub(super) fn show_date(&self, at: DateTime) -> String {
        show_date(&self.sections[0], at)
    }
}

fn token(c: char, rest: &mut Peekable<Chars<'_>>) -> Option<Token> {
    Some(match c {
        '"' => Token::Literal(rest.by_ref().take_while(|c| *c != '"').collect()),
        '\\' => Token::Literal(rest.next()?.to_string()),
        // The width of a sign, a filling: nothing to read.
        '_' | '*' => {
            rest.next();
            return None;
        }
        // Colours, conditions, languages; `[$DT-1C01]` names a currency.
        '[' => {
            let inside: String = rest.by_ref().take_while(|c| *c != ']').collect();
            match inside.strip_prefix('$') {
                Some(currency) => Token::Literal(currency.split('-').next().unwrap_or_default().to_owned()),
                None if !inside.is_empty() && inside.bytes().all(|b| matches!(b, b'h' | b'm' | b's')) => {
                    Token::Time(inside.chars().next()?, inside.len())
                }
                None => return None,
            }
        }
        '0' | '#' | '?' => Token::Digit(c),
        '.' => Token::Point,
        ',' => Token::Comma,
        '%' => Token::Percent,
        '@' => Token::Text,
        'E' if matches!(rest.peek(), Some('+' | '-')) => {
            rest.next();
            Token::Exponent
        }
        'G' if rest.clone().take(6).eq("eneral".chars()) => {
            rest.by_ref().take(6).for_each(drop);
            Token::General
        }
        'A' if rest.clone().take(4).eq("M/PM".chars()) => {
            rest.by_ref().take(4).for_each(drop);
            Token::HalfDay
        }
        // j and a are day and year in the codes of French programs.
        'd' | 'D' | 'm' | 'M' | 'y' | 'Y' | 'h' | 'H' | 's' | 'S' | 'j' | 'J' | 'a' => {
            let unit = c.to_ascii_lowercase();
            let mut length = 1;
            while rest.peek().is_some_and(|next| next.to_ascii_lowercase() == unit) {
                rest.next();
                length += 1;
            }
            Token::Time(
                match unit {
                    'j' => 'd',
                    'a' => 'y',
                    unit => unit,
                },
                length,
            )
        }
        c => Token::Literal(c.to_string()),
    })
}

fn show_number(section: &[Token], number: &Decimal) -> String {
    let is_digit = |token: &Token| matches!(token, Token::Digit(_));
    if section.contains(&Token::Exponent) || !section.iter().any(is_digit) {
        // A format for texts, or one that would hide digits: the number itself.
        let literals = section.iter().filter_map(|t| if let Token::Literal(s) = t { Some(s.as_str()) } else { None });
        let plain = number.to_string().replace('.', ",");
        return if section.iter().any(|t| *t == Token::Text || *t == Token::General || *t == Token::Exponent) {
            section.iter().fold(String::new(), |text, token| match token {
                Token::Literal(literal) => text + literal,
                Token::Text | Token::General | Token::Exponent => text + &plain,
                _ => text,
            })
        } else if section.is_empty() {
            plain
        } else {
            literals.collect()
        };
    }
    let point = section.iter().position(|t| *t == Token::Point).unwrap_or(section.len());
    let last = section.iter().rposition(is_digit).unwrap_or(0);
    let first = section.iter().position(is_digit).unwrap_or(0);
    let decimals = section[point..].iter().filter(|t| is_digit(t)).count();
    let always = section[point..].iter().filter(|t| **t == Token::Digit('0')).count();
    let filled = section[..point].iter().filter(|t| **t == Token::Digit('0')).count();
    let grouped = section[first..=last].iter().enumerate().any(|(i, t)| *t == Token::Comma && first + i < point);
    let thousands = section.get(last + 1..).unwrap_or_default().iter().filter(|t| **t == Token::Comma).count();
    let hundreds = section.iter().filter(|t| **t == Token::Percent).count();
    let shift = 2 * i32::try_from(hundreds).unwrap_or(0) - 3 * i32::try_from(thousands).unwrap_or(0);
    let number = number.shifted(shift).rounded(decimals);

    let mut part = number.part.clone();
    while part.len() < always {
        part.push('0');
    }
    let mut digits: Vec<char> = number.whole.chars().collect();
    while digits.len() < filled {
        digits.insert(0, '0');
    }
    let slots = section[..point].iter().filter(|t| is_digit(t)).count();
    let mut shown = String::new();
    if number.negative {
        shown.push('-');
    }
    // Digits beyond the first slot stand before it; slots without a digit show nothing.
    let mut next = 0;
    let mut slot = 0;
    for (i, token) in section.iter().enumerate() {
        match token {
            Token::Digit(_) if i < point => {
                let upto = (digits.len() + slot + 1).saturating_sub(slots);
                while next < upto {
                    if grouped && next > 0 && (digits.len() - next).is_multiple_of(3) {
                        shown.push(' ');
                    }
                    shown.push(digits[next]);
                    next += 1;
                }
                slot += 1;
            }
            Token::Point if decimals > 0 && !part.is_empty() => {
                shown.push(',');
                shown.push_str(&part);
            }
            Token::Percent => shown.push('%'),
            Token::Literal(literal) => shown.push_str(literal),
            _ => {}
        }
    }
    shown
}

/// Day zero of the two date systems; the first counts a 29 February 1900 that never was.
pub(super) fn date_of(number: &Decimal, since_1904: bool) -> Option<DateTime> {
    let (mut days, share) = number.as_days()?;
    #[expect(clippy::cast_possible_truncation, reason = "the seconds of a day")]
    let mut seconds = (share * 86_400.0).round() as i64;
    if seconds >= 86_400 {
        (days, seconds) = (days + 1, 0);
    }
    let zero = match (since_1904, days) {
        (true, _) => jiff::civil::date(1904, 1, 1),
        (false, ..60) => jiff::civil::date(1899, 12, 31),
        (false, _) => jiff::civil::date(1899, 12, 30),
    };
    let date: Date = zero.checked_add(jiff::Span::new().try_days(days).ok()?).ok()?;
    let time = Time::midnight().checked_add(jiff::Span::new().try_seconds(seconds).ok()?).ok()?;
    Some(date.to_datetime(time))
}

/// ISO 8601: the day alone at midnight.
pub(super) fn iso(at: DateTime) -> String {
    if at.time() == Time::midnight() { at.date().to_string() } else { at.to_string() }
}

fn show_date(section: &[Token], at: DateTime) -> String {
    const MONTHS: [&str; 12] = [
        "janvier",
        "février",
        "mars",
        "avril",
        "mai",
        "juin",
        "juillet",
        "août",
        "septembre",
        "octobre",
        "novembre",
        "décembre",
    ];
    const DAYS: [&str; 7] = ["lundi", "mardi", "mercredi", "jeudi", "vendredi", "samedi", "dimanche"];
    let month = MONTHS[usize::try_from(at.month() - 1).unwrap_or(0) % 12];
    let weekday = DAYS[usize::try_from(at.date().weekday().to_monday_zero_offset()).unwrap_or(0) % 7];
    let short = |name: &str| name.chars().take(4).collect::<String>();
    let times: Vec<usize> =
        section.iter().enumerate().filter(|(_, t)| matches!(t, Token::Time(..))).map(|(i, _)| i).collect();
    // m is minutes after hours and before seconds.
    let minutes = |i: usize| {
        let at = times.iter().position(|t| *t == i).unwrap_or(0);
        let unit = |k: Option<&usize>| k.and_then(|k| if let Token::Time(c, _) = section[*k] { Some(c) } else { None });
        unit(at.checked_sub(1).and_then(|k| times.get(k))) == Some('h') || unit(times.get(at + 1)) == Some('s')
    };
    let mut shown = String::new();
    for (i, token) in section.iter().enumerate() {
        let text = match token {
            Token::Literal(text) => text.clone(),
            Token::Comma => ",".to_owned(),
            Token::Point => ".".to_owned(),
            Token::Time('m', n) if minutes(i) => padded(at.minute(), *n),
            Token::Time('d', n @ (1 | 2)) => padded(at.day(), *n),
            Token::Time('d', 3) => short(weekday),
            Token::Time('d', _) => weekday.to_owned(),
            Token::Time('m', n @ (1 | 2)) => padded(at.month(), *n),
            Token::Time('m', 3) => short(month),
            Token::Time('m', _) => month.to_owned(),
            Token::Time('y', 1 | 2) => format!("{:02}", at.year() % 100),
            Token::Time('y', _) => format!("{:04}", at.year()),
            Token::Time('h', n) => padded(at.hour(), *n),
            Token::Time('s', n) => padded(at.second(), *n),
            Token::HalfDay => if at.hour() < 12 { "AM" } else { "PM" }.to_owned(),
            _ => String::new(),
        };
        shown.push_str(&text);
    }
    shown
}

fn padded(value: i8, length: usize) -> String {
    if length >= 2 { format!("{value:02}") } else { value.to_string() }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(number: &str, code: &str) -> String {
        Format::parse(code).show(&Decimal::parse(number).unwrap())
    }

    #[test]
    fn numbers_look_as_their_format_says() {
        assert_eq!(shown("1250.5", "General"), "1250,5");
        assert_eq!(shown("1250.5", "#,##0.000"), "1 250,500");
        assert_eq!(shown("785000", "#,##0.000\\ \"DT\""), "785 000,000 DT");
        assert_eq!(shown("71", "0000"), "0071");
        assert_eq!(shown("71000123", "00\\ 000\\ 000"), "71 000 123");
        assert_eq!(shown("0.125", "0.0%"), "12,5%");
        assert_eq!(shown("-3", "0;(0)"), "(3)");
        assert_eq!(shown("1.0294885325831371E+19", "0"), "10294885325831371000");
        assert_eq!(shown("1234567", "0,"), "1235");
        assert_eq!(shown("12", "[$DT-1C01] 0.000"), "DT 12,000");
        assert_eq!(shown("5", "@"), "5");
    }

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

    #[test]
    fn dates_are_days_since_1900() {
        let at = date_of(&Decimal::parse("46186.75").unwrap(), false).unwrap();
        assert_eq!(iso(at), "2026-06-13T18:00:00");
        assert_eq!(Format::parse("dd/mm/yyyy hh:mm").show_date(at), "13/06/2026 18:00");
        assert_eq!(Format::parse("d mmmm yyyy").show_date(at), "13 juin 2026");
        assert_eq!(iso(date_of(&Decimal::parse("1").unwrap(), false).unwrap()), "1900-01-01");
        assert_eq!(iso(date_of(&Decimal::parse("0").unwrap(), true).unwrap()), "1904-01-01");
        assert!(Format::parse("[$-40C]d\\-mmm\\-yy;@").is_date());
        assert!(!Format::parse("0.00\"d\"").is_date());
        assert_eq!(date_of(&Decimal::parse("99999999999").unwrap(), false), None);
    }
}
