//! Workbooks (XLSX, XLSM, ODS, XLS): one page per visible sheet, its coordinates being columns and rows.
//!
//! Numbers keep the digits that the file writes: an identifier must never pass through a float. For that the XML parts of
//! XLSX and ODS are read here, cell by cell, so that a sheet of two far corners costs two cells; only the binary XLS,
//! which stores nothing but floats, goes through `calamine`.

mod controls;
mod grid;
mod number_format;
mod ods;
mod references;
#[cfg(test)]
mod tests;
mod xls;
mod xlsx;

use super::limits::Limits;
use super::page::Page;
use super::refusal::Refusal;
use crate::domain::document::Format;
use crate::domain::finding::{Finding, Severity};

/// Reads every visible sheet; hidden ones are named in findings and not read.
pub(super) fn read(bytes: &[u8], format: Format, limits: &Limits) -> Result<(Vec<Page>, Vec<Finding>), Refusal> {
    let sheets = match format {
        Format::Ods => ods::sheets(bytes, limits)?,
        Format::Xls => xls::sheets(bytes, limits)?,
        _ => xlsx::sheets(bytes, limits)?,
    };
    let mut findings = Vec::new();
    let mut pages = Vec::new();
    for (sheet, number) in sheets.into_iter().zip(1..) {
        if sheet.hidden {
            findings.push(Finding::new("hidden_sheet", Severity::Info).with("sheet", sheet.name));
        } else {
            pages.push(sheet.into_page(number));
        }
    }
    Ok((pages, findings))
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
