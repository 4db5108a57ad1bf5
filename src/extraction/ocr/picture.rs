//! Pictures out of files: JPEG, PNG and (`tiff_pages`) TIFF of several pages, in grey, the right way up by their own account.
//!
//! Sizes are asked before anything is decoded, so that a small file cannot unfold into a large picture.

use std::io::Cursor;

use image::{DynamicImage, GrayImage, ImageDecoder, ImageReader};

use super::super::limits::Limits;
use super::super::refusal::Refusal;
use super::tiff_pages::TiffPages;
use crate::domain::document::Format;

/// A4 in points: what a picture without a believable resolution is taken for.
const A4: (f32, f32) = (595.0, 842.0);
/// Narrower than this, in points, no form is printed; a resolution that says so is not believed.
const NARROWEST: f32 = 250.0;
/// Wider than this neither.
const WIDEST: f32 = 1000.0;

/// A page as a picture.
#[derive(Debug, Clone)]
pub(in super::super) struct Picture {
    pub(super) pixels: GrayImage,
    /// Pixels per point.
    pub(super) scale: f32,
}

impl Picture {
    /// `width` of the page in points; where it is not known, what A4 would give.
    pub(super) fn new(pixels: GrayImage, width: Option<f32>) -> Self {
        let (w, h) = (pixels.width() as f32, pixels.height() as f32);
        let guess = if w > 1.15 * h { A4.1 } else { A4.0 };
        let width = width.filter(|width| (NARROWEST..=WIDEST).contains(width)).unwrap_or(guess);
        Self { scale: w / width, pixels }
    }
}

/// The pages of a picture file, decoded one by one as they are asked for; the first fault ends them.
pub(super) fn pictures<'a>(
    bytes: &'a [u8],
    format: Format,
    limits: &'a Limits,
) -> Box<dyn Iterator<Item = Result<Picture, Refusal>> + 'a> {
    match format {
        Format::Tiff => Box::new(TiffPages::new(bytes, limits)),
        _ => Box::new(std::iter::once_with(|| one(bytes, limits))),
    }
}

/// Does a JPEG end before its end mark? What was still to come is then grey, and nobody would know.
pub(super) fn is_cut(bytes: &[u8], format: Format) -> bool {
    const END: [u8; 2] = [0xFF, 0xD9];
    format == Format::Jpeg && !bytes.windows(2).rev().any(|pair| pair == END)
}

fn one(bytes: &[u8], limits: &Limits) -> Result<Picture, Refusal> {
    let reader = ImageReader::new(Cursor::new(bytes)).with_guessed_format().map_err(Refusal::damaged)?;
    let mut decoder = reader.into_decoder().map_err(Refusal::damaged)?;
    let (width, height) = decoder.dimensions();
    fits(width, height, limits)?;
    let orientation = decoder.orientation().map_err(Refusal::damaged)?;
    let mut picture = DynamicImage::from_decoder(decoder).map_err(Refusal::damaged)?;
    picture.apply_orientation(orientation);
    let pixels = on_paper(picture);
    let width = jpeg_density(bytes).map(|dpi| pixels.width() as f32 / dpi * 72.0);
    Ok(Picture::new(pixels, width))
}

pub(super) fn fits(width: u32, height: u32, limits: &Limits) -> Result<(), Refusal> {
    if u64::from(width) * u64::from(height) > limits.pixels {
        return Err(Refusal::TooLarge(format!("a picture of {width} by {height} pixels")));
    }
    Ok(())
}

/// Grey, with what is transparent as paper.
fn on_paper(picture: DynamicImage) -> GrayImage {
    if !picture.color().has_alpha() {
        return picture.into_luma8();
    }
    let picture = picture.into_luma_alpha8();
    GrayImage::from_fn(picture.width(), picture.height(), |x, y| {
        let [tone, alpha] = picture.get_pixel(x, y).0.map(u32::from);
        image::Luma([((tone * alpha + 255 * (255 - alpha)) / 255) as u8])
    })
}

