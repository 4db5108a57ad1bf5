//! Page pictures out of a PDF: the scanner's own pixels where one picture covers the page, else the page drawn.

use hayro::hayro_interpret::font::GlyphRun;
use hayro::hayro_interpret::hayro_syntax::object::Dict;
use hayro::hayro_interpret::hayro_syntax::page::Page as PdfPage;
use hayro::hayro_interpret::{
    BlendMode, ClipPath, Context, Device, DrawMode, DrawProps, Image, ImageData, ImageDrawProps, InterpreterSettings,
    SoftMask, TransformExt, interpret_page,
};
use hayro::kurbo::{Affine, BezPath, Rect as KurboRect};
use hayro::vello_cpu::color::palette::css::WHITE;
use hayro::{PixmapSettings, RenderCache, RenderSettings, render};
use image::{GrayImage, imageops};

use super::super::limits::Limits;
use super::picture::Picture;

/// Resolution at which a page is drawn, in dots per inch.
const DRAWN_AT: f32 = 200.0;
/// A picture that covers this share of the page is the page.
const COVERS: f64 = 0.85;

/// The page as a picture; `None` when it is too large.
pub(super) fn picture_of<'a>(page: &'a PdfPage<'a>, cache: &RenderCache<'a>, limits: &Limits) -> Option<Picture> {
    let (width, height) = page.render_dimensions();
    if !(width >= 1.0 && height >= 1.0) {
        return None;
    }
    if let Some(pixels) = lone_picture(page, limits) {
        let scale = pixels.width() as f32 / width;
        return Some(Picture { pixels, scale });
    }
    drawn(page, DRAWN_AT, cache, limits)
}

/// The page drawn at a resolution, or at a coarser one when that would be too many pixels.
pub(super) fn drawn<'a>(page: &'a PdfPage<'a>, dpi: f32, cache: &RenderCache<'a>, limits: &Limits) -> Option<Picture> {
    let (width, height) = page.render_dimensions();
    if !(width >= 1.0 && height >= 1.0) {
        return None;
    }
    let scale = (dpi / 72.0).min((limits.pixels as f32 / (width * height)).sqrt());
    let settings = PixmapSettings { x_scale: scale, y_scale: scale, bg_color: WHITE };
    // Drawing stumbles over pictures that are nothing but wrong: that costs the page, not the document.
    let draw = || render(page, cache, &InterpreterSettings::default(), &RenderSettings::default(), &settings);
    let drawn = std::panic::catch_unwind(std::panic::AssertUnwindSafe(draw)).ok()?;
    let (columns, rows) = (u32::from(drawn.width()), u32::from(drawn.height()));
    let grey = drawn.data().iter().map(|pixel| grey(pixel.r, pixel.g, pixel.b)).collect();
    let pixels = GrayImage::from_raw(columns, rows, grey)?;
    Some(Picture { scale: columns as f32 / width, pixels })
}

fn grey(r: u8, g: u8, b: u8) -> u8 {
    ((u32::from(r) * 54 + u32::from(g) * 183 + u32::from(b) * 19) >> 8) as u8
}

/// The picture that is the page, its pixels untouched. `None` when there are several, or one that lies askew.
fn lone_picture(page: &PdfPage<'_>, limits: &Limits) -> Option<GrayImage> {
    let (width, height) = page.render_dimensions();
    let bounds = KurboRect::new(0.0, 0.0, f64::from(width), f64::from(height));
    let mut finder = Finder { page: bounds, largest: limits.pixels, found: None, several: false };
    let cache = hayro::hayro_interpret::InterpreterCache::new();
    let transform = page.initial_transform(true).to_kurbo();
    let mut context = Context::new(transform, bounds, &cache, page.xref(), InterpreterSettings::default());
    interpret_page(page, &mut context, &mut finder);
    finder.found.filter(|_| !finder.several)
}

/// Looks for the one picture of a page.
struct Finder {
    page: KurboRect,
    largest: u64,
    found: Option<GrayImage>,
    /// Something else is drawn as well that one must see.
    several: bool,
}

impl Finder {
    fn take(&mut self, image: &Image<'_, '_>, transform: Affine) {
        let unit = KurboRect::new(0.0, 0.0, f64::from(image.width()), f64::from(image.height()));
        let placed = transform.transform_rect_bbox(unit).intersect(self.page);
        if placed.area() < 0.001 * self.page.area() {
            return;
        }
        let pixels = u64::from(image.width()) * u64::from(image.height());
        if self.found.is_some() || placed.area() < COVERS * self.page.area() || pixels > self.largest {
            self.several = true;
            return;
        }
        let Image::Raster(raster) = image else {
            self.several = true;
            return;
        };
        let mut decoded = None;
        raster.with_rgba(
            |data, alpha| {
                if alpha.is_none() {
                    decoded = luma(data);
                }
            },
            None,
        );
        // A picture placed with a margin or cut off would shift every word: the page is drawn instead.
        let whole = transform.transform_rect_bbox(unit);
        let fills = (whole.x0 - self.page.x0).abs() < 3.0
            && (whole.y0 - self.page.y0).abs() < 3.0
            && (whole.x1 - self.page.x1).abs() < 3.0
            && (whole.y1 - self.page.y1).abs() < 3.0;
        match decoded.and_then(|pixels| turned(pixels, transform)).filter(|_| fills) {
            Some(pixels) => self.found = Some(pixels),
            None => self.several = true,
        }
    }
}

