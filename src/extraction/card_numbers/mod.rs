//! Card numbers on a page, wherever they stand: under a label or not, in a cell, a form field, or one group a box.
//!
//! What no page shows (`beside`) is searched too: a file's title, its notes, a hidden sheet. Only the masked number leaves
//! this folder. What the engine reads from the same page is masked before it leaves the room.

mod beside;

use super::limits::Limits;
use super::page::{CellValue, Page, Segment};
use crate::domain::card_number;
use crate::domain::field::{Place, Rect};
use crate::domain::finding::{Finding, Severity};

/// Groups of one number stand no further apart than this, in heights of type.
const WIDEST_GAP: f32 = 2.5;

/// The finding that sets a document aside, at the first card number of its pages.
pub(super) fn find(pages: &[Page]) -> Option<Finding> {
    pages.iter().find_map(|page| {
        let (masked, place) = in_cells(page).or_else(|| in_widgets(page)).or_else(|| in_lines(page))?;
        let mut finding = Finding::new(card_number::FOUND, Severity::Reject).with("value", masked);
        finding.place = Some(place);
        Some(finding)
    })
}

/// The same where no page shows it. `whole` says that the document could be opened, so that its size is known to be bounded.
pub(super) fn find_beside(bytes: &[u8], limits: &Limits, whole: bool) -> Option<Finding> {
    let masked = beside::first_masked(bytes, limits, whole)?;
    Some(Finding::new(card_number::FOUND, Severity::Reject).with("value", masked))
}

/// The same for the name of a file or of an archive's member, whether or not it was masked on its way here.
pub(super) fn in_name(name: &str) -> Option<Finding> {
    let masked = card_number::first_masked(name).or_else(|| card_number::already_masked(name).map(str::to_owned))?;
    Some(Finding::new(card_number::FOUND, Severity::Reject).with("value", masked))
}

/// Where card numbers stand on a page, as the page is shown; whole lines of digits rather than too little.
pub(super) fn places(page: &Page) -> Vec<Rect> {
    let mut places: Vec<Rect> = page
        .widgets
        .iter()
        .filter(|widget| widget.value.as_deref().and_then(card_number::first_masked).is_some())
        .map(|widget| page.as_shown(widget.rect))
        .collect();
    for line in lines(page) {
        for close in line.chunk_by(goes_on) {
            let texts: Vec<&str> = close.iter().map(|(_, text)| text.as_str()).collect();
            if card_number::first_masked(&texts.join(" ")).is_some() {
                let bbox = close.iter().map(|(segment, _)| segment.bbox).reduce(|a, b| a.union(&b));
                places.extend(bbox.map(|bbox| page.as_shown(bbox)));
            }
        }
    }
    places
}

fn in_cells(page: &Page) -> Option<(String, Place)> {
    let sheet = page.sheet.as_ref()?;
    page.cells.iter().find_map(|cell| {
        let stored = match &cell.value {
            CellValue::Text(text) | CellValue::Number { digits: text, .. } => text.as_str(),
            CellValue::Date(_) | CellValue::Flag(_) | CellValue::Error(_) => "",
        };
        let comment = cell.comment.as_deref().unwrap_or_default();
        let masked = [stored, &cell.shown, comment].into_iter().find_map(card_number::first_masked)?;
        Some((masked, Place::Cell { sheet: sheet.clone(), cell: cell.name() }))
    })
}

fn in_widgets(page: &Page) -> Option<(String, Place)> {
    page.widgets.iter().find_map(|widget| {
        let texts = [widget.value.as_deref(), widget.tooltip.as_deref(), Some(widget.name.as_str())];
        let masked = texts.into_iter().flatten().find_map(card_number::first_masked)?;
        Some((masked, Place::Page { page: page.number, bbox: page.as_shown(widget.rect) }))
    })
}

