//! Pieces of a page that belong together: a line of text, the lines inside one ruled cell, a sheet's cell, a form field.
//!
//! A unit is what may be a label, a value or both. Whatever the channel, the geometry that follows is the same.

use super::comb;
use super::fold;
use super::ruling::Ruling;
use crate::domain::field::Rect;
use crate::extraction::page::{Cell, Page, SHEET_CELL, Segment, Source, WidgetKind, Word};

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
    let mut units = if page.sheet.is_some() { of_cells(page, index) } else { of_print(page, index) };
    units.sort_by(|a, b| a.area.y0.total_cmp(&b.area.y0).then(a.area.x0.total_cmp(&b.area.x0)));
    units
}

/// A sheet's cell is a unit with all its lines; boxes and captions that float over the cells stand for themselves.
fn of_cells(page: &Page, index: usize) -> Vec<Unit> {
    let cells = CellMap::new(&page.cells);
    let mut inside: Vec<Vec<Token>> = vec![Vec::new(); page.cells.len()];
    let mut bold = vec![true; page.cells.len()];
    let mut units = Vec::new();
    for segment in &page.segments {
        match cells.at(segment.bbox.centre()) {
            Some(at) => {
                inside[at].extend(line_unit(segment, index).into_iter().flat_map(|unit| unit.tokens));
                bold[at] &= segment.bold;
            }
            None => units.extend(line_unit(segment, index)),
        }
    }
    for mark in &page.marks {
        let unit = tick_unit(index, mark.bbox, mark.ticked, None, Source::Cell);
        match cells.at(mark.bbox.centre()).filter(|at| !inside[*at].is_empty()) {
            Some(at) => inside[at].extend(unit.tokens),
            None => units.push(unit),
        }
    }
    for (at, mut tokens) in inside.into_iter().enumerate() {
        let cell = &page.cells[at];
        if tokens.is_empty() || cell.hidden {
            continue;
        }
        tokens.sort_by(|a, b| a.bbox.y0.total_cmp(&b.bbox.y0).then(a.bbox.x0.total_cmp(&b.bbox.x0)));
        let (mut line, mut top) = (0, tokens[0].bbox.y0);
        for token in &mut tokens {
            if token.bbox.y0 > top + 0.5 * token.bbox.height() {
                line += 1;
                top = token.bbox.y0;
            }
            token.line = line;
        }
        let area = cell.bbox();
        units.push(Unit {
            page: index,
            tokens,
            area,
            ink: area,
            boxed: true,
            widget: None,
            cell: Some(at),
            account: false,
            size: SHEET_CELL.1,
            bold: bold[at],
            source: Source::Cell,
        });
    }
    units
}

/// Which cell is where.
struct CellMap(std::collections::HashMap<(u32, u32), usize>);

impl CellMap {
    /// Spans are walked only so far; a sheet of nothing but giant spans is no form.
    const WIDEST: u32 = 200;

    fn new(cells: &[Cell]) -> Self {
        let mut map = std::collections::HashMap::new();
        for (at, cell) in cells.iter().enumerate() {
            for row in cell.row..=cell.last_row.min(cell.row + Self::WIDEST) {
                for column in cell.column..=cell.last_column.min(cell.column + Self::WIDEST) {
                    map.insert((row, column), at);
                }
            }
        }
        Self(map)
    }

    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "coordinates of a sheet are small and not negative"
    )]
    fn at(&self, (x, y): (f32, f32)) -> Option<usize> {
        let (column, row) = ((x.max(0.0) / SHEET_CELL.0) as u32, (y.max(0.0) / SHEET_CELL.1) as u32);
        self.0.get(&(row, column)).copied()
    }
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
        size: bbox.height(),
        bold: false,
        source,
    }
}

