//! XLSB (MS-XLSB): Excel's binary workbook. calamine reads its values, cell by cell.
//!
//! calamine passes over what nobody sees and what is merged: that is read here, from the same records. It inflates parts without
//! measure and trusts the lengths of records: every part is inflated under the purse first, and a panic is a damaged file.

mod records;
#[cfg(test)]
mod tests;

use std::io::Cursor;
use std::panic::{AssertUnwindSafe, catch_unwind};

use calamine::{DataRef, Reader, SheetType, SheetVisible, Xlsb, XlsbError};

use super::super::limits::Limits;
use super::super::packed::{Packed, Purse};
use super::super::refusal::Refusal;
use super::grid::{self, Sheet, cell};
use super::number_format::Format;
use super::package::Package;
use super::{Budget, dates, xlsx};
use crate::extraction::page::CellValue;

/// Which day a date is shown as: the reader tells that a cell is a date, not how it looks.
const SHOWN_DATE: &str = "dd/mm/yyyy";

/// Reads all sheets; of hidden ones only the name, unless they are wanted too by who looks for what must not be in the file.
pub(super) fn sheets(bytes: &[u8], limits: &Limits, with_hidden: bool) -> Result<Vec<Sheet>, Refusal> {
    measured(bytes, &super::purse(limits))?;
    catch_unwind(AssertUnwindSafe(|| read(bytes, limits, with_hidden)))
        .unwrap_or_else(|_| Err(Refusal::damaged("its records do not hold together")))
}

/// Inflates every part once, counting, before anything inflates them without.
fn measured(bytes: &[u8], purse: &Purse) -> Result<(), Refusal> {
    let mut packed = Packed::open(bytes, purse)?;
    for index in 0..packed.len() {
        if packed.name(index)?.is_some() {
            packed.read(index)?;
        }
    }
    Ok(())
}

fn read(bytes: &[u8], limits: &Limits, with_hidden: bool) -> Result<Vec<Sheet>, Refusal> {
    let mut book = Xlsb::new(Cursor::new(bytes)).map_err(refusal)?;
    let since_1904 = book.has_1904_epoch();
    let listed = book.sheets_metadata().to_vec();
    if listed.len() > limits.pages {
        return Err(Refusal::TooLarge(format!("{} sheets", listed.len())));
    }
    let purse = super::purse(limits);
    let mut parts = records::Parts::of(Package::open(bytes, &purse)?)?;
    let date = Format::parse(SHOWN_DATE);
    let mut budget = Budget::new(limits);
    let mut sheets = Vec::with_capacity(listed.len());
    for entry in listed {
        let hidden = entry.visible != SheetVisible::Visible;
        let mut sheet = Sheet { name: entry.name, hidden, ..Sheet::default() };
        if entry.typ == SheetType::WorkSheet && (with_hidden || !hidden) {
            parts.geometry(&mut sheet)?;
            let mut cells = book.worksheet_cells_reader(&sheet.name).map_err(refusal)?;
            while let Some(found) = cells.next_cell().map_err(refusal)? {
                let (row, column) = found.get_position();
                let Some((value, shown)) = value(found.get_value(), since_1904, &date) else { continue };
                budget.cell(row, column)?;
                let mut cell = cell(row, column, value, shown);
                budget.shorten(&mut cell.shown);
                sheet.cells.push(cell);
            }
        }
        sheets.push(sheet);
    }
    Ok(sheets)
}

/// A cell's value and what is shown of it; `None` for a cell that holds nothing.
fn value(read: &DataRef<'_>, since_1904: bool, date: &Format) -> Option<(CellValue, String)> {
    let text = |text: &str| {
        let text = text.replace("\r\n", "\n");
        (!text.trim().is_empty()).then(|| (CellValue::Text(text.clone()), text))
    };
    match read {
        DataRef::Empty => None,
        DataRef::String(written) | DataRef::DateTimeIso(written) | DataRef::DurationIso(written) => text(written),
        DataRef::SharedString(written) => text(written),
        DataRef::Int(number) => xlsx::number(&number.to_string(), None, since_1904),
        // The shortest digits that give the same float: those that were typed.
        DataRef::Float(number) => xlsx::number(&number.to_string(), None, since_1904),
        DataRef::Bool(flag) => Some((CellValue::Flag(*flag), if *flag { "VRAI" } else { "FAUX" }.to_owned())),
        DataRef::DateTime(at) if at.is_datetime() => {
            let days = super::decimal::Decimal::parse(&at.as_f64().to_string())?;
            let at = dates::date_of(&days, since_1904)?;
            Some((CellValue::Date(dates::iso(at)), date.show_date(at)))
        }
        DataRef::DateTime(duration) => xlsx::number(&duration.as_f64().to_string(), None, since_1904),
        DataRef::Error(error) => Some(grid::lost(&error.to_string())),
    }
}

fn refusal(error: XlsbError) -> Refusal {
    match error {
        XlsbError::Password => Refusal::Password,
        error => Refusal::damaged(error),
    }
}
