//! EDGE. Draws what was read on the page it was read from, as a PNG: a frame round every value with its number, and beside
//! the page the list of fields with their values and doubts.
//!
//! A page of paper is shown as it came; a sheet of a workbook is drawn as a grid of its cells. The standard fonts know no
//! Arabic: such a value is shown where it stands, and the list says so.

mod grid;
mod list;

use hayro::hayro_interpret::InterpreterSettings;
use hayro::hayro_syntax::Pdf;
use hayro::vello_cpu::color::palette::css::WHITE;
use hayro::{PixmapSettings, RenderCache, RenderSettings, render};
use image::{ImageFormat, RgbImage};

use crate::paper::{Colour, Paper, width};
pub use grid::Cell;

/// Pixels per point of the PNG.
const SCALE: f32 = 2.0;
/// Largest side of the PNG, in points.
const LONGEST: f32 = 4000.0;
/// Height of the numbers on the frames, in points.
const TAG: f32 = 6.5;
/// Width of the list, in points.
const LIST: f32 = 300.0;

/// How far a value may be believed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Standing {
    Trusted,
    Doubtful,
    /// The label is there, its place is blank.
    Blank,
    /// The label was not found, so there is no place to show.
    NoLabel,
}

impl Standing {
    fn colour(self) -> Colour {
        match self {
            Self::Trusted => [0.05, 0.5, 0.2],
            Self::Doubtful => [0.85, 0.35, 0.0],
            Self::Blank => [0.45, 0.45, 0.5],
            Self::NoLabel => [0.6, 0.1, 0.55],
        }
    }
}

/// Where a value stands.
#[derive(Debug, Clone, PartialEq)]
pub enum Spot {
    /// Left, top, right, bottom in points of the page as shown.
    Box([f32; 4]),
    /// Name of a cell.
    Cell(String),
}

/// One field.
#[derive(Debug, Clone, PartialEq)]
pub struct Note {
    pub key: String,
    pub value: String,
    /// Why it is doubted, in words.
    pub doubts: Vec<String>,
    pub standing: Standing,
    pub spot: Option<Spot>,
}

/// What the notes are drawn on.
#[derive(Debug)]
pub enum Ground<'a> {
    /// Grey pixels, row by row, over a page of `size` points.
    Page {
        size: (f32, f32),
        pixels: (u32, u32),
        tones: &'a [u8],
    },
    /// A page that is not shown, with the reason in words.
    Nothing {
        size: (f32, f32),
        reason: &'a str,
    },
    Sheet(&'a [Cell]),
}

/// The picture, as PNG.
pub fn draw(title: &str, ground: &Ground<'_>, notes: &[Note]) -> anyhow::Result<Vec<u8>> {
    let grid = match ground {
        Ground::Sheet(cells) => Some(grid::Grid::of(cells)),
        _ => None,
    };
    let page = match (ground, &grid) {
        (Ground::Page { size, .. } | Ground::Nothing { size, .. }, _) => *size,
        (Ground::Sheet(_), Some(grid)) => grid.size(),
        (Ground::Sheet(_), None) => unreachable!("a sheet has a grid"),
    };
    let page = (page.0.clamp(1.0, LONGEST), page.1.clamp(1.0, LONGEST));
    let lines = list::lines(notes, LIST);
    let size = (page.0 + LIST, page.1.max(list::height(&lines)).min(LONGEST));
    let mut paper = Paper::default();
    paper.page_of(size);
    match (ground, &grid) {
        (Ground::Page { pixels, tones, .. }, _) => paper.picture([0.0, 0.0, page.0, page.1], *pixels, tones),
        (Ground::Nothing { reason, .. }, _) => paper.text_in([0.4; 3], (30.0, 40.0), 11.0, false, reason),
        (Ground::Sheet(cells), Some(grid)) => grid.draw(cells, &mut paper),
        (Ground::Sheet(_), None) => {}
    }
    for (number, note) in (1_u32..).zip(notes) {
        let frame = match (&note.spot, &grid) {
            (Some(Spot::Box(frame)), _) => Some(*frame),
            (Some(Spot::Cell(name)), Some(grid)) => grid.frame_of(name),
            _ => None,
        };
        if let Some(frame) = frame {
            mark(&mut paper, frame, number, note.standing.colour(), page);
        }
    }
    paper.fill([page.0, 0.0, size.0, size.1], [0.97, 0.97, 0.98]);
    list::draw(&mut paper, title, &lines, page.0);
    png(paper.finish(title), size)
}

