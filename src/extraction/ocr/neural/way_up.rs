//! Which end of a sheet is up: a few lines tell, read as they lie and turned over.
//!
//! Upside down, type is read with little certainty or not at all. Only then are the same lines read the other way round, so
//! that a page that lies right costs nothing more.

use image::{GrayImage, imageops};

use super::super::words::Seen;
use super::detect::Line;

/// Lines that are asked.
const ENOUGH_LINES: usize = 10;
/// Shape of a line worth asking, width over height: some words, no long prose.
const SHAPE: std::ops::Range<f32> = 3.0..16.0;
/// Less legible than this, they may stand on their head.
const HARDLY_LEGIBLE: f32 = 0.80;
/// Fewer letters than this tell nothing about which end is up.
const ENOUGH_LETTERS: f32 = 20.0;

/// Which lines to ask: spread over the page.
pub(super) fn telling(lines: &[Line]) -> Vec<usize> {
    let fit: Vec<usize> = (0..lines.len())
        .filter(|at| {
            let [x0, y0, x1, y1] = lines[*at];
            SHAPE.contains(&((x1 - x0) / (y1 - y0).max(1.0)))
        })
        .collect();
    fit.iter().copied().step_by(fit.len().div_ceil(ENOUGH_LINES).max(1)).collect()
}

/// May what was read so stand on its head?
pub(super) fn is_doubtful(read: &[Vec<Seen>]) -> bool {
    let (certain, letters) = legible(read);
    certain < HARDLY_LEGIBLE * letters.max(ENOUGH_LETTERS)
}

/// Did turning the lines over make more of them legible?
pub(super) fn reads_better(over: &[Vec<Seen>], as_it_lies: &[Vec<Seen>]) -> bool {
    let ((over, letters), (before, _)) = (legible(over), legible(as_it_lies));
    letters >= ENOUGH_LETTERS && over > before
}

/// Letters weighed by their certainty, and their number. What was dropped as noise counts for nothing.
fn legible(read: &[Vec<Seen>]) -> (f32, f32) {
    let words = read.iter().flatten().map(|word| (word.text.chars().count() as f32, word.certainty));
    words.fold((0.0, 0.0), |(sum, letters), (length, certainty)| (sum + length * certainty, letters + length))
}

/// The page turned over.
pub(super) fn over(page: &GrayImage) -> GrayImage {
    imageops::rotate180(page)
}

/// Where a line lies on the page turned over.
pub(super) fn line_over([x0, y0, x1, y1]: Line, page: &GrayImage) -> Line {
    let (width, height) = (page.width() as f32, page.height() as f32);
    [width - x1, height - y1, width - x0, height - y0]
}

#[cfg(test)]
mod tests {
    use super::*;

    fn words(text: &str, certainty: f32) -> Vec<Vec<Seen>> {
        vec![vec![Seen { text: text.to_owned(), bounds: [0.0; 4], certainty, ..Seen::default() }]]
    }

    #[test]
    fn only_what_is_hardly_legible_is_doubted() {
        let sure = words("Formulaire d'adhésion du commerçant", 0.95);
        let mess = words("ueɔɹǝɯɯoɔ np uoᴉsǝɥpɐ", 0.4);
        assert!(!is_doubtful(&sure));
        assert!(is_doubtful(&mess));
        assert!(is_doubtful(&[]), "nothing legible");
        assert!(reads_better(&sure, &mess));
        assert!(!reads_better(&mess, &sure));
        assert!(!reads_better(&words("Oui", 0.99), &[]), "three letters tell nothing");
    }

    #[test]
    fn some_lines_of_all_the_page_are_asked() {
        let line = |n: usize| [50.0, 20.0 * n as f32, 200.0, 20.0 * n as f32 + 14.0];
        let mut lines: Vec<Line> = (0..60).map(line).collect();
        lines.push([0.0, 0.0, 900.0, 14.0]);
        let asked = telling(&lines);
        assert!(asked.len() <= ENOUGH_LINES && asked.contains(&0) && asked.iter().any(|at| *at > 50), "{asked:?}");
        assert!(telling(&[]).is_empty());
    }

    #[test]
    fn a_line_is_found_again_on_the_page_turned_over() {
        let page = GrayImage::new(100, 200);
        let line = [10.0, 20.0, 40.0, 30.0];
        assert_eq!(line_over(line, &page), [60.0, 170.0, 90.0, 180.0]);
        assert_eq!(line_over(line_over(line, &page), &page), line);
    }
}
