//! Dates: days since an epoch, and how they look by the tokens of a number format.

use jiff::civil::{Date, DateTime, Time};

use super::decimal::Decimal;
use super::number_format::Token;

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

pub(super) fn show(section: &[Token], at: DateTime) -> String {
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
    use crate::extraction::workbook::number_format::Format;

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
