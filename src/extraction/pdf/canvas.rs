//! What a page draws: glyphs, straight strokes, boxes, other drawings and pictures, in page coordinates.
//!
//! The interpreter calls one `Canvas` per page. Nothing is judged here; what lies outside the clip, and is therefore not
//! seen, is left out, and text that is drawn invisibly says so.

use hayro_interpret::font::{Glyph as DrawnGlyph, GlyphRun};
use hayro_interpret::hayro_cmap::BfString;
use hayro_interpret::hayro_syntax::object::{Dict, String as PdfString};
use hayro_interpret::kurbo::{Affine, BezPath, Point, Rect as KurboRect, Shape as _};
use hayro_interpret::{BlendMode, ClipPath, Device, DrawMode, DrawProps, Image, ImageDrawProps, Paint, SoftMask};

use super::super::page::Source;
use super::shapes::{Shape, shapes_of};
use super::strings;
use super::symbols::{self, SymbolFont};
use crate::domain::field::Rect;

/// Glyph space is a thousandth of an em.
const UNITS_PER_EM: f64 = 1000.0;

/// One glyph where it stands; `start` and `end` are its origin and the end of its advance on the baseline.
#[derive(Debug, Clone)]
pub(super) struct Glyph {
    pub(super) text: Letters,
    pub(super) start: (f32, f32),
    pub(super) end: (f32, f32),
    /// Size of the type, in points.
    pub(super) em: f32,
    pub(super) bold: bool,
    pub(super) source: Source,
}

/// What a glyph stands for; nearly always one character, so that no string is allocated.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Letters {
    One(char),
    /// A ligature, or an `ActualText`, which is in logical order already.
    Several(Box<str>),
}

impl Letters {
    pub(super) fn push_to(&self, text: &mut String) {
        match self {
            Self::One(c) => text.push(*c),
            Self::Several(s) => text.push_str(s),
        }
    }

    pub(super) fn any(&self, mut test: impl FnMut(char) -> bool) -> bool {
        match self {
            Self::One(c) => test(*c),
            Self::Several(s) => s.chars().any(test),
        }
    }

    pub(super) fn is_blank(&self) -> bool {
        !self.any(|c| !(c.is_whitespace() || c.is_control() || matches!(c, '\u{200b}'..='\u{200f}' | '\u{feff}')))
    }
}

/// A picture placed on the page.
#[derive(Debug, Clone, Copy)]
pub(super) struct Picture {
    pub(super) bbox: Rect,
    /// Share of dark pixels; 0 when the picture was too large to look into.
    pub(super) ink: f32,
}

/// How much one document may still draw.
#[derive(Debug)]
pub(super) struct Allowance {
    pub(super) glyphs: usize,
    pub(super) shapes: usize,
    /// Set once something was left out: the document is then refused, not read in part.
    pub(super) exceeded: bool,
}

/// Collects what one page draws.
pub(super) struct Canvas<'b> {
    pub(super) glyphs: Vec<Glyph>,
    pub(super) shapes: Vec<Shape>,
    pub(super) pictures: Vec<Picture>,
    allowance: &'b mut Allowance,
    /// Who draws now: the page or its annotations.
    source: Source,
    /// Intersections of the clips in force, as boxes.
    clips: Vec<KurboRect>,
    /// `ActualText` of the open marked contents and the number of glyphs when they began.
    replacements: Vec<Option<(String, usize)>>,
}

impl<'b> Canvas<'b> {
    pub(super) fn new(width: f32, height: f32, allowance: &'b mut Allowance) -> Self {
        Self {
            glyphs: Vec::new(),
            shapes: Vec::new(),
            pictures: Vec::new(),
            allowance,
            source: Source::Text,
            clips: vec![KurboRect::new(0.0, 0.0, f64::from(width), f64::from(height))],
            replacements: Vec::new(),
        }
    }

    /// From now on the page's annotations draw.
    pub(super) fn annotations(&mut self) {
        self.source = Source::Appearance;
        self.clips.truncate(1);
        self.replacements.clear();
    }

