//! One sheet of paper on a picture: made level, then read.
//!
//! Boxes to tick are found first and painted over, so that no engine takes them for letters; what an engine read is
//! erased before ink is looked for.

use image::GrayImage;

use super::super::page::{Ink, Line, Mark, Segment, Source};
use super::bitmap::Bitmap;
use super::marks;
use super::models::Engines;
use super::neural::{Lane, Seeing, Shown};
use super::rules::{Box, Rules};
use super::segments::{Place, points, segments, tidy};
use super::warp::Warp;
use super::words::{Row, legibility};
use super::{arabic, cleanup, combs, ground, hand, inks, other_script, second, typed, upright};
use crate::domain::field::Rect;
use crate::schemas::fold;

/// A word less certain than this may be a signature.
const SURELY_TYPE: f32 = 0.5;

/// Words inside a stamp are at most this certain: no second engine makes them trusted.
const STAMPED: f32 = 0.4;
/// Smallest and largest stamp, in points. Larger is the edge of the paper on a photograph, or a frame.
const STAMP: std::ops::RangeInclusive<f32> = 55.0..=200.0;

/// What a level sheet holds, in points from its top left.
#[derive(Debug, Default)]
pub(super) struct Sheet {
    pub(super) segments: Vec<Segment>,
    pub(super) marks: Vec<Mark>,
    pub(super) inks: Vec<Ink>,
    /// Words written by hand.
    pub(super) hands: Vec<Rect>,
    pub(super) rules: Vec<Line>,
    /// From pixels of the level sheet to pixels of the sheet as it lies.
    pub(super) warp: Option<Warp>,
    /// The level sheet as the engines were shown it.
    pub(super) level: GrayImage,
    /// Certainty over all characters, 0 to 1, and their number.
    pub(super) legibility: f32,
    pub(super) letters: usize,
}

