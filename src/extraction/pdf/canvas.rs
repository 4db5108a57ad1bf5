//! What a page draws: glyphs, straight strokes, boxes, other drawings and pictures, in page coordinates.
//!
//! The interpreter calls one `Canvas` per page. What lies outside the clip, and is therefore not seen, is left out; text
//! that is drawn invisibly, in the colour of its ground, or painted over later says so.
//!
//! The interpreter cannot be told to stop: where a document draws past its allowance the canvas unwinds out of it, and
//! `draw_within` catches that.

use hayro_interpret::font::{Glyph as DrawnGlyph, GlyphRun};
use hayro_interpret::hayro_cmap::BfString;
use hayro_interpret::hayro_syntax::object::{Dict, String as PdfString};
use hayro_interpret::kurbo::{Affine, BezPath, Point, Rect as KurboRect, Shape as _, Vec2};
use hayro_interpret::{BlendMode, ClipPath, Device, DrawMode, DrawProps, Image, ImageDrawProps, SoftMask};
use unicode_normalization::UnicodeNormalization;

use super::super::page::Source;
use super::allowance::{Allowance, exceed, take};
use super::fonts::Unexplained;
use super::ground::{Ground, Tone};
use super::paint::{Ink, ink_of, is_filled_by, is_opaque};
use super::shapes::{Shape, shapes_of};
use super::strings;
use super::symbols::{self, SymbolFont};
use super::weight::Strokes;
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
    /// The font says what the sign means; else it is a guess.
    pub(super) sure: bool,
    /// The middle of the sign, and how many surfaces lay on the page when it was drawn.
    middle: Point,
    coats: u32,
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

/// Collects what one page draws.
pub(super) struct Canvas<'b> {
    pub(super) glyphs: Vec<Glyph>,
    pub(super) shapes: Vec<Shape>,
    pub(super) pictures: Vec<Picture>,
    unexplained: &'b Unexplained,
    allowance: &'b mut Allowance,
    /// Who draws now: the page or its annotations.
    source: Source,
    /// Intersections of the clips in force, as boxes.
    clips: Vec<Clip>,
    /// Transparency groups that are open and let the ground show through.
    veils: Vec<bool>,
    ground: Ground,
    strokes: Strokes,
    /// `ActualText` of the open marked contents and the number of glyphs when they began.
    replacements: Vec<Option<(String, usize)>>,
}

impl<'b> Canvas<'b> {
    pub(super) fn new(width: f32, height: f32, unexplained: &'b Unexplained, allowance: &'b mut Allowance) -> Self {
        Self {
            glyphs: Vec::new(),
            shapes: Vec::new(),
            pictures: Vec::new(),
            unexplained,
            allowance,
            source: Source::Text,
            clips: vec![Clip { bbox: KurboRect::new(0.0, 0.0, f64::from(width), f64::from(height)), exact: true }],
            veils: Vec::new(),
            ground: Ground::new(width, height),
            strokes: Strokes::default(),
            replacements: Vec::new(),
        }
    }

    /// From now on the page's annotations draw.
    pub(super) fn annotations(&mut self) {
        self.source = Source::Appearance;
        self.clips.truncate(1);
        self.veils.clear();
        self.replacements.clear();
    }

    /// What was painted over after it was drawn is as good as invisible.
    pub(super) fn finish(&mut self) {
        for glyph in &mut self.glyphs {
            if self.ground.is_covered(glyph.middle, glyph.coats) {
                glyph.source = Source::HiddenLayer;
            }
        }
    }

    fn clip(&self) -> KurboRect {
        self.clips.last().expect("the page's own box is never popped").bbox
    }

    fn step(&mut self) {
        take(&mut self.allowance.steps, 1);
    }

    /// Paints the ground: a surface that surely hides what lies under it, or else one that may have any colour.
    fn cover(&mut self, surface: KurboRect, hides: bool, tone: Tone) {
        let clip = self.clips.last().expect("the page's own box is never popped");
        let seen = surface.intersect(clip.bbox);
        if !(seen.is_finite() && seen.width() > 3.0 && seen.height() > 3.0) {
            return;
        }
        let left = &mut self.allowance.patches;
        let within = if hides && clip.exact && !self.veils.contains(&true) {
            self.ground.paint(seen, tone, left)
        } else {
            self.ground.tint(seen, left)
        };
        if !within {
            exceed();
        }
    }

    fn push_clip(&mut self, inner: KurboRect, exact: bool) {
        take(&mut self.allowance.clips, 1);
        let outer = self.clips.last().expect("the page's own box is never popped");
        self.clips.push(Clip { bbox: outer.bbox.intersect(inner), exact: outer.exact && exact });
    }

