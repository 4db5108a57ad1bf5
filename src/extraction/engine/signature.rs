//! Signed or not: ink, a signature field or the written word in the zone of the signature's label.

use super::fold;
use super::questions::Question;
use super::units::Unit;
use crate::domain::field::Rect;
use crate::extraction::page::{Ink, Page, WidgetKind};

/// What the zone shows.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Presence {
    pub present: bool,
    pub zone: Rect,
    /// Clearly there, or clearly nothing there.
    pub clear: bool,
}

/// Ink that covers less than this share of its box is a stray stroke.
const LEAST_INK: f32 = 0.002;

/// Wider ink is a line of small print that nobody could read, or a frame, in points.
const WIDEST: f32 = 260.0;

/// Looks below and beside the label. That nothing lies on a sheet proves little: not every kind of picture is read.
pub(super) fn look(question: &Question, page: &Page, next: Option<&Page>, units: &[Unit]) -> Presence {
    let label = question.label_box;
    let (wide, deep) = if page.sheet.is_some() { (250.0, 55.0) } else { (70.0, 130.0) };
    let zone =
        Rect { x0: label.x0 - wide, y0: label.y0 - 8.0, x1: label.x1 + wide.max(label.width()), y1: label.y1 + deep };
    let meets = |bbox: &Rect| bbox.x0 < zone.x1 && bbox.x1 > zone.x0 && bbox.y0 < zone.y1 && bbox.y1 > zone.y0;
    // A word too faint to be read lies among the ink as well; what is signed is larger.
    let surface = |ink: &&Ink| ink.bbox.width() * ink.bbox.height();
    let widths = 8.0..=if page.sheet.is_some() { f32::MAX } else { WIDEST };
    let inks =
        page.inks.iter().filter(|ink| ink.share > LEAST_INK && widths.contains(&ink.bbox.width()) && meets(&ink.bbox));
    let inked = inks.max_by(|a, b| surface(a).total_cmp(&surface(b))).or_else(|| in_its_column(question, page, units));
    if let Some(ink) = inked {
        return Presence { present: true, zone: ink.bbox, clear: true };
    }
    // The zone of a label at the foot of a page may open the next one.
    let over = next.filter(|next| page.sheet.is_none() && next.sheet.is_none() && label.y1 > 0.85 * page.height);
    if let Some(ink) =
        over.and_then(|next| next.inks.iter().find(|ink| ink.share > LEAST_INK && ink.bbox.y0 < 0.15 * next.height))
    {
        return Presence {
            present: true,
            zone: Rect { y0: label.y1, y1: page.height, ..zone },
            clear: ink.share > LEAST_INK,
        };
    }
    let field = page.widgets.iter().find(|widget| widget.kind == WidgetKind::Signature && !widget.hidden);
    if let Some(field) = field {
        return Presence { present: field.value.is_some(), zone: field.rect, clear: true };
    }
    let written = units.iter().enumerate().find(|(at, unit)| {
        *at != question.unit
            && unit.page == question.page
            && meets(&unit.area)
            && unit.tokens.len() <= 10
            && says_signed(&unit.text())
    });
    if let Some((_, unit)) = written {
        return Presence { present: true, zone: unit.area, clear: true };
    }
    Presence {
        present: false,
        zone: Rect { y0: label.y1, ..zone },
        clear: page.image_share < 0.5 && page.sheet.is_none(),
    }
}

/// Where answers have a column of their own, the signature stands in it: right of the label up to the next words.
fn in_its_column<'p>(question: &Question, page: &'p Page, units: &[Unit]) -> Option<&'p Ink> {
    /// How far away the column may be, and how far above and below its label a signature reaches, in points.
    const FAR: f32 = 220.0;
    const TALL: f32 = 40.0;
    let label = question.label_box;
    let beside = Rect { x0: label.x1, y0: label.y0 - TALL, x1: label.x1 + FAR, y1: label.y1 + TALL };
    let words = units.iter().filter(|unit| unit.page == question.page && !unit.tokens.is_empty());
    let level = Rect { y0: label.y0 - 2.0, ..beside };
    let next = words.map(|unit| unit.ink).filter(|ink| ink.x0 > label.x1 && level.contains(ink.centre()));
    let column = Rect { x1: next.map(|ink| ink.x0).fold(beside.x1, f32::min), ..beside };
    let signs = |ink: &&Ink| ink.share > LEAST_INK && (8.0..=WIDEST).contains(&ink.bbox.width());
    page.inks.iter().filter(signs).find(|ink| page.sheet.is_none() && column.contains(ink.bbox.centre()))
}

/// Somebody has written there that it is signed. Words that ask for a signature are none: `Bon pour accord, signature`.
fn says_signed(text: &str) -> bool {
    let words = fold::words(text);
    let says = |known: &[&str]| words.iter().any(|word| known.contains(&&**word));
    let begins = |mention: &str| words.join(" ").starts_with(mention);
    // `Signé à`, `Signé le` ask where and when.
    let asks = words.get(1).is_some_and(|word| matches!(word.as_str(), "a" | "le" | "en"));
    !says(&["signature", "cachet", "mention"])
        && !asks
        && (says(&["signe", "signee", "signed", "ممضي", "امضي"])
            || begins("lu et approuve")
            || begins("bon pour accord"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_caption_that_asks_for_a_signature_does_not_sign() {
        assert!(says_signed("Signé électroniquement") && says_signed("Lu et approuvé"));
        assert!(!says_signed("Bon pour accord, signature"));
        assert!(!says_signed("Lu et approuvé, cachet"));
        assert!(!says_signed("Signature précédée de la mention"));
        assert!(!says_signed("Signé à") && !says_signed("Signée le :"));
    }
}
