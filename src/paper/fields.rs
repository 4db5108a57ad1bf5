//! Form fields: to fill in on a screen, or by hand once printed.

use pdf_writer::types::{FieldFlags, FieldType};
use pdf_writer::{Content, Name, Pdf, Rect, Ref, Str, TextStr};

use super::winansi::encoded;
use super::{REGULAR, lines, name_fonts};

/// Type sizes of what is filled in.
const PRINT: f32 = 9.0;
const SMALL: f32 = 7.0;

/// A form field to fill, or filled.
#[derive(Debug, Clone)]
pub struct FormField {
    pub name: String,
    pub tooltip: String,
    /// Left, top, right, bottom.
    pub frame: [f32; 4],
    pub value: FieldValue,
}

#[derive(Debug, Clone)]
pub enum FieldValue {
    Text(String),
    /// Several lines of small print.
    Lines(String),
    /// One of several words, chosen from a list.
    Choice {
        options: Vec<String>,
        value: String,
    },
    Ticked(bool),
}

/// A field with its appearance written out: readers that draw none of their own show it all the same.
pub(super) fn write(
    pdf: &mut Pdf,
    id: Ref,
    page: Ref,
    height: f32,
    field: &FormField,
    fresh: &mut impl FnMut() -> Ref,
) {
    let [x0, y0, x1, y1] = field.frame;
    let frame = Rect::new(x0, height - y1, x1, height - y0);
    let size = Rect::new(0.0, 0.0, x1 - x0, y1 - y0);
    let appearance = |pdf: &mut Pdf, id: Ref, draw: &dyn Fn(&mut Content)| {
        let mut ink = Content::new();
        draw(&mut ink);
        let content = ink.finish();
        let mut form = pdf.form_xobject(id, &content);
        form.bbox(size);
        name_fonts(&mut form.resources());
    };
    match &field.value {
        FieldValue::Text(value) | FieldValue::Lines(value) | FieldValue::Choice { value, .. } => {
            let several = matches!(field.value, FieldValue::Lines(_));
            let print = if several { SMALL } else { PRINT };
            let shown = if several { lines(value, print, false, x1 - x0 - 4.0) } else { vec![value.clone()] };
            let drawn = fresh();
            appearance(pdf, drawn, &|ink| {
                // Between these marks a reader's program writes what is filled in.
                ink.begin_marked_content(Name(b"Tx"));
                ink.begin_text();
                ink.set_font(REGULAR, print);
                ink.set_leading(print + 1.0);
                ink.next_line(2.0, if several { (y1 - y0) - print } else { ((y1 - y0) - 6.5) / 2.0 });
                for line in &shown {
                    ink.show(Str(&encoded(line)));
                    ink.next_line_using_leading();
                }
                ink.end_text();
                ink.end_marked_content();
            });
            let mut form = pdf.form_field(id);
            form.partial_name(TextStr(&field.name)).alternate_name(TextStr(&field.tooltip));
            if let FieldValue::Choice { options, .. } = &field.value {
                form.field_type(FieldType::Choice).field_flags(FieldFlags::COMBO);
                form.choice_options().options(options.iter().map(|option| TextStr(option)));
                if !value.is_empty() {
                    form.choice_value(Some(TextStr(value)));
                }
            } else {
                form.field_type(FieldType::Text).text_value(TextStr(value));
                if several {
                    form.field_flags(FieldFlags::MULTILINE);
                }
            }
            form.vartext_default_appearance(Str(format!("/F1 {print} Tf 0 g").as_bytes()));
            let mut note = form.into_annotation();
            note.rect(frame).page(page);
            note.appearance().normal().stream(drawn);
        }
        FieldValue::Ticked(ticked) => {
            let (on, off) = (fresh(), fresh());
            let side = x1 - x0;
            let square = move |ink: &mut Content| {
                ink.set_line_width(0.6);
                ink.rect(0.3, 0.3, side - 0.6, side - 0.6);
                ink.stroke();
            };
            appearance(pdf, on, &|ink| {
                square(ink);
                for (from, to) in [((1.5, 1.5), (side - 1.5, side - 1.5)), ((1.5, side - 1.5), (side - 1.5, 1.5))] {
                    ink.move_to(from.0, from.1);
                    ink.line_to(to.0, to.1);
                    ink.stroke();
                }
            });
            appearance(pdf, off, &square);
            let mut form = pdf.form_field(id);
            form.partial_name(TextStr(&field.name)).alternate_name(TextStr(&field.tooltip));
            form.field_type(FieldType::Button).field_flags(FieldFlags::empty());
            form.pair(Name(b"V"), if *ticked { Name(b"Oui") } else { Name(b"Off") });
            let mut note = form.into_annotation();
            note.rect(frame).page(page).appearance_state(if *ticked { Name(b"Oui") } else { Name(b"Off") });
            note.appearance().normal().streams().pairs([(Name(b"Oui"), on), (Name(b"Off"), off)]);
        }
    }
}
