//! What lies over the cells of a sheet: check boxes (form controls), notes, and lists to choose from.

use std::collections::HashMap;

use super::super::page::{Cell, CellValue};
use super::super::refusal::Refusal;
use super::super::xml::{Element, Node, Xml};
use super::grid::{Control, Sheet, Span};
use super::package::Package;
use super::xlsx::RichText;
use super::{Budget, form_controls, references};

/// Rules that a list is offered somewhere.
#[derive(Default)]
pub(super) struct Lists {
    rules: Vec<(Vec<Span>, String)>,
    open: Option<(Vec<Span>, String)>,
    in_formula: bool,
    in_ranges: bool,
    ranges: String,
}

impl Lists {
    /// Takes the next node of a sheet.
    pub(super) fn take(&mut self, node: &Node<'_>) {
        match node {
            Node::Open(element) => match element.name() {
                "dataValidation" if element.attribute("type").as_deref() == Some("list") => {
                    self.open = Some((spans(&element.attribute("sqref").unwrap_or_default()), String::new()));
                }
                "formula1" => self.in_formula = true,
                "sqref" => self.in_ranges = true,
                _ => {}
            },
            Node::Text(text) => match &mut self.open {
                Some(_) if self.in_ranges => self.ranges.push_str(text),
                Some((_, formula)) if self.in_formula => formula.push_str(text),
                _ => {}
            },
            Node::Close(name) => match name.as_str() {
                "formula1" => self.in_formula = false,
                "sqref" => self.in_ranges = false,
                "dataValidation" => {
                    if let Some((mut at, formula)) = self.open.take() {
                        // Newer files write the ranges as an element of their own.
                        at.extend(spans(&std::mem::take(&mut self.ranges)));
                        self.rules.push((at, formula));
                    }
                }
                _ => {}
            },
        }
    }

    pub(super) fn into_rules(self) -> Vec<(Vec<Span>, String)> {
        self.rules
    }
}

fn spans(references: &str) -> Vec<Span> {
    references.split_whitespace().filter_map(references::range).take(1000).collect()
}

/// Adds choices, notes and controls to a sheet that has its cells.
pub(super) fn add(
    package: &mut Package<'_>,
    path: &str,
    sheet: &mut Sheet,
    budget: &mut Budget,
) -> Result<(), Refusal> {
    offer(sheet);
    let relations = package.relations(path)?;
    for relation in relations.values() {
        match relation.kind.as_str() {
            "comments" => {
                if let Some(xml) = package.text(&relation.target)? {
                    note(&xml, sheet)?;
                }
            }
            "drawing" => {
                if let Some(xml) = package.text(&relation.target)? {
                    sheet.pictures.extend(pictures(&xml));
                }
            }
            "vmlDrawing" => {
                if let Some(xml) = package.text(&relation.target)? {
                    // Old drawings are not always well formed; what can be read of them is.
                    let (controls, links) = drawn(&xml);
                    place(controls, &links, sheet, budget)?;
                }
            }
            _ => {}
        }
    }
    // New programs may leave the old drawing out.
    if sheet.controls.is_empty() {
        let boxes = form_controls::boxes(package, path, &relations)?;
        let links: Vec<(u32, u32)> = boxes.iter().filter_map(|drawn| drawn.linked).collect();
        place(boxes, &links, sheet, budget)?;
    }
    Ok(())
}

/// The cells that each picture of a drawing covers.
fn pictures(xml: &str) -> Vec<Span> {
    const MOST: usize = 200;
    let mut found = Vec::new();
    let mut corners: [(u32, u32); 2] = Default::default();
    let (mut corner, mut inside, mut picture) = (0, String::new(), false);
    let mut xml = Xml::new(xml);
    while let Ok(Some(node)) = xml.next() {
        match node {
            Node::Open(element) => match element.name() {
                "twoCellAnchor" | "oneCellAnchor" => (corners, picture) = (Default::default(), false),
                "from" => corner = 0,
                "to" => corner = 1,
                "pic" => picture = true,
                name => name.clone_into(&mut inside),
            },
            Node::Text(text) => {
                let number = text.trim().parse().unwrap_or(0);
                match inside.as_str() {
                    "row" => corners[corner].0 = number,
                    "col" => corners[corner].1 = number,
                    _ => {}
                }
            }
            Node::Close(name) => {
                inside.clear();
                if picture && matches!(name.as_str(), "twoCellAnchor" | "oneCellAnchor") && found.len() < MOST {
                    let [(row, column), (last_row, last_column)] = corners;
                    found.push(((row, column), (last_row.max(row), last_column.max(column))));
                }
            }
        }
    }
    found
}

