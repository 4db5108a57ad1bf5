//! Pictures of pages become pages: scans in a PDF, photographs, faxes, TIFF files of several pages.
//!
//! The way of a picture: it is taken out of its file (`picture`, `scan`), turned upright, parted where several papers lie
//! on it (`stack`) and each sheet made level (`upright`, `warp`). On the level sheet rules, boxes to tick, words and ink
//! are found (`sheet`, `rules`, `marks`, `segments`, `inks`), and lead back to the page as shown (`placing`). Two engines spell:
//! one in this process (`neural`), one beside it (`tesseract`, `cleanup`), whichever is there (`models`). They are two witnesses
//! and are never merged; the second is asked only for pages whose first reading leaves doubts (`second`), and for the Arabic
//! that the first cannot spell (`arabic`).
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

mod arabic;
mod bitmap;
mod blanks;
mod cleanup;
mod combs;
mod ground;
mod hand;
mod inks;
mod marks;
mod models;
mod neural;
mod other_script;
mod picture;
mod placing;
mod rules;
mod scan;
mod second;
mod segments;
mod sheet;
mod showing;
mod solid;
mod spelling;
mod stack;
mod strips;
mod strokes;
mod tesseract;
mod tiff_pages;
mod twice;
mod type_size;
mod typed;
mod upright;
mod warp;
mod words;

use hayro::RenderCache;
use hayro::hayro_syntax::Pdf;
use image::GrayImage;
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

/// What there is to read pictures with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct AtHand {
    pub models: bool,
    pub tesseract: bool,
    /// Tesseract knows Arabic.
    pub arabic: bool,
}

/// Looks for the models in a folder, and for Tesseract; nothing is loaded.
pub fn engines(folder: &std::path::Path) -> AtHand {
    let tesseract = tesseract::Tesseract::find();
    let arabic = tesseract.as_ref().is_some_and(|tesseract| tesseract.knows(tesseract::Language::Arabic));
    AtHand { models: models::lie_in(folder), tesseract: tesseract.is_some(), arabic }
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
    let lane = Lane::new(hands(engines));
    // One picture after the other: a second one at the same time would take as much memory again, and each uses all cores.
    for (number, picture) in (1..).zip(picture::pictures(bytes, format, limits)) {
        let picture = picture?;
        if read.pages.len() >= limits.scans {
            return Err(Refusal::TooLarge(format!("more than {} pictures of pages", limits.scans)));
        }
        if engines.none() {
            let page = unread(&picture, number);
            read.findings.push(needs_ocr(&page));
            read.pages.push(page);
        } else {
            let (page, kept) = read_page(picture, number, engines, &lane);
            read.pages.push(page);
            read.kept.add(kept);
        }
    }
    Ok(read)
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
    let lane = Lane::new(hands(engines));
    for at in scans {
        let picture = pdf.pages().get(at).and_then(|page| scan::picture_of(page, &cache, limits));
        let Some(picture) = picture else {
            findings.push(needs_ocr(&pages[at]));
            continue;
        };
        let (read, sheets) = read_page(picture, pages[at].number, engines, &lane);
        kept.add(sheets);
        merge(&mut pages[at], read);
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

/// How many threads one page may use: one where no engine is. Behind narrow walls even asking how many cores there are is
/// forbidden, and there no engine is.
fn hands(engines: &Engines) -> usize {
    if engines.none() {
        return 1;
    }
    std::thread::available_parallelism().map_or(1, usize::from).min(4)
}

/// One picture, the right way up.
fn read_page(picture: Picture, number: u32, engines: &Engines, lane: &Lane) -> (Page, Kept) {
    let shown = unread(&picture, number);
    let Picture { pixels, scale } = coarse(picture);
    let sideways = upright::runs_downwards(&pixels);
    let (pixels, turn) = if sideways { (imageops::rotate270(&pixels), 270) } else { (pixels, 0) };
    let read = |pixels: &GrayImage, may_turn| read_sheets(pixels, scale, may_turn, engines, lane);
    let as_it_lies = match read(&pixels, true) {
        Some(sheets) if !stands_on_its_head(&sheets, engines) => return assemble(sheets, &shown, turn, scale),
        other => other,
    };
    let over = read(&imageops::rotate180(&pixels), false).unwrap_or_default();
    match as_it_lies {
        Some(sheets) if legibility(&sheets) >= legibility(&over) => assemble(sheets, &shown, turn, scale),
        _ => assemble(over, &shown, (turn + 180) % 360, scale),
    }
}

/// The first engine notices by itself, early on; where the second is alone, what it read must tell.
fn stands_on_its_head(sheets: &[(u32, Sheet)], engines: &Engines) -> bool {
    let letters: usize = sheets.iter().map(|(_, sheet)| sheet.letters).sum();
    engines.neural.is_none() && letters >= ENOUGH_LETTERS && legibility(sheets) < HARDLY_LEGIBLE
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

/// Each sheet with the row of the picture it begins at; `None` when one stands on its head and all are to be turned over.
fn read_sheets(
    pixels: &GrayImage,
    scale: f32,
    may_stand_on_its_head: bool,
    engines: &Engines,
    lane: &Lane,
) -> Option<Vec<(u32, Sheet)>> {
    let read = |(top, bottom): (u32, u32)| {
        let part = imageops::crop_imm(pixels, 0, top, pixels.width(), bottom - top).to_image();
        Some((top, sheet::read(&part, scale, may_stand_on_its_head, engines, lane)?))
    };
    stack::sheets(pixels).into_iter().map(read).collect()
}

fn legibility(sheets: &[(u32, Sheet)]) -> f32 {
    let letters: usize = sheets.iter().map(|(_, sheet)| sheet.letters).sum();
    let sum: f32 = sheets.iter().map(|(_, sheet)| sheet.legibility * sheet.letters as f32).sum();
    sum / letters.max(1) as f32
}
