//! Where things lie before and after a page is straightened: a projective map between two planes.

use image::{GrayImage, Luma};

/// Takes (x, y) to ((a x + b y + c) / w, (d x + e y + f) / w) with w = g x + h y + 1.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Warp(pub(super) [f64; 8]);

impl Warp {
    pub(super) const NONE: Self = Self([1.0, 0.0, 0.0, 0.0, 1.0, 0.0, 0.0, 0.0]);

    /// Takes the corners of a `width` by `height` rectangle (top left, top right, bottom right, bottom left) to `quad`.
    pub(super) fn onto(quad: [(f64, f64); 4], width: f64, height: f64) -> Self {
        let [(x0, y0), (x1, y1), (x2, y2), (x3, y3)] = quad;
        let (sx, sy) = (x0 - x1 + x2 - x3, y0 - y1 + y2 - y3);
        let (dx1, dx2, dy1, dy2) = (x1 - x2, x3 - x2, y1 - y2, y3 - y2);
        let scale = dx1 * dy2 - dx2 * dy1;
        if scale.abs() < f64::EPSILON {
            return Self::NONE;
        }
        let g = (sx * dy2 - dx2 * sy) / scale;
        let h = (dx1 * sy - sx * dy1) / scale;
        Self([
            (x1 - x0 + g * x1) / width,
            (x3 - x0 + h * x3) / height,
            x0,
            (y1 - y0 + g * y1) / width,
            (y3 - y0 + h * y3) / height,
            y0,
            g / width,
            h / height,
        ])
    }

    pub(super) fn apply(&self, x: f64, y: f64) -> (f64, f64) {
        let [a, b, c, d, e, f, g, h] = self.0;
        let w = g * x + h * y + 1.0;
        ((a * x + b * y + c) / w, (d * x + e * y + f) / w)
    }

    /// The picture seen through the map: each pixel of the result is fetched where the map points, between four pixels.
    /// What lies outside is paper.
    pub(super) fn fetch(&self, picture: &GrayImage) -> GrayImage {
        let (width, height) = picture.dimensions();
        let pixels = picture.as_raw();
        let (right, bottom) = (f64::from(width) - 1.0, f64::from(height) - 1.0);
        GrayImage::from_fn(width, height, |x, y| {
            let (u, v) = self.apply(f64::from(x), f64::from(y));
            if !(u >= 0.0 && v >= 0.0 && u < right && v < bottom) {
                return Luma([255]);
            }
            let (left, top) = (u as usize, v as usize);
            let (part_x, part_y) = ((u.fract() * 256.0) as u32, (v.fract() * 256.0) as u32);
            let at = top * width as usize + left;
            let pair = |at: usize| u32::from(pixels[at]) * (256 - part_x) + u32::from(pixels[at + 1]) * part_x;
            let value = pair(at) * (256 - part_y) + pair(at + width as usize) * part_y;
            Luma([(value >> 16) as u8])
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn corners_go_where_they_are_told() {
        let quad = [(3.0, 2.0), (98.0, 5.0), (95.0, 190.0), (1.0, 197.0)];
        let warp = Warp::onto(quad, 100.0, 200.0);
        for (corner, wanted) in [(0.0, 0.0), (100.0, 0.0), (100.0, 200.0), (0.0, 200.0)].into_iter().zip(quad) {
            let (x, y) = warp.apply(corner.0, corner.1);
            assert!((x - wanted.0).abs() < 1e-9 && (y - wanted.1).abs() < 1e-9, "{x} {y} {wanted:?}");
        }
    }

    #[test]
    fn nothing_moves_without_a_map() {
        let picture = GrayImage::from_fn(8, 6, |x, y| Luma([u8::try_from(x * 10 + y).unwrap()]));
        let same = Warp::NONE.fetch(&picture);
        assert_eq!(same.get_pixel(3, 2), picture.get_pixel(3, 2));
    }
}
