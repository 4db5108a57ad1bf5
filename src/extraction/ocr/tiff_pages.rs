//! TIFF: faxes of two tones, scans of several pages, photographs, whatever their samples are.

use std::io::Cursor;

use image::{GrayImage, imageops};
use tiff::ColorType;
use tiff::decoder::{Decoder, DecodingResult, ifd};
use tiff::tags::Tag;

use super::super::limits::Limits;
use super::super::refusal::Refusal;
use super::picture::{Picture, fits};

/// The pages of a TIFF, decoded one by one.
pub(super) struct TiffPages<'a> {
    bytes: &'a [u8],
    limits: &'a Limits,
    decoder: Option<Decoder<Cursor<&'a [u8]>>>,
    read: usize,
    ended: bool,
}

impl<'a> TiffPages<'a> {
    pub(super) fn new(bytes: &'a [u8], limits: &'a Limits) -> Self {
        Self { bytes, limits, decoder: None, read: 0, ended: false }
    }

    fn page(&mut self) -> Result<Option<Picture>, Refusal> {
        let decoder = match &mut self.decoder {
            None => {
                let mut caps = tiff::decoder::Limits::default();
                caps.decoding_buffer_size = usize::try_from(self.limits.pixels * 4).unwrap_or(usize::MAX);
                caps.intermediate_buffer_size = caps.decoding_buffer_size;
                let decoder = Decoder::new(Cursor::new(self.bytes)).map_err(Refusal::damaged)?.with_limits(caps);
                self.decoder.insert(decoder)
            }
            Some(decoder) if decoder.more_images() => {
                if self.read >= self.limits.pages {
                    return Err(Refusal::TooLarge(format!("more than {} pages", self.limits.pages)));
                }
                decoder.next_image().map_err(Refusal::damaged)?;
                decoder
            }
            Some(_) => return Ok(None),
        };
        self.read += 1;
        let (width, height) = decoder.dimensions().map_err(Refusal::damaged)?;
        fits(width, height, self.limits)?;
        let dpi = density(decoder);
        let pixels = grey(decoder, width, height)?;
        let pixels = upright(decoder, pixels);
        let width = dpi.map(|dpi| pixels.width() as f32 / dpi * 72.0);
        Ok(Some(Picture::new(pixels, width)))
    }
}

impl Iterator for TiffPages<'_> {
    type Item = Result<Picture, Refusal>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.ended {
            return None;
        }
        let page = self.page().transpose();
        self.ended = !matches!(page, Some(Ok(_)));
        page
    }
}

fn density(decoder: &mut Decoder<Cursor<&[u8]>>) -> Option<f32> {
    let dpi = match decoder.get_tag(Tag::XResolution).ok()? {
        ifd::Value::Rational(n, d) if d > 0 => n as f32 / d as f32,
        _ => return None,
    };
    let unit = decoder.find_tag_unsigned::<u16>(Tag::ResolutionUnit).ok().flatten().unwrap_or(2);
    Some(if unit == 3 { dpi * 2.54 } else { dpi }).filter(|dpi| *dpi > 1.0)
}

/// The way up that the file gives; the numbers are those of its first row and column.
fn upright(decoder: &mut Decoder<Cursor<&[u8]>>, pixels: GrayImage) -> GrayImage {
    match decoder.find_tag_unsigned::<u16>(Tag::Orientation).ok().flatten().unwrap_or(1) {
        2 => imageops::flip_horizontal(&pixels),
        3 => imageops::rotate180(&pixels),
        4 => imageops::flip_vertical(&pixels),
        5 => imageops::flip_horizontal(&imageops::rotate90(&pixels)),
        6 => imageops::rotate90(&pixels),
        7 => imageops::flip_horizontal(&imageops::rotate270(&pixels)),
        8 => imageops::rotate270(&pixels),
        _ => pixels,
    }
}

