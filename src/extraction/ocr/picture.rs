//! Pictures out of files: JPEG, PNG and TIFF of several pages, in grey, the right way up by their own account.
//!
//! Sizes are asked before anything is decoded, so that a small file cannot unfold into a large picture.

use std::io::Cursor;

use image::{DynamicImage, GrayImage, ImageDecoder, ImageReader};
use tiff::ColorType;
use tiff::decoder::{Decoder, DecodingResult};
use tiff::tags::Tag;

use super::super::limits::Limits;
use super::super::refusal::Refusal;
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

/// All pages of a picture file.
pub(super) fn pictures(bytes: &[u8], format: Format, limits: &Limits) -> Result<Vec<Picture>, Refusal> {
    match format {
        Format::Tiff => tiff(bytes, limits),
        _ => one(bytes, limits).map(|picture| vec![picture]),
    }
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

fn fits(width: u32, height: u32, limits: &Limits) -> Result<(), Refusal> {
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

fn tiff(bytes: &[u8], limits: &Limits) -> Result<Vec<Picture>, Refusal> {
    let mut caps = tiff::decoder::Limits::default();
    caps.decoding_buffer_size = usize::try_from(limits.pixels * 4).unwrap_or(usize::MAX);
    caps.intermediate_buffer_size = caps.decoding_buffer_size;
    let mut decoder = Decoder::new(Cursor::new(bytes)).map_err(Refusal::damaged)?.with_limits(caps);
    let mut pictures = Vec::new();
    loop {
        let (width, height) = decoder.dimensions().map_err(Refusal::damaged)?;
        fits(width, height, limits)?;
        let dpi = tiff_density(&mut decoder);
        let pixels = tiff_page(&mut decoder, width, height)?;
        pictures.push(Picture::new(pixels, dpi.map(|dpi| width as f32 / dpi * 72.0)));
        if !decoder.more_images() {
            return Ok(pictures);
        }
        if pictures.len() >= limits.pages {
            return Err(Refusal::TooLarge(format!("more than {} pages", limits.pages)));
        }
        decoder.next_image().map_err(Refusal::damaged)?;
    }
}

fn tiff_density(decoder: &mut Decoder<Cursor<&[u8]>>) -> Option<f32> {
    let resolution = decoder.get_tag(Tag::XResolution).ok()?;
    let dpi = match resolution {
        tiff::decoder::ifd::Value::Rational(n, d) if d > 0 => n as f32 / d as f32,
        _ => return None,
    };
    let unit = decoder.find_tag_unsigned::<u16>(Tag::ResolutionUnit).ok().flatten().unwrap_or(2);
    Some(if unit == 3 { dpi * 2.54 } else { dpi }).filter(|dpi| *dpi > 1.0)
}

fn tiff_page(decoder: &mut Decoder<Cursor<&[u8]>>, width: u32, height: u32) -> Result<GrayImage, Refusal> {
    let colour = decoder.colortype().map_err(Refusal::damaged)?;
    let samples = match decoder.read_image().map_err(Refusal::damaged)? {
        DecodingResult::U8(samples) => samples,
        DecodingResult::U16(samples) => samples.into_iter().map(|sample| (sample >> 8) as u8).collect(),
        _ => return Err(Refusal::damaged("a TIFF with samples of an unusual kind")),
    };
    let (count, bits) = match colour {
        ColorType::Gray(bits) => (1, bits),
        ColorType::GrayA(bits) => (2, bits),
        ColorType::RGB(bits) => (3, bits),
        ColorType::RGBA(bits) | ColorType::CMYK(bits) => (4, bits),
        _ => return Err(Refusal::damaged("a TIFF in unusual colours")),
    };
    let wide = width as usize;
    let tones: Vec<u8> = if bits < 8 && count == 1 {
        // Rows of one, two or four bits begin on a byte.
        let row = (wide * usize::from(bits)).div_ceil(8);
        let most = (1_u16 << bits) - 1;
        let tone = |row: &[u8], x: usize| {
            let bit = x * usize::from(bits);
            let shift = 8 - usize::from(bits) - bit % 8;
            (u16::from(row[bit / 8] >> shift) & most) * 255 / most
        };
        samples.chunks_exact(row.max(1)).flat_map(|row| (0..wide).map(move |x| tone(row, x) as u8)).collect()
    } else {
        samples
            .chunks_exact(count)
            .map(|pixel| match (colour, pixel) {
                (ColorType::CMYK(_), [c, m, y, k]) => {
                    let light = 255 - (u32::from(*c) + u32::from(*m) + u32::from(*y)) / 3;
                    (light * (255 - u32::from(*k)) / 255) as u8
                }
                (_, [r, g, b, ..]) => ((u32::from(*r) * 54 + u32::from(*g) * 183 + u32::from(*b) * 19) >> 8) as u8,
                (_, [grey, ..]) => *grey,
                _ => 255,
            })
            .collect()
    };
    GrayImage::from_raw(width, height, tones).ok_or_else(|| Refusal::damaged("a TIFF page with too few pixels"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use image::Luma;

    fn bilevel(width: u32, height: u32) -> GrayImage {
        GrayImage::from_fn(width, height, |x, y| Luma([if (x / 3 + y) % 2 == 0 { 255 } else { 0 }]))
    }

    #[test]
    fn every_page_of_a_tiff_is_read() {
        use tiff::encoder::{TiffEncoder, colortype::Gray8};
        let mut bytes = Cursor::new(Vec::new());
        let mut encoder = TiffEncoder::new(&mut bytes).unwrap();
        for shade in [10_u8, 200] {
            encoder.write_image::<Gray8>(60, 80, &vec![shade; 4800]).unwrap();
        }
        let pages = pictures(bytes.get_ref(), Format::Tiff, &Limits::default()).unwrap();
        let shades: Vec<u8> = pages.iter().map(|page| page.pixels.get_pixel(5, 5).0[0]).collect();
        assert_eq!(shades, [10, 200]);
    }

    #[test]
    fn a_picture_larger_than_allowed_is_refused_before_it_is_decoded() {
        let mut bytes = Cursor::new(Vec::new());
        bilevel(400, 300).write_to(&mut bytes, image::ImageFormat::Png).unwrap();
        let limits = Limits { pixels: 100_000, ..Limits::default() };
        let refused = pictures(bytes.get_ref(), Format::Png, &limits);
        assert!(matches!(refused, Err(Refusal::TooLarge(_))), "{refused:?}");
        assert!(pictures(bytes.get_ref(), Format::Png, &Limits::default()).is_ok());
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