/// Reads a sheet; `None` when it stands on its head and is to be turned over first. `scale` is pixels per point.
pub(super) fn read(
    picture: &GrayImage,
    scale: f32,
    may_stand_on_its_head: bool,
    engines: &Engines,
    lane: &Lane,
) -> Option<Sheet> {
    let warp = upright::levelling(picture);
    let level = warp.map_or_else(|| picture.clone(), |warp| warp.fetch(picture));
    let dpi = scale * 72.0;
    let bitmap = Bitmap::of(&level, dpi);
    let mut rules = Rules::of(&bitmap, scale);
    rules.down.retain(|wall| !ground::is_in_bar(&level, *wall));
    let squares = marks::find(&bitmap, scale);
    let leaders = cleanup::leaders(&bitmap, scale);
    let mut painted = without_boxes(level, &squares);
    // A line of type that ends in a hundred dots costs as much as two, and its last letters suffer.
    for dot in &leaders {
        paint_over(&mut painted, *dot, 1);
    }
    let mut type_alone = type_alone(&bitmap, &squares, &rules);
    for dot in &leaders {
        type_alone.erase(*dot);
    }

    let boxes: Vec<Box> = squares.iter().map(|square| square.bounds).collect();

    // Alone, the second engine is the only one there is to believe; it is believed less.
    let mut lines = Vec::new();
    let rows = match (&engines.neural, &engines.tesseract) {
        (Some(neural), _) => {
            let shown = Shown { page: &painted, ink: &type_alone, scale, boxes: &boxes, may_stand_on_its_head };
            match neural.rows(&shown, lane) {
                Ok(Seeing::OnItsHead) => return None,
                Ok(Seeing::Rows { rows, lines: found }) => {
                    lines = found;
                    Ok(rows)
                }
                Err(err) => Err(err),
            }
        }
        (None, Some(tesseract)) => second::alone(tesseract, &painted, &bitmap, &rules, scale),
        (None, None) => Ok(Vec::new()),
    };
    let mut rows = told(rows);
    ground::forget_light_signs(&mut rows, &painted);
    let legibility = legibility(&rows);
    let letters = rows.iter().flat_map(|row| &row.words).map(|word| word.text.chars().count()).sum();
    if let (Some(_), Some(tesseract)) = (&engines.neural, &engines.tesseract) {
        let mut arabic = told(arabic::read(tesseract, &painted, &type_alone, &lines, &mut rows, scale));
        for stroke in arabic::strokes(&arabic, &rules) {
            rules.down.retain(|wall| *wall != stroke);
            type_alone.put_back(&bitmap, stroke);
        }
        rows.append(&mut arabic);
    }
    let read: Vec<Box> = rows
        .iter()
        .flat_map(|row| &row.words)
        .filter(|word| word.certainty >= SURELY_TYPE)
        .map(|word| outer(word.bounds))
        .collect();
    let erased: Vec<Box> = read.into_iter().chain(boxes.iter().chain(&leaders).copied()).collect();
    let inks = inks::find(&bitmap, &rules, &erased, scale);
    doubt_stamped(&mut rows, &inks, scale);

    let walls = rules.and_walls(boxes.iter().copied());
    let place = Place { ink: &type_alone, rules: &walls, leaders: &leaders, scale };
    let mut rows = tidy(rows, &place);
    combs::join(&mut rows, &combs::find(&rules, scale), &type_alone.sums());
    let typed = typed::find(&mut rows, &type_alone);
    let mut found = segments(rows, Source::Ocr, &place);
    let rect = |(x0, y0, x1, y1): Box| points([x0 as f32, y0 as f32, x1 as f32, y1 as f32], scale);
    let inks: Vec<Ink> = inks.into_iter().map(|(bounds, share)| Ink { bbox: rect(bounds), share }).collect();
    other_script::drop_noise(&mut found, &inks, painted.width() as f32 / scale);
    let pixels = |b: Rect| [b.x0 * scale, b.y0 * scale, b.x1 * scale, b.y1 * scale];
    // What is read with less certainty may be print in other letters, and is doubted anyway.
    let words = found.iter().flat_map(|segment| &segment.words).filter(|word| word.certainty >= SURELY_TYPE);
    // What is known of strokes is known of Latin letters.
    let words = words.filter(|word| !fold::is_arabic_only(&word.text));
    let words: Vec<(&str, Rect)> = words.map(|word| (word.text.as_str(), word.bbox)).collect();
    let in_pixels: Vec<hand::Read<'_>> = words.iter().map(|(text, bbox)| (*text, pixels(*bbox))).collect();
    let written = hand::written(&painted, &type_alone.sums(), &in_pixels);
    let hands = words.iter().zip(written).filter(|(_, written)| *written).map(|(word, _)| word.1).collect();
    let ruling = ruling(&rules, &boxes, &found, scale);
    Some(Sheet {
        segments: found,
        marks: squares
            .iter()
            .map(|square| (square.bounds, square.ticked))
            .chain(typed)
            .map(|(bounds, ticked)| Mark { bbox: rect(bounds), ticked, source: Source::Ocr })
            .collect(),
        hands,
        inks,
        rules: ruling,
        warp,
        level: painted,
        legibility,
        letters,
    })
}

/// Rows, or none with a word in the log: the page then speaks for itself by what it lacks.
pub(super) fn told(rows: anyhow::Result<Vec<Row>>) -> Vec<Row> {
    rows.unwrap_or_else(|err| {
        tracing::warn!("An OCR engine could not read a page: {err:#}");
        Vec::new()
    })
}

