//! Grey pictures and coloured marks on a page.

use std::io::Write;

use flate2::Compression;
use flate2::write::ZlibEncoder;
use pdf_writer::writers::Resources;
use pdf_writer::{Filter, Finish, Name, Pdf, Ref};

use super::Paper;

/// Red, green, blue, each from 0 to 1.
pub type Colour = [f32; 3];

/// A grey picture waiting to be written.
pub(super) struct Picture {
    width: u32,
    height: u32,
    packed: Vec<u8>,
}

impl Picture {
    pub(super) fn write(self, pdf: &mut Pdf, id: Ref) {
        let side = |pixels: u32| i32::try_from(pixels).unwrap_or(i32::MAX);
        let mut image = pdf.image_xobject(id, &self.packed);
        image.filter(Filter::FlateDecode);
        image.width(side(self.width)).height(side(self.height)).bits_per_component(8);
        image.color_space().device_gray();
        image.finish();
    }
}

/// Names the pictures of a page in the order they were placed.
pub(super) fn name(resources: &mut Resources<'_>, pictures: &[(Ref, Picture)]) {
    if pictures.is_empty() {
        return;
    }
    let mut names = resources.x_objects();
    for (at, (id, _)) in pictures.iter().enumerate() {
        names.pair(Name(name_of(at).as_bytes()), id);
    }
}

fn name_of(at: usize) -> String {
    format!("P{at}")
}

impl Paper {
    /// Places a grey picture, row by row from its top left, into a box: left, top, right, bottom.
    pub fn picture(&mut self, [x0, y0, x1, y1]: [f32; 4], (width, height): (u32, u32), tones: &[u8]) {
        let mut packer = ZlibEncoder::new(Vec::new(), Compression::fast());
        packer.write_all(tones).expect("memory takes every byte");
        let packed = packer.finish().expect("memory takes every byte");
        let bottom = self.up(y1);
        let page = self.ink();
        let name = name_of(page.pictures.len());
        page.pictures.push(Picture { width, height, packed });
        page.content.save_state();
        page.content.transform([x1 - x0, 0.0, 0.0, y1 - y0, x0, bottom]);
        page.content.x_object(Name(name.as_bytes()));
        page.content.restore_state();
    }

    /// Draws a coloured frame.
    pub fn outline(&mut self, [x0, y0, x1, y1]: [f32; 4], colour: Colour, weight: f32) {
        let bottom = self.up(y1);
        let ink = &mut self.ink().content;
        ink.save_state();
        ink.set_stroke_rgb(colour[0], colour[1], colour[2]);
        ink.set_line_width(weight);
        ink.rect(x0, bottom, x1 - x0, y1 - y0);
        ink.stroke();
        ink.restore_state();
    }

    /// Fills a box.
    pub fn fill(&mut self, [x0, y0, x1, y1]: [f32; 4], colour: Colour) {
        let bottom = self.up(y1);
        let ink = &mut self.ink().content;
        ink.save_state();
        ink.set_fill_rgb(colour[0], colour[1], colour[2]);
        ink.rect(x0, bottom, x1 - x0, y1 - y0);
        ink.fill_nonzero();
        ink.restore_state();
    }

    /// Writes one coloured line with its baseline at `y`.
    pub fn text_in(&mut self, colour: Colour, (x, y): (f32, f32), size: f32, bold: bool, text: &str) {
        self.ink().content.save_state();
        self.ink().content.set_fill_rgb(colour[0], colour[1], colour[2]);
        self.text(x, y, size, bold, text);
        self.ink().content.restore_state();
    }
}
