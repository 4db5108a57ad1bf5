//! Check boxes of a sheet that no VML drawing shows: the sheet says where they lie, a part of their own how they are
//! ticked, and the drawing what stands beside them.

use std::collections::HashMap;

use super::super::refusal::Refusal;
use super::super::xml::{Element, Node, Xml};
use super::controls::Drawn;
use super::grid::Control;
use super::package::{Package, Relation};
use super::references;

/// More controls than this are no form.
const MOST: usize = 500;

/// A control as the sheet names it.
#[derive(Default)]
struct Placed {
    /// Relation to the part that holds its state.
    id: String,
    name: String,
    corners: [(u32, u32); 2],
}

/// The boxes of a sheet, read from the sheet itself and the parts it refers to.
pub(super) fn boxes(
    package: &mut Package<'_>,
    path: &str,
    relations: &HashMap<String, Relation>,
) -> Result<Vec<Drawn>, Refusal> {
    let states = relations.iter().filter(|(_, relation)| relation.kind == "ctrlProp");
    let states: HashMap<&str, &str> = states.map(|(id, state)| (id.as_str(), state.target.as_str())).collect();
    if states.is_empty() {
        return Ok(Vec::new());
    }
    let Some(sheet) = package.text(path)? else { return Ok(Vec::new()) };
    let mut captions = HashMap::new();
    for drawing in relations.values().filter(|relation| relation.kind == "drawing") {
        captions.extend(package.text(&drawing.target)?.map(|xml| captions_of(&xml)).unwrap_or_default());
    }
    let mut found = Vec::new();
    for placed in placed(&sheet) {
        let Some(xml) = states.get(placed.id.as_str()).map(|target| package.text(target)).transpose()?.flatten() else {
            continue;
        };
        let caption = captions.get(&placed.name).cloned().unwrap_or_default();
        found.extend(state_of(&xml).map(|(ticked, linked)| {
            let [first, last] = placed.corners;
            let at = (first, (last.0.max(first.0 + 1) - 1, last.1.max(first.1)));
            Drawn { control: Control { at, ticked, caption }, linked }
        }));
    }
    Ok(found)
}

/// The controls of a sheet: each may be written twice, for old programs and for new ones.
fn placed(xml: &str) -> Vec<Placed> {
    let mut found: Vec<Placed> = Vec::new();
    let mut open: Option<Placed> = None;
    let (mut corner, mut inside) = (0, String::new());
    let mut xml = Xml::new(xml);
    while let Ok(Some(node)) = xml.next() {
        match node {
            Node::Open(element) => match element.name() {
                "control" => {
                    let said = |name: &str| element.attribute(name).unwrap_or_default();
                    open = Some(Placed { id: said("id"), name: said("name"), ..Placed::default() });
                }
                "from" => corner = 0,
                "to" => corner = 1,
                name => name.clone_into(&mut inside),
            },
            Node::Text(text) => {
                if let Some(placed) = &mut open {
                    let number = text.trim().parse().unwrap_or(0);
                    match inside.as_str() {
                        "row" => placed.corners[corner].0 = number,
                        "col" => placed.corners[corner].1 = number,
                        _ => {}
                    }
                }
            }
            Node::Close(name) => {
                inside.clear();
                if name == "control" {
                    let known = |placed: &Placed| found.iter().any(|other: &Placed| other.id == placed.id);
                    let new = open.take().filter(|placed| !known(placed) && placed.corners[1] != (0, 0));
                    found.extend(new.filter(|_| found.len() < MOST));
                }
            }
        }
    }
    found
}

/// Ticked or not, where told, and the row and column of the cell that holds it, counted from 0.
type BoxState = (Option<bool>, Option<(u32, u32)>);

/// Whether a control is a box, how it is ticked, and the cell that holds its state.
fn state_of(xml: &str) -> Option<BoxState> {
    let mut xml = Xml::new(xml);
    while let Ok(Some(node)) = xml.next() {
        let Node::Open(element) = node else { continue };
        if element.name() == "formControlPr" {
            return is_box(&element).then(|| {
                let ticked = match element.attribute("checked").as_deref() {
                    None | Some("Unchecked") => Some(false),
                    Some("Checked") => Some(true),
                    Some(_) => None,
                };
                let link = element.attribute("fmlaLink").unwrap_or_default();
                (ticked, link.rsplit('!').next().and_then(references::cell))
            });
        }
    }
    None
}

fn is_box(element: &Element<'_>) -> bool {
    matches!(element.attribute("objectType").as_deref(), Some("CheckBox" | "Radio"))
}

/// What stands beside each shape of a drawing, by the shape's name.
fn captions_of(xml: &str) -> HashMap<String, String> {
    let mut captions: HashMap<String, String> = HashMap::new();
    let (mut name, mut words, mut inside) = (String::new(), String::new(), false);
    let mut xml = Xml::new(xml);
    while let Ok(Some(node)) = xml.next() {
        match node {
            Node::Open(element) => match element.name() {
                "sp" => (name, words) = Default::default(),
                "cNvPr" => name = element.attribute("name").unwrap_or_default(),
                "t" => inside = true,
                _ => {}
            },
            Node::Text(text) if inside => words.push_str(&text),
            Node::Text(_) => {}
            Node::Close(closed) => match closed.as_str() {
                "t" => inside = false,
                "sp" => {
                    let caption = words.split_whitespace().collect::<Vec<_>>().join(" ");
                    if captions.len() < MOST && !caption.is_empty() {
                        captions.insert(std::mem::take(&mut name), caption);
                    }
                }
                _ => {}
            },
        }
    }
    captions
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_control_is_placed_once_and_by_its_corners() {
        let control = |id: &str| {
            format!(
                r#"<control shapeId="1025" r:id="{id}" name="Check Box 1"><controlPr><anchor><from><xdr:col>2</xdr:col>
                <xdr:row>4</xdr:row></from><to><xdr:col>3</xdr:col><xdr:row>5</xdr:row></to></anchor></controlPr></control>"#
            )
        };
        let sheet = format!("<worksheet><controls>{}{}</controls></worksheet>", control("rId3"), control("rId3"));
        let found = placed(&sheet);
        assert_eq!(found.len(), 1);
        assert_eq!((found[0].id.as_str(), found[0].corners), ("rId3", [(4, 2), (5, 3)]));
    }

    #[test]
    fn a_state_is_ticked_empty_or_unclear() {
        let state = |said: &str| state_of(&format!(r#"<formControlPr objectType="CheckBox" {said}/>"#));
        assert_eq!(state(r#"checked="Checked" fmlaLink="Feuil1!$B$2""#), Some((Some(true), Some((1, 1)))));
        assert_eq!(state(""), Some((Some(false), None)));
        assert_eq!(state(r#"checked="Mixed""#), Some((None, None)));
        assert_eq!(state_of(r#"<formControlPr objectType="Button"/>"#), None);
    }

    #[test]
    fn captions_are_known_by_the_name_of_their_shape() {
        let xml = r#"<wsDr><sp><nvSpPr><cNvPr id="2" name="Check Box 1"/></nvSpPr><txBody><p><r><t>Visa </t></r>
            <r><t>Electron</t></r></p></txBody></sp></wsDr>"#;
        assert_eq!(captions_of(xml).get("Check Box 1").map(String::as_str), Some("Visa Electron"));
    }
}
