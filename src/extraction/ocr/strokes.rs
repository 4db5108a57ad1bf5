//! Straight strokes: most letters of any type have an upright or evenly slanted stem, as straight as a ruler; a hand draws none,
//! however neatly it keeps its line.

use super::bitmap::Sums;

/// Share of the ink of a word that lies in straight strokes, below which a hand drew it. Measured on words of five letters and
/// more: 0.06 to 0.24 in the middle of seven of thirteen hands (the others print like a draughtsman), 0.31 to 0.66 in the middle
/// of fifty cuts of print, and less than this in 1 word of 500 that is not made of `2`, `3` and `5` alone.
const FEW: f32 = 0.16;
/// Length of a stroke, in heights of the word.
const STROKE: f32 = 0.45;
/// Slants looked for, of right over up, and the step between two.
const SLANTS: std::ops::RangeInclusive<i16> = -2..=14;
const STEP: f32 = 0.03;
/// A word this much wider than high has enough letters to tell; and this many pixels high, enough pixels.
const WIDE: f32 = 2.5;
const HIGH: usize = 10;

/// Has the ink inside a box fewer straight strokes than type has? False as well where there is too little to tell.
pub(super) fn are_few(sums: &Sums, size: (usize, usize), bounds: [f32; 4]) -> bool {
    let within = |v: f32, limit: usize| (v.max(0.0) as usize).min(limit);
    let (left, right) = (within(bounds[0], size.0), within(bounds[2].ceil(), size.0));
    let (top, bottom) = (within(bounds[1], size.1), within(bounds[3].ceil(), size.1));
    let inked = |y: &usize| left < right && sums.within(left, *y, right, y + 1) > 0;
    let (Some(top), Some(last)) = ((top..bottom).find(inked), (top..bottom).rev().find(inked)) else { return false };
    let bottom = last + 1;
    let (width, height) = (right.saturating_sub(left), bottom.saturating_sub(top));
    if height < HIGH || (width as f32) < WIDE * height as f32 {
        return false;
    }
    let ink: Vec<bool> = (top..bottom)
        .flat_map(|y| (left..right).map(move |x| (x, y)))
        .map(|(x, y)| sums.within(x, y, x + 1, y + 1) > 0)
        .collect();
    let all = ink.iter().filter(|inked| **inked).count();
    let most = SLANTS.map(|step| straight(&ink, width, height, f32::from(step) * STEP)).max().unwrap_or(0);
    all > 0 && (most as f32) < FEW * all as f32
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
    use super::super::bitmap::Bitmap;
    use super::*;

    /// Letters of one stroke each, 3 wide and 20 high, that leave their line by what `bend` says for each row.
    fn drawn(bend: impl Fn(usize, usize) -> isize) -> bool {
        let (width, height) = (220, 40);
        let mut page = Bitmap { width, height, ink: vec![0; width * height] };
        for letter in 0..8_usize {
            for row in 0..20 {
                let x = (30 + 20 * letter).saturating_add_signed(bend(letter, row));
                page.ink[(10 + row) * width + x..(10 + row) * width + x + 3].fill(1);
            }
        }
        are_few(&page.sums(), (width, height), [20.0, 10.0, 200.0, 30.0])
    }

    #[test]
    fn a_ruler_and_a_hand_are_told_apart() {
        assert!(!drawn(|_, _| 0), "upright");
        assert!(!drawn(|_, row| 5 - isize::try_from(row / 4).unwrap()), "slanted");
        let curve = |_: usize, row: usize| (5.0 * (row as f32 / 20.0 * std::f32::consts::TAU).sin()).round() as isize;
        assert!(drawn(curve), "curved");
    }

    #[test]
    fn a_short_or_a_small_word_tells_nothing() {
        let page = Bitmap { width: 60, height: 60, ink: vec![0; 3600] };
        assert!(!are_few(&page.sums(), (60, 60), [0.0, 0.0, 60.0, 30.0]));
        assert!(!are_few(&page.sums(), (60, 60), [0.0, 0.0, 60.0, 8.0]));
    }
}