/// A frame with its number above its upper left corner, so that no letter of the label beside it is hidden.
fn mark(paper: &mut Paper, [x0, y0, x1, y1]: [f32; 4], number: u32, colour: Colour, page: (f32, f32)) {
    let frame = [(x0 - 1.5).max(0.5), (y0 - 1.5).max(0.5), (x1 + 1.5).min(page.0 - 0.5), (y1 + 1.5).min(page.1 - 0.5)];
    paper.outline(frame, colour, 0.9);
    let text = number.to_string();
    let wide = width(&text, TAG - 1.0, true) + 2.0;
    let top = (frame[1] - TAG).max(0.0);
    paper.fill([frame[0], top, frame[0] + wide, top + TAG], colour);
    paper.text_in([1.0; 3], (frame[0] + 1.0, top + TAG - 1.3), TAG - 1.0, true, &text);
}

fn png(pdf: Vec<u8>, size: (f32, f32)) -> anyhow::Result<Vec<u8>> {
    let pdf = Pdf::new(pdf).map_err(|err| anyhow::anyhow!("a picture of our own cannot be drawn: {err:?}"))?;
    let page = pdf.pages().first().ok_or_else(|| anyhow::anyhow!("a picture of our own has no page"))?;
    let scale = SCALE.min(2.0 * LONGEST / size.0.max(size.1));
    let settings = PixmapSettings { x_scale: scale, y_scale: scale, bg_color: WHITE };
    let drawn =
        render(page, &RenderCache::new(), &InterpreterSettings::default(), &RenderSettings::default(), &settings);
    let pixels = drawn.data().iter().flat_map(|pixel| [pixel.r, pixel.g, pixel.b]).collect();
    let picture = RgbImage::from_raw(u32::from(drawn.width()), u32::from(drawn.height()), pixels)
        .ok_or_else(|| anyhow::anyhow!("a picture of our own has too few pixels"))?;
    let mut png = std::io::Cursor::new(Vec::new());
    picture.write_to(&mut png, ImageFormat::Png)?;
    Ok(png.into_inner())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn note(key: &str, standing: Standing, spot: Option<Spot>) -> Note {
        Note { key: key.to_owned(), value: "Tunis".to_owned(), doubts: Vec::new(), standing, spot }
    }

    /// Colour of the PNG at a point.
    fn at(png: &[u8], x: f32, y: f32) -> [u8; 3] {
        let picture = image::load_from_memory(png).unwrap().into_rgb8();
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a point of the picture")]
        let pixel = picture.get_pixel((x * SCALE) as u32, (y * SCALE) as u32);
        pixel.0
    }

    #[test]
    fn a_frame_stands_round_a_value_and_the_page_is_left_alone() {
        let tones = vec![200; 60 * 90];
        let ground = Ground::Page { size: (300.0, 450.0), pixels: (60, 90), tones: &tones };
        let notes = [note("ville", Standing::Trusted, Some(Spot::Box([100.0, 100.0, 180.0, 112.0])))];
        let png = draw("form.pdf, page 1", &ground, &notes).unwrap();
        let [r, g, b] = at(&png, 140.0, 98.6);
        assert!(g > r + 40 && g > b + 20, "the upper side of the frame is green: {r} {g} {b}");
        assert_eq!(at(&png, 140.0, 106.0), [200; 3]);
        assert_eq!(at(&png, 20.0, 300.0), [200; 3]);
    }

    #[test]
    fn a_cell_of_a_sheet_is_framed_where_it_is_drawn() {
        let cell = |name: &str, row, column| Cell {
            name: name.to_owned(),
            rows: (row, row),
            columns: (column, column),
            text: "Tunis".to_owned(),
        };
        let cells = [cell("A1", 0, 0), cell("B1", 0, 1)];
        let notes = [note("ville", Standing::Doubtful, Some(Spot::Cell("B1".to_owned())))];
        let frame = grid::Grid::of(&cells).frame_of("B1").unwrap();
        let png = draw("f.xlsx, Feuil1", &Ground::Sheet(&cells), &notes).unwrap();
        let [r, _, b] = at(&png, f32::midpoint(frame[0], frame[2]), frame[1] - 1.5);
        assert!(r > b + 60, "{r} {b}");
    }
}
