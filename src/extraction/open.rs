//! Any document's bytes become pages: the one way in for the reading engine and for `inspect`.
//!
//! A ZIP is no document but several; `archive` takes it apart first.

use super::format::{foreign, sniff};
use super::limits::Limits;
use super::ocr;
use super::page::Page;
use super::pdf;
use super::refusal::Refusal;
use super::workbook;
use crate::domain::document::Format;
use crate::domain::finding::Finding;

/// A document opened: its pages, and what is wrong with the file as such (hidden sheet, page that needs OCR, …).
#[derive(Debug)]
pub(super) struct Opened {
    pub(super) format: Format,
    pub(super) pages: Vec<Page>,
    pub(super) findings: Vec<Finding>,
    /// Sheets that were read from pictures, for a second look.
    pub(super) kept: ocr::Kept,
}

/// Opens one document that is not a ZIP.
pub(super) fn open(bytes: &[u8], limits: &Limits) -> Result<Opened, Refusal> {
    if bytes.is_empty() {
        return Err(Refusal::Empty);
    }
    if bytes.len() > limits.bytes {
        return Err(Refusal::TooLarge(format!("{} bytes", bytes.len())));
    }
    let format = sniff(bytes);
    let (pages, findings, kept) = match format {
        Format::Pdf => {
            let (mut pages, mut findings) = pdf::read(bytes, limits)?;
            let (more, kept) = ocr::read_scans(bytes, &mut pages, limits)?;
            findings.extend(more);
            (pages, findings, kept)
        }
        Format::Jpeg | Format::Png | Format::Tiff => {
            let ocr::Read { pages, findings, kept } = ocr::read_file(bytes, format, limits)?;
            (pages, findings, kept)
        }
        Format::Xlsx | Format::Xlsb | Format::Ods | Format::Xls => {
            let (pages, findings) = workbook::read(bytes, format, limits)?;
            (pages, findings, ocr::Kept::default())
        }
        _ => return Err(foreign(bytes).map_or(Refusal::UnknownFormat, Refusal::Unread)),
    };
    Ok(Opened { format, pages, findings, kept })
}
