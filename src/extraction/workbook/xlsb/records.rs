//! What calamine leaves out of an XLSB: hidden rows and columns, merged cells (MS-XLSB 2.4).
//!
//! A record is its kind in one or two bytes of seven bits, its length in up to four, its data (2.1.4). calamine reads a record that
//! is too short together with what is left of the one before: such a part is refused here.

use std::collections::HashMap;

use super::super::super::refusal::Refusal;
use super::super::grid::{Sheet, Span};
use super::super::package::Package;

const WORKBOOK: &str = "xl/workbook.bin";

/// Kinds of records.
mod kind {
    pub(super) const ROW: u32 = 0;
    pub(super) const COLUMNS: u32 = 60;
    pub(super) const SHEET: u32 = 156;
    pub(super) const MERGED: u32 = 176;
}

/// The parts of the package, sheets by their names.
pub(super) struct Parts<'a> {
    package: Package<'a>,
    of_sheet: HashMap<String, String>,
}

impl<'a> Parts<'a> {
    pub(super) fn of(mut package: Package<'a>) -> Result<Self, Refusal> {
        let relations = package.relations(WORKBOOK)?;
        let workbook = package.bytes(WORKBOOK)?.unwrap_or_default();
        let of_sheet = Records(&workbook)
            .filter(|(kind, _)| *kind == kind::SHEET)
            .filter_map(|(_, data)| {
                let (relation, rest) = string(data.get(8..)?)?;
                let (name, _) = string(rest)?;
                Some((name, relations.get(&relation)?.target.clone()))
            })
            .collect();
        Ok(Self { package, of_sheet })
    }

    /// Adds to a sheet what is hidden on it and what is merged. Fails on a part whose records break off.
    pub(super) fn geometry(&mut self, sheet: &mut Sheet) -> Result<(), Refusal> {
        let Some(path) = self.of_sheet.get(&sheet.name) else { return Ok(()) };
        let part = self.package.bytes(path)?.unwrap_or_default();
        let mut records = Records(&part);
        for (kind, data) in records.by_ref() {
            if data.len() < shortest(kind) {
                return Err(Refusal::damaged(format!("a record of kind {kind} with {} bytes", data.len())));
            }
            match kind {
                kind::ROW => sheet.hidden_rows.extend(hidden_row(data)),
                kind::COLUMNS => sheet.hidden_columns.extend(hidden_columns(data)),
                kind::MERGED => sheet.merged.extend(merged(data)),
                _ => {}
            }
        }
        if records.0.is_empty() { Ok(()) } else { Err(Refusal::damaged("a sheet breaks off")) }
    }
}

/// Bytes that the record of a row or of a cell has at least: column, style and value (2.5.10).
fn shortest(kind: u32) -> usize {
    match kind {
        0 | 2 | 6 | 7 | 8 => 12,
        3 | 4 | 10 | 11 => 9,
        5 | 9 => 16,
        _ => 0,
    }
}

/// `BrtRowHdr` (2.4.740): row, style, height in twentieths, two bytes of flags of which the second holds `fDyZero`.
fn hidden_row(data: &[u8]) -> Option<u32> {
    const DY_ZERO: u8 = 1 << 4;
    let no_height = data.get(8..10)? == [0, 0];
    (data.get(11)? & DY_ZERO != 0 || no_height).then(|| number(data, 0)).flatten()
}

/// `BrtColInfo` (2.4.324): first and last column, width, style, flags of which the first is `fHidden`.
fn hidden_columns(data: &[u8]) -> Option<(u32, u32)> {
    let no_width = number(data, 8)? == 0;
    (data.get(16)? & 1 != 0 || no_width).then(|| Some((number(data, 0)?, number(data, 4)?))).flatten()
}

/// `BrtMergeCell` (2.4.689): first and last row, first and last column.
fn merged(data: &[u8]) -> Option<Span> {
    Some(((number(data, 0)?, number(data, 8)?), (number(data, 4)?, number(data, 12)?)))
}

fn number(data: &[u8], at: usize) -> Option<u32> {
    Some(u32::from_le_bytes(data.get(at..at + 4)?.try_into().ok()?))
}

/// `XLWideString` (2.5.169), and what follows it.
fn string(data: &[u8]) -> Option<(String, &[u8])> {
    let length = usize::try_from(number(data, 0)?).ok()?.checked_mul(2)?;
    let (text, rest) = data.get(4..)?.split_at_checked(length)?;
    let units: Vec<u16> = text.chunks_exact(2).map(|unit| u16::from_le_bytes([unit[0], unit[1]])).collect();
    Some((String::from_utf16_lossy(&units), rest))
}

/// Records one after another, each by its kind and its data.
struct Records<'a>(&'a [u8]);

impl<'a> Iterator for Records<'a> {
    type Item = (u32, &'a [u8]);

    fn next(&mut self) -> Option<Self::Item> {
        let (kind, rest) = seven_bits(self.0, 2)?;
        let (length, rest) = seven_bits(rest, 4)?;
        let (data, rest) = rest.split_at_checked(usize::try_from(length).ok()?)?;
        self.0 = rest;
        Some((kind, data))
    }
}

/// A number in at most `most` bytes of seven bits, the lowest first; the highest bit of each says that more follow.
fn seven_bits(data: &[u8], most: usize) -> Option<(u32, &[u8])> {
    let mut number = 0;
    for (i, byte) in data.iter().enumerate().take(most) {
        number |= u32::from(byte & 0x7F) << (7 * i);
        if byte & 0x80 == 0 || i + 1 == most {
            return Some((number, &data[i + 1..]));
        }
    }
    None
}
