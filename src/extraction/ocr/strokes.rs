//! Straight strokes: most letters of any type have an upright or evenly slanted stem, as straight as a ruler; a hand draws none,
//! however neatly it keeps its line.

use image::GrayImage;

/// Length of a stroke, in heights of the word.
const STROKE: f32 = 0.45;
/// Slants looked for, of right over up, and the step between two.
const SLANTS: std::ops::RangeInclusive<i16> = -2..=14;
const STEP: f32 = 0.03;
/// A word this much wider than high has enough letters to tell; and this many pixels high, enough pixels.
const WIDE: f32 = 2.5;
const HIGH: usize = 10;
/// Fainter ink than this has no edge to speak of.
const CONTRAST: u8 = 60;

/// The share of the ink inside a box that lies in straight strokes; `None` where there is too little to tell.
pub(super) fn share(page: &GrayImage, bounds: [f32; 4]) -> Option<f32> {
    let within = |v: f32, limit: u32| (v.max(0.0) as u32).min(limit);
    let (left, right) = (within(bounds[0], page.width()), within(bounds[2].ceil(), page.width()));
    let (top, bottom) = (within(bounds[1], page.height()), within(bounds[3].ceil(), page.height()));
    let width = right.saturating_sub(left) as usize;
    let mut tones: Vec<u8> = (top..bottom)
        .flat_map(|y| (left..right).map(move |x| (x, y)))
        .map(|(x, y)| page.get_pixel(x, y).0[0])
        .collect();
    let pixels = tones.clone();
    tones.sort_unstable();
    let (Some(dark), Some(light)) = (tones.get(tones.len() / 50), tones.get(tones.len() * 9 / 10)) else {
        return None;
    };
    // Half-way between ink and paper lies the edge of a stroke; a blurred one is no thicker than it was drawn.
    let edge = u8::midpoint(*dark, *light);
    let ink: Vec<bool> = pixels.into_iter().map(|tone| tone < edge).collect();
    let rows: Vec<&[bool]> = ink.chunks_exact(width.max(1)).collect();
    let inked = |row: &&[bool]| row.contains(&true);
    let (first, last) = (rows.iter().position(inked)?, rows.iter().rposition(inked)?);
    let (ink, height) = (&ink[first * width..(last + 1) * width], last + 1 - first);
    if height < HIGH || (width as f32) < WIDE * height as f32 || light - dark < CONTRAST {
        return None;
    }
    let all = ink.iter().filter(|inked| **inked).count();
    let most = SLANTS.map(|step| straight(ink, width, height, f32::from(step) * STEP)).max().unwrap_or(0);
    (all > 0).then(|| most as f32 / all as f32)
}

/// Pixels in strokes of one slant.
fn straight(ink: &[bool], width: usize, height: usize, slant: f32) -> usize {
    let shift = |y: usize| (slant * (height - y) as f32).round() as isize;
    let least = (STROKE * height as f32).ceil() as usize;
    let reach = shift(0).unsigned_abs() + 1;
    let mut found = 0;
    // Each column at the foot of the word, followed up along the slant.
    for foot in 0..width + 2 * reach {
        let mut run = 0;
        for y in 0..=height {
            let x = foot.cast_signed() - reach.cast_signed() + shift(y);
            let inked = y < height && usize::try_from(x).is_ok_and(|x| x < width && ink[y * width + x]);
            if inked {
                run += 1;
            } else {
                found += if run >= least { run } else { 0 };
                run = 0;
            }
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;
    use image::Luma;

    /// Letters of one stroke each, 3 wide and 20 high, that leave their line by what `bend` says for each row.
    fn drawn(bend: impl Fn(usize, usize) -> isize) -> f32 {
        let (width, height) = (220_u32, 40_u32);
        let mut page = GrayImage::from_pixel(width, height, Luma([240]));
        for letter in 0..8_usize {
            for row in 0..20 {
                let x = (30 + 20 * letter).saturating_add_signed(bend(letter, row));
                (x..x + 3).for_each(|x| page.put_pixel(x as u32, 10 + row as u32, Luma([30])));
            }
        }
        share(&page, [20.0, 8.0, 200.0, 32.0]).expect("a word")
    }

    #[test]
    fn a_ruler_and_a_hand_are_told_apart() {
        assert!(drawn(|_, _| 0) > 0.9, "upright");
        assert!(drawn(|_, row| 5 - isize::try_from(row / 4).unwrap()) > 0.4, "slanted");
        let curve = |_: usize, row: usize| (5.0 * (row as f32 / 20.0 * std::f32::consts::TAU).sin()).round() as isize;
        assert!(drawn(curve) < 0.2, "curved");
    }

    #[test]
    fn a_short_or_a_small_word_tells_nothing() {
        let page = GrayImage::from_fn(60, 60, |x, y| Luma([if (x + y) % 7 == 0 { 30 } else { 240 }]));
        assert_eq!(share(&page, [0.0, 0.0, 60.0, 30.0]), None);
        assert_eq!(share(&page, [0.0, 0.0, 60.0, 8.0]), None);
    }
}