/// Dots per inch out of a JFIF header.
fn jpeg_density(bytes: &[u8]) -> Option<f32> {
    let header = bytes.get(..20)?;
    if !header.starts_with(&[0xFF, 0xD8, 0xFF, 0xE0]) || &header[6..11] != b"JFIF\0" {
        return None;
    }
    let density = f32::from(u16::from_be_bytes([header[14], header[15]]));
    match header[13] {
        1 => Some(density),
        2 => Some(density * 2.54),
        _ => None,
    }
    .filter(|dpi| *dpi > 1.0)
}

#[cfg(test)]
mod tests {
    use super::*;
    use image::Luma;

    fn bilevel(width: u32, height: u32) -> GrayImage {
        GrayImage::from_fn(width, height, |x, y| Luma([if (x / 3 + y) % 2 == 0 { 255 } else { 0 }]))
    }

    #[test]
    fn a_picture_larger_than_allowed_is_refused_before_it_is_decoded() {
        let mut bytes = Cursor::new(Vec::new());
        bilevel(400, 300).write_to(&mut bytes, image::ImageFormat::Png).unwrap();
        let limits = Limits { pixels: 100_000, ..Limits::default() };
        let refused = pictures(bytes.get_ref(), Format::Png, &limits).next().unwrap();
        assert!(matches!(refused, Err(Refusal::TooLarge(_))), "{refused:?}");
        assert!(pictures(bytes.get_ref(), Format::Png, &Limits::default()).all(|page| page.is_ok()));
    }

    /// Headers that promise the largest picture there is, and nothing behind them.
    #[test]
    fn a_header_is_not_believed() {
        let mut png = Cursor::new(Vec::new());
        bilevel(8, 8).write_to(&mut png, image::ImageFormat::Png).unwrap();
        let mut png = png.into_inner();
        png[16..24].copy_from_slice(&[0, 0, 0xFF, 0xFF, 0, 0, 0xFF, 0xFF]);
        let mut jpeg = Cursor::new(Vec::new());
        bilevel(8, 8).write_to(&mut jpeg, image::ImageFormat::Jpeg).unwrap();
        let mut jpeg = jpeg.into_inner();
        let frame = jpeg.windows(2).position(|pair| pair == [0xFF, 0xC0]).unwrap();
        jpeg[frame + 5..frame + 9].fill(0xFF);
        for (bytes, format) in [(&jpeg, Format::Jpeg), (&png, Format::Png)] {
            let refused = pictures(bytes, format, &Limits::default()).next().unwrap();
            assert!(refused.is_err(), "{format:?}");
        }
    }

    #[test]
    fn a_jpeg_that_ends_early_is_noticed() {
        let mut bytes = Cursor::new(Vec::new());
        bilevel(200, 200).write_to(&mut bytes, image::ImageFormat::Jpeg).unwrap();
        let bytes = bytes.into_inner();
        assert!(!is_cut(&bytes, Format::Jpeg));
        assert!(is_cut(&bytes[..bytes.len() / 2], Format::Jpeg));
        assert!(!is_cut(&bytes[..bytes.len() / 2], Format::Png));
    }

    #[test]
    fn transparent_is_paper() {
        let picture = image::RgbaImage::from_pixel(40, 40, image::Rgba([0, 0, 0, 0]));
        assert_eq!(on_paper(picture.into()).get_pixel(3, 3).0, [255]);
    }

    #[test]
    fn a_resolution_nobody_prints_at_is_not_believed() {
        let picture = Picture::new(bilevel(1190, 1684), Some(1190.0));
        assert!((picture.scale - 2.0).abs() < 0.01);
        let picture = Picture::new(bilevel(1190, 1684), Some(571.2));
        assert!((picture.scale - 1190.0 / 571.2).abs() < 0.01);
    }
}
