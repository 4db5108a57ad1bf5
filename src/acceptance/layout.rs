//! A4 pages laid on their side that fill from top to bottom: title, facts in two columns, tables whose headings
//! come again on each page.

use crate::paper::{self, Paper, is_printable, lines, width};

/// On their side: a line of the grid has ten columns.
const PAGE: (f32, f32) = (paper::PAGE.1, paper::PAGE.0);
/// Margins and the right edge, in points.
pub(super) const LEFT: f32 = 36.0;
pub(super) const RIGHT: f32 = PAGE.0 - LEFT;
/// Nothing but the running foot stands below.
const BOTTOM: f32 = PAGE.1 - 46.0;
const FOOT: f32 = BOTTOM + 10.0;
const TOP: f32 = 36.0;

/// A box to sign in: for whom, and who signs when where it is known.
pub(super) struct Signer {
    pub heading: String,
    pub name: String,
}

/// A column of a table: its heading and its left and right edges.
pub(super) struct Column {
    pub heading: String,
    pub x0: f32,
    pub x1: f32,
}

/// Columns side by side over the whole width, in proportion.
pub(super) fn columns(headings: Vec<(String, f32)>) -> Vec<Column> {
    let all: f32 = headings.iter().map(|(_, share)| share).sum();
    let mut x = LEFT;
    let column = |(heading, share): (String, f32)| {
        let x0 = x;
        x += (RIGHT - LEFT) * share / all;
        Column { heading, x0, x1: x }
    };
    headings.into_iter().map(column).collect()
}

/// Pages being filled.
pub(super) struct Pages {
    pub paper: Paper,
    pub y: f32,
    /// Said in the place of what the fonts cannot print.
    unprintable: String,
}

impl Pages {
    pub(super) fn new(unprintable: &str) -> Self {
        let mut paper = Paper::default();
        paper.page_of(PAGE);
        Self { paper, y: TOP, unprintable: unprintable.to_owned() }
    }

    /// The text as it can be printed.
    pub(super) fn printable(&self, text: &str) -> String {
        if is_printable(text) { text.to_owned() } else { self.unprintable.clone() }
    }

    /// Goes to a new page when so much does not fit any more; says whether it did.
    pub(super) fn room_for(&mut self, height: f32) -> bool {
        let full = self.y + height > BOTTOM;
        if full {
            self.paper.page_of(PAGE);
            self.y = TOP;
        }
        full
    }

    pub(super) fn title(&mut self, title: &str, aside: &str) {
        self.y += 14.0;
        self.paper.text(LEFT, self.y, 17.0, true, title);
        let x = RIGHT - width(aside, 10.0, true);
        self.paper.text(x, self.y, 10.0, true, aside);
        self.y += 8.0;
        self.paper.rule((LEFT, self.y), (RIGHT, self.y), 1.2);
        self.y += 6.0;
    }

    /// Explanations in grey, over the whole width.
    pub(super) fn explain(&mut self, text: &str) {
        for line in lines(text, 8.5, false, RIGHT - LEFT) {
            self.room_for(12.0);
            self.y += 11.0;
            self.paper.quiet(LEFT, self.y, 8.5, &line);
        }
        self.y += 4.0;
    }

    pub(super) fn paragraph(&mut self, text: &str, bold: bool) {
        for line in lines(&self.printable(text), 9.5, bold, RIGHT - LEFT) {
            self.room_for(14.0);
            self.y += 13.0;
            self.paper.text(LEFT, self.y, 9.5, bold, &line);
        }
    }

    pub(super) fn heading(&mut self, text: &str) {
        self.room_for(60.0);
        self.y += 10.0;
        self.paper.band([LEFT, self.y, RIGHT, self.y + 17.0]);
        self.paper.text(LEFT + 5.0, self.y + 12.0, 10.0, true, text);
        self.y += 21.0;
    }