fn of_print(page: &Page, index: usize) -> Vec<Unit> {
    let ruling = Ruling::new(&page.rules);
    let has_ocr = page.segments.iter().any(|segment| segment.source == Source::Ocr);
    let fields: Vec<(usize, Rect)> = page
        .widgets
        .iter()
        .enumerate()
        .filter(|(_, widget)| !widget.hidden)
        .map(|(at, widget)| (at, widget.rect))
        .collect();
    let mut lines: Vec<Unit> = Vec::new();
    for segment in &page.segments {
        let speaks = match segment.source {
            Source::Text | Source::Cell | Source::Ocr => true,
            // A field's value is read from the field; what it draws is a witness.
            Source::Appearance | Source::SecondOcr => false,
            Source::HiddenLayer => !has_ocr,
        };
        if speaks {
            lines.extend(line_unit(segment, index));
        }
    }
    comb::join(&mut lines);
    for mark in &page.marks {
        let drawn_by_field = fields.iter().any(|(_, rect)| rect.contains(mark.bbox.centre()));
        if mark.source != Source::Appearance && !drawn_by_field {
            place_tick(&mut lines, tick_unit(index, mark.bbox, mark.ticked, None, mark.source));
        }
    }
    for (at, rect) in fields {
        let widget = &page.widgets[at];
        match widget.kind {
            WidgetKind::Check | WidgetKind::Radio => {
                // A group's value may be told of each of its boxes; only the box that stands for it is ticked.
                let own = |value: &String| widget.export.as_ref().is_none_or(|export| export == value);
                let ticked = widget.value.as_ref().is_some_and(own);
                lines.push(tick_unit(index, rect, Some(ticked), Some(at), Source::Appearance));
            }
            WidgetKind::Text | WidgetKind::Choice => lines.push(widget_unit(page, index, at, rect)),
            WidgetKind::Signature | WidgetKind::Button => {}
        }
    }
    gather_cells(lines, &ruling, page)
}

/// A typed box is both a word and a mark: the mark knows better whether it is ticked.
fn place_tick(lines: &mut Vec<Unit>, mark: Unit) {
    let centre = mark.ink.centre();
    let state = mark.tokens[0].tick;
    for line in lines.iter_mut().filter(|line| line.ink.contains(centre)) {
        for token in &mut line.tokens {
            if token.bbox.contains(centre) && token.bbox.width() < 3.0 * mark.ink.width().max(4.0) {
                if token.tick.is_some() {
                    token.tick = state;
                    return;
                }
                if is_lone_symbol(&token.text) {
                    token.tick = state;
                    return;
                }
            }
        }
    }
    lines.push(mark);
}

fn is_lone_symbol(text: &str) -> bool {
    let mut chars = text.chars();
    matches!((chars.next(), chars.next()), (Some(c), None) if !c.is_ascii_alphanumeric() && !fold::is_arabic(c))
}

fn line_unit(segment: &Segment, page: usize) -> Option<Unit> {
    let tokens: Vec<Token> =
        segment.words.iter().filter(|word| !word.text.trim().is_empty()).flat_map(without_leader).collect();
    let tokens = typed_ticks(in_reading_order(tokens));
    if tokens.is_empty() {
        return None;
    }
    let ink = bounds(&tokens);
    Some(Unit {
        page,
        ink,
        area: ink,
        tokens,
        boxed: false,
        widget: None,
        cell: None,
        account: false,
        size: segment.size,
        bold: segment.bold,
        source: segment.source,
    })
}

/// `2034........Ville` is two words and a leader.
fn without_leader(word: &Word) -> Vec<Token> {
    let token = |text: &str, from: usize| {
        #[expect(clippy::cast_precision_loss, reason = "words are short")]
        let at =
            |chars: usize| word.bbox.x0 + word.bbox.width() * chars as f32 / word.text.chars().count().max(1) as f32;
        let bbox = Rect { x0: at(from), x1: at(from + text.chars().count()), ..word.bbox };
        Token { text: text.to_owned(), tick: None, bbox, certainty: word.certainty, line: 0, widget: None }
    };
    let leader = |c: char| matches!(c, '.' | '_' | '…');
    let mut tokens = Vec::new();
    let (mut start, mut from) = (0, 0);
    let mut rest = word.text.as_str();
    while let Some(at) = ["....", "____", "……"].iter().filter_map(|run| rest[start..].find(run)).min() {
        let end = start + at;
        let length = rest[end..].chars().take_while(|c| leader(*c)).map(char::len_utf8).sum::<usize>();
        if end > 0 && end + length < rest.len() {
            tokens.push(token(&rest[..end], from));
            from += rest[..end + length].chars().count();
            rest = &rest[end + length..];
            start = 0;
        } else {
            start = end + length;
        }
    }
    tokens.push(token(rest, from));
    tokens
}