/// The rules that part cells: no side of a box to tick, and no row of strokes in a line of type.
fn ruling(rules: &Rules, boxes: &[Box], type_lines: &[Segment], scale: f32) -> Vec<Line> {
    let of_box = |rule: &&Box| {
        boxes.iter().map(|b| outside(*b)).any(|b| rule.0 >= b.0 && rule.2 <= b.2 && rule.1 >= b.1 && rule.3 <= b.3)
    };
    let rect = |(x0, y0, x1, y1): Box| points([x0 as f32, y0 as f32, x1 as f32, y1 as f32], scale);
    let of_type = |rule: &Rect| {
        let (_, y) = rule.centre();
        type_lines.iter().map(|line| line.bbox).any(|line| {
            let edge = 0.12 * line.height();
            rule.x0 >= line.x0 - 2.0 && rule.x1 <= line.x1 + 2.0 && y > line.y0 + edge && y < line.y1 - edge
        })
    };
    let across = rules.across.iter().filter(|rule| !of_box(rule)).map(|rule| rect(*rule));
    let down = rules.down.iter().filter(|rule| !of_box(rule)).map(|rule| rect(*rule));
    across.filter(|rule| !of_type(rule)).chain(down).map(|bbox| Line { bbox }).collect()
}

/// The ink without boxes and rules: a word ends before a box, and a cell's walls are no letters of the word between them.
pub(super) fn type_alone(bitmap: &Bitmap, squares: &[marks::Square], rules: &Rules) -> Bitmap {
    let mut alone = bitmap.clone();
    for square in squares {
        alone.erase(outside(square.bounds));
    }
    for (x0, y0, x1, y1) in rules.across.iter().chain(&rules.down).copied() {
        alone.erase((x0.saturating_sub(1), y0.saturating_sub(1), x1 + 1, y1 + 1));
    }
    alone
}

/// What stands inside a stamp is the stamp's own print, or a value under it: nobody is sure of either.
fn doubt_stamped(rows: &mut [Row], inks: &[(Box, f32)], scale: f32) {
    let stamps: Vec<&Box> =
        inks.iter().filter(|(bounds, share)| is_stamp(*bounds, *share, scale)).map(|i| &i.0).collect();
    for word in rows.iter_mut().flat_map(|row| &mut row.words) {
        let (x, y) = word.centre();
        let within = |b: &&Box| (b.0 as f32..b.2 as f32).contains(&x) && (b.1 as f32..b.3 as f32).contains(&y);
        if stamps.iter().any(within) {
            word.certainty = word.certainty.min(STAMPED);
        }
    }
}

/// A large drawing about as high as wide, mostly paper inside: a ring or a frame.
fn is_stamp((x0, y0, x1, y1): Box, share: f32, scale: f32) -> bool {
    let (width, height) = ((x1 - x0) as f32 / scale, (y1 - y0) as f32 / scale);
    STAMP.contains(&width) && STAMP.contains(&height) && (0.7..=1.45).contains(&(width / height)) && share < 0.4
}

/// Paper where the boxes to tick stand, with the strokes that overshoot them.
fn without_boxes(mut page: GrayImage, squares: &[marks::Square]) -> GrayImage {
    for square in squares {
        paint_over(&mut page, outside(square.bounds), 0);
    }
    page
}

/// Paper instead of what stands in a rectangle and so many pixels round it.
fn paint_over(page: &mut GrayImage, (x0, y0, x1, y1): Box, more: usize) {
    let around = (x0.saturating_sub(more), y0.saturating_sub(more), x1 + more, y1 + more);
    let paper = paper_round(page, around);
    cleanup::fill(page, around, paper);
}

/// A box with the strokes that overshoot it.
fn outside((x0, y0, x1, y1): Box) -> Box {
    let more = ((x1 - x0) / 6).max(2);
    (x0.saturating_sub(more), y0.saturating_sub(more), x1 + more + 1, y1 + more + 1)
}

/// The brightest tone on the edge of a rectangle.
fn paper_round(page: &GrayImage, (x0, y0, x1, y1): Box) -> u8 {
    let (right, bottom) = ((x1.min(page.width() as usize)) as u32, (y1.min(page.height() as usize)) as u32);
    let (left, top) = (x0 as u32, y0 as u32);
    let sides = (left..right).flat_map(|x| [(x, top), (x, bottom.saturating_sub(1))]);
    sides.map(|(x, y)| page.get_pixel(x, y).0[0]).max().unwrap_or(255)
}

