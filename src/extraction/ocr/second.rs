//! A second look at pages whose first reading leaves doubts: level sheets are kept, and the second engine reads them.
//!
//! It costs a third of the first look and is weaker, so it is asked only where its agreement would settle something.

use image::GrayImage;

use super::super::page::{Page, Source};
use super::bitmap::Bitmap;
use super::cleanup;
use super::models::Engines;
use super::rules::Rules;
use super::segments::{Place, segments, tidy};
use super::sheet::{lower_segments, told, type_alone};
use super::tesseract::Tesseract;
use super::words::Row;

/// Sheets kept at most; the pixels of one take four megabytes.
const MOST: usize = 16;
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

    /// Has the second engine read the sheets of `wanted` pages; what it sees is put into `pages` as another witness. False when
    /// it had nothing to add.
    pub(in super::super) fn look_again(&self, pages: &mut [Page], wanted: &[u32]) -> bool {
        // Where it was the only one to read it is no second witness.
        let engines = Engines::at_hand();
        let Engines { neural: Some(_), tesseract: Some(tesseract) } = engines else { return false };
        let mut added = false;
        // One after the other: each takes the memory of a page twice over, here and in the other process.
        for sheet in self.0.iter().filter(|sheet| wanted.contains(&sheet.page)) {
            let mut seen = sheet.read(tesseract);
            lower_segments(&mut seen, sheet.top);
            if let Some(page) = pages.iter_mut().find(|page| page.number == sheet.page) {
                added |= !seen.is_empty();
                page.segments.append(&mut seen);
            }
        }
        added
    }
}

impl Sheet {
    fn read(&self, tesseract: &Tesseract) -> Vec<super::super::page::Segment> {
        let bitmap = Bitmap::of(&self.pixels, self.scale * 72.0);
        let rules = Rules::of(&bitmap, self.scale);
        let rows = told(rows(tesseract, &self.pixels, &bitmap, &rules, self.scale));
        let alone = type_alone(&bitmap, &[], &rules);
        let leaders = cleanup::leaders(&bitmap, self.scale);
        let place = Place { ink: &alone, rules: &rules, leaders: &leaders, scale: self.scale };
        segments(tidy(rows, &place), Source::SecondOcr, &place)
    }
}

fn rows(
    tesseract: &Tesseract,
    page: &GrayImage,
    bitmap: &Bitmap,
    rules: &Rules,
    scale: f32,
) -> anyhow::Result<Vec<Row>> {
    tesseract.rows(&cleanup::for_tesseract(page, bitmap, rules, scale), scale * 72.0)
}

/// What the second engine reads where there is no first one.
pub(super) fn alone(
    tesseract: &Tesseract,
    page: &GrayImage,
    bitmap: &Bitmap,
    rules: &Rules,
    scale: f32,
) -> anyhow::Result<Vec<Row>> {
    let mut rows = rows(tesseract, page, bitmap, rules, scale)?;
    for word in rows.iter_mut().flat_map(|row| &mut row.words) {
        word.certainty *= ALONE;
    }
    Ok(rows)
}
