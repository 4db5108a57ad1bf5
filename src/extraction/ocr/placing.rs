//! Where what was read on level sheets lies on the page as shown.

use super::super::page::{Page, Placement, Projection, Source};
use super::picture::Picture;
use super::second::Kept;
use super::sheet::{self, Sheet};
use super::warp::Warp;
use crate::domain::field::Rect;

/// A picture as a page nobody has read.
pub(super) fn unread(picture: &Picture, number: u32) -> Page {
    Page {
        number,
        width: picture.pixels.width() as f32 / picture.scale,
        height: picture.pixels.height() as f32 / picture.scale,
        image_share: 1.0,
        ..Page::default()
    }
}

/// The page model out of its sheets. `shown` is the page as shown, `turn` how far it was turned clockwise to be upright.
pub(super) fn assemble(sheets: Vec<(u32, Sheet)>, shown: &Page, turn: u16, scale: f32) -> (Page, Kept) {
    let (width, height) = if turn % 180 == 90 { (shown.height, shown.width) } else { (shown.width, shown.height) };
    let mut page = Page { width, height, turn, ..shown.clone() };
    let mut kept = Kept::default();
    let tops: Vec<f32> = sheets.iter().map(|(top, _)| *top as f32 / scale).collect();
    for (at, (_, mut sheet)) in sheets.into_iter().enumerate() {
        let (top, bottom) = (tops[at], tops.get(at + 1).copied().unwrap_or(height));
        sheet::lower(&mut sheet, top);
        page.placements.push(placement(sheet.warp, (top, bottom), (width, height), turn, scale));
        kept.keep(page.number, top, scale, std::mem::take(&mut sheet.level));
        page.segments.append(&mut sheet.segments);
        page.marks.append(&mut sheet.marks);
        page.hands.append(&mut sheet.hands);
        page.inks.append(&mut sheet.inks);
        page.rules.append(&mut sheet.rules);
    }
    if turn == 0 && tops.len() == 1 && page.placements.iter().all(|part| part.map == Projection::NONE) {
        page.placements.clear();
    }
    (page, kept)
}

/// Where a level sheet lies on the page as shown; all lengths in points, those of the warp in pixels.
fn placement(warp: Option<Warp>, (top, bottom): (f32, f32), size: (f32, f32), turn: u16, scale: f32) -> Placement {
    let (scale, top) = (f64::from(scale), f64::from(top));
    let (width, height) = (f64::from(size.0), f64::from(size.1));
    let warp = warp.unwrap_or(Warp::NONE);
    let to_shown = |x: f64, y: f64| {
        let (x, y) = warp.apply(x * scale, (y - top) * scale);
        let (x, y) = (x / scale, y / scale + top);
        // Undo the turn: the upright page is `width` wide.
        match turn {
            90 => (y, width - x),
            180 => (width - x, height - y),
            270 => (height - y, x),
            _ => (x, y),
        }
    };
    let quad = [to_shown(0.0, 0.0), to_shown(width, 0.0), to_shown(width, height), to_shown(0.0, height)];
    let map = Warp::onto(quad, width, height).0.map(|value| value as f32);
    Placement { bottom, map: Projection(map) }
}

/// Puts what a picture shows into the page of the PDF it was found on.
pub(super) fn merge(page: &mut Page, read: Page) {
    // What is drawn on the page is on its picture too; hidden text and fields are not.
    page.segments.retain(|segment| segment.source != Source::Text);
    // The reader of the PDF may have turned the page by its hidden text already.
    let before = Page { width: page.width, height: page.height, turn: page.turn, ..Page::default() };
    let into = |rect: &mut Rect| *rect = read.from_shown(before.as_shown(*rect));
    for segment in &mut page.segments {
        into(&mut segment.bbox);
        segment.words.iter_mut().for_each(|word| into(&mut word.bbox));
    }
    page.widgets.iter_mut().for_each(|widget| into(&mut widget.rect));
    page.segments.extend(read.segments);
    page.marks = read.marks;
    page.hands = read.hands;
    page.inks = read.inks;
    page.rules = read.rules;
    page.placements = read.placements;
    page.turn = read.turn;
    (page.width, page.height) = (read.width, read.height);
}
