//! One worksheet of an XLS: its cells, what is merged and hidden, what lies over it.

use super::super::super::refusal::Refusal;
use super::super::grid::{self, Sheet, cell};
use super::super::{Budget, xlsx};
use super::objects::Objects;
use super::records::{Record, Records, Text, f64_at, u16_at, u32_at};
use super::{Book, kind};
use crate::extraction::page::CellValue;

/// Kinds of records of a sheet.
mod piece {
    pub(super) const FORMULA: u16 = 0x0006;
    pub(super) const COLINFO: u16 = 0x007D;
    pub(super) const MULRK: u16 = 0x00BD;
    pub(super) const RSTRING: u16 = 0x00D6;
    pub(super) const MERGED: u16 = 0x00E5;
    pub(super) const LABELSST: u16 = 0x00FD;
    pub(super) const DV: u16 = 0x01BE;
    pub(super) const NUMBER: u16 = 0x0203;
    pub(super) const LABEL: u16 = 0x0204;
    pub(super) const BOOLERR: u16 = 0x0205;
    pub(super) const STRING: u16 = 0x0207;
    pub(super) const ROW: u16 = 0x0208;
    pub(super) const RK: u16 = 0x027E;
}

type Read = Option<(CellValue, String)>;

/// Reads the sheet that begins at `place`.
pub(super) fn read(
    stream: &[u8],
    place: usize,
    book: &Book,
    sheet: &mut Sheet,
    budget: &mut Budget,
) -> Result<(), Refusal> {
    let mut records = Records::from(stream, place);
    if records.next().is_none_or(|first| first.kind != kind::BOF) {
        sheet.lost = true;
        return Ok(());
    }
    let mut reader = Reader { book, sheet, budget, awaited: None, objects: Objects::default() };
    // Charts lie within their sheet, each from its own beginning to its own end.
    let mut depth = 1;
    for record in records.by_ref() {
        match record.kind {
            kind::BOF => depth += 1,
            kind::EOF => depth -= 1,
            _ if depth == 1 => reader.take(&record)?,
            _ => {}
        }
        if depth == 0 {
            break;
        }
    }
    reader.sheet.lost |= depth > 0 || records.cut;
    let Reader { objects, .. } = reader;
    objects.lay(sheet, budget)
}

struct Reader<'r> {
    book: &'r Book,
    sheet: &'r mut Sheet,
    budget: &'r mut Budget,
    /// A formula whose text follows.
    awaited: Option<(u16, u16, u16)>,
    objects: Objects,
}