/// Words of an Arabic run laid out from left to right are turned round; Latin words and numbers between keep their order.
fn in_reading_order(mut tokens: Vec<Token>) -> Vec<Token> {
    let arabic = |token: &Token| token.text.chars().any(fold::is_arabic);
    let mut start = 0;
    while start < tokens.len() {
        if !arabic(&tokens[start]) {
            start += 1;
            continue;
        }
        let neutral = |token: &Token| !token.text.chars().any(char::is_alphanumeric);
        let mut end = start + 1;
        let mut last = start + 1;
        while end < tokens.len() && (arabic(&tokens[end]) || neutral(&tokens[end])) {
            end += 1;
            if arabic(&tokens[end - 1]) {
                last = end;
            }
        }
        if tokens[start..last].windows(2).all(|pair| pair[0].bbox.x0 < pair[1].bbox.x0) {
            tokens[start..last].reverse();
        }
        start = end;
    }
    tokens
}

fn widget_unit(page: &Page, index: usize, at: usize, rect: Rect) -> Unit {
    let value = page.widgets[at].value.as_deref().unwrap_or_default();
    let tokens = value
        .lines()
        .enumerate()
        .flat_map(|(line, text)| text.split_whitespace().map(move |word| (line, word)))
        .map(|(line, word)| Token {
            text: word.to_owned(),
            tick: None,
            bbox: rect,
            certainty: 1.0,
            line,
            widget: Some(at),
        })
        .collect();
    Unit {
        page: index,
        tokens,
        area: rect,
        ink: rect,
        boxed: true,
        widget: Some(at),
        cell: None,
        account: false,
        size: rect.height(),
        bold: false,
        source: Source::Appearance,
    }
}

/// Typed boxes: `☐ ☒ ☑ ■ □`, `[x]`, `[ ]`, also glued to their option (`☒SARL`).
fn typed_ticks(tokens: Vec<Token>) -> Vec<Token> {
    let mut out: Vec<Token> = Vec::with_capacity(tokens.len());
    let mut open: Option<Token> = None;
    for token in tokens {
        // `[` `]` and `[` `x]` come apart where the blank between them is wide.
        if let Some(bracket) = open.take() {
            let inside = token.text.trim_end_matches([']', ')']);
            if token.text.len() > inside.len() && inside.chars().count() <= 1 {
                let tick = if inside.is_empty() { Tick::Off } else { Tick::On };
                let bbox = bracket.bbox.union(&token.bbox);
                out.push(Token { tick: Some(tick), text: String::new(), bbox, ..bracket });
                continue;
            }
            out.push(bracket);
        }
        if token.text == "[" {
            open = Some(token);
            continue;
        }
        match split_tick(&token.text) {
            Some((tick, rest)) => {
                let rest = rest.to_owned();
                let box_part = Rect {
                    x1: token.bbox.x0.max(token.bbox.x1.min(token.bbox.x0 + token.bbox.height())),
                    ..token.bbox
                };
                out.push(Token { tick: Some(tick), text: String::new(), bbox: box_part, ..token.clone() });
                if !rest.is_empty() {
                    out.push(Token { text: rest, ..token });
                }
            }
            None => out.push(token),
        }
    }
    out.extend(open);
    out
}

/// The box at the head of a word, and what follows it.
fn split_tick(text: &str) -> Option<(Tick, &str)> {
    let mut chars = text.chars();
    let first = chars.next()?;
    let rest = chars.as_str();
    match first {
        '☒' | '☑' | '■' | '▣' | '🗹' | '🗷' | '✓' | '✔' | '✗' | '✘' | '⊠' | '◉' | '●' | '⬛' | '\u{f0fe}'
        | '\u{f0fd}' | '\u{f078}' => Some((Tick::On, rest)),
        '☐' | '□' | '▢' | '○' | '◯' | '❏' | '❑' | '⬜' | '\u{f0a8}' | '\u{f06f}' | '\u{f071}' | '\u{f072}' => {
            Some((Tick::Off, rest))
        }
        '[' | '(' => {
            let close = if first == '[' { ']' } else { ')' };
            let inner = rest.split_once(close)?;
            match inner.0.trim() {
                "" | "_" => Some((Tick::Off, inner.1)),
                "x" | "X" | "✓" | "✔" | "✗" | "*" => Some((Tick::On, inner.1)),
                _ => None,
            }
        }
        _ => None,
    }
}