fn grey(decoder: &mut Decoder<Cursor<&[u8]>>, width: u32, height: u32) -> Result<GrayImage, Refusal> {
    let colour = decoder.colortype().map_err(Refusal::damaged)?;
    let samples = match decoder.read_image().map_err(Refusal::damaged)? {
        DecodingResult::U8(samples) => samples,
        DecodingResult::U16(samples) => samples.into_iter().map(|sample| (sample >> 8) as u8).collect(),
        _ => return Err(Refusal::damaged("a TIFF with samples of an unusual kind")),
    };
    let wide = width as usize;
    let tones: Vec<u8> = match colour {
        ColorType::Gray(bits @ (1 | 2 | 4)) => {
            let most = (1_u16 << bits) - 1;
            packed(&samples, bits, wide).map(|value| (u16::from(value) * 255 / most) as u8).collect()
        }
        ColorType::Palette(bits @ (1 | 2 | 4 | 8)) => {
            let map = decoder.get_tag_u16_vec(Tag::ColorMap).map_err(Refusal::damaged)?;
            let shown = palette(&map);
            packed(&samples, bits, wide).map(|value| shown.get(usize::from(value)).copied().unwrap_or(255)).collect()
        }
        ColorType::Gray(_) => samples,
        // The first of the three is the tone.
        ColorType::YCbCr(_) => samples.chunks_exact(3).map(|pixel| pixel[0]).collect(),
        ColorType::GrayA(_) => samples.chunks_exact(2).map(|pixel| on_paper(pixel[0], pixel[1])).collect(),
        ColorType::Multiband { num_samples, .. } => {
            samples.chunks_exact(usize::from(num_samples.max(1))).map(|pixel| pixel[0]).collect()
        }
        ColorType::RGB(_) => samples.chunks_exact(3).map(|pixel| tone(pixel[0], pixel[1], pixel[2])).collect(),
        ColorType::RGBA(_) => {
            samples.chunks_exact(4).map(|pixel| on_paper(tone(pixel[0], pixel[1], pixel[2]), pixel[3])).collect()
        }
        ColorType::CMYK(_) => {
            samples.chunks_exact(4).map(|pixel| printed([pixel[0], pixel[1], pixel[2]], pixel[3])).collect()
        }
        _ => return Err(Refusal::damaged("a TIFF in unusual colours")),
    };
    GrayImage::from_raw(width, height, tones).ok_or_else(|| Refusal::damaged("a TIFF page with too few pixels"))
}

/// Samples of a few bits, whose rows begin on a byte.
fn packed(samples: &[u8], bits: u8, wide: usize) -> impl Iterator<Item = u8> + '_ {
    let row = (wide * usize::from(bits)).div_ceil(8).max(1);
    let most = (1_u16 << bits) - 1;
    let value = move |row: &[u8], x: usize| {
        let bit = x * usize::from(bits);
        let shift = 8 - usize::from(bits) - bit % 8;
        ((u16::from(row[bit / 8]) >> shift) & most) as u8
    };
    samples.chunks_exact(row).flat_map(move |row| (0..wide).map(move |x| value(row, x)))
}

/// Tones of a palette: all reds, then all greens, then all blues, in sixteen bits.
fn palette(map: &[u16]) -> Vec<u8> {
    let count = map.len() / 3;
    let high = |at: usize| (map[at] >> 8) as u8;
    (0..count).map(|at| tone(high(at), high(count + at), high(2 * count + at))).collect()
}

fn tone(r: u8, g: u8, b: u8) -> u8 {
    ((u32::from(r) * 54 + u32::from(g) * 183 + u32::from(b) * 19) >> 8) as u8
}

/// What is transparent is paper.
fn on_paper(tone: u8, alpha: u8) -> u8 {
    let (tone, alpha) = (u32::from(tone), u32::from(alpha));
    ((tone * alpha + 255 * (255 - alpha)) / 255) as u8
}

fn printed(inks: [u8; 3], black: u8) -> u8 {
    let light = 255 - inks.into_iter().map(u32::from).sum::<u32>() / 3;
    (light * (255 - u32::from(black)) / 255) as u8
}

#[cfg(test)]
mod tests {
    use super::*;
    use tiff::encoder::TiffEncoder;
    use tiff::encoder::colortype::{Gray8, RGB8};

    fn pages(bytes: &[u8], limits: &Limits) -> Vec<Result<Picture, Refusal>> {
        TiffPages::new(bytes, limits).collect()
    }

