//! Pictures of pages become pages: scans in a PDF, photographs, faxes, TIFF files of several pages.
//!
//! The way of a picture: it is taken out of its file (`picture`, `scan`), turned upright, parted where several papers lie
//! on it (`stack`) and each sheet made level (`upright`, `warp`). On the level sheet rules, boxes to tick, words and ink
//! are found (`sheet`, `rules`, `marks`, `segments`, `inks`), and lead back to the page as shown (`placing`). Two engines spell:
//! one in this process (`neural`), one beside it (`tesseract`, `cleanup`), whichever is there (`models`). They are two witnesses
//! and are never merged; the second is asked only for pages whose first reading leaves doubts (`second`).
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
mod hand;
mod inks;
mod marks;
mod models;
mod neural;
mod picture;
mod placing;
mod rules;
mod scan;
mod second;
mod segments;
mod sheet;
mod showing;
mod spelling;
mod stack;
mod tesseract;
mod tiff_pages;
mod upright;
mod warp;
mod words;

use hayro::RenderCache;
use hayro::hayro_syntax::Pdf;
use image::imageops::{self, FilterType};

use super::limits::Limits;
use super::page::{Page, Source};
use super::refusal::Refusal;
use crate::domain::document::Format;
use crate::domain::finding::{Finding, Severity};
use models::Engines;
pub use models::FOLDER as MODELS;
use neural::Lane;
use picture::Picture;
use placing::{assemble, merge, unread};
pub(super) use second::Kept;
use sheet::Sheet;
pub(super) use showing::shown;

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

/// Reads the model files now instead of at the first picture, out of `folder` when one is named. A process that will lose the
/// right to open files calls this before.
pub fn prepare(folder: Option<&std::path::Path>) {
    models::files(folder);
}

/// Whether the models lie in a folder, and whether Tesseract is installed; nothing is loaded.
pub fn engines(folder: &std::path::Path) -> (bool, bool) {
    (models::lie_in(folder), tesseract::Tesseract::find().is_some())
}

/// Pages that pictures gave.
pub(super) struct Read {
    pub(super) pages: Vec<Page>,
    pub(super) findings: Vec<Finding>,
    /// For a second look.
    pub(super) kept: Kept,
}

/// Reads a picture file, page by page.
pub(super) fn read_file(bytes: &[u8], format: Format, limits: &Limits) -> Result<Read, Refusal> {
    let engines = Engines::at_hand();
    let mut read = Read { pages: Vec::new(), findings: Vec::new(), kept: Kept::default() };
    if picture::is_cut(bytes, format) {
        read.findings.push(Finding::new("truncated_stream", Severity::Incomplete));
    }
    let mut pictures = (1..).zip(picture::pictures(bytes, format, limits));
    loop {
        // As many pictures as can be worked on at once are held in memory, no more.
        let mut some = Vec::new();
        for (number, picture) in pictures.by_ref().take(hands(engines)) {
            some.push((picture?, number));
        }
        if some.is_empty() {
            return Ok(read);
        }
        if read.pages.len() + some.len() > limits.scans {
            return Err(Refusal::TooLarge(format!("more than {} pictures of pages", limits.scans)));
        }
        if engines.none() {
            let pages: Vec<Page> = some.iter().map(|(picture, number)| unread(picture, *number)).collect();
            read.findings.extend(pages.iter().map(needs_ocr));
            read.pages.extend(pages);
        } else {
            read.pages.extend(read_all(some, engines, &mut read.kept));
        }
    }
}

/// Reads the pages of a PDF that are pictures, and puts what they show into `pages`.
pub(super) fn read_scans(bytes: &[u8], pages: &mut [Page], limits: &Limits) -> Result<(Vec<Finding>, Kept), Refusal> {
    let mut kept = Kept::default();
    let scans: Vec<usize> = pages.iter().enumerate().filter(|(_, page)| is_scan(page)).map(|(at, _)| at).collect();
    if scans.is_empty() {
        return Ok((Vec::new(), kept));
    }
    if scans.len() > limits.scans {
        return Err(Refusal::TooLarge(format!("{} scanned pages", scans.len())));
    }
    let engines = Engines::at_hand();
    if engines.none() {
        return Ok((scans.iter().map(|at| needs_ocr(&pages[*at])).collect(), kept));
    }
    let pdf = Pdf::new(bytes.to_vec()).map_err(|_| Refusal::damaged("no pages can be found in it"))?;
    let cache = RenderCache::new();
    let mut findings = Vec::new();
    // As many pictures as can be worked on at once are held in memory, no more.
    for some in scans.chunks(hands(engines)) {
        let mut pictures = Vec::new();
        for at in some {
            match pdf.pages().get(*at).and_then(|page| scan::picture_of(page, &cache, limits)) {
                Some(picture) => pictures.push((picture, pages[*at].number)),
                None => findings.push(needs_ocr(&pages[*at])),
            }
        }
        for read in read_all(pictures, engines, &mut kept) {
            if let Some(page) = pages.iter_mut().find(|page| page.number == read.number) {
                merge(page, read);
            }
        }
    }
    Ok((findings, kept))
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

/// How many pages may be worked on at once: one where no engine is. Behind narrow walls even asking how many cores there are is
/// forbidden, and there no engine is.
fn hands(engines: &Engines) -> usize {
    if engines.none() {
        return 1;
    }
    std::thread::available_parallelism().map_or(1, usize::from).min(4)
}

/// Reads pictures side by side while cores are free.
fn read_all(pictures: Vec<(Picture, u32)>, engines: &Engines, kept: &mut Kept) -> Vec<Page> {
    let lanes = pictures.len().min(hands(engines)).max(1);
    let threads = hands(engines) / lanes;
    let queue = std::sync::Mutex::new(pictures.into_iter());
    let next = || queue.lock().unwrap_or_else(std::sync::PoisonError::into_inner).next();
    let work = || {
        let lane = Lane::new(threads);
        std::iter::from_fn(next)
            .map(|(picture, number)| read_page(picture, number, engines, &lane))
            .collect::<Vec<(Page, Kept)>>()
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
    pages.sort_by_key(|(page, _)| page.number);
    let keep = |(page, sheets): (Page, Kept)| {
        kept.add(sheets);
        page
    };
    pages.into_iter().map(keep).collect()
}

/// One picture, the right way up.
fn read_page(picture: Picture, number: u32, engines: &Engines, lane: &Lane) -> (Page, Kept) {
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