/// Line by line: digits that follow one another closely are one number, however many segments they are cut into.
fn in_lines(page: &Page) -> Option<(String, Place)> {
    lines(page).into_iter().find_map(|line| {
        line.chunk_by(goes_on).find_map(|close| {
            let texts: Vec<&str> = close.iter().map(|(_, text)| text.as_str()).collect();
            let masked = card_number::first_masked(&texts.join(" "))?;
            let bbox = close.iter().map(|(segment, _)| segment.bbox).reduce(|a, b| a.union(&b))?;
            Some((masked, Place::Page { page: page.number, bbox: page.as_shown(bbox) }))
        })
    })
}

/// The segments of a page with their texts, line by line, each from left to right.
fn lines(page: &Page) -> Vec<Vec<(&Segment, String)>> {
    let height = |segment: &Segment| segment.bbox.centre().1;
    let mut segments: Vec<&Segment> = page.segments.iter().chain(&page.struck).collect();
    segments.sort_by(|a, b| height(a).total_cmp(&height(b)));
    let lines = segments.chunk_by(|above, below| height(below) - height(above) < above.size.max(below.size) / 4.0);
    lines
        .map(|line| {
            let mut line: Vec<_> = line.iter().map(|segment| (*segment, segment.text())).collect();
            line.sort_by(|(a, _), (b, _)| a.bbox.x0.total_cmp(&b.bbox.x0));
            line
        })
        .collect()
}

fn goes_on((left, before): &(&Segment, String), (right, after): &(&Segment, String)) -> bool {
    let numeric = |text: &str| text.chars().all(|c| c.is_numeric() || c.is_whitespace() || c == '-');
    let size = left.size.max(right.size);
    let gap = right.bbox.x0 - left.bbox.x1;
    (-size..=WIDEST_GAP * size).contains(&gap) && numeric(before) && numeric(after)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::extraction::page::{Source, Word};

    /// A number with a card's prefix whose sum holds, made here so that none is written down.
    pub(super) fn card() -> String {
        let body = "4".to_owned() + &"370".repeat(5)[..14];
        (0..10).map(|check| format!("{body}{check}")).find(|n| card_number::masked(n).is_some()).expect("one sum holds")
    }

    fn segment(text: &str, x: f32, y: f32) -> Segment {
        let bbox = Rect { x0: x, y0: y, x1: x + 5.0 * text.len() as f32, y1: y + 10.0 };
        let word = Word { text: text.to_owned(), bbox, certainty: 1.0 };
        Segment { words: vec![word], bbox, source: Source::Text, size: 10.0, bold: false }
    }

    #[test]
    fn a_number_cut_into_boxes_is_one_number() {
        let card = card();
        let groups = (0..4).map(|n| segment(&card[4 * n..4 * n + 4], 100.0 + 30.0 * n as f32, 50.3 - 0.1 * n as f32));
        let mut page = Page { number: 2, ..Page::default() };
        page.segments = groups.rev().chain([segment("Carte :", 20.0, 50.0), segment("2026", 20.0, 90.0)]).collect();
        let struck = Page { segments: vec![], struck: page.segments.clone(), ..page.clone() };
        assert!(find(&[struck]).is_some(), "a stroke through it hides no number");
        let finding = find(&[page]).expect("found");
        let Some(Place::Page { page: 2, bbox }) = finding.place else { panic!("{finding:?}") };
        assert!((99.0..101.0).contains(&bbox.x0) && bbox.x1 > 200.0, "{bbox:?}");
        assert!(finding.details["value"].contains('*'));
        assert!(!finding.details["value"].replace(' ', "").contains(&card[6..12]));
    }

    #[test]
    fn numbers_far_apart_or_on_other_lines_are_not_one_number() {
        let card = card();
        for (dx, dy) in [(80.0, 0.0), (0.0, 14.0)] {
            let groups = (0..4).map(|n| segment(&card[4 * n..4 * n + 4], 100.0 + dx * n as f32, 50.0 + dy * n as f32));
            let page = Page { segments: groups.collect(), ..Page::default() };
            assert_eq!(find(&[page]), None);
        }
    }
}
