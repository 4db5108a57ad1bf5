//! Written by hand or printed: how evenly the letters of a word stand, and how straight their strokes are.
//!
//! Type stands on one line and has two heights, that of an `x` and that of a capital; a hand keeps neither. A neat one still
//! draws no straight line (`strokes`). What the ink of a word says does not depend on what an engine makes of it.

use image::GrayImage;

use super::bitmap::Sums;
use super::strokes;

/// Patches of ink lower than this share of the word's height are dots, accents and noise.
const LOW: f32 = 0.35;
/// Fewer letters than this tell nothing.
const ENOUGH: usize = 5;
/// Feet of print lie this near their line on average, in shares of the height, and half as far again for the grain of the
/// pixels. Measured: print 0.024 at most in 98 of 100 values, hands 0.055 to 0.079 in the middle.
const EVEN_FEET: f32 = 0.028;
/// The same for feet and heights together: print 0.057, hands 0.10.
const EVEN: f32 = 0.07;
/// What a pixel adds, in shares of a pixel.
const GRAIN: f32 = 0.35;

/// Share of the ink of a word in straight strokes below which a hand drew it. Measured on words on pages: print 0.43 to 0.59 in
/// the middle, less than this in 1 word of 100, and those in stamps; hands 0.17 to 0.30 in the middle, but for those that print
/// like a draughtsman.
const FEW_STRAIGHT: f32 = 0.20;
/// The same for a word by itself, whatever the rest of its page looks like.
const HARDLY_ANY: f32 = 0.15;
/// So many such words, and so many in a hundred of those that tell, show a page filled in by hand. Every word on it that is not
/// clearly print is then written: a short one tells nothing by itself.
const FILLED_IN: (usize, usize) = (3, 5);
const CLEARLY_PRINT: f32 = 0.32;

/// A word as it was read, and the box it stands in, in pixels.
pub(super) type Read<'a> = (&'a str, [f32; 4]);

