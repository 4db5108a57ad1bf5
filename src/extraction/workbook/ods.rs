//! ODS (`OpenDocument` 1.3): every cell carries its value and the text shown of it.

use std::borrow::Cow;
use std::collections::{HashMap, HashSet};

use super::super::limits::Limits;
use super::super::packed::Packed;
use super::super::page::{Cell, CellValue};
use super::super::refusal::Refusal;
use super::super::xml::{Element, Node, Xml, characters};
use super::Budget;
use super::decimal::Decimal;
use super::grid::{self, Control, Sheet, cell};

/// Reads all sheets.
pub(super) fn sheets(bytes: &[u8], limits: &Limits) -> Result<Vec<Sheet>, Refusal> {
    let content = if bytes.starts_with(b"PK") { content(bytes, limits)? } else { Cow::Borrowed(bytes) };
    let mut reader = Reader { budget: Budget::new(limits), limit: limits.pages, ..Reader::default() };
    let text = characters(&content);
    let mut xml = Xml::new(&text);
    while let Some(node) = xml.next()? {
        match node {
            Node::Open(element) => reader.open(&element)?,
            Node::Text(text) => reader.text(&text),
            Node::Close(name) => reader.close(&name)?,
        }
    }
    Ok(reader.sheets)
}

/// The content of a package; a flat file is its own content.
fn content(bytes: &[u8], limits: &Limits) -> Result<Cow<'static, [u8]>, Refusal> {
    let purse = super::purse(limits);
    let mut packed = Packed::open(bytes, &purse)?;
    if let Some(manifest) = packed.part("META-INF/manifest.xml")?
        && characters(&manifest).contains("encryption-data")
    {
        return Err(Refusal::Password);
    }
    packed.part("content.xml")?.map(Cow::Owned).ok_or_else(|| Refusal::damaged("it has no content"))
}

/// What a style says that matters here.
#[derive(Default)]
struct Style {
    bold: bool,
    struck: bool,
    hidden: bool,
}

/// A check box, defined once and placed elsewhere.
struct Box {
    ticked: bool,
    label: String,
}

/// A cell while it is read.
struct Open {
    columns: u32,
    spans: (u32, u32),
    style: String,
    kind: String,
    value: Option<String>,
    list: Option<String>,
    lines: Vec<String>,
    note: Vec<String>,
}

#[derive(Default)]
struct Reader {
    budget: Budget,
    limit: usize,
    sheets: Vec<Sheet>,
    styles: HashMap<String, Style>,
    style: Option<String>,
    lists: HashMap<String, Vec<String>>,
    boxes: HashMap<String, Box>,
    row: u32,
    rows: u32,
    column: u32,
    columns_declared: u32,
    /// Cells of the open row, to be repeated with it.
    line: Vec<Cell>,
    bold: HashSet<u32>,
    struck: HashSet<u32>,
    cell: Option<Open>,
    in_note: usize,
    in_paragraph: usize,
}

