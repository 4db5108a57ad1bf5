//! A second look at values whose first reading leaves doubts: level sheets are kept, and the second engine reads them there.
//!
//! It is weaker than the first, so it is asked only where its agreement would settle something.

use image::GrayImage;

use super::super::page::{Page, Source};
use super::bitmap::Bitmap;
use super::cleanup;
use super::models::Engines;
use super::rules::{Box, Rules};
use super::segments::{Place, segments, tidy};
use super::sheet::{lower_segments, told, type_alone};
use super::strips::Strips;
use super::tesseract::{Language, Tesseract};
use super::words::Row;
use crate::domain::field::Rect;

/// Sheets kept at most; the pixels of one take four megabytes.
const MOST: usize = 16;
/// Paper shown round a place, in its heights: a letter that the first engine missed may stand there.
const ROUND: (f32, f32) = (2.0, 0.6);
/// How far the second engine is believed where the first is not installed: enough for what a check proves, no more.
const ALONE: f32 = 0.9;

/// Level sheets, ready for another look.
#[derive(Debug, Default)]
pub(in super::super) struct Kept(Vec<Sheet>);

#[derive(Debug)]
struct Sheet {
    page: u32,
    /// Where it begins on its page, in points.
    top: f32,
    /// Pixels per point.
    scale: f32,
    pixels: GrayImage,
}

impl Kept {
    pub(super) fn keep(&mut self, page: u32, top: f32, scale: f32, pixels: GrayImage) {
        if self.0.len() < MOST {
            self.0.push(Sheet { page, top, scale, pixels });
        }
    }

    pub(super) fn add(&mut self, other: Self) {
        self.0.extend(other.0);
        self.0.truncate(MOST);
    }

    /// Has the second engine read `wanted` places of pages; what it sees is put into `pages` as another witness. False when it
    /// had nothing to add.
    pub(in super::super) fn look_again(&self, pages: &mut [Page], wanted: &[(u32, Rect)]) -> bool {
        // Where it was the only one to read it is no second witness.
        let engines = Engines::at_hand();
        let Engines { neural: Some(_), tesseract: Some(tesseract) } = engines else { return false };
        let mut added = false;
        // One after the other: each takes the memory of a page twice over, here and in the other process.
        for sheet in &self.0 {
            let Some(page) = pages.iter_mut().find(|page| page.number == sheet.page) else { continue };
            let here =
                wanted.iter().filter(|(number, _)| *number == sheet.page).map(|(_, place)| page.from_shown(*place));
            let parts: Vec<Box> = here.filter_map(|place| sheet.part(place)).collect();
            if parts.is_empty() {
                continue;
            }
            let mut seen = sheet.read(tesseract, &parts);
            lower_segments(&mut seen, sheet.top);
            added |= !seen.is_empty();
            page.segments.append(&mut seen);
        }
        added
    }
}

impl Sheet {
    /// The pixels round a place of the page; `None` when it lies on another sheet.
    fn part(&self, place: Rect) -> Option<Box> {
        let height = place.height().max(6.0);
        let (more_x, more_y) = (ROUND.0 * height, ROUND.1 * height);
        let pixels = |points: f32| (points * self.scale).max(0.0) as usize;
        let (top, bottom) = (place.y0 - self.top - more_y, place.y1 - self.top + more_y);
        let (left, right) = (pixels(place.x0 - more_x), pixels(place.x1 + more_x));
        let on_it = bottom > 0.0 && top * self.scale < self.pixels.height() as f32;
        on_it.then(|| (left, pixels(top), right, pixels(bottom)))
    }

    fn read(&self, tesseract: &Tesseract, parts: &[Box]) -> Vec<super::super::page::Segment> {
        let bitmap = Bitmap::of(&self.pixels, self.scale * 72.0);
        let rules = Rules::of(&bitmap, self.scale);
        let clean = cleanup::for_tesseract(&self.pixels, &bitmap, &rules, self.scale);
        let dpi = self.scale * 72.0;
        let rows = told(match Strips::of(&clean, parts) {
            Some(strips) => tesseract.rows(&strips.picture, dpi, Language::French).map(|rows| strips.back(rows)),
            None => tesseract.rows(&clean, dpi, Language::French),
        });
        let alone = type_alone(&bitmap, &[], &rules);
        let leaders = cleanup::leaders(&bitmap, self.scale);
        let place = Place { ink: &alone, rules: &rules, leaders: &leaders, scale: self.scale };
        segments(tidy(rows, &place), Source::SecondOcr, &place)
    }
}

/// What the second engine reads where there is no first one.
pub(super) fn alone(
    tesseract: &Tesseract,
    page: &GrayImage,
    bitmap: &Bitmap,
    rules: &Rules,
    scale: f32,
) -> anyhow::Result<Vec<Row>> {
    let clean = cleanup::for_tesseract(page, bitmap, rules, scale);
    let mut rows = tesseract.rows(&clean, scale * 72.0, Language::French)?;
    for word in rows.iter_mut().flat_map(|row| &mut row.words) {
        word.certainty *= ALONE;
    }
    Ok(rows)
}
