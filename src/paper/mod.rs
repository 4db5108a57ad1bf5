//! EDGE. Lays text, rules, boxes, form fields and pictures on pages, A4 unless told, and gives a PDF, with the standard
//! fonts every reader has.
//!
//! For what guichet prints itself: sample forms, blank forms, the grid and the report of the tests, pages with what was
//! read drawn on them. Coordinates are points from the top left.
//!
//! The standard fonts know Windows-1252 and no Arabic, which would also need its letters joined: [`is_printable`] says
//! whether a text can be printed, and callers print its Latin form or say where the original stands. What is printed all the
//! same has `?` in the place of the letters that are missing.

mod fields;
mod metrics;
mod pictures;
mod winansi;

use pdf_writer::{Content, Filter, Finish, Name, Pdf, Rect, Ref, Str, TextStr};

pub use fields::{FieldValue, FormField};
pub use metrics::{lines, width};
pub use pictures::Colour;
use winansi::encoded;
pub use winansi::is_printable;

/// A4 in points.
pub const PAGE: (f32, f32) = (595.0, 842.0);

const REGULAR: Name<'static> = Name(b"F1");
const BOLD: Name<'static> = Name(b"F2");
const FONTS: [(Name<'static>, &[u8], Ref); 2] =
    [(REGULAR, b"Helvetica", Ref::new(3)), (BOLD, b"Helvetica-Bold", Ref::new(4))];

/// Grey of what explains, in red, green and blue.
const QUIET: [f32; 3] = [0.33, 0.39, 0.44];

/// A document being drawn.
#[derive(Default)]
pub struct Paper {
    pages: Vec<PageInk>,
    /// The page that is drawn on.
    open: usize,
}

struct PageInk {
    size: (f32, f32),
    content: Content,
    fields: Vec<FormField>,
    pictures: Vec<pictures::Picture>,
}

impl Paper {
    /// Starts a new page; drawing goes to it.
    pub fn page(&mut self) {
        self.page_of(PAGE);
    }

    /// Starts a new page of another size.
    pub fn page_of(&mut self, size: (f32, f32)) {
        self.pages.push(PageInk { size, content: Content::new(), fields: Vec::new(), pictures: Vec::new() });
        self.open = self.pages.len() - 1;
    }

    /// Pages there are.
    #[must_use]
    pub fn pages(&self) -> usize {
        self.pages.len()
    }

    /// Goes on drawing on an earlier page, the first being 0: running feet know how many pages there are at the end only.
    pub fn turn_to(&mut self, page: usize) {
        self.open = page.min(self.pages.len().saturating_sub(1));
    }

    /// From the top of the page to a height in the coordinates of PDF.
    fn up(&mut self, y: f32) -> f32 {
        self.ink().size.1 - y
    }

    fn ink(&mut self) -> &mut PageInk {
        if self.pages.is_empty() {
            self.page();
        }
        &mut self.pages[self.open]
    }

    /// Writes one line with its baseline at `y`.
    pub fn text(&mut self, x: f32, y: f32, size: f32, bold: bool, text: &str) {
        let y = self.up(y);
        let ink = &mut self.ink().content;
        ink.begin_text();
        ink.set_font(if bold { BOLD } else { REGULAR }, size);
        ink.next_line(x, y);
        ink.show(Str(&encoded(text)));
        ink.end_text();
    }

    /// The same in grey, for what explains.
    pub fn quiet(&mut self, x: f32, y: f32, size: f32, text: &str) {
        let [red, green, blue] = QUIET;
        self.ink().content.save_state().set_fill_rgb(red, green, blue);
        self.text(x, y, size, false, text);
        self.ink().content.restore_state();
    }

    /// Draws a straight rule.
    pub fn rule(&mut self, from: (f32, f32), to: (f32, f32), weight: f32) {
        let (from, to) = ((from.0, self.up(from.1)), (to.0, self.up(to.1)));
        let ink = &mut self.ink().content;
        ink.set_line_width(weight);
        ink.move_to(from.0, from.1);
        ink.line_to(to.0, to.1);
        ink.stroke();
    }

    /// Draws an empty frame: left, top, right, bottom.
    pub fn frame(&mut self, [x0, y0, x1, y1]: [f32; 4]) {
        let bottom = self.up(y1);
        let ink = &mut self.ink().content;
        ink.set_line_width(0.6);
        ink.rect(x0, bottom, x1 - x0, y1 - y0);
        ink.stroke();
    }

    /// Fills a band with a light tint, for headings.
    pub fn band(&mut self, [x0, y0, x1, y1]: [f32; 4]) {
        let bottom = self.up(y1);
        let ink = &mut self.ink().content;
        ink.save_state();
        ink.set_fill_rgb(0.89, 0.92, 0.96);
        ink.rect(x0, bottom, x1 - x0, y1 - y0);
        ink.fill_nonzero();
        ink.restore_state();
    }

    /// Draws a check box of 8 points with its top left corner at (x, y), crossed when ticked.
    pub fn check_box(&mut self, x: f32, y: f32, ticked: bool) {
        self.frame([x, y, x + 8.0, y + 8.0]);
        if ticked {
            self.rule((x + 1.0, y + 1.0), (x + 7.0, y + 7.0), 1.1);
            self.rule((x + 1.0, y + 7.0), (x + 7.0, y + 1.0), 1.1);
        }
    }

    /// Draws a made-up signature in a box 120 by 40 points.
    pub fn signature(&mut self, x: f32, y: f32) {
        let bottom = self.up(y + 40.0);
        let ink = &mut self.ink().content;
        ink.save_state();
        ink.set_line_width(1.3);
        ink.set_stroke_rgb(0.05, 0.1, 0.45);
        ink.move_to(x + 4.0, bottom + 12.0);
        ink.cubic_to(x + 22.0, bottom + 52.0, x + 30.0, bottom - 8.0, x + 46.0, bottom + 24.0);
        ink.cubic_to(x + 58.0, bottom + 46.0, x + 52.0, bottom + 2.0, x + 74.0, bottom + 20.0);
        ink.cubic_to(x + 88.0, bottom + 32.0, x + 94.0, bottom + 6.0, x + 118.0, bottom + 26.0);
        ink.stroke();
        ink.move_to(x + 10.0, bottom + 6.0);
        ink.cubic_to(x + 50.0, bottom + 12.0, x + 80.0, bottom + 2.0, x + 112.0, bottom + 10.0);
        ink.stroke();
        ink.restore_state();
    }

    /// Puts a form field on the page.
    pub fn field(&mut self, field: FormField) {
        self.ink().fields.push(field);
    }

    /// The PDF.
    #[must_use]
    pub fn finish(mut self, title: &str) -> Vec<u8> {
        self.ink();
        let (catalog, tree, info) = (Ref::new(1), Ref::new(2), Ref::new(5));
        let mut next = 6;
        let mut fresh = || {
            next += 1;
            Ref::new(next - 1)
        };
        let mut pdf = Pdf::new();
        let ids: Vec<(Ref, Ref)> = self.pages.iter().map(|_| (fresh(), fresh())).collect();
        let mut all_fields = Vec::new();
        for (ink, (page_id, content_id)) in self.pages.into_iter().zip(&ids) {
            let fields: Vec<(Ref, FormField)> = ink.fields.into_iter().map(|field| (fresh(), field)).collect();
            let pictures: Vec<(Ref, pictures::Picture)> = ink.pictures.into_iter().map(|p| (fresh(), p)).collect();
            let mut page = pdf.page(*page_id);
            page.parent(tree).media_box(Rect::new(0.0, 0.0, ink.size.0, ink.size.1)).contents(*content_id);
            page.annotations(fields.iter().map(|(id, _)| *id));
            let mut resources = page.resources();
            name_fonts(&mut resources);
            pictures::name(&mut resources, &pictures);
            resources.finish();
            page.finish();
            pdf.stream(*content_id, &packed(&ink.content.finish())).filter(Filter::FlateDecode);
            for (id, picture) in pictures {
                picture.write(&mut pdf, id);
            }
            for (id, field) in fields {
                fields::write(&mut pdf, id, *page_id, ink.size.1, &field, &mut fresh);
                all_fields.push(id);
            }
        }
        pdf.pages(tree).kids(ids.iter().map(|(page, _)| *page)).count(i32::try_from(ids.len()).unwrap_or(i32::MAX));
        for (_, name, id) in FONTS {
            pdf.type1_font(id).base_font(Name(name)).encoding_predefined(Name(b"WinAnsiEncoding"));
        }
        pdf.document_info(info).title(TextStr(title)).producer(TextStr("guichet"));
        let mut root = pdf.catalog(catalog);
        root.pages(tree).lang(TextStr("fr"));
        if !all_fields.is_empty() {
            let mut form = root.form();
            form.fields(all_fields);
            name_fonts(&mut form.default_resources());
        }
        root.finish();
        pdf.finish()
    }
}

fn name_fonts(resources: &mut pdf_writer::writers::Resources<'_>) {
    let mut fonts = resources.fonts();
    for (name, _, id) in FONTS {
        fonts.pair(name, id);
    }
}

/// Compressed, the same for the same bytes.
fn packed(bytes: &[u8]) -> Vec<u8> {
    use std::io::Write;
    let mut packer = flate2::write::ZlibEncoder::new(Vec::new(), flate2::Compression::default());
    packer.write_all(bytes).and_then(|()| packer.finish()).expect("writing to memory does not fail")
}
