//! Colours, surfaces and pictures: what is seen of them, and what they hide.

use hayro_interpret::kurbo::{BezPath, Rect as KurboRect, Shape as _};
use hayro_interpret::{BlendMode, Image, Paint, SoftMask};

use super::ground::Tone;

/// The colour something is drawn in.
#[derive(Debug, Clone, Copy)]
pub(super) struct Ink(Option<[u8; 4]>);

impl Ink {
    pub(super) fn of(paint: &Paint<'_>) -> Self {
        match paint {
            Paint::Color(color) => Self(Some(color.to_rgba().to_rgba8())),
            Paint::Pattern(_) => Self(None),
        }
    }

    pub(super) fn is_transparent(self) -> bool {
        self.0.is_some_and(|[.., alpha]| alpha < 8)
    }

    pub(super) fn is_light(self) -> bool {
        self.0.is_none_or(|[r, g, b, _]| [r, g, b].iter().all(|channel| *channel > 200))
    }

    pub(super) fn tone(self) -> Tone {
        self.0.map(|[r, g, b, _]| [r, g, b])
    }

    /// Nothing of what lies under it is seen.
    pub(super) fn hides(self, mask: Option<&SoftMask<'_>>, blend: BlendMode) -> bool {
        self.0.is_some_and(|[.., alpha]| alpha > 240) && mask.is_none() && blend == BlendMode::Normal
    }
}

/// A picture without holes and veils.
pub(super) fn is_opaque(image: &Image<'_, '_>) -> bool {
    match image {
        Image::Stencil(_) => false,
        Image::Raster(raster) => {
            let dict = raster.stream().dict();
            !["SMask", "Mask", "SMaskInData"].iter().any(|key| dict.contains_key(*key))
        }
    }
}

/// Does a shape fill its box, but for rounded corners? Frames do not: their inner side takes away or adds to the surface.
pub(super) fn is_filled_by(bbox: KurboRect, path: &BezPath) -> bool {
    let (whole, filled) = (bbox.area(), path.area().abs());
    whole > 0.0 && (filled - whole).abs() <= 0.02 * whole
}

/// Share of dark pixels of a small picture.
pub(super) fn ink_of(image: &Image<'_, '_>) -> f32 {
    const LARGEST: u64 = 1 << 20;
    if u64::from(image.width()) * u64::from(image.height()) > LARGEST {
        return 0.0;
    }
    #[expect(clippy::cast_precision_loss, reason = "at most a million pixels")]
    let share = |dark: usize, all: usize| if all == 0 { 0.0 } else { dark as f32 / all as f32 };
    let mut ink = 0.0;
    match image {
        Image::Stencil(stencil) => stencil
            .with_stencil(|mask, _| ink = share(mask.data.iter().filter(|v| **v > 127).count(), mask.data.len()), None),
        Image::Raster(raster) => raster.with_rgba(
            |image, alpha| {
                let (pixels, step) = match &image {
                    hayro_interpret::ImageData::Rgb(rgb) => (&rgb.data, 3),
                    hayro_interpret::ImageData::Luma(luma) => (&luma.data, 1),
                };
                let opaque = |i: usize| alpha.as_ref().is_none_or(|a| a.data.get(i).is_none_or(|v| *v > 60));
                let dark =
                    pixels.chunks_exact(step).enumerate().filter(|(i, p)| p.iter().any(|c| *c < 150) && opaque(*i));
                ink = share(dark.count(), pixels.len() / step);
            },
            None,
        ),
    }
    ink
}