    fn clip(&self) -> KurboRect {
        *self.clips.last().expect("the page's own box is never popped")
    }

    fn sees(&self, point: Point) -> bool {
        // Generous by two points: descenders and rounding must not lose a letter.
        self.clip().inflate(2.0, 2.0).contains(point)
    }

    /// Puts an `ActualText` in the place of the glyphs drawn since `first`.
    fn replace(&mut self, text: &str, first: usize) {
        let Some(drawn) = self.glyphs.get(first..).filter(|drawn| !drawn.is_empty()) else { return };
        let text = text.trim();
        let (start, em) = (drawn[0].start, drawn[0].em);
        // A text of several words or lines keeps its glyphs: their places would be lost.
        let one_line = drawn.iter().all(|g| (g.start.1 - start.1).abs() < 0.1 * em);
        if text.is_empty() || text.contains(char::is_whitespace) || !one_line {
            return;
        }
        let left = drawn.iter().map(|g| g.start.0.min(g.end.0)).fold(f32::MAX, f32::min);
        let right = drawn.iter().map(|g| g.start.0.max(g.end.0)).fold(f32::MIN, f32::max);
        let whole = Glyph {
            text: Letters::Several(text.into()),
            start: (left, start.1),
            end: (right, start.1),
            ..drawn[0].clone()
        };
        self.glyphs.truncate(first);
        self.glyphs.push(whole);
    }
}

