//! Where lines of type stand: the detector paints them, and each painted patch is one line.

use image::imageops::{self, FilterType};
use image::{GenericImageView, GrayImage};
use rten::Model;
use rten_tensor::NdTensor;
use rten_tensor::prelude::*;

use super::super::rules::Box;
use super::{Pool, planes};

/// Pixels per point the detector looks at: A4 is 1400 high.
const SCALE: f32 = 1.66;
/// Paint from this strength on belongs to a line.
const PAINTED: f32 = 0.3;
/// A patch painted weaker than this on the whole is no line.
const SURE: f32 = 0.5;
/// The detector paints the core of a line; its letters reach further, in relation to surface over outline.
const UNSHRINK: f32 = 1.6;
/// More lines than any page of a form has.
const MOST_LINES: usize = 1500;

/// Left, top, right, bottom in pixels of the page.
pub(in super::super) type Line = [f32; 4];

/// Lines of one part of a page, from top to bottom.
pub(super) fn lines(
    model: &Model,
    page: &GrayImage,
    (left, top, right, bottom): Box,
    scale: f32,
    pool: &Pool,
) -> anyhow::Result<Vec<Line>> {
    let factor = (SCALE / scale).min(1.6);
    let part = imageops::crop_imm(page, left as u32, top as u32, (right - left) as u32, (bottom - top) as u32);
    let whole = |side: u32| ((side as f32 * factor / 32.0).round().max(1.0) * 32.0) as u32;
    let (width, height) = (whole(part.width()), whole(part.height()));
    let small = imageops::resize(&*part, width, height, FilterType::Triangle);
    let input = planes(&small, [0.485, 0.456, 0.406], [0.229, 0.224, 0.225]);
    let output: NdTensor<f32, 4> = model.run_one(input.view().into(), Some(pool.options()))?.try_into()?;
    anyhow::ensure!(
        output.shape() == [1, 1, height as usize, width as usize],
        "the detector's answer has another size"
    );
    let (sx, sy) = (part.width() as f32 / width as f32, part.height() as f32 / height as f32);
    let mut lines: Vec<Line> = patches(&output.to_vec(), width as usize)
        .into_iter()
        .map(|[x0, y0, x1, y1]| {
            let (w, h) = (x1 - x0, y1 - y0);
            let grow = w * h * UNSHRINK / (2.0 * (w + h));
            [
                (left as f32 + (x0 - grow) * sx).max(0.0),
                (top as f32 + (y0 - grow) * sy).max(0.0),
                (left as f32 + (x1 + grow) * sx).min(page.width() as f32),
                (top as f32 + (y1 + grow) * sy).min(page.height() as f32),
            ]
        })
        .collect();
    lines.truncate(MOST_LINES);
    Ok(lines)
}

/// Boxes of the painted patches, by their first pixel.
fn patches(paint: &[f32], width: usize) -> Vec<Line> {
    let height = paint.len() / width;
    let mut seen = vec![false; paint.len()];
    let mut todo = Vec::new();
    let mut found = Vec::new();
    for first in 0..paint.len() {
        if seen[first] || paint[first] < PAINTED {
            continue;
        }
        let (mut left, mut top, mut right, mut bottom) = (width, height, 0, 0);
        let (mut strength, mut pixels) = (0.0, 0_u32);
        seen[first] = true;
        todo.push(first);
        while let Some(at) = todo.pop() {
            let (x, y) = (at % width, at / width);
            (left, right, top, bottom) = (left.min(x), right.max(x), top.min(y), bottom.max(y));
            strength += paint[at];
            pixels += 1;
            for ny in y.saturating_sub(1)..(y + 2).min(height) {
                for nx in x.saturating_sub(1)..(x + 2).min(width) {
                    let next = ny * width + nx;
                    if !seen[next] && paint[next] >= PAINTED {
                        seen[next] = true;
                        todo.push(next);
                    }
                }
            }
        }
        let (w, h) = ((right + 1 - left) as f32, (bottom + 1 - top) as f32);
        if w >= 3.0 && h >= 3.0 && strength / pixels as f32 >= SURE {
            found.push([left as f32, top as f32, left as f32 + w, top as f32 + h]);
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_strong_patch_is_a_line() {
        let mut paint = vec![0.0; 40 * 20];
        for y in 3..8 {
            for x in 2..20 {
                paint[y * 40 + x] = 0.9;
            }
            for x in 25..35 {
                paint[y * 40 + x] = 0.35;
            }
        }
        assert_eq!(patches(&paint, 40), [[2.0, 3.0, 20.0, 8.0]]);
    }
}