/// Lines that share a ruled cell become one unit; the cell is its room.
fn gather_cells(lines: Vec<Unit>, ruling: &Ruling, page: &Page) -> Vec<Unit> {
    let mut cells: Vec<(Rect, Vec<Unit>)> = Vec::new();
    let mut by_corner = std::collections::HashMap::new();
    let mut units = Vec::new();
    for line in lines {
        let cell = ruling.cell_around(&line.ink).filter(|cell| is_cell(cell, page));
        match cell {
            Some(cell) => {
                let corner = [cell.x0, cell.y0, cell.x1, cell.y1].map(|edge| (edge * 2.0).round() as i64);
                let at = *by_corner.entry(corner).or_insert_with(|| {
                    cells.push((cell, Vec::new()));
                    cells.len() - 1
                });
                cells[at].1.push(line);
            }
            None => units.push(line),
        }
    }
    for (cell, lines) in cells {
        if lines.len() == 1 || is_one_content(&lines) {
            units.push(one_unit(cell, lines));
        } else {
            units.extend(lines);
        }
    }
    units
}

/// A cell holds one value; a frame round a whole section is no cell.
fn is_cell(cell: &Rect, page: &Page) -> bool {
    cell.height() < 110.0 && (cell.height() < 0.2 * page.height || page.height < 200.0)
}

/// Several form fields, or more than one labelled line, in one frame are not one value.
fn is_one_content(lines: &[Unit]) -> bool {
    let fields = lines.iter().filter(|line| line.widget.is_some()).count();
    let labelled = lines
        .iter()
        .filter(|line| line.tokens.iter().any(|token| token.tick.is_none() && token.text.ends_with(':')))
        .count();
    let rows = {
        let mut tops: Vec<f32> = lines.iter().map(|line| line.ink.y0).collect();
        tops.sort_by(f32::total_cmp);
        1 + tops.windows(2).filter(|pair| pair[1] - pair[0] > 4.0).count()
    };
    let first = &lines[0];
    let one_type = lines
        .iter()
        .all(|line| line.has_ticks() || (line.size - first.size).abs() < 0.12 * first.size && line.bold == first.bold);
    let ends = lines.iter().filter(|line| line.tokens.last().is_some_and(|token| token.text.ends_with(':'))).count();
    // A small label above its value is the one honest change of type within a cell.
    fields == 0
        && rows <= 8
        && ends <= 1
        && (one_type || rows == 2 && lines.len() == 2 && labelled == 0)
        && (labelled <= 1 || rows <= 2)
}

fn one_unit(cell: Rect, mut lines: Vec<Unit>) -> Unit {
    lines.sort_by(|a, b| a.ink.y0.total_cmp(&b.ink.y0));
    // Pieces whose middles are within half a line stand on one line.
    let mut rows: Vec<Vec<Unit>> = Vec::new();
    for line in lines {
        let middle = line.ink.centre().1;
        match rows.last_mut() {
            Some(row) if row[0].ink.y0 <= middle && middle <= row[0].ink.y1 => row.push(line),
            _ => rows.push(vec![line]),
        }
    }
    let mut tokens = Vec::new();
    let mut head = rows[0][0].clone();
    for (number, mut row) in rows.into_iter().enumerate() {
        row.sort_by(|a, b| a.ink.x0.total_cmp(&b.ink.x0));
        for unit in row {
            head.bold &= unit.bold;
            tokens.extend(unit.tokens.into_iter().map(|token| Token { line: number, ..token }));
        }
    }
    if !tokens.is_empty() {
        head.ink = bounds(&tokens);
    }
    head.tokens = tokens;
    head.boxed = true;
    head.area = cell.union(&head.ink);
    head
}