impl Reader {
    fn open(&mut self, element: &Element<'_>) -> Result<(), Refusal> {
        let number = |name: &str| element.attribute(name).and_then(|v| v.parse::<u32>().ok()).unwrap_or(1).max(1);
        match element.name() {
            "style" => self.style = element.attribute("name"),
            "text-properties" | "table-properties" => {
                if let Some(style) = &self.style {
                    let style = self.styles.entry(style.clone()).or_default();
                    style.bold |= element.attribute("font-weight").is_some_and(|weight| weight == "bold");
                    style.struck |= element.attribute("text-line-through-style").is_some_and(|line| line != "none");
                    style.hidden |= element.attribute("display").is_some_and(|display| display == "false");
                }
            }
            "content-validation" => {
                let condition = element.attribute("condition").unwrap_or_default();
                self.lists.insert(element.attribute("name").unwrap_or_default(), written_list(&condition));
            }
            "checkbox" | "radio" => {
                let ticked = ["current-state", "current-selected"].iter().find_map(|name| element.attribute(name));
                let ticked = ticked.is_some_and(|state| matches!(state.as_str(), "checked" | "true"));
                let label = element.attribute("label").unwrap_or_default();
                self.boxes.insert(element.attribute("id").unwrap_or_default(), Box { ticked, label });
            }
            "table" => {
                if self.sheets.len() >= self.limit {
                    return Err(Refusal::TooLarge(format!("more than {} sheets", self.limit)));
                }
                let style = element.attribute("style-name").and_then(|name| self.styles.get(&name));
                let hidden = style.is_some_and(|style| style.hidden);
                let name = element.attribute("name").unwrap_or_default();
                self.sheets.push(Sheet { name, hidden, ..Sheet::default() });
                (self.row, self.columns_declared) = (0, 0);
            }
            "table-column" => {
                let (first, count) = (self.columns_declared, number("number-columns-repeated"));
                self.columns_declared = first.saturating_add(count);
                if is_collapsed(element)
                    && let Some(sheet) = self.sheets.last_mut()
                {
                    sheet.hidden_columns.push((first, self.columns_declared - 1));
                }
            }
            "table-row" => {
                self.rows = number("number-rows-repeated");
                self.column = 0;
                if is_collapsed(element)
                    && let Some(sheet) = self.sheets.last_mut()
                {
                    // Beyond the cells that a form has, nothing needs hiding.
                    sheet.hidden_rows.extend(self.row..self.row.saturating_add(self.rows.min(10_000)));
                }
            }
            "table-cell" | "covered-table-cell" => {
                self.cell = Some(Open {
                    columns: number("number-columns-repeated"),
                    spans: (number("number-rows-spanned"), number("number-columns-spanned")),
                    style: element.attribute("style-name").unwrap_or_default(),
                    kind: element.attribute("value-type").unwrap_or_default(),
                    value: ["value", "date-value", "time-value", "boolean-value", "string-value"]
                        .iter()
                        .find_map(|name| element.attribute(name)),
                    list: element.attribute("content-validation-name"),
                    lines: Vec::new(),
                    note: Vec::new(),
                });
            }
            "image" if self.cell.is_some() => {
                let at = (self.row, self.column);
                if let Some(sheet) = self.sheets.last_mut() {
                    sheet.pictures.push((at, at));
                }
            }
            "control" => self.place(element),
            "annotation" => self.in_note += 1,
            "p" => {
                self.in_paragraph += 1;
                if self.in_paragraph == 1
                    && let Some(lines) = self.lines()
                {
                    lines.push(String::new());
                }
            }
            "s" => {
                let blanks = " ".repeat(
                    usize::try_from(element.attribute("c").and_then(|c| c.parse().ok()).unwrap_or(1u32))
                        .unwrap_or(1)
                        .min(256),
                );
                self.text(&blanks);
            }
            "tab" => self.text("\t"),
            "line-break" => self.text("\n"),
            _ => {}
        }
        Ok(())
    }

    /// Lines of the open cell, or of its note.
    fn lines(&mut self) -> Option<&mut Vec<String>> {
        let in_note = self.in_note > 0;
        self.cell.as_mut().map(|cell| if in_note { &mut cell.note } else { &mut cell.lines })
    }

    fn text(&mut self, text: &str) {
        if self.in_paragraph > 0
            && let Some(line) = self.lines().and_then(|lines| lines.last_mut())
        {
            line.push_str(text);
        }
    }

    fn close(&mut self, name: &str) -> Result<(), Refusal> {
        match name {
            "style" => self.style = None,
            "annotation" => self.in_note = self.in_note.saturating_sub(1),
            "p" => self.in_paragraph = self.in_paragraph.saturating_sub(1),
            "table-cell" | "covered-table-cell" => {
                if let Some(open) = self.cell.take() {
                    self.finish_cell(&open)?;
                }
            }
            "table-row" => self.finish_row()?,
            _ => {}
        }
        Ok(())
    }

    fn finish_cell(&mut self, open: &Open) -> Result<(), Refusal> {
        let first = self.column;
        self.column = self.column.saturating_add(open.columns);
        let Some((value, mut shown)) = value(open) else { return Ok(()) };
        self.budget.shorten(&mut shown);
        for column in first..self.column {
            self.budget.cell(self.row, column)?;
            let mut cell = cell(self.row, column, value.clone(), shown.clone());
            cell.last_row = self.row.saturating_add(open.spans.0 - 1);
            cell.last_column = column.saturating_add(open.spans.1 - 1);
            cell.comment = (!open.note.is_empty()).then(|| open.note.join("\n"));
            cell.choices = open.list.as_ref().and_then(|list| self.lists.get(list)).cloned().unwrap_or_default();
            let style = self.styles.get(&open.style);
            if style.is_some_and(|style| style.bold) {
                self.bold.insert(column);
            }
            if style.is_some_and(|style| style.struck) {
                self.struck.insert(column);
            }
            self.line.push(cell);
        }
        Ok(())
    }

