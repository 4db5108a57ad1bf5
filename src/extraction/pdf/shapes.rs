//! Drawn paths sorted by what they can be: rules, boxes, circles, slanting strokes, free drawings.

use hayro_interpret::DrawMode;
use hayro_interpret::kurbo::{BezPath, PathEl, Point, Rect as KurboRect};

use super::super::page::Source;
use super::canvas::narrow_rect;
use crate::domain::field::Rect;

/// A line is straight up or across when it leaves its axis by less than this, in points.
const STRAIGHT: f64 = 0.8;
/// A filled box thinner than this is a rule.
const THIN: f64 = 2.5;

/// One subpath on the page.
#[derive(Debug, Clone, Copy)]
pub(super) struct Shape {
    pub(super) bbox: Rect,
    pub(super) form: Form,
    pub(super) stroked: bool,
    /// Filled with a colour that shows on white paper.
    pub(super) dark: bool,
    pub(super) source: Source,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Form {
    /// A horizontal rule.
    Across,
    /// A vertical rule.
    Down,
    /// A straight stroke that is neither.
    Slant,
    /// A rectangle with upright sides.
    Box,
    /// A circle, more or less.
    Round,
    /// Anything else: letters drawn as outlines, ticks, signatures, logos.
    Free,
}

impl Shape {
    pub(super) fn touches(&self, clip: KurboRect) -> bool {
        let Rect { x0, y0, x1, y1 } = self.bbox;
        f64::from(x1) >= clip.x0 && f64::from(x0) <= clip.x1 && f64::from(y1) >= clip.y0 && f64::from(y0) <= clip.y1
    }

    /// The visible part; strokes keep their form.
    pub(super) fn clipped(mut self, clip: KurboRect) -> Self {
        let clip = narrow_rect(clip);
        let held = |value: f32, low: f32, high: f32| value.max(low).min(high.max(low));
        self.bbox = Rect {
            x0: held(self.bbox.x0, clip.x0, clip.x1),
            y0: held(self.bbox.y0, clip.y0, clip.y1),
            x1: held(self.bbox.x1, clip.x0, clip.x1),
            y1: held(self.bbox.y1, clip.y0, clip.y1),
        };
        self
    }
}

/// Hands every subpath of a path to `sink`.
pub(super) fn shapes_of(path: &BezPath, mode: &DrawMode, light: bool, source: Source, mut sink: impl FnMut(Shape)) {
    let (filled, stroked) = match mode {
        DrawMode::Fill(_) => (true, false),
        DrawMode::Stroke(_) => (false, true),
        DrawMode::FillAndStroke(..) => (true, true),
        DrawMode::Invisible => return,
    };
    let mut emit = |sub: &Subpath| {
        let dark = filled && !light;
        for (form, bbox) in sub.forms(stroked) {
            if bbox.is_finite() {
                sink(Shape { bbox: narrow_rect(bbox), form, stroked, dark, source });
            }
        }
    };
    let mut sub = Subpath::default();
    for element in path.elements() {
        match *element {
            PathEl::MoveTo(p) => {
                emit(&sub);
                sub.restart(p);
            }
            PathEl::LineTo(p) => sub.points.push(p),
            PathEl::QuadTo(_, p) => sub.curve_to(p),
            PathEl::CurveTo(a, b, p) => {
                sub.reach(a.midpoint(b));
                sub.curve_to(p);
            }
            PathEl::ClosePath => sub.closed = true,
        }
    }
    emit(&sub);
}

#[derive(Default)]
struct Subpath {
    points: Vec<Point>,
    curves: usize,
    closed: bool,
    /// Box of curve middles, which may lie outside the corners.
    bulge: Option<KurboRect>,
}

impl Subpath {
    fn restart(&mut self, at: Point) {
        self.points.clear();
        self.points.push(at);
        self.curves = 0;
        self.closed = false;
        self.bulge = None;
    }

    fn reach(&mut self, p: Point) {
        let point = KurboRect::from_points(p, p);
        self.bulge = Some(self.bulge.map_or(point, |b| b.union(point)));
    }

    fn curve_to(&mut self, p: Point) {
        self.curves += 1;
        self.points.push(p);
    }

    fn bbox(&self) -> KurboRect {
        let first = KurboRect::from_points(self.points[0], self.points[0]);
        let corners = self.points.iter().fold(first, |b, p| b.union_pt(*p));
        if self.curves > 0 { self.bulge.map_or(corners, |b| b.union(corners)) } else { corners }
    }

    /// One form for the whole, or one per side where a stroked path runs along rules.
    fn forms(&self, stroked: bool) -> Vec<(Form, KurboRect)> {
        if self.points.len() < 2 {
            return Vec::new();
        }
        let bbox = self.bbox();
        if self.curves > 0 {
            return vec![(if self.is_round(bbox) { Form::Round } else { Form::Free }, bbox)];
        }
        if let [from, to] = self.points[..] {
            return vec![side(from, to)];
        }
        let upright = self.points.windows(2).all(|pair| is_upright(pair[0], pair[1]));
        if upright && (4..=6).contains(&self.points.len()) && self.comes_back() {
            return vec![(thin_or_box(bbox), bbox)];
        }
        if upright && stroked && self.points.len() <= 64 {
            return self.points.windows(2).map(|pair| side(pair[0], pair[1])).collect();
        }
        // A filled polygon without slanting sides is made of rules (LibreOffice draws borders so) unless it is thick.
        match thin_or_box(bbox) {
            Form::Box => vec![(Form::Free, bbox)],
            rule => vec![(rule, bbox)],
        }
    }

    fn comes_back(&self) -> bool {
        let near = |a: Point, b: Point| a.distance(b) < STRAIGHT;
        let (first, last) = (self.points[0], self.points[self.points.len() - 1]);
        near(first, last) || (self.points.len() == 4 && (self.closed || is_upright(first, last)))
    }

    fn is_round(&self, bbox: KurboRect) -> bool {
        let (w, h) = (bbox.width(), bbox.height());
        (3..=16).contains(&self.curves) && self.points.len() <= 18 && w > 1.0 && (0.8..=1.25).contains(&(w / h))
    }
}

fn is_upright(a: Point, b: Point) -> bool {
    (a.x - b.x).abs() < STRAIGHT || (a.y - b.y).abs() < STRAIGHT
}

fn side(a: Point, b: Point) -> (Form, KurboRect) {
    let bbox = KurboRect::from_points(a, b);
    let form = if bbox.height() < STRAIGHT && bbox.width() >= bbox.height() {
        Form::Across
    } else if bbox.width() < STRAIGHT {
        Form::Down
    } else {
        Form::Slant
    };
    (form, bbox)
}

fn thin_or_box(bbox: KurboRect) -> Form {
    if bbox.height() <= THIN && bbox.width() > bbox.height() {
        Form::Across
    } else if bbox.width() <= THIN {
        Form::Down
    } else {
        Form::Box
    }
}