    fn sees(&self, point: Point) -> bool {
        // Generous by two points: descenders and rounding must not lose a letter.
        self.clip().inflate(2.0, 2.0).contains(point)
    }

    /// Puts an `ActualText` in the place of the glyphs drawn since `first`.
    fn replace(&mut self, text: &str, first: usize) {
        let Some(drawn) = self.glyphs.get(first..).filter(|drawn| !drawn.is_empty()) else { return };
        let text = text.trim();
        if contradicts(text, drawn) {
            return;
        }
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
            sure: true,
            ..drawn[0].clone()
        };
        self.glyphs.truncate(first);
        self.glyphs.push(whole);
    }
}

impl<'a> Device<'a> for Canvas<'_> {
    fn draw_glyph_run(&mut self, run: &GlyphRun<'_, 'a>, props: DrawProps<'a>, mode: &DrawMode) {
        self.step();
        let ink = Ink::of(&props.paint);
        let invisible = matches!(mode, DrawMode::Invisible) || ink.is_transparent();
        // Outlines may have another colour than the surface they enclose.
        let tone = if matches!(mode, DrawMode::Fill(_)) { ink.tone() } else { None };
        let mut style = None;
        take(&mut self.allowance.glyphs, run.glyphs().len());
        for glyph in run.glyphs() {
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
            let style = style.get_or_insert_with(|| Style::of(run, self.unexplained, &mut self.strokes));
            let [_, _, c, d, ..] = transform.as_coeffs();
            let em = em_of(c.hypot(d) * UNITS_PER_EM, start.distance(end));
            // Three tenths of the type above the baseline.
            let up = f64::from(em) * 0.3 / c.hypot(d).max(1e-9);
            let middle = start.midpoint(end) + Vec2::new(c * up, d * up);
            let hidden = invisible || !self.ground.shows(tone, middle);
            let (text, sure) = style.read(glyph);
            self.glyphs.push(Glyph {
                text,
                start: narrow(start),
                end: narrow(end),
                em,
                bold: style.bold,
                source: if hidden { Source::HiddenLayer } else { self.source },
                sure,
                middle,
                coats: self.ground.coats(),
            });
        }
    }

    fn draw_path(&mut self, path: &BezPath, props: DrawProps<'a>, mode: &DrawMode) {
        self.step();
        let ink = Ink::of(&props.paint);
        if ink.is_transparent() {
            return;
        }
        let path = props.transform * path;
        let bbox = path.bounding_box();
        match mode {
            DrawMode::Fill(_) | DrawMode::FillAndStroke(..) => {
                let hides = ink.hides(props.soft_mask.as_ref(), props.blend_mode) && is_filled_by(bbox, &path);
                self.cover(bbox, hides, ink.tone());
            }
            // A broad line is a surface too.
            DrawMode::Stroke(stroke) => {
                let broad = f64::from(stroke.line_width) * props.transform.determinant().abs().sqrt();
                if broad > 4.0 {
                    self.cover(bbox.inflate(broad / 2.0, broad / 2.0), false, None);
                }
            }
            DrawMode::Invisible => {}
        }
        let (shapes, clip, left) =
            (&mut self.shapes, self.clips.last().map(|clip| clip.bbox), &mut self.allowance.shapes);
        let clip = clip.expect("the page's own box is never popped");
        shapes_of(&path, mode, ink.is_light(), self.source, |shape| {
            if shape.touches(clip) {
                take(left, 1);
                shapes.push(shape.clipped(clip));
            }
        });
    }

    fn draw_image(&mut self, image: Image<'a, '_>, props: ImageDrawProps<'a>) {
        self.step();
        let unit = KurboRect::new(0.0, 0.0, f64::from(image.width()), f64::from(image.height()));
        let placed = props.transform.transform_rect_bbox(unit);
        let seen = placed.intersect(self.clip());
        if !(seen.is_finite() && seen.width() > 1.0 && seen.height() > 1.0) {
            return;
        }
        take(&mut self.allowance.shapes, 1);
        let hides = is_opaque(&image) && props.soft_mask.is_none() && props.blend_mode == BlendMode::Normal;
        self.cover(placed, hides, None);
        self.pictures.push(Picture { bbox: narrow_rect(seen), ink: ink_of(&image) });
    }

    fn push_clip_path(&mut self, clip: &ClipPath) {
        let bbox = clip.path.bounding_box();
        self.push_clip(bbox, is_filled_by(bbox, &clip.path));
    }

    fn push_clip_rect(&mut self, rect: &KurboRect) {
        self.push_clip(*rect, true);
    }

    fn pop_clip(&mut self) {
        if self.clips.len() > 1 {
            self.clips.pop();
        }
    }

    fn push_transparency_group(&mut self, opacity: f32, mask: Option<SoftMask<'a>>, blend: BlendMode) {
        self.step();
        self.veils.push(opacity < 0.95 || mask.is_some() || blend != BlendMode::Normal);
    }

    fn pop_transparency_group(&mut self) {
        self.veils.pop();
    }

    fn begin_marked_content(&mut self, _: &[u8], properties: Option<&Dict<'_>>) {
        self.step();
        let text = properties.and_then(|p| p.get::<PdfString<'_>>("ActualText"));
        self.replacements.push(text.map(|text| (strings::decode(text.as_bytes()), self.glyphs.len())));
    }

    fn end_marked_content(&mut self) {
        if let Some(Some((text, first))) = self.replacements.pop() {
            self.replace(&text, first);
        }
    }
}

