//! XLSX and XLSM (ECMA-376): the parts of the package, read cell by cell.

use super::super::limits::Limits;
use super::super::refusal::Refusal;
use super::super::xml::{Element, Node, Xml};
use super::decimal::Decimal;
use super::grid::{self, Sheet, cell};
use super::number_format::Format;
use super::package::Package;
use super::styles::Styles;
use super::{Budget, controls, dates, references};
use crate::extraction::page::CellValue;

/// Reads all sheets; of hidden ones only the name.
pub(super) fn sheets(bytes: &[u8], limits: &Limits) -> Result<Vec<Sheet>, Refusal> {
    let purse = super::purse(limits);
    let mut package = Package::open(bytes, &purse)?;
    let main = package.main()?;
    let (entries, since_1904) = list(&package.text(&main)?.ok_or_else(missing)?)?;
    if entries.len() > limits.pages {
        return Err(Refusal::TooLarge(format!("{} sheets", entries.len())));
    }
    let relations = package.relations(&main)?;
    let target = |kind: &str| relations.values().find(|relation| relation.kind == kind).map(|r| r.target.clone());
    let strings = match target("sharedStrings").map(|path| package.text(&path)).transpose()?.flatten() {
        Some(xml) => shared_strings(&xml, limits)?,
        None => Vec::new(),
    };
    let styles = match target("styles").map(|path| package.text(&path)).transpose()?.flatten() {
        Some(xml) => Styles::parse(&xml)?,
        None => Styles::default(),
    };
    let context = Context { strings, styles, since_1904 };
    let mut budget = Budget::new(limits);
    let mut sheets = Vec::with_capacity(entries.len());
    for entry in entries {
        let mut sheet = Sheet { name: entry.name, hidden: entry.hidden, ..Sheet::default() };
        let relation = relations.get(&entry.relation);
        // Charts and dialogues of old are sheets without cells.
        if !entry.hidden && relation.is_none_or(|relation| relation.kind == "worksheet") {
            let path = relation.map(|relation| relation.target.as_str()).unwrap_or_default();
            match package.text(path)? {
                Some(xml) => {
                    context.read(&xml, &mut sheet, &mut budget)?;
                    controls::add(&mut package, path, &mut sheet, &mut budget)?;
                }
                None => sheet.lost = true,
            }
        }
        sheets.push(sheet);
    }
    Ok(sheets)
}

fn missing() -> Refusal {
    Refusal::damaged("a part of the workbook is missing")
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

pub(super) fn is_true(attribute: Option<&str>) -> bool {
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
    /// What the value was computed from.
    formula: String,
    inline: RichText,
}

impl Context {
    fn read(&self, xml: &str, sheet: &mut Sheet, budget: &mut Budget) -> Result<(), Refusal> {
        let mut xml = Xml::new(xml);
        let mut raw: Option<Raw> = None;
        let (mut in_value, mut in_formula) = (false, false);
        // Producers may leave out references: cells then follow one another.
        let mut next = (0, 0);
        let mut lists = controls::Lists::default();
        while let Some(node) = xml.next()? {
            match &node {
                Node::Open(element) => match element.name() {
                    "row" => {
                        let row = element.attribute("r").and_then(|r| r.parse::<u32>().ok()).filter(|r| *r > 0);
                        next = (row.map_or(next.0, |row| row - 1), 0);
                        if is_true(element.attribute("hidden").as_deref()) || is_nothing(element, "ht") {
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
                    "f" => in_formula = true,
                    "mergeCell" => {
                        sheet.merged.extend(element.attribute("ref").and_then(|r| references::range(&r)));
                    }
                    "col" if is_true(element.attribute("hidden").as_deref()) || is_nothing(element, "width") => {
                        let bound = |name| element.attribute(name).and_then(|v| v.parse::<u32>().ok());
                        if let (Some(first @ 1..), Some(last @ 1..)) = (bound("min"), bound("max")) {
                            sheet.hidden_columns.push((first - 1, last - 1));
                        }
                    }
                    _ => {}
                },
                Node::Close(name) => match name.as_str() {
                    "v" => in_value = false,
                    "f" => in_formula = false,
                    "c" => {
                        if let Some(raw) = raw.take() {
                            self.add(&raw, sheet, budget)?;
                        }
                    }
                    "row" => next = (next.0 + 1, 0),
                    _ => {}
                },
                Node::Text(text) => {
                    if let Some(raw) = raw.as_mut() {
                        if in_value {
                            raw.value.push_str(text);
                        } else if in_formula {
                            raw.formula.push_str(text);
                        }
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
        if style.struck {
            sheet.struck.insert(raw.at);
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
            "s" => match raw.value.trim().parse::<usize>().ok().map(|index| self.strings.get(index)) {
                Some(Some(shared)) => text(shared),
                Some(None) => Some(grid::lost("#?")),
                None => None,
            },
            "inlineStr" => text(&raw.inline.text),
            "str" => text(&raw.value),
            "b" => {
                let flag = raw.value.trim() == "1";
                Some((CellValue::Flag(flag), if flag { "VRAI" } else { "FAUX" }.to_owned()))
            }
            "e" => Some(grid::lost(&raw.value)),
            "d" => {
                let date =
                    raw.value.trim().trim_end_matches('Z').trim_end_matches(".000").trim_end_matches("T00:00:00");
                Some((CellValue::Date(date.to_owned()), date.to_owned()))
            }
            // A program that cannot compute has written the formula only.
            "" | "n" if raw.value.trim().is_empty() && !raw.formula.trim().is_empty() => {
                Some(grid::lost(&format!("={}", raw.formula.trim())))
            }
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
        && let Some(at) = dates::date_of(&number, since_1904)
    {
        return Some((CellValue::Date(dates::iso(at)), format.show_date(at)));
    }
    let precise = number.is_precise();
    let number = number.without_noise();
    let shown = format.map_or_else(|| number.to_string().replace('.', ","), |format| format.show(&number));
    // Zeros that only the format puts in front belong to an identifier.
    let digits = number.to_string();
    let padded = shown.len() > digits.len() && shown.trim_start_matches('0') == digits;
    Some((CellValue::Number { digits: if padded { shown.clone() } else { digits }, precise }, shown))
}

/// A row without height, a column without width.
fn is_nothing(element: &Element<'_>, size: &str) -> bool {
    element.attribute(size).and_then(|size| size.parse::<f32>().ok()).is_some_and(|size| size <= 0.0)
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
