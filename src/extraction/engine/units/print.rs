//! Units of a printed page: lines, boxes to tick and form fields, gathered by the ruled cell around them.

use super::cells::gather_cells;
use super::empty;
use super::lines::{line_units, uncover};
use super::{Token, Unit, tick_unit};
use crate::domain::field::Rect;
use crate::extraction::engine::ruling::Ruling;
use crate::extraction::engine::{comb, fold};
use crate::extraction::page::{Page, Source, WidgetKind};

/// A picture over more of a page than this is the page.
const MOSTLY_PICTURE: f32 = 0.5;

pub(super) fn of_print(page: &Page, index: usize) -> Vec<Unit> {
    let ruling = Ruling::new(&page.rules, &page.marks);
    let has_ocr = page.is_seen();
    let fields: Vec<(usize, Rect)> = page
        .widgets
        .iter()
        .enumerate()
        .filter(|(_, widget)| !widget.hidden)
        .map(|(at, widget)| (at, widget.rect))
        .collect();
    let mut lines: Vec<Unit> = Vec::new();
    for segment in &page.segments {
        let speaks = match segment.source {
            Source::Text | Source::Cell | Source::Ocr => true,
            // A field's value is read from the field; what it draws is a witness.
            Source::Appearance | Source::SecondOcr => false,
            // Nobody sees it; over a picture of the page that nothing else reads it is better than nothing.
            Source::HiddenLayer => !has_ocr && page.image_share >= MOSTLY_PICTURE,
        };
        if speaks {
            lines.extend(line_units(segment, index));
        }
    }
    uncover(&mut lines);
    comb::join(&mut lines);
    for mark in &page.marks {
        let drawn_by_field = fields.iter().any(|(_, rect)| rect.contains(mark.bbox.centre()));
        if mark.source != Source::Appearance && !drawn_by_field {
            place_tick(&mut lines, tick_unit(index, mark.bbox, mark.ticked, None, mark.source));
        }
    }
    for (at, rect) in fields {
        let widget = &page.widgets[at];
        match widget.kind {
            WidgetKind::Check | WidgetKind::Radio => {
                // A group's value may be told of each of its boxes; only the box that stands for it is ticked.
                let own = |value: &String| widget.export.as_ref().is_none_or(|export| export == value);
                let ticked = widget.value.as_ref().is_some_and(own);
                let sure = (!widget.disputed).then_some(ticked);
                lines.push(tick_unit(index, rect, sure, Some(at), Source::Appearance));
            }
            WidgetKind::Text | WidgetKind::Choice => lines.push(widget_unit(page, index, at, rect)),
            WidgetKind::Signature | WidgetKind::Button => {}
        }
    }
    let mut units = gather_cells(lines, &ruling, page);
    units.extend(empty::cells(&units, &ruling, page));
    units
}

/// A typed box is both a word and a mark: the mark knows better whether it is ticked.
fn place_tick(lines: &mut Vec<Unit>, mark: Unit) {
    let centre = mark.ink.centre();
    let state = mark.tokens[0].tick;
    for line in lines.iter_mut().filter(|line| line.ink.contains(centre)) {
        for token in &mut line.tokens {
            if token.bbox.contains(centre) && token.bbox.width() < 3.0 * mark.ink.width().max(4.0) {
                if token.tick.is_some() {
                    token.tick = state;
                    return;
                }
                if is_lone_symbol(&token.text) {
                    token.tick = state;
                    return;
                }
            }
        }
    }
    lines.push(mark);
}

/// A sign an engine may take a box for. A label's colon is none, though its bounds may reach over the box behind it.
fn is_lone_symbol(text: &str) -> bool {
    let mut chars = text.chars();
    let (Some(c), None) = (chars.next(), chars.next()) else { return false };
    !c.is_ascii_alphanumeric() && !fold::is_arabic(c) && !matches!(c, ':' | ';' | ',' | '.' | '-')
}

fn widget_unit(page: &Page, index: usize, at: usize, rect: Rect) -> Unit {
    let value = page.widgets[at].value.as_deref().unwrap_or_default();
    let tokens = value
        .lines()
        .enumerate()
        .flat_map(|(line, text)| text.split_whitespace().map(move |word| (line, word)))
        .map(|(line, word)| Token {
            text: word.to_owned(),
            tick: None,
            bbox: rect,
            certainty: 1.0,
            line,
            widget: Some(at),
        })
        .collect();
    Unit {
        page: index,
        tokens,
        area: rect,
        ink: rect,
        boxed: true,
        widget: Some(at),
        cell: None,
        account: false,
        former: false,
        size: rect.height(),
        bold: false,
        source: Source::Appearance,
    }
}
