//! Workbooks (XLSX, XLSM, XLSB, ODS, XLS): one page per visible sheet, its coordinates being columns and rows.
//!
//! Numbers keep the digits that the file writes: an identifier must never pass through a float (XLS and XLSB have nothing but
//! floats). All are read cell by cell, so that a sheet of two far corners costs two cells.

mod controls;
mod dates;
mod decimal;
mod form_controls;
mod grid;
mod number_format;
mod ods;
mod package;
mod references;
mod styles;
#[cfg(test)]
mod tests;
mod xls;
mod xlsb;
mod xlsx;

use super::limits::Limits;
use super::packed::Purse;
use super::page::{Cell, Page};
use super::refusal::Refusal;
use crate::domain::document::Format;
use crate::domain::finding::{Finding, Severity};

/// Reads every visible sheet; hidden ones are named in findings and not read.
pub(super) fn read(bytes: &[u8], format: Format, limits: &Limits) -> Result<(Vec<Page>, Vec<Finding>), Refusal> {
    let sheets = match format {
        Format::Ods => ods::sheets(bytes, limits)?,
        Format::Xls => xls::sheets(bytes, limits, false)?,
        Format::Xlsb => xlsb::sheets(bytes, limits, false)?,
        _ => xlsx::sheets(bytes, limits)?,
    };
    let mut findings = Vec::new();
    let mut pages = Vec::new();
    for (mut sheet, number) in sheets.into_iter().zip(1..) {
        if sheet.hidden {
            findings.push(Finding::new("hidden_sheet", Severity::Info).with("sheet", sheet.name));
        } else {
            if sheet.lost {
                findings.push(Finding::new("truncated_stream", Severity::Incomplete).with("sheet", sheet.name.clone()));
            }
            let struck = std::mem::take(&mut sheet.struck);
            let page = sheet.into_page(number, &struck);
            findings.extend(cells_told("hidden_cells", &page, |cell| cell.hidden));
            let is_struck = |cell: &Cell| struck.contains(&(cell.row, cell.column)) && !cell.hidden;
            findings.extend(cells_told("struck_cells", &page, is_struck));
            pages.push(page);
        }
    }
    Ok((pages, findings))
}

/// The texts and comments of every cell of a binary workbook (XLS, XLSB), hidden sheets among them.
pub(super) fn texts(bytes: &[u8], format: Format, limits: &Limits) -> Vec<String> {
    let sheets = match format {
        Format::Xls => xls::sheets(bytes, limits, true),
        _ => xlsb::sheets(bytes, limits, true),
    };
    let cells = sheets.unwrap_or_default().into_iter().flat_map(|sheet| sheet.cells);
    cells.flat_map(|cell| std::iter::once(cell.shown).chain(cell.comment)).collect()
}

/// Cells that are not read, for nobody sees them or their answer was struck through.
fn cells_told(code: &'static str, page: &Page, is_left_out: impl Fn(&Cell) -> bool) -> Option<Finding> {
    const NAMED: usize = 5;
    let mut names: Vec<String> =
        page.cells.iter().filter(|cell| is_left_out(cell)).map(Cell::name).take(NAMED + 1).collect();
    if names.len() > NAMED {
        "…".clone_into(&mut names[NAMED]);
    }
    let sheet = page.sheet.clone().unwrap_or_default();
    let finding = || Finding::new(code, Severity::Info).with("sheet", sheet).with("cells", names.join(", "));
    (!names.is_empty()).then(finding)
}

/// What the parts of a workbook may inflate to. All of them are held in memory at once, a PDF's streams are not.
fn purse(limits: &Limits) -> Purse {
    Purse::new(&Limits { inflated: limits.inflated / 4, ..*limits })
}

/// Counts cells and characters while they are read.
#[derive(Debug, Default)]
struct Budget {
    cells: usize,
    text: usize,
    rows: u32,
    columns: u32,
}

impl Budget {
    /// Excel's own last row and column; a file that goes beyond is no workbook.
    fn new(limits: &Limits) -> Self {
        Self { cells: limits.cells, text: limits.text, rows: 1 << 20, columns: 1 << 14 }
    }

    fn cell(&mut self, row: u32, column: u32) -> Result<(), Refusal> {
        if row >= self.rows || column >= self.columns {
            return Err(Refusal::Damaged(format!("a cell at row {row}, column {column}")));
        }
        self.cells =
            self.cells.checked_sub(1).ok_or_else(|| Refusal::TooLarge("more cells than a form has".to_owned()))?;
        Ok(())
    }

    fn shorten(&self, text: &mut String) {
        if text.len() > self.text {
            let mut end = self.text;
            while !text.is_char_boundary(end) {
                end -= 1;
            }
            text.truncate(end);
        }
    }
}
