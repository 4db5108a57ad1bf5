//! Dates as Tunisian forms write them: day, month, year, in figures or with the month's name in French, Arabic or English.

use jiff::civil::Date;

/// Months by every name met, folded: French and its abbreviations, the names used in Tunisia, English.
const MONTHS: [&[&str]; 12] = [
    &["janvier", "janv", "jan", "january", "جانفي", "يناير"],
    &["fevrier", "fevr", "fev", "february", "feb", "فيفري", "فبراير"],
    &["mars", "mar", "march", "مارس"],
    &["avril", "avr", "april", "apr", "افريل", "أفريل", "ابريل"],
    &["mai", "may", "ماي", "مايو"],
    &["juin", "june", "jun", "جوان", "يونيو"],
    &["juillet", "juil", "july", "jul", "جويلية", "يوليو"],
    &["aout", "august", "aug", "اوت", "أوت", "اغسطس"],
    &["septembre", "sept", "sep", "september", "سبتمبر"],
    &["octobre", "oct", "october", "اكتوبر", "أكتوبر"],
    &["novembre", "nov", "november", "نوفمبر"],
    &["decembre", "dec", "december", "ديسمبر"],
];

/// Words that may stand beside a date and say nothing of it.
const BESIDE: [&str; 22] = [
    "le",
    "du",
    "ce",
    "the",
    "of",
    "في",
    "بتاريخ",
    "يوم",
    "lundi",
    "mardi",
    "mercredi",
    "jeudi",
    "vendredi",
    "samedi",
    "dimanche",
    "الاثنين",
    "الثلاثاء",
    "الاربعاء",
    "الخميس",
    "الجمعة",
    "السبت",
    "الاحد",
];

#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not a date")]
pub struct DateError;

/// Reads a date. Two-digit years are of this century; a time after the date is left aside.
///
/// ```
/// use guichet::domain::values::parse_date;
/// assert_eq!(parse_date("4 janvier 2026").unwrap().to_string(), "2026-01-04");
/// assert_eq!(parse_date("15/04/26").unwrap().to_string(), "2026-04-15");
/// assert!(parse_date("31/02/2026").is_err());
/// ```
pub fn parse(text: &str) -> Result<Date, DateError> {
    let text = fold(text);
    let mut parts: Vec<&str> =
        text.split(|c: char| !c.is_alphanumeric()).filter(|part| !part.is_empty() && !BESIDE.contains(part)).collect();
    // `2026-09-10T00:00:00` and `10/09/2026 00:00:00`: the time is not part of the date.
    let iso_with_time = parts.get(2).and_then(|day| day.split_once('t')).map(|(day, _)| day);
    if let Some(day) = iso_with_time.filter(|day| day.bytes().all(|b| b.is_ascii_digit())) {
        parts[2] = day;
    }
    let timed =
        parts.len() > 3 && parts[3..].iter().all(|part| part.len() <= 6 && part.bytes().all(|b| b.is_ascii_digit()));
    if iso_with_time.is_some() || (timed && parts[0].len() <= 4 && parts[2].len() >= 2 && text.contains(':')) {
        parts.truncate(3);
    }
    let joined;
    if parts.len() != 3 {
        // One box per character: eight digits, day first.
        joined = parts.concat();
        if joined.len() != 8 || !joined.bytes().all(|b| b.is_ascii_digit()) {
            return Err(DateError);
        }
        parts = vec![&joined[..2], &joined[2..4], &joined[4..]];
    }
    let number = |text: &str| text.parse::<i16>().map_err(|_| DateError);
    let (day, month, year) =
        if parts[0].len() == 4 { (parts[2], parts[1], parts[0]) } else { (parts[0], parts[1], parts[2]) };
    let day = number(day.trim_end_matches("er"))?;
    let month = match month.parse::<i8>() {
        Ok(month) => month,
        Err(_) => named_month(month).ok_or(DateError)?,
    };
    let year = match year.len() {
        4 => number(year)?,
        2 => 2000 + number(year)?,
        _ => return Err(DateError),
    };
    if !(1900..=2199).contains(&year) {
        return Err(DateError);
    }
    Date::new(year, month, i8::try_from(day).map_err(|_| DateError)?).map_err(|_| DateError)
}

fn named_month(name: &str) -> Option<i8> {
    let at = MONTHS.iter().position(|names| names.contains(&name))?;
    i8::try_from(at + 1).ok()
}

/// Lower case, western digits, Latin accents off; Arabic letters as they are.
fn fold(text: &str) -> String {
    use unicode_normalization::UnicodeNormalization;
    super::digits::western(text)
        .nfd()
        .filter(|c| !('\u{300}'..='\u{36f}').contains(c))
        .nfc()
        .flat_map(char::to_lowercase)
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn every_way_of_writing_a_date() {
        for text in [
            "04/01/2026",
            "4.1.2026",
            "04-01-26",
            "2026-01-04",
            "1er janvier 2026",
            "Le 4 janv. 2026",
            "4 جانفي 2026",
            "dimanche 4 janvier 2026",
            "04/01/26",
        ] {
            let date = parse(text).unwrap();
            assert_eq!((date.year(), date.month()), (2026, 1), "{text}");
        }
        assert_eq!(parse("0 4 0 1 2 0 2 6").unwrap().to_string(), "2026-01-04");
        assert_eq!(parse("2026-09-10T00:00:00").unwrap().to_string(), "2026-09-10");
        assert_eq!(parse("10/09/2026 00:00:00").unwrap().to_string(), "2026-09-10");
        assert_eq!(parse("٠٤/٠١/٢٠٢٦").unwrap().to_string(), "2026-01-04");
        for text in ["", "janvier 2026", "32/01/2026", "04/13/2026", "04/01/20261", "04/01"] {
            assert!(parse(text).is_err(), "{text}");
        }
    }

    proptest! {
        #[test]
        fn no_text_panics(text in ".{0,40}") {
            let _ = parse(&text);
        }

        #[test]
        fn iso_comes_back(days in 0_i32..36500) {
            let date = Date::constant(2000, 1, 1).checked_add(jiff::Span::new().days(days)).unwrap();
            prop_assert_eq!(parse(&date.to_string()).unwrap(), date);
            prop_assert_eq!(parse(&format!("{:02}/{:02}/{}", date.day(), date.month(), date.year())).unwrap(), date);
        }
    }
}
