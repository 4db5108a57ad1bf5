//! A sheet as read, and the page it makes: cells with their spans, segments of their text, boxes to tick.

use std::collections::{HashMap, HashSet};

use super::super::page::{Cell, CellValue, Ink, Mark, Page, SHEET_CELL, Segment, Source, Word};
use super::super::pdf::plain;
use super::super::ticks::{self, Part, Signs};
use crate::domain::field::Rect;

/// A picture counts as so much ink; what it shows is not looked at.
const PICTURE_SHARE: f32 = 0.1;

/// First and last row and column, zero-based, inclusive.
pub(super) type Span = ((u32, u32), (u32, u32));

/// One sheet of a workbook.
#[derive(Debug, Default)]
pub(super) struct Sheet {
    pub(super) name: String,
    pub(super) hidden: bool,
    /// The workbook names it and does not have it.
    pub(super) lost: bool,
    /// Cells that hold something, in any order, without their spans.
    pub(super) cells: Vec<Cell>,
    pub(super) bold: HashSet<(u32, u32)>,
    /// Cells whose text is struck through: an answer taken back.
    pub(super) struck: HashSet<(u32, u32)>,
    pub(super) merged: Vec<Span>,
    pub(super) hidden_rows: HashSet<u32>,
    pub(super) hidden_columns: Vec<(u32, u32)>,
    /// Check boxes laid over the cells: where, ticked or not, their caption.
    pub(super) controls: Vec<Control>,
    /// Cells under a picture: a signature, a stamp, a letterhead.
    pub(super) pictures: Vec<Span>,
    /// Ranges under a list validation, and the formula of the list.
    pub(super) lists: Vec<(Vec<Span>, String)>,
}

/// A form control that can be ticked.
#[derive(Debug, Clone)]
pub(super) struct Control {
    pub(super) at: Span,
    pub(super) ticked: Option<bool>,
    pub(super) caption: String,
}

impl Sheet {
    /// The page of this sheet.
    pub(super) fn into_page(mut self, number: u32, struck: &HashSet<(u32, u32)>) -> Page {
        self.span_merged();
        self.cells.sort_by_key(|cell| (cell.row, cell.column));
        for cell in &mut self.cells {
            cell.hidden = self.hidden_rows.contains(&cell.row)
                || self.hidden_columns.iter().any(|(first, last)| (*first..=*last).contains(&cell.column));
        }
        let signs = Signs::of(self.cells.iter().map(|cell| cell.shown.as_str()));
        let mut page = Page { number, sheet: Some(self.name), ..Page::default() };
        let (width, height) = SHEET_CELL;
        page.inks.extend(self.pictures.iter().map(|((r0, c0), (r1, c1))| Ink {
            bbox: Rect {
                x0: ordinate(*c0) * width,
                y0: ordinate(*r0) * height,
                x1: (ordinate(*c1) + 1.0) * width,
                y1: (ordinate(*r1) + 1.0) * height,
            },
            share: PICTURE_SHARE,
        }));
        for cell in &self.cells {
            let bbox = cell.bbox();
            (page.width, page.height) = (page.width.max(bbox.x1), page.height.max(bbox.y1));
            if !cell.hidden && !struck.contains(&(cell.row, cell.column)) {
                let bold = self.bold.contains(&(cell.row, cell.column));
                typeset(&cell.shown, bbox, bold, signs, &mut page);
            }
        }
        for control in &self.controls {
            lay(control, &mut page);
        }
        page.cells = self.cells;
        page
    }

    /// A merged cell has its whole span; the cells it covers are gone.
    fn span_merged(&mut self) {
        let anchors: HashMap<(u32, u32), (u32, u32)> = self.merged.iter().copied().collect();
        self.cells.retain(|cell| {
            let at = (cell.row, cell.column);
            // Only spans that are few can be walked for each cell; more are no form.
            anchors.contains_key(&at)
                || self.merged.len() > 2000
                || !self
                    .merged
                    .iter()
                    .any(|((r0, c0), (r1, c1))| (*r0..=*r1).contains(&at.0) && (*c0..=*c1).contains(&at.1))
        });
        for cell in &mut self.cells {
            (cell.last_row, cell.last_column) =
                anchors.get(&(cell.row, cell.column)).copied().unwrap_or((cell.row, cell.column));
        }
    }
}

