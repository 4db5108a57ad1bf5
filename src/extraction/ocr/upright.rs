//! Turned, tilted and keystoned pages: which way the lines run, and the map that makes them level.
//!
//! Lines of type are found by profile: ink summed along the right direction alternates sharply between line and gap. Rules
//! speak with the same voice, so that tables help. A photograph taken from one side has lines that are tilted differently
//! at its head and at its foot, and margins that lean: four tilts give the map.

use image::GrayImage;
use image::imageops::{self, FilterType};

use super::bitmap::Bitmap;
use super::warp::Warp;

/// Long side of the copy that is looked at, in pixels.
const LOOK: u32 = 1000;
/// Steepest tilt looked for, in degrees; steeper is another way up.
const STEEPEST: f32 = 8.0;
/// Tilts below this, in degrees, are left alone.
const LEVEL: f32 = 0.08;
/// Fewer points of ink than this tell no tilt.
const FEWEST_POINTS: usize = 400;

/// Do the lines of type run from top to bottom, so that the page must be turned by a quarter?
pub(super) fn runs_downwards(picture: &GrayImage) -> bool {
    let Some(small) = look_at(picture) else { return false };
    // Rules say nothing about the direction of the type and are strong in both.
    let small = without_rules(&small);
    let across = tile_contrast(&small);
    let down = tile_contrast(&small.transposed());
    down > 1.15 * across
}

/// The map from a level page to the page as it is; `None` when it is level already.
pub(super) fn levelling(picture: &GrayImage) -> Option<Warp> {
    let small = look_at(picture)?;
    let points = Points::of(&small);
    let tilt = points.tilt(0.0, STEEPEST, 0.5, 0.0..1.0)?;
    let tilt = points.tilt(tilt, 0.5, 0.1, 0.0..1.0)?;
    let (head, foot) = ends(&points, tilt);
    let upright = Points::of(&small.transposed());
    // Margins lean against the tilt of the lines when the page is merely turned.
    let lean = upright.tilt(-tilt, 2.0, 0.25, 0.0..1.0).unwrap_or(-tilt);
    // One step of the search apart is the grain of the letters, not a lean.
    let leans = (lean + tilt).abs() > 0.3 && upright.score(lean) > 1.3 * upright.score(-tilt);
    let lean = if leans { lean } else { -tilt };
    let (left, right) = if lean.to_bits() == (-tilt).to_bits() { (lean, lean) } else { ends(&upright, lean) };
    if [head, foot, left, right].iter().all(|angle| angle.abs() < LEVEL) {
        return None;
    }
    let (width, height) = (f64::from(picture.width()), f64::from(picture.height()));
    let slope = |angle: f32| f64::from(angle).to_radians().tan();
    // Two lines through the middles of opposite edges: y = y0 + s (x - w/2) and x = x0 + r (y - h/2).
    let corner = |(y0, s): (f64, f64), (x0, r): (f64, f64)| {
        let x = (x0 + r * (y0 - s * width / 2.0 - height / 2.0)) / (1.0 - r * s);
        (x, y0 + s * (x - width / 2.0))
    };
    let (top, bottom) = ((0.0, slope(head)), (height, slope(foot)));
    let (left, right) = ((0.0, slope(left)), (width, slope(right)));
    let quad = [corner(top, left), corner(top, right), corner(bottom, right), corner(bottom, left)];
    Some(Warp::onto(quad, width, height))
}

/// Tilt at the two ends, carried on in a straight line from the tilts of the two halves.
fn ends(points: &Points, tilt: f32) -> (f32, f32) {
    let near = |part| points.tilt(tilt, 1.5, 0.1, part);
    let (Some(first), Some(second)) = (near(0.0..0.5), near(0.5..1.0)) else { return (tilt, tilt) };
    if (second - first).abs() < 0.25 {
        return (tilt, tilt);
    }
    // The halves speak for their middles, at a quarter and at three quarters.
    let step = (second - first) / 2.0;
    (first - step, second + step)
}

/// A small two-tone copy; `None` when there is nothing to look at.
fn look_at(picture: &GrayImage) -> Option<Bitmap> {
    let scale = (LOOK as f32 / picture.width().max(picture.height()) as f32).min(1.0);
    let size = |side: u32| (side as f32 * scale) as u32;
    let (width, height) = (size(picture.width()), size(picture.height()));
    if width < 32 || height < 32 {
        return None;
    }
    let small = imageops::resize(picture, width, height, FilterType::Triangle);
    Some(Bitmap::of(&small, 90.0))
}

/// Without what runs far in one direction or the other. Both are looked for in the picture as it is: where the rules of one
/// direction have gone, those of the other are in pieces as short as the cells of a table.
fn without_rules(bitmap: &Bitmap) -> Bitmap {
    let mut out = without_long_runs(bitmap);
    let columns = without_long_runs(&bitmap.transposed()).transposed();
    for (ink, kept) in out.ink.iter_mut().zip(&columns.ink) {
        *ink &= *kept;
    }
    out
}

fn without_long_runs(bitmap: &Bitmap) -> Bitmap {
    const LONG: usize = 40;
    let mut out = bitmap.clone();
    for y in 0..bitmap.height {
        let row = bitmap.row(y);
        let mut start = 0;
        for x in 0..=row.len() {
            if x < row.len() && row[x] == 1 {
                continue;
            }
            if x - start >= LONG {
                out.ink[y * bitmap.width + start..y * bitmap.width + x].fill(0);
            }
            start = x + 1;
        }
    }
    out
}

