//! Ink that is neither text nor ruling: signatures, stamps, logos; drawn with a pen or placed as a picture.

use std::collections::HashMap;

use super::super::page::{Ink, Mark};
use super::canvas::Picture;
use super::shapes::{Form, Shape};
use crate::domain::field::Rect;

/// Strokes within this many points of one another belong together.
const REACH: f32 = 12.0;
/// Smaller drawings are ticks, bullets, letters.
const SMALLEST: (f32, f32) = (18.0, 8.0);
/// A picture over more of the page than this is the page itself.
const WHOLE_PAGE: f32 = 0.5;
/// Cells of the raster that one stroke may touch.
const LONGEST: usize = 4096;

/// Inks of a page of this size.
pub(super) fn inks(shapes: &[Shape], pictures: &[Picture], marks: &[Mark], (width, height): (f32, f32)) -> Vec<Ink> {
    let surface = width * height;
    let mut inks: Vec<Ink> = pictures
        .iter()
        .filter(|picture| picture.bbox.width() * picture.bbox.height() < WHOLE_PAGE * surface)
        .map(|picture| Ink { bbox: picture.bbox, share: picture.ink })
        .collect();
    let is_pen = |shape: &&Shape| {
        let large = shape.bbox.width() > 0.9 * width && shape.bbox.height() > 0.5 * height;
        let drawn = match shape.form {
            Form::Free | Form::Slant => true,
            Form::Round => shape.bbox.width() > 25.0,
            Form::Across | Form::Down | Form::Box => false,
        };
        drawn && !large && (shape.stroked || shape.dark)
    };
    let strokes: Vec<Rect> = shapes
        .iter()
        .filter(is_pen)
        .map(|shape| shape.bbox)
        .filter(|bbox| !marks.iter().any(|mark| mark.bbox.contains(bbox.centre())))
        .collect();
    inks.extend(
        groups(&strokes)
            .into_iter()
            .filter(|(bbox, _)| is_large_enough(*bbox))
            .map(|(bbox, share)| Ink { bbox, share }),
    );
    inks
}

fn is_large_enough(bbox: Rect) -> bool {
    let (w, h) = (bbox.width(), bbox.height());
    (w >= SMALLEST.0 && h >= SMALLEST.1) || (h >= SMALLEST.0 && w >= SMALLEST.1)
}

/// Strokes that touch the same or neighbouring cells of a raster, with the share of cells they touch.
fn groups(strokes: &[Rect]) -> Vec<(Rect, f32)> {
    let mut owner: HashMap<(i32, i32), usize> = HashMap::new();
    let mut groups: Vec<usize> = (0..strokes.len()).collect();
    for (i, stroke) in strokes.iter().enumerate() {
        for cell in cells(stroke) {
            let neighbours = (-1..=1).flat_map(|dx| (-1..=1).map(move |dy| (cell.0 + dx, cell.1 + dy)));
            for other in neighbours.filter_map(|at| owner.get(&at).copied()).collect::<Vec<_>>() {
                join(&mut groups, i, other);
            }
            owner.entry(cell).or_insert(i);
        }
    }
    let mut found: HashMap<usize, (Rect, usize)> = HashMap::new();
    for (i, stroke) in strokes.iter().enumerate() {
        let touched = cells(stroke).count();
        let group = root(&mut groups, i);
        found
            .entry(group)
            .and_modify(|(bbox, n)| (*bbox, *n) = (bbox.union(stroke), *n + touched))
            .or_insert((*stroke, touched));
    }
    let mut found: Vec<(Rect, f32)> = found
        .into_values()
        .map(|(bbox, touched)| {
            let all = ((bbox.width() / REACH).ceil() * (bbox.height() / REACH).ceil()).max(1.0);
            #[expect(clippy::cast_precision_loss, reason = "cells of a page are few")]
            let share = touched as f32 / all;
            (bbox, share.min(1.0))
        })
        .collect();
    found.sort_by(|(a, _), (b, _)| a.y0.total_cmp(&b.y0).then(a.x0.total_cmp(&b.x0)));
    found
}

#[expect(clippy::cast_possible_truncation, reason = "page coordinates over twelve fit")]
fn cells(stroke: &Rect) -> impl Iterator<Item = (i32, i32)> {
    let at = |v: f32| (v / REACH).floor() as i32;
    let (x0, x1, y0, y1) = (at(stroke.x0), at(stroke.x1), at(stroke.y0), at(stroke.y1));
    (y0..=y1).flat_map(move |y| (x0..=x1).map(move |x| (x, y))).take(LONGEST)
}

fn root(groups: &mut [usize], mut i: usize) -> usize {
    while groups[i] != i {
        groups[i] = groups[groups[i]];
        i = groups[i];
    }
    i
}

fn join(groups: &mut [usize], a: usize, b: usize) {
    let (a, b) = (root(groups, a), root(groups, b));
    groups[a.max(b)] = a.min(b);
}