impl<'a> Device<'a> for Canvas<'_> {
    fn draw_glyph_run(&mut self, run: &GlyphRun<'_, 'a>, props: DrawProps<'a>, mode: &DrawMode) {
        let hidden = matches!(mode, DrawMode::Invisible) || is_transparent(&props.paint);
        let source = if hidden { Source::HiddenLayer } else { self.source };
        let mut style = None;
        for glyph in run.glyphs() {
            if self.glyphs.len() >= self.allowance.glyphs {
                self.allowance.exceeded = true;
                return;
            }
            let transform: Affine = props.transform * glyph.transform();
            let advance = match &**glyph {
                DrawnGlyph::Outline(g) => g.advance_width().unwrap_or(500.0),
                DrawnGlyph::Type3(g) => g.advance_width().unwrap_or(0.0),
            };
            let start = transform * Point::ZERO;
            let end = transform * Point::new(f64::from(advance), 0.0);
            if !(start.is_finite() && end.is_finite() && self.sees(start.midpoint(end))) {
                continue;
            }
            let style = style.get_or_insert_with(|| Style::of(glyph));
            let [_, _, c, d, ..] = transform.as_coeffs();
            self.glyphs.push(Glyph {
                text: style.read(glyph),
                start: narrow(start),
                end: narrow(end),
                em: em_of(c.hypot(d) * UNITS_PER_EM, start.distance(end)),
                bold: style.bold,
                source,
            });
        }
    }

    fn draw_path(&mut self, path: &BezPath, props: DrawProps<'a>, mode: &DrawMode) {
        if is_transparent(&props.paint) {
            return;
        }
        let (shapes, clip) = (&mut self.shapes, *self.clips.last().expect("the page's own box is never popped"));
        let light = is_light(&props.paint);
        shapes_of(&(props.transform * path.clone()), mode, light, self.source, |shape| {
            if !shape.touches(clip) {
                return true;
            }
            if shapes.len() >= self.allowance.shapes {
                self.allowance.exceeded = true;
                return false;
            }
            shapes.push(shape.clipped(clip));
            true
        });
    }

    fn draw_image(&mut self, image: Image<'a, '_>, props: ImageDrawProps<'a>) {
        let unit = KurboRect::new(0.0, 0.0, f64::from(image.width()), f64::from(image.height()));
        let placed = props.transform.transform_rect_bbox(unit);
        let seen = placed.intersect(self.clip());
        if !(seen.is_finite() && seen.width() > 1.0 && seen.height() > 1.0) {
            return;
        }
        if self.pictures.len() >= self.allowance.shapes {
            self.allowance.exceeded = true;
            return;
        }
        self.pictures.push(Picture { bbox: narrow_rect(seen), ink: ink_of(&image) });
    }

    fn push_clip_path(&mut self, clip: &ClipPath) {
        let inner = self.clip().intersect(clip.path.bounding_box());
        self.clips.push(inner);
    }

    fn push_clip_rect(&mut self, rect: &KurboRect) {
        let inner = self.clip().intersect(*rect);
        self.clips.push(inner);
    }

    fn pop_clip(&mut self) {
        if self.clips.len() > 1 {
            self.clips.pop();
        }
    }

    fn push_transparency_group(&mut self, _: f32, _: Option<SoftMask<'a>>, _: BlendMode) {}

    fn pop_transparency_group(&mut self) {}

    fn begin_marked_content(&mut self, _: &[u8], properties: Option<&Dict<'_>>) {
        let text = properties.and_then(|p| p.get::<PdfString<'_>>("ActualText"));
        self.replacements.push(text.map(|text| (strings::decode(text.as_bytes()), self.glyphs.len())));
    }

    fn end_marked_content(&mut self) {
        if let Some(Some((text, first))) = self.replacements.pop() {
            self.replace(&text, first);
        }
    }
}

/// What the glyphs of one run share.
struct Style {
    bold: bool,
    symbols: Option<SymbolFont>,
}

impl Style {
    fn of(glyph: &DrawnGlyph<'_>) -> Self {
        let DrawnGlyph::Outline(outline) = glyph else { return Self { bold: false, symbols: None } };
        let Some(font) = outline.font_data() else { return Self { bold: false, symbols: None } };
        let name = font.postscript_name.unwrap_or_default();
        Self {
            bold: font.weight.is_some_and(|weight| weight >= 600) || name.contains("Bold"),
            symbols: SymbolFont::named(&name),
        }
    }

    fn read(&self, glyph: &DrawnGlyph<'_>) -> Letters {
        let code = glyph.char_code();
        let text = match glyph.as_unicode() {
            Some(BfString::Char(c)) => Letters::One(c),
            Some(BfString::String(s)) if s.chars().nth(1).is_none() => Letters::One(s.chars().next().unwrap_or(' ')),
            Some(BfString::String(s)) => Letters::Several(s.into()),
            // Without a map a font still tends to keep ASCII in its place; the rest is lost and says so.
            None => match u8::try_from(code) {
                Ok(byte @ 0x20..=0x7e) => Letters::One(char::from(byte)),
                _ => Letters::One(char::REPLACEMENT_CHARACTER),
            },
        };
        match (self.symbols, &text) {
            (Some(font), Letters::One(c)) => Letters::One(font.read(code, *c)),
            (None, Letters::One(c)) => Letters::One(symbols::private_use(*c)),
            _ => text,
        }
    }
}

/// A Type 3 font may count in units of its own: where size and advance cannot belong together, the advance decides.
fn em_of(size: f64, advance: f64) -> f32 {
    let fits = advance <= 0.0 || (0.1..=3.0).contains(&(advance / size));
    narrow_number(if fits { size } else { advance * 1.6 })
}

fn is_transparent(paint: &Paint<'_>) -> bool {
    matches!(paint, Paint::Color(color) if color.to_rgba().to_rgba8()[3] < 8)
}

fn is_light(paint: &Paint<'_>) -> bool {
    match paint {
        Paint::Color(color) => color.to_rgba().to_rgba8()[..3].iter().all(|channel| *channel > 200),
        Paint::Pattern(_) => true,
    }
}

/// Share of dark pixels of a small picture.
fn ink_of(image: &Image<'_, '_>) -> f32 {
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

fn narrow(point: Point) -> (f32, f32) {
    (narrow_number(point.x), narrow_number(point.y))
}

pub(super) fn narrow_rect(rect: KurboRect) -> Rect {
    Rect {
        x0: narrow_number(rect.x0),
        y0: narrow_number(rect.y0),
        x1: narrow_number(rect.x1),
        y1: narrow_number(rect.y1),
    }
}

#[expect(clippy::cast_possible_truncation, reason = "page coordinates need no more than 24 bits")]
fn narrow_number(value: f64) -> f32 {
    value as f32
}