/// Which words of a page are written by hand; those of which there is too little to tell are not. `sums` is its type alone.
pub(super) fn written(page: &GrayImage, sums: &Sums, words: &[Read<'_>]) -> Vec<bool> {
    let straight = |(text, bounds): &Read<'_>| has_letters(text).then(|| strokes::share(page, *bounds)).flatten();
    let straight: Vec<Option<f32>> = words.iter().map(straight).collect();
    let few = straight.iter().flatten().filter(|share| **share < FEW_STRAIGHT).count();
    let telling = straight.iter().flatten().count();
    let filled_in = few >= FILLED_IN.0 && few * 100 >= FILLED_IN.1 * telling;
    let least = if filled_in { CLEARLY_PRINT } else { HARDLY_ANY };
    let size = (page.width() as usize, page.height() as usize);
    let is_written = |((_, bounds), share): (&Read<'_>, &Option<f32>)| {
        share.map_or(filled_in, |share| share < least) || stands_unevenly(sums, size, *bounds)
    };
    words.iter().zip(&straight).map(is_written).collect()
}

/// Round digits have no straight stroke in any type, nor have some short words.
fn has_letters(text: &str) -> bool {
    let letters = text.chars().filter(|c| c.is_alphabetic()).count();
    letters >= ENOUGH && letters > text.chars().filter(char::is_ascii_digit).count()
}

/// Do the letters inside a box stand as no type stands?
fn stands_unevenly(sums: &Sums, size: (usize, usize), bounds: [f32; 4]) -> bool {
    look(sums, size, bounds).is_some_and(|uneven| {
        let grain = GRAIN / uneven.tallest;
        uneven.feet > EVEN_FEET + grain || uneven.feet + uneven.heights > EVEN + 2.0 * grain
    })
}

/// How unevenly letters stand, in shares of the height of the tallest.
#[derive(Debug, Clone, Copy, PartialEq)]
struct Uneven {
    /// Of their feet from one line.
    feet: f32,
    /// Of their heights from two heights.
    heights: f32,
    /// Height of the tallest letter, in pixels.
    tallest: f32,
}

/// Looks at the ink inside a box; `None` when there are too few letters apart from one another.
fn look(sums: &Sums, size: (usize, usize), bounds: [f32; 4]) -> Option<Uneven> {
    let letters = letters(sums, size, bounds);
    let tallest = letters.iter().map(|l| l.bottom - l.top).fold(0.0, f32::max);
    let letters: Vec<Letter> = letters.into_iter().filter(|l| l.bottom - l.top >= LOW * tallest).collect();
    if letters.len() < ENOUGH || tallest < 6.0 {
        return None;
    }
    let slope = slope(&letters);
    let mut feet: Vec<f32> = letters.iter().map(|l| l.bottom - slope * l.x).collect();
    let line = median(&mut feet);
    // Tails of `p` and commas hang below; they are no feet.
    let on_line: Vec<f32> = feet.iter().map(|foot| (foot - line).abs() / tallest).filter(|off| *off < 0.22).collect();
    let mut heights: Vec<f32> = letters.iter().map(|l| (line - (l.top - slope * l.x)) / tallest).collect();
    Some(Uneven { feet: mean(&on_line), heights: off_two(&mut heights), tallest })
}

struct Letter {
    x: f32,
    top: f32,
    bottom: f32,
}

/// Columns of ink that hang together, with the ink's upper and lower end.
fn letters(sums: &Sums, size: (usize, usize), bounds: [f32; 4]) -> Vec<Letter> {
    let within = |v: f32, limit: usize| (v.max(0.0) as usize).min(limit);
    let (left, right) = (within(bounds[0], size.0), within(bounds[2].ceil(), size.0));
    let (top, bottom) = (within(bounds[1], size.1), within(bounds[3].ceil(), size.1));
    if right <= left || bottom <= top {
        return Vec::new();
    }
    let mut letters = Vec::new();
    let mut start = None;
    for x in left..=right {
        let inked = x < right && sums.within(x, top, x + 1, bottom) > 0;
        match (inked, start) {
            (true, None) => start = Some(x),
            (false, Some(from)) => {
                let rows = |mut rows: std::ops::Range<usize>, back: bool| {
                    let any = |y: &usize| sums.within(from, *y, x, y + 1) > 0;
                    if back { rows.rev().find(any) } else { rows.find(any) }
                };
                if let (Some(first), Some(last)) = (rows(top..bottom, false), rows(top..bottom, true)) {
                    letters.push(Letter {
                        x: f32::midpoint(from as f32, x as f32),
                        top: first as f32,
                        bottom: last as f32 + 1.0,
                    });
                }
                start = None;
            }
            _ => {}
        }
    }
    letters
}

/// The middle one of the slopes between all pairs of feet: a few tails do not bend it.
fn slope(letters: &[Letter]) -> f32 {
    let mut slopes = Vec::new();
    for (at, a) in letters.iter().enumerate() {
        for b in letters[at + 1..].iter().take(24) {
            if b.x - a.x > 4.0 {
                slopes.push((b.bottom - a.bottom) / (b.x - a.x));
            }
        }
    }
    if slopes.is_empty() { 0.0 } else { median(&mut slopes).clamp(-0.08, 0.08) }
}

/// Mean distance from the nearer of two heights, the two that fit best.
fn off_two(heights: &mut [f32]) -> f32 {
    heights.sort_by(f32::total_cmp);
    let off = |some: &[f32]| {
        let middle = some.get(some.len() / 2).copied().unwrap_or(0.0);
        some.iter().map(|height| (height - middle).abs()).sum::<f32>()
    };
    let best = (0..heights.len()).map(|cut| off(&heights[..cut]) + off(&heights[cut..])).fold(f32::MAX, f32::min);
    best / heights.len().max(1) as f32
}

fn median(values: &mut [f32]) -> f32 {
    values.sort_by(f32::total_cmp);
    values.get(values.len() / 2).copied().unwrap_or(0.0)
}

fn mean(values: &[f32]) -> f32 {
    values.iter().sum::<f32>() / values.len().max(1) as f32
}

#[cfg(test)]
mod tests {
    use super::super::bitmap::Bitmap;
    use super::*;

    /// Letters as bars 20 or 14 pixels high; each foot is moved by what `off` says.
    fn uneven(off: &[isize]) -> bool {
        let (width, height) = (400, 60);
        let mut page = Bitmap { width, height, ink: vec![0; width * height] };
        for (at, off) in off.iter().enumerate() {
            let tall = if at % 3 == 0 { 20 } else { 14 };
            let foot = 40_usize.saturating_add_signed(*off);
            for y in foot - tall..foot {
                page.ink[y * width + 10 + 14 * at..y * width + 18 + 14 * at].fill(1);
            }
        }
        stands_unevenly(&page.sums(), (width, height), [0.0, 0.0, 400.0, 60.0])
    }

    #[test]
    fn type_keeps_its_line_and_a_hand_does_not() {
        assert!(!uneven(&[0, 0, 0, 0, 0, 0, 0, 0]));
        // A rounded foot hangs over by a pixel, a line may slope.
        assert!(!uneven(&[0, 1, 0, 0, 1, 0, 0, 0]));
        assert!(!uneven(&[0, 0, 0, 1, 1, 1, 2, 2]));
        assert!(uneven(&[0, 3, -2, 2, -3, 1, 3, -2]));
        assert!(!uneven(&[0, 3, -2]), "three letters prove nothing");
    }

    #[test]
    fn a_page_filled_in_by_hand_is_doubted_in_its_short_words_too() {
        // Words of eight strokes: straight ones are print, waves are written; the last is too short to tell.
        let right = |n: u8| if n == 11 { 60.0 } else { 180.0 };
        let word = |n: u8| [20.0, 40.0 * f32::from(n), right(n), 40.0 * f32::from(n) + 24.0];
        let words: Vec<[f32; 4]> = (0..12).map(word).collect();
        let drawn = |waves: std::ops::Range<u32>| {
            let page = GrayImage::from_fn(240, 520, |x, y| {
                let (row, within) = (y / 40, y % 40);
                let wave = (5.0 * (within as f32 / 20.0 * std::f32::consts::TAU).sin()).round() as i32;
                let shift = if waves.contains(&row) { wave } else { 0 };
                let along = (x.cast_signed() - shift - 26).rem_euclid(20);
                let inside = (24..170).contains(&x) && !(row == 11 && x > 56);
                image::Luma([if inside && within < 22 && within > 1 && along < 3 { 30 } else { 240 }])
            });
            let none = super::super::bitmap::Bitmap { width: 240, height: 520, ink: vec![0; 240 * 520] };
            let words: Vec<Read<'_>> = words.iter().map(|bounds| ("marseille", *bounds)).collect();
            written(&page, &none.sums(), &words)
        };
        let print = drawn(0..0);
        assert!(print.iter().all(|written| !written), "{print:?}");
        let hand = drawn(2..8);
        assert_eq!(hand.iter().filter(|written| **written).count(), 7, "six waves and the short word: {hand:?}");
    }
}
