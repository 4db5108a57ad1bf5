//! Pages as they are shown, without anything done to them.

use hayro::RenderCache;
use hayro::hayro_syntax::Pdf;
use image::GrayImage;
use image::imageops::{self, FilterType};

use super::super::limits::Limits;
use super::picture::{self, Picture};
use super::scan;
use crate::domain::document::Format;

/// Size in points and pixels of every page; none where a page cannot be drawn.
pub(in super::super) fn shown(
    bytes: &[u8],
    format: Format,
    dpi: f32,
    limits: &Limits,
) -> Vec<((f32, f32), Option<GrayImage>)> {
    if format != Format::Pdf {
        let pictures = picture::pictures(bytes, format, limits).filter_map(Result::ok);
        return pictures.map(|picture| sized(coarser(picture, dpi))).collect();
    }
    let Ok(pdf) = Pdf::new(bytes.to_vec()) else { return Vec::new() };
    let cache = RenderCache::new();
    let draw = |page| scan::drawn(page, dpi, &cache, limits).map(|picture| picture.pixels);
    pdf.pages().iter().map(|page| (page.render_dimensions(), draw(page))).collect()
}

fn sized(picture: Picture) -> ((f32, f32), Option<GrayImage>) {
    let (width, height) = (picture.pixels.width() as f32, picture.pixels.height() as f32);
    ((width / picture.scale, height / picture.scale), Some(picture.pixels))
}

fn coarser(picture: Picture, dpi: f32) -> Picture {
    let factor = dpi / (picture.scale * 72.0);
    if factor >= 1.0 {
        return picture;
    }
    let side = |pixels: u32| ((pixels as f32 * factor) as u32).max(1);
    let (width, height) = (side(picture.pixels.width()), side(picture.pixels.height()));
    let scale = picture.scale * width as f32 / picture.pixels.width() as f32;
    Picture { pixels: imageops::resize(&picture.pixels, width, height, FilterType::Triangle), scale }
}
