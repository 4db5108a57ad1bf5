//! What lies over the cells of an XLS: check boxes, notes, pictures, and lists to choose from.
//!
//! An object is told in three records: where it lies (MSODRAWING), what it is (OBJ), what is written on it (TXO).

use std::collections::HashMap;

use super::super::super::refusal::Refusal;
use super::super::Budget;
use super::super::grid::{Control, Sheet, Span};
use super::records::{Record, Text, u16_at, u32_at};

const MSODRAWING: u16 = 0x00EC;
const OBJ: u16 = 0x005D;
const TXO: u16 = 0x01B6;
const NOTE: u16 = 0x001C;
/// The place of a shape in a drawing.
const ANCHOR: u16 = 0xF010;

/// Objects met so far.
#[derive(Default)]
pub(super) struct Objects {
    anchor: Option<Span>,
    /// The last object: what it is, and its number.
    last: Option<(Kind, u16)>,
    controls: Vec<Control>,
    pictures: Vec<Span>,
    texts: HashMap<u16, String>,
    /// Cell and number of each note.
    notes: Vec<((u32, u32), u16)>,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    Picture,
    Box,
    Other,
}

impl Objects {
    pub(super) fn take(&mut self, record: &Record<'_>) {
        match record.kind {
            MSODRAWING => self.anchor = anchor(record.data, 0).or(self.anchor),
            OBJ => self.object(record.data),
            TXO => {
                let length = u16_at(record.data, 10).map_or(0, usize::from);
                let written = record.more.first().and_then(|text| Text::within(text).plain(length));
                if let (Some((kind, id)), Some(written)) = (self.last, written) {
                    match (kind, self.controls.last_mut()) {
                        (Kind::Box, Some(control)) => control.caption = written,
                        _ => drop(self.texts.insert(id, written)),
                    }
                }
            }
            NOTE => {
                let word = |at| u16_at(record.data, at);
                if let (Some(row), Some(column), Some(id)) = (word(0), word(2), word(6)) {
                    self.notes.push(((u32::from(row), u32::from(column)), id));
                }
            }
            _ => {}
        }
    }

    fn object(&mut self, data: &[u8]) {
        const COMMON: u16 = 0x15;
        const STATE: u16 = 0x12;
        let (mut kind, mut id, mut state) = (Kind::Other, 0, None);
        let mut at = 0;
        while let (Some(part), Some(length)) = (u16_at(data, at), u16_at(data, at + 2)) {
            match part {
                0 => break,
                COMMON => {
                    id = u16_at(data, at + 6).unwrap_or(0);
                    kind = match u16_at(data, at + 4) {
                        Some(0x08) => Kind::Picture,
                        Some(0x0B | 0x0C) => Kind::Box,
                        _ => Kind::Other,
                    };
                }
                STATE => state = u16_at(data, at + 4),
                _ => {}
            }
            at += 4 + usize::from(length);
        }
        self.last = Some((kind, id));
        let Some(place) = self.anchor.take() else { return };
        match kind {
            Kind::Picture => self.pictures.push(place),
            Kind::Box => {
                let ticked = match state {
                    Some(0) => Some(false),
                    Some(1) => Some(true),
                    _ => None,
                };
                self.controls.push(Control { at: place, ticked, caption: String::new() });
            }
            Kind::Other => {}
        }
    }

    /// Lays the objects over the sheet that has its cells.
    pub(super) fn lay(mut self, sheet: &mut Sheet, budget: &mut Budget) -> Result<(), Refusal> {
        for control in &self.controls {
            budget.cell(control.at.0.0, control.at.0.1)?;
        }
        sheet.controls.append(&mut self.controls);
        sheet.pictures.append(&mut self.pictures);
        let notes: HashMap<(u32, u32), u16> = self.notes.into_iter().collect();
        for cell in &mut sheet.cells {
            cell.comment = notes.get(&(cell.row, cell.column)).and_then(|id| self.texts.get(id)).cloned();
        }
        super::super::controls::offer(sheet);
        Ok(())
    }
}

/// The first anchor in a drawing; containers hold further records.
fn anchor(data: &[u8], depth: usize) -> Option<Span> {
    let mut rest = data;
    while let (Some(head), Some(kind), Some(length)) = (u16_at(rest, 0), u16_at(rest, 2), u32_at(rest, 4)) {
        let length = usize::try_from(length).ok()?;
        let inside = rest.get(8..).unwrap_or_default();
        let inside = &inside[..length.min(inside.len())];
        if kind == ANCHOR {
            let [left, top, right, bottom] = [2, 6, 10, 14].map(|at| u16_at(inside, at).map(u32::from));
            let (left, top) = (left?, top?);
            return Some(((top, left), (bottom?.max(top + 1) - 1, right?.max(left))));
        }
        let is_container = head & 0xF == 0xF;
        if is_container
            && depth < 8
            && let Some(found) = anchor(inside, depth + 1)
        {
            return Some(found);
        }
        rest = rest.get(8 + length..)?;
    }
    None
}

/// A rule that a list is offered, where its texts are written out in the rule.
pub(super) fn list(data: &[u8]) -> Option<(Vec<Span>, String)> {
    const LIST: u32 = 3;
    const TEXT: u8 = 0x17;
    if u32_at(data, 0)? & 0xF != LIST {
        return None;
    }
    let mut text = Text::within(data);
    text.skip(4)?;
    for _ in 0..4 {
        text.string()?;
    }
    let rest = text.rest();
    let length = usize::from(u16_at(rest, 0)?);
    let formula = rest.get(4..4 + length)?;
    let written = match formula {
        [TEXT, string @ ..] => Text::within(string).short_string()?,
        _ => return None,
    };
    let rest = rest.get(4 + length..)?;
    let second = usize::from(u16_at(rest, 0)?);
    let places = rest.get(4 + second..)?;
    let spans = places.get(2..)?.chunks_exact(8).filter_map(super::sheet::span).take(1000).collect();
    Some((spans, format!("\"{}\"", written.replace('\0', ","))))
}
