//! Pictures of pages become pages: scans in a PDF, photographs, faxes, TIFF files of several pages.
//!
//! The way of a picture: it is taken out of its file (`picture`, `scan`), turned upright, parted where several papers lie
//! on it (`stack`) and each sheet made level (`upright`, `warp`). On the level sheet rules, boxes to tick, words and ink
//! are found (`sheet`, `rules`, `marks`, `segments`, `inks`). Two engines spell: one in this process (`neural`), one beside it
//! (`tesseract`, `cleanup`), whichever is there (`models`). They are two witnesses and are never merged.
//!
//! Invariants: what a page shows in a picture is never passed over in silence: without an engine the page yields the
//! finding `needs_ocr`. A hidden text layer stays what it is, a witness of lower rank. Pixels are counted before they are
//! decoded.
#![expect(
    clippy::cast_possible_truncation,
    clippy::cast_precision_loss,
    clippy::cast_sign_loss,
    clippy::many_single_char_names,
    reason = "pixels, points and shares: all far below 2^24 and not negative where they are counted; x, y, w, h"
)]

mod bitmap;
mod cleanup;
mod inks;
mod marks;
mod models;
mod neural;
mod picture;
mod rules;
mod scan;
mod segments;
mod sheet;
mod spelling;
mod stack;
mod tesseract;
mod upright;
mod warp;
mod words;

use hayro::RenderCache;
use hayro::hayro_syntax::Pdf;
use image::imageops::{self, FilterType};

use super::limits::Limits;
use super::page::{Page, Placement, Projection, Source};
use super::refusal::Refusal;
use crate::domain::document::Format;
use crate::domain::field::Rect;
use crate::domain::finding::{Finding, Severity};
use models::Engines;
use neural::Lane;
use picture::Picture;
use sheet::Sheet;
use warp::Warp;

/// Finer pictures are made coarser: more pixels cost time and tell nothing more.
const FINEST_DPI: f32 = 220.0;
const WORKING_DPI: f32 = 200.0;
/// A page with fewer visible words than this, most of it a picture, is a scan.
const FEW_WORDS: usize = 30;
/// Share of the page a picture must cover for that.
const MOSTLY_PICTURE: f32 = 0.5;
/// A page less legible than this may stand on its head.
const HARDLY_LEGIBLE: f32 = 0.80;
/// Fewer letters than this tell nothing about which end is up.
const ENOUGH_LETTERS: usize = 20;

/// Reads the model files now instead of at the first picture. A process that will lose the right to open files calls this
/// before.
pub fn prepare() {
    models::files();
}

/// Reads a picture file, page by page.
pub(super) fn read_file(bytes: &[u8], format: Format, limits: &Limits) -> Result<(Vec<Page>, Vec<Finding>), Refusal> {
    let engines = Engines::at_hand();
    let pictures = picture::pictures(bytes, format, limits)?;
    if pictures.len() > limits.scans {
        return Err(Refusal::TooLarge(format!("{} pictures of pages", pictures.len())));
    }
    let sizes: Vec<Page> = pictures.iter().zip(1..).map(|(picture, number)| unread(picture, number)).collect();
    if engines.none() {
        let findings = sizes.iter().map(needs_ocr).collect();
        return Ok((sizes, findings));
    }
    let pages = read_all(pictures.into_iter().zip(1..).collect(), engines);
    Ok((pages, Vec::new()))
}

/// Reads the pages of a PDF that are pictures, and puts what they show into `pages`.
pub(super) fn read_scans(bytes: &[u8], pages: &mut [Page], limits: &Limits) -> Result<Vec<Finding>, Refusal> {
    let scans: Vec<usize> = pages.iter().enumerate().filter(|(_, page)| is_scan(page)).map(|(at, _)| at).collect();
    if scans.is_empty() {
        return Ok(Vec::new());
    }
    if scans.len() > limits.scans {
        return Err(Refusal::TooLarge(format!("{} scanned pages", scans.len())));
    }
    let engines = Engines::at_hand();
    if engines.none() {
        return Ok(scans.iter().map(|at| needs_ocr(&pages[*at])).collect());
    }
    let pdf = Pdf::new(bytes.to_vec()).map_err(|_| Refusal::damaged("no pages can be found in it"))?;
    let cache = RenderCache::new();
    let mut findings = Vec::new();
    // As many pictures as can be worked on at once are held in memory, no more.
    for some in scans.chunks(hands()) {
        let mut pictures = Vec::new();
        for at in some {
            match pdf.pages().get(*at).and_then(|page| scan::picture_of(page, &cache, limits)) {
                Some(picture) => pictures.push((picture, pages[*at].number)),
                None => findings.push(needs_ocr(&pages[*at])),
            }
        }
        for read in read_all(pictures, engines) {
            if let Some(page) = pages.iter_mut().find(|page| page.number == read.number) {
                merge(page, read);
            }
        }
    }
    Ok(findings)
}

/// Does this page show its content in a picture, or in letters nobody can make out?
fn is_scan(page: &Page) -> bool {
    let visible =
        || page.segments.iter().filter(|segment| segment.source == Source::Text).flat_map(|segment| &segment.words);
    let words = visible().count();
    let lost = visible().filter(|word| word.text.contains(char::REPLACEMENT_CHARACTER)).count();
    let lost = words > 0 && lost * 3 > words;
    lost || words < FEW_WORDS && page.image_share >= MOSTLY_PICTURE
}

fn needs_ocr(page: &Page) -> Finding {
    Finding::new("needs_ocr", Severity::Incomplete).with("page", page.number.to_string())
}

