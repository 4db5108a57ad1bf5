//! Parts of a page cut out and laid one under the other: an engine asked about a few values need not read the whole page.

use image::{GrayImage, imageops};

use super::rules::Box;
use super::words::{Row, Seen};

/// Paper between two strips, and left of them, in pixels.
const PAPER: u32 = 24;
/// Strips that take more than this share of the page are not worth cutting it.
const MOST: f32 = 0.5;

/// The cut-out parts, and where they come from.
pub(super) struct Strips {
    pub(super) picture: GrayImage,
    /// Upper end in the picture, and place on the page.
    places: Vec<(u32, Box)>,
}

impl Strips {
    /// Cuts out some parts of a page; `None` where they are nearly all of it.
    pub(super) fn of(page: &GrayImage, parts: &[Box]) -> Option<Self> {
        let inside = |b: &Box| {
            let (x1, y1) = (b.2.min(page.width() as usize), b.3.min(page.height() as usize));
            (b.0 < x1 && b.1 < y1).then_some((b.0, b.1, x1, y1))
        };
        let parts = apart(parts.iter().filter_map(inside).collect());
        let width = parts.iter().map(|b| b.2 - b.0).max()? as u32 + 2 * PAPER;
        let height = parts.iter().map(|b| (b.3 - b.1) as u32 + PAPER).sum::<u32>() + PAPER;
        if (width * height) as f32 > MOST * (page.width() * page.height()) as f32 {
            return None;
        }
        let mut picture = GrayImage::from_pixel(width, height, image::Luma([u8::MAX]));
        let mut places = Vec::new();
        let mut top = PAPER;
        for b in parts {
            let (w, h) = ((b.2 - b.0) as u32, (b.3 - b.1) as u32);
            let part = imageops::crop_imm(page, b.0 as u32, b.1 as u32, w, h);
            imageops::replace(&mut picture, &*part, i64::from(PAPER), i64::from(top));
            places.push((top, b));
            top += h + PAPER;
        }
        Some(Self { picture, places })
    }

    /// Words seen on the picture, where they stand on the page.
    pub(super) fn back(&self, rows: Vec<Row>) -> Vec<Row> {
        let mut found = Vec::new();
        for row in rows {
            let place = |word: &Seen| self.places.iter().rposition(|(top, _)| (*top as f32) <= word.centre().1);
            for words in row.words.chunk_by(|a, b| place(a) == place(b)) {
                let Some((top, home)) = place(&words[0]).map(|at| self.places[at]) else { continue };
                let (dx, dy) = (home.0 as f32 - PAPER as f32, home.1 as f32 - top as f32);
                let moved = |word: &Seen| {
                    let [x0, y0, x1, y1] = word.bounds;
                    Seen { bounds: [x0 + dx, y0 + dy, x1 + dx, y1 + dy], ..word.clone() }
                };
                found.push(Row { words: words.iter().map(moved).collect() });
            }
        }
        found
    }
}

/// Parts that meet become one, from top to bottom.
fn apart(mut parts: Vec<Box>) -> Vec<Box> {
    let meet = |a: &Box, b: &Box| a.0 < b.2 && b.0 < a.2 && a.1 < b.3 && b.1 < a.3;
    loop {
        let before = parts.len();
        let mut kept: Vec<Box> = Vec::with_capacity(before);
        for part in parts {
            match kept.iter_mut().find(|other| meet(other, &part)) {
                Some(other) => {
                    *other = (other.0.min(part.0), other.1.min(part.1), other.2.max(part.2), other.3.max(part.3));
                }
                None => kept.push(part),
            }
        }
        parts = kept;
        if parts.len() == before {
            parts.sort_unstable_by_key(|b| (b.1, b.0));
            return parts;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use image::Luma;

    #[test]
    fn what_was_seen_in_a_strip_leads_back_to_the_page() {
        let page = GrayImage::from_fn(600, 800, |x, y| Luma([if x / 10 == 40 && y / 10 == 50 { 0 } else { 255 }]));
        let strips = Strips::of(&page, &[(380, 490, 430, 520), (20, 20, 120, 40), (100, 30, 200, 45)]).expect("parts");
        assert_eq!(strips.places.len(), 2, "two parts that meet are one");
        let dark = strips.picture.enumerate_pixels().find(|(.., tone)| tone.0[0] == 0).expect("the dark patch");
        let (x, y) = (dark.0 as f32, dark.1 as f32);
        let word = Seen { text: "Lac".to_owned(), bounds: [x, y, x + 10.0, y + 10.0], ..Seen::default() };
        let back = strips.back(vec![Row { words: vec![word] }]);
        assert_eq!(back[0].words[0].bounds, [400.0, 500.0, 410.0, 510.0]);
        assert!(Strips::of(&page, &[(0, 0, 600, 700)]).is_none());
    }
}
