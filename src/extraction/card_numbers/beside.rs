//! Card numbers beside the pages: in the title or the notes of a PDF, in its metadata and attachments, on a hidden sheet,
//! among the properties and comments of a workbook. The form is not read from there; a number is kept there all the same.

use std::path::Path;

use hayro_interpret::hayro_syntax::Pdf;
use hayro_interpret::hayro_syntax::object::{Dict, MaybeRef, Name, Object};

use super::super::format::sniff;
use super::super::limits::Limits;
use super::super::packed::{Packed, Purse};
use super::super::pdf;
use super::super::workbook;
use super::super::xml::{Node, Xml, characters};
use crate::domain::card_number;
use crate::domain::document::Format;

/// Objects of a PDF looked into, those inside others counted.
const OBJECTS: usize = 200_000;
/// Objects inside one another.
const DEPTH: usize = 16;
/// Bytes of one stream of metadata or one attachment looked through.
const STREAM: usize = 8 << 20;

/// The first card number outside the pages, masked.
pub(super) fn first_masked(bytes: &[u8], limits: &Limits, whole: bool) -> Option<String> {
    match sniff(bytes) {
        Format::Pdf => in_pdf(bytes, whole),
        Format::Xlsx | Format::Ods if whole => in_parts(bytes, limits),
        format @ (Format::Xls | Format::Xlsb) if whole => {
            workbook::texts(bytes, format, limits).iter().find_map(|text| card_number::first_masked(text))
        }
        _ => None,
    }
}

fn in_pdf(bytes: &[u8], whole: bool) -> Option<String> {
    let pdf = Pdf::new(bytes.to_vec()).ok()?;
    let mut left = OBJECTS;
    pdf.objects().into_iter().find_map(|object| {
        let stream = match &object {
            Object::Stream(stream) if whole && is_text(stream.dict()) => stream.decoded().ok(),
            _ => None,
        };
        let in_stream = stream.and_then(|text| {
            let text = &text[..text.len().min(STREAM)];
            card_number::first_masked(&characters(text))
        });
        in_stream.or_else(|| in_object(&object, DEPTH, &mut left))
    })
}

/// Metadata and attachments: what is drawn is looked at where it is drawn.
fn is_text(dict: &Dict<'_>) -> bool {
    dict.get::<Name<'_>>("Type").is_some_and(|kind| matches!(&*kind, b"Metadata" | b"EmbeddedFile"))
}

fn in_object(object: &Object<'_>, deeper: usize, left: &mut usize) -> Option<String> {
    *left = left.checked_sub(1)?;
    let deeper = deeper.checked_sub(1)?;
    let mut within = |value: MaybeRef<Object<'_>>| match value {
        // What is referred to is an object of its own and comes by itself.
        MaybeRef::Ref(_) => None,
        MaybeRef::NotRef(value) => in_object(&value, deeper, left),
    };
    match object {
        Object::String(text) => card_number::first_masked(&pdf::plain_text(text.as_bytes())),
        Object::Array(values) => values.raw_iter().find_map(within),
        Object::Dict(dict) => dict.entries().find_map(|(_, value)| within(value)),
        Object::Stream(stream) => stream.dict().entries().find_map(|(_, value)| within(value)),
        Object::Null(_) | Object::Boolean(_) | Object::Number(_) | Object::Name(_) => None,
    }
}

fn in_parts(bytes: &[u8], limits: &Limits) -> Option<String> {
    let purse = Purse::new(limits);
    let mut packed = Packed::open(bytes, &purse).ok()?;
    (0..packed.len()).find_map(|index| {
        let name = packed.name(index).ok()??;
        // Names of parts are the same in capitals (ECMA-376 part 2, §6.2.2).
        let ending = Path::new(&*name).extension()?;
        if !ending.eq_ignore_ascii_case("xml") && !ending.eq_ignore_ascii_case("vml") {
            return None;
        }
        in_part(&characters(&packed.read(index).ok()?))
    })
}

/// The texts of one part, each with its runs put together, and the attributes that hold words.
fn in_part(part: &str) -> Option<String> {
    let mut xml = Xml::new(part);
    let mut text = String::new();
    while let Ok(Some(node)) = xml.next() {
        match node {
            Node::Open(element) => {
                let words = ["name", "prompt", "promptTitle", "error", "tooltip", "display", "title", "descr", "alt"];
                let found = words.iter().find_map(|name| card_number::first_masked(&element.attribute(name)?));
                if found.is_some() {
                    return found;
                }
            }
            Node::Text(words) => text.push_str(&words),
            // A number whose digits are set in several styles is still one.
            Node::Close(name) if is_within_a_text(&name) => {}
            Node::Close(_) => {
                let said = std::mem::take(&mut text);
                // Decimals are no number of a card, however many.
                let decimal = said.contains('.') && said.trim().parse::<f64>().is_ok();
                if let Some(masked) = Some(said).filter(|_| !decimal).and_then(|said| card_number::first_masked(&said))
                {
                    return Some(masked);
                }
            }
        }
    }
    None
}

/// Parts of a text that do not end it: runs, and how they are set.
fn is_within_a_text(name: &str) -> bool {
    let set = ["rPr", "b", "i", "u", "sz", "color", "rFont", "family", "scheme", "charset", "vertAlign", "strike"];
    matches!(name, "t" | "r" | "span" | "a" | "s" | "font") || set.contains(&name)
}

#[cfg(test)]
mod tests {
    use super::super::tests::card;
    use super::*;

    #[test]
    fn runs_of_a_text_are_one_text_and_two_cells_are_two() {
        let card = card();
        let (front, back) = card.split_at(8);
        let in_runs = format!("<si><r><rPr><b/></rPr><t>{front}</t></r><r><t>{back}</t></r></si>");
        assert!(in_part(&in_runs).is_some_and(|masked| masked.contains('*')));
        assert_eq!(in_part(&format!("<row><c><v>{front}</v></c><c><v>{back}</v></c></row>")), None);
        assert!(in_part(&format!("<dataValidation prompt='{card}'/>")).is_some());
        assert!(in_part(&format!("<c><v>{card}</v></c>")).is_some());
        assert_eq!(in_part(&format!("<c><v>0.{card}</v></c>")), None);
    }
}
