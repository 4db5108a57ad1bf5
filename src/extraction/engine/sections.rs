//! Headings: which section of the form a label stands in.

use super::units::Unit;
use crate::domain::field::Rect;
use crate::extraction::page::Source;

/// A heading, known to the form or not.
#[derive(Debug, Clone)]
pub(super) struct Heading {
    pub page: usize,
    pub area: Rect,
    /// Id of the form's section; `None` for a heading the form does not know.
    pub section: Option<String>,
    /// Only the labels under it speak for that section, or a heading between them went unread.
    pub weak: bool,
}

/// How headings are counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Count {
    Digits,
    Roman,
    Letters,
}

/// Which of the headings it is by its number; a letter may be a Roman one as well.
pub(super) fn ordinals(text: &str) -> Vec<(Count, u32)> {
    let (bare, _, punctuated) = number_of(text.trim_start());
    if !punctuated {
        return Vec::new();
    }
    let mut found = Vec::new();
    if let Ok(number) = bare.parse() {
        found.push((Count::Digits, number));
    }
    let value = |c: char| [('I', 1), ('V', 5), ('X', 10)].iter().find(|(sign, _)| *sign == c).map(|(_, value)| *value);
    if let Some(values) = bare.chars().map(value).collect::<Option<Vec<i32>>>() {
        let smaller = |at: usize| values.get(at + 1).is_some_and(|next| values[at] < *next);
        let sum: i32 = (0..values.len()).map(|at| if smaller(at) { -values[at] } else { values[at] }).sum();
        found.extend(u32::try_from(sum).ok().filter(|sum| *sum > 0).map(|sum| (Count::Roman, sum)));
    }
    if let [letter @ b'A'..=b'Z'] = bare.as_bytes() {
        found.push((Count::Letters, u32::from(letter - b'A') + 1));
    }
    found
}

/// `II.`, `3)`, `B -`, `Section 2 :` before a heading.
pub(super) fn without_number(text: &str) -> (&str, bool) {
    let trimmed = text.trim_start();
    let (bare, rest, punctuated) = number_of(trimmed);
    if punctuated && !bare.is_empty() { (rest, true) } else { (trimmed, false) }
}

/// The number before a heading, what follows it, and whether a point or a stroke sets it apart. Empty where there is none.
fn number_of(text: &str) -> (&str, &str, bool) {
    const MARKS: [char; 6] = ['.', ')', '-', '–', ':', '/'];
    let end = text.find(|c: char| !c.is_ascii_alphanumeric()).unwrap_or(text.len());
    let (bare, after) = text.split_at(end);
    let rest = after.trim_start_matches(|c: char| MARKS.contains(&c) || c == ' ');
    let punctuation = &after[..after.len() - rest.len()];
    let (digits, roman) = (is_digits(bare), is_roman(bare));
    let letter = bare.len() == 1 && bare.bytes().all(|b| b.is_ascii_uppercase());
    // An engine may lose the blank: `VIII.Signature`.
    let word = || rest.starts_with(char::is_uppercase) && rest.chars().nth(1).is_some_and(char::is_lowercase);
    let lost_blank = (digits || roman) && punctuation.starts_with(['.', ')']) && word();
    let apart = punctuation.contains(' ') || lost_blank;
    if bare.is_empty() || rest.is_empty() || !apart || !(digits || roman || letter) {
        return ("", text, false);
    }
    (bare, rest, punctuation.contains(MARKS))
}

/// One or two digits, or none.
fn is_digits(text: &str) -> bool {
    text.len() <= 2 && text.bytes().all(|b| b.is_ascii_digit())
}

/// A Roman number that headings reach, or nothing.
fn is_roman(text: &str) -> bool {
    text.len() <= 4 && text.bytes().all(|b| matches!(b, b'I' | b'V' | b'X'))
}

/// `3`, `2.1`, `IV.`, `B2)`: no more than the number of something.
pub(super) fn is_number(word: &str) -> bool {
    let bare = word.trim_end_matches(['.', ')', '-', '–', ':', '/', '°']);
    let part = |part: &str| {
        let digits = part.trim_start_matches(|c: char| c.is_ascii_uppercase());
        let letters = part.len() - digits.len();
        is_digits(digits) && letters <= 1 && !part.is_empty() || is_roman(part)
    };
    !bare.is_empty() && bare.split(['.', '-']).count() <= 3 && bare.split(['.', '-']).all(part)
}

/// The section a label stands in: the nearest heading above, of its own column where headings stand side by side.
pub(super) fn of<'a>(headings: &'a [Heading], page: usize, area: &Rect, page_width: f32) -> Option<&'a Heading> {
    let above = |heading: &&Heading| heading.page < page || heading.page == page && heading.area.y0 <= area.y0 + 1.0;
    let last = headings.iter().rfind(above)?;
    if last.page < page {
        return Some(last);
    }
    // A heading in the right half speaks for the right half when another column runs beside it.
    let column = |heading: &Heading| heading.area.x0 > 0.42 * page_width && !is_centred(heading, page_width);
    let own = area.x0 > 0.42 * page_width;
    let mut same = headings.iter().filter(above).filter(|heading| heading.page == page);
    let columns: Vec<&Heading> = same.clone().filter(|heading| column(heading)).collect();
    if columns.is_empty() {
        return Some(last);
    }
    if own {
        columns.last().copied().or(Some(last))
    } else {
        same.rfind(|heading| !column(heading)).or_else(|| headings.iter().rev().find(|heading| heading.page < page))
    }
}

fn is_centred(heading: &Heading, page_width: f32) -> bool {
    (heading.area.centre().0 - page_width / 2.0).abs() < 0.04 * page_width
}

/// Set apart from the labels: bolder or larger. In a picture type is measured by its ink, which is rough.
pub(super) fn stands_out(unit: &Unit, label_size: f32, labels_bold: bool) -> bool {
    let larger = if unit.source == Source::Ocr { 1.3 } else { 1.12 };
    unit.size > larger * label_size || unit.bold && !labels_bold
}

/// From the first page on, from top to bottom.
pub(super) fn in_order(headings: &mut [Heading]) {
    headings.sort_by(|a, b| {
        a.page.cmp(&b.page).then(a.area.y0.total_cmp(&b.area.y0)).then(a.area.x0.total_cmp(&b.area.x0))
    });
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_heading_is_known_by_its_number() {
        assert_eq!(without_number("II. Le commerçant"), ("Le commerçant", true));
        assert_eq!(without_number("B - Le commerçant"), ("Le commerçant", true));
        assert_eq!(without_number("VIII.Signature"), ("Signature", true));
        for text in ["E-mail", "S.A.R.L.", "12 rue de Marseille", "A propos", "1.5 % du montant", "C.A. annuel"] {
            assert_eq!(without_number(text), (text, false), "{text}");
        }
    }

    #[test]
    fn numbers_of_all_kinds_count() {
        assert_eq!(ordinals("3) Activité"), [(Count::Digits, 3)]);
        assert_eq!(ordinals("IV. Activité"), [(Count::Roman, 4)]);
        assert_eq!(ordinals("C - Activité"), [(Count::Letters, 3)]);
        assert_eq!(ordinals("I - Activité"), [(Count::Roman, 1), (Count::Letters, 9)]);
        assert_eq!(ordinals("Activité"), []);
    }
}