    /// `label : value` in two columns; a value too long for its column takes more lines.
    pub(super) fn facts(&mut self, facts: &[(String, String)]) {
        let half = (RIGHT - LEFT) / 2.0;
        for pair in facts.chunks(2) {
            let cells: Vec<(f32, String, f32, Vec<String>)> = pair
                .iter()
                .zip([LEFT, LEFT + half])
                .map(|((label, value), x)| {
                    let label = format!("{label} :");
                    let start = width(&label, 9.0, false) + 5.0;
                    let value = lines(&self.printable(value), 9.0, true, half - start - 8.0);
                    (x, label, start, value)
                })
                .collect();
            let tallest = cells.iter().map(|(.., value)| value.len()).max().unwrap_or(1).max(1);
            #[expect(clippy::cast_precision_loss, reason = "a fact has a few lines")]
            let height = tallest as f32 * 11.5;
            self.room_for(height + 4.0);
            for (x, label, start, value) in cells {
                self.paper.text(x, self.y + 11.0, 9.0, false, &label);
                let mut y = self.y + 11.0;
                for line in value {
                    self.paper.text(x + start, y, 9.0, true, &line);
                    y += 11.5;
                }
            }
            self.y += height + 3.0;
        }
    }

    pub(super) fn head(&mut self, columns: &[Column]) {
        let height = 18.0;
        self.paper.band([LEFT, self.y, RIGHT, self.y + height]);
        for column in columns {
            self.paper.frame([column.x0, self.y, column.x1, self.y + height]);
            self.paper.text(column.x0 + 3.0, self.y + 12.0, 8.0, true, &column.heading);
        }
        self.y += height;
    }

    /// A row of ruled cells, as tall as its longest text, at least `least`; gives its top and bottom. The heading comes again
    /// where the row begins a page.
    pub(super) fn row(&mut self, columns: &[Column], texts: &[String], least: f32) -> (f32, f32) {
        let cells: Vec<Vec<String>> = columns
            .iter()
            .zip(texts)
            .map(|(column, text)| lines(&self.printable(text), 8.0, false, column.x1 - column.x0 - 6.0))
            .collect();
        let tallest = cells.iter().map(Vec::len).max().unwrap_or(0);
        #[expect(clippy::cast_precision_loss, reason = "a cell has a few lines")]
        let height = (tallest as f32 * 9.5 + 6.0).max(least);
        if self.room_for(height) {
            self.head(columns);
        }
        let (top, bottom) = (self.y, self.y + height);
        for (column, cell) in columns.iter().zip(cells) {
            self.paper.frame([column.x0, top, column.x1, bottom]);
            #[expect(clippy::cast_precision_loss, reason = "a cell has a few lines")]
            let mut y = top + (height - cell.len() as f32 * 9.5) / 2.0 + 7.5;
            for line in cell {
                self.paper.text(column.x0 + 3.0, y, 8.0, false, &line);
                y += 9.5;
            }
        }
        self.y = bottom;
        (top, bottom)
    }

    /// Boxes to sign in, side by side, each under its heading.
    pub(super) fn signatures(&mut self, signers: &[Signer], hint: &str) {
        let height = 82.0;
        self.room_for(height + 10.0);
        self.y += 8.0;
        #[expect(clippy::cast_precision_loss, reason = "three at most")]
        let wide = (RIGHT - LEFT - 10.0 * (signers.len() as f32 - 1.0)) / signers.len() as f32;
        let mut x = LEFT;
        for Signer { heading, name } in signers {
            self.paper.frame([x, self.y, x + wide, self.y + height]);
            self.paper.text(x + 5.0, self.y + 13.0, 9.0, true, heading);
            self.paper.quiet(x + 5.0, self.y + 25.0, 7.5, hint);
            let name = lines(&self.printable(name), 9.0, false, wide - 10.0);
            self.paper.text(x + 5.0, self.y + 38.0, 9.0, false, name.first().map_or("", String::as_str));
            x += wide + 10.0;
        }
        self.y += height;
    }

    /// The PDF, with what this is and the page's number at the foot of each.
    pub(super) fn finish(mut self, title: &str, foot: &str) -> Vec<u8> {
        let pages = self.paper.pages();
        for page in 0..pages {
            self.paper.turn_to(page);
            self.paper.rule((LEFT, FOOT), (RIGHT, FOOT), 0.4);
            self.paper.quiet(LEFT, FOOT + 12.0, 7.5, foot);
            let number = format!("{} / {pages}", page + 1);
            self.paper.quiet(RIGHT - width(&number, 7.5, false), FOOT + 12.0, 7.5, &number);
        }
        self.paper.finish(title)
    }
}
