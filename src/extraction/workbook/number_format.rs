//! How a number looks by its format code (ECMA-376 part 1, §18.8.31), worked out on its digits and never on a float.
//!
//! As shown to a French-speaking reader: spaces between thousands, a comma before decimals, dates day first.

use std::iter::Peekable;
use std::str::Chars;

use jiff::civil::DateTime;

use super::dates;
use super::decimal::Decimal;

/// A cell's number format: its code, as the file gives it or as built in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Format {
    pub(super) code: String,
    sections: Vec<Vec<Token>>,
}

/// What a format code is made of.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Token {
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

/// Characters of a code that spreadsheet programs take.
const LONGEST: usize = 255;

impl Format {
    pub(super) fn parse(code: &str) -> Self {
        // Some programs write the word of their own language.
        let code = code.char_indices().nth(LONGEST).map_or(code, |(end, _)| &code[..end]);
        let plain = if code.trim().eq_ignore_ascii_case("standard") { "General" } else { code };
        let mut sections = vec![Vec::new()];
        let mut rest = plain;
        while let Some(c) = rest.chars().next() {
            let mut chars = rest[c.len_utf8()..].chars().peekable();
            if c == ';' && sections.len() < 4 {
                sections.push(Vec::new());
                rest = &rest[1..];
                continue;
            }
            let token = token(c, &mut chars);
            let left: usize = chars.map(char::len_utf8).sum();
            let written = &rest[..rest.len() - left];
            if let Some(token) = token {
                sections.last_mut().expect("there is one from the start").push((token, written));
            }
            rest = &rest[rest.len() - left..];
        }
        Self { code: code.to_owned(), sections: sections.into_iter().map(unquoted).collect() }
    }

    /// A date, a time, or both.
    pub(super) fn is_date(&self) -> bool {
        self.sections[0].iter().any(|token| matches!(token, Token::Time(..)))
            && !self.sections[0].contains(&Token::General)
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
        dates::show(&self.sections[0], at)
    }
}

/// Where digits stand, letters that might mean days or years are letters that nobody put in quotes: `0.000 DT`.
fn unquoted(section: Vec<(Token, &str)>) -> Vec<Token> {
    let second = |token: Option<&(Token, &str)>| matches!(token, Some((Token::Time('s', _), _)));
    let of_seconds = |i: usize| {
        let point = section[..i].iter().rposition(|(token, _)| !matches!(token, Token::Digit('0')));
        point.is_some_and(|p| section[p].0 == Token::Point && second(p.checked_sub(1).and_then(|s| section.get(s))))
    };
    let counts = |i: usize| matches!(section[i].0, Token::Digit(_)) && !of_seconds(i);
    let is_number = (0..section.len()).any(counts);
    let plain = |(token, written): (Token, &str)| match token {
        Token::Time(..) if is_number => Token::Literal(written.to_owned()),
        token => token,
    };
    section.into_iter().map(plain).collect()
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
    fn letters_beside_digits_are_letters() {
        assert_eq!(shown("785000", "0.000 DT"), "785000,000 DT");
        assert!(!Format::parse("0.000 DT").is_date());
        assert!(Format::parse("mm:ss.0").is_date());
        assert_eq!(shown("45.5", "Standard"), "45,5");
        assert!(!Format::parse("Standard").is_date());
        assert_eq!(shown("3", "0\" jours\""), "3 jours");
    }
}
