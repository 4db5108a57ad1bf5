//! Ink or paper, pixel by pixel: what rules, boxes, tilt and signatures are looked for in.
//!
//! A pixel is ink when it is clearly darker than the mean of its surroundings, so that a shadow over half the page, a grey
//! fax or a photographed corner changes nothing.

use image::GrayImage;

/// Half the side of the surroundings, in inches.
const SURROUNDINGS: f32 = 0.11;
/// How much darker than its surroundings ink is, of 255.
const DARKER: u32 = 14;

/// Grain of the paper counts that many times: what differs less from its surroundings may be grain.
const GRAINS: u32 = 4;
/// However grainy, this is ink.
const SURELY_DARKER: u32 = 64;
/// Side of the tiles in which the grain of the paper is measured, in pixels.
const TILE: usize = 96;

/// How much darker than its surroundings ink is, tile by tile: neighbouring pixels of clean paper differ by next to nothing, and
/// most of any tile is paper.
fn darker(picture: &GrayImage) -> Vec<u32> {
    let (width, height) = (picture.width() as usize, picture.height() as usize);
    let mut limits = Vec::new();
    for top in (0..height).step_by(TILE) {
        for left in (0..width).step_by(TILE) {
            let mut steps = [0_u32; 256];
            let mut count = 0;
            for y in (top..(top + TILE).min(height)).step_by(2) {
                let row = &picture.as_raw()[y * width + left..y * width + (left + TILE).min(width)];
                for pair in row.windows(2) {
                    steps[usize::from(pair[0].abs_diff(pair[1]))] += 1;
                    count += 1;
                }
            }
            let mut below = 0;
            let middle = steps.iter().position(|steps| {
                below += steps;
                2 * below >= count
            });
            let grain = middle.and_then(|step| u32::try_from(step).ok()).unwrap_or(0);
            limits.push((GRAINS * grain).clamp(DARKER, SURELY_DARKER));
        }
    }
    limits
}

/// A picture in two tones.
#[derive(Debug, Clone)]
pub(super) struct Bitmap {
    pub(super) width: usize,
    pub(super) height: usize,
    /// 1 for ink, row by row.
    pub(super) ink: Vec<u8>,
}

impl Bitmap {
    /// Tells ink from paper; `dpi` sets how far the surroundings reach.
    pub(super) fn of(picture: &GrayImage, dpi: f32) -> Self {
        let (width, height) = (picture.width() as usize, picture.height() as usize);
        let radius = ((SURROUNDINGS * dpi) as usize).max(4);
        let sums = Sums::of(picture.as_raw(), width, height);
        let darker = darker(picture);
        let columns = width.div_ceil(TILE);
        let mut ink = vec![0; width * height];
        for y in 0..height {
            let (top, bottom) = (y.saturating_sub(radius), (y + radius + 1).min(height));
            for x in 0..width {
                let (left, right) = (x.saturating_sub(radius), (x + radius + 1).min(width));
                let pixels = ((right - left) * (bottom - top)) as u32;
                let value = u32::from(picture.as_raw()[y * width + x]) + darker[y / TILE * columns + x / TILE];
                ink[y * width + x] = u8::from(value * pixels < sums.within(left, top, right, bottom));
            }
        }
        Self { width, height, ink }
    }

    pub(super) fn row(&self, y: usize) -> &[u8] {
        &self.ink[y * self.width..][..self.width]
    }

    /// Ink summed up, for questions about rectangles.
    pub(super) fn sums(&self) -> Sums {
        Sums::of(&self.ink, self.width, self.height)
    }

    /// Columns and rows exchanged.
    pub(super) fn transposed(&self) -> Self {
        let mut ink = vec![0; self.ink.len()];
        for (y, row) in self.ink.chunks_exact(self.width.max(1)).enumerate() {
            for (x, value) in row.iter().enumerate() {
                ink[x * self.height + y] = *value;
            }
        }
        Self { width: self.height, height: self.width, ink }
    }