/// What of the page is seen through the clips in force.
#[derive(Debug, Clone, Copy)]
struct Clip {
    bbox: KurboRect,
    /// All clips are upright rectangles: the box is no larger than what is seen.
    exact: bool,
}

/// An `ActualText` may restore letters that a font has lost or joined; one that tells of other letters or digits than those
/// drawn tells of something that nobody sees.
fn contradicts(text: &str, drawn: &[Glyph]) -> bool {
    if drawn.iter().any(|glyph| glyph.text.any(|c| c == char::REPLACEMENT_CHARACTER) || !glyph.sure) {
        return false;
    }
    let mut seen = String::new();
    for glyph in drawn {
        glyph.text.push_to(&mut seen);
    }
    let plain = |text: &str| text.nfkd().filter(char::is_ascii_alphanumeric).collect::<String>();
    let seen = plain(&seen);
    !seen.is_empty() && seen != plain(text)
}

/// What the glyphs of one run share.
struct Style {
    bold: bool,
    /// The font says what its codes mean.
    explained: bool,
    symbols: Option<SymbolFont>,
}

impl Style {
    fn of(run: &GlyphRun<'_, '_>, unexplained: &Unexplained, strokes: &mut Strokes) -> Self {
        let plain = Self { bold: false, explained: true, symbols: None };
        let outlines = || {
            run.glyphs().iter().filter_map(|glyph| match &**glyph {
                DrawnGlyph::Outline(outline) => Some(outline),
                DrawnGlyph::Type3(_) => None,
            })
        };
        let Some(outline) = outlines().next() else { return plain };
        // A font that is not embedded has no name here; its strokes say how heavy it is.
        let Some(font) = outline.font_data() else { return Self { bold: strokes.are_bold(outlines()), ..plain } };
        let name = font.postscript_name.unwrap_or_default();
        Self {
            explained: !unexplained.has(&name),
            bold: font.weight.is_some_and(|weight| weight >= 600) || name.contains("Bold"),
            symbols: SymbolFont::named(&name),
        }
    }

    /// What a glyph stands for, and whether the font says so.
    fn read(&self, glyph: &DrawnGlyph<'_>) -> (Letters, bool) {
        let code = glyph.char_code();
        let meaning = glyph.as_unicode();
        let sure = meaning.is_some() && self.explained;
        let text = match meaning {
            Some(BfString::Char(c)) => Letters::One(c),
            Some(BfString::String(s)) if s.chars().nth(1).is_none() => Letters::One(s.chars().next().unwrap_or(' ')),
            Some(BfString::String(s)) => Letters::Several(s.into()),
            // Without a map a font may still keep ASCII in its place: a guess. The rest is lost and says so.
            None => match u8::try_from(code) {
                Ok(byte @ 0x20..=0x7e) => Letters::One(char::from(byte)),
                _ => Letters::One(char::REPLACEMENT_CHARACTER),
            },
        };
        match (self.symbols, &text) {
            // The code itself is what a symbol font means.
            (Some(font), Letters::One(c)) => (Letters::One(font.read(code, *c)), true),
            (None, Letters::One(c)) => (Letters::One(symbols::private_use(*c)), sure),
            _ => (text, sure),
        }
    }
}

/// A Type 3 font may count in units of its own: where size and advance cannot belong together, the advance decides.
fn em_of(size: f64, advance: f64) -> f32 {
    let fits = advance <= 0.0 || (0.1..=3.0).contains(&(advance / size));
    narrow_number(if fits { size } else { advance * 1.6 })
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
