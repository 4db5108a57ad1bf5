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
    /// Only the labels under it speak for that section.
    pub voted: bool,
}

/// `II.`, `3)`, `B -`, `Section 2 :` before a heading.
pub(super) fn without_number(text: &str) -> (&str, bool) {
    let trimmed = text.trim_start();
    let mut words = trimmed.splitn(2, char::is_whitespace);
    let (Some(first), Some(rest)) = (words.next(), words.next()) else { return (trimmed, false) };
    let bare = first.trim_end_matches(['.', ')', '-', '–', ':', '/']);
    let number = !bare.is_empty()
        && (bare.len() <= 2 && bare.bytes().all(|b| b.is_ascii_digit())
            || bare.len() <= 4 && bare.bytes().all(|b| matches!(b, b'I' | b'V' | b'X'))
            || bare.len() == 1 && bare.bytes().all(|b| b.is_ascii_uppercase()));
    let rest_trimmed = rest.trim_start_matches(['-', '–', '.', ')', ':', ' ']);
    let punctuated = bare.len() < first.len() || rest_trimmed.len() < rest.len();
    if number && punctuated { (rest_trimmed, true) } else { (trimmed, false) }
}

/// `3`, `2.1`, `IV.`, `B2)`: no more than the number of something.
pub(super) fn is_number(word: &str) -> bool {
    let bare = word.trim_end_matches(['.', ')', '-', '–', ':', '/', '°']);
    let part = |part: &str| {
        let digits = part.trim_start_matches(|c: char| c.is_ascii_uppercase());
        let letters = part.len() - digits.len();
        digits.len() <= 2 && letters <= 1 && digits.bytes().all(|b| b.is_ascii_digit()) && !part.is_empty()
            || part.len() <= 4 && part.bytes().all(|b| matches!(b, b'I' | b'V' | b'X'))
    };
    !bare.is_empty() && bare.split(['.', '-']).count() <= 3 && bare.split(['.', '-']).all(part)
}

/// The section a label stands in: the nearest heading above, of its own column where headings stand side by side.
pub(super) fn of<'a>(headings: &'a [Heading], page: usize, area: &Rect, page_width: f32) -> Option<&'a Heading> {
    let above = |heading: &&Heading| heading.page < page || heading.page == page && heading.area.y0 <= area.y0 + 1.0;
    let last = headings.iter().filter(above).next_back()?;
    if last.page < page {
        return Some(last);
    }
    // A heading in the right half speaks for the right half when another column runs beside it.
    let column = |heading: &Heading| heading.area.x0 > 0.42 * page_width && !is_centred(heading, page_width);
    let own = area.x0 > 0.42 * page_width;
    let same = headings.iter().filter(above).filter(|heading| heading.page == page);
    let columns: Vec<&Heading> = same.clone().filter(|heading| column(heading)).collect();
    if columns.is_empty() {
        return Some(last);
    }
    if own {
        columns.last().copied().or(Some(last))
    } else {
        same.filter(|heading| !column(heading))
            .next_back()
            .or_else(|| headings.iter().rev().find(|heading| heading.page < page))
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
