//! XLSX and XLSM (ECMA-376): the parts of the package, read cell by cell.

use std::collections::HashMap;

use super::super::limits::Limits;
use super::super::packed::{Packed, Purse};
use super::super::refusal::Refusal;
use super::super::xml::{Broken, Element, Node, Xml, characters};
use super::grid::{Sheet, cell};
use super::number_format::{self, Decimal, Format};
use super::{Budget, controls, references};
use crate::extraction::page::CellValue;

/// Reads all sheets; of hidden ones only the name.
pub(super) fn sheets(bytes: &[u8], limits: &Limits) -> Result<Vec<Sheet>, Refusal> {
    let purse = Purse::new(limits);
    let mut package = Package { packed: Packed::open(bytes, &purse)? };
    if package.packed.part("xl/workbook.bin")?.is_some() {
        return Err(Refusal::Damaged("binary workbooks (XLSB) are not read; save it as XLSX".to_owned()));
    }
    let (entries, since_1904) = list(&package.text("xl/workbook.xml")?.ok_or_else(missing)?)?;
    if entries.len() > limits.pages {
        return Err(Refusal::TooLarge(format!("{} sheets", entries.len())));
    }
    let relations = package.relations("xl/workbook.xml")?;
    let strings = match package.text("xl/sharedStrings.xml")? {
        Some(xml) => shared_strings(&xml, limits)?,
        None => Vec::new(),
    };
    let styles = match package.text("xl/styles.xml")? {
        Some(xml) => Styles::parse(&xml)?,
        None => Styles::default(),
    };
    let context = Context { strings, styles, since_1904 };
    let mut budget = Budget::new(limits);
    let mut sheets = Vec::with_capacity(entries.len());
    for entry in entries {
        let mut sheet = Sheet { name: entry.name, hidden: entry.hidden, ..Sheet::default() };
        let path = relations.get(&entry.relation).filter(|r| r.kind == "worksheet").map(|r| r.target.clone());
        if let Some(path) = path.filter(|_| !entry.hidden)
            && let Some(xml) = package.text(&path)?
        {
            context.read(&xml, &mut sheet, &mut budget)?;
            controls::add(&mut package, &path, &mut sheet, &mut budget)?;
        }
        sheets.push(sheet);
    }
    Ok(sheets)
}

fn missing() -> Refusal {
    Refusal::damaged("a part of the workbook is missing")
}

impl From<Broken> for Refusal {
    fn from(broken: Broken) -> Self {
        Self::damaged(broken)
    }
}

/// The parts of the file and how they refer to one another.
pub(super) struct Package<'a> {
    packed: Packed<'a>,
}

/// A relation of one part to another.
#[derive(Debug)]
pub(super) struct Relation {
    /// Last word of its type: `worksheet`, `comments`, `vmlDrawing`, `ctrlProp`.
    pub(super) kind: String,
    /// Path in the package.
    pub(super) target: String,
}

impl Package<'_> {
    pub(super) fn text(&mut self, path: &str) -> Result<Option<String>, Refusal> {
        Ok(self.packed.part(path)?.map(|bytes| characters(&bytes).into_owned()))
    }

    /// What a part refers to, by id.
    pub(super) fn relations(&mut self, part: &str) -> Result<HashMap<String, Relation>, Refusal> {
        let (folder, name) = part.rsplit_once('/').unwrap_or(("", part));
        let Some(xml) = self.text(&format!("{folder}/_rels/{name}.rels"))? else { return Ok(HashMap::new()) };
        let mut relations = HashMap::new();
        let mut xml = Xml::new(&xml);
        while let Some(node) = xml.next()? {
            let Node::Open(element) = node else { continue };
            let (Some(id), Some(kind), Some(target)) =
                (element.attribute("Id"), element.attribute("Type"), element.attribute("Target"))
            else {
                continue;
            };
            let kind = kind.rsplit('/').next().unwrap_or_default().to_owned();
            relations.insert(id, Relation { kind, target: resolved(folder, &target) });
        }
        Ok(relations)
    }
}

/// A target relative to its part's folder, or absolute.
fn resolved(folder: &str, target: &str) -> String {
    if let Some(absolute) = target.strip_prefix('/') {
        return absolute.to_owned();
    }
    let mut path: Vec<&str> = folder.split('/').filter(|part| !part.is_empty()).collect();
    for part in target.split('/') {
        match part {
            "." | "" => {}
            ".." => drop(path.pop()),
            part => path.push(part),
        }
    }
    path.join("/")
}

/// A sheet as the workbook lists it.
struct Entry {
    name: String,
    relation: String,
    hidden: bool,
}

