//! Boxes to tick that are drawn: small squares and circles, and what stands in them.
//!
//! Order of painting counts: a white square over a black one is an empty frame, a white tick over a blue one a ticked box.

use std::collections::HashMap;

use super::super::page::{Mark, Source, Widget, WidgetKind};
use super::shapes::{Form, Shape};
use super::symbols::is_tick;
use super::words::Printed;
use crate::domain::field::Rect;

/// Sides of a box to tick, in points.
const SIDES: std::ops::RangeInclusive<f32> = 4.5..=22.0;
/// Sides of one box may differ by this factor.
const SQUARE: std::ops::RangeInclusive<f32> = 0.75..=1.33;
/// A page with more boxes is no form.
const MOST_BOXES: usize = 2000;

/// A drawn box and what was painted over it.
#[derive(Debug, Clone)]
struct Drawn {
    bbox: Rect,
    source: Source,
    /// Its surface as last painted.
    filled: bool,
    /// Drawn with an outline or a light surface at least once: not a bullet.
    framed: bool,
    content: Content,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Content {
    Nothing,
    Tick,
    /// A letter or a digit: the box is a cell to write in.
    Letter,
}

/// Marks of the boxes of a page. Signs that stand in boxes are taken out of `lines`: they are no text.
pub(super) fn drawn(shapes: &[Shape], widgets: &[Widget], lines: &mut [(Source, Vec<Printed>)]) -> Vec<Mark> {
    let buttons: Vec<&Widget> = widgets
        .iter()
        .filter(|w| matches!(w.kind, WidgetKind::Check | WidgetKind::Radio) && !w.hidden)
        .take(MOST_BOXES)
        .collect();
    let mut boxes = boxes_of(shapes);
    // The box that the page draws under a form field's box is the same box.
    boxes.retain(|b| !buttons.iter().any(|w| inflated(w.rect, 2.0).contains(b.bbox.centre())));
    leave_out_combs(&mut boxes);
    boxes.extend(buttons.iter().map(|w| Drawn {
        bbox: w.rect,
        source: Source::Appearance,
        filled: false,
        framed: true,
        content: Content::Nothing,
    }));
    boxes.sort_by(|a, b| a.bbox.y0.total_cmp(&b.bbox.y0));
    look_inside(&mut boxes, shapes);
    read_inside(&mut boxes, lines);

    let frame_exists = boxes.iter().any(|b| b.framed && b.source == Source::Text);
    let drawn_fields = shapes.iter().any(|s| s.source == Source::Appearance)
        || lines.iter().any(|(source, line)| *source == Source::Appearance && !line.is_empty());
    boxes
        .iter()
        // Fields without appearances draw nothing, which says nothing; filled squares without a frame anywhere are bullets.
        .filter(|b| if b.source == Source::Appearance { drawn_fields } else { b.framed || frame_exists })
        .filter(|b| b.content != Content::Letter)
        .map(|b| Mark { bbox: b.bbox, ticked: Some(b.filled || b.content == Content::Tick), source: b.source })
        .collect()
}

fn boxes_of(shapes: &[Shape]) -> Vec<Drawn> {
    let mut boxes: Vec<Drawn> = Vec::new();
    let mut places: HashMap<(i32, i32), usize> = HashMap::new();
    for shape in shapes {
        let (w, h) = (shape.bbox.width(), shape.bbox.height());
        let small = SIDES.contains(&w) && SIDES.contains(&h) && SQUARE.contains(&(w / h));
        if !(small && matches!(shape.form, Form::Box | Form::Round) && shape.source == Source::Text) {
            continue;
        }
        // One box is often painted twice, surface and outline, sometimes with the whole page between.
        let (column, row) = raster(shape.bbox);
        let around = (-1..=1).flat_map(|dx| (-1..=1).map(move |dy| (column + dx, row + dy)));
        let same =
            around.filter_map(|at| places.get(&at).copied()).find(|i: &usize| is_same(boxes[*i].bbox, shape.bbox));
        match same {
            Some(i) => {
                let b = &mut boxes[i];
                let covers = shape.bbox.width() >= 0.6 * b.bbox.width();
                if covers {
                    b.framed |= !shape.dark;
                    b.filled = if shape.stroked && !shape.dark { b.filled } else { shape.dark };
                    b.bbox = b.bbox.union(&shape.bbox);
                } else if shape.dark {
                    b.content = Content::Tick;
                }
            }
            None if boxes.len() < MOST_BOXES => {
                places.insert((column, row), boxes.len());
                boxes.push(Drawn {
                    bbox: shape.bbox,
                    source: shape.source,
                    filled: shape.dark,
                    framed: !shape.dark || shape.stroked,
                    content: Content::Nothing,
                });
            }
            None => break,
        }
    }
    boxes
}

/// A box's place in a raster of its smallest size.
#[expect(clippy::cast_possible_truncation, reason = "page coordinates fit, others saturate")]
fn raster(bbox: Rect) -> (i32, i32) {
    let (x, y) = bbox.centre();
    ((x / SIDES.start()) as i32, (y / SIDES.start()) as i32)
}

fn is_same(a: Rect, b: Rect) -> bool {
    let ((ax, ay), (bx, by)) = (a.centre(), b.centre());
    (ax - bx).abs() < 2.0 && (ay - by).abs() < 2.0
}

/// Boxes side by side without a gap are cells for one character each.
fn leave_out_combs(boxes: &mut Vec<Drawn>) {
    let mut order: Vec<usize> = (0..boxes.len()).collect();
    order.sort_by(|a, b| {
        let (a, b) = (boxes[*a].bbox, boxes[*b].bbox);
        (a.y0.round()).total_cmp(&b.y0.round()).then(a.x0.total_cmp(&b.x0))
    });
    let mut in_comb = vec![false; boxes.len()];
    for pair in order.windows(2) {
        let (a, b) = (boxes[pair[0]].bbox, boxes[pair[1]].bbox);
        let level = (a.y0 - b.y0).abs() < 1.5 && (a.height() - b.height()).abs() < 1.5;
        if level && (b.x0 - a.x1).abs() < 1.5 {
            in_comb[pair[0]] = true;
            in_comb[pair[1]] = true;
        }
    }
    let mut in_comb = in_comb.into_iter();
    boxes.retain(|_| !in_comb.next().unwrap_or(false));
}

/// Strokes and small surfaces within a box are its tick.
fn look_inside(boxes: &mut [Drawn], shapes: &[Shape]) {
    let is_stroke = |s: &&Shape| match s.form {
        Form::Slant | Form::Free => s.stroked || s.dark || s.form == Form::Free,
        Form::Round | Form::Box => s.dark,
        Form::Across | Form::Down => false,
    };
    for shape in shapes.iter().filter(is_stroke) {
        let (x, y) = shape.bbox.centre();
        for b in near(boxes, y) {
            let (w, h) = (b.bbox.width(), b.bbox.height());
            let inside = inflated(b.bbox, 0.05 * w).contains((x, y)) && b.source == shape.source;
            let (sw, sh) = (shape.bbox.width(), shape.bbox.height());
            // A tick may leave its box a little; the box itself, painted again, is no tick.
            let fits = sw <= 1.5 * w && sh <= 1.5 * h && sw.max(sh) >= 0.25 * w.min(h);
            let itself = matches!(shape.form, Form::Round | Form::Box) && sw >= 0.8 * w && sh >= 0.8 * h;
            let framed_again = shape.form == Form::Free && !shape.dark && sw >= 0.95 * w && sh >= 0.95 * h;
            if inside && fits && !itself && !framed_again && b.content == Content::Nothing {
                b.content = Content::Tick;
            }
        }
    }
}

/// Signs typed into a box tick it; letters and digits say it is no box to tick.
fn read_inside(boxes: &mut [Drawn], lines: &mut [(Source, Vec<Printed>)]) {
    for (source, line) in lines {
        line.retain(|printed| {
            let bbox = printed.word.bbox;
            let mut found = None;
            for b in near(boxes, bbox.centre().1) {
                let around = inflated(b.bbox, 0.15 * b.bbox.width());
                if b.source == *source && around.contains(bbox.centre()) && bbox.width() <= 1.6 * b.bbox.width() {
                    let ticks = printed.word.text.chars().all(|c| is_tick(c) || c == '\u{fffd}');
                    b.content = if ticks { Content::Tick } else { Content::Letter };
                    found = Some(ticks);
                }
            }
            found != Some(true)
        });
    }
}

/// Boxes, sorted from top to bottom, that may hold something at height `y`.
fn near(boxes: &mut [Drawn], y: f32) -> impl Iterator<Item = &mut Drawn> {
    let highest = 2.0 * SIDES.end();
    let first = boxes.partition_point(|b| b.bbox.y0 < y - highest);
    let last = boxes.partition_point(|b| b.bbox.y0 <= y + SIDES.end());
    boxes[first..last].iter_mut()
}

fn inflated(rect: Rect, by: f32) -> Rect {
    Rect { x0: rect.x0 - by, y0: rect.y0 - by, x1: rect.x1 + by, y1: rect.y1 + by }
}
