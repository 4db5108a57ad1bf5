//! XLS (BIFF in a compound file), by way of `calamine`.
//!
//! The format stores numbers as floats only, and the reader keeps no number formats but those of dates; a number is
//! shown with the digits it has.

use std::io::Cursor;

use calamine::{Data, Reader, SheetType, SheetVisible, Xls, XlsError};

use super::super::limits::Limits;
use super::super::page::CellValue;
use super::super::refusal::Refusal;
use super::grid::{Sheet, cell};
use super::number_format::{Format, built_in};
use super::{Budget, xlsx};

/// An encrypted XLSX lies in a compound file too, under this name in UTF-16.
const ENCRYPTED: &str = "EncryptedPackage";

/// Reads all sheets; of hidden ones only the name.
pub(super) fn sheets(bytes: &[u8], limits: &Limits) -> Result<Vec<Sheet>, Refusal> {
    let wide: Vec<u8> = ENCRYPTED.encode_utf16().flat_map(u16::to_le_bytes).collect();
    if bytes.windows(wide.len()).any(|window| window == wide) {
        return Err(Refusal::Password);
    }
    let mut book = Xls::new(Cursor::new(bytes)).map_err(|error| match error {
        XlsError::Password => Refusal::Password,
        error => Refusal::damaged(error),
    })?;
    let since_1904 = book.has_1904_epoch();
    let entries: Vec<_> = book.sheets_metadata().iter().filter(|s| s.typ == SheetType::WorkSheet).cloned().collect();
    if entries.len() > limits.pages {
        return Err(Refusal::TooLarge(format!("{} sheets", entries.len())));
    }
    let mut budget = Budget::new(limits);
    let mut sheets = Vec::with_capacity(entries.len());
    for entry in entries {
        let hidden = entry.visible != SheetVisible::Visible;
        let mut sheet = Sheet { name: entry.name.clone(), hidden, ..Sheet::default() };
        if !hidden {
            let range = book.worksheet_range(&entry.name).map_err(Refusal::damaged)?;
            let (top, left) = range.start().unwrap_or_default();
            for (row, column, data) in range.used_cells() {
                let at = (top.saturating_add(index(row)), left.saturating_add(index(column)));
                let Some((value, mut shown)) = value(data, since_1904) else { continue };
                budget.cell(at.0, at.1)?;
                budget.shorten(&mut shown);
                sheet.cells.push(cell(at.0, at.1, value, shown));
            }
            let merged = book.merge_cells_by_sheet_name(&entry.name).unwrap_or_default();
            sheet.merged = merged.into_iter().map(|span| (span.start, span.end)).collect();
        }
        sheets.push(sheet);
    }
    Ok(sheets)
}

fn index(position: usize) -> u32 {
    u32::try_from(position).unwrap_or(u32::MAX)
}

fn value(held: &Data, since_1904: bool) -> Option<(CellValue, String)> {
    let plain = |number: &str| xlsx::number(number, None, since_1904);
    match held {
        Data::Empty => None,
        Data::String(text) => {
            let text = text.replace("\r\n", "\n").replace('\r', "\n");
            (!text.trim().is_empty()).then(|| (CellValue::Text(text.clone()), text))
        }
        Data::Int(number) => plain(&number.to_string()),
        Data::Float(number) => plain(&number.to_string()),
        Data::DateTime(at) => {
            // 14 is the plain date, 22 a date with its time.
            let code = if at.as_f64().fract() == 0.0 { 14 } else { 22 };
            xlsx::number(&at.as_f64().to_string(), Some(&Format::parse(built_in(code))), since_1904)
        }
        Data::DateTimeIso(date) | Data::DurationIso(date) => Some((CellValue::Date(date.clone()), date.clone())),
        Data::Bool(flag) => Some((CellValue::Flag(*flag), if *flag { "VRAI" } else { "FAUX" }.to_owned())),
        Data::Error(error) => Some((CellValue::Error(error.to_string()), error.to_string())),
    }
}