/// How sharply rows alternate, tile by tile, so that a tilt and two columns do no harm.
fn tile_contrast(bitmap: &Bitmap) -> f64 {
    const TILE: usize = 80;
    let mut contrast = 0.0;
    for left in (0..bitmap.width).step_by(TILE) {
        let right = (left + TILE).min(bitmap.width);
        let sums: Vec<f64> =
            (0..bitmap.height).map(|y| bitmap.row(y)[left..right].iter().map(|v| f64::from(*v)).sum()).collect();
        contrast += sums.windows(2).map(|pair| (pair[1] - pair[0]).powi(2)).sum::<f64>();
    }
    contrast
}

/// Ink as points.
struct Points {
    ink: Vec<(f32, f32)>,
    width: f32,
    height: f32,
}

impl Points {
    fn of(bitmap: &Bitmap) -> Self {
        let mut points = Vec::new();
        for y in 0..bitmap.height {
            let row = bitmap.row(y).iter().enumerate().filter(|(_, ink)| **ink == 1);
            points.extend(row.map(|(x, _)| (x as f32, y as f32)));
        }
        Self { ink: points, width: bitmap.width as f32, height: bitmap.height as f32 }
    }

    /// The tilt with the sharpest profile within `reach` of `around`, of the lines in one part (0 to 1) of the height. Positive
    /// tilts fall to the right.
    fn tilt(&self, around: f32, reach: f32, step: f32, part: std::ops::Range<f32>) -> Option<f32> {
        let span = part.start * self.height..part.end * self.height;
        let points: Vec<(f32, f32)> = self.ink.iter().filter(|(_, y)| span.contains(y)).copied().collect();
        if points.len() < FEWEST_POINTS {
            return None;
        }
        let steps = (reach / step) as i32;
        let mut profile = Vec::new();
        let scored = (-steps..=steps).map(|n| {
            let angle = around + n as f32 * step;
            (angle, sharpness(&points, angle, self.width, self.height, &mut profile))
        });
        scored.max_by(|a, b| a.1.total_cmp(&b.1)).map(|(angle, _)| angle)
    }

    fn score(&self, angle: f32) -> f32 {
        sharpness(&self.ink, angle, self.width, self.height, &mut Vec::new())
    }
}

fn sharpness(points: &[(f32, f32)], angle: f32, width: f32, height: f32, profile: &mut Vec<f32>) -> f32 {
    let slope = angle.to_radians().tan();
    let margin = (width / 2.0 * slope.abs()) as usize + 2;
    profile.clear();
    profile.resize(height as usize + 2 * margin + 2, 0.0);
    let shift = margin as f32 + width / 2.0 * slope;
    for (x, y) in points {
        let row = (y - x * slope + shift) as usize;
        if let Some(sum) = profile.get_mut(row) {
            *sum += 1.0;
        }
    }
    profile.windows(2).map(|pair| (pair[1] - pair[0]).powi(2)).sum()
}

#[cfg(test)]
mod tests {
    use super::*;
    use image::Luma;

    /// Lines of blots as long as words, with gaps between, as type looks from afar.
    fn page(place: impl Fn(f64, f64) -> (f64, f64)) -> GrayImage {
        GrayImage::from_fn(900, 1200, |x, y| {
            let (x, y) = place(f64::from(x), f64::from(y));
            let inside = (80.0..800.0).contains(&x) && (80.0..1100.0).contains(&y);
            let line = y.rem_euclid(30.0) < 12.0;
            let shifted = x + ((y / 30.0).floor() * 37.0).rem_euclid(53.0);
            let letter = shifted.rem_euclid(53.0) < 44.0 && shifted.rem_euclid(9.0) < 6.0;
            Luma([if inside && line && letter { 30 } else { 235 }])
        })
    }

    #[test]
    fn a_level_page_is_left_alone() {
        assert_eq!(levelling(&page(|x, y| (x, y))), None);
    }

    #[test]
    fn tilted_lines_are_levelled() {
        for degrees in [-5.0_f64, -1.2, 0.6, 3.0] {
            let (sin, cos) = degrees.to_radians().sin_cos();
            let tilted = page(|x, y| {
                let (x, y) = (x - 450.0, y - 600.0);
                (cos * x + sin * y + 450.0, cos * y - sin * x + 600.0)
            });
            let warp = levelling(&tilted).expect("it is tilted");
            let ((x0, y0), (x1, y1)) = (warp.apply(200.0, 600.0), warp.apply(700.0, 600.0));
            let found = (y1 - y0).atan2(x1 - x0).to_degrees();
            assert!((found - degrees).abs() < 0.25, "{degrees} found as {found}");
        }
    }

    #[test]
    fn a_page_on_its_side_is_noticed() {
        assert!(!runs_downwards(&page(|x, y| (x, y))));
        assert!(runs_downwards(&imageops::rotate90(&page(|x, y| (x, y)))));
        assert!(runs_downwards(&imageops::rotate270(&page(|x, y| (x, y)))));
    }

    #[test]
    fn the_walls_of_a_table_are_no_lines_of_type() {
        // Low rows of many narrow cells, a word in few of them.
        let ruled = |x: u32, y: u32| x % 60 < 2 || y % 30 < 2;
        let word = |x: u32, y: u32| {
            let row = y / 30;
            (x / 60 + 3 * row).is_multiple_of(4) && x % 60 > 8 && (8..20).contains(&(y % 30)) && (x + 37 * row) % 9 < 6
        };
        let table = GrayImage::from_fn(1000, 700, |x, y| Luma([if ruled(x, y) || word(x, y) { 30 } else { 235 }]));
        assert!(!runs_downwards(&table));
    }
}
