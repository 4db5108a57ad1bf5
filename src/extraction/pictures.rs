//! Pages as they are shown, for drawing on: what a person compares a reading with.
//!
//! No card number is ever shown: where one stands on a page the picture is black, and a page that could not be read is not
//! shown at all, since nobody knows what stands on it.

use image::GrayImage;
use serde::{Deserialize, Serialize};

use super::card_numbers;
use super::limits::Limits;
use super::ocr;
use super::open::Opened;
use super::page::Page;
use crate::domain::card_number;
use crate::domain::document::Format;
use crate::domain::field::Rect;

/// Resolution of the pictures, in dots per inch.
const DPI: f32 = 144.0;
/// Room left round a card number, in points.
const MARGIN: f32 = 3.0;

/// One page, or one sheet of a workbook.
#[derive(Debug)]
pub struct PagePicture {
    /// Member of a ZIP.
    pub member: Option<String>,
    /// From 1.
    pub page: u32,
    /// Name of the sheet; its cells stand in for a picture.
    pub sheet: Option<String>,
    /// In points, as shown.
    pub size: (f32, f32),
    /// `None` where there is nothing to show, or where it could not be read.
    pub pixels: Option<GrayImage>,
    pub cells: Vec<SheetCell>,
}

/// A cell of a sheet as a spreadsheet program would show it; rows and columns from zero, the last ones included.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SheetCell {
    pub name: String,
    pub rows: (u32, u32),
    pub columns: (u32, u32),
    pub text: String,
}

/// The pages of one document.
pub(super) fn of(member: Option<&str>, bytes: &[u8], opened: &Opened, limits: &Limits) -> Vec<PagePicture> {
    let mut shown = match opened.format {
        Format::Pdf | Format::Jpeg | Format::Png | Format::Tiff => ocr::shown(bytes, opened.format, DPI, limits),
        _ => Vec::new(),
    }
    .into_iter();
    let unread: Vec<&str> =
        opened.findings.iter().filter_map(|finding| finding.details.get("page").map(String::as_str)).collect();
    let one = |page: &Page| {
        let (size, mut pixels) = shown.next().unwrap_or(((page.width, page.height), None));
        if unread.contains(&page.number.to_string().as_str()) {
            pixels = None;
        }
        if let Some(pixels) = &mut pixels {
            for place in card_numbers::places(page) {
                blacken(pixels, place, size);
            }
        }
        PagePicture {
            member: member.map(str::to_owned),
            page: page.number,
            sheet: page.sheet.clone(),
            size,
            pixels,
            cells: cells(page),
        }
    };
    opened.pages.iter().map(one).collect()
}

fn cells(page: &Page) -> Vec<SheetCell> {
    let cell = |cell: &super::page::Cell| SheetCell {
        name: cell.name(),
        rows: (cell.row, cell.last_row),
        columns: (cell.column, cell.last_column),
        text: card_number::masked(&cell.shown).unwrap_or_else(|| cell.shown.clone()),
    };
    page.cells.iter().filter(|cell| !cell.hidden).map(cell).collect()
}

#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "pixels of a page, held within it")]
#[expect(clippy::cast_precision_loss, reason = "pixels are far below 2^24")]
fn blacken(pixels: &mut GrayImage, place: Rect, size: (f32, f32)) {
    let (width, height) = pixels.dimensions();
    let across = |x: f32| ((x / size.0).clamp(0.0, 1.0) * width as f32) as u32;
    let down = |y: f32| ((y / size.1).clamp(0.0, 1.0) * height as f32) as u32;
    for y in down(place.y0 - MARGIN)..down(place.y1 + MARGIN) {
        for x in across(place.x0 - MARGIN)..across(place.x1 + MARGIN) {
            pixels.put_pixel(x, y, image::Luma([0]));
        }
    }
}
