//! The page model: what every reader produces and the one reading engine reads.
//!
//! Coordinates are points from the top left of the page as shown (rotation already applied); a scanned page is straightened
//! first, and [`Page::as_shown`] leads back to the page as shown. On a sheet of a workbook a
//! column is 100 wide and a row 10 high (column A is 0–100, row 1 is 0–10), so that the geometry of labels and values
//! is the same on paper and in a workbook.

use serde::{Deserialize, Serialize};

use crate::domain::field::Rect;

/// Width of a column and height of a row in the coordinates of a sheet.
pub const SHEET_CELL: (f32, f32) = (100.0, 10.0);

/// One page, or one sheet of a workbook.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Page {
    /// From 1; for sheets the position in the workbook.
    pub number: u32,
    /// `Some` for a sheet.
    pub sheet: Option<String>,
    pub width: f32,
    pub height: f32,
    /// Degrees (0, 90, 180, 270) by which the page, as a viewer shows it, was turned clockwise to make its text upright.
    /// Boxes and size are those of the page once turned.
    pub turn: u16,
    pub segments: Vec<Segment>,
    /// Words struck through: answers taken back. No form is read from them, but card numbers are looked for.
    #[serde(default)]
    pub struck: Vec<Segment>,
    pub cells: Vec<Cell>,
    pub widgets: Vec<Widget>,
    pub marks: Vec<Mark>,
    pub inks: Vec<Ink>,
    /// Words of a scan that look written by hand.
    #[serde(default)]
    pub hands: Vec<Rect>,
    pub rules: Vec<Line>,
    /// Share of the page covered by images, 0 to 1; near 1 without text means a scan.
    pub image_share: f32,
    /// Where the straightened parts of a scanned or photographed page lie on the page as shown, from top to bottom. Empty
    /// when the page was read as shown.
    pub placements: Vec<Placement>,
}

impl Page {
    /// A box of this page as the page is shown: tilt, keystone and turn, which reading has undone, are put back.
    #[must_use]
    pub fn as_shown(&self, bbox: Rect) -> Rect {
        let (x, y) = bbox.centre();
        let Some(placement) = self.placements.iter().find(|part| y <= part.bottom).or(self.placements.last()) else {
            return self.turned_back(bbox);
        };
        placement.map.place(bbox, (x, y))
    }

    /// Was anything of it read from a picture?
    #[must_use]
    pub fn is_seen(&self) -> bool {
        self.segments.iter().any(|segment| segment.source == Source::Ocr)
    }

    /// Upper and lower end of the sheet of paper on which this height lies: a photograph may show several, one above the
    /// other.
    #[must_use]
    pub fn paper_at(&self, y: f32) -> (f32, f32) {
        let mut top = 0.0;
        for part in &self.placements {
            if y <= part.bottom {
                return (top, part.bottom);
            }
            top = part.bottom;
        }
        if self.placements.is_empty() { (0.0, self.height) } else { (top, self.height.max(top)) }
    }

    /// A box of a page that was merely turned, before its turn.
    fn turned_back(&self, bbox: Rect) -> Rect {
        let (width, height) = (self.width, self.height);
        let Rect { x0, y0, x1, y1 } = bbox;
        match self.turn % 360 {
            90 => Rect { x0: y0, y0: width - x1, x1: y1, y1: width - x0 },
            180 => Rect { x0: width - x1, y0: height - y1, x1: width - x0, y1: height - y0 },
            270 => Rect { x0: height - y1, y0: x0, x1: height - y0, y1: x1 },
            _ => bbox,
        }
    }

    /// A box of the page as shown in the coordinates of this page, the other way round.
    #[must_use]
    pub fn from_shown(&self, bbox: Rect) -> Rect {
        let centre = bbox.centre();
        let inside = |part: &&Placement| part.map.inverse().apply(centre).1 <= part.bottom;
        let Some(placement) = self.placements.iter().find(inside).or(self.placements.last()) else { return bbox };
        placement.map.inverse().place(bbox, centre)
    }
}