    /// Puts back what stands in a rectangle of another bitmap of the same size.
    pub(super) fn put_back(&mut self, other: &Self, (x0, y0, x1, y1): (usize, usize, usize, usize)) {
        let (x1, y1) = (x1.min(self.width), y1.min(self.height));
        for row in y0..y1 {
            let here = row * self.width + x0.min(x1)..row * self.width + x1;
            self.ink[here.clone()].copy_from_slice(&other.ink[here]);
        }
    }

    /// Turns a rectangle into paper.
    pub(super) fn erase(&mut self, (x0, y0, x1, y1): (usize, usize, usize, usize)) {
        let (x1, y1) = (x1.min(self.width), y1.min(self.height));
        for y in y0..y1 {
            if x0 < x1 {
                self.ink[y * self.width + x0..y * self.width + x1].fill(0);
            }
        }
    }
}

/// Sums over every rectangle from the top left corner. They wrap round; differences of rectangles below 2^24 pixels do not.
pub(super) struct Sums {
    stride: usize,
    sums: Vec<u32>,
}

impl Sums {
    fn of(values: &[u8], width: usize, height: usize) -> Self {
        let stride = width + 1;
        let mut sums = vec![0_u32; stride * (height + 1)];
        for y in 0..height {
            let mut row = 0_u32;
            for x in 0..width {
                row = row.wrapping_add(u32::from(values[y * width + x]));
                sums[(y + 1) * stride + x + 1] = sums[y * stride + x + 1].wrapping_add(row);
            }
        }
        Self { stride, sums }
    }

    /// The sum over columns `left..right` and rows `top..bottom`, which must lie inside.
    pub(super) fn within(&self, left: usize, top: usize, right: usize, bottom: usize) -> u32 {
        let at = |x: usize, y: usize| self.sums[y * self.stride + x];
        at(right, bottom).wrapping_sub(at(left, bottom)).wrapping_sub(at(right, top)).wrapping_add(at(left, top))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use image::Luma;

    #[test]
    fn a_shadow_is_not_ink_and_grey_letters_are() {
        // Light falls off from left to right; a stroke is 40 darker than the paper round it.
        let paper = |x: u32| u8::try_from(240 - x / 2).unwrap();
        let picture = GrayImage::from_fn(300, 60, |x, y| Luma([paper(x) - if y == 30 { 40 } else { 0 }]));
        let bitmap = Bitmap::of(&picture, 150.0);
        assert!(bitmap.row(30).iter().all(|ink| *ink == 1));
        assert!(bitmap.row(10).iter().all(|ink| *ink == 0));
    }

    #[test]
    fn grain_is_not_ink_and_strokes_on_it_are() {
        // Paper whose pixels wander by 20 up or down, as cheap scanners give.
        let grain = |x: u32, y: u32| (x.wrapping_mul(7919) ^ y.wrapping_mul(104_729)).wrapping_mul(2_654_435_761) >> 28;
        let picture = GrayImage::from_fn(300, 120, |x, y| {
            let paper = u8::try_from(200 + 2 * grain(x, y)).unwrap();
            Luma([if (40..43).contains(&y) { paper - 130 } else { paper }])
        });
        let bitmap = Bitmap::of(&picture, 150.0);
        assert!(bitmap.row(41).iter().all(|ink| *ink == 1));
        let specks = (60..110).map(|y| bitmap.row(y).iter().filter(|ink| **ink == 1).count()).sum::<usize>();
        assert!(specks * 50 < 50 * 300, "{specks}");
    }

    #[test]
    fn sums_answer_for_any_rectangle() {
        let bitmap = Bitmap { width: 3, height: 2, ink: vec![1, 0, 1, 1, 1, 0] };
        assert_eq!(bitmap.sums().within(0, 0, 3, 2), 4);
        assert_eq!(bitmap.sums().within(1, 1, 3, 2), 1);
        assert_eq!(bitmap.transposed().row(0), &[1, 1]);
    }
}