/// A picture as a page nobody has read.
fn unread(picture: &Picture, number: u32) -> Page {
    Page {
        number,
        width: picture.pixels.width() as f32 / picture.scale,
        height: picture.pixels.height() as f32 / picture.scale,
        image_share: 1.0,
        ..Page::default()
    }
}

/// How many pages may be worked on at once.
fn hands() -> usize {
    std::thread::available_parallelism().map_or(1, usize::from).min(4)
}

/// Reads pictures side by side while cores are free.
fn read_all(pictures: Vec<(Picture, u32)>, engines: &Engines) -> Vec<Page> {
    let lanes = pictures.len().min(hands()).max(1);
    let threads = hands() / lanes;
    let queue = std::sync::Mutex::new(pictures.into_iter());
    let next = || queue.lock().unwrap_or_else(std::sync::PoisonError::into_inner).next();
    let work = || {
        let lane = Lane::new(threads);
        std::iter::from_fn(next)
            .map(|(picture, number)| read_page(picture, number, engines, &lane))
            .collect::<Vec<Page>>()
    };
    let mut pages = std::thread::scope(|scope| {
        let others: Vec<_> =
            (1..lanes).filter_map(|_| std::thread::Builder::new().spawn_scoped(scope, work).ok()).collect();
        let mut pages = work();
        for other in others {
            match other.join() {
                Ok(read) => pages.extend(read),
                Err(panic) => std::panic::resume_unwind(panic),
            }
        }
        pages
    });
    pages.sort_by_key(|page| page.number);
    pages
}

/// One picture, the right way up.
fn read_page(picture: Picture, number: u32, engines: &Engines, lane: &Lane) -> Page {
    let shown = unread(&picture, number);
    let Picture { pixels, scale } = coarse(picture);
    let sideways = upright::runs_downwards(&pixels);
    let (pixels, turn) = if sideways { (imageops::rotate270(&pixels), 270) } else { (pixels, 0) };
    let mut best = read_sheets(&pixels, scale, engines, lane);
    let mut turn = turn;
    let letters: usize = best.iter().map(|(_, sheet)| sheet.letters).sum();
    if legibility(&best) < HARDLY_LEGIBLE && letters >= ENOUGH_LETTERS {
        let over = imageops::rotate180(&pixels);
        let other = read_sheets(&over, scale, engines, lane);
        if legibility(&other) > legibility(&best) {
            best = other;
            turn = (turn + 180) % 360;
        }
    }
    assemble(best, &shown, turn, scale)
}

fn coarse(picture: Picture) -> Picture {
    let dpi = picture.scale * 72.0;
    if dpi <= FINEST_DPI {
        return picture;
    }
    let smaller = |side: u32| ((side as f32 * WORKING_DPI / dpi).round() as u32).max(1);
    let (width, height) = (smaller(picture.pixels.width()), smaller(picture.pixels.height()));
    let scale = picture.scale * width as f32 / picture.pixels.width() as f32;
    Picture { pixels: imageops::resize(&picture.pixels, width, height, FilterType::Triangle), scale }
}

/// Each sheet with the row of the picture it begins at.
fn read_sheets(pixels: &image::GrayImage, scale: f32, engines: &Engines, lane: &Lane) -> Vec<(u32, Sheet)> {
    let read = |(top, bottom): (u32, u32)| {
        let part = imageops::crop_imm(pixels, 0, top, pixels.width(), bottom - top).to_image();
        (top, sheet::read(&part, scale, engines, lane))
    };
    stack::sheets(pixels).into_iter().map(read).collect()
}

fn legibility(sheets: &[(u32, Sheet)]) -> f32 {
    let letters: usize = sheets.iter().map(|(_, sheet)| sheet.letters).sum();
    let sum: f32 = sheets.iter().map(|(_, sheet)| sheet.legibility * sheet.letters as f32).sum();
    sum / letters.max(1) as f32
}

/// The page model out of its sheets. `shown` is the page as shown, `turn` how far it was turned clockwise to be upright.
fn assemble(sheets: Vec<(u32, Sheet)>, shown: &Page, turn: u16, scale: f32) -> Page {
    let (width, height) = if turn % 180 == 90 { (shown.height, shown.width) } else { (shown.width, shown.height) };
    let mut page = Page { width, height, turn, ..shown.clone() };
    let tops: Vec<f32> = sheets.iter().map(|(top, _)| *top as f32 / scale).collect();
    for (at, (_, mut sheet)) in sheets.into_iter().enumerate() {
        let (top, bottom) = (tops[at], tops.get(at + 1).copied().unwrap_or(height));
        sheet::lower(&mut sheet, top);
        page.placements.push(placement(sheet.warp, (top, bottom), (width, height), turn, scale));
        page.segments.append(&mut sheet.segments);
        page.marks.append(&mut sheet.marks);
        page.inks.append(&mut sheet.inks);
        page.rules.append(&mut sheet.rules);
    }
    if turn == 0 && page.placements.iter().all(|part| part.map == Projection::NONE) {
        page.placements.clear();
    }
    page
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
fn merge(page: &mut Page, read: Page) {
    // What is drawn on the page is on its picture too; hidden text and fields are not.
    page.segments.retain(|segment| segment.source != Source::Text);
    let into = |rect: &mut Rect| *rect = read.from_shown(*rect);
    for segment in &mut page.segments {
        into(&mut segment.bbox);
        segment.words.iter_mut().for_each(|word| into(&mut word.bbox));
    }
    page.widgets.iter_mut().for_each(|widget| into(&mut widget.rect));
    page.segments.extend(read.segments);
    page.marks = read.marks;
    page.inks = read.inks;
    page.rules = read.rules;
    page.placements = read.placements;
    page.turn = (page.turn + read.turn) % 360;
    (page.width, page.height) = (read.width, read.height);
}