impl Reader<'_> {
    fn take(&mut self, record: &Record<'_>) -> Result<(), Refusal> {
        let data = record.data;
        let (Some(row), Some(column)) = (u16_at(data, 0), u16_at(data, 2)) else { return Ok(()) };
        let at = (row, column, u16_at(data, 4).unwrap_or(0));
        match record.kind {
            piece::LABELSST => {
                let index = u32_at(data, 6).and_then(|index| usize::try_from(index).ok());
                let shared = index.and_then(|index| self.book.strings.get(index));
                let value = shared.map_or_else(|| Some(grid::lost("#?")), |shared| text(shared));
                self.put(at, value)
            }
            piece::LABEL | piece::RSTRING => {
                let mut label = Text::of(record);
                let written = label.skip(6).and_then(|()| label.string());
                self.put(at, written.map_or_else(|| Some(grid::lost("#?")), |written| text(&written)))
            }
            piece::NUMBER => self.number(at, f64_at(data, 6)),
            piece::RK => self.number(at, u32_at(data, 6).map(rk)),
            piece::MULRK => {
                let cells = data.get(4..data.len().saturating_sub(2)).unwrap_or_default();
                for (cell, column) in cells.chunks_exact(6).zip(column..) {
                    self.number((row, column, u16_at(cell, 0).unwrap_or(0)), u32_at(cell, 2).map(rk))?;
                }
                Ok(())
            }
            piece::BOOLERR => {
                let (value, is_error) = (data.get(6).copied().unwrap_or(0), data.get(7).is_some_and(|b| *b != 0));
                self.put(at, if is_error { Some(grid::lost(error(value))) } else { flag(value) })
            }
            piece::FORMULA => self.formula(at, data),
            piece::STRING => {
                let Some(at) = self.awaited.take() else { return Ok(()) };
                let written = Text::of(record).string();
                self.put(at, written.map_or_else(|| Some(grid::lost("#?")), |written| text(&written)))
            }
            piece::ROW => {
                const HIDDEN: u32 = 1 << 5;
                if u32_at(data, 12).is_some_and(|options| options & HIDDEN != 0) {
                    self.sheet.hidden_rows.insert(u32::from(row));
                }
                Ok(())
            }
            piece::COLINFO => {
                let hidden = u16_at(data, 8).is_some_and(|options| options & 1 != 0) || u16_at(data, 4) == Some(0);
                if hidden {
                    self.sheet.hidden_columns.push((u32::from(row), u32::from(column)));
                }
                Ok(())
            }
            piece::MERGED => {
                let spans = data.get(2..).unwrap_or_default().chunks_exact(8);
                self.sheet.merged.extend(spans.filter_map(span));
                Ok(())
            }
            piece::DV => {
                self.sheet.lists.extend(super::objects::list(data));
                Ok(())
            }
            _ => {
                self.objects.take(record);
                Ok(())
            }
        }
    }

    fn formula(&mut self, at: (u16, u16, u16), data: &[u8]) -> Result<(), Refusal> {
        let result = data.get(6..14).unwrap_or_default();
        let value = match result {
            [kind, _, value, _, _, _, 0xFF, 0xFF] => match kind {
                0 => {
                    self.awaited = Some(at);
                    return Ok(());
                }
                1 => flag(*value),
                2 => Some(grid::lost(error(*value))),
                // An empty text; or nothing yet, where the formula is still to be computed.
                _ if u16_at(data, 14).is_some_and(|options| options & 1 != 0) => Some(grid::lost("=?")),
                _ => None,
            },
            _ => return self.number(at, f64_at(data, 6)),
        };
        self.put(at, value)
    }

    fn number(&mut self, at: (u16, u16, u16), number: Option<f64>) -> Result<(), Refusal> {
        let (format, _) = self.book.style(at.2);
        let value = number.map_or_else(
            || Some(grid::lost("#?")),
            |number| xlsx::number(&number.to_string(), format, self.book.since_1904),
        );
        self.put(at, value)
    }

    fn put(&mut self, (row, column, style): (u16, u16, u16), value: Read) -> Result<(), Refusal> {
        let Some((value, shown)) = value else { return Ok(()) };
        let (row, column) = (u32::from(row), u32::from(column));
        self.budget.cell(row, column)?;
        let (format, look) = self.book.style(style);
        let mut cell = cell(row, column, value, shown);
        cell.format = format.map(|format| format.code.clone()).filter(|code| code != "General");
        self.budget.shorten(&mut cell.shown);
        if look.bold {
            self.sheet.bold.insert((row, column));
        }
        if look.struck {
            self.sheet.struck.insert((row, column));
        }
        self.sheet.cells.push(cell);
        Ok(())
    }
}

fn text(written: &str) -> Read {
    let text = written.replace("\r\n", "\n").replace('\r', "\n");
    (!text.trim().is_empty()).then(|| (CellValue::Text(text.clone()), text))
}

#[expect(clippy::unnecessary_wraps, reason = "one of the readers of cells")]
fn flag(value: u8) -> Read {
    let flag = value != 0;
    Some((CellValue::Flag(flag), if flag { "VRAI" } else { "FAUX" }.to_owned()))
}

fn error(code: u8) -> &'static str {
    match code {
        0x00 => "#NULL!",
        0x07 => "#DIV/0!",
        0x0F => "#VALUE!",
        0x17 => "#REF!",
        0x1D => "#NAME?",
        0x24 => "#NUM!",
        _ => "#N/A",
    }
}

/// A number in four bytes: a whole one of thirty bits or the upper half of a float, perhaps a hundredth of it.
fn rk(bits: u32) -> f64 {
    const HUNDREDTH: u32 = 1;
    const WHOLE: u32 = 2;
    let number =
        if bits & WHOLE != 0 { f64::from(bits.cast_signed() >> 2) } else { f64::from_bits(u64::from(bits & !3) << 32) };
    if bits & HUNDREDTH != 0 { number / 100.0 } else { number }
}

/// First and last row, first and last column.
pub(super) fn span(data: &[u8]) -> Option<grid::Span> {
    let [r0, r1, c0, c1] = [0, 2, 4, 6].map(|at| u16_at(data, at).map(u32::from));
    Some(((r0?, c0?), (r1?, c1?)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_in_four_bytes() {
        assert_eq!(rk(0x3FF0_0000).to_string(), "1");
        assert_eq!(rk(0x004B_5646).to_string(), "1234321");
        assert_eq!(rk(0x004B_5647).to_string(), "12343.21");
        assert_eq!(rk(0xFFFF_FFFE).to_string(), "-1");
    }
}