fn list(xml: &str) -> Result<(Vec<Entry>, bool), Refusal> {
    let mut entries = Vec::new();
    let mut since_1904 = false;
    let mut xml = Xml::new(xml);
    while let Some(node) = xml.next()? {
        let Node::Open(element) = node else { continue };
        match element.name() {
            "sheet" => entries.push(Entry {
                name: element.attribute("name").unwrap_or_default(),
                relation: element.attribute("id").unwrap_or_default(),
                hidden: element.attribute("state").is_some_and(|state| state != "visible"),
            }),
            "workbookPr" => since_1904 = is_true(element.attribute("date1904").as_deref()),
            _ => {}
        }
    }
    Ok((entries, since_1904))
}

fn is_true(attribute: Option<&str>) -> bool {
    matches!(attribute, Some("1" | "true" | "on"))
}

/// Texts that cells refer to by number; phonetic guides are not part of them.
fn shared_strings(xml: &str, limits: &Limits) -> Result<Vec<String>, Refusal> {
    let mut strings = Vec::new();
    let mut rich = RichText::default();
    let mut xml = Xml::new(xml);
    while let Some(node) = xml.next()? {
        match &node {
            Node::Open(element) if element.name() == "si" => rich = RichText::default(),
            Node::Close(name) if name == "si" => {
                if strings.len() >= limits.cells {
                    return Err(Refusal::TooLarge("more texts than a form has".to_owned()));
                }
                let mut text = std::mem::take(&mut rich.text);
                Budget::new(limits).shorten(&mut text);
                strings.push(text);
            }
            node => rich.take(node),
        }
    }
    Ok(strings)
}

/// Collects the `t` elements of a text in runs.
#[derive(Default)]
pub(super) struct RichText {
    pub(super) text: String,
    inside: bool,
    phonetic: bool,
}

impl RichText {
    pub(super) fn take(&mut self, node: &Node<'_>) {
        match node {
            Node::Open(element) => match element.name() {
                "t" => self.inside = true,
                "rPh" => self.phonetic = true,
                _ => {}
            },
            Node::Close(name) => match name.as_str() {
                "t" => self.inside = false,
                "rPh" => self.phonetic = false,
                _ => {}
            },
            Node::Text(part) if self.inside && !self.phonetic => self.text.push_str(part),
            Node::Text(_) => {}
        }
    }
}

/// Number formats and weight of the cell styles.
#[derive(Default)]
struct Styles {
    cells: Vec<Style>,
    formats: HashMap<u32, Format>,
}

#[derive(Clone, Copy, Default)]
struct Style {
    format: u32,
    bold: bool,
}