fn outer([x0, y0, x1, y1]: [f32; 4]) -> Box {
    (x0.max(0.0) as usize, y0.max(0.0) as usize, x1.ceil().max(0.0) as usize, y1.ceil().max(0.0) as usize)
}

/// Moves what a sheet holds down by `by` points.
pub(super) fn lower(sheet: &mut Sheet, by: f32) {
    let down = |rect: &mut Rect| {
        rect.y0 += by;
        rect.y1 += by;
    };
    lower_segments(&mut sheet.segments, by);
    for mark in &mut sheet.marks {
        down(&mut mark.bbox);
    }
    sheet.hands.iter_mut().for_each(down);
    for ink in &mut sheet.inks {
        down(&mut ink.bbox);
    }
    for rule in &mut sheet.rules {
        down(&mut rule.bbox);
    }
}

/// The same for segments alone.
pub(super) fn lower_segments(segments: &mut [Segment], by: f32) {
    let down = |rect: &mut Rect| {
        rect.y0 += by;
        rect.y1 += by;
    };
    for segment in segments {
        down(&mut segment.bbox);
        for word in &mut segment.words {
            down(&mut word.bbox);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::words::Seen;
    use super::*;

    #[test]
    fn walls_and_boxes_are_no_letters() {
        let mut page = Bitmap { width: 100, height: 60, ink: vec![0; 6000] };
        (10..90).for_each(|x| page.ink[10 * 100 + x] = 1);
        (10..50).for_each(|y| page.ink[y * 100 + 10] = 1);
        (20..30).for_each(|y| page.ink[y * 100 + 40] = 1);
        let rules = Rules { across: vec![(10, 10, 90, 11)], down: vec![(10, 10, 11, 50)] };
        let alone = type_alone(&page, &[], &rules);
        assert_eq!(alone.ink.iter().filter(|ink| **ink == 1).count(), 10, "the letter alone is left");
    }

    #[test]
    fn strokes_of_letters_and_sides_of_boxes_part_no_cells() {
        let rules = Rules {
            across: vec![(100, 54, 180, 56), (40, 90, 400, 92)],
            down: vec![(60, 44, 62, 66), (400, 20, 402, 92)],
        };
        let bbox = Rect { x0: 48.0, y0: 24.0, x1: 92.0, y1: 32.0 };
        let line = Segment { words: Vec::new(), bbox, source: Source::Ocr, size: 9.0, bold: false };
        let left = ruling(&rules, &[(60, 45, 80, 65)], &[line], 2.0);
        let left: Vec<f32> = left.iter().map(|line| line.bbox.x0).collect();
        assert_eq!(left, [20.0, 200.0], "the rule below and the wall");
    }

    #[test]
    fn nothing_inside_a_stamp_is_certain() {
        let word = |x: f32, y: f32| Seen {
            text: "BANQUE".to_owned(),
            bounds: [x, y, x + 60.0, y + 20.0],
            certainty: 0.99,
            ..Seen::default()
        };
        let mut rows = vec![Row { words: vec![word(200.0, 200.0), word(20.0, 20.0)] }];
        doubt_stamped(&mut rows, &[((100, 100, 400, 400), 0.08), ((10, 10, 300, 50), 0.2)], 2.0);
        let certain: Vec<bool> = rows[0].words.iter().map(|word| word.certainty > 0.9).collect();
        assert_eq!(certain, [false, true]);
    }

    #[test]
    fn the_edge_of_the_paper_is_no_stamp() {
        assert!(is_stamp((100, 100, 400, 400), 0.08, 2.0));
        assert!(!is_stamp((0, 0, 1190, 1684), 0.08, 2.0));
    }
}