/// Where a straightened part of a page lies on the page as shown.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Placement {
    /// Lower end of the part, in the coordinates of the page model.
    pub bottom: f32,
    /// From the page model to the page as shown.
    pub map: Projection,
}

/// Takes (x, y) to ((a x + b y + c) / w, (d x + e y + f) / w) with w = g x + h y + 1.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Projection(pub [f32; 8]);

impl Projection {
    /// Leaves everything where it is.
    pub const NONE: Self = Self([1.0, 0.0, 0.0, 0.0, 1.0, 0.0, 0.0, 0.0]);

    /// A point where the projection takes it.
    #[must_use]
    #[expect(clippy::many_single_char_names, reason = "the coefficients as the type's text names them")]
    pub fn apply(&self, (x, y): (f32, f32)) -> (f32, f32) {
        let [a, b, c, d, e, f, g, h] = self.0;
        let w = g * x + h * y + 1.0;
        ((a * x + b * y + c) / w, (d * x + e * y + f) / w)
    }

    /// The projection that leads back; one that folds the plane leads nowhere and is taken for none.
    #[must_use]
    #[expect(clippy::many_single_char_names, reason = "the coefficients as the type's text names them")]
    pub fn inverse(&self) -> Self {
        let [a, b, c, d, e, f, g, h] = self.0.map(f64::from);
        let whole = a * e - b * d;
        let inverse =
            [e - f * h, c * h - b, b * f - c * e, f * g - d, a - c * g, c * d - a * f, d * h - e * g, b * g - a * h];
        if whole.abs() < 1e-12 {
            return Self::NONE;
        }
        #[expect(clippy::cast_possible_truncation, reason = "page coordinates need no more than 24 bits")]
        Self(inverse.map(|value| (value / whole) as f32))
    }

    /// A box round the projected centre: the middles of its sides give its size, so that a tilted word keeps its own.
    fn place(&self, bbox: Rect, (x, y): (f32, f32)) -> Rect {
        let ((lx, ly), (rx, ry)) = (self.apply((bbox.x0, y)), self.apply((bbox.x1, y)));
        let ((tx, ty), (bx, by)) = (self.apply((x, bbox.y0)), self.apply((x, bbox.y1)));
        let width = (rx - lx).abs().max((bx - tx).abs());
        let height = (ry - ly).abs().max((by - ty).abs());
        let (x, y) = self.apply((x, y));
        Rect { x0: x - width / 2.0, y0: y - height / 2.0, x1: x + width / 2.0, y1: y + height / 2.0 }
    }
}

/// Who says so.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Source {
    /// Visible text drawn by a digital document.
    Text,
    /// Text drawn by a form field's appearance.
    Appearance,
    /// Invisible text over a page image: a witness, not the truth.
    HiddenLayer,
    Cell,
    /// First OCR engine.
    Ocr,
    /// Second OCR engine.
    SecondOcr,
}

/// A word with its box; Arabic in logical order.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Word {
    pub text: String,
    pub bbox: Rect,
    /// Certainty of the least certain character: 1 for digital text.
    pub certainty: f32,
}

/// Words of one line that belong together: no wider gap, no rule between them, one font size.
///
/// Signs for boxes to tick (☐ ☒ `[x]`) are not words: they become [`Mark`]s and end a segment. Letters written one to a cell
/// stay in one segment, one word each. A text cell gives one segment per line (and per option, where it holds boxes).
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Segment {
    pub words: Vec<Word>,
    pub bbox: Rect,
    pub source: Source,
    /// Height of the type in points (a row's height on a sheet).
    pub size: f32,
    pub bold: bool,
}

impl Segment {
    /// The words joined by single spaces.
    #[must_use]
    pub fn text(&self) -> String {
        let mut text = String::with_capacity(self.words.iter().map(|w| w.text.len() + 1).sum());
        for word in &self.words {
            if !text.is_empty() {
                text.push(' ');
            }
            text.push_str(&word.text);
        }
        text
    }
}

