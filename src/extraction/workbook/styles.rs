//! What the styles of an XLSX say that matters here: number formats, and which cells are bold or struck through.

use std::collections::HashMap;

use super::super::refusal::Refusal;
use super::super::xml::{Element, Node, Xml};
use super::number_format::{self, Format};
use super::xlsx::is_true;

/// Number formats and weight of the cell styles.
#[derive(Default)]
pub(super) struct Styles {
    cells: Vec<Style>,
    formats: HashMap<u32, Format>,
}

#[derive(Clone, Copy, Default)]
pub(super) struct Style {
    format: u32,
    pub(super) bold: bool,
    pub(super) struck: bool,
}

impl Styles {
    pub(super) fn parse(xml: &str) -> Result<Self, Refusal> {
        let mut codes: HashMap<u32, String> = HashMap::new();
        let mut fonts: Vec<(bool, bool)> = Vec::new();
        let mut cells = Vec::new();
        let mut path: Vec<String> = Vec::new();
        let mut xml = Xml::new(xml);
        let number = |element: &Element<'_>, name| element.attribute(name).and_then(|v| v.parse::<u32>().ok());
        while let Some(node) = xml.next()? {
            match node {
                Node::Open(element) => {
                    let parent = path.last().map_or("", String::as_str);
                    match (parent, element.name()) {
                        ("numFmts", "numFmt") => {
                            if let (Some(id), Some(code)) =
                                (number(&element, "numFmtId"), element.attribute("formatCode"))
                            {
                                codes.insert(id, code);
                            }
                        }
                        ("fonts", "font") => fonts.push((false, false)),
                        ("font", set @ ("b" | "strike")) => {
                            let on = element.attribute("val").is_none_or(|v| is_true(Some(&v)));
                            match fonts.last_mut() {
                                Some((bold, _)) if set == "b" => *bold = on,
                                Some((_, struck)) => *struck = on,
                                None => {}
                            }
                        }
                        ("cellXfs", "xf") => {
                            let font = number(&element, "fontId").and_then(|id| usize::try_from(id).ok());
                            let (bold, struck) = font.and_then(|font| fonts.get(font)).copied().unwrap_or_default();
                            let format = number(&element, "numFmtId").unwrap_or(0);
                            cells.push(Style { format, bold, struck });
                        }
                        _ => {}
                    }
                    path.push(element.name().to_owned());
                }
                Node::Close(_) => drop(path.pop()),
                Node::Text(_) => {}
            }
        }
        let formats = cells
            .iter()
            .map(|style| {
                let code = codes.get(&style.format).map_or(number_format::built_in(style.format), String::as_str);
                (style.format, Format::parse(code))
            })
            .collect();
        Ok(Self { cells, formats })
    }

    pub(super) fn of(&self, id: Option<usize>) -> (Style, Option<&Format>) {
        let style = id.and_then(|id| self.cells.get(id)).copied().unwrap_or_default();
        (style, self.formats.get(&style.format))
    }
}