/// Gives every cell under a list its choices: written out, or taken from a range of the same sheet.
pub(super) fn offer(sheet: &mut Sheet) {
    let rules = std::mem::take(&mut sheet.lists);
    for (at, formula) in rules {
        let written = formula.trim().strip_prefix('"').and_then(|f| f.strip_suffix('"'));
        let choices: Vec<String> = if let Some(written) = written {
            written.split(',').map(|choice| choice.trim().to_owned()).collect()
        } else {
            // Cells of other sheets are not at hand here.
            let (other, range) = formula.rsplit_once('!').map_or((None, formula.as_str()), |(s, r)| (Some(s), r));
            let here = other.is_none_or(|other| other.trim_matches('\'').replace("''", "'") == sheet.name);
            let range = references::range(range).filter(|_| here);
            let within = |cell: &&Cell| range.is_some_and(|range| is_within((cell.row, cell.column), range));
            sheet.cells.iter().filter(within).map(|cell| cell.shown.clone()).take(300).collect()
        };
        for span in at {
            let offered = sheet.cells.iter_mut().filter(|cell| is_within((cell.row, cell.column), span));
            offered.for_each(|cell| cell.choices.clone_from(&choices));
        }
    }
}

fn is_within((row, column): (u32, u32), ((r0, c0), (r1, c1)): Span) -> bool {
    (r0..=r1).contains(&row) && (c0..=c1).contains(&column)
}

/// Notes by the cell they belong to.
fn note(xml: &str, sheet: &mut Sheet) -> Result<(), Refusal> {
    let mut notes: HashMap<(u32, u32), String> = HashMap::new();
    let mut at = None;
    let mut rich = RichText::default();
    let mut xml = Xml::new(xml);
    while let Some(node) = xml.next()? {
        match &node {
            Node::Open(element) if element.name() == "comment" => {
                at = element.attribute("ref").and_then(|r| references::cell(&r));
                rich = RichText::default();
            }
            Node::Close(name) if name == "comment" => {
                if let Some(at) = at.take() {
                    notes.insert(at, std::mem::take(&mut rich.text));
                }
            }
            node => rich.take(node),
        }
    }
    for cell in &mut sheet.cells {
        cell.comment = notes.remove(&(cell.row, cell.column));
    }
    Ok(())
}

/// A check box of a drawing and the cell that holds its state.
pub(super) struct Drawn {
    pub(super) control: Control,
    pub(super) linked: Option<(u32, u32)>,
}

/// The check boxes and option buttons of a VML drawing.
fn drawn(xml: &str) -> (Vec<Drawn>, Vec<(u32, u32)>) {
    let mut boxes = Vec::new();
    let mut xml = Xml::new(xml);
    let mut shape: Option<Shape> = None;
    while let Ok(Some(node)) = xml.next() {
        match node {
            Node::Open(element) => open(&element, &mut shape),
            Node::Text(text) => {
                if let Some(shape) = &mut shape {
                    shape.text(&text);
                }
            }
            Node::Close(name) => match (name.as_str(), &mut shape) {
                ("shape", _) => boxes.extend(shape.take().and_then(Shape::into_box)),
                (_, Some(shape)) => shape.inside.clear(),
                _ => {}
            },
        }
    }
    let links = boxes.iter().filter_map(|drawn| drawn.linked).collect();
    (boxes, links)
}

fn open(element: &Element<'_>, shape: &mut Option<Shape>) {
    match (element.name(), shape) {
        ("shape", shape) => *shape = Some(Shape::default()),
        ("ClientData", Some(shape)) => shape.kind = element.attribute("ObjectType").unwrap_or_default(),
        (name, Some(shape)) => name.clone_into(&mut shape.inside),
        _ => {}
    }
}

/// A shape of a VML drawing while it is read.
#[derive(Default)]
struct Shape {
    kind: String,
    inside: String,
    caption: String,
    anchor: String,
    checked: String,
    link: String,
}

impl Shape {
    fn text(&mut self, text: &str) {
        match self.inside.as_str() {
            "Anchor" => self.anchor.push_str(text),
            "Checked" => self.checked.push_str(text),
            "FmlaLink" => self.link.push_str(text),
            "font" | "div" => self.caption.push_str(text),
            _ => {}
        }
    }

    fn into_box(self) -> Option<Drawn> {
        if !matches!(self.kind.as_str(), "Checkbox" | "Radio") {
            return None;
        }
        // Column, offset, row, offset of both corners.
        let anchor: Vec<u32> = self.anchor.split(',').filter_map(|n| n.trim().parse().ok()).collect();
        let &[left, _, top, _, right, _, bottom, ..] = &anchor[..] else { return None };
        let ticked = match self.checked.trim() {
            "" | "0" => Some(false),
            "1" => Some(true),
            _ => None,
        };
        let at = ((top, left), (bottom.max(top + 1) - 1, right.max(left)));
        let caption = self.caption.split_whitespace().collect::<Vec<_>>().join(" ");
        let linked = self.link.rsplit('!').next().and_then(references::cell);
        Some(Drawn { control: Control { at, ticked, caption }, linked })
    }
}

/// Lays the boxes over the sheet; a cell that only holds a box's state is not read as a value.
fn place(boxes: Vec<Drawn>, links: &[(u32, u32)], sheet: &mut Sheet, budget: &mut Budget) -> Result<(), Refusal> {
    for drawn in boxes {
        let ((row, column), last) = drawn.control.at;
        budget.cell(row, column)?;
        budget.cell(last.0, last.1)?;
        sheet.controls.push(drawn.control);
    }
    sheet.cells.retain(|cell| !(links.contains(&(cell.row, cell.column)) && matches!(cell.value, CellValue::Flag(_))));
    Ok(())
}