    fn finish_row(&mut self) -> Result<(), Refusal> {
        let first = self.row;
        self.row = self.row.saturating_add(self.rows);
        let (line, bold) = (std::mem::take(&mut self.line), std::mem::take(&mut self.bold));
        let struck = std::mem::take(&mut self.struck);
        let Some(sheet) = self.sheets.last_mut() else { return Ok(()) };
        if line.is_empty() || sheet.hidden {
            return Ok(());
        }
        for row in first..self.row {
            for cell in &line {
                if row > first {
                    self.budget.cell(row, cell.column)?;
                }
                let last_row = row.saturating_add(cell.last_row - cell.row);
                if (last_row, cell.last_column) != (row, cell.column) {
                    sheet.merged.push(((row, cell.column), (last_row, cell.last_column)));
                }
                sheet.cells.push(Cell { row, last_row, ..cell.clone() });
            }
            sheet.bold.extend(bold.iter().map(|column| (row, *column)));
            sheet.struck.extend(struck.iter().map(|column| (row, *column)));
        }
        Ok(())
    }

    /// A check box drawn over a cell.
    fn place(&mut self, element: &Element<'_>) {
        let control = element.attribute("control").and_then(|id| self.boxes.get(&id));
        if let (Some(drawn), Some(sheet)) = (control, self.sheets.last_mut()) {
            let at = (self.row, self.column);
            sheet.controls.push(Control { at: (at, at), ticked: Some(drawn.ticked), caption: drawn.label.clone() });
        }
    }
}

fn is_collapsed(element: &Element<'_>) -> bool {
    element.attribute("visibility").is_some_and(|visibility| visibility != "visible")
}

/// The texts of `of:cell-content-is-in-list("a";"b")`.
fn written_list(condition: &str) -> Vec<String> {
    if !condition.contains("in-list") {
        return Vec::new();
    }
    condition.split('"').skip(1).step_by(2).map(str::to_owned).take(300).collect()
}

fn value(open: &Open) -> Option<(CellValue, String)> {
    let shown = open.lines.join("\n");
    if is_error(&shown) {
        return Some(grid::lost(&shown));
    }
    let written = open.value.clone();
    let or_shown = |text: &str| if shown.trim().is_empty() { text.to_owned() } else { shown.clone() };
    match (open.kind.as_str(), written) {
        ("float" | "currency" | "percentage", Some(written)) => {
            let shown = or_shown(&written);
            Some(match Decimal::parse(&written) {
                Some(number) => {
                    let precise = number.is_precise();
                    (CellValue::Number { digits: number.without_noise().to_string(), precise }, shown)
                }
                None => (CellValue::Text(shown.clone()), shown),
            })
        }
        ("date", Some(written)) => {
            let shown = or_shown(&written);
            Some((CellValue::Date(written.trim_end_matches("T00:00:00").to_owned()), shown))
        }
        ("boolean", Some(written)) => {
            let flag = written == "true";
            Some((CellValue::Flag(flag), or_shown(if flag { "VRAI" } else { "FAUX" })))
        }
        (_, written) => {
            let text = written.unwrap_or_else(|| shown.clone());
            (!text.trim().is_empty()).then(|| (CellValue::Text(text.clone()), or_shown(&text)))
        }
    }
}

/// What is shown of a formula that failed.
fn is_error(shown: &str) -> bool {
    matches!(
        shown,
        "#REF!"
            | "#N/A"
            | "#NAME?"
            | "#VALUE!"
            | "#DIV/0!"
            | "#NUM!"
            | "#NULL!"
            | "#NOM?"
            | "#VALEUR!"
            | "#NOMBRE!"
            | "#NUL!"
    ) || shown
        .strip_prefix("Err:")
        .is_some_and(|number| number.len() == 3 && number.bytes().all(|b| b.is_ascii_digit()))
}