impl Styles {
    fn parse(xml: &str) -> Result<Self, Refusal> {
        let mut codes: HashMap<u32, String> = HashMap::new();
        let mut bold_fonts: Vec<bool> = Vec::new();
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
                        ("fonts", "font") => bold_fonts.push(false),
                        ("font", "b") => {
                            if let Some(font) = bold_fonts.last_mut() {
                                *font = element.attribute("val").is_none_or(|v| is_true(Some(&v)));
                            }
                        }
                        ("cellXfs", "xf") => {
                            let font = number(&element, "fontId").and_then(|id| usize::try_from(id).ok());
                            cells.push(Style {
                                format: number(&element, "numFmtId").unwrap_or(0),
                                bold: font.is_some_and(|font| bold_fonts.get(font).copied().unwrap_or(false)),
                            });
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

    fn of(&self, id: Option<usize>) -> (Style, Option<&Format>) {
        let style = id.and_then(|id| self.cells.get(id)).copied().unwrap_or_default();
        (style, self.formats.get(&style.format))
    }
}

/// What the sheets of a workbook share.
struct Context {
    strings: Vec<String>,
    styles: Styles,
    since_1904: bool,
}

/// A cell while it is read.
#[derive(Default)]
struct Raw {
    at: (u32, u32),
    kind: String,
    style: Option<usize>,
    value: String,
    inline: RichText,
}

impl Context {
    fn read(&self, xml: &str, sheet: &mut Sheet, budget: &mut Budget) -> Result<(), Refusal> {
        let mut xml = Xml::new(xml);
        let mut raw: Option<Raw> = None;
        let mut in_value = false;
        // Producers may leave out references: cells then follow one another.
        let mut next = (0, 0);
        let mut lists = controls::Lists::default();
        while let Some(node) = xml.next()? {
            match &node {
                Node::Open(element) => match element.name() {
                    "row" => {
                        let row = element.attribute("r").and_then(|r| r.parse::<u32>().ok()).filter(|r| *r > 0);
                        next = (row.map_or(next.0, |row| row - 1), 0);
                        if is_true(element.attribute("hidden").as_deref()) {
                            sheet.hidden_rows.insert(next.0);
                        }
                    }
                    "c" => {
                        let at = element.attribute("r").and_then(|r| references::cell(&r)).unwrap_or(next);
                        next = (at.0, at.1 + 1);
                        raw = Some(Raw {
                            at,
                            kind: element.attribute("t").unwrap_or_default(),
                            style: element.attribute("s").and_then(|s| s.parse().ok()),
                            ..Raw::default()
                        });
                    }
                    "v" => in_value = true,
                    "mergeCell" => {
                        sheet.merged.extend(element.attribute("ref").and_then(|r| references::range(&r)));
                    }
                    "col" if is_true(element.attribute("hidden").as_deref()) => {
                        let bound = |name| element.attribute(name).and_then(|v| v.parse::<u32>().ok());
                        if let (Some(first @ 1..), Some(last @ 1..)) = (bound("min"), bound("max")) {
                            sheet.hidden_columns.push((first - 1, last - 1));
                        }
                    }
                    _ => {}
                },
                Node::Close(name) => match name.as_str() {
                    "v" => in_value = false,
                    "c" => {
                        if let Some(raw) = raw.take() {
                            self.add(&raw, sheet, budget)?;
                        }
                    }
                    "row" => next = (next.0 + 1, 0),
                    _ => {}
                },
                Node::Text(text) => {
                    if let Some(raw) = raw.as_mut().filter(|_| in_value) {
                        raw.value.push_str(text);
                    }
                }
            }
            if let Some(raw) = &mut raw {
                raw.inline.take(&node);
            } else {
                lists.take(&node);
            }
        }
        sheet.lists = lists.into_rules();
        Ok(())
    }

    fn add(&self, raw: &Raw, sheet: &mut Sheet, budget: &mut Budget) -> Result<(), Refusal> {
        let (style, format) = self.styles.of(raw.style);
        let Some((value, shown)) = self.value(raw, format) else { return Ok(()) };
        budget.cell(raw.at.0, raw.at.1)?;
        if style.bold {
            sheet.bold.insert(raw.at);
        }
        let mut cell = cell(raw.at.0, raw.at.1, value, shown);
        cell.format = format.map(|format| format.code.clone()).filter(|code| code != "General");
        budget.shorten(&mut cell.shown);
        sheet.cells.push(cell);
        Ok(())
    }

    /// A cell's value and what is shown of it; `None` for a cell that holds nothing.
    fn value(&self, raw: &Raw, format: Option<&Format>) -> Option<(CellValue, String)> {
        let text = |text: &str| {
            let text = unescaped(text);
            (!text.trim().is_empty()).then(|| (CellValue::Text(text.clone()), text))
        };
        match raw.kind.as_str() {
            "s" => text(self.strings.get(raw.value.trim().parse::<usize>().ok()?)?),
            "inlineStr" => text(&raw.inline.text),
            "str" => text(&raw.value),
            "b" => {
                let flag = raw.value.trim() == "1";
                Some((CellValue::Flag(flag), if flag { "VRAI" } else { "FAUX" }.to_owned()))
            }
            "e" => Some((CellValue::Error(raw.value.clone()), raw.value.clone())),
            "d" => Some((CellValue::Date(raw.value.trim().to_owned()), raw.value.trim().to_owned())),
            _ => number(&raw.value, format, self.since_1904),
        }
    }
}

/// A number, or the date it stands for by its format.
pub(super) fn number(text: &str, format: Option<&Format>, since_1904: bool) -> Option<(CellValue, String)> {
    if text.trim().is_empty() {
        return None;
    }
    let Some(number) = Decimal::parse(text) else {
        return Some((CellValue::Text(text.to_owned()), text.to_owned()));
    };
    if let Some(format) = format.filter(|format| format.is_date())
        && let Some(at) = number_format::date_of(&number, since_1904)
    {
        return Some((CellValue::Date(number_format::iso(at)), format.show_date(at)));
    }
    let precise = number.is_precise();
    let number = number.without_noise();
    let shown = format.map_or_else(|| number.to_string().replace('.', ","), |format| format.show(&number));
    Some((CellValue::Number { digits: number.to_string(), precise }, shown))
}

/// `_x000D_` in a text is the character with that code.
fn unescaped(text: &str) -> String {
    if !text.contains("_x") {
        return text.replace("\r\n", "\n");
    }
    let mut plain = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find("_x") {
        plain.push_str(&rest[..at]);
        rest = &rest[at..];
        let code = rest.get(2..6).filter(|_| rest.as_bytes().get(6) == Some(&b'_'));
        let coded = code.and_then(|hex| u32::from_str_radix(hex, 16).ok()).and_then(char::from_u32);
        if let Some(c) = coded {
            plain.push(c);
            rest = &rest[7..];
        } else {
            plain.push_str("_x");
            rest = &rest[2..];
        }
    }
    plain.push_str(rest);
    plain.replace("\r\n", "\n").replace('\r', "\n")
}