fn luma(data: ImageData) -> Option<GrayImage> {
    match data {
        ImageData::Luma(luma) => GrayImage::from_raw(luma.width, luma.height, luma.data),
        ImageData::Rgb(rgb) => {
            let tones = rgb.data.chunks_exact(3).map(|pixel| grey(pixel[0], pixel[1], pixel[2])).collect();
            GrayImage::from_raw(rgb.width, rgb.height, tones)
        }
    }
}

/// The pixels the way the page shows them; `None` when the picture lies askew. Image space counts rows downwards, and so does
/// the page as shown.
fn turned(pixels: GrayImage, transform: Affine) -> Option<GrayImage> {
    let [a, b, c, d, ..] = transform.as_coeffs();
    let small = |x: f64, y: f64| x.abs() < 0.01 * y.abs();
    if small(b, a) && small(c, d) {
        return Some(match (a > 0.0, d > 0.0) {
            (true, true) => pixels,
            (true, false) => imageops::flip_vertical(&pixels),
            (false, true) => imageops::flip_horizontal(&pixels),
            (false, false) => imageops::rotate180(&pixels),
        });
    }
    if small(a, b) && small(d, c) {
        // x' = c y, y' = b x: rows become columns.
        let turned = imageops::rotate90(&pixels);
        return Some(match (c < 0.0, b > 0.0) {
            (true, true) => turned,
            (true, false) => imageops::flip_vertical(&turned),
            (false, true) => imageops::flip_horizontal(&turned),
            (false, false) => imageops::rotate180(&turned),
        });
    }
    None
}

impl<'a> Device<'a> for Finder {
    fn draw_glyph_run(&mut self, _: &GlyphRun<'_, 'a>, _: DrawProps<'a>, mode: &DrawMode) {
        // What stands over the picture can be seen; a hidden text layer cannot.
        self.several |= !matches!(mode, DrawMode::Invisible);
    }

    fn draw_path(&mut self, _: &BezPath, _: DrawProps<'a>, _: &DrawMode) {}

    fn draw_image(&mut self, image: Image<'a, '_>, props: ImageDrawProps<'a>) {
        self.take(&image, props.transform);
    }

    fn push_clip_path(&mut self, _: &ClipPath) {}

    fn push_clip_rect(&mut self, _: &KurboRect) {}

    fn pop_clip(&mut self) {}

    fn push_transparency_group(&mut self, _: f32, _: Option<SoftMask<'a>>, _: BlendMode) {}

    fn pop_transparency_group(&mut self) {}

    fn begin_marked_content(&mut self, _: &[u8], _: Option<&Dict<'_>>) {}

    fn end_marked_content(&mut self) {}
}

#[cfg(test)]
mod tests {
    use super::*;
    use image::Luma;

    /// Four corners of different tones: top left 10, top right 20, bottom left 30, bottom right 40.
    fn corners() -> GrayImage {
        GrayImage::from_raw(2, 2, vec![10, 20, 30, 40]).unwrap()
    }

    #[test]
    fn a_picture_is_turned_the_way_the_page_shows_it() {
        let shown = |coefficients: [f64; 6]| turned(corners(), Affine::new(coefficients)).map(GrayImage::into_raw);
        assert_eq!(shown([1.0, 0.0, 0.0, 1.0, 0.0, 0.0]), Some(vec![10, 20, 30, 40]));
        // A quarter clockwise: what was left is above.
        assert_eq!(shown([0.0, 1.0, -1.0, 0.0, 2.0, 0.0]), Some(vec![30, 10, 40, 20]));
        assert_eq!(shown([0.0, -1.0, 1.0, 0.0, 0.0, 2.0]), Some(vec![20, 40, 10, 30]));
        assert_eq!(shown([-1.0, 0.0, 0.0, -1.0, 2.0, 2.0]), Some(vec![40, 30, 20, 10]));
        assert_eq!(shown([0.7, 0.7, -0.7, 0.7, 0.0, 0.0]), None);
        // Mirrored along the diagonal.
        assert_eq!(shown([0.0, 1.0, 1.0, 0.0, 0.0, 0.0]), Some(vec![10, 30, 20, 40]));
    }

    #[test]
    fn grey_of_grey_is_itself() {
        assert_eq!(grey(255, 255, 255), 255);
        assert_eq!(
            luma(ImageData::Luma(hayro::hayro_interpret::LumaData {
                width: 1,
                height: 1,
                data: vec![7],
                interpolate: false,
                scale_factors: (1.0, 1.0)
            }))
            .unwrap()
            .get_pixel(0, 0),
            &Luma([7])
        );
    }
}
