//! Pieces of a page that belong together: a line of text, the lines inside one ruled cell, a sheet's cell, a form field.
//!
//! A unit is what may be a label, a value or both. Whatever the channel, the geometry that follows is the same.

mod cells;
mod empty;
mod lines;
mod print;
mod sheet;
mod typed;

use crate::domain::field::Rect;
use crate::extraction::page::{Page, Source};

/// A box that may be ticked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Tick {
    On,
    Off,
    /// Cannot tell.
    Unclear,
}

/// A word or a box.
#[derive(Debug, Clone)]
pub(super) struct Token {
    pub text: String,
    pub tick: Option<Tick>,
    pub bbox: Rect,
    pub certainty: f32,
    /// Line within the unit, from 0.
    pub line: usize,
    /// Widget behind a box.
    pub widget: Option<usize>,
}

/// See the module's text.
#[expect(clippy::struct_excessive_bools, reason = "each is one look of its own; they come in any combination")]
#[derive(Debug, Clone)]
pub(super) struct Unit {
    /// Index of the page in the document.
    pub page: usize,
    pub tokens: Vec<Token>,
    /// The room it has: the ruled cell, the form field, else its ink.
    pub area: Rect,
    pub ink: Rect,
    /// Alone in a ruled cell, a form field or a sheet's cell: its bounds are sure.
    pub boxed: bool,
    pub widget: Option<usize>,
    pub cell: Option<usize>,
    /// A bank account put together from its parts.
    pub account: bool,
    /// What stood in its place before; a new value may have been meant to replace it.
    pub former: bool,
    pub size: f32,
    pub bold: bool,
    pub source: Source,
}

impl Unit {
    pub fn text(&self) -> String {
        join(&self.tokens)
    }

    pub fn has_ticks(&self) -> bool {
        self.tokens.iter().any(|token| token.tick.is_some())
    }
}

/// Words joined by single spaces, boxes left out.
pub(super) fn join(tokens: &[Token]) -> String {
    let mut text = String::new();
    for token in tokens.iter().filter(|token| token.tick.is_none()) {
        if !text.is_empty() {
            text.push(' ');
        }
        text.push_str(&token.text);
    }
    text
}

/// The smallest box round some tokens.
pub(super) fn bounds(tokens: &[Token]) -> Rect {
    tokens.iter().map(|token| token.bbox).reduce(|a, b| a.union(&b)).unwrap_or_default()
}

/// Cuts a page into units, in reading order.
pub(super) fn of_page(page: &Page, index: usize) -> Vec<Unit> {
    let mut units = if page.sheet.is_some() { sheet::of_cells(page, index) } else { print::of_print(page, index) };
    units.sort_by(|a, b| a.area.y0.total_cmp(&b.area.y0).then(a.area.x0.total_cmp(&b.area.x0)));
    units
}

fn tick_unit(page: usize, bbox: Rect, ticked: Option<bool>, widget: Option<usize>, source: Source) -> Unit {
    let tick = match ticked {
        Some(true) => Tick::On,
        Some(false) => Tick::Off,
        None => Tick::Unclear,
    };
    Unit {
        page,
        tokens: vec![Token { text: String::new(), tick: Some(tick), bbox, certainty: 1.0, line: 0, widget }],
        area: bbox,
        ink: bbox,
        boxed: false,
        widget: None,
        cell: None,
        account: false,
        former: false,
        size: bbox.height(),
        bold: false,
        source,
    }
}
