//! XLS: BIFF8 in a compound file, as Excel 97 to 2003 wrote it.
//!
//! The format stores numbers as floats only; a number is shown with the digits it has, by its format. Cells are read one by
//! one into a sparse sheet, so that two far corners cost two cells.

mod objects;
mod records;
mod sheet;
#[cfg(test)]
mod tests;

use std::collections::HashMap;

use super::super::compound::Compound;
use super::super::foreign::{Foreign, Sort};
use super::super::limits::Limits;
use super::super::refusal::Refusal;
use super::Budget;
use super::grid::Sheet;
use super::number_format::{Format, built_in};
use records::{Record, Records, Text, u16_at, u32_at};

/// An encrypted XLSX lies in a compound file too.
const ENCRYPTED: &str = "EncryptedPackage";
/// Version of BIFF8 in a BOF record.
const BIFF8: u16 = 0x0600;

/// Kinds of records of the workbook.
mod kind {
    pub(super) const BOF: u16 = 0x0809;
    pub(super) const EOF: u16 = 0x000A;
    pub(super) const FILEPASS: u16 = 0x002F;
    pub(super) const DATE_1904: u16 = 0x0022;
    pub(super) const FONT: u16 = 0x0031;
    pub(super) const FORMAT: u16 = 0x041E;
    pub(super) const XF: u16 = 0x00E0;
    pub(super) const BOUNDSHEET: u16 = 0x0085;
    pub(super) const SST: u16 = 0x00FC;
}

/// Reads all sheets; of hidden ones only the name, unless `with_hidden` asks for their cells too.
pub(super) fn sheets(bytes: &[u8], limits: &Limits, with_hidden: bool) -> Result<Vec<Sheet>, Refusal> {
    let file = Compound::open(bytes).map_err(|broken| older(bytes).unwrap_or_else(|| Refusal::damaged(broken)))?;
    if file.has(ENCRYPTED) {
        return Err(Refusal::Password);
    }
    let Some(stream) = file.stream("Workbook") else {
        return Err(if file.has("Book") { OLD } else { Refusal::damaged("it has no workbook") });
    };
    let stream = stream.map_err(Refusal::damaged)?;
    let book = Book::read(&stream, limits)?;
    let mut budget = Budget::new(limits);
    let mut sheets = Vec::with_capacity(book.entries.len());
    for entry in &book.entries {
        let mut sheet = Sheet { name: entry.name.clone(), hidden: entry.hidden, ..Sheet::default() };
        if with_hidden || !entry.hidden {
            sheet::read(&stream, entry.place, &book, &mut sheet, &mut budget)?;
        }
        sheets.push(sheet);
    }
    Ok(sheets)
}

/// What came before BIFF8.
const OLD: Refusal = Refusal::Unread(Foreign { name: "Excel 95", sort: Sort::Workbook });

/// Workbooks so old that no compound file is around them.
fn older(bytes: &[u8]) -> Option<Refusal> {
    matches!(bytes, [0x09, 0x00 | 0x02 | 0x04 | 0x08, ..]).then_some(OLD)
}

/// What all sheets share.
struct Book {
    entries: Vec<Entry>,
    strings: Vec<String>,
    /// Format of each style, and how it looks.
    styles: Vec<(u16, Look)>,
    formats: HashMap<u16, Format>,
    since_1904: bool,
}

/// What of a font matters here.
#[derive(Debug, Clone, Copy, Default)]
struct Look {
    bold: bool,
    struck: bool,
}

struct Entry {
    name: String,
    hidden: bool,
    place: usize,
}

impl Book {
    fn read(stream: &[u8], limits: &Limits) -> Result<Self, Refusal> {
        let mut book = Self {
            entries: Vec::new(),
            strings: Vec::new(),
            styles: Vec::new(),
            formats: HashMap::new(),
            since_1904: false,
        };
        let mut fonts: Vec<Look> = Vec::new();
        let mut records = Records::from(stream, 0);
        let first = records.next().ok_or_else(|| Refusal::damaged("its stream is empty"))?;
        match (first.kind, u16_at(first.data, 0)) {
            (kind::BOF, Some(BIFF8)) => {}
            (kind::BOF, Some(..BIFF8)) => return Err(OLD),
            _ => return Err(Refusal::damaged("its stream does not begin as a workbook")),
        }
        for record in records.by_ref() {
            let data = record.data;
            match record.kind {
                kind::EOF => break,
                kind::FILEPASS => return Err(Refusal::Password),
                kind::DATE_1904 => book.since_1904 = u16_at(data, 0) == Some(1),
                // MS-XLS 2.4.122: the fourth bit of the second field strikes out.
                kind::FONT => fonts.push(Look {
                    bold: u16_at(data, 6).is_some_and(|weight| weight >= 600),
                    struck: u16_at(data, 2).is_some_and(|looks| looks & 8 != 0),
                }),
                kind::FORMAT => {
                    if let (Some(id), Some(code)) =
                        (u16_at(data, 0), Text::within(data.get(2..).unwrap_or_default()).string())
                    {
                        book.formats.insert(id, Format::parse(&code));
                    }
                }
                kind::XF => {
                    // There is no font number four.
                    let font = u16_at(data, 0).map_or(0, |font| usize::from(if font > 4 { font - 1 } else { font }));
                    let look = fonts.get(font).copied().unwrap_or_default();
                    book.styles.push((u16_at(data, 2).unwrap_or(0), look));
                }
                kind::BOUNDSHEET => book.entries.extend(entry(data)),
                kind::SST => book.strings = shared(&record, limits)?,
                _ => {}
            }
        }
        if records.cut {
            return Err(Refusal::damaged("its stream breaks off"));
        }
        if book.entries.len() > limits.pages {
            return Err(Refusal::TooLarge(format!("{} sheets", book.entries.len())));
        }
        for (id, _) in &book.styles {
            book.formats.entry(*id).or_insert_with(|| Format::parse(built_in(u32::from(*id))));
        }
        Ok(book)
    }

    fn style(&self, style: u16) -> (Option<&Format>, Look) {
        let (format, look) = self.styles.get(usize::from(style)).copied().unwrap_or_default();
        (self.formats.get(&format), look)
    }
}

/// A worksheet of the list; macros and charts are none.
fn entry(data: &[u8]) -> Option<Entry> {
    let name = Text::within(data.get(6..)?).short_string()?;
    let is_worksheet = *data.get(5)? == 0;
    let place = usize::try_from(u32_at(data, 0)?).ok()?;
    is_worksheet.then(|| Entry { name, hidden: data.get(4).is_some_and(|state| state & 3 != 0), place })
}

/// The strings that cells refer to by number. A string that breaks off ends the list: cells behind it are lost, and say so.
fn shared(record: &Record<'_>, limits: &Limits) -> Result<Vec<String>, Refusal> {
    let mut text = Text::of(record);
    let count = text.long().and_then(|_| text.long()).unwrap_or(0);
    let mut strings = Vec::new();
    for _ in 0..count {
        if strings.len() >= limits.cells {
            return Err(Refusal::TooLarge("more texts than a form has".to_owned()));
        }
        match text.string() {
            Some(string) => strings.push(string),
            None => break,
        }
    }
    Ok(strings)
}