/// Lays the text of a cell over its box: one segment per line, parted at boxes to tick.
fn typeset(shown: &str, bbox: Rect, bold: bool, signs: Signs, page: &mut Page) {
    let lines: Vec<&str> = shown.lines().filter(|line| !line.trim().is_empty()).collect();
    let height = bbox.height() / small(lines.len().max(1));
    for (n, line) in lines.iter().enumerate() {
        let top = bbox.y0 + height * small(n);
        let row = Rect { y0: top, y1: top + height, ..bbox };
        typeset_line(line, row, bold, signs, page);
    }
}

fn typeset_line(line: &str, row: Rect, bold: bool, signs: Signs, page: &mut Page) {
    let length = small(line.len().max(1));
    // Nobody measures type on a sheet: every byte takes an equal share of the box.
    let place = |bytes: &std::ops::Range<usize>| {
        let x0 = row.x0 + row.width() * small(bytes.start) / length;
        Rect { x0, x1: x0 + row.width() * small(bytes.len()) / length, ..row }
    };
    let pieces = ticks::pieces_of(line, signs);
    let parts = ticks::read(&pieces.iter().map(|(_, piece)| *piece).collect::<Vec<_>>(), signs);
    let mut words: Vec<Word> = Vec::new();
    let mut i = 0;
    for part in parts {
        match part {
            Part::Word => {
                let text = plain(std::iter::once(pieces[i].1.text));
                words.push(Word { text, bbox: place(&pieces[i].0), certainty: 1.0 });
                i += 1;
            }
            Part::Tick { ticked, pieces: several } => {
                page.segments.extend(segment(&mut words, row, bold));
                let bbox = place(&pieces[i].0).union(&place(&pieces[i + several - 1].0));
                page.marks.push(Mark { bbox, ticked: Some(ticked), source: Source::Cell });
                i += several;
            }
        }
    }
    // A line without boxes has the whole cell, as one would point at it.
    let whole = words.len() == pieces.len();
    page.segments.extend(segment(&mut words, row, bold).map(|s| if whole { Segment { bbox: row, ..s } } else { s }));
}

fn segment(words: &mut Vec<Word>, row: Rect, bold: bool) -> Option<Segment> {
    let bbox = words.iter().map(|word| word.bbox).reduce(|a, b| a.union(&b))?;
    Some(Segment { words: std::mem::take(words), bbox, source: Source::Cell, size: row.height(), bold })
}

/// A control is a mark at the left of its place with its caption to the right.
fn lay(control: &Control, page: &mut Page) {
    let ((r0, c0), (r1, c1)) = control.at;
    let (width, height) = SHEET_CELL;
    let span = Rect {
        x0: ordinate(c0) * width,
        y0: ordinate(r0) * height,
        x1: (ordinate(c1) + 1.0) * width,
        y1: (ordinate(r1) + 1.0) * height,
    };
    let mark = Rect { x1: span.x0 + height, ..span };
    page.marks.push(Mark { bbox: mark, ticked: control.ticked, source: Source::Cell });
    let caption = Rect { x0: mark.x1, ..span };
    let words: Vec<&str> = control.caption.split_whitespace().collect();
    if words.is_empty() {
        return;
    }
    let step = caption.width() / small(words.len());
    let words = words.iter().enumerate().map(|(n, word)| {
        let x0 = caption.x0 + step * small(n);
        Word { text: plain(std::iter::once(*word)), bbox: Rect { x0, x1: x0 + step, ..caption }, certainty: 1.0 }
    });
    page.segments.push(Segment {
        words: words.collect(),
        bbox: caption,
        source: Source::Cell,
        size: height,
        bold: false,
    });
}

#[expect(clippy::cast_precision_loss, reason = "characters of a line and lines of a cell are few")]
fn small(count: usize) -> f32 {
    count as f32
}

#[expect(clippy::cast_precision_loss, reason = "rows and columns are far below 2^24")]
fn ordinate(index: u32) -> f32 {
    index as f32
}

/// A value that should be there and cannot be had: an error, a formula that nobody has computed. What is shown of it is a
/// character lost.
pub(super) fn lost(written: &str) -> (CellValue, String) {
    (CellValue::Error(written.to_owned()), char::REPLACEMENT_CHARACTER.to_string())
}

/// A cell of a value, its span still to be found.
pub(super) fn cell(row: u32, column: u32, value: CellValue, shown: String) -> Cell {
    Cell { row, column, last_row: row, last_column: column, value, shown, ..Cell::default() }
}
