//! What a page drew, put in order: lines, boxes to tick, ink. Its typed boxes wait until the whole document is known,
//! for a ■ on one page may be a ticked box only because another page has a □.

use super::super::page::{Page, Source, Widget};
use super::super::ticks::Signs;
use super::canvas::{Canvas, Glyph};
use super::cover::Cover;
use super::rulings::Rulings;
use super::turn::Turn;
use super::words::Printed;
use super::{appearances, inks, marks, segments, strikes, typed, words};

/// A page whose lines are not yet segments.
pub(super) struct Draft {
    page: Page,
    lines: Vec<(Source, Vec<Printed>)>,
    rulings: Rulings,
    /// Words struck through, line by line.
    struck: Vec<Vec<Printed>>,
}

impl Draft {
    pub(super) fn new(canvas: Canvas<'_>, number: u32, shown: (f32, f32), mut widgets: Vec<Widget>) -> Self {
        let Canvas { mut glyphs, mut shapes, mut pictures, .. } = canvas;
        let cover = Cover::of(&widgets, shown);
        for glyph in glyphs.iter_mut().filter(|g| g.source == Source::Appearance && !cover.holds(g.start)) {
            glyph.source = Source::Text;
        }
        for shape in shapes.iter_mut().filter(|s| s.source == Source::Appearance && !cover.holds(s.bbox.centre())) {
            shape.source = Source::Text;
        }
        let turn = Turn::needed(&glyphs);
        turn.apply(shown, &mut glyphs, &mut shapes, &mut pictures, &mut widgets);
        let (width, height) = turn.size(shown);

        let mut rulings = Rulings::of(&shapes);
        let mut lines = Vec::new();
        let mut struck = Vec::new();
        for source in [Source::Text, Source::Appearance, Source::HiddenLayer] {
            let drawn: Vec<&Glyph> = glyphs.iter().filter(|glyph| glyph.source == source).collect();
            let mut found = words::lines(&drawn, &rulings);
            if source == Source::Text {
                struck = strikes::take(&mut found, &mut rulings);
            }
            lines.extend(found.into_iter().filter(|line| !line.is_empty()).map(|line| (source, line)));
        }
        appearances::read(&mut widgets, &lines);
        let marks = marks::drawn(&shapes, &widgets, &mut lines);
        let inks = inks::inks(&shapes, &pictures, &marks, (width, height));
        let covered: f32 = pictures.iter().map(|picture| picture.bbox.width() * picture.bbox.height()).sum();
        let page = Page {
            number,
            width,
            height,
            turn: turn.degrees(),
            widgets,
            marks,
            inks,
            image_share: (covered / (width * height)).min(1.0),
            placements: turn.placement(shown).into_iter().collect(),
            ..Page::default()
        };
        Self { page, lines, rulings, struck }
    }

    /// All words of the page.
    pub(super) fn texts(&self) -> impl Iterator<Item = &str> {
        self.lines.iter().flat_map(|(_, line)| line).map(|printed| printed.word.text.as_str())
    }

    /// The page, its typed boxes read by the signs that the document uses.
    pub(super) fn into_page(self, signs: Signs) -> Page {
        let mut page = self.page;
        for (source, line) in self.lines {
            for run in typed::part(line, source, signs, &mut page.marks) {
                page.segments.extend(segments::segments(run, source, &self.rulings));
            }
        }
        let struck = self.struck.into_iter();
        page.struck = struck.flat_map(|line| segments::segments(line, Source::Text, &self.rulings)).collect();
        page.rules = self.rulings.into_lines();
        page
    }
}