    #[test]
    fn every_page_is_read() {
        let mut bytes = Cursor::new(Vec::new());
        let mut encoder = TiffEncoder::new(&mut bytes).unwrap();
        for shade in [10_u8, 200] {
            encoder.write_image::<Gray8>(60, 80, &vec![shade; 4800]).unwrap();
        }
        let pages = pages(bytes.get_ref(), &Limits::default());
        let shades: Vec<u8> = pages.iter().map(|page| page.as_ref().unwrap().pixels.get_pixel(5, 5).0[0]).collect();
        assert_eq!(shades, [10, 200]);
    }

    #[test]
    fn the_way_up_is_the_files_own() {
        let mut bytes = Cursor::new(Vec::new());
        let mut encoder = TiffEncoder::new(&mut bytes).unwrap();
        let mut image = encoder.new_image::<RGB8>(2, 1).unwrap();
        image.encoder().write_tag(Tag::Orientation, 8_u16).unwrap();
        image.write_data(&[255, 255, 255, 0, 0, 0]).unwrap();
        let pages = pages(bytes.get_ref(), &Limits::default());
        let page = pages[0].as_ref().unwrap();
        assert_eq!(page.pixels.as_raw(), &[0, 255], "turned to the left: what was right is above");
    }

    /// Bytes of a fax: one strip of two tones, zero being white, as scanners of offices write it.
    fn fax(width: u16, height: u16, strip: &[u8], next: u32) -> Vec<u8> {
        let mut bytes = b"II*\0".to_vec();
        bytes.extend(8_u32.to_le_bytes());
        let tags: [(u16, u16, u32); 8] = [
            (256, 3, width.into()),
            (257, 3, height.into()),
            (258, 3, 1),
            (259, 3, 1),
            (262, 3, 0),
            (273, 4, 8 + 2 + 8 * 12 + 4),
            (278, 3, height.into()),
            (279, 4, u32::try_from(strip.len()).unwrap()),
        ];
        bytes.extend(8_u16.to_le_bytes());
        for (tag, kind, value) in tags {
            bytes.extend(tag.to_le_bytes());
            bytes.extend(kind.to_le_bytes());
            bytes.extend(1_u32.to_le_bytes());
            bytes.extend(value.to_le_bytes());
        }
        bytes.extend(next.to_le_bytes());
        bytes.extend(strip);
        bytes
    }

    #[test]
    fn a_fax_counts_ink_as_one() {
        let bytes = fax(8, 2, &[0b1000_0000, 0b0000_0001], 0);
        let pages = pages(&bytes, &Limits::default());
        let page = pages[0].as_ref().unwrap();
        let tone = |x, y| page.pixels.get_pixel(x, y).0[0];
        assert_eq!([tone(0, 0), tone(1, 0), tone(7, 1), tone(0, 1)], [0, 255, 0, 255]);
    }

    #[test]
    fn a_list_of_pages_that_runs_in_a_circle_ends() {
        let bytes = fax(8, 2, &[0, 0], 8);
        let pages = pages(&bytes, &Limits::default());
        assert!(pages.len() <= 2, "{}", pages.len());
        assert!(matches!(pages.last(), Some(Err(Refusal::Damaged(_)))));
    }

    #[test]
    fn pages_and_pixels_are_counted_before_they_are_decoded() {
        let huge = fax(65535, 65535, &[0, 0], 0);
        assert!(matches!(pages(&huge, &Limits::default())[..], [Err(Refusal::TooLarge(_))]));
        let cut = fax(800, 600, &[0; 10], 0);
        assert!(matches!(pages(&cut, &Limits::default())[..], [Err(Refusal::Damaged(_))]));
        let mut many = Cursor::new(Vec::new());
        let mut encoder = TiffEncoder::new(&mut many).unwrap();
        for _ in 0..5 {
            encoder.write_image::<Gray8>(4, 4, &[0; 16]).unwrap();
        }
        let pages = pages(many.get_ref(), &Limits { pages: 3, ..Limits::default() });
        assert!(pages.len() == 4 && matches!(pages[3], Err(Refusal::TooLarge(_))));
    }
}