/// A cell of a sheet; merged cells appear once with their whole span.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Cell {
    /// Zero-based, inclusive.
    pub row: u32,
    pub column: u32,
    pub last_row: u32,
    pub last_column: u32,
    pub value: CellValue,
    /// As a spreadsheet program would show it.
    pub shown: String,
    /// Number format code, when known.
    pub format: Option<String>,
    /// The row, column or sheet is hidden.
    pub hidden: bool,
    /// The note attached to the cell.
    pub comment: Option<String>,
    /// What a list validation lets one choose from.
    pub choices: Vec<String>,
}

impl Cell {
    /// `B12`.
    #[must_use]
    pub fn name(&self) -> String {
        cell_name(self.row, self.column)
    }

    /// The box of the whole span in sheet coordinates.
    #[must_use]
    #[expect(clippy::cast_precision_loss, reason = "rows and columns are far below 2^24")]
    pub fn bbox(&self) -> Rect {
        let (width, height) = SHEET_CELL;
        Rect {
            x0: self.column as f32 * width,
            y0: self.row as f32 * height,
            x1: (self.last_column + 1) as f32 * width,
            y1: (self.last_row + 1) as f32 * height,
        }
    }
}

/// `B12` for row 11, column 1 (zero-based).
#[must_use]
pub fn cell_name(row: u32, column: u32) -> String {
    let mut letters = Vec::new();
    let mut rest = column + 1;
    while rest > 0 {
        letters.push(char::from(b'A' + u8::try_from((rest - 1) % 26).unwrap_or(0)));
        rest = (rest - 1) / 26;
    }
    letters.iter().rev().collect::<String>() + &(row + 1).to_string()
}

/// What a cell holds.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CellValue {
    Text(String),
    /// `digits` is the number as the file writes it, before any float; `precise` is false where a float has lost digits.
    Number {
        digits: String,
        precise: bool,
    },
    /// ISO 8601 date, or date and time.
    Date(String),
    Flag(bool),
    Error(String),
}

impl Default for CellValue {
    fn default() -> Self {
        Self::Text(String::new())
    }
}

/// A PDF form field as placed on a page.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Widget {
    /// Full name, parts joined by dots.
    pub name: String,
    pub tooltip: Option<String>,
    pub kind: WidgetKind,
    /// Stored value: text, the chosen options as shown (one per line), or for a button the export value of the box ticked.
    pub value: Option<String>,
    /// For a button: the export value this widget stands for; it is ticked when `value` is the same. Else none.
    pub export: Option<String>,
    /// For a choice: what can be chosen, as shown.
    pub options: Vec<String>,
    pub rect: Rect,
    /// One cell per character.
    pub comb: bool,
    /// Not shown on the page (flagged hidden, or without a surface): no witness.
    pub hidden: bool,
    /// What the field stores and what it shows contradict each other, or only one of them speaks where both should.
    pub disputed: bool,
}

impl Widget {
    /// What the field says that it asks: its tooltip, else the last part of its name without a position.
    #[must_use]
    pub fn says(&self) -> &str {
        let name = self.name.rsplit('.').next().unwrap_or_default();
        let name = name.split('[').next().unwrap_or(name);
        self.tooltip.as_deref().filter(|tip| !tip.trim().is_empty()).unwrap_or(name)
    }

    /// A box or radio button that is ticked.
    #[must_use]
    pub fn ticked(&self) -> bool {
        self.value.is_some() && self.value == self.export
    }
}

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum WidgetKind {
    #[default]
    Text,
    Check,
    Radio,
    Choice,
    Signature,
    Button,
}

/// A box that may be ticked: drawn, typed (☐ ☒ `[x]`) or in a symbol font.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Mark {
    pub bbox: Rect,
    /// `None`: cannot tell.
    pub ticked: Option<bool>,
    pub source: Source,
}

/// Ink that is neither text nor ruling: a signature, a stamp, a drawing.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Ink {
    pub bbox: Rect,
    /// Share of inked surface, 0 to 1.
    pub share: f32,
}

/// A straight rule, as a thin box.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Line {
    pub bbox: Rect,
}
