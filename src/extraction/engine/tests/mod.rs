//! Whole pages, set by hand: what is read, what is doubted, what is left alone.

mod layouts;
mod pictures;
mod scripts;
mod sentences;
mod strangers;
mod unlisted;

use super::*;
use crate::domain::field::{Doubt, Field, FieldKey, Rect, Trust, Value};
use crate::extraction::page::{Line, Mark, Segment, Source, Word};

/// Width of a letter against the height of its type.
const LETTER: f32 = 0.5;

/// A page in the making. Heights are counted from the top.
pub(super) struct Paper {
    page: Page,
    size: f32,
    bold: bool,
}

impl Paper {
    /// An empty page with the title of a form.
    pub(super) fn titled(title: &str) -> Self {
        let page = Page { number: 1, width: 595.0, height: 842.0, ..Page::default() };
        let mut paper = Self { page, size: 14.0, bold: true };
        paper.text(150.0, 50.0, title);
        paper.size = 10.0;
        paper.bold = false;
        paper
    }

    pub(super) fn adhesion() -> Self {
        Self::titled("Formulaire d'adhésion ClicToPay")
    }

    pub(super) fn set(&mut self, size: f32, bold: bool) -> &mut Self {
        (self.size, self.bold) = (size, bold);
        self
    }

    /// A line of words from the left; a gap wider than a blank is written as two segments.
    pub(super) fn text(&mut self, x: f32, y: f32, text: &str) -> &mut Self {
        let mut at = x;
        let words: Vec<Word> = text
            .split(' ')
            .map(|word| {
                let width = LETTER * self.size * f32::from(u8::try_from(word.chars().count()).unwrap());
                let bbox = Rect { x0: at, y0: y, x1: at + width, y1: y + self.size };
                at += width + LETTER * self.size;
                Word { text: word.to_owned(), bbox, certainty: 1.0 }
            })
            .collect();
        self.segment(words)
    }

    /// A line that ends at the right edge, its words laid out from right to left.
    pub(super) fn right(&mut self, x1: f32, y: f32, text: &str) -> &mut Self {
        let mut at = x1;
        let mut words: Vec<Word> = text
            .split(' ')
            .map(|word| {
                let width = LETTER * self.size * f32::from(u8::try_from(word.chars().count()).unwrap());
                let bbox = Rect { x0: at - width, y0: y, x1: at, y1: y + self.size };
                at -= width + LETTER * self.size;
                Word { text: word.to_owned(), bbox, certainty: 1.0 }
            })
            .collect();
        words.reverse();
        self.segment(words)
    }

    fn segment(&mut self, words: Vec<Word>) -> &mut Self {
        let bbox = words.iter().map(|word| word.bbox).reduce(|a, b| a.union(&b)).unwrap();
        let (size, bold) = (self.size, self.bold);
        self.page.segments.push(Segment { words, bbox, source: Source::Text, size, bold });
        self
    }

    pub(super) fn heading(&mut self, y: f32, text: &str) -> &mut Self {
        let (size, bold) = (self.size, self.bold);
        self.set(12.0, true).text(50.0, y, text);
        self.set(size, bold)
    }

    /// Label on the left, answer in a column of its own.
    pub(super) fn row(&mut self, y: f32, label: &str, value: &str) -> &mut Self {
        self.text(50.0, y, label);
        if value.is_empty() { self } else { self.text(250.0, y, value) }
    }

    /// A frame of four rules.
    pub(super) fn frame(&mut self, x0: f32, y0: f32, x1: f32, y1: f32) -> &mut Self {
        let lines = [
            Rect { x0, y0, x1, y1: y0 + 0.5 },
            Rect { x0, y0: y1, x1, y1: y1 + 0.5 },
            Rect { x0, y0, x1: x0 + 0.5, y1 },
            Rect { x0: x1, y0, x1: x1 + 0.5, y1 },
        ];
        self.page.rules.extend(lines.map(|bbox| Line { bbox }));
        self
    }

    pub(super) fn tick(&mut self, x: f32, y: f32, ticked: bool) -> &mut Self {
        let bbox = Rect { x0: x, y0: y, x1: x + 8.0, y1: y + 8.0 };
        self.page.marks.push(Mark { bbox, ticked: Some(ticked), source: Source::Text });
        self
    }

    /// As an engine that reads pictures gives it.
    pub(super) fn seen(&mut self) -> &mut Self {
        for segment in &mut self.page.segments {
            segment.source = Source::Ocr;
        }
        self
    }

    /// Enough of a form for the page to be one: rows from a height on.
    pub(super) fn company(&mut self, y: f32) -> &mut Self {
        self.heading(y, "Identification du commerçant")
            .row(y + 20.0, "Raison sociale", "Alpha Voyages SARL")
            .row(y + 38.0, "Matricule fiscal", "1595458T/D/M/000")
            .row(y + 56.0, "Code postal", "2070")
            .row(y + 74.0, "Téléphone", "71 234 567")
            .row(y + 92.0, "E-mail", "contact@alpha.tn")
    }

    pub(super) fn read(&self) -> Extraction {
        let forms = Forms::built_in();
        let mut found = read(std::slice::from_ref(&self.page), &forms);
        assert_eq!(found.len(), 1, "one form on the page");
        found.remove(0)
    }
}

pub(super) fn field<'a>(extraction: &'a Extraction, key: &str) -> Option<&'a Field> {
    extraction.fields.get(&FieldKey::from(key))
}

/// The value read, and whether it is trusted.
pub(super) fn read_as(extraction: &Extraction, key: &str) -> Option<(String, bool)> {
    let field = field(extraction, key)?;
    let text = match &field.value {
        Value::Text(text) => text.clone(),
        Value::List(items) => items.join(", "),
        Value::Flag(flag) => flag.to_string(),
        Value::Rows(rows) => rows.len().to_string(),
    };
    Some((text, field.trust == Trust::Trusted))
}

#[expect(clippy::unnecessary_wraps, reason = "it is compared with what a field holds")]
pub(super) fn trusted(text: &str) -> Option<(String, bool)> {
    Some((text.to_owned(), true))
}

#[expect(clippy::unnecessary_wraps, reason = "it is compared with what a field holds")]
pub(super) fn doubted(text: &str) -> Option<(String, bool)> {
    Some((text.to_owned(), false))
}

pub(super) fn has_doubt(extraction: &Extraction, key: &str, doubt: Doubt) -> bool {
    field(extraction, key)
        .is_some_and(|field| matches!(&field.trust, Trust::Doubtful(doubts) if doubts.contains(&doubt)))
}
